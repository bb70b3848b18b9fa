//! `prereg export-model`: locks a fitted model in one file.

use std::path::PathBuf;

use super::report_folder;
use super::run::{json, write_new};
use super::{Failure, say, tell};
use crate::provenance;

/// Lock a fitted model in one open file, to be used on new patients
///
/// The file holds the whole chain from the columns of the table to the risk groups, with the values that the fit has seen
/// and what it descends from. It holds no patient.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder of the report
    #[arg(value_name = "REPORT_DIR")]
    report: PathBuf,
    /// The model or signature
    #[arg(value_name = "NAME")]
    name: String,
    /// Where to write it [default: NAME.model.json]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The store, if it is no longer where the run left it
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let report = report_folder::load(&arguments.report)?;
    let Some(store) = report.store(arguments.store.as_deref())? else {
        tell(
            "error: a fitted model stands in the store, and the store is not there\n  = help: name it with --store\n",
        );
        return Err(Failure::Study);
    };
    let model = provenance::lock(&report.record, &store, &arguments.name).map_err(|error| {
        tell(&format!("error: {error}\n"));
        Failure::Study
    })?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}.model.json", arguments.name)));
    write_new(&out, &json(&model)?, false)?;
    say(&format!("{}\n", out.display()));
    Ok(())
}
