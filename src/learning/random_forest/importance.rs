//! How much each feature contributes to a forest, in two ways.
//!
//! **Impurity**: the mean over trees of the decrease of Gini impurity at the splits by the feature, each weighted by the
//! fraction of draws in its node: Σ (n / N) (G − (n_l/n) G_l − (n_r/n) G_r) with G = 2 q (1 − q). Breiman et al. 1984.
//! It favours features with many values and is measured on the patients the tree was fitted to.
//!
//! **Permutation**: the mean over trees of the increase of the squared error of the tree's probability on its
//! out-of-bag patients when the feature's values are shuffled among them (Breiman 2001; for probabilities as in R's
//! `ranger(probability = TRUE, importance = "permutation")`). About 0, of either sign, for a useless feature.

use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numerics::{Random, mean, variance};

use super::super::LearningError;
use super::super::input::{check_columns, check_features, check_outcome};
use super::grow::bootstrap;
use super::{RandomForest, STANDARD_LAYOUT, TREES_A_TASK, Tree, squared_error};

/// The importance of one feature (a column, from 0).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureImportance {
    pub feature: usize,
    pub importance: f64,
}

/// Mean and standard error over trees of a feature's permutation importance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermutationImportance {
    pub feature: usize,
    pub importance: f64,
    /// None for a forest of one tree.
    pub standard_error: Option<f64>,
}

/// Mean decrease of Gini impurity, one a feature, in the order of the columns.
pub fn impurity_importance(forest: &RandomForest) -> Vec<FeatureImportance> {
    let mut totals = vec![0.0; forest.features];
    for tree in &forest.trees {
        let all = f64::from(tree.draws[0]);
        for node in 0..tree.left.len() {
            let left = tree.left[node] as usize;
            if left != 0 {
                let decrease =
                    impurity(tree, node) - impurity(tree, left) - impurity(tree, left + 1);
                totals[tree.feature[node] as usize] += decrease / all;
            }
        }
    }
    totals
        .into_iter()
        .enumerate()
        .map(|(feature, total)| FeatureImportance {
            feature,
            importance: total / forest.trees.len() as f64,
        })
        .collect()
}

/// The node's number of draws times its Gini impurity, n · 2 q (1 − q).
fn impurity(tree: &Tree, node: usize) -> f64 {
    let draws = f64::from(tree.draws[node]);
    let events = f64::from(tree.events[node]);
    2.0 * events * (draws - events) / draws
}

/// Mean increase of the out-of-bag squared error, one a feature, in the order of the columns. `features`, `outcome` and
/// `random` must be those that the forest was fitted with: from them the out-of-bag patients of each tree are known.
/// The shuffles of tree t draw from its own substream's substreams, one a feature.
pub fn permutation_importance(
    forest: &RandomForest,
    features: &Array2<f64>,
    outcome: &[bool],
    random: &Random,
) -> Result<Vec<PermutationImportance>, LearningError> {
    check_features(features)?;
    check_outcome(outcome, features.nrows())?;
    check_columns("features", forest.features, features.ncols())?;
    let features = features.as_standard_layout();
    let rows = features.as_slice().expect(STANDARD_LAYOUT);
    let increases: Vec<Vec<f64>> = forest
        .trees
        .par_iter()
        .enumerate()
        .with_min_len(TREES_A_TASK)
        .map(|(index, tree)| {
            let stream = random.substream(index as u64);
            increases_of_tree(tree, rows, forest.features, outcome, &stream)
                .ok_or(LearningError::OtherForest { tree: index })
        })
        .collect::<Result<_, _>>()?;
    Ok((0..forest.features)
        .map(|feature| {
            let of_feature: Vec<f64> = increases.iter().map(|tree| tree[feature]).collect();
            PermutationImportance {
                feature,
                importance: mean(&of_feature),
                standard_error: (of_feature.len() > 1)
                    .then(|| (variance(&of_feature) / of_feature.len() as f64).sqrt()),
            }
        })
        .collect())
}

/// The increase of the tree's out-of-bag error for each feature; 0 for a tree without out-of-bag patients, and for a
/// feature that it does not split by. None if the tree's root does not have the draws of this stream.
fn increases_of_tree(
    tree: &Tree,
    rows: &[f64],
    columns: usize,
    outcome: &[bool],
    stream: &Random,
) -> Option<Vec<f64>> {
    let mut times_drawn = vec![0; outcome.len()];
    bootstrap(&mut stream.clone(), &mut times_drawn);
    let drawn_events: u32 = times_drawn
        .iter()
        .zip(outcome)
        .map(|(times, event)| times * u32::from(*event))
        .sum();
    if tree.draws[0] as usize != outcome.len() || tree.events[0] != drawn_events {
        return None;
    }
    let out_of_bag: Vec<usize> = (0..outcome.len())
        .filter(|patient| times_drawn[*patient] == 0)
        .collect();
    let mut increases = vec![0.0; columns];
    if out_of_bag.is_empty() {
        return Some(increases);
    }
    let row = |patient: usize| &rows[patient * columns..(patient + 1) * columns];
    let error = |patient: usize, values: &[f64]| {
        squared_error(tree.probability(tree.leaf(values)), outcome[patient])
    };
    let before: Vec<f64> = out_of_bag
        .iter()
        .map(|patient| error(*patient, row(*patient)))
        .collect();
    let mut used = vec![false; columns];
    for (feature, left) in tree.feature.iter().zip(&tree.left) {
        used[*feature as usize] |= *left != 0;
    }
    let mut shuffled = out_of_bag.clone();
    let mut values = vec![0.0; columns];
    let mut differences = vec![0.0; out_of_bag.len()];
    for (feature, increase) in increases.iter_mut().enumerate() {
        if !used[feature] {
            continue;
        }
        shuffled.copy_from_slice(&out_of_bag);
        stream.substream(feature as u64).shuffle(&mut shuffled);
        for (at, patient) in out_of_bag.iter().enumerate() {
            values.copy_from_slice(row(*patient));
            values[feature] = row(shuffled[at])[feature];
            differences[at] = error(*patient, &values) - before[at];
        }
        *increase = mean(&differences);
    }
    Some(increases)
}
