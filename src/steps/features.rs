//! Feature tables: a row a patient, a column a feature; those that stand ready in a file are read here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::data::{self, ColumnValues};
use crate::engine::{Inputs, Outputs, Source, Step};
use crate::plan::{MissingValues, places};

use super::error::StepError;
use super::frame::{Part, json};
use super::results::Content;
use super::sources::{Fault, Make, Sources, input, output};
use super::table::content_digest;

/// The features of those patients of the cohort who have all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Features {
    pub(super) names: Vec<String>,
    /// The patients, as rows of the cohort's table, in ascending order.
    pub(super) rows: Vec<usize>,
    /// A row a patient.
    pub(super) values: Vec<Vec<f64>>,
}

/// What became of the patients and features on the way into a table.
#[derive(Serialize)]
pub(super) struct Summary {
    pub(super) patients: usize,
    pub(super) features: usize,
    /// Members of the cohort of whom the source has nothing.
    pub(super) without_row: usize,
    /// Members of whom it lacks a feature.
    pub(super) incomplete: usize,
    /// Features that are the same in everybody.
    pub(super) constant: Vec<String>,
}

impl Features {
    /// A table over patients of whom a feature may be missing: they are left out, or an error that names them. `found` has
    /// an entry a member: none has no row at all.
    pub(super) fn complete(
        part: &Part,
        source: &str,
        names: Vec<String>,
        members: &[(usize, String)],
        found: Vec<Option<Vec<Option<f64>>>>,
    ) -> Result<(Self, Summary), StepError> {
        let mut table = Self {
            names,
            rows: Vec::new(),
            values: Vec::new(),
        };
        let (mut absent, mut incomplete) = (Vec::new(), Vec::new());
        let mut gaps: BTreeMap<usize, usize> = BTreeMap::new();
        for ((row, key), values) in members.iter().zip(found) {
            let Some(values) = values else {
                absent.push(key.as_str());
                continue;
            };
            for (feature, value) in values.iter().enumerate() {
                if value.is_none() {
                    *gaps.entry(feature).or_default() += 1;
                }
            }
            match values.into_iter().collect::<Option<Vec<f64>>>() {
                Some(values) => {
                    table.rows.push(*row);
                    table.values.push(values);
                }
                None => incomplete.push(key.as_str()),
            }
        }
        let told =
            |feature: &usize, count: &usize| format!("`{}` in {count}", table.names[*feature]);
        let lacking: Vec<String> = gaps
            .iter()
            .map(|(feature, count)| told(feature, count))
            .collect();
        let mut problems = Vec::new();
        if !absent.is_empty() {
            problems.push(format!(
                "{} of the {} patients of the cohort {} not in {source}: {}",
                absent.len(),
                members.len(),
                if absent.len() == 1 { "is" } else { "are" },
                listed(&absent)
            ));
        }
        if !incomplete.is_empty() {
            problems.push(format!(
                "{} of the {} patients lack a feature: {} (missing: {})",
                incomplete.len(),
                members.len(),
                listed(&incomplete),
                listed(&lacking)
            ));
        }
        if !problems.is_empty() && (part.missing == MissingValues::Refuse || table.rows.is_empty())
        {
            let hint = "exclude these patients in the cohort, or write `missing complete_cases`: then analyses that need the \
                        features leave them out";
            return Err(StepError::of(
                &part.name,
                problems.join("; "),
                Some(hint.to_owned()),
            ));
        }
        let summary = Summary {
            patients: table.rows.len(),
            features: table.names.len(),
            without_row: absent.len(),
            incomplete: incomplete.len(),
            constant: table.constant(),
        };
        Ok((table, summary))
    }

    /// The features that are the same in all patients.
    fn constant(&self) -> Vec<String> {
        let Some(first) = self.values.first() else {
            return Vec::new();
        };
        let is_constant = |feature: &usize| {
            self.values
                .iter()
                .all(|row| row[*feature] == first[*feature])
        };
        (0..self.names.len())
            .filter(is_constant)
            .map(|feature| self.names[feature].clone())
            .collect()
    }

    /// The positions in this table of those rows of the cohort's table that it has.
    pub(super) fn positions(&self, rows: &[usize]) -> Vec<usize> {
        rows.iter()
            .filter_map(|row| self.rows.binary_search(row).ok())
            .collect()
    }

