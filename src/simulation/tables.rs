//! The files of the tables: CSV as the study declares them, with its headers, codes and missing values.

use std::collections::BTreeMap;

use crate::data::ColumnValues;
use crate::numerics::Random;
use crate::plan::{Column, ColumnKind, FeatureTable, Plan, Table};

use super::cohort::{Cohort, rounded};
use super::error::SimulationError;

/// Features of a ready table for each of its prefixes.
const FEATURES: usize = 8;

/// The bytes of every table and feature table, by the file's path in the study.
pub(super) fn tables(
    plan: &Plan,
    cohort: &Cohort,
    seed: u64,
) -> Result<BTreeMap<String, Vec<u8>>, SimulationError> {
    let mut files = BTreeMap::new();
    for table in plan.tables.values() {
        files.insert(table.file.clone(), clinical(table, cohort)?);
    }
    for (name, features) in &plan.features {
        if let FeatureTable::File {
            file, key, columns, ..
        } = features
        {
            let random = Random::new(seed, &format!("simulate.features.{name}"));
            files.insert(file.clone(), ready(file, key, columns, cohort, &random)?);
        }
    }
    Ok(files)
}

fn clinical(table: &Table, cohort: &Cohort) -> Result<Vec<u8>, SimulationError> {
    is_text(&table.file)?;
    let mut rows = Vec::with_capacity(cohort.keys.len() + 1);
    let mut header = vec![table.key.clone()];
    header.extend(table.columns.values().map(|column| column.header.clone()));
    rows.push(header);
    for (row, key) in cohort.keys.iter().enumerate() {
        let mut cells = vec![key.clone()];
        for (name, column) in &table.columns {
            let values = cohort.columns.get(name);
            cells.push(
                values
                    .and_then(|values| cell(column, values, row))
                    .unwrap_or_else(|| missing(table, column)),
            );
        }
        rows.push(cells);
    }
    csv_bytes(&table.file, &rows)
}

/// How the file writes a value that was not recorded.
fn missing(table: &Table, column: &Column) -> String {
    let codes = column.missing_codes.first();
    codes
        .or(table.missing_codes.first())
        .cloned()
        .unwrap_or_default()
}

fn cell(column: &Column, values: &ColumnValues, row: usize) -> Option<String> {
    match values {
        ColumnValues::Number(values) => values.get(row).copied().flatten().map(|v| v.to_string()),
        ColumnValues::YesNo(values) => {
            let value = values.get(row).copied().flatten()?;
            Some(match &column.kind {
                ColumnKind::YesNo {
                    coding: Some(codes),
                } if value => codes.yes.clone(),
                ColumnKind::YesNo {
                    coding: Some(codes),
                } => codes.no.clone(),
                _ => if value { "yes" } else { "no" }.to_owned(),
            })
        }
        ColumnValues::Category { codes, .. } => {
            let code = codes.get(row).copied().flatten()?;
            match &column.kind {
                ColumnKind::Category { levels, .. } => levels.get(code).map(|l| l.code.clone()),
                _ => None,
            }
        }
        ColumnValues::Date(values) | ColumnValues::Text(values) => values.get(row)?.clone(),
    }
}

/// Features of nobody's images: normal, some leaning on the texture.
fn ready(
    file: &str,
    key: &str,
    prefixes: &[String],
    cohort: &Cohort,
    random: &Random,
) -> Result<Vec<u8>, SimulationError> {
    is_text(file)?;
    let any = [String::from("feature_")];
    let prefixes = if prefixes.is_empty() {
        &any[..]
    } else {
        prefixes
    };
    let names: Vec<String> = prefixes
        .iter()
        .flat_map(|prefix| (1..=FEATURES).map(move |number| format!("{prefix}{number}")))
        .collect();
    let mut rows = vec![[vec![key.to_owned()], names.clone()].concat()];
    for (row, patient) in cohort.keys.iter().enumerate() {
        let mut random = random.substream(row as u64);
        let mut cells = vec![patient.clone()];
        for feature in 0..names.len() {
            let leaning = if feature % 4 == 0 { 0.5 } else { 0.0 };
            let value = leaning * cohort.texture[row] + random.normal();
            cells.push(rounded(value, 5).to_string());
        }
        rows.push(cells);
    }
    csv_bytes(file, &rows)
}

fn is_text(file: &str) -> Result<(), SimulationError> {
    if file.to_lowercase().ends_with(".csv") {
        return Ok(());
    }
    Err(SimulationError::Format {
        path: file.to_owned(),
        expected: "a .csv file",
    })
}

fn csv_bytes(file: &str, rows: &[Vec<String>]) -> Result<Vec<u8>, SimulationError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row)
            .map_err(|error| SimulationError::File {
                path: file.into(),
                doing: "write",
                error: error.into(),
            })?;
    }
    writer.into_inner().map_err(|error| SimulationError::File {
        path: file.into(),
        doing: "write",
        error: error.into_error(),
    })
}
