//! Choice of a learner's settings by cross-validation: as `grid_search` for the forest, for every learner.
//!
//! The grid point with the largest mean area under the ROC curve over stratified folds; equal means (within 1e-12) go to
//! the simplest, and points are listed simplest first: strong penalties, few trees, shallow trees, many neighbours, linear before
//! radial. Streams and folds are those of `grid_search`: the same folds for the same outcome and stream, whatever the learner.

use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::learning::LearningError;
use crate::learning::discrimination::area_under_curve;
use crate::learning::folds::{parts, stratified_folds};
use crate::learning::grid_search::{ForestGrid, grid_search, simplest_of_the_best};
use crate::learning::input::{entries, rows};
use crate::learning::random_forest::check_data;
use crate::numerics::{Random, mean, variance};

use super::{
    BoostingSettings, FittedLearner, Kernel, LearnedModel, LearnerSettings, PenaltySettings,
    SupportVectorSettings, fit_learner,
};

/// A learner and the values to try: every combination is a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearnerGrid {
    RandomForest(ForestGrid),
    PenalizedLogistic {
        alpha: Vec<f64>,
        lambda: Vec<f64>,
    },
    /// `gamma` is for the radial kernel; none is the linear one.
    SupportVectorMachine {
        gamma: Vec<Option<f64>>,
        cost: Vec<f64>,
    },
    GradientBoosting {
        trees: Vec<usize>,
        max_depth: Vec<usize>,
        learning_rate: Vec<f64>,
        min_leaf: Vec<usize>,
    },
    NearestNeighbors {
        neighbors: Vec<usize>,
    },
    NaiveBayes,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearnerPoint {
    pub settings: LearnerSettings,
    pub fold_auc: Vec<f64>,
    pub mean_auc: f64,
    pub standard_error: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearnerSearch {
    /// The fold of each patient.
    pub fold: Vec<usize>,
    /// Simplest first.
    pub points: Vec<LearnerPoint>,
    pub chosen: usize,
    /// The chosen point's score of each patient, fitted without the patient's fold.
    pub out_of_fold_score: Vec<f64>,
    /// The chosen settings, fitted on all patients.
    pub learner: FittedLearner,
}

impl LearnerGrid {
    /// All combinations, simplest first, each once.
    pub fn points(&self) -> Result<Vec<LearnerSettings>, LearningError> {
        match self {
            Self::RandomForest(grid) => Ok(grid
                .points()?
                .into_iter()
                .map(LearnerSettings::RandomForest)
                .collect()),
            Self::PenalizedLogistic { alpha, lambda } => {
                let alphas = descending(alpha, "alpha")?;
                let lambdas = descending(lambda, "lambda")?;
                Ok(product(&lambdas, &alphas, |lambda, alpha| {
                    LearnerSettings::PenalizedLogistic(PenaltySettings { alpha, lambda })
                }))
            }
            Self::SupportVectorMachine { gamma, cost } => {
                check_some("gamma", gamma.is_empty())?;
                let mut kernels: Vec<Kernel> = Vec::new();
                if gamma.contains(&None) {
                    kernels.push(Kernel::Linear);
                }
                let radial: Vec<f64> = gamma.iter().flatten().copied().collect();
                if !radial.is_empty() {
                    kernels.extend(
                        ascending(&radial, "gamma")?
                            .into_iter()
                            .map(|gamma| Kernel::Radial { gamma }),
                    );
                }
                let costs = ascending(cost, "the cost C")?;
                Ok(product(&kernels, &costs, |kernel, cost| {
                    LearnerSettings::SupportVectorMachine(SupportVectorSettings { kernel, cost })
                }))
            }
            Self::GradientBoosting {
                trees,
                max_depth,
                learning_rate,
                min_leaf,
            } => {
                let size = product(
                    &whole(max_depth, "the largest depth")?,
                    &whole(trees, "the number of trees")?,
                    |depth, trees| (depth, trees),
                );
                let mut leaves = whole(min_leaf, "the smallest leaf")?;
                leaves.reverse();
                let rest = product(
                    &ascending(learning_rate, "the learning rate")?,
                    &leaves,
                    |rate, leaf| (rate, leaf),
                );
                Ok(product(
                    &size,
                    &rest,
                    |(max_depth, trees), (learning_rate, min_leaf)| {
                        LearnerSettings::GradientBoosting(BoostingSettings {
                            trees,
                            max_depth,
                            learning_rate,
                            min_leaf,
                        })
                    },
                ))
            }
            Self::NearestNeighbors { neighbors } => {
                let mut neighbors = whole(neighbors, "the number of neighbours")?;
                neighbors.reverse();
                Ok(neighbors
                    .into_iter()
                    .map(|neighbors| LearnerSettings::NearestNeighbors { neighbors })
                    .collect())
            }
            Self::NaiveBayes => Ok(vec![LearnerSettings::NaiveBayes]),
        }
    }
}

/// Searches the grid in `folds` stratified folds and fits the chosen settings on all patients.
pub fn learner_grid_search(
    features: &Array2<f64>,
    outcome: &[bool],
    grid: &LearnerGrid,
    folds: usize,
    random: &Random,
) -> Result<LearnerSearch, LearningError> {
    // The forest shares its trees between points.
    if let LearnerGrid::RandomForest(grid) = grid {
        return forest_search(features, outcome, grid, folds, random);
    }
    check_data(features, outcome)?;
    let settings = grid.points()?;
    let fold_of = stratified_folds(outcome, folds, &random.substream(0))?;
    let parts: Vec<(Vec<usize>, Vec<usize>)> =
        (0..folds).map(|fold| parts(&fold_of, fold)).collect();
    let tasks: Vec<(usize, usize)> = (0..settings.len())
        .flat_map(|point| (0..folds).map(move |fold| (point, fold)))
        .collect();
    let scores: Vec<Vec<f64>> = tasks
        .par_iter()
        .map(|(point, fold)| {
            let (fitted, held_out) = &parts[*fold];
            let stream = random.substream(2 + *fold as u64);
            fit_learner(
                &rows(features, fitted),
                &entries(outcome, fitted),
                &settings[*point],
                &stream,
            )?
            .score(&rows(features, held_out))
        })
        .collect::<Result<_, _>>()?;
    let points: Vec<LearnerPoint> = settings
        .into_iter()
        .zip(scores.chunks(folds))
        .map(|(settings, scores)| {
            let fold_auc: Vec<f64> = parts
                .iter()
                .zip(scores)
                .map(|((_, held_out), score)| {
                    area_under_curve(score, &entries(outcome, held_out))
                        .expect("a stratified fold has patients of both classes")
                })
                .collect();
            LearnerPoint {
                settings,
                mean_auc: mean(&fold_auc),
                standard_error: (variance(&fold_auc) / folds as f64).sqrt(),
                fold_auc,
            }
        })
        .collect();
    let chosen = simplest_of_the_best(points.iter().map(|point| point.mean_auc));
    let mut out_of_fold_score = vec![0.0; outcome.len()];
    for ((_, held_out), score) in parts.iter().zip(&scores[chosen * folds..]) {
        for (patient, score) in held_out.iter().zip(score) {
            out_of_fold_score[*patient] = *score;
        }
    }
    let learner = fit_learner(
        features,
        outcome,
        &points[chosen].settings,
        &random.substream(1),
    )?;
    Ok(LearnerSearch {
        fold: fold_of,
        points,
        chosen,
        out_of_fold_score,
        learner,
    })
}

fn forest_search(
    features: &Array2<f64>,
    outcome: &[bool],
    grid: &ForestGrid,
    folds: usize,
    random: &Random,
) -> Result<LearnerSearch, LearningError> {
    let search = grid_search(features, outcome, grid, folds, random)?;
    Ok(LearnerSearch {
        fold: search.fold,
        points: search
            .points
            .into_iter()
            .map(|point| LearnerPoint {
                settings: LearnerSettings::RandomForest(point.settings),
                fold_auc: point.fold_auc,
                mean_auc: point.mean_auc,
                standard_error: point.standard_error,
            })
            .collect(),
        chosen: search.chosen,
        out_of_fold_score: search.out_of_fold_probability,
        learner: FittedLearner {
            settings: LearnerSettings::RandomForest(search.forest.settings),
            features: search.forest.features,
            standardization: None,
            model: LearnedModel::RandomForest(search.forest),
        },
    })
}

fn product<A: Copy, B: Copy, T>(outer: &[A], inner: &[B], make: impl Fn(A, B) -> T) -> Vec<T> {
    outer
        .iter()
        .flat_map(|a| inner.iter().map(|b| make(*a, *b)).collect::<Vec<T>>())
        .collect()
}

fn check_some(option: &str, empty: bool) -> Result<(), LearningError> {
    if empty {
        return Err(LearningError::EmptyGrid {
            option: option.to_owned(),
        });
    }
    Ok(())
}

fn ascending(values: &[f64], option: &str) -> Result<Vec<f64>, LearningError> {
    check_some(option, values.is_empty())?;
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    Ok(values)
}

fn descending(values: &[f64], option: &str) -> Result<Vec<f64>, LearningError> {
    let mut values = ascending(values, option)?;
    values.reverse();
    Ok(values)
}

fn whole(values: &[usize], option: &str) -> Result<Vec<usize>, LearningError> {
    check_some(option, values.is_empty())?;
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    Ok(values)
}
