//! Restricted mean survival time: the mean of min(T, τ), which is the area under the Kaplan–Meier curve up to τ.
//!
//! Var = Σ_{tᵢ ≤ τ} Aᵢ² dᵢ / (nᵢ (nᵢ − dᵢ)), Aᵢ the area under the curve from tᵢ to τ. Two groups: the difference, its
//! variance the sum of both, a normal interval and test.
//! Ties: events before censorings. Times and τ: one unit. Missing values: the caller drops rows. Errors: τ not
//! positive, or after the end of follow-up while patients still survive (the curve is unknown there).
//! Source: Irwin 1949; Royston & Parmar 2013; convention of R `summary.survfit(rmean = tau)` and survRM2.

use serde::{Deserialize, Serialize};

use super::ordering::{check_length, check_level};
use super::{CurveInterval, KaplanMeier, SurvivalError, kaplan_meier};
use crate::numerics::{normal_quantile, normal_two_sided};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestrictedMean {
    pub tau: f64,
    pub mean: f64,
    pub standard_error: f64,
}

/// `difference` is the second group's mean minus the first's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestrictedMeanDifference {
    pub first: RestrictedMean,
    pub second: RestrictedMean,
    pub difference: f64,
    pub standard_error: f64,
    pub lower: f64,
    pub upper: f64,
    pub p_value: f64,
}

/// The restricted mean of all patients given.
pub fn restricted_mean(
    times: &[f64],
    events: &[bool],
    tau: f64,
) -> Result<RestrictedMean, SurvivalError> {
    restricted_mean_of_curve(&kaplan_meier(times, events, CurveInterval::Log, 0.95)?, tau)
}

/// The same from a curve that is already there.
pub fn restricted_mean_of_curve(
    curve: &KaplanMeier,
    tau: f64,
) -> Result<RestrictedMean, SurvivalError> {
    if !(tau > 0.0 && tau.is_finite()) {
        return Err(SurvivalError::OutOfRange {
            argument: "the end of the restricted mean".to_owned(),
            value: tau,
            range: "a time after 0".to_owned(),
        });
    }
    if let (Some(last), Some(survival)) = (curve.time.last(), curve.survival.last())
        && tau > *last
        && *survival > 0.0
    {
        return Err(SurvivalError::TimeBeyondFollowUp {
            time: tau,
            last: *last,
        });
    }
    let used = curve.time.partition_point(|t| *t <= tau);
    let mut area = 0.0;
    let mut variance = 0.0;
    let mut end = tau;
    for i in (0..used).rev() {
        area += curve.survival[i] * (end - curve.time[i]);
        end = curve.time[i];
        let (n, d) = (curve.at_risk[i] as f64, curve.events[i] as f64);
        if n > d {
            variance += area * area * d / (n * (n - d));
        }
    }
    Ok(RestrictedMean {
        tau,
        mean: area + end,
        standard_error: variance.sqrt(),
    })
}

/// The difference between the patients with `second_group` and those without.
pub fn restricted_mean_difference(
    times: &[f64],
    events: &[bool],
    second_group: &[bool],
    tau: f64,
    level: f64,
) -> Result<RestrictedMeanDifference, SurvivalError> {
    super::ordering::check(times, events)?;
    check_length("the group", times.len(), second_group.len())?;
    check_level(level)?;
    let of = |group: bool| {
        let rows: Vec<usize> = (0..times.len())
            .filter(|r| second_group[*r] == group)
            .collect();
        if rows.is_empty() {
            return Err(SurvivalError::OneGroup);
        }
        let times: Vec<f64> = rows.iter().map(|r| times[*r]).collect();
        let events: Vec<bool> = rows.iter().map(|r| events[*r]).collect();
        restricted_mean(&times, &events, tau)
    };
    let (first, second) = (of(false)?, of(true)?);
    let difference = second.mean - first.mean;
    let standard_error = (first.standard_error * first.standard_error
        + second.standard_error * second.standard_error)
        .sqrt();
    if !(standard_error > 0.0) {
        return Err(SurvivalError::NoEventsBefore { time: tau });
    }
    let z = -normal_quantile((1.0 - level) / 2.0);
    Ok(RestrictedMeanDifference {
        first,
        second,
        difference,
        standard_error,
        lower: difference - z * standard_error,
        upper: difference + z * standard_error,
        p_value: normal_two_sided(difference / standard_error),
    })
}
