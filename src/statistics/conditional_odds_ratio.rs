//! Odds ratio of a 2 × 2 table by conditional maximum likelihood, with its exact interval; and the exact p value.
//!
//! With both margins fixed the first cell X has P(X = x) ∝ w(x) ψˣ, w(x) = C(r₁, x) C(r₂, c₁ − x), ψ the odds ratio
//! (Fisher's noncentral hypergeometric distribution). The estimate has E(X) = observed; the lower limit has P(X ≥
//! observed) = α / 2, the upper P(X ≤ observed) = α / 2. It is not ad / bc. At the end of its range X gives 0 or
//! infinity (here none).
//! p sums w / Σ w at ψ = 1 over all x with w(x) ≤ w(observed) (1 + 10⁻⁷), the share for ties that rounding would part.
//! Source: Fisher 1935; Cornfield 1956; convention: R `fisher.test`, whose search stops at 10⁻⁴; this one goes on to
//! rounding.
//! Work: a few √N terms a step of the search.

use serde::{Deserialize, Serialize};

use crate::numerics;

/// Limits are None where they are infinite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConditionalOddsRatio {
    pub estimate: Option<f64>,
    pub lower: f64,
    pub upper: Option<f64>,
    pub confidence_level: f64,
}

/// The first cell of a 2 × 2 table with these margins: x from `least` to `most`.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstCell {
    first_row: f64,
    second_row: f64,
    first_column: f64,
    least: f64,
    most: f64,
    observed: f64,
}

/// What the search needs to know at one odds ratio.
struct Moments {
    mean: f64,
    variance: f64,
    /// P(X ≥ observed) and E(X | X ≥ observed); likewise ≤.
    upper: f64,
    mean_above: f64,
    lower: f64,
    mean_below: f64,
}

impl FirstCell {
    /// The counts must sum to less than 2⁵³.
    pub(super) fn new(table: [[u64; 2]; 2]) -> Self {
        let [[a, b], [c, d]] = table;
        Self {
            first_row: (a + b) as f64,
            second_row: (c + d) as f64,
            first_column: (a + c) as f64,
            least: a.saturating_sub(d) as f64,
            most: (a + b).min(a + c) as f64,
            observed: a as f64,
        }
    }

    /// w(x + 1) / w(x).
    fn step(&self, x: f64) -> f64 {
        (self.first_row - x) * (self.first_column - x)
            / ((x + 1.0) * (self.second_row - self.first_column + x + 1.0))
    }

    /// The most probable x at an odds ratio: w(x + 1) ψ / w(x) falls with x, so halving finds where it passes 1.
    fn mode(&self, odds_ratio: f64) -> f64 {
        let (mut low, mut high) = (self.least, self.most);
        while low < high {
            let middle = ((low + high) / 2.0).floor();
            if self.step(middle) * odds_ratio >= 1.0 {
                low = middle + 1.0;
            } else {
                high = middle;
            }
        }
        low
    }

    /// (x, w(x) ψˣ relative to the mode) for x ascending, as far as the weights are above `negligible`.
    fn weights(&self, odds_ratio: f64, negligible: f64) -> Vec<(f64, f64)> {
        let mode = self.mode(odds_ratio);
        let mut below = Vec::new();
        let (mut x, mut weight) = (mode, 1.0);
        while x > self.least {
            x -= 1.0;
            weight /= self.step(x) * odds_ratio;
            if weight < negligible {
                break;
            }
            below.push((x, weight));
        }
        below.reverse();
        let mut all = below;
        all.push((mode, 1.0));
        (x, weight) = (mode, 1.0);
        while x < self.most {
            weight *= self.step(x) * odds_ratio;
            x += 1.0;
            if weight < negligible {
                break;
            }
            all.push((x, weight));
        }
        all
    }

