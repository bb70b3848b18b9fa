//! A declared table and its file become typed columns, in the order of the patients' keys.
//!
//! Everything that is wrong with the file is found in one reading and returned together.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::plan::{self, Column, ColumnKind};

use super::cells::{Cell, Row};
use super::column::ColumnValues;
use super::delimited::Delimited;
use super::errors::{DataError, DataErrorKind, DataErrors, Place};
use super::keys;
use super::nearest::nearest;
use super::read_column::{CellPlace, ColumnReader, column_place};
use super::spreadsheet::Spreadsheet;

/// The values of a table, one patient a position. Two files that differ in the order of their rows differ in
/// `source_rows` alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypedTable {
    /// In order: as numbers if all are whole numbers, otherwise by bytes. No key stands twice.
    pub keys: Vec<String>,
    /// The patient's row in the file, as a spreadsheet counts it.
    pub source_rows: Vec<u32>,
    /// By the column's name in the study.
    pub columns: BTreeMap<String, ColumnValues>,
    /// Columns of the file that the study does not declare, in the order of the file.
    pub ignored_headers: Vec<String>,
}

/// Reads the table that `declaration` describes from the bytes of its file. The extension of `file_name` decides how:
/// .csv or .xlsx.
pub fn read_table(
    bytes: &[u8],
    file_name: &str,
    declaration: &plan::Table,
) -> Result<TypedTable, DataErrors> {
    let source = Source::open(bytes, file_name, declaration.sheet.as_deref())?;
    read_source(&source, file_name, declaration)
}

/// Reads a table of features: a key column and one column of numbers a feature. `beginnings` choose the columns by the
/// start of their header; none is all but the key. Empty fields are missing.
pub fn read_features(
    bytes: &[u8],
    file_name: &str,
    key: &str,
    beginnings: &[String],
) -> Result<TypedTable, DataErrors> {
    let source = Source::open(bytes, file_name, None)?;
    let named = || {
        source
            .headers()
            .iter()
            .filter(|header| !header.is_empty() && *header != key)
    };
    let nothing = |beginning: Option<&String>| {
        let kind = DataErrorKind::NoFeatures {
            beginning: beginning.cloned(),
            headers: source.headers().to_vec(),
        };
        Err(DataErrors::one(file_name, None, kind))
    };
    if let Some(idle) = beginnings
        .iter()
        .find(|b| !named().any(|header| header.starts_with(b.as_str())))
    {
        return nothing(Some(idle));
    }
    let columns: BTreeMap<String, Column> = named()
        .filter(|header| {
            beginnings.is_empty() || beginnings.iter().any(|b| header.starts_with(b.as_str()))
        })
        .map(|header| {
            let column = Column {
                header: header.clone(),
                label: header.clone(),
                kind: ColumnKind::Number { unit: None },
                missing_codes: Vec::new(),
            };
            (header.clone(), column)
        })
        .collect();
    if columns.is_empty() {
        return nothing(None);
    }
    let declaration = plan::Table {
        file: file_name.to_owned(),
        sheet: None,
        key: key.to_owned(),
        missing_codes: Vec::new(),
        columns,
    };
    read_source(&source, file_name, &declaration)
}

/// The rows of a file, before they have types.
enum Source<'a> {
    Delimited(Delimited<'a>),
    Spreadsheet(Spreadsheet),
}

impl<'a> Source<'a> {
    fn open(bytes: &'a [u8], file: &'a str, sheet: Option<&str>) -> Result<Self, DataErrors> {
        let extension = Path::new(file)
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        match (extension.as_str(), sheet) {
            ("csv", None) => Delimited::open(bytes, file).map(Self::Delimited),
            ("csv", Some(sheet)) => Err(DataErrors::one(
                file,
                None,
                DataErrorKind::SheetOfText {
                    sheet: sheet.to_owned(),
                },
            )),
            ("xlsx", sheet) => Spreadsheet::open(bytes, file, sheet).map(Self::Spreadsheet),
            _ => Err(DataErrors::one(file, None, DataErrorKind::UnknownFormat)),
        }
    }

    fn headers(&self) -> &[String] {
        match self {
            Self::Delimited(text) => &text.headers,
            Self::Spreadsheet(sheet) => &sheet.headers,
        }
    }

    fn for_each_row(&self, visit: impl FnMut(u32, Row<'_>)) -> DataErrors {
        match self {
            Self::Delimited(text) => text.for_each_row(visit),
            Self::Spreadsheet(sheet) => {
                sheet.for_each_row(visit);
                DataErrors::default()
            }
        }
    }
}

/// Which column of the file is which of the study.
struct Layout<'a> {
    key: Option<usize>,
    /// In the order of the file.
    columns: Vec<(usize, &'a str, &'a Column)>,
    ignored: Vec<String>,
}

