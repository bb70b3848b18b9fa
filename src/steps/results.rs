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
        "read_features" => &["content", "result"],
        "join_features" => &["contents", "result"],
        "cohort" => &["flow"],
        "split" => &["sizes"],
        "logistic_model" => &["fit", "nomogram"],
        "random_forest_signature" | "learner_signature" | "imputation" => &["fit"],
        "cutoff" => &["cutoff"],
        "locked_model" => &["use"],
        "derived_value" | "endpoint" | "join_table" | "extract_features" => &[],
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
    let descriptions = descriptions(steps);
    let plan = sources.plan.clone();
    let version = env!("CARGO_PKG_VERSION");
    Make {
        id: places::results(),
        kind: "results",
        version: 2,
        parameters: serde_json::json!({ "plan": &plan, "prereg_version": version, "steps": &descriptions }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let mut results: StepResults = BTreeMap::new();
        let mut files = Vec::new();
        for (step, output) in &read {
            let value: Value = inputs.json(&format!("{step}#{output}"))?;
            let contents: Vec<Content> = match output.as_str() {
                "content" => vec![serde_json::from_value(value.clone())?],
                "contents" => serde_json::from_value(value.clone())?,
                _ => Vec::new(),
            };
            files.extend(contents.into_iter().map(|content| InputFile {
                file: content.file,
                patients: content.patients as u64,
                content_sha256: content.sha256,
            }));
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

/// Every step; those of the patients stand as one, so that the report says nothing of single patients.
fn descriptions(steps: &[Step]) -> Vec<StepDescription> {
    let mut described: Vec<StepDescription> = Vec::new();
    for step in steps {
        let id = together(&step.id);
        let position = described.iter().position(|known| known.id == id);
        let position = position.unwrap_or_else(|| {
            described.push(StepDescription {
                id,
                kind: step.kind.to_owned(),
                version: step.version,
                parameters: step.parameters.clone(),
                seed: step.seed,
                inputs: Vec::new(),
            });
            described.len() - 1
        });
        let inputs = &mut described[position].inputs;
        inputs.extend(step.inputs.iter().map(|input| place(&input.source)));
        inputs.sort();
        inputs.dedup();
    }
    described
}

/// The id of a step; that of all patients' together for the step of one patient.
fn together(step: &str) -> String {
    places::of_patients(step).map_or_else(|| step.to_owned(), |group| format!("{group}.patients"))
}

fn place(source: &Source) -> String {
    match source {
        Source::Output { step, .. } => together(step),
        Source::File { label, .. } => format!("file {label}"),
    }
}
