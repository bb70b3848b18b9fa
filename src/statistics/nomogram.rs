//! A nomogram of a logistic regression: points for every value of every predictor, and the risk at every sum of points.
//!
//! A predictor's points are its contribution to the linear predictor less its smallest on the axis, times a scale that
//! gives the predictor with the widest range `maximum_points`. A number's axis has round values (`pretty`, about 10 steps) over
//! its observed range, or the observed values themselves if there are at most 10; a category's has its levels.
//! The axis of total points is round values up to the points of the largest round linear predictor; that of the
//! probability is round probabilities, each at (logit p − linear predictor at 0 points) · scale.
//! Convention: R `rms::nomogram(fun = plogis)`, whose probability positions are interpolated; here they are exact.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::design::{Design, Predictor};
use super::logistic_error::LogisticError;
use super::logistic_regression::LogisticRegression;
use super::pretty::pretty;

const INTERVALS: usize = 10;
/// Up to this many distinct values, a number's axis shows just these.
const DISTINCT: usize = 10;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nomogram {
    /// In the order of the predictors.
    pub axes: Vec<NomogramAxis>,
    pub total_points: Vec<f64>,
    pub probabilities: Vec<NomogramProbability>,
    /// Points for one unit of the linear predictor.
    pub points_per_unit: f64,
    /// The linear predictor of a patient with 0 points.
    pub linear_predictor_at_zero: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NomogramAxis {
    pub term: String,
    pub ticks: Vec<NomogramTick>,
}

/// `value` is none for a level of a category.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NomogramTick {
    pub label: String,
    pub value: Option<f64>,
    pub points: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NomogramProbability {
    pub probability: f64,
    pub total_points: f64,
}

/// `predictors` are the data of the patients of the fit, in the order of the fit's terms.
pub fn nomogram(
    predictors: &[Predictor],
    fit: &LogisticRegression,
    maximum_points: f64,
) -> Result<Nomogram, LogisticError> {
    if !(maximum_points > 0.0 && maximum_points.is_finite()) {
        return Err(LogisticError::BadOption {
            option: "the largest number of points".to_owned(),
            value: maximum_points,
            allowed: "above 0".to_owned(),
        });
    }
    let design = Design::new(fit.patients, predictors);
    if design.columns.is_empty() {
        return Err(LogisticError::BadOption {
            option: "the number of predictors".to_owned(),
            value: 0.0,
            allowed: "at least 1".to_owned(),
        });
    }
    let linear_predictors = fit.linear_predictors(&design)?;
    // Label, value and contribution of each tick.
    let contributions: Vec<Vec<(String, Option<f64>, f64)>> = predictors
        .iter()
        .zip(&design.terms)
        .map(|(predictor, term)| {
            let coefficients = &fit.coefficients[term.columns.clone()];
            match predictor {
                Predictor::Number { values, .. } => axis_values(values)
                    .into_iter()
                    .map(|v| (v.to_string(), Some(v), coefficients[0].coefficient * v))
                    .collect(),
                Predictor::Category { levels, .. } => levels
                    .iter()
                    .enumerate()
                    .map(|(k, level)| {
                        let effect = match k.checked_sub(1) {
                            Some(column) => coefficients[column].coefficient,
                            None => 0.0,
                        };
                        (level.clone(), None, effect)
                    })
                    .collect(),
            }
        })
        .collect();
    let smallest: Vec<f64> = contributions
        .iter()
        .map(|ticks| ticks.iter().map(|t| t.2).fold(f64::INFINITY, f64::min))
        .collect();
    let widest = contributions
        .iter()
        .zip(&smallest)
        .map(|(ticks, low)| ticks.iter().map(|t| t.2 - low).fold(0.0, f64::max))
        .fold(0.0, f64::max);
    if !(widest > 0.0) {
        return Err(LogisticError::BadOption {
            option: "the largest contribution of a predictor".to_owned(),
            value: widest,
            allowed: "above 0: the model distinguishes no patients".to_owned(),
        });
    }
    let points_per_unit = maximum_points / widest;
    let linear_predictor_at_zero = fit.intercept.coefficient + numerics::sum(&smallest);
    let axes = contributions
        .into_iter()
        .zip(&smallest)
        .zip(predictors)
        .map(|((ticks, low), predictor)| NomogramAxis {
            term: predictor.name().to_owned(),
            ticks: ticks
                .into_iter()
                .map(|(label, value, effect)| NomogramTick {
                    label,
                    value,
                    points: (effect - low) * points_per_unit,
                })
                .collect(),
        })
        .collect();
    let (low, high) = range(&linear_predictors);
    let rounded = pretty(low, high, INTERVALS);
    let (low, high) = range(&rounded);
    let most = maximum_points.max((high - linear_predictor_at_zero) * points_per_unit);
    let total_points = if predictors.len() == 1 {
        pretty(0.0, maximum_points, INTERVALS)
    } else {
        pretty(0.0, most, INTERVALS)
    };
    let probabilities = pretty(numerics::expit(low), numerics::expit(high), INTERVALS)
        .into_iter()
        .filter(|p| *p > 0.0 && *p < 1.0)
        .map(|probability| (probability, numerics::logit(probability)))
        .filter(|(_, lp)| (low..=high).contains(lp))
        .map(|(probability, lp)| NomogramProbability {
            probability,
            total_points: (lp - linear_predictor_at_zero) * points_per_unit,
        })
        .collect();
    Ok(Nomogram {
        axes,
        total_points,
        probabilities,
        points_per_unit,
        linear_predictor_at_zero,
    })
}

fn axis_values(values: &[f64]) -> Vec<f64> {
    let mut distinct = values.to_vec();
    distinct.sort_unstable_by(f64::total_cmp);
    distinct.dedup();
    if distinct.len() <= DISTINCT {
        return distinct;
    }
    let (low, high) = range(&distinct);
    pretty(low, high, INTERVALS)
}

fn range(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(*v), high.max(*v))
        })
}
