//! Cox regression with Firth's correction: finite estimates under monotone likelihood, less bias in small samples.
//!
//! Maximises ℓ*(β) = ℓ(β) + ½ ln det I(β). Its gradient is U + A, A_a = ½ tr(I⁻¹ ∂I/∂β_a). With W = I⁻¹, one
//! denominator of the likelihood giving mean m, second central moment V and q = xᵀWx,
//!   tr(W ∂I/∂β_a) = Σ E[x_a q] − m_a E[q] − 2 (V W m)_a,
//! summed over the denominators (Efron's of a tied event with 1 − f). Quasi-Newton steps from the curvature I, which is
//! not that of ℓ* (with one event it is half of it), corrected as the gradient changes, with step-halving, until a step
//! is below 1e-9 standard deviations' worth of every column.
//! Standard errors: inverse unpenalised information at the estimate. Tests and intervals: profile of ℓ*, the penalty
//! being that of all columns also where one coefficient is held fixed; p from the likelihood ratio at 0.
//! No case weights. Missing values: the caller drops rows. Errors: as `cox`, but for monotone likelihood.
//! Source: Firth 1993; Heinze & Schemper 2001; R `coxphf` (which uses Breslow's ties).

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::super::SurvivalError;
use super::super::ordering::check_level;
use super::likelihood::{Workspace, add_scaled, derivatives};
use super::newton::check_varies;
use super::{ChiSquaredTest, CoxOptions, Prepared, Ties, column_name};
use crate::numerics::{Cholesky, chi_squared_quantile, chi_squared_upper, dot, exp, ln, sum};
use crate::statistics::Design;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirthCox {
    pub coefficients: Vec<FirthCoefficient>,
    /// Penalised, at 0 in all columns and at the estimate.
    pub log_likelihood_null: f64,
    pub log_likelihood: f64,
    pub likelihood_ratio: ChiSquaredTest,
    pub iterations: usize,
}

/// `lower` and `upper` are profile limits of the hazard ratio, none if the profile does not fall far enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirthCoefficient {
    pub term: String,
    pub level: Option<String>,
    pub coefficient: f64,
    pub hazard_ratio: f64,
    pub standard_error: f64,
    pub chi_squared: f64,
    pub p_value: f64,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

const LAST_STEP: f64 = 1e-9;
const MOST_STEPS: usize = 500;
/// The penalty exists as long as the information is not singular.
const SINGULAR: f64 = 1e-12;

/// Fits the model; `strata` holds codes.
pub fn cox_firth(
    times: &[f64],
    events: &[bool],
    design: &Design,
    strata: Option<&[usize]>,
    ties: Ties,
    level: f64,
) -> Result<FirthCox, SurvivalError> {
    check_level(level)?;
    let options = CoxOptions {
        ties,
        strata,
        weights: None,
        robust: false,
        level,
    };
    let prepared = Prepared::new(times, events, design, &options)?;
    check_varies(&prepared, design)?;
    let width = prepared.width;
    let mut work = Workspace::new(&prepared);
    let null = vec![0.0; width];
    let at_null = derivatives(&prepared, &null, None, &mut work);
    Cholesky::new(&at_null.information, 1e-10).map_err(|error| SurvivalError::CollinearColumn {
        column: column_name(design, error.column),
    })?;
    let mut search = Search {
        prepared: &prepared,
        work,
    };
    let (best, iterations) = search.maximise(null.clone(), None)?;
    let covariance = prepared.unscaled(&best.covariance);
    let beta = prepared.unscaled_beta(&best.beta);
    let threshold = chi_squared_quantile(level, 1.0);
    let mut coefficients = Vec::with_capacity(width);
    for (j, column) in design.columns.iter().enumerate() {
        let spread = best.covariance[[j, j]].sqrt();
        let lower = search.profile_limit(&best, j, -spread, threshold);
        let upper = search.profile_limit(&best, j, spread, threshold);
        let chi_squared = search.profile(&best.beta, j, 0.0)?.fall_from(&best);
        let scale = prepared.scale[j];
        coefficients.push(FirthCoefficient {
            term: column.term.clone(),
            level: column.level.clone(),
            coefficient: beta[j],
            hazard_ratio: exp(beta[j]),
            standard_error: covariance[[j, j]].sqrt(),
            chi_squared,
            p_value: chi_squared_upper(chi_squared, 1.0),
            lower: lower.map(|b| exp(b / scale)),
            upper: upper.map(|b| exp(b / scale)),
        });
    }
    let at_null = search
        .point(null, None)
        .ok_or(SurvivalError::NotConverged { iterations: 0 })?;
    // det I of the columns as given, rather than as scaled.
    let units = sum(&prepared.scale.iter().map(|s| ln(*s)).collect::<Vec<_>>());
    Ok(FirthCox {
        coefficients,
        log_likelihood_null: at_null.penalised + units,
        log_likelihood: best.penalised + units,
        likelihood_ratio: ChiSquaredTest::new(at_null.fall_from(&best), width),
        iterations,
    })
}

