//! Adapters of selection: cut-offs, terms of a model, features; and of planning a model's size.

use serde_json::{Value, json};

use super::Method;
use super::learning::{feature_names, matrix};
use crate::learning::{
    AnticipatedModel, events_per_variable, fit_zscore, sample_size_binary, univariate_filter,
};
use crate::statistics::{self, InformationCriterion, LearnedCutoff, StepwiseDirection, TermChange};
use crate::validation::case::{Case, CaseError, malformed};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "learned_cutoff",
        summary: "cut-off by Youden's index, a sensitivity, a specificity or a quantile",
        run: learned_cutoff,
    },
    Method {
        name: "stepwise_selection",
        summary: "terms of a logistic regression, backward, forward or both ways, by AIC or BIC",
        run: stepwise_selection,
    },
    Method {
        name: "univariate_filter",
        summary: "features ranked by the area under their ROC curve, Mann–Whitney p values",
        run: filter,
    },
    Method {
        name: "standardization",
        summary: "mean and standard deviation of features, z values",
        run: standardization,
    },
    Method {
        name: "sample_size_binary",
        summary: "patients that a model of a binary outcome needs (Riley et al.)",
        run: sample_size,
    },
    Method {
        name: "events_per_variable",
        summary: "patients of the smaller class for each candidate parameter",
        run: events,
    },
];

/// `args.sensitivity`, `args.specificity`, `args.quantile` are lists.
fn learned_cutoff(case: &Case) -> Result<Value, CaseError> {
    let (outcome, score) = (case.input_flags("outcome")?, case.input("score")?);
    let shown = |found: LearnedCutoff| {
        json!({
            "cutoff": found.cutoff,
            "sensitivity": found.sensitivity,
            "specificity": found.specificity,
        })
    };
    let each = |name: &str, rule: &dyn Fn(f64) -> Result<Value, CaseError>| {
        case.argument_list(name)?
            .into_iter()
            .map(rule)
            .collect::<Result<Vec<Value>, CaseError>>()
    };
    let youden = statistics::youden_cutoff(&outcome, &score).map_err(Case::method_error)?;
    Ok(json!({
        "youden": shown(youden),
        "sensitivity": each("sensitivity", &|at_least| {
            statistics::sensitivity_cutoff(&outcome, &score, at_least)
                .map(shown)
                .map_err(Case::method_error)
        })?,
        "specificity": each("specificity", &|at_least| {
            statistics::specificity_cutoff(&outcome, &score, at_least)
                .map(shown)
                .map_err(Case::method_error)
        })?,
        "quantile": each("quantile", &|probability| {
            statistics::quantile_cutoff(&score, probability)
                .map(|cutoff| json!(cutoff))
                .map_err(Case::method_error)
        })?,
    }))
}

fn stepwise_selection(case: &Case) -> Result<Value, CaseError> {
    let (design, outcome) = super::regression::design_and_outcome(case)?;
    let direction = match case.args["direction"].as_str() {
        Some("backward") => StepwiseDirection::Backward,
        Some("forward") => StepwiseDirection::Forward,
        Some("both") => StepwiseDirection::Both,
        _ => return Err(malformed("args.direction", "backward, forward or both")),
    };
    let criterion = match case.args["criterion"].as_str() {
        Some("aic") => InformationCriterion::Aic,
        Some("bic") => InformationCriterion::Bic,
        _ => return Err(malformed("args.criterion", "aic or bic")),
    };
    let found = statistics::stepwise_selection(&design, &outcome, direction, criterion, 0.95)
        .map_err(Case::method_error)?;
    let path: Vec<Value> = found
        .path
        .iter()
        .map(|step| {
            let change = match &step.change {
                None => String::new(),
                Some(TermChange::Added(term)) => format!("+ {term}"),
                Some(TermChange::Removed(term)) => format!("- {term}"),
            };
            json!({ "change": change, "criterion": step.criterion })
        })
        .collect();
    let mut terms: Vec<&str> = found
        .terms
        .iter()
        .map(|term| design.terms[*term].name.as_str())
        .collect();
    terms.sort_unstable();
    Ok(json!({ "path": path, "terms": terms }))
}

fn filter(case: &Case) -> Result<Value, CaseError> {
    let table = case.table()?;
    let outcome_column = case.text("outcome")?;
    let names = feature_names(case, &table, &[outcome_column])?;
    let mut needed: Vec<&str> = names.iter().map(String::as_str).collect();
    needed.push(outcome_column);
    let rows = table.complete_rows(&needed)?;
    let outcome = table.flags(outcome_column, &rows)?;
    let ranked =
        univariate_filter(&matrix(&table, &names, &rows)?, &outcome).map_err(Case::method_error)?;
    Ok(json!({
        "order": ranked.iter().map(|r| &names[r.feature]).collect::<Vec<_>>(),
        "auc": ranked.iter().map(|r| r.auc).collect::<Vec<_>>(),
        "u_statistic": ranked.iter().map(|r| r.mann_whitney_u).collect::<Vec<_>>(),
        "p": ranked.iter().map(|r| r.p_value).collect::<Vec<_>>(),
    }))
}

fn standardization(case: &Case) -> Result<Value, CaseError> {
    let table = case.table()?;
    let names = feature_names(case, &table, &[])?;
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = table.complete_rows(&columns)?;
    let features = matrix(&table, &names, &rows)?;
    let fitted = fit_zscore(&features).map_err(Case::method_error)?;
    let z = fitted.apply(&features).map_err(Case::method_error)?;
    Ok(json!({
        "mean": fitted.mean,
        "standard_deviation": fitted.standard_deviation,
        "first_patient": z.row(0).to_vec(),
    }))
}

fn sample_size(case: &Case) -> Result<Value, CaseError> {
    let place = "data.inputs.models";
    let models = case.data["inputs"]["models"]
        .as_array()
        .ok_or_else(|| malformed(place, "a list of anticipated models"))?;
    let sizes = models
        .iter()
        .map(|model| {
            let model: AnticipatedModel = serde_json::from_value(model.clone()).map_err(|_| {
                malformed(
                    place,
                    "models with `parameters`, `prevalence` and `cox_snell_r_squared`",
                )
            })?;
            let size = sample_size_binary(&model).map_err(Case::method_error)?;
            Ok(json!({
                "max_cox_snell_r_squared": size.max_cox_snell_r_squared,
                "patients_for_shrinkage": size.patients_for_shrinkage,
                "patients_for_r_squared_difference": size.patients_for_r_squared_difference,
                "shrinkage_of_r_squared_difference": size.shrinkage_of_r_squared_difference,
                "patients_for_overall_risk": size.patients_for_overall_risk,
                "patients": size.patients,
                "events": size.events,
                "events_per_parameter": size.events_per_parameter,
            }))
        })
        .collect::<Result<Vec<Value>, CaseError>>()?;
    Ok(json!({ "models": sizes }))
}

fn events(case: &Case) -> Result<Value, CaseError> {
    let found = events_per_variable(
        &case.input_flags("outcome")?,
        case.whole_argument("parameters")?,
    )
    .map_err(Case::method_error)?;
    Ok(json!({
        "patients": found.patients,
        "events": found.events,
        "limiting": found.limiting,
        "events_per_variable": found.events_per_variable,
    }))
}
