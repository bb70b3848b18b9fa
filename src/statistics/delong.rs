//! The area under the ROC curve, its variance by DeLong, and tests between two areas.
//!
//! AUC = P(score of an event > score of another) + ½ P(equal). The placement of an event is the share of the others with
//! a lower score (ties one half), of another patient the share of events with a higher score; with m events and n others
//! Var(AUC) = S₁₀ / m + S₀₁ / n, where S are the sample variances of the placements (covariances between scores).
//! Placements come from one sort a score, O(N log N), as whole numbers of half patients: areas, variances and
//! covariances are exact up to their last division and do not depend on the order of rows.
//! Limits AUC ± z SE are cut to 0 and 1. The paired test is z = (A − B) / SE(A − B) with the variance of the differences of
//! placements; the unpaired one refers the same ratio to Student's t with Welch–Satterthwaite degrees of freedom
//! (Vₐ + V_b)² / (Vₐ² / (Nₐ − 1) + V_b² / (N_b − 1)), and to the normal distribution.
//! Two scores that order all patients alike have no difference and nothing to test: `Difference::None`, no z and no p.
//! Source: DeLong, DeLong & Clarke-Pearson 1988; Sun & Xu 2014. Convention: R `pROC::ci.auc`, `roc.test`, direction "<".
//! Higher scores must go with the event; a score that falls with it gives an area below one half.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::score_error::{ScoreError, check_between, check_scores};
use super::tied_scores::TiedScores;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Auc {
    pub auc: f64,
    pub variance: f64,
    pub standard_error: f64,
    pub low: f64,
    pub high: f64,
    pub confidence_level: f64,
    pub events: usize,
    pub others: usize,
}

/// What a comparison of two areas came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    Tested,
    /// The areas are equal and their difference has no variance (identical scores, or monotone transforms): no test.
    None,
    /// The areas differ but the difference has no variance (two perfect separations turned around, say): no test.
    WithoutVariance,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedDeLong {
    pub a: Auc,
    pub b: Auc,
    pub covariance: f64,
    /// A − B.
    pub difference: f64,
    pub difference_standard_error: f64,
    pub difference_low: f64,
    pub difference_high: f64,
    pub result: Difference,
    pub z: Option<f64>,
    pub p_value: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnpairedDeLong {
    pub a: Auc,
    pub b: Auc,
    pub difference: f64,
    pub difference_standard_error: f64,
    pub result: Difference,
    /// The difference over its standard error.
    pub statistic: Option<f64>,
    pub degrees_of_freedom: Option<f64>,
    /// From Student's t.
    pub p_value: Option<f64>,
    pub p_value_normal: Option<f64>,
}

/// Areas of several scores of the same patients and their covariance matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AucCovariance {
    pub auc: Vec<f64>,
    pub covariance: Vec<Vec<f64>>,
    pub events: usize,
    pub others: usize,
}

/// The area alone.
pub fn auc(outcome: &[bool], score: &[f64]) -> Result<f64, ScoreError> {
    let (events, others) = check_scores(outcome, score)?;
    let mut below = 0;
    let mut twice = 0_u128;
    for block in &TiedScores::new(outcome, score).blocks {
        twice += block.events as u128 * (2 * below + block.others()) as u128;
        below += block.others();
    }
    Ok(twice as f64 / (2.0 * events as f64 * others as f64))
}

/// The area with its DeLong variance and limits.
pub fn auc_delong(
    outcome: &[bool],
    score: &[f64],
    confidence_level: f64,
) -> Result<Auc, ScoreError> {
    check_between("the confidence level", confidence_level)?;
    Ok(Placements::new(outcome, score)?.auc(confidence_level))
}

/// Compares the areas of two scores of the same patients.
pub fn delong_paired(
    outcome: &[bool],
    score_a: &[f64],
    score_b: &[f64],
    confidence_level: f64,
) -> Result<PairedDeLong, ScoreError> {
    check_between("the confidence level", confidence_level)?;
    let a = Placements::new(outcome, score_a)?;
    let b = Placements::new(outcome, score_b)?;
    let difference = a.minus(&b);
    let variance = difference.covariance(&difference);
    let standard_error = variance.sqrt();
    let reach = numerics::normal_quantile(0.5 + confidence_level / 2.0) * standard_error;
    let mean = difference.mean();
    let result = result_of(mean, variance);
    let z = (result == Difference::Tested).then(|| mean / standard_error);
    Ok(PairedDeLong {
        covariance: a.covariance(&b),
        a: a.auc(confidence_level),
        b: b.auc(confidence_level),
        difference: mean,
        difference_standard_error: standard_error,
        difference_low: (mean - reach).max(-1.0),
        difference_high: (mean + reach).min(1.0),
        result,
        z,
        p_value: z.map(numerics::normal_two_sided),
    })
}

