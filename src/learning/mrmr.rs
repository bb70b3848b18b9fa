//! Selection of features by minimum redundancy and maximum relevance (Peng, Long & Ding 2005; Ding & Peng 2005).
//!
//! First the feature with the largest relevance I(f; outcome). Then, one at a time, the feature with the largest
//! relevance − redundancy (difference, MID) or relevance / redundancy (quotient, MIQ), where redundancy is the mean of
//! I(f; g) over the features g already picked.
//!
//! Mutual information I, in nats, either of variables taken as jointly normal, −½ ln(1 − r²) with Pearson's r (the outcome
//! as 0 and 1), or of three states: below mean − sd, between, above mean + sd (sd with n − 1).
//!
//! Ties: the feature that comes first. A feature that is constant over the patients carries no information: it is never
//! picked, and is reported. In the quotient a redundancy counts as at least 10⁻¹² (independent states have 0). Missing
//! values: an error that names patient and feature.

use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numerics::{dot, sum};

use super::LearningError;
use super::input::{check_at_least, check_features, check_outcome, is_constant};
use super::mutual_information::{
    of_correlation, of_states, standardised, states_by_standard_deviation,
};

/// How relevance and redundancy are weighed against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MrmrScheme {
    Difference,
    Quotient,
}

/// How mutual information is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MutualInformation {
    Correlation,
    ThreeStates,
}

/// The features picked, in order. The vectors have one entry a pick.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mrmr {
    /// Columns, from 0.
    pub order: Vec<usize>,
    /// The difference or quotient at which it was picked; of the first, its relevance.
    pub score: Vec<f64>,
    pub relevance: Vec<f64>,
    /// The mean information shared with the features picked before; 0 of the first.
    pub redundancy: Vec<f64>,
    /// Columns that are constant and could not be picked.
    pub constant: Vec<usize>,
}

/// Picks `count` features.
pub fn mrmr(
    features: &Array2<f64>,
    outcome: &[bool],
    count: usize,
    scheme: MrmrScheme,
    information: MutualInformation,
) -> Result<Mrmr, LearningError> {
    check_features(features)?;
    check_outcome(outcome, features.nrows())?;
    check_at_least("the number of features to select", count, 1)?;
    let (constant, candidates): (Vec<usize>, Vec<usize>) =
        (0..features.ncols()).partition(|feature| is_constant(features.column(*feature)));
    if count > candidates.len() {
        return Err(LearningError::TooManyFeatures {
            option: "the number of features to select".to_owned(),
            asked: count,
            available: candidates.len(),
        });
    }
    let variables = Variables::new(features, outcome, information);
    let relevance: Vec<f64> = candidates
        .par_iter()
        .map(|feature| variables.relevance(*feature))
        .collect();

    let mut selected = Mrmr {
        order: Vec::new(),
        score: Vec::new(),
        relevance: Vec::new(),
        redundancy: Vec::new(),
        constant,
    };
    let mut shared: Vec<Vec<f64>> = vec![Vec::new(); candidates.len()];
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    while selected.order.len() < count {
        let scored: Vec<(f64, f64)> = left
            .iter()
            .map(|candidate| {
                if selected.order.is_empty() {
                    return (relevance[*candidate], 0.0);
                }
                let redundancy = sum(&shared[*candidate]) / selected.order.len() as f64;
                let score = match scheme {
                    MrmrScheme::Difference => relevance[*candidate] - redundancy,
                    MrmrScheme::Quotient => {
                        relevance[*candidate] / redundancy.max(LEAST_REDUNDANCY)
                    }
                };
                (score, redundancy)
            })
            .collect();
        let mut best = 0;
        for (at, (score, _)) in scored.iter().enumerate() {
            if *score > scored[best].0 {
                best = at;
            }
        }
        let picked = left.remove(best);
        selected.order.push(candidates[picked]);
        selected.score.push(scored[best].0);
        selected.relevance.push(relevance[picked]);
        selected.redundancy.push(scored[best].1);
        let with_picked: Vec<f64> = left
            .par_iter()
            .map(|candidate| variables.shared(candidates[*candidate], candidates[picked]))
            .collect();
        for (candidate, information) in left.iter().zip(with_picked) {
            shared[*candidate].push(information);
        }
    }
    Ok(selected)
}

const LEAST_REDUNDANCY: f64 = 1e-12;

/// The variables in the form that their information is computed from.
enum Variables {
    Standardised {
        features: Vec<Vec<f64>>,
        outcome: Vec<f64>,
    },
    States {
        features: Vec<Vec<u8>>,
        outcome: Vec<u8>,
    },
}

impl Variables {
    fn new(features: &Array2<f64>, outcome: &[bool], information: MutualInformation) -> Self {
        match information {
            MutualInformation::Correlation => {
                // One whose deviations all round to 0 is as good as constant: it correlates with nothing.
                let of = |values: &[f64]| {
                    standardised(values).unwrap_or_else(|| vec![0.0; values.len()])
                };
                let outcome: Vec<f64> = outcome.iter().map(|event| f64::from(*event)).collect();
                Self::Standardised {
                    features: features
                        .columns()
                        .into_iter()
                        .map(|column| of(&column.to_vec()))
                        .collect(),
                    outcome: of(&outcome),
                }
            }
            MutualInformation::ThreeStates => Self::States {
                features: features
                    .columns()
                    .into_iter()
                    .map(states_by_standard_deviation)
                    .collect(),
                outcome: outcome.iter().map(|event| u8::from(*event)).collect(),
            },
        }
    }

    fn relevance(&self, feature: usize) -> f64 {
        match self {
            Self::Standardised { features, outcome } => {
                of_correlation(dot(&features[feature], outcome))
            }
            Self::States { features, outcome } => of_states(&features[feature], outcome),
        }
    }

    fn shared(&self, feature: usize, other: usize) -> f64 {
        match self {
            Self::Standardised { features, .. } => {
                of_correlation(dot(&features[feature], &features[other]))
            }
            Self::States { features, .. } => of_states(&features[feature], &features[other]),
        }
    }
}
