//! Locks a model of a finished run: reads its chain from the store. The file is described in `data::LockedModel`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::audit::recorded_plan;
use super::record::{FileRecord, RunRecord};
use crate::data::{
    ColumnValues, FittedImputation, LOCKED_FORMAT, LockedCoefficient, LockedColumn, LockedCutoff,
    LockedFrom, LockedModel, LockedScore, Seen,
};
use crate::learning::{OutOfBag, RandomForest};
use crate::plan::{Derived, Plan, Predictors, places};
use crate::store::{Found, Store};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockError {
    /// It is neither a model nor a signature.
    UnknownModel { name: String, known: Vec<String> },
    /// The model uses something that a locked model cannot hold yet.
    NotLockable { value: String },
    /// The store or the record lacks something.
    Gone { step: String, output: String },
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownModel { name, known } => write!(
                f,
                "the study has no model or signature `{name}`; it has {}",
                known.join(", ")
            ),
            Self::NotLockable { value } => write!(
                f,
                "the model uses `{value}`, which is not made of columns of the cohort's table: such a model cannot be locked"
            ),
            Self::Gone { step, output } => write!(
                f,
                "the store does not have the output {output} of {step}: run the study again"
            ),
        }
    }
}

impl std::error::Error for LockError {}

/// The model of this name as a finished run fitted it.
pub fn lock(record: &RunRecord, store: &Store, name: &str) -> Result<LockedModel, LockError> {
    let plan = recorded_plan(record).ok_or(LockError::Gone {
        step: "results".to_owned(),
        output: "plan".to_owned(),
    })?;
    if !plan.is_score(name) {
        return Err(LockError::UnknownModel {
            name: name.to_owned(),
            known: plan
                .models
                .keys()
                .chain(plan.signatures.keys())
                .cloned()
                .collect(),
        });
    }
    let mut lock = Lock {
        plan: &plan,
        record,
        store,
        columns: BTreeMap::new(),
        derived: BTreeMap::new(),
        replaced: BTreeMap::new(),
        scores: BTreeMap::new(),
        cutoffs: BTreeMap::new(),
        steps: BTreeMap::new(),
    };
    lock.score(name)?;
    for (cutoff, declared) in &plan.cutoffs {
        if declared.score == name {
            lock.cutoff(cutoff)?;
        }
    }
    let (outcome, place) = match (plan.models.get(name), plan.signatures.get(name)) {
        (Some(model), _) => (&model.outcome, places::model(name)),
        (None, Some(signature)) => (&signature.outcome, places::signature(name)),
        (None, None) => (&plan.cohort.name, String::new()),
    };
    let fit: Value = lock.read(&place, "fit")?;
    let count = |field: &str| fit[field].as_u64().unwrap_or_default();
    let table = &plan.tables[&plan.cohort.table];
    let digest = |file: &FileRecord| (file.file.clone(), file.sha256.to_string());
    Ok(LockedModel {
        format: LOCKED_FORMAT,
        model: name.to_owned(),
        label: plan.label(name).to_owned(),
        outcome: plan.label(outcome).to_owned(),
        from: LockedFrom {
            study: plan.study.name.clone(),
            version: plan.study.version.clone(),
            plan_digest: record.plan_digest.clone(),
            results_sha256: record.results_sha256.to_string(),
            prereg_version: record.prereg_version.clone(),
            files: record.files.iter().map(digest).collect(),
            patients: count("n"),
            events: count("events"),
            steps: lock.steps,
        },
        key: table.key.clone(),
        missing_codes: table.missing_codes.clone(),
        columns: lock.columns,
        derived: lock.derived,
        replaced_when_missing: lock.replaced,
        scores: lock.scores,
        cutoffs: lock.cutoffs,
    })
}

/// A model on its way into the file.
struct Lock<'a> {
    plan: &'a Plan,
    record: &'a RunRecord,
    store: &'a Store,
    columns: BTreeMap<String, LockedColumn>,
    derived: BTreeMap<String, Derived>,
    replaced: BTreeMap<String, FittedImputation>,
    scores: BTreeMap<String, LockedScore>,
    cutoffs: BTreeMap<String, LockedCutoff>,
    steps: BTreeMap<String, String>,
}

/// The part of the fit of a logistic model that its predictions need.
#[derive(Deserialize)]
struct LogisticFit {
    intercept: Estimate,
    coefficients: Vec<Estimate>,
    candidates: Vec<Candidate>,
}

#[derive(Deserialize)]
struct Estimate {
    term: String,
    level: Option<String>,
    coefficient: f64,
}

#[derive(Deserialize)]
struct Candidate {
    value: String,
    reference: Option<String>,
}

