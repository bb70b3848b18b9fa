//! p values adjusted for testing several hypotheses.
//!
//! With p₍₁₎ ≤ … ≤ p₍ₙ₎: Bonferroni n p. Holm: the largest (n − k + 1) p₍ₖ₎ up to i (both hold the family-wise
//! error). Benjamini–Hochberg: the smallest n p₍ₖ₎ / k from i on (false discovery rate, independent or positively
//! dependent tests). Benjamini–Yekutieli: that times Σ 1 / k (any dependence). Each at most 1, in the order given;
//! equal p values stay equal.
//! Source: Holm 1979; Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001. Convention: R `p.adjust`. O(n log n).

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::comparison_error::ComparisonError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PAdjustment {
    Bonferroni,
    Holm,
    BenjaminiHochberg,
    BenjaminiYekutieli,
}

/// All p values belong to one family of hypotheses. An empty family stays empty.
pub fn adjust_p_values(p: &[f64], method: PAdjustment) -> Result<Vec<f64>, ComparisonError> {
    if let Some(index) = p.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(ComparisonError::NotProbability {
            index,
            value: p[index],
        });
    }
    let n = p.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
    let mut adjusted = vec![0.0; n];
    match method {
        PAdjustment::Bonferroni => {
            for (adjusted, p) in adjusted.iter_mut().zip(p) {
                *adjusted = (n as f64 * p).min(1.0);
            }
        }
        PAdjustment::Holm => {
            let mut largest = 0.0_f64;
            for (before, index) in order.iter().enumerate() {
                largest = largest.max((n - before) as f64 * p[*index]);
                adjusted[*index] = largest.min(1.0);
            }
        }
        PAdjustment::BenjaminiHochberg | PAdjustment::BenjaminiYekutieli => {
            let penalty = if method == PAdjustment::BenjaminiYekutieli {
                numerics::sum(&(1..=n).map(|k| 1.0 / k as f64).collect::<Vec<_>>())
            } else {
                1.0
            };
            let mut smallest = 1.0_f64;
            for (before, index) in order.iter().enumerate().rev() {
                smallest = smallest.min(penalty * n as f64 / (before + 1) as f64 * p[*index]);
                adjusted[*index] = smallest;
            }
        }
    }
    Ok(adjusted)
}
