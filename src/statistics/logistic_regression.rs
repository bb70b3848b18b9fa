//! Logistic regression by maximum likelihood, with Wald tests and intervals.
//!
//! logit P(event) = β₀ + x β. Newton's method (iteratively reweighted least squares) with step-halving, on standardised
//! columns, until no coefficient moves by 1e-8; the last step squares that error, so estimates and standard errors are
//! those of the maximum itself (R's `glm` stops at a relative change of deviance of 1e-8, with standard errors of the
//! step before). z = β / SE, two-sided p from the normal distribution, limits β ± z_level SE. AIC = −2ℓ + 2k,
//! BIC = −2ℓ + k ln n, k counting the intercept.
//! Missing values: the caller drops rows. Separation, collinearity and constant columns are errors that name the column.
//! Source: McCullagh & Nelder 1989, chapter 4; R `stats::glm(family = binomial)`.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::design::{Column, Design};
use super::logistic_data::{LogisticData, predict};
use super::logistic_error::{LogisticError, check_fraction};
use super::logistic_newton::{linear_predictors, log_likelihood};
use super::separation::fit_or_explain;

/// One coefficient; `level` is none for a number. Limits are at the confidence level of the fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coefficient {
    pub term: String,
    pub level: Option<String>,
    pub coefficient: f64,
    pub standard_error: f64,
    pub z: f64,
    pub p_value: f64,
    pub low: f64,
    pub high: f64,
    pub odds_ratio: f64,
    pub odds_ratio_low: f64,
    pub odds_ratio_high: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticRegression {
    pub intercept: Coefficient,
    /// In the order of the design's columns.
    pub coefficients: Vec<Coefficient>,
    /// Of all coefficients, intercept first.
    pub covariance: Vec<Vec<f64>>,
    pub patients: usize,
    pub events: usize,
    pub log_likelihood: f64,
    pub null_log_likelihood: f64,
    pub deviance: f64,
    pub null_deviance: f64,
    pub aic: f64,
    pub bic: f64,
    /// P(event) of each patient, in the order of the rows.
    pub fitted: Vec<f64>,
    pub confidence_level: f64,
    pub iterations: usize,
    /// The largest absolute gradient of ℓ at the estimate, on standardised columns.
    pub largest_gradient: f64,
}

/// Fits `outcome` (true is an event) on the columns of `design` and an intercept.
pub fn logistic_regression(
    design: &Design,
    outcome: &[bool],
    confidence_level: f64,
) -> Result<LogisticRegression, LogisticError> {
    check_fraction("the confidence level", confidence_level)?;
    fit(&LogisticData::new(design, outcome)?, confidence_level)
}

/// The fit of data already checked.
pub(super) fn fit(
    data: &LogisticData,
    confidence_level: f64,
) -> Result<LogisticRegression, LogisticError> {
    let (newton, iterations) = fit_or_explain(data)?;
    let largest_gradient = newton
        .gradient
        .iter()
        .fold(0.0, |m, g| f64::max(m, g.abs()));
    let covariance = newton
        .covariance()
        .map_err(|_| LogisticError::NotConverged {
            iterations,
            largest_gradient,
        })?;
    let covariance = data.covariance_on_data_scale(&covariance);
    let estimates = data.on_data_scale(&newton.coefficients);
    let quantile = numerics::normal_quantile(0.5 + confidence_level / 2.0);
    let intercept_column = Column {
        term: "(Intercept)".to_owned(),
        level: None,
    };
    let mut coefficients: Vec<Coefficient> = std::iter::once(&intercept_column)
        .chain(&data.columns)
        .enumerate()
        .map(|(j, column)| wald(column, estimates[j], covariance[j][j].sqrt(), quantile))
        .collect();
    let intercept = coefficients.remove(0);
    let predictors = linear_predictors(&data.rows(), &newton.coefficients);
    let log_likelihood = log_likelihood(&data.rows(), &predictors);
    let null_log_likelihood = data.null_log_likelihood();
    let parameters = data.width as f64;
    Ok(LogisticRegression {
        intercept,
        coefficients,
        covariance,
        patients: data.patients(),
        events: data.events.iter().filter(|e| **e == 1.0).count(),
        log_likelihood,
        null_log_likelihood,
        deviance: -2.0 * log_likelihood,
        null_deviance: -2.0 * null_log_likelihood,
        aic: 2.0 * parameters - 2.0 * log_likelihood,
        bic: parameters * numerics::ln(data.patients() as f64) - 2.0 * log_likelihood,
        fitted: predictors.into_iter().map(numerics::expit).collect(),
        confidence_level,
        iterations,
        largest_gradient,
    })
}

/// A coefficient with its Wald test and limits at ± `quantile` standard errors.
pub(super) fn wald(
    column: &Column,
    estimate: f64,
    standard_error: f64,
    quantile: f64,
) -> Coefficient {
    let z = estimate / standard_error;
    let low = estimate - quantile * standard_error;
    let high = estimate + quantile * standard_error;
    Coefficient {
        term: column.term.clone(),
        level: column.level.clone(),
        coefficient: estimate,
        standard_error,
        z,
        p_value: numerics::normal_two_sided(z),
        low,
        high,
        odds_ratio: numerics::exp(estimate),
        odds_ratio_low: numerics::exp(low),
        odds_ratio_high: numerics::exp(high),
    }
}

impl LogisticRegression {
    /// The intercept and the coefficients, on the scale of the data.
    pub fn estimates(&self) -> Vec<f64> {
        std::iter::once(&self.intercept)
            .chain(&self.coefficients)
            .map(|c| c.coefficient)
            .collect()
    }

    /// β₀ + x β of other patients, whose design must have the same columns in the same order.
    pub fn linear_predictors(&self, design: &Design) -> Result<Vec<f64>, LogisticError> {
        let known = self.coefficients.iter().map(|c| (&c.term, &c.level));
        let given = design.columns.iter().map(|c| (&c.term, &c.level));
        if !known.eq(given) {
            return Err(LogisticError::LengthsDiffer {
                what: "the design of the new patients (its columns must be those of the model)"
                    .to_owned(),
                expected: self.coefficients.len(),
                found: design.columns.len(),
            });
        }
        Ok(predict(&design.matrix, &self.estimates()))
    }

    /// P(event) of other patients.
    pub fn probabilities(&self, design: &Design) -> Result<Vec<f64>, LogisticError> {
        Ok(self
            .linear_predictors(design)?
            .into_iter()
            .map(numerics::expit)
            .collect())
    }
}