/// Compares the areas of a score in two sets of different patients.
pub fn delong_unpaired(
    outcome_a: &[bool],
    score_a: &[f64],
    outcome_b: &[bool],
    score_b: &[f64],
    confidence_level: f64,
) -> Result<UnpairedDeLong, ScoreError> {
    let a = auc_delong(outcome_a, score_a, confidence_level)?;
    let b = auc_delong(outcome_b, score_b, confidence_level)?;
    let difference = a.auc - b.auc;
    let variance = a.variance + b.variance;
    let standard_error = variance.sqrt();
    let result = result_of(difference, variance);
    let statistic = (result == Difference::Tested).then(|| difference / standard_error);
    let degrees_of_freedom = statistic.map(|_| {
        let part = |v: f64, patients: usize| v * v / (patients as f64 - 1.0);
        variance * variance
            / (part(a.variance, outcome_a.len()) + part(b.variance, outcome_b.len()))
    });
    let p_value = statistic
        .zip(degrees_of_freedom)
        .map(|(t, df)| numerics::student_t_two_sided(t, df));
    Ok(UnpairedDeLong {
        a,
        b,
        difference,
        difference_standard_error: standard_error,
        result,
        statistic,
        degrees_of_freedom,
        p_value,
        p_value_normal: statistic.map(numerics::normal_two_sided),
    })
}

/// The areas of several scores of the same patients, with all covariances.
pub fn auc_covariance(outcome: &[bool], scores: &[&[f64]]) -> Result<AucCovariance, ScoreError> {
    let placements = scores
        .iter()
        .map(|score| Placements::new(outcome, score))
        .collect::<Result<Vec<_>, _>>()?;
    let events = outcome.iter().filter(|y| **y).count();
    Ok(AucCovariance {
        auc: placements.iter().map(Placements::mean).collect(),
        covariance: placements
            .iter()
            .map(|a| placements.iter().map(|b| a.covariance(b)).collect())
            .collect(),
        events,
        others: outcome.len() - events,
    })
}

fn result_of(difference: f64, variance: f64) -> Difference {
    if variance > 0.0 {
        Difference::Tested
    } else if difference == 0.0 {
        Difference::None
    } else {
        Difference::WithoutVariance
    }
}

/// Twice the number of patients of the other class that each patient is placed beyond, ties counting one.
struct Placements {
    of_events: Vec<i64>,
    of_others: Vec<i64>,
}

impl Placements {
    fn new(outcome: &[bool], score: &[f64]) -> Result<Self, ScoreError> {
        let (events, others) = check_scores(outcome, score)?;
        if events < 2 || others < 2 {
            return Err(ScoreError::TooFew { events, others });
        }
        let sorted = TiedScores::new(outcome, score);
        let mut twice = vec![0_i64; score.len()];
        let mut others_below = 0_i64;
        let mut events_above = events as i64;
        for block in &sorted.blocks {
            let (tied_events, tied_others) = (block.events as i64, block.others() as i64);
            events_above -= tied_events;
            let of_event = 2 * others_below + tied_others;
            let of_other = 2 * events_above + tied_events;
            for row in &sorted.order[block.start..block.end] {
                let row = *row as usize;
                twice[row] = if outcome[row] { of_event } else { of_other };
            }
            others_below += tied_others;
        }
        let mut of_events = Vec::with_capacity(events);
        let mut of_others = Vec::with_capacity(others);
        for (place, event) in twice.into_iter().zip(outcome) {
            if *event {
                of_events.push(place);
            } else {
                of_others.push(place);
            }
        }
        Ok(Self {
            of_events,
            of_others,
        })
    }

    /// The placements of the difference of two areas.
    fn minus(&self, other: &Self) -> Self {
        let subtract = |a: &[i64], b: &[i64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        Self {
            of_events: subtract(&self.of_events, &other.of_events),
            of_others: subtract(&self.of_others, &other.of_others),
        }
    }

    /// The area (or the difference of areas).
    fn mean(&self) -> f64 {
        let total: i128 = self.of_events.iter().map(|p| i128::from(*p)).sum();
        total as f64 / (2.0 * self.of_events.len() as f64 * self.of_others.len() as f64)
    }

    fn covariance(&self, other: &Self) -> f64 {
        let (m, n) = (self.of_events.len() as f64, self.of_others.len() as f64);
        sample_covariance(&self.of_events, &other.of_events) / (4.0 * n * n) / m
            + sample_covariance(&self.of_others, &other.of_others) / (4.0 * m * m) / n
    }

    fn auc(&self, confidence_level: f64) -> Auc {
        let auc = self.mean();
        let variance = self.covariance(self);
        let standard_error = variance.sqrt();
        let reach = numerics::normal_quantile(0.5 + confidence_level / 2.0) * standard_error;
        Auc {
            auc,
            variance,
            standard_error,
            low: (auc - reach).max(0.0),
            high: (auc + reach).min(1.0),
            confidence_level,
            events: self.of_events.len(),
            others: self.of_others.len(),
        }
    }
}

/// (k Σ ab − Σ a Σ b) / (k (k − 1)), the numerator in whole numbers.
fn sample_covariance(a: &[i64], b: &[i64]) -> f64 {
    let count = a.len() as i128;
    let (mut products, mut total_a, mut total_b) = (0_i128, 0_i128, 0_i128);
    for (x, y) in a.iter().zip(b) {
        // At most (2 · 2³²)², so the product fits when taken in 128 bits.
        products += i128::from(*x) * i128::from(*y);
        total_a += i128::from(*x);
        total_b += i128::from(*y);
    }
    (count * products - total_a * total_b) as f64 / (count * (count - 1)) as f64
}
