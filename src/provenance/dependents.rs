//! The other way round: which reported values depend on a file, on one column of it, on one patient.
//!
//! A column: every value whose line of descent goes through that column. A step is taken whole, but for tables that are
//! read or joined, which have one output a column.
//!
//! A patient: every value that was computed from patients among whom this one is, or with anything that was fitted on
//! such patients. Who belongs to the cohort and to which set is taken as it is: a draw depends on everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::descent::{is_set, read_set};
use super::record::{RunRecord, StepRecord};
use crate::report::{ReportedValue, Results};
use crate::store::{Digest, Found, Origin, Store};

/// What of a file is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    pub column: Option<&'a str>,
    pub patient: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dependents {
    /// As the study writes it.
    pub file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientPlace>,
    /// The steps that depend on it, in the order of the graph.
    pub steps: Vec<String>,
    /// In the order of the report.
    pub values: Vec<ReportedValue>,
}

/// Where a patient was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PatientPlace {
    /// The sets that the patient belongs to, as `step#output`; none of an excluded patient.
    pub sets: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependentsError {
    UnknownFile {
        file: String,
        known: Vec<String>,
    },
    UnknownColumn {
        column: String,
        known: Vec<String>,
    },
    UnknownPatient {
        patient: String,
    },
    /// Patients are known to the store alone.
    NoStore,
    Gone {
        step: String,
        output: String,
    },
}

/// How much of an output changes with the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Touch {
    /// The patient's own entry, in an output that has one for each patient.
    Row,
    Whole,
}

/// The values that depend on a part of a file.
pub fn dependents(
    results: &Results,
    record: &RunRecord,
    store: Option<&Store>,
    file: &str,
    part: Part<'_>,
) -> Result<Dependents, DependentsError> {
    let known = record
        .files
        .iter()
        .find(|known| known.file == file || known.path == file)
        .or_else(|| {
            let suffix = |known: &&super::record::FileRecord| {
                file.ends_with(&format!("/{}", known.file))
                    || known.file.ends_with(&format!("/{file}"))
            };
            record.files.iter().find(suffix)
        })
        .ok_or_else(|| DependentsError::UnknownFile {
            file: file.to_owned(),
            known: record.files.iter().map(|file| file.file.clone()).collect(),
        })?;
    let readers: Vec<&StepRecord> = record
        .steps
        .iter()
        .filter(|step| {
            step.inputs
                .values()
                .any(|input| matches!(&input.from, Origin::File { file } if *file == known.file))
        })
        .collect();
    let start = outputs_of(&readers, part.column)?;
    let member = match part.patient {
        Some(patient) => {
            let store = store.ok_or(DependentsError::NoStore)?;
            Some(Membership::new(record, store, &readers, patient)?)
        }
        None => None,
    };
    let touched = spread(record, start, member.as_ref());
    let steps: BTreeSet<&str> = touched.keys().map(|(step, _)| step.as_str()).collect();
    let values = results
        .values
        .iter()
        .filter(|value| {
            let output = value.field.split('#').next().unwrap_or_default();
            let reached = touched
                .get(&(value.step.clone(), output.to_owned()))
                .is_some_and(|touch| *touch == Touch::Whole);
            reached
                && member
                    .as_ref()
                    .is_none_or(|member| member.in_value(record, value))
        })
        .cloned()
        .collect();
    Ok(Dependents {
        file: known.file.clone(),
        patient: member.map(|member| PatientPlace { sets: member.sets }),
        steps: record
            .steps
            .iter()
            .filter(|step| steps.contains(step.id.as_str()))
            .map(|step| step.id.clone())
            .collect(),
        values,
    })
}

type Output = (String, String);

/// The outputs of the readers of a file that hold this column; all of them if none is named.
fn outputs_of(
    readers: &[&StepRecord],
    column: Option<&str>,
) -> Result<BTreeSet<Output>, DependentsError> {
    let all = readers.iter().flat_map(|step| {
        step.outputs
            .keys()
            .map(|output| (step.id.clone(), output.clone()))
    });
    let Some(column) = column else {
        return Ok(all.collect());
    };
    let found: BTreeSet<Output> = all
        .clone()
        .filter(|(_, output)| output.strip_prefix("column.") == Some(column))
        .collect();
    if found.is_empty() {
        return Err(DependentsError::UnknownColumn {
            column: column.to_owned(),
            known: all
                .filter_map(|(_, output)| output.strip_prefix("column.").map(str::to_owned))
                .collect(),
        });
    }
    Ok(found)
}

/// Every output that is reached from these.
fn spread(
    record: &RunRecord,
    start: BTreeSet<Output>,
    member: Option<&Membership>,
) -> BTreeMap<Output, Touch> {
    let first = if member.is_some() {
        Touch::Row
    } else {
        Touch::Whole
    };
    let mut touched: BTreeMap<Output, Touch> =
        start.into_iter().map(|output| (output, first)).collect();
    for step in &record.steps {
        let reached = |input: &&super::record::InputRecord| match &input.from {
            Origin::Output { step, output } => {
                touched.get(&(step.clone(), output.clone())).copied()
            }
            Origin::File { .. } => None,
        };
        // A joined table has one output a column: each depends on its own.
        if step.kind == "join_table" {
            let columns: Vec<(Output, Touch)> = step
                .inputs
                .iter()
                .filter_map(|(name, input)| {
                    let touch = reached(&input)?;
                    Some(((step.id.clone(), format!("column.{name}")), touch))
                })
                .collect();
            touched.extend(columns);
            continue;
        }
        let Some(strongest) = step
            .inputs
            .values()
            .filter_map(|input| reached(&input))
            .max()
        else {
            continue;
        };
        let touch = match member {
            None => Touch::Whole,
            Some(_) if strongest == Touch::Whole => Touch::Whole,
            Some(member) => member.touch(step),
        };
        for output in step.outputs.keys() {
            let origin = Origin::Output {
                step: step.id.clone(),
                output: output.clone(),
            };
            if member.is_some() && is_set(&origin) {
                continue;
            }
            touched.insert((step.id.clone(), output.clone()), touch);
        }
    }
    touched
}

