//! What every logistic method does first: checks the design and the outcome, and standardises the columns.
//!
//! Columns are centred at their mean and divided by their 1/n standard deviation; with the intercept that changes no
//! fit, but makes the information matrix well conditioned and convergence the same for grams and kilograms.
//! A column is collinear when what is left of it after projection on the columns before it (modified Gram–Schmidt,
//! twice) is below 1e-7 of its length (the tolerance of R's `lm`).

use ndarray::Array2;

use crate::numerics;

use super::design::{Column, Design, Term};
use super::logistic_error::LogisticError;
use super::logistic_newton::BinomialRows;

const COLLINEAR: f64 = 1e-7;

/// A checked, standardised data set; column 0 of `matrix` is the intercept's.
#[derive(Clone, Debug)]
pub(super) struct LogisticData {
    /// `width` numbers a row.
    pub(super) matrix: Vec<f64>,
    pub(super) width: usize,
    pub(super) events: Vec<f64>,
    pub(super) totals: Vec<f64>,
    pub(super) centres: Vec<f64>,
    pub(super) scales: Vec<f64>,
    /// Without the intercept.
    pub(super) columns: Vec<Column>,
    pub(super) terms: Vec<Term>,
}

impl LogisticData {
    /// Checks everything that can be checked before a fit.
    pub(super) fn new(design: &Design, outcome: &[bool]) -> Result<Self, LogisticError> {
        let data = Self::unchecked_rank(design, outcome)?;
        data.check_rank()?;
        Ok(data)
    }

    /// As `new`, but collinear columns and too many of them are allowed (for penalised fits).
    pub(super) fn unchecked_rank(design: &Design, outcome: &[bool]) -> Result<Self, LogisticError> {
        let patients = design.matrix.nrows();
        check_outcome(outcome, patients)?;
        let columns = design.matrix.ncols();
        let width = columns + 1;
        let mut matrix = vec![1.0; patients * width];
        let mut centres = Vec::with_capacity(columns);
        let mut scales = Vec::with_capacity(columns);
        for j in 0..columns {
            let values: Vec<f64> = design.matrix.column(j).to_vec();
            if let Some(row) = values.iter().position(|v| !v.is_finite()) {
                return Err(LogisticError::NotFinite {
                    column: column_name(&design.columns[j]),
                    row,
                });
            }
            if values.iter().all(|v| *v == values[0]) {
                return Err(LogisticError::Constant {
                    column: column_name(&design.columns[j]),
                    value: values[0],
                });
            }
            let centre = numerics::mean(&values);
            let scale = (numerics::sum_of_squared_deviations(&values) / patients as f64).sqrt();
            for (row, value) in values.iter().enumerate() {
                matrix[row * width + j + 1] = (value - centre) / scale;
            }
            centres.push(centre);
            scales.push(scale);
        }
        Ok(Self {
            matrix,
            width,
            events: outcome.iter().map(|y| f64::from(*y)).collect(),
            totals: vec![1.0; patients],
            centres,
            scales,
            columns: design.columns.clone(),
            terms: design.terms.clone(),
        })
    }

    pub(super) fn patients(&self) -> usize {
        self.totals.len()
    }

    pub(super) fn event_count(&self) -> f64 {
        numerics::sum(&self.events)
    }

