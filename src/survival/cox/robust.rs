//! Robust (sandwich) covariance of Cox coefficients: Σ_i D_i D_iᵀ with D_i = w_i I⁻¹ U_i, U_i the score residual of
//! patient i, under Efron's ties as the derivative of the estimate by the patient's weight.
//!
//! U_i = δ_i (x_i − ā(T_i)) − exp(x_iᵀβ) Σ_{t ≤ T_i} w̄ Σ_f (x_i − a_f) / (S₀ − f D₀), an own event counting 1 − f and
//! ā being the mean of a_f over the event's time. No small-sample factor.
//! Source: Lin & Wei 1989; Therneau & Grambsch 2000, section 7.2; R `residuals.coxph(type = "dfbeta")`.

use ndarray::Array2;

use super::likelihood::{add_scaled, denominators};
use super::newton::Maximum;
use super::{Prepared, Ties};
use crate::numerics::exp;

pub(super) fn covariance(prepared: &Prepared, maximum: &Maximum) -> Array2<f64> {
    let width = prepared.width;
    let risk: Vec<f64> = prepared
        .linear_predictor(&maximum.beta)
        .iter()
        .map(|linear| exp(*linear))
        .collect();
    let mut total = Array2::zeros((width, width));
    // What an event time adds: hazard, own hazard, and per column Σ w̄ c a_f, Σ w̄ (1 − f) c a_f, mean a_f.
    let stride = 2 + 3 * width;
    let mut added = vec![0.0; prepared.event_times.len() * stride];
    let mut s1 = vec![0.0; width];
    let mut d1 = vec![0.0; width];
    let mut residual = vec![0.0; width];
    let mut influence = vec![0.0; width];
    let mut hazard_mean = vec![0.0; width];
    for stratum in &prepared.strata {
        let mut s0 = 0.0;
        s1.fill(0.0);
        for index in stratum.event_times.clone().rev() {
            let tied = &prepared.event_times[index];
            let mut d0 = 0.0;
            let mut weight = 0.0;
            d1.fill(0.0);
            for (place, risk) in (tied.start..tied.end).zip(&risk[tied.start..tied.end]) {
                let r = prepared.weight[place] * risk;
                s0 += r;
                add_scaled(&mut s1, prepared.x(place), r);
                if place < tied.events_end {
                    d0 += r;
                    weight += prepared.weight[place];
                    add_scaled(&mut d1, prepared.x(place), r);
                }
            }
            let events = tied.events().len();
            let sums = denominators(prepared.ties, events, weight, s0, d0);
            let cells = &mut added[index * stride..(index + 1) * stride];
            cells[0] = sums.hazard;
            cells[1] = sums.own_hazard;
            let [ss, sd, dd] = sums.squares;
            for j in 0..width {
                let all = ss * s1[j] - sd * d1[j];
                let tied_part = sd * s1[j] - dd * d1[j];
                cells[2 + j] = all;
                cells[2 + width + j] = all - tied_part;
                cells[2 + 2 * width + j] = match prepared.ties {
                    Ties::Efron => (sums.hazard * s1[j] - sums.tied * d1[j]) / weight,
                    Ties::Breslow => s1[j] / s0,
                };
            }
        }
        let mut exposure = 0.0;
        hazard_mean.fill(0.0);
        for index in stratum.event_times.clone() {
            let tied = &prepared.event_times[index];
            let cells = &added[index * stride..(index + 1) * stride];
            let (means, rest) = cells[2..].split_at(width);
            let (own_means, event_mean) = rest.split_at(width);
            for (place, risk) in (tied.start..tied.end).zip(&risk[tied.start..tied.end]) {
                let own = place < tied.events_end;
                let x = prepared.x(place);
                for j in 0..width {
                    let (hazard, mean) = if own {
                        (cells[1], own_means[j])
                    } else {
                        (cells[0], means[j])
                    };
                    residual[j] = -risk * (x[j] * (exposure + hazard) - (hazard_mean[j] + mean));
                    if own {
                        residual[j] += x[j] - event_mean[j];
                    }
                }
                for (a, value) in influence.iter_mut().enumerate() {
                    *value = prepared.weight[place]
                        * (0..width)
                            .fold(0.0, |sum, b| sum + maximum.covariance[[a, b]] * residual[b]);
                }
                for a in 0..width {
                    for b in 0..width {
                        total[[a, b]] += influence[a] * influence[b];
                    }
                }
            }
            exposure += cells[0];
            add_scaled(&mut hazard_mean, means, 1.0);
        }
    }
    total
}