/// Which sets hold a patient.
struct Membership {
    holding: BTreeSet<Digest>,
    other: BTreeSet<Digest>,
    sets: Vec<String>,
}

impl Membership {
    fn new(
        record: &RunRecord,
        store: &Store,
        readers: &[&StepRecord],
        patient: &str,
    ) -> Result<Self, DependentsError> {
        let mut known = false;
        for step in readers {
            let Some(keys) = step.outputs.get("keys") else {
                continue;
            };
            let gone = || DependentsError::Gone {
                step: step.id.clone(),
                output: "keys".to_owned(),
            };
            let Ok(Found::Present(bytes)) = store.get(keys.sha256) else {
                return Err(gone());
            };
            let keys: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| gone())?;
            known |= keys.iter().any(|key| key == patient);
        }
        let unknown = || DependentsError::UnknownPatient {
            patient: patient.to_owned(),
        };
        if !known {
            return Err(unknown());
        }
        let mut membership = Self {
            holding: BTreeSet::new(),
            other: BTreeSet::new(),
            sets: Vec::new(),
        };
        // Sets count positions in the order of the key of the cohort's table.
        let base = record
            .steps
            .iter()
            .filter(|step| step.kind == "cohort")
            .find_map(|step| step.inputs.get("keys"));
        let Some(base) = base else {
            return Ok(membership);
        };
        let Ok(Found::Present(bytes)) = store.get(base.sha256) else {
            return Err(DependentsError::Gone {
                step: base.from.to_string(),
                output: "keys".to_owned(),
            });
        };
        let keys: Vec<String> = serde_json::from_slice(&bytes).unwrap_or_default();
        let position = keys.iter().position(|key| key == patient);
        for step in &record.steps {
            for (output, stored) in &step.outputs {
                let origin = Origin::Output {
                    step: step.id.clone(),
                    output: output.clone(),
                };
                if !is_set(&origin) {
                    continue;
                }
                let set = read_set(store, stored.sha256).ok_or(DependentsError::Gone {
                    step: step.id.clone(),
                    output: output.clone(),
                })?;
                if position.is_some_and(|position| set.contains(&position)) {
                    membership.holding.insert(stored.sha256);
                    membership.sets.push(format!("{}#{output}", step.id));
                } else {
                    membership.other.insert(stored.sha256);
                }
            }
        }
        Ok(membership)
    }

    /// How a step that reads a row of the patient hands it on: whole if it counts or fits on patients among whom the
    /// patient is. What is named `members` says for whom a fitted score is given, not on whom it was fitted.
    fn touch(&self, step: &StepRecord) -> Touch {
        let sets: Vec<Digest> = step
            .inputs
            .iter()
            .filter(|(name, input)| is_set(&input.from) && *name != "members")
            .map(|(_, input)| input.sha256)
            .collect();
        let counts_all = step.outputs.contains_key("flow") || step.outputs.contains_key("sizes");
        let holds = sets.iter().any(|set| self.holding.contains(set));
        if holds || counts_all {
            Touch::Whole
        } else {
            Touch::Row
        }
    }

    /// A value of one set out of several depends on the patients of that set only: the set is named in its place.
    fn in_value(&self, record: &RunRecord, value: &ReportedValue) -> bool {
        let Some(step) = record.step(&value.step) else {
            return true;
        };
        let named = step.inputs.iter().find(|(name, input)| {
            is_set(&input.from)
                && name
                    .strip_prefix("set.")
                    .is_some_and(|set| value.field.split('/').any(|part| part == set))
        });
        let fitted_whole = step
            .inputs
            .values()
            .any(|input| self.fitted_on_patient(record, &input.from));
        named.is_none_or(|(_, input)| self.holding.contains(&input.sha256) || fitted_whole)
    }

    /// Does this come from something that was fitted on the patient, at whatever distance?
    fn fitted_on_patient(&self, record: &RunRecord, origin: &Origin) -> bool {
        let Origin::Output { step, .. } = origin else {
            return false;
        };
        let Some(step) = record.step(step) else {
            return false;
        };
        let fits =
            step.inputs.contains_key("set") && !is_set(origin) && self.touch(step) == Touch::Whole;
        fits || step
            .inputs
            .values()
            .filter(|input| !is_set(&input.from))
            .any(|input| self.fitted_on_patient(record, &input.from))
    }
}

impl fmt::Display for DependentsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFile { file, known } => write!(
                f,
                "the study did not read `{file}`; it read {}",
                known.join(", ")
            ),
            Self::UnknownColumn { column, known } => write!(
                f,
                "the study did not read a column `{column}` of this file; it read {}",
                known.join(", ")
            ),
            Self::UnknownPatient { patient } => {
                write!(f, "the file has no patient with the key `{patient}`")
            }
            Self::NoStore => write!(
                f,
                "which patients are in which set stands in the store alone, and it is not there: name it with --store"
            ),
            Self::Gone { step, output } => write!(
                f,
                "the store no longer has the output {output} of {step}: run the study again"
            ),
        }
    }
}

impl std::error::Error for DependentsError {}
