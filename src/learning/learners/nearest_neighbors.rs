//! k nearest neighbours: the share of events among the k fitted patients nearest by Euclidean distance.
//!
//! Ties: patients equally far as the k-th share the places that are left, each by the same fraction, so the score does not
//! depend on the order of the patients (scikit-learn and R's `class::knn` take the first, or draw). A patient scored by a
//! fit that includes the patient is a neighbour of its own: such scores are optimistic.
//! Source: Cover & Hart 1967. Convention, without ties: scikit-learn `KNeighborsClassifier().predict_proba`.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::learning::LearningError;
use crate::learning::input::check_at_least;
use crate::learning::random_forest::check_data;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearestNeighbors {
    pub neighbors: usize,
    /// A row a fitted patient.
    pub patients: Vec<Vec<f64>>,
    pub outcome: Vec<bool>,
}

pub fn nearest_neighbors(
    features: &Array2<f64>,
    outcome: &[bool],
    neighbors: usize,
) -> Result<NearestNeighbors, LearningError> {
    check_data(features, outcome)?;
    check_at_least("the number of neighbours", neighbors, 1)?;
    if neighbors > outcome.len() {
        return Err(LearningError::BadOption {
            option: "the number of neighbours".to_owned(),
            value: neighbors as f64,
            allowed: format!("at most {}, the number of patients", outcome.len()),
        });
    }
    Ok(NearestNeighbors {
        neighbors,
        patients: features
            .rows()
            .into_iter()
            .map(|row| row.to_vec())
            .collect(),
        outcome: outcome.to_vec(),
    })
}

impl NearestNeighbors {
    /// The share of events among the neighbours of a patient.
    pub fn share_of_events(&self, x: &[f64]) -> f64 {
        let mut near: Vec<(f64, bool)> = self
            .patients
            .iter()
            .zip(&self.outcome)
            .map(|(patient, event)| (squared_distance(patient, x), *event))
            .collect();
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut left = self.neighbors;
        let mut events = 0.0;
        for tied in near.chunk_by(|a, b| a.0 == b.0) {
            let with = tied.iter().filter(|entry| entry.1).count();
            if tied.len() >= left {
                events += left as f64 * (with as f64 / tied.len() as f64);
                break;
            }
            events += with as f64;
            left -= tied.len();
        }
        events / self.neighbors as f64
    }
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .fold(0.0, |total, (a, b)| total + (a - b) * (a - b))
}
