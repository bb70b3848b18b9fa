//! Table 4: survival with and without the treatment in each risk group, and its figures.

use crate::plan::{HIGH, LOW, Plan, SubgroupBenefit, places};
use crate::report::{Chart, ForestChart, ForestRow, HeaderCell, Panel, Part, RowKind, Table};

use super::collector::{AssembleError, Collector, Place, words};
use super::cox::row;
use super::display::Display;
use super::figures;

/// The levels of a grouping in the order of the paper: high risk first.
pub(super) fn levels(plan: &Plan, within: &str) -> Vec<(String, String)> {
    let mut levels = plan.levels(within);
    if levels.iter().map(|l| l.0.as_str()).eq([LOW, HIGH]) {
        levels.reverse();
    }
    levels
}

pub(super) fn table(
    plan: &Plan,
    name: &str,
    analysis: &SubgroupBenefit,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let side_by_side = analysis
        .within
        .windows(2)
        .all(|pair| levels(plan, &pair[0]) == levels(plan, &pair[1]));
    let (header, rows) = if side_by_side {
        wide(plan, name, analysis, collector)?
    } else {
        long(plan, name, analysis, collector)?
    };
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: analysis.title.clone(),
        header,
        rows,
        footnotes: footnotes(plan, name, analysis, collector)?,
    })
}

type Layout = (Vec<Vec<HeaderCell>>, Vec<crate::report::Row>);

fn cell(text: impl Into<String>, span: usize) -> HeaderCell {
    HeaderCell {
        text: vec![words(text)],
        span,
    }
}

/// What a group's columns are called: median of each arm, log-rank p, adjusted hazard ratio.
fn group_headings(plan: &Plan, analysis: &SubgroupBenefit) -> Vec<String> {
    let (control, treated) = arms(plan, analysis);
    let mut headings = vec![control, treated, "P".to_owned(), "HR".to_owned()];
    if !analysis.adjust.is_empty() {
        headings.push("Adjusted HR".to_owned());
    }
    headings
}

/// One row a grouping and endpoint, the levels beside each other: the layout of the paper.
fn wide(
    plan: &Plan,
    name: &str,
    analysis: &SubgroupBenefit,
    collector: &mut Collector,
) -> Result<Layout, AssembleError> {
    let groups = analysis
        .within
        .first()
        .map(|w| levels(plan, w))
        .unwrap_or_default();
    let headings = group_headings(plan, analysis);
    let mut first = vec![cell("", 2)];
    let mut second = vec![cell("Models", 1), cell("Endpoints", 1)];
    for (_, label) in &groups {
        first.push(cell(format!("{label} group"), headings.len()));
        second.extend(headings.iter().map(|h| cell(h.clone(), 1)));
    }
    if analysis.interaction {
        first.push(cell("", 1));
        second.push(cell("P interaction", 1));
    }
    let mut rows = Vec::new();
    for within in &analysis.within {
        for (index, endpoint) in analysis.endpoints.iter().enumerate() {
            let result = Place::new(places::subgroup(name, endpoint, within), "result");
            let mut cells = vec![vec![words(endpoint_label(plan, endpoint))]];
            for (level, _) in &groups {
                cells.extend(group_cells(
                    plan, name, analysis, endpoint, within, level, &result, collector,
                )?);
            }
            cells.extend(interaction(
                plan, name, analysis, endpoint, within, &result, collector,
            )?);
            let label = if index == 0 { plan.label(within) } else { "" };
            rows.push(row(RowKind::Data, vec![words(label)], cells));
        }
    }
    Ok((vec![first, second], rows))
}

/// One row a grouping, endpoint and level: for groupings whose levels differ.
fn long(
    plan: &Plan,
    name: &str,
    analysis: &SubgroupBenefit,
    collector: &mut Collector,
) -> Result<Layout, AssembleError> {
    let mut header = vec![cell("Group", 1), cell("Endpoints", 1)];
    header.extend(
        group_headings(plan, analysis)
            .into_iter()
            .map(|h| cell(h, 1)),
    );
    if analysis.interaction {
        header.push(cell("P interaction", 1));
    }
    let mut rows = Vec::new();
    for within in &analysis.within {
        rows.push(crate::report::Row {
            kind: RowKind::Section,
            cells: vec![vec![words(plan.label(within))]],
        });
        for endpoint in &analysis.endpoints {
            let result = Place::new(places::subgroup(name, endpoint, within), "result");
            for (index, (level, label)) in levels(plan, within).into_iter().enumerate() {
                let mut cells = vec![vec![words(endpoint_label(plan, endpoint))]];
                cells.extend(group_cells(
                    plan, name, analysis, endpoint, within, &level, &result, collector,
                )?);
                let p = interaction(plan, name, analysis, endpoint, within, &result, collector)?;
                cells.extend(if index == 0 {
                    p
                } else {
                    vec![Vec::new(); p.len()]
                });
                rows.push(row(RowKind::Data, vec![words(label)], cells));
            }
        }
    }
    Ok((vec![header], rows))
}

