//! Welch's t test of two means with unequal variances.
//!
//! t = (x̄ − ȳ) / √(s²ₓ / m + s²ᵧ / n) on Welch–Satterthwaite degrees of freedom
//! (s²ₓ/m + s²ᵧ/n)² / ((s²ₓ/m)² / (m − 1) + (s²ᵧ/n)² / (n − 1)); variances with m − 1 and n − 1. Needs two values in
//! each group and some variation. Source: Welch 1947. Convention: R `t.test(x, y)`.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::comparison_error::{ComparisonError, check_confidence_level, check_group};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WelchT {
    pub mean_x: f64,
    pub mean_y: f64,
    /// `mean_x` − `mean_y`, with its standard error and limits.
    pub difference: f64,
    pub standard_error: f64,
    pub lower: f64,
    pub upper: f64,
    pub confidence_level: f64,
    pub t: f64,
    pub degrees_of_freedom: f64,
    pub p_value: f64,
}

/// A standard error below this share of the means is what rounding leaves of constant values.
const ROUNDING: f64 = 10.0 * f64::EPSILON;

pub fn welch_t(x: &[f64], y: &[f64], confidence_level: f64) -> Result<WelchT, ComparisonError> {
    check_confidence_level(confidence_level)?;
    check_group(0, x, 2)?;
    check_group(1, y, 2)?;
    let (m, n) = (x.len() as f64, y.len() as f64);
    let (mean_x, mean_y) = (numerics::mean(x), numerics::mean(y));
    let (part_x, part_y) = (numerics::variance(x) / m, numerics::variance(y) / n);
    let square = part_x + part_y;
    let standard_error = square.sqrt();
    if !(standard_error > ROUNDING * mean_x.abs().max(mean_y.abs())) {
        return Err(ComparisonError::NoVariation {
            means: vec![mean_x, mean_y],
        });
    }
    // Shares of the squared standard error, so that nothing over- or underflows.
    let (share_x, share_y) = (part_x / square, part_y / square);
    let degrees_of_freedom = 1.0 / (share_x * share_x / (m - 1.0) + share_y * share_y / (n - 1.0));
    let difference = mean_x - mean_y;
    let t = difference / standard_error;
    let reach = standard_error
        * numerics::student_t_quantile(0.5 + confidence_level / 2.0, degrees_of_freedom);
    Ok(WelchT {
        mean_x,
        mean_y,
        difference,
        standard_error,
        lower: difference - reach,
        upper: difference + reach,
        confidence_level,
        t,
        degrees_of_freedom,
        p_value: numerics::student_t_two_sided(t, degrees_of_freedom),
    })
}
