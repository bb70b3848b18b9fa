//! Reads a table: one output a column, so that what needs one column does not run again when another changes.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::data::{self, TypedTable};
use crate::engine::{Outputs, Source, Step};
use crate::plan::{Table, places};

use super::error::StepError;
use super::results::Content;
use super::sources::{Fault, Make, input, output, parameters};

pub(super) fn read(name: &str, declared: &Table, folder: &Path) -> Step {
    let source = Source::File {
        path: folder.join(&declared.file),
        label: declared.file.clone(),
    };
    let declared = declared.clone();
    Make {
        id: places::table(name),
        kind: "read_table",
        version: 1,
        parameters: parameters(&declared),
        seed: None,
        inputs: vec![input("file", source)],
    }
    .step(move |inputs| {
        let bytes = inputs.file("file")?;
        let table = data::read_table(&bytes, &declared.file, &declared).map_err(StepError::from)?;
        let mut outputs = Outputs::new();
        outputs.json("keys", &table.keys)?;
        outputs.json("source_rows", &table.source_rows)?;
        for (name, values) in &table.columns {
            outputs.json(&places::column_output(name), values)?;
        }
        outputs.json(
            "content",
            &Content {
                file: declared.file.clone(),
                patients: table.keys.len(),
                sha256: content_digest(&table)?,
            },
        )?;
        Ok(outputs)
    })
}

/// SHA-256 of the canonical JSON of keys and declared columns.
pub(super) fn content_digest(table: &TypedTable) -> Result<String, Fault> {
    let text = serde_json_canonicalizer::to_vec(&(&table.keys, &table.columns))?;
    Ok(Sha256::digest(&text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Brings another table into the order of the cohort's table; patients without a row have no values.
pub(super) fn join(name: &str, declared: &Table, base: &str) -> Step {
    let mut inputs = vec![
        input("base", output(places::table(base), "keys")),
        input("keys", output(places::table(name), "keys")),
    ];
    let columns: Vec<String> = declared.columns.keys().cloned().collect();
    for column in &columns {
        inputs.push(input(
            column,
            output(places::table(name), &places::column_output(column)),
        ));
    }
    let part = format!("table {name}");
    Make {
        id: places::join(name),
        kind: "join_table",
        version: 1,
        parameters: parameters(&columns),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let base: Vec<String> = inputs.json("base")?;
        let mut table = TypedTable {
            keys: inputs.json("keys")?,
            source_rows: Vec::new(),
            columns: BTreeMap::new(),
            ignored_headers: Vec::new(),
        };
        for column in &columns {
            table.columns.insert(column.clone(), inputs.json(column)?);
        }
        let joined = data::join(&base, &table)
            .map_err(|error| StepError::of(&part, &error, error.hint().map(str::to_owned)))?;
        let mut outputs = Outputs::new();
        for (column, values) in &joined.columns {
            outputs.json(&places::column_output(column), values)?;
        }
        Ok(outputs)
    })
}
