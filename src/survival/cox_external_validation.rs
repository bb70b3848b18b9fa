//! A Cox model tried on patients it was not fitted on: discrimination and calibration.
//!
//! Concordance of the linear predictor; calibration slope, the coefficient of a Cox model with the linear predictor as
//! its only column (1 is ideal, below 1 means that predictions are too extreme); mean predicted survival at one time
//! beside the Kaplan–Meier estimate at that time.
//! Missing values: the caller drops rows. Errors: as `concordance` and `cox`; a time after the end of follow-up.
//! Source: Royston & Altman 2013.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::ordering::{check, check_finite, check_length};
use super::{
    Concordance, CoxCoefficient, CoxOptions, CurveInterval, CurvePoint, SurvivalError, Ties,
    concordance, cox, kaplan_meier,
};
use crate::numerics::mean;
use crate::statistics::{Column, Design, Term};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxExternalValidation {
    pub concordance: Concordance,
    pub calibration_slope: CoxCoefficient,
    pub mean_predicted_survival: f64,
    pub observed_survival: CurvePoint,
}

/// `linear_predictor` and `predicted_survival` (at `time`) are the fitted model's for these patients.
pub fn cox_external_validation(
    times: &[f64],
    events: &[bool],
    linear_predictor: &[f64],
    predicted_survival: &[f64],
    time: f64,
    ties: Ties,
    level: f64,
) -> Result<CoxExternalValidation, SurvivalError> {
    check(times, events)?;
    check_length("the linear predictor", times.len(), linear_predictor.len())?;
    check_length(
        "the predicted survival",
        times.len(),
        predicted_survival.len(),
    )?;
    check_finite("the linear predictor", linear_predictor)?;
    check_finite("the predicted survival", predicted_survival)?;
    let name = "linear predictor".to_owned();
    let design = Design {
        matrix: Array2::from_shape_fn((times.len(), 1), |(row, _)| linear_predictor[row]),
        columns: vec![Column {
            term: name.clone(),
            level: None,
        }],
        terms: vec![Term {
            name,
            columns: 0..1,
        }],
    };
    let options = CoxOptions {
        ties,
        strata: None,
        weights: None,
        robust: false,
        level,
    };
    let slope = cox(times, events, &design, &options)?;
    let observed = kaplan_meier(times, events, CurveInterval::LogLog, level)?.at(&[time])[0];
    if observed.survival.is_none() {
        return Err(SurvivalError::TimeBeyondFollowUp {
            time,
            last: times.iter().fold(0.0, |last, t| t.max(last)),
        });
    }
    Ok(CoxExternalValidation {
        concordance: concordance(times, events, linear_predictor, None, None)?,
        calibration_slope: slope.coefficients[0].clone(),
        mean_predicted_survival: mean(predicted_survival),
        observed_survival: observed,
    })
}
