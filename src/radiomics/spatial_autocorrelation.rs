//! Moran's I and Geary's C: whether voxels near each other have like intensities. Every pair of voxels counts, with the
//! weight w = 1 / distance.
//!
//! I = n / W Σ w (x_i − μ)(x_j − μ) / Σ (x_i − μ)²; C = (n − 1) / 2W Σ w (x_i − x_j)² / Σ (x_i − μ)²; sums over i ≠ j,
//! W = Σ w. Few voxels: pair by pair. Many: the sums are products of the weights with correlations over displacements,
//! Σ_d w(d) Σ_i u_i v_{i + d}, which Parseval's theorem gives from three Fourier transforms over a box of at least twice the
//! region's size (so that nothing wraps round): all pairs, to rounding. A region of one intensity, or of one voxel, has
//! neither: NaN. Units: distances in mm.
//! Source: IBSI 3.1.16 (N365) and 3.1.17 (NPT7); Moran 1950, Geary 1954.

use std::f64::consts::PI;

use crate::numerics::{cosine, sine, sum};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SpatialAutocorrelation {
    pub(super) moran_i: f64,
    pub(super) geary_c: f64,
}

/// Voxels by index in the box and their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Voxels {
    pub(super) places: Vec<[usize; 3]>,
    pub(super) values: Vec<f64>,
}

/// Σ w over all pairs of different voxels, Σ w x_i x_j and Σ w x_i².
#[derive(Clone, Copy, Debug)]
struct Sums {
    weights: f64,
    products: f64,
    squares: f64,
}

/// Up to here pairs are faster than transforms.
const FEW: usize = 1500;

pub(super) fn spatial_autocorrelation(
    voxels: &Voxels,
    spacing: [f64; 3],
) -> SpatialAutocorrelation {
    autocorrelation(voxels, spacing, voxels.values.len() <= FEW)
}

fn autocorrelation(voxels: &Voxels, spacing: [f64; 3], by_pair: bool) -> SpatialAutocorrelation {
    let n = voxels.values.len() as f64;
    let mean = sum(&voxels.values) / n;
    let squares: Vec<f64> = voxels
        .values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .collect();
    let variance = sum(&squares) / n;
    if !(variance > 0.0) {
        return SpatialAutocorrelation {
            moran_i: f64::NAN,
            geary_c: f64::NAN,
        };
    }
    let deviation = variance.sqrt();
    let scaled: Vec<f64> = voxels
        .values
        .iter()
        .map(|value| (value - mean) / deviation)
        .collect();
    let sums = if by_pair {
        sums_by_pair(&voxels.places, &scaled, spacing)
    } else {
        sums_by_transform(&voxels.places, &scaled, spacing)
    };
    // Σ (x − μ)² is n after scaling; Σ w (x_i − x_j)² = 2 Σ w x_i² − 2 Σ w x_i x_j.
    SpatialAutocorrelation {
        moran_i: sums.products / sums.weights,
        geary_c: (n - 1.0) / n * (sums.squares - sums.products) / sums.weights,
    }
}