#[expect(clippy::too_many_arguments, reason = "a cell is named by all of these")]
fn group_cells(
    plan: &Plan,
    name: &str,
    analysis: &SubgroupBenefit,
    endpoint: &str,
    within: &str,
    level: &str,
    result: &Place,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    let place = level_place(result, level, collector)?;
    let id = format!("{name}.{within}.{endpoint}.{level}");
    let unit = figures::shown_unit(plan, endpoint);
    let n = place.at(&["n"]);
    let mut cells = Vec::new();
    for arm in ["control", "treated"] {
        let median = place.at(&[arm, "median"]);
        let arm_n = place.at(&[arm, "n"]);
        cells.push(vec![collector.value(
            &format!("{id}.{arm}.median"),
            &median,
            Display::Decimals(1),
            unit.as_deref(),
            Some(&arm_n),
        )?]);
    }
    let display = Display::PValue {
        alpha: plan.study.alpha,
    };
    cells.push(if collector.is_null(&place.at(&["log_rank"])) {
        vec![words("–")]
    } else {
        vec![collector.value(
            &format!("{id}.log_rank.p"),
            &place.at(&["log_rank", "p"]),
            display,
            None,
            Some(&n),
        )?]
    });
    let mut estimates = vec!["hazard_ratio"];
    if !analysis.adjust.is_empty() {
        estimates.push("adjusted_hazard_ratio");
    }
    for estimate in estimates {
        cells.push(ratio(
            &format!("{id}.{estimate}"),
            &place.at(&[estimate]),
            &n,
            collector,
        )?);
    }
    Ok(cells)
}

/// "0.76 (0.60–0.95)"; a dash where it cannot be estimated.
pub(super) fn ratio(
    id: &str,
    place: &Place,
    n: &Place,
    collector: &mut Collector,
) -> Result<Vec<Part>, AssembleError> {
    if collector.is_null(place) {
        return Ok(vec![words("–")]);
    }
    let to = collector.to();
    let mut part = |what: &str, field: &str| {
        collector.value(
            &format!("{id}{what}"),
            &place.at(&[field]),
            Display::Estimate(2),
            None,
            Some(n),
        )
    };
    Ok(vec![
        part("", "estimate")?,
        words(" ("),
        part(".lower", "lower")?,
        to,
        part(".upper", "upper")?,
        words(")"),
    ])
}

fn interaction(
    plan: &Plan,
    name: &str,
    analysis: &SubgroupBenefit,
    endpoint: &str,
    within: &str,
    result: &Place,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    if !analysis.interaction {
        return Ok(Vec::new());
    }
    let place = result.at(&["interaction"]);
    if collector.is_null(&place) {
        return Ok(vec![vec![words("–")]]);
    }
    let display = Display::PValue {
        alpha: plan.study.alpha,
    };
    let id = format!("{name}.{within}.{endpoint}.interaction.p");
    let n = result.at(&["n"]);
    Ok(vec![vec![collector.value(
        &id,
        &place.at(&["p"]),
        display,
        None,
        Some(&n),
    )?]])
}

pub(super) fn level_place(
    result: &Place,
    level: &str,
    collector: &Collector,
) -> Result<Place, AssembleError> {
    let levels = result.at(&["levels"]);
    for index in 0..collector.list(&levels)?.len() {
        if collector.text(&levels.index(index).at(&["name"]))? == level {
            return Ok(levels.index(index));
        }
    }
    Err(super::collector::problem(
        &levels,
        &format!("no level `{level}`"),
    ))
}

/// What the arms are called: the levels of a category, or "No X" and "X".
fn arms(plan: &Plan, analysis: &SubgroupBenefit) -> (String, String) {
    let levels = plan.levels(&analysis.treatment);
    let label = plan.label(&analysis.treatment);
    match levels.as_slice() {
        [(no, _), _] if no == "no" => (
            format!("Without {}", lower_first(label)),
            format!("With {}", lower_first(label)),
        ),
        [(_, control), (_, treated), ..] => (control.clone(), treated.clone()),
        _ => ("Control".to_owned(), label.to_owned()),
    }
}

