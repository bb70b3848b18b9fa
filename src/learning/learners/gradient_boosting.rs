//! Gradient-boosted trees for a binary outcome (binomial deviance).
//!
//! F₀ = ln(p̄ / (1 − p̄)). Each stage fits a regression tree to the residuals y − p, p = 1 / (1 + e^−F); a leaf's step is
//! Σ (y − p) / Σ p (1 − p), one Newton step; F ← F + rate × step. The probability is 1 / (1 + e^−F).
//! A split is the one with the largest n_l n_r / (n_l + n_r) (mean_l − mean_r)² of the residuals; its threshold is the middle
//! between two neighbouring values (the patient on it goes left). Ties go to the first feature, then the lowest threshold.
//! A node whose residuals are all alike, or too small to split, is a leaf. No sampling: nothing is drawn.
//! Source: Friedman 2001. Convention: scikit-learn `GradientBoostingClassifier(subsample = 1)`.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::learning::LearningError;
use crate::learning::input::check_at_least;
use crate::learning::random_forest::check_data;
use crate::numerics::ln;

use super::{check_positive, logistic};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoostingSettings {
    pub trees: usize,
    pub max_depth: usize,
    pub learning_rate: f64,
    /// The fewest patients in a leaf.
    pub min_leaf: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoostedTrees {
    /// F₀.
    pub start: f64,
    pub learning_rate: f64,
    pub trees: Vec<BoostedTree>,
}

/// The nodes of a tree; the first is the root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoostedTree {
    pub nodes: Vec<BoostedNode>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoostedNode {
    Leaf {
        step: f64,
    },
    /// At most the threshold goes to `left`.
    Split {
        feature: usize,
        threshold: f64,
        left: usize,
        right: usize,
    },
}

/// A spread of residuals below this is none.
const ALIKE: f64 = 1e-15;

pub fn gradient_boosting(
    features: &Array2<f64>,
    outcome: &[bool],
    settings: &BoostingSettings,
) -> Result<BoostedTrees, LearningError> {
    check_data(features, outcome)?;
    check_at_least("the number of trees", settings.trees, 1)?;
    check_at_least("the largest depth", settings.max_depth, 1)?;
    check_at_least("the smallest leaf", settings.min_leaf, 1)?;
    check_positive("the learning rate", settings.learning_rate)?;
    let events = outcome.iter().filter(|event| **event).count();
    let start = ln(events as f64) - ln((outcome.len() - events) as f64);
    let sorted: Vec<Vec<usize>> = features
        .columns()
        .into_iter()
        .map(|column| {
            let mut order: Vec<usize> = (0..outcome.len()).collect();
            order.sort_by(|a, b| column[*a].total_cmp(&column[*b]));
            order
        })
        .collect();
    let mut value = vec![start; outcome.len()];
    let mut trees = Vec::with_capacity(settings.trees);
    for _ in 0..settings.trees {
        let probability: Vec<f64> = value.iter().map(|f| logistic(*f)).collect();
        let residual: Vec<f64> = outcome
            .iter()
            .zip(&probability)
            .map(|(event, p)| f64::from(u8::from(*event)) - p)
            .collect();
        let mut grower = Grower {
            features,
            settings,
            residual: &residual,
            probability: &probability,
            nodes: Vec::new(),
            step: vec![0.0; outcome.len()],
        };
        grower.grow(sorted.clone(), 0);
        for (value, step) in value.iter_mut().zip(&grower.step) {
            *value += settings.learning_rate * step;
        }
        trees.push(BoostedTree {
            nodes: grower.nodes,
        });
    }
    Ok(BoostedTrees {
        start,
        learning_rate: settings.learning_rate,
        trees,
    })
}

impl BoostedTrees {
    /// The probability of the event.
    pub fn probability(&self, x: &[f64]) -> f64 {
        logistic(self.trees.iter().fold(self.start, |value, tree| {
            value + self.learning_rate * tree.step(x)
        }))
    }
}

impl BoostedTree {
    fn step(&self, x: &[f64]) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                BoostedNode::Leaf { step } => return step,
                BoostedNode::Split {
                    feature,
                    threshold,
                    left,
                    right,
                } => at = if x[feature] <= threshold { left } else { right },
            }
        }
    }
}

