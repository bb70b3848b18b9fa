//! Partial log-likelihood of the Cox model, its gradient and its information matrix.
//!
//! With r_j = w_j exp(x_jᵀβ), S₀ and S₁ the sums of r and r x over the patients at risk at an event time, D₀ and D₁ the
//! same over its d events, and w̄ the events' mean weight:
//! Breslow uses d times the denominator S₀; Efron uses S₀ − f D₀ for f = 0, 1/d, …, (d − 1)/d, so that
//!   ℓ = Σ_t [ Σ_events w xᵀβ − w̄ Σ_f ln(S₀ − f D₀) ],
//!   a_f = (S₁ − f D₁) / (S₀ − f D₀),   ∂ℓ = Σ_t [ Σ_events w x − w̄ Σ_f a_f ].
//! A patient's exposure is Λ = Σ_{t ≤ T} w̄ Σ_f 1/(S₀ − f D₀), an own event counting 1 − f instead of 1. Then
//!   ∂ℓ = Σ_i (w_i δ_i − r_i Λ_i) x_i,   −∂²ℓ = Σ_i r_i Λ_i x_i x_iᵀ − Σ_t w̄ Σ_f a_f a_fᵀ,
//! which needs no matrix of second moments at each event time.

use ndarray::Array2;

use super::{Prepared, Ties};
use crate::numerics::{exp, ln};

pub(super) struct Derivatives {
    pub(super) log_likelihood: f64,
    pub(super) gradient: Vec<f64>,
    /// Symmetric.
    pub(super) information: Array2<f64>,
}

/// Room for the sums, kept between the steps of an iteration.
pub(super) struct Workspace {
    /// r_j of each row.
    risk: Vec<f64>,
    /// What an event time adds to Λ of those who survive it, and of those who do not.
    hazard: Vec<[f64; 2]>,
}

impl Workspace {
    pub(super) fn new(prepared: &Prepared) -> Self {
        Self {
            risk: vec![0.0; prepared.row.len()],
            hazard: vec![[0.0; 2]; prepared.event_times.len()],
        }
    }
}

/// Sums over the denominators of one event time.
pub(super) struct Denominators {
    pub(super) hazard: f64,
    /// With 1 − f.
    pub(super) own_hazard: f64,
    /// Σ w̄ c², Σ w̄ f c², Σ w̄ f² c², c the reciprocals of the denominators.
    pub(super) squares: [f64; 3],
    /// Σ w̄ f c.
    pub(super) tied: f64,
    /// Σ w̄ ln of the denominators.
    log: f64,
}

pub(super) fn denominators(
    ties: Ties,
    events: usize,
    weight: f64,
    s0: f64,
    d0: f64,
) -> Denominators {
    if events == 1 || ties == Ties::Breslow {
        let c = 1.0 / s0;
        return Denominators {
            hazard: weight * c,
            own_hazard: weight * c,
            squares: [weight * c * c, 0.0, 0.0],
            tied: 0.0,
            log: weight * ln(s0),
        };
    }
    let mut sums = Denominators {
        hazard: 0.0,
        own_hazard: 0.0,
        squares: [0.0; 3],
        tied: 0.0,
        log: 0.0,
    };
    let mean_weight = weight / events as f64;
    for k in 0..events {
        let f = k as f64 / events as f64;
        let denominator = s0 - f * d0;
        let c = 1.0 / denominator;
        let wc = mean_weight * c;
        sums.hazard += wc;
        sums.own_hazard += (1.0 - f) * wc;
        sums.tied += f * wc;
        sums.squares[0] += wc * c;
        sums.squares[1] += f * wc * c;
        sums.squares[2] += f * f * wc * c;
        sums.log += mean_weight * ln(denominator);
    }
    sums
}

