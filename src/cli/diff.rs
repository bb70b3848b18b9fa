//! `prereg diff`: what differs between two studies or registrations, statement by statement.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::report_folder::statements;
use super::{Failure, register, say, study};
use crate::plan::Plan;
use crate::provenance::{self, Change, Declared, Statement};
use crate::report::ChangeKind;

/// Show what differs between two studies or registrations
///
/// Statement by statement: added, removed, changed, with the old and the new text. Layout, comments, the order of
/// statements and the reasons of deviations are no difference.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A study or a registration
    #[arg(value_name = "A")]
    before: PathBuf,
    /// Another
    #[arg(value_name = "B")]
    now: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (before, now) = (load(&arguments.before)?, load(&arguments.now)?);
    let declared = |(plan, statements)| Declared { plan, statements };
    let changes =
        provenance::differences(declared((&before.0, &before.1)), declared((&now.0, &now.1)));
    if arguments.json {
        let text = serde_json::to_string_pretty(&changes)
            .map_err(|error| Failure::Internal(error.to_string()))?;
        say(&format!("{text}\n"));
        return Ok(());
    }
    say(&text(&changes));
    Ok(())
}

fn load(path: &Path) -> Result<(Plan, BTreeMap<String, Statement>), Failure> {
    if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        let (registration, _) = register::read(path)?;
        return Ok((registration.plan, registration.statements));
    }
    let study = study::load(path)?;
    let statements = statements(&study.text);
    Ok((study.plan, statements))
}

fn text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "the same plan\n".to_owned();
    }
    let mut out = String::new();
    for change in changes {
        let what = match change.kind {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
        };
        let _ = writeln!(out, "{what} {}", change.name);
        for (sign, side) in [("-", &change.before), ("+", &change.now)] {
            if let Some(side) = side {
                let _ = writeln!(out, "  {sign} {side}");
            }
        }
    }
    out
}
