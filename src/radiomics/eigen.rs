//! The eigenvalue of largest magnitude of a symmetric matrix.

/// max |λ| of a symmetric n × n matrix (row-major): reduced to tridiagonal form by Householder's reflections, then by
/// bisection with Sturm counts (Golub & Van Loan, 8.3 and 8.4), to a few roundings of the matrix's norm. 0 without rows.
pub(super) fn largest_magnitude(matrix: Vec<f64>, n: usize) -> f64 {
    let (diagonal, squares) = tridiagonal(matrix, n);
    // Gershgorin: no eigenvalue lies farther from 0.
    let mut high = 0.0_f64;
    for (k, centre) in diagonal.iter().enumerate() {
        let before = if k == 0 { 0.0 } else { squares[k - 1].sqrt() };
        high = high.max(centre.abs() + before + squares[k].sqrt());
    }
    let smallest = high * f64::MIN_POSITIVE.sqrt();
    let mut low = 0.0;
    while high - low > 4.0 * f64::EPSILON * high {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if any_beyond(&diagonal, &squares, middle, smallest) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Whether an eigenvalue of the tridiagonal matrix lies above `x` or below −`x`: both T − xI and −T − xI are negative
/// definite if and only if all pivots of their elimination are negative.
fn any_beyond(diagonal: &[f64], squares: &[f64], x: f64, smallest: f64) -> bool {
    let (mut above, mut below) = (f64::INFINITY, f64::INFINITY);
    let mut square = 0.0;
    for (centre, next) in diagonal.iter().zip(squares) {
        above = centre - x - square / above;
        below = -centre - x - square / below;
        if above >= -smallest || below >= -smallest {
            return true;
        }
        square = *next;
    }
    false
}

/// Diagonal, and squares of the subdiagonal (`squares[k]` joins k and k + 1; the last is 0).
fn tridiagonal(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut squares = vec![0.0; n];
    let mut v = vec![0.0; n];
    let mut w = vec![0.0; n];
    // From the last row to the first, so that what is left is the leading block.
    for k in (2..n).rev() {
        let (block, row) = a.split_at_mut(k * n);
        let row = &row[..k];
        let norm_squared = row.iter().fold(0.0, |sum, x| sum + x * x);
        squares[k - 1] = norm_squared;
        let rest = row[..k - 1].iter().fold(0.0, |sum, x| sum + x * x);
        if rest == 0.0 {
            continue;
        }
        // v = x − α e; the block becomes H A H with H = I − 2 v vᵀ / vᵀv.
        let alpha = -norm_squared.sqrt().copysign(row[k - 1]);
        let (v, w) = (&mut v[..k], &mut w[..k]);
        v.copy_from_slice(row);
        v[k - 1] -= alpha;
        let half_length = norm_squared - alpha * row[k - 1];
        w.fill(0.0);
        for (v, a) in v.iter().zip(block.chunks_exact(n)) {
            for (w, a) in w.iter_mut().zip(a) {
                *w += v * a;
            }
        }
        let scale = v.iter().zip(w.iter()).fold(0.0, |sum, (v, w)| sum + v * w)
            / (2.0 * half_length * half_length);
        for (w, v) in w.iter_mut().zip(v.iter()) {
            *w = *w / half_length - scale * v;
        }
        for (row, a) in block.chunks_exact_mut(n).enumerate() {
            let (vr, wr) = (v[row], w[row]);
            for ((a, v), w) in a.iter_mut().zip(v.iter()).zip(w.iter()) {
                *a -= vr * w + wr * v;
            }
        }
    }
    if n >= 2 {
        squares[0] = a[n] * a[n];
    }
    ((0..n).map(|k| a[k * n + k]).collect(), squares)
}

#[cfg(test)]
mod tests {
    use super::largest_magnitude;

    /// The second-difference matrix has eigenvalues 2 − 2 cos(kπ / (n + 1)).
    #[test]
    fn of_the_second_difference() {
        for (n, sign) in [(1, 1.0), (2, 1.0), (3, -1.0), (12, 1.0), (41, -1.0)] {
            let mut matrix = vec![0.0; n * n];
            for k in 0..n {
                matrix[k * n + k] = sign * 2.0;
                if k + 1 < n {
                    matrix[k * n + k + 1] = -sign;
                    matrix[(k + 1) * n + k] = -sign;
                }
            }
            let angle = n as f64 * std::f64::consts::PI / (n + 1) as f64;
            let expected = 2.0 - 2.0 * crate::numerics::cosine(angle);
            assert!((largest_magnitude(matrix, n) - expected).abs() < 1e-13);
        }
    }

    /// A rank-one matrix less twice the identity: −2 (n − 1 times) and vᵀv − 2.
    #[test]
    fn of_a_full_matrix() {
        for (v, expected) in [
            (vec![0.3, -1.0, 2.0, 0.5, 0.7], 3.83),
            (vec![0.3, -1.0, 0.5], 2.0),
        ] {
            let n = v.len();
            let mut matrix = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..n {
                    matrix[i * n + j] = v[i] * v[j] - if i == j { 2.0 } else { 0.0 };
                }
            }
            assert!((largest_magnitude(matrix, n) - expected).abs() < 1e-13);
        }
    }

    #[test]
    fn of_nothing_and_of_zeros() {
        assert_eq!(largest_magnitude(Vec::new(), 0), 0.0);
        assert_eq!(largest_magnitude(vec![0.0; 9], 3), 0.0);
    }
}
