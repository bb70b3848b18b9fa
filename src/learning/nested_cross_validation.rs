//! How well a learner does whose features and settings were chosen from the data: selection and grid search are repeated
//! within each outer training set, so the outer fold takes no part in any choice (Varma & Simon 2006).
//!
//! Streams: substream 0 of the one given draws the outer folds, substream 1 + f is that of the grid search of fold f.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::numerics::{Random, mean, variance};

use super::LearningError;
use super::discrimination::area_under_curve;
use super::folds::{parts, stratified_folds};
use super::input::{check_at_least, entries, rows};
use super::learners::{LearnerGrid, LearnerSettings, learner_grid_search};
use super::mrmr::{MrmrScheme, MutualInformation, mrmr};
use super::random_forest::check_data;
use super::univariate_filter::univariate_filter;

/// How features are chosen before the learner sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureSelection {
    All,
    Mrmr {
        count: usize,
        scheme: MrmrScheme,
        information: MutualInformation,
    },
    /// The first of the univariate filter.
    Univariate {
        count: usize,
    },
}

impl FeatureSelection {
    /// The columns chosen, in the order of the choice.
    pub fn select(
        &self,
        features: &Array2<f64>,
        outcome: &[bool],
    ) -> Result<Vec<usize>, LearningError> {
        match *self {
            Self::All => Ok((0..features.ncols()).collect()),
            Self::Mrmr {
                count,
                scheme,
                information,
            } => Ok(mrmr(features, outcome, count, scheme, information)?.order),
            Self::Univariate { count } => {
                check_at_least("the number of features to select", count, 1)?;
                let ranked = univariate_filter(features, outcome)?;
                if count > ranked.len() {
                    return Err(LearningError::TooManyFeatures {
                        option: "the number of features to select".to_owned(),
                        asked: count,
                        available: ranked.len(),
                    });
                }
                Ok(ranked[..count].iter().map(|rank| rank.feature).collect())
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NestedCrossValidation {
    /// The outer fold of each patient.
    pub fold: Vec<usize>,
    /// Each patient's score by the learner that was selected, tuned and fitted without the patient's fold.
    pub score: Vec<f64>,
    pub fold_auc: Vec<f64>,
    pub mean_auc: f64,
    pub standard_error: f64,
    /// Of all patients' scores together, though each fold has another fit.
    pub pooled_auc: f64,
    /// The columns and settings chosen for each outer fold.
    pub selected: Vec<Vec<usize>>,
    pub settings: Vec<LearnerSettings>,
}

/// Nested cross-validation with stratified folds, outer and inner.
pub fn nested_cross_validation(
    features: &Array2<f64>,
    outcome: &[bool],
    selection: &FeatureSelection,
    grid: &LearnerGrid,
    outer_folds: usize,
    inner_folds: usize,
    random: &Random,
) -> Result<NestedCrossValidation, LearningError> {
    check_data(features, outcome)?;
    let fold_of = stratified_folds(outcome, outer_folds, &random.substream(0))?;
    let mut score = vec![0.0; outcome.len()];
    let mut fold_auc = Vec::with_capacity(outer_folds);
    let mut all_selected = Vec::with_capacity(outer_folds);
    let mut settings = Vec::with_capacity(outer_folds);
    for fold in 0..outer_folds {
        let (fitted, held_out) = parts(&fold_of, fold);
        let fitted_outcome = entries(outcome, &fitted);
        let fitted = rows(features, &fitted);
        let selected = selection.select(&fitted, &fitted_outcome)?;
        let search = learner_grid_search(
            &fitted.select(Axis(1), &selected),
            &fitted_outcome,
            grid,
            inner_folds,
            &random.substream(1 + fold as u64),
        )?;
        let predicted = search
            .learner
            .score(&rows(features, &held_out).select(Axis(1), &selected))?;
        fold_auc.push(
            area_under_curve(&predicted, &entries(outcome, &held_out))
                .expect("a stratified fold has patients of both classes"),
        );
        for (patient, predicted) in held_out.iter().zip(predicted) {
            score[*patient] = predicted;
        }
        all_selected.push(selected);
        settings.push(search.learner.settings);
    }
    Ok(NestedCrossValidation {
        pooled_auc: area_under_curve(&score, outcome)
            .expect("the outcome was checked to have both classes"),
        mean_auc: mean(&fold_auc),
        standard_error: (variance(&fold_auc) / outer_folds as f64).sqrt(),
        fold: fold_of,
        score,
        fold_auc,
        selected: all_selected,
        settings,
    })
}
