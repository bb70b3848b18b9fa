//! Writes small .xlsx workbooks, so that a test shows the cells that it reads: an uncompressed zip of the parts that a
//! workbook needs.

/// A cell as the sheet's XML holds it.
#[derive(Clone, Copy)]
pub(super) enum Written<'a> {
    Blank,
    Number(f64),
    Text(&'a str),
    Truth(bool),
    /// A serial day, formatted as a date.
    Date(f64),
    /// A formula and its stored result.
    Formula(&'a str, Option<f64>),
    Error(&'a str),
}

/// A workbook with one sheet; `merged` are ranges such as "B2:B3".
pub(super) fn workbook(sheet: &str, rows: &[&[Written<'_>]], merged: &[&str]) -> Vec<u8> {
    zip(&parts(sheet, rows, merged))
}

/// The parts of that workbook, by name.
pub(super) fn parts(
    sheet: &str,
    rows: &[&[Written<'_>]],
    merged: &[&str],
) -> Vec<(&'static str, String)> {
    let body: String = rows
        .iter()
        .enumerate()
        .map(|(row, cells)| {
            let cells: String = cells
                .iter()
                .enumerate()
                .map(|(column, cell)| {
                    xml(
                        *cell,
                        &format!("{}{}", char::from(b'A' + column as u8), row + 1),
                    )
                })
                .collect();
            format!("<row r=\"{}\">{cells}</row>", row + 1)
        })
        .collect();
    let merged: String = merged
        .iter()
        .map(|range| format!("<mergeCell ref=\"{range}\"/>"))
        .collect();
    let merged = if merged.is_empty() {
        merged
    } else {
        format!("<mergeCells>{merged}</mergeCells>")
    };
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    vec![
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook {main} xmlns:r=\"{relations}\"><sheets><sheet name=\"{sheet}\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet {main}><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet {main}><sheetData>{body}</sheetData>{merged}</worksheet>"),
        ),
    ]
}

fn xml(cell: Written<'_>, name: &str) -> String {
    match cell {
        Written::Blank => String::new(),
        Written::Number(value) => format!("<c r=\"{name}\"><v>{value}</v></c>"),
        Written::Text(text) => {
            format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
        }
        Written::Truth(value) => format!("<c r=\"{name}\" t=\"b\"><v>{}</v></c>", u8::from(value)),
        Written::Date(day) => format!("<c r=\"{name}\" s=\"1\"><v>{day}</v></c>"),
        Written::Formula(formula, Some(value)) => {
            format!("<c r=\"{name}\"><f>{formula}</f><v>{value}</v></c>")
        }
        Written::Formula(formula, None) => format!("<c r=\"{name}\"><f>{formula}</f></c>"),
        Written::Error(error) => format!("<c r=\"{name}\" t=\"e\"><v>{error}</v></c>"),
    }
}

/// A zip archive whose entries are stored as they are.
pub(super) fn zip(entries: &[(&str, String)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in entries {
        let size = (content.len() as u32).to_le_bytes();
        let mut about = Vec::new();
        // Version 2.0, no flags, stored, no time.
        about.extend([20, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        about.extend(checksum(content.as_bytes()).to_le_bytes());
        about.extend(size);
        about.extend(size);
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        directory.extend([0; 10]);
        directory.extend((archive.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(about);
        archive.extend(name.as_bytes());
        archive.extend(content.as_bytes());
    }
    let start = (archive.len() as u32).to_le_bytes();
    let count = (entries.len() as u16).to_le_bytes();
    let length = (directory.len() as u32).to_le_bytes();
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend(count);
    archive.extend(count);
    archive.extend(length);
    archive.extend(start);
    archive.extend([0, 0]);
    archive
}

/// CRC-32 of zip archives.
fn checksum(bytes: &[u8]) -> u32 {
    let mut value = u32::MAX;
    for byte in bytes {
        value ^= u32::from(*byte);
        for _ in 0..8 {
            value = if value & 1 == 1 {
                (value >> 1) ^ 0xEDB8_8320
            } else {
                value >> 1
            };
        }
    }
    !value
}
