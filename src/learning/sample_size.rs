//! How many patients a model of a binary outcome needs.
//!
//! **Events per variable**: patients in the smaller class, divided by the candidate parameters (dummy columns and
//! non-linear terms count, also those that selection drops). A rule of thumb asks for 10.
//!
//! **Criteria of Riley et al.** (Stat Med 2019; 38: 1276–1296; BMJ 2020; 368: m441; R's `pmsampsize(type = "b")`) for P
//! parameters, an anticipated Cox–Snell R² and the outcome's prevalence φ:
//! 1. expected shrinkage S of at least 0.9: n = P / ((S − 1) ln(1 − R² / S));
//! 2. apparent minus adjusted Nagelkerke R² of at most 0.05: the same n with S = R² / (R² + 0.05 max R²);
//! 3. the overall risk estimated to ± 0.05: n = (1.96 / 0.05)² φ (1 − φ).
//!
//! max R² = 1 − (φ^φ (1 − φ)^(1 − φ))². Each n is rounded up to a whole patient; the largest counts.

use serde::{Deserialize, Serialize};

use crate::numerics::{exp, ln, ln_1p};

use super::LearningError;
use super::input::check_at_least;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventsPerVariable {
    pub patients: usize,
    pub events: usize,
    /// Patients of the smaller class.
    pub limiting: usize,
    pub parameters: usize,
    pub events_per_variable: f64,
}

/// Events per variable of a model with `parameters` candidate parameters.
pub fn events_per_variable(
    outcome: &[bool],
    parameters: usize,
) -> Result<EventsPerVariable, LearningError> {
    if outcome.is_empty() {
        return Err(LearningError::NoPatients);
    }
    check_at_least("the number of candidate parameters", parameters, 1)?;
    let events = outcome.iter().filter(|event| **event).count();
    let limiting = events.min(outcome.len() - events);
    Ok(EventsPerVariable {
        patients: outcome.len(),
        events,
        limiting,
        parameters,
        events_per_variable: limiting as f64 / parameters as f64,
    })
}

/// What is anticipated of the model to be developed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnticipatedModel {
    /// Candidate parameters.
    pub parameters: usize,
    /// The fraction of patients with the event.
    pub prevalence: f64,
    /// Of an earlier model, adjusted for optimism; without one Riley et al. take 15 % of the maximum
    /// (`cox_snell_of_nagelkerke` with 0.15).
    pub cox_snell_r_squared: f64,
}

/// The patients that each criterion asks for, and the whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleSize {
    pub max_cox_snell_r_squared: f64,
    pub patients_for_shrinkage: u64,
    pub patients_for_r_squared_difference: u64,
    /// The shrinkage that the second criterion implies.
    pub shrinkage_of_r_squared_difference: f64,
    pub patients_for_overall_risk: u64,
    /// The largest of the three.
    pub patients: u64,
    /// The events expected among them, rounded up.
    pub events: u64,
    pub events_per_parameter: f64,
}

/// Shrinkage, difference of R² and margin of the overall risk that Riley et al. recommend.
const SHRINKAGE: f64 = 0.9;
const R_SQUARED_DIFFERENCE: f64 = 0.05;
const RISK_MARGIN: f64 = 0.05;
/// As in the papers, not the quantile's further digits.
const NORMAL_QUANTILE: f64 = 1.96;

/// The criteria of Riley et al. for developing a model of a binary outcome.
pub fn sample_size_binary(model: &AnticipatedModel) -> Result<SampleSize, LearningError> {
    check_at_least("the number of candidate parameters", model.parameters, 1)?;
    let maximum = max_cox_snell_r_squared(model.prevalence)?;
    let r_squared = model.cox_snell_r_squared;
    if !(r_squared > 0.0 && r_squared < maximum) {
        return Err(LearningError::BadOption {
            option: "the Cox–Snell R²".to_owned(),
            value: r_squared,
            allowed: format!(
                "above 0 and below {maximum:.4}, the largest possible with this prevalence"
            ),
        });
    }
    let parameters = model.parameters as f64;
    let for_shrinkage =
        |shrinkage: f64| parameters / ((shrinkage - 1.0) * ln_1p(-r_squared / shrinkage));
    let second_shrinkage = r_squared / (r_squared + R_SQUARED_DIFFERENCE * maximum);
    let ratio = NORMAL_QUANTILE / RISK_MARGIN;
    let first = whole(for_shrinkage(SHRINKAGE));
    let second = whole(for_shrinkage(second_shrinkage));
    let third = whole(ratio * ratio * model.prevalence * (1.0 - model.prevalence));
    let patients = first.max(second).max(third);
    Ok(SampleSize {
        max_cox_snell_r_squared: maximum,
        patients_for_shrinkage: first,
        patients_for_r_squared_difference: second,
        shrinkage_of_r_squared_difference: second_shrinkage,
        patients_for_overall_risk: third,
        patients,
        events: whole(patients as f64 * model.prevalence),
        events_per_parameter: patients as f64 * model.prevalence / parameters,
    })
}

/// The Cox–Snell R² of a Nagelkerke R² (a fraction of the largest possible) at this prevalence.
pub fn cox_snell_of_nagelkerke(
    nagelkerke_r_squared: f64,
    prevalence: f64,
) -> Result<f64, LearningError> {
    if !(nagelkerke_r_squared > 0.0 && nagelkerke_r_squared < 1.0) {
        return Err(LearningError::BadOption {
            option: "the Nagelkerke R²".to_owned(),
            value: nagelkerke_r_squared,
            allowed: "between 0 and 1".to_owned(),
        });
    }
    Ok(nagelkerke_r_squared * max_cox_snell_r_squared(prevalence)?)
}

fn max_cox_snell_r_squared(prevalence: f64) -> Result<f64, LearningError> {
    if !(prevalence > 0.0 && prevalence < 1.0) {
        return Err(LearningError::BadOption {
            option: "the prevalence".to_owned(),
            value: prevalence,
            allowed: "between 0 and 1".to_owned(),
        });
    }
    let log_likelihood = prevalence * ln(prevalence) + (1.0 - prevalence) * ln_1p(-prevalence);
    Ok(1.0 - exp(2.0 * log_likelihood))
}

/// Rounded up, but not for a rounding error above a whole number.
fn whole(patients: f64) -> u64 {
    (patients - 1e-9).ceil() as u64
}
