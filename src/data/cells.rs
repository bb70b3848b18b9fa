//! One cell of a file, before its column says what it means; and how messages quote it.

use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Empty,
    /// Never empty, without blanks around it.
    Text(Cow<'a, str>),
    Number(f64),
    Truth(bool),
    /// A cell that a spreadsheet formats as a date: ISO 8601.
    Day(String),
    /// A date with a time of day, a time, or a duration: as text.
    Moment(String),
    /// `#DIV/0!` and its like.
    Error(String),
    /// A formula whose result the file does not hold.
    Uncalculated,
}

impl<'a> Cell<'a> {
    pub(super) fn from_text(text: &'a str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            trimmed => Self::Text(Cow::Borrowed(trimmed)),
        }
    }

    /// What the cell shows, for keys, codes and messages.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(value) => Cow::Owned(value.to_string()),
            Self::Truth(value) => Cow::Borrowed(if *value { "TRUE" } else { "FALSE" }),
            Self::Day(text) | Self::Moment(text) | Self::Error(text) => Cow::Borrowed(text),
            Self::Uncalculated => Cow::Borrowed("a formula"),
        }
    }
}

/// The cells of a spreadsheet's row that hold something, by column from 0.
pub(super) type SparseRow = BTreeMap<usize, Cell<'static>>;

/// One row of a file.
#[derive(Clone, Copy)]
pub(super) enum Row<'r> {
    Text(&'r csv::StringRecord),
    Cells(&'r SparseRow),
}

impl<'r> Row<'r> {
    /// The cell in this column of the file; empty where the row is shorter.
    pub(super) fn cell(self, column: usize) -> Cell<'r> {
        match self {
            Self::Text(fields) => Cell::from_text(fields.get(column).unwrap_or_default()),
            Self::Cells(cells) => cells.get(&column).cloned().unwrap_or(Cell::Empty),
        }
    }
}

/// So many characters of a value are shown.
const SHOWN: usize = 40;

/// The text in quotes, cut to a length that fits a line, control characters made visible.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(text))
}

/// As [`quoted`], without the quotes.
pub(super) fn cut(text: &str) -> String {
    let mut shown = String::new();
    for (position, c) in text.chars().enumerate() {
        if position == SHOWN {
            shown.push('…');
            break;
        }
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Words in a sentence: `a, b or c`; of many the first ones.
pub(super) fn listed(words: &[String], conjunction: &str, limit: usize) -> String {
    let shown: Vec<String> = words.iter().take(limit).map(|word| cut(word)).collect();
    match (words.len().saturating_sub(limit), shown.as_slice()) {
        (0, [before @ .., last]) if !before.is_empty() => {
            format!("{} {conjunction} {last}", before.join(", "))
        }
        (0, _) => shown.concat(),
        (more, _) => format!("{}, … ({more} more)", shown.join(", ")),
    }
}
