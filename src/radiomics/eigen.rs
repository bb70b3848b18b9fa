//! Eigenvalues of small symmetric matrices.

/// Eigenvalues of a symmetric n × n matrix (row-major), ascending: reduced to tridiagonal form by Householder's
/// reflections, then by QL with implicit shifts (Golub & Van Loan, 8.3). None if QL does not converge.
pub(super) fn symmetric_eigenvalues(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let (mut diagonal, mut off) = tridiagonal(matrix.to_vec(), n);
    implicit_ql(&mut diagonal, &mut off)?;
    diagonal.sort_unstable_by(f64::total_cmp);
    Some(diagonal)
}

/// Diagonal and subdiagonal (`off[k]` joins k and k + 1).
fn tridiagonal(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut off = vec![0.0; n.max(1)];
    let mut product = vec![0.0; n];
    for k in 0..n.saturating_sub(2) {
        let below = k + 1..n;
        let norm = below
            .clone()
            .fold(0.0, |sum, row| sum + a[row * n + k] * a[row * n + k])
            .sqrt();
        if norm == 0.0 {
            continue;
        }
        let alpha = if a[(k + 1) * n + k] > 0.0 {
            -norm
        } else {
            norm
        };
        // v = x − α e₁, kept in column k; H = I − 2 v vᵀ / vᵀv.
        a[(k + 1) * n + k] -= alpha;
        let length = below
            .clone()
            .fold(0.0, |sum, row| sum + a[row * n + k] * a[row * n + k]);
        if length > 0.0 {
            for row in below.clone() {
                let sum = below.clone().fold(0.0, |sum, column| {
                    sum + a[row * n + column] * a[column * n + k]
                });
                product[row] = 2.0 * sum / length;
            }
            let scale = below
                .clone()
                .fold(0.0, |sum, row| sum + a[row * n + k] * product[row])
                / length;
            for row in below.clone() {
                product[row] -= scale * a[row * n + k];
            }
            for row in below.clone() {
                for column in below.clone() {
                    a[row * n + column] -=
                        a[row * n + k] * product[column] + product[row] * a[column * n + k];
                }
            }
        }
        off[k] = alpha;
    }
    if n >= 2 {
        off[n - 2] = a[(n - 1) * n + n - 2];
    }
    ((0..n).map(|k| a[k * n + k]).collect(), off)
}

/// Makes `diagonal` the eigenvalues of the tridiagonal matrix.
fn implicit_ql(diagonal: &mut [f64], off: &mut [f64]) -> Option<()> {
    const MOST: usize = 60;
    let n = diagonal.len();
    for l in 0..n {
        let mut iterations = 0;
        loop {
            let m = (l..n - 1)
                .find(|m| {
                    let scale = diagonal[*m].abs() + diagonal[m + 1].abs();
                    off[*m].abs() <= f64::EPSILON * scale
                })
                .unwrap_or(n - 1);
            if m == l {
                break;
            }
            iterations += 1;
            if iterations > MOST {
                return None;
            }
            let mut g = (diagonal[l + 1] - diagonal[l]) / (2.0 * off[l]);
            let mut r = (g * g + 1.0).sqrt();
            g = diagonal[m] - diagonal[l] + off[l] / (g + r.copysign(g));
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut ended_early = false;
            for i in (l..m).rev() {
                let f = s * off[i];
                let b = c * off[i];
                r = (f * f + g * g).sqrt();
                off[i + 1] = r;
                if r == 0.0 {
                    diagonal[i + 1] -= p;
                    off[m] = 0.0;
                    ended_early = true;
                    break;
                }
                s = f / r;
                c = g / r;
                g = diagonal[i + 1] - p;
                r = (diagonal[i] - g) * s + 2.0 * c * b;
                p = s * r;
                diagonal[i + 1] = g + p;
                g = c * r - b;
            }
            if !ended_early {
                diagonal[l] -= p;
                off[l] = g;
                off[m] = 0.0;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::symmetric_eigenvalues;

    /// The second-difference matrix has eigenvalues 2 − 2 cos(kπ / (n + 1)).
    #[test]
    fn eigenvalues_of_the_second_difference() {
        let n = 12;
        let mut matrix = vec![0.0; n * n];
        for k in 0..n {
            matrix[k * n + k] = 2.0;
            if k + 1 < n {
                matrix[k * n + k + 1] = -1.0;
                matrix[(k + 1) * n + k] = -1.0;
            }
        }
        let values = symmetric_eigenvalues(&matrix, n).unwrap();
        for (k, value) in values.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * crate::numerics::cosine(angle))).abs() < 1e-13);
        }
    }

    /// A rank-one matrix and the identity: 1 (n − 1 times) and 1 + vᵀv.
    #[test]
    fn eigenvalues_of_a_full_matrix() {
        let v = [0.3, -1.0, 2.0, 0.5, 0.7];
        let n = v.len();
        let mut matrix = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                matrix[i * n + j] = v[i] * v[j] + if i == j { 1.0 } else { 0.0 };
            }
        }
        let values = symmetric_eigenvalues(&matrix, n).unwrap();
        let length = v.iter().fold(0.0, |sum, x| sum + x * x);
        for value in &values[..n - 1] {
            assert!((value - 1.0).abs() < 1e-13);
        }
        assert!((values[n - 1] - 1.0 - length).abs() < 1e-12);
    }
}
