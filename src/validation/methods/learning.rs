//! Adapters of the learning methods.

use ndarray::Array2;
use serde_json::{Map, Value, json};

use super::Method;
use crate::learning::{
    ForestSettings, MrmrScheme, MutualInformation, fit_combat, mrmr, random_forest,
    square_root_of_features, stratified_folds,
};
use crate::numerics::{Random, mean, variance};
use crate::validation::case::{Case, CaseError, malformed};
use crate::validation::table::Table;

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "combat",
        summary: "ComBat harmonisation of features between batches",
        run: combat,
    },
    Method {
        name: "combat_fit_and_apply",
        summary: "ComBat fitted on some patients and applied to all",
        run: combat,
    },
    Method {
        name: "mrmr",
        summary: "minimum redundancy maximum relevance selection by correlation",
        run: |case| select(case, MutualInformation::Correlation),
    },
    Method {
        name: "mrmr_discretized",
        summary: "minimum redundancy maximum relevance selection by three states",
        run: |case| select(case, MutualInformation::ThreeStates),
    },
    Method {
        name: "random_forest",
        summary: "probability forest: cross-validated and out-of-bag AUC over seeds",
        run: forest,
    },
];

/// `f001..f110` (a range of columns of the table, from its first to its last name), a list of names, or nothing: all
/// columns except `others`.
pub(super) fn feature_names(
    case: &Case,
    table: &Table,
    others: &[&str],
) -> Result<Vec<String>, CaseError> {
    let named = case.texts("features")?;
    if named.is_empty() {
        return Ok(table
            .names()
            .into_iter()
            .filter(|name| !others.contains(name))
            .map(str::to_owned)
            .collect());
    }
    let [range] = &named[..] else {
        return Ok(named);
    };
    let Some((first, last)) = range.split_once("..") else {
        return Ok(named);
    };
    let names = table.names();
    let place = |name: &str| names.iter().position(|n| *n == name);
    match (place(first), place(last)) {
        (Some(first), Some(last)) if first <= last => Ok(names[first..=last]
            .iter()
            .map(|name| (*name).to_owned())
            .collect()),
        _ => Err(malformed(
            "data.features",
            "a range of columns of the table",
        )),
    }
}

pub(super) fn matrix(
    table: &Table,
    names: &[String],
    rows: &[usize],
) -> Result<Array2<f64>, CaseError> {
    let columns = names
        .iter()
        .map(|name| table.numbers(name, rows))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Array2::from_shape_fn(
        (rows.len(), names.len()),
        |(row, column)| columns[column][row],
    ))
}

fn combat(case: &Case) -> Result<Value, CaseError> {
    let table = case.table()?;
    let rows: Vec<usize> = (0..table.rows).collect();
    let batch_column = case.text("batch")?;
    let (levels, codes) = table.codes(batch_column, &rows)?;
    let batch_of = |rows: &[usize]| -> Vec<&str> {
        rows.iter()
            .map(|row| levels[codes[*row]].as_str())
            .collect()
    };
    let names = feature_names(case, &table, &[batch_column])?;
    let covariates = case.texts("covariates")?;
    let patients = table.numbers("patient", &rows)?;
    let fitted_rows: Vec<usize> = match case.args["fit_on_patients"].is_null() {
        true => rows.clone(),
        false => {
            let fitted = case.argument_list("fit_on_patients")?;
            rows.iter()
                .copied()
                .filter(|row| fitted.contains(&patients[*row]))
                .collect()
        }
    };
    let fitted = fit_combat(
        &matrix(&table, &names, &fitted_rows)?,
        &batch_of(&fitted_rows),
        &matrix(&table, &covariates, &fitted_rows)?,
        case.args["reference_batch"].as_str(),
    )
    .map_err(Case::method_error)?;
    let harmonised = fitted
        .apply(
            &matrix(&table, &names, &rows)?,
            &batch_of(&rows),
            &matrix(&table, &covariates, &rows)?,
        )
        .map_err(Case::method_error)?;
    let mut columns = Map::new();
    columns.insert("patient".to_owned(), json!(patients));
    for (name, values) in names.iter().zip(harmonised.columns()) {
        columns.insert(name.clone(), json!(values.to_vec()));
    }
    Ok(json!({ "csv": columns }))
}

