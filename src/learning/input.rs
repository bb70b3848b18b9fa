//! What every learning method asks of its data: patients in rows, features in columns, no gaps, both classes.

use ndarray::{Array2, ArrayView1, Axis};

use super::LearningError;

/// There are patients and features, and every value is a number.
pub(super) fn check_features(features: &Array2<f64>) -> Result<(), LearningError> {
    if features.nrows() == 0 {
        return Err(LearningError::NoPatients);
    }
    if features.ncols() == 0 {
        return Err(LearningError::NoFeatures);
    }
    check_finite(features)
}

pub(super) fn check_finite(features: &Array2<f64>) -> Result<(), LearningError> {
    for ((patient, feature), value) in features.indexed_iter() {
        if !value.is_finite() {
            return Err(LearningError::NotFinite {
                feature,
                patient,
                value: if value.is_nan() {
                    "missing".to_owned()
                } else {
                    "infinite".to_owned()
                },
            });
        }
    }
    Ok(())
}

/// One outcome a patient, and patients both with and without the event.
pub(super) fn check_outcome(outcome: &[bool], patients: usize) -> Result<(), LearningError> {
    if outcome.len() != patients {
        return Err(LearningError::LengthsDiffer {
            what: "the outcome".to_owned(),
            expected: patients,
            found: outcome.len(),
        });
    }
    let events = outcome.iter().filter(|event| **event).count();
    if events == 0 || events == patients {
        return Err(LearningError::OneClass { patients, events });
    }
    Ok(())
}

/// A fitted method is applied to as many columns as it was fitted on.
pub(super) fn check_columns(
    what: &str,
    expected: usize,
    found: usize,
) -> Result<(), LearningError> {
    if expected == found {
        Ok(())
    } else {
        Err(LearningError::ColumnsDiffer {
            what: what.to_owned(),
            expected,
            found,
        })
    }
}

/// An integer option with a least allowed value.
pub(super) fn check_at_least(
    option: &str,
    value: usize,
    least: usize,
) -> Result<(), LearningError> {
    if value >= least {
        Ok(())
    } else {
        Err(LearningError::BadOption {
            option: option.to_owned(),
            value: value as f64,
            allowed: format!("at least {least}"),
        })
    }
}

/// Has everybody the same value?
pub(super) fn is_constant(values: ArrayView1<'_, f64>) -> bool {
    values
        .first()
        .is_none_or(|first| values.iter().all(|value| value == first))
}

/// The rows `patients` of the features, in that order.
pub(super) fn rows(features: &Array2<f64>, patients: &[usize]) -> Array2<f64> {
    features.select(Axis(0), patients)
}

/// The entries `patients` of a vector, in that order.
pub(super) fn entries<T: Copy>(values: &[T], patients: &[usize]) -> Vec<T> {
    patients.iter().map(|patient| values[*patient]).collect()
}

/// start + Σ weight × value, from the first on.
pub(super) fn weighted_sum(start: f64, weights: &[f64], values: &[f64]) -> f64 {
    weights
        .iter()
        .zip(values)
        .fold(start, |total, (weight, value)| total + weight * value)
}
