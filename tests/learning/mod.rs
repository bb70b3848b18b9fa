//! Learning methods: laws that hold for any data, hand-checkable examples, and what is said about data that cannot be
//! learned from.

mod folds;
mod forest;
mod harmonisation;
mod learners;
mod sample_size;
mod selection;
mod tuning;

use ndarray::Array2;
use prereg::numerics::Random;

/// Normal features, and an outcome that depends on the first and on the product of the next two.
fn simulated(patients: usize, features: usize, seed: u64) -> (Array2<f64>, Vec<bool>) {
    let mut random = Random::new(seed, "simulated");
    let values = Array2::from_shape_fn((patients, features), |_| random.normal());
    let mut outcome: Vec<bool> = values
        .rows()
        .into_iter()
        .map(|row| row[0] + row[1 % features] * row[2 % features] + random.normal() > 0.0)
        .collect();
    // Enough of each class for folds, whatever the seed.
    for (patient, event) in outcome.iter_mut().enumerate().take(10) {
        *event = patient % 2 == 0;
    }
    (values, outcome)
}

/// The same with few distinct values: ties everywhere.
fn simulated_grades(patients: usize, features: usize, seed: u64) -> (Array2<f64>, Vec<bool>) {
    let (values, outcome) = simulated(patients, features, seed);
    (values.mapv(|value| (value * 1.5).round()), outcome)
}
