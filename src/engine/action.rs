//! What a step does: from the bytes of its inputs to the bytes of its outputs.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::canonical::{self, JsonError};
use crate::store::Digest;

/// The work of a step. Its outputs may depend on its inputs and on what the step's description holds, on nothing else.
pub trait Action: Send + Sync {
    fn run(&self, inputs: &Inputs) -> Result<Outputs, Box<dyn Error + Send + Sync>>;
}

/// The inputs of a step, by name.
#[derive(Debug)]
pub struct Inputs {
    pub(super) entries: BTreeMap<String, Entry>,
}

#[derive(Debug)]
pub(super) enum Entry {
    /// An output of another step, checked.
    Bytes(Vec<u8>),
    File {
        path: PathBuf,
        label: String,
        digest: Digest,
    },
}

#[derive(Debug)]
pub enum InputError {
    /// The step does not declare it.
    Undeclared { input: String },
    /// It holds something else than the step expects.
    Json {
        input: String,
        source: serde_json::Error,
    },
    File {
        label: String,
        path: PathBuf,
        source: io::Error,
    },
    /// The file is not the one whose digest went into the key.
    FileChanged { label: String },
}

impl Inputs {
    /// The bytes of an output of another step.
    pub fn bytes(&self, name: &str) -> Result<&[u8], InputError> {
        match self.entries.get(name) {
            Some(Entry::Bytes(bytes)) => Ok(bytes),
            _ => Err(InputError::Undeclared {
                input: name.to_owned(),
            }),
        }
    }

    /// An output of another step that holds JSON.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, InputError> {
        serde_json::from_slice(self.bytes(name)?).map_err(|source| InputError::Json {
            input: name.to_owned(),
            source,
        })
    }

    /// SHA-256 of a file's content.
    pub fn file_digest(&self, name: &str) -> Result<Digest, InputError> {
        match self.entries.get(name) {
            Some(Entry::File { digest, .. }) => Ok(*digest),
            _ => Err(InputError::Undeclared {
                input: name.to_owned(),
            }),
        }
    }

    /// The content of a file: the very bytes that the step's key stands for.
    pub fn file(&self, name: &str) -> Result<Vec<u8>, InputError> {
        let Some(Entry::File {
            path,
            label,
            digest,
        }) = self.entries.get(name)
        else {
            return Err(InputError::Undeclared {
                input: name.to_owned(),
            });
        };
        let bytes = fs::read(path).map_err(|source| InputError::File {
            label: label.clone(),
            path: path.clone(),
            source,
        })?;
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(InputError::FileChanged {
                label: label.clone(),
            })
        }
    }
}

/// The outputs of a step, by name. Of two with one name the later holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    pub(super) entries: BTreeMap<String, Vec<u8>>,
}

/// A result that JSON cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputError {
    pub output: String,
    pub source: JsonError,
}

impl Outputs {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value as canonical JSON (RFC 8785). Its numbers must be finite, its integers at most 2⁵³: nothing is made
    /// null or rounded.
    pub fn json(&mut self, name: &str, value: &impl Serialize) -> Result<(), OutputError> {
        let text = canonical::to_vec(value).map_err(|source| OutputError {
            output: name.to_owned(),
            source,
        })?;
        self.bytes(name, text);
        Ok(())
    }

    pub fn bytes(&mut self, name: &str, bytes: Vec<u8>) {
        self.entries.insert(name.to_owned(), bytes);
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared { input } => write!(f, "the step has no input {input} of this type"),
            Self::Json { input, .. } => {
                write!(f, "the input {input} does not hold what the step expects")
            }
            Self::File { label, path, .. } => write!(f, "cannot read {label} ({})", path.display()),
            Self::FileChanged { label } => write!(
                f,
                "{label} changed while the study ran; run it again when nobody writes to the file"
            ),
        }
    }
}

impl Error for InputError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Json { source, .. } => Some(source),
            Self::File { source, .. } => Some(source),
            Self::Undeclared { .. } | Self::FileChanged { .. } => None,
        }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the result {} cannot be written as JSON", self.output)
    }
}

impl Error for OutputError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}
