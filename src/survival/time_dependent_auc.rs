//! Area under the time-dependent ROC curve: cumulative cases, dynamic controls, inverse probability of censoring
//! weights, with a standard error that knows that the censoring curve is estimated.
//!
//! Cases: event by t, weight aᵢ = 1/G(Tᵢ−). Controls: T > t, weight 1/G(t), which cancels. G: Kaplan–Meier curve of the
//! censoring time; at a tied time events leave before censorings.
//! AUC = Σ_ij aᵢ bⱼ [1(Mᵢ > Mⱼ) + 1(Mᵢ = Mⱼ)/2] / (Σ a Σ b): a higher marker means an earlier event.
//! Standard error: √(Σ_k IF_k² / (n (n − 1))) with, for A = Σa/n, B = Σb/n, hᵢ = aᵢ (Σⱼ bⱼ ψᵢⱼ/n − AUC·B),
//! cⱼ = bⱼ (Σᵢ aᵢ ψᵢⱼ/n − AUC·A): A B IF_k = h_k + c_k + Σ_u Q(u) dM_k(u) / (Y(u)/n), where
//! Q(u) = Σᵢ hᵢ 1(Tᵢ > u)/n, dM_k the martingale of the censorings, Y(u) the number still followed at u. (The exact
//! derivative of G with tied events would move the standard error by about 1e-5 of itself.)
//! Interval: AUC ± z SE, not cut. O(n log n). Missing values: the caller drops rows.
//! Errors: no case or no control at a time. Source: Uno 2007, Hung & Chiang 2010, Blanche 2013; convention of R
//! `riskRegression::Score(cens.model = "km")` and `timeROC`.

use serde::{Deserialize, Serialize};

use super::ordering::{check, check_finite, check_length, check_level, order};
use super::{CurveInterval, KaplanMeier, SurvivalError, reverse_kaplan_meier};
use crate::numerics::{normal_quantile, sum};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeDependentAuc {
    pub time: f64,
    /// Patients with the event by the time, and still followed without it after.
    pub cases: usize,
    pub controls: usize,
    pub auc: f64,
    pub standard_error: f64,
    pub lower: f64,
    pub upper: f64,
}

/// The AUC of `marker` at each of the times `at`.
pub fn time_dependent_auc(
    times: &[f64],
    events: &[bool],
    marker: &[f64],
    at: &[f64],
    level: f64,
) -> Result<Vec<TimeDependentAuc>, SurvivalError> {
    check(times, events)?;
    check_length("the marker", times.len(), marker.len())?;
    check_finite("the marker", marker)?;
    check_level(level)?;
    let mut by_marker: Vec<usize> = (0..times.len()).collect();
    by_marker.sort_by(|a, b| marker[*a].total_cmp(&marker[*b]).then(a.cmp(b)));
    let data = Data {
        times,
        events,
        marker,
        by_marker,
        by_time: order(times, events, None),
        censoring: reverse_kaplan_meier(times, events, CurveInterval::Log, 0.95)?,
        z: -normal_quantile((1.0 - level) / 2.0),
    };
    at.iter().map(|time| data.auc(*time)).collect()
}

struct Data<'a> {
    times: &'a [f64],
    events: &'a [bool],
    marker: &'a [f64],
    by_marker: Vec<usize>,
    by_time: Vec<usize>,
    censoring: KaplanMeier,
    z: f64,
}

impl Data<'_> {
    fn auc(&self, time: f64) -> Result<TimeDependentAuc, SurvivalError> {
        let size = self.times.len();
        let n = size as f64;
        let mut cases = vec![0.0; size];
        let mut controls = vec![0.0; size];
        for row in 0..size {
            if self.times[row] > time {
                controls[row] = 1.0;
            } else if self.events[row] {
                cases[row] = 1.0 / self.uncensored_before(self.times[row]);
            }
        }
        let count = |weights: &[f64]| weights.iter().filter(|w| **w > 0.0).count();
        if count(&cases) == 0 || count(&controls) == 0 {
            return Err(SurvivalError::NoCasesOrControls {
                time,
                cases: count(&cases),
                controls: count(&controls),
            });
        }
        let (all_cases, all_controls) = (sum(&cases), sum(&controls));

        // Weight of the controls below each case, and of the cases above each control; ties one half.
        let mut below = vec![0.0; size];
        let mut above = vec![0.0; size];
        let mut controls_met = 0.0;
        let mut cases_met = 0.0;
        for tied in self
            .by_marker
            .chunk_by(|a, b| self.marker[*a] == self.marker[*b])
        {
            let controls_here = tied.iter().fold(0.0, |sum, row| sum + controls[*row]);
            let cases_here = tied.iter().fold(0.0, |sum, row| sum + cases[*row]);
            for row in tied {
                below[*row] = controls_met + controls_here / 2.0;
                above[*row] = all_cases - cases_met - cases_here / 2.0;
            }
            controls_met += controls_here;
            cases_met += cases_here;
        }
        let concordant: Vec<f64> = cases.iter().zip(&below).map(|(a, c)| a * c).collect();
        let auc = sum(&concordant) / (all_cases * all_controls);

        let case_part: Vec<f64> = (0..size)
            .map(|row| cases[row] * (below[row] - auc * all_controls) / n)
            .collect();
        let control_part = |row: usize| controls[row] * (above[row] - auc * all_cases) / n;
        let censoring_part = self.censoring_influence(&case_part);
        let mut squares = 0.0;
        for row in 0..size {
            let influence = case_part[row] + control_part(row) + censoring_part[row];
            squares += influence * influence;
        }
        let scale = (all_cases / n) * (all_controls / n);
        // The influences sum to 0; n − 1 as in a sample variance.
        let standard_error = (squares / (n * (n - 1.0))).sqrt() / scale;
        Ok(TimeDependentAuc {
            time,
            cases: count(&cases),
            controls: count(&controls),
            auc,
            standard_error,
            lower: auc - self.z * standard_error,
            upper: auc + self.z * standard_error,
        })
    }

    /// G(t−).
    fn uncensored_before(&self, time: f64) -> f64 {
        let before = self.censoring.time.partition_point(|t| *t < time);
        before
            .checked_sub(1)
            .map_or(1.0, |i| self.censoring.survival[i])
    }

    /// Each patient's share in the error that the estimate of G brings into the weights of the cases.
    fn censoring_influence(&self, case_part: &[f64]) -> Vec<f64> {
        let mut result = vec![0.0; self.times.len()];
        let mut later = sum(case_part);
        let mut passed = 0.0;
        let mut left = self.times.len();
        for tied in self
            .by_time
            .chunk_by(|a, b| self.times[*a] == self.times[*b])
        {
            let at_risk = left as f64;
            left -= tied.len();
            for row in tied {
                later -= case_part[*row];
            }
            let censored = tied.iter().filter(|row| !self.events[**row]).count();
            let jump = later / at_risk;
            passed += jump * censored as f64 / at_risk;
            for row in tied {
                result[*row] = if self.events[*row] {
                    -passed
                } else {
                    jump - passed
                };
            }
        }
        result
    }
}
