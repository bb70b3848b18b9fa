//! Probability forest for a binary outcome: classification trees on bootstrap samples, each split the best of a few
//! features drawn for it (Breiman 2001); the probability is the mean over trees of the leaf's fraction of events
//! (Malley et al. 2012; scikit-learn's `predict_proba`, R's `ranger(probability = TRUE)`), not a share of votes.
//!
//! Features: patients in rows, features in columns, finite. Outcome: whether each patient has the event. Missing values:
//! an error that names patient and feature. Units do not matter: only the order of a feature's values is used, and the
//! midpoint of two of them.
//!
//! Tree t draws from substream t of the stream given, first its bootstrap sample, then its features: a forest does not
//! depend on the number of threads, and a forest of 200 trees is the beginning of that of 500.
//! How a tree grows, and what happens to ties: see `grow`.

mod grow;
mod held_out;
mod importance;
mod ranks;
mod tree;

use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numerics::{Random, mean};

use super::LearningError;
use super::discrimination::area_under_curve;
use super::input::{
    check_at_least, check_columns, check_features, check_finite, check_outcome, is_constant,
};

pub(super) use held_out::HeldOut;
pub use importance::{
    FeatureImportance, PermutationImportance, impurity_importance, permutation_importance,
};
pub use tree::Tree;

use grow::Grower;
use ranks::Ranks;

/// How a forest is grown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForestSettings {
    pub trees: usize,
    /// The largest number of splits from the root to a leaf; none is no limit.
    pub max_depth: Option<usize>,
    /// How many features are drawn for each split (`mtry`).
    pub features_per_split: usize,
    /// The fewest bootstrap draws in a leaf; a patient drawn twice counts twice.
    pub min_leaf: usize,
}

/// The customary number of features for each split: √features, rounded down, at least 1.
pub fn square_root_of_features(features: usize) -> usize {
    features.isqrt().max(1)
}

/// A fitted forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomForest {
    pub settings: ForestSettings,
    pub features: usize,
    pub patients: usize,
    pub trees: Vec<Tree>,
    pub out_of_bag: OutOfBag,
}

/// How the forest does on patients that a tree has not seen: each patient is predicted by the trees in whose bootstrap
/// sample the patient is not (about 37 % of them).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutOfBag {
    /// None for a patient who is in every tree's sample; such patients are left out of the measures below.
    pub probability: Vec<Option<f64>>,
    pub patients_without: usize,
    /// Area under the ROC curve. None where the patients predicted are of one class.
    pub auc: Option<f64>,
    /// Mean of (probability − outcome)².
    pub brier: Option<f64>,
    /// Fraction of patients on the wrong side of 0.5 (0.5 itself predicts the event).
    pub error_rate: Option<f64>,
}

/// Fits a forest. Needs patients with and without the event, and a feature that varies.
pub fn random_forest(
    features: &Array2<f64>,
    outcome: &[bool],
    settings: &ForestSettings,
    random: &Random,
) -> Result<RandomForest, LearningError> {
    check_data(features, outcome)?;
    check_settings(settings, features.ncols())?;
    Ok(grow_forest(features, outcome, settings, random))
}

pub(in crate::learning) fn check_data(
    features: &Array2<f64>,
    outcome: &[bool],
) -> Result<(), LearningError> {
    check_features(features)?;
    check_outcome(outcome, features.nrows())?;
    if features.columns().into_iter().all(is_constant) {
        return Err(LearningError::AllFeaturesConstant {
            features: features.ncols(),
        });
    }
    Ok(())
}

pub(in crate::learning) fn check_settings(
    settings: &ForestSettings,
    features: usize,
) -> Result<(), LearningError> {
    check_at_least("the number of trees", settings.trees, 1)?;
    if let Some(depth) = settings.max_depth {
        check_at_least("the largest depth", depth, 1)?;
    }
    check_at_least("features per split", settings.features_per_split, 1)?;
    check_at_least("the smallest leaf", settings.min_leaf, 1)?;
    if settings.features_per_split > features {
        return Err(LearningError::TooManyFeatures {
            option: "features per split".to_owned(),
            asked: settings.features_per_split,
            available: features,
        });
    }
    Ok(())
}

