//! `prereg plan`: shows what a study will do, as steps or as the canonical plan.

use std::path::PathBuf;

use super::{Failure, say, study};
use crate::{plan, steps};

/// Show the plan of a study: its steps, or with --json its canonical form
///
/// The digest is SHA-256 of the canonical form. Layout, comments and the order of independent statements do not change
/// it.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The study
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print the canonical plan (JSON, RFC 8785)
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let study = study::load(&arguments.file)?;
    if arguments.json {
        say(&format!("{}\n", plan::canonical_json(&study.plan)));
        return Ok(());
    }
    let graph = steps::graph(&study.plan, &study.folder)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let mut text = format!(
        "study {} \"{}\" version {}\nplan  {}\nseed  {}\n\n",
        study.plan.study.name,
        study.plan.study.title,
        study.plan.study.version,
        plan::digest(&study.plan),
        study.plan.study.seed,
    );
    let steps = graph.steps();
    let width = steps.iter().map(|step| step.id.len()).max().unwrap_or(0);
    for step in steps {
        let mut from: Vec<&str> = Vec::new();
        for input in &step.inputs {
            if !from.contains(&input.source.place()) {
                from.push(input.source.place());
            }
        }
        text.push_str(&format!("{:width$}  ← {}\n", step.id, from.join(", ")));
    }
    say(&text);
    Ok(())
}
