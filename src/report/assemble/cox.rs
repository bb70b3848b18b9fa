//! Table 3: uni- and multivariable Cox regression.

use crate::plan::{ColumnKind, CoxRegression, Plan, places};
use crate::report::{HeaderCell, Part, Row, RowKind, Table};

use super::collector::{AssembleError, Collector, Place, words};
use super::display::Display;

pub(super) fn table(
    plan: &Plan,
    name: &str,
    analysis: &CoxRegression,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let result = Place::new(places::cox(name), "result");
    let confidence = super::notes::confidence(plan);
    let mut rows = Vec::new();
    for (index, value) in analysis.candidates.iter().enumerate() {
        let candidate = result.at(&["candidates"]).index(index);
        let sides = [
            (candidate.at(&["univariable"]), "univariable"),
            (candidate.at(&["multivariable"]), "multivariable"),
        ];
        let columns = collector.list(&sides[0].0.at(&["columns"]))?.len();
        let levels = plan.levels(value);
        let is_category = matches!(plan.kind(value), Some(ColumnKind::Category { .. }));
        if is_category && columns > 1 {
            let reference = collector.text(&candidate.at(&["reference"]))?.to_owned();
            rows.push(row(RowKind::Data, vec![words(plan.label(value))], blank(6)));
            let mut cells = Vec::new();
            for (place, _) in &sides {
                let empty = collector.is_null(place);
                cells.extend([
                    vec![words(if empty { "" } else { "ref" })],
                    Vec::new(),
                    Vec::new(),
                ]);
            }
            rows.push(row(
                RowKind::Level,
                vec![words(plan.level_label(value, &reference))],
                cells,
            ));
        }
        for column in 0..columns {
            let level = collector
                .read(&sides[0].0.at(&["columns"]).index(column).at(&["level"]))?
                .as_str();
            let mut cells = Vec::new();
            for (place, side) in &sides {
                let id = match level {
                    Some(level) => format!("{name}.{side}.{value}.{level}"),
                    None => format!("{name}.{side}.{value}"),
                };
                cells.extend(hazard_ratio(plan, &id, place, column, collector)?);
            }
            let (kind, label) = match level {
                Some(level) if columns > 1 => (RowKind::Level, plan.level_label(value, level)),
                Some(level) => (
                    RowKind::Data,
                    format!("{} ({})", plan.label(value), plan.level_label(value, level)),
                ),
                None if levels.is_empty() => (RowKind::Data, with_unit(plan, value)),
                None => (RowKind::Data, plan.label(value).to_owned()),
            };
            rows.push(row(kind, vec![words(label)], cells));
        }
    }
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: analysis.title.clone(),
        header: header(&confidence),
        rows,
        footnotes: footnotes(plan, name, analysis, &result, collector)?,
    })
}

fn header(confidence: &str) -> Vec<Vec<HeaderCell>> {
    let cell = |text: String, span| HeaderCell {
        text: vec![words(text)],
        span,
    };
    let mut second = vec![cell("Characteristics".to_owned(), 1)];
    for _ in 0..2 {
        second.extend([
            cell("HR".to_owned(), 1),
            cell(format!("{confidence} CI"), 1),
            cell("P".to_owned(), 1),
        ]);
    }
    vec![
        vec![
            cell(String::new(), 1),
            cell("Univariate analysis".to_owned(), 3),
            cell("Multivariate analysis".to_owned(), 3),
        ],
        second,
    ]
}

fn hazard_ratio(
    plan: &Plan,
    id: &str,
    place: &Place,
    column: usize,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    if collector.is_null(place) {
        return Ok(blank(3));
    }
    let n = place.at(&["n"]);
    let place = place.at(&["columns"]).index(column);
    let to = collector.to();
    let mut part = |what: &str, display| {
        collector.value(
            &format!("{id}.{what}"),
            &place.at(&[what]),
            display,
            None,
            Some(&n),
        )
    };
    Ok(vec![
        vec![part("hazard_ratio", Display::Estimate(3))?],
        vec![
            part("lower", Display::Estimate(3))?,
            to,
            part("upper", Display::Estimate(3))?,
        ],
        vec![part(
            "p",
            Display::PValue {
                alpha: plan.study.alpha,
            },
        )?],
    ])
}

fn footnotes(
    plan: &Plan,
    name: &str,
    analysis: &CoxRegression,
    result: &Place,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    let mut count = |id: &str, place: &Place| {
        collector.value(&format!("{name}.{id}"), place, Display::Count, None, None)
    };
    let mut notes = vec![vec![
        words(format!(
            "HR hazard ratio for {}, CI confidence interval (Wald); Efron's treatment of ties. ",
            plan.label(&analysis.endpoint)
        )),
        count("n", &result.at(&["n"]))?,
        words(" patients, "),
        count("events", &result.at(&["events"]))?,
        words(" events; "),
        count("excluded", &result.at(&["excluded"]))?,
        words(" left out because a value is missing."),
    ]];
    if let Some(screen) = &analysis.screen {
        let sign = super::models::sign(screen.comparison);
        notes.push(vec![words(format!(
            "Variables with a univariable p {sign} {} entered the multivariable model (a category by its likelihood-ratio \
             test).",
            screen.p
        ))]);
    }
    let multivariable = result.at(&["multivariable"]);
    if collector.is_null(&multivariable) {
        notes.push(vec![words("No variable entered the multivariable model.")]);
        return Ok(notes);
    }
    let n = multivariable.at(&["n"]);
    let global = multivariable.at(&["proportional_hazards", "global"]);
    let mut sentence = vec![
        words("Multivariable model: concordance "),
        collector.value(
            &format!("{name}.multivariable.concordance"),
            &multivariable.at(&["concordance"]),
            Display::Estimate(3),
            None,
            Some(&n),
        )?,
    ];
    if !collector.is_null(&global) {
        let display = Display::PValue {
            alpha: plan.study.alpha,
        };
        sentence.push(words("; test of proportional hazards, global p = "));
        sentence.push(collector.value(
            &format!("{name}.multivariable.proportional_hazards.p"),
            &global.at(&["p"]),
            display,
            None,
            Some(&n),
        )?);
    }
    sentence.push(words("."));
    notes.push(sentence);
    Ok(notes)
}

pub(super) fn with_unit(plan: &Plan, value: &str) -> String {
    match plan.unit(value) {
        Some(unit) => format!("{} ({unit})", plan.label(value)),
        None => plan.label(value).to_owned(),
    }
}

pub(super) fn row(kind: RowKind, label: Vec<Part>, cells: Vec<Vec<Part>>) -> Row {
    let mut all = vec![label];
    all.extend(cells);
    Row { kind, cells: all }
}

pub(super) fn blank(count: usize) -> Vec<Vec<Part>> {
    vec![Vec::new(); count]
}
