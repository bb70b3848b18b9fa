//! Why a step has no result.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::action::{InputError, OutputError};
use crate::store::StoreError;

#[derive(Debug)]
pub enum Failure {
    /// What the step itself says of the study or its data.
    Step(Box<dyn Error + Send + Sync>),
    /// A file of the study cannot be read.
    File {
        label: String,
        path: PathBuf,
        source: Arc<io::Error>,
    },
    /// The store cannot be read or written.
    Store(StoreError),
    /// An input was lost or damaged again just after it had been computed again.
    LostAgain { step: String, output: String },
    /// Something that only prereg can be blamed for.
    Fault(Fault),
}

#[derive(Debug)]
pub enum Fault {
    Panic {
        message: String,
    },
    /// The step does not give an output that another takes.
    NoOutput {
        output: String,
        wanted_by: String,
    },
    /// The step gave other bytes than before for the same key.
    NotReproduced {
        outputs: Vec<String>,
    },
    /// The step asked for an input that it does not declare, or that holds something else.
    Input(InputError),
    Output(OutputError),
}

impl Failure {
    /// What an action gave, with the faults of prereg told from those of the study.
    pub(super) fn of_action(error: Box<dyn Error + Send + Sync>) -> Self {
        let error = match error.downcast::<OutputError>() {
            Ok(error) => return Self::Fault(Fault::Output(*error)),
            Err(error) => error,
        };
        match error.downcast::<InputError>() {
            Ok(error) => match *error {
                InputError::File {
                    label,
                    path,
                    source,
                } => Self::File {
                    label,
                    path,
                    source: Arc::new(source),
                },
                InputError::FileChanged { .. } => Self::Step(error),
                InputError::Undeclared { .. } | InputError::Json { .. } => {
                    Self::Fault(Fault::Input(*error))
                }
            },
            Err(error) => Self::Step(error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(error) => error.fmt(f),
            Self::File { label, path, .. } => write!(f, "cannot read {label} ({})", path.display()),
            Self::Store(error) => error.fmt(f),
            Self::LostAgain { step, output } => write!(
                f,
                "output {output} of {step} was lost or damaged again just after it was computed: check the disk that \
                 holds the store"
            ),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Step(error) => error.source(),
            Self::File { source, .. } => Some(source.as_ref()),
            Self::Store(error) => error.source(),
            Self::Fault(fault) => fault.source(),
            Self::LostAgain { .. } => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic { message } => write!(f, "it stopped with \"{message}\""),
            Self::NoOutput { output, wanted_by } => {
                write!(f, "it gave no output {output}, which {wanted_by} takes")
            }
            Self::NotReproduced { outputs } => write!(
                f,
                "run again with the same inputs, it gave other bytes for {}; the old receipt is set aside, and the next \
                 run takes the new result",
                outputs.join(", ")
            ),
            Self::Input(error) => error.fmt(f),
            Self::Output(error) => error.fmt(f),
        }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Input(error) => error.source(),
            Self::Output(error) => error.source(),
            Self::Panic { .. } | Self::NoOutput { .. } | Self::NotReproduced { .. } => None,
        }
    }
}
