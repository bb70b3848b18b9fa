//! The Hosmer–Lemeshow test of each model's probabilities in each set.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::{Outputs, Step};
use crate::plan::{Performance, places};
use crate::statistics;

use super::discrimination::{judged, performance_inputs};
use super::frame::Part;
use super::sources::{Make, Sources};

#[derive(Serialize)]
struct Tests {
    sets: BTreeMap<String, InSet>,
}

#[derive(Serialize)]
struct InSet {
    n: usize,
    scores: BTreeMap<String, Test>,
}

#[derive(Serialize)]
struct Test {
    chi_squared: f64,
    degrees_of_freedom: usize,
    p: f64,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    n: usize,
    observed: usize,
    expected: f64,
    observed_fraction: f64,
    mean_predicted: f64,
}

/// The scores of an analysis that are probabilities: those of models and of signatures but support vector machines.
pub(super) fn probabilities(sources: &Sources, analysis: &Performance) -> Vec<String> {
    analysis
        .scores
        .iter()
        .filter(|score| sources.plan.is_probability(score))
        .cloned()
        .collect()
}

pub(super) fn step(sources: &Sources, name: &str, analysis: &Performance) -> Option<Step> {
    let groups = analysis.hosmer_lemeshow_groups?;
    let inputs = performance_inputs(sources, analysis);
    let declared = inputs.clone();
    let part = Part::new(
        sources.plan,
        format!("hosmer_lemeshow of performance {name}"),
    );
    let scores = probabilities(sources, analysis);
    let analysis = analysis.clone();
    let step = Make {
        id: places::performance(name, "hosmer_lemeshow"),
        kind: "hosmer_lemeshow",
        version: 1,
        parameters: serde_json::json!({
            "scores": &analysis.scores,
            "probabilities": &scores,
            "outcome": &analysis.outcome,
            "on": &analysis.on,
            "groups": groups,
            "missing": part.missing,
        }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let mut sets = BTreeMap::new();
        for (set, judged) in judged(&analysis, &part, inputs, &declared)? {
            let mut tests = BTreeMap::new();
            for name in &scores {
                let test =
                    statistics::hosmer_lemeshow(&judged.outcome, &judged.score(name)?, groups)
                        .map_err(|error| judged.fault(name, error))?;
                tests.insert(
                    name.clone(),
                    Test {
                        chi_squared: test.chi_squared,
                        degrees_of_freedom: test.degrees_of_freedom,
                        p: test.p_value,
                        groups: test
                            .groups
                            .iter()
                            .map(|group| Group {
                                n: group.patients,
                                observed: group.observed,
                                expected: group.expected,
                                observed_fraction: group.observed as f64 / group.patients as f64,
                                mean_predicted: group.expected / group.patients as f64,
                            })
                            .collect(),
                    },
                );
            }
            sets.insert(
                set,
                InSet {
                    n: judged.rows.len(),
                    scores: tests,
                },
            );
        }
        let mut outputs = Outputs::new();
        outputs.json("result", &Tests { sets })?;
        Ok(outputs)
    });
    Some(step)
}
