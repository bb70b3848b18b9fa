//! Newton's method for the binomial log-likelihood: the core that every logistic fit here shares.
//!
//! Row i has `events[i]` events among `totals[i]` patients and the linear predictor η = x β + offset;
//! ℓ = Σ events η − totals ln(1 + e^η), gradient Xᵀ(events − totals μ), information Xᵀ diag(totals μ (1 − μ)) X.
//! A step that lowers ℓ is halved. Totals are whole numbers (resampling counts, say); a row of none costs time, so leave it out.
//! The work arrays are kept between fits: nothing is allocated inside the iterations.

use crate::numerics;

/// The data of one fit; `matrix` holds `width` numbers a row, the intercept's column of ones included.
#[derive(Clone, Copy)]
pub(super) struct BinomialRows<'a> {
    pub(super) matrix: &'a [f64],
    pub(super) width: usize,
    pub(super) events: &'a [f64],
    pub(super) totals: &'a [f64],
    pub(super) offset: Option<&'a [f64]>,
}

/// The state of the iterations; `coefficients` is the start before, and the estimate after, `maximize`.
#[derive(Clone, Debug)]
pub(super) struct Newton {
    pub(super) coefficients: Vec<f64>,
    pub(super) gradient: Vec<f64>,
    /// The last step taken or tried.
    pub(super) step: Vec<f64>,
    /// Lower triangle, row by row of the full square.
    pub(super) information: Vec<f64>,
    /// events − totals μ of each row.
    pub(super) residuals: Vec<f64>,
    /// totals μ (1 − μ) of each row.
    pub(super) weights: Vec<f64>,
    factor: Vec<f64>,
    previous: Vec<f64>,
}

/// Why the iterations ended without a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The information matrix is singular.
    Singular,
    /// The limit of iterations is reached, or no part of the step raises the likelihood.
    Stalled,
}

/// A pivot of the information matrix below this share of its diagonal element counts as 0.
const SINGULAR: f64 = 1e-13;
/// Factors 1 + e^−|η| ≤ 2 that are multiplied before one logarithm is taken.
const FACTORS: f64 = 256.0;
/// A row with up to this many patients gives that many factors.
const FEW: f64 = 8.0;

impl Newton {
    pub(super) fn new(width: usize) -> Self {
        Self {
            coefficients: vec![0.0; width],
            gradient: vec![0.0; width],
            step: vec![0.0; width],
            information: vec![0.0; width * width],
            residuals: Vec::new(),
            weights: Vec::new(),
            factor: vec![0.0; width * width],
            previous: vec![0.0; width],
        }
    }

    /// Iterates until no coefficient moves by `tolerance` or more; the last step is taken, so the error left is of the
    /// order of its square. Returns the number of steps. `gradient` and `information` are those before the last step.
    pub(super) fn maximize(
        &mut self,
        rows: &BinomialRows,
        tolerance: f64,
        limit: usize,
    ) -> Result<usize, Stopped> {
        let mut likelihood = self.evaluate(rows)?;
        for iteration in 1..=limit {
            if self.solve_step() < tolerance {
                self.finish();
                return Ok(iteration);
            }
            likelihood = self.take_step(rows, likelihood)?;
            self.inform(rows)?;
        }
        Err(Stopped::Stalled)
    }

    /// The log-likelihood at `coefficients`; sets gradient and information.
    pub(super) fn evaluate(&mut self, rows: &BinomialRows) -> Result<f64, Stopped> {
        let likelihood = self.weigh(rows);
        self.score(rows);
        self.inform(rows)?;
        Ok(likelihood)
    }

    /// Sets `step` = information⁻¹ gradient, by the last information; returns its largest part.
    pub(super) fn solve_step(&mut self) -> f64 {
        self.step.copy_from_slice(&self.gradient);
        solve(&self.factor, &mut self.step);
        self.step.iter().fold(0.0, |m, s| f64::max(m, s.abs()))
    }

