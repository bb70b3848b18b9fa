//! Choice of a forest's settings by cross-validation: the grid point with the largest mean area under the ROC curve over
//! stratified folds (as scikit-learn's `GridSearchCV(scoring = "roc_auc")`; the folds' areas are averaged, predictions of
//! different folds are not pooled).
//!
//! - Each fold has patients of both classes (`stratified_folds` refuses otherwise), so each has an area.
//! - Equal means (within 1e-12) go to the simplest setting: the smallest depth (no limit last), then the fewest trees, the
//!   fewest features per split, the largest leaf. The points are listed in that order; a value given twice counts once.
//! - The standard error of a mean over k folds is their standard deviation / √k. The folds share training patients, so
//!   it is a guide, not an interval. The chosen point's mean is optimistic, being the largest of many: see
//!   `nested_cross_validation`.
//! - Streams: substream 0 of the one given draws the folds, substream 1 grows the final forest, substream 2 + f the
//!   forests of fold f. All points use the same bootstrap samples, which makes them better comparable. The
//!   result is, to the bit, that of fitting `random_forest` for every point and fold.

use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numerics::{Random, mean, variance};

use super::LearningError;
use super::discrimination::area_under_curve;
use super::folds::{parts, stratified_folds};
use super::input::{entries, rows};
use super::random_forest::{
    ForestSettings, HeldOut, RandomForest, check_data, check_settings, grow_forest,
};

/// The values to try: every combination is a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForestGrid {
    pub trees: Vec<usize>,
    /// None is no limit.
    pub max_depth: Vec<Option<usize>>,
    pub features_per_split: Vec<usize>,
    pub min_leaf: Vec<usize>,
}

/// A grid point and how it did in each fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridPoint {
    pub settings: ForestSettings,
    pub fold_auc: Vec<f64>,
    pub mean_auc: f64,
    pub standard_error: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridSearch {
    /// The fold of each patient.
    pub fold: Vec<usize>,
    /// Simplest first.
    pub points: Vec<GridPoint>,
    /// Which of the points was chosen.
    pub chosen: usize,
    /// The chosen point's prediction of each patient by the forest fitted without the patient's fold.
    pub out_of_fold_probability: Vec<f64>,
    /// The forest of the chosen settings, fitted on all patients.
    pub forest: RandomForest,
}

/// Searches the grid in `folds` stratified folds and fits the chosen settings on all patients.
pub fn grid_search(
    features: &Array2<f64>,
    outcome: &[bool],
    grid: &ForestGrid,
    folds: usize,
    random: &Random,
) -> Result<GridSearch, LearningError> {
    check_data(features, outcome)?;
    let grid = sorted(grid)?;
    let settings = points(&grid);
    for point in &settings {
        check_settings(point, features.ncols())?;
    }
    let fold_of = stratified_folds(outcome, folds, &random.substream(0))?;
    let parts: Vec<(Vec<usize>, Vec<usize>)> =
        (0..folds).map(|fold| parts(&fold_of, fold)).collect();
    let predictions: Vec<Vec<Vec<f64>>> = parts
        .par_iter()
        .enumerate()
        .map(|(fold, (fitted, held_out))| {
            let stream = random.substream(2 + fold as u64);
            let held_out = HeldOut::new(
                &rows(features, fitted),
                entries(outcome, fitted),
                &rows(features, held_out),
            );
            predict_points(&held_out, &grid, &stream)
        })
        .collect();

    let points: Vec<GridPoint> = settings
        .into_iter()
        .enumerate()
        .map(|(point, settings)| {
            let fold_auc = parts
                .iter()
                .zip(&predictions)
                .map(|((_, held_out), predictions)| {
                    area_under_curve(&predictions[point], &entries(outcome, held_out))
                        .expect("a stratified fold has patients of both classes")
                })
                .collect::<Vec<f64>>();
            GridPoint {
                settings,
                mean_auc: mean(&fold_auc),
                standard_error: (variance(&fold_auc) / folds as f64).sqrt(),
                fold_auc,
            }
        })
        .collect();
    let chosen = simplest_of_the_best(points.iter().map(|point| point.mean_auc));
    let mut out_of_fold_probability = vec![0.0; outcome.len()];
    for ((_, held_out), predictions) in parts.iter().zip(&predictions) {
        for (patient, probability) in held_out.iter().zip(&predictions[chosen]) {
            out_of_fold_probability[*patient] = *probability;
        }
    }
    let forest = grow_forest(
        features,
        outcome,
        &points[chosen].settings,
        &random.substream(1),
    );
    Ok(GridSearch {
        fold: fold_of,
        points,
        chosen,
        out_of_fold_probability,
        forest,
    })
}

