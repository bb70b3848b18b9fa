//! Hazard ratio of a treatment that was not randomised, by inverse probability of treatment weights.
//!
//! e(x) = P(treated | x) by logistic regression on the confounders. Weights for the average treatment effect: 1/e for
//! treated, 1/(1 − e) for untreated, if stabilised times P(treated) and P(untreated); for the effect in the treated: 1,
//! and e/(1 − e) for untreated. Then a weighted Cox model of treatment alone, with robust variance (which takes the
//! weights as known: for the average effect it is on the safe side).
//! Effective sample size of an arm: (Σw)²/Σw². Balance: (mean of treated − mean of untreated) / √((v₁ + v₀)/2), the
//! variances unweighted in both columns (n − 1; p (1 − p) for columns of 0 and 1), weighted means after weighting.
//! Missing values: the caller drops rows. Errors: one arm only; a propensity model without a finite estimate.
//! Source: Rosenbaum & Rubin 1983; Cole & Hernán 2004; Austin 2011.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::cox::column_name;
use super::ordering::{check, check_length};
use super::{CoxCoefficient, CoxOptions, SurvivalError, Ties, cox};
use crate::numerics::{dot, mean, sum, variance};
use crate::statistics::{Column, Design, Term, logistic_regression};

/// Whose average effect the weights stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Estimand {
    AverageTreatmentEffect,
    AverageTreatmentEffectOnTheTreated,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InverseProbabilityWeighting {
    /// Of the propensity model, intercept first.
    pub propensity_coefficients: Vec<PropensityCoefficient>,
    /// In the order of the patients.
    pub propensity: Vec<f64>,
    pub weights: Vec<f64>,
    pub weight_mean: f64,
    pub weight_smallest: f64,
    pub weight_largest: f64,
    pub effective_sample_size_untreated: f64,
    pub effective_sample_size_treated: f64,
    pub balance: Vec<Balance>,
    pub unweighted: CoxCoefficient,
    pub weighted: CoxCoefficient,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropensityCoefficient {
    pub column: String,
    pub coefficient: f64,
}

/// Signed standardised differences of one confounder column; none where the column does not vary in either arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    pub term: String,
    pub level: Option<String>,
    pub before: Option<f64>,
    pub after: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
pub struct WeightingOptions<'a> {
    /// The name of the treatment, for the results.
    pub treatment: &'a str,
    pub estimand: Estimand,
    /// Only for the average treatment effect.
    pub stabilized: bool,
    pub ties: Ties,
    pub level: f64,
}

/// `confounders` has a row a patient and no intercept.
pub fn inverse_probability_weighting(
    times: &[f64],
    events: &[bool],
    treated: &[bool],
    confounders: &Design,
    options: &WeightingOptions,
) -> Result<InverseProbabilityWeighting, SurvivalError> {
    check(times, events)?;
    let size = times.len();
    check_length("the treatment", size, treated.len())?;
    check_length("the table of confounders", size, confounders.matrix.nrows())?;
    let treated_count = treated.iter().filter(|t| **t).count();
    if treated_count == 0 || treated_count == size {
        return Err(SurvivalError::OneArm {
            treated: treated_count > 0,
        });
    }
    let model = logistic_regression(confounders, treated, options.level).map_err(|error| {
        SurvivalError::PropensityModel {
            reason: error.to_string(),
        }
    })?;
    let share = treated_count as f64 / size as f64;
    let weights: Vec<f64> = treated
        .iter()
        .zip(&model.fitted)
        .map(|(treated, e)| weight(options, *treated, *e, share))
        .collect();

    let treatment = Design {
        matrix: Array2::from_shape_fn((size, 1), |(row, _)| f64::from(treated[row])),
        columns: vec![Column {
            term: options.treatment.to_owned(),
            level: None,
        }],
        terms: vec![Term {
            name: options.treatment.to_owned(),
            columns: 0..1,
        }],
    };
    let fit = |weights: Option<&[f64]>| {
        let cox_options = CoxOptions {
            ties: options.ties,
            strata: None,
            weights,
            robust: weights.is_some(),
            level: options.level,
        };
        Ok(cox(times, events, &treatment, &cox_options)?.coefficients[0].clone())
    };
    let of_arm = |arm: bool| -> Vec<f64> {
        let rows = treated.iter().zip(&weights);
        rows.filter(|(t, _)| **t == arm).map(|(_, w)| *w).collect()
    };
    let coefficients = std::iter::once(("(Intercept)".to_owned(), model.intercept.coefficient))
        .chain(
            model
                .coefficients
                .iter()
                .enumerate()
                .map(|(j, c)| (column_name(confounders, j), c.coefficient)),
        );
    Ok(InverseProbabilityWeighting {
        propensity_coefficients: coefficients
            .map(|(column, coefficient)| PropensityCoefficient {
                column,
                coefficient,
            })
            .collect(),
        weight_mean: mean(&weights),
        weight_smallest: weights.iter().fold(f64::INFINITY, |m, w| m.min(*w)),
        weight_largest: weights.iter().fold(0.0, |m, w| w.max(m)),
        effective_sample_size_untreated: effective_sample_size(&of_arm(false)),
        effective_sample_size_treated: effective_sample_size(&of_arm(true)),
        balance: balance(confounders, treated, &weights),
        unweighted: fit(None)?,
        weighted: fit(Some(&weights))?,
        propensity: model.fitted,
        weights,
    })
}

fn weight(options: &WeightingOptions, treated: bool, propensity: f64, share: f64) -> f64 {
    let (probability, marginal) = if treated {
        (propensity, share)
    } else {
        (1.0 - propensity, 1.0 - share)
    };
    match options.estimand {
        Estimand::AverageTreatmentEffectOnTheTreated if treated => 1.0,
        Estimand::AverageTreatmentEffectOnTheTreated => propensity / (1.0 - propensity),
        Estimand::AverageTreatmentEffect if options.stabilized => marginal / probability,
        Estimand::AverageTreatmentEffect => 1.0 / probability,
    }
}

fn effective_sample_size(weights: &[f64]) -> f64 {
    let total = sum(weights);
    total * total / dot(weights, weights)
}

fn balance(confounders: &Design, treated: &[bool], weights: &[f64]) -> Vec<Balance> {
    let of_column = |j: usize| {
        let values = confounders.matrix.column(j);
        let binary = values.iter().all(|v| *v == 0.0 || *v == 1.0);
        let arm = |arm: bool| {
            let rows = (0..treated.len()).filter(|row| treated[*row] == arm);
            let (x, w): (Vec<f64>, Vec<f64>) = rows.map(|row| (values[row], weights[row])).unzip();
            let plain = mean(&x);
            let spread = if binary {
                plain * (1.0 - plain)
            } else {
                variance(&x)
            };
            (plain, dot(&w, &x) / sum(&w), spread)
        };
        let (untreated, treated) = (arm(false), arm(true));
        let spread = ((untreated.2 + treated.2) / 2.0).sqrt();
        let standardised = |difference: f64| (spread > 0.0).then(|| difference / spread);
        Balance {
            term: confounders.columns[j].term.clone(),
            level: confounders.columns[j].level.clone(),
            before: standardised(treated.0 - untreated.0),
            after: standardised(treated.1 - untreated.1),
        }
    };
    (0..confounders.columns.len()).map(of_column).collect()
}
