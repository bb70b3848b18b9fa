//! The nomogram of a logistic model: its axes as the model's step computed them.

use crate::plan::{ColumnKind, Plan, places};
use crate::report::{Chart, NomogramAxis, NomogramChart, NomogramTick, Panel};

use super::collector::{AssembleError, Collector, Place, problem, words};
use super::cox::with_unit;
use super::figures::Drawn;

pub(super) fn figure(
    plan: &Plan,
    figure: &str,
    name: &str,
    collector: &mut Collector,
) -> Result<Drawn, AssembleError> {
    let model = &plan.models[name];
    let step = places::model(name);
    let result = Place::new(step.clone(), "nomogram");
    if collector.is_null(&result) {
        return Err(problem(
            &result,
            "the model tells no patients apart: no nomogram",
        ));
    }
    let number = |place: &Place, collector: &Collector| {
        collector
            .read(place)?
            .as_f64()
            .ok_or_else(|| problem(place, "expected a number"))
    };
    let mut axes = Vec::new();
    for index in 0..collector.list(&result.at(&["axes"]))?.len() {
        let axis = result.at(&["axes"]).index(index);
        let term = collector.text(&axis.at(&["term"]))?;
        let mut ticks = Vec::new();
        for at in 0..collector.list(&axis.at(&["ticks"]))?.len() {
            let tick = axis.at(&["ticks"]).index(at);
            let label = collector.text(&tick.at(&["label"]))?;
            let level = match (plan.kind(term), label) {
                (Some(ColumnKind::YesNo { .. }), "0") => "no",
                (Some(ColumnKind::YesNo { .. }), "1") => "yes",
                _ => label,
            };
            ticks.push(NomogramTick {
                label: plan.level_label(term, level),
                points: number(&tick.at(&["points"]), collector)?,
            });
        }
        axes.push(NomogramAxis {
            label: with_unit(plan, term),
            ticks,
        });
    }
    let mut probabilities = Vec::new();
    for index in 0..collector.list(&result.at(&["probabilities"]))?.len() {
        let tick = result.at(&["probabilities"]).index(index);
        probabilities.push(NomogramTick {
            label: number(&tick.at(&["probability"]), collector)?.to_string(),
            points: number(&tick.at(&["total_points"]), collector)?,
        });
    }
    let outcome = plan.label(&model.outcome).to_owned();
    let panel = Panel {
        id: format!("{figure}.a"),
        title: model.label.clone(),
        chart: Chart::Nomogram(NomogramChart {
            axes,
            total_points: collector.numbers(&result.at(&["total_points"]))?,
            outcome: outcome.clone(),
            probabilities,
        }),
        step,
    };
    Ok((
        vec![panel],
        format!("Nomogram of {} for {outcome}", model.label),
        vec![words(
            "Each value of a patient gives the points above it; their sum, on the axis of total points, gives the probability \
             below it.",
        )],
    ))
}
