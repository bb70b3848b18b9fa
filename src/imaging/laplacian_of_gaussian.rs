//! Laplacian of Gaussian, normalised across scale: σ² (∂²/∂x² + ∂²/∂y² + ∂²/∂z²) of the image smoothed with σ in mm.
//!
//! The Gaussian and its second derivative are Deriche's recursive filters of order 4, run forward and backward along each
//! axis, the first and last voxel continued. Lines are filtered in double precision and stored in single precision
//! between passes, as ITK does, because that is what published values were made with.
//!
//! Source: Deriche 1993, INRIA report 1893; Farnebäck & Westin 2006, J Math Imaging Vis 26:293 (boundaries, scaling);
//! ITK 5.4 `LaplacianRecursiveGaussianImageFilter`; PyRadiomics 3.0.1 `getLoGImage`, which needs ⌈σ/spacing⌉ + 1 voxels
//! along each axis; the recursion needs 4. Only the box that is asked for is computed; lines begin 18 σ before it (or at
//! the image's edge), where the response has fallen below 2e-11 of an edge there.

use rayon::prelude::*;

use super::error::ImagingError;
use super::geometry::VoxelBox;
use super::normalize::IntensityScale;
use super::rows::rows_along;
use super::volume::{Volume, places};
use crate::numerics::{cosine, exp, sine};

/// σ's that a line begins before the box.
const REACH: f64 = 18.0;

/// The filtered voxels of a box, x fastest, with the precision of single-precision numbers.
/// Errors: σ not above 0; too few voxels along an axis; the box does not lie within the image.
pub fn laplacian_of_gaussian(
    image: &Volume,
    scale: Option<&IntensityScale>,
    sigma_mm: f64,
    bounds: VoxelBox,
) -> Result<Vec<f64>, ImagingError> {
    image.check()?;
    if !(sigma_mm > 0.0 && sigma_mm.is_finite()) {
        return Err(ImagingError::BadSetting {
            setting: "sigma".to_owned(),
            value: sigma_mm,
            expected: "above 0 mm".to_owned(),
        });
    }
    let (size, spacing) = (image.geometry.size, image.geometry.spacing);
    if !bounds.fits(size) {
        return Err(ImagingError::BoxOutside {
            lower: bounds.lower,
            size: bounds.size,
            volume: size,
        });
    }
    for axis in 0..3 {
        let needed = ((sigma_mm / spacing[axis]).ceil() + 1.0).max(4.0);
        if (size[axis] as f64) < needed {
            return Err(ImagingError::TooFewVoxels {
                axis,
                voxels: size[axis],
                needed: needed as usize,
            });
        }
    }
    let margin = spacing.map(|spacing| (REACH * sigma_mm / spacing).ceil() as usize + 4);
    let window = bounds.padded(margin, size);
    let [x, y, z] = places(window);
    let values = image.voxels.gather(size, [&x, &y, &z]);
    let start: Vec<f64> = match scale {
        None => values,
        Some(scale) => values.into_iter().map(|value| scale.apply(value)).collect(),
    };
    let filters = spacing.map(|spacing| Recursive::pair(sigma_mm, spacing));
    let within = bounds.relative_to(&window);
    let mut total = vec![0.0_f32; bounds.voxels()];
    for derivative in 0..3 {
        // No later pass runs along an axis that is done, so only the box is kept of it.
        let mut shape = window.size;
        let kept = |axis: usize| (within.lower[axis], within.size[axis]);
        let mut values = along(
            &start,
            shape,
            derivative,
            &filters[derivative][1],
            kept(derivative),
        );
        shape[derivative] = within.size[derivative];
        for axis in (0..3).filter(|axis| *axis != derivative) {
            values = along(&values, shape, axis, &filters[axis][0], kept(axis));
            shape[axis] = within.size[axis];
        }
        let weight = 1.0 / (spacing[derivative] * spacing[derivative]);
        for (sum, value) in total.iter_mut().zip(&values) {
            *sum = (f64::from(*sum) + f64::from(*value) * weight) as f32;
        }
    }
    Ok(total.into_iter().map(f64::from).collect())
}

/// Coefficients of y[i] = Σ n_k x[i − k] − Σ d_k y[i − k] forward, Σ m_k x[i + k] − Σ d_k y[i + k] backward; the two add.
struct Recursive {
    forward: [f64; 4],
    backward: [f64; 4],
    recursion: [f64; 4],
    /// The response to a constant 1, where a line begins.
    settled: [f64; 2],
}

