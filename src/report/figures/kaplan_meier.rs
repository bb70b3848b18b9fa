//! Kaplan–Meier curves: steps, censoring marks, bands, and the numbers at risk under the ticks of the time axis.

use std::fmt::Write as _;

use super::axis::{Scale, Tick, short_number, ticks};
use super::plot::{
    Axis, Entry, Layout, Mark, Obstacles, Plot, SMALL, TEXT, WIDTH, curves, marked, shaded, spaced,
    stroked,
};
use super::svg::{Element, coordinate, path};
use super::text::{self, Anchor, paragraph, widest, wrap};
use super::{Context, Picture};
use crate::report::render::RenderError;
use crate::report::results::{KaplanMeierChart, SurvivalGroup};
use crate::report::values::{Run, plain};

/// The widest label of a group that still stands left of its numbers; longer ones stand above them.
const WIDEST_LABEL: f64 = 92.0;
const ROW: f64 = 16.0;

pub(super) fn draw(context: &Context, chart: &KaplanMeierChart) -> Result<Picture, RenderError> {
    let mut entries = Vec::new();
    let mut sentences = Vec::new();
    let mut at_risk = Vec::new();
    for (index, group) in chart.groups.iter().enumerate() {
        check(context, chart, group)?;
        let median = context.runs(&group.median)?;
        let mut runs = vec![Run::words(&group.label)];
        if !median.is_empty() {
            runs.push(Run::words(": median "));
            runs.extend(median);
        }
        sentences.push(plain(&runs));
        entries.push(Entry {
            mark: Some(Mark::Series(index)),
            runs,
        });
        let numbers = group
            .at_risk
            .iter()
            .map(|id| context.values.run(id, &context.panel.id))
            .collect::<Result<Vec<Run>, RenderError>>()?;
        at_risk.push(numbers);
    }
    for parts in &chart.legend {
        let runs = context.runs(parts)?;
        sentences.push(plain(&runs));
        entries.push(Entry { mark: None, runs });
    }

    let x = Axis {
        title: format!("Time ({})", chart.time_unit),
        domain: (0.0, last_time(chart)),
        ticks: chart
            .risk_times
            .iter()
            .map(|time| Tick {
                value: *time,
                label: short_number(*time),
            })
            .collect(),
    };
    let y = Axis {
        title: chart.endpoint.clone(),
        domain: (0.0, 1.0),
        ticks: ticks(0.0, 1.0, 5),
    };
    let labels: Vec<_> = chart
        .groups
        .iter()
        .map(|group| wrap(&[Run::words(&group.label)], SMALL, WIDEST_LABEL))
        .collect();
    let beside = labels.iter().all(|lines| lines.len() <= 2);
    let label_width = labels
        .iter()
        .map(|lines| widest(lines, SMALL))
        .fold(text::width("At risk", SMALL, false), f64::max);
    let half =
        |run: Option<&Run>| run.map_or(0.0, |run| text::width(&run.text, SMALL, false) / 2.0);
    let first_number = at_risk
        .iter()
        .map(|row| half(row.first()))
        .fold(0.0, f64::max);
    let last_number = at_risk
        .iter()
        .map(|row| half(row.last()))
        .fold(0.0, f64::max);
    let layout = Layout {
        heading: context.heading.as_ref(),
        x: &x,
        y: &y,
        height: Some(230.0),
        least_left: if beside {
            8.0 + 16.0 + label_width + 14.0 + first_number
        } else {
            first_number + 8.0
        },
        least_right: last_number,
    };
    let corners = [
        (1.0, 0.0),
        (0.0, 1.0),
        (0.5, 0.0),
        (0.1, 0.9),
        (0.0, 0.8),
        (1.0, 0.97),
        (0.0, 0.65),
    ];
    let mut plot = layout.with_legend(&entries, &corners, |plot| Obstacles {
        lines: chart
            .groups
            .iter()
            .map(|group| steps(plot, group))
            .collect(),
        areas: chart
            .groups
            .iter()
            .flat_map(|group| bands(plot, group))
            .collect(),
    });
    let lines = survival_lines(context, chart, &plot);
    plot.elements.push(lines);
    let below = RiskTable {
        chart,
        numbers: &at_risk,
        ticks: &x.ticks,
        labels: beside.then_some(&labels),
    };
    let bottom = below.draw(&mut plot);
    let bottom = plot.close(bottom);
    let description = format!(
        "{} by time in {}, with the numbers at risk. {}.",
        chart.endpoint,
        chart.time_unit,
        sentences.join("; ")
    );
    Ok(context.picture(description, WIDTH, bottom, plot.elements))
}

