//! A nomogram: an axis for each term under one scale of points, then the sum of points and the probability under it.

use super::axis::{Scale, number, ticks};
use super::plot::{LEADING, SMALL, TEXT};
use super::svg::{Element, path};
use super::text::{self, Anchor, line_width, paragraph, widest, wrap};
use super::{Context, Picture};
use crate::report::render::RenderError;
use crate::report::results::{NomogramChart, NomogramTick};
use crate::report::values::Run;

const WIDTH: f64 = 640.0;
const EDGE: f64 = 8.0;
const WIDEST_LABEL: f64 = 190.0;
/// Between an axis and the next.
const ROW: f64 = 46.0;
const TICK: f64 = 5.0;

pub(super) fn draw(context: &Context, chart: &NomogramChart) -> Result<Picture, RenderError> {
    for axis in &chart.axes {
        context.check(&axis.label, &[&points(&axis.ticks)])?;
    }
    context.check("total points", &[&chart.total_points])?;
    context.check("probability", &[&points(&chart.probabilities)])?;
    let most = chart
        .axes
        .iter()
        .flat_map(|axis| points(&axis.ticks))
        .fold(0.0, f64::max);
    let total = chart.total_points.iter().copied().fold(0.0, f64::max);
    if !(most > 0.0 && total > 0.0) {
        return Err(RenderError::Chart {
            panel: context.panel.id.clone(),
            series: "points".to_owned(),
            problem: "has no extent".to_owned(),
        });
    }

    let probability = format!("Probability of {}", chart.outcome);
    let labels: Vec<String> = ["Points".to_owned()]
        .into_iter()
        .chain(chart.axes.iter().map(|axis| axis.label.clone()))
        .chain(["Total points".to_owned(), probability])
        .collect();
    let wrapped: Vec<_> = labels
        .iter()
        .map(|label| wrap(&[Run::words(label)], TEXT, WIDEST_LABEL))
        .collect();
    let width = wrapped
        .iter()
        .map(|lines| widest(lines, TEXT))
        .fold(0.0, f64::max);
    let range = ((EDGE + width + 26.0).ceil(), WIDTH - 26.0);
    let scale = |most: f64| Scale {
        domain: (0.0, most),
        range,
    };
    let of_terms = scale(most);
    let of_total = scale(total);
    let plain: Vec<NomogramTick> = ticks(0.0, most, 10)
        .into_iter()
        .map(|tick| NomogramTick {
            label: tick.label,
            points: tick.value,
        })
        .collect();
    let sums: Vec<NomogramTick> = chart
        .total_points
        .iter()
        .map(|points| NomogramTick {
            label: number(*points, decimals(*points)),
            points: *points,
        })
        .collect();
    let mut axes = vec![(plain.as_slice(), &of_terms)];
    axes.extend(
        chart
            .axes
            .iter()
            .map(|axis| (axis.ticks.as_slice(), &of_terms)),
    );
    axes.push((sums.as_slice(), &of_total));
    axes.push((chart.probabilities.as_slice(), &of_total));

    let mut elements = Vec::new();
    let mut y = EDGE;
    if let Some(heading) = &context.heading {
        let lines = wrap(heading, TEXT, WIDTH - 2.0 * EDGE);
        elements.extend(paragraph(
            &lines,
            EDGE,
            y + 10.0,
            TEXT,
            LEADING,
            Anchor::Start,
        ));
        y += lines.len() as f64 * LEADING + 4.0;
    }
    y += 22.0;
    let mut group = Element::new("g")
        .set("class", "axes")
        .set("data-step", &context.panel.step);
    for ((ticks, scale), label) in axes.into_iter().zip(&wrapped) {
        let first = y - (label.len() as f64 - 1.0) * LEADING / 2.0 + 4.5;
        elements.extend(paragraph(label, EDGE, first, TEXT, LEADING, Anchor::Start));
        group.push(axis(ticks, scale, y));
        y += ROW;
    }
    elements.push(group);
    Ok(context.picture(description(chart), WIDTH, y - ROW + 30.0, elements))
}

fn points(ticks: &[NomogramTick]) -> Vec<f64> {
    ticks.iter().map(|tick| tick.points).collect()
}

fn decimals(value: f64) -> usize {
    usize::from(value.fract() != 0.0)
}

/// A line with its ticks; a label stands below it, above where the label before it leaves no room, and nowhere where there
/// is no room above either.
fn axis(ticks: &[NomogramTick], scale: &Scale, y: f64) -> Element {
    let mut placed: Vec<(f64, &str)> = ticks
        .iter()
        .map(|tick| (scale.at(tick.points), tick.label.as_str()))
        .collect();
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut line = String::new();
    if let (Some((from, _)), Some((to, _))) = (placed.first(), placed.last()) {
        line.push_str(&path(&[(*from, y), (*to, y)]));
    }
    let mut labels = Vec::new();
    let (mut below, mut above) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for (x, label) in placed {
        let runs = [Run::words(label)];
        let half = line_width(&runs, SMALL) / 2.0;
        let is_below = x - half >= below + 4.0;
        let baseline = if is_below {
            below = x + half;
            Some(y + 17.0)
        } else if x - half >= above + 4.0 {
            above = x + half;
            Some(y - 9.0)
        } else {
            None
        };
        let end = if is_below { y + TICK } else { y - TICK };
        line.push_str(&path(&[(x, y), (x, end)]));
        if let Some(baseline) = baseline {
            labels.push(text::text(&runs, x, baseline, SMALL, Anchor::Middle));
        }
    }
    Element::new("g")
        .with(
            Element::new("path")
                .set("d", line)
                .set("fill", "none")
                .set("stroke", "currentColor"),
        )
        .with_all(labels)
}

fn description(chart: &NomogramChart) -> String {
    let axes: Vec<String> = chart
        .axes
        .iter()
        .map(|axis| {
            let ticks: Vec<String> = axis
                .ticks
                .iter()
                .map(|tick| format!("{} {}", tick.label, number(tick.points, 1)))
                .collect();
            format!("{}: {}", axis.label, ticks.join(", "))
        })
        .collect();
    let probabilities: Vec<String> = chart
        .probabilities
        .iter()
        .map(|tick| format!("{} at {}", tick.label, number(tick.points, 1)))
        .collect();
    format!(
        "Points of each value. {}. Probability of {} by total points: {}.",
        axes.join("; "),
        chart.outcome,
        probabilities.join(", ")
    )
}