    /// Takes the whole step without looking at the likelihood.
    pub(super) fn finish(&mut self) {
        for (coefficient, step) in self.coefficients.iter_mut().zip(&self.step) {
            *coefficient += step;
        }
    }

    /// Takes the step, halved until the log-likelihood, `likelihood` before, does not fall; returns it and sets the
    /// gradient.
    pub(super) fn take_step(
        &mut self,
        rows: &BinomialRows,
        likelihood: f64,
    ) -> Result<f64, Stopped> {
        self.previous.copy_from_slice(&self.coefficients);
        for _ in 0..40 {
            for ((coefficient, before), step) in self
                .coefficients
                .iter_mut()
                .zip(&self.previous)
                .zip(&self.step)
            {
                *coefficient = before + step;
            }
            let next = self.weigh(rows);
            if next >= likelihood - 1e-10 * (1.0 + likelihood.abs()) {
                self.score(rows);
                return Ok(next);
            }
            for step in &mut self.step {
                *step *= 0.5;
            }
        }
        Err(Stopped::Stalled)
    }

    /// The log-likelihood at `coefficients`; sets residuals and weights.
    fn weigh(&mut self, rows: &BinomialRows) -> f64 {
        self.residuals.clear();
        self.weights.clear();
        let mut likelihood = 0.0;
        let (mut product, mut factors) = (1.0, 0.0);
        for (i, row) in rows.matrix.chunks_exact(rows.width).enumerate() {
            let (events, total) = (rows.events[i], rows.totals[i]);
            let mut eta = rows.offset.map_or(0.0, |offset| offset[i]);
            for (x, b) in row.iter().zip(&self.coefficients) {
                eta += x * b;
            }
            let e = numerics::exp(-eta.abs());
            let inverse = 1.0 / (1.0 + e);
            let mean = if eta >= 0.0 { inverse } else { e * inverse };
            self.residuals.push(events - total * mean);
            self.weights.push(total * e * inverse * inverse);
            likelihood += events * eta - total * eta.max(0.0);
            if total <= FEW {
                let mut left = total;
                while left > 0.0 {
                    product *= 1.0 + e;
                    left -= 1.0;
                }
                factors += total;
                if factors >= FACTORS {
                    likelihood -= numerics::ln(product);
                    (product, factors) = (1.0, 0.0);
                }
            } else {
                likelihood -= total * numerics::ln_1p(e);
            }
        }
        likelihood - numerics::ln(product)
    }

    /// The gradient from the residuals.
    pub(super) fn score(&mut self, rows: &BinomialRows) {
        self.gradient.fill(0.0);
        for (row, residual) in rows.matrix.chunks_exact(rows.width).zip(&self.residuals) {
            for (sum, x) in self.gradient.iter_mut().zip(row) {
                *sum += residual * x;
            }
        }
    }

    /// The information from the weights, and its factor.
    pub(super) fn inform(&mut self, rows: &BinomialRows) -> Result<(), Stopped> {
        let width = rows.width;
        self.information.fill(0.0);
        // Four rows at a time: each sum is loaded and stored once for four.
        let blocks = rows.matrix.chunks_exact(4 * width);
        let (fours, ones) = self.weights.as_chunks::<4>();
        let rest = blocks.remainder();
        for (block, w) in blocks.zip(fours) {
            let (first, others) = block.split_at(width);
            let (second, others) = others.split_at(width);
            let (third, fourth) = others.split_at(width);
            for a in 0..width {
                let weighted = [
                    w[0] * first[a],
                    w[1] * second[a],
                    w[2] * third[a],
                    w[3] * fourth[a],
                ];
                let line = &mut self.information[a * width..=a * width + a];
                let columns = first[..=a]
                    .iter()
                    .zip(&second[..=a])
                    .zip(third[..=a].iter().zip(&fourth[..=a]));
                for (sum, ((x0, x1), (x2, x3))) in line.iter_mut().zip(columns) {
                    *sum += (weighted[0] * x0 + weighted[1] * x1)
                        + (weighted[2] * x2 + weighted[3] * x3);
                }
            }
        }
        for (row, weight) in rest.chunks_exact(width).zip(ones) {
            for (a, x) in row.iter().enumerate() {
                let weighted = weight * x;
                let line = &mut self.information[a * width..=a * width + a];
                for (sum, other) in line.iter_mut().zip(row) {
                    *sum += weighted * other;
                }
            }
        }
        self.factor.copy_from_slice(&self.information);
        factorize(&mut self.factor, width)
    }

