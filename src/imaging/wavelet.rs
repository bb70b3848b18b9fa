//! Stationary (undecimated) wavelet transform of one level with the coiflet `coif1`, as PyRadiomics' wavelet images.
//!
//! Along each axis y[i] = Σ_k f[k] x[i + 3 − k], k = 0 … 5, with f the decomposition low- or high-pass filter and x
//! continued periodically; an axis of odd length first gets its first voxel once more at the end. `wavelet-LLH` is
//! low-pass along x and y, high-pass along z.
//!
//! Source: PyRadiomics 3.0.1, `getWaveletImage`; Daubechies 1992, "Ten lectures on wavelets" (coiflets). Only the box that
//! is asked for is computed, from the whole image.

use rayon::prelude::*;

use super::error::ImagingError;
use super::geometry::VoxelBox;
use super::normalize::IntensityScale;
use super::volume::Volume;

/// Decomposition low-pass of coif1: (√7 − 3, 1 − √7, 14 − 2√7, 14 + 2√7, 5 + √7, 1 − √7) ÷ 16√2.
const LOW: [f64; 6] = [
    -0.015_655_728_135_791_993,
    -0.072_732_619_512_526_45,
    0.384_864_846_864_857_8,
    0.852_572_020_211_600_4,
    0.337_897_662_457_481_8,
    -0.072_732_619_512_526_45,
];
/// Decomposition high-pass of coif1: f[k] = (−1)^(k+1) low[5 − k].
const HIGH: [f64; 6] = [-LOW[5], LOW[4], -LOW[3], LOW[2], -LOW[1], LOW[0]];

/// One of the eight images, in PyRadiomics' naming.
#[derive(Clone, Debug, PartialEq)]
pub struct Subband {
    /// Such as `LLH`: the filters along x, y and z.
    pub name: String,
    /// The voxels of the box, x fastest.
    pub values: Vec<f64>,
}

/// The eight images within a box, in PyRadiomics' order (LLH, LHL, LHH, HLL, HLH, HHL, HHH, LLL).
/// Errors: the box does not lie within the image.
pub fn wavelet(
    image: &Volume,
    scale: Option<&IntensityScale>,
    bounds: VoxelBox,
) -> Result<Vec<Subband>, ImagingError> {
    image.check()?;
    let size = image.geometry.size;
    if !bounds.fits(size) {
        return Err(ImagingError::BoxOutside {
            lower: bounds.lower,
            size: bounds.size,
            volume: size,
        });
    }
    // Three voxels after and two before every voxel of the box.
    let places: [Vec<usize>; 3] = std::array::from_fn(|axis| {
        let period = size[axis] + size[axis] % 2;
        (0..bounds.size[axis] + 5)
            .map(|place| {
                let wrapped = (bounds.lower[axis] + place + 2 * period - 2) % period;
                if wrapped == size[axis] { 0 } else { wrapped }
            })
            .collect()
    });
    let mut values = image
        .voxels
        .gather(size, [&places[0], &places[1], &places[2]]);
    if let Some(scale) = scale {
        values
            .par_iter_mut()
            .with_min_len(1 << 14)
            .for_each(|value| *value = scale.apply(*value));
    }
    let mut bands = vec![(String::new(), values)];
    let mut shape: [usize; 3] = std::array::from_fn(|axis| places[axis].len());
    // z first, as the transform of PyRadiomics does, so that the last bits agree; names are put together from the back.
    for axis in (0..3).rev() {
        bands = bands
            .into_iter()
            .flat_map(|(name, values)| {
                let [low, high] = split(&values, shape, axis);
                [(format!("L{name}"), low), (format!("H{name}"), high)]
            })
            .collect();
        shape[axis] -= 5;
    }
    let mut bands: Vec<Subband> = bands
        .into_iter()
        .map(|(name, values)| Subband { name, values })
        .collect();
    let order = ["LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL"];
    bands.sort_by_key(|band| order.iter().position(|name| *name == band.name));
    Ok(bands)
}

/// Both filters along one axis; the axis becomes five shorter.
fn split(values: &[f64], shape: [usize; 3], axis: usize) -> [Vec<f64>; 2] {
    let mut target_shape = shape;
    target_shape[axis] -= 5;
    let [nx, ny, nz] = target_shape;
    let mut low = vec![0.0; nx * ny * nz];
    let mut high = vec![0.0; nx * ny * nz];
    if low.is_empty() {
        return [low, high];
    }
    let plane = shape[0] * shape[1];
    // From a voxel to the next along the axis.
    let step = [1, shape[0], plane][axis];
    low.par_chunks_exact_mut(nx * ny)
        .zip(high.par_chunks_exact_mut(nx * ny))
        .enumerate()
        .for_each(|(z, (low, high))| {
            for (y, (low, high)) in low
                .chunks_exact_mut(nx)
                .zip(high.chunks_exact_mut(nx))
                .enumerate()
            {
                let start = z * plane + y * shape[0];
                // Tap k meets the voxel three after and k before.
                let taps: [&[f64]; 6] =
                    std::array::from_fn(|tap| &values[start + (5 - tap) * step..][..nx]);
                for x in 0..nx {
                    let (mut sum_low, mut sum_high) = (0.0, 0.0);
                    for tap in 0..6 {
                        sum_low += LOW[tap] * taps[tap][x];
                        sum_high += HIGH[tap] * taps[tap][x];
                    }
                    low[x] = sum_low;
                    high[x] = sum_high;
                }
            }
        });
    [low, high]
}
