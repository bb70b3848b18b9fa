//! Net reclassification improvement and integrated discrimination improvement of a new model over an old one.
//!
//! Category-free: up (down) is a higher (lower) new probability, an unchanged one is neither. NRI of events = share up −
//! share down, of others = share down − share up; NRI is their sum. Var of a part = (up + down) / n² − (up − down)² / n³.
//! With categories, up (down) is a move to a higher (lower) category of risk [0, c₁), [c₁, c₂), … .
//! IDI = mean(new − old) among events − mean(new − old) among others; Var = s² / n of each, added. z and two-sided p from the
//! normal distribution; none where the variance is 0. Source: Pencina et al. 2008 and 2011. Convention: R
//! `Hmisc::improveProb`. Caution: the category-free NRI favours miscalibrated new models (Hilden & Gerds 2014).

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::score_error::{ScoreError, check_probabilities};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReclassificationIndex {
    pub estimate: f64,
    pub standard_error: f64,
    pub z: Option<f64>,
    pub p_value: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetReclassification {
    pub nri: ReclassificationIndex,
    pub nri_events: f64,
    pub nri_others: f64,
    pub events_up: usize,
    pub events_down: usize,
    pub others_up: usize,
    pub others_down: usize,
    pub idi: ReclassificationIndex,
    pub events: usize,
    pub others: usize,
}

/// `categories` are ascending cut-offs of risk (a patient on one belongs above it); none is the category-free index.
pub fn net_reclassification(
    outcome: &[bool],
    probability_old: &[f64],
    probability_new: &[f64],
    categories: &[f64],
) -> Result<NetReclassification, ScoreError> {
    let (events, others) = check_probabilities(outcome, probability_old)?;
    check_probabilities(outcome, probability_new)?;
    if events < 2 || others < 2 {
        return Err(ScoreError::TooFew { events, others });
    }
    if let Some(pair) = categories.windows(2).find(|pair| !(pair[0] < pair[1])) {
        return Err(ScoreError::BadOption {
            option: "a cut-off between categories".to_owned(),
            value: pair[1],
            allowed: format!("above the one before it ({})", pair[0]),
        });
    }
    let place = |p: f64| {
        if categories.is_empty() {
            p
        } else {
            categories.partition_point(|c| *c <= p) as f64
        }
    };
    let moves = |wanted: bool| {
        let mut changes = Vec::new();
        let (mut up, mut down) = (0_usize, 0_usize);
        for ((event, old), new) in outcome.iter().zip(probability_old).zip(probability_new) {
            if *event == wanted {
                changes.push(new - old);
                up += usize::from(place(*new) > place(*old));
                down += usize::from(place(*new) < place(*old));
            }
        }
        (changes, up, down)
    };
    let (event_changes, events_up, events_down) = moves(true);
    let (other_changes, others_up, others_down) = moves(false);
    let nri_events = (events_up as f64 - events_down as f64) / events as f64;
    let nri_others = (others_down as f64 - others_up as f64) / others as f64;
    let nri_variance = part_variance(events_up, events_down, events)
        + part_variance(others_up, others_down, others);
    let idi = numerics::mean(&event_changes) - numerics::mean(&other_changes);
    let idi_variance = numerics::variance(&event_changes) / events as f64
        + numerics::variance(&other_changes) / others as f64;
    Ok(NetReclassification {
        nri: index(nri_events + nri_others, nri_variance),
        nri_events,
        nri_others,
        events_up,
        events_down,
        others_up,
        others_down,
        idi: index(idi, idi_variance),
        events,
        others,
    })
}

fn part_variance(up: usize, down: usize, patients: usize) -> f64 {
    let (up, down, n) = (up as f64, down as f64, patients as f64);
    (up + down) / (n * n) - (up - down) * (up - down) / (n * n * n)
}

fn index(estimate: f64, variance: f64) -> ReclassificationIndex {
    let standard_error = variance.max(0.0).sqrt();
    let z = (standard_error > 0.0).then(|| estimate / standard_error);
    ReclassificationIndex {
        estimate,
        standard_error,
        z,
        p_value: z.map(numerics::normal_two_sided),
    }
}
