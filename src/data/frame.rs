//! Named columns of the same patients, for expressions and everything that is made of them.

use std::collections::BTreeMap;
use std::fmt;

use super::column::ColumnValues;
use super::patients::{Patient, Patients};

/// Patients in the order of their key and what is known of each, by name.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    keys: &'a [String],
    source_rows: &'a [u32],
    columns: BTreeMap<&'a str, &'a ColumnValues>,
}

/// Columns that do not belong to these patients: a fault of the program, not of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    Lengths {
        column: String,
        found: usize,
        expected: usize,
    },
}

impl<'a> Frame<'a> {
    pub fn new(
        keys: &'a [String],
        source_rows: &'a [u32],
        columns: impl IntoIterator<Item = (&'a str, &'a ColumnValues)>,
    ) -> Result<Self, FrameError> {
        let check = |column: &str, found: usize| {
            if found == keys.len() {
                Ok(())
            } else {
                Err(FrameError::Lengths {
                    column: column.to_owned(),
                    found,
                    expected: keys.len(),
                })
            }
        };
        check("rows of the file", source_rows.len())?;
        let columns: BTreeMap<&str, &ColumnValues> = columns.into_iter().collect();
        for (name, values) in &columns {
            check(name, values.len())?;
        }
        Ok(Self {
            keys,
            source_rows,
            columns,
        })
    }

    /// How many patients there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub fn get(&self, name: &str) -> Option<&'a ColumnValues> {
        self.columns.get(name).copied()
    }

    /// The patient of this row, for messages.
    pub fn patient(&self, row: usize) -> Patient {
        Patient {
            key: self.keys.get(row).cloned().unwrap_or_default(),
            row: self.source_rows.get(row).copied().unwrap_or_default(),
        }
    }

    /// These rows as patients, for messages.
    pub(super) fn patients(&self, rows: impl IntoIterator<Item = usize>) -> Patients {
        let mut patients = Patients::default();
        for row in rows {
            patients.push(|| self.patient(row));
        }
        patients
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lengths {
                column,
                found,
                expected,
            } => {
                write!(
                    f,
                    "{column} has {found} values for {expected} patients: this is a fault in prereg"
                )
            }
        }
    }
}

impl std::error::Error for FrameError {}
