//! Predictions of patients who were not fitted, by many forests at once: those that differ only in their number of trees
//! or in the largest depth share their trees.
//!
//! A tree draws breadth first, so cut off at depth d it is the tree grown to depth d with the same stream; and the first
//! t trees of a forest are the forest of t trees. Sharing is therefore exact: the same bits as forests fitted one by one.

use ndarray::Array2;
use rayon::prelude::*;

use crate::numerics::Random;

use super::TREES_A_TASK;
use super::grow::Grower;
use super::ranks::Ranks;

/// Patients to fit on, made ready for growing, and patients to predict.
pub(in crate::learning) struct HeldOut {
    ranks: Ranks,
    outcome: Vec<bool>,
    columns: usize,
    /// The features of the patients to predict, patient by patient.
    rows: Vec<f64>,
}

impl HeldOut {
    pub(in crate::learning) fn new(
        fitted: &Array2<f64>,
        outcome: Vec<bool>,
        held_out: &Array2<f64>,
    ) -> Self {
        Self {
            ranks: Ranks::new(fitted),
            outcome,
            columns: fitted.ncols(),
            rows: held_out.iter().copied().collect(),
        }
    }

    /// The probabilities of the held-out patients (at least one) by the forest of each number of trees (ascending) and, within it, of
    /// each depth (ascending, no limit last).
    pub(in crate::learning) fn predict(
        &self,
        trees: &[usize],
        depths: &[Option<usize>],
        features_per_split: usize,
        min_leaf: usize,
        random: &Random,
    ) -> Vec<Vec<f64>> {
        let patients = self.rows.len() / self.columns;
        let most_trees = trees.last().copied().unwrap_or(0);
        let deepest = depths.last().copied().flatten();
        let limits: Vec<usize> = depths
            .iter()
            .map(|depth| depth.unwrap_or(usize::MAX))
            .collect();
        // Tree by tree, patient by patient, depth by depth.
        let of_tree = patients * limits.len();
        let mut probabilities = vec![0.0; TREES_A_BLOCK.min(most_trees) * of_tree];
        let mut totals = vec![0.0; of_tree];
        let mut forests = Vec::with_capacity(trees.len() * limits.len());
        for first in (0..most_trees).step_by(TREES_A_BLOCK) {
            let grown = TREES_A_BLOCK.min(most_trees - first);
            let block = &mut probabilities[..grown * of_tree];
            block
                .par_chunks_mut(of_tree)
                .enumerate()
                .with_min_len(TREES_A_TASK)
                .for_each_init(
                    || Grower::new(&self.ranks, &self.outcome),
                    |grower, (tree, probabilities)| {
                        let tree = grower.grow(
                            &mut random.substream((first + tree) as u64),
                            deepest,
                            features_per_split,
                            min_leaf,
                        );
                        for (patient, probabilities) in self
                            .rows
                            .chunks_exact(self.columns)
                            .zip(probabilities.chunks_exact_mut(limits.len()))
                        {
                            tree.probabilities_at(patient, &limits, probabilities);
                        }
                    },
                );
            for (count, of_one) in (first + 1..).zip(block.chunks_exact(of_tree)) {
                for (total, probability) in totals.iter_mut().zip(of_one) {
                    *total += probability;
                }
                if trees.contains(&count) {
                    forests.extend((0..limits.len()).map(|depth| {
                        (0..patients)
                            .map(|patient| totals[patient * limits.len() + depth] / count as f64)
                            .collect()
                    }));
                }
            }
        }
        forests
    }
}

/// So many trees are grown before they are summed: their predictions are what memory must hold.
const TREES_A_BLOCK: usize = 256;
