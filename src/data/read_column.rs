//! One declared column while its file is read: each cell becomes a value of the declared type, or an error.

use std::borrow::Cow;

use crate::plan::{Column, ColumnKind, Level};

use super::cells::Cell;
use super::column::ColumnValues;
use super::dates;
use super::errors::{Cause, DataError, DataErrorKind, DataErrors, Expected, Place};
use super::nearest::nearest;
use super::numbers;

/// Counts above this are not exact in floating point.
const LARGEST_COUNT: f64 = 9_007_199_254_740_992.0;
/// So many different values of a yes_no column are kept for the message.
const SEEN: usize = 7;

pub(super) struct ColumnReader<'a> {
    name: &'a str,
    declaration: &'a Column,
    missing: Vec<MissingCode<'a>>,
    values: ColumnValues,
    seen: Vec<String>,
    pub(super) errors: DataErrors,
}

/// A code of "not recorded": as text, and as a number in columns of numbers (-9 and -9.0 are the same code).
struct MissingCode<'a> {
    text: &'a str,
    number: Option<f64>,
}

/// Where a cell stands.
#[derive(Clone, Copy)]
pub(super) struct CellPlace<'a> {
    pub(super) file: &'a str,
    pub(super) row: u32,
    pub(super) patient: &'a str,
}

impl<'a> ColumnReader<'a> {
    pub(super) fn new(name: &'a str, declaration: &'a Column, table_codes: &'a [String]) -> Self {
        let is_numeric = matches!(
            declaration.kind,
            ColumnKind::Number { .. } | ColumnKind::Count
        );
        let missing = table_codes
            .iter()
            .chain(&declaration.missing_codes)
            .map(|code| MissingCode {
                text: code.trim(),
                number: code.trim().parse().ok().filter(|_| is_numeric),
            })
            .collect();
        let values = match &declaration.kind {
            ColumnKind::Number { .. } | ColumnKind::Count => ColumnValues::Number(Vec::new()),
            ColumnKind::YesNo { .. } => ColumnValues::YesNo(Vec::new()),
            ColumnKind::Category { levels, .. } => ColumnValues::Category {
                levels: levels.iter().map(|level| level.name.clone()).collect(),
                codes: Vec::new(),
            },
            ColumnKind::Date => ColumnValues::Date(Vec::new()),
            ColumnKind::Text => ColumnValues::Text(Vec::new()),
        };
        Self {
            name,
            declaration,
            missing,
            values,
            seen: Vec::new(),
            errors: DataErrors::default(),
        }
    }

    /// Reads the next patient's cell. A value that does not fit is reported and stands as missing.
    pub(super) fn push(&mut self, cell: &Cell<'_>, place: CellPlace<'_>) {
        let blank = matches!(cell, Cell::Empty) || self.is_missing_code(cell);
        let cell = if blank { &Cell::Empty } else { cell };
        let kind = &self.declaration.kind;
        let outcome = match (&mut self.values, kind) {
            (ColumnValues::Number(values), ColumnKind::Count) => {
                store(values, blank, || count(cell))
            }
            (ColumnValues::Number(values), _) => store(values, blank, || number(cell)),
            (ColumnValues::YesNo(values), ColumnKind::YesNo { coding }) => {
                if !blank {
                    remember(&mut self.seen, &cell.text());
                }
                let coding = coding.as_ref().map(|c| (c.no.as_str(), c.yes.as_str()));
                store(values, blank, || yes_no(cell, coding))
            }
            (ColumnValues::Category { codes, .. }, ColumnKind::Category { levels, .. }) => {
                store(codes, blank, || level(cell, levels))
            }
            (ColumnValues::Date(values), _) => store(values, blank, || day(cell)),
            (ColumnValues::Text(values), _) => store(values, blank, || text(cell)),
            // `new` made the values of the declared type.
            (ColumnValues::YesNo(_) | ColumnValues::Category { .. }, _) => Ok(()),
        };
        if let Err(cause) = outcome {
            self.report(cell.text(), cause, place);
        }
    }

    fn is_missing_code(&self, cell: &Cell<'_>) -> bool {
        if self.missing.is_empty() {
            return false;
        }
        let text = cell.text();
        let value = match cell {
            Cell::Number(value) => Some(*value),
            Cell::Text(text) => text.parse().ok(),
            _ => None,
        };
        self.missing
            .iter()
            .any(|code| code.text == text || (code.number.is_some() && code.number == value))
    }

    fn report(&mut self, found: Cow<'_, str>, cause: Cause, place: CellPlace<'_>) {
        let expected = match &self.declaration.kind {
            ColumnKind::Number { unit } => Expected::Number {
                unit: unit.as_ref().map(ToString::to_string),
            },
            ColumnKind::Count => Expected::Count,
            ColumnKind::YesNo { coding } => Expected::YesNo {
                coding: coding.as_ref().map(|c| (c.no.clone(), c.yes.clone())),
            },
            ColumnKind::Category { levels, .. } => Expected::Level {
                codes: levels.iter().map(|level| level.code.clone()).collect(),
            },
            ColumnKind::Date => Expected::Date,
            ColumnKind::Text => Expected::Text,
        };
        self.errors.push(DataError {
            file: place.file.to_owned(),
            place: Place {
                row: Some(place.row),
                patient: Some(place.patient.to_owned()).filter(|key| !key.is_empty()),
                ..self.place()
            },
            kind: DataErrorKind::Value {
                found: found.into_owned(),
                expected,
                cause,
            },
        });
    }

