//! The difference of two plans, statement by statement: added, removed, changed, with the old and the new text.
//!
//! A statement has changed if what it declares is another part of the plan *and* its text is another: layout, comments,
//! order and equivalent units are no change of the plan, and a statement whose part of the plan follows from another
//! statement (a default, a cut-off that belongs to a score) is no change of its text. A column is a statement of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::statements::Statement;
use crate::plan::Plan;
use crate::report::{ChangeKind, Deviation};

/// A study as far as it is compared.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'a> {
    pub plan: &'a Plan,
    pub statements: &'a BTreeMap<String, Statement>,
}

/// A statement that stands in one plan only, or differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The name that it declares, or its keyword.
    pub name: String,
    pub kind: ChangeKind,
    pub before: Option<String>,
    pub now: Option<String>,
}

/// What differs, in the order of the names.
pub fn differences(before: Declared<'_>, now: Declared<'_>) -> Vec<Change> {
    let (old, new) = (parts(before.plan), parts(now.plan));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let (was, is) = (old.get(name), new.get(name));
            if was == is {
                return None;
            }
            let written = (text(before.statements, name), text(now.statements, name));
            let known = !before.statements.is_empty() && !now.statements.is_empty();
            // Defaults of statements that nobody wrote follow from those that are written.
            if known && written.0 == written.1 {
                return None;
            }
            let or_json = |text: Option<String>, part: Option<&Value>| {
                text.or_else(|| part.filter(|_| !known).map(Value::to_string))
            };
            let (before, now) = (or_json(written.0, was), or_json(written.1, is));
            let kind = match (
                was.is_some() && before.is_some(),
                is.is_some() && now.is_some(),
            ) {
                (false, _) => ChangeKind::Added,
                (true, false) => ChangeKind::Removed,
                (true, true) => ChangeKind::Changed,
            };
            Some(Change {
                name: name.clone(),
                kind,
                before,
                now,
            })
        })
        .collect()
}

/// The changes since the registration, each with the reason that the study gives.
pub fn deviations(registered: Declared<'_>, now: Declared<'_>) -> Vec<Deviation> {
    differences(registered, now)
        .into_iter()
        .map(|change| {
            let reasons = &now.plan.deviations;
            let last = change.name.rsplit('.').next().unwrap_or_default();
            let reason = reasons.get(&change.name).or_else(|| reasons.get(last));
            Deviation {
                reason: reason.cloned(),
                name: change.name,
                kind: change.kind,
                before: change.before,
                now: change.now,
            }
        })
        .collect()
}

/// Reasons that fit none of the deviations.
pub fn idle_reasons<'a>(plan: &'a Plan, deviations: &[Deviation]) -> Vec<&'a str> {
    plan.deviations
        .keys()
        .filter(|name| {
            deviations.iter().all(|deviation| {
                deviation.name != **name && deviation.name.rsplit('.').next() != Some(name)
            })
        })
        .map(String::as_str)
        .collect()
}

/// The text of a statement; with what other statements say of the same feature table.
fn text(statements: &BTreeMap<String, Statement>, name: &str) -> Option<String> {
    let more = ["harmonize", "standardize"].map(|word| format!("{word}.{name}"));
    let said: Vec<&str> = [name, &more[0], &more[1]]
        .into_iter()
        .filter_map(|name| statements.get(name))
        .map(|statement| statement.text.as_str())
        .collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The plan in parts, one a statement.
fn parts(plan: &Plan) -> BTreeMap<String, Value> {
    let whole = serde_json::to_value(plan).expect("a plan is plain data");
    let mut parts = BTreeMap::new();
    let mut add = |name: String, part: Value| {
        parts.insert(name, part);
    };
    for (field, part) in whole.as_object().into_iter().flatten() {
        match field.as_str() {
            "deviations" => {}
            "study" | "missing" | "split" | "report" => add(field.clone(), part.clone()),
            "cohort" => add(plan.cohort.name.clone(), part.clone()),
            "imputations" => {
                for (column, imputation) in part.as_object().into_iter().flatten() {
                    add(format!("impute.{column}"), imputation.clone());
                }
            }
            "tables" => {
                for (name, table) in part.as_object().into_iter().flatten() {
                    let mut head = table.clone();
                    let columns = head.as_object_mut().and_then(|head| head.remove("columns"));
                    add(name.clone(), head);
                    for (column, declared) in columns.iter().filter_map(Value::as_object).flatten()
                    {
                        add(column.clone(), json!({ "table": name, "column": declared }));
                    }
                }
            }
            _ => {
                for (name, declared) in part.as_object().into_iter().flatten() {
                    add(name.clone(), declared.clone());
                }
            }
        }
    }
    parts
}
