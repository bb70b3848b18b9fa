//! Cox proportional hazards regression for right-censored times.
//!
//! λ(t | x) = λ₀(t) exp(xᵀβ), a baseline hazard a stratum. β̂ maximises the partial likelihood (`likelihood.rs`) by
//! Newton's method from 0 with step-halving, run until the step is below 1e-7 standard deviations' worth of every
//! column, so that estimates are those of the maximum, not of an early stop. Columns are centred and scaled inside;
//! everything reported is on the scale given.
//! Tests of β = 0: likelihood ratio, Wald, score. Interval: exp(β̂ ± z SE). Robust variance: `robust.rs`.
//! Times: one unit, not negative; ties are handled by Efron's (default in R) or Breslow's approximation.
//! Missing values: the caller drops rows. Errors name the column: constant among those at risk, collinear with the
//! columns before it, or a monotone likelihood (no finite maximum, Jacobsen 1989), which is proved, not guessed:
//! along the direction found, every event has the largest value of its risk set (where no direction can be shown,
//! `NotConverged`).
//! Source: Cox 1972; Efron 1977; Breslow 1974; convention of R `survival::coxph`.

mod baseline;
mod exact;
mod firth;
mod likelihood;
mod newton;
mod prepared;
mod proportional_hazards;
mod robust;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::SurvivalError;
use super::concordance::{Concordance, Sorted};
use super::ordering::{check_columns, check_level};
use crate::numerics::{Cholesky, chi_squared_upper, dot, exp, normal_quantile, normal_two_sided};
use crate::statistics::Design;

pub use baseline::{BaselineHazard, baseline_hazards, predict_survival};
pub use exact::{ExactCox, cox_exact};
pub use firth::{FirthCoefficient, FirthCox, cox_firth};
use likelihood::{Workspace, derivatives};
use newton::Extreme;
use prepared::Prepared;
pub use proportional_hazards::{ProportionalHazards, proportional_hazards_test};

/// How events at the same time share their risk set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ties {
    Efron,
    Breslow,
}

#[derive(Clone, Copy, Debug)]
pub struct CoxOptions<'a> {
    pub ties: Ties,
    /// Codes; each has its own baseline hazard.
    pub strata: Option<&'a [usize]>,
    /// Positive case weights.
    pub weights: Option<&'a [f64]>,
    /// Tests and intervals from the robust variance rather than from the information.
    pub robust: bool,
    /// Confidence level of the intervals, say 0.95.
    pub level: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChiSquaredTest {
    pub statistic: f64,
    pub degrees_of_freedom: usize,
    pub p_value: f64,
}

impl ChiSquaredTest {
    pub(super) fn new(statistic: f64, degrees_of_freedom: usize) -> Self {
        Self {
            statistic,
            degrees_of_freedom,
            p_value: chi_squared_upper(statistic, degrees_of_freedom as f64),
        }
    }
}

/// One column of the design. `lower` and `upper` are limits of the hazard ratio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxCoefficient {
    pub term: String,
    /// The level of a category, none for a number.
    pub level: Option<String>,
    pub coefficient: f64,
    pub hazard_ratio: f64,
    /// From the information matrix.
    pub standard_error: f64,
    pub robust_standard_error: Option<f64>,
    /// From the robust standard error if there is one, like `p_value` and the limits.
    pub z: f64,
    pub p_value: f64,
    pub lower: f64,
    pub upper: f64,
}

/// The Wald test of all columns of a term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermTest {
    pub term: String,
    pub test: ChiSquaredTest,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxFit {
    pub patients: usize,
    pub events: usize,
    pub ties: Ties,
    pub level: f64,
    pub coefficients: Vec<CoxCoefficient>,
    pub terms: Vec<TermTest>,
    /// Of the coefficients: robust if asked, else the inverse information.
    pub covariance: Vec<Vec<f64>>,
    pub log_likelihood_null: f64,
    pub log_likelihood: f64,
    pub likelihood_ratio: ChiSquaredTest,
    pub wald: ChiSquaredTest,
    pub score: ChiSquaredTest,
    /// None if no two patients can be ordered.
    pub concordance: Option<Concordance>,
    /// Newton steps.
    pub iterations: usize,
}

impl CoxFit {
    pub fn beta(&self) -> Vec<f64> {
        self.coefficients.iter().map(|c| c.coefficient).collect()
    }

    /// xᵀβ̂ of each row of `matrix`, not centred; columns as in the design of the fit.
    pub fn linear_predictor(&self, matrix: &Array2<f64>) -> Result<Vec<f64>, SurvivalError> {
        check_columns(self.coefficients.len(), matrix.ncols())?;
        let beta = self.beta();
        Ok(matrix
            .rows()
            .into_iter()
            .map(|row| row.iter().zip(&beta).fold(0.0, |sum, (x, b)| sum + x * b))
            .collect())
    }
}

