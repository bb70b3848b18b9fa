//! One transform of a feature table: what is learned from the features of a set is applied to everybody.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde_json::json;

use crate::engine::{Input, Inputs, Outputs, Step};
use crate::learning::{self, LearningError};
use crate::plan::{FeatureTransform, places};

use super::error::StepError;
use super::features::{Features, listed};
use super::frame::{self, Frame, Part, Patients};
use super::sources::{Fault, Make, Sources, input};

/// The word for a transform in the id of its step.
pub(super) fn word(transform: &FeatureTransform) -> &'static str {
    match transform {
        FeatureTransform::Combat { .. } => "combat",
        FeatureTransform::ZScore { .. } => "zscore",
    }
}

/// The steps of all transforms of a feature table, in order.
pub(super) fn steps(sources: &Sources, name: &str) -> Vec<Step> {
    (0..sources.transforms(name).len())
        .map(|index| step(sources, name, index))
        .collect()
}

fn step(sources: &Sources, name: &str, index: usize) -> Step {
    let plan = sources.plan;
    let transform = sources.transforms(name)[index].clone();
    let (FeatureTransform::Combat { fit_on, .. } | FeatureTransform::ZScore { fit_on }) =
        &transform;
    let mut inputs = vec![
        input("features", sources.features(name, index)),
        input("set", sources.set(fit_on)),
    ];
    if let FeatureTransform::Combat {
        batch, covariates, ..
    } = &transform
    {
        let values = [batch].into_iter().chain(covariates).map(String::as_str);
        inputs.extend(sources.values(values, Sources::completed));
        inputs.extend(Patients::inputs(sources));
    }
    let declared = inputs.clone();
    let what = word(&transform);
    let part = Part::new(
        plan,
        match transform {
            FeatureTransform::Combat { .. } => format!("harmonize {name}"),
            FeatureTransform::ZScore { .. } => format!("standardize {name}"),
        },
    );
    Make {
        id: places::transform(name, index + 1, what),
        kind: what,
        version: 1,
        parameters: json!({ "transform": &transform, "missing": part.missing }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let features: Features = frame::json(inputs, "features")?;
        let set: Vec<usize> = frame::json(inputs, "set")?;
        match &transform {
            FeatureTransform::Combat {
                batch,
                covariates,
                reference,
                ..
            } => {
                let names: Vec<&str> = [batch]
                    .into_iter()
                    .chain(covariates)
                    .map(String::as_str)
                    .collect();
                combat(
                    &part,
                    &features,
                    &set,
                    &names,
                    reference.as_deref(),
                    inputs,
                    &declared,
                )
            }
            FeatureTransform::ZScore { .. } => zscore(&part, &features, &set),
        }
    })
}

fn zscore(part: &Part, features: &Features, set: &[usize]) -> Result<Outputs, Fault> {
    let fitted = learning::fit_zscore(&features.matrix(&features.positions(set)))
        .map_err(|error| described(part, &error, features))?;
    let transformed = fitted
        .apply(&features.whole())
        .map_err(|error| described(part, &error, features))?;
    let named = |columns: &[usize]| -> Vec<String> {
        columns
            .iter()
            .map(|column| features.names[*column].clone())
            .collect()
    };
    let mut outputs = Outputs::new();
    outputs.json(
        "features",
        &features.with(named(&fitted.kept), &transformed),
    )?;
    outputs.json(
        "result",
        &json!({
            "n": fitted.patients,
            "features": fitted.kept.len(),
            "constant_count": fitted.constant.len(),
            "constant": named(&fitted.constant),
        }),
    )?;
    outputs.json("fit", &fitted)?;
    Ok(outputs)
}

/// `names` are the batch and then the covariates.
fn combat(
    part: &Part,
    features: &Features,
    set: &[usize],
    names: &[&str],
    reference: Option<&str>,
    inputs: &Inputs,
    declared: &[Input],
) -> Result<Outputs, Fault> {
    let patients = Patients::read(inputs)?;
    let frame = Frame::read(inputs, declared)?;
    let known = frame.complete(part, &features.rows, names)?;
    let features = features.of(&features.positions(&known.rows));
    let (levels, codes) = frame.groups(part, names[0], &features.rows)?;
    let batches: Vec<&str> = codes.iter().map(|code| levels[*code].as_str()).collect();
    let design = frame.design(part, &names[1..], &features.rows)?;
    let covariates = &design.matrix;

    let fitting = features.positions(set);
    let of_fit: Vec<&str> = fitting.iter().map(|position| batches[*position]).collect();
    unseen(part, &features, &batches, &of_fit, &patients)?;
    let covariates_of_fit =
        Array2::from_shape_fn((fitting.len(), covariates.ncols()), |(row, column)| {
            covariates[[fitting[row], column]]
        });
    let fitted = learning::fit_combat(
        &features.matrix(&fitting),
        &of_fit,
        &covariates_of_fit,
        reference,
    )
    .map_err(|error| match &error {
        LearningError::Confounded { covariate } => {
            let problem = format!(
                "{} cannot be preserved: the batches and the values before it say it already",
                design.columns[*covariate].term
            );
            let hint = format!(
                "take `{}` out of `preserving`",
                design.columns[*covariate].term
            );
            StepError::of(&part.name, problem, Some(hint))
        }
        error => described(part, error, &features),
    })?;
    let transformed = fitted
        .apply(&features.whole(), &batches, covariates)
        .map_err(|error| described(part, &error, &features))?;
    let unadjusted: Vec<&String> = fitted
        .unadjusted
        .iter()
        .map(|column| &features.names[*column])
        .collect();
    let mut outputs = Outputs::new();
    outputs.json(
        "features",
        &features.with(features.names.clone(), &transformed),
    )?;
    outputs.json(
        "result",
        &json!({
            "n": fitting.len(),
            "excluded": known.excluded,
            "features": fitted.adjusted.len(),
            "unadjusted_count": unadjusted.len(),
            "unadjusted": unadjusted,
            "batches": fitted.batches.iter()
                .map(|batch| json!({ "name": &batch.name, "n": batch.patients }))
                .collect::<Vec<_>>(),
        }),
    )?;
    outputs.json("fit", &fitted)?;
    Ok(outputs)
}

/// An error if patients are of batches that the fit does not know: every such batch, with its patients.
fn unseen(
    part: &Part,
    features: &Features,
    batches: &[&str],
    of_fit: &[&str],
    patients: &Patients,
) -> Result<(), StepError> {
    let mut unseen: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (batch, row) in batches.iter().zip(&features.rows) {
        if !of_fit.contains(batch) {
            unseen.entry(batch).or_default().push(patients.key(*row));
        }
    }
    if unseen.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = unseen
        .iter()
        .map(|(batch, keys)| {
            format!(
                "batch `{batch}` of {} patients ({})",
                keys.len(),
                listed(keys)
            )
        })
        .collect();
    let hint = "exclude these patients in the cohort, merge the batch with another one in `derive`, or write `stratified by` \
                the batch in the split, so that every batch is among the patients of the fit";
    Err(StepError::of(
        &part.name,
        format!(
            "{}: none of them is among the patients of the fit, so the shift is unknown",
            told.join("; ")
        ),
        Some(hint.to_owned()),
    ))
}

fn described(part: &Part, error: &LearningError, features: &Features) -> StepError {
    StepError::method(&part.name, error.describe(&features.names))
}
