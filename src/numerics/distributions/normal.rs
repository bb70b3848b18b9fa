//! The normal distribution, by the complementary error function.

use crate::numerics::elementary::{exp, ln};

use super::saddle_point::HALF_LN_TWO_PI;
use super::tail::is_probability;

/// erfc(z / √2).
fn two_tails(z: f64) -> f64 {
    // 1 / √2 less its double: in the far tail the rounding of z / √2 would cost a digit or two.
    const ROOT_HALF_REST: f64 = -4.833_646_656_726_457e-17;
    let x = z * std::f64::consts::FRAC_1_SQRT_2;
    let (_, rounding) = exact_product(z, std::f64::consts::FRAC_1_SQRT_2);
    let rest = rounding + z * ROOT_HALF_REST;
    let value = libm::erfc(x);
    // −erfc′ / erfc is close to x + √(x² + 2) for x > 0; below it the correction is nothing.
    if x > 0.5 && rest.is_finite() {
        value * (1.0 - rest * (x + (x * x + 2.0).sqrt()))
    } else {
        value
    }
}

/// a b as its double and what that rounds away (Dekker 1971).
pub(super) fn exact_product(a: f64, b: f64) -> (f64, f64) {
    let halves = |v: f64| {
        let scaled = 134_217_729.0 * v;
        let high = scaled - (scaled - v);
        (high, v - high)
    };
    let product = a * b;
    let ((a1, a2), (b1, b2)) = (halves(a), halves(b));
    (product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2)
}

/// P(Z > z) for a standard normal Z.
pub fn normal_upper(z: f64) -> f64 {
    0.5 * two_tails(z)
}

/// P(Z ≤ z) for a standard normal Z.
pub fn normal_lower(z: f64) -> f64 {
    normal_upper(-z)
}

/// P(|Z| > |z|) for a standard normal Z.
pub fn normal_two_sided(z: f64) -> f64 {
    two_tails(z.abs())
}

/// z with P(Z ≤ z) = `probability`; NaN outside 0 to 1.
pub fn normal_quantile(probability: f64) -> f64 {
    if !is_probability(probability) {
        return f64::NAN;
    }
    if probability == 0.0 {
        return f64::NEG_INFINITY;
    }
    if probability == 0.5 {
        return 0.0;
    }
    if probability > 0.5 {
        // Exact: 1 − p has no more digits than p.
        return -normal_quantile(1.0 - probability);
    }
    let density = |z: f64| exp(-0.5 * z * z - HALF_LN_TWO_PI);
    // Near the median the distance from it has the digits, in the tail the logarithm.
    if probability > 0.25 {
        let distance = 0.5 - probability;
        let mut z = distance / density(0.0);
        for _ in 0..20 {
            let step =
                (0.5 * libm::erf(z * std::f64::consts::FRAC_1_SQRT_2) - distance) / density(z);
            z -= step;
            if step.abs() <= 1e-16 * z {
                break;
            }
        }
        return -z;
    }
    let root = (-2.0 * ln(probability)).sqrt();
    let mut z = root - (ln(root) + HALF_LN_TWO_PI) / root;
    let mut last = f64::INFINITY;
    for _ in 0..50 {
        let tail = normal_upper(z);
        let step = ln(tail / probability) * tail / density(z);
        z += step;
        if step == 0.0 || (step.abs() < 1e-9 && step.abs() >= 0.5 * last) || !step.is_finite() {
            break;
        }
        last = step.abs();
    }
    -z
}