fn select(case: &Case, information: MutualInformation) -> Result<Value, CaseError> {
    let table = case.table()?;
    let rows: Vec<usize> = (0..table.rows).collect();
    let outcome_column = case.text("outcome")?;
    let outcome = table.flags(outcome_column, &rows)?;
    let names = feature_names(case, &table, &[outcome_column])?;
    let features = matrix(&table, &names, &rows)?;
    let count = case.whole_argument("k")?;
    let by = |scheme: MrmrScheme| -> Result<Value, CaseError> {
        let picked =
            mrmr(&features, &outcome, count, scheme, information).map_err(Case::method_error)?;
        Ok(json!({ "order": picked.order, "scores": picked.score }))
    };
    Ok(json!({
        "difference": by(MrmrScheme::Difference)?,
        "quotient": by(MrmrScheme::Quotient)?,
    }))
}

/// The reference figures are means over so many seeds.
const SEEDS: u64 = 20;

fn forest(case: &Case) -> Result<Value, CaseError> {
    let table = case.table()?;
    let rows: Vec<usize> = (0..table.rows).collect();
    let outcome_column = case.text("outcome")?;
    let outcome = table.flags(outcome_column, &rows)?;
    let names = feature_names(case, &table, &[outcome_column])?;
    let features = matrix(&table, &names, &rows)?;
    let folds = case.whole_argument("folds")?;
    let settings = ForestSettings {
        trees: case.whole_argument("trees")?,
        max_depth: case.args["max_depth"].as_u64().map(|depth| depth as usize),
        features_per_split: match case.args["features_per_split"].as_u64() {
            Some(count) => count as usize,
            None => square_root_of_features(names.len()),
        },
        min_leaf: 1,
    };
    let (mut cross_validated, mut out_of_bag) = (Vec::new(), Vec::new());
    for seed in 0..SEEDS {
        let random = Random::new(seed, "random_forest");
        let fitted = random_forest(&features, &outcome, &settings, &random.substream(0))
            .map_err(Case::method_error)?;
        out_of_bag.extend(fitted.out_of_bag.auc);
        let fold_of =
            stratified_folds(&outcome, folds, &random.substream(1)).map_err(Case::method_error)?;
        let mut probability = vec![0.0; rows.len()];
        for fold in 0..folds {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                rows.iter().partition(|row| fold_of[**row] == fold);
            let fitted_outcome: Vec<bool> = outside.iter().map(|row| outcome[*row]).collect();
            let fitted = random_forest(
                &matrix(&table, &names, &outside)?,
                &fitted_outcome,
                &settings,
                &random.substream(2 + fold as u64),
            )
            .map_err(Case::method_error)?;
            let predicted = fitted
                .predict(&matrix(&table, &names, &inside)?)
                .map_err(Case::method_error)?;
            for (row, predicted) in inside.iter().zip(predicted) {
                probability[*row] = predicted;
            }
        }
        cross_validated.push(pooled_auc(probability, &outcome)?);
    }
    Ok(json!({
        "cv_auc_mean": mean(&cross_validated),
        "cv_auc_sd": variance(&cross_validated).sqrt(),
        "oob_auc_mean": mean(&out_of_bag),
        "oob_auc_sd": variance(&out_of_bag).sqrt(),
    }))
}

fn pooled_auc(probability: Vec<f64>, outcome: &[bool]) -> Result<f64, CaseError> {
    let column = Array2::from_shape_vec((probability.len(), 1), probability)
        .expect("one column has as many entries as there are patients");
    let ranked =
        crate::learning::univariate_filter(&column, outcome).map_err(Case::method_error)?;
    Ok(ranked[0].auc)
}
