//! Forest plot: a row an estimate, its interval on a logarithmic axis, and the numbers beside it.

use super::axis::{RatioScale, Scale, Tick, ratio_ticks};
use super::plot::{LEADING, SMALL, TEXT, reference, spaced};
use super::svg::{Element, coordinate, path};
use super::text::{self, Anchor, Line, paragraph, widest, wrap};
use super::{Context, Picture};
use crate::numerics;
use crate::report::render::RenderError;
use crate::report::results::{ForestChart, ForestRow};
use crate::report::values::{Run, plain};

const WIDTH: f64 = 640.0;
const EDGE: f64 = 8.0;
const WIDEST_LABEL: f64 = 220.0;
const WIDEST_TEXT: f64 = 190.0;
const ROW_GAP: f64 = 7.0;
/// An interval wider than this is cut, with an arrow, unless an estimate itself lies beyond.
const WIDEST_DOMAIN: (f64, f64) = (0.05, 20.0);

pub(super) fn draw(context: &Context, chart: &ForestChart) -> Result<Picture, RenderError> {
    let mut rows = Vec::new();
    let mut sentences = Vec::new();
    for row in &chart.rows {
        check(context, row)?;
        let runs = context.runs(&row.text)?;
        // A row without an estimate and without words is a heading of the rows below it.
        let heading = row.estimate.is_none() && runs.is_empty();
        let label = if heading {
            Run::bold(&row.label)
        } else {
            Run::words(&row.label)
        };
        if !heading {
            sentences.push(format!("{}: {}", row.label, plain(&runs)));
        }
        let limit = if heading {
            WIDTH - 2.0 * EDGE
        } else {
            WIDEST_LABEL
        };
        rows.push((
            row,
            heading,
            wrap(&[label], TEXT, limit),
            wrap(&runs, TEXT, WIDEST_TEXT),
        ));
    }
    let label_width = rows
        .iter()
        .filter(|(_, heading, ..)| !heading)
        .map(|(_, _, label, _)| widest(label, TEXT))
        .fold(0.0, f64::max);
    let text_width = rows
        .iter()
        .map(|(.., text)| widest(text, TEXT))
        .fold(0.0, f64::max);
    let (left, right) = (
        (EDGE + label_width + 18.0).ceil(),
        (WIDTH - EDGE - text_width - 18.0).floor(),
    );
    let domain = domain(&chart.rows);
    let scale = RatioScale::new(domain, (left, right));

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
        y += lines.len() as f64 * LEADING + 8.0;
    }
    let top = y;
    let mut marks = Element::new("g")
        .set("class", "curves")
        .set("data-step", &context.panel.step);
    for (row, _, label, text) in &rows {
        let height = label.len().max(text.len()) as f64 * LEADING + ROW_GAP;
        let middle = y + height / 2.0;
        let first = |lines: &[Line]| middle - (lines.len() as f64 - 1.0) * LEADING / 2.0 + 4.5;
        elements.extend(paragraph(
            label,
            EDGE,
            first(label),
            TEXT,
            LEADING,
            Anchor::Start,
        ));
        elements.extend(paragraph(
            text,
            WIDTH - EDGE - text_width,
            first(text),
            TEXT,
            LEADING,
            Anchor::Start,
        ));
        if let Some(mark) = estimate(row, &scale, domain, middle) {
            marks.push(mark);
        }
        y += height;
    }
    let bottom = y + 4.0;
    if (domain.0..=domain.1).contains(&1.0) {
        elements.push(reference(
            Element::new("path").set("d", path(&[(scale.at(1.0), top), (scale.at(1.0), bottom)])),
            true,
        ));
    }
    elements.push(marks);
    elements.push(axis(domain, (left, right), bottom));
    y = bottom + 21.0 + LEADING;
    elements.push(text::text(
        &[Run::words("Hazard ratio")],
        (left + right) / 2.0,
        y,
        TEXT,
        Anchor::Middle,
    ));
    y += favours(chart, scale.at(1.0), y + LEADING + 3.0, &mut elements);
    let description = format!(
        "Hazard ratios with intervals on a logarithmic axis. {}.",
        sentences.join("; ")
    );
    Ok(context.picture(description, WIDTH, y + EDGE, elements))
}

fn check(context: &Context, row: &ForestRow) -> Result<(), RenderError> {
    let numbers: Vec<f64> = [row.estimate, row.lower, row.upper]
        .into_iter()
        .flatten()
        .collect();
    context.check(&row.label, &[&numbers])?;
    if row.estimate.is_some_and(|estimate| estimate <= 0.0) {
        return Err(RenderError::Chart {
            panel: context.panel.id.clone(),
            series: row.label.clone(),
            problem: "has a ratio that is not positive".to_owned(),
        });
    }
    Ok(())
}

