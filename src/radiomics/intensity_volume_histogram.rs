//! IBSI's intensity-volume histogram: which share of a region has at least which intensity, 7 features.
//!
//! Grid: levels i_k = i_0 + k step, k = 0 … n − 1. γ_k = k / (n − 1) is the intensity fraction of a level, ν_k the share
//! of voxels at it or above. V_x: the largest ν_k with γ_k ≥ x. I_x: the lowest i_k with ν_k ≤ x; the highest level if
//! there is none. AUC: area under ν over γ by trapezoids; IBSI has no consensus on it. One level: γ is 0, so that V_x is
//! 0 and the area is NaN.
//! Source: IBSI reference manual, "Intensity-volume histogram features".

use super::region::{Region, RegionError};

pub const NAMES: [&str; 7] = [
    "VolumeAtIntensityFraction10",
    "VolumeAtIntensityFraction90",
    "IntensityAtVolumeFraction10",
    "IntensityAtVolumeFraction90",
    "VolumeFractionDifference",
    "IntensityDifference",
    "AreaUnderCurve",
];

/// Values in the order of [`NAMES`].
pub type IntensityVolumeHistogram = [f64; NAMES.len()];

/// The grid of intensities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IntensityGrid {
    /// Whole numbers, as of CT: steps of 1 over the range of resegmentation, or from minimum to maximum.
    Definite { range: Option<(f64, f64)> },
    /// Continuous calibrated units, as of PET: centres of bins of this width, over the range of resegmentation, or from
    /// minimum to maximum.
    Width {
        width: f64,
        range: Option<(f64, f64)>,
    },
    /// Arbitrary units: so many bins of equal width from minimum to maximum, whose numbers are the intensities; IBSI: 1000.
    Count { count: usize },
}

/// The most levels of a grid.
const MOST: f64 = 1e7;

/// Features of a region's intensities. Errors: as of [`Region::check`]; a width or count that is none; too many levels;
/// an intensity below the range.
pub fn intensity_volume_histogram(
    region: &Region,
    grid: IntensityGrid,
) -> Result<IntensityVolumeHistogram, RegionError> {
    region.check()?;
    let extremes = region
        .values()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    // The edge of the first bin, the width of bins, the first level, its step, the number of levels.
    let (edge, width, first, step, count) = match grid {
        IntensityGrid::Definite { range } => {
            let (low, high) = range.unwrap_or(extremes);
            (low, 1.0, low, 1.0, (high - low).floor() + 1.0)
        }
        IntensityGrid::Width { width, range } => {
            if !(width > 0.0 && width.is_finite()) {
                return Err(RegionError::BadBins { value: width });
            }
            let (low, high) = range.unwrap_or(extremes);
            let count = ((high - low) / width).ceil().max(1.0);
            (low, width, low + 0.5 * width, width, count)
        }
        IntensityGrid::Count { count } => {
            let width = (extremes.1 - extremes.0) / count as f64;
            let width = if width > 0.0 { width } else { 1.0 };
            (extremes.0, width, 1.0, 1.0, count as f64)
        }
    };
    if !(count >= 1.0) {
        return Err(RegionError::BadBins { value: count });
    }
    if !(count <= MOST) {
        return Err(RegionError::TooManyLevels {
            levels: count,
            bin_width: width,
        });
    }
    if !(extremes.0 >= edge) {
        return Err(RegionError::BelowFirstBin {
            intensity: extremes.0,
            edge,
        });
    }
    let last = count as usize - 1;
    let mut at = vec![0_u64; last + 1];
    let mut voxels = 0;
    for value in region.values() {
        at[(((value - edge) / width) as usize).min(last)] += 1;
        voxels += 1;
    }
    let mut above = 0;
    let mut shares: Vec<f64> = at
        .iter()
        .rev()
        .map(|count| {
            above += count;
            above as f64 / voxels as f64
        })
        .collect();
    shares.reverse();
    let fraction = |level: usize| {
        if last == 0 {
            0.0
        } else {
            level as f64 / last as f64
        }
    };
    let volume = |x: f64| {
        (0..=last)
            .find(|level| fraction(*level) >= x)
            .map_or(0.0, |level| shares[level])
    };
    let intensity = |x: f64| {
        let level = shares.iter().position(|share| *share <= x).unwrap_or(last);
        first + level as f64 * step
    };
    let area = if last == 0 {
        f64::NAN
    } else {
        shares
            .windows(2)
            .fold(0.0, |area, pair| area + 0.5 * (pair[0] + pair[1]))
            / last as f64
    };
    let (v10, v90, i10, i90) = (volume(0.1), volume(0.9), intensity(0.1), intensity(0.9));
    Ok([v10, v90, i10, i90, v10 - v90, i10 - i90, area])
}
