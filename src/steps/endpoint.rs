//! An endpoint: a yes_no outcome, or a time with an event.

use serde::{Deserialize, Serialize};

use crate::data::{self, ColumnValues, EndpointError};
use crate::engine::{Inputs, Outputs, Source, Step};
use crate::plan::{EndpointKind, places};

use super::error::StepError;
use super::frame::{Frame, Part, Patients, json};
use super::sources::{Fault, Make, Sources, input, output, parameters};

/// Times and events of every patient of the cohort's table, and how times are shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SurvivalValues {
    pub(super) times: Vec<Option<f64>>,
    pub(super) events: Vec<Option<bool>>,
    /// Times are shown multiplied by the first and divided by the second.
    pub(super) shown_as: (f64, f64),
    pub(super) unit: String,
}

pub(super) fn step(sources: &Sources, name: &str) -> Step {
    let endpoint = sources.plan.endpoints[name].clone();
    let mut names = Vec::new();
    match &endpoint.kind {
        EndpointKind::Binary { expression } => names.extend(expression.values()),
        EndpointKind::Survival { time, event, .. } => {
            names.extend(time.values());
            names.extend(event.values());
        }
    }
    let mut inputs = Patients::inputs(sources);
    inputs.push(input("members", sources.set(&sources.plan.cohort.name)));
    inputs.extend(sources.values(names, Sources::raw));
    let declared = inputs.clone();
    let part = format!("endpoint {name}");
    Make {
        id: places::endpoint(name),
        kind: "endpoint",
        version: 1,
        parameters: parameters(&endpoint.kind),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let patients = Patients::read(inputs)?;
        let members: Vec<usize> = json(inputs, "members")?;
        let frame = Frame::read(inputs, &declared)?;
        let frame = frame.of(&patients)?;
        let fault =
            |error: EndpointError| StepError::of(&part, &error, error.hint().map(str::to_owned));
        let mut outputs = Outputs::new();
        match &endpoint.kind {
            EndpointKind::Binary { expression } => {
                let found = data::binary_endpoint(expression, &frame, &members).map_err(fault)?;
                found.check_both_outcomes().map_err(fault)?;
                let values = spread(&found.values, &members, patients.len());
                outputs.json("value", &ColumnValues::YesNo(values))?;
            }
            EndpointKind::Survival {
                time,
                event,
                unit,
                shown_in,
            } => {
                let found =
                    data::survival_endpoint(time, event, &frame, &members).map_err(fault)?;
                found.check_events().map_err(fault)?;
                outputs.json(
                    "survival",
                    &SurvivalValues {
                        times: spread(&found.times, &members, patients.len()),
                        events: spread(&found.events, &members, patients.len()),
                        shown_as: unit.conversion(shown_in).unwrap_or((1.0, 1.0)),
                        unit: shown_in.text().to_owned(),
                    },
                )?;
            }
        }
        Ok(outputs)
    })
}

/// Values of the members as values of everybody in the table; who is not a member has none.
fn spread<T: Copy>(values: &[Option<T>], members: &[usize], everybody: usize) -> Vec<Option<T>> {
    let mut all = vec![None; everybody];
    for (row, value) in members.iter().zip(values) {
        all[*row] = *value;
    }
    all
}

/// The source of a survival endpoint.
pub(super) fn survival_source(name: &str) -> Source {
    output(places::endpoint(name), "survival")
}

/// The patients of an analysis of survival: those with time, event and every value that it needs.
pub(super) struct SurvivalPatients {
    pub(super) frame: Frame,
    pub(super) values: SurvivalValues,
    pub(super) rows: Vec<usize>,
    pub(super) times: Vec<f64>,
    pub(super) events: Vec<bool>,
    pub(super) excluded: usize,
}

impl SurvivalValues {
    /// A time in the unit that is shown.
    pub(super) fn shown(&self, time: f64) -> f64 {
        time * self.shown_as.0 / self.shown_as.1
    }
}

impl SurvivalPatients {
    /// Reads the inputs `survival`, `set` and the values of a step, and takes the complete patients of the set. `names`
    /// are those that every patient must have.
    pub(super) fn read(
        inputs: &Inputs,
        declared: &[crate::engine::Input],
        part: &Part,
        names: &[&str],
    ) -> Result<Self, Fault> {
        const TIME: &str = "time to event";
        const EVENT: &str = "event";
        let values: SurvivalValues = json(inputs, "survival")?;
        let set: Vec<usize> = json(inputs, "set")?;
        let mut frame = Frame::read(inputs, declared)?;
        frame
            .values
            .insert(TIME.to_owned(), ColumnValues::Number(values.times.clone()));
        frame
            .values
            .insert(EVENT.to_owned(), ColumnValues::YesNo(values.events.clone()));
        let needed = [&[TIME, EVENT], names].concat();
        let complete = frame.complete(part, &set, &needed)?;
        let times = frame.score(part, TIME, &complete.rows)?;
        let events = frame.flags(part, EVENT, &complete.rows)?;
        Ok(Self {
            frame,
            values,
            rows: complete.rows,
            times,
            events,
            excluded: complete.excluded,
        })
    }

    pub(super) fn event_count(&self) -> usize {
        self.events.iter().filter(|event| **event).count()
    }
}