/// Derivatives at `beta` (of the scaled columns). `time_weights`, one an event time, multiplies what each event time
/// adds to the gradient and to the information; the log-likelihood is without them.
pub(super) fn derivatives(
    prepared: &Prepared,
    beta: &[f64],
    time_weights: Option<&[f64]>,
    work: &mut Workspace,
) -> Derivatives {
    let width = prepared.width;
    let mut information = vec![0.0; width * (width + 1) / 2];
    let mut log_likelihood = 0.0;
    for ((risk, x), weight) in work
        .risk
        .iter_mut()
        .zip(prepared.x.chunks_exact(width))
        .zip(&prepared.weight)
    {
        let linear = x.iter().zip(beta).fold(0.0, |sum, (x, b)| sum + x * b);
        *risk = weight * exp(linear);
    }

    let mut s1 = vec![0.0; width];
    let mut d1 = vec![0.0; width];
    for stratum in &prepared.strata {
        let mut s0 = 0.0;
        s1.fill(0.0);
        for index in stratum.event_times.clone().rev() {
            let tied = &prepared.event_times[index];
            for place in tied.events_end..tied.end {
                s0 += work.risk[place];
                add_scaled(&mut s1, prepared.x(place), work.risk[place]);
            }
            let mut d0 = 0.0;
            let mut weight = 0.0;
            d1.fill(0.0);
            for place in tied.events() {
                d0 += work.risk[place];
                weight += prepared.weight[place];
                add_scaled(&mut d1, prepared.x(place), work.risk[place]);
            }
            s0 += d0;
            add_scaled(&mut s1, &d1, 1.0);
            let sums = denominators(prepared.ties, tied.events().len(), weight, s0, d0);
            log_likelihood -= sums.log;
            let g = time_weights.map_or(1.0, |weights| weights[index]);
            work.hazard[index] = [g * sums.hazard, g * sums.own_hazard];
            let [ss, sd, dd] = sums.squares.map(|c| g * c);
            let mut next = 0;
            for a in 0..width {
                let (on_s, on_d) = (ss * s1[a] - sd * d1[a], dd * d1[a] - sd * s1[a]);
                let row = &mut information[next..=next + a];
                if sd == 0.0 {
                    for (cell, s) in row.iter_mut().zip(&s1) {
                        *cell -= on_s * s;
                    }
                } else {
                    for (cell, (s, d)) in row.iter_mut().zip(s1.iter().zip(&d1)) {
                        *cell -= on_s * s + on_d * d;
                    }
                }
                next += a + 1;
            }
        }
    }

    let mut gradient = vec![0.0; width];
    for stratum in &prepared.strata {
        let mut exposure = 0.0;
        for index in stratum.event_times.clone() {
            let tied = &prepared.event_times[index];
            let g = time_weights.map_or(1.0, |weights| weights[index]);
            let own = exposure + work.hazard[index][1];
            exposure += work.hazard[index][0];
            for place in tied.events() {
                let x = prepared.x(place);
                let share = work.risk[place] * own;
                add_scaled(&mut gradient, x, g * prepared.weight[place] - share);
                add_square(&mut information, x, share);
                let linear = x.iter().zip(beta).fold(0.0, |sum, (x, b)| sum + x * b);
                log_likelihood += prepared.weight[place] * linear;
            }
            for place in tied.events_end..tied.end {
                let x = prepared.x(place);
                let share = work.risk[place] * exposure;
                add_scaled(&mut gradient, x, -share);
                add_square(&mut information, x, share);
            }
        }
    }
    Derivatives {
        log_likelihood,
        gradient,
        information: Array2::from_shape_fn((width, width), |(a, b)| {
            let (low, high) = (a.min(b), a.max(b));
            information[high * (high + 1) / 2 + low]
        }),
    }
}

pub(super) fn add_scaled(sums: &mut [f64], x: &[f64], factor: f64) {
    for (sum, value) in sums.iter_mut().zip(x) {
        *sum += factor * value;
    }
}

/// Adds `factor` x xᵀ to a packed lower triangle.
fn add_square(triangle: &mut [f64], x: &[f64], factor: f64) {
    let mut rest = triangle;
    for (a, value) in x.iter().enumerate() {
        let (row, below) = rest.split_at_mut(a + 1);
        add_scaled(row, x, factor * value);
        rest = below;
    }
}
