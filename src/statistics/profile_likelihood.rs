//! Profile likelihood intervals of logistic regression coefficients.
//!
//! The limits of βⱼ are where 2 (ℓ(β̂) − max over the other coefficients of ℓ) equals the χ² quantile with one degree of
//! freedom. They are found as exact roots: Newton's method on the square root of the left side, whose slope is known
//! from the score of βⱼ at the constrained maximum, kept between a point inside and a point outside. (R's `confint.glm`
//! interpolates a spline, up to 4e-4 off.) A profile that never falls that far has no limit there: none.
//! Source: Venzon & Moolgavkar 1988; Cox & Snell 1989, section 2.1.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::design::Design;
use super::logistic_data::LogisticData;
use super::logistic_error::{LogisticError, check_fraction};
use super::logistic_newton::{BinomialRows, Newton, linear_predictors, log_likelihood};
use super::separation::{ITERATIONS, STEP_TOLERANCE, fit_or_explain};

/// Limits of a coefficient and of its odds ratio; none is infinite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileInterval {
    pub term: String,
    pub level: Option<String>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub odds_ratio_low: Option<f64>,
    pub odds_ratio_high: Option<f64>,
}

/// The intervals of the intercept and of every column of `design`, in this order.
pub fn profile_likelihood_intervals(
    design: &Design,
    outcome: &[bool],
    confidence_level: f64,
) -> Result<Vec<ProfileInterval>, LogisticError> {
    check_fraction("the confidence level", confidence_level)?;
    let data = LogisticData::new(design, outcome)?;
    let (newton, iterations) = fit_or_explain(&data)?;
    let covariance = newton
        .covariance()
        .map_err(|_| LogisticError::NotConverged {
            iterations,
            largest_gradient: 0.0,
        })?;
    let target = numerics::chi_squared_quantile(confidence_level, 1.0).sqrt();
    let predictors = linear_predictors(&data.rows(), &newton.coefficients);
    let maximum = log_likelihood(&data.rows(), &predictors);
    let shift = intercept_shift(&data);
    let raw = uncentred(&data);
    let mut raw_estimates = newton.coefficients.clone();
    raw_estimates[0] = numerics::dot(&newton.coefficients, &shift);
    let width = data.width;
    let mut intervals = Vec::with_capacity(width);
    for j in 0..width {
        let (data, estimates, variance, scale) = if j == 0 {
            (
                &raw,
                &raw_estimates,
                quadratic_form(&covariance, &shift),
                1.0,
            )
        } else {
            let variance = covariance[j * width + j];
            (&data, &newton.coefficients, variance, data.scales[j - 1])
        };
        let mut profile = Profile::new(data, j);
        let [low, high] = [-1.0, 1.0].map(|side| {
            profile.restart(estimates);
            let reach = side * variance.sqrt();
            profile_limit(estimates[j], reach, target, maximum, |b| profile.at(b))
                .map(|b| b / scale)
        });
        intervals.push(interval(data, j, low, high));
    }
    Ok(intervals)
}

/// The limits of coefficient `j` of `data` (0 is the intercept), already on the scale of the data.
pub(super) fn interval(
    data: &LogisticData,
    j: usize,
    low: Option<f64>,
    high: Option<f64>,
) -> ProfileInterval {
    let (term, level) = if j == 0 {
        ("(Intercept)".to_owned(), None)
    } else {
        let column = &data.columns[j - 1];
        (column.term.clone(), column.level.clone())
    };
    ProfileInterval {
        term,
        level,
        low,
        high,
        odds_ratio_low: low.map(numerics::exp),
        odds_ratio_high: high.map(numerics::exp),
    }
}

/// Columns scaled but not centred: fixing the intercept then means fixing the reported intercept.
pub(super) fn uncentred(data: &LogisticData) -> LogisticData {
    let mut raw = data.clone();
    for row in raw.matrix.chunks_exact_mut(data.width) {
        for ((x, centre), scale) in row[1..].iter_mut().zip(&data.centres).zip(&data.scales) {
            *x += centre / scale;
        }
    }
    raw
}

/// The reported intercept as a combination of the standardised coefficients.
pub(super) fn intercept_shift(data: &LogisticData) -> Vec<f64> {
    std::iter::once(1.0)
        .chain(
            data.centres
                .iter()
                .zip(&data.scales)
                .map(|(centre, scale)| -centre / scale),
        )
        .collect()
}

