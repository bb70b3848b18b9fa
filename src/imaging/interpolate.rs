//! Interpolation on a grid that is parallel to the image's: nearest neighbour, linear, or cubic B-spline.
//!
//! Places are continuous indices of the image, one list an axis. Linear: a + (b − a) t along x, then y, then z; beyond
//! the first and last voxel the nearest value. B-spline of order 3: coefficients by the recursive prefilter with pole
//! √3 − 2 and mirror boundaries over the whole image, then four weights an axis. Only the part of the image that the
//! places need is read: 32 voxels on either side for the prefilter, where the pole's power is 5e-19.
//!
//! Source: Unser 1999, "Splines: a perfect fit for signal and image processing"; Thévenaz, Blu & Unser 2000 (mirror
//! boundaries); ITK `BSplineInterpolateImageFunction`, `LinearInterpolateImageFunction`.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::rows::rows_along;
use super::volume::Volume;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// The nearest voxel, a half rounded up.
    Nearest,
    Linear,
    /// Cubic B-spline.
    Bspline,
}

/// Voxels on either side of a place that its coefficient depends on: |√3 − 2|^32 = 5e-19.
const REACH: usize = 32;
/// √3 − 2.
const POLE: f64 = -0.267_949_192_431_122_7;

/// The values at every combination of the places, x fastest. `map` is applied to the voxels before they are
/// interpolated. Places outside the image take the value at its edge.
pub(super) fn interpolate(
    image: &Volume,
    axes: &[Vec<f64>; 3],
    interpolation: Interpolation,
    map: impl Fn(f64) -> f64 + Sync,
) -> Vec<f64> {
    let size = image.geometry.size;
    if axes.iter().any(|axis| axis.is_empty()) || size.contains(&0) {
        return Vec::new();
    }
    let plans: [Plan; 3] =
        std::array::from_fn(|axis| Plan::new(&axes[axis], size[axis], interpolation));
    let needed: [Vec<usize>; 3] =
        std::array::from_fn(|axis| (plans[axis].first..plans[axis].end).collect());
    let mut values = image
        .voxels
        .gather(size, [&needed[0], &needed[1], &needed[2]]);
    values
        .par_iter_mut()
        .with_min_len(1 << 14)
        .for_each(|value| *value = map(*value));
    let mut shape: [usize; 3] = std::array::from_fn(|axis| needed[axis].len());
    // ITK's order, x first, decides the last bit of a linear value, which decides how an integer is cut.
    let mut order = [0, 1, 2];
    if interpolation == Interpolation::Bspline {
        // The axis that shrinks the data most comes first.
        let growth = |axis: usize| plans[axis].taps.len() as f64 / shape[axis] as f64;
        let growth = [growth(0), growth(1), growth(2)];
        order.sort_by(|a, b| growth[*a].total_cmp(&growth[*b]).then(a.cmp(b)));
    }
    for axis in order {
        let plan = &plans[axis];
        if interpolation == Interpolation::Bspline {
            prefilter(&mut values, shape, axis, plan);
        }
        values = along(&values, shape, axis, plan);
        shape[axis] = plan.taps.len();
    }
    values
}

/// Which voxels of an axis are needed, and how they combine.
struct Plan {
    /// The part of the axis that is read.
    first: usize,
    end: usize,
    /// Whether that part ends where the image does, so that the mirror stands there.
    mirrored: [bool; 2],
    taps: Vec<Taps>,
}

/// Up to four places, counted from the first that is read, and their weights.
enum Taps {
    One(usize),
    Two([usize; 2], f64),
    Four([usize; 4], [f64; 4]),
}

impl Taps {
    fn apply(&self, line: &[f64]) -> f64 {
        match self {
            Taps::One(index) => line[*index],
            Taps::Two([low, high], part) => line[*low] + (line[*high] - line[*low]) * part,
            Taps::Four([i, j, k, l], [p, q, r, s]) => {
                (p * line[*i] + q * line[*j]) + (r * line[*k] + s * line[*l])
            }
        }
    }