/// From the lowest to the highest limit, 1 included, a little room at both ends.
fn domain(rows: &[ForestRow]) -> (f64, f64) {
    let estimates = || rows.iter().filter_map(|row| row.estimate).chain([1.0]);
    let low = rows
        .iter()
        .filter_map(|row| row.lower)
        .fold(1.0, f64::min)
        .max(WIDEST_DOMAIN.0);
    let high = rows
        .iter()
        .filter_map(|row| row.upper)
        .fold(1.0, f64::max)
        .min(WIDEST_DOMAIN.1);
    let low = estimates().fold(low, f64::min);
    let high = estimates().fold(high, f64::max);
    let room = numerics::exp(0.05 * numerics::ln(high / low).max(1.0));
    (low / room, high * room)
}

/// The square of the estimate on the line of its interval; an end beyond the axis is an arrow.
fn estimate(row: &ForestRow, scale: &RatioScale, domain: (f64, f64), y: f64) -> Option<Element> {
    let x = scale.at(row.estimate?);
    let inside = |limit: Option<f64>| limit.filter(|limit| (domain.0..=domain.1).contains(limit));
    let mut group = Element::new("g")
        .set("class", "ink")
        .set("data-series", &row.label);
    if row.lower.is_some() || row.upper.is_some() {
        let from = inside(row.lower).map_or(scale.at(domain.0), |limit| scale.at(limit));
        let to = inside(row.upper).map_or(scale.at(domain.1), |limit| scale.at(limit));
        let mut line = path(&[(from, y), (to, y)]);
        line.push_str(&match inside(row.lower) {
            Some(_) => path(&[(from, y - 4.0), (from, y + 4.0)]),
            None => path(&[(from + 6.0, y - 4.0), (from, y), (from + 6.0, y + 4.0)]),
        });
        line.push_str(&match inside(row.upper) {
            Some(_) => path(&[(to, y - 4.0), (to, y + 4.0)]),
            None => path(&[(to - 6.0, y - 4.0), (to, y), (to - 6.0, y + 4.0)]),
        });
        group.push(
            Element::new("path")
                .set("d", line)
                .set("fill", "none")
                .set("stroke", "currentColor")
                .set("stroke-width", "1.3"),
        );
    }
    Some(
        group.with(
            Element::new("rect")
                .set("class", "area series-1")
                .at("x", x - 4.5)
                .at("y", y - 4.5)
                .set("width", "9")
                .set("height", "9")
                .set("fill", "#0072b2"),
        ),
    )
}

fn axis(domain: (f64, f64), range: (f64, f64), y: f64) -> Element {
    let scale = RatioScale::new(domain, range);
    let ticks = ratio_ticks(domain.0, domain.1);
    let mut line = path(&[(range.0, y), (range.1, y)]);
    // Labels are spaced on the picture, where a tick stands at its coordinate.
    let placed: Vec<Tick> = ticks
        .iter()
        .map(|tick| Tick {
            value: scale.at(tick.value),
            label: tick.label.clone(),
        })
        .collect();
    let picture = Scale {
        domain: range,
        range,
    };
    for tick in &placed {
        line.push_str(&format!("M{} {}v5", coordinate(tick.value), coordinate(y)));
    }
    let labels = spaced(&placed, &picture)
        .into_iter()
        .map(|tick| {
            text::text(
                &[Run::words(&tick.label)],
                tick.value,
                y + 18.0,
                SMALL,
                Anchor::Middle,
            )
        })
        .collect::<Vec<_>>();
    Element::new("g")
        .set("class", "axes")
        .with(
            Element::new("path")
                .set("d", line)
                .set("fill", "none")
                .set("stroke", "currentColor"),
        )
        .with_all(labels)
}

/// Which side of 1 favours what, each wrapped on its side. Returns the height.
fn favours(chart: &ForestChart, one: f64, y: f64, elements: &mut Vec<Element>) -> f64 {
    let (left, right) = &chart.favours;
    let mut height: f64 = 0.0;
    let limit = (one - EDGE - 8.0).min(WIDTH - EDGE - 8.0 - one).max(60.0);
    for (words, arrow, x, anchor) in [
        (left, ("← ", ""), one - 8.0, Anchor::End),
        (right, ("", " →"), one + 8.0, Anchor::Start),
    ] {
        if words.is_empty() {
            continue;
        }
        let lines = wrap(
            &[Run::words(format!("{}{words}{}", arrow.0, arrow.1))],
            SMALL,
            limit,
        );
        elements.extend(paragraph(&lines, x, y, SMALL, LEADING - 1.0, anchor));
        height = height.max(lines.len() as f64 * (LEADING - 1.0) + 3.0);
    }
    height
}
