//! Tables as .xlsx workbooks: numbers, text, booleans, dates and the stored results of formulas.
//!
//! The first row that is not blank is the header. Cells are streamed, so a stray cell at the far end of a sheet costs
//! nothing. The workbook reader is not proof against every damaged file: should it panic, the file is reported as
//! damaged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Dimensions, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};

use super::cells::{Cell, Row, SparseRow};
use super::dates;
use super::delimited::known_content;
use super::errors::{DataErrorKind, DataErrors};

pub(super) struct Spreadsheet {
    pub(super) headers: Vec<String>,
    /// Rows as the spreadsheet numbers them, with something in a column that has a header.
    rows: Vec<(u32, SparseRow)>,
    /// Merged cells from the header on.
    pub(super) merged: Vec<MergedCells>,
}

pub(super) struct MergedCells {
    /// "B2:B5".
    pub(super) range: String,
    pub(super) first_row: u32,
    /// First and last column, from 0.
    columns: (u32, u32),
}

impl MergedCells {
    pub(super) fn touches(&self, column: usize) -> bool {
        u32::try_from(column)
            .is_ok_and(|column| (self.columns.0..=self.columns.1).contains(&column))
    }
}

/// A cell and where it stands: row and column from 0.
type PlacedCell = ((u32, u32), Cell<'static>);

impl Spreadsheet {
    pub(super) fn open(bytes: &[u8], file: &str, sheet: Option<&str>) -> Result<Self, DataErrors> {
        let fail = |kind| Err(DataErrors::one(file, None, kind));
        if bytes.is_empty() {
            return fail(DataErrorKind::Empty);
        }
        match std::panic::catch_unwind(|| read_cells(bytes, file, sheet)) {
            Ok(Ok((cells, merged))) => Ok(Self::from_cells(cells, &merged)),
            Ok(Err(errors)) => Err(errors),
            Err(_) => fail(DataErrorKind::Damaged {
                reason: "its parts contradict each other".to_owned(),
            }),
        }
    }

    fn from_cells(cells: Vec<PlacedCell>, merged: &[Dimensions]) -> Self {
        let mut by_row: BTreeMap<u32, SparseRow> = BTreeMap::new();
        for ((row, column), cell) in cells {
            by_row.entry(row).or_default().insert(column as usize, cell);
        }
        let mut rows = by_row.into_iter();
        let (header_row, header) = rows.next().unwrap_or_default();
        let width = header.last_key_value().map_or(0, |(last, _)| last + 1);
        let mut headers = vec![String::new(); width];
        for (column, cell) in &header {
            headers[*column] = cell.text().into_owned();
        }
        let rows = rows
            .filter(|(_, cells)| cells.keys().any(|column| *column < width))
            .map(|(row, cells)| (row + 1, cells))
            .collect();
        let merged = merged
            .iter()
            .filter(|area| area.end.0 >= header_row && area.start != area.end)
            .map(|area| MergedCells {
                range: format!("{}:{}", cell_name(area.start), cell_name(area.end)),
                first_row: area.start.0 + 1,
                columns: (area.start.1, area.end.1),
            })
            .collect();
        Self {
            headers,
            rows,
            merged,
        }
    }

    pub(super) fn for_each_row(&self, mut visit: impl FnMut(u32, Row<'_>)) {
        for (row, cells) in &self.rows {
            visit(*row, Row::Cells(cells));
        }
    }
}

/// Sheets have at most so many rows and columns; what lies beyond is damage.
const LARGEST_SHEET: (u32, u32) = (1_048_576, 16_384);

fn read_cells(
    bytes: &[u8],
    file: &str,
    sheet: Option<&str>,
) -> Result<(Vec<PlacedCell>, Vec<Dimensions>), DataErrors> {
    let fail = |kind| DataErrors::one(file, None, kind);
    let damaged = |error: XlsxError| {
        fail(DataErrorKind::Damaged {
            reason: error.to_string(),
        })
    };
    let mut workbook = match (known_content(bytes), Xlsx::new(Cursor::new(bytes))) {
        (_, Ok(workbook)) => workbook,
        // A workbook with a password is wrapped in the container of the old format.
        (_, Err(XlsxError::Password)) => return Err(fail(DataErrorKind::PasswordProtected)),
        (Some(_), Err(error)) if bytes.starts_with(b"PK") => return Err(damaged(error)),
        (Some(found), Err(_)) => return Err(fail(DataErrorKind::OtherContent { found })),
        (None, Err(_)) => return Err(fail(DataErrorKind::NotAWorkbook)),
    };
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let name = match sheet {
        Some(name) => sheets.iter().find(|known| *known == name),
        None => sheets.first(),
    };
    let Some(name) = name.cloned() else {
        return Err(fail(DataErrorKind::NoSuchSheet {
            sheet: sheet.unwrap_or_default().to_owned(),
            sheets,
        }));
    };
    let merged = workbook.merge_cells_by_sheet_name(&name).map_err(damaged)?;
    let mut reader = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
    let mut cells = Vec::new();
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(damaged)? {
        if record.pos.0 >= LARGEST_SHEET.0 || record.pos.1 >= LARGEST_SHEET.1 {
            return Err(fail(DataErrorKind::Damaged {
                reason: "a cell lies outside of the sheet".to_owned(),
            }));
        }
        let cell = match typed(&record.value) {
            Cell::Empty if record.formula.is_some() && matches!(record.value, DataRef::Empty) => {
                Cell::Uncalculated
            }
            Cell::Empty => continue,
            cell => cell,
        };
        cells.push((record.pos, cell));
    }
    if cells.is_empty() {
        return Err(fail(DataErrorKind::EmptySheet {
            sheet: name,
            sheets,
        }));
    }
    Ok((cells, merged))
}

fn typed(value: &DataRef<'_>) -> Cell<'static> {
    let text = |text: &str| match text.trim() {
        "" => Cell::Empty,
        trimmed => Cell::Text(Cow::Owned(trimmed.to_owned())),
    };
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(value) => Cell::Number(*value as f64),
        DataRef::Float(value) if value.is_finite() => Cell::Number(*value),
        DataRef::Float(value) => Cell::Error(value.to_string()),
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Bool(value) => Cell::Truth(*value),
        DataRef::DateTime(value) => moment(*value),
        DataRef::DateTimeIso(value) => match value.trim_end_matches("T00:00:00") {
            day if dates::is_day(day) => Cell::Day(day.to_owned()),
            _ => Cell::Moment(value.clone()),
        },
        DataRef::DurationIso(value) => Cell::Moment(value.clone()),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

fn moment(value: ExcelDateTime) -> Cell<'static> {
    let (year, month, day, hours, minutes, seconds, _) = value.to_ymd_hms_milli();
    let serial = value.as_f64();
    let iso = dates::iso(year.into(), month.into(), day.into());
    match iso {
        // The range in which the workbook's days are days; a day has no fraction.
        Some(day)
            if value.is_datetime()
                && (1.0..2_958_466.0).contains(&serial)
                && serial.fract() == 0.0 =>
        {
            Cell::Day(day)
        }
        Some(day) if value.is_datetime() && serial >= 1.0 => {
            Cell::Moment(format!("{day} {hours:02}:{minutes:02}:{seconds:02}"))
        }
        _ => Cell::Moment(format!("{serial} days, as a time or duration")),
    }
}

/// "B5" of row 4 and column 1, counted from 0.
fn cell_name((row, column): (u32, u32)) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.reverse();
    format!(
        "{}{}",
        letters.into_iter().collect::<String>(),
        u64::from(row) + 1
    )
}

#[cfg(test)]
mod tests {
    use super::cell_name;

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        assert_eq!(cell_name((4, 1)), "B5");
        assert_eq!(cell_name((0, 25)), "Z1");
        assert_eq!(cell_name((0, 26)), "AA1");
        assert_eq!(cell_name((0, 16_383)), "XFD1");
    }
}
