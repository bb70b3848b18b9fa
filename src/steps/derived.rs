//! A derived value: an expression over the values of each patient.

use crate::data;
use crate::engine::{Outputs, Step};
use crate::plan::places;

use super::error::StepError;
use super::frame::{Frame, Patients};
use super::sources::{Make, Sources};

pub(super) fn step(sources: &Sources, name: &str) -> Step {
    let derived = sources.plan.derived[name].clone();
    let mut inputs = Patients::inputs(sources);
    inputs.extend(sources.values(derived.expression.values(), Sources::raw));
    let declared = inputs.clone();
    let part = format!("derive {name}");
    Make {
        id: places::derived(name),
        kind: "derived_value",
        version: 1,
        parameters: serde_json::json!({ "kind": &derived.kind, "expression": &derived.expression }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let patients = Patients::read(inputs)?;
        let frame = Frame::read(inputs, &declared)?;
        let everybody: Vec<usize> = (0..patients.len()).collect();
        let values = data::derive(&derived, &frame.of(&patients)?, &everybody)
            .map_err(|error| StepError::of(&part, &error, error.hint().map(str::to_owned)))?;
        let mut outputs = Outputs::new();
        outputs.json("value", &values)?;
        Ok(outputs)
    })
}
