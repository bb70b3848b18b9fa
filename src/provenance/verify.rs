//! Whether what a report stands on is still what it was: files, store, looks, registration, and the record of them.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use super::compare::Difference;
use super::looks::{Look, check_chain, read_log};
use super::prepare::LooksCopy;
use super::record::{FileRecord, PATIENT, RunRecord};
use super::registration::{Registration, read_registration};
use crate::store::{Digest, Found, Store};

/// The results and the steps as the record has them.
pub fn check_record(record: &RunRecord, results: &[u8]) -> Vec<Difference> {
    let mut found = Vec::new();
    if Digest::of(results) != record.results_sha256 {
        found.push(Difference::new(
            "results.json",
            "is not the file that the run wrote: its SHA-256 is not the one in run.json",
        ));
    }
    if record.own_digest() != record.seal {
        found.push(Difference::new(
            "run.json",
            "was changed after it was written: it does not fit its seal",
        ));
    }
    if Digest::of(record.study.text.as_bytes()) != record.study.sha256 {
        found.push(Difference::new(
            "run.json: study",
            "the text of the study does not have the SHA-256 that stands beside it",
        ));
    }
    for step in &record.steps {
        if step.description().key() != step.key {
            found.push(Difference::new(
                format!("run.json: {}", step.id),
                "its description does not give its key: the record was changed",
            ));
        }
        for (name, input) in &step.inputs {
            let crate::store::Origin::Output { step: from, output } = &input.from else {
                continue;
            };
            let given = record
                .step(from)
                .and_then(|step| step.outputs.get(output))
                .map(|stored| stored.sha256);
            if given != Some(input.sha256) {
                found.push(Difference::new(
                    format!("run.json: {}", step.id),
                    format!("its input {name} is not what {from} gave as {output}"),
                ));
            }
        }
    }
    found
}

/// The data files: `folder` is that of the report.
pub fn check_files(record: &RunRecord, folder: &Path) -> Vec<Difference> {
    record
        .files
        .iter()
        .filter_map(|file| {
            if file.file.contains(PATIENT) {
                return check_patients(file, folder);
            }
            let path = folder.join(&file.path);
            let digest = File::open(&path).and_then(Digest::of_reader);
            let problem = match digest {
                Err(error) => format!("cannot be read at {}: {error}", path.display()),
                Ok(digest) if digest != file.sha256 => format!(
                    "its SHA-256 is {digest}, the report was made from {}",
                    file.sha256
                ),
                Ok(_) => return None,
            };
            Some(Difference::new(format!("data file {}", file.file), problem))
        })
        .collect()
}

/// The files of the patients: each content that was read must still be that of a file. No patient is named.
fn check_patients(file: &FileRecord, folder: &Path) -> Option<Difference> {
    let present = of_patients(&folder.join(&file.path).display().to_string());
    let gone = file
        .contents
        .iter()
        .filter(|digest| !present.contains(*digest))
        .count();
    (gone > 0).then(|| {
        Difference::new(
            format!("data file {}", file.file),
            format!(
                "{gone} of the {} files that the report was made from are not there or hold something else",
                file.contents.len()
            ),
        )
    })
}

/// The digests of the files that a name with `{patient}` stands for.
fn of_patients(pattern: &str) -> BTreeSet<Digest> {
    let (before, after) = pattern.split_once(PATIENT).unwrap_or((pattern, ""));
    let (parent, prefix) = before.rsplit_once('/').unwrap_or((".", before));
    let suffix = after.split('/').next().unwrap_or_default();
    let Ok(entries) = std::fs::read_dir(parent) else {
        return BTreeSet::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let patient = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
            File::open(pattern.replace(PATIENT, patient))
                .and_then(Digest::of_reader)
                .ok()
        })
        .collect()
}