fn check(
    context: &Context,
    chart: &KaplanMeierChart,
    group: &SurvivalGroup,
) -> Result<(), RenderError> {
    context.check(&group.label, &[&group.times, &group.survival])?;
    context.check(&group.label, &[&group.censored])?;
    context.check(&group.label, &[&chart.risk_times])?;
    let problem =
        if group.times.len() != group.lower.len() || group.times.len() != group.upper.len() {
            "has not one interval a time"
        } else if group.at_risk.len() != chart.risk_times.len() {
            "has not one number at risk a time of the axis"
        } else {
            return Ok(());
        };
    Err(RenderError::Chart {
        panel: context.panel.id.clone(),
        series: group.label.clone(),
        problem: problem.to_owned(),
    })
}

fn last_time(chart: &KaplanMeierChart) -> f64 {
    let last = chart
        .groups
        .iter()
        .flat_map(|group| group.times.iter().chain(&group.censored))
        .chain(&chart.risk_times)
        .copied()
        .fold(0.0, f64::max);
    if last > 0.0 { last } else { 1.0 }
}

/// The end of a group's curve: its last event or censoring.
fn end_of(group: &SurvivalGroup) -> f64 {
    group
        .times
        .iter()
        .chain(&group.censored)
        .copied()
        .fold(0.0, f64::max)
}

/// The corners of a curve of steps.
fn steps(plot: &Plot, group: &SurvivalGroup) -> Vec<(f64, f64)> {
    stairs(
        plot,
        group
            .times
            .iter()
            .copied()
            .zip(group.survival.iter().copied()),
        end_of(group),
    )
}

fn stairs(plot: &Plot, values: impl Iterator<Item = (f64, f64)>, end: f64) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (time, level) in values {
        let (x, y) = (plot.x.at(time), plot.y.at(level));
        if let Some((_, before)) = points.last() {
            points.push((x, *before));
        }
        points.push((x, y));
    }
    if let Some((_, before)) = points.last() {
        points.push((plot.x.at(end), *before));
    }
    points
}

fn survival_lines(context: &Context, chart: &KaplanMeierChart, plot: &Plot) -> Element {
    let mut lines = curves(plot, &context.panel.step);
    for (index, group) in chart.groups.iter().enumerate() {
        let outlines: String = bands(plot, group)
            .iter()
            .map(|outline| format!("{}Z", path(outline)))
            .collect();
        if !outlines.is_empty() {
            lines.push(shaded(Element::new("path").set("d", outlines), index));
        }
    }
    for (index, group) in chart.groups.iter().enumerate() {
        let line = Element::new("path")
            .set("d", path(&steps(plot, group)))
            .set("data-series", &group.label);
        lines.push(stroked(line, index));
        let mut marks = String::new();
        for time in &group.censored {
            // Writing to a string cannot fail.
            let _ = write!(
                marks,
                "M{} {}v7",
                coordinate(plot.x.at(*time)),
                coordinate(plot.y.at(survival_at(group, *time)) - 3.5)
            );
        }
        if !marks.is_empty() {
            lines.push(marked(
                Element::new("path")
                    .set("d", marks)
                    .set("data-censored", &group.label),
                index,
            ));
        }
    }
    lines
}

/// The height of the curve at a time.
fn survival_at(group: &SurvivalGroup, time: f64) -> f64 {
    let passed = group.times.partition_point(|step| *step <= time);
    passed
        .checked_sub(1)
        .and_then(|index| group.survival.get(index))
        .copied()
        .unwrap_or(1.0)
}

