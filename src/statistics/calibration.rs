//! How well predicted probabilities agree with outcomes, in numbers.
//!
//! Calibration intercept: α of logit P = α + logit p (an offset). Slope: β of logit P = α + β logit p. Both by maximum
//! likelihood with Wald limits. Brier = mean (p − y)². O:E = events / Σ p. The c statistic is the AUC of p.
//! A probability of 0 or 1 has no logit, and a score that separates the outcome has no finite slope: what cannot be
//! estimated is none, with the reason. Source: Cox 1958; Steyerberg 2019, chapter 15; Van Calster et al. 2016.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::delong::auc;
use super::logistic_newton::{BinomialRows, Newton, Stopped};
use super::score_error::{ScoreError, check_between, check_probabilities};
use super::separation::{ITERATIONS, STEP_TOLERANCE, separates};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationMeasures {
    pub intercept: Option<CalibrationEstimate>,
    pub slope: Option<CalibrationEstimate>,
    /// Why the intercept, or the slope, is none.
    pub failure: Option<ScoreError>,
    pub brier: f64,
    pub observed_over_expected: f64,
    pub c_statistic: f64,
    pub patients: usize,
    pub events: usize,
    pub confidence_level: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationEstimate {
    pub estimate: f64,
    pub standard_error: f64,
    pub low: f64,
    pub high: f64,
}

pub fn calibration_measures(
    outcome: &[bool],
    probability: &[f64],
    confidence_level: f64,
) -> Result<CalibrationMeasures, ScoreError> {
    check_between("the confidence level", confidence_level)?;
    let (events, others) = check_probabilities(outcome, probability)?;
    let patients = events + others;
    let squares: Vec<f64> = outcome
        .iter()
        .zip(probability)
        .map(|(y, p)| (p - f64::from(*y)) * (p - f64::from(*y)))
        .collect();
    let quantile = numerics::normal_quantile(0.5 + confidence_level / 2.0);
    let mut failure = None;
    let mut estimate = |found: Result<(f64, f64), ScoreError>| match found {
        Ok((estimate, standard_error)) => Some(CalibrationEstimate {
            estimate,
            standard_error,
            low: estimate - quantile * standard_error,
            high: estimate + quantile * standard_error,
        }),
        Err(error) => {
            failure.get_or_insert(error);
            None
        }
    };
    let logits = logits(probability);
    let y: Vec<f64> = outcome.iter().map(|y| f64::from(*y)).collect();
    let intercept = estimate(
        logits
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|lp| calibration_intercept(&y, lp)),
    );
    let slope = estimate(
        logits
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|lp| calibration_slope(&y, lp)),
    );
    Ok(CalibrationMeasures {
        intercept,
        slope,
        failure,
        brier: numerics::mean(&squares),
        observed_over_expected: events as f64 / numerics::sum(probability),
        c_statistic: auc(outcome, probability)?,
        patients,
        events,
        confidence_level,
    })
}

/// The logits, where every probability has one.
pub(super) fn logits(probability: &[f64]) -> Result<Vec<f64>, ScoreError> {
    probability
        .iter()
        .enumerate()
        .map(|(row, p)| {
            if *p > 0.0 && *p < 1.0 {
                Ok(numerics::logit(*p))
            } else {
                Err(ScoreError::NotProbability { row, value: *p })
            }
        })
        .collect()
}

/// α and its standard error.
fn calibration_intercept(events: &[f64], logits: &[f64]) -> Result<(f64, f64), ScoreError> {
    let ones = vec![1.0; logits.len()];
    let rows = BinomialRows {
        matrix: &ones,
        width: 1,
        events,
        totals: &ones,
        offset: Some(logits),
    };
    estimate_last(&rows)
}

/// β and its standard error.
fn calibration_slope(events: &[f64], logits: &[f64]) -> Result<(f64, f64), ScoreError> {
    if logits.iter().all(|lp| *lp == logits[0]) {
        return Err(ScoreError::AllTied {
            value: numerics::expit(logits[0]),
        });
    }
    if separates(logits, events).is_some() {
        return Err(ScoreError::Separated);
    }
    let centre = numerics::mean(logits);
    let ones = vec![1.0; logits.len()];
    let matrix: Vec<f64> = logits.iter().flat_map(|lp| [1.0, lp - centre]).collect();
    let rows = BinomialRows {
        matrix: &matrix,
        width: 2,
        events,
        totals: &ones,
        offset: None,
    };
    estimate_last(&rows)
}

/// The last coefficient of a converged fit and its standard error.
fn estimate_last(rows: &BinomialRows) -> Result<(f64, f64), ScoreError> {
    let mut newton = Newton::new(rows.width);
    let covariance = newton
        .maximize(rows, STEP_TOLERANCE, ITERATIONS)
        .and_then(|_| newton.evaluate(rows))
        .and_then(|_| newton.covariance())
        .map_err(|_: Stopped| ScoreError::NotConverged)?;
    let last = rows.width - 1;
    Ok((
        newton.coefficients[last],
        covariance[last * rows.width + last].sqrt(),
    ))
}
