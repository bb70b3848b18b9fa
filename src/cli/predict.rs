//! `prereg predict`: a locked model on new patients.

use std::path::PathBuf;

use super::report_folder::read_json;
use super::run::write_atomically;
use super::{Failure, say, tell};
use crate::data::{self, LockedModel, PredictError};

/// Predict new patients with a locked model
///
/// Reads a table with the columns that the model names and prints a CSV with each patient's score and risk groups. A
/// patient with a value that the model was not fitted for, or without one that it needs, is refused with the reason; then
/// the exit code is 1.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The model (see `prereg export-model`)
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The table of new patients (.csv or .xlsx)
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Where to write the predictions; standard output if not given
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let model: LockedModel = read_json(&arguments.model)?;
    let table = std::fs::read(&arguments.data)
        .map_err(|error| Failure::file(&arguments.data, "read", error))?;
    let name = arguments.data.display().to_string();
    let predictions = data::predict(&model, &table, &name).map_err(|error| {
        match &error {
            PredictError::Data(errors) => tell(&format!("error: {errors}\n")),
            other => tell(&format!("error: {}: {other}\n", arguments.model.display())),
        }
        Failure::Study
    })?;
    let mut csv = csv::Writer::from_writer(Vec::new());
    let fault = |error: csv::Error| Failure::Internal(error.to_string());
    let mut header = vec![model.key.as_str(), model.model.as_str()];
    header.extend(data::group_names(&model));
    header.push("refused");
    csv.write_record(&header).map_err(fault)?;
    for prediction in &predictions {
        let mut row = vec![
            prediction.patient.clone(),
            prediction
                .score
                .map(|score| score.to_string())
                .unwrap_or_default(),
        ];
        row.extend(
            prediction
                .groups
                .iter()
                .map(|group| group.unwrap_or_default().to_owned()),
        );
        row.push(prediction.refused.clone().unwrap_or_default());
        csv.write_record(&row).map_err(fault)?;
    }
    let bytes = csv
        .into_inner()
        .map_err(|error| Failure::Internal(error.to_string()))?;
    match &arguments.out {
        Some(path) => {
            write_atomically(path, &bytes)?;
            say(&format!("{}\n", path.display()));
        }
        None => say(&String::from_utf8_lossy(&bytes)),
    }
    let refused = predictions
        .iter()
        .filter(|one| one.refused.is_some())
        .count();
    if refused > 0 {
        tell(&format!(
            "error: {refused} of {} patients are outside of what the model was fitted for: the last column says why\n",
            predictions.len()
        ));
        return Err(Failure::Study);
    }
    Ok(())
}
