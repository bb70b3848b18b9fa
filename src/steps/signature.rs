//! A signature: features selected, then a random forest, tuned and fitted on one set; its score for every patient.

use ndarray::Array2;
use serde::Serialize;

use crate::data::{self, ColumnValues};
use crate::engine::{Input, Inputs, Outputs, Step};
use crate::learning::{self, ForestGrid, ForestSettings, RandomForest};
use crate::numerics::Random;
use crate::plan::{ColumnKind, Learner, Predictors, Signature, TrainingScores, places};

use super::error::StepError;
use super::features::Features;
use super::frame::{Frame, Part, json};
use super::learners;
use super::selection::{self, Selected};
use super::sources::{Fault, Make, Sources, input};

#[derive(Serialize)]
struct Fit {
    n: usize,
    events: usize,
    excluded: usize,
    /// Features before any selection.
    features: usize,
    #[serde(flatten)]
    selected: Selected,
    grid: Vec<GridPoint>,
    grid_points: usize,
    chosen: Chosen,
    out_of_bag_auc: Option<f64>,
    /// Patients without an out-of-bag score because every tree saw them.
    without_out_of_bag: usize,
    importance: Vec<Importance>,
}

#[derive(Serialize)]
struct GridPoint {
    trees: usize,
    /// 0 is no limit.
    max_depth: usize,
    features_per_split: usize,
    min_leaf: usize,
    mean_auc: f64,
    standard_error: f64,
}

#[derive(Serialize)]
struct Chosen {
    trees: usize,
    max_depth: usize,
    features_per_split: usize,
    min_leaf: usize,
    cross_validated_auc: Option<f64>,
}

#[derive(Serialize)]
struct Importance {
    feature: String,
    label: String,
    /// The place at which a selection picked it, from 1, and the score at which it did.
    rank: Option<usize>,
    selection_score: Option<f64>,
    impurity: f64,
    permutation: f64,
}

/// The substream that grows the final forest, as in `learning::grid_search`.
const FOREST: u64 = 1;

/// A value that features are made of: name, label, whether it is an ordered category.
pub(super) type Value = (String, String, bool);

pub(super) fn step(sources: &Sources, name: &str) -> Step {
    let plan = sources.plan;
    let signature = plan.signatures[name].clone();
    let values: Vec<Value> = match &signature.from {
        Predictors::Values(values) => values
            .iter()
            .map(|value| {
                let ordered = matches!(
                    plan.kind(value),
                    Some(ColumnKind::Category { ordered: true, .. })
                );
                (value.clone(), plan.label(value).to_owned(), ordered)
            })
            .collect(),
        Predictors::Features(_) => Vec::new(),
    };
    let mut inputs = sources.values(
        values.iter().map(|value| value.0.as_str()),
        Sources::completed,
    );
    inputs.extend(sources.values([signature.outcome.as_str()], Sources::raw));
    inputs.push(input("set", sources.set(&signature.fit_on)));
    inputs.push(input("members", sources.set(&plan.cohort.name)));
    if let Predictors::Features(table) = &signature.from {
        inputs.push(input(
            "features",
            sources.features(table, sources.transforms(table).len()),
        ));
    }
    inputs.extend(selection::inputs(&signature.selection));
    let declared = inputs.clone();
    let part = Part::new(plan, format!("signature {name}"));
    let seed = plan.study.seed;
    let id = places::signature(name);
    let place = id.clone();
    Make {
        id,
        kind: learners::kind(&signature.learner),
        version: 2,
        parameters: serde_json::json!({
            "values": &values,
            "selection": &signature.selection,
            "outcome": &signature.outcome,
            "learner": &signature.learner,
            "tuning": &signature.tuning,
            "training_scores": signature.training_scores,
            "missing": part.missing,
        }),
        seed: Some(seed),
        inputs,
    }
    .step(move |inputs| {
        run(
            &signature,
            &values,
            &part,
            &Random::new(seed, &place),
            inputs,
            &declared,
        )
    })
}

