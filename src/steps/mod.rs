//! The steps of the graph, one file a step: each binds a part of the plan to a method.

mod calibration;
mod characteristics;
mod classification;
mod cohort;
mod cox;
mod cutoff;
mod decision_curve;
mod derived;
mod discrimination;
mod endpoint;
mod error;
mod extraction;
mod feature_classes;
mod features;
mod frame;
mod hosmer_lemeshow;
mod imputation;
mod kaplan_meier;
mod learners;
mod locked_model;
mod model;
mod model_size;
mod outcome;
mod patient_images;
mod repeatability;
mod results;
mod selection;
mod signature;
mod sources;
mod split;
mod subgroup;
mod table;
mod transform;

use std::path::Path;

use crate::engine::{Graph, GraphError, Step};
use crate::plan::{Analysis, FeatureTable, Plan};
use sources::Sources;

pub use error::{Problem, StepError};

/// What a study asks of its images that is checked but not extracted yet: each with the feature table that asks for it.
pub fn not_extracted_yet(plan: &Plan) -> Vec<String> {
    let mut asked = Vec::new();
    for (name, table) in &plan.features {
        if let FeatureTable::Extracted { extraction, .. } = table {
            let unknown = extraction::unknown(extraction);
            asked.extend(unknown.into_iter().map(|what| format!("{what} of {name}")));
        }
    }
    asked
}

/// The graph of a study whose files are relative to `folder`.
pub fn graph(plan: &Plan, folder: &Path) -> Result<Graph, GraphError> {
    let sources = Sources::new(plan);
    let mut steps: Vec<Step> = Vec::new();
    for (name, declared) in &plan.tables {
        steps.push(table::read(name, declared, folder));
        if *name != plan.cohort.table {
            steps.push(table::join(name, declared, &plan.cohort.table));
        }
    }
    steps.push(cohort::step(&sources));
    steps.extend(
        plan.derived
            .keys()
            .map(|name| derived::step(&sources, name)),
    );
    steps.extend(
        plan.endpoints
            .keys()
            .map(|name| endpoint::step(&sources, name)),
    );
    if let Some(split) = &plan.split {
        steps.push(split::step(&sources, split));
    }
    steps.extend(
        plan.endpoints
            .keys()
            .map(|name| outcome::step(&sources, name)),
    );
    steps.extend(
        plan.imputations
            .keys()
            .map(|column| imputation::step(&sources, column)),
    );
    let mut patients = None;
    for (name, table) in &plan.features {
        match table {
            FeatureTable::File {
                file, key, columns, ..
            } => {
                steps.push(features::read(&sources, name, file, key, columns, folder));
            }
            FeatureTable::Extracted { extraction, .. } => {
                let patients =
                    patients.get_or_insert_with(|| patient_images::members(&sources, &steps));
                let images = patient_images::steps(&sources, name, extraction, patients, folder);
                steps.extend(images);
            }
        }
        steps.extend(transform::steps(&sources, name));
    }
    steps.extend(
        plan.repeatability
            .keys()
            .map(|name| repeatability::step(&sources, name)),
    );
    steps.extend(
        plan.signatures
            .keys()
            .map(|name| signature::step(&sources, name)),
    );
    steps.extend(plan.models.keys().map(|name| model::step(&sources, name)));
    steps.extend(
        plan.locked_models
            .keys()
            .map(|name| locked_model::step(&sources, name, folder)),
    );
    steps.extend(plan.cutoffs.keys().map(|name| cutoff::step(&sources, name)));
    for (name, analysis) in &plan.analyses {
        match analysis {
            Analysis::Characteristics(analysis) => {
                steps.push(characteristics::step(&sources, name, analysis))
            }
            Analysis::Performance(analysis) => {
                steps.push(discrimination::step(&sources, name, analysis));
                steps.extend(classification::step(&sources, name, analysis));
                steps.extend(calibration::step(&sources, name, analysis));
                steps.extend(hosmer_lemeshow::step(&sources, name, analysis));
                steps.extend(decision_curve::step(&sources, name, analysis));
            }
            Analysis::KaplanMeier(analysis) => {
                steps.extend(kaplan_meier::steps(&sources, name, analysis))
            }
            Analysis::Cox(analysis) => steps.push(cox::step(&sources, name, analysis)),
            Analysis::Subgroup(analysis) => steps.extend(subgroup::steps(&sources, name, analysis)),
        }
    }
    let last = results::step(&sources, &steps);
    steps.push(last);
    Graph::new(plan.study.name.clone(), steps)
}
