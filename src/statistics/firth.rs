//! Firth's penalised likelihood for logistic regression: finite estimates where the outcome is separated or events are few.
//!
//! Maximises ℓ(β) + ½ ln det I(β), I the information. Scoring iterations with the modified score
//! Xᵀ (y − μ + h (½ − μ)), h the diagonal of W^½ X I⁻¹ Xᵀ W^½, and step-halving, until no coefficient moves by 1e-11 on
//! standardised columns. Standard errors come from the unpenalised information at the estimate. Limits are roots of the
//! profile penalised likelihood, and the test of a coefficient is the penalised likelihood ratio with it fixed at 0; both
//! keep its column in the information. Source: Firth 1993; Heinze & Schemper 2002. Convention: R `logistf`.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::design::Design;
use super::likelihood_ratio::test;
use super::logistic_data::LogisticData;
use super::logistic_error::{LogisticError, check_fraction};
use super::logistic_newton::{
    BinomialRows, factorize, inverse, linear_predictors, log_likelihood, solve,
};
use super::profile_likelihood::{
    intercept_shift, interval, profile_limit, quadratic_form, uncentred,
};

const TOLERANCE: f64 = 1e-11;
const ITERATIONS: usize = 1000;

/// Limits are none where the profile never falls far enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirthCoefficient {
    pub term: String,
    pub level: Option<String>,
    pub coefficient: f64,
    pub standard_error: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub odds_ratio: f64,
    pub odds_ratio_low: Option<f64>,
    pub odds_ratio_high: Option<f64>,
    pub penalized_likelihood_ratio: f64,
    pub p_value: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirthRegression {
    pub intercept: FirthCoefficient,
    /// In the order of the design's columns.
    pub coefficients: Vec<FirthCoefficient>,
    /// ℓ + ½ ln det I, on the scale of the data.
    pub penalized_log_likelihood: f64,
    pub log_likelihood: f64,
    pub patients: usize,
    pub events: usize,
    pub fitted: Vec<f64>,
    pub confidence_level: f64,
    pub iterations: usize,
}

pub fn firth_logistic_regression(
    design: &Design,
    outcome: &[bool],
    confidence_level: f64,
) -> Result<FirthRegression, LogisticError> {
    check_fraction("the confidence level", confidence_level)?;
    let data = LogisticData::new(design, outcome)?;
    let raw = uncentred(&data);
    let width = data.width;
    let all: Vec<usize> = (0..width).collect();
    let mut estimate = Scoring::new(&data);
    let iterations = estimate.maximize(&all)?;
    let maximum = estimate.value;
    let covariance =
        inverse(&estimate.information, width).map_err(|_| LogisticError::NotConverged {
            iterations,
            largest_gradient: 0.0,
        })?;
    let estimates = estimate.coefficients.clone();
    let shift = intercept_shift(&data);
    let mut raw_estimates = estimates.clone();
    raw_estimates[0] = numerics::dot(&estimates, &shift);
    let target = numerics::chi_squared_quantile(confidence_level, 1.0).sqrt();
    let mut coefficients = Vec::with_capacity(width);
    for j in 0..width {
        let (data, start, variance, scale) = if j == 0 {
            (
                &raw,
                &raw_estimates,
                quadratic_form(&covariance, &shift),
                1.0,
            )
        } else {
            let variance = covariance[j * width + j];
            (&data, &estimates, variance, data.scales[j - 1])
        };
        let others: Vec<usize> = (0..width).filter(|k| *k != j).collect();
        let mut scoring = Scoring::new(data);
        let mut profile = |value: f64, restart: bool| {
            if restart {
                scoring.coefficients.clone_from(start);
            }
            scoring.coefficients[j] = value;
            scoring.maximize(&others).ok()?;
            Some((scoring.value, scoring.score[j]))
        };
        let (without, _) = profile(0.0, true).ok_or(LogisticError::NotConverged {
            iterations: ITERATIONS,
            largest_gradient: 0.0,
        })?;
        let (ratio, p_value) = test(maximum, without, 1);
        let [low, high] = [-1.0, 1.0].map(|side| {
            let mut restart = true;
            profile_limit(start[j], side * variance.sqrt(), target, maximum, |value| {
                let found = profile(value, restart);
                restart = found.is_none();
                found
            })
            .map(|b| b / scale)
        });
        let limits = interval(data, j, low, high);
        coefficients.push(FirthCoefficient {
            term: limits.term,
            level: limits.level,
            coefficient: start[j] / scale,
            standard_error: variance.sqrt() / scale,
            low,
            high,
            odds_ratio: numerics::exp(start[j] / scale),
            odds_ratio_low: limits.odds_ratio_low,
            odds_ratio_high: limits.odds_ratio_high,
            penalized_likelihood_ratio: ratio,
            p_value,
        });
    }
    let intercept = coefficients.remove(0);
    let predictors = linear_predictors(&data.rows(), &estimates);
    let scales: Vec<f64> = data.scales.iter().map(|s| numerics::ln(*s)).collect();
    Ok(FirthRegression {
        intercept,
        coefficients,
        penalized_log_likelihood: maximum + numerics::sum(&scales),
        log_likelihood: log_likelihood(&data.rows(), &predictors),
        patients: data.patients(),
        events: outcome.iter().filter(|y| **y).count(),
        fitted: predictors.into_iter().map(numerics::expit).collect(),
        confidence_level,
        iterations,
    })
}

