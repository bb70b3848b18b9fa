//! The workflow figure: the study's own graph, one box a declared thing, derived values and imputations one box each.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Plan;
use crate::report::{Chart, Panel, StepDescription, WorkflowBox, WorkflowChart};

use super::collector::words;
use super::figures::Drawn;

pub(super) fn figure(plan: &Plan, figure: &str, steps: &[StepDescription]) -> Drawn {
    let names: BTreeMap<&str, String> = steps
        .iter()
        .filter_map(|step| Some((step.id.as_str(), group(plan, step)?)))
        .collect();
    let mut order: Vec<&String> = Vec::new();
    let mut before: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for step in steps {
        let Some(name) = names.get(step.id.as_str()) else {
            continue;
        };
        if !order.contains(&name) {
            order.push(name);
        }
        let sources = before.entry(name).or_default();
        for input in &step.inputs {
            // What is left out of the figure still leads from what it was made of.
            sources.extend(
                shown_sources(input, steps, &names)
                    .into_iter()
                    .filter(|source| *source != name),
            );
        }
    }
    let described: BTreeMap<&String, (String, &'static str)> = steps
        .iter()
        .filter_map(|step| {
            let name = names.get(step.id.as_str())?;
            Some((name, (label(plan, step), what(&step.kind))))
        })
        .collect();
    let boxes = ranked(&order, &before)
        .into_iter()
        .map(|(name, row)| {
            let (label, what) = described.get(name).cloned().unwrap_or_default();
            WorkflowBox {
                name: name.clone(),
                label,
                what: what.to_owned(),
                row,
                from: direct(name, &before),
            }
        })
        .collect();
    let panel = Panel {
        id: format!("{figure}.a"),
        title: "Workflow of the study".to_owned(),
        chart: Chart::Workflow(WorkflowChart { boxes }),
        step: crate::plan::places::cohort(&plan.cohort.name),
    };
    (
        vec![panel],
        "Workflow of the study".to_owned(),
        vec![words(
            "The study's own graph: each box is a statement of the study and is computed from the boxes that lead to it; an \
             arrow that follows from others is left out.",
        )],
    )
}

/// The box that a step belongs to; none for steps that only count or align.
fn group(plan: &Plan, step: &StepDescription) -> Option<String> {
    let declared = step.id.split('.').nth(1).unwrap_or(&step.id).to_owned();
    match step.kind.as_str() {
        "outcome_summary" | "results" => None,
        "derived_value" => Some("derived values".to_owned()),
        "imputation" => Some("imputation".to_owned()),
        "cohort" => Some(plan.cohort.name.clone()),
        _ => Some(declared),
    }
}

fn shown_sources<'a>(
    input: &str,
    steps: &[StepDescription],
    names: &'a BTreeMap<&str, String>,
) -> Vec<&'a String> {
    if let Some(name) = names.get(input) {
        return vec![name];
    }
    let hidden = steps.iter().find(|step| step.id == input);
    hidden
        .iter()
        .flat_map(|step| &step.inputs)
        .flat_map(|input| shown_sources(input, steps, names))
        .collect()
}

fn label(plan: &Plan, step: &StepDescription) -> String {
    let declared = step.id.split('.').nth(1).unwrap_or(&step.id);
    match step.kind.as_str() {
        "derived_value" => "Derived values".to_owned(),
        "imputation" => "Missing values replaced".to_owned(),
        "cohort" => "Inclusion and exclusion".to_owned(),
        "split" => plan.split.as_ref().map_or_else(String::new, |split| {
            let sets: Vec<String> = split.sets.iter().map(|set| plan.set_label(set)).collect();
            sets.join(", ")
        }),
        "read_table" | "join_table" => plan
            .tables
            .get(declared)
            .map_or_else(|| declared.to_owned(), |table| table.file.clone()),
        _ => plan.label(declared).to_owned(),
    }
}

/// What a box is, in small letters above its name.
fn what(kind: &str) -> &'static str {
    match kind {
        "read_table" | "join_table" => "Table",
        "cohort" => "Cohort",
        "split" => "Split",
        "endpoint" => "Endpoint",
        "logistic_model" => "Logistic regression",
        "cutoff" => "Risk group",
        "characteristics" | "discrimination" | "classification" | "calibration"
        | "hosmer_lemeshow" | "decision_curve" | "kaplan_meier" | "cox_regression"
        | "treatment_benefit" => "Analysis",
        "derived_value" | "imputation" => "Values",
        kind if kind.ends_with("_signature") || kind == "signature" => "Signature",
        kind if kind.contains("repeatability") => "Repeatability",
        kind if kind.contains("combat") => "Harmonisation",
        kind if kind.contains("z_score") || kind.contains("standard") => "Standardisation",
        _ => "Features",
    }
}

/// Boxes with their row: one below the lowest box that leads to them.
fn ranked<'a>(
    order: &[&'a String],
    before: &BTreeMap<&'a String, BTreeSet<&'a String>>,
) -> Vec<(&'a String, usize)> {
    let mut rows: BTreeMap<&String, usize> = BTreeMap::new();
    // Grouping steps could close a circle; a bound on the rounds keeps that from going on for ever.
    for _ in 0..order.len() {
        for name in order {
            let row = before[name]
                .iter()
                .filter_map(|source| rows.get(source))
                .max()
                .map_or(0, |row| row + 1)
                .min(order.len());
            rows.insert(name, row);
        }
    }
    let mut boxes: Vec<(&String, usize)> = order.iter().map(|name| (*name, rows[name])).collect();
    boxes.sort_by_key(|(_, row)| *row);
    boxes
}

/// The sources of a box that do not already lead to another of its sources.
fn direct(name: &String, before: &BTreeMap<&String, BTreeSet<&String>>) -> Vec<String> {
    let sources = &before[name];
    sources
        .iter()
        .filter(|source| {
            !sources
                .iter()
                .any(|other| other != *source && leads(source, other, before, &mut BTreeSet::new()))
        })
        .map(|source| (*source).clone())
        .collect()
}

fn leads<'a>(
    source: &String,
    name: &'a String,
    before: &BTreeMap<&String, BTreeSet<&'a String>>,
    seen: &mut BTreeSet<&'a String>,
) -> bool {
    seen.insert(name)
        && before.get(name).is_some_and(|sources| {
            sources
                .iter()
                .any(|other| *other == source || leads(source, other, before, seen))
        })
}
