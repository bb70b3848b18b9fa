//! ComBat: takes the shift and the spread that a batch (scanner, centre) gives to features out of them.
//! Johnson, Li & Rabinovic 2007, parametric empirical Bayes; conventions of R's `sva::ComBat(par.prior = TRUE)`.
//!
//! y_ij = α_j + x_i β_j + γ_gj + δ_gj ε_ij for patient i of batch g and feature j, x the covariates.
//! 1. α, β by least squares on batches and covariates. α_j is the mean of the batches' intercepts, weighted by their
//!    patients, or the reference batch's. σ²_j is the mean (over n, or the reference's patients) of the squared residuals.
//! 2. z = (y − α − xβ) / σ. In each batch γ̂ is the mean of z and δ̂² its variance (n − 1).
//! 3. Over the features of a batch: γ̄ and τ² mean and variance of γ̂; δ̂² with mean m and variance s² gives the inverse
//!    gamma prior with λ = (2 s² + m²) / s² and θ = (m s² + m³) / s².
//! 4. γ* = (n τ² γ̂ + δ*² γ̄) / (n τ² + δ*²) and δ*² = (θ + ½ Σ (z − γ*)²) / (n/2 + λ − 1), in turn until neither changes
//!    by more than 10⁻¹⁰ (sva stops at 10⁻⁴).
//! 5. Harmonised: σ (z − γ*) / δ* + α + xβ. A reference batch stays as it is.
//!
//! Everything estimated is of the fitted patients alone and can be applied to others of the same batches.
//! A feature that is constant within a batch, or left without residuals by the covariates, passes unchanged and is
//! reported (as in sva). Missing values: an error that names patient and feature.

use std::collections::BTreeSet;

use ndarray::{Array2, ArrayView1};
use serde::{Deserialize, Serialize};

use crate::numerics::{Cholesky, dot, mean, sum, sum_of_squared_deviations, variance};

use super::LearningError;
use super::input::{check_columns, check_features, check_finite, entries, is_constant};

/// A fitted harmonisation. Vectors over features have one entry for each of `adjusted`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Combat {
    /// How many features it was fitted on.
    pub features: usize,
    /// Columns that are harmonised, from 0.
    pub adjusted: Vec<usize>,
    /// Columns that are passed through, being constant within a batch or wholly explained by the covariates.
    pub unadjusted: Vec<usize>,
    pub reference_batch: Option<String>,
    /// α.
    pub grand_mean: Vec<f64>,
    /// σ².
    pub pooled_variance: Vec<f64>,
    /// β: one vector over features for each covariate.
    pub covariate_effects: Vec<Vec<f64>>,
    /// In alphabetical order.
    pub batches: Vec<CombatBatch>,
}

/// What a batch does to standardised features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CombatBatch {
    pub name: String,
    /// Patients in the fit.
    pub patients: usize,
    /// γ*.
    pub location: Vec<f64>,
    /// δ*², a variance.
    pub scale: Vec<f64>,
}

