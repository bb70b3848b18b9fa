//! From columns to the predictors of a regression.
//!
//! A yes_no is the number 0 or 1. A category keeps its declared order and its first level as reference (ordered or
//! not: treatment contrasts either way); levels that no patient has are left out and named, since their column would be
//! empty. If that is the reference, the first level that somebody has takes its place.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::statistics::Predictor;

use super::cells::listed;
use super::column::ColumnValues;
use super::errors::count;

/// A predictor and the levels that none of its patients has.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedPredictor {
    pub predictor: Predictor,
    pub unobserved_levels: Vec<String>,
}

/// The patients who have every value, and why the others have not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteRows {
    /// In the order of the rows asked about.
    pub rows: Vec<usize>,
    pub left_out: usize,
    /// One a column asked about, in that order. A patient may lack several values.
    pub missing: Vec<MissingCount>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingCount {
    pub column: String,
    pub missing: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PredictorError {
    Missing {
        name: String,
        missing: usize,
        patients: usize,
    },
    /// Dates and texts predict nothing.
    WrongType {
        name: String,
        found: &'static str,
    },
    /// All patients have the same value.
    Constant {
        name: String,
        value: String,
        patients: usize,
    },
    NoPatients {
        name: String,
    },
    /// Patients have a level that the fit has not seen.
    UnseenLevels {
        name: String,
        levels: Vec<String>,
        patients: usize,
    },
}

/// Which of `rows` have a value in all of `columns`.
pub fn complete_rows(columns: &[(&str, &ColumnValues)], rows: &[usize]) -> CompleteRows {
    let complete: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|row| columns.iter().all(|(_, values)| !values.is_missing(*row)))
        .collect();
    CompleteRows {
        left_out: rows.len() - complete.len(),
        rows: complete,
        missing: columns
            .iter()
            .map(|(name, values)| MissingCount {
                column: (*name).to_owned(),
                missing: values.count_missing(rows),
            })
            .collect(),
    }
}

/// The predictor of the patients in `rows`, for fitting: it must vary among them.
pub fn predictor(
    name: &str,
    values: &ColumnValues,
    rows: &[usize],
) -> Result<PreparedPredictor, PredictorError> {
    if rows.is_empty() {
        return Err(PredictorError::NoPatients {
            name: name.to_owned(),
        });
    }
    let constant = |value: String| PredictorError::Constant {
        name: name.to_owned(),
        value,
        patients: rows.len(),
    };
    if let ColumnValues::Category { levels, codes } = values {
        let codes = known(name, codes, rows)?;
        let (observed, unobserved): (Vec<usize>, Vec<usize>) =
            (0..levels.len()).partition(|level| codes.contains(level));
        let names = |picked: &[usize]| {
            picked
                .iter()
                .map(|level| levels[*level].clone())
                .collect::<Vec<String>>()
        };
        if let [only] = observed.as_slice() {
            return Err(constant(levels[*only].clone()));
        }
        return Ok(PreparedPredictor {
            predictor: Predictor::Category {
                name: name.to_owned(),
                codes: codes
                    .iter()
                    .map(|code| {
                        observed
                            .iter()
                            .position(|level| level == code)
                            .unwrap_or_default()
                    })
                    .collect(),
                levels: names(&observed),
            },
            unobserved_levels: names(&unobserved),
        });
    }
    let numbers = numbers(name, values, rows)?;
    if let [first, rest @ ..] = numbers.as_slice()
        && rest.iter().all(|value| value == first)
    {
        return Err(constant(match values {
            ColumnValues::YesNo(_) if *first == 0.0 => "no".to_owned(),
            ColumnValues::YesNo(_) => "yes".to_owned(),
            _ => first.to_string(),
        }));
    }
    Ok(PreparedPredictor {
        predictor: Predictor::Number {
            name: name.to_owned(),
            values: numbers,
        },
        unobserved_levels: Vec::new(),
    })
}

