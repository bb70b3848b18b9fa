//! Normalisation of intensities over all voxels of an image: x ↦ scale · (x − mean) / s, s with n − 1. Values more than
//! so many s from the mean are brought to that limit before the scale, if asked.
//!
//! Source: PyRadiomics 3.0.1, `normalize`, `normalizeScale`, `removeOutliers` (ITK's `NormalizeImageFilter`). Integer
//! images: mean and s from exact sums. Errors: NaN or infinite voxels, constant image, scale or limit not above 0.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::ImagingError;
use super::volume::Volume;
use super::voxels::{Number, Voxels};
use crate::numerics;

/// Voxels that one task sums: the sums are exact or added in the order of the tasks, so threads do not matter.
const TASK: usize = 1 << 16;

/// Mean and standard deviation (n − 1) of all voxels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    pub mean: f64,
    pub standard_deviation: f64,
}

/// What maps an intensity to its normalised value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntensityScale {
    pub mean: f64,
    pub standard_deviation: f64,
    pub scale: f64,
    /// The limit of outliers, in standard deviations.
    pub limit: Option<f64>,
}

impl IntensityScale {
    pub fn apply(&self, intensity: f64) -> f64 {
        let mut value = (intensity - self.mean) / self.standard_deviation;
        if let Some(limit) = self.limit {
            value = value.clamp(-limit, limit);
        }
        value * self.scale
    }
}

/// The normalisation of an image; outliers beyond `remove_outliers` standard deviations are brought to that limit.
pub fn normalization(
    image: &Volume,
    scale: f64,
    remove_outliers: Option<f64>,
) -> Result<IntensityScale, ImagingError> {
    for (setting, value) in [("scale", Some(scale)), ("remove_outliers", remove_outliers)] {
        if let Some(value) = value
            && !(value > 0.0 && value.is_finite())
        {
            return Err(ImagingError::BadSetting {
                setting: setting.to_owned(),
                value,
                expected: "above 0".to_owned(),
            });
        }
    }
    let moments = moments(image)?;
    if !(moments.standard_deviation > 0.0) {
        return Err(ImagingError::Constant {
            value: moments.mean,
        });
    }
    Ok(IntensityScale {
        mean: moments.mean,
        standard_deviation: moments.standard_deviation,
        scale,
        limit: remove_outliers,
    })
}

/// The whole image normalised, in double precision.
pub fn normalized(image: &Volume, scale: &IntensityScale) -> Result<Volume, ImagingError> {
    let mut values = image.voxels.to_f64();
    values.par_chunks_mut(TASK).for_each(|chunk| {
        for value in chunk {
            *value = scale.apply(*value);
        }
    });
    Volume::new(image.geometry.clone(), values)
}

/// Mean and standard deviation of all voxels. Errors: none, or NaN or infinite voxels. One voxel has a deviation of 0.
pub fn moments(image: &Volume) -> Result<Moments, ImagingError> {
    image.check()?;
    match &image.voxels {
        Voxels::Int8(values) => exact(values),
        Voxels::Uint8(values) => exact(values),
        Voxels::Int16(values) => exact(values),
        Voxels::Uint16(values) => exact(values),
        Voxels::Int32(values) => exact(values),
        Voxels::Uint32(values) => exact(values),
        Voxels::Int64(values) => rounded(values),
        Voxels::Uint64(values) => rounded(values),
        Voxels::Float32(values) => rounded(values),
        Voxels::Float64(values) => rounded(values),
    }
}

/// From Σx and Σx² as whole numbers.
fn exact<T: Copy + Into<i64> + Sync>(values: &[T]) -> Result<Moments, ImagingError> {
    let sums: Vec<(i128, i128)> = values
        .par_chunks(TASK)
        .map(|chunk| {
            // 2^16 values below 2^32: 64 bits hold their sum, and that of the squares of 16-bit values.
            let mut sum = 0_i64;
            let mut squares = 0_u128;
            for value in chunk {
                sum += (*value).into();
            }
            if size_of::<T>() <= 2 {
                let mut narrow = 0_u64;
                for value in chunk {
                    let size = (*value).into().unsigned_abs();
                    narrow += size * size;
                }
                squares += u128::from(narrow);
            } else {
                for value in chunk {
                    let size = u128::from((*value).into().unsigned_abs());
                    squares += size * size;
                }
            }
            (i128::from(sum), squares as i128)
        })
        .collect();
    let (sum, squares) = sums
        .iter()
        .fold((0, 0), |total, part| (total.0 + part.0, total.1 + part.1));
    if values.is_empty() {
        return Err(ImagingError::EmptyRegion);
    }
    let count = values.len() as i128;
    let mean = sum as f64 / count as f64;
    let spread = match (count.checked_mul(squares), sum.checked_mul(sum)) {
        (Some(first), Some(second)) => (first - second) as f64 / count as f64,
        _ => squares as f64 - sum as f64 * mean,
    };
    Ok(Moments {
        mean,
        standard_deviation: (spread / (count - 1).max(1) as f64).max(0.0).sqrt(),
    })
}

fn rounded<T: Number + Sync>(values: &[T]) -> Result<Moments, ImagingError> {
    if values.is_empty() {
        return Err(ImagingError::EmptyRegion);
    }
    let parts: Vec<(usize, f64)> = values
        .par_chunks(TASK)
        .map(|chunk| {
            let chunk: Vec<f64> = chunk.iter().map(|value| value.to_f64()).collect();
            let bad = chunk.iter().filter(|value| !value.is_finite()).count();
            (bad, numerics::sum(&chunk))
        })
        .collect();
    let bad = parts.iter().map(|(bad, _)| bad).sum::<usize>();
    if bad > 0 {
        return Err(ImagingError::NotFinite { voxels: bad });
    }
    let sums: Vec<f64> = parts.into_iter().map(|(_, sum)| sum).collect();
    let mean = numerics::sum(&sums) / values.len() as f64;
    let squares: Vec<f64> = values
        .par_chunks(TASK)
        .map(|chunk| {
            let squares: Vec<f64> = chunk
                .iter()
                .map(|value| (value.to_f64() - mean) * (value.to_f64() - mean))
                .collect();
            numerics::sum(&squares)
        })
        .collect();
    Ok(Moments {
        mean,
        standard_deviation: (numerics::sum(&squares) / (values.len() - 1).max(1) as f64).sqrt(),
    })
}
