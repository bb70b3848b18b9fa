//! Support vector machine for two classes (C-SVC).
//!
//! max_α Σ α_i − ½ Σ α_i α_j y_i y_j K(x_i, x_j), 0 ≤ α_i ≤ C, Σ α_i y_i = 0; y = +1 with the event, −1 without. The decision
//! value is f(x) = Σ α_i y_i K(x_i, x) − ρ: above 0 predicts the event. Kernels: linear ⟨a, b⟩; radial exp(−γ |a − b|²).
//! Solved by sequential minimal optimisation with second-order working sets (Fan, Chen & Lin 2005), until the largest
//! violation of the optimality conditions is at most 1e-10: libsvm stops at 1e-3, which moves a decision value by about as
//! much. ρ is the mean over patients with 0 < α < C, or else the middle of its bounds.
//! Source: Cortes & Vapnik 1995. Convention: libsvm, scikit-learn `SVC.decision_function`.
//! Memory: n² numbers.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::learning::LearningError;
use crate::learning::random_forest::check_data;
use crate::numerics::exp;

use super::check_positive;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    Linear,
    Radial { gamma: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupportVectorSettings {
    pub kernel: Kernel,
    /// C: what a patient on the wrong side of the margin costs.
    pub cost: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupportVectorMachine {
    pub kernel: Kernel,
    /// The patients with α > 0.
    pub support: Vec<Vec<f64>>,
    /// α y of each.
    pub weight: Vec<f64>,
    pub rho: f64,
    pub iterations: usize,
}

/// The largest violation of the optimality conditions at the end.
const TOLERANCE: f64 = 1e-10;
const MOST_ITERATIONS: usize = 10_000_000;
/// n² numbers are held: 800 MB at this many patients.
const MOST_PATIENTS: usize = 10_000;
/// Stands for a curvature that is not positive (Fan, Chen & Lin 2005).
const TAU: f64 = 1e-12;

pub fn support_vector_machine(
    features: &Array2<f64>,
    outcome: &[bool],
    settings: &SupportVectorSettings,
) -> Result<SupportVectorMachine, LearningError> {
    check_data(features, outcome)?;
    check_positive("the cost C", settings.cost)?;
    if let Kernel::Radial { gamma } = settings.kernel {
        check_positive("the radial kernel's gamma", gamma)?;
    }
    if outcome.len() > MOST_PATIENTS {
        return Err(LearningError::BadOption {
            option: "the number of patients for a support vector machine".to_owned(),
            value: outcome.len() as f64,
            allowed: format!("at most {MOST_PATIENTS}"),
        });
    }
    let patients: Vec<Vec<f64>> = features
        .rows()
        .into_iter()
        .map(|row| row.to_vec())
        .collect();
    let y: Vec<f64> = outcome
        .iter()
        .map(|event| if *event { 1.0 } else { -1.0 })
        .collect();
    let n = y.len();
    let mut kernel = Array2::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let value = settings.kernel.apply(&patients[i], &patients[j]);
            kernel[[i, j]] = value;
            kernel[[j, i]] = value;
        }
    }
    let solved = Solver {
        kernel,
        y,
        cost: settings.cost,
    }
    .solve()?;
    let chosen: Vec<usize> = (0..n).filter(|i| solved.alpha[*i] > 0.0).collect();
    Ok(SupportVectorMachine {
        kernel: settings.kernel,
        weight: chosen
            .iter()
            .map(|i| {
                if outcome[*i] {
                    solved.alpha[*i]
                } else {
                    -solved.alpha[*i]
                }
            })
            .collect(),
        support: chosen.iter().map(|i| patients[*i].clone()).collect(),
        rho: solved.rho,
        iterations: solved.iterations,
    })
}

impl SupportVectorMachine {
    pub fn decision_value(&self, x: &[f64]) -> f64 {
        self.support
            .iter()
            .zip(&self.weight)
            .fold(0.0, |total, (patient, weight)| {
                total + weight * self.kernel.apply(patient, x)
            })
            - self.rho
    }
}

impl Kernel {
    fn apply(self, a: &[f64], b: &[f64]) -> f64 {
        let pairs = a.iter().zip(b);
        match self {
            Self::Linear => pairs.fold(0.0, |total, (a, b)| total + a * b),
            Self::Radial { gamma } => {
                let distance = pairs.fold(0.0, |total, (a, b)| total + (a - b) * (a - b));
                exp(-gamma * distance)
            }
        }
    }
}

struct Solver {
    kernel: Array2<f64>,
    y: Vec<f64>,
    cost: f64,
}

struct Solved {
    alpha: Vec<f64>,
    rho: f64,
    iterations: usize,
}

