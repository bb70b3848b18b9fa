//! Is there enough data for a model? Events for each candidate parameter, and the patients that Riley et al. ask for.

use serde::Serialize;

use crate::learning::{
    AnticipatedModel, cox_snell_of_nagelkerke, events_per_variable, sample_size_binary,
};

#[derive(Serialize)]
pub(super) struct ModelSize {
    /// Columns of all candidates, also of those that selection drops.
    parameters: usize,
    events_per_variable: f64,
    /// By the criteria of Riley et al. with a Nagelkerke R² of 0.15, for want of an earlier model.
    patients_needed: u64,
    /// Fewer than 10 events for each parameter.
    few_events: bool,
    /// Fewer patients than needed.
    few_patients: bool,
}

/// What Riley et al. take without an earlier model.
const NAGELKERKE: f64 = 0.15;
const RULE_OF_THUMB: f64 = 10.0;

/// None where nothing can be said: no parameters, or an outcome with one class, which no model comes from.
pub(super) fn model_size(outcome: &[bool], parameters: usize) -> Option<ModelSize> {
    let events = events_per_variable(outcome, parameters).ok()?;
    let prevalence = events.events as f64 / events.patients as f64;
    let needed = sample_size_binary(&AnticipatedModel {
        parameters,
        prevalence,
        cox_snell_r_squared: cox_snell_of_nagelkerke(NAGELKERKE, prevalence).ok()?,
    })
    .ok()?;
    Some(ModelSize {
        parameters,
        events_per_variable: events.events_per_variable,
        patients_needed: needed.patients,
        few_events: events.events_per_variable < RULE_OF_THUMB,
        few_patients: (events.patients as u64) < needed.patients,
    })
}
