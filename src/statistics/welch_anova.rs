//! Welch's analysis of variance: are the means of G ≥ 2 groups equal, whatever their variances?
//!
//! w_g = n_g / s²_g, W = Σ w_g, x̃ = Σ w_g x̄_g / W, Λ = Σ (1 − w_g / W)² / (n_g − 1);
//! F = [Σ w_g (x̄_g − x̃)² / (G − 1)] / [1 + 2 (G − 2) Λ / (G² − 1)] on G − 1 and (G² − 1) / (3 Λ) degrees of freedom.
//! With two groups F = t² of Welch's t test. Needs two values and some variation in each group: the weight of a group
//! without variation is infinite. Source: Welch 1951. Convention: R `oneway.test(var.equal = FALSE)`.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::comparison_error::{ComparisonError, check_group};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WelchAnova {
    pub f: f64,
    pub numerator_degrees_of_freedom: usize,
    pub denominator_degrees_of_freedom: f64,
    pub p_value: f64,
}

/// A standard deviation below this share of the mean is what rounding leaves of constant values.
const ROUNDING: f64 = 10.0 * f64::EPSILON;

pub fn welch_anova(groups: &[&[f64]]) -> Result<WelchAnova, ComparisonError> {
    if groups.len() < 2 {
        return Err(ComparisonError::TooFewGroups {
            groups: groups.len(),
        });
    }
    for (group, values) in groups.iter().enumerate() {
        check_group(group, values, 2)?;
    }
    let means: Vec<f64> = groups.iter().map(|values| numerics::mean(values)).collect();
    let variances: Vec<f64> = groups.iter().map(|v| numerics::variance(v)).collect();
    let constant = |group: usize| !(variances[group].sqrt() > ROUNDING * means[group].abs());
    if (0..groups.len()).all(constant) {
        return Err(ComparisonError::NoVariation { means });
    }
    if let Some(group) = (0..groups.len()).find(|group| constant(*group)) {
        return Err(ComparisonError::ConstantGroup {
            group,
            value: means[group],
        });
    }
    // Weights relative to the largest, so that nothing overflows.
    let precise: Vec<f64> = groups
        .iter()
        .zip(&variances)
        .map(|(values, variance)| values.len() as f64 / variance)
        .collect();
    let largest = precise.iter().copied().fold(0.0, f64::max);
    let share: Vec<f64> = precise.iter().map(|w| w / largest).collect();
    let total = numerics::sum(&share);
    let weighted: Vec<f64> = share.iter().zip(&means).map(|(w, m)| w * m).collect();
    let grand = numerics::sum(&weighted) / total;
    let between: Vec<f64> = share
        .iter()
        .zip(&means)
        .map(|(w, m)| w * (m - grand) * (m - grand))
        .collect();
    let lambda: Vec<f64> = groups
        .iter()
        .zip(&share)
        .map(|(values, w)| {
            let rest = 1.0 - w / total;
            rest * rest / (values.len() as f64 - 1.0)
        })
        .collect();
    let lambda = numerics::sum(&lambda);
    let g = groups.len() as f64;
    let f = largest * numerics::sum(&between)
        / (g - 1.0)
        / (1.0 + 2.0 * (g - 2.0) * lambda / (g * g - 1.0));
    let denominator = (g * g - 1.0) / (3.0 * lambda);
    Ok(WelchAnova {
        f,
        numerator_degrees_of_freedom: groups.len() - 1,
        denominator_degrees_of_freedom: denominator,
        p_value: numerics::f_upper(f, g - 1.0, denominator),
    })
}