/// Means closer than this are equal: they differ by rounding.
const EQUAL: f64 = 1e-12;

/// The first point whose mean area is the largest.
pub(super) fn simplest_of_the_best(means: impl Iterator<Item = f64> + Clone) -> usize {
    let best = means.clone().fold(f64::NEG_INFINITY, f64::max);
    means
        .enumerate()
        .find(|(_, mean)| *mean >= best - EQUAL)
        .expect("a grid has at least one point")
        .0
}

impl ForestGrid {
    /// All combinations, simplest first, each once.
    pub fn points(&self) -> Result<Vec<ForestSettings>, LearningError> {
        Ok(points(&sorted(self)?))
    }
}

/// The grid with each option's values in order, simplest first, and once each.
fn sorted(grid: &ForestGrid) -> Result<ForestGrid, LearningError> {
    let mut grid = grid.clone();
    for (option, empty) in [
        ("the number of trees", grid.trees.is_empty()),
        ("the largest depth", grid.max_depth.is_empty()),
        ("features per split", grid.features_per_split.is_empty()),
        ("the smallest leaf", grid.min_leaf.is_empty()),
    ] {
        if empty {
            return Err(LearningError::EmptyGrid {
                option: option.to_owned(),
            });
        }
    }
    grid.trees.sort_unstable();
    grid.trees.dedup();
    grid.max_depth
        .sort_unstable_by_key(|depth| (depth.is_none(), *depth));
    grid.max_depth.dedup();
    grid.features_per_split.sort_unstable();
    grid.features_per_split.dedup();
    grid.min_leaf
        .sort_unstable_by_key(|leaf| std::cmp::Reverse(*leaf));
    grid.min_leaf.dedup();
    Ok(grid)
}

/// All combinations, simplest first.
fn points(grid: &ForestGrid) -> Vec<ForestSettings> {
    let mut points = Vec::new();
    for max_depth in &grid.max_depth {
        for trees in &grid.trees {
            for features_per_split in &grid.features_per_split {
                for min_leaf in &grid.min_leaf {
                    points.push(ForestSettings {
                        trees: *trees,
                        max_depth: *max_depth,
                        features_per_split: *features_per_split,
                        min_leaf: *min_leaf,
                    });
                }
            }
        }
    }
    points
}

/// The held-out patients' probabilities at each point, in the order of `points`.
fn predict_points(held_out: &HeldOut, grid: &ForestGrid, stream: &Random) -> Vec<Vec<f64>> {
    let growths: Vec<(usize, usize)> = grid
        .features_per_split
        .iter()
        .flat_map(|features| grid.min_leaf.iter().map(|leaf| (*features, *leaf)))
        .collect();
    let mut of_growths: Vec<Vec<Vec<f64>>> = growths
        .into_par_iter()
        .map(|(features, leaf)| {
            held_out.predict(&grid.trees, &grid.max_depth, features, leaf, stream)
        })
        .collect();
    let mut predictions = Vec::new();
    for depth in 0..grid.max_depth.len() {
        for trees in 0..grid.trees.len() {
            for of_growth in &mut of_growths {
                let forest = &mut of_growth[trees * grid.max_depth.len() + depth];
                predictions.push(std::mem::take(forest));
            }
        }
    }
    predictions
}
