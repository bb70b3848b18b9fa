//! Dummy cohorts: clinical tables, images, regions and re-readings that fit what a study declares, from a seed, so that it can
//! be tried before there are data. What else a cohort should be like stands in a settings file beside the study.

mod body;
mod clinical;
mod cohort;
mod conditions;
mod days;
mod declared;
mod error;
mod field;
mod images;
mod noise;
mod outcomes;
mod settings;
mod settings_check;
mod tables;
mod tumour;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use cohort::Cohort;
pub use error::{SettingsError, SettingsProblem, SimulationError};
pub use settings::{Settings, SettingsFile};
pub use write::{MARKER, Marker, Simulation, Written};

use crate::numerics::Random;
use crate::plan::Plan;
use settings::OutcomeSettings;

/// The patients of a study and the values of their columns.
pub fn simulate_cohort(
    plan: &Plan,
    file: &SettingsFile,
    seed: u64,
) -> Result<Cohort, SimulationError> {
    settings_check::check(plan, file).map_err(SimulationError::Settings)?;
    let settings = &file.settings;
    let mut excluded = Vec::new();
    let mut set: Vec<BTreeMap<String, [f64; 2]>> = Vec::new();
    for rule in &plan.cohort.rules {
        let declared = settings.exclusion.iter().find(|e| e.rule == rule.label);
        excluded.push(match declared {
            Some(exclusion) => exclusion.count,
            None => settings.patients / 40,
        });
        set.push(declared.map(|e| e.set.clone()).unwrap_or_default());
    }
    let mut random = Random::new(seed, "simulate.patients");
    let mut cohort = Cohort::new(settings.patients, &excluded, &mut random);
    clinical::draw(plan, file, &mut cohort, seed).map_err(SimulationError::Settings)?;
    if let Some(outcome) = &settings.outcome {
        outcomes::draw(outcome, &mut cohort, seed);
    }
    declared::draw(plan, &mut cohort, seed);
    let kept: BTreeSet<String> = settings
        .category
        .keys()
        .chain(settings.number.keys())
        .chain(settings.joint.iter().flat_map(|joint| &joint.columns))
        .cloned()
        .chain(
            settings
                .outcome
                .iter()
                .flat_map(OutcomeSettings::columns)
                .map(str::to_owned),
        )
        .collect();
    conditions::apply(plan, &mut cohort, &kept, &set, seed)?;
    if let Some(outcome) = &settings.outcome {
        outcomes::cut_at_last_contact(outcome, &mut cohort);
    }
    declared::leave_out(plan, &mut cohort, &kept, seed);
    Ok(cohort)
}
