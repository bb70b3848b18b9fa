//! Bootstrap calibration curves: the observed risk as a smooth function of the predicted risk.
//!
//! `bootstrap_calibration` asks how a model fitted on these patients would be calibrated on new ones. The apparent curve is
//! the lowess (f = 2/3, no robustness iterations, delta 0.01 of the range) of the outcome on the fitted probabilities. The
//! model is refitted on each resample; its curve on the resample less its curve on the original patients is the
//! optimism, whose mean is taken off the apparent curve. A resample counts at a predicted value that both of its curves
//! reach. A resample in which a rare level, or one of the outcomes, was not drawn cannot be fitted and is left out; one
//! in which the outcome is separated is used as far as Newton's method came when −2ℓ fell by less than 0.025 (R's
//! `lrm.fit`). Both are counted.
//! Convention: R `rms::calibrate(method = "boot")`. Source: Harrell, Lee & Mark 1996.
//!
//! `calibration_band` is for a frozen model on patients it has not seen: the curve of the given probabilities, with
//! percentile limits (type 7) over resamples of the patients, which keep their probabilities. Limits are given where at
//! least half of the resamples reach.
//!
//! Resample b draws from the substream b of `random`; draws are by row, so give the patients in a fixed order.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::numerics::{self, Random};

use super::covariate_patterns::{Patterns, Refit, Refitted};
use super::design::Design;
use super::logistic_data::LogisticData;
use super::logistic_error::LogisticError;
use super::lowess::{Blocks, lowess_at};
use super::score_error::{ScoreError, check_between, check_probabilities};
use super::separation::fit_or_explain;
use super::tied_scores::{TiedScores, order_key};

const SPAN: f64 = 2.0 / 3.0;
/// Fits are at least this share of the range of predictions apart.
const DELTA: f64 = 0.01;

/// One value a predicted probability in every list; none outside the range of the predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BootstrapCalibration {
    pub predicted: Vec<f64>,
    pub apparent: Vec<Option<f64>>,
    pub optimism: Vec<Option<f64>>,
    /// Apparent less optimism.
    pub corrected: Vec<Option<f64>>,
    /// Of `corrected`, from the spread of the optimism over resamples: what another seed would move it by.
    pub monte_carlo_standard_error: Vec<Option<f64>>,
    /// How many resamples reach each predicted value.
    pub contributing: Vec<usize>,
    pub resamples: usize,
    /// Resamples left out because the model could not be fitted.
    pub resamples_failed: usize,
    /// Resamples used in which the outcome was separated.
    pub resamples_separated: usize,
    /// Of the corrected curve, over the patients; none if the curve reaches none of them.
    pub error: Option<CalibrationError>,
}

/// |predicted − observed| over the patients within the curve's range, the observed risk read off the curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationError {
    pub mean_absolute: f64,
    pub mean_squared: f64,
    pub quantile_90_absolute: f64,
    pub patients: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBand {
    pub predicted: Vec<f64>,
    pub observed: Vec<Option<f64>>,
    pub low: Vec<Option<f64>>,
    pub high: Vec<Option<f64>>,
    pub contributing: Vec<usize>,
    pub confidence_level: f64,
    pub resamples: usize,
    pub error: Option<CalibrationError>,
}

/// `count` predicted values, equally spaced from the 5th smallest to the 5th largest probability (R's `calibrate` takes 50);
/// one value if all probabilities are equal.
pub fn calibration_axis(probability: &[f64], count: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = probability
        .iter()
        .copied()
        .filter(|p| p.is_finite())
        .collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let skipped = 4.min(sorted.len().saturating_sub(1) / 2);
    let ends = |skipped: usize| {
        let last = sorted.len().checked_sub(1 + skipped)?;
        (sorted[skipped] < sorted[last]).then(|| (sorted[skipped], sorted[last]))
    };
    // Where ties make these two the same value, the whole range.
    match ends(skipped).or_else(|| ends(0)) {
        None => sorted.into_iter().take(1).collect(),
        Some((low, high)) => {
            let steps = count.saturating_sub(1).max(1) as f64;
            (0..count)
                .map(|k| low + (high - low) * (k as f64 / steps))
                .collect()
        }
    }
}

