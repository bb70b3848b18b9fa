//! Figure 1: the flow chart of the patients, and how sets of patients are called.

use crate::plan::{Plan, places};
use crate::report::{Chart, FlowChart, Panel, Part};

use super::collector::{AssembleError, Collector, Place, words};
use super::display::Display;

pub(super) fn figure(
    plan: &Plan,
    figure: &str,
    collector: &mut Collector,
) -> Result<(Vec<Panel>, String, Vec<Part>), AssembleError> {
    let cohort = &plan.cohort.name;
    let step = places::cohort(cohort);
    let flow = Place::new(step.clone(), "flow");
    let mut n = |id: String, place: &Place| collector.value(&id, place, Display::Count, None, None);
    let screened = vec![
        words("Screened (n = "),
        n(format!("{cohort}.screened"), &flow.at(&["screened"]))?,
        words(")"),
    ];
    let mut exclusions = Vec::new();
    for (index, rule) in plan.cohort.rules.iter().enumerate() {
        let place = flow.at(&["rules"]).index(index).at(&["excluded"]);
        exclusions.push(vec![
            words(format!("{} (n = ", rule.label)),
            n(format!("{cohort}.excluded.{}", index + 1), &place)?,
            words(")"),
        ]);
    }
    let included = vec![
        words("Included (n = "),
        n(format!("{cohort}.included"), &flow.at(&["included"]))?,
        words(")"),
    ];
    let mut sets = Vec::new();
    if let Some(split) = &plan.split {
        for set in &split.sets {
            let place = Place::new(places::split(), "sizes").at(&[set]);
            sets.push(vec![
                words(format!("{} (n = ", plan.set_label(set))),
                n(format!("{cohort}.{set}.n"), &place)?,
                words(")"),
            ]);
        }
    }
    let panel = Panel {
        id: format!("{figure}.a"),
        title: "Flow of patients".to_owned(),
        chart: Chart::Flow(FlowChart {
            screened,
            exclusions,
            included,
            sets,
        }),
        step,
    };
    Ok((
        vec![panel],
        "Flow chart of inclusion and exclusion".to_owned(),
        vec![words(
            "Exclusions apply in the order shown; each counts those still in the study.",
        )],
    ))
}

/// A set inside a sentence: "training set", "whole cohort".
pub(super) fn set_phrase(plan: &Plan, set: &str) -> String {
    if set == plan.cohort.name {
        "whole cohort".to_owned()
    } else {
        format!("{} set", set.replace('_', " "))
    }
}
