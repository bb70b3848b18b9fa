//! A signature by a learner other than the random forest: tuned and fitted on one set, its score for every patient.

use ndarray::Array2;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::data::ColumnValues;
use crate::engine::Outputs;
use crate::learning::{
    FittedLearner, LearnedModel, LearnerGrid, LearnerPoint, LearnerSettings, fit_learner,
    learner_grid_search,
};
use crate::numerics::Random;
use crate::plan::{Learner, Signature};

use super::error::StepError;
use super::features::Features;
use super::frame::Part;
use super::selection::Selected;
use super::signature::{Value, label_of_feature};
use super::sources::Fault;

/// What the signature step has prepared: the patients of the fit, their outcome, and the selected features of all.
pub(super) struct Data<'a> {
    pub(super) rows: &'a [usize],
    pub(super) excluded: usize,
    pub(super) outcome: &'a [bool],
    pub(super) everybody: usize,
    /// Features before any selection.
    pub(super) available: usize,
    pub(super) features: &'a Features,
    pub(super) fitting: &'a Array2<f64>,
}

#[derive(Serialize)]
struct Fit {
    n: usize,
    events: usize,
    excluded: usize,
    features: usize,
    #[serde(flatten)]
    selected: Selected,
    grid: Vec<Json>,
    grid_points: usize,
    chosen: Json,
    cross_validated_auc: Option<f64>,
    used: Vec<Used>,
}

/// A feature that the learner saw.
#[derive(Serialize)]
struct Used {
    feature: String,
    label: String,
    /// Of penalised logistic regression, for one standard deviation; none of a feature that is constant.
    coefficient: Option<f64>,
}

/// The substream of the final fit, as in `learning::grid_search`.
const FINAL: u64 = 1;

/// What the step is called: the forest has its own name.
pub(super) fn kind(learner: &Learner) -> &'static str {
    match learner {
        Learner::RandomForest(_) => "random_forest_signature",
        _ => "learner_signature",
    }
}

pub(super) fn run(
    signature: &Signature,
    values: &[Value],
    part: &Part,
    random: &Random,
    data: &Data,
    selected: Selected,
) -> Result<Outputs, Fault> {
    let fault = |error: &dyn std::fmt::Display| StepError::method(&part.name, error);
    let grid = grid(&signature.learner);
    let (learner, points, cross_validated_auc) = match &signature.tuning {
        Some(tuning) => {
            let search =
                learner_grid_search(data.fitting, data.outcome, &grid, tuning.folds, random)
                    .map_err(|error| fault(&error))?;
            let score = search.points[search.chosen].mean_auc;
            (search.learner, search.points, Some(score))
        }
        None => {
            let points = grid.points().map_err(|error| fault(&error))?;
            let [settings] = points.as_slice() else {
                return Err(fault(
                    &"several settings are given, but the study does not say how to choose",
                )
                .into());
            };
            let stream = random.substream(FINAL);
            let learner = fit_learner(data.fitting, data.outcome, settings, &stream)
                .map_err(|error| fault(&error))?;
            (learner, Vec::new(), None)
        }
    };
    let mut scores = vec![None; data.everybody];
    let predicted = learner
        .score(&data.features.whole())
        .map_err(|error| fault(&error))?;
    for (row, score) in data.features.rows.iter().zip(predicted) {
        scores[*row] = Some(score);
    }
    let fit = Fit {
        n: data.rows.len(),
        events: data.outcome.iter().filter(|event| **event).count(),
        excluded: data.excluded,
        features: data.available,
        selected,
        grid: points.iter().map(shown_point).collect(),
        grid_points: points.len().max(1),
        chosen: shown(&learner.settings),
        cross_validated_auc,
        used: used(&learner, &data.features.names, values),
    };
    let mut outputs = Outputs::new();
    outputs.json("scores", &ColumnValues::Number(scores))?;
    outputs.json("learner", &learner)?;
    outputs.json("fit", &fit)?;
    Ok(outputs)
}

fn grid(learner: &Learner) -> LearnerGrid {
    match learner.clone() {
        Learner::RandomForest(grid) => LearnerGrid::RandomForest(crate::learning::ForestGrid {
            max_depth: grid
                .max_depth
                .iter()
                .map(|depth| (*depth > 0).then_some(*depth))
                .collect(),
            trees: grid.trees,
            features_per_split: grid.features_per_split,
            min_leaf: grid.min_leaf,
        }),
        Learner::PenalisedLogistic { alpha, lambda } => {
            LearnerGrid::PenalizedLogistic { alpha, lambda }
        }
        Learner::SupportVectorMachine { cost, gamma } => LearnerGrid::SupportVectorMachine {
            gamma: gamma.iter().map(|g| (*g > 0.0).then_some(*g)).collect(),
            cost,
        },
        Learner::GradientBoostedTrees {
            trees,
            max_depth,
            learning_rate,
            min_leaf,
        } => LearnerGrid::GradientBoosting {
            trees,
            max_depth,
            learning_rate,
            min_leaf,
        },
        Learner::NearestNeighbours { neighbours } => LearnerGrid::NearestNeighbors {
            neighbors: neighbours,
        },
        Learner::NaiveBayes => LearnerGrid::NaiveBayes,
    }
}

fn shown_point(point: &LearnerPoint) -> Json {
    let mut shown = shown(&point.settings);
    shown["mean_auc"] = json!(point.mean_auc);
    shown["standard_error"] = json!(point.standard_error);
    shown
}

/// Settings by the names that a study calls them.
fn shown(settings: &LearnerSettings) -> Json {
    use crate::learning::Kernel;
    match settings {
        LearnerSettings::RandomForest(s) => json!({
            "trees": s.trees,
            "max_depth": s.max_depth.unwrap_or(0),
            "features_per_split": s.features_per_split,
            "min_leaf": s.min_leaf,
        }),
        LearnerSettings::PenalizedLogistic(s) => json!({ "alpha": s.alpha, "lambda": s.lambda }),
        LearnerSettings::SupportVectorMachine(s) => json!({
            "cost": s.cost,
            "gamma": match s.kernel {
                Kernel::Linear => 0.0,
                Kernel::Radial { gamma } => gamma,
            },
        }),
        LearnerSettings::GradientBoosting(s) => json!({
            "trees": s.trees,
            "max_depth": s.max_depth,
            "learning_rate": s.learning_rate,
            "min_leaf": s.min_leaf,
        }),
        LearnerSettings::NearestNeighbors { neighbors } => json!({ "neighbours": neighbors }),
        LearnerSettings::NaiveBayes => json!({}),
    }
}

fn used(learner: &FittedLearner, names: &[String], values: &[Value]) -> Vec<Used> {
    let coefficient = |feature: usize| {
        let LearnedModel::PenalizedLogistic(model) = &learner.model else {
            return None;
        };
        let kept = &learner.standardization.as_ref()?.kept;
        let at = kept.iter().position(|column| *column == feature)?;
        model.coefficients.get(at).copied()
    };
    names
        .iter()
        .enumerate()
        .map(|(feature, name)| Used {
            label: label_of_feature(name, values),
            coefficient: coefficient(feature),
            feature: name.clone(),
        })
        .collect()
}
