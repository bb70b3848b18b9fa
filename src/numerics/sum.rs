//! Sums in the order of the slice, compensated (Neumaier 1974), so that a sum of n terms is right to about one
//! rounding and hardly moves when the rows are shuffled.

/// Compensated sum, from the first element to the last.
pub fn sum(values: &[f64]) -> f64 {
    compensated(values.iter().copied())
}

/// Σ xᵢ yᵢ over the shorter of the two.
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    compensated(x.iter().zip(y).map(|(a, b)| a * b))
}

/// Arithmetic mean; NaN of nothing.
pub fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

/// Σ (xᵢ − mean)².
pub fn sum_of_squared_deviations(values: &[f64]) -> f64 {
    let centre = mean(values);
    compensated(values.iter().map(|x| (x - centre) * (x - centre)))
}

/// Sample variance with n − 1; NaN of fewer than two values.
pub fn variance(values: &[f64]) -> f64 {
    sum_of_squared_deviations(values) / (values.len() as f64 - 1.0)
}

/// Quantile of type 7 (R's default; Hyndman & Fan 1996) of `sorted`, which must be in ascending order and not empty.
pub fn quantile_type_7(sorted: &[f64], probability: f64) -> f64 {
    let last = sorted.len() - 1;
    let position = probability * last as f64;
    let below = position.floor();
    let index = (below as usize).min(last);
    let low = sorted[index];
    let high = sorted[(index + 1).min(last)];
    let fraction = position - below;
    if fraction == 0.0 || low == high {
        low
    } else {
        low + fraction * (high - low)
    }
}

fn compensated(values: impl Iterator<Item = f64>) -> f64 {
    let mut total = 0.0_f64;
    let mut lost = 0.0_f64;
    for value in values {
        let next = total + value;
        if next.is_finite() {
            lost += if total.abs() >= value.abs() {
                (total - next) + value
            } else {
                (value - next) + total
            };
        }
        total = next;
    }
    total + lost
}
