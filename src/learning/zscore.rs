//! Standardisation of features: z = (x − mean) / standard deviation, both of the patients it is fitted on.
//!
//! The standard deviation has n − 1 (R's `scale`; scikit-learn's `StandardScaler` has n). Features that are constant over
//! the fitted patients have no z: they are dropped and reported, since among hundreds of radiomic features one such says
//! nothing about the others. Missing values: an error that names patient and feature.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::numerics::{mean, variance};

use super::LearningError;
use super::input::{check_at_least, check_columns, check_features, check_finite, is_constant};

/// A fitted standardisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ZScore {
    /// How many features it was fitted on.
    pub features: usize,
    pub patients: usize,
    /// The columns that it keeps, from 0; `mean` and `standard_deviation` have one entry for each.
    pub kept: Vec<usize>,
    pub mean: Vec<f64>,
    pub standard_deviation: Vec<f64>,
    /// The columns that were constant and are dropped.
    pub constant: Vec<usize>,
}

/// Fits on at least two patients. Refuses features that are all constant.
pub fn fit_zscore(features: &Array2<f64>) -> Result<ZScore, LearningError> {
    check_features(features)?;
    check_at_least(
        "the number of patients to standardise by",
        features.nrows(),
        2,
    )?;
    let mut fitted = ZScore {
        features: features.ncols(),
        patients: features.nrows(),
        kept: Vec::new(),
        mean: Vec::new(),
        standard_deviation: Vec::new(),
        constant: Vec::new(),
    };
    for (feature, column) in features.columns().into_iter().enumerate() {
        let values = column.to_vec();
        let deviation = variance(&values).sqrt();
        // Values that differ by less than what a square can hold have a deviation of 0.
        if is_constant(column) || deviation == 0.0 {
            fitted.constant.push(feature);
        } else {
            fitted.kept.push(feature);
            fitted.mean.push(mean(&values));
            fitted.standard_deviation.push(deviation);
        }
    }
    if fitted.kept.is_empty() {
        return Err(LearningError::AllFeaturesConstant {
            features: features.ncols(),
        });
    }
    Ok(fitted)
}

impl ZScore {
    /// The z of the kept features, in the order of `kept`, for any patients.
    pub fn apply(&self, features: &Array2<f64>) -> Result<Array2<f64>, LearningError> {
        check_columns("features", self.features, features.ncols())?;
        check_finite(features)?;
        Ok(Array2::from_shape_fn(
            (features.nrows(), self.kept.len()),
            |(patient, at)| {
                (features[[patient, self.kept[at]]] - self.mean[at]) / self.standard_deviation[at]
            },
        ))
    }
}