    pub(super) fn p_value(&self) -> f64 {
        let weights = self.weights(1.0, f64::MIN_POSITIVE);
        let total = numerics::sum(&weights.iter().map(|(_, w)| *w).collect::<Vec<_>>());
        let Some((_, observed)) = weights.iter().find(|(x, _)| *x == self.observed) else {
            // Less probable than the smallest number that can be told from 0.
            return 0.0;
        };
        let limit = observed * (1.0 + 1e-7);
        let extreme: Vec<f64> = weights
            .iter()
            .map(|(_, w)| *w)
            .filter(|w| *w <= limit)
            .collect();
        (numerics::sum(&extreme) / total).min(1.0)
    }

    fn moments(&self, odds_ratio: f64) -> Moments {
        // What is left out is 10⁻⁴⁰ of the whole, and of a tail that is near the α / 2 sought no more than 10⁻¹⁸.
        let weights = self.weights(odds_ratio, 1e-40);
        let sum_of = |chosen: &dyn Fn(f64) -> bool, value: &dyn Fn(f64) -> f64| {
            let parts: Vec<f64> = weights
                .iter()
                .filter(|(x, _)| chosen(*x))
                .map(|(x, w)| w * value(*x))
                .collect();
            numerics::sum(&parts)
        };
        let total = sum_of(&|_| true, &|_| 1.0);
        // From the observed value, so that the mean does not cancel against it.
        let shift = sum_of(&|_| true, &|x| x - self.observed) / total;
        let variance = sum_of(&|_| true, &|x| {
            (x - self.observed - shift) * (x - self.observed - shift)
        }) / total;
        let (above, below) = (
            sum_of(&|x| x >= self.observed, &|_| 1.0),
            sum_of(&|x| x <= self.observed, &|_| 1.0),
        );
        Moments {
            mean: shift,
            variance,
            upper: above / total,
            mean_above: sum_of(&|x| x >= self.observed, &|x| x - self.observed) / above,
            lower: below / total,
            mean_below: sum_of(&|x| x <= self.observed, &|x| x - self.observed) / below,
        }
    }

    pub(super) fn odds_ratio(&self, confidence_level: f64) -> ConditionalOddsRatio {
        let (at_least, at_most) = (self.observed == self.least, self.observed == self.most);
        let tail = numerics::ln(0.5 - confidence_level / 2.0);
        // Each function of ln ψ rises through 0 at what is sought.
        let estimate = if at_least {
            Some(0.0)
        } else if at_most {
            None
        } else {
            Some(self.search(|m| (m.mean, m.variance)))
        };
        let lower = if at_least {
            0.0
        } else {
            self.search(|m| (numerics::ln(m.upper) - tail, m.mean_above - m.mean))
        };
        let upper = (!at_most)
            .then(|| self.search(|m| (tail - numerics::ln(m.lower), m.mean - m.mean_below)));
        ConditionalOddsRatio {
            estimate,
            lower,
            upper,
            confidence_level,
        }
    }

    /// The odds ratio at which a rising function of ln ψ is 0: Newton's steps, halved where they would leave what is
    /// known to hold the root. The function gives its value and its slope.
    fn search(&self, function: impl Fn(&Moments) -> (f64, f64)) -> f64 {
        let (a, r1, c1) = (self.observed, self.first_row, self.first_column);
        let (b, c, d) = (r1 - a, c1 - a, self.second_row - (c1 - a));
        // The sample's odds ratio, kept from 0 and infinity by one half in each cell.
        let mut at = numerics::ln((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)));
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        // Newton doubles the digits; halving needs 60 steps at most once both sides are known.
        for _ in 0..200 {
            let (value, slope) = function(&self.moments(numerics::exp(at)));
            if value == 0.0 {
                break;
            }
            if value < 0.0 {
                low = at;
            } else {
                high = at;
            }
            let mut next = at - (value / slope).clamp(-8.0, 8.0);
            if !(next > low && next < high) {
                next = if low.is_finite() && high.is_finite() {
                    low + (high - low) / 2.0
                } else {
                    at - value.signum()
                };
            }
            let moved = (next - at).abs();
            at = next;
            if moved <= 1e-15 * (1.0 + at.abs()) {
                break;
            }
        }
        numerics::exp(at)
    }
}
