//! Adapters of the learners: their scores with given settings, and their cross-validation over seeds.

use ndarray::Array2;
use serde_json::{Value, json};

use super::Method;
use super::learning::{feature_names, matrix};
use crate::learning::{
    FeatureSelection, LearnerGrid, LearnerSettings, fit_learner, impurity_importance,
    learner_grid_search, nested_cross_validation, permutation_importance, random_forest,
};
use crate::numerics::{Random, mean, variance};
use crate::validation::case::{Case, CaseError, malformed};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "penalized_logistic_learner",
        summary: "scores of the elastic net on standardised features",
        run: scores,
    },
    Method {
        name: "support_vector_machine",
        summary: "decision values, linear or radial kernel, on standardised features",
        run: scores,
    },
    Method {
        name: "gradient_boosting",
        summary: "probabilities of gradient-boosted trees",
        run: scores,
    },
    Method {
        name: "nearest_neighbors",
        summary: "share of events among the k nearest, on standardised features",
        run: scores,
    },
    Method {
        name: "naive_bayes",
        summary: "probabilities of Gaussian naive Bayes",
        run: scores,
    },
    Method {
        name: "random_forest_importance",
        summary: "impurity and permutation importance of a forest's features, over seeds",
        run: importance,
    },
    Method {
        name: "learner_grid_search",
        summary: "cross-validated AUC of every point of a grid, over seeds",
        run: grid_search,
    },
    Method {
        name: "nested_cross_validation",
        summary: "AUC of a learner tuned within each outer fold, over seeds",
        run: nested,
    },
];

struct Data {
    features: Array2<f64>,
    outcome: Vec<bool>,
}

fn data(case: &Case) -> Result<Data, CaseError> {
    let table = case.table()?;
    let outcome_column = case.text("outcome")?;
    let names = feature_names(case, &table, &[outcome_column])?;
    let mut needed: Vec<&str> = names.iter().map(String::as_str).collect();
    needed.push(outcome_column);
    let rows = table.complete_rows(&needed)?;
    Ok(Data {
        features: matrix(&table, &names, &rows)?,
        outcome: table.flags(outcome_column, &rows)?,
    })
}

/// `args.learner`: the settings of one learner, as docs/methods.md lists them.
fn scores(case: &Case) -> Result<Value, CaseError> {
    let settings: LearnerSettings =
        serde_json::from_value(case.args["learner"].clone()).map_err(|error| {
            malformed(
                "args.learner",
                &format!("the settings of a learner ({error})"),
            )
        })?;
    let Data { features, outcome } = data(case)?;
    let random = Random::new(0, &case.id);
    let score = fit_learner(&features, &outcome, &settings, &random)
        .and_then(|fitted| fitted.score(&features))
        .map_err(Case::method_error)?;
    Ok(json!({ "score": score }))
}

/// The figures are means over so many seeds.
const SEEDS: u64 = 20;

fn grid(case: &Case) -> Result<LearnerGrid, CaseError> {
    serde_json::from_value(case.args["grid"].clone())
        .map_err(|error| malformed("args.grid", &format!("the grid of a learner ({error})")))
}

fn grid_search(case: &Case) -> Result<Value, CaseError> {
    let Data { features, outcome } = data(case)?;
    let (grid, folds) = (grid(case)?, case.whole_argument("folds")?);
    let mut areas: Vec<Vec<f64>> = Vec::new();
    let mut settings = Vec::new();
    for seed in 0..SEEDS {
        let random = Random::new(seed, &case.id);
        let search = learner_grid_search(&features, &outcome, &grid, folds, &random)
            .map_err(Case::method_error)?;
        areas.resize(search.points.len(), Vec::new());
        for (area, point) in areas.iter_mut().zip(&search.points) {
            area.push(point.mean_auc);
        }
        settings = search.points.iter().map(|point| point.settings).collect();
    }
    let points: Vec<Value> = settings
        .iter()
        .zip(&areas)
        .map(|(settings, areas)| {
            json!({
                "settings": settings,
                "auc_mean": mean(areas),
                "auc_sd": variance(areas).sqrt(),
            })
        })
        .collect();
    Ok(json!({ "points": points }))
}

/// All features, no selection; `args.outer_folds`, `args.inner_folds`.
fn nested(case: &Case) -> Result<Value, CaseError> {
    let Data { features, outcome } = data(case)?;
    let grid = grid(case)?;
    let (outer, inner) = (
        case.whole_argument("outer_folds")?,
        case.whole_argument("inner_folds")?,
    );
    let areas = (0..SEEDS)
        .map(|seed| {
            nested_cross_validation(
                &features,
                &outcome,
                &FeatureSelection::All,
                &grid,
                outer,
                inner,
                &Random::new(seed, &case.id),
            )
            .map(|nested| nested.mean_auc)
        })
        .collect::<Result<Vec<f64>, _>>()
        .map_err(Case::method_error)?;
    Ok(json!({ "auc_mean": mean(&areas), "auc_sd": variance(&areas).sqrt() }))
}

/// The mean over seeds of each feature's share of the impurity decrease, and of the loss of out-of-bag AUC.
fn importance(case: &Case) -> Result<Value, CaseError> {
    let LearnerSettings::RandomForest(settings) =
        serde_json::from_value(case.args["learner"].clone()).map_err(|error| {
            malformed(
                "args.learner",
                &format!("the settings of a forest ({error})"),
            )
        })?
    else {
        return Err(malformed("args.learner", "the settings of a random_forest"));
    };
    let Data { features, outcome } = data(case)?;
    let mut impurity = vec![Vec::new(); features.ncols()];
    let mut permutation = vec![Vec::new(); features.ncols()];
    for seed in 0..SEEDS {
        let random = Random::new(seed, &case.id);
        let forest =
            random_forest(&features, &outcome, &settings, &random).map_err(Case::method_error)?;
        for found in impurity_importance(&forest) {
            impurity[found.feature].push(found.importance);
        }
        for found in permutation_importance(&forest, &features, &outcome, &random)
            .map_err(Case::method_error)?
        {
            permutation[found.feature].push(found.importance);
        }
    }
    let shown = |values: &[Vec<f64>]| -> Vec<Value> {
        values
            .iter()
            .map(|v| json!({ "importance_mean": mean(v), "importance_sd": variance(v).sqrt() }))
            .collect()
    };
    Ok(json!({ "impurity": shown(&impurity), "permutation": shown(&permutation) }))
}
