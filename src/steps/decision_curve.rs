//! Net benefit of deciding by each model, at every threshold probability.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::{Outputs, Step};
use crate::plan::{DecisionCurveRange, Performance, places};
use crate::statistics;

use super::discrimination::{judged, performance_inputs};
use super::frame::Part;
use super::hosmer_lemeshow::probabilities;
use super::sources::{Make, Sources};

#[derive(Serialize)]
struct Curves {
    thresholds: Vec<f64>,
    sets: BTreeMap<String, InSet>,
}

#[derive(Serialize)]
struct InSet {
    n: usize,
    treat_all: Vec<f64>,
    scores: BTreeMap<String, Curve>,
}

#[derive(Serialize)]
struct Curve {
    net_benefit: Vec<f64>,
}

pub(super) fn step(sources: &Sources, name: &str, analysis: &Performance) -> Option<Step> {
    let range = analysis.decision_curve.clone()?;
    let inputs = performance_inputs(sources, analysis);
    let declared = inputs.clone();
    let part = Part::new(
        sources.plan,
        format!("decision_curve of performance {name}"),
    );
    let scores = probabilities(sources, analysis);
    let analysis = analysis.clone();
    let step = Make {
        id: places::performance(name, "decision_curve"),
        kind: "decision_curve",
        version: 1,
        parameters: serde_json::json!({
            "scores": &analysis.scores,
            "probabilities": &scores,
            "outcome": &analysis.outcome,
            "on": &analysis.on,
            "thresholds": &range,
            "missing": part.missing,
        }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let thresholds = thresholds(&range);
        let mut sets = BTreeMap::new();
        for (set, judged) in judged(&analysis, &part, inputs, &declared)? {
            let mut curves = BTreeMap::new();
            let mut treat_all = Vec::new();
            for name in &scores {
                let curve =
                    statistics::decision_curve(&judged.outcome, &judged.score(name)?, &thresholds)
                        .map_err(|error| judged.fault(name, error))?;
                treat_all = curve.treat_all;
                curves.insert(
                    name.clone(),
                    Curve {
                        net_benefit: curve.model,
                    },
                );
            }
            sets.insert(
                set,
                InSet {
                    n: judged.rows.len(),
                    treat_all,
                    scores: curves,
                },
            );
        }
        let mut outputs = Outputs::new();
        outputs.json("result", &Curves { thresholds, sets })?;
        Ok(outputs)
    });
    Some(step)
}

/// `from`, `from + step`, … up to `to`, each from its number so that errors do not add up.
fn thresholds(range: &DecisionCurveRange) -> Vec<f64> {
    let count = ((range.to - range.from) / range.step + 1e-9).floor() as usize;
    (0..=count)
        .map(|index| range.from + index as f64 * range.step)
        .collect()
}
