//! Decision curve analysis: the net benefit of treating by a model, treating all and treating none.
//!
//! At threshold probability t a patient is treated when p ≥ t; NB = TP / N − FP / N · t / (1 − t), treat all the same with
//! everybody positive, treat none 0. The standardised net benefit divides by the prevalence (1 is perfect).
//! O(N log N + T log N). Source: Vickers & Elkin 2006; standardised: Kerr et al. 2016. Convention: `dcurves`.

use serde::{Deserialize, Serialize};

use super::score_error::{ScoreError, check_probabilities};
use super::tied_scores::TiedScores;

/// One value a threshold in every list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionCurve {
    pub thresholds: Vec<f64>,
    pub model: Vec<f64>,
    pub treat_all: Vec<f64>,
    pub treat_none: Vec<f64>,
    pub standardized_model: Vec<f64>,
    pub standardized_treat_all: Vec<f64>,
    pub prevalence: f64,
}

/// `thresholds` lie in [0, 1).
pub fn decision_curve(
    outcome: &[bool],
    probability: &[f64],
    thresholds: &[f64],
) -> Result<DecisionCurve, ScoreError> {
    let (events, others) = check_probabilities(outcome, probability)?;
    if let Some(bad) = thresholds.iter().find(|t| !(0.0..1.0).contains(*t)) {
        return Err(ScoreError::BadOption {
            option: "a threshold probability".to_owned(),
            value: *bad,
            allowed: "at least 0 and below 1".to_owned(),
        });
    }
    let sorted = TiedScores::new(outcome, probability);
    // Events among the patients before each block, in ascending order of probability.
    let mut before = Vec::with_capacity(sorted.blocks.len());
    let mut seen = 0;
    for block in &sorted.blocks {
        before.push(seen);
        seen += block.events;
    }
    let patients = (events + others) as f64;
    let net_benefit = |true_positives: usize, false_positives: usize, threshold: f64| {
        true_positives as f64 / patients
            - false_positives as f64 / patients * (threshold / (1.0 - threshold))
    };
    let model: Vec<f64> = thresholds
        .iter()
        .map(|t| {
            let first = sorted.blocks.partition_point(|block| block.value < *t);
            match sorted.blocks.get(first) {
                Some(block) => {
                    let positives = outcome.len() - block.start;
                    let true_positives = events - before[first];
                    net_benefit(true_positives, positives - true_positives, *t)
                }
                None => 0.0,
            }
        })
        .collect();
    let treat_all: Vec<f64> = thresholds
        .iter()
        .map(|t| net_benefit(events, others, *t))
        .collect();
    let prevalence = events as f64 / patients;
    let standardized = |values: &[f64]| values.iter().map(|v| v / prevalence).collect();
    Ok(DecisionCurve {
        standardized_model: standardized(&model),
        standardized_treat_all: standardized(&treat_all),
        thresholds: thresholds.to_vec(),
        model,
        treat_none: vec![0.0; thresholds.len()],
        treat_all,
        prevalence,
    })
}
