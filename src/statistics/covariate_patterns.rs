//! Patients with the same covariates taken together, and bootstrap resamples of them as counts.
//!
//! A resample changes only how many patients, and how many events, each pattern of covariates has: no row is copied more
//! than once, and patients who share a pattern cost as much as one.

use crate::numerics::{self, Random};

use super::logistic_data::LogisticData;
use super::logistic_newton::{BinomialRows, Newton, Stopped, linear_predictor};
use super::tied_scores::order_key;

/// A step of Newton's method below this ends a refit; the error left is of the order of its square.
const TOLERANCE: f64 = 1e-5;
const ITERATIONS: usize = 40;
/// −2ℓ falls by less than this and the steps do not shrink: the estimate is infinite. (R's `lrm.fit` stops every fit there.)
const DEVIANCE_CHANGE: f64 = 0.025;

/// What a resample's fit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refitted {
    Converged,
    /// The outcome is separated in the resample: the coefficients are those where −2ℓ hardly fell any more.
    Separated,
    /// A level was not drawn, columns are collinear in the resample, or all outcomes are the same.
    Failed,
}

/// The distinct rows of a standardised data set, and a model fitted on all patients, from which every refit starts.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    pub(super) matrix: Vec<f64>,
    pub(super) width: usize,
    pub(super) events: Vec<f64>,
    pub(super) totals: Vec<f64>,
    /// Twice the pattern of each patient, plus one for an event.
    slots: Vec<u32>,
    /// The model's coefficients, and η, μ, μ (1 − μ) and ln(1 + e^η) of each pattern.
    start: Vec<f64>,
    pub(super) predictors: Vec<f64>,
    means: Vec<f64>,
    variances: Vec<f64>,
    softplus: Vec<f64>,
}

/// One resample and the model fitted on it; the arrays are kept between resamples.
#[derive(Clone, Debug)]
pub(super) struct Refit {
    slots: Vec<u32>,
    /// Of every pattern.
    pub(super) events: Vec<f64>,
    pub(super) totals: Vec<f64>,
    drawn_matrix: Vec<f64>,
    drawn_events: Vec<f64>,
    drawn_totals: Vec<f64>,
    newton: Newton,
    /// The linear predictor of every pattern.
    pub(super) predictors: Vec<f64>,
}

impl Patterns {
    pub(super) fn new(data: &LogisticData, start: &[f64]) -> Self {
        let width = data.width;
        let row = |i: usize| &data.matrix[i * width..(i + 1) * width];
        let mut order: Vec<usize> = (0..data.patients()).collect();
        order.sort_by(|a, b| {
            row(*a)
                .iter()
                .map(|v| order_key(*v))
                .cmp(row(*b).iter().map(|v| order_key(*v)))
        });
        let mut patterns = Self {
            matrix: Vec::new(),
            width,
            events: Vec::new(),
            totals: Vec::new(),
            slots: vec![0; data.patients()],
            start: start.to_vec(),
            predictors: Vec::new(),
            means: Vec::new(),
            variances: Vec::new(),
            softplus: Vec::new(),
        };
        for block in order.chunk_by(|a, b| row(*a) == row(*b)) {
            let slot = 2 * patterns.totals.len() as u32;
            patterns.matrix.extend_from_slice(row(block[0]));
            patterns.totals.push(block.len() as f64);
            patterns.events.push(
                block
                    .iter()
                    .map(|i| data.events[*i])
                    .fold(0.0, |total, e| total + e),
            );
            for i in block {
                patterns.slots[*i] = slot + u32::from(data.events[*i] == 1.0);
            }
            let eta = linear_predictor(row(block[0]), start);
            let mean = numerics::expit(eta);
            patterns.predictors.push(eta);
            patterns.means.push(mean);
            patterns.variances.push(mean * (1.0 - mean));
            patterns
                .softplus
                .push(eta.max(0.0) + numerics::ln_1p(numerics::exp(-eta.abs())));
        }
        patterns
    }

