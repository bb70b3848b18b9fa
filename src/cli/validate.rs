//! `prereg validate`: runs reference cases and says, method by method, how far our figures are from those of other programs.

use std::path::PathBuf;

use super::run::write_atomically;
use super::{Failure, say, tell};
use crate::validation::{CaseError, CaseFiles, record, summary_table, validate};

/// Check every method against figures of other programs
///
/// Runs the cases (JSON, see docs/validation.md) of a folder, or those built into the program, and prints for each method its
/// cases, the largest deviation and what is allowed, the witness (program and version that computed the expected figures), and
/// whether it passes. Exits with 1 if anything fails, naming the figures.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A folder of cases; those built into the program if not given
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Write a document for the files of a quality department (Markdown: version, digest of the cases, methods, each case)
    #[arg(long, value_name = "FILE.md")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let files = match &arguments.folder {
        Some(folder) => CaseFiles::Folder(folder.clone()),
        None => CaseFiles::BuiltIn,
    };
    let validation = validate(&files).map_err(|error| match error {
        CaseError::Unreadable { path, reason } => Failure::file(path, "read the cases of", reason),
        other => Failure::Internal(other.to_string()),
    })?;
    say(&summary_table(&validation));
    if let Some(path) = &arguments.out {
        write_atomically(path, record(&validation).as_bytes())?;
        tell(&format!("wrote {}\n", path.display()));
    }
    if validation.passed() {
        Ok(())
    } else {
        Err(Failure::Study)
    }
}
