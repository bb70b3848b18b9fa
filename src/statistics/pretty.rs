//! Round numbers for an axis: about `intervals` steps of 1, 2 or 5 times a power of ten that cover a range.
//!
//! The step is the smallest of 1, 2, 5 and 10 times 10^⌊log₁₀ c⌋, c = range / intervals, that the next larger one does not
//! fit better; a larger step wins early (biases 1.5 for 2 and 10, 2.75 for 5). Convention: R `pretty(c(low, high), n)`.

use crate::numerics;

/// Ascending multiples of the step, from at most `low` to at least `high`. Where these are one number it stands alone.
pub fn pretty(low: f64, high: f64, intervals: usize) -> Vec<f64> {
    if !(low.is_finite() && high.is_finite() && high > low) {
        return vec![low];
    }
    let cell = (high - low) / intervals.max(1) as f64;
    let exponent = numerics::log10(cell).floor();
    let base = numerics::power(10.0, exponent);
    let mut multiple = 1.0;
    for (next, bias) in [(2.0, 1.5), (5.0, 2.75), (10.0, 1.5)] {
        if next * base - cell < bias * (cell - multiple * base) {
            multiple = next;
        } else {
            break;
        }
    }
    let unit = multiple * base;
    // A range that ends within 1e-10 of a step counts as ending on it.
    let mut first = (low / unit + 1e-10).floor();
    let mut last = (high / unit - 1e-10).ceil();
    while first * unit > low + 1e-10 * unit {
        first -= 1.0;
    }
    while last * unit < high - 1e-10 * unit {
        last += 1.0;
    }
    let mut values = Vec::new();
    let mut k = first;
    while k <= last {
        // Below 1 the power of ten divides, which keeps 0.3 from becoming 0.30000000000000004.
        values.push(if exponent < 0.0 {
            k * multiple / numerics::power(10.0, -exponent)
        } else {
            k * unit
        });
        k += 1.0;
    }
    values
}