/// "Adjuvant chemotherapy" inside a phrase; "AFP" stays.
fn lower_first(label: &str) -> String {
    let mut characters = label.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

fn endpoint_label(plan: &Plan, endpoint: &str) -> String {
    match figures::shown_unit(plan, endpoint) {
        Some(unit) => format!("{} ({unit})", plan.label(endpoint)),
        None => plan.label(endpoint).to_owned(),
    }
}

fn footnotes(
    plan: &Plan,
    name: &str,
    analysis: &SubgroupBenefit,
    collector: &mut Collector,
) -> Result<Vec<Vec<Part>>, AssembleError> {
    let confidence = super::notes::confidence(plan);
    let mut notes = vec![vec![words(format!(
        "Median survival by Kaplan–Meier, NR not reached; P two-sided log-rank test between the arms; HR hazard ratio of \
         the treated against the others with its {confidence} confidence interval (Cox, Efron)."
    ))]];
    if !analysis.adjust.is_empty() {
        let adjusted: Vec<String> = analysis
            .adjust
            .iter()
            .map(|value| lower_first(plan.label(value)))
            .collect();
        notes.push(vec![words(format!(
            "Adjusted for {}.",
            adjusted.join(", ")
        ))]);
    }
    if analysis.interaction {
        notes.push(vec![words(
            "P interaction: likelihood-ratio test of the treatment-by-group interaction. A difference between groups is \
             supported by this test, not by a p value below and another above the threshold.",
        )]);
    }
    for within in &analysis.within {
        for endpoint in &analysis.endpoints {
            let result = Place::new(places::subgroup(name, endpoint, within), "result");
            let mut sentence = vec![
                words(format!(
                    "{}, {}: ",
                    plan.label(within),
                    plan.label(endpoint)
                )),
                collector.value(
                    &format!("{name}.{within}.{endpoint}.n"),
                    &result.at(&["n"]),
                    Display::Count,
                    None,
                    None,
                )?,
                words(" patients, "),
                collector.value(
                    &format!("{name}.{within}.{endpoint}.excluded"),
                    &result.at(&["excluded"]),
                    Display::Count,
                    None,
                    None,
                )?,
                words(" left out because a value is missing"),
            ];
            for index in 0..collector.list(&result.at(&["levels"]))?.len() {
                let place = result.at(&["levels"]).index(index);
                if let Some(reason) = collector.read(&place.at(&["not_estimable"]))?.as_str() {
                    let level = collector.text(&place.at(&["name"]))?;
                    sentence.push(words(format!(
                        "; {}: {reason}",
                        plan.level_label(within, level)
                    )));
                }
            }
            sentence.push(words("."));
            notes.push(sentence);
        }
    }
    Ok(notes)
}

/// Survival by treatment within each level of each grouping (Figure 6 of the paper).
pub(super) fn curves(
    plan: &Plan,
    figure: &str,
    name: &str,
    analysis: &SubgroupBenefit,
    collector: &mut Collector,
) -> Result<figures::Drawn, AssembleError> {
    let (control, treated) = arms(plan, analysis);
    let mut panels = Vec::new();
    for endpoint in &analysis.endpoints {
        for within in &analysis.within {
            let step = places::subgroup(name, endpoint, within);
            let result = Place::new(step.clone(), "result");
            for (level, label) in levels(plan, within) {
                let place = level_place(&result, &level, collector)?;
                let id = format!("{name}.{within}.{endpoint}.{level}");
                let chart = figures::survival_chart(
                    plan,
                    &id,
                    endpoint,
                    &place,
                    &[
                        ("control".to_owned(), control.clone()),
                        ("treated".to_owned(), treated.clone()),
                    ],
                    collector,
                )?;
                panels.push(Panel {
                    id: format!("{figure}.{}", super::letter(panels.len())),
                    title: format!(
                        "{}: {} ({})",
                        plan.label(endpoint),
                        label,
                        plan.label(within)
                    ),
                    chart: Chart::KaplanMeier(chart),
                    step: step.clone(),
                });
            }
        }
    }
    Ok((
        panels,
        analysis.title.clone(),
        vec![words(
            "Kaplan–Meier curves by treatment within each group; marks are censored patients.",
        )],
    ))
}

/// Adjusted (or crude) hazard ratios of the treatment in each group.
pub(super) fn forest(
    plan: &Plan,
    figure: &str,
    name: &str,
    analysis: &SubgroupBenefit,
    collector: &mut Collector,
) -> Result<figures::Drawn, AssembleError> {
    let estimate = if analysis.adjust.is_empty() {
        "hazard_ratio"
    } else {
        "adjusted_hazard_ratio"
    };
    let (control, treated) = arms(plan, analysis);
    let mut panels = Vec::new();
    for endpoint in &analysis.endpoints {
        let mut rows = Vec::new();
        let mut step = String::new();
        for within in &analysis.within {
            step = places::subgroup(name, endpoint, within);
            let result = Place::new(step.clone(), "result");
            for (level, label) in levels(plan, within) {
                let place = level_place(&result, &level, collector)?;
                let id = format!("{name}.{within}.{endpoint}.{level}.{estimate}");
                let ratio_place = place.at(&[estimate]);
                let text = ratio(&id, &ratio_place, &place.at(&["n"]), collector)?;
                let number = |field: &str| {
                    collector
                        .read(&ratio_place.at(&[field]))
                        .ok()
                        .and_then(|v| v.as_f64())
                };
                rows.push(ForestRow {
                    label: format!("{}: {label}", plan.label(within)),
                    estimate: number("estimate"),
                    lower: number("lower"),
                    upper: number("upper"),
                    text,
                });
            }
        }
        panels.push(Panel {
            id: format!("{figure}.{}", super::letter(panels.len())),
            title: plan.label(endpoint).to_owned(),
            chart: Chart::Forest(ForestChart {
                rows,
                favours: (
                    format!("favours {}", lower_first(&treated)),
                    format!("favours {}", lower_first(&control)),
                ),
            }),
            step,
        });
    }
    Ok((
        panels,
        analysis.title.clone(),
        vec![words(
            "Hazard ratios of the treatment with their confidence intervals.",
        )],
    ))
}