impl Lock<'_> {
    fn read<T: DeserializeOwned>(&mut self, step: &str, output: &str) -> Result<T, LockError> {
        let gone = || LockError::Gone {
            step: step.to_owned(),
            output: output.to_owned(),
        };
        let record = self.record.step(step).ok_or_else(gone)?;
        let stored = record.outputs.get(output).ok_or_else(gone)?;
        let Ok(Found::Present(bytes)) = self.store.get(stored.sha256) else {
            return Err(gone());
        };
        self.steps.insert(step.to_owned(), record.key.to_string());
        serde_json::from_slice(&bytes).map_err(|_| gone())
    }

    fn score(&mut self, name: &str) -> Result<(), LockError> {
        if self.scores.contains_key(name) {
            return Ok(());
        }
        let (score, used, place) = if let Some(signature) = self.plan.signatures.get(name) {
            let Predictors::Values(values) = &signature.from else {
                return Err(LockError::NotLockable {
                    value: name.to_owned(),
                });
            };
            let place = places::signature(name);
            let mut forest: RandomForest = self.read(&place, "forest")?;
            // What each patient of the fit was predicted is no part of the model.
            forest.out_of_bag = OutOfBag {
                probability: Vec::new(),
                ..forest.out_of_bag
            };
            let ordered = |value: &String| {
                let kind = self.plan.kind(value);
                matches!(
                    kind,
                    Some(crate::plan::ColumnKind::Category { ordered: true, .. })
                )
            };
            let listed = values
                .iter()
                .map(|value| (value.clone(), ordered(value)))
                .collect();
            let score = LockedScore::RandomForest {
                values: listed,
                forest,
            };
            (score, values.clone(), place)
        } else {
            let place = places::model(name);
            let fit: LogisticFit = self.read(&place, "fit")?;
            let used: Vec<String> = self.read(&place, "terms")?;
            let references = fit
                .candidates
                .into_iter()
                .filter(|candidate| used.contains(&candidate.value))
                .filter_map(|candidate| Some((candidate.value, candidate.reference?)))
                .collect();
            let score = LockedScore::Logistic {
                intercept: fit.intercept.coefficient,
                coefficients: fit
                    .coefficients
                    .into_iter()
                    .map(|estimate| LockedCoefficient {
                        value: estimate.term,
                        level: estimate.level,
                        coefficient: estimate.coefficient,
                    })
                    .collect(),
                references,
            };
            (score, used, place)
        };
        self.scores.insert(name.to_owned(), score);
        let set = self.fit_set(&place)?;
        used.iter().try_for_each(|value| self.value(value, &set))
    }

    /// The patients on whom a step was fitted.
    fn fit_set(&self, step: &str) -> Result<Vec<usize>, LockError> {
        let gone = || LockError::Gone {
            step: step.to_owned(),
            output: "set".to_owned(),
        };
        let record = self.record.step(step).ok_or_else(gone)?;
        let set = record.inputs.get("set").ok_or_else(gone)?;
        super::descent::read_set(self.store, set.sha256).ok_or_else(gone)
    }

    fn value(&mut self, name: &str, set: &[usize]) -> Result<(), LockError> {
        if self.plan.is_score(name) {
            return self.score(name);
        }
        if self.plan.cutoffs.contains_key(name) {
            return self.cutoff(name);
        }
        if self.plan.imputations.contains_key(name) {
            let fit: Value = self.read(&places::imputation(name), "fit")?;
            let fitted = serde_json::from_value(fit["replacement"].clone()).map_err(|_| {
                LockError::Gone {
                    step: places::imputation(name),
                    output: "fit".to_owned(),
                }
            })?;
            self.replaced.insert(name.to_owned(), fitted);
        }
        if let Some(derived) = self.plan.derived.get(name) {
            self.derived.insert(name.to_owned(), derived.clone());
            let used: Vec<String> = derived
                .expression
                .values()
                .into_iter()
                .map(str::to_owned)
                .collect();
            return used.iter().try_for_each(|value| self.value(value, set));
        }
        self.column(name, set)
    }

    fn column(&mut self, name: &str, set: &[usize]) -> Result<(), LockError> {
        let not_lockable = || LockError::NotLockable {
            value: name.to_owned(),
        };
        let (table, declared) = self.plan.column(name).ok_or_else(not_lockable)?;
        if table != self.plan.cohort.table {
            return Err(not_lockable());
        }
        let place = places::table(table);
        let values: ColumnValues = self.read(&place, &places::column_output(name))?;
        let here = seen(&values, set);
        let known = self.columns.remove(name).map(|column| column.seen);
        let seen = match (here, known) {
            (Some(here), Some(known)) => here.with(known),
            (Some(here), None) => here,
            (None, _) => return Err(not_lockable()),
        };
        self.columns.insert(
            name.to_owned(),
            LockedColumn {
                declared: declared.clone(),
                seen,
            },
        );
        Ok(())
    }

    fn cutoff(&mut self, name: &str) -> Result<(), LockError> {
        let declared = self.plan.cutoffs[name].clone();
        let fitted: Value = self.read(&places::cutoff(name), "cutoff")?;
        let cutoff = fitted["cutoff"].as_f64().ok_or_else(|| LockError::Gone {
            step: places::cutoff(name),
            output: "cutoff".to_owned(),
        })?;
        self.cutoffs.insert(
            name.to_owned(),
            LockedCutoff {
                label: declared.label,
                score: declared.score.clone(),
                cutoff,
            },
        );
        if self.plan.is_score(&declared.score) {
            return self.score(&declared.score);
        }
        let step = places::cutoff(name);
        let set = self.fit_set(&step)?;
        self.value(&declared.score, &set)
    }
}

/// The range or the levels of the recorded values; none of dates and texts.
fn seen(values: &ColumnValues, set: &[usize]) -> Option<Seen> {
    Some(match values.select(set) {
        ColumnValues::Number(values) => {
            let known: Vec<f64> = values.into_iter().flatten().collect();
            let lowest = known.iter().copied().fold(f64::INFINITY, f64::min);
            let highest = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if known.is_empty() {
                return None;
            }
            Seen::Between(lowest, highest)
        }
        ColumnValues::YesNo(values) => {
            let word = |yes: bool| if yes { "yes" } else { "no" };
            let has = |yes: bool| values.contains(&Some(yes)).then(|| word(yes).to_owned());
            Seen::Levels([false, true].into_iter().filter_map(has).collect())
        }
        ColumnValues::Category { levels, codes } => Seen::Levels(
            levels
                .into_iter()
                .enumerate()
                .filter(|(code, _)| codes.contains(&Some(*code)))
                .map(|(_, level)| level)
                .collect(),
        ),
        ColumnValues::Date(_) | ColumnValues::Text(_) => return None,
    })
}
