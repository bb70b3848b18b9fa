//! Kruskal–Wallis rank test of G ≥ 2 independent groups.
//!
//! H = (12 / (N (N + 1)) · Σ R²_g / n_g − 3 (N + 1)) / (1 − Σ (t³ − t) / (N³ − N)), R_g the sum of the mid-ranks of a
//! group, t the numbers of tied values; χ² on G − 1 degrees of freedom. Computed as 12 / (N (N + 1)) · Σ n_g (R_g /
//! n_g − (N + 1) / 2)², which does not cancel. With two groups p is that of Mann–Whitney without continuity correction.
//! Source: Kruskal & Wallis 1952. Convention: R `kruskal.test`. O(N log N).

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::comparison_error::{ComparisonError, check_group};
use super::midranks::Midranks;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KruskalWallis {
    pub h: f64,
    pub degrees_of_freedom: usize,
    pub p_value: f64,
    pub ties: bool,
    /// In the order of the groups.
    pub mean_ranks: Vec<f64>,
}

pub fn kruskal_wallis(groups: &[&[f64]]) -> Result<KruskalWallis, ComparisonError> {
    if groups.len() < 2 {
        return Err(ComparisonError::TooFewGroups {
            groups: groups.len(),
        });
    }
    for (index, group) in groups.iter().enumerate() {
        check_group(index, group, 1)?;
    }
    let all: Vec<f64> = groups.concat();
    if all.iter().all(|value| *value == all[0]) {
        return Err(ComparisonError::AllTied { value: all[0] });
    }
    let ranks = Midranks::new(&all);
    let total = all.len() as f64;
    let mut start = 0;
    let mut mean_ranks = Vec::with_capacity(groups.len());
    let mut parts = Vec::with_capacity(groups.len());
    for group in groups {
        let end = start + group.len();
        let mean_rank = numerics::mean(&ranks.ranks[start..end]);
        let distance = mean_rank - (total + 1.0) / 2.0;
        parts.push(group.len() as f64 * distance * distance);
        mean_ranks.push(mean_rank);
        start = end;
    }
    let spread = 1.0 - ranks.tie_sum / (total * total * total - total);
    let h = 12.0 / (total * (total + 1.0)) * numerics::sum(&parts) / spread;
    let degrees_of_freedom = groups.len() - 1;
    Ok(KruskalWallis {
        h,
        degrees_of_freedom,
        p_value: numerics::chi_squared_upper(h, degrees_of_freedom as f64),
        ties: ranks.tied_value.is_some(),
        mean_ranks,
    })
}