/// The iterations; `coefficients` is the start before, and the estimate after, `maximize`.
struct Scoring<'a> {
    rows: BinomialRows<'a>,
    coefficients: Vec<f64>,
    /// The penalised log-likelihood and the modified score at `coefficients`.
    value: f64,
    score: Vec<f64>,
    information: Vec<f64>,
    means: Vec<f64>,
    weights: Vec<f64>,
}

impl<'a> Scoring<'a> {
    fn new(data: &'a LogisticData) -> Self {
        Self {
            rows: data.rows(),
            coefficients: vec![0.0; data.width],
            value: f64::NEG_INFINITY,
            score: vec![0.0; data.width],
            information: vec![0.0; data.width * data.width],
            means: vec![0.0; data.patients()],
            weights: vec![0.0; data.patients()],
        }
    }

    /// Maximises over the coefficients `free`, the others staying where they are.
    fn maximize(&mut self, free: &[usize]) -> Result<usize, LogisticError> {
        self.evaluate();
        for iteration in 1..=ITERATIONS {
            let Some(mut step) = self.step(free) else {
                break;
            };
            let (before, value) = (self.coefficients.clone(), self.value);
            let small = step.iter().all(|s| s.abs() < TOLERANCE);
            for _ in 0..60 {
                for (k, s) in free.iter().zip(&step) {
                    self.coefficients[*k] = before[*k] + s;
                }
                self.evaluate();
                if self.value >= value - 1e-11 * (1.0 + value.abs()) {
                    break;
                }
                for s in &mut step {
                    *s *= 0.5;
                }
            }
            if small {
                return Ok(iteration);
            }
        }
        Err(LogisticError::NotConverged {
            iterations: ITERATIONS,
            largest_gradient: self.score.iter().fold(0.0, |m, g| f64::max(m, g.abs())),
        })
    }

    /// The step of the free coefficients from their own block of the information.
    fn step(&self, free: &[usize]) -> Option<Vec<f64>> {
        let size = free.len();
        let width = self.score.len();
        let mut block = vec![0.0; size * size];
        for (a, row) in free.iter().enumerate() {
            for (b, column) in free.iter().enumerate().take(a + 1) {
                block[a * size + b] = self.information[row * width + column];
            }
        }
        factorize(&mut block, size).ok()?;
        let mut step: Vec<f64> = free.iter().map(|k| self.score[*k]).collect();
        solve(&block, &mut step);
        Some(step)
    }

    /// Sets value, score and information; the value is −∞ where the information is singular.
    fn evaluate(&mut self) {
        let width = self.score.len();
        let predictors = linear_predictors(&self.rows, &self.coefficients);
        self.information.fill(0.0);
        for (i, row) in self.rows.matrix.chunks_exact(width).enumerate() {
            let mean = numerics::expit(predictors[i]);
            let e = numerics::exp(-predictors[i].abs());
            let weight = e / ((1.0 + e) * (1.0 + e));
            self.means[i] = mean;
            self.weights[i] = weight;
            for (a, x) in row.iter().enumerate() {
                let line = &mut self.information[a * width..=a * width + a];
                for (sum, other) in line.iter_mut().zip(row) {
                    *sum += weight * x * other;
                }
            }
        }
        let mut factor = self.information.clone();
        if factorize(&mut factor, width).is_err() {
            self.value = f64::NEG_INFINITY;
            return;
        }
        let half_ln_determinant =
            (0..width).fold(0.0, |total, j| total + numerics::ln(factor[j * width + j]));
        self.value = log_likelihood(&self.rows, &predictors) + half_ln_determinant;
        self.score.fill(0.0);
        let mut solved = vec![0.0; width];
        for (i, row) in self.rows.matrix.chunks_exact(width).enumerate() {
            // h = w |L⁻¹ x|².
            let mut square = 0.0;
            for a in 0..width {
                let line = &factor[a * width..=a * width + a];
                let mut value = row[a];
                for (l, s) in line[..a].iter().zip(&solved[..a]) {
                    value -= l * s;
                }
                solved[a] = value / line[a];
                square += solved[a] * solved[a];
            }
            let leverage = self.weights[i] * square;
            let residual = self.rows.events[i] - self.means[i] + leverage * (0.5 - self.means[i]);
            for (score, x) in self.score.iter_mut().zip(row) {
                *score += residual * x;
            }
        }
    }
}