/// Fits the model. `design` has a row a patient.
pub fn cox(
    times: &[f64],
    events: &[bool],
    design: &Design,
    options: &CoxOptions,
) -> Result<CoxFit, SurvivalError> {
    check_level(options.level)?;
    let prepared = Prepared::new(times, events, design, options)?;
    let mut work = Workspace::new(&prepared);
    let maximum = newton::maximise(&prepared, design, Extreme::EachEvent, |beta| {
        derivatives(&prepared, beta, None, &mut work)
    })?;
    let covariance = prepared.unscaled(&maximum.covariance);
    let robust = options
        .robust
        .then(|| prepared.unscaled(&robust::covariance(&prepared, &maximum)));
    let beta = prepared.unscaled_beta(&maximum.beta);
    let used = robust.as_ref().unwrap_or(&covariance);
    let coefficients = coefficients(design, &beta, &covariance, robust.as_ref(), options.level);
    let terms = design
        .terms
        .iter()
        .filter(|term| !term.columns.is_empty())
        .map(|term| {
            Ok(TermTest {
                term: term.name.clone(),
                test: wald_test(&beta, used, term.columns.clone(), design)?,
            })
        })
        .collect::<Result<_, SurvivalError>>()?;
    let wald = wald_test(&beta, used, 0..beta.len(), design)?;
    Ok(CoxFit {
        patients: times.len(),
        events: events.iter().filter(|event| **event).count(),
        ties: options.ties,
        level: options.level,
        coefficients,
        terms,
        covariance: used.rows().into_iter().map(|row| row.to_vec()).collect(),
        log_likelihood_null: maximum.null_log_likelihood,
        log_likelihood: maximum.log_likelihood,
        likelihood_ratio: ChiSquaredTest::new(
            (2.0 * (maximum.log_likelihood - maximum.null_log_likelihood)).max(0.0),
            beta.len(),
        ),
        wald,
        score: ChiSquaredTest::new(maximum.score_statistic, beta.len()),
        concordance: concordance_of(prepared, &maximum.beta),
        iterations: maximum.iterations,
    })
}

fn coefficients(
    design: &Design,
    beta: &[f64],
    covariance: &Array2<f64>,
    robust: Option<&Array2<f64>>,
    level: f64,
) -> Vec<CoxCoefficient> {
    let used = robust.unwrap_or(covariance);
    let z_limit = -normal_quantile((1.0 - level) / 2.0);
    let columns = design.columns.iter().zip(beta).enumerate();
    columns
        .map(|(j, (column, beta))| {
            let spread = used[[j, j]].sqrt();
            let z = beta / spread;
            CoxCoefficient {
                term: column.term.clone(),
                level: column.level.clone(),
                coefficient: *beta,
                hazard_ratio: exp(*beta),
                standard_error: covariance[[j, j]].sqrt(),
                robust_standard_error: robust.map(|r| r[[j, j]].sqrt()),
                z,
                p_value: normal_two_sided(z),
                lower: exp(beta - z_limit * spread),
                upper: exp(beta + z_limit * spread),
            }
        })
        .collect()
}

fn concordance_of(prepared: Prepared, beta: &[f64]) -> Option<Concordance> {
    let predictor = prepared.linear_predictor(beta);
    Sorted {
        time: prepared.time,
        event: prepared.event,
        weight: prepared.weight,
        predictor,
        stratum_ends: prepared
            .strata
            .iter()
            .map(|stratum| stratum.rows.end)
            .collect(),
    }
    .concordance()
}

/// βᵀ V⁻¹ β over some of the columns.
fn wald_test(
    beta: &[f64],
    covariance: &Array2<f64>,
    columns: std::ops::Range<usize>,
    design: &Design,
) -> Result<ChiSquaredTest, SurvivalError> {
    let part = &beta[columns.clone()];
    // On the scale of correlations, whatever the columns' units are.
    let spread: Vec<f64> = columns.clone().map(|j| covariance[[j, j]].sqrt()).collect();
    let matrix = Array2::from_shape_fn((part.len(), part.len()), |(a, b)| {
        covariance[[columns.start + a, columns.start + b]] / (spread[a] * spread[b])
    });
    let z: Vec<f64> = part.iter().zip(&spread).map(|(b, s)| b / s).collect();
    let factor = Cholesky::new(&matrix, 1e-14).map_err(|error| SurvivalError::CollinearColumn {
        column: column_name(design, columns.start + error.column),
    })?;
    Ok(ChiSquaredTest::new(dot(&z, &factor.solve(&z)), part.len()))
}

/// A column as messages call it: the term, with the level if it has one.
pub(super) fn column_name(design: &Design, column: usize) -> String {
    let column = &design.columns[column];
    match &column.level {
        Some(level) => format!("{} ({level})", column.term),
        None => column.term.clone(),
    }
}

/// One term of a design fitted alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnivariableCox {
    pub term: String,
    pub fit: Result<CoxFit, SurvivalError>,
}

/// Fits each term alone. The p value of a term is that of `fit.terms[0]`; a term that cannot be estimated says why
/// and does not stop the others.
pub fn cox_univariable(
    times: &[f64],
    events: &[bool],
    design: &Design,
    options: &CoxOptions,
) -> Vec<UnivariableCox> {
    (0..design.terms.len())
        .map(|term| UnivariableCox {
            term: design.terms[term].name.clone(),
            fit: cox(times, events, &design.select(&[term]), options),
        })
        .collect()
}
