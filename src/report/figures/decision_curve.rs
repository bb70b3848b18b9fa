//! Decision curves: net benefit by threshold probability, beside treating all and treating none.

use super::axis::{tick_above, ticks};
use super::plot::{Axis, Entry, Layout, Mark, Obstacles, Plot, curves, reference, stroked};
use super::svg::{Element, path};
use super::{Context, Picture};
use crate::report::render::RenderError;
use crate::report::results::DecisionCurveChart;
use crate::report::values::Run;

pub(super) fn draw(context: &Context, chart: &DecisionCurveChart) -> Result<Picture, RenderError> {
    context.check("treat all", &[&chart.thresholds, &chart.treat_all])?;
    let mut entries = Vec::new();
    let mut highest = chart.treat_all.iter().copied().fold(0.0, f64::max);
    for (index, model) in chart.models.iter().enumerate() {
        context.check(&model.label, &[&chart.thresholds, &model.net_benefit])?;
        highest = model.net_benefit.iter().copied().fold(highest, f64::max);
        entries.push(Entry {
            mark: Some(Mark::Series(index)),
            runs: vec![Run::words(&model.label)],
        });
    }
    entries.push(Entry {
        mark: Some(Mark::Reference { dashed: true }),
        runs: vec![Run::words("Treat all")],
    });
    entries.push(Entry {
        mark: Some(Mark::Reference { dashed: false }),
        runs: vec![Run::words("Treat none")],
    });
    // Curves fall without end below zero, where no choice is worth making: the axis stops just under it.
    let top = if highest > 0.0 {
        tick_above(highest, 5)
    } else {
        0.1
    };
    let bottom = -(top * 0.2).min(0.05);
    let last = chart.thresholds.iter().copied().fold(0.0, f64::max);
    let last = if last > 0.0 {
        tick_above(last, 5).min(1.0)
    } else {
        1.0
    };
    let x = Axis {
        title: "Threshold probability".to_owned(),
        domain: (0.0, last),
        ticks: ticks(0.0, last, 5),
    };
    let y = Axis {
        title: "Net benefit".to_owned(),
        domain: (bottom, top),
        ticks: ticks(0.0, top, 5),
    };
    let layout = Layout {
        heading: context.heading.as_ref(),
        x: &x,
        y: &y,
        height: Some(250.0),
        least_left: 0.0,
        least_right: 0.0,
    };
    let corners = [(1.0, 0.0), (1.0, 0.3), (0.0, 0.9)];
    let mut plot = layout.with_legend(&entries, &corners, |plot| {
        let mut lines: Vec<_> = chart
            .models
            .iter()
            .map(|model| points(plot, &chart.thresholds, &model.net_benefit))
            .collect();
        lines.push(points(plot, &chart.thresholds, &chart.treat_all));
        lines.push(points(plot, &[0.0, last], &[0.0, 0.0]));
        Obstacles {
            lines,
            areas: Vec::new(),
        }
    });
    let clip = format!("{}-clip", context.panel.id);
    plot.elements.push(
        Element::new("clipPath").set("id", &clip).with(
            Element::new("rect")
                .at("x", plot.frame.left)
                .at("y", plot.frame.top)
                .at("width", plot.frame.width)
                .at("height", plot.frame.height),
        ),
    );
    let mut group = curves(&plot, &context.panel.step).set("clip-path", format!("url(#{clip})"));
    let none = points(&plot, &[0.0, last], &[0.0, 0.0]);
    group.push(reference(Element::new("path").set("d", path(&none)), false));
    let all = points(&plot, &chart.thresholds, &chart.treat_all);
    group.push(reference(
        Element::new("path")
            .set("d", path(&all))
            .set("data-series", "Treat all"),
        true,
    ));
    for (index, model) in chart.models.iter().enumerate().rev() {
        let line = Element::new("path")
            .set(
                "d",
                path(&points(&plot, &chart.thresholds, &model.net_benefit)),
            )
            .set("data-series", &model.label);
        group.push(stroked(line, index));
    }
    plot.elements.push(group);
    let labels: Vec<&str> = chart
        .models
        .iter()
        .map(|model| model.label.as_str())
        .collect();
    let description = format!(
        "Net benefit by threshold probability for {}, beside treating all patients and treating none.",
        labels.join(", ")
    );
    let bottom = plot.close(plot.bottom);
    Ok(context.picture(description, super::plot::WIDTH, bottom, plot.elements))
}

fn points(plot: &Plot, thresholds: &[f64], net_benefit: &[f64]) -> Vec<(f64, f64)> {
    thresholds
        .iter()
        .zip(net_benefit)
        .map(|(x, y)| (plot.x.at(*x), plot.y.at(*y)))
        .collect()
}