/// The forest of data and settings that have been checked.
pub(in crate::learning) fn grow_forest(
    features: &Array2<f64>,
    outcome: &[bool],
    settings: &ForestSettings,
    random: &Random,
) -> RandomForest {
    let ranks = Ranks::new(features);
    let grown: Vec<(Tree, PatientSet)> = (0..settings.trees)
        .into_par_iter()
        .with_min_len(TREES_A_TASK)
        .map_init(
            || Grower::new(&ranks, outcome),
            |grower, tree| {
                let tree = grower
                    .grow(
                        &mut random.substream(tree as u64),
                        settings.max_depth,
                        settings.features_per_split,
                        settings.min_leaf,
                    )
                    .clone();
                (tree, PatientSet::not_drawn(grower.times_drawn()))
            },
        )
        .collect();
    let out_of_bag = out_of_bag(features, outcome, &grown);
    RandomForest {
        settings: *settings,
        features: features.ncols(),
        patients: features.nrows(),
        trees: grown.into_iter().map(|(tree, _)| tree).collect(),
        out_of_bag,
    }
}

const STANDARD_LAYOUT: &str = "an array in standard layout is one slice";

/// What a grower allocates is worth some trees.
const TREES_A_TASK: usize = 8;

impl RandomForest {
    /// The probability of the event for each patient (row).
    pub fn predict(&self, features: &Array2<f64>) -> Result<Vec<f64>, LearningError> {
        check_columns("features", self.features, features.ncols())?;
        check_finite(features)?;
        let features = features.as_standard_layout();
        Ok(self.predict_rows(features.as_slice().expect(STANDARD_LAYOUT)))
    }

    fn predict_rows(&self, rows: &[f64]) -> Vec<f64> {
        let blocks: Vec<Vec<f64>> = rows
            .par_chunks(self.features * PATIENTS_A_TASK)
            .map(|block| {
                let mut total = vec![0.0; block.len() / self.features];
                for tree in &self.trees {
                    for (total, patient) in total.iter_mut().zip(block.chunks_exact(self.features))
                    {
                        *total += tree.probability(tree.leaf(patient));
                    }
                }
                for value in &mut total {
                    *value /= self.trees.len() as f64;
                }
                total
            })
            .collect();
        blocks.concat()
    }
}

/// Patients are predicted block by block, all trees over one block: the block stays in the processor's cache.
const PATIENTS_A_TASK: usize = 64;

fn out_of_bag(features: &Array2<f64>, outcome: &[bool], grown: &[(Tree, PatientSet)]) -> OutOfBag {
    let (patients, columns) = features.dim();
    let features = features.as_standard_layout();
    let rows = features.as_slice().expect(STANDARD_LAYOUT);
    let blocks: Vec<Vec<Option<f64>>> = rows
        .par_chunks(columns * PATIENTS_A_TASK)
        .enumerate()
        .map(|(block, rows)| {
            let mut totals = vec![(0.0, 0_usize); rows.len() / columns];
            for (tree, not_drawn) in grown {
                for patient in not_drawn.of_block(block) {
                    let row = &rows[patient * columns..(patient + 1) * columns];
                    totals[patient].0 += tree.probability(tree.leaf(row));
                    totals[patient].1 += 1;
                }
            }
            totals
                .into_iter()
                .map(|(total, trees)| (trees > 0).then(|| total / trees as f64))
                .collect()
        })
        .collect();
    let probability = blocks.concat();
    let (predicted, observed): (Vec<f64>, Vec<bool>) = probability
        .iter()
        .zip(outcome)
        .filter_map(|(probability, event)| probability.map(|p| (p, *event)))
        .unzip();
    let mean_of = |loss: fn(f64, bool) -> f64| {
        let losses: Vec<f64> = predicted
            .iter()
            .zip(&observed)
            .map(|(probability, event)| loss(*probability, *event))
            .collect();
        (!losses.is_empty()).then(|| mean(&losses))
    };
    OutOfBag {
        auc: area_under_curve(&predicted, &observed),
        brier: mean_of(squared_error),
        error_rate: mean_of(|probability, event| f64::from((probability >= 0.5) != event)),
        patients_without: patients - predicted.len(),
        probability,
    }
}

fn squared_error(probability: f64, event: bool) -> f64 {
    let error = probability - f64::from(event);
    error * error
}

/// A set of patients, one bit each, in words of as many patients as a block has.
struct PatientSet(Vec<u64>);

const _: () = assert!(
    PATIENTS_A_TASK == u64::BITS as usize,
    "one word of a set is one block"
);

impl PatientSet {
    fn not_drawn(times_drawn: &[u32]) -> Self {
        Self(
            times_drawn
                .chunks(PATIENTS_A_TASK)
                .map(|block| {
                    block
                        .iter()
                        .enumerate()
                        .fold(0, |word, (bit, times)| word | u64::from(*times == 0) << bit)
                })
                .collect(),
        )
    }

    /// The members within a block, counted from its first patient.
    fn of_block(&self, block: usize) -> impl Iterator<Item = usize> {
        let mut word = self.0[block];
        std::iter::from_fn(move || {
            (word != 0).then(|| {
                let bit = word.trailing_zeros() as usize;
                word &= word - 1;
                bit
            })
        })
    }
}
