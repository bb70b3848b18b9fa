//! Applies the exclusions of the cohort, in order, and counts them.

use serde::Serialize;

use crate::data::{self, FlowStep};
use crate::engine::{Outputs, Step};
use crate::plan::places;

use super::error::StepError;
use super::frame::{Frame, Patients};
use super::sources::{Make, Sources, parameters};

#[derive(Serialize)]
struct Flow {
    screened: usize,
    rules: Vec<FlowStep>,
    included: usize,
}

pub(super) fn step(sources: &Sources) -> Step {
    let cohort = sources.plan.cohort.clone();
    let names: Vec<&str> = cohort
        .rules
        .iter()
        .flat_map(|rule| rule.condition.values())
        .collect();
    let mut inputs = Patients::inputs(sources);
    inputs.extend(sources.values(names, Sources::raw));
    let declared = inputs.clone();
    Make {
        id: places::cohort(&cohort.name),
        kind: "cohort",
        version: 1,
        parameters: parameters(&cohort),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let patients = Patients::read(inputs)?;
        let frame = Frame::read(inputs, &declared)?;
        let result = data::apply_rules(&frame.of(&patients)?, &cohort.rules).map_err(|error| {
            StepError::of(format!("cohort {}", cohort.name), &error, error.hint())
        })?;
        let mut outputs = Outputs::new();
        outputs.json("members", &result.members)?;
        outputs.json(
            "flow",
            &Flow {
                screened: result.screened,
                included: result.members.len(),
                rules: result.flow,
            },
        )?;
        Ok(outputs)
    })
}
