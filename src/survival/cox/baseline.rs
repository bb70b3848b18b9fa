//! Baseline cumulative hazard of a Cox model and the survival that it predicts.
//!
//! Λ₀(t) = Σ_{tᵢ ≤ t} w̄ Σ_f 1 / (S₀ − f D₀) (Efron), or Σ w / S₀ (Breslow), as the fit. S(t | x) = exp(−Λ₀(t) exp(xᵀβ)).
//! It is kept for a patient with the mean of every column, so that no exponential overflows, with that patient's linear
//! predictor: Λ₀ at 0 in all columns is Λ exp(−reference).
//! Errors: a time after the last one of the stratum. Source: R `survival::basehaz(centered = FALSE)`, `survfit.coxph`.

use serde::{Deserialize, Serialize};

use super::super::SurvivalError;
use super::super::ordering::{check_columns, check_length};
use super::likelihood::denominators;
use super::{CoxFit, CoxOptions, Prepared};
use crate::numerics::{dot, exp};
use crate::statistics::Design;

/// Of one stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineHazard {
    /// The code of the stratum, 0 if there are none.
    pub stratum: usize,
    /// xᵀβ̂ of the patient whose hazard this is.
    pub reference: f64,
    /// The distinct event times.
    pub time: Vec<f64>,
    pub cumulative_hazard: Vec<f64>,
    /// The last time of any patient; nothing is known after it.
    pub last_time: f64,
}

impl BaselineHazard {
    /// Λ(t) of a patient with this linear predictor.
    pub fn cumulative_hazard(
        &self,
        linear_predictor: f64,
        time: f64,
    ) -> Result<f64, SurvivalError> {
        if !(time <= self.last_time) {
            return Err(SurvivalError::TimeBeyondFollowUp {
                time,
                last: self.last_time,
            });
        }
        let past = self.time.partition_point(|t| *t <= time);
        let hazard = past
            .checked_sub(1)
            .map_or(0.0, |i| self.cumulative_hazard[i]);
        Ok(if hazard == 0.0 {
            0.0
        } else {
            hazard * exp(linear_predictor - self.reference)
        })
    }
}

/// The baseline hazard of each stratum, in the order of their codes. Data and options must be those of the fit.
pub fn baseline_hazards(
    times: &[f64],
    events: &[bool],
    design: &Design,
    options: &CoxOptions,
    fit: &CoxFit,
) -> Result<Vec<BaselineHazard>, SurvivalError> {
    check_columns(fit.coefficients.len(), design.matrix.ncols())?;
    let prepared = Prepared::new(times, events, design, options)?;
    let beta = fit.beta();
    let reference = dot(&prepared.centre, &beta);
    let linear = prepared.linear_predictor(&prepared.scaled_beta(&beta));
    let risk: Vec<f64> = linear
        .iter()
        .zip(&prepared.weight)
        .map(|(linear, w)| w * exp(*linear))
        .collect();
    let of_stratum = |stratum: &super::prepared::Stratum| {
        let mut s0 = 0.0;
        let mut steps = Vec::with_capacity(stratum.event_times.len());
        for tied in prepared.event_times[stratum.event_times.clone()]
            .iter()
            .rev()
        {
            let d0 = risk[tied.events()].iter().fold(0.0, |sum, r| sum + r);
            s0 += d0
                + risk[tied.events_end..tied.end]
                    .iter()
                    .fold(0.0, |sum, r| sum + r);
            let weight = prepared.weight[tied.events()]
                .iter()
                .fold(0.0, |sum, w| sum + w);
            let events = tied.events().len();
            steps.push((
                tied.time,
                denominators(prepared.ties, events, weight, s0, d0).hazard,
            ));
        }
        let mut baseline = BaselineHazard {
            stratum: stratum.code,
            reference,
            time: Vec::with_capacity(steps.len()),
            cumulative_hazard: Vec::with_capacity(steps.len()),
            last_time: prepared.time[stratum.rows.end - 1],
        };
        let mut total = 0.0;
        for (time, step) in steps.into_iter().rev() {
            total += step;
            baseline.time.push(time);
            baseline.cumulative_hazard.push(total);
        }
        baseline
    };
    Ok(prepared.strata.iter().map(of_stratum).collect())
}

/// The survival of each patient (outer list) at each time. `strata` holds the patients' codes if the model has strata.
pub fn predict_survival(
    baselines: &[BaselineHazard],
    linear_predictor: &[f64],
    strata: Option<&[usize]>,
    times: &[f64],
) -> Result<Vec<Vec<f64>>, SurvivalError> {
    if let Some(strata) = strata {
        check_length("the stratum", linear_predictor.len(), strata.len())?;
    }
    linear_predictor
        .iter()
        .enumerate()
        .map(|(patient, linear)| {
            let code = strata.map_or(0, |s| s[patient]);
            let baseline = baselines
                .iter()
                .find(|b| b.stratum == code)
                .ok_or(SurvivalError::UnknownStratum { stratum: code })?;
            times
                .iter()
                .map(|time| Ok(exp(-baseline.cumulative_hazard(*linear, *time)?)))
                .collect()
        })
        .collect()
}
