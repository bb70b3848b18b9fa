//! Mann–Whitney U test (Wilcoxon's rank-sum test) of two independent groups.
//!
//! U = rank sum of x − m (m + 1) / 2: the pairs (x, y) with x above y, ties one half; m values in x, n in y. Exact: the
//! distribution of U over all choices of m of the m + n ranks, twice the smaller tail. Asymptotic: z = (U − mn / 2 ∓
//! c) / σ with σ² = mn / 12 · (m + n + 1 − Σ (t³ − t) / ((m + n)(m + n − 1))) over the sets of t tied values, and c =
//! ½ with the continuity correction. Source: Mann & Whitney 1947; Wilcoxon 1945. Convention: U is the W of R's
//! `wilcox.test(x, y)`.
//! O(N log N); the exact distribution takes O(m n (m + n)²) at most.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::comparison_error::{ComparisonError, check_group};
use super::midranks::Midranks;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MannWhitneyMethod {
    /// Needs values without ties and groups of at most 100.
    Exact,
    Asymptotic {
        continuity_correction: bool,
    },
    /// As R by default: exact where both groups have fewer than 50 values and none are tied, otherwise asymptotic
    /// with the continuity correction.
    Automatic,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MannWhitney {
    pub u: f64,
    /// None of the exact test.
    pub z: Option<f64>,
    pub p_value: f64,
    /// The method used: never `Automatic`.
    pub method: MannWhitneyMethod,
    pub ties: bool,
    /// U / mn: how often a value of x is above one of y.
    pub probability_of_superiority: f64,
}

const LARGEST_EXACT: usize = 100;
const LARGEST_AUTOMATIC_EXACT: usize = 49;

pub fn mann_whitney(
    x: &[f64],
    y: &[f64],
    method: MannWhitneyMethod,
) -> Result<MannWhitney, ComparisonError> {
    check_group(0, x, 1)?;
    check_group(1, y, 1)?;
    let (m, n) = (x.len() as f64, y.len() as f64);
    let all: Vec<f64> = x.iter().chain(y).copied().collect();
    let ranks = Midranks::new(&all);
    // Ranks are multiples of one half: the sum is exact.
    let u = numerics::sum(&ranks.ranks[..x.len()]) - m * (m + 1.0) / 2.0;
    let larger = x.len().max(y.len());
    let method = match method {
        MannWhitneyMethod::Automatic
            if larger <= LARGEST_AUTOMATIC_EXACT && ranks.tied_value.is_none() =>
        {
            MannWhitneyMethod::Exact
        }
        MannWhitneyMethod::Automatic => MannWhitneyMethod::Asymptotic {
            continuity_correction: true,
        },
        asked => asked,
    };
    let (z, p_value) = if let MannWhitneyMethod::Asymptotic {
        continuity_correction,
    } = method
    {
        let total = m + n;
        let variance = m * n / 12.0 * (total + 1.0 - ranks.tie_sum / (total * (total - 1.0)));
        if all.iter().all(|value| *value == all[0]) {
            return Err(ComparisonError::AllTied { value: all[0] });
        }
        let distance = u - m * n / 2.0;
        // U moves in steps of one half, so the correction never takes the distance past 0.
        let corrected = if continuity_correction && distance != 0.0 {
            distance - 0.5 * distance.signum()
        } else {
            distance
        };
        let z = corrected / variance.sqrt();
        (Some(z), numerics::normal_two_sided(z))
    } else {
        if let Some(value) = ranks.tied_value {
            return Err(ComparisonError::TiesWithoutExact { value });
        }
        if larger > LARGEST_EXACT {
            return Err(ComparisonError::TooLargeForExact {
                first: x.len(),
                second: y.len(),
                limit: LARGEST_EXACT,
            });
        }
        let smaller_tail = u.min(m * n - u);
        (
            None,
            exact_two_sided(smaller_tail as usize, x.len(), y.len()),
        )
    };
    Ok(MannWhitney {
        u,
        z,
        p_value,
        method,
        ties: ranks.tied_value.is_some(),
        probability_of_superiority: u / (m * n),
    })
}

/// min(1, 2 P(U ≤ `u`)). The number of choices of i of i + j ranks with a given U is that with the largest rank chosen
/// (U − j over i − 1 and j) plus that without it (over i and j − 1).
fn exact_two_sided(u: usize, m: usize, n: usize) -> f64 {
    // ways[j][s]: choices with U = s ≤ u for the present i; i = 0 has one, of U = 0.
    let mut ways = vec![vec![0.0_f64; u + 1]; n + 1];
    for row in &mut ways {
        row[0] = 1.0;
    }
    for _ in 0..m {
        for j in 1..=n {
            let (done, rest) = ways.split_at_mut(j);
            let (without, row) = (&done[j - 1], &mut rest[0]);
            // Backwards, because row[s − j] is still that of i − 1.
            for s in (0..=u).rev() {
                row[s] = without[s] + if s >= j { row[s - j] } else { 0.0 };
            }
        }
    }
    let mut choices = 1.0_f64;
    for k in 1..=m {
        choices *= (n + k) as f64 / k as f64;
    }
    (2.0 * numerics::sum(&ways[n]) / choices).min(1.0)
}
