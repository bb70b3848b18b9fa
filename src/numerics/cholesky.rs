//! Cholesky factorisation of a small symmetric positive definite matrix (information matrices, p < 200).

use ndarray::Array2;

/// A = L Lᵀ, L lower triangular.
#[derive(Clone, Debug)]
pub struct Cholesky {
    lower: Array2<f64>,
}

/// The matrix is not positive definite: `column` is (numerically) a combination of the columns before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    pub column: usize,
}

impl Cholesky {
    /// Factors `matrix`, of which only the lower triangle is read. A pivot below `tolerance` times its diagonal
    /// element counts as 0 (R's coxph uses 1.5e-11 · …, lm 1e-7 on the scale of the column's norm).
    pub fn new(matrix: &Array2<f64>, tolerance: f64) -> Result<Self, NotPositiveDefinite> {
        let size = matrix.nrows();
        let mut lower = Array2::<f64>::zeros((size, size));
        for column in 0..size {
            let mut pivot = matrix[[column, column]];
            for k in 0..column {
                pivot -= lower[[column, k]] * lower[[column, k]];
            }
            // Not `<=`: a NaN must fail too.
            if !(pivot > tolerance * matrix[[column, column]].abs() && pivot.is_finite()) {
                return Err(NotPositiveDefinite { column });
            }
            let root = pivot.sqrt();
            lower[[column, column]] = root;
            for row in column + 1..size {
                let mut value = matrix[[row, column]];
                for k in 0..column {
                    value -= lower[[row, k]] * lower[[column, k]];
                }
                lower[[row, column]] = value / root;
            }
        }
        Ok(Self { lower })
    }

    /// x with A x = b.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.lower.nrows();
        let mut x = right.to_vec();
        for row in 0..size {
            for k in 0..row {
                x[row] -= self.lower[[row, k]] * x[k];
            }
            x[row] /= self.lower[[row, row]];
        }
        for row in (0..size).rev() {
            for k in row + 1..size {
                x[row] -= self.lower[[k, row]] * x[k];
            }
            x[row] /= self.lower[[row, row]];
        }
        x
    }

    /// A⁻¹.
    pub fn inverse(&self) -> Array2<f64> {
        let size = self.lower.nrows();
        let mut inverse = Array2::<f64>::zeros((size, size));
        for column in 0..size {
            let mut unit = vec![0.0; size];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                inverse[[row, column]] = value;
            }
        }
        inverse
    }

    /// ln det A.
    pub fn ln_determinant(&self) -> f64 {
        2.0 * self
            .lower
            .diag()
            .iter()
            .map(|d| super::ln(*d))
            .fold(0.0, |total, value| total + value)
    }
}
