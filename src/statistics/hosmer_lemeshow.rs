//! Hosmer–Lemeshow test of calibration by groups of predicted risk.
//!
//! Breaks are the quantiles (type 7) of the probabilities at 0, 1/g, …, 1; equal breaks are merged; groups are (a, b] with
//! the first closed on both sides; a group that ties leave empty is dropped. χ² = Σ (O − E)² / (E (1 − E / n)) over the
//! groups, referred to groups − 2 degrees of freedom (R's `ResourceSelection::hoslem.test` keeps g − 2 even where ties
//! leave fewer groups). That distribution holds for the patients on whom the model was fitted (Hosmer & Lemeshow 1980).

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::score_error::{ScoreError, check_probabilities};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HosmerLemeshow {
    pub chi_squared: f64,
    pub degrees_of_freedom: usize,
    pub p_value: f64,
    /// Ascending risk.
    pub groups: Vec<RiskGroup>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskGroup {
    pub patients: usize,
    pub observed: usize,
    pub expected: f64,
    /// The lowest and the highest probability in the group.
    pub lowest: f64,
    pub highest: f64,
}

/// `groups` is how many are asked for (10 as a rule); ties may leave fewer.
pub fn hosmer_lemeshow(
    outcome: &[bool],
    probability: &[f64],
    groups: usize,
) -> Result<HosmerLemeshow, ScoreError> {
    check_probabilities(outcome, probability)?;
    if groups < 3 {
        return Err(ScoreError::BadOption {
            option: "the number of groups".to_owned(),
            value: groups as f64,
            allowed: "at least 3".to_owned(),
        });
    }
    let mut order: Vec<usize> = (0..outcome.len()).collect();
    order.sort_unstable_by(|a, b| probability[*a].total_cmp(&probability[*b]).then(a.cmp(b)));
    let sorted: Vec<f64> = order.iter().map(|row| probability[*row]).collect();
    let mut formed = Vec::new();
    let mut start = 0;
    for k in 1..=groups {
        let upper = break_at(&sorted, k, groups);
        let end = sorted.partition_point(|p| *p <= upper);
        if end > start {
            formed.push(RiskGroup {
                patients: end - start,
                observed: order[start..end]
                    .iter()
                    .filter(|row| outcome[**row])
                    .count(),
                expected: numerics::sum(&sorted[start..end]),
                lowest: sorted[start],
                highest: sorted[end - 1],
            });
            start = end;
        }
    }
    if formed.len() < 3 {
        return Err(ScoreError::TooFewGroups {
            groups: formed.len(),
        });
    }
    let mut parts = Vec::with_capacity(formed.len());
    for (index, group) in formed.iter().enumerate() {
        let distance = group.observed as f64 - group.expected;
        let variance = group.expected * (1.0 - group.expected / group.patients as f64);
        if variance > 0.0 {
            parts.push(distance * distance / variance);
        } else if distance != 0.0 {
            return Err(ScoreError::CertainButWrong { group: index });
        }
    }
    let chi_squared = numerics::sum(&parts);
    let degrees_of_freedom = formed.len() - 2;
    Ok(HosmerLemeshow {
        chi_squared,
        degrees_of_freedom,
        p_value: numerics::chi_squared_upper(chi_squared, degrees_of_freedom as f64),
        groups: formed,
    })
}

/// The quantile k / g of type 7, its position k (n − 1) / g taken in whole numbers: a product with the rounded k / g could
/// fall just short of an observed value.
fn break_at(sorted: &[f64], k: usize, groups: usize) -> f64 {
    let last = sorted.len() - 1;
    let (whole, rest) = (k * last / groups, k * last % groups);
    let (low, high) = (sorted[whole], sorted[(whole + 1).min(last)]);
    if rest == 0 || low == high {
        low
    } else {
        low + rest as f64 / groups as f64 * (high - low)
    }
}
