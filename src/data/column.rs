//! The values of one column, one a patient.

use serde::{Deserialize, Serialize};

/// `None` is a value that was not recorded. Numbers are finite; zero is never negative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnValues {
    /// Numbers and counts, in the unit that the study declares.
    Number(Vec<Option<f64>>),
    YesNo(Vec<Option<bool>>),
    /// `codes[i]` is the index into `levels`, the declared names in their declared order.
    Category {
        levels: Vec<String>,
        codes: Vec<Option<usize>>,
    },
    /// Days, ISO 8601: YYYY-MM-DD.
    Date(Vec<Option<String>>),
    Text(Vec<Option<String>>),
}

impl ColumnValues {
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::YesNo(values) => values.len(),
            Self::Category { codes, .. } => codes.len(),
            Self::Date(values) | Self::Text(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Is the value of this row missing? So is a row that the column does not have.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => !matches!(values.get(row), Some(Some(_))),
            Self::YesNo(values) => !matches!(values.get(row), Some(Some(_))),
            Self::Category { codes, .. } => !matches!(codes.get(row), Some(Some(_))),
            Self::Date(values) | Self::Text(values) => !matches!(values.get(row), Some(Some(_))),
        }
    }

    /// How many of these rows have no value.
    pub fn count_missing(&self, rows: &[usize]) -> usize {
        rows.iter().filter(|row| self.is_missing(**row)).count()
    }

    /// The values of some rows, in the order given. A row that the column does not have is missing.
    pub fn select(&self, rows: &[usize]) -> Self {
        fn pick<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
            rows.iter()
                .map(|row| values.get(*row).cloned().flatten())
                .collect()
        }
        match self {
            Self::Number(values) => Self::Number(pick(values, rows)),
            Self::YesNo(values) => Self::YesNo(pick(values, rows)),
            Self::Category { levels, codes } => Self::Category {
                levels: levels.clone(),
                codes: pick(codes, rows),
            },
            Self::Date(values) => Self::Date(pick(values, rows)),
            Self::Text(values) => Self::Text(pick(values, rows)),
        }
    }

    /// The type in the study's words.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::YesNo(_) => "yes_no",
            Self::Category { .. } => "category",
            Self::Date(_) => "date",
            Self::Text(_) => "text",
        }
    }
}
