//! The columns that the tests of tables declare, as a study would:
//!
//! ```text
//! table clinical from "…" key patient missing "NA" {
//!   age       number in years
//!   size      number in mm      from "Tumour size (mm)" missing "-9"
//!   nodes     count
//!   recurred  yes_no
//!   adjuvant  yes_no [no coded "none", yes coded "chemo"]
//!   sex       category [female, male]
//!   grade     ordered [well coded "G1", moderate coded "G2", poor coded "G3"]
//!   surgery   date
//!   note      text
//! }
//! ```

use std::collections::BTreeMap;

use prereg::plan::{Column, ColumnKind, Encoding, Level, Table, Unit};

pub(super) const ALL: [&str; 9] = [
    "age", "size", "nodes", "recurred", "adjuvant", "sex", "grade", "surgery", "note",
];

/// The table with some of its columns.
pub(super) fn table(columns: &[&str]) -> Table {
    Table {
        file: "clinical.csv".to_owned(),
        sheet: None,
        key: "patient".to_owned(),
        missing_codes: vec!["NA".to_owned()],
        columns: columns
            .iter()
            .map(|name| ((*name).to_owned(), column(name)))
            .collect::<BTreeMap<_, _>>(),
    }
}

pub(super) fn column(name: &str) -> Column {
    let number = |unit: &str| ColumnKind::Number {
        unit: Some(Unit::parse(unit).unwrap()),
    };
    let kind = match name {
        "age" => number("years"),
        "size" => number("mm"),
        "nodes" => ColumnKind::Count,
        "recurred" => ColumnKind::YesNo { coding: None },
        "adjuvant" => ColumnKind::YesNo {
            coding: Some(Encoding {
                no: "none".to_owned(),
                yes: "chemo".to_owned(),
            }),
        },
        "sex" => category(&[("female", "female"), ("male", "male")], false),
        "grade" => category(&[("well", "G1"), ("moderate", "G2"), ("poor", "G3")], true),
        "surgery" => ColumnKind::Date,
        "note" => ColumnKind::Text,
        other => panic!("no column {other} is declared for the tests"),
    };
    Column {
        header: if name == "size" {
            "Tumour size (mm)"
        } else {
            name
        }
        .to_owned(),
        label: name.to_owned(),
        kind,
        missing_codes: if name == "size" {
            vec!["-9".to_owned()]
        } else {
            Vec::new()
        },
    }
}

/// A category from names and codes.
pub(super) fn category(levels: &[(&str, &str)], ordered: bool) -> ColumnKind {
    ColumnKind::Category {
        levels: levels
            .iter()
            .map(|(name, code)| Level {
                name: (*name).to_owned(),
                label: (*name).to_owned(),
                code: (*code).to_owned(),
            })
            .collect(),
        ordered,
    }
}
