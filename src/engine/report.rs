//! What a run did, step by step, and its results.

use std::collections::BTreeMap;
use std::fmt;

use super::failure::Failure;
use super::reason::Reason;
use crate::store::{Damage, Found, Store, StoreError, Stored};

#[derive(Debug)]
pub struct Report<'a> {
    pub study: String,
    /// In the order of the graph.
    pub steps: Vec<StepReport>,
    /// Files of the store that were damaged and have been set aside.
    pub damages: Vec<Damage>,
    pub(super) store: &'a Store,
}

#[derive(Debug)]
pub struct StepReport {
    pub id: String,
    pub outcome: Outcome,
    /// Empty if it failed or was not reached.
    pub outputs: BTreeMap<String, Stored>,
}

#[derive(Debug)]
pub enum Outcome {
    /// Its result was in the store.
    Reused,
    Ran {
        reasons: Vec<Reason>,
        seconds: f64,
    },
    Failed(Failure),
    /// A step that it depends on failed.
    NotReached {
        because: Vec<String>,
    },
}

/// Why an output cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// There is no such step or output, or it was not computed.
    NotThere {
        step: String,
        output: String,
    },
    /// The store lost it since.
    Missing {
        step: String,
        output: String,
    },
    /// The store's file was damaged since, and has been set aside.
    Damaged {
        damage: Damage,
    },
    Store(StoreError),
}

impl Report<'_> {
    pub fn step(&self, id: &str) -> Option<&StepReport> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// Every step that failed, with the reason.
    pub fn failures(&self) -> Vec<(&str, &Failure)> {
        self.steps
            .iter()
            .filter_map(|step| match &step.outcome {
                Outcome::Failed(failure) => Some((step.id.as_str(), failure)),
                _ => None,
            })
            .collect()
    }

    /// The bytes of an output, checked.
    pub fn output(&self, step: &str, output: &str) -> Result<Vec<u8>, ReadError> {
        let names = || (step.to_owned(), output.to_owned());
        let Some(stored) = self.stored(step, output) else {
            let (step, output) = names();
            return Err(ReadError::NotThere { step, output });
        };
        match self.store.get(stored.sha256)? {
            Found::Present(bytes) => Ok(bytes),
            Found::Missing => {
                let (step, output) = names();
                Err(ReadError::Missing { step, output })
            }
            Found::Damaged(damage) => {
                self.store.set_aside(&damage)?;
                Err(ReadError::Damaged { damage })
            }
        }
    }

    /// Digest and size of an output.
    pub fn stored(&self, step: &str, output: &str) -> Option<Stored> {
        self.step(step)?.outputs.get(output).copied()
    }
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThere { step, output } => write!(f, "there is no output {output} of {step}"),
            Self::Missing { step, output } => {
                write!(
                    f,
                    "output {output} of {step} is no longer in the store; run the study again"
                )
            }
            Self::Damaged { damage } => write!(f, "damaged: {damage}; run the study again"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}
