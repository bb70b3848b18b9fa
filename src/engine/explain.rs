//! Why a step would run now, or not, without running anything.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::graph::{Graph, Source};
use super::look_up::{LookUp, look_up};
use super::reason::{self, Reason};
use super::run::{FileDigests, file_digest};
use crate::store::{Found, Last, Receipt, Store, StoreError};

#[derive(Debug)]
pub struct Explanation {
    pub step: String,
    /// What it was made of when it was last asked for.
    pub last: Option<Last>,
    /// What that gave, if its receipt is in the store.
    pub last_receipt: Option<Receipt>,
    pub now: Forecast,
}

/// What a run would do with a step now.
#[derive(Clone, Debug)]
pub enum Forecast {
    Reused {
        receipt: Box<Receipt>,
    },
    Runs {
        reasons: Vec<Reason>,
    },
    /// Steps before it run, and it is not known what they will give: if it is the same as before, nothing changes for
    /// this step. `reasons` are the differences that are known already.
    Depends {
        on: BTreeMap<String, Vec<Reason>>,
        reasons: Vec<Reason>,
    },
    /// It cannot run: a file of it, or of a step before it, cannot be read.
    Unreadable {
        label: String,
        path: PathBuf,
        source: Arc<io::Error>,
    },
}

#[derive(Debug)]
pub enum ExplainError {
    UnknownStep { step: String },
    Store(StoreError),
}

/// What the last run made of a step, and what the next would do with it and why. Objects are looked for, not read.
pub fn explain(graph: &Graph, store: &Store, step: &str) -> Result<Explanation, ExplainError> {
    let target = graph
        .position(step)
        .ok_or_else(|| ExplainError::UnknownStep {
            step: step.to_owned(),
        })?;
    let mut concerned = vec![false; graph.steps().len()];
    concerned[target] = true;
    for position in (0..=target).rev() {
        if concerned[position] {
            for needed in &graph.links(position).needs {
                concerned[*needed] = true;
            }
        }
    }
    let mut files = FileDigests::new();
    let mut forecasts = BTreeMap::new();
    for position in (0..target).filter(|position| concerned[*position]) {
        let forecast = forecast(graph, store, position, &forecasts, &mut files)?;
        forecasts.insert(position, forecast);
    }
    let now = forecast(graph, store, target, &forecasts, &mut files)?;
    let last = store.last(graph.name(), step);
    let last_receipt = match &last {
        Some(last) => match store.receipt(last.key)? {
            Found::Present(receipt) => Some(receipt),
            Found::Missing | Found::Damaged(_) => None,
        },
        None => None,
    };
    Ok(Explanation {
        step: step.to_owned(),
        last,
        last_receipt,
        now,
    })
}

/// What a run would do with a step, given what it would do with those before it.
fn forecast<'a>(
    graph: &'a Graph,
    store: &Store,
    position: usize,
    before: &BTreeMap<usize, Forecast>,
    files: &mut FileDigests<'a>,
) -> Result<Forecast, StoreError> {
    let step = &graph.steps()[position];
    let mut inputs = BTreeMap::new();
    let mut on = BTreeMap::new();
    for input in &step.inputs {
        let digest = match &input.source {
            Source::File { path, label } => {
                match files
                    .entry(path)
                    .or_insert_with_key(|path: &&Path| file_digest(path))
                {
                    Ok(digest) => *digest,
                    Err(source) => {
                        return Ok(Forecast::Unreadable {
                            label: label.clone(),
                            path: path.clone(),
                            source: Arc::clone(source),
                        });
                    }
                }
            }
            Source::Output { step: from, output } => {
                let producer = graph.position(from).expect("the graph knows every step");
                match &before[&producer] {
                    Forecast::Reused { receipt } => receipt.outputs[output].sha256,
                    Forecast::Runs { reasons } => {
                        on.insert(from.clone(), reasons.clone());
                        continue;
                    }
                    Forecast::Depends { on: others, .. } => {
                        on.extend(others.clone());
                        continue;
                    }
                    unreadable @ Forecast::Unreadable { .. } => return Ok(unreadable.clone()),
                }
            }
        };
        inputs.insert(input.name.clone(), digest);
    }
    let description = step.description(inputs);
    let last = store.last(graph.name(), &step.id);
    let origins = step.origins();
    if !on.is_empty() {
        let reasons = last.map(|last| reason::differences(&last, &description, &origins));
        return Ok(Forecast::Depends {
            on,
            reasons: reasons.unwrap_or_else(|| vec![Reason::FirstRun]),
        });
    }
    let key = description.key();
    Ok(
        match look_up(store, key, &graph.links(position).wanted, false)? {
            LookUp::Valid(receipt) => Forecast::Reused { receipt },
            LookUp::Invalid(trouble) => Forecast::Runs {
                reasons: reason::reasons(last.as_ref(), key, &description, &origins, trouble),
            },
        },
    )
}

impl From<StoreError> for ExplainError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownStep { step } => write!(f, "the study has no step {step}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExplainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::UnknownStep { .. } => None,
            Self::Store(error) => error.source(),
        }
    }
}