/// Fits ComBat. `batch` names each patient's batch; `covariates` has a row for each patient and a column for each effect
/// that must survive the harmonisation (none: no columns; a category as dummy columns).
pub fn fit_combat(
    features: &Array2<f64>,
    batch: &[&str],
    covariates: &Array2<f64>,
    reference: Option<&str>,
) -> Result<Combat, LearningError> {
    check_features(features)?;
    check_rows(features, batch, covariates)?;
    let patients = features.nrows();
    let names: Vec<&str> = batch
        .iter()
        .copied()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let members: Vec<Vec<usize>> = names
        .iter()
        .map(|name| {
            (0..patients)
                .filter(|patient| batch[*patient] == *name)
                .collect()
        })
        .collect();
    if let [only] = names[..] {
        return Err(LearningError::OneBatch {
            batch: only.to_owned(),
        });
    }
    for (name, members) in names.iter().zip(&members) {
        if members.len() < 2 {
            return Err(LearningError::SmallBatch {
                batch: (*name).to_owned(),
                patients: members.len(),
            });
        }
    }
    let reference_index = match reference {
        None => None,
        Some(reference) => Some(
            names
                .iter()
                .position(|name| *name == reference)
                .ok_or_else(|| LearningError::NoReferenceBatch {
                    batch: reference.to_owned(),
                    fitted: owned(&names),
                })?,
        ),
    };

    let regression = Regression::new(&members, covariates)?;
    let mut fitted = Combat {
        features: features.ncols(),
        adjusted: Vec::new(),
        unadjusted: Vec::new(),
        reference_batch: reference.map(str::to_owned),
        grand_mean: Vec::new(),
        pooled_variance: Vec::new(),
        covariate_effects: vec![Vec::new(); covariates.ncols()],
        batches: Vec::new(),
    };
    // γ̂ and δ̂² of each batch, feature by feature.
    let mut locations = vec![Vec::new(); names.len()];
    let mut scales = vec![Vec::new(); names.len()];
    for (feature, column) in features.columns().into_iter().enumerate() {
        let values = column.to_vec();
        let constant = members
            .iter()
            .any(|members| is_constant(ArrayView1::from(&entries(&values, members))));
        let standard = Standard::new(&values, &members, covariates, &regression, reference_index);
        if constant || !(standard.pooled_variance > LEAST_VARIANCE * variance(&values)) {
            fitted.unadjusted.push(feature);
            continue;
        }
        fitted.adjusted.push(feature);
        fitted.grand_mean.push(standard.grand_mean);
        fitted.pooled_variance.push(standard.pooled_variance);
        for (effects, effect) in fitted
            .covariate_effects
            .iter_mut()
            .zip(&standard.covariate_effects)
        {
            effects.push(*effect);
        }
        for (index, members) in members.iter().enumerate() {
            let z = entries(&standard.z, members);
            locations[index].push(mean(&z));
            scales[index].push(variance(&z));
        }
    }
    if fitted.adjusted.len() < 2 {
        return Err(LearningError::TooFewToHarmonise {
            features: fitted.adjusted.len(),
        });
    }
    for (index, name) in names.iter().enumerate() {
        let patients = members[index].len();
        let (location, scale) = if reference_index == Some(index) {
            let features = fitted.adjusted.len();
            (vec![0.0; features], vec![1.0; features])
        } else {
            empirical_bayes(&locations[index], &scales[index], patients).map_err(|iterations| {
                LearningError::NotConverged {
                    iterations,
                    batch: (*name).to_owned(),
                }
            })?
        };
        fitted.batches.push(CombatBatch {
            name: (*name).to_owned(),
            patients,
            location,
            scale,
        });
    }
    Ok(fitted)
}

/// A residual variance below this fraction of the feature's own is rounding.
const LEAST_VARIANCE: f64 = 1e-20;
/// A covariate with less than this fraction of its variance left beside the batches and the covariates before it.
const COLLINEAR: f64 = 1e-10;
const CONVERGED: f64 = 1e-10;
const MAX_ITERATIONS: usize = 100_000;

impl Combat {
    /// The harmonised features of any patients of the fitted batches, in the columns of the fit.
    pub fn apply(
        &self,
        features: &Array2<f64>,
        batch: &[&str],
        covariates: &Array2<f64>,
    ) -> Result<Array2<f64>, LearningError> {
        check_columns("features", self.features, features.ncols())?;
        check_columns(
            "covariates",
            self.covariate_effects.len(),
            covariates.ncols(),
        )?;
        check_rows(features, batch, covariates)?;
        check_finite(features)?;
        let mut harmonised = features.clone();
        for (patient, name) in batch.iter().enumerate() {
            let of_batch = self
                .batches
                .iter()
                .find(|batch| batch.name == *name)
                .ok_or_else(|| LearningError::UnseenBatch {
                    batch: (*name).to_owned(),
                    patient,
                    fitted: self.batches.iter().map(|b| b.name.clone()).collect(),
                })?;
            if self.reference_batch.as_deref() == Some(*name) {
                continue;
            }
            for (at, feature) in self.adjusted.iter().enumerate() {
                let mut expected = self.grand_mean[at];
                for (covariate, effects) in self.covariate_effects.iter().enumerate() {
                    expected += covariates[[patient, covariate]] * effects[at];
                }
                let deviation = self.pooled_variance[at].sqrt();
                let z = (features[[patient, *feature]] - expected) / deviation;
                let freed = (z - of_batch.location[at]) / of_batch.scale[at].sqrt();
                harmonised[[patient, *feature]] = freed * deviation + expected;
            }
        }
        Ok(harmonised)
    }
}

