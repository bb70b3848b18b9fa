//! The line of descent of a reported value: value ← step ← … ← files.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::record::{RunRecord, StepRecord};
use super::statements::Statement;
use crate::report::{ReportedValue, Results};
use crate::store::{Digest, Found, Origin, Store, Stored, Stream};

/// Everything that a value was computed from, each step and file once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Descent {
    pub value: ReportedValue,
    /// The step that the value was read from first, then those that it needed, nearest first.
    pub nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "node")]
#[expect(
    clippy::large_enum_variant,
    reason = "a descent has few files, and most nodes are steps"
)]
pub enum Node {
    Step {
        id: String,
        kind: String,
        version: u32,
        key: Digest,
        parameters: Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        stream: Option<Stream>,
        /// The statement of the study that asked for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        statement: Option<Cited>,
        inputs: Vec<Link>,
        outputs: BTreeMap<String, Stored>,
        finished: String,
        prereg: String,
    },
    File {
        file: String,
        path: String,
        sha256: Digest,
        rows: Option<u64>,
    },
}

/// An input of a step. `patients`: how many it names, where it is a set of patients and the store still has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    pub name: String,
    pub from: Origin,
    pub sha256: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patients: Option<usize>,
}

/// A statement of the study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cited {
    pub name: String,
    #[serde(flatten)]
    pub statement: Statement,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DescentError {
    UnknownValue {
        id: String,
        /// Ids that resemble it.
        similar: Vec<String>,
    },
    /// `run.json` does not have a step or file that another names.
    NotRecorded { place: String },
}

/// The descent of the value with this id.
pub fn descent(
    results: &Results,
    record: &RunRecord,
    statements: &BTreeMap<String, Statement>,
    store: Option<&Store>,
    id: &str,
) -> Result<Descent, DescentError> {
    let value = results
        .values
        .iter()
        .find(|value| value.id == id)
        .ok_or_else(|| DescentError::UnknownValue {
            id: id.to_owned(),
            similar: similar(results, id),
        })?;
    let mut nodes = Vec::new();
    let mut seen: Vec<Origin> = Vec::new();
    let mut due = vec![place(&value.step)];
    while !due.is_empty() {
        let mut next = Vec::new();
        for origin in due {
            let here = match &origin {
                Origin::Output { step, .. } => place(step),
                Origin::File { .. } => origin.clone(),
            };
            if seen.contains(&here) {
                continue;
            }
            seen.push(here.clone());
            match &here {
                Origin::Output { step, .. } => {
                    let step = record.step(step).ok_or_else(|| DescentError::NotRecorded {
                        place: step.clone(),
                    })?;
                    next.extend(step.inputs.values().map(|input| input.from.clone()));
                    nodes.push(step_node(step, statements, store));
                }
                Origin::File { file } => {
                    let file = record.file(file).ok_or_else(|| DescentError::NotRecorded {
                        place: file.clone(),
                    })?;
                    nodes.push(Node::File {
                        file: file.file.clone(),
                        path: file.path.clone(),
                        sha256: file.sha256,
                        rows: file.rows,
                    });
                }
            }
        }
        due = next;
    }
    Ok(Descent {
        value: value.clone(),
        nodes,
    })
}

/// A step, whatever its output.
fn place(step: &str) -> Origin {
    Origin::Output {
        step: step.to_owned(),
        output: String::new(),
    }
}

fn step_node(
    step: &StepRecord,
    statements: &BTreeMap<String, Statement>,
    store: Option<&Store>,
) -> Node {
    let inputs = step
        .inputs
        .iter()
        .map(|(name, input)| Link {
            name: name.clone(),
            from: input.from.clone(),
            sha256: input.sha256,
            patients: store
                .filter(|_| is_set(&input.from))
                .and_then(|store| read_set(store, input.sha256))
                .map(|set| set.len()),
        })
        .collect();
    Node::Step {
        id: step.id.clone(),
        kind: step.kind.clone(),
        version: step.version,
        key: step.key,
        parameters: step.parameters.clone(),
        stream: step.stream.clone(),
        statement: cited(&step.id, statements),
        inputs,
        outputs: step.outputs.clone(),
        finished: step.finished.clone(),
        prereg: step.prereg.clone(),
    }
}

