//! Table 2: how well models, signatures and columns predict the outcome in each set.

use crate::plan::{Performance, Plan, TrainingScores, places};
use crate::report::{HeaderCell, Part, Row, RowKind, Table};

use super::collector::{AssembleError, Collector, Place, words};
use super::display::Display;

const CLASSIFICATION: [(&str, &str); 3] = [
    ("accuracy", "ACC"),
    ("sensitivity", "SEN"),
    ("specificity", "SPE"),
];

pub(super) fn table(
    plan: &Plan,
    name: &str,
    analysis: &Performance,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let discrimination = Place::new(places::performance(name, "discrimination"), "result");
    let classification = Place::new(places::performance(name, "classification"), "result");
    let confidence = super::notes::confidence(plan);
    let mut header = vec!["Models".to_owned(), format!("AUC ({confidence} CI)")];
    if analysis.at_cutoff {
        header.extend(CLASSIFICATION.map(|(_, short)| short.to_owned()));
    }
    header.push("P".to_owned());
    let columns = header.len();

    let mut rows = Vec::new();
    for set in &analysis.on {
        let in_set = discrimination.at(&["sets", set]);
        let id = |what: &str| format!("{name}.{set}.{what}");
        rows.push(Row {
            kind: RowKind::Section,
            cells: vec![vec![
                words(format!("{} (n = ", plan.set_label(set))),
                collector.value(&id("n"), &in_set.at(&["n"]), Display::Count, None, None)?,
                words(", "),
                collector.value(
                    &id("events"),
                    &in_set.at(&["events"]),
                    Display::Count,
                    None,
                    None,
                )?,
                words(" with the outcome)"),
            ]],
        });
        for score in &analysis.scores {
            let place = in_set.at(&["scores", score]);
            let n = in_set.at(&["n"]);
            let mut cells = vec![
                vec![words(plan.label(score))],
                area(&id(score), &place, &n, collector)?,
            ];
            if analysis.at_cutoff {
                for (measure, _) in CLASSIFICATION {
                    let place = classification.at(&["sets", set, "scores", score]);
                    cells.push(if analysis.cutoffs.contains_key(score) {
                        let id = id(&format!("{score}.{measure}"));
                        let place = place.at(&[measure, "estimate"]);
                        vec![collector.value(&id, &place, Display::Estimate(3), None, Some(&n))?]
                    } else {
                        vec![words("–")]
                    });
                }
            }
            cells.push(comparisons(
                plan, name, analysis, set, score, &in_set, collector,
            )?);
            debug_assert_eq!(cells.len(), columns);
            rows.push(Row {
                kind: RowKind::Data,
                cells,
            });
        }
    }
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: analysis.title.clone(),
        header: vec![
            header
                .into_iter()
                .map(|text| HeaderCell {
                    text: vec![words(text)],
                    span: 1,
                })
                .collect(),
        ],
        rows,
        footnotes: footnotes(plan, name, analysis, collector)?,
    })
}

/// AUC with its interval, by DeLong's variance.
pub(super) fn area(
    id: &str,
    place: &Place,
    n: &Place,
    collector: &mut Collector,
) -> Result<Vec<Part>, AssembleError> {
    let to = collector.to();
    let mut part = |what: &str, field: &str| {
        collector.value(
            &format!("{id}.{what}"),
            &place.at(&[field]),
            Display::Estimate(3),
            None,
            Some(n),
        )
    };
    Ok(vec![
        part("auc", "auc")?,
        words(" ("),
        part("auc_lower", "lower")?,
        to,
        part("auc_upper", "upper")?,
        words(")"),
    ])
}

fn comparisons(
    plan: &Plan,
    name: &str,
    analysis: &Performance,
    set: &str,
    score: &str,
    in_set: &Place,
    collector: &mut Collector,
) -> Result<Vec<Part>, AssembleError> {
    let mut parts = Vec::new();
    for (index, (first, reference)) in analysis.comparisons.iter().enumerate() {
        if first != score {
            continue;
        }
        if !parts.is_empty() {
            parts.push(words("; "));
        }
        let id = format!("{name}.{set}.{first}_with_{reference}.p");
        let place = in_set.at(&["comparisons"]).index(index);
        let display = Display::PValue {
            alpha: plan.study.alpha,
        };
        parts.push(collector.value(
            &id,
            &place.at(&["p"]),
            display,
            None,
            Some(&in_set.at(&["n"])),
        )?);
        parts.extend([words(" "), Part::Mark(super::letter(index))]);
    }
    if parts.is_empty() {
        parts.push(words("–"));
    }
    Ok(parts)
}

fn footnotes(
    plan: &Plan,
    name: &str,
    analysis: &Performance,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    let mut notes: Vec<Vec<Part>> = analysis
        .comparisons
        .iter()
        .enumerate()
        .map(|(index, (first, second))| {
            let pair = format!(
                " DeLong's test for paired areas: {} with {}",
                plan.label(first),
                plan.label(second)
            );
            vec![Part::Mark(super::letter(index)), words(pair)]
        })
        .collect();
    notes.push(vec![words(format!(
        "AUC area under the receiver operating characteristic curve for {}, CI confidence interval (DeLong), ACC accuracy, \
         SEN sensitivity, SPE specificity",
        plan.label(&analysis.outcome)
    ))]);
    if analysis.at_cutoff {
        for (score, cutoff) in &analysis.cutoffs {
            let place = Place::new(places::cutoff(cutoff), "cutoff");
            let part = collector.value(
                &format!("{cutoff}.cutoff"),
                &place.at(&["cutoff"]),
                Display::Estimate(3),
                None,
                None,
            )?;
            let on = plan.cutoffs.get(cutoff).and_then(|c| c.fit_on.as_deref());
            let on = on.map_or(String::new(), |set| {
                format!(", found in the {}", super::flow::set_phrase(plan, set))
            });
            notes.push(vec![
                words(format!("{}: high risk from a score of ", plan.label(score))),
                part,
                words(format!(" on{on}")),
            ]);
        }
    }
    for set in &analysis.on {
        let in_set =
            Place::new(places::performance(name, "discrimination"), "result").at(&["sets", set]);
        if collector.count(&in_set.at(&["excluded"]))? > 0 {
            let id = format!("{name}.{set}.excluded");
            notes.push(vec![
                words(format!("{}: ", plan.set_label(set))),
                collector.value(&id, &in_set.at(&["excluded"]), Display::Count, None, None)?,
                words(" patients without a score or without the outcome are left out"),
            ]);
        }
        let here = |score: &&String| super::notes::fitted_on(plan, score) == Some(set.as_str());
        let out_of_bag = |score: &&String| {
            plan.signatures
                .get(*score)
                .is_some_and(|s| s.training_scores == TrainingScores::OutOfBag)
        };
        for score in analysis.scores.iter().filter(here).filter(out_of_bag) {
            notes.push(vec![words(format!(
                "{}: each patient's score of {} is by the trees that were grown without the patient (out-of-bag)",
                plan.set_label(set),
                plan.label(score)
            ))]);
        }
        let fitted: Vec<&str> = analysis
            .scores
            .iter()
            .filter(here)
            .filter(|score| !out_of_bag(score))
            .map(|score| plan.label(score))
            .collect();
        if !fitted.is_empty() {
            notes.push(vec![words(format!(
                "{}: apparent performance of {}, fitted on the same patients",
                plan.set_label(set),
                fitted.join(", ")
            ))]);
        }
    }
    Ok(notes)
}
