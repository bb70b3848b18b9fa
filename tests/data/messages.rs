//! What a spoilt file is answered with. Each case is a file and the message as text, in `tests/data/reading/`; the
//! first line of the text says which columns are declared. `UPDATE_EXPECT=1 cargo test` writes the texts anew: read
//! the difference before you keep it. Every message stands in the manual, word for word.

use std::path::{Path, PathBuf};

use prereg::data::read_table;

use super::declared::table;
use super::workbook::Written::{Blank, Date, Error, Formula, Number, Text, Truth};
use super::workbook::{workbook, zip};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reading")
}

/// Compares what reading `bytes` as `file` answers with the text beside it.
fn check(file: &str, bytes: &[u8]) {
    let path = folder().join(file).with_extension("txt");
    let text = std::fs::read_to_string(&path).unwrap();
    let (first, expected) = text.split_once('\n').unwrap();
    let declared: Vec<&str> = first
        .strip_prefix("declares: ")
        .unwrap()
        .split(", ")
        .collect();
    let found = match read_table(bytes, file, &table(&declared)) {
        Ok(_) => "the file is read without an error".to_owned(),
        Err(errors) => errors.to_string(),
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "how the person who runs the tests asks for new texts"
    )]
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    if update {
        std::fs::write(&path, format!("{first}\n{found}\n")).unwrap();
    } else {
        assert_eq!(found, expected.trim_end(), "\n{}", path.display());
    }
}

/// The names of the files in the folder that end so, in order.
fn files(extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}

#[test]
fn spoilt_csv_files() {
    let cases = files("csv");
    assert!(cases.len() > 30);
    for path in cases {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        check(&name, &std::fs::read(&path).unwrap());
    }
}

#[test]
fn spoilt_workbooks() {
    let header: &[_] = &[Text("patient"), Text("age"), Text("sex"), Text("surgery")];
    check(
        "cells.xlsx",
        &workbook(
            "Sheet1",
            &[
                header,
                &[Number(1.0), Error("#DIV/0!"), Text("female"), Date(43830.0)],
                &[
                    Number(2.0),
                    Formula("B2*2", None),
                    Text("male"),
                    Number(43830.0),
                ],
                &[Number(3.0), Date(43830.0), Text("female"), Date(43830.75)],
                &[Number(4.0), Truth(true), Date(43830.0), Text("31.12.2019")],
                &[Number(5.0), Text("61,5"), Number(1.0), Date(60.0)],
                &[Error("#REF!"), Number(61.0), Text("male"), Blank],
            ],
            &[],
        ),
    );
    check(
        "merged.xlsx",
        &workbook(
            "Sheet1",
            &[
                header,
                &[Number(1.0), Number(61.0), Text("female"), Date(43830.0)],
                &[Number(2.0), Blank, Text("male"), Date(43831.0)],
            ],
            &["B2:B3", "F1:G9"],
        ),
    );
    check(
        "blank.xlsx",
        &workbook("Sheet1", &[&[Blank], &[Text("  ")]], &[]),
    );
    check(
        "damaged.xlsx",
        &zip(&[("xl/workbook.xml", "<workbook>".to_owned())]),
    );
    check("text.xlsx", b"patient,age\n1,61\n");
    check("old.xlsx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1nothing more");
    check("table.ods", b"PK\x03\x04");
}

#[test]
fn a_sheet_that_is_not_there() {
    let mut declaration = table(&["age"]);
    declaration.sheet = Some("Baseline".to_owned());
    let bytes = workbook(
        "Sheet1",
        &[
            &[Text("patient"), Text("age")],
            &[Number(1.0), Number(61.0)],
        ],
        &[],
    );
    let message = |file| {
        read_table(&bytes, file, &declaration)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message("clinical.xlsx"),
        "clinical.xlsx: there is no sheet \"Baseline\"; the file has Sheet1\n  hint: correct the sheet's name in the study, or rename the sheet"
    );
    assert_eq!(
        message("clinical.csv"),
        "clinical.csv: sheet \"Baseline\" is asked for, but a .csv file has no sheets\n  hint: remove `sheet` from the table's statement, or name an .xlsx file"
    );
}

#[test]
fn every_message_stands_in_the_manual() {
    let manual =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/data.md"))
            .unwrap();
    let missing: Vec<String> = files("txt")
        .iter()
        .filter(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let message = text.split_once('\n').unwrap().1.trim_end();
            !manual.contains(message)
        })
        .map(|path| path.display().to_string())
        .collect();
    assert!(
        missing.is_empty(),
        "not in docs/data.md as they are now: {missing:#?}"
    );
}
