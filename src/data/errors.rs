//! What is wrong with a file of patients: facts as data, a sentence for each (`Display`) and what to do (`hint`).

use std::fmt;

use super::cells::{cut, listed, quoted};

/// One thing wrong at one place of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct DataError {
    pub file: String,
    pub place: Place,
    pub kind: DataErrorKind,
}

/// Where in the file, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// As a spreadsheet counts: the header of an ordinary file is row 1.
    pub row: Option<u32>,
    /// The column's name in the study.
    pub column: Option<String>,
    /// The column's header in the file, where that is another.
    pub header: Option<String>,
    pub patient: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DataErrorKind {
    /// Neither .csv nor .xlsx.
    UnknownFormat,
    Empty,
    EmptySheet {
        sheet: String,
        sheets: Vec<String>,
    },
    /// There is a header and no patient.
    NoPatients,
    Utf16,
    /// `reading` is the first such field in the usual Western encoding.
    NotUtf8 {
        reading: String,
    },
    /// The file holds bytes that no text has.
    NotText,
    /// A file of another kind under this name: "an Excel workbook".
    OtherContent {
        found: &'static str,
    },
    NotAWorkbook,
    Delimiter {
        found: char,
    },
    UnclosedQuote,
    /// A field goes on after its closing quotation mark.
    TextAfterQuote {
        lines: usize,
    },
    /// `lines` is how many lines of the file the row takes.
    FieldCount {
        found: usize,
        expected: usize,
        lines: usize,
    },
    SheetOfText {
        sheet: String,
    },
    NoSuchSheet {
        sheet: String,
        sheets: Vec<String>,
    },
    PasswordProtected,
    /// What the reader of spreadsheets says.
    Damaged {
        reason: String,
    },
    /// Cells merged into one, as "B2:B5".
    MergedCells {
        range: String,
    },
    /// The header stands in these columns of the file, counted from 1.
    DuplicateHeader {
        header: String,
        columns: Vec<usize>,
    },
    MissingColumn {
        header: String,
        is_key: bool,
        nearest: Option<String>,
        headers: Vec<String>,
    },
    NoFeatures {
        beginning: Option<String>,
        headers: Vec<String>,
    },
    /// `found` is what stands there instead: an error of the spreadsheet.
    EmptyKey {
        key: String,
        found: Option<String>,
    },
    DuplicatePatient {
        key: String,
        rows: Vec<u32>,
    },
    Value {
        found: String,
        expected: Expected,
        cause: Cause,
    },
}

/// The declared type of a value that does not fit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Number {
        unit: Option<String>,
    },
    Count,
    /// The declared codes of no and yes; none is 0/1, yes/no, true/false.
    YesNo {
        coding: Option<(String, String)>,
    },
    /// How the file writes the levels.
    Level {
        codes: Vec<String>,
    },
    Date,
    Text,
}

/// Why a value does not fit, as far as that can be told from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    Unrecognised,
    /// "NA", "?" and the like, not declared as missing.
    LooksMissing,
    DecimalComma {
        write: String,
    },
    /// "1,234".
    AmbiguousComma {
        decimal: String,
        thousands: String,
    },
    ThousandsSeparator {
        write: String,
    },
    /// "12 mm".
    TextAfterNumber {
        number: String,
        text: String,
    },
    /// "<0.1": beyond what the laboratory can measure.
    BeyondLimit,
    TypographicMinus {
        write: String,
    },
    Infinite,
    TooLarge,
    Negative,
    Fraction,
    /// The first different values of a yes_no column.
    OtherCoding {
        seen: Vec<String>,
    },
    /// The code and the name of the nearest level.
    UnknownLevel {
        nearest: Option<(String, String)>,
    },
    /// "31.12.2019".
    OtherDateFormat {
        reading: String,
    },
    /// "03/04/2019".
    AmbiguousDate {
        readings: Vec<String>,
    },
    ImpossibleDay,
    DateWithTime {
        day: String,
    },
    /// A bare number in a date column of a spreadsheet.
    NotFormattedAsDate,
    /// A date, time or duration in another column of a spreadsheet.
    FormattedAsDate,
    SpreadsheetError,
    FormulaWithoutValue,
}