/// ℓ* and its gradient at one β.
struct Point {
    beta: Vec<f64>,
    penalised: f64,
    gradient: Vec<f64>,
    information: Array2<f64>,
    covariance: Array2<f64>,
}

impl Point {
    /// 2 (ℓ*(best) − ℓ*(here)).
    fn fall_from(&self, best: &Self) -> f64 {
        (2.0 * (best.penalised - self.penalised)).max(0.0)
    }
}

struct Search<'a> {
    prepared: &'a Prepared,
    work: Workspace,
}

impl Search<'_> {
    /// None where the information is singular.
    fn point(&mut self, beta: Vec<f64>, fixed: Option<usize>) -> Option<Point> {
        let at = derivatives(self.prepared, &beta, None, &mut self.work);
        let factor = Cholesky::new(&at.information, SINGULAR).ok()?;
        let penalised = at.log_likelihood + factor.ln_determinant() / 2.0;
        let covariance = factor.inverse();
        let penalty = penalty_gradient(self.prepared, &beta, &covariance);
        let mut gradient = at.gradient;
        add_scaled(&mut gradient, &penalty, 0.5);
        if let Some(j) = fixed {
            gradient[j] = 0.0;
        }
        penalised.is_finite().then_some(Point {
            beta,
            penalised,
            gradient,
            information: at.information,
            covariance,
        })
    }

    /// The maximum over all coefficients but `fixed`, from `start` on.
    fn maximise(
        &mut self,
        start: Vec<f64>,
        fixed: Option<usize>,
    ) -> Result<(Point, usize), SurvivalError> {
        let failed = |iterations| SurvivalError::NotConverged { iterations };
        let mut here = self.point(start, fixed).ok_or(failed(0))?;
        let mut curvature = inverse_of_free(&here.information, fixed).ok_or(failed(0))?;
        for iterations in 1..=MOST_STEPS {
            let mut step = product(&curvature, &here.gradient);
            let largest = step.iter().fold(0.0, |m: f64, s| m.max(s.abs()));
            if largest <= LAST_STEP {
                return Ok((here, iterations));
            }
            let rounding = 1e-13 * (1.0 + here.penalised.abs());
            let mut halvings = 0;
            let next = loop {
                let beta = here.beta.iter().zip(&step).map(|(b, s)| b + s).collect();
                match self.point(beta, fixed) {
                    Some(next) if next.penalised >= here.penalised - rounding => break next,
                    _ if halvings == 60 => return Err(failed(iterations)),
                    _ => halvings += 1,
                }
                for s in &mut step {
                    *s /= 2.0;
                }
            };
            let change: Vec<f64> = here
                .gradient
                .iter()
                .zip(&next.gradient)
                .map(|(old, new)| old - new)
                .collect();
            if dot(&step, &change) > 0.0 {
                update(&mut curvature, &step, &change);
            } else {
                curvature = inverse_of_free(&next.information, fixed).ok_or(failed(iterations))?;
            }
            here = next;
        }
        Err(failed(MOST_STEPS))
    }

    /// The maximum with coefficient `j` held at `value`; the others start near, or else at 0.
    fn profile(&mut self, near: &[f64], j: usize, value: f64) -> Result<Point, SurvivalError> {
        let mut start = near.to_vec();
        start[j] = value;
        let mut zeros = vec![0.0; near.len()];
        zeros[j] = value;
        let found = self
            .maximise(start, Some(j))
            .or_else(|_| self.maximise(zeros, Some(j)));
        Ok(found?.0)
    }

    /// The value of coefficient `j` on the side of `step` at which 2 ℓ* has fallen by `threshold`.
    fn profile_limit(&mut self, best: &Point, j: usize, step: f64, threshold: f64) -> Option<f64> {
        let (mut inside, mut inside_gap) = (best.beta[j], -threshold);
        let mut near = best.beta.clone();
        let mut reach = 2.0 * step;
        let (mut outside, mut outside_gap) = loop {
            let value = best.beta[j] + reach;
            let point = self.profile(&near, j, value).ok()?;
            let gap = point.fall_from(best) - threshold;
            if gap >= 0.0 {
                break (value, gap);
            }
            (inside, inside_gap) = (value, gap);
            near = point.beta;
            reach *= 1.5;
            if reach.abs() > 1e6 * step.abs() {
                return None;
            }
        };
        // The rule of false position, halving the end that stays (Illinois).
        let mut last_side = 0;
        for _ in 0..100 {
            let value = outside - outside_gap * (outside - inside) / (outside_gap - inside_gap);
            let point = self.profile(&near, j, value).ok()?;
            let gap = point.fall_from(best) - threshold;
            if gap.abs() < 1e-9 || (outside - inside).abs() < 1e-12 * step.abs() {
                return Some(value);
            }
            near = point.beta;
            if gap > 0.0 {
                (outside, outside_gap) = (value, gap);
                if last_side == 1 {
                    inside_gap /= 2.0;
                }
                last_side = 1;
            } else {
                (inside, inside_gap) = (value, gap);
                if last_side == -1 {
                    outside_gap /= 2.0;
                }
                last_side = -1;
            }
        }
        None
    }
}