fn run(
    signature: &Signature,
    values: &[Value],
    part: &Part,
    random: &Random,
    inputs: &Inputs,
    declared: &[Input],
) -> Result<Outputs, Fault> {
    let set: Vec<usize> = json(inputs, "set")?;
    let members: Vec<usize> = json(inputs, "members")?;
    let known = Known::read(signature, values, part, inputs, declared, &set, &members)?;
    let Known {
        rows,
        excluded,
        outcome,
        everybody,
        features,
        ..
    } = &known;
    let fault = |error: &dyn std::fmt::Display| StepError::method(&part.name, error);
    let available = features.names.len();
    let (selected, features) = selection::select(
        &signature.selection,
        part,
        features,
        &features.positions(rows),
        outcome,
        inputs,
    )?;
    let fitting = features.matrix(&features.positions(rows));

    let Learner::RandomForest(grid) = &signature.learner else {
        let data = learners::Data {
            rows,
            excluded: *excluded,
            outcome,
            everybody: *everybody,
            available,
            features: &features,
            fitting: &fitting,
        };
        return learners::run(signature, values, part, random, &data, selected);
    };
    let depth = |depth: &usize| (*depth > 0).then_some(*depth);
    let grid = ForestGrid {
        trees: grid.trees.clone(),
        max_depth: grid.max_depth.iter().map(depth).collect(),
        features_per_split: grid.features_per_split.clone(),
        min_leaf: grid.min_leaf.clone(),
    };
    let (forest, points, score) = match &signature.tuning {
        Some(tuning) => {
            let search = learning::grid_search(&fitting, outcome, &grid, tuning.folds, random)
                .map_err(|error| fault(&error))?;
            let score = search.points[search.chosen].mean_auc;
            (search.forest, search.points, Some(score))
        }
        None => {
            let settings = only_point(&grid).ok_or_else(|| {
                StepError::method(
                    &part.name,
                    "several settings are given, but the study does not say how to choose",
                )
            })?;
            let stream = random.substream(FOREST);
            let forest = learning::random_forest(&fitting, outcome, &settings, &stream)
                .map_err(|error| fault(&error))?;
            (forest, Vec::new(), None)
        }
    };

    let mut scores = vec![None; *everybody];
    let predicted = forest
        .predict(&features.whole())
        .map_err(|error| fault(&error))?;
    for (row, probability) in features.rows.iter().zip(predicted) {
        scores[*row] = Some(probability);
    }
    if signature.training_scores == TrainingScores::OutOfBag {
        for (row, probability) in rows.iter().zip(&forest.out_of_bag.probability) {
            scores[*row] = *probability;
        }
    }

    let fit = Fit {
        n: rows.len(),
        events: outcome.iter().filter(|event| **event).count(),
        excluded: *excluded,
        features: available,
        grid_points: points.len().max(1),
        grid: points
            .iter()
            .map(|point| GridPoint {
                trees: point.settings.trees,
                max_depth: point.settings.max_depth.unwrap_or(0),
                features_per_split: point.settings.features_per_split,
                min_leaf: point.settings.min_leaf,
                mean_auc: point.mean_auc,
                standard_error: point.standard_error,
            })
            .collect(),
        chosen: Chosen {
            trees: forest.settings.trees,
            max_depth: forest.settings.max_depth.unwrap_or(0),
            features_per_split: forest.settings.features_per_split,
            min_leaf: forest.settings.min_leaf,
            cross_validated_auc: score,
        },
        out_of_bag_auc: forest.out_of_bag.auc,
        without_out_of_bag: forest.out_of_bag.patients_without,
        importance: importance(
            &forest,
            &features.names,
            &fitting,
            values,
            outcome,
            &random.substream(FOREST),
            &selected,
        )
        .map_err(|error| fault(&error))?,
        selected,
    };
    let mut outputs = Outputs::new();
    outputs.json("scores", &ColumnValues::Number(scores))?;
    outputs.json("forest", &forest)?;
    outputs.json("fit", &fit)?;
    Ok(outputs)
}

/// The features of all patients who can have a score, and the patients of the fit.
struct Known {
    /// The patients of the fit, as rows of the cohort's table.
    rows: Vec<usize>,
    excluded: usize,
    /// Of the patients of the fit.
    outcome: Vec<bool>,
    /// How many patients the cohort's table has.
    everybody: usize,
    features: Features,
}

