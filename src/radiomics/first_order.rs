//! First-order features: the distribution of a region's intensities, without regard to place.
//!
//! On intensities, but Entropy and Uniformity on levels. Moments divide by n; kurtosis is not excess (IBSI subtracts
//! 3); percentiles interpolate linearly (type 7); the robust mean absolute deviation keeps both percentiles. Entropy in
//! bits, log2(p + 2⁻⁵²).
//! Source: conventions of PyRadiomics 3.0.1.

use crate::numerics::{log2, mean, quantile_type_7, sum};

use super::region::{Levels, Region, RegionError};

pub const NAMES: [&str; 19] = [
    "10Percentile",
    "90Percentile",
    "Energy",
    "Entropy",
    "InterquartileRange",
    "Kurtosis",
    "Maximum",
    "Mean",
    "MeanAbsoluteDeviation",
    "Median",
    "Minimum",
    "Range",
    "RobustMeanAbsoluteDeviation",
    "RootMeanSquared",
    "Skewness",
    "StandardDeviation",
    "TotalEnergy",
    "Uniformity",
    "Variance",
];

/// Values in the order of [`NAMES`]. `shift` is added to intensities for the energies and the root mean square.
pub fn first_order(
    region: &Region,
    levels: &Levels,
    shift: f64,
) -> Result<[f64; NAMES.len()], RegionError> {
    region.check()?;
    let mut sorted: Vec<f64> = region.values().collect();
    let n = sorted.len() as f64;
    let shifted: Vec<f64> = sorted.iter().map(|x| (x + shift) * (x + shift)).collect();
    let energy = sum(&shifted);
    let centre = mean(&sorted);
    let moment = |power: u32| {
        let terms: Vec<f64> = sorted
            .iter()
            .map(|x| (0..power).fold(1.0, |product, _| product * (x - centre)))
            .collect();
        sum(&terms) / n
    };
    let (second, third, fourth) = (moment(2), moment(3), moment(4));
    let deviations: Vec<f64> = sorted.iter().map(|x| (x - centre).abs()).collect();
    let mean_deviation = sum(&deviations) / n;
    sorted.sort_unstable_by(f64::total_cmp);
    let percentile = |p: f64| quantile_type_7(&sorted, p);
    let (low, high) = (percentile(0.1), percentile(0.9));
    let kept: Vec<f64> = sorted
        .iter()
        .copied()
        .filter(|x| *x >= low && *x <= high)
        .collect();
    let kept_centre = mean(&kept);
    let kept_deviations: Vec<f64> = kept.iter().map(|x| (x - kept_centre).abs()).collect();
    let (minimum, maximum) = (sorted[0], sorted[sorted.len() - 1]);

    let mut counts = vec![0_u32; usize::from(levels.highest) + 1];
    for voxel in &levels.voxels {
        counts[usize::from(levels.levels[*voxel])] += 1;
    }
    let shares = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / n);
    let (entropy, uniformity) = shares.fold((0.0, 0.0), |(entropy, uniformity), p| {
        (entropy - p * log2(p + f64::EPSILON), uniformity + p * p)
    });
    let volume = region.spacing.iter().product::<f64>();
    Ok([
        low,
        high,
        energy,
        entropy,
        percentile(0.75) - percentile(0.25),
        if second == 0.0 {
            0.0
        } else {
            fourth / (second * second)
        },
        maximum,
        centre,
        mean_deviation,
        percentile(0.5),
        minimum,
        maximum - minimum,
        sum(&kept_deviations) / kept.len() as f64,
        (energy / n).sqrt(),
        if second == 0.0 {
            0.0
        } else {
            third / (second * second.sqrt())
        },
        second.sqrt(),
        energy * volume,
        uniformity,
        second,
    ])
}
