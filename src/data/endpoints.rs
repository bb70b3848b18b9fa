//! Endpoints: what happened to each patient, and when.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::Expression;

use super::column::ColumnValues;
use super::errors::count;
use super::evaluate::ExpressionError;
use super::expressions::evaluate;
use super::frame::Frame;
use super::patients::Patients;

/// One value a patient; missing where the expression is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinaryEndpoint {
    pub values: Vec<Option<bool>>,
    pub events: usize,
    pub non_events: usize,
    pub missing: usize,
}

/// Right-censored times, in the unit that the endpoint declares, and whether the event ended them. A patient who lacks
/// the time or the event lacks both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalEndpoint {
    pub times: Vec<Option<f64>>,
    pub events: Vec<Option<bool>>,
    pub event_count: usize,
    pub missing: usize,
    /// Patients followed for no time at all, who are kept: the report says so.
    pub at_time_zero: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum EndpointError {
    Expression(ExpressionError),
    NegativeTime {
        patients: Patients,
        smallest: f64,
    },
    /// Nobody is known to have the event.
    NoEvents {
        known: usize,
    },
    /// Everybody who is known has the event.
    OnlyEvents {
        known: usize,
    },
}

/// A binary endpoint of the patients in `rows`.
pub fn binary_endpoint(
    expression: &Expression,
    frame: &Frame<'_>,
    rows: &[usize],
) -> Result<BinaryEndpoint, EndpointError> {
    let values = yes_no(expression, frame, rows)?;
    let count = |wanted| values.iter().filter(|value| **value == wanted).count();
    Ok(BinaryEndpoint {
        events: count(Some(true)),
        non_events: count(Some(false)),
        missing: count(None),
        values,
    })
}

/// A survival endpoint of the patients in `rows`.
pub fn survival_endpoint(
    time: &Expression,
    event: &Expression,
    frame: &Frame<'_>,
    rows: &[usize],
) -> Result<SurvivalEndpoint, EndpointError> {
    let times = match evaluate(time, frame, rows).map_err(EndpointError::Expression)? {
        ColumnValues::Number(times) => times,
        other => {
            return Err(EndpointError::Expression(ExpressionError::NotAsDeclared {
                declared: "number",
                found: other.type_name(),
            }));
        }
    };
    let events = yes_no(event, frame, rows)?;
    let negative: Vec<(usize, f64)> = rows
        .iter()
        .zip(&times)
        .filter_map(|(row, time)| Some((*row, time.filter(|time| *time < 0.0)?)))
        .collect();
    if !negative.is_empty() {
        return Err(EndpointError::NegativeTime {
            smallest: negative.iter().map(|(_, time)| *time).fold(0.0, f64::min),
            patients: frame.patients(negative.iter().map(|(row, _)| *row)),
        });
    }
    let pairs: Vec<Option<(f64, bool)>> = times
        .iter()
        .zip(&events)
        .map(|(time, event)| time.zip(*event))
        .collect();
    let count =
        |holds: fn(&(f64, bool)) -> bool| pairs.iter().flatten().filter(|pair| holds(pair)).count();
    Ok(SurvivalEndpoint {
        times: pairs
            .iter()
            .map(|pair| pair.map(|(time, _)| time))
            .collect(),
        events: pairs
            .iter()
            .map(|pair| pair.map(|(_, event)| event))
            .collect(),
        event_count: count(|(_, event)| *event),
        at_time_zero: count(|(time, _)| *time == 0.0),
        missing: pairs.iter().filter(|pair| pair.is_none()).count(),
    })
}

impl BinaryEndpoint {
    /// An endpoint that is the same for all can be neither predicted nor compared.
    pub fn check_both_outcomes(&self) -> Result<(), EndpointError> {
        let known = self.events + self.non_events;
        match (self.events, self.non_events) {
            (0, _) => Err(EndpointError::NoEvents { known }),
            (_, 0) => Err(EndpointError::OnlyEvents { known }),
            _ => Ok(()),
        }
    }
}

impl SurvivalEndpoint {
    /// Without an event there is nothing to compare: curves stay at one, tests and models are not defined.
    pub fn check_events(&self) -> Result<(), EndpointError> {
        if self.event_count == 0 {
            Err(EndpointError::NoEvents {
                known: self.times.len() - self.missing,
            })
        } else {
            Ok(())
        }
    }
}

fn yes_no(
    expression: &Expression,
    frame: &Frame<'_>,
    rows: &[usize],
) -> Result<Vec<Option<bool>>, EndpointError> {
    match evaluate(expression, frame, rows).map_err(EndpointError::Expression)? {
        ColumnValues::YesNo(values) => Ok(values),
        other => Err(EndpointError::Expression(ExpressionError::NotAsDeclared {
            declared: "yes_no",
            found: other.type_name(),
        })),
    }
}

impl EndpointError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Expression(error) => error.hint(),
            Self::NegativeTime { .. } => Some(
                "a time counts from the start of follow-up: check the dates of these patients, or exclude them in the cohort",
            ),
            Self::NoEvents { .. } | Self::OnlyEvents { .. } => {
                Some("check how the endpoint is defined and how its columns are coded")
            }
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(error) => write!(f, "{error}"),
            Self::NegativeTime { patients, smallest } => {
                write!(f, "the time is below 0 (down to {smallest}) for {patients}")
            }
            Self::NoEvents { known } => {
                write!(f, "none of {} has the event", count(*known, "patient"))
            }
            Self::OnlyEvents { known } => {
                write!(f, "all of {} have the event", count(*known, "patient"))
            }
        }
    }
}

impl std::error::Error for EndpointError {}
