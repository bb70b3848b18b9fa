//! The log of looks: every evaluation of something fitted on patients other than those on whom it was fitted.
//!
//! The log stands in the folder of the store, `looks.jsonl`: whoever evaluates with that store is in it, whatever the
//! study's file is called. One line an entry, appended before the results are read. Each entry holds the digest of the one
//! before it (`previous`) and its own (`entry`: SHA-256 of its canonical JSON without that field), so that an edited or a
//! removed entry is told. A report keeps a copy, `looks.json`, which tells entries that were cut off at the end. A plan
//! that is run again on the same data looks at nothing new, and adds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::{self, Analysis, Plan};
use crate::report::{Looks, SetLooks};
use crate::store::Digest;

/// The name of the log in the folder of the store.
pub const LOG: &str = "looks.jsonl";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// From 1.
    pub number: u64,
    /// RFC 3339, UTC.
    pub time: String,
    pub study: String,
    /// SHA-256 of the canonical plan.
    pub plan: String,
    /// Digests of the contents of the tables, in order.
    pub data: Vec<String>,
    pub outcome: String,
    pub set: String,
    /// Against a registration?
    pub registered: bool,
    pub previous: Digest,
    pub entry: Digest,
}

/// What this run is, for the log.
#[derive(Clone, Debug)]
pub struct Looker<'a> {
    pub plan: &'a Plan,
    pub data: Vec<String>,
    pub registered: bool,
    pub time: String,
}

/// The first place where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line of the log, from 1.
    pub line: usize,
    pub problem: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "entry {} of the log of looks {}",
            self.line, self.problem
        )
    }
}

/// The entries of a log, and where its chain breaks. Lines that cannot be read are left out.
pub fn read_log(text: &str) -> (Vec<Look>, Option<Broken>) {
    let mut looks: Vec<Look> = Vec::new();
    let mut broken: Option<Broken> = None;
    for (index, line) in text.lines().enumerate() {
        let mut tell = |problem: String| {
            if broken.is_none() {
                broken = Some(Broken {
                    line: index + 1,
                    problem,
                });
            }
        };
        match serde_json::from_str::<Look>(line) {
            Ok(look) => {
                chain(looks.last(), &look).into_iter().for_each(&mut tell);
                looks.push(look);
            }
            Err(error) => tell(format!("cannot be read ({error})")),
        }
    }
    (looks, broken)
}

/// Where a list of entries does not form a chain.
pub fn check_chain(looks: &[Look]) -> Option<Broken> {
    looks.iter().enumerate().find_map(|(index, look)| {
        let before = index.checked_sub(1).and_then(|before| looks.get(before));
        chain(before, look).map(|problem| Broken {
            line: index + 1,
            problem,
        })
    })
}

/// What is wrong with an entry after another.
fn chain(before: Option<&Look>, look: &Look) -> Option<String> {
    if digest(look) != look.entry {
        return Some("was changed: its content does not fit its own digest".to_owned());
    }
    let (number, previous) =
        before.map_or((1, start()), |before| (before.number + 1, before.entry));
    if look.previous != previous || look.number != number {
        return Some(format!(
            "does not follow the entry before it: an entry was removed, added or changed (it has the number {}, expected {number})",
            look.number
        ));
    }
    None
}

/// What stands for the entry before the first.
fn start() -> Digest {
    Digest::of(b"")
}

fn digest(look: &Look) -> Digest {
    let mut whole = serde_json::to_value(look).expect("an entry is plain data");
    if let Some(fields) = whole.as_object_mut() {
        fields.remove("entry");
    }
    Digest::of(&canonical(&whole))
}

fn canonical(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("it holds texts and whole numbers")
}

/// Adds what this run evaluates and the log does not have yet, and gives the whole log. Other runs wait meanwhile.
pub fn append(path: &Path, looker: &Looker<'_>) -> io::Result<(Vec<Look>, Option<Broken>)> {
    let mut file: File = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(path)?;
    // A file system without locks gets none.
    let _ = file.lock();
    file.seek(SeekFrom::Start(0))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let (mut looks, broken) = read_log(&text);
    let plan = plan::digest(looker.plan);
    let mut lines = String::new();
    if !text.is_empty() && !text.ends_with('\n') {
        lines.push('\n');
    }
    for (outcome, set) in evaluations(looker.plan) {
        let known = looks.iter().any(|look| {
            look.plan == plan
                && look.data == looker.data
                && look.outcome == outcome
                && look.set == set
        });
        if known {
            continue;
        }
        let (number, previous) = looks
            .last()
            .map_or((1, start()), |last| (last.number + 1, last.entry));
        let mut look = Look {
            number,
            time: looker.time.clone(),
            study: looker.plan.study.name.clone(),
            plan: plan.clone(),
            data: looker.data.clone(),
            outcome,
            set,
            registered: looker.registered,
            previous,
            entry: start(),
        };
        look.entry = digest(&look);
        let line = serde_json::to_string(&look).expect("an entry is plain data");
        lines.push_str(&line);
        lines.push('\n');
        looks.push(look);
    }
    if lines.len() > 1 {
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
    }
    Ok((looks, broken))
}

