//! Supplementary tables: a logistic model with its univariable screening, and a signature with its tuning.

use crate::plan::{ColumnKind, Comparison, Learner, Plan, SignatureSelection, places};
use crate::report::{HeaderCell, Part, RowKind, Table};

use super::collector::{AssembleError, Collector, Place, words};
use super::cox::{blank, row, with_unit};
use super::display::Display;

pub(super) fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "≠",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "≤",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => "≥",
    }
}

pub(super) fn cell(text: impl Into<String>, span: usize) -> HeaderCell {
    HeaderCell {
        text: vec![words(text)],
        span,
    }
}

pub(super) fn model_table(
    plan: &Plan,
    name: &str,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let model = &plan.models[name];
    let fit = Place::new(places::model(name), "fit");
    let confidence = super::notes::confidence(plan);
    let alpha = plan.study.alpha;
    let mut rows = Vec::new();
    for index in 0..collector.list(&fit.at(&["candidates"]))?.len() {
        let candidate = fit.at(&["candidates"]).index(index);
        let value = collector.text(&candidate.at(&["value"]))?;
        let univariable = candidate.at(&["univariable"]);
        let last = candidate.at(&["multivariable"]);
        let columns = collector.list(&univariable.at(&["columns"]))?.len();
        let is_category = matches!(plan.kind(value), Some(ColumnKind::Category { .. }));
        if is_category && columns > 1 {
            let reference = collector.text(&candidate.at(&["reference"]))?.to_owned();
            let p = p_value(
                &format!("{name}.univariable.{value}.p"),
                &univariable.at(&["p"]),
                alpha,
                collector,
            )?;
            rows.push(row(
                RowKind::Data,
                vec![words(plan.label(value))],
                [blank(2), vec![vec![p]], blank(3)].concat(),
            ));
            let mark = |shown: bool| vec![words(if shown { "ref" } else { "" })];
            rows.push(row(
                RowKind::Level,
                vec![words(plan.level_label(value, &reference))],
                [
                    vec![mark(true)],
                    blank(2),
                    vec![mark(!collector.is_null(&last))],
                    blank(2),
                ]
                .concat(),
            ));
        }
        for column in 0..columns {
            let level = collector
                .read(&univariable.at(&["columns"]).index(column).at(&["level"]))?
                .as_str();
            let suffix = level.map_or(String::new(), |level| format!(".{level}"));
            let mut cells = Vec::new();
            for (place, side) in [(&univariable, "univariable"), (&last, "multivariable")] {
                cells.extend(odds_ratio(
                    &format!("{name}.{side}.{value}{suffix}"),
                    place,
                    column,
                    alpha,
                    collector,
                )?);
            }
            let (kind, label) = match level {
                Some(level) if columns > 1 => (RowKind::Level, plan.level_label(value, level)),
                Some(level) => (
                    RowKind::Data,
                    format!("{} ({})", plan.label(value), plan.level_label(value, level)),
                ),
                None => (RowKind::Data, with_unit(plan, value)),
            };
            rows.push(row(kind, vec![words(label)], cells));
        }
    }
    let mut header = vec![cell("Variables", 1)];
    for _ in 0..2 {
        header.extend([
            cell("OR", 1),
            cell(format!("{confidence} CI"), 1),
            cell("P", 1),
        ]);
    }
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: format!(
            "{}: logistic regression of {}",
            model.label,
            plan.label(&model.outcome)
        ),
        header: vec![
            vec![
                cell("", 1),
                cell("Univariate analysis", 3),
                cell("Multivariate analysis", 3),
            ],
            header,
        ],
        rows,
        footnotes: model_footnotes(plan, name, &fit, collector)?,
    })
}

fn model_footnotes(
    plan: &Plan,
    name: &str,
    fit: &Place,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    let model = &plan.models[name];
    let mut count = |what: &str| {
        collector.value(
            &format!("{name}.{what}"),
            &fit.at(&[what]),
            Display::Count,
            None,
            None,
        )
    };
    let mut notes = vec![vec![
        words(format!(
            "OR odds ratio, CI confidence interval (profile likelihood). Fitted on the {}: ",
            super::flow::set_phrase(plan, &model.fit_on)
        )),
        count("n")?,
        words(" patients, "),
        count("events")?,
        words(" with the outcome; "),
        count("excluded")?,
        words(" left out because a value is missing."),
    ]];
    if let Some(screen) = &model.screen {
        notes.push(vec![words(format!(
            "Variables with a univariable p {} {} entered (Wald's test; the likelihood-ratio test for a category with \
             several levels).",
            sign(screen.comparison),
            screen.p
        ))]);
    }
    if let Some(selection) = &model.selection {
        let criterion = format!("{:?}", selection.criterion).to_uppercase();
        let direction = format!("{:?}", selection.direction).to_lowercase();
        notes.push(vec![
            words(format!(
                "Selection: {direction} by {criterion}; {criterion} of the final model "
            )),
            collector.value(
                &format!("{name}.criterion"),
                &fit.at(&["criterion"]),
                Display::Decimals(2),
                None,
                Some(&fit.at(&["n"])),
            )?,
            words("."),
        ]);
    }
    Ok(notes)
}

