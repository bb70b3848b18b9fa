//! Who was studied, what was predicted, what was done about missing values.

use crate::plan::{EndpointKind, Evidence, ImputationMethod, MissingValues, Plan, SplitRule};

use super::conditions::condition;
use super::{labels, list, number, on};
use crate::report::assemble::flow::set_phrase;

pub(super) fn patients(plan: &Plan) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let mut text = match &plan.study.evidence {
        Some(Evidence::Simulated { .. }) => "All patients of this study are simulated. ".to_owned(),
        _ => String::new(),
    };
    let table = plan.tables.get(&plan.cohort.table);
    let file = table.map_or("", |table| table.file.as_str());
    text.push_str(&format!(
        "The patients of {file} were screened, one row a patient."
    ));
    if !plan.cohort.rules.is_empty() {
        let rules: Vec<String> = plan
            .cohort
            .rules
            .iter()
            .enumerate()
            .map(|(index, rule)| {
                format!(
                    "({}) {} ({})",
                    index + 1,
                    rule.label,
                    condition(plan, &rule.condition)
                )
            })
            .collect();
        text.push_str(&format!(
            " Patients were excluded, in this order, for: {}.",
            rules.join("; ")
        ));
    }
    paragraphs.push(text);
    let others: Vec<String> = plan
        .tables
        .iter()
        .filter(|(name, _)| **name != plan.cohort.table)
        .map(|(_, table)| table.file.clone())
        .collect();
    if !others.is_empty() {
        paragraphs.push(format!(
            "Further values of the same patients were taken from {}.",
            list(&others)
        ));
    }
    if let Some(split) = &plan.split {
        let sets: Vec<String> = split.sets.iter().map(|set| set_phrase(plan, set)).collect();
        paragraphs.push(match &split.rule {
            SplitRule::Ratio {
                parts,
                stratified_by,
            } => {
                let parts: Vec<String> = parts.iter().map(u64::to_string).collect();
                let strata = match stratified_by.is_empty() {
                    true => String::new(),
                    false => format!(", stratified by {}", list(&labels(plan, stratified_by))),
                };
                format!(
                    "The included patients were divided at random {} into {}{strata} (seed {}).",
                    parts.join(" : "),
                    list(&sets),
                    plan.study.seed
                )
            }
            SplitRule::Column { column, levels } => {
                let pairs: Vec<String> = sets
                    .iter()
                    .zip(levels)
                    .map(|(set, level)| {
                        format!("{set} (“{}”)", plan.level_label(column, level))
                    })
                    .collect();
                format!(
                    "The included patients were divided by {} into {}.",
                    plan.label(column),
                    list(&pairs)
                )
            }
            SplitRule::Date { column, before } => format!(
                "The included patients were divided by {}: before {before} the {}, from then on the {}.",
                plan.label(column),
                sets.first().map_or("", String::as_str),
                sets.get(1).map_or("", String::as_str)
            ),
        });
    }
    let derived: Vec<String> = plan
        .derived
        .values()
        .map(|derived| {
            format!(
                "{}: {}",
                derived.label,
                condition(plan, &derived.expression)
            )
        })
        .collect();
    if !derived.is_empty() {
        paragraphs.push(format!(
            "Values were derived as follows. {}.",
            derived.join(". ")
        ));
    }
    paragraphs
}

pub(super) fn outcomes(plan: &Plan) -> Vec<String> {
    plan.endpoints
        .values()
        .map(|endpoint| match &endpoint.kind {
            EndpointKind::Binary { expression } => format!(
                "{} was defined as {}.",
                endpoint.label,
                condition(plan, expression)
            ),
            EndpointKind::Survival {
                time,
                event,
                shown_in,
                ..
            } => format!(
                "{} was the time {} to the event {}; patients without it were censored at that time. Times are shown in {}.",
                endpoint.label,
                condition(plan, time),
                condition(plan, event),
                shown_in.text()
            ),
        })
        .collect()
}

pub(super) fn missing(plan: &Plan) -> Vec<String> {
    let mut paragraphs = Vec::new();
    for (column, imputation) in &plan.imputations {
        let method = match imputation.method {
            ImputationMethod::Median => "median",
            ImputationMethod::Mean => "mean",
            ImputationMethod::Mode => "most frequent value",
        };
        paragraphs.push(format!(
            "Missing values of {} were replaced by the {method} of {} wherever a model, a signature or a regression needs \
             them; descriptive tables show what was recorded.",
            plan.label(column),
            on(plan, &imputation.fit_on)
        ));
    }
    paragraphs.push(match plan.missing {
        MissingValues::CompleteCases => {
            "Each analysis leaves out the patients who lack a value that it needs and states how many.".to_owned()
        }
        MissingValues::Refuse if plan.imputations.is_empty() => {
            "No value that an analysis needs was missing: a missing one would have stopped the study.".to_owned()
        }
        MissingValues::Refuse => {
            "Any other missing value that an analysis needs would have stopped the study.".to_owned()
        }
    });
    paragraphs
}

/// "0.05" of the study.
pub(super) fn alpha(plan: &Plan) -> String {
    number(plan.study.alpha)
}
