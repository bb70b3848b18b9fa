//! Results on disk, in open formats: an auditor follows them with `sha256sum` and a JSON reader.
//!
//! ```text
//! objects/ab/<sha256>        the bytes of one output, named by their SHA-256
//! receipts/<key>.json        how these bytes came about: step, parameters, inputs, outputs, time, machine
//! last/<study>/<step>.json   what the step was made of when it was last asked for: gives the reasons to run again
//! damaged/                   what turned out not to be what its name says
//! temporary/run-*/           files being written; each folder is locked by the run that owns it
//! ```
//!
//! A file is written in the run's temporary folder, synced and renamed to its place; a receipt comes after the objects
//! that it names. So a run killed at any instant leaves whole files only, and what it left behind in `temporary/` is
//! removed by a later run, which knows by the lock that nobody owns it. Several runs may share a store.

mod digest;
mod error;
mod last;
mod object;
mod receipt;
mod temporary;
mod time;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub use digest::Digest;
pub use error::StoreError;
pub use last::Last;
pub use receipt::{Description, Machine, Origin, Receipt, Stored, Stream};
pub use time::rfc3339;

use error::during;
use temporary::TemporaryFolder;

/// A folder of results.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    /// Made at the first write: a store that is only read is not written to.
    temporary: Mutex<Option<TemporaryFolder>>,
}

/// What was found under a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<T> {
    Present(T),
    Missing,
    Damaged(Damage),
}

/// A file of the store that is not what its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Relative to the store.
    pub file: PathBuf,
    pub kind: DamageKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// An object of another length than its receipt says.
    Length { expected: u64, found: u64 },
    /// An object whose bytes have another SHA-256 than its name.
    Content { found: Digest },
    /// A receipt that is not JSON or lacks a field.
    Unreadable { reason: String },
    /// A receipt whose seal does not fit what it says.
    Seal,
    /// A receipt that belongs to another key.
    OtherKey { found: Digest },
    /// A receipt whose step, run again, gave other bytes for these outputs.
    NotReproduced { outputs: Vec<String> },
}

impl Store {
    /// Opens the store in this folder, which is made if it is not there, and removes what killed runs left half-written.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(during("create the folder", &root))?;
        temporary::remove_abandoned(&root.join(temporary::FOLDER))?;
        Ok(Self {
            root,
            temporary: Mutex::new(None),
        })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Moves a damaged file out of the way, into `damaged/`. Gives its new place; none if somebody else moved it.
    pub fn set_aside(&self, damage: &Damage) -> Result<Option<PathBuf>, StoreError> {
        let from = self.root.join(&damage.file);
        let folder = self.root.join("damaged");
        fs::create_dir_all(&folder).map_err(during("create the folder", &folder))?;
        let name = damage
            .file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let to = (0..)
            .map(|number: u64| match number {
                0 => folder.join(&*name),
                _ => folder.join(format!("{name}.{number}")),
            })
            .find(|place| !place.exists())
            .expect("numbers do not end");
        match fs::rename(&from, &to) {
            Ok(()) => Ok(Some(to)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(during("move aside", &from)(source)),
        }
    }

    /// Writes a file whole or not at all.
    fn write(&self, path: &Path, bytes: &[u8], durable: bool) -> Result<(), StoreError> {
        let staged = {
            let mut temporary = self
                .temporary
                .lock()
                .expect("nothing panics while it holds this lock");
            match &*temporary {
                Some(folder) => folder.next_path(),
                None => temporary
                    .insert(TemporaryFolder::create(&self.root.join(temporary::FOLDER))?)
                    .next_path(),
            }
        };
        temporary::write(&staged, bytes, durable)
            .and_then(|()| {
                let folder = path.parent().unwrap_or(&self.root);
                fs::create_dir_all(folder).map_err(during("create the folder", folder))?;
                fs::rename(&staged, path).map_err(during("write", path))
            })
            .inspect_err(|_| {
                // The first error is the one to tell; the folder goes with the run.
                let _ = fs::remove_file(&staged);
            })
    }
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        match &self.kind {
            DamageKind::Length { expected, found } => {
                write!(f, "has {found} bytes instead of {expected}")
            }
            DamageKind::Content { found } => write!(f, "its content has the SHA-256 {found}"),
            DamageKind::Unreadable { reason } => write!(f, "cannot be understood ({reason})"),
            DamageKind::Seal => write!(f, "does not fit its seal"),
            DamageKind::OtherKey { found } => write!(f, "belongs to the key {found}"),
            DamageKind::NotReproduced { outputs } => {
                write!(
                    f,
                    "its step, run again, gave other bytes for {}",
                    outputs.join(", ")
                )
            }
        }
    }
}