    /// The inverse of the information at the last evaluation, the full square row by row.
    pub(super) fn covariance(&self) -> Result<Vec<f64>, Stopped> {
        inverse(&self.information, self.gradient.len())
    }
}

/// The inverse of a symmetric matrix of which the lower triangle is given.
pub(super) fn inverse(matrix: &[f64], size: usize) -> Result<Vec<f64>, Stopped> {
    let mut factor = matrix.to_vec();
    factorize(&mut factor, size)?;
    let mut inverse = vec![0.0; size * size];
    let mut unit = vec![0.0; size];
    for column in 0..size {
        unit.fill(0.0);
        unit[column] = 1.0;
        solve(&factor, &mut unit);
        for (row, value) in unit.iter().enumerate() {
            inverse[row * size + column] = *value;
        }
    }
    Ok(inverse)
}

/// Replaces the lower triangle of a symmetric matrix by its Cholesky factor.
pub(super) fn factorize(matrix: &mut [f64], size: usize) -> Result<(), Stopped> {
    for column in 0..size {
        let diagonal = matrix[column * size + column];
        let (above, below) = matrix.split_at_mut(column * size + size);
        let line = &mut above[column * size..];
        let mut pivot = diagonal;
        for value in &line[..column] {
            pivot -= value * value;
        }
        // Not `<=`: a NaN must fail too.
        if !(pivot > SINGULAR * diagonal && pivot.is_finite()) {
            return Err(Stopped::Singular);
        }
        let root = pivot.sqrt();
        line[column] = root;
        for other in below.chunks_exact_mut(size) {
            let mut value = other[column];
            for (a, b) in other[..column].iter().zip(&line[..column]) {
                value -= a * b;
            }
            other[column] = value / root;
        }
    }
    Ok(())
}

/// Solves L Lᵀ x = right in place.
pub(super) fn solve(factor: &[f64], right: &mut [f64]) {
    let size = right.len();
    for row in 0..size {
        let mut value = right[row];
        for (l, x) in factor[row * size..row * size + row]
            .iter()
            .zip(&right[..row])
        {
            value -= l * x;
        }
        right[row] = value / factor[row * size + row];
    }
    for row in (0..size).rev() {
        let value = right[row] / factor[row * size + row];
        right[row] = value;
        for (l, x) in factor[row * size..row * size + row]
            .iter()
            .zip(&mut right[..row])
        {
            *x -= l * value;
        }
    }
}

/// η of every row.
pub(super) fn linear_predictors(rows: &BinomialRows, coefficients: &[f64]) -> Vec<f64> {
    (0..rows.totals.len())
        .map(|i| {
            let row = &rows.matrix[i * rows.width..(i + 1) * rows.width];
            rows.offset.map_or(0.0, |offset| offset[i]) + linear_predictor(row, coefficients)
        })
        .collect()
}

/// Σ events η − totals ln(1 + e^η), compensated.
pub(super) fn log_likelihood(rows: &BinomialRows, predictors: &[f64]) -> f64 {
    let terms: Vec<f64> = predictors
        .iter()
        .zip(rows.events.iter().zip(rows.totals))
        .map(|(eta, (events, total))| {
            events * eta - total * (eta.max(0.0) + numerics::ln_1p(numerics::exp(-eta.abs())))
        })
        .collect();
    numerics::sum(&terms)
}

/// x β in the order of the columns.
pub(super) fn linear_predictor(row: &[f64], coefficients: &[f64]) -> f64 {
    row.iter()
        .zip(coefficients)
        .fold(0.0, |eta, (x, b)| eta + x * b)
}
