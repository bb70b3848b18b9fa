//! `prereg trace`: where a reported number comes from, and which numbers depend on a file, a column or a patient.

use std::fmt::Write;
use std::path::PathBuf;

use super::report_folder::{self, ReportFolder};
use super::{Failure, say, tell};
use crate::provenance::{self, DependentsError, DescentError, Part};

/// Show where a number of a report comes from, or what depends on a file
///
/// With an ID: the value, the step and place that it was read from, what that step was made of, and so on to the files
/// with their digests. With --file: every reported value that depends on the file, on one of its columns or on one of its
/// patients.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The id of a value, such as table2.validation.auc
    #[arg(
        value_name = "ID",
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    id: Option<String>,
    /// The folder of the report, or its results.json
    #[arg(long, value_name = "DIR")]
    report: PathBuf,
    /// A file that the study read
    #[arg(long, value_name = "PATH")]
    file: Option<String>,
    /// A column of the file, by its name in the study
    #[arg(long, value_name = "NAME", requires = "file")]
    column: Option<String>,
    /// A patient, by the key of the file
    #[arg(long, value_name = "KEY", requires = "file")]
    patient: Option<String>,
    /// The store, if it is no longer where the run left it
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print a graph for Graphviz
    #[arg(long, conflicts_with_all = ["json", "file"])]
    dot: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let report = report_folder::load(&arguments.report)?;
    match (&arguments.id, &arguments.file) {
        (Some(id), _) => descent(&report, arguments, id),
        (None, Some(file)) => dependents(&report, arguments, file),
        (None, None) => Err(Failure::Usage(
            "name a value, or a file with --file".to_owned(),
        )),
    }
}

fn descent(report: &ReportFolder, arguments: &Arguments, id: &str) -> Result<(), Failure> {
    let store = report.store(arguments.store.as_deref())?;
    let descent = provenance::descent(
        &report.results,
        &report.record,
        &report.statements(),
        store.as_ref(),
        id,
    )
    .map_err(|error| {
        tell(&format!("error: {error}\n"));
        if let DescentError::UnknownValue { similar, .. } = &error
            && !similar.is_empty()
        {
            tell(&format!("  = help: similar ids: {}\n", similar.join(", ")));
        }
        Failure::Study
    })?;
    if arguments.json {
        print_json(&descent)
    } else if arguments.dot {
        say(&provenance::dot(&descent));
        Ok(())
    } else {
        say(&descent.to_string());
        Ok(())
    }
}

fn dependents(report: &ReportFolder, arguments: &Arguments, file: &str) -> Result<(), Failure> {
    let store = report.store(arguments.store.as_deref())?;
    let part = Part {
        column: arguments.column.as_deref(),
        patient: arguments.patient.as_deref(),
    };
    let found = provenance::dependents(&report.results, &report.record, store.as_ref(), file, part)
        .map_err(|error: DependentsError| {
            tell(&format!("error: {error}\n"));
            Failure::Study
        })?;
    if arguments.json {
        return print_json(&found);
    }
    let mut text = String::new();
    if let Some(patient) = &found.patient {
        let place = if patient.sets.is_empty() {
            "in no set: not in the cohort".to_owned()
        } else {
            format!("in {}", patient.sets.join(", "))
        };
        let _ = writeln!(text, "the patient is {place}");
    }
    let _ = writeln!(
        text,
        "{} of {} values depend on it, by {} steps",
        found.values.len(),
        report.results.values.len(),
        found.steps.len()
    );
    for value in &found.values {
        let _ = writeln!(text, "{} = {} ← {}", value.id, value.display, value.step);
    }
    say(&text);
    Ok(())
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    say(&format!("{text}\n"));
    Ok(())
}
