//! The CSV tables of the reference cases: columns of text, read as numbers where every value is one.

use std::path::PathBuf;

use serde_json::Value;

use crate::statistics::{Design, Predictor};

use super::case::{Case, CaseError, flags, malformed, number};
use super::formula::Formula;

/// Columns by name, in the order of the file. An empty field or `NA` is missing.
#[derive(Clone, Debug)]
pub struct Table {
    pub rows: usize,
    columns: Vec<(String, Vec<Option<String>>)>,
}

impl Table {
    /// Reads the text of a CSV file; `path` names it in errors.
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, CaseError> {
        let unreadable = |reason: String| CaseError::Unreadable {
            path: PathBuf::from(path),
            reason,
        };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names = reader
            .headers()
            .map_err(|e| unreadable(e.to_string()))?
            .clone();
        let mut columns: Vec<(String, Vec<Option<String>>)> = names
            .iter()
            .map(|name| (name.to_owned(), Vec::new()))
            .collect();
        let mut rows = 0;
        for record in reader.records() {
            let record = record.map_err(|e| unreadable(e.to_string()))?;
            rows += 1;
            for (column, field) in columns.iter_mut().zip(record.iter()) {
                column
                    .1
                    .push((!field.is_empty() && field != "NA").then(|| field.to_owned()));
            }
        }
        Ok(Self { rows, columns })
    }

    pub(super) fn from_inputs(inputs: &Value) -> Result<Self, CaseError> {
        let object = inputs
            .as_object()
            .ok_or_else(|| malformed("data.inputs", "an object of columns"))?;
        let mut columns = Vec::new();
        for (name, values) in object {
            let wrong = || {
                malformed(
                    &format!("data.inputs.{name}"),
                    "a list of numbers or of texts",
                )
            };
            let values = match values {
                Value::Array(items) => items.as_slice(),
                single => std::slice::from_ref(single),
            };
            let column = values
                .iter()
                .map(|value| match (value, number(value)) {
                    (Value::Null, _) => Ok(None),
                    (_, Some(number)) => Ok(Some(number.to_string())),
                    (Value::String(text), None) => Ok(Some(text.clone())),
                    _ => Err(wrong()),
                })
                .collect::<Result<Vec<_>, _>>()?;
            columns.push((name.clone(), column));
        }
        let rows = columns.first().map_or(0, |c| c.1.len());
        if columns.iter().any(|c| c.1.len() != rows) {
            return Err(malformed("data.inputs", "columns of one length"));
        }
        Ok(Self { rows, columns })
    }

