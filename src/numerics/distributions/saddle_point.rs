//! The two small numbers that a saddle-point form is made of: Stirling's error and the deviance.
//! Source: Loader 2000, "Fast and accurate computation of binomial probabilities".

use crate::numerics::elementary::ln;

/// ½ ln 2π.
pub(super) const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// ln Γ(a + 1) − (a + ½) ln a + a − ½ ln 2π: what Stirling's formula leaves out, about 1 / 12a.
pub(super) fn stirling_error(a: f64) -> f64 {
    if a < 10.0 {
        return libm::lgamma(a + 1.0) - (a + 0.5) * ln(a) + a - HALF_LN_TWO_PI;
    }
    // Bernoulli numbers: B₂ₖ / (2k (2k − 1) a²ᵏ⁻¹); at a = 10 the first one left out is 2 · 10⁻¹⁷.
    const COEFFICIENTS: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    let square = 1.0 / (a * a);
    COEFFICIENTS
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * square + coefficient)
        / a
}

/// a ln(a / m) + m − a, the deviance of a from a mean m > 0, without cancellation; `distance` is m − a, given apart
/// because its digits decide.
pub(super) fn deviance(a: f64, m: f64, distance: f64) -> f64 {
    let r = distance / (a + m);
    if r.abs() > 0.5 {
        return a * ln(a / m) + distance;
    }
    // With u = distance / a: u − ln(1 + u) = u − 2 artanh r = r u − 2 r³ (1/3 + r² / 5 + r⁴ / 7 + …).
    let square = r * r;
    let mut power = 1.0;
    let mut odd = 3.0;
    let mut series = 1.0 / 3.0;
    loop {
        power *= square;
        odd += 2.0;
        let next = series + power / odd;
        if next == series {
            break;
        }
        series = next;
    }
    r * distance - 2.0 * a * r * square * series
}
