//! First-order features: the distribution of a region's intensities, without regard to place.
//!
//! On intensities, but Entropy and Uniformity on levels. Moments divide by n; Kurtosis is not excess (IBSI subtracts
//! 3); percentiles interpolate linearly (type 7); the robust mean absolute deviation keeps both percentiles. TotalEnergy
//! is Energy × the volume of a voxel in mm³. Entropy in bits, −Σ p log₂(p + 2⁻⁵²).
//! Equal intensities: Skewness and Kurtosis are 0. Errors: intensities that are not finite, no voxel.
//! Source: conventions of PyRadiomics 3.0.1.

use crate::numerics::log2;

use super::distribution::Distribution;
use super::levels::Levels;
use super::region::{Region, RegionError};

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

/// Values in the order of [`NAMES`].
pub type FirstOrder = [f64; NAMES.len()];

/// Features of a region and its levels. `shift` is added to intensities for the energies and the root mean square.
pub fn first_order(
    region: &Region,
    levels: &Levels,
    shift: f64,
) -> Result<FirstOrder, RegionError> {
    let values = region.checked_values()?;
    let d = Distribution::new(&values, shift);
    let (entropy, uniformity) = entropy_and_uniformity(levels);
    let volume = region.spacing.iter().product::<f64>();
    Ok([
        d.p10,
        d.p90,
        d.energy,
        entropy,
        d.p75 - d.p25,
        d.kurtosis(),
        d.maximum,
        d.mean,
        d.mean_deviation,
        d.median,
        d.minimum,
        d.maximum - d.minimum,
        d.robust_mean_deviation,
        (d.energy / d.count).sqrt(),
        d.skewness(),
        d.second.sqrt(),
        d.energy * volume,
        uniformity,
        d.second,
    ])
}

/// −Σ p log₂(p + 2⁻⁵²) and Σ p² over the levels.
pub(super) fn entropy_and_uniformity(levels: &Levels) -> (f64, f64) {
    let mut counts = vec![0_u32; levels.present.len() + 1];
    for voxel in &levels.voxels {
        counts[usize::from(levels.places[*voxel as usize])] += 1;
    }
    let all = levels.voxels.len() as f64;
    counts
        .iter()
        .skip(1)
        .map(|count| f64::from(*count) / all)
        .fold((0.0, 0.0), |(entropy, uniformity), p| {
            (entropy - p * log2(p + f64::EPSILON), uniformity + p * p)
        })
}
