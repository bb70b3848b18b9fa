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
mod frame;
mod hosmer_lemeshow;
mod imputation;
mod kaplan_meier;
mod locked_model;
mod model;
mod results;
mod signature;
mod sources;
mod split;
mod subgroup;
mod table;

use std::path::Path;

use crate::engine::{Graph, GraphError, Step};
use crate::plan::{Analysis, Plan};
use sources::Sources;

pub use error::{Problem, StepError};

/// What a study declares that this version checks but cannot run yet: the names of its images and feature tables.
pub fn not_run_yet(plan: &Plan) -> Vec<&str> {
    plan.images
        .keys()
        .chain(plan.features.keys())
        .map(String::as_str)
        .collect()
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
        plan.imputations
            .keys()
            .map(|column| imputation::step(&sources, column)),
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
