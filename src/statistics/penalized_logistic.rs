//! Logistic regression with a lasso, ridge or elastic net penalty, and the choice of the penalty in folds.
//!
//! Minimises −ℓ / n + λ ((1 − α) / 2 |β|² + α |β|₁) on columns standardised by their 1/n standard deviation; the intercept is
//! not penalised; coefficients are given on the scale of the data (glmnet's objective and scale). Newton steps, each a
//! weighted least squares problem solved by coordinate descent over the active columns, are halved where they do not lower
//! the objective; a solution has no column that could lower it (largest coordinate step below 1e-10).
//! Cross-validation: the path is fitted without each fold in turn; its deviance is the mean of −2 ln P(outcome) over the
//! fold (P kept in [1e-5, 1 − 1e-5]), averaged over folds by their size; its standard error is
//! √(Σ w (dₖ − d̄)² / (Σ w (K − 1))). λ_min has the lowest deviance; λ_1se is the largest λ within one standard error of it;
//! ties go to the larger λ. A column that is constant outside a fold has coefficient 0 there.
//! Source: Friedman, Hastie & Tibshirani 2010. Convention: R `glmnet`, `cv.glmnet(type.measure = "deviance")`.

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use crate::numerics;

use super::design::Design;
use super::logistic_data::{check_outcome, column_name};
use super::logistic_error::LogisticError;

const STEP: f64 = 1e-10;
const OUTER: usize = 500;
const INNER: usize = 100_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PenalizedFit {
    pub lambda: f64,
    pub intercept: f64,
    /// In the order of the design's columns.
    pub coefficients: Vec<f64>,
    pub nonzero: usize,
    pub deviance: f64,
}

/// One value a λ in the lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PenaltyCrossValidation {
    pub lambda: Vec<f64>,
    pub deviance: Vec<f64>,
    pub standard_error: Vec<f64>,
    pub lambda_min: f64,
    pub lambda_one_standard_error: f64,
    pub folds: usize,
}

/// `count` penalties, equally spaced in logarithm, from the smallest that leaves no coefficient (for α of at least 0.001) down
/// to 1e-4 of it (0.01 of it with more columns than patients).
pub fn penalty_path(
    design: &Design,
    outcome: &[bool],
    alpha: f64,
    count: usize,
) -> Result<Vec<f64>, LogisticError> {
    check_alpha(alpha)?;
    let problem = Problem::new(design, outcome, false)?;
    let mean = numerics::mean(&problem.outcome);
    let residuals: Vec<f64> = problem.outcome.iter().map(|y| y - mean).collect();
    let largest = problem
        .columns
        .iter()
        .map(|x| numerics::dot(x, &residuals).abs())
        .fold(0.0, f64::max)
        / residuals.len() as f64
        / alpha.max(1e-3);
    let ratio: f64 = if residuals.len() < problem.columns.len() {
        0.01
    } else {
        1e-4
    };
    let steps = count.saturating_sub(1).max(1) as f64;
    Ok((0..count)
        .map(|k| largest * numerics::power(ratio, k as f64 / steps))
        .collect())
}

/// A fit for each of `lambda`, which is best given from large to small: each starts from the one before.
pub fn penalized_logistic_regression(
    design: &Design,
    outcome: &[bool],
    alpha: f64,
    lambda: &[f64],
) -> Result<Vec<PenalizedFit>, LogisticError> {
    check_alpha(alpha)?;
    check_lambda(lambda)?;
    Problem::new(design, outcome, false)?.path(alpha, lambda)
}