pub(super) fn quadratic_form(matrix: &[f64], vector: &[f64]) -> f64 {
    let rows: Vec<f64> = matrix
        .chunks_exact(vector.len())
        .map(|row| numerics::dot(row, vector))
        .collect();
    numerics::dot(&rows, vector)
}

/// The root of the profile on one side of the estimate; `reach` is a standard error with the side's sign. `at` gives
/// the profile's log-likelihood and the score of the fixed coefficient; none where it cannot be computed.
pub(super) fn profile_limit(
    estimate: f64,
    reach: f64,
    target: f64,
    maximum: f64,
    mut at: impl FnMut(f64) -> Option<(f64, f64)>,
) -> Option<f64> {
    /// Steps outwards before the profile counts as never falling far enough.
    const OUTWARDS: usize = 60;
    let mut inside = estimate;
    let mut outside = None;
    let mut value = estimate + target * reach;
    for _ in 0..200 {
        let (likelihood, score) = at(value)?;
        let fall = (2.0 * (maximum - likelihood)).max(0.0).sqrt();
        let excess = fall - target;
        if excess < 0.0 {
            inside = value;
        } else {
            outside = Some(value);
        }
        // d fall / d value = −score / fall.
        let slope = -score / fall;
        let newton = value - excess / slope;
        let next = match outside {
            None => {
                let furthest = value + (value - estimate);
                if (value - estimate).abs() > reach.abs() * (1_u64 << OUTWARDS) as f64 {
                    return None;
                }
                let ahead = (newton - value) * reach > 0.0;
                // A little beyond the predicted root, so that it becomes a bracket.
                let beyond = newton + 0.01 * (newton - estimate);
                if ahead && (beyond - estimate).abs() < (furthest - estimate).abs() {
                    beyond
                } else {
                    furthest
                }
            }
            Some(outside) => {
                let (low, high) = (inside.min(outside), inside.max(outside));
                if newton > low && newton < high {
                    newton
                } else {
                    low + (high - low) / 2.0
                }
            }
        };
        if (next - value).abs() <= 1e-12 * (1e-3 * reach.abs() + value.abs())
            || next == inside && outside.is_some()
        {
            return Some(next);
        }
        value = next;
    }
    outside
}

/// The constrained fits of one coefficient: its column becomes an offset.
struct Profile {
    rest: Vec<f64>,
    column: Vec<f64>,
    fixed: usize,
    width: usize,
    events: Vec<f64>,
    totals: Vec<f64>,
    newton: Newton,
}

impl Profile {
    fn new(data: &LogisticData, fixed: usize) -> Self {
        let width = data.width - 1;
        let others = |row: &[f64]| [&row[..fixed], &row[fixed + 1..]].concat();
        Self {
            rest: data
                .matrix
                .chunks_exact(data.width)
                .flat_map(others)
                .collect(),
            column: data
                .matrix
                .iter()
                .skip(fixed)
                .step_by(data.width)
                .copied()
                .collect(),
            fixed,
            width,
            events: data.events.clone(),
            totals: data.totals.clone(),
            newton: Newton::new(width),
        }
    }

    fn restart(&mut self, estimates: &[f64]) {
        self.newton.coefficients = estimates.to_vec();
        self.newton.coefficients.remove(self.fixed);
    }

    /// The log-likelihood and the score of the fixed coefficient at its constrained maximum.
    fn at(&mut self, value: f64) -> Option<(f64, f64)> {
        let offset: Vec<f64> = self.column.iter().map(|x| x * value).collect();
        let rows = BinomialRows {
            matrix: &self.rest,
            width: self.width,
            events: &self.events,
            totals: &self.totals,
            offset: Some(&offset),
        };
        if self.width > 0 {
            self.newton
                .maximize(&rows, STEP_TOLERANCE, ITERATIONS)
                .ok()?;
        }
        let predictors = linear_predictors(&rows, &self.newton.coefficients);
        let residuals: Vec<f64> = predictors
            .iter()
            .zip(&self.events)
            .map(|(eta, y)| y - numerics::expit(*eta))
            .collect();
        Some((
            log_likelihood(&rows, &predictors),
            numerics::dot(&self.column, &residuals),
        ))
    }
}
