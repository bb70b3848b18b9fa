//! Calibration by a smooth curve: the observed risk as a local regression of the outcome on the predicted probability.
//!
//! With ĉ(pᵢ) the loess value (see `loess`) at each patient's probability: ICI = mean |ĉ(p) − p|, E50 its median and E90
//! its 0.9 quantile (type 7), Emax its maximum. Source: Austin & Steyerberg 2019.
//! Local polynomials can leave 0 to 1; they are not cut, so that the indices are those of the curve itself.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::loess::loess;
use super::score_error::{ScoreError, check_probabilities};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SmoothedCalibration {
    /// The observed risk at each patient's probability, in the order of the rows.
    pub smoothed: Vec<f64>,
    /// Integrated calibration index.
    pub ici: f64,
    pub e50: f64,
    pub e90: f64,
    pub emax: f64,
}

/// `span` 0.75 and `degree` 2 are R's defaults.
pub fn smoothed_calibration(
    outcome: &[bool],
    probability: &[f64],
    span: f64,
    degree: usize,
) -> Result<SmoothedCalibration, ScoreError> {
    check_probabilities(outcome, probability)?;
    if probability.iter().all(|p| *p == probability[0]) {
        return Err(ScoreError::AllTied {
            value: probability[0],
        });
    }
    let y: Vec<f64> = outcome.iter().map(|y| f64::from(*y)).collect();
    let smoothed = loess(probability, &y, span, degree)?;
    let mut distances: Vec<f64> = smoothed
        .iter()
        .zip(probability)
        .map(|(c, p)| (c - p).abs())
        .collect();
    let ici = numerics::mean(&distances);
    distances.sort_unstable_by(f64::total_cmp);
    Ok(SmoothedCalibration {
        ici,
        e50: numerics::quantile_type_7(&distances, 0.5),
        e90: numerics::quantile_type_7(&distances, 0.9),
        emax: distances.last().copied().unwrap_or(0.0),
        smoothed,
    })
}