/// `fold` names each patient's fold by any whole number.
pub fn cross_validate_penalty(
    design: &Design,
    outcome: &[bool],
    alpha: f64,
    lambda: &[f64],
    fold: &[usize],
) -> Result<PenaltyCrossValidation, LogisticError> {
    check_alpha(alpha)?;
    check_lambda(lambda)?;
    check_outcome(outcome, design.matrix.nrows())?;
    if fold.len() != outcome.len() {
        return Err(LogisticError::LengthsDiffer {
            what: "the list of folds".to_owned(),
            expected: outcome.len(),
            found: fold.len(),
        });
    }
    let mut names = fold.to_vec();
    names.sort_unstable();
    names.dedup();
    if names.len() < 2 {
        return Err(LogisticError::BadOption {
            option: "the number of folds".to_owned(),
            value: names.len() as f64,
            allowed: "at least 2".to_owned(),
        });
    }
    let mut sizes = Vec::with_capacity(names.len());
    let mut deviances: Vec<Vec<f64>> = Vec::with_capacity(names.len());
    for name in &names {
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            (0..fold.len()).partition(|i| fold[*i] == *name);
        let rest = Design {
            matrix: design.matrix.select(Axis(0), &outside),
            columns: design.columns.clone(),
            terms: design.terms.clone(),
        };
        let rest_outcome: Vec<bool> = outside.iter().map(|i| outcome[*i]).collect();
        let fits = Problem::new(&rest, &rest_outcome, true)
            .and_then(|problem| problem.path(alpha, lambda))
            .map_err(|error| LogisticError::Term {
                term: format!("without fold {name}"),
                error: Box::new(error),
            })?;
        deviances.push(
            fits.iter()
                .map(|fit| {
                    let parts: Vec<f64> = inside
                        .iter()
                        .map(|i| {
                            let eta = design
                                .matrix
                                .row(*i)
                                .iter()
                                .zip(&fit.coefficients)
                                .fold(fit.intercept, |eta, (x, b)| eta + x * b);
                            let p = numerics::expit(eta).clamp(1e-5, 1.0 - 1e-5);
                            -2.0 * numerics::ln(if outcome[*i] { p } else { 1.0 - p })
                        })
                        .collect();
                    numerics::mean(&parts)
                })
                .collect(),
        );
        sizes.push(inside.len() as f64);
    }
    let patients = fold.len() as f64;
    let mut deviance = Vec::with_capacity(lambda.len());
    let mut standard_error = Vec::with_capacity(lambda.len());
    for k in 0..lambda.len() {
        let of_folds: Vec<f64> = deviances.iter().map(|d| d[k]).collect();
        let mean = numerics::dot(&sizes, &of_folds) / patients;
        let squares: Vec<f64> = of_folds.iter().map(|d| (d - mean) * (d - mean)).collect();
        let variance = numerics::dot(&sizes, &squares) / patients / (names.len() as f64 - 1.0);
        deviance.push(mean);
        standard_error.push(variance.sqrt());
    }
    let lowest = deviance.iter().copied().fold(f64::INFINITY, f64::min);
    let largest_within = |limit: f64| {
        (0..lambda.len())
            .filter(|k| deviance[*k] <= limit)
            .max_by(|a, b| lambda[*a].total_cmp(&lambda[*b]).then(b.cmp(a)))
            .unwrap_or(0)
    };
    let best = largest_within(lowest);
    let within = largest_within(deviance[best] + standard_error[best]);
    Ok(PenaltyCrossValidation {
        lambda_min: lambda[best],
        lambda_one_standard_error: lambda[within],
        lambda: lambda.to_vec(),
        deviance,
        standard_error,
        folds: names.len(),
    })
}

fn check_alpha(alpha: f64) -> Result<(), LogisticError> {
    if (0.0..=1.0).contains(&alpha) {
        return Ok(());
    }
    Err(LogisticError::BadOption {
        option: "alpha (the lasso's share of the penalty)".to_owned(),
        value: alpha,
        allowed: "from 0 to 1".to_owned(),
    })
}

fn check_lambda(lambda: &[f64]) -> Result<(), LogisticError> {
    let bad = match lambda {
        [] => Some(&f64::NAN),
        lambda => lambda.iter().find(|l| !(**l > 0.0 && l.is_finite())),
    };
    bad.map_or(Ok(()), |value| {
        Err(LogisticError::BadOption {
            option: "lambda (the penalty)".to_owned(),
            value: *value,
            allowed: "above 0, and at least one must be given".to_owned(),
        })
    })
}

