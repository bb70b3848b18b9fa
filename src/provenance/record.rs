//! The record of a run, `run.json`: what the report in the same folder was made of.
//!
//! A step's `key` is SHA-256 of the canonical JSON (RFC 8785) of its kind, version, parameters, stream and the digests of
//! its inputs; `objects/ab/<sha256>` of the store holds each output. It names no patient and no folder of the machine:
//! paths are relative to the report where that is possible. `seal` is SHA-256 of the canonical JSON of everything else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::{Graph, Report, Source};
use crate::store::{
    Description, Digest, Found, Machine, Origin, Receipt, Store, StoreError, Stored, Stream,
};

/// Version of the format of `run.json`.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    pub format: u32,
    pub prereg_version: String,
    /// When the report was written: RFC 3339, UTC.
    pub written: String,
    pub study: StudyFile,
    pub plan_digest: String,
    /// Of `results.json` beside this file.
    pub results_sha256: Digest,
    /// The folder of the store, from the folder of the report.
    pub store: String,
    /// The registration that the study was run against, if any: a copy is `registration.json` beside this file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub registration_sha256: Option<Digest>,
    /// Of `looks.json` beside this file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub looks_sha256: Option<Digest>,
    pub files: Vec<FileRecord>,
    /// In the order of the graph.
    pub steps: Vec<StepRecord>,
    pub seal: Digest,
}

/// The text that declared the study.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyFile {
    /// From the folder of the report.
    pub path: String,
    pub sha256: Digest,
    pub text: String,
}

/// A file that steps read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// As the study writes it.
    pub file: String,
    /// From the folder of the report.
    pub path: String,
    pub sha256: Digest,
    /// Of a table: one row a patient.
    pub rows: Option<u64>,
    /// Of a file of each patient (`{patient}` in its name): the SHA-256 of every one that was read, sorted, so that none tells
    /// a patient. `sha256` is then that of these, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Digest>,
}

impl FileRecord {
    /// A file, or with `{patient}` in its name a file of each patient, by the contents that were read.
    pub fn new(file: String, path: String, contents: Vec<Digest>, rows: Option<u64>) -> Self {
        let lines: String = contents
            .iter()
            .map(|digest| format!("{digest}\n"))
            .collect();
        let one = match contents.as_slice() {
            [one] if !file.contains(PATIENT) => *one,
            _ => Digest::of(lines.as_bytes()),
        };
        let contents = if file.contains(PATIENT) {
            contents
        } else {
            Vec::new()
        };
        Self {
            file,
            path,
            sha256: one,
            rows,
            contents,
        }
    }
}

/// What stands for a patient in the name of a file.
pub(super) const PATIENT: &str = "{patient}";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    pub id: String,
    pub key: Digest,
    pub kind: String,
    /// Of the step's behaviour.
    pub version: u32,
    pub parameters: Value,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stream: Option<Stream>,
    pub inputs: BTreeMap<String, InputRecord>,
    pub outputs: BTreeMap<String, Stored>,
    pub started: String,
    pub finished: String,
    pub machine: Machine,
    pub threads: usize,
    /// The version of prereg that computed it.
    pub prereg: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    pub from: Origin,
    pub sha256: Digest,
}

impl StepRecord {
    /// What decided the result.
    pub fn description(&self) -> Description {
        Description {
            kind: self.kind.clone(),
            version: self.version,
            parameters: self.parameters.clone(),
            stream: self.stream.clone(),
            inputs: self
                .inputs
                .iter()
                .map(|(name, input)| (name.clone(), input.sha256))
                .collect(),
        }
    }

    /// The seconds from `started` to `finished`, which are of one day or two that follow each other.
    pub fn seconds(&self) -> Option<f64> {
        let of_day = |moment: &str| -> Option<f64> {
            let time = moment.get(11..moment.len().checked_sub(1)?)?;
            let mut parts = time.split(':').map(str::parse::<f64>);
            Some(parts.next()?.ok()? * 3_600.0 + parts.next()?.ok()? * 60.0 + parts.next()?.ok()?)
        };
        let span = of_day(&self.finished)? - of_day(&self.started)?;
        Some(if span < 0.0 { span + 86_400.0 } else { span })
    }
}

impl RunRecord {
    /// SHA-256 of the canonical JSON of everything but the seal.
    pub fn own_digest(&self) -> Digest {
        let mut whole = serde_json::to_value(self).expect("a record is plain data");
        if let Some(fields) = whole.as_object_mut() {
            fields.remove("seal");
        }
        let text = serde_json_canonicalizer::to_vec(&whole)
            .expect("it holds texts, digests and JSON read from JSON");
        Digest::of(&text)
    }

    pub fn step(&self, id: &str) -> Option<&StepRecord> {
        self.steps.iter().find(|step| step.id == id)
    }

    pub fn file(&self, file: &str) -> Option<&FileRecord> {
        self.files.iter().find(|known| known.file == file)
    }
}

/// The steps of a finished run, from their receipts. A step that another one computed before with the same description
/// has its own id and origins and the other's times.
pub fn steps(graph: &Graph, report: &Report, store: &Store) -> Result<Vec<StepRecord>, StoreError> {
    let mut records: Vec<StepRecord> = Vec::new();
    for step in graph.steps() {
        let Some(done) = report.step(&step.id) else {
            continue;
        };
        let mut inputs = BTreeMap::new();
        let last = store.last(graph.name(), &step.id);
        for input in &step.inputs {
            let from = match &input.source {
                Source::Output { step, output } => Origin::Output {
                    step: step.clone(),
                    output: output.clone(),
                },
                Source::File { label, .. } => Origin::File {
                    file: label.clone(),
                },
            };
            let known = last
                .as_ref()
                .and_then(|last| last.description.inputs.get(&input.name));
            if let Some(sha256) = known {
                inputs.insert(
                    input.name.clone(),
                    InputRecord {
                        from,
                        sha256: *sha256,
                    },
                );
            }
        }
        let Some(last) = last else { continue };
        let receipt: Option<Receipt> = match store.receipt(last.key)? {
            Found::Present(receipt) => Some(receipt),
            Found::Missing | Found::Damaged(_) => None,
        };
        let Some(receipt) = receipt else { continue };
        records.push(StepRecord {
            id: step.id.clone(),
            key: last.key,
            kind: last.description.kind,
            version: last.description.version,
            parameters: last.description.parameters,
            stream: last.description.stream,
            inputs,
            outputs: done.outputs.clone(),
            started: receipt.started,
            finished: receipt.finished,
            machine: receipt.machine,
            threads: receipt.threads,
            prereg: receipt.prereg,
        });
    }
    Ok(records)
}
