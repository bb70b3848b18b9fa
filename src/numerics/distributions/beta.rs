//! The incomplete beta function and Fisher's F distribution.

use crate::numerics::elementary::{exp, ln, ln_1p};

use super::gamma::ln_gamma;
use super::newton::solve;
use super::normal::{exact_product, normal_quantile};
use super::saddle_point::{HALF_LN_TWO_PI, deviance, stirling_error};
use super::tail::{LARGEST, MOST_TERMS, Tail, is_probability};

/// ln B(a, b).
pub fn ln_beta(a: f64, b: f64) -> f64 {
    if a + b < 10.0 {
        return ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    }
    let (small, large) = (a.min(b), a.max(b));
    // Stirling's formula for each Γ, with ln(1 + small / large) kept apart.
    HALF_LN_TWO_PI - 0.5 * ln(small) + stirling_error(small) + stirling_error(large)
        - stirling_error(a + b)
        + small * ln(small / (a + b))
        - (large - 0.5) * ln_1p(small / large)
}

/// Both positive and finite, and not both so large that the fraction would never end.
fn are_parameters(a: f64, b: f64) -> bool {
    a > 0.0 && b > 0.0 && a.min(b) <= LARGEST && a.max(b) < f64::INFINITY
}

/// I_x(a, b), the regularised incomplete beta function; `complement` must be 1 − x, given apart so that a small one
/// keeps its digits. NaN if a or b is not positive, or both above 10¹².
pub fn incomplete_beta(a: f64, b: f64, x: f64, complement: f64) -> f64 {
    if !are_parameters(a, b) || x.is_nan() || complement.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    if complement <= 0.0 {
        return 1.0;
    }
    // (a + b) x − a, from the smaller of x and 1 − x, which has more digits; without rounding what would not cancel.
    let whole = a + b;
    let rest = if a > b {
        b - (whole - a)
    } else {
        a - (whole - b)
    };
    let smaller = x.min(complement);
    let (product, rounded) = exact_product(whole, smaller);
    let small = rounded + rest * smaller;
    let distance = if x <= complement {
        (product - a) + small
    } else {
        (b - product) - small
    };
    beta_tail(a, b, x, complement, distance).lower()
}

/// The tails of Beta(a, b) at x, with y = 1 − x and `distance` = (a + b) x − a, each with its own digits.
pub(super) fn beta_tail(a: f64, b: f64, x: f64, y: f64, distance: f64) -> Tail {
    let n = a + b;
    // x^a y^b / B(a, b), the density of the logit of x.
    let ln_front = if n < 10.0 {
        let ln_x = if x > 0.5 { ln_1p(-y) } else { ln(x) };
        let ln_y = if y > 0.5 { ln_1p(-x) } else { ln(y) };
        a * ln_x + b * ln_y - ln_beta(a, b)
    } else {
        0.5 * (ln(a.min(b)) + ln(a.max(b) / n)) - HALF_LN_TWO_PI + stirling_error(n)
            - stirling_error(a)
            - stirling_error(b)
            - deviance(a, n * x, distance)
            - deviance(b, n * y, -distance)
    };
    let is_lower = distance <= 0.0;
    let factor = if is_lower {
        fraction(a, b, x, y, -distance)
    } else {
        fraction(b, a, y, x, distance)
    };
    Tail {
        ln_front,
        factor,
        is_lower,
    }
}

/// I_x(a, b) without its front, for x up to the mean: `below` = a − (a + b) x is not negative. The even part of the
/// classical fraction, whose terms are positive up to m = b (DiDonato & Morris 1992, eq. 9), by Lentz's method.
fn fraction(a: f64, b: f64, x: f64, y: f64, below: f64) -> f64 {
    let mut value = a / (a + 1.0) * (below + 1.0);
    let mut c = value;
    let mut d = 0.0;
    for m in 1..MOST_TERMS {
        let m = f64::from(m);
        let odd = a + 2.0 * m - 1.0;
        let part = m * (b - m) * x / odd;
        let numerator = (a + m - 1.0) / odd * (a + b + m - 1.0) * part * x;
        let denominator = m + part + (a + m) / (odd + 2.0) * (below + 1.0 + m * (1.0 + y));
        d = 1.0 / (denominator + numerator * d);
        c = denominator + numerator / c;
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() <= f64::EPSILON || !change.is_finite() {
            break;
        }
    }
    1.0 / value
}

/// P(F > x) for Fisher's F with `d1` and `d2` degrees of freedom.
pub fn f_upper(x: f64, d1: f64, d2: f64) -> f64 {
    if x.is_nan() || !are_parameters(d1, d2) {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    f_tail(x, d1, d2).lower()
}

/// The tails of d2 / (d1 x + d2), which is Beta(d2 / 2, d1 / 2): its lower tail is the upper one of F.
pub(super) fn f_tail(x: f64, d1: f64, d2: f64) -> Tail {
    // Divided by d1 x or by d2, so that nothing overflows.
    let ratio = d1 / d2;
    let (share, rest) = if ratio * x > 1.0 {
        let odds = 1.0 / ratio / x;
        (odds / (1.0 + odds), 1.0 / (1.0 + odds))
    } else {
        let odds = ratio * x;
        (1.0 / (1.0 + odds), odds / (1.0 + odds))
    };
    // (a + b) share − a with a = d2 / 2; 1 − x is exact near 1.
    let distance = if x <= 2.0 {
        d1 / 2.0 * share * (1.0 - x)
    } else {
        d2 / 2.0 * rest * (1.0 / x - 1.0)
    };
    beta_tail(d2 / 2.0, d1 / 2.0, share, rest, distance)
}

/// x / (1 − x) at which the lower tail of Beta(a, b) is `lower`, given with the upper tail because one of them is
/// small.
pub(super) fn beta_odds(lower: f64, upper: f64, a: f64, b: f64) -> f64 {
    if lower > upper {
        return 1.0 / beta_odds(upper, lower, b, a);
    }
    if lower == 0.0 {
        return 0.0;
    }
    let goal = ln(lower);
    // Far down, x^a / (a B) is the whole tail; nearer the middle the logit is about normal.
    let power = (goal + ln(a) + ln_beta(a, b)) / a;
    let normal = ln(a / b) + normal_quantile(lower) * (1.0 / a + 1.0 / b).sqrt();
    let start = exp(power.max(normal));
    if start == 0.0 {
        return 0.0;
    }
    solve(start, |odds| {
        let whole = 1.0 + odds;
        let (x, y) = (odds / whole, 1.0 / whole);
        let tail = beta_tail(a, b, x, y, (b * odds - a) / whole);
        let ln_lower = tail.ln_lower();
        (ln_lower - goal, exp(tail.ln_front - ln_lower))
    })
}

/// x with P(F ≤ x) = `probability`; NaN outside 0 to 1.
pub fn f_quantile(probability: f64, d1: f64, d2: f64) -> f64 {
    if !is_probability(probability) || !are_parameters(d1, d2) {
        return f64::NAN;
    }
    beta_odds(probability, 1.0 - probability, d1 / 2.0, d2 / 2.0) * (d2 / d1)
}

/// x with I_x(a, b) = `probability`; NaN outside 0 to 1.
pub fn beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    if !is_probability(probability) || !are_parameters(a, b) {
        return f64::NAN;
    }
    let odds = beta_odds(probability, 1.0 - probability, a, b);
    if odds <= 1.0 {
        odds / (1.0 + odds)
    } else {
        1.0 / (1.0 + 1.0 / odds)
    }
}
