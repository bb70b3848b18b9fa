//! Files that are read: every type, every spelling that is accepted, and what never matters.

use prereg::data::{
    Cause, ColumnValues, DataErrorKind, TypedTable, join, read_features, read_table,
};
use prereg::plan::{ColumnKind, Encoding};

use super::declared::{ALL, category, column, table};
use super::workbook::Written::{Blank, Date, Formula, Number, Text, Truth};
use super::workbook::workbook;

const CLINICAL: &str = "\
patient,age,Tumour size (mm),nodes,recurred,adjuvant,sex,grade,surgery,note,scanner
10,61.5,12,0,0,none,female,G1,2019-12-31,fine,GE
9,58,-9,3,Yes,chemo,male,G3,2020-02-29,\"said \"\"no\"\", twice\",GE
2,,NA,NA,FALSE,NA,NA,NA,NA,,
";

fn read(text: &str) -> TypedTable {
    read_table(text.as_bytes(), "clinical.csv", &table(&ALL)).unwrap()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn every_type_is_read_in_the_order_of_the_keys() {
    let read = read(CLINICAL);
    assert_eq!(read.keys, ["2", "9", "10"]);
    assert_eq!(read.source_rows, [4, 3, 2]);
    assert_eq!(read.ignored_headers, ["scanner"]);
    let text = |values: [Option<&str>; 3]| values.map(|v| v.map(str::to_owned)).to_vec();
    assert_eq!(
        read.columns["age"],
        ColumnValues::Number(vec![None, Some(58.0), Some(61.5)])
    );
    assert_eq!(
        read.columns["size"],
        ColumnValues::Number(vec![None, None, Some(12.0)])
    );
    assert_eq!(
        read.columns["nodes"],
        ColumnValues::Number(vec![None, Some(3.0), Some(0.0)])
    );
    assert_eq!(
        read.columns["recurred"],
        ColumnValues::YesNo(vec![Some(false), Some(true), Some(false)])
    );
    assert_eq!(
        read.columns["adjuvant"],
        ColumnValues::YesNo(vec![None, Some(true), Some(false)])
    );
    let category = |levels: &[&str], codes: [Option<usize>; 3]| ColumnValues::Category {
        levels: owned(levels),
        codes: codes.to_vec(),
    };
    assert_eq!(
        read.columns["sex"],
        category(&["female", "male"], [None, Some(1), Some(0)])
    );
    assert_eq!(
        read.columns["grade"],
        category(&["well", "moderate", "poor"], [None, Some(2), Some(0)])
    );
    assert_eq!(
        read.columns["surgery"],
        ColumnValues::Date(text([None, Some("2020-02-29"), Some("2019-12-31")]))
    );
    assert_eq!(
        read.columns["note"],
        ColumnValues::Text(text([None, Some("said \"no\", twice"), Some("fine")]))
    );
}

#[test]
fn a_byte_order_mark_line_ends_blank_lines_and_blanks_do_not_matter() {
    let plain = read(CLINICAL);
    assert_eq!(read(&format!("\u{feff}{CLINICAL}")), plain);
    assert_eq!(read(&CLINICAL.replace('\n', "\r\n")), plain);
    assert_eq!(read(&CLINICAL.replace('\n', "\r")), plain);
    assert_eq!(read(CLINICAL.trim_end()), plain);
    assert_eq!(read(&format!("{CLINICAL},,,,,,,,,,\n\n , ,,,\n")), plain);
    assert_eq!(
        read(
            &CLINICAL
                .replace("58", "  58 ")
                .replace(",male", ",\u{a0}male ")
        ),
        plain
    );
    // Blank lines count as rows of the file.
    for end in ["\n", "\r\n", "\r"] {
        let spaced = format!("\n\n{}", CLINICAL.replacen("9,58", "\n\n9,58", 1)).replace('\n', end);
        assert_eq!(read(&spaced).source_rows, [8, 7, 4]);
    }
    // A line break inside a field does not.
    let broken = CLINICAL.replace("fine", "\"fine,\r\nthen\nnot\"");
    assert_eq!(read(&broken).source_rows, plain.source_rows);
}

#[test]
fn the_order_of_rows_and_columns_does_not_matter() {
    let plain = read(CLINICAL);
    let lines: Vec<&str> = CLINICAL.lines().collect();
    let shuffled = read(&[lines[0], lines[3], lines[1], lines[2]].join("\n"));
    assert_eq!(
        (&shuffled.keys, &shuffled.columns),
        (&plain.keys, &plain.columns)
    );
    let turned: Vec<String> = CLINICAL
        .replace(", twice", "; twice")
        .lines()
        .map(|line| line.split(',').rev().collect::<Vec<_>>().join(","))
        .collect();
    let turned = read(&turned.join("\n").replace("; twice", ", twice"));
    assert_eq!(turned, plain);
}

#[test]
fn a_workbook_is_read_like_the_text() {
    let bytes = workbook(
        "Sheet1",
        &[
            &[],
            &[
                "patient",
                "age",
                "Tumour size (mm)",
                "nodes",
                "recurred",
                "adjuvant",
                "sex",
                "grade",
                "surgery",
                "note",
                "scanner",
            ]
            .map(Text),
            &[
                Number(10.0),
                Formula("60+1.5", Some(61.5)),
                Number(12.0),
                Number(0.0),
                Number(0.0),
                Text("none"),
                Text("female "),
                Text("G1"),
                Date(43830.0),
                Text("fine"),
                Text("GE"),
            ],
            &[Blank],
            &[
                Text("9"),
                Text("58"),
                Number(-9.0),
                Number(3.0),
                Truth(true),
                Text("chemo"),
                Text("male"),
                Text("G3"),
                Text("2020-02-29"),
                Text("said \"no\", twice"),
                Text("GE"),
            ],
            &[
                Number(2.0),
                Blank,
                Text("NA"),
                Text("NA"),
                Truth(false),
                Text("NA"),
                Text("NA"),
                Text("NA"),
                Text("NA"),
            ],
            &[Blank, Text("   ")],
        ],
        &["K3:K9"],
    );
    let mut read = read_table(&bytes, "CLINICAL.XLSX", &table(&ALL)).unwrap();
    assert_eq!(read.source_rows, [6, 5, 3]);
    read.source_rows = vec![4, 3, 2];
    assert_eq!(read, super::reading::read(CLINICAL));
}

#[test]
fn numbers_of_a_workbook_are_codes_as_a_person_reads_them() {
    let bytes = workbook(
        "Sheet1",
        &[
            &[Text("patient"), Text("adjuvant")],
            &[Number(1.0), Number(2.0)],
            &[Number(2.0), Number(1.0)],
        ],
        &[],
    );
    let mut declaration = table(&["adjuvant"]);
    declaration.columns.get_mut("adjuvant").unwrap().kind = ColumnKind::YesNo {
        coding: Some(Encoding {
            no: "1".to_owned(),
            yes: "2".to_owned(),
        }),
    };
    let read = read_table(&bytes, "clinical.xlsx", &declaration).unwrap();
    assert_eq!(
        read.columns["adjuvant"],
        ColumnValues::YesNo(vec![Some(true), Some(false)])
    );
}

#[test]
fn the_key_may_be_a_declared_column_with_another_header() {
    let mut declaration = table(&["note", "age"]);
    declaration.key = "note".to_owned();
    declaration.columns.get_mut("note").unwrap().header = "Pat. ID".to_owned();
    let read = read_table(b"Pat. ID,age\nb,61\na,58\n", "clinical.csv", &declaration).unwrap();
    assert_eq!(read.keys, ["a", "b"]);
    assert_eq!(
        read.columns["age"],
        ColumnValues::Number(vec![Some(58.0), Some(61.0)])
    );
    assert!(read.ignored_headers.is_empty());
}

#[test]
fn zero_has_no_sign_and_results_survive_the_store() {
    let read = read(&CLINICAL.replace("61.5", "-0.0"));
    let ColumnValues::Number(ages) = &read.columns["age"] else {
        panic!()
    };
    assert!(ages[2].unwrap().is_sign_positive());
    let stored = serde_json_canonicalizer::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<TypedTable>(&stored).unwrap(), read);
}