    /// The same for rows of lines that lie side by side.
    fn combine<'a>(&self, target: &mut [f64], row: impl Fn(usize) -> &'a [f64]) {
        match self {
            Taps::One(index) => target.copy_from_slice(row(*index)),
            Taps::Two([low, high], part) => {
                for ((value, a), b) in target.iter_mut().zip(row(*low)).zip(row(*high)) {
                    *value = a + (b - a) * part;
                }
            }
            Taps::Four([i, j, k, l], [p, q, r, s]) => {
                let pairs = row(*i).iter().zip(row(*j)).zip(row(*k).iter().zip(row(*l)));
                for (value, ((a, b), (c, d))) in target.iter_mut().zip(pairs) {
                    *value = (p * a + q * b) + (r * c + s * d);
                }
            }
        }
    }
}

impl Plan {
    fn new(places: &[f64], size: usize, interpolation: Interpolation) -> Plan {
        let last = size - 1;
        let clamped = |place: f64| place.clamp(0.0, last as f64);
        let low = places.iter().copied().fold(f64::INFINITY, f64::min);
        let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let margin = match interpolation {
            Interpolation::Nearest | Interpolation::Linear => 1,
            Interpolation::Bspline => REACH + 2,
        };
        let first = (clamped(low.floor()) as usize).saturating_sub(margin);
        let end = (clamped(high.ceil()) as usize)
            .saturating_add(margin + 1)
            .min(size);
        let taps = places
            .iter()
            .map(|place| match interpolation {
                Interpolation::Nearest => {
                    Taps::One(clamped((place + 0.5).floor()) as usize - first)
                }
                Interpolation::Linear => {
                    let base = clamped(place.floor()) as usize;
                    let part = place - base as f64;
                    if part <= 0.0 || base == last {
                        Taps::One(base - first)
                    } else {
                        Taps::Two([base - first, base + 1 - first], part)
                    }
                }
                // Half a voxel beyond the edge the spline goes on in the mirror; farther out its value stays.
                Interpolation::Bspline if size == 1 => Taps::One(0),
                Interpolation::Bspline => {
                    let place = place.clamp(-0.5, last as f64 + 0.5);
                    let base = place.floor();
                    let indices = std::array::from_fn(|tap| {
                        let index = base as i64 - 1 + tap as i64;
                        mirror(index, size) - first
                    });
                    Taps::Four(indices, cubic_weights(place - base))
                }
            })
            .collect();
        Plan {
            first,
            end,
            mirrored: [first == 0, end == size],
            taps,
        }
    }
}

/// The index within 0..size that a mirror at the first and last voxel shows. At most one reflection is needed beyond
/// either end, unless the axis is very short.
fn mirror(index: i64, size: usize) -> usize {
    let last = size as i64 - 1;
    if last <= 0 {
        return 0;
    }
    let period = 2 * last;
    let folded = index.rem_euclid(period);
    folded.min(period - folded) as usize
}

/// Weights of the voxels −1, 0, 1 and 2 for a place `t` past voxel 0.
fn cubic_weights(t: f64) -> [f64; 4] {
    let last = t * t * t / 6.0;
    let first = 1.0 / 6.0 + 0.5 * t * (t - 1.0) - last;
    let third = t + first - 2.0 * last;
    [first, 1.0 - first - third - last, third, last]
}

/// Turns values into B-spline coefficients along one axis.
fn prefilter(values: &mut [f64], shape: [usize; 3], axis: usize, plan: &Plan) {
    if shape[axis] < 2 {
        return;
    }
    let mirrored = plan.mirrored[1];
    if axis == 0 {
        values
            .par_chunks_exact_mut(shape[0])
            .with_min_len(64)
            .for_each(|line| prefilter_line(line, mirrored));
    } else {
        rows_along(values, shape, axis)
            .into_par_iter()
            .for_each(|mut rows| prefilter_rows(&mut rows, mirrored));
    }
}