/// The inverse among the coefficients that are not fixed, 0 elsewhere.
fn inverse_of_free(information: &Array2<f64>, fixed: Option<usize>) -> Option<Array2<f64>> {
    let width = information.nrows();
    let free: Vec<usize> = (0..width).filter(|j| Some(*j) != fixed).collect();
    let part = Array2::from_shape_fn((free.len(), free.len()), |(a, b)| {
        information[[free[a], free[b]]]
    });
    let inverse = Cholesky::new(&part, SINGULAR).ok()?.inverse();
    let mut result = Array2::zeros((width, width));
    for (a, row) in free.iter().enumerate() {
        for (b, column) in free.iter().enumerate() {
            result[[*row, *column]] = inverse[[a, b]];
        }
    }
    Some(result)
}

fn product(matrix: &Array2<f64>, vector: &[f64]) -> Vec<f64> {
    let rows = matrix.rows().into_iter();
    rows.map(|row| row.iter().zip(vector).fold(0.0, |sum, (m, v)| sum + m * v))
        .collect()
}

/// The inverse curvature after a step that changed the gradient so (Broyden, Fletcher, Goldfarb & Shanno 1970).
fn update(inverse: &mut Array2<f64>, step: &[f64], change: &[f64]) {
    let along = dot(step, change);
    let moved = product(inverse, change);
    let factor = (1.0 + dot(change, &moved) / along) / along;
    for (a, step_a) in step.iter().enumerate() {
        for (b, step_b) in step.iter().enumerate() {
            inverse[[a, b]] +=
                factor * step_a * step_b - (moved[a] * step_b + step_a * moved[b]) / along;
        }
    }
}