/// The outlines of the bands of intervals; where an interval does not exist the band is open.
fn bands(plot: &Plot, group: &SurvivalGroup) -> Vec<Vec<(f64, f64)>> {
    let mut outlines = Vec::new();
    let mut run: Vec<(f64, f64, f64)> = Vec::new();
    let close = |run: &mut Vec<(f64, f64, f64)>, end: f64, outlines: &mut Vec<Vec<(f64, f64)>>| {
        if !run.is_empty() {
            let mut outline = stairs(
                plot,
                run.iter().map(|(time, _, upper)| (*time, *upper)),
                end,
            );
            let lower = stairs(
                plot,
                run.iter().map(|(time, lower, _)| (*time, *lower)),
                end,
            );
            outline.extend(lower.into_iter().rev());
            outlines.push(outline);
        }
        run.clear();
    };
    for ((time, lower), upper) in group.times.iter().zip(&group.lower).zip(&group.upper) {
        match (lower, upper) {
            (Some(lower), Some(upper)) => run.push((*time, *lower, *upper)),
            _ => close(&mut run, *time, &mut outlines),
        }
    }
    close(&mut run, end_of(group), &mut outlines);
    outlines
}

/// The numbers at risk: a row a group, its label on the left or, if that is too long, above.
struct RiskTable<'a> {
    chart: &'a KaplanMeierChart,
    numbers: &'a [Vec<Run>],
    ticks: &'a [Tick],
    labels: Option<&'a Vec<Vec<text::Line>>>,
}

impl RiskTable<'_> {
    /// Returns where it ends.
    fn draw(&self, plot: &mut Plot) -> f64 {
        let mut y = plot.bottom + 12.0;
        let mut group = Element::new("g").set("class", "numbers-at-risk");
        group.push(text::text(
            &[Run::words("Number at risk")],
            8.0,
            y,
            TEXT,
            Anchor::Start,
        ));
        y += ROW + 2.0;
        let shown = self.shown(&plot.x);
        for (index, row) in self.numbers.iter().enumerate() {
            group.push(short_sample(index, y - 4.0));
            let mut baseline = y;
            match self.labels.and_then(|labels| labels.get(index)) {
                Some(lines) => {
                    group = group.with_all(paragraph(lines, 24.0, y, SMALL, 13.0, Anchor::Start));
                    y += (lines.len() as f64 - 1.0) * 13.0;
                }
                None => {
                    let label = self
                        .chart
                        .groups
                        .get(index)
                        .map_or("", |g| g.label.as_str());
                    let lines = wrap(&[Run::words(label)], SMALL, WIDTH - 34.0);
                    group = group.with_all(paragraph(&lines, 24.0, y, SMALL, 13.0, Anchor::Start));
                    y += lines.len() as f64 * 13.0 + 1.0;
                    baseline = y;
                }
            }
            for (tick, number) in self.ticks.iter().zip(row) {
                if shown.contains(&tick.value) {
                    group.push(text::text(
                        std::slice::from_ref(number),
                        plot.x.at(tick.value),
                        baseline,
                        SMALL,
                        Anchor::Middle,
                    ));
                }
            }
            y += if self.labels.is_some() {
                ROW
            } else {
                ROW + 4.0
            };
        }
        plot.elements.push(group);
        y - ROW + 9.0
    }

    /// The times whose numbers have room beside each other in every row, and stand under a labelled tick.
    fn shown(&self, scale: &Scale) -> Vec<f64> {
        let widest = |tick: &Tick, index: usize| {
            self.numbers
                .iter()
                .filter_map(|row| row.get(index))
                .map(|run| run.text.as_str())
                .chain([tick.label.as_str()])
                .max_by(|a, b| {
                    text::width(a, SMALL, false).total_cmp(&text::width(b, SMALL, false))
                })
                .unwrap_or("")
                .to_owned()
        };
        let columns: Vec<Tick> = self
            .ticks
            .iter()
            .enumerate()
            .map(|(index, tick)| Tick {
                value: tick.value,
                label: widest(tick, index),
            })
            .collect();
        spaced(&columns, scale)
            .into_iter()
            .map(|tick| tick.value)
            .collect()
    }
}

/// The colour and dash of a group, before its label.
fn short_sample(series: usize, middle: f64) -> Element {
    stroked(
        Element::new("path").set("d", path(&[(8.0, middle), (20.0, middle)])),
        series,
    )
}
