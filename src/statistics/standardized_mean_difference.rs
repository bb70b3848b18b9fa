//! Standardized difference of two groups: how far apart they are whatever their sizes, for balance before and after
//! weighting or matching, or between training and validation patients.
//!
//! A number: |x̄ − ȳ| / √((s²ₓ + s²ᵧ) / 2), variances with n − 1. A category of K levels: √((p − q)ᵀ S⁻¹ (p − q))
//! over K − 1 proportions, S the mean of the two multinomial covariances (diag(p) − p pᵀ; no n − 1); for two levels
//! that is |p − q| / √((p (1 − p) + q (1 − q)) / 2). Which level is left out does not matter; a level that nobody has
//! is left out too.
//! Without variation the difference is 0 if the groups are equal and otherwise not defined (an error).
//! Source: Austin 2009; Yang & Dalton 2012. Convention: R `tableone`.

use ndarray::Array2;

use crate::numerics::{self, Cholesky};

use super::comparison_error::{ComparisonError, check_group};

pub fn standardized_mean_difference(x: &[f64], y: &[f64]) -> Result<f64, ComparisonError> {
    check_group(0, x, 2)?;
    check_group(1, y, 2)?;
    let (mean_x, mean_y) = (numerics::mean(x), numerics::mean(y));
    let difference = (mean_x - mean_y).abs();
    if difference == 0.0 {
        return Ok(0.0);
    }
    let constant = |values: &[f64]| values.iter().all(|value| *value == values[0]);
    if constant(x) && constant(y) {
        return Err(ComparisonError::NoVariation {
            means: vec![mean_x, mean_y],
        });
    }
    Ok(difference / ((numerics::variance(x) + numerics::variance(y)) / 2.0).sqrt())
}

/// `x` and `y` count the patients of each group in each level.
pub fn standardized_difference_of_counts(x: &[u64], y: &[u64]) -> Result<f64, ComparisonError> {
    if x.len() != y.len() {
        return Err(ComparisonError::LengthsDiffer {
            first: x.len(),
            second: y.len(),
        });
    }
    let total = |group: usize, counts: &[u64]| {
        let counts: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
        let total = numerics::sum(&counts);
        if total > 0.0 {
            Ok(total)
        } else {
            Err(ComparisonError::TooFewValues {
                group,
                values: 0,
                needed: 1,
            })
        }
    };
    let (total_x, total_y) = (total(0, x)?, total(1, y)?);
    let shares: Vec<(f64, f64)> = x
        .iter()
        .zip(y)
        .filter(|(x, y)| **x > 0 || **y > 0)
        .map(|(x, y)| (*x as f64 / total_x, *y as f64 / total_y))
        .collect();
    // S has no inverse only where the groups have no level in common.
    if !shares.iter().any(|(p, q)| *p > 0.0 && *q > 0.0) {
        return Err(ComparisonError::NoSharedLevel);
    }
    let kept = &shares[1..];
    let difference: Vec<f64> = kept.iter().map(|(p, q)| p - q).collect();
    let covariance = Array2::from_shape_fn((kept.len(), kept.len()), |(i, j)| {
        let of = |a: f64, b: f64| if i == j { a * (1.0 - a) } else { -a * b };
        (of(kept[i].0, kept[j].0) + of(kept[i].1, kept[j].1)) / 2.0
    });
    let factor = Cholesky::new(&covariance, 0.0).map_err(|_| ComparisonError::NoSharedLevel)?;
    let solved = factor.solve(&difference);
    Ok(numerics::dot(&difference, &solved).max(0.0).sqrt())
}
