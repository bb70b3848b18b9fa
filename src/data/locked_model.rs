//! A fitted model locked in one open file, to be used on new patients.
//!
//! The file holds the whole chain: the columns with their types and the range of values seen in the fit, derived values,
//! replacements of missing values, each score (logistic: log odds = intercept + Σ coefficient × value, a level counting 1
//! against the reference; forest: the mean over trees of the fraction of events in a patient's leaf), and the cut-offs, at
//! or above which a score is high. `from` says what it descends from.

//!
//! A patient with a value that the fit did not see, or without a value that the model needs, gets no score, and the reason.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::column::ColumnValues;
use super::encode_features;
use super::errors::DataErrors;
use super::expressions::derive;
use super::frame::Frame;
use super::imputation::{FittedImputation, apply_imputation};
use super::table::read_table;
use crate::learning::RandomForest;
use crate::numerics::expit;
use crate::plan::{Column, Derived, HIGH, LOW, Table};

/// Version of the format.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedModel {
    pub format: u32,
    /// The score that it gives.
    pub model: String,
    pub label: String,
    /// What it predicts, in words.
    pub outcome: String,
    pub from: LockedFrom,
    /// The header of the column that names the patients.
    pub key: String,
    pub missing_codes: Vec<String>,
    pub columns: BTreeMap<String, LockedColumn>,
    pub derived: BTreeMap<String, Derived>,
    pub replaced_when_missing: BTreeMap<String, FittedImputation>,
    pub scores: BTreeMap<String, LockedScore>,
    pub cutoffs: BTreeMap<String, LockedCutoff>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFrom {
    pub study: String,
    pub version: String,
    pub plan_digest: String,
    pub results_sha256: String,
    pub prereg_version: String,
    /// Data files by name, with their SHA-256.
    pub files: BTreeMap<String, String>,
    /// The steps that it was read from, with their keys.
    pub steps: BTreeMap<String, String>,
    /// Patients and events of the fit of the model itself.
    pub patients: u64,
    pub events: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedColumn {
    pub declared: Column,
    pub seen: Seen,
}

/// The values of the patients of the fit: others are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    Between(f64, f64),
    Levels(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockedScore {
    Logistic {
        intercept: f64,
        coefficients: Vec<LockedCoefficient>,
        /// The reference level of each category.
        references: BTreeMap<String, String>,
    },
    RandomForest {
        /// Each value, and whether it is an ordered category: then its level counts from 0, else each level is a feature.
        values: Vec<(String, bool)>,
        forest: RandomForest,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedCoefficient {
    pub value: String,
    pub level: Option<String>,
    pub coefficient: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedCutoff {
    pub label: String,
    pub score: String,
    pub cutoff: f64,
}

impl Seen {
    /// What two scores of a chain have both seen.
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Between(a, b), Self::Between(c, d)) => Self::Between(a.max(c), b.min(d)),
            (Self::Levels(levels), Self::Levels(others)) => Self::Levels(
                levels
                    .into_iter()
                    .filter(|level| others.contains(level))
                    .collect(),
            ),
            (own, _) => own,
        }
    }
}

/// `groups` are in the order of the model's cut-offs of its own score.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    pub patient: String,
    pub score: Option<f64>,
    pub groups: Vec<Option<&'static str>>,
    pub refused: Option<String>,
}

#[derive(Debug)]
pub enum PredictError {
    OtherFormat {
        found: u32,
    },
    Data(DataErrors),
    /// The file of the model does not fit itself.
    Model {
        problem: String,
    },
}

impl fmt::Display for PredictError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherFormat { found } => write!(
                f,
                "the model has the format {found}; this version reads format {FORMAT}"
            ),
            Self::Data(errors) => errors.fmt(f),
            Self::Model { problem } => write!(f, "the model does not fit itself: {problem}"),
        }
    }
}

impl std::error::Error for PredictError {}

/// The names of the risk groups that a model gives.
pub fn group_names(model: &LockedModel) -> Vec<&str> {
    model
        .cutoffs
        .iter()
        .filter(|(_, cutoff)| cutoff.score == model.model)
        .map(|(name, _)| name.as_str())
        .collect()
}

