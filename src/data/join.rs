//! A second table beside the cohort's: its columns for the patients of the first, found by key.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::cells::listed;
use super::column::ColumnValues;
use super::keys::without_zeros;
use super::table::TypedTable;

/// The columns of another table in the order of the patients of the first. A patient whom it does not have lacks every
/// value of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoinedTable {
    pub columns: BTreeMap<String, ColumnValues>,
    /// Patients of the first table whom the other does not have.
    pub without_row: usize,
    /// Patients of the other table whom the first does not have.
    pub unused: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinError {
    /// The two tables have no patient in common: the first keys of each.
    NoCommonPatient {
        first: Vec<String>,
        second: Vec<String>,
    },
    /// Keys that differ in leading zeros alone: the same patient, in all likelihood.
    LeadingZeros {
        first: String,
        second: String,
        count: usize,
    },
}

/// Finds the patients with these `keys` in `table`.
pub fn join(keys: &[String], table: &TypedTable) -> Result<JoinedTable, JoinError> {
    let places: BTreeMap<&str, usize> = table
        .keys
        .iter()
        .enumerate()
        .map(|(row, key)| (key.as_str(), row))
        .collect();
    let found: Vec<Option<usize>> = keys
        .iter()
        .map(|key| places.get(key.as_str()).copied())
        .collect();
    let common = found.iter().flatten().count();

    let stripped: BTreeMap<&str, &str> = table
        .keys
        .iter()
        .map(|key| (without_zeros(key), key.as_str()))
        .collect();
    let alike: Vec<(&String, &str)> = keys
        .iter()
        .zip(&found)
        .filter(|(_, row)| row.is_none())
        .filter_map(|(key, _)| Some((key, *stripped.get(without_zeros(key))?)))
        .collect();
    if let Some((first, second)) = alike.first() {
        return Err(JoinError::LeadingZeros {
            first: (*first).clone(),
            second: (*second).to_owned(),
            count: alike.len(),
        });
    }
    if common == 0 && !keys.is_empty() {
        let some = |keys: &[String]| keys.iter().take(3).cloned().collect();
        return Err(JoinError::NoCommonPatient {
            first: some(keys),
            second: some(&table.keys),
        });
    }
    // A row that no column has is missing.
    let rows: Vec<usize> = found.iter().map(|row| row.unwrap_or(usize::MAX)).collect();
    Ok(JoinedTable {
        columns: table
            .columns
            .iter()
            .map(|(name, values)| (name.clone(), values.select(&rows)))
            .collect(),
        without_row: keys.len() - common,
        unused: table.keys.len() - common,
    })
}

impl JoinError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoCommonPatient { .. } => {
                "the key columns of both tables must name the patients in the same way: check the `key` of each table"
            }
            Self::LeadingZeros { .. } => {
                "write the keys alike in both files; spreadsheets drop leading zeros unless the column is formatted as text"
            }
        })
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommonPatient { first, second } => write!(
                f,
                "the tables have no patient in common (keys such as {} here, {} there)",
                listed(first, "and", 3),
                listed(second, "and", 3)
            ),
            Self::LeadingZeros {
                first,
                second,
                count,
            } => write!(
                f,
                "{count} of the patients have keys that differ between the tables in leading zeros only (patient {first} here, {second} there)"
            ),
        }
    }
}

impl std::error::Error for JoinError {}