fn check_rows(
    features: &Array2<f64>,
    batch: &[&str],
    covariates: &Array2<f64>,
) -> Result<(), LearningError> {
    for (what, found) in [
        ("the batch", batch.len()),
        ("the covariates", covariates.nrows()),
    ] {
        if found != features.nrows() {
            return Err(LearningError::LengthsDiffer {
                what: what.to_owned(),
                expected: features.nrows(),
                found,
            });
        }
    }
    for ((patient, covariate), value) in covariates.indexed_iter() {
        if !value.is_finite() {
            return Err(LearningError::CovariateNotFinite { covariate, patient });
        }
    }
    Ok(())
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Least squares on batches and covariates, solved once for all features. An intercept for each batch leaves the
/// covariates' effects to be found from deviations from the batches' means.
struct Regression {
    /// Of the covariates: their means in each batch, and the deviations from them, column by column.
    means: Vec<Vec<f64>>,
    deviations: Vec<Vec<f64>>,
    /// Of the deviations' products; none without covariates.
    products: Option<Cholesky>,
}

impl Regression {
    fn new(members: &[Vec<usize>], covariates: &Array2<f64>) -> Result<Self, LearningError> {
        let mut means = Vec::new();
        let mut deviations: Vec<Vec<f64>> = Vec::new();
        for (covariate, column) in covariates.columns().into_iter().enumerate() {
            let values = column.to_vec();
            let of_batches = means_of(&values, members);
            let from_means = deviations_of(&values, members, &of_batches);
            let left = dot(&from_means, &from_means);
            if !(left > COLLINEAR * sum_of_squared_deviations(&values)) {
                return Err(LearningError::Confounded { covariate });
            }
            means.push(of_batches);
            deviations.push(from_means);
        }
        let count = deviations.len();
        let products = if count == 0 {
            None
        } else {
            let matrix =
                Array2::from_shape_fn((count, count), |(i, j)| dot(&deviations[i], &deviations[j]));
            Some(Cholesky::new(&matrix, COLLINEAR).map_err(|dependent| {
                LearningError::Confounded {
                    covariate: dependent.column,
                }
            })?)
        };
        Ok(Self {
            means,
            deviations,
            products,
        })
    }

    /// The intercept of each batch and the effect of each covariate.
    fn solve(&self, values: &[f64], members: &[Vec<usize>]) -> (Vec<f64>, Vec<f64>) {
        let mut intercepts = means_of(values, members);
        let from_means = deviations_of(values, members, &intercepts);
        let right: Vec<f64> = self
            .deviations
            .iter()
            .map(|covariate| dot(covariate, &from_means))
            .collect();
        let effects = match &self.products {
            None => Vec::new(),
            Some(products) => products.solve(&right),
        };
        for (batch, intercept) in intercepts.iter_mut().enumerate() {
            for (means, effect) in self.means.iter().zip(&effects) {
                *intercept -= means[batch] * effect;
            }
        }
        (intercepts, effects)
    }
}

fn means_of(values: &[f64], members: &[Vec<usize>]) -> Vec<f64> {
    members
        .iter()
        .map(|members| mean(&entries(values, members)))
        .collect()
}

/// Each value less the mean of its batch.
fn deviations_of(values: &[f64], members: &[Vec<usize>], means: &[f64]) -> Vec<f64> {
    let mut deviations = values.to_vec();
    for (members, mean) in members.iter().zip(means) {
        for patient in members {
            deviations[*patient] -= mean;
        }
    }
    deviations
}

/// Steps 1 and 2 for one feature.
struct Standard {
    grand_mean: f64,
    covariate_effects: Vec<f64>,
    pooled_variance: f64,
    z: Vec<f64>,
}

impl Standard {
    fn new(
        values: &[f64],
        members: &[Vec<usize>],
        covariates: &Array2<f64>,
        regression: &Regression,
        reference: Option<usize>,
    ) -> Self {
        let (intercepts, effects) = regression.solve(values, members);
        let of_covariates: Vec<f64> = (0..values.len())
            .map(|patient| {
                let terms = effects.iter().enumerate();
                terms.fold(0.0, |total, (covariate, effect)| {
                    total + covariates[[patient, covariate]] * effect
                })
            })
            .collect();
        let pooled_batches = match reference {
            Some(reference) => reference..reference + 1,
            None => 0..members.len(),
        };
        let squares: Vec<f64> = pooled_batches
            .flat_map(|batch| members[batch].iter().map(move |patient| (batch, *patient)))
            .map(|(batch, patient)| {
                let residual = values[patient] - intercepts[batch] - of_covariates[patient];
                residual * residual
            })
            .collect();
        let grand_mean = match reference {
            Some(reference) => intercepts[reference],
            None => {
                let weighted: Vec<f64> = members
                    .iter()
                    .zip(&intercepts)
                    .map(|(members, intercept)| {
                        members.len() as f64 / values.len() as f64 * intercept
                    })
                    .collect();
                sum(&weighted)
            }
        };
        let pooled_variance = mean(&squares);
        let z = values
            .iter()
            .zip(&of_covariates)
            .map(|(value, covariates)| (value - grand_mean - covariates) / pooled_variance.sqrt())
            .collect();
        Self {
            grand_mean,
            covariate_effects: effects,
            pooled_variance,
            z,
        }
    }
}

/// Steps 3 and 4 for one batch: γ* and δ*² of each feature, or the number of iterations that did not suffice.
fn empirical_bayes(
    locations: &[f64],
    scales: &[f64],
    patients: usize,
) -> Result<(Vec<f64>, Vec<f64>), usize> {
    let n = patients as f64;
    let (location_mean, location_variance) = (mean(locations), variance(locations));
    let (scale_mean, scale_variance) = (mean(scales), variance(scales));
    let square = scale_mean * scale_mean;
    let shape = (2.0 * scale_variance + square) / scale_variance;
    let rate = (scale_mean * scale_variance + scale_mean * square) / scale_variance;
    let mut shrunk_locations = Vec::with_capacity(locations.len());
    let mut shrunk_scales = Vec::with_capacity(locations.len());
    for (location, scale) in locations.iter().zip(scales) {
        let (mut shrunk, mut spread) = (*location, *scale);
        let mut iterations = 0;
        loop {
            let weight = n * location_variance;
            let next = (weight * location + spread * location_mean) / (weight + spread);
            let off = location - next;
            let squares = (n - 1.0) * scale + n * off * off;
            // Equal scales make the prior a point.
            let next_spread = if scale_variance > 0.0 {
                (rate + 0.5 * squares) / (n / 2.0 + shape - 1.0)
            } else {
                scale_mean
            };
            let change = (next - shrunk)
                .abs()
                .max((next_spread - spread).abs() / spread);
            (shrunk, spread) = (next, next_spread);
            if change <= CONVERGED {
                break;
            }
            iterations += 1;
            if iterations == MAX_ITERATIONS {
                return Err(iterations);
            }
        }
        shrunk_locations.push(shrunk);
        shrunk_scales.push(spread);
    }
    Ok((shrunk_locations, shrunk_scales))
}
