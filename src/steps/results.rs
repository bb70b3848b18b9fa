//! The last step: everything that the report shows, as `results.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::{Input, Outputs, Source, Step};
use crate::plan::places;
use crate::report::{self, InputFile, StepDescription, StepResults};

use super::sources::{Make, Sources, output};

/// What the table step says of the content of its file.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) file: String,
    pub(super) patients: usize,
    /// SHA-256 over keys and declared columns in the order of the key: the same for every order of the rows.
    pub(super) sha256: String,
}

/// The outputs that a report reads, by kind of step.
fn reported_outputs(kind: &str) -> &'static [&'static str] {
    match kind {
        "read_table" => &["content"],
        "cohort" => &["flow"],
        "split" => &["sizes"],
        "logistic_model" | "random_forest_signature" | "imputation" => &["fit"],
        "cutoff" => &["cutoff"],
        "locked_model" => &["use"],
        "derived_value" | "endpoint" | "join_table" => &[],
        _ => &["result"],
    }
}

pub(super) fn step(sources: &Sources, steps: &[Step]) -> Step {
    let mut inputs = Vec::new();
    for step in steps {
        for name in reported_outputs(step.kind) {
            inputs.push(Input {
                name: format!("{}#{name}", step.id),
                source: output(step.id.clone(), name),
            });
        }
    }
    let read: Vec<(String, String)> = inputs
        .iter()
        .filter_map(|input| match &input.source {
            Source::Output { step, output } => Some((step.clone(), output.clone())),
            Source::File { .. } => None,
        })
        .collect();
    let descriptions: Vec<StepDescription> = steps
        .iter()
        .map(|step| {
            let mut inputs: Vec<String> = step
                .inputs
                .iter()
                .map(|input| place(&input.source))
                .collect();
            inputs.sort();
            inputs.dedup();
            StepDescription {
                id: step.id.clone(),
                kind: step.kind.to_owned(),
                inputs,
            }
        })
        .collect();
    let plan = sources.plan.clone();
    let version = env!("CARGO_PKG_VERSION");
    Make {
        id: places::results(),
        kind: "results",
        version: 1,
        parameters: serde_json::json!({ "plan": &plan, "prereg_version": version, "steps": &descriptions }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let mut results: StepResults = BTreeMap::new();
        let mut files = Vec::new();
        for (step, output) in &read {
            let value: Value = inputs.json(&format!("{step}#{output}"))?;
            if output == "content" {
                let content: Content = serde_json::from_value(value.clone())?;
                files.push(InputFile {
                    file: content.file,
                    patients: content.patients as u64,
                    content_sha256: content.sha256,
                });
            }
            results.entry(step.clone()).or_default().insert(output.clone(), value);
        }
        let assembled = report::assemble(
            &plan,
            &report::Sources {
                results,
                inputs: files,
                steps: descriptions.clone(),
                prereg_version: version.to_owned(),
            },
        )?;
        let mut outputs = Outputs::new();
        let mut text = serde_json::to_vec_pretty(&assembled)?;
        text.push(b'\n');
        outputs.bytes("results", text);
        Ok(outputs)
    })
}

fn place(source: &Source) -> String {
    match source {
        Source::Output { step, .. } => step.clone(),
        Source::File { label, .. } => format!("file {label}"),
    }
}
