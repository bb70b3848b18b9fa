//! The ROC curve: sensitivity and specificity of the rule "positive when score ≥ c" for every observed score c.
//!
//! The first point calls nobody positive and has no cut-off; then the observed scores in descending order, the last of
//! which calls everybody positive. Tied patients are one point, so the area under the straight lines between points
//! is the AUC with ties counted one half. Convention: `pROC` puts thresholds midway between scores; the rules are the same.

use serde::{Deserialize, Serialize};

use super::score_error::{ScoreError, check_scores};
use super::tied_scores::TiedScores;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// None: above every score.
    pub cutoff: Option<f64>,
    pub true_positives: usize,
    pub false_positives: usize,
    pub sensitivity: f64,
    pub specificity: f64,
}

/// The points from (0, 0) to (1, 1) in terms of (1 − specificity, sensitivity).
pub fn roc_curve(outcome: &[bool], score: &[f64]) -> Result<Vec<RocPoint>, ScoreError> {
    let (events, others) = check_scores(outcome, score)?;
    let point = |cutoff, true_positives: usize, false_positives: usize| RocPoint {
        cutoff,
        true_positives,
        false_positives,
        sensitivity: true_positives as f64 / events as f64,
        specificity: (others - false_positives) as f64 / others as f64,
    };
    let mut points = vec![point(None, 0, 0)];
    let (mut true_positives, mut false_positives) = (0, 0);
    for block in TiedScores::new(outcome, score).blocks.iter().rev() {
        true_positives += block.events;
        false_positives += block.others();
        points.push(point(Some(block.value), true_positives, false_positives));
    }
    Ok(points)
}