/// Every receipt and object that the report was made from.
pub fn check_store(record: &RunRecord, store: &Store) -> Vec<Difference> {
    let mut found = Vec::new();
    for step in &record.steps {
        let receipt = format!("store: {}", Store::receipt_path(step.key).display());
        match store.receipt(step.key) {
            Ok(Found::Present(held)) => {
                if held.outputs != step.outputs || held.description != step.description() {
                    found.push(Difference::new(
                        receipt,
                        format!("says something else of {} than run.json", step.id),
                    ));
                }
            }
            Ok(Found::Missing) => found.push(Difference::new(
                receipt,
                format!("the receipt of {} is missing", step.id),
            )),
            Ok(Found::Damaged(damage)) => {
                found.push(Difference::new(
                    format!("store: {}", step.id),
                    damage.to_string(),
                ));
            }
            Err(error) => found.push(Difference::new(receipt, error.to_string())),
        }
        for (output, stored) in &step.outputs {
            let place = format!("store: {}", Store::object_path(stored.sha256).display());
            let what = format!("output {output} of {}", step.id);
            match store.get(stored.sha256) {
                Ok(Found::Present(_)) => {}
                Ok(Found::Missing) => {
                    found.push(Difference::new(place, format!("{what} is missing")));
                }
                Ok(Found::Damaged(damage)) => {
                    found.push(Difference::new(
                        place,
                        format!("{what} is damaged: {damage}"),
                    ));
                }
                Err(error) => found.push(Difference::new(place, error.to_string())),
            }
        }
    }
    found
}

/// The copy of the log in the report, and the log of the store if it is there. Gives the copy if it can be read.
pub fn check_looks(
    record: &RunRecord,
    copy: Option<&[u8]>,
    log: Option<&str>,
) -> (Option<LooksCopy>, Vec<Difference>) {
    let mut found = Vec::new();
    let Some(bytes) = copy else {
        if record.looks_sha256.is_some() {
            found.push(Difference::new("looks.json", "is missing"));
        }
        return (None, found);
    };
    if record.looks_sha256 != Some(Digest::of(bytes)) {
        found.push(Difference::new(
            "looks.json",
            "is not the file that the run wrote: its SHA-256 is not the one in run.json",
        ));
    }
    let copy: LooksCopy = match serde_json::from_slice(bytes) {
        Ok(copy) => copy,
        Err(error) => {
            found.push(Difference::new(
                "looks.json",
                format!("cannot be read: {error}"),
            ));
            return (None, found);
        }
    };
    found.extend(
        check_chain(&copy.entries).map(|broken| Difference::new("looks.json", format!("{broken}"))),
    );
    if let Some(text) = log {
        let (looks, broken) = read_log(text);
        found
            .extend(broken.map(|broken| Difference::new("store: looks.jsonl", broken.to_string())));
        found.extend(lost(&copy.entries, &looks).map(|look| {
            Difference::new(
                "store: looks.jsonl",
                format!(
                    "entry {} of the report's looks.json ({} on {}, {}) is not in the log: it was removed or changed",
                    look.number, look.outcome, look.set, look.time
                ),
            )
        }));
    }
    (Some(copy), found)
}

/// The first entry of the report that the log does not have in its place.
fn lost<'a>(copy: &'a [Look], log: &[Look]) -> Option<&'a Look> {
    copy.iter()
        .enumerate()
        .find(|(index, look)| log.get(*index) != Some(look))
        .map(|(_, look)| look)
}

/// The copy of the registration in the report.
pub fn check_registration(
    record: &RunRecord,
    copy: Option<&[u8]>,
) -> (Option<Registration>, Vec<Difference>) {
    let place = "registration.json";
    match (copy, record.registration_sha256) {
        (None, None) => (None, Vec::new()),
        (None, Some(_)) => (None, vec![Difference::new(place, "is missing")]),
        (Some(_), None) => (
            None,
            vec![Difference::new(
                place,
                "the run was not made against a registration",
            )],
        ),
        (Some(bytes), Some(recorded)) => {
            let mut found = Vec::new();
            if Digest::of(bytes) != recorded {
                found.push(Difference::new(
                    place,
                    "is not the registration of the run: its SHA-256 is not the one in run.json",
                ));
            }
            match read_registration(bytes) {
                Ok(registration) => (Some(registration), found),
                Err(error) => {
                    found.push(Difference::new(place, error.to_string()));
                    (None, found)
                }
            }
        }
    }
}
