//! Bland–Altman limits of agreement of two measurements of the same patients.
//!
//! Differences dᵢ = xᵢ − yᵢ with mean d̄ and standard deviation s (n − 1): limits d̄ ± z s with the normal quantile z
//! (1.96 at 95 %).
//! Intervals by Student's t with n − 1 degrees of freedom: of the mean with s / √n, of each limit with √(3 s² / n), an
//! approximation for large n. Assumes that differences do not grow with the mean. Same unit for both.
//! Missing values: the caller leaves the patient out. Source: Bland & Altman 1986.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::agreement_error::{AgreementError, check_confidence_level};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlandAltman {
    pub n: usize,
    pub mean_difference: f64,
    pub standard_deviation: f64,
    pub lower_limit: f64,
    pub upper_limit: f64,
    /// Low and high end of the interval of each.
    pub mean_difference_interval: [f64; 2],
    pub lower_limit_interval: [f64; 2],
    pub upper_limit_interval: [f64; 2],
    pub confidence_level: f64,
    /// (xᵢ + yᵢ) / 2 and xᵢ − yᵢ, for the plot.
    pub means: Vec<f64>,
    pub differences: Vec<f64>,
}

/// `confidence_level` is both the share of differences that the limits are to hold and the level of the intervals.
pub fn bland_altman(
    x: &[f64],
    y: &[f64],
    confidence_level: f64,
) -> Result<BlandAltman, AgreementError> {
    check_confidence_level(confidence_level)?;
    if x.len() != y.len() {
        return Err(AgreementError::LengthsDiffer {
            first: x.len(),
            second: y.len(),
        });
    }
    if x.len() < 2 {
        return Err(AgreementError::TooFewSubjects { subjects: x.len() });
    }
    for (reader, values) in [x, y].into_iter().enumerate() {
        if let Some(subject) = values.iter().position(|v| !v.is_finite()) {
            return Err(AgreementError::NotFinite { subject, reader });
        }
    }
    let differences: Vec<f64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
    let means = x.iter().zip(y).map(|(x, y)| x / 2.0 + y / 2.0).collect();
    let n = differences.len() as f64;
    let mean = numerics::mean(&differences);
    let deviation = numerics::variance(&differences).sqrt();
    let probability = 0.5 + confidence_level / 2.0;
    let reach = numerics::normal_quantile(probability) * deviation;
    let t = numerics::student_t_quantile(probability, n - 1.0);
    let around = |centre: f64, error: f64| [centre - t * error, centre + t * error];
    let limit_error = (3.0 / n).sqrt() * deviation;
    Ok(BlandAltman {
        n: differences.len(),
        mean_difference: mean,
        standard_deviation: deviation,
        lower_limit: mean - reach,
        upper_limit: mean + reach,
        mean_difference_interval: around(mean, deviation / n.sqrt()),
        lower_limit_interval: around(mean - reach, limit_error),
        upper_limit_interval: around(mean + reach, limit_error),
        confidence_level,
        means,
        differences,
    })
}