    /// The column as a place in the file.
    fn place(&self) -> Place {
        column_place(self.name, self.declaration)
    }

    /// The values in the order in which they were read, and what was wrong with them.
    pub(super) fn finish(mut self) -> (ColumnValues, DataErrors) {
        self.seen.sort();
        for error in self
            .errors
            .groups
            .iter_mut()
            .flat_map(|group| &mut group.errors)
        {
            if let DataErrorKind::Value {
                cause: Cause::OtherCoding { seen },
                ..
            } = &mut error.kind
            {
                seen.clone_from(&self.seen);
            }
        }
        (self.values, self.errors)
    }
}

/// Where a column stands in the file, as far as its declaration says.
pub(super) fn column_place(name: &str, declaration: &Column) -> Place {
    Place {
        column: Some(name.to_owned()),
        header: Some(declaration.header.clone()).filter(|header| header != name),
        ..Place::default()
    }
}

fn store<T>(
    values: &mut Vec<Option<T>>,
    blank: bool,
    read: impl FnOnce() -> Result<T, Cause>,
) -> Result<(), Cause> {
    let outcome = if blank { Ok(None) } else { read().map(Some) };
    match outcome {
        Ok(value) => {
            values.push(value);
            Ok(())
        }
        Err(cause) => {
            values.push(None);
            Err(cause)
        }
    }
}

fn remember(seen: &mut Vec<String>, text: &str) {
    if seen.len() < SEEN && !seen.iter().any(|known| known == text) {
        seen.push(text.to_owned());
    }
}

/// Faults that no type of column forgives.
fn spreadsheet_fault(cell: &Cell<'_>) -> Option<Cause> {
    match cell {
        Cell::Error(_) => Some(Cause::SpreadsheetError),
        Cell::Uncalculated => Some(Cause::FormulaWithoutValue),
        _ => None,
    }
}

fn number(cell: &Cell<'_>) -> Result<f64, Cause> {
    match cell {
        Cell::Text(text) => numbers::parse(text),
        Cell::Number(value) => Ok(value + 0.0),
        Cell::Day(_) | Cell::Moment(_) => Err(Cause::FormattedAsDate),
        _ => Err(spreadsheet_fault(cell).unwrap_or(Cause::Unrecognised)),
    }
}

fn count(cell: &Cell<'_>) -> Result<f64, Cause> {
    match number(cell)? {
        value if value < 0.0 => Err(Cause::Negative),
        value if value > LARGEST_COUNT => Err(Cause::TooLarge),
        value if value.fract() != 0.0 => Err(Cause::Fraction),
        value => Ok(value),
    }
}

fn yes_no(cell: &Cell<'_>, coding: Option<(&str, &str)>) -> Result<bool, Cause> {
    if let Some(fault) = spreadsheet_fault(cell) {
        return Err(fault);
    }
    let text = cell.text();
    let is = |word: &str| {
        text == word || (matches!(cell, Cell::Truth(_)) && text.eq_ignore_ascii_case(word))
    };
    let value = match coding {
        Some((no, _)) if is(no) => Some(false),
        Some((_, yes)) if is(yes) => Some(true),
        Some(_) => None,
        None if ["0", "no", "false"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word)) =>
        {
            Some(false)
        }
        None if ["1", "yes", "true"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word)) =>
        {
            Some(true)
        }
        None => None,
    };
    value.ok_or_else(|| {
        if numbers::looks_missing(&text) {
            Cause::LooksMissing
        } else {
            Cause::OtherCoding { seen: Vec::new() }
        }
    })
}

fn level(cell: &Cell<'_>, levels: &[Level]) -> Result<usize, Cause> {
    if let Some(fault) = spreadsheet_fault(cell) {
        return Err(fault);
    }
    let text = cell.text();
    if let Some(code) = levels.iter().position(|level| level.code == text) {
        return Ok(code);
    }
    if matches!(cell, Cell::Day(_) | Cell::Moment(_)) {
        return Err(Cause::FormattedAsDate);
    }
    if numbers::looks_missing(&text) {
        return Err(Cause::LooksMissing);
    }
    let words = levels
        .iter()
        .flat_map(|level| [&level.code, &level.name, &level.label].map(String::as_str));
    let nearest = nearest(&text, words).and_then(|word| {
        levels
            .iter()
            .find(|level| {
                [&level.code, &level.name, &level.label]
                    .iter()
                    .any(|known| *known == word)
            })
            .map(|level| (level.code.clone(), level.name.clone()))
    });
    Err(Cause::UnknownLevel { nearest })
}

fn day(cell: &Cell<'_>) -> Result<String, Cause> {
    match cell {
        Cell::Day(day) => Ok(day.clone()),
        Cell::Text(text) if dates::is_day(text) => Ok(text.to_string()),
        Cell::Text(text) if numbers::looks_missing(text) => Err(Cause::LooksMissing),
        Cell::Text(_) | Cell::Moment(_) => Err(dates::diagnose(&cell.text())),
        Cell::Number(_) => match dates::diagnose(&cell.text()) {
            Cause::Unrecognised => Err(Cause::NotFormattedAsDate),
            cause => Err(cause),
        },
        _ => Err(spreadsheet_fault(cell).unwrap_or(Cause::Unrecognised)),
    }
}

fn text(cell: &Cell<'_>) -> Result<String, Cause> {
    match spreadsheet_fault(cell) {
        Some(fault) => Err(fault),
        None => Ok(cell.text().into_owned()),
    }
}
