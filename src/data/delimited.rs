//! Tables as text: fields separated by commas (RFC 4180), UTF-8 with or without a byte-order mark.
//!
//! Rows are counted as a spreadsheet shows them: the header is row 1, blank lines count, a field with line breaks does
//! not make its row more than one.

use std::ops::Range;

use super::cells::Row;
use super::errors::{DataError, DataErrorKind, DataErrors, Place};

pub(super) struct Delimited<'a> {
    file: &'a str,
    text: &'a str,
    pub(super) headers: Vec<String>,
    /// Rows up to and with the header.
    header_rows: u32,
    /// Where the header stands.
    header: Range<usize>,
    /// Where the first row after the header begins.
    body: usize,
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl<'a> Delimited<'a> {
    pub(super) fn open(bytes: &'a [u8], file: &'a str) -> Result<Self, DataErrors> {
        let text = decode(bytes, file)?;
        let mut rows = Rows::new(text, 0, 0);
        let mut record = csv::StringRecord::new();
        let Some(header) = rows.next(&mut record) else {
            return Err(DataErrors::one(file, None, DataErrorKind::Empty));
        };
        let headers: Vec<String> = record.iter().map(|field| field.trim().to_owned()).collect();
        Ok(Self {
            file,
            text,
            headers,
            header_rows: rows.row,
            header,
            body: rows.position(),
        })
    }

    /// The separator that the file seems to use instead of the comma, if a column of this name is then found.
    pub(super) fn other_delimiter(&self, header: &str) -> Option<char> {
        let line = self.text.trim_start().lines().next().unwrap_or_default();
        [';', '\t'].into_iter().find(|separator| {
            line.contains(*separator)
                && (self.headers.len() == 1
                    || line
                        .split(*separator)
                        .any(|field| field.trim().trim_matches('"') == header))
        })
    }

    /// Visits every row that is not blank and has as many fields as the header; what is wrong with the others is
    /// returned.
    pub(super) fn for_each_row(&self, mut visit: impl FnMut(u32, Row<'_>)) -> DataErrors {
        let mut errors = DataErrors::default();
        let mut rows = Rows::new(self.text, self.body, self.header_rows);
        let mut record = csv::StringRecord::new();
        let fault = |row: u32, kind: DataErrorKind| DataError {
            file: self.file.to_owned(),
            place: Place {
                row: Some(row),
                ..Place::default()
            },
            kind,
        };
        if let Some(kind) = quoting_fault(&self.text[self.header.clone()]) {
            errors.push(fault(self.header_rows, kind));
        }
        while let Some(range) = rows.next(&mut record) {
            let raw = &self.text[range];
            if let Some(kind) = quoting_fault(raw) {
                errors.push(fault(rows.row, kind));
            } else if record.iter().all(|field| field.trim().is_empty()) {
                continue;
            } else if record.len() == self.headers.len() {
                visit(rows.row, Row::Text(&record));
            } else {
                let kind = DataErrorKind::FieldCount {
                    found: record.len(),
                    expected: self.headers.len(),
                    lines: line_count(raw),
                };
                errors.push(fault(rows.row, kind));
            }
        }
        errors
    }
}

fn line_count(raw: &str) -> usize {
    raw.trim_end().lines().count()
}

/// What is wrong with the quotation marks of one row. The reader would go on in both cases: it takes a mark that is
/// never closed to the end of the file, and text after a closed one into the field, so a single missing mark could hide
/// the patients of several lines in one field.
fn quoting_fault(raw: &str) -> Option<DataErrorKind> {
    if !raw.contains('"') {
        return None;
    }
    let mut state = Quoting::FieldStart;
    for c in raw.trim_end_matches(['\r', '\n']).chars() {
        state = match (state, c) {
            (Quoting::FieldStart, '"') | (Quoting::Closed, '"') => Quoting::Open,
            (Quoting::Open, '"') => Quoting::Closed,
            (Quoting::Open, _) => Quoting::Open,
            (_, ',') => Quoting::FieldStart,
            (Quoting::Closed | Quoting::Behind, c) if c.is_whitespace() => Quoting::Behind,
            (Quoting::Closed | Quoting::Behind, _) => {
                return Some(DataErrorKind::TextAfterQuote {
                    lines: line_count(raw),
                });
            }
            _ => Quoting::Unquoted,
        };
    }
    (state == Quoting::Open).then_some(DataErrorKind::UnclosedQuote)
}

#[derive(Clone, Copy, PartialEq)]
enum Quoting {
    FieldStart,
    Unquoted,
    Open,
    /// After a mark that closes the field, or is the first of a doubled one.
    Closed,
    /// Blanks after the closing mark.
    Behind,
}

/// The rows of a text, with their number and their place.
struct Rows<'a> {
    text: &'a str,
    reader: csv::Reader<&'a [u8]>,
    start: usize,
    row: u32,
}

