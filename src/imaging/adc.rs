//! Apparent diffusion coefficient, mono-exponential: S(b) = S₀ e^(−b · ADC), by least squares on ln S.
//!
//! ADC = −Σ (b − b̄)(ln S − mean ln S) ÷ Σ (b − b̄)²; with two b-values ln(S₁/S₂) ÷ (b₂ − b₁). b in s/mm²; the map is in
//! 10⁻⁶ mm²/s, the scale in which scanners store it (water at 37 °C: about 3000). A voxel with a signal that is not above
//! 0 at any b-value has no logarithm: its ADC is set to 0 and counted. Negative values, which noise makes, are kept and
//! counted.
//!
//! Source: Le Bihan et al., Radiology 1986;161:401; log-linear fit as in Burdette et al., J Comput Assist Tomogr
//! 1998;22:792.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::ImagingError;
use super::volume::Volume;
use crate::numerics;

/// The map and how far it is defined.
#[derive(Clone, Debug, PartialEq)]
pub struct AdcMap {
    /// 10⁻⁶ mm²/s, double precision.
    pub volume: Volume,
    pub counts: AdcCounts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdcCounts {
    pub voxels: usize,
    /// Voxels without a positive signal at every b-value, set to 0.
    pub undefined: usize,
    /// Voxels whose ADC is below 0.
    pub negative: usize,
}

/// The ADC of images at two or more b-values, in any order. Errors: fewer than two different b-values, a negative one,
/// images on different grids.
pub fn adc(images: &[(&Volume, f64)]) -> Result<AdcMap, ImagingError> {
    let b_values: Vec<f64> = images.iter().map(|(_, b)| *b).collect();
    if let Some(b_value) = b_values.iter().find(|b| !(**b >= 0.0 && b.is_finite())) {
        return Err(ImagingError::BadBValue { b_value: *b_value });
    }
    let centre = numerics::mean(&b_values);
    let offsets: Vec<f64> = b_values.iter().map(|b| b - centre).collect();
    let spread = numerics::dot(&offsets, &offsets);
    let mut distinct = b_values.clone();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let Some((first, _)) = images
        .first()
        .filter(|_| distinct.len() > 1 && spread > 0.0)
    else {
        return Err(ImagingError::TooFewBValues {
            distinct: distinct.len(),
        });
    };
    for (image, _) in images {
        image.check()?;
        let difference = first.geometry.difference(&image.geometry);
        if !difference.is_same_grid() {
            return Err(ImagingError::DifferentGrids(difference));
        }
    }
    let weights: Vec<f64> = offsets
        .iter()
        .map(|offset| -1e6 * offset / spread)
        .collect();
    let size = first.geometry.size;
    let plane = size[0] * size[1];
    let mut values = vec![0.0; plane * size[2]];
    if values.is_empty() {
        return Err(ImagingError::EmptyRegion);
    }
    let counts: Vec<(usize, usize)> = values
        .par_chunks_mut(plane)
        .enumerate()
        .map(|(z, map)| {
            let xs: Vec<usize> = (0..size[0]).collect();
            let ys: Vec<usize> = (0..size[1]).collect();
            let planes: Vec<Vec<f64>> = images
                .iter()
                .map(|(image, _)| image.voxels.gather(size, [&xs, &ys, &[z]]))
                .collect();
            let (mut undefined, mut negative) = (0, 0);
            for (voxel, value) in map.iter_mut().enumerate() {
                let mut slope = 0.0;
                for (plane, weight) in planes.iter().zip(&weights) {
                    let signal = plane[voxel];
                    let logarithm = if signal > 0.0 {
                        numerics::ln(signal)
                    } else {
                        f64::NAN
                    };
                    slope += weight * logarithm;
                }
                if slope.is_finite() {
                    *value = slope;
                    negative += usize::from(slope < 0.0);
                } else {
                    undefined += 1;
                }
            }
            (undefined, negative)
        })
        .collect();
    let (undefined, negative) = counts
        .iter()
        .fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    Ok(AdcMap {
        counts: AdcCounts {
            voxels: values.len(),
            undefined,
            negative,
        },
        volume: Volume::new(first.geometry.clone(), values)?,
    })
}
