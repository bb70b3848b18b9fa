//! Pearson's chi-square test of independence in a table of counts, with and without Yates' continuity correction.
//!
//! χ² = Σ (|O − E| − c)² / E, E = row total · column total / N, on (rows − 1)(columns − 1) degrees of freedom. Yates'
//! correction c = min(½, |O − E|) applies to 2 × 2 tables only, so equal rates give χ² = 0 up to rounding; otherwise
//! c = 0.
//! A row or column without patients is left out, which lowers the degrees of freedom, and reported.
//! The approximation is doubted where an expected count is below 5 (Cochran 1954): see `smallest_expected`.
//! Source: Pearson 1900; Yates 1934. Convention: R `chisq.test`.

use serde::{Deserialize, Serialize};

use crate::numerics;

use super::comparison_error::ComparisonError;
use super::contingency::Contingency;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChiSquare {
    pub statistic: f64,
    pub degrees_of_freedom: usize,
    pub p_value: f64,
    /// Was Yates' correction applied?
    pub corrected: bool,
    /// Of the rows and columns that hold patients.
    pub expected: Vec<Vec<f64>>,
    pub smallest_expected: f64,
    /// Left out because they hold no patients, by their number in the table given.
    pub empty_rows: Vec<usize>,
    pub empty_columns: Vec<usize>,
}

/// `table` is a list of rows of counts. `yates` asks for the correction where it applies.
pub fn chi_square(table: &[Vec<u64>], yates: bool) -> Result<ChiSquare, ComparisonError> {
    let table = Contingency::new(table)?;
    let total = table.total as f64;
    let expected: Vec<Vec<f64>> = table
        .row_totals
        .iter()
        .map(|row| {
            table
                .column_totals
                .iter()
                .map(|column| *row as f64 * *column as f64 / total)
                .collect()
        })
        .collect();
    let cells: Vec<(f64, f64)> = table
        .counts
        .iter()
        .flatten()
        .zip(expected.iter().flatten())
        .map(|(observed, expected)| ((*observed as f64 - expected).abs(), *expected))
        .collect();
    let corrected = yates && table.is_two_by_two();
    let correction = if corrected {
        cells.iter().fold(0.5, |least: f64, cell| least.min(cell.0))
    } else {
        0.0
    };
    let parts: Vec<f64> = cells
        .iter()
        .map(|(distance, expected)| {
            let distance = distance - correction;
            distance * distance / expected
        })
        .collect();
    let statistic = numerics::sum(&parts);
    let degrees_of_freedom = (table.row_totals.len() - 1) * (table.column_totals.len() - 1);
    Ok(ChiSquare {
        statistic,
        degrees_of_freedom,
        p_value: numerics::chi_squared_upper(statistic, degrees_of_freedom as f64),
        corrected,
        smallest_expected: cells
            .iter()
            .fold(f64::INFINITY, |least, cell| least.min(cell.1)),
        expected,
        empty_rows: table.empty_rows,
        empty_columns: table.empty_columns,
    })
}