fn sums_by_pair(places: &[[usize; 3]], values: &[f64], spacing: [f64; 3]) -> Sums {
    let points: Vec<[f64; 3]> = places
        .iter()
        .map(|place| [0, 1, 2].map(|axis| place[axis] as f64 * spacing[axis]))
        .collect();
    let mut sums = Sums {
        weights: 0.0,
        products: 0.0,
        squares: 0.0,
    };
    for (i, a) in points.iter().enumerate() {
        for (j, b) in points[..i].iter().enumerate() {
            let [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
            let weight = 1.0 / (x * x + y * y + z * z).sqrt();
            sums.weights += 2.0 * weight;
            sums.products += 2.0 * weight * values[i] * values[j];
            sums.squares += weight * (values[i] * values[i] + values[j] * values[j]);
        }
    }
    sums
}

fn sums_by_transform(places: &[[usize; 3]], values: &[f64], spacing: [f64; 3]) -> Sums {
    let ends = |axis: usize| {
        places
            .iter()
            .fold((usize::MAX, 0), |(low, high): (usize, usize), place| {
                (low.min(place[axis]), high.max(place[axis]))
            })
    };
    let ends = [ends(0), ends(1), ends(2)];
    let size = ends.map(|(low, high)| (2 * (high - low) + 1).next_power_of_two());
    let total: usize = size.iter().product();
    // Two real arrays in one transform: values and region; squares and weights.
    let mut first = Grid::new(size);
    let mut second = Grid::new(size);
    for (place, value) in places.iter().zip(values) {
        let [x, y, z] = [0, 1, 2].map(|axis| place[axis] - ends[axis].0);
        let index = x + size[0] * (y + size[1] * z);
        first.real[index] = *value;
        first.imaginary[index] = 1.0;
        second.real[index] = value * value;
    }
    let squared = [0, 1, 2].map(|axis| -> Vec<f64> {
        (0..size[axis])
            .map(|index| {
                let steps = index.min(size[axis] - index) as f64 * spacing[axis];
                steps * steps
            })
            .collect()
    });
    let mut index = 0;
    for z in &squared[2] {
        for y in &squared[1] {
            for x in &squared[0] {
                if index > 0 {
                    second.imaginary[index] = 1.0 / (x + y + z).sqrt();
                }
                index += 1;
            }
        }
    }
    first.transform();
    second.transform();
    let mut rows = [Vec::new(), Vec::new(), Vec::new()];
    for z in 0..size[2] {
        for y in 0..size[1] {
            let row = size[0] * (y + size[1] * z);
            let mirrored =
                size[0] * ((size[1] - y) % size[1] + size[1] * ((size[2] - z) % size[2]));
            let mut sums = [0.0; 3];
            for x in 0..size[0] {
                let (k, l) = (row + x, mirrored + (size[0] - x) % size[0]);
                let (value, region) = first.halves(k, l);
                let (square, weight) = second.halves(k, l);
                sums[0] += weight.0 * (region.0 * region.0 + region.1 * region.1);
                sums[1] += weight.0 * (value.0 * value.0 + value.1 * value.1);
                sums[2] += weight.0 * (square.0 * region.0 + square.1 * region.1);
            }
            for (rows, sum) in rows.iter_mut().zip(sums) {
                rows.push(sum);
            }
        }
    }
    let [weights, products, squares] = rows.map(|row| sum(&row) / total as f64);
    Sums {
        weights,
        products,
        squares,
    }
}

/// Complex numbers on a grid whose sizes are powers of two; x fastest.
struct Grid {
    size: [usize; 3],
    real: Vec<f64>,
    imaginary: Vec<f64>,
}

/// How many lines are transformed side by side.
const LINES: usize = 16;

impl Grid {
    fn new(size: [usize; 3]) -> Grid {
        let total = size.iter().product();
        Grid {
            size,
            real: vec![0.0; total],
            imaginary: vec![0.0; total],
        }
    }

    /// The transforms of the real and the imaginary part at index `k`, of which `l` is the negative.
    fn halves(&self, k: usize, l: usize) -> ((f64, f64), (f64, f64)) {
        let (a, b) = (self.real[k], self.imaginary[k]);
        let (c, d) = (self.real[l], self.imaginary[l]);
        (
            (0.5 * (a + c), 0.5 * (b - d)),
            (0.5 * (b + d), 0.5 * (c - a)),
        )
    }

    /// Discrete Fourier transform in place, without a factor.
    fn transform(&mut self) {
        let [nx, ny, nz] = self.size;
        for (length, stride, starts) in [
            (nx, 1, lines_along_x(nx, ny * nz)),
            (ny, nx, lines_across(nx, ny, nz)),
            (nz, nx * ny, (0..nx * ny).collect()),
        ] {
            let plan = Plan::new(length);
            let mut lines = [vec![0.0; length * LINES], vec![0.0; length * LINES]];
            for starts in starts.chunks(LINES) {
                let mut empty = true;
                for (part, lines) in [&self.real, &self.imaginary].into_iter().zip(&mut lines) {
                    for (step, place) in plan.order.iter().enumerate() {
                        for (line, start) in starts.iter().enumerate() {
                            let value = part[start + place * stride];
                            empty &= value == 0.0;
                            lines[step * LINES + line] = value;
                        }
                    }
                }
                if empty {
                    continue;
                }
                let [real, imaginary] = &mut lines;
                plan.transform(real, imaginary);
                for (part, lines) in [&mut self.real, &mut self.imaginary]
                    .into_iter()
                    .zip(&lines)
                {
                    for step in 0..length {
                        for (line, start) in starts.iter().enumerate() {
                            part[start + step * stride] = lines[step * LINES + line];
                        }
                    }
                }
            }
        }
    }
}

fn lines_along_x(nx: usize, rows: usize) -> Vec<usize> {
    (0..rows).map(|row| row * nx).collect()
}

fn lines_across(nx: usize, ny: usize, nz: usize) -> Vec<usize> {
    (0..nx * nz)
        .map(|line| line % nx + line / nx * nx * ny)
        .collect()
}

/// Of one length, a power of two: Cooley & Tukey 1965.
struct Plan {
    /// Where the input of each place comes from: its index with the bits reversed.
    order: Vec<usize>,
    /// e^(−2πi k / length).
    cosines: Vec<f64>,
    sines: Vec<f64>,
}

impl Plan {
    fn new(length: usize) -> Plan {
        let bits = length.trailing_zeros();
        let order = (0..length)
            .map(|place| (0..bits).fold(0, |index, bit| index << 1 | (place >> bit & 1)))
            .collect();
        let angle = |k: usize| -2.0 * PI * k as f64 / length as f64;
        Plan {
            order,
            cosines: (0..length / 2).map(|k| cosine(angle(k))).collect(),
            sines: (0..length / 2).map(|k| sine(angle(k))).collect(),
        }
    }

    fn transform(&self, real: &mut [f64], imaginary: &mut [f64]) {
        let length = self.order.len();
        let mut half = 1;
        while half < length {
            for start in (0..length).step_by(2 * half) {
                for k in 0..half {
                    let turn = k * (length / (2 * half));
                    let (c, s) = (self.cosines[turn], self.sines[turn]);
                    let (upper, lower) = ((start + k) * LINES, (start + k + half) * LINES);
                    let (above, below) = real.split_at_mut(lower);
                    let (a, b) = (&mut above[upper..upper + LINES], &mut below[..LINES]);
                    let (above, below) = imaginary.split_at_mut(lower);
                    let (p, q) = (&mut above[upper..upper + LINES], &mut below[..LINES]);
                    for line in 0..LINES {
                        let x = b[line] * c - q[line] * s;
                        let y = b[line] * s + q[line] * c;
                        (a[line], b[line]) = (a[line] + x, a[line] - x);
                        (p[line], q[line]) = (p[line] + y, p[line] - y);
                    }
                }
            }
            half *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_give_the_sums_over_pairs() {
        let mut voxels = Voxels::default();
        for z in 0..5 {
            for y in 0..9 {
                for x in 0..12_usize {
                    if (x * 7 + y * 3 + z * 5) % 11 < 8 {
                        voxels.places.push([x + 3, y, z + 1]);
                        voxels
                            .values
                            .push(((x * x + 31 * y + z * y * 17) % 23) as f64 + 1000.0);
                    }
                }
            }
        }
        let spacing = [0.7, 1.1, 3.0];
        let pairs = autocorrelation(&voxels, spacing, true);
        let transforms = autocorrelation(&voxels, spacing, false);
        assert!(
            (pairs.moran_i - transforms.moran_i).abs() < 1e-13,
            "{pairs:?} {transforms:?}"
        );
        assert!((pairs.geary_c - transforms.geary_c).abs() < 1e-13);
    }

    #[test]
    fn one_intensity_has_no_autocorrelation() {
        let voxels = Voxels {
            places: vec![[0; 3], [1, 0, 0]],
            values: vec![4.0; 2],
        };
        assert!(spatial_autocorrelation(&voxels, [1.0; 3]).moran_i.is_nan());
    }
}
