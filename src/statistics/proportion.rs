//! A proportion with its Wilson and its exact (Clopper–Pearson) interval.
//!
//! Wilson: the p with |p̂ − p| = z √(p (1 − p) / n), (p̂ + z² / 2n ± z √(p̂ (1 − p̂) / n + z² / 4n²)) / (1 + z² / n); at a count of 0
//! (or n) its lower limit is 0 (its upper limit 1). (`Hmisc::binconf` alters one limit at counts 1 and n − 1; this is the
//! plain formula.) Exact: the quantiles α/2 of Beta(k, n − k + 1) and 1 − α/2 of Beta(k + 1, n − k).
//! Source: Wilson 1927; Clopper & Pearson 1934; Brown, Cai & DasGupta 2001.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::numerics;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proportion {
    pub count: usize,
    pub of: usize,
    pub estimate: f64,
    pub wilson_low: f64,
    pub wilson_high: f64,
    pub exact_low: f64,
    pub exact_high: f64,
    pub confidence_level: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProportionError {
    /// A share of nobody.
    OfNone,
    CountAboveTotal {
        count: usize,
        of: usize,
    },
    ConfidenceLevel {
        level: f64,
    },
}

impl fmt::Display for ProportionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfNone => f.write_str("there is nobody to take a proportion of"),
            Self::CountAboveTotal { count, of } => {
                write!(
                    f,
                    "{count} of {of} is not a proportion: the count is above the total"
                )
            }
            Self::ConfidenceLevel { level } => {
                write!(
                    f,
                    "the confidence level is {level}, but must be between 0 and 1"
                )
            }
        }
    }
}

impl std::error::Error for ProportionError {}

pub fn proportion(
    count: usize,
    of: usize,
    confidence_level: f64,
) -> Result<Proportion, ProportionError> {
    if !(confidence_level > 0.0 && confidence_level < 1.0) {
        return Err(ProportionError::ConfidenceLevel {
            level: confidence_level,
        });
    }
    if of == 0 {
        return Err(ProportionError::OfNone);
    }
    if count > of {
        return Err(ProportionError::CountAboveTotal { count, of });
    }
    let (k, n) = (count as f64, of as f64);
    let estimate = k / n;
    let z = numerics::normal_quantile(0.5 + confidence_level / 2.0);
    let square = z * z;
    let centre = estimate + square / (2.0 * n);
    let reach = z * (estimate * (1.0 - estimate) / n + square / (4.0 * n * n)).sqrt();
    let whole = 1.0 + square / n;
    let tail = 0.5 - confidence_level / 2.0;
    let (none, all) = (count == 0, count == of);
    Ok(Proportion {
        count,
        of,
        estimate,
        wilson_low: if none { 0.0 } else { (centre - reach) / whole },
        wilson_high: if all { 1.0 } else { (centre + reach) / whole },
        exact_low: if none {
            0.0
        } else {
            numerics::beta_quantile(tail, k, n - k + 1.0)
        },
        exact_high: if all {
            1.0
        } else {
            numerics::beta_quantile(1.0 - tail, k + 1.0, n - k)
        },
        confidence_level,
    })
}
