//! Cohen's kappa: agreement of two readers on categories beyond what their frequencies would give by chance.
//!
//! κ = (Pₒ − Pₑ) / (1 − Pₑ), Pₒ = Σ w p, Pₑ = Σ w pᵢ. p.ⱼ. Weights of K ordered levels: none (1 on the diagonal),
//! linear 1 − |i − j| / (K − 1), quadratic 1 − (i − j)² / (K − 1)². With w̄ᵢ. = Σⱼ p.ⱼ wᵢⱼ and w̄.ⱼ = Σᵢ pᵢ. wᵢⱼ the
//! variance is (Σ pᵢⱼ (wᵢⱼ − (w̄ᵢ. + w̄.ⱼ)(1 − κ))² − (κ − Pₑ (1 − κ))²) / (n (1 − Pₑ)²), and where κ = 0
//! (Σ pᵢ. p.ⱼ (wᵢⱼ − w̄ᵢ. − w̄.ⱼ)² − Pₑ²) / (n (1 − Pₑ)²). The interval uses the former, z and its two-sided p the
//! latter.
//! Levels that nobody was given count for the weights. Source: Cohen 1960, 1968; Fleiss, Cohen & Everitt 1969.
//! Convention: R `vcd::Kappa`.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::agreement_error::{AgreementError, check_confidence_level};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KappaWeights {
    Unweighted,
    Linear,
    Quadratic,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohenKappa {
    pub subjects: u64,
    /// Pₒ and Pₑ.
    pub observed_agreement: f64,
    pub chance_agreement: f64,
    pub kappa: f64,
    pub standard_error: f64,
    pub lower: f64,
    pub upper: f64,
    pub confidence_level: f64,
    pub null_standard_error: f64,
    /// None if a reader used a single level: whatever the other did, kappa is 0.
    pub z: Option<f64>,
    pub p_value: Option<f64>,
}

/// `table[i][j]` counts the subjects to whom the first reader gave level i and the second level j.
pub fn cohen_kappa(
    table: &[Vec<u64>],
    weights: KappaWeights,
    confidence_level: f64,
) -> Result<CohenKappa, AgreementError> {
    check_confidence_level(confidence_level)?;
    let levels = table.len();
    if let Some(row) = table.iter().position(|row| row.len() != levels) {
        return Err(AgreementError::NotSquare {
            levels,
            row,
            columns: table[row].len(),
        });
    }
    let subjects: u64 = table.iter().flatten().sum();
    if subjects == 0 {
        return Err(AgreementError::NoReadings);
    }
    let n = subjects as f64;
    let share = |count: u64| count as f64 / n;
    let rows: Vec<f64> = table.iter().map(|row| share(row.iter().sum())).collect();
    let columns: Vec<f64> = (0..levels)
        .map(|j| share(table.iter().map(|row| row[j]).sum()))
        .collect();
    if let Some(level) = (0..levels).find(|level| table[*level][*level] == subjects) {
        return Err(AgreementError::OneLevel { level });
    }
    let weight = |i: usize, j: usize| {
        let distance = i.abs_diff(j) as f64 / (levels as f64 - 1.0);
        match weights {
            KappaWeights::Unweighted => f64::from(u8::from(i == j)),
            KappaWeights::Linear => 1.0 - distance,
            KappaWeights::Quadratic => 1.0 - distance * distance,
        }
    };
    let over_cells = |value: &dyn Fn(usize, usize) -> f64| {
        let parts: Vec<f64> = (0..levels * levels)
            .map(|cell| value(cell / levels, cell % levels))
            .collect();
        numerics::sum(&parts)
    };
    let observed = over_cells(&|i, j| weight(i, j) * share(table[i][j]));
    let chance = over_cells(&|i, j| weight(i, j) * rows[i] * columns[j]);
    let beyond = 1.0 - chance;
    let kappa = (observed - chance) / beyond;
    let over_levels = |value: &dyn Fn(usize) -> f64| {
        let parts: Vec<f64> = (0..levels).map(value).collect();
        numerics::sum(&parts)
    };
    let row_weights: Vec<f64> = (0..levels)
        .map(|i| over_levels(&|j| columns[j] * weight(i, j)))
        .collect();
    let column_weights: Vec<f64> = (0..levels)
        .map(|j| over_levels(&|i| rows[i] * weight(i, j)))
        .collect();
    let spread = over_cells(&|i, j| {
        let part = weight(i, j) - (row_weights[i] + column_weights[j]) * (1.0 - kappa);
        share(table[i][j]) * part * part
    });
    let centre = kappa - chance * (1.0 - kappa);
    let null_spread = over_cells(&|i, j| {
        let part = weight(i, j) - row_weights[i] - column_weights[j];
        rows[i] * columns[j] * part * part
    });
    // Perfect agreement has a variance of 0, which rounding may put below.
    let root = |difference: f64| difference.max(0.0).sqrt() / (n.sqrt() * beyond);
    let standard_error = root(spread - centre * centre);
    let null_standard_error = root(null_spread - chance * chance);
    let reach = numerics::normal_quantile(0.5 + confidence_level / 2.0) * standard_error;
    let z = (null_standard_error > 0.0).then(|| kappa / null_standard_error);
    Ok(CohenKappa {
        subjects,
        observed_agreement: observed,
        chance_agreement: chance,
        kappa,
        standard_error,
        lower: kappa - reach,
        upper: kappa + reach,
        confidence_level,
        null_standard_error,
        z,
        p_value: z.map(numerics::normal_two_sided),
    })
}

/// The table of two readers who gave each subject one of `levels` levels, numbered from 0.
pub fn reader_table(
    first: &[usize],
    second: &[usize],
    levels: usize,
) -> Result<Vec<Vec<u64>>, AgreementError> {
    if first.len() != second.len() {
        return Err(AgreementError::LengthsDiffer {
            first: first.len(),
            second: second.len(),
        });
    }
    let mut table = vec![vec![0; levels]; levels];
    for (subject, (first, second)) in first.iter().zip(second).enumerate() {
        let level = *first.max(second);
        if level >= levels {
            return Err(AgreementError::LevelOutOfRange {
                subject,
                level,
                levels,
            });
        }
        table[*first][*second] += 1;
    }
    Ok(table)
}
