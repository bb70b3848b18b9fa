//! Runs every case of a folder and sums up, method by method.

use rayon::prelude::*;
use serde_json::Value;

use crate::store::Digest;

use super::case::{Case, CaseError, malformed};
use super::compare::{Deviation, Verdict, compare};
use super::files::CaseFiles;
use super::methods::{find, methods};

/// One case, run.
#[derive(Clone, Debug)]
pub struct CaseResult {
    pub file: String,
    pub id: String,
    pub method: String,
    /// The program that computed the expected figures, with its version.
    pub witness: String,
    pub outcome: Result<Verdict, CaseError>,
    /// The files that it stands on: the case itself and its tables, each with its SHA-256.
    pub files: Vec<(String, Digest)>,
}

impl CaseResult {
    pub fn passed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(Verdict::passed)
    }
}

/// All cases of one method.
#[derive(Clone, Debug)]
pub struct MethodSummary {
    pub method: String,
    pub cases: usize,
    pub figures: usize,
    /// The figure that comes closest to failing, of the cases that could be compared.
    pub largest: Option<Deviation>,
    /// In the order of their cases, each once.
    pub witnesses: Vec<String>,
    pub passed: bool,
}

#[derive(Clone, Debug)]
pub struct Validation {
    /// In alphabetical order of their files.
    pub cases: Vec<CaseResult>,
    /// In alphabetical order.
    pub methods: Vec<MethodSummary>,
    /// Methods that no case was about.
    pub without_case: Vec<&'static str>,
    /// SHA-256 of the lines `digest  name` of all files, in alphabetical order: what `sha256sum FILES | sha256sum` prints.
    pub digest: Digest,
}

impl Validation {
    pub fn passed(&self) -> bool {
        !self.cases.is_empty() && self.cases.iter().all(CaseResult::passed)
    }

    pub fn figures(&self) -> usize {
        self.methods.iter().map(|method| method.figures).sum()
    }
}

/// Runs all cases. A case that is malformed or whose method refuses it counts as failed; an error is a folder that cannot be
/// read.
pub fn validate(files: &CaseFiles) -> Result<Validation, CaseError> {
    let cases: Vec<CaseResult> = files
        .cases()?
        .into_par_iter()
        .map(|(name, text)| run(name, &text, files))
        .collect();

    let mut listed: Vec<(String, Digest)> = cases.iter().flat_map(|c| c.files.clone()).collect();
    listed.sort();
    listed.dedup();
    let lines: String = listed
        .iter()
        .map(|(name, digest)| format!("{digest}  {name}\n"))
        .collect();

    let mut names: Vec<&str> = cases.iter().map(|case| case.method.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let without_case = methods()
        .iter()
        .map(|method| method.name)
        .filter(|name| !names.contains(name))
        .collect();
    Ok(Validation {
        methods: names.iter().map(|name| summary(name, &cases)).collect(),
        without_case,
        digest: Digest::of(lines.as_bytes()),
        cases,
    })
}

fn run(name: String, text: &str, files: &CaseFiles) -> CaseResult {
    let mut result = CaseResult {
        files: vec![(name.clone(), Digest::of(text.as_bytes()))],
        id: name.trim_end_matches(".json").to_owned(),
        file: name,
        method: String::new(),
        witness: String::new(),
        outcome: Err(malformed("case", "a case")),
    };
    result.outcome = Case::parse(text, files.clone()).and_then(|case| {
        if !case.id.is_empty() {
            result.id.clone_from(&case.id);
        }
        result.method.clone_from(&case.method);
        result.witness.clone_from(&case.tool);
        for (table, text) in case.tables()? {
            result.files.push((table, Digest::of(text.as_bytes())));
        }
        run_case(&case)
    });
    result
}

fn run_case(case: &Case) -> Result<Verdict, CaseError> {
    let method = find(&case.method).ok_or_else(|| {
        malformed(
            "method",
            &format!(
                "one that `prereg method --list` names, not {:?}",
                case.method
            ),
        )
    })?;
    if case.tool.is_empty() {
        return Err(malformed(
            "tool",
            "the program that computed the figures, with its version",
        ));
    }
    match &case.expected {
        Value::Object(fields) if !fields.is_empty() => {}
        _ => {
            return Err(malformed(
                "expected",
                "an object with the figures to compare",
            ));
        }
    }
    let actual = (method.run)(case)?;
    Ok(compare(&case.expected, &actual, &case.tolerance))
}

fn summary(method: &str, cases: &[CaseResult]) -> MethodSummary {
    let own = || cases.iter().filter(|case| case.method == method);
    let mut witnesses: Vec<String> = Vec::new();
    for case in own().filter(|case| !case.witness.is_empty()) {
        if !witnesses.contains(&case.witness) {
            witnesses.push(case.witness.clone());
        }
    }
    let verdicts = || own().filter_map(|case| case.outcome.as_ref().ok());
    let mut largest: Option<&Deviation> = None;
    for deviation in verdicts().filter_map(|verdict| verdict.largest.as_ref()) {
        if largest.is_none_or(|l| !(deviation.share_of_tolerance <= l.share_of_tolerance)) {
            largest = Some(deviation);
        }
    }
    MethodSummary {
        method: method.to_owned(),
        cases: own().count(),
        figures: verdicts().map(|verdict| verdict.compared).sum(),
        largest: largest.cloned(),
        witnesses,
        passed: own().all(CaseResult::passed),
    }
}