/// Is this output a set of patients: positions in the order of the key?
pub(super) fn is_set(origin: &Origin) -> bool {
    matches!(origin, Origin::Output { output, .. } if output == "members" || output.starts_with("set."))
}

pub(super) fn read_set(store: &Store, digest: Digest) -> Option<Vec<usize>> {
    match store.get(digest).ok()? {
        Found::Present(bytes) => serde_json::from_slice(&bytes).ok(),
        Found::Missing | Found::Damaged(_) => None,
    }
}

/// The statement that a step comes from: `performance.table2.calibration` is asked for by `table2`.
fn cited(step: &str, statements: &BTreeMap<String, Statement>) -> Option<Cited> {
    let mut parts = step.splitn(2, '.');
    let kind = parts.next().unwrap_or_default();
    let rest = parts.next().unwrap_or_default();
    let name = rest.split('.').next().unwrap_or_default();
    let of_kind = format!("{kind}.{name}");
    [of_kind.as_str(), name, step, kind]
        .into_iter()
        .find_map(|name| {
            statements.get(name).map(|statement| Cited {
                name: name.to_owned(),
                statement: statement.clone(),
            })
        })
}

/// Up to five ids that hold the words of this one, else those that begin like it.
fn similar(results: &Results, id: &str) -> Vec<String> {
    let ids = || results.values.iter().map(|value| &value.id);
    let holds = |known: &&String| id.split('.').all(|word| known.contains(word));
    let first = id.split('.').next().unwrap_or_default();
    let begins = |known: &&String| !first.is_empty() && known.starts_with(first);
    let found: Vec<String> = ids().filter(holds).take(5).cloned().collect();
    if found.is_empty() {
        ids().filter(begins).take(5).cloned().collect()
    } else {
        found
    }
}

impl fmt::Display for DescentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownValue { id, .. } => write!(f, "no value of the report has the id `{id}`"),
            Self::NotRecorded { place } => write!(f, "run.json has no record of `{place}`"),
        }
    }
}

impl std::error::Error for DescentError {}

/// The descent as a tree of text. A step or file that stands further up is only named.
impl fmt::Display for Descent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = &self.value;
        let exact = value
            .value
            .map_or_else(|| "not reached".to_owned(), |number| number.to_string());
        write!(f, "{} = {exact}", value.id)?;
        if let Some(unit) = &value.unit {
            write!(f, " {unit}")?;
        }
        write!(f, ", shown as {}", value.display)?;
        if let Some(n) = value.n {
            write!(f, ", from {n} patients")?;
        }
        writeln!(f, "\nread at {} of the step", value.field)?;
        let mut told = Vec::new();
        self.branch(f, &place(&value.step), "", "", &mut told)
    }
}

const LONGEST: usize = 160;

impl Descent {
    fn node(&self, origin: &Origin) -> Option<&Node> {
        self.nodes.iter().find(|node| match (node, origin) {
            (Node::Step { id, .. }, Origin::Output { step, .. }) => id == step,
            (Node::File { file, .. }, Origin::File { file: wanted }) => file == wanted,
            _ => false,
        })
    }

