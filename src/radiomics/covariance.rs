//! Where a region's voxels lie: their centre and the eigenvalues of the covariance of their centres.
//!
//! Sums of indices are integers, so a region that is flat or a line has exactly no variance across itself.

/// n, Σ x_a and Σ x_a x_b of the indices of voxels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct IndexSums {
    pub(super) count: u64,
    pub(super) sums: [u64; 3],
    products: [[u64; 3]; 3],
}

impl IndexSums {
    /// Of a box with x fastest.
    pub(super) fn new(size: [usize; 3], inside: impl Iterator<Item = bool>) -> IndexSums {
        let mut all = IndexSums::default();
        let mut inside = inside;
        for z in 0..size[2] {
            for y in 0..size[1] {
                let (mut count, mut sum, mut square) = (0_u64, 0_u64, 0_u64);
                for x in 0..size[0] as u64 {
                    if inside.next() == Some(true) {
                        count += 1;
                        sum += x;
                        square += x * x;
                    }
                }
                let (y, z) = (y as u64, z as u64);
                all.count += count;
                all.sums[0] += sum;
                all.sums[1] += y * count;
                all.sums[2] += z * count;
                all.products[0][0] += square;
                all.products[0][1] += y * sum;
                all.products[0][2] += z * sum;
                all.products[1][1] += y * y * count;
                all.products[1][2] += y * z * count;
                all.products[2][2] += z * z * count;
            }
        }
        all
    }

    /// Eigenvalues of the covariance, ascending, in mm². `divisor` is n or n − 1; NaN if it is 0.
    pub(super) fn eigenvalues(&self, spacing: [f64; 3], divisor: f64) -> [f64; 3] {
        let n = i128::from(self.count);
        let mut matrix = [[0.0; 3]; 3];
        for a in 0..3 {
            for b in 0..3 {
                let product = i128::from(self.products[a.min(b)][a.max(b)]);
                let deviation = n * product - i128::from(self.sums[a]) * i128::from(self.sums[b]);
                matrix[a][b] =
                    deviation as f64 / self.count as f64 / divisor * (spacing[a] * spacing[b]);
            }
        }
        let values = symmetric_eigenvalues(matrix);
        // A covariance has none below 0; a direction without extent may come out as one by rounding.
        let largest = values[2];
        values.map(|value| if value <= 1e-14 * largest { 0.0 } else { value })
    }
}

/// Ascending, by Jacobi's rotations (Golub & Van Loan, 8.5).
fn symmetric_eigenvalues(mut a: [[f64; 3]; 3]) -> [f64; 3] {
    // Convergence is quadratic: in practice 4 to 6 sweeps leave nothing beside the diagonal.
    for _ in 0..50 {
        let beside = a[0][1].abs() + a[0][2].abs() + a[1][2].abs();
        let scale = a[0][0].abs() + a[1][1].abs() + a[2][2].abs();
        if !(beside > f64::MIN_POSITIVE + 1e-18 * scale) {
            break;
        }
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q] == 0.0 {
                continue;
            }
            let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
            let tangent = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
            let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
            let sine = tangent * cosine;
            let change = tangent * a[p][q];
            a[p][p] -= change;
            a[q][q] += change;
            a[p][q] = 0.0;
            let other = 3 - p - q;
            let (left, right) = (a[p.min(other)][p.max(other)], a[q.min(other)][q.max(other)]);
            a[p.min(other)][p.max(other)] = cosine * left - sine * right;
            a[q.min(other)][q.max(other)] = sine * left + cosine * right;
        }
    }
    let mut values = [a[0][0], a[1][1], a[2][2]];
    values.sort_unstable_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::symmetric_eigenvalues;

    /// Of the second difference: 2 − √2, 2, 2 + √2. Of ones and a multiple of the identity: 5, 5, 8.
    #[test]
    fn eigenvalues_of_known_matrices() {
        let close = |found: [f64; 3], expected: [f64; 3]| {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-14, "{found} {expected}");
            }
        };
        let root = 2.0_f64.sqrt();
        close(
            symmetric_eigenvalues([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]]),
            [2.0 - root, 2.0, 2.0 + root],
        );
        close(
            symmetric_eigenvalues([[6.0, 1.0, 1.0], [1.0, 6.0, 1.0], [1.0, 1.0, 6.0]]),
            [5.0, 5.0, 8.0],
        );
        close(symmetric_eigenvalues([[0.0; 3]; 3]), [0.0; 3]);
    }
}
