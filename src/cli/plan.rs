//! `prereg plan`: shows what a study will do, as steps or as the canonical plan.

use std::path::PathBuf;

use super::{Failure, say, study};
use crate::plan::places;
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
    let mut told = None;
    for step in steps {
        let group = places::of_patients(&step.id);
        if group.is_some() && group == told {
            continue;
        }
        told = group;
        let of_group = steps
            .iter()
            .filter(|other| group.is_some() && places::of_patients(&other.id) == group)
            .count();
        let mut from: Vec<String> = Vec::new();
        for input in &step.inputs {
            let place = input.source.place();
            let place = places::of_patients(place).map_or_else(|| place.to_owned(), all_patients);
            if !from.contains(&place) {
                from.push(place);
            }
        }
        let (id, patients) = match group {
            Some(group) => (all_patients(group), format!("  ({of_group} steps)")),
            None => (step.id.clone(), String::new()),
        };
        text.push_str(&format!("{id:width$}  ← {}{patients}\n", from.join(", ")));
    }
    say(&text);
    Ok(())
}

/// "features.radiomics.patient.*": the steps of all patients as one.
fn all_patients(group: &str) -> String {
    format!("{group}.patient.*")
}
