//! Replaces the missing values of a column by what a set of patients teaches.

use crate::data::{self, ImputationError};
use crate::engine::{Outputs, Step};
use crate::plan::places;

use super::error::StepError;
use super::frame::{Frame, json};
use super::sources::{Make, Sources, input, parameters};

pub(super) fn step(sources: &Sources, column: &str) -> Step {
    let imputation = sources.plan.imputations[column].clone();
    let mut inputs = vec![input("set", sources.set(&imputation.fit_on))];
    inputs.extend(sources.values([column], Sources::raw));
    let declared = inputs.clone();
    let column = column.to_owned();
    Make {
        id: places::imputation(&column),
        kind: "imputation",
        version: 1,
        parameters: parameters(imputation.method),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let set: Vec<usize> = json(inputs, "set")?;
        let frame = Frame::read(inputs, &declared)?;
        let part = format!("impute {column}");
        let fault =
            |error: ImputationError| StepError::of(&part, &error, error.hint().map(str::to_owned));
        let fitted = data::fit_imputation(&column, frame.get(&column), &set, imputation.method)
            .map_err(fault)?;
        let (values, replaced) =
            data::apply_imputation(frame.get(&column), &fitted).map_err(fault)?;
        let mut outputs = Outputs::new();
        outputs.json("value", &values)?;
        outputs.json(
            "fit",
            &serde_json::json!({ "replacement": fitted, "replaced": replaced }),
        )?;
        Ok(outputs)
    })
}
