//! Accuracy, sensitivity and specificity of each score at its cut-off.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::{Input, Outputs, Step};
use crate::plan::{Performance, places};
use crate::statistics;

use super::discrimination::{judged, performance_inputs};
use super::frame::Part;
use super::sources::{Make, Sources, output};

#[derive(Serialize)]
struct Classification {
    sets: BTreeMap<String, InSet>,
}

#[derive(Serialize)]
struct InSet {
    n: usize,
    scores: BTreeMap<String, statistics::Classification>,
}

pub(super) fn step(sources: &Sources, name: &str, analysis: &Performance) -> Option<Step> {
    if !analysis.at_cutoff {
        return None;
    }
    let mut inputs = performance_inputs(sources, analysis);
    for (score, cutoff) in &analysis.cutoffs {
        inputs.push(Input {
            name: format!("cutoff.{score}"),
            source: output(places::cutoff(cutoff), "cutoff"),
        });
    }
    let declared = inputs.clone();
    let part = Part::new(sources.plan, format!("performance {name}"));
    let level = 1.0 - sources.plan.study.alpha;
    let analysis = analysis.clone();
    let step = Make {
        id: places::performance(name, "classification"),
        kind: "classification",
        version: 1,
        parameters: serde_json::json!({
            "scores": &analysis.scores,
            "outcome": &analysis.outcome,
            "on": &analysis.on,
            "cutoffs": &analysis.cutoffs,
            "confidence_level": level,
            "missing": part.missing,
        }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let mut cutoffs = BTreeMap::new();
        for score in analysis.cutoffs.keys() {
            let fitted: super::cutoff::Fitted = inputs.json(&format!("cutoff.{score}"))?;
            cutoffs.insert(score.clone(), fitted.cutoff);
        }
        let mut sets = BTreeMap::new();
        for (set, judged) in judged(&analysis, &part, inputs, &declared)? {
            let mut scores = BTreeMap::new();
            for (name, cutoff) in &cutoffs {
                let result = statistics::classification_at_cutoff(
                    &judged.outcome,
                    &judged.score(name)?,
                    *cutoff,
                    level,
                )
                .map_err(|error| judged.fault(name, error))?;
                scores.insert(name.clone(), result);
            }
            sets.insert(
                set,
                InSet {
                    n: judged.rows.len(),
                    scores,
                },
            );
        }
        let mut outputs = Outputs::new();
        outputs.json("result", &Classification { sets })?;
        Ok(outputs)
    });
    Some(step)
}