/// What the report says of the log: for each set that the plan evaluates, how many other plans had looked at it first.
/// Entries count that are of the same study or of the same data; a look at the whole cohort is one at each of its sets.
pub fn summary(plan: &Plan, data: &[String], looks: &[Look], broken: Option<&Broken>) -> Looks {
    let digest = plan::digest(plan);
    let concerned: Vec<&Look> = looks
        .iter()
        .filter(|look| {
            look.study == plan.study.name || look.data.iter().any(|known| data.contains(known))
        })
        .collect();
    let mine = concerned
        .iter()
        .filter(|look| look.plan == digest)
        .map(|look| look.number)
        .min()
        .unwrap_or(u64::MAX);
    let sets: BTreeSet<String> = evaluations(plan).into_iter().map(|(_, set)| set).collect();
    let sets = sets
        .into_iter()
        .map(|set| {
            let before: Vec<&&Look> = concerned
                .iter()
                .filter(|look| look.number < mine && look.plan != digest)
                .filter(|look| look.set == set || look.set == plan.cohort.name)
                .collect();
            let plans: BTreeSet<&str> = before.iter().map(|look| look.plan.as_str()).collect();
            SetLooks {
                label: plan.set_label(&set),
                set,
                plans_before: plans.len() as u64,
                evaluations_before: before.len() as u64,
            }
        })
        .collect();
    Looks {
        sets,
        broken: broken.map(Broken::to_string),
    }
}

/// The outcomes that the plan evaluates with something fitted, and the sets of patients other than the fitting set.
pub fn evaluations(plan: &Plan) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for analysis in plan.analyses.values() {
        for set in evaluated(analysis) {
            if looks_outside(plan, analysis, set) {
                found
                    .extend(outcomes(analysis).map(|outcome| (outcome.to_owned(), set.to_owned())));
            }
        }
    }
    found
}

/// The names of analyses whose steps look at other patients than those of the fit, on at least one set.
pub fn looking(plan: &Plan) -> Vec<&str> {
    plan.analyses
        .iter()
        .filter(|(_, analysis)| {
            evaluated(analysis)
                .into_iter()
                .any(|set| looks_outside(plan, analysis, set))
        })
        .map(|(name, _)| name.as_str())
        .collect()
}

/// The plan without its looks, and what was left out of it, in words.
pub fn blinded(plan: &Plan) -> (Plan, Vec<String>) {
    let mut kept = plan.clone();
    let mut left_out = Vec::new();
    let mut dropped: BTreeSet<String> = BTreeSet::new();
    let mut analyses = BTreeMap::new();
    for (name, analysis) in &plan.analyses {
        let (outside, inside): (Vec<&str>, Vec<&str>) = evaluated(analysis)
            .into_iter()
            .partition(|set| looks_outside(plan, analysis, set));
        if outside.is_empty() {
            analyses.insert(name.clone(), analysis.clone());
            continue;
        }
        left_out.push(format!("{name} on {}", outside.join(", ")));
        match analysis {
            Analysis::Performance(performance) if !inside.is_empty() => {
                let mut performance = performance.clone();
                performance.on = inside.into_iter().map(str::to_owned).collect();
                analyses.insert(name.clone(), Analysis::Performance(performance));
            }
            _ => {
                dropped.insert(name.clone());
            }
        }
    }
    kept.analyses = analyses;
    kept.report.retain(|item| !dropped.contains(&item.name));
    (kept, left_out)
}

fn evaluated(analysis: &Analysis) -> Vec<&str> {
    match analysis {
        Analysis::Characteristics(_) => Vec::new(),
        Analysis::Performance(a) => a.on.iter().map(String::as_str).collect(),
        Analysis::KaplanMeier(a) => vec![a.on.as_str()],
        Analysis::Cox(a) => vec![a.on.as_str()],
        Analysis::Subgroup(a) => vec![a.on.as_str()],
    }
}

fn outcomes(analysis: &Analysis) -> impl Iterator<Item = &str> {
    let names: Vec<&str> = match analysis {
        Analysis::Characteristics(_) => Vec::new(),
        Analysis::Performance(a) => vec![a.outcome.as_str()],
        Analysis::KaplanMeier(a) => a.endpoints.iter().map(String::as_str).collect(),
        Analysis::Cox(a) => vec![a.endpoint.as_str()],
        Analysis::Subgroup(a) => a.endpoints.iter().map(String::as_str).collect(),
    };
    names.into_iter()
}

fn looks_outside(plan: &Plan, analysis: &Analysis, set: &str) -> bool {
    let values: Vec<&String> = match analysis {
        Analysis::Characteristics(_) => Vec::new(),
        Analysis::Performance(a) => a.scores.iter().collect(),
        Analysis::KaplanMeier(a) => a.by.iter().collect(),
        Analysis::Cox(a) => a.candidates.iter().collect(),
        Analysis::Subgroup(a) => a
            .within
            .iter()
            .chain(&a.adjust)
            .chain([&a.treatment])
            .collect(),
    };
    let mut fits = BTreeSet::new();
    for value in values {
        fit_sets(plan, value, &mut fits);
    }
    fits.iter()
        .any(|fit| *fit != set && *fit != plan.cohort.name)
}

/// The sets on which a value was fitted, itself or through others.
fn fit_sets<'a>(plan: &'a Plan, value: &'a str, sets: &mut BTreeSet<&'a str>) {
    if let Some(cutoff) = plan.cutoffs.get(value) {
        sets.extend(cutoff.fit_on.as_deref());
        fit_sets(plan, &cutoff.score, sets);
    } else if let Some(signature) = plan.signatures.get(value) {
        sets.insert(&signature.fit_on);
    } else if plan.locked_models.contains_key(value) {
        // Fitted on patients of another study: no set of this one.
        sets.insert("");
    } else if let Some(model) = plan.models.get(value) {
        sets.insert(&model.fit_on);
    } else if let Some(derived) = plan.derived.get(value) {
        for name in derived.expression.values() {
            fit_sets(plan, name, sets);
        }
    }
}