/// Weighted sums over some patients: of 1, x, x xᵀ, q and q x.
#[derive(Clone)]
struct Moments {
    zero: f64,
    first: Vec<f64>,
    second: Array2<f64>,
    quadratic: f64,
    cubic: Vec<f64>,
}

impl Moments {
    fn new(width: usize) -> Self {
        Self {
            zero: 0.0,
            first: vec![0.0; width],
            second: Array2::zeros((width, width)),
            quadratic: 0.0,
            cubic: vec![0.0; width],
        }
    }

    fn add(&mut self, r: f64, x: &[f64], w: &Array2<f64>) {
        let mut q = 0.0;
        for (a, xa) in x.iter().enumerate() {
            for (b, xb) in x.iter().enumerate() {
                q += xa * w[[a, b]] * xb;
                self.second[[a, b]] += r * xa * xb;
            }
        }
        self.zero += r;
        self.quadratic += r * q;
        add_scaled(&mut self.first, x, r);
        add_scaled(&mut self.cubic, x, r * q);
    }

    fn add_all(&mut self, other: &Self) {
        self.zero += other.zero;
        self.quadratic += other.quadratic;
        add_scaled(&mut self.first, &other.first, 1.0);
        add_scaled(&mut self.cubic, &other.cubic, 1.0);
        for (sum, value) in self.second.iter_mut().zip(&other.second) {
            *sum += value;
        }
    }

    /// Adds tr(W ∂V/∂β_a) of the denominator that counts `tied` with 1 − f.
    fn add_trace(&self, tied: &Self, f: f64, w: &Array2<f64>, total: &mut [f64]) {
        let width = self.first.len();
        let zero = self.zero - f * tied.zero;
        let m: Vec<f64> = self
            .first
            .iter()
            .zip(&tied.first)
            .map(|(s, d)| (s - f * d) / zero)
            .collect();
        let wm: Vec<f64> = (0..width)
            .map(|a| (0..width).fold(0.0, |sum, b| sum + w[[a, b]] * m[b]))
            .collect();
        let mean_q = (self.quadratic - f * tied.quadratic) / zero;
        for a in 0..width {
            let vwm = (0..width).fold(0.0, |sum, b| {
                let v = (self.second[[a, b]] - f * tied.second[[a, b]]) / zero - m[a] * m[b];
                sum + v * wm[b]
            });
            let mean_qx = (self.cubic[a] - f * tied.cubic[a]) / zero;
            total[a] += mean_qx - m[a] * mean_q - 2.0 * vwm;
        }
    }
}

/// tr(W ∂I/∂β_a) for each column.
fn penalty_gradient(prepared: &Prepared, beta: &[f64], w: &Array2<f64>) -> Vec<f64> {
    let width = prepared.width;
    let linear = prepared.linear_predictor(beta);
    let mut total = vec![0.0; width];
    for stratum in &prepared.strata {
        let mut at_risk = Moments::new(width);
        for tied in prepared.event_times[stratum.event_times.clone()]
            .iter()
            .rev()
        {
            let sums = |moments: &mut Moments, places: std::ops::Range<usize>| {
                for (place, linear) in places.clone().zip(&linear[places]) {
                    moments.add(exp(*linear), prepared.x(place), w);
                }
            };
            sums(&mut at_risk, tied.events_end..tied.end);
            let mut events = Moments::new(width);
            sums(&mut events, tied.events());
            at_risk.add_all(&events);
            let d = tied.events().len();
            for k in 0..d {
                let f = match prepared.ties {
                    Ties::Efron => k as f64 / d as f64,
                    Ties::Breslow => 0.0,
                };
                at_risk.add_trace(&events, f, w, &mut total);
            }
        }
    }
    total
}