/// Standardised columns; a constant one has scale 0 and is all 0.
struct Problem {
    columns: Vec<Vec<f64>>,
    centres: Vec<f64>,
    scales: Vec<f64>,
    outcome: Vec<f64>,
}

/// Where the descent is: coefficients of the standardised columns and η of each patient.
struct State {
    intercept: f64,
    coefficients: Vec<f64>,
    predictors: Vec<f64>,
}

impl Problem {
    fn new(design: &Design, outcome: &[bool], allow_constant: bool) -> Result<Self, LogisticError> {
        let patients = design.matrix.nrows();
        check_outcome(outcome, patients)?;
        let mut problem = Self {
            columns: Vec::with_capacity(design.columns.len()),
            centres: Vec::with_capacity(design.columns.len()),
            scales: Vec::with_capacity(design.columns.len()),
            outcome: outcome.iter().map(|y| f64::from(*y)).collect(),
        };
        for (j, column) in design.columns.iter().enumerate() {
            let values = design.matrix.column(j).to_vec();
            if let Some(row) = values.iter().position(|v| !v.is_finite()) {
                return Err(LogisticError::NotFinite {
                    column: column_name(column),
                    row,
                });
            }
            let constant = values.iter().all(|v| *v == values[0]);
            if constant && !allow_constant {
                return Err(LogisticError::Constant {
                    column: column_name(column),
                    value: values[0],
                });
            }
            let centre = numerics::mean(&values);
            let scale = if constant {
                0.0
            } else {
                (numerics::sum_of_squared_deviations(&values) / patients as f64).sqrt()
            };
            problem.columns.push(
                values
                    .iter()
                    .map(|v| if constant { 0.0 } else { (v - centre) / scale })
                    .collect(),
            );
            problem.centres.push(centre);
            problem.scales.push(scale);
        }
        Ok(problem)
    }

    fn path(&self, alpha: f64, lambda: &[f64]) -> Result<Vec<PenalizedFit>, LogisticError> {
        let mean = numerics::mean(&self.outcome);
        let intercept = numerics::logit(mean);
        let mut state = State {
            intercept,
            coefficients: vec![0.0; self.columns.len()],
            predictors: vec![intercept; self.outcome.len()],
        };
        lambda
            .iter()
            .map(|lambda| {
                self.minimize(&mut state, alpha, *lambda)?;
                Ok(self.fit_of(&state, *lambda))
            })
            .collect()
    }

    fn fit_of(&self, state: &State, lambda: f64) -> PenalizedFit {
        let mut intercept = state.intercept;
        let coefficients: Vec<f64> = state
            .coefficients
            .iter()
            .zip(self.centres.iter().zip(&self.scales))
            .map(|(b, (centre, scale))| {
                let b = if *scale > 0.0 { b / scale } else { 0.0 };
                intercept -= b * centre;
                b
            })
            .collect();
        PenalizedFit {
            lambda,
            intercept,
            nonzero: coefficients.iter().filter(|b| **b != 0.0).count(),
            coefficients,
            deviance: -2.0 * self.log_likelihood(&state.predictors),
        }
    }

    fn log_likelihood(&self, predictors: &[f64]) -> f64 {
        let parts: Vec<f64> = predictors
            .iter()
            .zip(&self.outcome)
            .map(|(eta, y)| y * eta - eta.max(0.0) - numerics::ln_1p(numerics::exp(-eta.abs())))
            .collect();
        numerics::sum(&parts)
    }

    fn objective(&self, predictors: &[f64], coefficients: &[f64], alpha: f64, lambda: f64) -> f64 {
        let penalty = coefficients.iter().fold(0.0, |total, b| {
            total + (1.0 - alpha) / 2.0 * b * b + alpha * b.abs()
        });
        -self.log_likelihood(predictors) / self.outcome.len() as f64 + lambda * penalty
    }

