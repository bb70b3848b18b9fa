//! Newton's steps to a quantile.

use crate::numerics::elementary::exp;

/// The positive x at which a function concave in ln x is 0. `at` gives its value and its slope by ln x. Concavity
/// makes the steps converge from any start with a finite value: at most one goes past the root, the others approach
/// from one side.
pub(super) fn solve(start: f64, at: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut x = start;
    let mut last = f64::INFINITY;
    for _ in 0..200 {
        let (value, slope) = at(x);
        let step = value / slope;
        if !step.is_finite() {
            break;
        }
        // As a factor, so that x keeps its digits whatever its size.
        let next = x * exp(-step);
        if next == 0.0 || next.is_infinite() {
            return next;
        }
        x = next;
        // Digits double until rounding keeps them from it.
        if step == 0.0 || (step.abs() < 1e-9 && step.abs() >= 0.5 * last) {
            break;
        }
        last = step.abs();
    }
    x
}
