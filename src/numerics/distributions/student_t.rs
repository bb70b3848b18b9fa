//! Student's t distribution: t² is F with 1 and `degrees` degrees of freedom.

use crate::numerics::elementary::{exp, ln};

use super::beta::{beta_odds, f_tail, ln_beta};
use super::normal::{normal_quantile, normal_two_sided};
use super::tail::is_probability;

/// Where t / √degrees is above e²¹ its square might overflow, and the tail is a power of it to within 10⁻¹⁸ of itself.
const LN_FAR: f64 = 21.0;

/// P(|T| > |t|) for Student's t; infinite degrees are the normal distribution.
pub fn student_t_two_sided(t: f64, degrees: f64) -> f64 {
    if t.is_nan() || !(degrees > 0.0) {
        return f64::NAN;
    }
    if degrees.is_infinite() {
        return normal_two_sided(t);
    }
    if t.is_infinite() {
        return 0.0;
    }
    if t == 0.0 {
        return 1.0;
    }
    let ln_ratio = ln(t.abs() / degrees.sqrt());
    if ln_ratio > LN_FAR {
        let a = degrees / 2.0;
        return exp(-degrees * ln_ratio - ln_beta(a, 0.5)) / a;
    }
    f_tail(t * t, 1.0, degrees).lower()
}

/// t with P(T ≤ t) = `probability`; NaN outside 0 to 1.
pub fn student_t_quantile(probability: f64, degrees: f64) -> f64 {
    if !is_probability(probability) || !(degrees > 0.0) {
        return f64::NAN;
    }
    if degrees.is_infinite() {
        return normal_quantile(probability);
    }
    if probability > 0.5 {
        return -student_t_quantile(1.0 - probability, degrees);
    }
    if probability == 0.5 {
        return 0.0;
    }
    let tails = 2.0 * probability;
    let a = degrees / 2.0;
    let ln_ratio = -(ln(tails) + ln(a) + ln_beta(a, 0.5)) / degrees;
    if ln_ratio > LN_FAR {
        return -degrees.sqrt() * exp(ln_ratio);
    }
    // degrees / (degrees + t²) is Beta(degrees / 2, ½), and its lower tail both tails of t.
    let odds = beta_odds(tails, 1.0 - tails, a, 0.5);
    -(degrees / odds).sqrt()
}