struct Grower<'a> {
    features: &'a Array2<f64>,
    settings: &'a BoostingSettings,
    residual: &'a [f64],
    probability: &'a [f64],
    nodes: Vec<BoostedNode>,
    /// The step of each patient's leaf.
    step: Vec<f64>,
}

struct Best {
    gain: f64,
    feature: usize,
    threshold: f64,
}

impl Grower<'_> {
    /// Grows the node of these patients, listed by each feature's order, and returns its place.
    fn grow(&mut self, sorted: Vec<Vec<usize>>, depth: usize) -> usize {
        let place = self.nodes.len();
        let patients = sorted[0].clone();
        let (best, below) = if depth < self.settings.max_depth && !self.alike(&patients) {
            (self.best_split(&sorted), depth + 1)
        } else {
            (None, depth)
        };
        let Some(Best {
            feature, threshold, ..
        }) = best
        else {
            let step = self.newton_step(&patients);
            self.nodes.push(BoostedNode::Leaf { step });
            for patient in patients {
                self.step[patient] = step;
            }
            return place;
        };
        self.nodes.push(BoostedNode::Leaf { step: 0.0 });
        let goes_left = |patient: &usize| self.features[[*patient, feature]] <= threshold;
        let (left, right): (Vec<Vec<usize>>, Vec<Vec<usize>>) = sorted
            .into_iter()
            .map(|order| order.into_iter().partition(goes_left))
            .unzip();
        let left = self.grow(left, below);
        let right = self.grow(right, below);
        self.nodes[place] = BoostedNode::Split {
            feature,
            threshold,
            left,
            right,
        };
        place
    }

    /// Σ over patients in the order of the data, so that it does not depend on how they were sorted.
    fn total(&self, patients: &[usize], of: impl Fn(usize) -> f64) -> f64 {
        let mut ordered = patients.to_vec();
        ordered.sort_unstable();
        ordered
            .into_iter()
            .fold(0.0, |total, patient| total + of(patient))
    }

    fn alike(&self, patients: &[usize]) -> bool {
        let n = patients.len() as f64;
        let mean = self.total(patients, |p| self.residual[p]) / n;
        let squares = self.total(patients, |p| {
            let distance = self.residual[p] - mean;
            distance * distance
        });
        squares / n <= ALIKE
    }

    fn newton_step(&self, patients: &[usize]) -> f64 {
        let weight = self.total(patients, |p| {
            self.probability[p] * (1.0 - self.probability[p])
        });
        if weight < 1e-150 {
            0.0
        } else {
            self.total(patients, |p| self.residual[p]) / weight
        }
    }

    fn best_split(&self, sorted: &[Vec<usize>]) -> Option<Best> {
        let n = sorted[0].len();
        let total = self.total(&sorted[0], |p| self.residual[p]);
        let least = self.settings.min_leaf;
        let mut best: Option<Best> = None;
        for (feature, order) in sorted.iter().enumerate() {
            let mut left_total = 0.0;
            for (index, pair) in order.windows(2).enumerate() {
                left_total += self.residual[pair[0]];
                let (here, next) = (
                    self.features[[pair[0], feature]],
                    self.features[[pair[1], feature]],
                );
                let left = index + 1;
                if here == next || left < least || n - left < least {
                    continue;
                }
                let (left, right) = (left as f64, (n - left) as f64);
                let difference = left_total / left - (total - left_total) / right;
                let gain = left * right / (left + right) * difference * difference;
                if best.as_ref().is_none_or(|b| gain > b.gain * (1.0 + EQUAL)) {
                    let middle = here + (next - here) / 2.0;
                    best = Some(Best {
                        gain,
                        feature,
                        threshold: if middle < next { middle } else { here },
                    });
                }
            }
        }
        best
    }
}

/// Gains within this share of each other are ties: they differ by rounding.
const EQUAL: f64 = 1e-12;
