//! Mutual information, in nats: of two variables taken as jointly normal, and of two variables of few states.

use ndarray::ArrayView1;

use crate::numerics::{dot, ln, ln_1p, mean, sum, variance};

/// A variable with mean 0 and sum of squares 1, so that a correlation is a dot product. None for a constant one.
pub(super) fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let centre = mean(values);
    let centred: Vec<f64> = values.iter().map(|value| value - centre).collect();
    let length = dot(&centred, &centred).sqrt();
    (length > 0.0).then(|| centred.iter().map(|value| value / length).collect())
}

/// −½ ln(1 − r²). r² counts as at most 1 − 2⁻⁵², where the information is 18 nats: otherwise that of two equal variables
/// would be infinite, and differences of such would mean nothing.
pub(super) fn of_correlation(correlation: f64) -> f64 {
    let square = (correlation * correlation).min(1.0 - f64::EPSILON);
    -0.5 * ln_1p(-square)
}

/// 2 above mean + standard deviation (with n − 1), 0 below mean − standard deviation, 1 between.
pub(super) fn states_by_standard_deviation(values: ArrayView1<'_, f64>) -> Vec<u8> {
    let values = values.to_vec();
    let centre = mean(&values);
    let deviation = variance(&values).sqrt();
    values
        .iter()
        .map(|value| {
            if *value > centre + deviation {
                2
            } else if *value < centre - deviation {
                0
            } else {
                1
            }
        })
        .collect()
}

/// Σ p(x, y) ln(p(x, y) / (p(x) p(y))) over the states that occur together, from the counts; states are 0, 1 and 2.
pub(super) fn of_states(x: &[u8], y: &[u8]) -> f64 {
    let mut counts = [[0_u32; 3]; 3];
    for (x, y) in x.iter().zip(y) {
        counts[usize::from(*x)][usize::from(*y)] += 1;
    }
    let all = x.len() as f64;
    let row = |i: usize| counts[i].iter().sum::<u32>();
    let column = |j: usize| counts.iter().fold(0, |total, row| total + row[j]);
    let mut terms = Vec::with_capacity(9);
    for (i, counts) in counts.iter().enumerate() {
        for (j, count) in counts.iter().enumerate() {
            if *count > 0 {
                let together = f64::from(*count);
                let apart = f64::from(row(i)) * f64::from(column(j));
                terms.push(together / all * ln(together * all / apart));
            }
        }
    }
    // Rounding may leave the 0 of independent variables just below 0.
    sum(&terms).max(0.0)
}
