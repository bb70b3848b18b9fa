//! Log-rank test of G ≥ 2 groups of right-censored times, within strata if there are any.
//!
//! U_g = Σ_t (d_gt − n_gt d_t / n_t); V_gh = Σ_t d_t (n_t − d_t) / (n_t − 1) · n_gt/n_t · (δ_gh − n_ht/n_t), the
//! hypergeometric covariance; both are summed over the strata. χ² = Uᵀ V⁻¹ U over all groups but one.
//! A group that is never at risk at an event (expected 0) tells nothing: it is reported but not tested.
//! Ties: all events of a time together. Times: one unit. Missing values: the caller drops rows.
//! Source: Mantel 1966, Peto & Peto 1972; convention of R `survival::survdiff(rho = 0)`.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::SurvivalError;
use super::ordering::{check, check_events, check_groups, check_length, order};
use crate::numerics::{Cholesky, chi_squared_upper, dot};

/// The lists are in the order of the group codes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRank {
    pub chi_squared: f64,
    pub degrees_of_freedom: usize,
    pub p_value: f64,
    pub patients: Vec<usize>,
    pub observed: Vec<f64>,
    pub expected: Vec<f64>,
}

/// `groups` and `strata` hold codes; the groups' run from 0 without gaps.
pub fn log_rank(
    times: &[f64],
    events: &[bool],
    groups: &[usize],
    strata: Option<&[usize]>,
) -> Result<LogRank, SurvivalError> {
    check(times, events)?;
    check_length("the group", times.len(), groups.len())?;
    if let Some(strata) = strata {
        check_length("the stratum", times.len(), strata.len())?;
    }
    let count = check_groups(groups)?;
    check_events(events)?;
    let rows = order(times, events, strata);
    let same_stratum = |a: &usize, b: &usize| strata.is_none_or(|s| s[*a] == s[*b]);

    let mut patients = vec![0; count];
    let mut observed = vec![0.0; count];
    let mut expected = vec![0.0; count];
    let mut covariance = vec![0.0; count * count];
    let mut share = vec![0.0; count];
    for stratum in rows.chunk_by(same_stratum) {
        // From the last time to the first, so that the patients at risk are those already met.
        let mut at_risk = vec![0_usize; count];
        let mut met = 0_usize;
        for tied in stratum.chunk_by(|a, b| times[*a] == times[*b]).rev() {
            let mut deaths = 0_usize;
            for row in tied {
                at_risk[groups[*row]] += 1;
                if events[*row] {
                    deaths += 1;
                    observed[groups[*row]] += 1.0;
                }
            }
            met += tied.len();
            if deaths == 0 {
                continue;
            }
            let (n, d) = (met as f64, deaths as f64);
            for group in 0..count {
                share[group] = at_risk[group] as f64 / n;
                expected[group] += d * share[group];
            }
            if met > 1 {
                let factor = d * (n - d) / (n - 1.0);
                for g in 0..count {
                    covariance[g * count + g] += factor * share[g];
                    for h in 0..=g {
                        covariance[g * count + h] -= factor * share[g] * share[h];
                    }
                }
            }
        }
        for (total, here) in patients.iter_mut().zip(&at_risk) {
            *total += here;
        }
    }

    let tested: Vec<usize> = (0..count).filter(|g| expected[*g] > 0.0).collect();
    let Some((_, tested)) = tested.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(SurvivalError::NoOverlap);
    };
    let score: Vec<f64> = tested.iter().map(|g| observed[*g] - expected[*g]).collect();
    let matrix = Array2::from_shape_fn((tested.len(), tested.len()), |(a, b)| {
        let (low, high) = (tested[a.min(b)], tested[a.max(b)]);
        covariance[high * count + low]
    });
    let factor = Cholesky::new(&matrix, 1e-12).map_err(|_| SurvivalError::NoOverlap)?;
    let chi_squared = dot(&score, &factor.solve(&score)).max(0.0);
    Ok(LogRank {
        chi_squared,
        degrees_of_freedom: tested.len(),
        p_value: chi_squared_upper(chi_squared, tested.len() as f64),
        patients,
        observed,
        expected,
    })
}