const GAIN: f64 = (1.0 - POLE) * (1.0 - 1.0 / POLE);
/// Weight of the last coefficient at a mirror.
const LAST: f64 = POLE / (POLE * POLE - 1.0);
/// Voxels after which the pole's power is below 1e-34.
const HORIZON: usize = 60;

/// Weights of the voxels in the first causal coefficient: Σ z^k s[k] over the mirrored signal, whose period is 2n − 2.
/// A long line is cut where the power vanishes; `mirrored` says that the line ends where the image does.
fn first_weights(count: usize, mirrored: bool) -> Vec<f64> {
    let length = count.min(HORIZON);
    let mut weights = Vec::with_capacity(length);
    let mut power = 1.0;
    for _ in 0..length {
        weights.push(power);
        power *= POLE;
    }
    if length == count && mirrored {
        for k in (1..count - 1).rev() {
            weights[k] += power;
            power *= POLE;
        }
        for weight in &mut weights {
            *weight /= 1.0 - power;
        }
    }
    weights
}

fn prefilter_line(line: &mut [f64], mirrored: bool) {
    let count = line.len();
    let mut first = 0.0;
    for (weight, value) in first_weights(count, mirrored).iter().zip(line.iter()) {
        first += weight * value;
    }
    let mut previous = GAIN * first;
    line[0] = previous;
    for value in &mut line[1..] {
        previous = GAIN * *value + POLE * previous;
        *value = previous;
    }
    let mut next = LAST * (POLE * line[count - 2] + line[count - 1]);
    line[count - 1] = next;
    for value in line[..count - 1].iter_mut().rev() {
        next = POLE * (next - *value);
        *value = next;
    }
}

/// The same for rows of lines that lie side by side.
fn prefilter_rows(rows: &mut [&mut [f64]], mirrored: bool) {
    let count = rows.len();
    let mut first = vec![0.0; rows[0].len()];
    for (weight, row) in first_weights(count, mirrored).iter().zip(rows.iter()) {
        for (sum, value) in first.iter_mut().zip(row.iter()) {
            *sum += weight * value;
        }
    }
    for (target, value) in rows[0].iter_mut().zip(&first) {
        *target = GAIN * value;
    }
    for k in 1..count {
        let (before, here) = rows.split_at_mut(k);
        for (value, previous) in here[0].iter_mut().zip(before[k - 1].iter()) {
            *value = GAIN * *value + POLE * previous;
        }
    }
    let (before, here) = rows.split_at_mut(count - 1);
    for (value, previous) in here[0].iter_mut().zip(before[count - 2].iter()) {
        *value = LAST * (POLE * previous + *value);
    }
    for k in (0..count - 1).rev() {
        let (here, after) = rows.split_at_mut(k + 1);
        for (value, next) in here[k].iter_mut().zip(after[0].iter()) {
            *value = POLE * (next - *value);
        }
    }
}

/// Combines values along one axis.
fn along(values: &[f64], shape: [usize; 3], axis: usize, plan: &Plan) -> Vec<f64> {
    let mut target_shape = shape;
    target_shape[axis] = plan.taps.len();
    let [nx, ny, nz] = target_shape;
    let plane = shape[0] * shape[1];
    let mut result = vec![0.0; nx * ny * nz];
    result
        .par_chunks_exact_mut(nx * ny)
        .enumerate()
        .for_each(|(z, target)| match axis {
            0 => {
                let source = &values[z * plane..][..plane];
                for (row, line) in target
                    .chunks_exact_mut(nx)
                    .zip(source.chunks_exact(shape[0]))
                {
                    for (value, taps) in row.iter_mut().zip(&plan.taps) {
                        *value = taps.apply(line);
                    }
                }
            }
            1 => {
                let source = &values[z * plane..][..plane];
                for (row, taps) in target.chunks_exact_mut(nx).zip(&plan.taps) {
                    taps.combine(row, |index| &source[index * nx..][..nx]);
                }
            }
            _ => plan.taps[z].combine(target, |index| &values[index * plane..][..plane]),
        });
    result
}
