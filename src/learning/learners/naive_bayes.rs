//! Gaussian naive Bayes: within a class every feature is normal and independent of the others.
//!
//! ln P(event | x) − ln P(none | x) = ln π₁/π₀ + Σ_j [ln φ(x_j; μ₁ⱼ, σ²₁ⱼ) − ln φ(x_j; μ₀ⱼ, σ²₀ⱼ)]; π are the classes' shares,
//! σ² has 1/n within the class, plus 1e-9 of the largest variance of any feature over all patients, so that a feature
//! constant within a class is no infinity. Convention: scikit-learn `GaussianNB`. Ties, order of patients: no influence
//! beyond rounding. Correlated features are counted as often as they occur, so probabilities are as a rule too extreme.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::learning::LearningError;
use crate::learning::random_forest::check_data;
use crate::numerics::{ln, mean, sum};

use super::logistic;

/// Of the largest variance, added to every variance.
const SMOOTHING: f64 = 1e-9;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NaiveBayes {
    /// ln of the classes' shares: event less none.
    pub log_prior_odds: f64,
    pub event: ClassNormal,
    pub none: ClassNormal,
}

/// Mean and variance of each feature in a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassNormal {
    pub mean: Vec<f64>,
    pub variance: Vec<f64>,
}

pub fn naive_bayes(features: &Array2<f64>, outcome: &[bool]) -> Result<NaiveBayes, LearningError> {
    check_data(features, outcome)?;
    let largest = features
        .columns()
        .into_iter()
        .map(|column| spread(&column.to_vec()))
        .fold(0.0, f64::max);
    let class = |event: bool| {
        let (mut means, mut variances) = (Vec::new(), Vec::new());
        for column in features.columns() {
            let values: Vec<f64> = column
                .iter()
                .zip(outcome)
                .filter(|(_, o)| **o == event)
                .map(|(value, _)| *value)
                .collect();
            means.push(mean(&values));
            variances.push(spread(&values) + SMOOTHING * largest);
        }
        ClassNormal {
            mean: means,
            variance: variances,
        }
    };
    let events = outcome.iter().filter(|event| **event).count();
    Ok(NaiveBayes {
        log_prior_odds: ln(events as f64) - ln((outcome.len() - events) as f64),
        event: class(true),
        none: class(false),
    })
}

/// The variance with 1/n.
fn spread(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: Vec<f64> = values.iter().map(|v| (v - centre) * (v - centre)).collect();
    sum(&squares) / values.len() as f64
}

impl NaiveBayes {
    /// The probability of the event.
    pub fn probability(&self, x: &[f64]) -> f64 {
        logistic(self.log_prior_odds + self.event.log_density(x) - self.none.log_density(x))
    }
}

impl ClassNormal {
    /// Without the constant that both classes share.
    fn log_density(&self, x: &[f64]) -> f64 {
        x.iter()
            .zip(&self.mean)
            .zip(&self.variance)
            .fold(0.0, |total, ((x, mean), variance)| {
                total - 0.5 * (ln(*variance) + (x - mean) * (x - mean) / variance)
            })
    }
}
