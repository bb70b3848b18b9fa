//! Cut-off of a marker that separates survival best: the maximally selected log-rank statistic.
//!
//! Score of patient i: aᵢ = δᵢ − Σ_{Tⱼ ≤ Tᵢ} δⱼ / (n − rⱼ + 1), rⱼ the largest rank of Tⱼ among its ties. A cut-off c
//! has m patients with marker ≤ c; its statistic is |Σ_{x ≤ c} aᵢ − m ā| / √(m (n − m) / (n (n − 1)) Σ (aᵢ − ā)²), the
//! permutation standardisation, which is not the square root of the log-rank χ². Candidates are the marker's values
//! with max(1, ⌊n f₁⌋) ≤ m ≤ ⌊n f₂⌋; of equal statistics the lowest cut-off is taken.
//! P, with b the largest statistic, φ the normal density: 4 φ(b)/b + φ(b) (b − 1/b) ln(f₂ (1 − f₁) / ((1 − f₂) f₁)), cut
//! to [0, 1]; 1 for b ≤ 1, where this approximation for large b means nothing.
//! Missing values: the caller drops rows. Errors: no candidate; all times and events alike.
//! Source: Lausen & Schumacher 1992; Hothorn & Lausen 2003; convention of R `maxstat` (LogRank, Lau92).

use serde::{Deserialize, Serialize};

use super::SurvivalError;
use super::ordering::{check, check_events, check_finite, check_length, order};
use crate::numerics::{exp, ln, sum, sum_of_squared_deviations};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaximallySelectedLogRank {
    /// Patients with a marker above it are the other group.
    pub cutoff: f64,
    pub statistic: f64,
    pub p_value: f64,
    /// In ascending order of the cut-off.
    pub candidates: Vec<CandidateCutoff>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateCutoff {
    pub cutoff: f64,
    /// Patients with a marker at or below it.
    pub patients: usize,
    /// Standardised; positive if the patients at or below have more events than expected.
    pub statistic: f64,
}

/// The fractions (0 < minimum < maximum < 1) bound the share of patients at or below a candidate.
pub fn maximally_selected_log_rank(
    times: &[f64],
    events: &[bool],
    marker: &[f64],
    minimum_fraction: f64,
    maximum_fraction: f64,
) -> Result<MaximallySelectedLogRank, SurvivalError> {
    check(times, events)?;
    check_length("the marker", times.len(), marker.len())?;
    check_finite("the marker", marker)?;
    check_events(events)?;
    if !(minimum_fraction > 0.0 && minimum_fraction < maximum_fraction && maximum_fraction < 1.0) {
        return Err(SurvivalError::OutOfRange {
            argument: "the smallest share of patients below a cut-off".to_owned(),
            value: minimum_fraction,
            range: format!(
                "above 0 and below the largest share, {maximum_fraction}, itself below 1"
            ),
        });
    }
    let size = times.len();
    let n = size as f64;
    let scores = log_rank_scores(times, events);
    let mean = sum(&scores) / n;
    let spread = sum_of_squared_deviations(&scores) / (n * (n - 1.0));

    let mut rows: Vec<usize> = (0..size).collect();
    rows.sort_by(|a, b| marker[*a].total_cmp(&marker[*b]).then(a.cmp(b)));
    let fewest = ((n * minimum_fraction).floor() as usize).max(1);
    let most = (n * maximum_fraction).floor() as usize;
    let mut candidates = Vec::new();
    let mut below = 0;
    let mut total = 0.0;
    for tied in rows.chunk_by(|a, b| marker[*a] == marker[*b]) {
        for row in tied {
            total += scores[*row] - mean;
        }
        below += tied.len();
        if below >= fewest && below <= most && below < size {
            let m = below as f64;
            candidates.push(CandidateCutoff {
                cutoff: marker[tied[0]],
                patients: below,
                statistic: total / (m * (n - m) * spread).sqrt(),
            });
        }
    }
    let first = candidates.first().ok_or(SurvivalError::NoCandidateCutoff)?;
    if !(spread > 0.0) {
        return Err(SurvivalError::NoOrderedPairs);
    }
    let best = candidates.iter().fold(first, |best, candidate| {
        if candidate.statistic.abs() > best.statistic.abs() {
            candidate
        } else {
            best
        }
    });
    let statistic = best.statistic.abs();
    Ok(MaximallySelectedLogRank {
        cutoff: best.cutoff,
        statistic,
        p_value: p_value(statistic, minimum_fraction, maximum_fraction),
        candidates,
    })
}

fn log_rank_scores(times: &[f64], events: &[bool]) -> Vec<f64> {
    let mut scores = vec![0.0; times.len()];
    let rows = order(times, events, None);
    let mut hazard = 0.0;
    let mut met = 0;
    for tied in rows.chunk_by(|a, b| times[*a] == times[*b]) {
        met += tied.len();
        let deaths = tied.iter().filter(|row| events[**row]).count();
        hazard += deaths as f64 / (times.len() - met + 1) as f64;
        for row in tied {
            scores[*row] = f64::from(events[*row]) - hazard;
        }
    }
    scores
}

fn p_value(b: f64, low: f64, high: f64) -> f64 {
    if b <= 1.0 {
        return 1.0;
    }
    let density = exp(-b * b / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    let odds = ln(high * (1.0 - low) / ((1.0 - high) * low));
    (4.0 * density / b + density * (b - 1.0 / b) * odds).clamp(0.0, 1.0)
}
