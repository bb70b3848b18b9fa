//! How the rule "positive when score ≥ cut-off" classifies patients.
//!
//! Sensitivity, specificity, predictive values and accuracy, each a count of patients over those it refers to, with its
//! Wilson and exact interval (see `proportion`). A predictive value of a class that nobody is put into does not exist: none.
//! A patient on the cut-off is positive. Predictive values hold for the prevalence among these patients.

use serde::{Deserialize, Serialize};

use super::proportion::{Proportion, proportion};
use super::score_error::{ScoreError, check_between, check_scores};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    pub cutoff: f64,
    pub true_positives: usize,
    pub false_positives: usize,
    pub true_negatives: usize,
    pub false_negatives: usize,
    pub accuracy: Proportion,
    pub sensitivity: Proportion,
    pub specificity: Proportion,
    pub positive_predictive_value: Option<Proportion>,
    pub negative_predictive_value: Option<Proportion>,
    /// Sensitivity + specificity − 1.
    pub youden_index: f64,
}

pub fn classification_at_cutoff(
    outcome: &[bool],
    score: &[f64],
    cutoff: f64,
    confidence_level: f64,
) -> Result<Classification, ScoreError> {
    check_between("the confidence level", confidence_level)?;
    let (events, others) = check_scores(outcome, score)?;
    if !cutoff.is_finite() {
        return Err(ScoreError::BadOption {
            option: "the cut-off".to_owned(),
            value: cutoff,
            allowed: "a finite number".to_owned(),
        });
    }
    let positives = |wanted: bool| {
        outcome
            .iter()
            .zip(score)
            .filter(|(event, score)| **event == wanted && **score >= cutoff)
            .count()
    };
    let (true_positives, false_positives) = (positives(true), positives(false));
    let (false_negatives, true_negatives) = (events - true_positives, others - false_positives);
    let share = |count: usize, of: usize| {
        proportion(count, of, confidence_level)
            .expect("the count is at most the total, which is not 0")
    };
    let share_of_some = |count: usize, of: usize| (of > 0).then(|| share(count, of));
    let sensitivity = share(true_positives, events);
    let specificity = share(true_negatives, others);
    Ok(Classification {
        cutoff,
        true_positives,
        false_positives,
        true_negatives,
        false_negatives,
        accuracy: share(true_positives + true_negatives, events + others),
        youden_index: sensitivity.estimate + specificity.estimate - 1.0,
        sensitivity,
        specificity,
        positive_predictive_value: share_of_some(true_positives, true_positives + false_positives),
        negative_predictive_value: share_of_some(true_negatives, true_negatives + false_negatives),
    })
}