fn odds_ratio(
    id: &str,
    place: &Place,
    column: usize,
    alpha: f64,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    if collector.is_null(place) {
        return Ok(blank(3));
    }
    let n = place.at(&["n"]);
    let place = place.at(&["columns"]).index(column);
    let to = collector.to();
    let mut part = |what: &str| {
        collector.value(
            &format!("{id}.{what}"),
            &place.at(&[what]),
            Display::Estimate(3),
            None,
            Some(&n),
        )
    };
    let ratio = part("odds_ratio")?;
    let interval = vec![part("lower")?, to, part("upper")?];
    let p = p_value(&format!("{id}.p"), &place.at(&["p"]), alpha, collector)?;
    Ok(vec![vec![ratio], interval, vec![p]])
}

fn p_value(
    id: &str,
    place: &Place,
    alpha: f64,
    collector: &mut Collector,
) -> Result<Part, AssembleError> {
    collector.value(id, place, Display::PValue { alpha }, None, None)
}

pub(super) fn signature_table(
    plan: &Plan,
    name: &str,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let signature = &plan.signatures[name];
    if !matches!(signature.learner, Learner::RandomForest(_)) {
        return super::learners::table(plan, name, signature, collector);
    }
    let fit = Place::new(places::signature(name), "fit");
    let n = fit.at(&["n"]);
    let ranked = signature
        .selection
        .iter()
        .any(|step| matches!(step, SignatureSelection::Mrmr { .. }));
    let mut rows = Vec::new();
    for index in 0..collector.list(&fit.at(&["importance"]))?.len() {
        let place = fit.at(&["importance"]).index(index);
        let feature = collector.text(&place.at(&["feature"]))?.to_owned();
        let label = collector.text(&place.at(&["label"]))?.to_owned();
        let mut part = |what: &str| {
            let id = format!("{name}.importance.{feature}.{what}");
            collector.value(
                &id,
                &place.at(&[what]),
                Display::Decimals(4),
                None,
                Some(&n),
            )
        };
        let mut cells = vec![vec![part("impurity")?], vec![part("permutation")?]];
        if ranked {
            cells.insert(0, vec![part("selection_score")?]);
            let rank = collector.value(
                &format!("{name}.importance.{feature}.rank"),
                &place.at(&["rank"]),
                Display::Count,
                None,
                Some(&n),
            )?;
            cells.insert(0, vec![rank]);
        }
        rows.push(row(RowKind::Data, vec![words(label)], cells));
    }
    let mut number = |what: &str, path: &[&str], display| {
        collector.value(
            &format!("{name}.{what}"),
            &fit.at(path),
            display,
            None,
            None,
        )
    };
    let count = Display::Count;
    let mut notes = vec![
        vec![
            words(format!(
                "Random forest for {}, fitted on the {}: ",
                plan.label(&signature.outcome),
                super::flow::set_phrase(plan, &signature.fit_on)
            )),
            number("n", &["n"], count)?,
            words(" patients, "),
            number("events", &["events"], count)?,
            words(" with the outcome; "),
            number("excluded", &["excluded"], count)?,
            words(" left out because a value is missing. Out-of-bag area under the curve "),
            number("out_of_bag_auc", &["out_of_bag_auc"], Display::Estimate(3))?,
            words("."),
        ],
        vec![
            words("Chosen setting: "),
            number("trees", &["chosen", "trees"], count)?,
            words(" trees, largest depth "),
            number("max_depth", &["chosen", "max_depth"], count)?,
            words(" (0 is no limit), "),
            number(
                "features_per_split",
                &["chosen", "features_per_split"],
                count,
            )?,
            words(" features tried at each split."),
        ],
    ];
    if let Some(tuning) = &signature.tuning {
        notes.push(vec![
            words(format!(
                "Chosen by the mean area under the curve over {} stratified folds, ",
                tuning.folds
            )),
            number(
                "cross_validated_auc",
                &["chosen", "cross_validated_auc"],
                Display::Estimate(3),
            )?,
            words(", among "),
            number("grid_points", &["grid_points"], count)?,
            words(" settings."),
        ]);
    }
    if !signature.selection.is_empty() {
        let mut note = vec![
            words("Features: "),
            number("features", &["features"], count)?,
        ];
        for (index, step) in signature.selection.iter().enumerate() {
            let left = ["selection", &index.to_string(), "left"];
            note.push(words(match step {
                SignatureSelection::Keep { repeatability } => {
                    format!("; repeatable (`{repeatability}`): ")
                }
                SignatureSelection::Mrmr { quotient, .. } => format!(
                    "; selected by minimum redundancy and maximum relevance ({}): ",
                    if *quotient { "quotient" } else { "difference" }
                ),
            }));
            note.push(number(&format!("selected.{}", index + 1), &left, count)?);
        }
        note.push(words("."));
        notes.push(note);
        if ranked && signature.tuning.is_some() {
            notes.push(vec![words(
                "Features were selected once, on all patients of the fit, before the folds: the mean area over the folds is \
                 optimistic.",
            )]);
        }
    }
    notes.push(vec![words(
        "Impurity: mean decrease of Gini impurity at the splits by the feature. Permutation: mean increase of the squared \
         error of the out-of-bag probability when the feature is shuffled.",
    )]);
    let mut header = vec![cell("Features", 1)];
    if ranked {
        header.extend([cell("mRMR rank", 1), cell("mRMR score", 1)]);
    }
    header.extend([
        cell("Impurity importance", 1),
        cell("Permutation importance", 1),
    ]);
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: format!("{}: features and their importance", signature.label),
        header: vec![header],
        rows,
        footnotes: notes,
    })
}