/// The calibration of a logistic regression on `design`, corrected for optimism, at the `predicted` probabilities.
pub fn bootstrap_calibration(
    design: &Design,
    outcome: &[bool],
    predicted: &[f64],
    resamples: usize,
    random: &Random,
) -> Result<BootstrapCalibration, LogisticError> {
    if resamples == 0 {
        return Err(LogisticError::BadOption {
            option: "the number of resamples".to_owned(),
            value: 0.0,
            allowed: "at least 1".to_owned(),
        });
    }
    if let Some(value) = unusable(predicted) {
        return Err(LogisticError::BadOption {
            option: "a predicted probability of the curve".to_owned(),
            value,
            allowed: "between 0 and 1, in ascending order".to_owned(),
        });
    }
    let data = LogisticData::new(design, outcome)?;
    let (newton, _) = fit_or_explain(&data)?;
    let patterns = Patterns::new(&data, &newton.coefficients);
    let mut curve = Curve::new(patterns.len());
    curve.order(&patterns.predictors);
    let mut apparent = vec![f64::NAN; predicted.len()];
    curve.smooth(&patterns.events, &patterns.totals, predicted, &mut apparent);
    let optimisms: Vec<Option<(Vec<f64>, bool)>> = (0..resamples)
        .into_par_iter()
        .map_init(
            || {
                (
                    Refit::new(&patterns),
                    Curve::new(patterns.len()),
                    vec![0.0; predicted.len()],
                )
            },
            |(refit, curve, on_original), b| {
                let fitted = refit.draw_and_fit(&patterns, random.substream(b as u64));
                if fitted == Refitted::Failed {
                    return None;
                }
                curve.order(&refit.predictors);
                let mut optimism = vec![f64::NAN; predicted.len()];
                curve.smooth(&refit.events, &refit.totals, predicted, &mut optimism);
                curve.smooth(&patterns.events, &patterns.totals, predicted, on_original);
                for (on_resample, original) in optimism.iter_mut().zip(on_original.iter()) {
                    *on_resample -= original;
                }
                Some((optimism, fitted == Refitted::Separated))
            },
        )
        .collect();
    let used: Vec<&(Vec<f64>, bool)> = optimisms.iter().flatten().collect();
    if used.is_empty() {
        return Err(LogisticError::NoResampleFitted { resamples });
    }
    let mut result = BootstrapCalibration {
        predicted: predicted.to_vec(),
        apparent: apparent.iter().map(|a| finite(*a)).collect(),
        optimism: Vec::new(),
        corrected: Vec::new(),
        monte_carlo_standard_error: Vec::new(),
        contributing: Vec::new(),
        resamples,
        resamples_failed: resamples - used.len(),
        resamples_separated: used.iter().filter(|r| r.1).count(),
        error: None,
    };
    for (k, apparent) in apparent.iter().enumerate() {
        let reached = reaching(used.iter().map(|r| r.0[k]));
        let optimism = finite(numerics::mean(&reached));
        result.contributing.push(reached.len());
        result.optimism.push(optimism);
        result
            .corrected
            .push(optimism.and_then(|o| finite(apparent - o)));
        result.monte_carlo_standard_error.push(finite(
            (numerics::variance(&reached) / reached.len() as f64).sqrt(),
        ));
    }
    let probabilities: Vec<f64> = patterns
        .of_patients()
        .map(|k| numerics::expit(patterns.predictors[k]))
        .collect();
    result.error = calibration_error(predicted, &result.corrected, &probabilities);
    Ok(result)
}

/// The calibration of given probabilities at the `predicted` ones, with bootstrap percentile limits.
pub fn calibration_band(
    outcome: &[bool],
    probability: &[f64],
    predicted: &[f64],
    resamples: usize,
    confidence_level: f64,
    random: &Random,
) -> Result<CalibrationBand, ScoreError> {
    check_between("the confidence level", confidence_level)?;
    check_probabilities(outcome, probability)?;
    if resamples == 0 {
        return Err(ScoreError::BadOption {
            option: "the number of resamples".to_owned(),
            value: 0.0,
            allowed: "at least 1".to_owned(),
        });
    }
    let sorted = TiedScores::new(outcome, probability);
    if sorted.blocks.len() == 1 {
        return Err(ScoreError::AllTied {
            value: probability[0],
        });
    }
    if let Some(value) = unusable(predicted) {
        return Err(ScoreError::BadOption {
            option: "a predicted probability of the curve".to_owned(),
            value,
            allowed: "between 0 and 1, in ascending order".to_owned(),
        });
    }
    let x: Vec<f64> = sorted.blocks.iter().map(|b| b.value).collect();
    let mut slots = vec![0; outcome.len()];
    for (k, block) in sorted.blocks.iter().enumerate() {
        for row in &sorted.order[block.start..block.end] {
            slots[*row as usize] = 2 * k + usize::from(outcome[*row as usize]);
        }
    }
    let mut observed = vec![f64::NAN; predicted.len()];
    let sums: Vec<f64> = sorted.blocks.iter().map(|b| b.events as f64).collect();
    let counts: Vec<f64> = sorted
        .blocks
        .iter()
        .map(|b| (b.end - b.start) as f64)
        .collect();
    smooth(&x, &counts, &sums, predicted, &mut observed);
    let curves: Vec<Vec<f64>> = (0..resamples)
        .into_par_iter()
        .map_init(
            || (vec![0_u32; 2 * x.len()], Vec::new(), Vec::new(), Vec::new()),
            |(drawn, values, counts, sums), b| {
                let mut random = random.substream(b as u64);
                drawn.fill(0);
                for _ in 0..slots.len() {
                    drawn[slots[random.below(slots.len())]] += 1;
                }
                values.clear();
                counts.clear();
                sums.clear();
                for (pair, value) in drawn.chunks_exact(2).zip(&x) {
                    if pair[0] + pair[1] > 0 {
                        values.push(*value);
                        counts.push(f64::from(pair[0] + pair[1]));
                        sums.push(f64::from(pair[1]));
                    }
                }
                let mut curve = vec![f64::NAN; predicted.len()];
                smooth(values, counts, sums, predicted, &mut curve);
                curve
            },
        )
        .collect();
    let tail = 0.5 - confidence_level / 2.0;
    let mut band = CalibrationBand {
        predicted: predicted.to_vec(),
        observed: observed.iter().map(|o| finite(*o)).collect(),
        low: Vec::new(),
        high: Vec::new(),
        contributing: Vec::new(),
        confidence_level,
        resamples,
        error: None,
    };
    for k in 0..predicted.len() {
        let mut reached = reaching(curves.iter().map(|curve| curve[k]));
        reached.sort_unstable_by(f64::total_cmp);
        let enough = 2 * reached.len() >= resamples && band.observed[k].is_some();
        let limit = |p: f64| enough.then(|| numerics::quantile_type_7(&reached, p));
        band.low.push(limit(tail));
        band.high.push(limit(1.0 - tail));
        band.contributing.push(reached.len());
    }
    band.error = calibration_error(predicted, &band.observed, probability);
    Ok(band)
}

