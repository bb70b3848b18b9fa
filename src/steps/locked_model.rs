//! A model from a file: the score of every patient of the cohort who is within what it was fitted for. The others have none,
//! as if a value were missing; `use` counts them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::data::{self, ColumnValues, LockedModel};
use crate::engine::{Outputs, Source, Step};
use crate::plan::{ColumnKind, places};

use super::error::StepError;
use super::frame::{Frame, Patients, json};
use super::sources::{Fault, Make, Sources, input};

#[derive(Serialize)]
struct Use {
    patients: usize,
    refused: usize,
    /// SHA-256 of the plan that the model was fitted by.
    plan_digest: String,
}

pub(super) fn step(sources: &Sources, name: &str, folder: &Path) -> Step {
    let declared_model = sources.plan.locked_models[name].clone();
    let mut inputs = Patients::inputs(sources);
    inputs.push(input(
        "model",
        Source::File {
            path: folder.join(&declared_model.file),
            label: declared_model.file.clone(),
        },
    ));
    inputs.push(input("members", sources.set(&sources.plan.cohort.name)));
    let values = declared_model.values.iter().map(String::as_str);
    inputs.extend(sources.values(values, Sources::raw));
    let declared = inputs.clone();
    let kinds: BTreeMap<String, ColumnKind> = declared_model
        .values
        .iter()
        .filter_map(|value| Some((value.clone(), sources.plan.kind(value)?)))
        .collect();
    let part = format!("model {name}");
    Make {
        id: places::locked_model(name),
        kind: "locked_model",
        version: 1,
        parameters: serde_json::json!({ "values": &kinds }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let text = inputs.file("model")?;
        let hint = || Some("`prereg export-model` makes the file of a locked model".to_owned());
        let model: LockedModel = serde_json::from_slice(&text).map_err(|error| {
            let problem = format!("{} is no locked model ({error})", declared_model.file);
            StepError::of(&part, problem, hint())
        })?;
        fits(&model, &kinds, &part)?;
        let patients = Patients::read(inputs)?;
        let members: Vec<usize> = json(inputs, "members")?;
        let frame = Frame::read(inputs, &declared)?;
        let keys: Vec<String> = json(inputs, "keys")?;
        let rows: Vec<u32> = json(inputs, "source_rows")?;
        let (scores, refused) = data::score(&model, &keys, &rows, &frame.values)
            .map_err(|error| StepError::of(&part, &error, None))?;
        let mut given = vec![None; patients.len()];
        for row in &members {
            given[*row] = scores[*row];
        }
        let mut outputs = Outputs::new();
        outputs.json("scores", &ColumnValues::Number(given))?;
        outputs.json(
            "use",
            &Use {
                patients: members.len(),
                refused: members
                    .iter()
                    .filter(|row| refused[**row].is_some())
                    .count(),
                plan_digest: model.from.plan_digest,
            },
        )?;
        Ok(outputs)
    })
}

/// The columns of this study must measure what those of the fit measured.
fn fits(
    model: &LockedModel,
    kinds: &BTreeMap<String, ColumnKind>,
    part: &str,
) -> Result<(), Fault> {
    for (name, column) in &model.columns {
        let problem = match kinds.get(name) {
            None => format!("it needs `{name}`, which the study does not give it"),
            Some(kind) if !same(kind, &column.declared.kind) => {
                format!("`{name}` is declared otherwise here than where the model was fitted")
            }
            Some(_) => continue,
        };
        let hint = format!(
            "write `using {}`, with the types and units of the study that fitted it",
            model.columns.keys().cloned().collect::<Vec<_>>().join(", ")
        );
        return Err(StepError::of(part, problem, Some(hint)).into());
    }
    Ok(())
}

/// Same type, unit and names of levels; how a file codes them is its own affair.
fn same(here: &ColumnKind, there: &ColumnKind) -> bool {
    match (here, there) {
        (ColumnKind::YesNo { .. }, ColumnKind::YesNo { .. }) => true,
        (
            ColumnKind::Category {
                levels: a,
                ordered: c,
            },
            ColumnKind::Category {
                levels: b,
                ordered: d,
            },
        ) => {
            c == d
                && a.iter()
                    .map(|level| &level.name)
                    .eq(b.iter().map(|level| &level.name))
        }
        (here, there) => here == there,
    }
}
