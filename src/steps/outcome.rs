//! How often an outcome occurred in each set, and for a time with an event: follow-up and median survival.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::data::ColumnValues;
use crate::engine::Step;
use crate::plan::{EndpointKind, places};
use crate::survival::{self, CurveInterval, SurvivalError};

use super::endpoint::{SurvivalValues, survival_source};
use super::error::StepError;
use super::frame::{Part, json};
use super::sources::{Make, Sources, input};

#[derive(Serialize)]
struct Summary {
    /// By set; the whole cohort under its name.
    sets: BTreeMap<String, InSet>,
}

#[derive(Default, Serialize)]
struct InSet {
    /// Patients with a recorded outcome.
    n: usize,
    events: usize,
    missing: usize,
    /// Median time to censoring by the reverse Kaplan–Meier estimate, in the unit that is shown.
    follow_up: Option<Median>,
    survival: Option<Median>,
}

#[derive(Serialize)]
struct Median {
    estimate: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

pub(super) fn step(sources: &Sources, name: &str) -> Step {
    let plan = sources.plan;
    let survival = matches!(plan.endpoints[name].kind, EndpointKind::Survival { .. });
    let mut sets = vec![plan.cohort.name.clone()];
    sets.extend(
        plan.split
            .iter()
            .flat_map(|split| split.sets.iter().cloned()),
    );
    let mut inputs = vec![if survival {
        input("survival", survival_source(name))
    } else {
        input("value", sources.raw(name))
    }];
    inputs.extend(
        sets.iter()
            .map(|set| input(&format!("set.{set}"), sources.set(set))),
    );
    let level = 1.0 - plan.study.alpha;
    let part = Part::new(plan, format!("endpoint {name}"));
    Make {
        id: places::outcome(name),
        kind: "outcome_summary",
        version: 1,
        parameters: serde_json::json!({ "confidence_level": level, "sets": &sets }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let mut summary = Summary {
            sets: BTreeMap::new(),
        };
        for set in &sets {
            let rows: Vec<usize> = json(inputs, &format!("set.{set}"))?;
            let found = if survival {
                let values: SurvivalValues = json(inputs, "survival")?;
                timed(&values, &rows, level)
                    .map_err(|error| StepError::method(&part.name, error))?
            } else {
                yes_or_no(&json(inputs, "value")?, &rows)
            };
            summary.sets.insert(set.clone(), found);
        }
        let mut outputs = crate::engine::Outputs::new();
        outputs.json("result", &summary)?;
        Ok(outputs)
    })
}

fn yes_or_no(values: &ColumnValues, rows: &[usize]) -> InSet {
    let mut found = InSet::default();
    if let ColumnValues::YesNo(values) = values {
        for row in rows {
            match values.get(*row).copied().flatten() {
                Some(event) => {
                    found.n += 1;
                    found.events += usize::from(event);
                }
                None => found.missing += 1,
            }
        }
    }
    found
}

fn timed(values: &SurvivalValues, rows: &[usize], level: f64) -> Result<InSet, SurvivalError> {
    let (mut times, mut events) = (Vec::new(), Vec::new());
    for row in rows {
        let time = values.times.get(*row).copied().flatten();
        if let (Some(time), Some(event)) = (time, values.events.get(*row).copied().flatten()) {
            times.push(time);
            events.push(event);
        }
    }
    let mut found = InSet {
        n: times.len(),
        events: events.iter().filter(|event| **event).count(),
        missing: rows.len() - times.len(),
        ..InSet::default()
    };
    if times.is_empty() {
        return Ok(found);
    }
    let median = |curve: survival::KaplanMeier| {
        let median = curve.median();
        Median {
            estimate: median.estimate.map(|time| values.shown(time)),
            lower: median.lower.map(|time| values.shown(time)),
            upper: median.upper.map(|time| values.shown(time)),
        }
    };
    let interval = CurveInterval::LogLog;
    found.follow_up = Some(median(survival::reverse_kaplan_meier(
        &times, &events, interval, level,
    )?));
    found.survival = Some(median(survival::kaplan_meier(
        &times, &events, interval, level,
    )?));
    Ok(found)
}
