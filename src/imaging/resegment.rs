//! Resegmentation: voxels whose intensity lies outside a range leave the region.
//!
//! Source: PyRadiomics 3.0.1, `resegmentRange` and `resegmentMode` (absolute, relative to the maximum, mean and standard
//! deviation with n), ends included; IBSI reference manual, section "Re-segmentation" (range, and μ ± 3σ). When IBSI's
//! range and σ are both asked for, call it twice, the range first.

use serde::{Deserialize, Serialize};

use super::error::ImagingError;
use super::mask::Mask;
use super::normalize::IntensityScale;
use super::region_of_interest::region_of_interest;
use super::volume::Volume;
use crate::numerics;

/// Which intensities stay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntensityRange {
    /// In the units of the image; without an upper end everything above the lower.
    Absolute { lower: f64, upper: Option<f64> },
    /// Parts of the region's maximum.
    RelativeToMaximum { lower: f64, upper: Option<f64> },
    /// mean + lower · s to mean + upper · s over the region, s with n.
    StandardDeviations { lower: f64, upper: Option<f64> },
}

/// A region after resegmentation, and the intensities at which it was cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Resegmented {
    pub mask: Mask,
    pub lower: f64,
    pub upper: Option<f64>,
    /// How many voxels left the region.
    pub removed: usize,
}

/// Errors: fewer than two voxels are left; an end of the range is not a number, or they are the wrong way round.
pub fn resegment(
    image: &Volume,
    mask: &Mask,
    scale: Option<&IntensityScale>,
    range: IntensityRange,
) -> Result<Resegmented, ImagingError> {
    let region = region_of_interest(image, mask, scale)?;
    let values = region.values();
    let (lower, upper, of) = match range {
        IntensityRange::Absolute { lower, upper } => (lower, upper, [0.0, 1.0]),
        IntensityRange::RelativeToMaximum { lower, upper } => {
            let maximum = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (lower, upper, [0.0, maximum])
        }
        IntensityRange::StandardDeviations { lower, upper } => {
            let mean = numerics::mean(&values);
            let deviation =
                (numerics::sum_of_squared_deviations(&values) / values.len() as f64).sqrt();
            (lower, upper, [mean, deviation])
        }
    };
    let wrong = |value: f64| ImagingError::BadSetting {
        setting: "resegment".to_owned(),
        value,
        expected: "a lower and a greater upper end".to_owned(),
    };
    if lower.is_nan() {
        return Err(wrong(lower));
    }
    if let Some(upper) = upper
        && !(upper > lower)
    {
        return Err(wrong(upper));
    }
    let lower = of[0] + of[1] * lower;
    let upper = upper.map(|upper| of[0] + of[1] * upper);
    let inside: Vec<bool> = region
        .inside
        .iter()
        .zip(&region.intensities)
        .map(|(inside, value)| {
            *inside && *value >= lower && upper.is_none_or(|upper| *value <= upper)
        })
        .collect();
    let left = inside.iter().filter(|inside| **inside).count();
    if left < 2 {
        return Err(ImagingError::RegionTooSmall {
            voxels: left,
            lower,
            upper,
        });
    }
    Ok(Resegmented {
        mask: Mask::from_box(mask.geometry.clone(), mask.bounds, &inside)?,
        lower,
        upper,
        removed: values.len() - left,
    })
}