/// One prediction a patient of the table, in the order of their key.
pub fn predict(
    model: &LockedModel,
    table: &[u8],
    file_name: &str,
) -> Result<Vec<Prediction>, PredictError> {
    let declaration = Table {
        file: file_name.to_owned(),
        sheet: None,
        key: model.key.clone(),
        missing_codes: model.missing_codes.clone(),
        columns: model
            .columns
            .iter()
            .map(|(name, column)| (name.clone(), column.declared.clone()))
            .collect(),
    };
    let table = read_table(table, file_name, &declaration).map_err(PredictError::Data)?;
    let (scores, refused) = score(model, &table.keys, &table.source_rows, &table.columns)?;
    let cutoffs: Vec<f64> = model
        .cutoffs
        .values()
        .filter(|cutoff| cutoff.score == model.model)
        .map(|cutoff| cutoff.cutoff)
        .collect();
    Ok(table
        .keys
        .into_iter()
        .zip(refused)
        .zip(scores)
        .map(|((patient, refused), score)| Prediction {
            patient,
            groups: cutoffs
                .iter()
                .map(|cutoff| score.map(|score| if score >= *cutoff { HIGH } else { LOW }))
                .collect(),
            score,
            refused,
        })
        .collect())
}

/// The score of each patient, or why there is none, from the values of the model's columns by name.
#[expect(
    clippy::type_complexity,
    reason = "scores and reasons, both a patient each"
)]
pub fn score(
    model: &LockedModel,
    keys: &[String],
    source_rows: &[u32],
    columns: &BTreeMap<String, ColumnValues>,
) -> Result<(Vec<Option<f64>>, Vec<Option<String>>), PredictError> {
    if model.format != FORMAT {
        return Err(PredictError::OtherFormat {
            found: model.format,
        });
    }
    if let Some(name) = model
        .columns
        .keys()
        .find(|name| !columns.contains_key(*name))
    {
        return Err(problem(name, "is needed by the model and not given"));
    }
    let refused: Vec<Option<String>> = (0..keys.len())
        .map(|row| outside(model, columns, row))
        .collect();
    let rows: Vec<usize> = (0..keys.len())
        .filter(|row| refused[*row].is_none())
        .collect();
    let mut chain = Chain {
        model,
        keys,
        source_rows,
        values: columns.clone(),
        open: Vec::new(),
        rows: &rows,
    };
    match chain.value(&model.model)? {
        ColumnValues::Number(scores) => Ok((scores, refused)),
        _ => Err(problem(&model.model, "is no score")),
    }
}

fn problem(name: &str, what: &str) -> PredictError {
    PredictError::Model {
        problem: format!("`{name}` {what}"),
    }
}

/// Why a patient cannot be predicted.
fn outside(
    model: &LockedModel,
    columns: &BTreeMap<String, ColumnValues>,
    row: usize,
) -> Option<String> {
    model.columns.iter().find_map(|(name, column)| {
        let values = columns.get(name)?;
        if values.is_missing(row) {
            // What is derived is derived of recorded values.
            let in_derived = model
                .derived
                .values()
                .any(|derived| derived.expression.values().contains(&name.as_str()));
            let replaced = model.replaced_when_missing.contains_key(name) && !in_derived;
            return (!replaced).then(|| format!("{name} is not recorded"));
        }
        match (values, &column.seen) {
            (ColumnValues::Number(values), Seen::Between(lowest, highest)) => {
                let value = values.get(row).copied().flatten()?;
                (!(*lowest..=*highest).contains(&value)).then(|| {
                    format!(
                        "{name} is {value}, and the model was fitted from {lowest} to {highest}"
                    )
                })
            }
            (values, Seen::Levels(levels)) => {
                let level = match values {
                    ColumnValues::YesNo(values) => match values.get(row).copied().flatten()? {
                        true => "yes".to_owned(),
                        false => "no".to_owned(),
                    },
                    ColumnValues::Category { levels, codes } => {
                        levels.get(codes.get(row).copied().flatten()?)?.clone()
                    }
                    _ => return Some(format!("{name} has another type")),
                };
                (!levels.contains(&level))
                    .then(|| format!("{name} is {level}, which no patient of the fit had"))
            }
            _ => Some(format!("{name} has another type")),
        }
    })
}

/// Values by name, made when they are asked for.
struct Chain<'a> {
    model: &'a LockedModel,
    keys: &'a [String],
    source_rows: &'a [u32],
    values: BTreeMap<String, ColumnValues>,
    /// Values on their way: one that is asked for again needs itself.
    open: Vec<String>,
    rows: &'a [usize],
}