    fn branch<'a>(
        &'a self,
        f: &mut fmt::Formatter<'_>,
        origin: &Origin,
        first: &str,
        rest: &str,
        told: &mut Vec<&'a str>,
    ) -> fmt::Result {
        let (id, inputs) = match self.node(origin) {
            None => return writeln!(f, "{first}{origin}"),
            Some(Node::File {
                file, sha256, rows, ..
            }) => {
                let known = told.contains(&file.as_str());
                told.push(file);
                let rows = rows.map_or(String::new(), |rows| format!(", {rows} rows"));
                writeln!(f, "{first}file {file}{rows}{}", above(known))?;
                if !known {
                    writeln!(f, "{rest}  SHA-256 {sha256}")?;
                }
                return Ok(());
            }
            Some(Node::Step { id, inputs, .. }) => (id, inputs),
        };
        let known = told.contains(&id.as_str());
        told.push(id);
        self.step_lines(f, origin, first, rest, known)?;
        if known {
            return Ok(());
        }
        // Inputs that come from one step are one branch.
        let mut branches: Vec<(&Origin, Vec<String>)> = Vec::new();
        for link in inputs {
            let mut name = match &link.from {
                Origin::Output { output, .. } => output.clone(),
                Origin::File { .. } => String::new(),
            };
            if let Some(patients) = link.patients {
                let _ = write!(name, " ({patients} patients)");
            }
            let same = |(origin, _): &&mut (&Origin, Vec<String>)| same_place(origin, &link.from);
            match branches.iter_mut().find(same) {
                Some((_, names)) => names.push(name),
                None => branches.push((&link.from, vec![name])),
            }
        }
        let last = branches.len().saturating_sub(1);
        for (position, (origin, mut names)) in branches.into_iter().enumerate() {
            let (turn, line) = if position == last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            names.retain(|name| !name.is_empty());
            names.dedup();
            let what = if names.is_empty() {
                String::new()
            } else {
                format!("{} ← ", names.join(", "))
            };
            self.branch(
                f,
                origin,
                &format!("{rest}{turn}{what}"),
                &format!("{rest}{line}"),
                told,
            )?;
        }
        Ok(())
    }

    fn step_lines(
        &self,
        f: &mut fmt::Formatter<'_>,
        origin: &Origin,
        first: &str,
        rest: &str,
        known: bool,
    ) -> fmt::Result {
        let Some(Node::Step {
            id,
            kind,
            version,
            key,
            parameters,
            stream,
            statement,
            ..
        }) = self.node(origin)
        else {
            return Ok(());
        };
        writeln!(f, "{first}{id}: {kind}, version {version}{}", above(known))?;
        if known {
            return Ok(());
        }
        if let Some(Cited { statement, .. }) = statement {
            let lines = if statement.first_line == statement.last_line {
                format!("line {}", statement.first_line)
            } else {
                format!("lines {} to {}", statement.first_line, statement.last_line)
            };
            writeln!(f, "{rest}│ study, {lines}: {}", short(&statement.text))?;
        }
        writeln!(f, "{rest}│ parameters {}", short(&parameters.to_string()))?;
        if let Some(Stream { seed, .. }) = stream {
            writeln!(f, "{rest}│ draws from the study's seed {seed}")?;
        }
        writeln!(f, "{rest}│ key {key}")
    }
}

fn above(known: bool) -> &'static str {
    if known { " (see above)" } else { "" }
}

fn same_place(a: &Origin, b: &Origin) -> bool {
    match (a, b) {
        (Origin::Output { step: a, .. }, Origin::Output { step: b, .. }) => a == b,
        (Origin::File { file: a }, Origin::File { file: b }) => a == b,
        _ => false,
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST - 1).collect();
    format!("{kept}…")
}

/// The descent as a graph in the language of Graphviz, from files to the value.
pub fn dot(descent: &Descent) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = String::from("digraph descent {\n  rankdir=LR;\n  node [shape=box];\n");
    let value = &descent.value;
    let shown = format!("{} = {}", value.id, value.display);
    let _ = writeln!(
        out,
        "  {} [shape=ellipse, label={}];",
        quoted("value"),
        quoted(&shown)
    );
    let _ = writeln!(
        out,
        "  {} -> {} [label={}];",
        quoted(&value.step),
        quoted("value"),
        quoted(&value.field)
    );
    for node in &descent.nodes {
        match node {
            Node::File { file, sha256, .. } => {
                let sha256 = sha256.to_string();
                let label = format!("{file}\nSHA-256 {}…", sha256.get(..16).unwrap_or_default());
                let label = quoted(&label).replace('\n', "\\n");
                let name = quoted(&format!("file {file}"));
                let _ = writeln!(out, "  {name} [shape=note, label={label}];");
            }
            Node::Step { id, inputs, .. } => {
                let _ = writeln!(out, "  {};", quoted(id));
                for link in inputs {
                    let (from, label) = match &link.from {
                        Origin::Output { step, output } => (step.clone(), output.clone()),
                        Origin::File { file } => (format!("file {file}"), String::new()),
                    };
                    let _ = writeln!(
                        out,
                        "  {} -> {} [label={}];",
                        quoted(&from),
                        quoted(id),
                        quoted(&label)
                    );
                }
            }
        }
    }
    out.push_str("}\n");
    out
}
