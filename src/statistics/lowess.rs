//! Cleveland's lowess without robustness iterations: locally weighted straight lines.
//!
//! At xᵢ the window of ⌊n f⌋ nearest points (at least 2) sets the bandwidth h; weights are tricube, (1 − (d / h)³)³, 1 up to
//! 0.001 h and 0 beyond 0.999 h; the value is that of the weighted line, or the weighted mean where the x hardly spread
//! (their weighted standard deviation is at most 0.001 of the range). Fits are made at points at least `delta` apart
//! and joined by straight lines. Convention: R `lowess(iter = 0)`. Source: Cleveland 1979.
//!
//! Points are given as blocks of equal x with a number of points and a sum of y: the values are those of the single
//! points, since only points with weight 0 could be cut from a block by the edge of a window. Resampling counts are such
//! numbers, and a block with none must be left out.

use std::ops::Range;

use super::score_error::ScoreError;

/// Blocks in ascending order of x, all distinct.
#[derive(Clone, Copy)]
pub(super) struct Blocks<'a> {
    pub(super) x: &'a [f64],
    pub(super) counts: &'a [f64],
    pub(super) sums: &'a [f64],
}

/// The smooth at every x, in the order given. `span` is f (2/3 as a rule), `delta` is in units of x (R: 0.01 of the range).
pub fn lowess(x: &[f64], y: &[f64], span: f64, delta: f64) -> Result<Vec<f64>, ScoreError> {
    if x.is_empty() {
        return Err(ScoreError::NoPatients);
    }
    if x.len() != y.len() {
        return Err(ScoreError::LengthsDiffer {
            outcomes: y.len(),
            scores: x.len(),
        });
    }
    if let Some(row) = (0..x.len()).find(|i| !(x[*i].is_finite() && y[*i].is_finite())) {
        return Err(ScoreError::NotFinite { row });
    }
    if !(span > 0.0 && span <= 1.0) {
        return Err(ScoreError::BadOption {
            option: "the span".to_owned(),
            value: span,
            allowed: "above 0 and at most 1".to_owned(),
        });
    }
    if !(delta >= 0.0) {
        return Err(ScoreError::BadOption {
            option: "delta".to_owned(),
            value: delta,
            allowed: "at least 0".to_owned(),
        });
    }
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_unstable_by(|a, b| x[*a].total_cmp(&x[*b]).then(a.cmp(b)));
    let (mut values, mut counts, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for row in &order {
        if values.last() == Some(&x[*row]) {
            if let (Some(count), Some(sum)) = (counts.last_mut(), sums.last_mut()) {
                *count += 1.0;
                *sum += y[*row];
            }
        } else {
            values.push(x[*row]);
            counts.push(1.0);
            sums.push(y[*row]);
        }
    }
    let blocks = Blocks {
        x: &values,
        counts: &counts,
        sums: &sums,
    };
    let mut smooth = vec![f64::NAN; values.len()];
    lowess_at(&blocks, span, delta, &values, &mut smooth);
    Ok(x.iter()
        .map(|v| smooth[values.partition_point(|other| other < v)])
        .collect())
}

/// The smooth at the values `at` (ascending), NaN outside the range of x. Only the fits that these need are made.
pub(super) fn lowess_at(blocks: &Blocks, span: f64, delta: f64, at: &[f64], smooth: &mut [f64]) {
    smooth.fill(f64::NAN);
    let x = blocks.x;
    let Some(last) = x.len().checked_sub(1) else {
        return;
    };
    let points = blocks.counts.iter().fold(0.0, |total, c| total + c);
    let size = (span * points + 1e-7).floor().max(2.0).min(points);
    let mut window = Window::new(*blocks, size);
    let mut next = at.partition_point(|v| *v < x[0]);
    let (mut knot, mut before, mut before_value) = (0, 0, f64::NAN);
    while next < at.len() {
        // The knot after this one: the last block within delta, or the very next.
        let reach = x[knot] + delta;
        let within = x[knot + 1..].iter().take_while(|v| **v <= reach).count();
        let following = (knot + within.max(1)).min(last);
        let mut value = f64::NAN;
        if at[next] <= x[knot] || at[next] < x[following] {
            window.move_to(x[knot]);
            value = window.fit(knot, x[last] - x[0]);
        }
        while next < at.len() && at[next] <= x[knot] {
            smooth[next] = if at[next] == x[knot] {
                value
            } else {
                let share = (at[next] - x[before]) / (x[knot] - x[before]);
                share * value + (1.0 - share) * before_value
            };
            next += 1;
        }
        if knot == last {
            return;
        }
        (knot, before, before_value) = (following, knot, value);
    }
}

/// A window of a fixed number of points that slides to the right until no point further right is nearer than its left end.
struct Window<'a> {
    blocks: Blocks<'a>,
    /// The block of the first point, and how many of its points are inside.
    left: usize,
    left_inside: f64,
    /// The block of the next point to come in (one past the last if none is left), and how many of its points wait.
    right: usize,
    right_waiting: f64,
}

