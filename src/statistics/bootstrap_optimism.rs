//! Internal validation of a logistic regression: performance corrected for optimism by the bootstrap.
//!
//! The model is refitted on each resample of the patients. For each measure, its value on the resample less its value on
//! the original patients, averaged over resamples, is the optimism; corrected = apparent − optimism. Measures: Somers'
//! Dxy = 2 AUC − 1 (ties one half), Brier score, and intercept and slope of the outcome's regression on the linear
//! predictor (0 and 1 on the patients of the fit, so that the corrected slope is the mean slope on the original ones).
//! A resample in which a rare level, or one of the outcomes, was not drawn cannot be fitted and is left out. One in which
//! the outcome is separated has an infinite estimate; leaving it out would hide the worst models, so it is used as far as
//! Newton's method came when −2ℓ fell by less than 0.025 (the rule of R's `lrm.fit`). Both are counted.
//! Convention: R `rms::validate(method = "boot")`, but predictions are not grouped before Dxy.
//! Source: Harrell, Lee & Mark 1996; Efron 1983. Resample b draws from the substream b of `random`.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numerics::{self, Random};

use super::covariate_patterns::{Patterns, Refit, Refitted};
use super::design::Design;
use super::logistic_data::LogisticData;
use super::logistic_error::LogisticError;
use super::logistic_newton::{BinomialRows, Newton};
use super::separation::fit_or_explain;
use super::tied_scores::order_key;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BootstrapOptimism {
    pub dxy: OptimismCorrected,
    /// The area under the curve, (Dxy + 1) / 2.
    pub auc: OptimismCorrected,
    pub brier: OptimismCorrected,
    pub slope: OptimismCorrected,
    pub intercept: OptimismCorrected,
    pub resamples: usize,
    /// Resamples left out because the model could not be fitted.
    pub resamples_failed: usize,
    /// Resamples used in which the outcome was separated.
    pub resamples_separated: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptimismCorrected {
    pub apparent: f64,
    /// Mean over resamples, of each model on its own resample.
    pub training: f64,
    /// Mean over resamples, of each model on the original patients.
    pub test: f64,
    pub optimism: f64,
    pub corrected: f64,
    /// Of `corrected`: what another seed would move it by. None from a single resample.
    pub monte_carlo_standard_error: Option<f64>,
}

/// Dxy, Brier, slope, intercept.
type Measures = [f64; 4];

pub fn bootstrap_optimism(
    design: &Design,
    outcome: &[bool],
    resamples: usize,
    random: &Random,
) -> Result<BootstrapOptimism, LogisticError> {
    if resamples == 0 {
        return Err(LogisticError::BadOption {
            option: "the number of resamples".to_owned(),
            value: 0.0,
            allowed: "at least 1".to_owned(),
        });
    }
    let data = LogisticData::new(design, outcome)?;
    let (newton, _) = fit_or_explain(&data)?;
    let patterns = Patterns::new(&data, &newton.coefficients);
    let mut judge = Judge::new(patterns.len());
    judge.order(&patterns.predictors);
    let apparent = [
        judge.dxy(&patterns.events, &patterns.totals),
        judge.brier(&patterns.events, &patterns.totals),
        1.0,
        0.0,
    ];
    let results: Vec<Option<(Measures, Measures, bool)>> = (0..resamples)
        .into_par_iter()
        .map_init(
            || (Refit::new(&patterns), Judge::new(patterns.len())),
            |(refit, judge), b| {
                let fitted = refit.draw_and_fit(&patterns, random.substream(b as u64));
                if fitted == Refitted::Failed {
                    return None;
                }
                judge.order(&refit.predictors);
                let (intercept, slope) = judge.recalibrate(&refit.predictors, &patterns)?;
                let training = [
                    judge.dxy(&refit.events, &refit.totals),
                    judge.brier(&refit.events, &refit.totals),
                    1.0,
                    0.0,
                ];
                let test = [
                    judge.dxy(&patterns.events, &patterns.totals),
                    judge.brier(&patterns.events, &patterns.totals),
                    slope,
                    intercept,
                ];
                Some((training, test, fitted == Refitted::Separated))
            },
        )
        .collect();
    let used: Vec<(Measures, Measures, bool)> = results.into_iter().flatten().collect();
    if used.is_empty() {
        return Err(LogisticError::NoResampleFitted { resamples });
    }
    let corrected = |m: usize| {
        let of = |pick: fn(&(Measures, Measures, bool)) -> &Measures| -> Vec<f64> {
            used.iter().map(|pair| pick(pair)[m]).collect()
        };
        let (training, test) = (of(|pair| &pair.0), of(|pair| &pair.1));
        let optimism: Vec<f64> = training.iter().zip(&test).map(|(a, b)| a - b).collect();
        let mean = numerics::mean(&optimism);
        OptimismCorrected {
            apparent: apparent[m],
            training: numerics::mean(&training),
            test: numerics::mean(&test),
            optimism: mean,
            corrected: apparent[m] - mean,
            monte_carlo_standard_error: (used.len() > 1)
                .then(|| (numerics::variance(&optimism) / used.len() as f64).sqrt()),
        }
    };
    let dxy = corrected(0);
    Ok(BootstrapOptimism {
        auc: OptimismCorrected {
            apparent: (dxy.apparent + 1.0) / 2.0,
            training: (dxy.training + 1.0) / 2.0,
            test: (dxy.test + 1.0) / 2.0,
            optimism: dxy.optimism / 2.0,
            corrected: (dxy.corrected + 1.0) / 2.0,
            monte_carlo_standard_error: dxy.monte_carlo_standard_error.map(|s| s / 2.0),
        },
        dxy,
        brier: corrected(1),
        slope: corrected(2),
        intercept: corrected(3),
        resamples,
        resamples_failed: resamples - used.len(),
        resamples_separated: used.iter().filter(|r| r.2).count(),
    })
}

/// Measures of one model's predictions under different counts of patients.
struct Judge {
    keyed: Vec<(u64, u32)>,
    probabilities: Vec<f64>,
    columns: Vec<f64>,
    newton: Newton,
}

impl Judge {
    fn new(patterns: usize) -> Self {
        Self {
            keyed: Vec::with_capacity(patterns),
            probabilities: Vec::with_capacity(patterns),
            columns: Vec::with_capacity(2 * patterns),
            newton: Newton::new(2),
        }
    }

    fn order(&mut self, predictors: &[f64]) {
        self.keyed.clear();
        self.keyed.extend(
            predictors
                .iter()
                .zip(0_u32..)
                .map(|(lp, k)| (order_key(*lp), k)),
        );
        self.keyed.sort_unstable();
        self.probabilities.clear();
        self.probabilities
            .extend(predictors.iter().map(|lp| numerics::expit(*lp)));
    }

    fn dxy(&self, events: &[f64], totals: &[f64]) -> f64 {
        let (mut events_below, mut others_below, mut concordance) = (0.0, 0.0, 0.0);
        for block in self.keyed.chunk_by(|a, b| a.0 == b.0) {
            let (mut block_events, mut block_others) = (0.0, 0.0);
            for (_, k) in block {
                let k = *k as usize;
                block_events += events[k];
                block_others += totals[k] - events[k];
            }
            // Whole numbers below 2⁵³: exact.
            concordance += block_events * (2.0 * others_below + block_others);
            events_below += block_events;
            others_below += block_others;
        }
        concordance / (events_below * others_below) - 1.0
    }

    fn brier(&self, events: &[f64], totals: &[f64]) -> f64 {
        let (mut squares, mut patients) = (0.0, 0.0);
        for ((events, total), p) in events.iter().zip(totals).zip(&self.probabilities) {
            squares += events * (1.0 - p) * (1.0 - p) + (total - events) * p * p;
            patients += total;
        }
        squares / patients
    }

    /// Intercept and slope of the outcome on the predictor, on the original patients.
    fn recalibrate(&mut self, predictors: &[f64], patterns: &Patterns) -> Option<(f64, f64)> {
        self.columns.clear();
        self.columns
            .extend(predictors.iter().flat_map(|lp| [1.0, *lp]));
        let rows = BinomialRows {
            matrix: &self.columns,
            width: 2,
            events: &patterns.events,
            totals: &patterns.totals,
            offset: None,
        };
        self.newton.coefficients.copy_from_slice(&[0.0, 1.0]);
        self.newton.maximize(&rows, 1e-5, 25).ok()?;
        Some((self.newton.coefficients[0], self.newton.coefficients[1]))
    }
}
