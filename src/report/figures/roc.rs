//! Receiver operating characteristic curves: sensitivity against 1 − specificity, with the diagonal of chance.

use super::axis::ticks;
use super::plot::{Axis, Entry, Layout, Mark, Obstacles, Plot, curves, reference, stroked};
use super::svg::{Element, path};
use super::{Context, Picture};
use crate::report::render::RenderError;
use crate::report::results::{RocChart, RocCurve};
use crate::report::values::{Run, plain};

pub(super) fn draw(context: &Context, chart: &RocChart) -> Result<Picture, RenderError> {
    let mut entries = Vec::new();
    let mut sentences = Vec::new();
    for (index, curve) in chart.curves.iter().enumerate() {
        context.check(
            &curve.label,
            &[&curve.false_positive_rate, &curve.sensitivity],
        )?;
        let legend = context.runs(&curve.legend)?;
        sentences.push(format!("{}: AUC {}", curve.label, plain(&legend)));
        let mut runs = vec![Run::words(format!("{}: AUC ", curve.label))];
        runs.extend(legend);
        entries.push(Entry {
            mark: Some(Mark::Series(index)),
            runs,
        });
    }
    let axis = |title: &str| Axis {
        title: title.to_owned(),
        domain: (0.0, 1.0),
        ticks: ticks(0.0, 1.0, 5),
    };
    let (x, y) = (axis("1 − specificity"), axis("Sensitivity"));
    let layout = Layout {
        heading: context.heading.as_ref(),
        x: &x,
        y: &y,
        height: None,
        least_left: 0.0,
        least_right: 0.0,
    };
    let corners = [(1.0, 1.0), (1.0, 0.9), (1.0, 0.75)];
    let mut plot = layout.with_legend(&entries, &corners, |plot| {
        let mut lines: Vec<_> = chart
            .curves
            .iter()
            .map(|curve| points(plot, curve))
            .collect();
        lines.push(diagonal(plot));
        Obstacles {
            lines,
            areas: Vec::new(),
        }
    });
    let mut group = curves(&plot, &context.panel.step);
    group.push(reference(
        Element::new("path").set("d", path(&diagonal(&plot))),
        true,
    ));
    for (index, curve) in chart.curves.iter().enumerate().rev() {
        let line = Element::new("path")
            .set("d", path(&points(&plot, curve)))
            .set("data-series", &curve.label);
        group.push(stroked(line, index));
    }
    plot.elements.push(group);
    let description = format!(
        "Sensitivity against 1 − specificity, with the diagonal of chance. {}.",
        sentences.join("; ")
    );
    let bottom = plot.close(plot.bottom);
    Ok(context.picture(description, super::plot::WIDTH, bottom, plot.elements))
}

fn points(plot: &Plot, curve: &RocCurve) -> Vec<(f64, f64)> {
    curve
        .false_positive_rate
        .iter()
        .zip(&curve.sensitivity)
        .map(|(x, y)| (plot.x.at(*x), plot.y.at(*y)))
        .collect()
}

fn diagonal(plot: &Plot) -> Vec<(f64, f64)> {
    vec![
        (plot.x.at(0.0), plot.y.at(0.0)),
        (plot.x.at(1.0), plot.y.at(1.0)),
    ]
}
