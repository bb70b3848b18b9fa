//! Summary of one group's numbers.
//!
//! Median and quartiles are quantiles of type 7 (R's default; Hyndman & Fan 1996); the standard deviation has n − 1
//! and does not exist for a single value. Missing values: the caller drops them and reports how many.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::comparison_error::{ComparisonError, check_group};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumberSummary {
    pub n: usize,
    pub mean: f64,
    pub standard_deviation: Option<f64>,
    pub minimum: f64,
    pub lower_quartile: f64,
    pub median: f64,
    pub upper_quartile: f64,
    pub maximum: f64,
}

pub fn summarize(values: &[f64]) -> Result<NumberSummary, ComparisonError> {
    check_group(0, values, 1)?;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(NumberSummary {
        n: values.len(),
        mean: numerics::mean(values),
        standard_deviation: (values.len() > 1).then(|| numerics::variance(values).sqrt()),
        minimum: sorted[0],
        lower_quartile: numerics::quantile_type_7(&sorted, 0.25),
        median: numerics::quantile_type_7(&sorted, 0.5),
        upper_quartile: numerics::quantile_type_7(&sorted, 0.75),
        maximum: sorted[sorted.len() - 1],
    })
}
