//! Likelihood ratio tests of whole terms and of the whole model in logistic regression.
//!
//! χ² = 2 (ℓ of the model − ℓ without the term), with as many degrees of freedom as the term has columns (k − 1 for a
//! category of k levels). Each model is fitted to full convergence. `aic_without` is the AIC of the model without the
//! term. Convention: R `drop1(test = "LRT")` and `anova` with the empty model.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::design::Design;
use super::logistic_data::LogisticData;
use super::logistic_error::LogisticError;
use super::logistic_newton::{linear_predictors, log_likelihood};
use super::separation::fit_or_explain;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermTest {
    pub term: String,
    pub degrees_of_freedom: usize,
    pub chi_squared: f64,
    pub p_value: f64,
    pub aic_without: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LikelihoodRatioTests {
    /// In the order of the design's terms.
    pub terms: Vec<TermTest>,
    pub model_chi_squared: f64,
    pub model_degrees_of_freedom: usize,
    pub model_p_value: f64,
}

pub fn likelihood_ratio_tests(
    design: &Design,
    outcome: &[bool],
) -> Result<LikelihoodRatioTests, LogisticError> {
    let data = LogisticData::new(design, outcome)?;
    let full = maximum(&data)?;
    let terms = (0..data.terms.len())
        .map(|dropped| {
            let rest: Vec<usize> = (0..data.terms.len()).filter(|t| *t != dropped).collect();
            let smaller = data.select(&rest);
            let without = maximum(&smaller)?;
            let degrees_of_freedom = data.terms[dropped].columns.len();
            let (chi_squared, p_value) = test(full, without, degrees_of_freedom);
            Ok(TermTest {
                term: data.terms[dropped].name.clone(),
                degrees_of_freedom,
                chi_squared,
                p_value,
                aic_without: 2.0 * smaller.width as f64 - 2.0 * without,
            })
        })
        .collect::<Result<_, LogisticError>>()?;
    let model_degrees_of_freedom = data.width - 1;
    let (model_chi_squared, model_p_value) =
        test(full, data.null_log_likelihood(), model_degrees_of_freedom);
    Ok(LikelihoodRatioTests {
        terms,
        model_chi_squared,
        model_degrees_of_freedom,
        model_p_value,
    })
}

/// The maximum of the log-likelihood.
pub(super) fn maximum(data: &LogisticData) -> Result<f64, LogisticError> {
    let (newton, _) = fit_or_explain(data)?;
    let predictors = linear_predictors(&data.rows(), &newton.coefficients);
    Ok(log_likelihood(&data.rows(), &predictors))
}

/// χ² and p of a model against a smaller one. A term without columns has nothing to test: p is 1.
pub(super) fn test(full: f64, without: f64, degrees_of_freedom: usize) -> (f64, f64) {
    let chi_squared = (2.0 * (full - without)).max(0.0);
    if degrees_of_freedom == 0 {
        return (chi_squared, 1.0);
    }
    (
        chi_squared,
        numerics::chi_squared_upper(chi_squared, degrees_of_freedom as f64),
    )
}