impl Recursive {
    /// Smoothing and second derivative (times σ², with σ in mm) for voxels of this spacing.
    fn pair(sigma_mm: f64, spacing: f64) -> [Recursive; 2] {
        let sigma = sigma_mm / spacing;
        // Deriche's fit: (a cos(ωx/σ) + b sin(ωx/σ)) e^(λx/σ), two terms; rows are the Gaussian and its second derivative.
        const TERMS: [[[f64; 2]; 2]; 2] = [
            [[1.3530, 1.8151], [-0.3531, 0.0902]],
            [[-1.3563, 5.2318], [0.3446, -2.2355]],
        ];
        let (s1, c1) = (sine(0.6681 / sigma), cosine(0.6681 / sigma));
        let (s2, c2) = (sine(2.0787 / sigma), cosine(2.0787 / sigma));
        let (e1, e2) = (exp(-1.3932 / sigma), exp(-1.3732 / sigma));
        let d = [
            -2.0 * (e2 * c2 + e1 * c1),
            4.0 * c2 * c1 * e1 * e2 + e1 * e1 + e2 * e2,
            -2.0 * c1 * e1 * e2 * e2 - 2.0 * c2 * e2 * e1 * e1,
            e1 * e1 * e2 * e2,
        ];
        let numerators = TERMS.map(|[[a1, b1], [a2, b2]]| {
            [
                a1 + a2,
                e2 * (b2 * s2 - (a2 + 2.0 * a1) * c2) + e1 * (b1 * s1 - (a1 + 2.0 * a2) * c1),
                2.0 * e1 * e2 * ((a1 + a2) * c2 * c1 - b1 * c2 * s1 - b2 * c1 * s2)
                    + a2 * e1 * e1
                    + a1 * e2 * e2,
                e2 * e1 * e1 * (b2 * s2 - a2 * c2) + e1 * e2 * e2 * (b1 * s1 - a1 * c1),
            ]
        });
        // Moments of order 0, 1 and 2 of numerator and denominator.
        let moments = |c: &[f64; 4], first: f64| {
            [
                c.iter().sum::<f64>(),
                first * c[0] + (first + 1.0) * c[1] + (first + 2.0) * c[2] + (first + 3.0) * c[3],
                first * first * c[0]
                    + (first + 1.0) * (first + 1.0) * c[1]
                    + (first + 2.0) * (first + 2.0) * c[2]
                    + (first + 3.0) * (first + 3.0) * c[3],
            ]
        };
        let [mut sd, dd, ed] = moments(&d, 1.0);
        sd += 1.0;
        let [gaussian, curvature] = numerators;
        let [s0, ..] = moments(&gaussian, 0.0);
        let [s2, ..] = moments(&curvature, 0.0);
        let smoothing = 2.0 * s0 / sd - gaussian[0];
        // The second derivative of a constant is 0 and that of x²/2 is 1.
        let beta = -(2.0 * s2 - sd * curvature[0]) / (2.0 * s0 - sd * gaussian[0]);
        let second: [f64; 4] = std::array::from_fn(|k| curvature[k] + beta * gaussian[k]);
        let [sn, dn, en] = moments(&second, 0.0);
        let response = (en * sd * sd - ed * sn * sd - 2.0 * dn * dd * sd + 2.0 * dd * dd * sn)
            / (sd * sd * sd);
        [
            Recursive::new(gaussian.map(|n| n / smoothing), d),
            Recursive::new(second.map(|n| n * (sigma_mm * sigma_mm / response)), d),
        ]
    }

    fn new(forward: [f64; 4], recursion: [f64; 4]) -> Recursive {
        let backward = std::array::from_fn(|k| {
            let next = if k < 3 { forward[k + 1] } else { 0.0 };
            next - recursion[k] * forward[0]
        });
        let whole = 1.0 + recursion.iter().sum::<f64>();
        Recursive {
            settled: [
                forward.iter().sum::<f64>() / whole,
                backward.iter().sum::<f64>() / whole,
            ],
            forward,
            backward,
            recursion,
        }
    }
}

/// Lines that are filtered side by side.
const LINES: usize = 16;