    fn minimize(&self, state: &mut State, alpha: f64, lambda: f64) -> Result<(), LogisticError> {
        let mut value = self.objective(&state.predictors, &state.coefficients, alpha, lambda);
        let mut largest = 0.0;
        for _ in 0..OUTER {
            let (intercept_step, steps) = self.newton_step(state, alpha, lambda);
            largest = steps
                .iter()
                .fold(intercept_step.abs(), |m, s| m.max(s.abs()));
            let mut share = 1.0;
            loop {
                let coefficients: Vec<f64> = state
                    .coefficients
                    .iter()
                    .zip(&steps)
                    .map(|(b, s)| b + share * s)
                    .collect();
                let intercept = state.intercept + share * intercept_step;
                let predictors = self.predictors(intercept, &coefficients);
                let next = self.objective(&predictors, &coefficients, alpha, lambda);
                if next <= value + 1e-13 * (1.0 + value.abs()) || share < 1e-9 {
                    *state = State {
                        intercept,
                        coefficients,
                        predictors,
                    };
                    value = next;
                    break;
                }
                share *= 0.5;
            }
            if largest < STEP {
                return Ok(());
            }
        }
        Err(LogisticError::NotConverged {
            iterations: OUTER,
            largest_gradient: largest,
        })
    }

    fn predictors(&self, intercept: f64, coefficients: &[f64]) -> Vec<f64> {
        let mut predictors = vec![intercept; self.outcome.len()];
        for (x, b) in self.columns.iter().zip(coefficients) {
            if *b != 0.0 {
                for (eta, x) in predictors.iter_mut().zip(x) {
                    *eta += b * x;
                }
            }
        }
        predictors
    }

    /// The minimiser of the quadratic approximation, less where it starts: columns are taken into the active set until
    /// no other one could lower the approximation.
    fn newton_step(&self, state: &State, alpha: f64, lambda: f64) -> (f64, Vec<f64>) {
        let patients = self.outcome.len() as f64;
        let mut weights = Vec::with_capacity(self.outcome.len());
        let mut residuals = Vec::with_capacity(self.outcome.len());
        for (eta, y) in state.predictors.iter().zip(&self.outcome) {
            let e = numerics::exp(-eta.abs());
            // A floor, so that a patient predicted with certainty does not make the problem singular.
            weights.push((e / ((1.0 + e) * (1.0 + e))).max(1e-10) / patients);
            residuals.push((y - numerics::expit(*eta)) / patients);
        }
        let mut active: Vec<usize> = (0..self.columns.len())
            .filter(|j| state.coefficients[*j] != 0.0 || alpha == 0.0 && self.scales[*j] > 0.0)
            .collect();
        let mut local = Quadratic {
            problem: self,
            weights: &weights,
            residuals,
            intercept_step: 0.0,
            coefficients: state.coefficients.clone(),
            soft: lambda * alpha,
            shrink: lambda * (1.0 - alpha),
        };
        loop {
            local.descend(&active);
            let entering: Vec<usize> = (0..self.columns.len())
                .filter(|j| {
                    local.coefficients[*j] == 0.0
                        && !active.contains(j)
                        && plain_dot(&self.columns[*j], &local.residuals).abs()
                            > local.soft * (1.0 + 1e-12)
                })
                .collect();
            if entering.is_empty() {
                break;
            }
            active.extend(entering);
            active.sort_unstable();
        }
        let steps = local
            .coefficients
            .iter()
            .zip(&state.coefficients)
            .map(|(after, before)| after - before)
            .collect();
        (local.intercept_step, steps)
    }
}

/// The quadratic approximation: `residuals` are those of the working response, weighted, at the present coefficients.
struct Quadratic<'a> {
    problem: &'a Problem,
    weights: &'a [f64],
    residuals: Vec<f64>,
    intercept_step: f64,
    coefficients: Vec<f64>,
    soft: f64,
    shrink: f64,
}

