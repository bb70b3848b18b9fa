//! A checked table of counts: what the chi-square test and Fisher's exact test start from.
//!
//! A row or column without any patient says nothing about an association: it is left out and reported.

use super::comparison_error::ComparisonError;

/// More patients than this cannot be multiplied without rounding.
const MOST_PATIENTS: u64 = 1 << 52;

/// The table without its empty rows and columns, and which those were.
#[derive(Clone, Debug)]
pub(super) struct Contingency {
    pub(super) counts: Vec<Vec<u64>>,
    pub(super) row_totals: Vec<u64>,
    pub(super) column_totals: Vec<u64>,
    pub(super) total: u64,
    pub(super) empty_rows: Vec<usize>,
    pub(super) empty_columns: Vec<usize>,
}

impl Contingency {
    pub(super) fn new(table: &[Vec<u64>]) -> Result<Self, ComparisonError> {
        let width = table.first().map_or(0, Vec::len);
        if let Some(row) = table.iter().position(|row| row.len() != width) {
            return Err(ComparisonError::Ragged {
                row,
                columns: table[row].len(),
                expected: width,
            });
        }
        let patients: u128 = table.iter().flatten().map(|count| u128::from(*count)).sum();
        if patients == 0 {
            return Err(ComparisonError::EmptyTable);
        }
        if patients > u128::from(MOST_PATIENTS) {
            return Err(ComparisonError::TooManyPatients {
                patients: u64::try_from(patients).unwrap_or(u64::MAX),
                limit: MOST_PATIENTS,
            });
        }
        let (rows, empty_rows): (Vec<usize>, Vec<usize>) =
            (0..table.len()).partition(|row| table[*row].iter().any(|count| *count > 0));
        let (columns, empty_columns): (Vec<usize>, Vec<usize>) =
            (0..width).partition(|column| table.iter().any(|row| row[*column] > 0));
        if rows.len() < 2 || columns.len() < 2 {
            return Err(ComparisonError::TableTooSmall {
                rows: rows.len(),
                columns: columns.len(),
            });
        }
        let counts: Vec<Vec<u64>> = rows
            .iter()
            .map(|row| columns.iter().map(|column| table[*row][*column]).collect())
            .collect();
        let row_totals: Vec<u64> = counts.iter().map(|row| row.iter().sum()).collect();
        let column_totals = (0..columns.len())
            .map(|column| counts.iter().map(|row| row[column]).sum())
            .collect();
        Ok(Self {
            total: row_totals.iter().sum(),
            counts,
            row_totals,
            column_totals,
            empty_rows,
            empty_columns,
        })
    }

    pub(super) fn is_two_by_two(&self) -> bool {
        self.row_totals.len() == 2 && self.column_totals.len() == 2
    }
}
