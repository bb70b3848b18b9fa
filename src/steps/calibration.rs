//! Calibration of each model's and signature's probabilities in each set.
//!
//! A model on the patients that it was fitted on: apparent curve and the curve corrected for optimism, the model refitted
//! on each resample. Anything else is frozen: its curve with a bootstrap band.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::{Input, Inputs, Outputs, Step};
use crate::numerics::Random;
use crate::plan::{Performance, places};
use crate::statistics;

use super::discrimination::{Judged, judged, performance_inputs};
use super::frame::{Part, json};
use super::hosmer_lemeshow::probabilities;
use super::model;
use super::sources::{Fault, Make, Sources, output};

/// Points of a curve.
const POINTS: usize = 50;

#[derive(Serialize)]
struct Calibration {
    sets: BTreeMap<String, InSet>,
}

#[derive(Serialize)]
struct InSet {
    scores: BTreeMap<String, Score>,
}

#[derive(Serialize)]
struct Score {
    n: usize,
    brier: f64,
    intercept: Option<f64>,
    slope: Option<f64>,
    observed_over_expected: f64,
    mean_absolute_error: Option<f64>,
    /// Resamples on which the model could not be fitted.
    resamples_failed: usize,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    label: String,
    predicted: Vec<f64>,
    observed: Vec<f64>,
    lower: Option<Vec<f64>>,
    upper: Option<Vec<f64>>,
}

pub(super) fn step(sources: &Sources, name: &str, analysis: &Performance) -> Option<Step> {
    let resamples = analysis.calibration_resamples?;
    let mut inputs = performance_inputs(sources, analysis);
    let scores = probabilities(sources, analysis);
    // The models whose optimism can be corrected, and where.
    let mut refitted: BTreeMap<String, String> = BTreeMap::new();
    for score in &scores {
        let Some(declared) = sources.plan.models.get(score) else {
            continue;
        };
        if !analysis.on.contains(&declared.fit_on) {
            continue;
        }
        refitted.insert(score.clone(), declared.fit_on.clone());
        let candidates = model::candidates(sources.plan, declared);
        for input in sources.values(candidates.iter().map(String::as_str), Sources::completed) {
            let name = input.name.replacen("value.", "completed.", 1);
            if inputs.iter().all(|known| known.name != name) {
                inputs.push(Input { name, ..input });
            }
        }
        inputs.push(Input {
            name: format!("terms.{score}"),
            source: output(places::model(score), "terms"),
        });
    }
    let declared = inputs.clone();
    let part = Part::new(sources.plan, format!("calibration of performance {name}"));
    let level = 1.0 - sources.plan.study.alpha;
    let seed = sources.plan.study.seed;
    let id = places::performance(name, "calibration");
    let place = id.clone();
    let analysis = analysis.clone();
    let step = Make {
        id,
        kind: "calibration",
        version: 1,
        parameters: serde_json::json!({
            "calibration": { "resamples": resamples, "confidence_level": level },
            "scores": &analysis.scores,
            "calibrated": &scores,
            "refitted": &refitted,
            "outcome": &analysis.outcome,
            "on": &analysis.on,
            "missing": part.missing,
        }),
        seed: Some(seed),
        inputs,
    }
    .step(move |inputs| {
        let random = Random::new(seed, &place);
        let mut sets = BTreeMap::new();
        let mut stream = 0;
        for (set, judged) in judged(&analysis, &part, inputs, &declared)? {
            let mut curves = BTreeMap::new();
            for name in &scores {
                let random = random.substream(stream);
                stream += 1;
                let curve = if refitted.get(name) == Some(&set) {
                    corrected(name, &judged, resamples, level, &random, inputs, &declared)?
                } else {
                    frozen(name, &judged, resamples, level, &random)?
                };
                curves.insert(name.clone(), curve);
            }
            sets.insert(set, InSet { scores: curves });
        }
        let mut outputs = Outputs::new();
        outputs.json("result", &Calibration { sets })?;
        Ok(outputs)
    });
    Some(step)
}

/// A model on the patients that it was fitted on.
fn corrected(
    name: &str,
    judged: &Judged,
    resamples: usize,
    level: f64,
    random: &Random,
    inputs: &Inputs,
    declared: &[Input],
) -> Result<Score, Fault> {
    let terms: Vec<String> = json(inputs, &format!("terms.{name}"))?;
    let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
    let frame = super::frame::Frame::read_named(inputs, declared, "completed.")?;
    let design = frame.design(&judged.part, &terms, &judged.rows)?;
    let probability = judged.score(name)?;
    let axis = statistics::calibration_axis(&probability, POINTS);
    let curve =
        statistics::bootstrap_calibration(&design, &judged.outcome, &axis, resamples, random)
            .map_err(|error| judged.fault(name, error))?;
    let lines = vec![
        line("Apparent", &curve.predicted, &curve.apparent, None),
        line("Bias-corrected", &curve.predicted, &curve.corrected, None),
    ];
    summary(
        name,
        judged,
        &probability,
        level,
        curve.error.map(|error| error.mean_absolute),
        curve.resamples_failed,
        lines,
    )
}

/// Probabilities that do not depend on these patients, or of a learner that is not refitted.
fn frozen(
    name: &str,
    judged: &Judged,
    resamples: usize,
    level: f64,
    random: &Random,
) -> Result<Score, Fault> {
    let probability = judged.score(name)?;
    let axis = statistics::calibration_axis(&probability, POINTS);
    let curve = statistics::calibration_band(
        &judged.outcome,
        &probability,
        &axis,
        resamples,
        level,
        random,
    )
    .map_err(|error| judged.fault(name, error))?;
    let lines = vec![line(
        "Observed",
        &curve.predicted,
        &curve.observed,
        Some((&curve.low, &curve.high)),
    )];
    let error = curve.error.map(|error| error.mean_absolute);
    summary(name, judged, &probability, level, error, 0, lines)
}

type Limits<'a> = (&'a [Option<f64>], &'a [Option<f64>]);

/// The points at which the curve (and its band) is defined.
fn line(label: &str, predicted: &[f64], observed: &[Option<f64>], band: Option<Limits>) -> Line {
    let mut line = Line {
        label: label.to_owned(),
        predicted: Vec::new(),
        observed: Vec::new(),
        lower: band.map(|_| Vec::new()),
        upper: band.map(|_| Vec::new()),
    };
    for (index, (predicted, observed)) in predicted.iter().zip(observed).enumerate() {
        let Some(observed) = observed else { continue };
        if let (Some((low, high)), Some(lower), Some(upper)) =
            (band, &mut line.lower, &mut line.upper)
        {
            let (Some(low), Some(high)) = (low[index], high[index]) else {
                continue;
            };
            lower.push(low);
            upper.push(high);
        }
        line.predicted.push(*predicted);
        line.observed.push(*observed);
    }
    line
}

fn summary(
    name: &str,
    judged: &Judged,
    probability: &[f64],
    level: f64,
    mean_absolute_error: Option<f64>,
    resamples_failed: usize,
    lines: Vec<Line>,
) -> Result<Score, Fault> {
    let measures = statistics::calibration_measures(&judged.outcome, probability, level)
        .map_err(|error| judged.fault(name, error))?;
    Ok(Score {
        n: judged.rows.len(),
        brier: measures.brier,
        intercept: measures.intercept.map(|estimate| estimate.estimate),
        slope: measures.slope.map(|estimate| estimate.estimate),
        observed_over_expected: measures.observed_over_expected,
        mean_absolute_error,
        resamples_failed,
        lines,
    })
}
