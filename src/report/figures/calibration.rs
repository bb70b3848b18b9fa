//! Calibration: observed against predicted probability, smooth lines and groups of patients, with the ideal diagonal.

use super::axis::ticks;
use super::plot::{
    Axis, Entry, Frame, Layout, Mark, Obstacles, POINT, Plot, SMALL, curves, label_area, overlap,
    point, reference, shaded, stroked,
};
use super::svg::{Element, path};
use super::text::{self, Anchor};
use super::{Context, Picture};
use crate::report::render::RenderError;
use crate::report::results::{CalibrationChart, CalibrationLine, Part};
use crate::report::values::{Run, plain};

pub(super) fn draw(context: &Context, chart: &CalibrationChart) -> Result<Picture, RenderError> {
    let mut entries = vec![Entry {
        mark: Some(Mark::Reference { dashed: true }),
        runs: vec![Run::words("Ideal")],
    }];
    for (index, line) in chart.lines.iter().enumerate() {
        check(context, line)?;
        entries.push(Entry {
            mark: Some(Mark::Series(index)),
            runs: vec![Run::words(&line.label)],
        });
    }
    for group in &chart.groups {
        context.check("groups of patients", &[&[group.predicted, group.observed]])?;
    }
    if !chart.groups.is_empty() {
        entries.push(Entry {
            mark: Some(Mark::Point),
            runs: vec![Run::words(
                "Groups by predicted risk, with number of patients",
            )],
        });
    }
    let mut sentences = Vec::new();
    for parts in &chart.legend {
        let runs = context.runs(parts)?;
        sentences.push(plain(&runs));
        entries.push(Entry { mark: None, runs });
    }
    let axis = |title: &str| Axis {
        title: title.to_owned(),
        domain: (0.0, 1.0),
        ticks: ticks(0.0, 1.0, 5),
    };
    let (x, y) = (axis("Predicted probability"), axis("Observed proportion"));
    let layout = Layout {
        heading: context.heading.as_ref(),
        x: &x,
        y: &y,
        height: None,
        least_left: 0.0,
        least_right: 0.0,
    };
    let corners = [(0.0, 0.0), (1.0, 1.0)];
    let mut plot = layout.with_legend(&entries, &corners, |plot| obstacles(plot, chart));

    let mut group = curves(&plot, &context.panel.step);
    group.push(reference(
        Element::new("path").set("d", path(&diagonal(&plot))),
        true,
    ));
    for (index, line) in chart.lines.iter().enumerate() {
        if let Some(band) = band(&plot, line) {
            let outline = format!("{}Z", path(&band));
            group.push(shaded(Element::new("path").set("d", outline), index));
        }
    }
    for (index, line) in chart.lines.iter().enumerate() {
        let element = Element::new("path")
            .set("d", path(&points(&plot, line)))
            .set("data-series", &line.label);
        group.push(stroked(element, index));
    }
    let mut taken: Vec<Frame> = chart
        .groups
        .iter()
        .map(|group| {
            let (x, y) = (plot.x.at(group.predicted), plot.y.at(group.observed));
            Frame {
                left: x - POINT,
                top: y - POINT,
                width: 2.0 * POINT,
                height: 2.0 * POINT,
            }
        })
        .collect();
    for patients in &chart.groups {
        let (x, y) = (plot.x.at(patients.predicted), plot.y.at(patients.observed));
        group.push(point(x, y));
        // The number stands above, below or beside its point; where all are taken, only the data of the figure have it.
        let label = match &patients.id {
            Some(id) => context.runs(&[Part::Value(id.clone())])?,
            None => vec![Run::words(patients.n.to_string())],
        };
        let places = [(0.0, -7.0), (0.0, 15.0), (13.0, 4.0), (-13.0, 4.0)];
        let free = places.iter().find_map(|(dx, dy)| {
            let area = label_area(&label, x + dx, y + dy, SMALL - 1.5);
            let inside = area.left > plot.frame.left
                && area.right() < super::plot::WIDTH
                && area.top > plot.frame.top - 4.0
                && area.bottom() < plot.frame.bottom();
            (inside && !taken.iter().any(|other| overlap(other, &area))).then_some((
                x + dx,
                y + dy,
                area,
            ))
        });
        if let Some((x, y, area)) = free {
            let halo = text::text(&label, x, y, SMALL - 1.5, Anchor::Middle)
                .set("class", "halo")
                .set("stroke", "#ffffff")
                .set("stroke-width", "3")
                .set("stroke-linejoin", "round")
                .set("paint-order", "stroke");
            group.push(halo);
            taken.push(area);
        }
    }
    plot.elements.push(group);
    let mut description =
        "Observed proportion against predicted probability, with the ideal diagonal.".to_owned();
    for line in &chart.lines {
        description.push_str(&format!(" Line: {}.", line.label));
    }
    for sentence in sentences {
        description.push_str(&format!(" {sentence}."));
    }
    let bottom = plot.close(plot.bottom);
    Ok(context.picture(description, super::plot::WIDTH, bottom, plot.elements))
}

fn check(context: &Context, line: &CalibrationLine) -> Result<(), RenderError> {
    let mut columns: Vec<&[f64]> = vec![&line.predicted, &line.observed];
    columns.extend(line.lower.as_deref());
    columns.extend(line.upper.as_deref());
    context.check(&line.label, &columns)
}

/// Lines, the diagonal, a cross through each point and its number; the bands as areas.
fn obstacles(plot: &Plot, chart: &CalibrationChart) -> Obstacles {
    let mut lines: Vec<Vec<(f64, f64)>> =
        chart.lines.iter().map(|line| points(plot, line)).collect();
    lines.push(diagonal(plot));
    for group in &chart.groups {
        let (x, y) = (plot.x.at(group.predicted), plot.y.at(group.observed));
        lines.push(vec![(x, y - 16.0), (x, y + 16.0)]);
        lines.push(vec![(x - 18.0, y), (x + 18.0, y)]);
    }
    Obstacles {
        lines,
        areas: chart
            .lines
            .iter()
            .filter_map(|line| band(plot, line))
            .collect(),
    }
}

fn points(plot: &Plot, line: &CalibrationLine) -> Vec<(f64, f64)> {
    line.predicted
        .iter()
        .zip(&line.observed)
        .map(|(x, y)| (plot.x.at(*x), plot.y.at(*y)))
        .collect()
}

fn diagonal(plot: &Plot) -> Vec<(f64, f64)> {
    vec![
        (plot.x.at(0.0), plot.y.at(0.0)),
        (plot.x.at(1.0), plot.y.at(1.0)),
    ]
}

/// The outline of a band.
fn band(plot: &Plot, line: &CalibrationLine) -> Option<Vec<(f64, f64)>> {
    let (lower, upper) = (line.lower.as_ref()?, line.upper.as_ref()?);
    let edge = |limits: &[f64]| -> Vec<(f64, f64)> {
        line.predicted
            .iter()
            .zip(limits)
            .map(|(x, y)| (plot.x.at(*x), plot.y.at(*y)))
            .collect()
    };
    let mut outline = edge(upper);
    outline.extend(edge(lower).into_iter().rev());
    Some(outline)
}