    /// The names of the columns, in the order of the file.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|c| c.0.as_str()).collect()
    }

    pub fn column(&self, name: &str) -> Result<&[Option<String>], CaseError> {
        self.columns
            .iter()
            .find(|c| c.0 == name)
            .map(|c| c.1.as_slice())
            .ok_or_else(|| malformed(name, "a column of the table"))
    }

    /// Is every recorded value of the column a number?
    pub fn is_numeric(&self, name: &str) -> Result<bool, CaseError> {
        Ok(self
            .column(name)?
            .iter()
            .flatten()
            .all(|field| field.parse::<f64>().is_ok()))
    }

    /// The rows, in order, that have a value in every one of these columns.
    pub fn complete_rows(&self, names: &[&str]) -> Result<Vec<usize>, CaseError> {
        let columns = names
            .iter()
            .map(|n| self.column(n))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((0..self.rows)
            .filter(|row| columns.iter().all(|c| c[*row].is_some()))
            .collect())
    }

    /// A column of numbers, in the given rows.
    pub fn numbers(&self, name: &str, rows: &[usize]) -> Result<Vec<f64>, CaseError> {
        let column = self.column(name)?;
        rows.iter()
            .map(|row| {
                column[*row]
                    .as_deref()
                    .and_then(|field| field.parse().ok())
                    .ok_or_else(|| malformed(name, "a column of numbers without gaps"))
            })
            .collect()
    }

    /// A column of 0 and 1, or a condition such as `status == 2`, in the given rows.
    pub fn flags(&self, expression: &str, rows: &[usize]) -> Result<Vec<bool>, CaseError> {
        match expression.split_once("==") {
            Some((name, value)) => {
                let value: f64 = value
                    .trim()
                    .parse()
                    .map_err(|_| malformed(expression, "`column == number`"))?;
                Ok(self
                    .numbers(name.trim(), rows)?
                    .iter()
                    .map(|v| *v == value)
                    .collect())
            }
            None => flags(&self.numbers(expression, rows)?, expression),
        }
    }

    /// The levels of a column in alphabetical order (of numbers in theirs), and each row's index into them.
    pub fn codes(
        &self,
        name: &str,
        rows: &[usize],
    ) -> Result<(Vec<String>, Vec<usize>), CaseError> {
        let column = self.column(name)?;
        let values: Vec<&str> = rows
            .iter()
            .map(|row| column[*row].as_deref())
            .collect::<Option<_>>()
            .ok_or_else(|| malformed(name, "a column without gaps"))?;
        let mut levels: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
        levels.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            _ => a.cmp(b),
        });
        levels.dedup();
        let codes = values
            .iter()
            .map(|v| levels.iter().position(|level| level == v).unwrap_or(0))
            .collect();
        Ok((levels, codes))
    }

    /// A predictor as R would make it: numbers stay numbers, texts become a category whose reference is the
    /// alphabetically first level unless the case names another.
    pub fn predictor(
        &self,
        case: &Case,
        name: &str,
        rows: &[usize],
    ) -> Result<Predictor, CaseError> {
        if self.is_numeric(name)? {
            return Ok(Predictor::Number {
                name: name.to_owned(),
                values: self.numbers(name, rows)?,
            });
        }
        let (mut levels, mut codes) = self.codes(name, rows)?;
        if let Some(reference) = case.reference_level(name) {
            let at = levels
                .iter()
                .position(|level| level == reference)
                .ok_or_else(|| {
                    malformed(&format!("args.reference.{name}"), "a level of the column")
                })?;
            let level = levels.remove(at);
            levels.insert(0, level);
            for code in &mut codes {
                *code = if *code == at {
                    0
                } else if *code < at {
                    *code + 1
                } else {
                    *code
                };
            }
        }
        Ok(Predictor::Category {
            name: name.to_owned(),
            levels,
            codes,
        })
    }

    /// The design of several predictors.
    pub fn design(
        &self,
        case: &Case,
        names: &[String],
        rows: &[usize],
    ) -> Result<Design, CaseError> {
        let predictors = names
            .iter()
            .map(|name| self.predictor(case, name, rows))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Design::new(rows.len(), &predictors))
    }

    /// The design of a formula's terms and interactions.
    pub fn design_of(
        &self,
        case: &Case,
        formula: &Formula,
        rows: &[usize],
    ) -> Result<Design, CaseError> {
        let mut design = self.design(case, &formula.terms, rows)?;
        for (first, second) in &formula.interactions {
            let place = |name: &String| {
                formula
                    .terms
                    .iter()
                    .position(|term| term == name)
                    .expect("a parsed formula has the main effects of its interactions")
            };
            design = design.with_interaction(place(first), place(second));
        }
        Ok(design)
    }
}

/// R's name of a coefficient: column, then level (`differpoor`); of an interaction, both (`differpoor:age`).
pub(super) fn coefficient_names(design: &Design) -> Vec<String> {
    let mut names: Vec<String> = design
        .columns
        .iter()
        .map(|c| format!("{}{}", c.term, c.level.as_deref().unwrap_or("")))
        .collect();
    for term in &design.terms {
        let parts: Option<Vec<_>> =
            term.name
                .split_once(':')
                .map(|(a, b)| [a, b])
                .and_then(|parts| {
                    let of = |name: &str| design.terms.iter().find(|term| term.name == name);
                    parts.into_iter().map(of).collect()
                });
        if let Some([a, b]) = parts.as_deref() {
            let mut column = term.columns.start;
            for right in b.columns.clone() {
                for left in a.columns.clone() {
                    names[column] = format!("{}:{}", names[left], names[right]);
                    column += 1;
                }
            }
        }
    }
    names
}