impl Chain<'_> {
    /// A value as recorded, derived or scored; replaced where it is missing and the model says so.
    fn value(&mut self, name: &str) -> Result<ColumnValues, PredictError> {
        let values = self.raw(name)?;
        match self.model.replaced_when_missing.get(name) {
            Some(fitted) => apply_imputation(&values, fitted)
                .map(|(values, _)| values)
                .map_err(|error| problem(name, &error.to_string())),
            None => Ok(values),
        }
    }

    fn raw(&mut self, name: &str) -> Result<ColumnValues, PredictError> {
        if let Some(values) = self.values.get(name) {
            return Ok(values.clone());
        }
        if self.open.iter().any(|known| known == name) {
            return Err(problem(name, "needs itself"));
        }
        self.open.push(name.to_owned());
        let model = self.model;
        let values = if let Some(derived) = model.derived.get(name) {
            for used in derived.expression.values() {
                let values = self.raw(used)?;
                self.values.insert(used.to_owned(), values);
            }
            let columns = self
                .values
                .iter()
                .map(|(name, values)| (name.as_str(), values));
            let frame = Frame::new(self.keys, self.source_rows, columns)
                .map_err(|error| problem(name, &error.to_string()))?;
            let everybody: Vec<usize> = (0..self.keys.len()).collect();
            derive(derived, &frame, &everybody)
                .map_err(|error| problem(name, &error.to_string()))?
        } else if let Some(score) = model.scores.get(name) {
            let scores = match score {
                LockedScore::Logistic {
                    intercept,
                    coefficients,
                    references,
                } => self.logistic(*intercept, coefficients, references)?,
                LockedScore::RandomForest { values, forest } => {
                    let columns = values
                        .iter()
                        .map(|(value, ordered)| Ok((value.as_str(), self.value(value)?, *ordered)))
                        .collect::<Result<Vec<_>, PredictError>>()?;
                    let columns: Vec<(&str, &ColumnValues, bool)> = columns
                        .iter()
                        .map(|(name, values, ordered)| (*name, values, *ordered))
                        .collect();
                    let features = encode_features(&columns, self.rows)
                        .map_err(|error| problem(name, &error.to_string()))?;
                    forest
                        .predict(&features.matrix)
                        .map_err(|error| problem(name, &error.to_string()))?
                }
            };
            let mut all = vec![None; self.keys.len()];
            for (row, score) in self.rows.iter().zip(scores) {
                all[*row] = Some(score);
            }
            ColumnValues::Number(all)
        } else if let Some(cutoff) = model.cutoffs.get(name) {
            let scores = self.value(&cutoff.score)?;
            let code = |row: usize| {
                number(&scores, row, None).map(|score| usize::from(score >= cutoff.cutoff))
            };
            ColumnValues::Category {
                levels: vec![LOW.to_owned(), HIGH.to_owned()],
                codes: (0..self.keys.len()).map(code).collect(),
            }
        } else {
            return Err(problem(name, "is used and not declared"));
        };
        self.open.pop();
        self.values.insert(name.to_owned(), values.clone());
        Ok(values)
    }

    fn logistic(
        &mut self,
        intercept: f64,
        coefficients: &[LockedCoefficient],
        references: &BTreeMap<String, String>,
    ) -> Result<Vec<f64>, PredictError> {
        let mut sums = vec![intercept; self.rows.len()];
        for term in coefficients {
            let values = self.value(&term.value)?;
            for (sum, row) in sums.iter_mut().zip(self.rows) {
                let x = number(&values, *row, term.level.as_deref())
                    .ok_or_else(|| problem(&term.value, "has no value for a patient"))?;
                *sum += x * term.coefficient;
            }
            // A level that is neither the reference nor a term would count as the reference.
            if let (Some(reference), ColumnValues::Category { levels, codes }) =
                (references.get(&term.value), &values)
            {
                let known = |level: &String| {
                    level == reference
                        || coefficients.iter().any(|other| {
                            other.value == term.value && other.level.as_ref() == Some(level)
                        })
                };
                let strange = self
                    .rows
                    .iter()
                    .filter_map(|row| levels.get(codes.get(*row).copied().flatten()?))
                    .find(|level| !known(level));
                if let Some(level) = strange {
                    return Err(problem(
                        &term.value,
                        &format!("has the level {level}, which is no term"),
                    ));
                }
            }
        }
        Ok(sums.into_iter().map(expit).collect())
    }
}

/// A value as a number: of a category whether it is this level, or without one which level, counted from 0.
fn number(values: &ColumnValues, row: usize, level: Option<&str>) -> Option<f64> {
    match (values, level) {
        (ColumnValues::Number(values), _) => values.get(row).copied().flatten(),
        (ColumnValues::YesNo(values), _) => values
            .get(row)
            .copied()
            .flatten()
            .map(|yes| f64::from(u8::from(yes))),
        (ColumnValues::Category { levels, codes }, level) => {
            let code = codes.get(row).copied().flatten()?;
            Some(match level {
                Some(level) => f64::from(u8::from(levels.get(code)? == level)),
                None => code as f64,
            })
        }
        _ => None,
    }
}
