//! Charts: their lines come from the results of steps, their numbers are reported values.

use crate::plan::{EndpointKind, KaplanMeier, Performance, Plan, places};
use crate::report::{
    CalibrationChart, CalibrationGroup, CalibrationLine, Chart, DecisionCurveChart,
    DecisionCurveLine, HeaderCell, KaplanMeierChart, Panel, Part, RocChart, RocCurve, RowKind,
    SurvivalGroup, Table,
};

use super::collector::{AssembleError, Collector, Place, words};
use super::cox::row;
use super::display::Display;

/// Panels, title and caption of a figure.
pub(super) type Drawn = (Vec<Panel>, String, Vec<Part>);

pub(super) fn roc(
    plan: &Plan,
    figure: &str,
    name: &str,
    analysis: &Performance,
    collector: &mut Collector,
) -> Result<Drawn, AssembleError> {
    let step = places::performance(name, "discrimination");
    let result = Place::new(step.clone(), "result");
    let mut panels = Vec::new();
    for set in &analysis.on {
        let mut curves = Vec::new();
        for score in &analysis.scores {
            let in_set = result.at(&["sets", set]);
            let place = in_set.at(&["scores", score]);
            let id = format!("{name}.{set}.{score}");
            curves.push(RocCurve {
                label: plan.label(score).to_owned(),
                legend: super::performance::area(&id, &place, &in_set.at(&["n"]), collector)?,
                false_positive_rate: collector.numbers(&place.at(&["false_positive_rate"]))?,
                sensitivity: collector.numbers(&place.at(&["true_positive_rate"]))?,
            });
        }
        panels.push(Panel {
            id: format!("{figure}.{}", super::letter(panels.len())),
            title: plan.set_label(set),
            chart: Chart::Roc(RocChart { curves }),
            step: step.clone(),
        });
    }
    Ok((
        panels,
        format!(
            "Receiver operating characteristic curves for {}",
            plan.label(&analysis.outcome)
        ),
        vec![words(
            "Area under the curve with its confidence interval (DeLong) in the legend.",
        )],
    ))
}

pub(super) fn calibration(
    plan: &Plan,
    figure: &str,
    name: &str,
    analysis: &Performance,
    collector: &mut Collector,
) -> Result<Drawn, AssembleError> {
    let step = places::performance(name, "calibration");
    let result = Place::new(step.clone(), "result");
    let groups = Place::new(places::performance(name, "hosmer_lemeshow"), "result");
    let mut panels = Vec::new();
    for set in &analysis.on {
        for score in analysis
            .scores
            .iter()
            .filter(|score| plan.is_probability(score))
        {
            let place = result.at(&["sets", set, "scores", score]);
            let id = format!("{name}.{set}.{score}");
            let mut lines = Vec::new();
            for index in 0..collector.list(&place.at(&["lines"]))?.len() {
                let line = place.at(&["lines"]).index(index);
                let band = |collector: &Collector, side: &str| {
                    let place = line.at(&[side]);
                    if collector.is_null(&place) {
                        Ok(None)
                    } else {
                        collector.numbers(&place).map(Some)
                    }
                };
                lines.push(CalibrationLine {
                    label: collector.text(&line.at(&["label"]))?.to_owned(),
                    predicted: collector.numbers(&line.at(&["predicted"]))?,
                    observed: collector.numbers(&line.at(&["observed"]))?,
                    lower: band(collector, "lower")?,
                    upper: band(collector, "upper")?,
                });
            }
            let n = place.at(&["n"]);
            let mut legend = vec![vec![
                words("Brier score "),
                collector.value(
                    &format!("{id}.brier"),
                    &place.at(&["brier"]),
                    Display::Estimate(3),
                    None,
                    Some(&n),
                )?,
            ]];
            let mut points = Vec::new();
            if analysis.hosmer_lemeshow_groups.is_some() {
                let place = groups.at(&["sets", set, "scores", score]);
                let display = Display::PValue {
                    alpha: plan.study.alpha,
                };
                legend.push(vec![
                    words("Hosmer–Lemeshow p = "),
                    collector.value(
                        &format!("{id}.hosmer_lemeshow.p"),
                        &place.at(&["p"]),
                        display,
                        None,
                        Some(&n),
                    )?,
                ]);
                for index in 0..collector.list(&place.at(&["groups"]))?.len() {
                    let group = place.at(&["groups"]).index(index);
                    let number = |field: &str| {
                        collector
                            .read(&group.at(&[field]))?
                            .as_f64()
                            .ok_or_else(|| super::collector::problem(&group, "expected a number"))
                    };
                    let (predicted, observed) =
                        (number("mean_predicted")?, number("observed_fraction")?);
                    let size = group.at(&["n"]);
                    let id = format!("{id}.hosmer_lemeshow.group{}.n", index + 1);
                    collector.value(&id, &size, Display::Count, None, None)?;
                    points.push(CalibrationGroup {
                        predicted,
                        observed,
                        n: collector.count(&size)?,
                        id: Some(id),
                    });
                }
            }
            panels.push(Panel {
                id: format!("{figure}.{}", super::letter(panels.len())),
                title: format!("{}: {}", plan.set_label(set), plan.label(score)),
                chart: Chart::Calibration(CalibrationChart {
                    lines,
                    groups: points,
                    legend,
                }),
                step: step.clone(),
            });
        }
    }
    let resamples = analysis.calibration_resamples.unwrap_or_default();
    Ok((
        panels,
        format!(
            "Calibration of the predicted probability of {}",
            plan.label(&analysis.outcome)
        ),
        vec![words(format!(
            "Smoothed observed frequency by predicted probability, with {resamples} bootstrap resamples; points are groups \
             of the Hosmer–Lemeshow test."
        ))],
    ))
}

