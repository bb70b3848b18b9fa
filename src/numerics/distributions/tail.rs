//! The two tails of a distribution at one point, the smaller one (or about) by itself and the other as its complement.

use crate::numerics::elementary::{exp, ln, ln_1p};

/// Series and fractions take about as many terms as the square root of their parameter: beyond this they would not end.
pub(super) const LARGEST: f64 = 1e12;

/// Terms of a fraction: many more than `LARGEST` needs, and an end should rounding ever keep one from settling.
pub(super) const MOST_TERMS: u32 = 50_000_000;

pub(super) fn is_probability(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

/// `front` · `factor` is the lower tail (or the upper). The front is the density of ln x (gamma) or of the logit of x
/// (beta).
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    pub(super) ln_front: f64,
    pub(super) factor: f64,
    pub(super) is_lower: bool,
}

impl Tail {
    fn itself(&self) -> f64 {
        (exp(self.ln_front) * self.factor).min(1.0)
    }

    pub(super) fn lower(&self) -> f64 {
        if self.is_lower {
            self.itself()
        } else {
            1.0 - self.itself()
        }
    }

    pub(super) fn upper(&self) -> f64 {
        Self {
            is_lower: !self.is_lower,
            ..*self
        }
        .lower()
    }

    /// ln of the lower tail, also where the tail itself is too small for a number.
    pub(super) fn ln_lower(&self) -> f64 {
        if self.is_lower {
            self.ln_front + ln(self.factor)
        } else {
            ln_1p(-self.itself())
        }
    }

    pub(super) fn ln_upper(&self) -> f64 {
        Self {
            is_lower: !self.is_lower,
            ..*self
        }
        .ln_lower()
    }
}