/// The predictor of the patients in `rows` as a fitted model knows it: `fitted` gives the type and the levels. The
/// values need not vary; a level that the fit has not seen is an error.
pub fn predictor_with_levels(
    fitted: &Predictor,
    values: &ColumnValues,
    rows: &[usize],
) -> Result<Predictor, PredictorError> {
    let name = fitted.name();
    match (fitted, values) {
        (Predictor::Category { levels: seen, .. }, ColumnValues::Category { levels, codes }) => {
            let codes = known(name, codes, rows)?;
            let places: Vec<Option<usize>> = levels
                .iter()
                .map(|level| seen.iter().position(|s| s == level))
                .collect();
            let place = |code: &usize| places.get(*code).copied().flatten();
            let strange = |code: &usize| place(code).is_none();
            if codes.iter().any(strange) {
                return Err(PredictorError::UnseenLevels {
                    name: name.to_owned(),
                    levels: (0..levels.len())
                        .filter(|level| strange(level) && codes.contains(level))
                        .map(|level| levels[level].clone())
                        .collect(),
                    patients: codes.iter().filter(|code| strange(code)).count(),
                });
            }
            Ok(Predictor::Category {
                name: name.to_owned(),
                levels: seen.clone(),
                codes: codes.iter().filter_map(place).collect(),
            })
        }
        (Predictor::Number { .. }, ColumnValues::Number(_) | ColumnValues::YesNo(_)) => {
            Ok(Predictor::Number {
                name: name.to_owned(),
                values: numbers(name, values, rows)?,
            })
        }
        (_, other) => Err(PredictorError::WrongType {
            name: name.to_owned(),
            found: other.type_name(),
        }),
    }
}

/// The values of `rows`, all of which must be known.
pub(super) fn known<T: Copy>(
    name: &str,
    values: &[Option<T>],
    rows: &[usize],
) -> Result<Vec<T>, PredictorError> {
    let known: Vec<T> = rows
        .iter()
        .filter_map(|row| values.get(*row).copied().flatten())
        .collect();
    if known.len() == rows.len() {
        Ok(known)
    } else {
        Err(PredictorError::Missing {
            name: name.to_owned(),
            missing: rows.len() - known.len(),
            patients: rows.len(),
        })
    }
}

/// Numbers as they are, no as 0, yes as 1.
pub(super) fn numbers(
    name: &str,
    values: &ColumnValues,
    rows: &[usize],
) -> Result<Vec<f64>, PredictorError> {
    match values {
        ColumnValues::Number(values) => known(name, values, rows),
        ColumnValues::YesNo(values) => Ok(known(name, values, rows)?
            .into_iter()
            .map(|value| f64::from(u8::from(value)))
            .collect()),
        other => Err(PredictorError::WrongType {
            name: name.to_owned(),
            found: other.type_name(),
        }),
    }
}

impl PredictorError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing { name, .. } => format!(
                "decide in the study: `missing complete_cases` leaves these patients out, `impute {name} by median fit on …` (or by mode) replaces the values"
            ),
            Self::Constant { name, .. } => {
                format!("leave {name} out: a value that all patients share explains nothing")
            }
            Self::UnseenLevels { name, .. } => {
                format!(
                    "join rare levels of {name} in a derived category, so that every set has patients of each"
                )
            }
            Self::WrongType { .. } => {
                "predictors are numbers, counts, yes_no or categories: derive one of these"
                    .to_owned()
            }
            Self::NoPatients { .. } => {
                "check the cohort and how many patients lack values".to_owned()
            }
        })
    }
}

impl fmt::Display for PredictorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing {
                name,
                missing,
                patients,
            } => {
                write!(
                    f,
                    "{name} is not recorded for {missing} of {patients} patients"
                )
            }
            Self::WrongType { name, found } => {
                write!(f, "{name} is a {found} and cannot be a predictor here")
            }
            Self::Constant {
                name,
                value,
                patients,
            } => {
                write!(
                    f,
                    "{name} is {value} for all {patients} patients of the analysis"
                )
            }
            Self::NoPatients { name } => write!(f, "there is no patient to take {name} from"),
            Self::UnseenLevels {
                name,
                levels,
                patients,
            } => write!(
                f,
                "{name} is {} for {}, a level that no patient of the fit has",
                listed(levels, "or", 6),
                count(*patients, "patient")
            ),
        }
    }
}

impl std::error::Error for PredictorError {}
