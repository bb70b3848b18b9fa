//! Local regression of y on one x (loess), computed directly at each point.
//!
//! At x₀ the nearest q = ⌊n · span⌋ points (at least degree + 1) set the bandwidth h, the distance of the q-th; weights are
//! tricube, (1 − (d / h)³)³; a polynomial of the degree in (x − x₀) is fitted by weighted least squares and its constant is
//! the value. A fit that too few distinct x leave undetermined takes the shortest solution (singular values below 100 ε
//! of the largest are dropped). Where q points share x₀ the value is their mean.
//! Convention: R `loess(surface = "direct")`. R's default interpolates on a k-d tree and differs in the third digit.
//! O(n) for each distinct x₀. Source: Cleveland, Grosse & Shyu 1992.

use rayon::prelude::*;

use super::score_error::ScoreError;

/// The fitted value at every x, in the order given. `degree` is 0, 1 or 2.
pub fn loess(x: &[f64], y: &[f64], span: f64, degree: usize) -> Result<Vec<f64>, ScoreError> {
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
    if degree > 2 {
        return Err(ScoreError::BadOption {
            option: "the degree".to_owned(),
            value: degree as f64,
            allowed: "0, 1 or 2".to_owned(),
        });
    }
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_unstable_by(|a, b| x[*a].total_cmp(&x[*b]).then(a.cmp(b)));
    let sorted_x: Vec<f64> = order.iter().map(|row| x[*row]).collect();
    let sorted_y: Vec<f64> = order.iter().map(|row| y[*row]).collect();
    let nearest = ((x.len() as f64 * span + 1e-5).floor() as usize)
        .max(degree + 1)
        .min(x.len());
    let starts: Vec<usize> = (0..x.len())
        .filter(|i| *i == 0 || sorted_x[*i] != sorted_x[i - 1])
        .collect();
    let values: Vec<f64> = starts
        .par_iter()
        .map(|start| local_fit(&sorted_x, &sorted_y, sorted_x[*start], nearest, degree))
        .collect();
    let mut fitted = vec![0.0; x.len()];
    for (k, start) in starts.iter().enumerate() {
        let end = starts.get(k + 1).copied().unwrap_or(x.len());
        for row in &order[*start..end] {
            fitted[*row] = values[k];
        }
    }
    Ok(fitted)
}

fn local_fit(x: &[f64], y: &[f64], at: f64, nearest: usize, degree: usize) -> f64 {
    // The window of the nearest points starts where its left end is no further than what follows it.
    let start = partition(x.len() - nearest, |s| at - x[s] > x[s + nearest] - at);
    let bandwidth = f64::max(at - x[start], x[start + nearest - 1] - at);
    // Weighted rows (1, d, d²) and right side.
    let rows: Vec<([f64; 3], f64)> = (start..start + nearest)
        .filter_map(|i| {
            let d = x[i] - at;
            let u = if bandwidth > 0.0 {
                d.abs() / bandwidth
            } else {
                0.0
            };
            let t = 1.0 - u * u * u;
            let root = (t * t * t).sqrt();
            (root > 0.0).then(|| ([root, root * d, root * d * d], root * y[i]))
        })
        .collect();
    let (triangle, right) = triangularize(&rows, degree + 1);
    shortest_constant(&triangle, &right, degree + 1)
}

/// The first index in 0..`end` where `before` no longer holds.
fn partition(end: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// QR by modified Gram–Schmidt of the rows' first `width` columns: R, and Qᵀ of the right side.
fn triangularize(rows: &[([f64; 3], f64)], width: usize) -> ([[f64; 3]; 3], [f64; 3]) {
    let mut triangle = [[0.0; 3]; 3];
    let mut right = [0.0; 3];
    let mut columns: Vec<Vec<f64>> = (0..width)
        .map(|j| rows.iter().map(|row| row.0[j]).collect())
        .collect();
    let mut rest: Vec<f64> = rows.iter().map(|row| row.1).collect();
    for j in 0..width {
        let (done, open) = columns.split_at_mut(j);
        let column = &mut open[0];
        for _ in 0..2 {
            for (k, direction) in done.iter().enumerate() {
                let along = plain_dot(direction, column);
                triangle[k][j] += along;
                for (c, d) in column.iter_mut().zip(direction) {
                    *c -= along * d;
                }
            }
        }
        let length = plain_dot(column, column).sqrt();
        triangle[j][j] = length;
        if length > 0.0 {
            for c in column.iter_mut() {
                *c /= length;
            }
            let along = plain_dot(column, &rest);
            right[j] = along;
            for (r, c) in rest.iter_mut().zip(column.iter()) {
                *r -= along * c;
            }
        }
    }
    (triangle, right)
}

fn plain_dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).fold(0.0, |total, (a, b)| total + a * b)
}

/// The first coefficient of the shortest solution of R β = q, with the columns of R brought to length 1 first. One-sided
/// Jacobi rotations: R V has orthogonal columns whose lengths are the singular values.
fn shortest_constant(triangle: &[[f64; 3]; 3], right: &[f64; 3], width: usize) -> f64 {
    let mut lengths = [0.0; 3];
    let mut columns = [[0.0; 3]; 3];
    for j in 0..width {
        let column: Vec<f64> = (0..width).map(|i| triangle[i][j]).collect();
        lengths[j] = plain_dot(&column, &column).sqrt();
        for i in 0..width {
            columns[j][i] = if lengths[j] > 0.0 {
                column[i] / lengths[j]
            } else {
                0.0
            };
        }
    }
    let mut rotation = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..60 {
        let mut turned = false;
        for a in 0..width {
            for b in a + 1..width {
                let alpha = plain_dot(&columns[a], &columns[a]);
                let beta = plain_dot(&columns[b], &columns[b]);
                let gamma = plain_dot(&columns[a], &columns[b]);
                if gamma.abs() <= 1e-16 * (alpha * beta).sqrt() || gamma == 0.0 {
                    continue;
                }
                turned = true;
                let zeta = (beta - alpha) / (2.0 * gamma);
                let t = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
                let cosine = 1.0 / (1.0 + t * t).sqrt();
                let sine = cosine * t;
                for pair in [&mut columns, &mut rotation] {
                    let (p, q) = (pair[a], pair[b]);
                    pair[a] = std::array::from_fn(|i| cosine * p[i] - sine * q[i]);
                    pair[b] = std::array::from_fn(|i| sine * p[i] + cosine * q[i]);
                }
            }
        }
        if !turned {
            break;
        }
    }
    let squares: Vec<f64> = columns[..width].iter().map(|c| plain_dot(c, c)).collect();
    let largest = squares.iter().copied().fold(0.0, f64::max);
    let tolerance = 100.0 * f64::EPSILON;
    let mut constant = 0.0;
    for j in 0..width {
        if squares[j] > largest * tolerance * tolerance {
            constant += rotation[j][0] * plain_dot(&columns[j], right) / squares[j];
        }
    }
    constant / lengths[0]
}