impl Quadratic<'_> {
    /// Coordinate descent over `active` and the intercept, in the cheaper of two ways: with the columns' weighted products
    /// where these are few, on the patients' residuals where the columns are many.
    fn descend(&mut self, active: &[usize]) {
        if 2 * active.len() <= self.residuals.len() {
            self.descend_on_products(active);
        } else {
            self.descend_on_residuals(active);
        }
    }

    fn descend_on_residuals(&mut self, active: &[usize]) {
        let curvatures: Vec<f64> = active
            .iter()
            .map(|j| {
                weighted_dot(
                    &self.problem.columns[*j],
                    &self.problem.columns[*j],
                    self.weights,
                )
            })
            .collect();
        let total = self.weights.iter().fold(0.0, |t, w| t + w);
        for _ in 0..INNER {
            let mut largest = 0.0_f64;
            for (j, curvature) in active.iter().zip(&curvatures) {
                let x = &self.problem.columns[*j];
                let before = self.coefficients[*j];
                let pull = plain_dot(x, &self.residuals) + curvature * before;
                let after = soft_threshold(pull, self.soft) / (curvature + self.shrink);
                let step = after - before;
                if step != 0.0 {
                    self.coefficients[*j] = after;
                    for ((r, x), w) in self.residuals.iter_mut().zip(x).zip(self.weights) {
                        *r -= step * w * x;
                    }
                    largest = largest.max(step.abs());
                }
            }
            let step = self.residuals.iter().fold(0.0, |t, r| t + r) / total;
            self.intercept_step += step;
            for (r, w) in self.residuals.iter_mut().zip(self.weights) {
                *r -= step * w;
            }
            if largest.max(step.abs()) < STEP / 10.0 {
                break;
            }
        }
    }

    fn descend_on_products(&mut self, active: &[usize]) {
        let size = active.len();
        let columns: Vec<&Vec<f64>> = active.iter().map(|j| &self.problem.columns[*j]).collect();
        // Row and column `size` are the intercept's.
        let mut products = vec![0.0; (size + 1) * (size + 1)];
        let mut gradient = vec![0.0; size + 1];
        for a in 0..size {
            for b in 0..=a {
                let product = weighted_dot(columns[a], columns[b], self.weights);
                products[a * (size + 1) + b] = product;
                products[b * (size + 1) + a] = product;
            }
            let product = plain_dot(columns[a], self.weights);
            products[a * (size + 1) + size] = product;
            products[size * (size + 1) + a] = product;
            gradient[a] = plain_dot(columns[a], &self.residuals);
        }
        products[size * (size + 1) + size] = self.weights.iter().fold(0.0, |t, w| t + w);
        gradient[size] = self.residuals.iter().fold(0.0, |t, r| t + r);
        let mut steps = vec![0.0; size + 1];
        for _ in 0..INNER {
            let mut largest = 0.0_f64;
            for a in 0..=size {
                let line = &products[a * (size + 1)..(a + 1) * (size + 1)];
                let step = match active.get(a) {
                    Some(j) => {
                        let before = self.coefficients[*j];
                        let pull = gradient[a] + line[a] * before;
                        let after = soft_threshold(pull, self.soft) / (line[a] + self.shrink);
                        self.coefficients[*j] = after;
                        after - before
                    }
                    None => gradient[a] / line[a],
                };
                if step != 0.0 {
                    steps[a] += step;
                    for (g, p) in gradient.iter_mut().zip(line) {
                        *g -= step * p;
                    }
                    largest = largest.max(step.abs());
                }
            }
            if largest < STEP / 10.0 {
                break;
            }
        }
        self.intercept_step += steps[size];
        for (i, (r, w)) in self.residuals.iter_mut().zip(self.weights).enumerate() {
            let moved = columns
                .iter()
                .zip(&steps)
                .fold(steps[size], |t, (x, s)| t + s * x[i]);
            *r -= w * moved;
        }
    }
}

fn soft_threshold(value: f64, threshold: f64) -> f64 {
    if value > threshold {
        value - threshold
    } else if value < -threshold {
        value + threshold
    } else {
        0.0
    }
}

fn plain_dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).fold(0.0, |total, (a, b)| total + a * b)
}

fn weighted_dot(x: &[f64], y: &[f64], weights: &[f64]) -> f64 {
    x.iter()
        .zip(y)
        .zip(weights)
        .fold(0.0, |total, ((a, b), w)| total + w * a * b)
}
