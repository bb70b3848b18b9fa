//! Replacing missing values by one that the values of some patients decide: median, mean or mode.
//!
//! Median: quantile of type 7 at 1/2 (R's default). Mode: the most frequent value; of several the first level of a
//! category, `no` of a yes_no, the smallest number.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::numerics::{mean, quantile_type_7};
use crate::plan::ImputationMethod;

use super::column::ColumnValues;

/// What was learned; applying it needs nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedImputation {
    pub method: ImputationMethod,
    pub value: ImputedValue,
    /// Patients whose value decided, and patients of the set who lacked one.
    pub observed: usize,
    pub missing: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImputedValue {
    Number(f64),
    YesNo(bool),
    Level(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImputationError {
    /// No patient of the set has a value.
    AllMissing { name: String, patients: usize },
    /// This method is not defined for this type.
    WrongType {
        name: String,
        method: ImputationMethod,
        found: &'static str,
    },
    /// The column has no such level: it is not the one that was fitted.
    UnknownLevel { level: String },
}

/// Learns the replacement for the column `name` from the patients in `rows`.
pub fn fit_imputation(
    name: &str,
    values: &ColumnValues,
    rows: &[usize],
    method: ImputationMethod,
) -> Result<FittedImputation, ImputationError> {
    let missing = values.count_missing(rows);
    let observed = rows.len() - missing;
    if observed == 0 {
        return Err(ImputationError::AllMissing {
            name: name.to_owned(),
            patients: rows.len(),
        });
    }
    let value = match (method, values.select(rows)) {
        (ImputationMethod::Median, ColumnValues::Number(values)) => {
            ImputedValue::Number(quantile_type_7(&sorted(values), 0.5) + 0.0)
        }
        // In ascending order, so that the order of the patients cannot show.
        (ImputationMethod::Mean, ColumnValues::Number(values)) => {
            ImputedValue::Number(mean(&sorted(values)) + 0.0)
        }
        (ImputationMethod::Mode, ColumnValues::Number(values)) => {
            ImputedValue::Number(most_frequent_number(&sorted(values)))
        }
        (ImputationMethod::Mode, ColumnValues::YesNo(values)) => {
            ImputedValue::YesNo(most_frequent(values.into_iter().flatten()).unwrap_or_default())
        }
        (ImputationMethod::Mode, ColumnValues::Category { levels, codes }) => {
            let code = most_frequent(codes.into_iter().flatten()).unwrap_or_default();
            ImputedValue::Level(levels.get(code).cloned().unwrap_or_default())
        }
        (method, other) => {
            return Err(ImputationError::WrongType {
                name: name.to_owned(),
                method,
                found: other.type_name(),
            });
        }
    };
    Ok(FittedImputation {
        method,
        value,
        observed,
        missing,
    })
}

/// The column with every missing value replaced, and how many were.
pub fn apply_imputation(
    values: &ColumnValues,
    fitted: &FittedImputation,
) -> Result<(ColumnValues, usize), ImputationError> {
    fn fill<T: Clone>(values: &[Option<T>], value: &T) -> (Vec<Option<T>>, usize) {
        let replaced = values.iter().filter(|value| value.is_none()).count();
        let filled = values
            .iter()
            .map(|known| known.clone().or_else(|| Some(value.clone())))
            .collect();
        (filled, replaced)
    }
    Ok(match (values, &fitted.value) {
        (ColumnValues::Number(values), ImputedValue::Number(value)) => {
            let (filled, replaced) = fill(values, value);
            (ColumnValues::Number(filled), replaced)
        }
        (ColumnValues::YesNo(values), ImputedValue::YesNo(value)) => {
            let (filled, replaced) = fill(values, value);
            (ColumnValues::YesNo(filled), replaced)
        }
        (ColumnValues::Category { levels, codes }, ImputedValue::Level(level)) => {
            let code = levels
                .iter()
                .position(|name| name == level)
                .ok_or_else(|| ImputationError::UnknownLevel {
                    level: level.clone(),
                })?;
            let (codes, replaced) = fill(codes, &code);
            let levels = levels.clone();
            (ColumnValues::Category { levels, codes }, replaced)
        }
        (other, _) => {
            return Err(ImputationError::WrongType {
                name: "the column".to_owned(),
                method: fitted.method,
                found: other.type_name(),
            });
        }
    })
}

fn sorted(values: Vec<Option<f64>>) -> Vec<f64> {
    let mut known: Vec<f64> = values.into_iter().flatten().collect();
    known.sort_by(f64::total_cmp);
    known
}

/// Of equally frequent values the smallest.
fn most_frequent<T: Ord>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let largest = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, count)| *count == largest)
        .map(|(value, _)| value)
}

fn most_frequent_number(sorted: &[f64]) -> f64 {
    let mut best: &[f64] = &[];
    for run in sorted.chunk_by(|a, b| a == b) {
        if run.len() > best.len() {
            best = run;
        }
    }
    best.first().copied().unwrap_or_default()
}

impl ImputationError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::AllMissing { .. } => {
                "remove the column from the study, or fit the imputation on other patients"
            }
            Self::WrongType {
                found: "category" | "yes_no",
                ..
            } => "write `by mode` for a category or yes_no",
            Self::WrongType { .. } => "only numbers, yes_no and categories can be imputed",
            Self::UnknownLevel { .. } => return None,
        })
    }
}

impl fmt::Display for ImputationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllMissing { name, patients } => {
                write!(
                    f,
                    "{name} cannot be imputed: none of the {patients} patients that it is fitted on has a value"
                )
            }
            Self::WrongType {
                name,
                method,
                found,
            } => {
                let method = match method {
                    ImputationMethod::Median => "median",
                    ImputationMethod::Mean => "mean",
                    ImputationMethod::Mode => "mode",
                };
                write!(f, "{name} is a {found}, which has no {method}")
            }
            Self::UnknownLevel { level } => write!(f, "the column has no level {level} to impute"),
        }
    }
}

impl std::error::Error for ImputationError {}
