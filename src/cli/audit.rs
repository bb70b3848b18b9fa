//! `prereg audit`: a document for auditors.

use std::path::PathBuf;

use super::report_folder::{self, LOOKS, REGISTRATION};
use super::run::write_atomically;
use super::{Failure, register, say};
use crate::provenance::{self, Audited, LooksCopy};

/// Write the document for auditors of a finished report
///
/// Inputs with digests and rows, who is in which set by number, each exclusion, each step with version, key, seed and
/// time, deviations, looks, warnings, validation of the methods used, and whether the numbers fit each other. It reads the
/// report; `prereg verify` computes it again.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder of the report
    #[arg(value_name = "REPORT_DIR")]
    report: PathBuf,
    /// Where to write the document (Markdown); standard output if not given
    #[arg(long, value_name = "FILE.md")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let report = report_folder::load(&arguments.report)?;
    let there = |name: &str| Some(report.folder.join(name)).filter(|path| path.exists());
    let looks: Option<LooksCopy> = there(LOOKS)
        .map(|path| report_folder::read_json(&path))
        .transpose()?;
    let registration = there(REGISTRATION)
        .map(|path| register::read(&path))
        .transpose()?;
    let text = provenance::audit(&Audited {
        results: &report.results,
        record: &report.record,
        looks: looks.as_ref(),
        registration: registration.as_ref().map(|(registration, _)| registration),
    });
    match &arguments.out {
        Some(path) => {
            write_atomically(path, text.as_bytes())?;
            say(&format!("{}\n", path.display()));
        }
        None => say(&text),
    }
    Ok(())
}
