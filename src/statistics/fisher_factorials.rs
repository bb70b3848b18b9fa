//! ln k! as numbers and as integers. Sums of the integers do not depend on their order, so tables that are equally
//! probable by symmetry have the same sum to the bit, and sums can be compared and merged.

use crate::numerics::ln_gamma;

/// Units of the integers in 1: the sums of a million patients still fit, and 10⁻⁷ is 27,000 units.
const UNITS: f64 = (1_u64 << 38) as f64;

/// ln(1 + 10⁻⁷) in units: tables whose probabilities differ by less count as equally probable.
pub(super) const TIE: i64 = (1e-7 * UNITS) as i64;

#[derive(Clone, Debug)]
pub(super) struct LnFactorials {
    exact: Vec<f64>,
    units: Vec<i64>,
}

impl LnFactorials {
    /// Up to `largest`!, which is at most a million.
    pub(super) fn new(largest: u64) -> Self {
        let exact: Vec<f64> = (0..=largest).map(|k| ln_gamma(k as f64 + 1.0)).collect();
        let units = exact.iter().map(|ln| (ln * UNITS).round() as i64).collect();
        Self { exact, units }
    }

    pub(super) fn units(&self, k: usize) -> i64 {
        self.units[k]
    }

    /// ln C(n, k).
    pub(super) fn ln_choose(&self, n: usize, k: usize) -> f64 {
        self.exact[n] - self.exact[k] - self.exact[n - k]
    }
}
