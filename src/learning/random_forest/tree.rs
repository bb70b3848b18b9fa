//! A classification tree as flat arrays, nodes in breadth-first order.

use serde::{Deserialize, Serialize};

/// Node 0 is the root. The children of node k are left[k] and left[k] + 1; left[k] = 0 marks a leaf, whose feature and
/// threshold are 0. A patient goes left where the feature's value is at most the threshold.
/// `draws` and `events` count the bootstrap draws in each node, inner ones too, and those among them with the event, so
/// that a tree cut off at a smaller depth is read from the same arrays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    pub feature: Vec<u32>,
    pub threshold: Vec<f64>,
    pub left: Vec<u32>,
    pub draws: Vec<u32>,
    pub events: Vec<u32>,
}

impl Tree {
    pub(super) fn clear(&mut self) {
        self.feature.clear();
        self.threshold.clear();
        self.left.clear();
        self.draws.clear();
        self.events.clear();
    }

    /// Adds a leaf.
    pub(super) fn push(&mut self, draws: u32, events: u32) {
        self.feature.push(0);
        self.threshold.push(0.0);
        self.left.push(0);
        self.draws.push(draws);
        self.events.push(events);
    }

    /// The fraction of the node's draws with the event.
    pub(super) fn probability(&self, node: usize) -> f64 {
        f64::from(self.events[node]) / f64::from(self.draws[node])
    }

    /// The leaf of a patient, given the patient's features.
    pub(super) fn leaf(&self, patient: &[f64]) -> usize {
        let mut node = 0;
        loop {
            let left = self.left[node] as usize;
            if left == 0 {
                return node;
            }
            let right = patient[self.feature[node] as usize] > self.threshold[node];
            node = left + usize::from(right);
        }
    }

    /// The probabilities of a patient in this tree cut off at each of `depths` (ascending), one pass for all.
    pub(super) fn probabilities_at(
        &self,
        patient: &[f64],
        depths: &[usize],
        probabilities: &mut [f64],
    ) {
        let mut node = 0;
        let mut depth = 0;
        for (limit, probability) in depths.iter().zip(probabilities) {
            while depth < *limit && self.left[node] != 0 {
                let right = patient[self.feature[node] as usize] > self.threshold[node];
                node = self.left[node] as usize + usize::from(right);
                depth += 1;
            }
            *probability = self.probability(node);
        }
    }
}
