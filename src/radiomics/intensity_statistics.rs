//! IBSI's intensity-based statistics: the distribution of a region's intensities, 18 features.
//!
//! As [`super::classes::first_order`], but the kurtosis is excess (less 3), and there are the mean absolute deviation
//! from the median, the coefficient of variation σ / μ and the quartile coefficient of dispersion
//! (P75 − P25) / (P75 + P25). Equal intensities: skewness and excess kurtosis are 0. A quotient with the divisor 0 is
//! NaN or infinite.
//! Source: IBSI reference manual, "Intensity-based statistical features".

use super::distribution::Distribution;
use super::region::{Region, RegionError};

pub const NAMES: [&str; 18] = [
    "Mean",
    "Variance",
    "Skewness",
    "ExcessKurtosis",
    "Median",
    "Minimum",
    "10Percentile",
    "90Percentile",
    "Maximum",
    "InterquartileRange",
    "Range",
    "MeanAbsoluteDeviation",
    "RobustMeanAbsoluteDeviation",
    "MedianAbsoluteDeviation",
    "CoefficientOfVariation",
    "QuartileCoefficientOfDispersion",
    "Energy",
    "RootMeanSquared",
];

/// Values in the order of [`NAMES`].
pub type IntensityStatistics = [f64; NAMES.len()];

/// Features of a region's intensities. Errors: as of [`Region::check`].
pub fn intensity_statistics(region: &Region) -> Result<IntensityStatistics, RegionError> {
    let values = region.checked_values()?;
    let d = Distribution::new(&values, 0.0);
    Ok([
        d.mean,
        d.second,
        d.skewness(),
        d.excess_kurtosis(),
        d.median,
        d.minimum,
        d.p10,
        d.p90,
        d.maximum,
        d.p75 - d.p25,
        d.maximum - d.minimum,
        d.mean_deviation,
        d.robust_mean_deviation,
        d.median_deviation,
        d.second.sqrt() / d.mean,
        (d.p75 - d.p25) / (d.p75 + d.p25),
        d.energy,
        (d.energy / d.count).sqrt(),
    ])
}
