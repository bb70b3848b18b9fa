//! The incomplete gamma function and the chi-squared distribution.

use crate::numerics::elementary::{exp, ln};

use super::newton::solve;
use super::normal::normal_quantile;
use super::saddle_point::{HALF_LN_TWO_PI, deviance, stirling_error};
use super::tail::{LARGEST, MOST_TERMS, Tail, is_probability};

/// ln Γ(x).
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Q(a, x) = Γ(a, x) / Γ(a), the regularised upper incomplete gamma function; NaN if a is not positive, or above 10¹².
pub fn incomplete_gamma_upper(a: f64, x: f64) -> f64 {
    outside(a, x).map_or_else(|| gamma_tail(a, x).upper(), |lower| 1.0 - lower)
}

/// P(a, x) = 1 − Q(a, x), its lower counterpart.
pub fn incomplete_gamma_lower(a: f64, x: f64) -> f64 {
    outside(a, x).unwrap_or_else(|| gamma_tail(a, x).lower())
}

/// P where it needs no computing.
fn outside(a: f64, x: f64) -> Option<f64> {
    if x.is_nan() || !(a > 0.0 && a <= LARGEST) {
        Some(f64::NAN)
    } else if x <= 0.0 {
        Some(0.0)
    } else if x.is_infinite() {
        Some(1.0)
    } else {
        None
    }
}

/// `a` and `x` positive and finite.
fn gamma_tail(a: f64, x: f64) -> Tail {
    // x^a e^−x / Γ(a), the density of ln x.
    let ln_front = if a < 10.0 {
        a * ln(x) - x - ln_gamma(a)
    } else {
        0.5 * ln(a) - HALF_LN_TWO_PI - stirling_error(a) - deviance(a, x, x - a)
    };
    let is_lower = x <= a.max(1.0);
    let factor = if is_lower {
        lower_series(a, x)
    } else {
        upper_fraction(a, x)
    };
    Tail {
        ln_front,
        factor,
        is_lower,
    }
}

/// 1 / a + x / (a (a + 1)) + x² / (a (a + 1)(a + 2)) + …
fn lower_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut n = a;
    loop {
        n += 1.0;
        term *= x / n;
        let next = sum + term;
        if next == sum {
            return sum;
        }
        sum = next;
    }
}

/// 1 / (x + 1 − a − 1 (1 − a) / (x + 3 − a − 2 (2 − a) / (x + 5 − a − …))), Legendre's fraction, by Lentz's method.
fn upper_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut value = d;
    for i in 1..MOST_TERMS {
        let i = f64::from(i);
        let numerator = i * (a - i);
        b += 2.0;
        d = 1.0 / (b + numerator * d);
        c = b + numerator / c;
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() <= f64::EPSILON || !change.is_finite() {
            break;
        }
    }
    value
}

/// P(X > x) for a chi-squared X with `degrees` degrees of freedom.
pub fn chi_squared_upper(x: f64, degrees: f64) -> f64 {
    incomplete_gamma_upper(degrees / 2.0, x / 2.0)
}

/// x with P(X ≤ x) = `probability` for a chi-squared X; NaN outside 0 to 1.
pub fn chi_squared_quantile(probability: f64, degrees: f64) -> f64 {
    if !(is_probability(probability) && degrees > 0.0 && degrees <= LARGEST) {
        return f64::NAN;
    }
    if probability == 0.0 {
        return 0.0;
    }
    if probability == 1.0 {
        return f64::INFINITY;
    }
    let a = degrees / 2.0;
    // Wilson & Hilferty 1931; far down, x^a / Γ(a + 1) is the whole tail.
    let root = 1.0 - 1.0 / (9.0 * a) + normal_quantile(probability) / (3.0 * a.sqrt());
    let power = exp((ln(probability) + ln_gamma(a + 1.0)) / a);
    let start = if root > 0.1 {
        a * root * root * root
    } else {
        power
    };
    if start == 0.0 {
        return 0.0;
    }
    2.0 * if probability <= 0.5 {
        let goal = ln(probability);
        solve(start, |x| {
            let tail = gamma_tail(a, x);
            let ln_lower = tail.ln_lower();
            (ln_lower - goal, exp(tail.ln_front - ln_lower))
        })
    } else {
        let goal = ln(1.0 - probability);
        solve(start, |x| {
            let tail = gamma_tail(a, x);
            let ln_upper = tail.ln_upper();
            (ln_upper - goal, -exp(tail.ln_front - ln_upper))
        })
    }
}