#[test]
fn errors_are_data_and_all_are_counted() {
    let text: String = (0..500)
        .map(|i| format!("{i},{},x\n", if i % 2 == 0 { "1,5" } else { "ok" }))
        .collect();
    let text = format!("patient,age,sex\n{}", text.replace("1,5", "\"1,5\""));
    let errors = read_table(text.as_bytes(), "clinical.csv", &table(&["age", "sex"])).unwrap_err();
    assert_eq!(errors.count(), 1000);
    assert_eq!(errors.errors().count(), 30);
    let first = errors.errors().next().unwrap();
    assert_eq!(
        (first.place.row, first.place.patient.as_deref()),
        (Some(2), Some("0"))
    );
    let DataErrorKind::Value { found, cause, .. } = &first.kind else {
        panic!()
    };
    assert_eq!(
        (found.as_str(), cause),
        (
            "1,5",
            &Cause::DecimalComma {
                write: "1.5".to_owned()
            }
        )
    );
    assert!(errors.to_string().len() < 6000);
}

#[test]
fn feature_files_are_chosen_by_the_beginnings_of_their_headers() {
    let text = b"id,shape_Volume,glcm_Contrast,note\n2,3.5,1,x\n1,4,,y\n";
    let read = read_features(text, "features.csv", "id", &owned(&["shape_", "glcm_"])).unwrap();
    assert_eq!(read.keys, ["1", "2"]);
    assert_eq!(
        read.columns.keys().collect::<Vec<_>>(),
        ["glcm_Contrast", "shape_Volume"]
    );
    assert_eq!(
        read.columns["glcm_Contrast"],
        ColumnValues::Number(vec![None, Some(1.0)])
    );
    assert_eq!(read.ignored_headers, ["note"]);
    let message = |beginnings: &[&str]| {
        read_features(text, "features.csv", "id", &owned(beginnings))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(&["firstorder_"]),
        "features.csv: no column begins with \"firstorder_\"\n  hint: the file has id, shape_Volume, glcm_Contrast and note"
    );
    let all = message(&[]);
    assert!(
        all.starts_with(
            "features.csv, row 2, patient 2, column note: found \"x\", expected a number\n"
        ),
        "{all}"
    );
}