pub(super) fn decision_curve(
    plan: &Plan,
    figure: &str,
    name: &str,
    analysis: &Performance,
    collector: &mut Collector,
) -> Result<Drawn, AssembleError> {
    let step = places::performance(name, "decision_curve");
    let result = Place::new(step.clone(), "result");
    let mut panels = Vec::new();
    for set in &analysis.on {
        let in_set = result.at(&["sets", set]);
        let mut models = Vec::new();
        for score in analysis
            .scores
            .iter()
            .filter(|score| plan.is_probability(score))
        {
            models.push(DecisionCurveLine {
                label: plan.label(score).to_owned(),
                net_benefit: collector.numbers(&in_set.at(&["scores", score, "net_benefit"]))?,
            });
        }
        panels.push(Panel {
            id: format!("{figure}.{}", super::letter(panels.len())),
            title: plan.set_label(set),
            chart: Chart::DecisionCurve(DecisionCurveChart {
                thresholds: collector.numbers(&result.at(&["thresholds"]))?,
                models,
                treat_all: collector.numbers(&in_set.at(&["treat_all"]))?,
            }),
            step: step.clone(),
        });
    }
    Ok((
        panels,
        format!("Decision curves for {}", plan.label(&analysis.outcome)),
        vec![words(
            "Net benefit by threshold probability, beside treating all patients as if they had the outcome and treating none.",
        )],
    ))
}

pub(super) fn kaplan_meier(
    plan: &Plan,
    figure: &str,
    name: &str,
    analysis: &KaplanMeier,
    collector: &mut Collector,
) -> Result<Drawn, AssembleError> {
    let mut panels = Vec::new();
    for (endpoint, by) in pairs(analysis) {
        let step = places::kaplan_meier(name, endpoint, by);
        let result = Place::new(step.clone(), "result");
        let labels: Vec<(String, String)> = match by {
            Some(by) => plan.levels(by),
            None => vec![("all".to_owned(), plan.set_label(&analysis.on))],
        };
        let id = match by {
            Some(by) => format!("{name}.{endpoint}.{by}"),
            None => format!("{name}.{endpoint}"),
        };
        let chart = survival_chart(plan, &id, endpoint, &result, &labels, collector)?;
        panels.push(Panel {
            id: format!("{figure}.{}", super::letter(panels.len())),
            title: match by {
                Some(by) => format!("{} by {}", plan.label(endpoint), plan.label(by)),
                None => plan.label(endpoint).to_owned(),
            },
            chart: Chart::KaplanMeier(chart),
            step,
        });
    }
    Ok((
        panels,
        analysis.title.clone(),
        vec![words(
            "Kaplan–Meier curves with numbers at risk; marks are censored patients; p values by the log-rank test.",
        )],
    ))
}

fn pairs(analysis: &KaplanMeier) -> Vec<(&str, Option<&str>)> {
    let mut pairs = Vec::new();
    for endpoint in &analysis.endpoints {
        if analysis.by.is_empty() {
            pairs.push((endpoint.as_str(), None));
        }
        pairs.extend(
            analysis
                .by
                .iter()
                .map(|by| (endpoint.as_str(), Some(by.as_str()))),
        );
    }
    pairs
}

/// The unit in which survival times of an endpoint are shown.
pub(super) fn shown_unit(plan: &Plan, endpoint: &str) -> Option<String> {
    match &plan.endpoints.get(endpoint)?.kind {
        EndpointKind::Survival { shown_in, .. } => Some(shown_in.text().to_owned()),
        EndpointKind::Binary { .. } => None,
    }
}