impl<'a> Window<'a> {
    fn new(blocks: Blocks<'a>, size: f64) -> Self {
        let mut window = Self {
            blocks,
            left: 0,
            left_inside: blocks.counts[0].min(size),
            right: 0,
            right_waiting: blocks.counts[0],
        };
        let mut room = size;
        while window.right < blocks.x.len() && room >= window.right_waiting {
            room -= window.right_waiting;
            window.right += 1;
            window.right_waiting = blocks.counts.get(window.right).copied().unwrap_or(0.0);
        }
        window.right_waiting -= room;
        window
    }

    fn move_to(&mut self, at: f64) {
        let Blocks { x, counts, .. } = self.blocks;
        while self.right < x.len() && at - x[self.left] > x[self.right] - at {
            let moved = self.left_inside.min(self.right_waiting);
            self.left_inside -= moved;
            if self.left_inside == 0.0 {
                self.left += 1;
                self.left_inside = counts[self.left];
            }
            self.right_waiting -= moved;
            if self.right_waiting == 0.0 {
                self.right += 1;
                self.right_waiting = counts.get(self.right).copied().unwrap_or(0.0);
            }
        }
    }

    /// The weighted line at the block `knot`.
    fn fit(&self, knot: usize, range: f64) -> f64 {
        let Blocks { x, counts, .. } = self.blocks;
        let at = x[knot];
        // The block of the last point inside.
        let whole = self.right == x.len() || self.right_waiting == counts[self.right];
        let right = if whole { self.right - 1 } else { self.right };
        let bandwidth = f64::max(at - x[self.left], x[right] - at);
        let (near, far) = (0.001 * bandwidth, 0.999 * bandwidth);
        let mut start = self.left;
        while at - x[start] > far {
            start += 1;
        }
        let mut end = right + 1;
        while end < x.len() && x[end] - at <= far {
            end += 1;
        }
        while x[end - 1] - at > far {
            end -= 1;
        }
        let (mut near_start, mut near_end) = (knot, knot + 1);
        while near_start > start && at - x[near_start - 1] <= near {
            near_start -= 1;
        }
        while near_end < end && x[near_end] - at <= near {
            near_end += 1;
        }
        let mut moments = Moments::default();
        moments.add_near(self.blocks, near_start..near_end, at);
        if bandwidth > 0.0 {
            moments.add(self.blocks, start..near_start, at, -1.0 / bandwidth);
            moments.add(self.blocks, near_end..end, at, 1.0 / bandwidth);
        }
        let [weight, first, second, height, slope] = moments.0.map(|lanes| lanes[0] + lanes[1]);
        let (centre, level) = (first / weight, height / weight);
        let spread = second / weight - centre * centre;
        if spread > 0.0 && spread.sqrt() > 0.001 * range {
            level - centre * (slope / weight - centre * level) / spread
        } else {
            level
        }
    }
}

/// Σ w, Σ w d, Σ w d², Σ w y, Σ w d y with d = x − at, each in two interleaved parts, which processors can add side by side;
/// the order of additions is fixed.
#[derive(Default)]
struct Moments([[f64; LANES]; 5]);

const LANES: usize = 2;

impl Moments {
    /// Points of full weight.
    fn add_near(&mut self, blocks: Blocks, range: Range<usize>, at: f64) {
        for i in range {
            let (d, points, heights) = (blocks.x[i] - at, blocks.counts[i], blocks.sums[i]);
            let terms = [points, points * d, points * d * d, heights, heights * d];
            for (sum, term) in self.0.iter_mut().zip(terms) {
                sum[0] += term;
            }
        }
    }

    /// Points with tricube weights; `inverse` is 1 / bandwidth with the sign of their side.
    fn add(&mut self, blocks: Blocks, range: Range<usize>, at: f64, inverse: f64) {
        let (x, last_x) = blocks.x[range.clone()].as_chunks::<LANES>();
        let (counts, last_counts) = blocks.counts[range.clone()].as_chunks::<LANES>();
        let (sums, last_sums) = blocks.sums[range].as_chunks::<LANES>();
        let [mut m0, mut m1, mut m2, mut m3, mut m4] = self.0;
        let mut add = |x: &[f64; LANES], counts: &[f64; LANES], sums: &[f64; LANES]| {
            let d = x.map(|x| x - at);
            let w = d.map(|d| {
                let u = d * inverse;
                let t = 1.0 - u * u * u;
                t * t * t
            });
            let points = times(&w, counts);
            let heights = times(&w, sums);
            let first = times(&points, &d);
            m0 = plus(&m0, &points);
            m1 = plus(&m1, &first);
            m2 = plus(&m2, &times(&first, &d));
            m3 = plus(&m3, &heights);
            m4 = plus(&m4, &times(&heights, &d));
        };
        for ((x, counts), sums) in x.iter().zip(counts).zip(sums) {
            add(x, counts, sums);
        }
        if let ([x], [count], [sum]) = (last_x, last_counts, last_sums) {
            add(&[*x, at], &[*count, 0.0], &[*sum, 0.0]);
        }
        self.0 = [m0, m1, m2, m3, m4];
    }
}

fn plus(a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    [a[0] + b[0], a[1] + b[1]]
}

fn times(a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    [a[0] * b[0], a[1] * b[1]]
}
