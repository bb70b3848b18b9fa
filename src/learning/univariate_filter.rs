//! Ranking of features one by one by how well they separate patients with and without the event.
//!
//! AUC = P(value with event > value without) + ½ P(equal); U = AUC × n₁ n₀ is the Mann–Whitney statistic of the patients
//! with the event. p is two-sided from the normal approximation, with the tie correction of the variance,
//! n₁ n₀ / 12 × (N + 1 − Σ (t³ − t) / (N (N − 1))), and the continuity correction of ½ (R's
//! `wilcox.test(exact = FALSE, correct = TRUE)`).
//!
//! Rank: by |AUC − ½|, largest first; ties: the feature that comes first. A constant feature has AUC ½ and p = 1.
//! Missing values: an error that names patient and feature.

use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numerics::normal_two_sided;

use super::LearningError;
use super::discrimination::Pairs;
use super::input::{check_features, check_outcome};

/// One feature's separation of the classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnivariateRank {
    /// The column, from 0.
    pub feature: usize,
    /// Above ½ where larger values go with the event.
    pub auc: f64,
    pub mann_whitney_u: f64,
    pub p_value: f64,
}

/// All features, best first.
pub fn univariate_filter(
    features: &Array2<f64>,
    outcome: &[bool],
) -> Result<Vec<UnivariateRank>, LearningError> {
    check_features(features)?;
    check_outcome(outcome, features.nrows())?;
    let columns: Vec<Vec<f64>> = features
        .columns()
        .into_iter()
        .map(|column| column.to_vec())
        .collect();
    // The distances as whole numbers: features equally far from ½ on either side are equal.
    let mut ranked: Vec<(u64, UnivariateRank)> = columns
        .par_iter()
        .enumerate()
        .map(|(feature, values)| {
            let pairs = Pairs::count(values, outcome);
            let distance = (2 * pairs.concordant + pairs.tied).abs_diff(pairs.all);
            (distance, rank(feature, values, pairs))
        })
        .collect();
    ranked.sort_by_key(|(distance, rank)| (std::cmp::Reverse(*distance), rank.feature));
    Ok(ranked.into_iter().map(|(_, rank)| rank).collect())
}

fn rank(feature: usize, values: &[f64], pairs: Pairs) -> UnivariateRank {
    let u = (2 * pairs.concordant + pairs.tied) as f64 / 2.0;
    let all_pairs = pairs.all as f64;
    let patients = values.len() as f64;
    let variance =
        all_pairs / 12.0 * (patients + 1.0 - ties(values) / (patients * (patients - 1.0)));
    let distance = ((u - all_pairs / 2.0).abs() - 0.5).max(0.0);
    UnivariateRank {
        feature,
        auc: u / all_pairs,
        mann_whitney_u: u,
        p_value: if variance > 0.0 {
            normal_two_sided(distance / variance.sqrt())
        } else {
            1.0
        },
    }
}

/// Σ (t³ − t) over the values that t patients share.
fn ties(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
        .chunk_by(|a, b| a == b)
        .map(|tied| {
            let t = tied.len() as f64;
            t * t * t - t
        })
        .fold(0.0, |total, term| total + term)
}