impl Solver {
    fn solve(&self) -> Result<Solved, LearningError> {
        let n = self.y.len();
        let mut alpha = vec![0.0; n];
        // Of ½ αᵀQα − Σα: Qα − 1.
        let mut gradient = vec![-1.0; n];
        for iterations in 0..MOST_ITERATIONS {
            let Some((i, j)) = self.working_set(&alpha, &gradient) else {
                return Ok(Solved {
                    rho: self.rho(&alpha, &gradient),
                    alpha,
                    iterations,
                });
            };
            let (old_i, old_j) = (alpha[i], alpha[j]);
            self.minimize(&mut alpha, &gradient, i, j);
            let (by_i, by_j) = (
                (alpha[i] - old_i) * self.y[i],
                (alpha[j] - old_j) * self.y[j],
            );
            let (row_i, row_j) = (self.kernel.row(i), self.kernel.row(j));
            for (((g, y), k_i), k_j) in gradient.iter_mut().zip(&self.y).zip(row_i).zip(row_j) {
                *g += y * (by_i * k_i + by_j * k_j);
            }
        }
        Err(LearningError::NotSolved {
            learner: "the support vector machine".to_owned(),
            iterations: MOST_ITERATIONS,
        })
    }

    /// May y α grow?
    fn up(&self, alpha: &[f64], t: usize) -> bool {
        if self.y[t] > 0.0 {
            alpha[t] < self.cost
        } else {
            alpha[t] > 0.0
        }
    }

    /// May y α shrink?
    fn low(&self, alpha: &[f64], t: usize) -> bool {
        if self.y[t] > 0.0 {
            alpha[t] > 0.0
        } else {
            alpha[t] < self.cost
        }
    }

    /// The pair that violates most, by second-order information; none when optimal.
    fn working_set(&self, alpha: &[f64], gradient: &[f64]) -> Option<(usize, usize)> {
        let n = self.y.len();
        let value = |t: usize| -self.y[t] * gradient[t];
        let mut first: Option<usize> = None;
        for t in (0..n).filter(|t| self.up(alpha, *t)) {
            if first.is_none_or(|i| value(t) > value(i)) {
                first = Some(t);
            }
        }
        let i = first?;
        let highest = value(i);
        let mut lowest = f64::INFINITY;
        let mut second: Option<(f64, usize)> = None;
        for t in (0..n).filter(|t| self.low(alpha, *t)) {
            lowest = lowest.min(value(t));
            let gap = highest - value(t);
            if gap > 0.0 {
                let gain = gap * gap / self.curvature(i, t);
                if second.is_none_or(|(best, _)| gain > best) {
                    second = Some((gain, t));
                }
            }
        }
        match second {
            Some((_, j)) if highest - lowest > TOLERANCE => Some((i, j)),
            _ => None,
        }
    }

    /// |φ(x_i) − φ(x_j)|².
    fn curvature(&self, i: usize, j: usize) -> f64 {
        let k = &self.kernel;
        (k[[i, i]] + k[[j, j]] - 2.0 * k[[i, j]]).max(TAU)
    }

    /// The best α_i and α_j with the others as they are. The pair moves along y_i α_i + y_j α_j = constant, within the box.
    fn minimize(&self, alpha: &mut [f64], gradient: &[f64], i: usize, j: usize) {
        let c = self.cost;
        let gap = -self.y[i] * gradient[i] + self.y[j] * gradient[j];
        let wanted = gap / self.curvature(i, j);
        // y_i α_i grows by the step, y_j α_j shrinks by it.
        let room_i = if self.y[i] > 0.0 {
            c - alpha[i]
        } else {
            alpha[i]
        };
        let room_j = if self.y[j] > 0.0 {
            alpha[j]
        } else {
            c - alpha[j]
        };
        let step = wanted.min(room_i).min(room_j);
        // A step that fills the room ends exactly on the bound.
        let end = |room: f64, grows: bool, from: f64| match (step == room, grows) {
            (true, true) => c,
            (true, false) => 0.0,
            (false, true) => from + step,
            (false, false) => from - step,
        };
        alpha[i] = end(room_i, self.y[i] > 0.0, alpha[i]);
        alpha[j] = end(room_j, self.y[j] < 0.0, alpha[j]);
    }

    fn rho(&self, alpha: &[f64], gradient: &[f64]) -> f64 {
        let (mut lower, mut upper) = (f64::NEG_INFINITY, f64::INFINITY);
        let (mut total, mut free) = (0.0, 0usize);
        for (t, (alpha, gradient)) in alpha.iter().zip(gradient).enumerate() {
            let value = self.y[t] * gradient;
            let at_bound = *alpha <= 0.0 || *alpha >= self.cost;
            if !at_bound {
                total += value;
                free += 1;
            } else if (*alpha <= 0.0) == (self.y[t] > 0.0) {
                upper = upper.min(value);
            } else {
                lower = lower.max(value);
            }
        }
        if free > 0 {
            total / free as f64
        } else {
            (lower + upper) / 2.0
        }
    }
}
