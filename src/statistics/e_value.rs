//! E-value: how strongly an unmeasured confounder would have to be tied to treatment and outcome, each on the risk
//! ratio scale, to explain an effect away.
//!
//! E = RR + √(RR (RR − 1)) for RR ≥ 1; an RR below 1 is inverted. Of an interval the limit nearer to 1 is taken; E is
//! 1 if the interval holds 1. With a rare outcome (below 15 % by the end of follow-up) odds and hazard ratios stand
//! for the risk ratio; with a common one RR ≈ √OR and RR ≈ (1 − ½^√HR) / (1 − ½^√(1/HR)).
//! Source: VanderWeele & Ding 2017; the approximations: VanderWeele 2017. Convention: R `EValue`.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::comparison_error::ComparisonError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectMeasure {
    RiskRatio,
    OddsRatioRare,
    OddsRatioCommon,
    HazardRatioRare,
    HazardRatioCommon,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EValue {
    /// The estimate and its limits as risk ratios.
    pub risk_ratio: f64,
    pub lower: f64,
    pub upper: f64,
    pub point: f64,
    /// Of the limit nearer to 1.
    pub confidence_limit: f64,
}

/// `estimate` within its limits `lower` and `upper`, all positive.
pub fn e_value(
    measure: EffectMeasure,
    estimate: f64,
    lower: f64,
    upper: f64,
) -> Result<EValue, ComparisonError> {
    for (option, value) in [
        ("the estimate", estimate),
        ("the lower limit", lower),
        ("the upper limit", upper),
    ] {
        if !(value > 0.0 && value.is_finite()) {
            return Err(ComparisonError::BadOption {
                option: option.to_owned(),
                value,
                allowed: "a positive number".to_owned(),
            });
        }
    }
    if !(lower <= estimate && estimate <= upper) {
        return Err(ComparisonError::BadOption {
            option: "the estimate".to_owned(),
            value: estimate,
            allowed: format!("within its limits, {lower} to {upper}"),
        });
    }
    let [risk_ratio, low, high] =
        [estimate, lower, upper].map(|value| as_risk_ratio(measure, value));
    let confidence_limit = if low > 1.0 {
        of_risk_ratio(low)
    } else if high < 1.0 {
        of_risk_ratio(high)
    } else {
        1.0
    };
    Ok(EValue {
        risk_ratio,
        lower: low,
        upper: high,
        point: of_risk_ratio(risk_ratio),
        confidence_limit,
    })
}

fn as_risk_ratio(measure: EffectMeasure, value: f64) -> f64 {
    match measure {
        EffectMeasure::RiskRatio
        | EffectMeasure::OddsRatioRare
        | EffectMeasure::HazardRatioRare => value,
        EffectMeasure::OddsRatioCommon => value.sqrt(),
        EffectMeasure::HazardRatioCommon => {
            // 1 − ½^x without cancellation.
            let fallen = |x: f64| -numerics::exp_m1(-std::f64::consts::LN_2 * x);
            fallen(value.sqrt()) / fallen((1.0 / value).sqrt())
        }
    }
}

fn of_risk_ratio(risk_ratio: f64) -> f64 {
    let above = if risk_ratio < 1.0 {
        1.0 / risk_ratio
    } else {
        risk_ratio
    };
    above + (above * (above - 1.0)).sqrt()
}