/// Everything that is wrong with a file, by column and cause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataErrors {
    pub groups: Vec<ErrorGroup>,
}

/// Errors of one column and one cause: the first are kept, all are counted. One remedy serves them all.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorGroup {
    pub errors: Vec<DataError>,
    pub more: usize,
}

/// So many errors of a group are kept.
const KEPT: usize = 10;

impl DataErrors {
    pub(super) fn one(file: &str, row: Option<u32>, kind: DataErrorKind) -> Self {
        let mut errors = Self::default();
        errors.push(DataError {
            file: file.to_owned(),
            place: Place {
                row,
                ..Place::default()
            },
            kind,
        });
        errors
    }

    pub(super) fn push(&mut self, error: DataError) {
        let alike = self.groups.iter_mut().find(|group| {
            group.errors.first().is_some_and(|first| {
                first.place.column == error.place.column && first.kind.same_cause(&error.kind)
            })
        });
        match alike {
            Some(group) if group.errors.len() < KEPT => group.errors.push(error),
            Some(group) => group.more += 1,
            None => self.groups.push(ErrorGroup {
                errors: vec![error],
                more: 0,
            }),
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        self.groups.extend(other.groups);
    }

    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The errors that are kept, group by group.
    pub fn errors(&self) -> impl Iterator<Item = &DataError> {
        self.groups.iter().flat_map(|group| &group.errors)
    }

    /// How many errors there are, with those that are not kept.
    pub fn count(&self) -> usize {
        self.groups
            .iter()
            .map(|group| group.errors.len() + group.more)
            .sum()
    }
}

impl DataErrorKind {
    fn same_cause(&self, other: &Self) -> bool {
        use std::mem::discriminant;
        match (self, other) {
            (Self::Value { cause: a, .. }, Self::Value { cause: b, .. }) => {
                discriminant(a) == discriminant(b)
            }
            _ => discriminant(self) == discriminant(other),
        }
    }
}

/// One line an error, how many more there are, and the remedy of the group.
impl fmt::Display for DataErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, group) in self.groups.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            for (number, error) in group.errors.iter().enumerate() {
                let end = if number == 0 { "" } else { "\n" };
                write!(f, "{end}{error}")?;
            }
            if group.more > 0 {
                write!(f, "\n  and {} more", group.more)?;
            }
            if let Some(hint) = group.errors.first().and_then(DataError::hint) {
                write!(f, "\n  hint: {hint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for DataErrors {}
impl std::error::Error for DataError {}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(row) = self.place.row {
            write!(f, ", row {row}")?;
        }
        if let Some(patient) = &self.place.patient {
            write!(f, ", patient {}", cut(patient))?;
        }
        if let Some(column) = &self.place.column {
            write!(f, ", column {column}")?;
        }
        if let Some(header) = &self.place.header {
            write!(f, " ({})", quoted(header))?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl fmt::Display for DataErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat => write!(
                f,
                "a table is read from .csv or .xlsx, not from a file of this name"
            ),
            Self::Empty => write!(f, "the file is empty"),
            Self::EmptySheet { sheet, .. } => write!(f, "the sheet {} is empty", quoted(sheet)),
            Self::NoPatients => write!(f, "there is a header but no patient"),
            Self::Utf16 => write!(f, "the text is encoded as UTF-16, not as UTF-8"),
            Self::NotUtf8 { reading } => {
                write!(
                    f,
                    "the text is not encoded as UTF-8 (first at what may be {})",
                    quoted(reading)
                )
            }
            Self::NotText => write!(f, "this is not a text file"),
            Self::OtherContent { found } => {
                write!(f, "the file holds {found}, which its name does not say")
            }
            Self::NotAWorkbook => write!(f, "this is not an .xlsx workbook"),
            Self::Delimiter { found } => {
                let name = if *found == '\t' { "tabs" } else { "semicolons" };
                write!(f, "the fields are separated by {name}, not by commas")
            }
            Self::UnclosedQuote => {
                write!(f, "a quotation mark is opened in this row and never closed")
            }
            Self::TextAfterQuote { lines } => {
                write!(f, "a quotation mark is closed in the middle of a field")?;
                runs_over(f, *lines)
            }
            Self::FieldCount {
                found,
                expected,
                lines,
            } => {
                write!(
                    f,
                    "the row has {} where the header has {expected}",
                    count(*found, "field")
                )?;
                runs_over(f, *lines)
            }
            Self::SheetOfText { sheet } => write!(
                f,
                "sheet {} is asked for, but a .csv file has no sheets",
                quoted(sheet)
            ),
            Self::NoSuchSheet { sheet, sheets } if sheets.is_empty() => {
                write!(f, "there is no sheet {}, nor any other", quoted(sheet))
            }
            Self::NoSuchSheet { sheet, sheets } => {
                write!(
                    f,
                    "there is no sheet {}; the file has {}",
                    quoted(sheet),
                    listed(sheets, "and", 8)
                )
            }
            Self::PasswordProtected => write!(f, "the workbook is protected by a password"),
            Self::Damaged { reason } => write!(f, "the workbook cannot be read ({reason})"),
            Self::MergedCells { range } => write!(f, "the cells {range} are merged into one"),
            Self::DuplicateHeader { header, columns } => {
                let positions: Vec<String> = columns.iter().map(usize::to_string).collect();
                write!(
                    f,
                    "{} columns have the header {} (columns {})",
                    columns.len(),
                    quoted(header),
                    positions.join(", ")
                )
            }
            Self::MissingColumn { header, is_key, .. } => {
                let role = if *is_key {
                    " that names the patients"
                } else {
                    ""
                };
                write!(f, "the file has no column {}{role}", quoted(header))
            }
            Self::NoFeatures {
                beginning: Some(beginning),
                ..
            } => {
                write!(f, "no column begins with {}", quoted(beginning))
            }
            Self::NoFeatures {
                beginning: None, ..
            } => write!(f, "there is no column besides the key"),
            Self::EmptyKey {
                key,
                found: Some(found),
            } => {
                write!(f, "the key column {} holds {}", quoted(key), quoted(found))
            }
            Self::EmptyKey { key, found: None } => {
                write!(f, "the key column {} is empty", quoted(key))
            }
            Self::DuplicatePatient { key, rows } => {
                let rows: Vec<String> = rows.iter().take(6).map(u32::to_string).collect();
                write!(
                    f,
                    "patient {} stands in more than one row ({})",
                    quoted(key),
                    rows.join(", ")
                )
            }
            Self::Value {
                found, expected, ..
            } => write!(f, "found {}, expected {expected}", quoted(found)),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { unit: Some(unit) } => write!(f, "a number in {unit}"),
            Self::Number { unit: None } => write!(f, "a number"),
            Self::Count => write!(f, "a count (0, 1, 2, …)"),
            Self::YesNo { coding: None } => write!(f, "yes or no (0/1, yes/no or true/false)"),
            Self::YesNo {
                coding: Some((no, yes)),
            } => write!(f, "{} for no or {} for yes", quoted(no), quoted(yes)),
            Self::Level { codes } => write!(f, "{}", listed(codes, "or", 8)),
            Self::Date => write!(f, "a date (YYYY-MM-DD)"),
            Self::Text => write!(f, "text"),
        }
    }
}

fn runs_over(f: &mut fmt::Formatter<'_>, lines: usize) -> fmt::Result {
    if lines > 1 {
        write!(f, " (the row runs over {lines} lines of the file)")
    } else {
        Ok(())
    }
}

pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
