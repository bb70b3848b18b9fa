//! What the tables of characteristics, performance and regressions show, in sentences.

use crate::plan::{Characteristics, Performance, Plan, places};
use crate::report::assemble::collector::{AssembleError, Collector, Place, words};
use crate::report::assemble::display::Display;
use crate::report::assemble::performance::area;
use crate::report::assemble::{flow, notes};
use crate::report::{Part, Row, RowKind, Table};

pub(super) fn characteristics(
    plan: &Plan,
    analysis: &Characteristics,
    table: &Table,
) -> Vec<Vec<Part>> {
    let mut text: Vec<Part> = Vec::new();
    for row in table.rows.iter().filter(|row| row.kind == RowKind::Data) {
        if let (Some(label), Some(p)) = (row.cells.first(), significant(row)) {
            text.push(words(if text.is_empty() {
                "The groups differed significantly in "
            } else {
                ", "
            }));
            text.extend(label.iter().cloned());
            text.extend([words(" (p = "), p, words(")")]);
        }
    }
    if text.is_empty() {
        return vec![vec![words(format!(
            "No characteristic differed significantly between the groups (significance level {}; {}).",
            plan.study.alpha, analysis.title
        ))]];
    }
    text.push(words("; in the other characteristics they did not."));
    vec![text]
}

/// The p value of a row, if it is significant.
fn significant(row: &Row) -> Option<Part> {
    row.cells.last()?.iter().find_map(|part| match part {
        Part::Significant(id) => Some(Part::Value(id.clone())),
        _ => None,
    })
}

pub(super) fn performance(
    plan: &Plan,
    name: &str,
    analysis: &Performance,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    let result = Place::new(places::performance(name, "discrimination"), "result");
    let mut paragraphs = Vec::new();
    for set in &analysis.on {
        let in_set = result.at(&["sets", set]);
        let n = in_set.at(&["n"]);
        let mut text = vec![words(format!(
            "In the {}, the area under the curve ({} CI) for {} was ",
            flow::set_phrase(plan, set),
            notes::confidence(plan),
            plan.label(&analysis.outcome)
        ))];
        for (index, score) in analysis.scores.iter().enumerate() {
            if index > 0 {
                text.push(words(if index + 1 == analysis.scores.len() {
                    " and "
                } else {
                    ", "
                }));
            }
            let place = in_set.at(&["scores", score]);
            text.extend(area(
                &format!("{name}.{set}.{score}"),
                &place,
                &n,
                collector,
            )?);
            text.push(words(format!(" for {}", plan.label(score))));
        }
        text.push(words("."));
        for (index, (first, second)) in analysis.comparisons.iter().enumerate() {
            let id = format!("{name}.{set}.{first}_with_{second}.p");
            let place = in_set.at(&["comparisons"]).index(index).at(&["p"]);
            let display = Display::PValue {
                alpha: plan.study.alpha,
            };
            let p = collector.value(&id, &place, display, None, Some(&n))?;
            let differs = match p {
                Part::Significant(_) => "differed from",
                _ => "did not differ significantly from",
            };
            text.push(words(format!(
                " {} {differs} {} (p = ",
                plan.label(first),
                plan.label(second)
            )));
            text.extend([p, words(").")]);
        }
        paragraphs.push(text);
    }
    Ok(paragraphs)
}

/// The significant terms of the multivariable model: the last three columns are its ratio, interval and p value.
pub(super) fn regression(outcome: &str, ratio: &str, table: &Table) -> Vec<Vec<Part>> {
    let mut text: Vec<Part> = Vec::new();
    let mut variable: &[Part] = &[];
    for row in &table.rows {
        let [label, .., estimate, interval, _] = row.cells.as_slice() else {
            continue;
        };
        if row.kind != RowKind::Level {
            variable = label;
        }
        let Some(p) = significant(row) else {
            continue;
        };
        text.push(words(if text.is_empty() {
            format!("In the multivariable model of {outcome}, significant were ")
        } else {
            ", ".to_owned()
        }));
        text.extend_from_slice(variable);
        if row.kind == RowKind::Level {
            text.push(words(": "));
            text.extend_from_slice(label);
        }
        text.push(words(format!(" ({ratio} ")));
        text.extend_from_slice(estimate);
        text.push(words(", "));
        text.extend_from_slice(interval);
        text.extend([words("; p = "), p, words(")")]);
    }
    text.push(words(if text.is_empty() {
        format!("In the multivariable model of {outcome}, no term was significant.")
    } else {
        ".".to_owned()
    }));
    vec![text]
}
