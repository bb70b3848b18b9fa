//! Reads numbers out of the results of steps. A number enters the report only here, so each has its line of descent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::display::Display;
use crate::plan::ReportStyle;
use crate::report::{Part, ReportedValue};

/// The JSON results of steps, by step and output.
pub type StepResults = BTreeMap<String, BTreeMap<String, Value>>;

/// The report asked for something that no step computed: a fault of prereg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssembleError {
    pub step: String,
    pub field: String,
    pub problem: String,
}

impl std::fmt::Display for AssembleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} at `{}` of step `{}`",
            self.problem, self.field, self.step
        )
    }
}

impl std::error::Error for AssembleError {}

/// One output of one step, and a place in it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) step: String,
    pub(super) output: &'static str,
    pub(super) pointer: String,
}

impl Place {
    pub(super) fn new(step: String, output: &'static str) -> Self {
        Self {
            step,
            output,
            pointer: String::new(),
        }
    }

    /// The place below this one, by keys and indices.
    pub(super) fn at(&self, path: &[&str]) -> Self {
        let mut place = self.clone();
        for part in path {
            place.pointer.push('/');
            place
                .pointer
                .push_str(&part.replace('~', "~0").replace('/', "~1"));
        }
        place
    }

    pub(super) fn index(&self, index: usize) -> Self {
        self.at(&[&index.to_string()])
    }

    fn field(&self) -> String {
        format!("{}#{}", self.output, self.pointer)
    }
}

pub(super) struct Collector<'a> {
    results: &'a StepResults,
    style: ReportStyle,
    values: Vec<ReportedValue>,
    known: BTreeSet<String>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(results: &'a StepResults, style: &ReportStyle) -> Self {
        Self {
            results,
            style: style.clone(),
            values: Vec::new(),
            known: BTreeSet::new(),
        }
    }

    pub(super) fn into_values(self) -> Vec<ReportedValue> {
        self.values
    }

    /// What stands at a place; an error if there is nothing.
    pub(super) fn read(&self, place: &Place) -> Result<&'a Value, AssembleError> {
        self.results
            .get(&place.step)
            .and_then(|outputs| outputs.get(place.output))
            .and_then(|output| output.pointer(&place.pointer))
            .ok_or_else(|| problem(place, "nothing was computed"))
    }

    pub(super) fn list(&self, place: &Place) -> Result<&'a [Value], AssembleError> {
        self.read(place)?
            .as_array()
            .map(Vec::as_slice)
            .ok_or_else(|| problem(place, "expected a list"))
    }

    pub(super) fn text(&self, place: &Place) -> Result<&'a str, AssembleError> {
        self.read(place)?
            .as_str()
            .ok_or_else(|| problem(place, "expected a text"))
    }

    pub(super) fn count(&self, place: &Place) -> Result<u64, AssembleError> {
        self.read(place)?
            .as_u64()
            .ok_or_else(|| problem(place, "expected a count"))
    }

    pub(super) fn numbers(&self, place: &Place) -> Result<Vec<f64>, AssembleError> {
        self.list(place)?
            .iter()
            .map(|value| {
                value
                    .as_f64()
                    .ok_or_else(|| problem(place, "expected numbers"))
            })
            .collect()
    }

    pub(super) fn optional_numbers(
        &self,
        place: &Place,
    ) -> Result<Vec<Option<f64>>, AssembleError> {
        Ok(self.list(place)?.iter().map(Value::as_f64).collect())
    }

    /// What stands between the limits of an interval.
    pub(super) fn to(&self) -> Part {
        words(self.style.interval.as_str())
    }

    pub(super) fn is_null(&self, place: &Place) -> bool {
        self.read(place).is_ok_and(Value::is_null)
    }

    /// The number at a place as a reported value with this id: a part of a cell. An id that was reported before is the
    /// same value again. `n` is where the number of patients stands.
    pub(super) fn value(
        &mut self,
        id: &str,
        place: &Place,
        display: Display,
        unit: Option<&str>,
        n: Option<&Place>,
    ) -> Result<Part, AssembleError> {
        let read = self.read(place)?;
        let value = match read {
            Value::Null => None,
            _ => Some(
                read.as_f64()
                    .ok_or_else(|| problem(place, "expected a number"))?,
            ),
        };
        if self.known.insert(id.to_owned()) {
            let n = n.map(|n| self.count(n)).transpose()?;
            self.values.push(ReportedValue {
                id: id.to_owned(),
                value,
                display: display.show(value, &self.style),
                unit: unit.map(str::to_owned),
                n,
                step: place.step.clone(),
                field: place.field(),
            });
        }
        Ok(match (display, value) {
            (Display::PValue { alpha }, Some(p)) if p < alpha => Part::Significant(id.to_owned()),
            _ => Part::Value(id.to_owned()),
        })
    }
}

pub(super) fn problem(place: &Place, problem: &str) -> AssembleError {
    AssembleError {
        step: place.step.clone(),
        field: place.field(),
        problem: problem.to_owned(),
    }
}

/// A part that is only words.
pub(super) fn words(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}