/// One filter along one axis; of each line the part from the first of `kept`, so long as the second, is stored.
fn along<T: Copy + Into<f64> + Sync>(
    values: &[T],
    shape: [usize; 3],
    axis: usize,
    filter: &Recursive,
    kept: (usize, usize),
) -> Vec<f32> {
    let (first, length) = kept;
    let count = shape[axis];
    let [nx, ny, _] = shape;
    let mut target_shape = shape;
    target_shape[axis] = length;
    let mut result = vec![0.0_f32; target_shape.iter().product()];
    if axis == 0 {
        let lines = result
            .par_chunks_mut(LINES * length)
            .zip(values.par_chunks(LINES * nx));
        lines.for_each(|(target, source)| {
            let mut buffers = Buffers::new(count);
            for (column, line) in source.chunks_exact(nx).enumerate() {
                for (row, value) in buffers.line.iter_mut().zip(line) {
                    row[column] = (*value).into();
                }
            }
            filter.run(&mut buffers);
            for (column, line) in target.chunks_exact_mut(length).enumerate() {
                for (value, row) in line.iter_mut().zip(&buffers.sum[first..]) {
                    *value = row[column] as f32;
                }
            }
        });
        return result;
    }
    // From a voxel to the next along the axis, and from a group of rows to the next.
    let (step, group_step) = if axis == 1 {
        (nx, nx * ny)
    } else {
        (nx * ny, nx)
    };
    let groups = rows_along(&mut result, target_shape, axis);
    groups
        .into_par_iter()
        .enumerate()
        .for_each(|(group, mut rows)| {
            let mut buffers = Buffers::new(count);
            for x in (0..nx).step_by(LINES) {
                let width = LINES.min(nx - x);
                for (k, row) in buffers.line.iter_mut().enumerate() {
                    let source = &values[group * group_step + k * step + x..][..width];
                    for (value, voxel) in row.iter_mut().zip(source) {
                        *value = (*voxel).into();
                    }
                }
                filter.run(&mut buffers);
                for (target, row) in rows.iter_mut().zip(&buffers.sum[first..]) {
                    for (voxel, value) in target[x..x + width].iter_mut().zip(row) {
                        *voxel = *value as f32;
                    }
                }
            }
        });
    result
}

/// Lines side by side and what the filter makes of them.
struct Buffers {
    line: Vec<[f64; LINES]>,
    sum: Vec<[f64; LINES]>,
}

impl Buffers {
    fn new(count: usize) -> Buffers {
        Buffers {
            line: vec![[0.0; LINES]; count],
            sum: vec![[0.0; LINES]; count],
        }
    }
}

/// Σ weights · inputs − Σ recursion · past, line by line.
fn step(
    inputs: [&[f64; LINES]; 4],
    past: &[[f64; LINES]; 4],
    weights: [f64; 4],
    recursion: [f64; 4],
) -> [f64; LINES] {
    let [n0, n1, n2, n3] = weights;
    let [d1, d2, d3, d4] = recursion;
    let mut next = [0.0; LINES];
    for (line, value) in next.iter_mut().enumerate() {
        let input = inputs[0][line] * n0
            + inputs[1][line] * n1
            + inputs[2][line] * n2
            + inputs[3][line] * n3;
        *value = input
            - (past[0][line] * d1 + past[1][line] * d2 + past[2][line] * d3 + past[3][line] * d4);
    }
    next
}

impl Recursive {
    /// Forward and backward along lines that lie side by side.
    fn run(&self, buffers: &mut Buffers) {
        let Buffers { line, sum } = buffers;
        let count = line.len();
        let mut past = [line[0].map(|value| value * self.settled[0]); 4];
        for i in 0..count {
            let at = |k: usize| &line[i.saturating_sub(k)];
            let next = step(
                [at(0), at(1), at(2), at(3)],
                &past,
                self.forward,
                self.recursion,
            );
            past = [next, past[0], past[1], past[2]];
            sum[i] = next;
        }
        let mut past = [line[count - 1].map(|value| value * self.settled[1]); 4];
        for i in (0..count).rev() {
            let at = |k: usize| &line[(i + k).min(count - 1)];
            let next = step(
                [at(1), at(2), at(3), at(4)],
                &past,
                self.backward,
                self.recursion,
            );
            past = [next, past[0], past[1], past[2]];
            for (total, value) in sum[i].iter_mut().zip(next) {
                *total += value;
            }
        }
    }
}