fn read_source(
    source: &Source<'_>,
    file: &str,
    declaration: &plan::Table,
) -> Result<TypedTable, DataErrors> {
    let headers = source.headers();
    if headers.iter().all(String::is_empty) {
        return Err(DataErrors::one(file, None, DataErrorKind::Empty));
    }
    let (layout, mut errors) = lay_out(headers, file, declaration);
    if let (Source::Delimited(text), false) = (source, errors.is_empty())
        && let Some(found) = text.other_delimiter(key_header(declaration))
    {
        return Err(DataErrors::one(
            file,
            None,
            DataErrorKind::Delimiter { found },
        ));
    }
    if let Source::Spreadsheet(sheet) = source {
        report_merged(sheet, &layout, file, &mut errors);
    }

    let mut readers: Vec<(usize, ColumnReader<'_>)> = layout
        .columns
        .iter()
        .map(|(position, name, column)| {
            (
                *position,
                ColumnReader::new(name, column, &declaration.missing_codes),
            )
        })
        .collect();
    let mut found_keys = Vec::new();
    let mut rows = Vec::new();
    let mut nameless = DataErrors::default();
    let broken = source.for_each_row(|row, cells| {
        let key = layout
            .key
            .map_or(Cell::Empty, |position| cells.cell(position));
        let (key, fault) = match &key {
            Cell::Error(_) | Cell::Uncalculated => (String::new(), Some(key.text().into_owned())),
            key => (key.text().into_owned(), None),
        };
        if layout.key.is_some() && key.is_empty() {
            nameless.push(DataError {
                file: file.to_owned(),
                place: Place {
                    row: Some(row),
                    ..Place::default()
                },
                kind: DataErrorKind::EmptyKey {
                    key: key_header(declaration).to_owned(),
                    found: fault,
                },
            });
        }
        let place = CellPlace {
            file,
            row,
            patient: &key,
        };
        for (position, reader) in &mut readers {
            reader.push(&cells.cell(*position), place);
        }
        found_keys.push(key);
        rows.push(row);
    });
    if rows.is_empty() && broken.is_empty() {
        errors.append(DataErrors::one(file, None, DataErrorKind::NoPatients));
    }
    let order = keys::order(&found_keys);
    errors.append(broken);
    errors.append(nameless);
    errors.append(duplicates(&found_keys, &rows, &order, file));

    let mut columns = BTreeMap::new();
    for ((_, reader), (_, name, _)) in readers.into_iter().zip(&layout.columns) {
        let (values, faults) = reader.finish();
        errors.append(faults);
        columns.insert((*name).to_owned(), values.select(&order));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(TypedTable {
        keys: order.iter().map(|row| found_keys[*row].clone()).collect(),
        source_rows: order.iter().map(|row| rows[*row]).collect(),
        columns,
        ignored_headers: layout.ignored,
    })
}

/// The header of the key: the key may itself be a declared column with a header of its own.
fn key_header(declaration: &plan::Table) -> &str {
    declaration
        .columns
        .get(&declaration.key)
        .map_or(declaration.key.as_str(), |column| column.header.as_str())
}

fn lay_out<'a>(
    headers: &[String],
    file: &str,
    declaration: &'a plan::Table,
) -> (Layout<'a>, DataErrors) {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (position, header) in headers.iter().enumerate() {
        places.entry(header.as_str()).or_default().push(position);
    }
    let mut errors = DataErrors::default();
    let mut reported: Vec<&str> = Vec::new();
    let mut find =
        |header: &'a str, place: Place| match places.get(header.trim()).map(Vec::as_slice) {
            Some([position]) => Some(*position),
            _ if reported.contains(&header) => None,
            found => {
                reported.push(header);
                let kind = match found {
                    Some(several) => DataErrorKind::DuplicateHeader {
                        header: header.to_owned(),
                        columns: several.iter().map(|position| position + 1).collect(),
                    },
                    None => DataErrorKind::MissingColumn {
                        header: header.to_owned(),
                        is_key: place.column.is_none(),
                        nearest: nearest(header, headers.iter().map(String::as_str))
                            .map(str::to_owned),
                        headers: headers
                            .iter()
                            .filter(|header| !header.is_empty())
                            .cloned()
                            .collect(),
                    },
                };
                errors.push(DataError {
                    file: file.to_owned(),
                    place,
                    kind,
                });
                None
            }
        };
    let key_header = key_header(declaration);
    let key = find(key_header, Place::default());
    let mut columns: Vec<(usize, &str, &Column)> = declaration
        .columns
        .iter()
        .filter_map(|(name, column)| {
            let position = find(&column.header, column_place(name, column))?;
            Some((position, name.as_str(), column))
        })
        .collect();
    columns.sort_by_key(|(position, name, _)| (*position, *name));
    let ignored = headers
        .iter()
        .filter(|header| !header.is_empty() && *header != key_header)
        .filter(|header| {
            !declaration
                .columns
                .values()
                .any(|column| column.header.trim() == header.as_str())
        })
        .cloned()
        .collect();
    let layout = Layout {
        key,
        columns,
        ignored,
    };
    (layout, errors)
}

fn report_merged(sheet: &Spreadsheet, layout: &Layout<'_>, file: &str, errors: &mut DataErrors) {
    for merged in &sheet.merged {
        let key = layout.key.iter().copied();
        let used = layout.columns.iter().map(|(position, _, _)| *position);
        if key.chain(used).any(|position| merged.touches(position)) {
            errors.push(DataError {
                file: file.to_owned(),
                place: Place {
                    row: Some(merged.first_row),
                    ..Place::default()
                },
                kind: DataErrorKind::MergedCells {
                    range: merged.range.clone(),
                },
            });
        }
    }
}

fn duplicates(found_keys: &[String], rows: &[u32], order: &[usize], file: &str) -> DataErrors {
    let mut errors = DataErrors::default();
    for same in order.chunk_by(|a, b| found_keys[*a] == found_keys[*b]) {
        let [first, _, ..] = same else { continue };
        if found_keys[*first].is_empty() {
            continue;
        }
        errors.push(DataError {
            file: file.to_owned(),
            place: Place::default(),
            kind: DataErrorKind::DuplicatePatient {
                key: found_keys[*first].clone(),
                rows: same.iter().map(|row| rows[*row]).collect(),
            },
        });
    }
    errors
}
