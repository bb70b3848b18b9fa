//! Cox regression with the exact partial likelihood of discrete times, for small data with many ties.
//!
//! At a time with d events among n at risk, the likelihood is Π_events r / B_d, B_d the sum of Π r over all subsets of
//! d of the n, r = exp(xᵀβ). B_d and its derivatives grow patient by patient: B_k ← B_k + r B_{k−1}. The work is
//! n d p² an event time; beyond about 1e9 in all, or where the number of subsets is no longer a number, it is refused.
//! Missing values: the caller drops rows. Errors: as `cox`.
//! Source: Cox 1972; Gail, Lubin & Rubinstein 1981; R `survival::coxph(ties = "exact")`.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::super::SurvivalError;
use super::super::ordering::check_level;
use super::likelihood::{Derivatives, add_scaled};
use super::newton::{Extreme, maximise};
use super::prepared::{EventTime, Stratum};
use super::{ChiSquaredTest, CoxCoefficient, CoxOptions, Prepared, Ties, coefficients};
use crate::numerics::{exp, ln, ln_gamma};
use crate::statistics::Design;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExactCox {
    pub coefficients: Vec<CoxCoefficient>,
    pub log_likelihood_null: f64,
    pub log_likelihood: f64,
    pub likelihood_ratio: ChiSquaredTest,
    pub iterations: usize,
}

const MOST_STEPS: f64 = 1e9;
/// ln of the number of subsets, with room to the largest number.
const LARGEST_LOG: f64 = 650.0;

/// Fits the model; `strata` holds codes.
pub fn cox_exact(
    times: &[f64],
    events: &[bool],
    design: &Design,
    strata: Option<&[usize]>,
    level: f64,
) -> Result<ExactCox, SurvivalError> {
    check_level(level)?;
    let options = CoxOptions {
        ties: Ties::Breslow,
        strata,
        weights: None,
        robust: false,
        level,
    };
    let prepared = Prepared::new(times, events, design, &options)?;
    check_size(&prepared)?;
    let maximum = maximise(&prepared, design, Extreme::AllEvents, |beta| {
        derivatives(&prepared, beta)
    })?;
    let beta = prepared.unscaled_beta(&maximum.beta);
    let covariance = prepared.unscaled(&maximum.covariance);
    Ok(ExactCox {
        coefficients: coefficients(design, &beta, &covariance, None, level),
        log_likelihood_null: maximum.null_log_likelihood,
        log_likelihood: maximum.log_likelihood,
        likelihood_ratio: ChiSquaredTest::new(
            (2.0 * (maximum.log_likelihood - maximum.null_log_likelihood)).max(0.0),
            beta.len(),
        ),
        iterations: maximum.iterations,
    })
}

fn risk_sets(prepared: &Prepared) -> impl Iterator<Item = (&Stratum, &EventTime)> {
    prepared.strata.iter().flat_map(|stratum| {
        prepared.event_times[stratum.event_times.clone()]
            .iter()
            .map(move |tied| (stratum, tied))
    })
}

fn check_size(prepared: &Prepared) -> Result<(), SurvivalError> {
    let cells = (prepared.width * (prepared.width + 1) / 2) as f64;
    let mut steps = 0.0;
    for (stratum, tied) in risk_sets(prepared) {
        let (n, d) = (
            (stratum.rows.end - tied.start) as f64,
            tied.events().len() as f64,
        );
        steps += n * d * cells;
        if ln_gamma(n + 1.0) - ln_gamma(d + 1.0) - ln_gamma(n - d + 1.0) > LARGEST_LOG {
            steps = f64::INFINITY;
        }
    }
    if steps > MOST_STEPS {
        Err(SurvivalError::TooLargeForExact { steps })
    } else {
        Ok(())
    }
}

fn derivatives(prepared: &Prepared, beta: &[f64]) -> Derivatives {
    let width = prepared.width;
    let linear = prepared.linear_predictor(beta);
    let mut result = Derivatives {
        log_likelihood: 0.0,
        gradient: vec![0.0; width],
        information: Array2::zeros((width, width)),
    };
    for (stratum, tied) in risk_sets(prepared) {
        let places = tied.start..stratum.rows.end;
        let largest = linear[places.clone()]
            .iter()
            .fold(f64::NEG_INFINITY, |m, l| l.max(m));
        let d = tied.events().len();
        let mut subsets = Subsets::new(d, width);
        for (met, place) in places.clone().enumerate() {
            // Fewer than d − (those still to come) can no longer grow to d.
            let fewest = d.saturating_sub(places.len() - 1 - met).max(1);
            let most = d.min(met + 1);
            subsets.add(
                exp(linear[place] - largest),
                prepared.x(place),
                fewest..=most,
            );
        }
        let total = subsets.sum[d];
        let first: Vec<f64> = subsets.first(d).iter().map(|g| g / total).collect();
        for place in tied.events() {
            result.log_likelihood += linear[place] - largest;
            add_scaled(&mut result.gradient, prepared.x(place), 1.0);
        }
        result.log_likelihood -= ln(total);
        add_scaled(&mut result.gradient, &first, -1.0);
        for a in 0..width {
            for b in 0..width {
                result.information[[a, b]] +=
                    subsets.second[(d * width + a) * width + b] / total - first[a] * first[b];
            }
        }
    }
    result
}

/// B_k for k = 0, …, d, with first and second derivatives.
struct Subsets {
    width: usize,
    sum: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Subsets {
    fn new(d: usize, width: usize) -> Self {
        let mut sum = vec![0.0; d + 1];
        sum[0] = 1.0;
        Self {
            width,
            sum,
            first: vec![0.0; (d + 1) * width],
            second: vec![0.0; (d + 1) * width * width],
        }
    }

    fn first(&self, k: usize) -> &[f64] {
        &self.first[k * self.width..(k + 1) * self.width]
    }

    /// Adds one patient to the subsets of the given sizes, the largest first, so that it enters each only once.
    fn add(&mut self, r: f64, x: &[f64], sizes: std::ops::RangeInclusive<usize>) {
        let width = self.width;
        for k in sizes.rev() {
            let smaller = self.sum[k - 1];
            let (below, here) = self.first.split_at_mut(k * width);
            let below = &below[(k - 1) * width..];
            let (second_below, second) = self.second.split_at_mut(k * width * width);
            let second_below = &second_below[(k - 1) * width * width..];
            for a in 0..width {
                for b in 0..width {
                    let cell = a * width + b;
                    second[cell] += r
                        * (second_below[cell]
                            + x[a] * below[b]
                            + below[a] * x[b]
                            + x[a] * x[b] * smaller);
                }
                here[a] += r * (below[a] + x[a] * smaller);
            }
            self.sum[k] += r * smaller;
        }
    }
}