#[test]
fn a_second_table_is_joined_by_key() {
    let first = owned(&["1", "2", "10"]);
    let second = read_table(
        b"patient,age\n10,61\n3,58\n1,44\n",
        "other.csv",
        &table(&["age"]),
    )
    .unwrap();
    let joined = join(&first, &second).unwrap();
    assert_eq!(
        joined.columns["age"],
        ColumnValues::Number(vec![Some(44.0), None, Some(61.0)])
    );
    assert_eq!((joined.without_row, joined.unused), (1, 1));

    let strange = join(&owned(&["P1", "P2"]), &second).unwrap_err();
    assert_eq!(
        strange.to_string(),
        "the tables have no patient in common (keys such as P1 and P2 here, 1, 3 and 10 there)"
    );
    let padded = join(&owned(&["001", "010"]), &second).unwrap_err();
    assert_eq!(
        padded.to_string(),
        "2 of the patients have keys that differ between the tables in leading zeros only (patient 001 here, 1 there)"
    );
}

/// The missing values are those that the README beside the file states; the deaths were counted with Python's `csv`.
#[test]
fn the_trial_of_the_examples_is_read() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(root.join("studies/colon_adjuvant/colon.csv")).unwrap();
    let differ = [("well", "well"), ("moderate", "moderate"), ("poor", "poor")];
    let mut declaration = table(&[]);
    declaration.key = "id".to_owned();
    for (name, kind) in [
        ("nodes", ColumnKind::Count),
        ("differ", category(&differ, true)),
        ("os_event", ColumnKind::YesNo { coding: None }),
    ] {
        let mut column = column("age");
        column.header = name.to_owned();
        column.kind = kind;
        declaration.columns.insert(name.to_owned(), column);
    }
    let read = read_table(&bytes, "colon.csv", &declaration).unwrap();
    let everybody: Vec<usize> = (0..read.keys.len()).collect();
    assert_eq!(everybody.len(), 929);
    assert_eq!(read.columns["nodes"].count_missing(&everybody), 18);
    assert_eq!(read.columns["differ"].count_missing(&everybody), 23);
    let ColumnValues::YesNo(deaths) = &read.columns["os_event"] else {
        panic!()
    };
    assert_eq!(
        deaths.iter().filter(|death| **death == Some(true)).count(),
        452
    );
}