    /// The features of the patients at these positions.
    pub(super) fn matrix(&self, positions: &[usize]) -> Array2<f64> {
        Array2::from_shape_fn((positions.len(), self.names.len()), |(patient, feature)| {
            self.values[positions[patient]][feature]
        })
    }

    /// The features of all patients.
    pub(super) fn whole(&self) -> Array2<f64> {
        let all: Vec<usize> = (0..self.rows.len()).collect();
        self.matrix(&all)
    }

    /// Other values of the same patients.
    pub(super) fn with(&self, names: Vec<String>, matrix: &Array2<f64>) -> Self {
        Self {
            names,
            rows: self.rows.clone(),
            values: matrix
                .rows()
                .into_iter()
                .map(|row| row.iter().copied().collect())
                .collect(),
        }
    }

    /// Only these patients, by position.
    pub(super) fn of(&self, positions: &[usize]) -> Self {
        Self {
            names: self.names.clone(),
            rows: positions
                .iter()
                .map(|position| self.rows[*position])
                .collect(),
            values: positions
                .iter()
                .map(|position| self.values[*position].clone())
                .collect(),
        }
    }

    /// Only these features, in this order; names that it does not have are passed over.
    pub(super) fn only(&self, names: &[String]) -> Self {
        let columns: Vec<usize> = names
            .iter()
            .filter_map(|name| self.names.iter().position(|known| known == name))
            .collect();
        Self {
            names: columns
                .iter()
                .map(|column| self.names[*column].clone())
                .collect(),
            rows: self.rows.clone(),
            values: self
                .values
                .iter()
                .map(|row| columns.iter().map(|column| row[*column]).collect())
                .collect(),
        }
    }
}

/// The members of the cohort with their keys.
pub(super) fn members(inputs: &Inputs) -> Result<Vec<(usize, String)>, Fault> {
    let keys: Vec<String> = json(inputs, "keys")?;
    let members: Vec<usize> = json(inputs, "members")?;
    Ok(members
        .into_iter()
        .map(|row| (row, keys[row].clone()))
        .collect())
}

/// Reads a file of features and takes the members of the cohort from it.
pub(super) fn read(
    sources: &Sources,
    name: &str,
    file: &str,
    key: &str,
    columns: &[String],
    folder: &Path,
) -> Step {
    let plan = sources.plan;
    let source = Source::File {
        path: folder.join(file),
        label: file.to_owned(),
    };
    let part = Part::new(plan, format!("features {name}"));
    let (file, key, columns) = (file.to_owned(), key.to_owned(), columns.to_vec());
    Make {
        id: places::features(name),
        kind: "read_features",
        version: 1,
        parameters: serde_json::json!({
            "file": &file, "key": &key, "columns": &columns, "missing": part.missing,
        }),
        seed: None,
        inputs: vec![
            input("file", source),
            input("keys", output(places::table(&plan.cohort.table), "keys")),
            input("members", sources.set(&plan.cohort.name)),
        ],
    }
    .step(move |inputs| {
        let members = members(inputs)?;
        let bytes = inputs.file("file")?;
        let table = data::read_features(&bytes, &file, &key, &columns).map_err(StepError::from)?;
        let keys: Vec<String> = members.iter().map(|(_, key)| key.clone()).collect();
        let joined = data::join(&keys, &table)
            .map_err(|error| StepError::of(&part.name, &error, error.hint().map(str::to_owned)))?;
        let names: Vec<String> = joined.columns.keys().cloned().collect();
        let columns: Vec<&[Option<f64>]> = joined
            .columns
            .values()
            .map(|values| match values {
                ColumnValues::Number(values) => values.as_slice(),
                _ => &[],
            })
            .collect();
        let known: BTreeSet<&str> = table.keys.iter().map(String::as_str).collect();
        let found = keys
            .iter()
            .enumerate()
            .map(|(patient, key)| {
                known
                    .contains(key.as_str())
                    .then(|| columns.iter().map(|values| values[patient]).collect())
            })
            .collect();
        let (features, summary) = Features::complete(&part, &file, names, &members, found)?;
        let mut outputs = Outputs::new();
        outputs.json("features", &features)?;
        outputs.json("result", &summary)?;
        outputs.json(
            "content",
            &Content {
                file: file.clone(),
                patients: table.keys.len(),
                sha256: content_digest(&table)?,
            },
        )?;
        Ok(outputs)
    })
}

/// So many are named, the others counted.
const NAMED: usize = 5;

/// "A, B, C and 7 more".
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
