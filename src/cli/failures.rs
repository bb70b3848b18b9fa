//! Turns what stopped the steps of a run into text, and into whose fault it is.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;

use super::{Failure, tell};
use crate::data::{DataError, DataErrors};
use crate::engine::{self, Report};
use crate::plan::places;
use crate::steps::StepError;

/// The faults of so many patients' images are told in full.
const PATIENTS: usize = 20;

/// Tells every failure of a run, the study's and the data's first. None if nothing failed.
pub(super) fn tell_failures(report: &Report) -> Option<Failure> {
    let mut ours = Vec::new();
    let mut text = String::new();
    let mut told = 0;
    let mut patients: BTreeMap<&str, usize> = BTreeMap::new();
    for (step, failure) in report.failures() {
        if let Some(group) = places::of_patients(step) {
            let count = patients.entry(group).or_default();
            *count += 1;
            if *count > PATIENTS && !matches!(failure, engine::Failure::Fault(_)) {
                told += 1;
                continue;
            }
        }
        match failure {
            engine::Failure::Step(error) => {
                told += 1;
                separate(&mut text);
                match error.downcast_ref::<StepError>() {
                    Some(error) => of_step(&mut text, error),
                    None => problem(
                        &mut text,
                        &format!("{step}: {}", chain(error.as_ref())),
                        None,
                    ),
                }
            }
            engine::Failure::File {
                label,
                path,
                source,
            } => {
                told += 1;
                separate(&mut text);
                let hint = if source.kind() == std::io::ErrorKind::NotFound {
                    "paths are relative to the folder of the study file: check the name, or put the file there"
                } else {
                    "check that the file can be opened"
                };
                problem(
                    &mut text,
                    &format!("{label}: cannot read the file {}: {source}", path.display()),
                    Some(hint),
                );
            }
            engine::Failure::Store(_) | engine::Failure::LostAgain { .. } => {
                told += 1;
                separate(&mut text);
                problem(
                    &mut text,
                    &format!("{step}: {}", chain(failure)),
                    Some(
                        "check the disk that holds the store, or choose another place with --store",
                    ),
                );
            }
            engine::Failure::Fault(fault) => ours.push(format!("step {step}: {}", chain(fault))),
        }
    }
    for (group, count) in patients.into_iter().filter(|(_, count)| *count > PATIENTS) {
        separate(&mut text);
        let more = count - PATIENTS;
        problem(
            &mut text,
            &format!("{group}: the images of {more} more patients have faults, {count} in all"),
            Some(
                "put the ones above right and run again: the next are told then, and nothing computed is lost",
            ),
        );
    }
    tell(&text);
    if !ours.is_empty() {
        return Some(Failure::Internal(ours.join("; ")));
    }
    (told > 0).then_some(Failure::Study)
}

fn separate(text: &mut String) {
    if !text.is_empty() {
        text.push('\n');
    }
}

fn of_step(text: &mut String, error: &StepError) {
    match error {
        StepError::Data(errors) => of_data(text, errors),
        StepError::Parts(problems) => {
            for (index, one) in problems.iter().enumerate() {
                if index > 0 {
                    text.push('\n');
                }
                problem(
                    text,
                    &format!("{}: {}", one.part, one.problem),
                    one.hint.as_deref(),
                );
            }
        }
    }
}

/// Each cause with its places, then what to do.
fn of_data(text: &mut String, errors: &DataErrors) {
    for (index, group) in errors.groups.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        for error in &group.errors {
            problem(text, &error.to_string(), None);
        }
        if group.more > 0 {
            let _ = writeln!(text, "  and {} more like these", group.more);
        }
        if let Some(hint) = group.errors.first().and_then(DataError::hint) {
            let _ = writeln!(text, "  = help: {hint}");
        }
    }
}

fn problem(text: &mut String, message: &str, hint: Option<&str>) {
    let _ = writeln!(text, "error: {message}");
    if let Some(hint) = hint {
        let _ = writeln!(text, "  = help: {hint}");
    }
}

/// An error and what caused it, in one line.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}