impl<'a> Rows<'a> {
    /// From byte `start` of `text` on, after `rows` rows.
    fn new(text: &'a str, start: usize, rows: u32) -> Self {
        Self {
            text,
            reader: csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(&text.as_bytes()[start..]),
            start,
            row: rows,
        }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.position().byte())
            .map_or(self.text.len(), |read| self.start + read)
    }

    /// The next row that is not an empty line: where it stands in the text. Counts empty lines.
    fn next(&mut self, record: &mut csv::StringRecord) -> Option<Range<usize>> {
        let mut begin = self.position();
        // The text is valid UTF-8 and rows may have any length, so reading fails in no way but at the end.
        if !matches!(self.reader.read_record(record), Ok(true)) {
            return None;
        }
        let bytes = self.text.as_bytes();
        if begin > 0 && bytes.get(begin) == Some(&b'\n') && bytes[begin - 1] == b'\r' {
            begin += 1;
        }
        while let Some(byte @ (b'\r' | b'\n')) = bytes.get(begin) {
            begin += if *byte == b'\r' && bytes.get(begin + 1) == Some(&b'\n') {
                2
            } else {
                1
            };
            self.row += 1;
        }
        self.row += 1;
        Some(begin..self.position().max(begin))
    }
}

fn decode<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str, DataErrors> {
    let fail = |kind| Err(DataErrors::one(file, None, kind));
    if let Some(found) = known_content(bytes) {
        return fail(DataErrorKind::OtherContent { found });
    }
    let zeros = bytes.iter().take(200).filter(|byte| **byte == 0).count();
    if bytes.starts_with(&[0xFF, 0xFE])
        || bytes.starts_with(&[0xFE, 0xFF])
        || zeros * 3 > bytes.len().min(200)
    {
        return fail(DataErrorKind::Utf16);
    }
    if bytes.contains(&0) {
        return fail(DataErrorKind::NotText);
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => fail(DataErrorKind::Empty),
        Ok(text) => Ok(text),
        Err(error) => {
            let (before, after) = bytes.split_at(error.valid_up_to());
            let row = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let is_end = |byte: &u8| matches!(byte, b',' | b';' | b'\t' | b'\r' | b'\n' | b'"');
            let begin = before.iter().rposition(is_end).map_or(0, |at| at + 1);
            let end = after.iter().position(is_end).unwrap_or(after.len());
            // Latin-1 maps each byte to the character of the same number.
            let reading = before[begin..]
                .iter()
                .chain(&after[..end])
                .map(|byte| char::from(*byte))
                .collect();
            Err(DataErrors::one(
                file,
                u32::try_from(row).ok(),
                DataErrorKind::NotUtf8 { reading },
            ))
        }
    }
}

/// What the first bytes of a file say that it is, if it is not text.
pub(super) fn known_content(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 4] = [
        (b"PK\x03\x04", "a zipped workbook (.xlsx or the like)"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook (.xls)"),
        (b"%PDF-", "a PDF"),
        (b"\x1F\x8B", "compressed data (.gz)"),
    ];
    KNOWN
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, name)| *name)
}