/// The chart of the groups at a place (`groups`, `risk_times`, `log_rank`); `labels` names the groups for readers.
pub(super) fn survival_chart(
    plan: &Plan,
    id: &str,
    endpoint: &str,
    place: &Place,
    labels: &[(String, String)],
    collector: &mut Collector,
) -> Result<KaplanMeierChart, AssembleError> {
    let unit = shown_unit(plan, endpoint).unwrap_or_default();
    let risk_times = collector.numbers(&place.at(&["risk_times"]))?;
    let mut groups = Vec::new();
    for index in 0..collector.list(&place.at(&["groups"]))?.len() {
        let group = place.at(&["groups"]).index(index);
        let group_name = collector.text(&group.at(&["name"]))?.to_owned();
        let id = format!("{id}.{group_name}");
        let curve = group.at(&["curve"]);
        let mut at_risk = Vec::new();
        for position in 0..risk_times.len() {
            let place = group.at(&["at_risk"]).index(position);
            let id = format!("{id}.at_risk.{position}");
            collector.value(&id, &place, Display::Count, None, None)?;
            at_risk.push(id);
        }
        groups.push(SurvivalGroup {
            label: labels
                .iter()
                .find(|(name, _)| *name == group_name)
                .map_or(group_name, |(_, label)| label.clone()),
            times: collector.numbers(&curve.at(&["times"]))?,
            survival: collector.numbers(&curve.at(&["survival"]))?,
            lower: collector.optional_numbers(&curve.at(&["lower"]))?,
            upper: collector.optional_numbers(&curve.at(&["upper"]))?,
            censored: collector.numbers(&curve.at(&["censored"]))?,
            at_risk,
            median: median(&id, &group, &unit, collector)?,
        });
    }
    let log_rank = place.at(&["log_rank"]);
    let mut legend = Vec::new();
    if !collector.is_null(&log_rank) {
        let display = Display::PValue {
            alpha: plan.study.alpha,
        };
        legend.push(vec![
            words("Log-rank p = "),
            collector.value(
                &format!("{id}.log_rank.p"),
                &log_rank.at(&["p"]),
                display,
                None,
                Some(&place.at(&["n"])),
            )?,
        ]);
    }
    Ok(KaplanMeierChart {
        endpoint: plan.label(endpoint).to_owned(),
        time_unit: unit,
        groups,
        risk_times,
        legend,
    })
}

/// "9.1 (7.0–12.3)".
fn median(
    id: &str,
    group: &Place,
    unit: &str,
    collector: &mut Collector,
) -> Result<Vec<Part>, AssembleError> {
    let n = group.at(&["n"]);
    let to = collector.to();
    let mut part = |what: &str| {
        collector.value(
            &format!("{id}.{what}"),
            &group.at(&[what]),
            Display::Decimals(1),
            Some(unit),
            Some(&n),
        )
    };
    Ok(vec![
        part("median")?,
        words(" ("),
        part("median_lower")?,
        to,
        part("median_upper")?,
        words(")"),
    ])
}

/// A table of a Kaplan–Meier analysis: patients, events, median and log-rank p of each group.
pub(super) fn survival_table(
    plan: &Plan,
    name: &str,
    analysis: &KaplanMeier,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let confidence = super::notes::confidence(plan);
    let header = [
        "Groups".to_owned(),
        "Patients".to_owned(),
        "Events".to_owned(),
        format!("Median ({confidence} CI)"),
        "P".to_owned(),
    ];
    let mut rows = Vec::new();
    for (endpoint, by) in pairs(analysis) {
        let result = Place::new(places::kaplan_meier(name, endpoint, by), "result");
        let unit = shown_unit(plan, endpoint).unwrap_or_default();
        let title = match by {
            Some(by) => format!("{} ({unit}) by {}", plan.label(endpoint), plan.label(by)),
            None => format!("{} ({unit})", plan.label(endpoint)),
        };
        rows.push(crate::report::Row {
            kind: RowKind::Section,
            cells: vec![vec![words(title)]],
        });
        let id = match by {
            Some(by) => format!("{name}.{endpoint}.{by}"),
            None => format!("{name}.{endpoint}"),
        };
        for index in 0..collector.list(&result.at(&["groups"]))?.len() {
            let group = result.at(&["groups"]).index(index);
            let level = collector.text(&group.at(&["name"]))?.to_owned();
            let group_id = format!("{id}.{level}");
            let label = by.map_or_else(|| "All".to_owned(), |by| plan.level_label(by, &level));
            let mut count = |what: &str| {
                collector.value(
                    &format!("{group_id}.{what}"),
                    &group.at(&[what]),
                    Display::Count,
                    None,
                    None,
                )
            };
            let mut cells = vec![vec![count("n")?], vec![count("events")?]];
            cells.push(median(&group_id, &group, &unit, collector)?);
            let log_rank = result.at(&["log_rank"]);
            cells.push(if index > 0 || collector.is_null(&log_rank) {
                Vec::new()
            } else {
                let display = Display::PValue {
                    alpha: plan.study.alpha,
                };
                let n = result.at(&["n"]);
                vec![collector.value(
                    &format!("{id}.log_rank.p"),
                    &log_rank.at(&["p"]),
                    display,
                    None,
                    Some(&n),
                )?]
            });
            rows.push(row(RowKind::Data, vec![words(label)], cells));
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
        footnotes: vec![vec![words(
            "CI confidence interval (log-log), NR not reached; P two-sided log-rank test.",
        )]],
    })
}
