//! Gaussian random fields on a box of voxels: white noise smoothed by a Gaussian kernel along each axis, brought back to
//! unit variance by the kernel's sum of squares. The correlation of two points at distance r is e^(−r² / 4σ²) for a kernel of
//! standard deviation σ.

use crate::numerics::{Random, exp, sum};

use super::noise::Noise;

/// A field of mean 0 and variance 1 over a box of this size; `sigma` of the kernel in voxels of each axis. The draws
/// reach beyond the box, so its edges are like its middle.
pub(super) fn field(
    size: [usize; 3],
    sigma: [f64; 3],
    noise: &Noise,
    random: &mut Random,
) -> Vec<f64> {
    let kernels = sigma.map(kernel);
    let padded: [usize; 3] = std::array::from_fn(|axis| size[axis] + kernels[axis].len() - 1);
    let count: usize = padded.iter().product();
    let mut values = Vec::with_capacity(count + 3);
    while values.len() < count {
        values.extend(noise.four(random));
    }
    values.truncate(count);
    let mut shape = padded;
    for (axis, kernel) in kernels.iter().enumerate() {
        let root = sum(&kernel.iter().map(|w| w * w).collect::<Vec<_>>()).sqrt();
        let unit: Vec<f64> = kernel.iter().map(|w| w / root).collect();
        (values, shape) = convolve(&values, shape, axis, &unit);
    }
    values
}

/// Weights that add up to 1, cut off at three standard deviations; a single 1 where nothing is to be smoothed.
pub(super) fn kernel(sigma: f64) -> Vec<f64> {
    let reach = if sigma < 0.2 {
        0
    } else {
        (3.0 * sigma).ceil() as i64
    };
    let weights: Vec<f64> = (-reach..=reach)
        .map(|offset| {
            let z = offset as f64 / sigma.max(0.2);
            exp(-0.5 * z * z)
        })
        .collect();
    let total = sum(&weights);
    weights.into_iter().map(|weight| weight / total).collect()
}

/// The valid part of a convolution along one axis: the axis becomes shorter by the kernel's length less 1.
pub(super) fn convolve(
    values: &[f64],
    shape: [usize; 3],
    axis: usize,
    kernel: &[f64],
) -> (Vec<f64>, [usize; 3]) {
    let mut result = shape;
    result[axis] = shape[axis] + 1 - kernel.len();
    let stride = [1, shape[0], shape[0] * shape[1]][axis];
    let mut convolved = Vec::with_capacity(result.iter().product());
    for z in 0..result[2] {
        for y in 0..result[1] {
            let row = shape[0] * (y + shape[1] * z);
            for x in 0..result[0] {
                let mut total = 0.0;
                for (step, weight) in kernel.iter().enumerate() {
                    total += weight * values[row + x + step * stride];
                }
                convolved.push(total);
            }
        }
    }
    (convolved, result)
}