/// The first of the curve's positions that is not a probability or not above the one before it.
fn unusable(predicted: &[f64]) -> Option<f64> {
    (0..predicted.len())
        .find(|k| {
            !(0.0..=1.0).contains(&predicted[*k]) || *k > 0 && predicted[*k] <= predicted[k - 1]
        })
        .map(|k| predicted[k])
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn reaching(values: impl Iterator<Item = f64>) -> Vec<f64> {
    values.filter(|v| v.is_finite()).collect()
}

fn smooth(x: &[f64], counts: &[f64], sums: &[f64], at: &[f64], curve: &mut [f64]) {
    let range = x.last().copied().unwrap_or(0.0) - x.first().copied().unwrap_or(0.0);
    lowess_at(&Blocks { x, counts, sums }, SPAN, DELTA * range, at, curve);
}

/// Distances between each patient's probability and the curve there, by straight lines between its points.
fn calibration_error(
    predicted: &[f64],
    curve: &[Option<f64>],
    probabilities: &[f64],
) -> Option<CalibrationError> {
    let points: Vec<(f64, f64)> = predicted
        .iter()
        .zip(curve)
        .filter_map(|(x, y)| y.map(|y| (*x, y)))
        .collect();
    let mut errors: Vec<f64> = probabilities
        .iter()
        .filter_map(|p| {
            let after = points.partition_point(|point| point.0 < *p);
            let (x1, y1) = *points.get(after)?;
            if x1 == *p {
                return Some((p - y1).abs());
            }
            let (x0, y0) = *points.get(after.checked_sub(1)?)?;
            Some((p - (y0 + (y1 - y0) * ((p - x0) / (x1 - x0)))).abs())
        })
        .collect();
    errors.sort_unstable_by(f64::total_cmp);
    if errors.is_empty() {
        return None;
    }
    let squares: Vec<f64> = errors.iter().map(|e| e * e).collect();
    Some(CalibrationError {
        mean_absolute: numerics::mean(&errors),
        mean_squared: numerics::mean(&squares),
        quantile_90_absolute: numerics::quantile_type_7(&errors, 0.9),
        patients: errors.len(),
    })
}

/// Patterns in the order of a linear predictor, ready to be smoothed with different counts.
struct Curve {
    keyed: Vec<(u64, u32)>,
    probabilities: Vec<f64>,
    x: Vec<f64>,
    counts: Vec<f64>,
    sums: Vec<f64>,
}

impl Curve {
    fn new(patterns: usize) -> Self {
        Self {
            keyed: Vec::with_capacity(patterns),
            probabilities: Vec::with_capacity(patterns),
            x: Vec::with_capacity(patterns),
            counts: Vec::with_capacity(patterns),
            sums: Vec::with_capacity(patterns),
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
        self.probabilities.extend(
            self.keyed
                .iter()
                .map(|(_, k)| numerics::expit(predictors[*k as usize])),
        );
    }

    fn smooth(&mut self, events: &[f64], totals: &[f64], at: &[f64], curve: &mut [f64]) {
        self.x.clear();
        self.counts.clear();
        self.sums.clear();
        for ((_, k), p) in self.keyed.iter().zip(&self.probabilities) {
            let k = *k as usize;
            if totals[k] == 0.0 {
                continue;
            }
            if self.x.last() == Some(p) {
                let last = self.x.len() - 1;
                self.counts[last] += totals[k];
                self.sums[last] += events[k];
            } else {
                self.x.push(*p);
                self.counts.push(totals[k]);
                self.sums.push(events[k]);
            }
        }
        smooth(&self.x, &self.counts, &self.sums, at, curve);
    }
}
