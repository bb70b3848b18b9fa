//! Divides the cohort into sets.

use std::collections::BTreeMap;

use crate::data;
use crate::engine::{Outputs, Step};
use crate::plan::{Split, SplitRule, places};

use super::error::StepError;
use super::frame::{Frame, Patients, json};
use super::sources::{Make, Sources, input, parameters};

pub(super) fn step(sources: &Sources, split: &Split) -> Step {
    let names: Vec<&str> = match &split.rule {
        SplitRule::Ratio { stratified_by, .. } => {
            stratified_by.iter().map(String::as_str).collect()
        }
        SplitRule::Column { column, .. } | SplitRule::Date { column, .. } => vec![column],
    };
    let mut inputs = Patients::inputs(sources);
    inputs.push(input("members", sources.set(&sources.plan.cohort.name)));
    inputs.extend(sources.values(names, Sources::raw));
    let declared = inputs.clone();
    let seed = sources.plan.study.seed;
    let draws = matches!(split.rule, SplitRule::Ratio { .. });
    let split = split.clone();
    Make {
        id: places::split(),
        kind: "split",
        version: 1,
        parameters: parameters(&split),
        seed: draws.then_some(seed),
        inputs,
    }
    .step(move |inputs| {
        let patients = Patients::read(inputs)?;
        let members: Vec<usize> = json(inputs, "members")?;
        let frame = Frame::read(inputs, &declared)?;
        let sets = data::split(
            &split,
            &frame.of(&patients)?,
            &members,
            seed,
            &places::split(),
        )
        .map_err(|error| StepError::of("split", &error, error.hint()))?;
        let mut outputs = Outputs::new();
        let mut sizes = BTreeMap::new();
        for (name, set) in split.sets.iter().zip(&sets) {
            outputs.json(&places::set_output(name), set)?;
            sizes.insert(name.clone(), set.len());
        }
        outputs.json("sizes", &sizes)?;
        Ok(outputs)
    })
}