    pub(super) fn len(&self) -> usize {
        self.totals.len()
    }

    /// The pattern of each patient.
    pub(super) fn of_patients(&self) -> impl Iterator<Item = usize> {
        self.slots.iter().map(|slot| (slot / 2) as usize)
    }
}

impl Refit {
    pub(super) fn new(patterns: &Patterns) -> Self {
        Self {
            slots: vec![0; 2 * patterns.len()],
            events: vec![0.0; patterns.len()],
            totals: vec![0.0; patterns.len()],
            drawn_matrix: Vec::with_capacity(patterns.matrix.len()),
            drawn_events: Vec::with_capacity(patterns.len()),
            drawn_totals: Vec::with_capacity(patterns.len()),
            newton: Newton::new(patterns.width),
            predictors: vec![0.0; patterns.len()],
        }
    }

    /// Draws as many patients as there are, with replacement, fits the model on them and predicts every pattern.
    pub(super) fn draw_and_fit(&mut self, patterns: &Patterns, mut random: Random) -> Refitted {
        self.slots.fill(0);
        for _ in 0..patterns.slots.len() {
            self.slots[patterns.slots[random.below(patterns.slots.len())] as usize] += 1;
        }
        self.drawn_matrix.clear();
        self.drawn_events.clear();
        self.drawn_totals.clear();
        self.newton.residuals.clear();
        self.newton.weights.clear();
        let mut likelihood = 0.0;
        for (k, pair) in self.slots.chunks_exact(2).enumerate() {
            let (events, total) = (f64::from(pair[1]), f64::from(pair[0] + pair[1]));
            self.events[k] = events;
            self.totals[k] = total;
            if total > 0.0 {
                let row = &patterns.matrix[k * patterns.width..(k + 1) * patterns.width];
                self.drawn_matrix.extend_from_slice(row);
                self.drawn_events.push(events);
                self.drawn_totals.push(total);
                self.newton
                    .residuals
                    .push(events - total * patterns.means[k]);
                self.newton.weights.push(total * patterns.variances[k]);
                likelihood += events * patterns.predictors[k] - total * patterns.softplus[k];
            }
        }
        let drawn_events = self.slots.iter().skip(1).step_by(2).sum::<u32>() as usize;
        if drawn_events == 0 || drawn_events == patterns.slots.len() {
            return Refitted::Failed;
        }
        let rows = BinomialRows {
            matrix: &self.drawn_matrix,
            width: patterns.width,
            events: &self.drawn_events,
            totals: &self.drawn_totals,
            offset: None,
        };
        self.newton.coefficients.copy_from_slice(&patterns.start);
        let result = fit(&mut self.newton, &rows, likelihood).unwrap_or(Refitted::Failed);
        for (predictor, row) in self
            .predictors
            .iter_mut()
            .zip(patterns.matrix.chunks_exact(patterns.width))
        {
            *predictor = linear_predictor(row, &self.newton.coefficients);
        }
        result
    }
}

/// From residuals, weights and log-likelihood at the start. The information is computed anew only until steps shrink
/// tenfold; after that it changes too little to matter, and the gradient alone decides what is the maximum.
fn fit(newton: &mut Newton, rows: &BinomialRows, likelihood: f64) -> Result<Refitted, Stopped> {
    newton.score(rows);
    newton.inform(rows)?;
    let mut likelihood = likelihood;
    let mut before = f64::INFINITY;
    for iteration in 0..ITERATIONS {
        let size = newton.solve_step();
        if size < TOLERANCE {
            newton.finish();
            return Ok(Refitted::Converged);
        }
        let next = newton.take_step(rows, likelihood)?;
        if 2.0 * (next - likelihood) < DEVIANCE_CHANGE && size > 0.5 * before {
            return Ok(Refitted::Separated);
        }
        if iteration == 0 || size > 0.1 * before {
            newton.inform(rows)?;
        }
        (likelihood, before) = (next, size);
    }
    Err(Stopped::Stalled)
}
