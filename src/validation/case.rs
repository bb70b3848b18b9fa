//! One reference case, and access to its data with errors that name the field.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::files::CaseFiles;
use super::formula::Formula;
use super::table::Table;

/// A case as its JSON file holds it, and where the tables that it names are.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub method: String,
    #[serde(default)]
    pub tool: String,
    pub data: Value,
    #[serde(default)]
    pub args: Value,
    #[serde(default)]
    pub expected: Value,
    #[serde(default)]
    pub tolerance: Value,
    #[serde(skip)]
    pub files: CaseFiles,
    /// The path that `expected.csv` named, before its columns took its place.
    #[serde(skip)]
    expected_table: Option<String>,
}

/// What is wrong with a case, or why a method could not run on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseError {
    /// The file cannot be read.
    Unreadable { path: PathBuf, reason: String },
    /// The file, or a part of it, is not what the schema says.
    Malformed { place: String, expected: String },
    /// The method itself refused the data.
    Method(String),
}

impl std::fmt::Display for CaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { path, reason } => {
                write!(f, "cannot read {}: {reason}", path.display())
            }
            Self::Malformed { place, expected } => write!(f, "`{place}` must be {expected}"),
            Self::Method(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for CaseError {}

impl Case {
    /// Reads the text of a case.
    pub fn parse(text: &str, files: CaseFiles) -> Result<Self, CaseError> {
        let mut case: Self = serde_json::from_str(text).map_err(|source| CaseError::Malformed {
            place: "case".to_owned(),
            expected: format!("a case of the documented schema ({source})"),
        })?;
        case.files = files;
        case.read_expected_table()?;
        Ok(case)
    }

    /// The tables that the case names, of data and of expected figures, as `(name, text)`.
    pub fn tables(&self) -> Result<Vec<(String, String)>, CaseError> {
        let named = self.data.as_object().into_iter().flatten();
        named
            .filter(|(field, _)| field.starts_with("csv"))
            .filter_map(|(_, value)| value.as_str())
            .chain(self.expected_table.as_deref())
            .map(|path| Ok((path.to_owned(), self.files.text(path)?)))
            .collect()
    }

    /// Expected figures that are too many for the case's file are a table, `expected.csv`: its columns take its place.
    fn read_expected_table(&mut self) -> Result<(), CaseError> {
        let Some(path) = self.expected["csv"].as_str().map(str::to_owned) else {
            return Ok(());
        };
        let table = Table::parse(&path, &self.files.text(&path)?)?;
        let rows: Vec<usize> = (0..table.rows).collect();
        let mut columns = serde_json::Map::new();
        for name in table.names() {
            columns.insert(name.to_owned(), Value::from(table.numbers(name, &rows)?));
        }
        self.expected["csv"] = Value::Object(columns);
        self.expected_table = Some(path);
        Ok(())
    }

    /// A method's own error, as this case's.
    pub fn method_error(error: impl std::fmt::Display) -> CaseError {
        CaseError::Method(error.to_string())
    }

    /// The vector `data.inputs.NAME`. R writes a one-element list as a bare number; null becomes NaN.
    pub fn input(&self, name: &str) -> Result<Vec<f64>, CaseError> {
        numbers(&self.data["inputs"][name])
            .ok_or_else(|| malformed(&format!("data.inputs.{name}"), "a list of numbers"))
    }

    /// The matrix `data.inputs.NAME`, a list of rows.
    pub fn input_rows(&self, name: &str) -> Result<Vec<Vec<f64>>, CaseError> {
        self.data["inputs"][name]
            .as_array()
            .and_then(|rows| rows.iter().map(numbers).collect())
            .ok_or_else(|| malformed(&format!("data.inputs.{name}"), "a list of rows of numbers"))
    }

    /// The vector `data.inputs.NAME` of 0 and 1 as booleans.
    pub fn input_flags(&self, name: &str) -> Result<Vec<bool>, CaseError> {
        flags(&self.input(name)?, &format!("data.inputs.{name}"))
    }

    /// `data.NAME`, a text (a column's name, a formula).
    pub fn text(&self, name: &str) -> Result<&str, CaseError> {
        self.data[name]
            .as_str()
            .ok_or_else(|| malformed(&format!("data.{name}"), "a text"))
    }

    /// `data.NAME`, a list of texts; a bare text is a list of one, absent is none.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, CaseError> {
        match &self.data[name] {
            Value::Null => Ok(Vec::new()),
            Value::String(text) => Ok(vec![text.clone()]),
            Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| malformed(&format!("data.{name}"), "a list of texts")),
            _ => Err(malformed(&format!("data.{name}"), "a list of texts")),
        }
    }

    /// `args.NAME`, a number.
    pub fn argument(&self, name: &str) -> Result<f64, CaseError> {
        self.args[name]
            .as_f64()
            .ok_or_else(|| malformed(&format!("args.{name}"), "a number"))
    }

    /// `args.NAME`, a whole number that is not negative.
    pub fn whole_argument(&self, name: &str) -> Result<usize, CaseError> {
        let value = self.argument(name)?;
        if value >= 0.0 && value.fract() == 0.0 && value <= 1e9 {
            Ok(value as usize)
        } else {
            Err(malformed(&format!("args.{name}"), "a whole number"))
        }
    }

    /// `args.NAME`, a list of numbers (a bare number is a list of one).
    pub fn argument_list(&self, name: &str) -> Result<Vec<f64>, CaseError> {
        numbers(&self.args[name])
            .ok_or_else(|| malformed(&format!("args.{name}"), "a list of numbers"))
    }

    /// The table that `data.csv` names, or `data.inputs` as a table of number columns.
    pub fn table(&self) -> Result<Table, CaseError> {
        self.table_named("csv")
    }

    /// The table that `data.NAME` names (`csv_validation`, say); falls back to `data.inputs`.
    pub fn table_named(&self, name: &str) -> Result<Table, CaseError> {
        match self.data[name].as_str() {
            Some(path) => Table::parse(path, &self.files.text(path)?),
            None => Table::from_inputs(&self.data["inputs"]),
        }
    }

    /// `data.formula`, parsed.
    pub fn formula(&self) -> Result<Formula, CaseError> {
        Formula::parse(self.text("formula")?)
    }

    /// The reference level that `args.reference` sets for a column.
    pub fn reference_level(&self, column: &str) -> Option<&str> {
        self.args["reference"][column].as_str()
    }
}

pub(super) fn malformed(place: &str, expected: &str) -> CaseError {
    CaseError::Malformed {
        place: place.to_owned(),
        expected: expected.to_owned(),
    }
}

pub(super) fn numbers(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Array(items) => items
            .iter()
            .map(|item| {
                if item.is_null() {
                    Some(f64::NAN)
                } else {
                    number(item)
                }
            })
            .collect(),
        Value::Number(_) => number(value).map(|n| vec![n]),
        _ => None,
    }
}

/// A number; JSON has no infinite one, so R's writer makes it a text.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("Inf") => Some(f64::INFINITY),
        Some("-Inf") => Some(f64::NEG_INFINITY),
        _ => value.as_f64(),
    }
}

pub(super) fn flags(values: &[f64], place: &str) -> Result<Vec<bool>, CaseError> {
    values
        .iter()
        .map(|v| match *v {
            0.0 => Ok(false),
            1.0 => Ok(true),
            _ => Err(malformed(place, "a list of 0 and 1")),
        })
        .collect()
}
