//! Cut-offs learned from a score: a patient is positive (high risk) when score ≥ cut-off.
//!
//! Candidates are the observed scores. Youden 1950: the largest J = sensitivity + specificity − 1, compared in whole
//! numbers so that ties are ties; among tied cut-offs the smallest is taken, which misses the fewest events, and all are
//! listed. A fixed sensitivity takes the highest cut-off that reaches it, a fixed specificity the lowest. A quantile is
//! of type 7 (R's default) over all patients and looks at no outcome; the median is the quantile 0.5.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::roc_curve::{RocPoint, roc_curve};
use super::score_error::{ScoreError, check_between};

/// A cut-off and how the rule "score ≥ cut-off" did on the patients it was learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearnedCutoff {
    pub cutoff: f64,
    pub sensitivity: f64,
    pub specificity: f64,
    pub youden_index: f64,
    /// All observed cut-offs that are as good, ascending (Youden); otherwise this one alone.
    pub tied_cutoffs: Vec<f64>,
}

/// The cut-off with the largest Youden index.
pub fn youden_cutoff(outcome: &[bool], score: &[f64]) -> Result<LearnedCutoff, ScoreError> {
    let points = points(outcome, score)?;
    let (events, others) = totals(&points);
    // J · events · others, a whole number.
    let index = |p: &RocPoint| {
        p.true_positives as i128 * others as i128 - p.false_positives as i128 * events as i128
    };
    let best = points.iter().map(index).max().unwrap_or(0);
    if best <= 0 {
        return Err(ScoreError::NoUsefulCutoff);
    }
    let mut tied: Vec<&RocPoint> = points.iter().filter(|p| index(p) == best).collect();
    tied.reverse();
    let mut learned = learned(tied[0]);
    learned.youden_index = best as f64 / (events as f64 * others as f64);
    learned.tied_cutoffs = tied.iter().filter_map(|p| p.cutoff).collect();
    Ok(learned)
}

/// The highest cut-off whose sensitivity is at least `at_least`.
pub fn sensitivity_cutoff(
    outcome: &[bool],
    score: &[f64],
    at_least: f64,
) -> Result<LearnedCutoff, ScoreError> {
    check_share("the sensitivity", at_least)?;
    points(outcome, score)?
        .iter()
        .find(|p| p.sensitivity >= at_least)
        .map(learned)
        .ok_or(ScoreError::NoUsefulCutoff)
}

/// The lowest cut-off whose specificity is at least `at_least`.
pub fn specificity_cutoff(
    outcome: &[bool],
    score: &[f64],
    at_least: f64,
) -> Result<LearnedCutoff, ScoreError> {
    check_share("the specificity", at_least)?;
    let points = points(outcome, score)?;
    points
        .iter()
        .rev()
        .find(|p| p.specificity >= at_least)
        .map(learned)
        .ok_or_else(|| ScoreError::NotReached {
            measure: "specificity".to_owned(),
            asked: at_least,
            best: points.first().map_or(0.0, |p| p.specificity),
        })
}

/// The quantile of the score over all patients.
pub fn quantile_cutoff(score: &[f64], probability: f64) -> Result<f64, ScoreError> {
    check_between("the quantile", probability)?;
    if score.is_empty() {
        return Err(ScoreError::NoPatients);
    }
    if let Some(row) = score.iter().position(|s| !s.is_finite()) {
        return Err(ScoreError::NotFinite { row });
    }
    let mut sorted = score.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(numerics::quantile_type_7(&sorted, probability))
}

/// The points with an observed cut-off, highest first.
fn points(outcome: &[bool], score: &[f64]) -> Result<Vec<RocPoint>, ScoreError> {
    let points: Vec<RocPoint> = roc_curve(outcome, score)?.into_iter().skip(1).collect();
    match points.as_slice() {
        [only] => Err(ScoreError::AllTied {
            value: only.cutoff.unwrap_or(f64::NAN),
        }),
        _ => Ok(points),
    }
}

/// The last point calls everybody positive.
fn totals(points: &[RocPoint]) -> (usize, usize) {
    points
        .last()
        .map_or((0, 0), |p| (p.true_positives, p.false_positives))
}

fn learned(point: &RocPoint) -> LearnedCutoff {
    let cutoff = point.cutoff.unwrap_or(f64::INFINITY);
    LearnedCutoff {
        cutoff,
        sensitivity: point.sensitivity,
        specificity: point.specificity,
        youden_index: point.sensitivity + point.specificity - 1.0,
        tied_cutoffs: vec![cutoff],
    }
}

fn check_share(option: &str, value: f64) -> Result<(), ScoreError> {
    if value > 0.0 && value <= 1.0 {
        Ok(())
    } else {
        Err(ScoreError::BadOption {
            option: option.to_owned(),
            value,
            allowed: "above 0 and at most 1".to_owned(),
        })
    }
}
