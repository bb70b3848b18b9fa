//! How well scores tell patients with the outcome from those without: ROC curves, areas, comparisons.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::{Input, Inputs, Outputs, Step};
use crate::plan::{Performance, places};
use crate::statistics;

use super::error::StepError;
use super::frame::{Frame, Part, json};
use super::sources::{Fault, Make, Sources, input};

#[derive(Serialize)]
struct Discrimination {
    sets: BTreeMap<String, InSet>,
}

#[derive(Serialize)]
struct InSet {
    n: usize,
    events: usize,
    excluded: usize,
    scores: BTreeMap<String, Score>,
    comparisons: Vec<Comparison>,
}

#[derive(Serialize)]
struct Score {
    auc: f64,
    standard_error: f64,
    lower: f64,
    upper: f64,
    false_positive_rate: Vec<f64>,
    true_positive_rate: Vec<f64>,
}

#[derive(Serialize)]
struct Comparison {
    score: String,
    reference: String,
    difference: f64,
    z: Option<f64>,
    /// None where the difference has no variance.
    p: Option<f64>,
}

/// The patients of one set on whom scores are judged: those with the outcome recorded and every score.
pub(super) struct Judged {
    pub(super) frame: Frame,
    pub(super) part: Part,
    pub(super) rows: Vec<usize>,
    pub(super) outcome: Vec<bool>,
    pub(super) excluded: usize,
}

impl Judged {
    pub(super) fn score(&self, name: &str) -> Result<Vec<f64>, StepError> {
        self.frame.score(&self.part, name, &self.rows)
    }

    pub(super) fn fault(&self, score: &str, error: impl std::fmt::Display) -> StepError {
        StepError::method(format!("{}, `{score}`", self.part.name), error)
    }
}

/// The inputs of a part of a performance analysis.
pub(super) fn performance_inputs(sources: &Sources, analysis: &Performance) -> Vec<Input> {
    let names = analysis
        .scores
        .iter()
        .chain([&analysis.outcome])
        .map(String::as_str);
    let mut inputs = sources.values(names, Sources::raw);
    for set in &analysis.on {
        inputs.push(input(&format!("set.{set}"), sources.set(set)));
    }
    inputs
}

/// The patients of every set, in the order of the analysis. All scores are judged on the same patients.
pub(super) fn judged(
    analysis: &Performance,
    part: &Part,
    inputs: &Inputs,
    declared: &[Input],
) -> Result<Vec<(String, Judged)>, Fault> {
    let mut sets = Vec::new();
    for set in &analysis.on {
        let members: Vec<usize> = json(inputs, &format!("set.{set}"))?;
        let frame = Frame::read(inputs, declared)?;
        let part = Part {
            name: format!("{} on {set}", part.name),
            ..part.clone()
        };
        let mut needed: Vec<&str> = analysis.scores.iter().map(String::as_str).collect();
        needed.push(&analysis.outcome);
        let complete = frame.complete(&part, &members, &needed)?;
        let outcome = frame.flags(&part, &analysis.outcome, &complete.rows)?;
        sets.push((
            set.clone(),
            Judged {
                frame,
                part,
                rows: complete.rows,
                outcome,
                excluded: complete.excluded,
            },
        ));
    }
    Ok(sets)
}

pub(super) fn step(sources: &Sources, name: &str, analysis: &Performance) -> Step {
    let inputs = performance_inputs(sources, analysis);
    let declared = inputs.clone();
    let part = Part::new(sources.plan, format!("performance {name}"));
    let level = 1.0 - sources.plan.study.alpha;
    let analysis = analysis.clone();
    Make {
        id: places::performance(name, "discrimination"),
        kind: "discrimination",
        version: 1,
        parameters: serde_json::json!({
            "scores": &analysis.scores,
            "outcome": &analysis.outcome,
            "on": &analysis.on,
            "comparisons": &analysis.comparisons,
            "confidence_level": level,
            "missing": part.missing,
        }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let mut sets = BTreeMap::new();
        for (set, judged) in judged(&analysis, &part, inputs, &declared)? {
            sets.insert(set, in_set(&analysis, &judged, level)?);
        }
        let mut outputs = Outputs::new();
        outputs.json("result", &Discrimination { sets })?;
        Ok(outputs)
    })
}

fn in_set(analysis: &Performance, judged: &Judged, level: f64) -> Result<InSet, Fault> {
    let mut scores = BTreeMap::new();
    for name in &analysis.scores {
        let score = judged.score(name)?;
        let fault = |error| judged.fault(name, error);
        let area = statistics::auc_delong(&judged.outcome, &score, level).map_err(fault)?;
        let curve = statistics::roc_curve(&judged.outcome, &score).map_err(fault)?;
        scores.insert(
            name.clone(),
            Score {
                auc: area.auc,
                standard_error: area.standard_error,
                lower: area.low,
                upper: area.high,
                false_positive_rate: curve.iter().map(|point| 1.0 - point.specificity).collect(),
                true_positive_rate: curve.iter().map(|point| point.sensitivity).collect(),
            },
        );
    }
    let mut comparisons = Vec::new();
    for (first, reference) in &analysis.comparisons {
        let test = statistics::delong_paired(
            &judged.outcome,
            &judged.score(first)?,
            &judged.score(reference)?,
            level,
        )
        .map_err(|error| judged.fault(first, error))?;
        comparisons.push(Comparison {
            score: first.clone(),
            reference: reference.clone(),
            difference: test.difference,
            z: test.z,
            p: test.p_value,
        });
    }
    Ok(InSet {
        n: judged.rows.len(),
        events: judged.outcome.iter().filter(|event| **event).count(),
        excluded: judged.excluded,
        scores,
        comparisons,
    })
}