    pub(super) fn rows(&self) -> BinomialRows<'_> {
        BinomialRows {
            matrix: &self.matrix,
            width: self.width,
            events: &self.events,
            totals: &self.totals,
            offset: None,
        }
    }

    /// The same patients with some of the terms, by index, in the order given.
    pub(super) fn select(&self, terms: &[usize]) -> Self {
        let mut picked = Vec::new();
        let mut selected = Vec::with_capacity(terms.len());
        for term in terms {
            let start = picked.len();
            picked.extend(self.terms[*term].columns.clone());
            selected.push(Term {
                name: self.terms[*term].name.clone(),
                columns: start..picked.len(),
            });
        }
        let width = picked.len() + 1;
        let mut matrix = Vec::with_capacity(self.patients() * width);
        for row in self.matrix.chunks_exact(self.width) {
            matrix.push(1.0);
            matrix.extend(picked.iter().map(|c| row[c + 1]));
        }
        Self {
            matrix,
            width,
            events: self.events.clone(),
            totals: self.totals.clone(),
            centres: picked.iter().map(|c| self.centres[*c]).collect(),
            scales: picked.iter().map(|c| self.scales[*c]).collect(),
            columns: picked.iter().map(|c| self.columns[*c].clone()).collect(),
            terms: selected,
        }
    }

    /// ℓ of the model with an intercept alone.
    pub(super) fn null_log_likelihood(&self) -> f64 {
        let patients = self.patients() as f64;
        let events = self.event_count();
        let others = patients - events;
        events * numerics::ln(events / patients) + others * numerics::ln(others / patients)
    }

    /// The logit of the share of events: the intercept of the empty model.
    pub(super) fn null_intercept(&self) -> f64 {
        let events = self.event_count();
        numerics::ln(events / (self.patients() as f64 - events))
    }

    /// Coefficients of the standardised columns on the scale of the data, intercept first.
    pub(super) fn on_data_scale(&self, standardized: &[f64]) -> Vec<f64> {
        let mut coefficients = standardized.to_vec();
        for (j, (centre, scale)) in self.centres.iter().zip(&self.scales).enumerate() {
            coefficients[j + 1] /= scale;
            coefficients[0] -= coefficients[j + 1] * centre;
        }
        coefficients
    }

    /// A covariance of standardised coefficients, row by row, on the scale of the data: T C Tᵀ.
    pub(super) fn covariance_on_data_scale(&self, standardized: &[f64]) -> Vec<Vec<f64>> {
        let width = self.width;
        // Row 0 of T is (1, −centre / scale); row j is 1 / scale on the diagonal.
        let shift: Vec<f64> = std::iter::once(1.0)
            .chain(
                self.centres
                    .iter()
                    .zip(&self.scales)
                    .map(|(centre, scale)| -centre / scale),
            )
            .collect();
        let mut result = vec![vec![0.0; width]; width];
        let rows: Vec<f64> = (0..width)
            .map(|a| numerics::dot(&standardized[a * width..(a + 1) * width], &shift))
            .collect();
        result[0][0] = numerics::dot(&rows, &shift);
        for a in 1..width {
            result[0][a] = rows[a] / self.scales[a - 1];
            result[a][0] = result[0][a];
            for b in 1..width {
                result[a][b] =
                    standardized[a * width + b] / (self.scales[a - 1] * self.scales[b - 1]);
            }
        }
        result
    }

    pub(super) fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(column_name).collect()
    }

    pub(super) fn check_rank(&self) -> Result<(), LogisticError> {
        let patients = self.patients();
        if self.width >= patients {
            return Err(LogisticError::TooManyCoefficients {
                coefficients: self.width,
                patients,
            });
        }
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(self.width - 1);
        // triangle[j][i]: the part of column j along basis vector i.
        let mut triangle: Vec<Vec<f64>> = Vec::with_capacity(self.width - 1);
        let length = (patients as f64).sqrt();
        for j in 1..self.width {
            let mut rest: Vec<f64> = self
                .matrix
                .iter()
                .skip(j)
                .step_by(self.width)
                .map(|x| x / length)
                .collect();
            let mut parts = vec![0.0; j];
            for _ in 0..2 {
                for (direction, part) in basis.iter().zip(&mut parts) {
                    let along = plain_dot(direction, &rest);
                    *part += along;
                    for (r, d) in rest.iter_mut().zip(direction) {
                        *r -= along * d;
                    }
                }
            }
            let left = plain_dot(&rest, &rest).sqrt();
            if !(left > COLLINEAR) {
                let names = self.column_names();
                return Err(LogisticError::Collinear {
                    column: names[j - 1].clone(),
                    of: combination(&triangle, &parts)
                        .into_iter()
                        .map(|i| names[i].clone())
                        .collect(),
                });
            }
            for r in &mut rest {
                *r /= left;
            }
            parts[j - 1] = left;
            basis.push(rest);
            triangle.push(parts);
        }
        Ok(())
    }
}

/// Which earlier columns combine to one whose parts along the basis are `parts`.
fn combination(triangle: &[Vec<f64>], parts: &[f64]) -> Vec<usize> {
    let mut weights = parts[..triangle.len()].to_vec();
    for i in (0..triangle.len()).rev() {
        weights[i] /= triangle[i][i];
        for k in 0..i {
            weights[k] -= triangle[i][k] * weights[i];
        }
    }
    (0..weights.len())
        .filter(|i| weights[*i].abs() > 1e-6)
        .collect()
}

fn plain_dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).fold(0.0, |total, (a, b)| total + a * b)
}

/// The name of a column in messages: `age`, `differ = poor`.
pub(super) fn column_name(column: &Column) -> String {
    match &column.level {
        Some(level) => format!("{} = {level}", column.term),
        None => column.term.clone(),
    }
}

/// The outcome must be there for every patient and take both values.
pub(super) fn check_outcome(outcome: &[bool], patients: usize) -> Result<(), LogisticError> {
    if patients == 0 {
        return Err(LogisticError::NoPatients);
    }
    if outcome.len() != patients {
        return Err(LogisticError::LengthsDiffer {
            what: "the outcome".to_owned(),
            expected: patients,
            found: outcome.len(),
        });
    }
    let events = outcome.iter().filter(|y| **y).count();
    if events == 0 || events == patients {
        return Err(LogisticError::OneClass { patients, events });
    }
    Ok(())
}

/// The linear predictors of a design at coefficients on the scale of the data, intercept first.
pub(super) fn predict(matrix: &Array2<f64>, coefficients: &[f64]) -> Vec<f64> {
    matrix
        .rows()
        .into_iter()
        .map(|row| {
            row.iter()
                .zip(&coefficients[1..])
                .fold(coefficients[0], |eta, (x, b)| eta + x * b)
        })
        .collect()
}