impl Known {
    fn read(
        signature: &Signature,
        values: &[Value],
        part: &Part,
        inputs: &Inputs,
        declared: &[Input],
        set: &[usize],
        members: &[usize],
    ) -> Result<Self, Fault> {
        let frame = Frame::read(inputs, declared)?;
        let outcome = signature.outcome.as_str();
        let everybody = frame.get(outcome).len();
        let (rows, features) = match &signature.from {
            Predictors::Features(_) => {
                let features: Features = json(inputs, "features")?;
                let present: Vec<usize> = set
                    .iter()
                    .copied()
                    .filter(|row| features.rows.binary_search(row).is_ok())
                    .collect();
                (frame.complete(part, &present, &[outcome])?.rows, features)
            }
            Predictors::Values(_) => {
                let names: Vec<&str> = values.iter().map(|value| value.0.as_str()).collect();
                let complete =
                    frame.complete(part, set, &[names.as_slice(), &[outcome]].concat())?;
                let columns: Vec<(&str, &ColumnValues, bool)> = values
                    .iter()
                    .map(|(name, _, ordered)| (name.as_str(), frame.get(name), *ordered))
                    .collect();
                let known: Vec<usize> = members
                    .iter()
                    .copied()
                    .filter(|row| names.iter().all(|name| !frame.get(name).is_missing(*row)))
                    .collect();
                let encoded = data::encode_features(&columns, &known)
                    .map_err(|error| StepError::of(&part.name, &error, error.hint()))?;
                let features = Features {
                    names: encoded.names,
                    rows: known,
                    values: encoded
                        .matrix
                        .rows()
                        .into_iter()
                        .map(|row| row.to_vec())
                        .collect(),
                };
                (complete.rows, features)
            }
        };
        Ok(Self {
            excluded: set.len() - rows.len(),
            outcome: frame.flags(part, outcome, &rows)?,
            rows,
            everybody,
            features,
        })
    }
}

/// The one setting of a grid without choice.
fn only_point(grid: &ForestGrid) -> Option<ForestSettings> {
    match (
        grid.trees.as_slice(),
        grid.max_depth.as_slice(),
        grid.features_per_split.as_slice(),
        grid.min_leaf.as_slice(),
    ) {
        ([trees], [max_depth], [features_per_split], [min_leaf]) => Some(ForestSettings {
            trees: *trees,
            max_depth: *max_depth,
            features_per_split: *features_per_split,
            min_leaf: *min_leaf,
        }),
        _ => None,
    }
}

/// What a feature is called: the label of its value, with the level that it indicates.
pub(super) fn label_of_feature(name: &str, values: &[Value]) -> String {
    let (value, level) = name
        .split_once('=')
        .map_or((name, None), |(value, level)| (value, Some(level)));
    let label = values
        .iter()
        .find(|known| known.0 == value)
        .map_or(value, |known| known.1.as_str());
    level.map_or_else(|| label.to_owned(), |level| format!("{label}: {level}"))
}

/// Features, with `random` the stream that the forest was grown from, from the most important on; ties in the order of the study.
fn importance(
    forest: &RandomForest,
    names: &[String],
    matrix: &Array2<f64>,
    values: &[Value],
    outcome: &[bool],
    random: &Random,
    selected: &Selected,
) -> Result<Vec<Importance>, learning::LearningError> {
    let impurity = learning::impurity_importance(forest);
    let permutation = learning::permutation_importance(forest, matrix, outcome, random)?;
    let mut listed: Vec<Importance> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let of = |feature: usize| feature == index;
            let pick = selected.pick(name);
            Importance {
                feature: name.clone(),
                rank: pick.map(|(rank, _)| rank),
                selection_score: pick.map(|(_, score)| score),
                label: label_of_feature(name, values),
                impurity: impurity
                    .iter()
                    .find(|i| of(i.feature))
                    .map_or(0.0, |i| i.importance),
                permutation: permutation
                    .iter()
                    .find(|i| of(i.feature))
                    .map_or(0.0, |i| i.importance),
            }
        })
        .collect();
    listed.sort_by(|a, b| b.impurity.total_cmp(&a.impurity));
    Ok(listed)
}
