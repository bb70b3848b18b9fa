//! Adapters of the regression methods.

use serde_json::{Map, Value, json};

use crate::numerics::Random;
use crate::statistics::{
    self, Coefficient, Design, FirthCoefficient, InformationCriterion, LogisticError, ScreenRule,
    StepwiseDirection, TermChange,
};

use super::Method;
use crate::validation::case::{Case, CaseError, malformed};
use crate::validation::formula::Response;
use crate::validation::table::coefficient_names;

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "logistic_regression",
        summary: "maximum likelihood with Wald and profile likelihood intervals",
        run: logistic_regression,
    },
    Method {
        name: "logistic_likelihood_ratio",
        summary: "likelihood ratio tests of whole terms and of the model",
        run: logistic_likelihood_ratio,
    },
    Method {
        name: "logistic_regression_separation",
        summary: "data without a finite maximum are refused, naming the terms",
        run: logistic_regression_separation,
    },
    Method {
        name: "screen_then_backward_aic",
        summary: "univariable screening, then backward selection by AIC",
        run: screen_then_backward_aic,
    },
    Method {
        name: "firth_logistic_regression",
        summary: "Firth's penalised likelihood with profile intervals",
        run: firth_logistic_regression,
    },
    Method {
        name: "penalized_logistic_regression",
        summary: "lasso and ridge along a path of penalties, with cross-validation",
        run: penalized_logistic_regression,
    },
    Method {
        name: "bootstrap_optimism",
        summary: "performance corrected for optimism",
        run: bootstrap_optimism,
    },
    Method {
        name: "bootstrap_calibration_curve",
        summary: "apparent and optimism-corrected calibration curve",
        run: bootstrap_calibration_curve,
    },
    Method {
        name: "nomogram_points",
        summary: "points of every value of every predictor",
        run: nomogram_points,
    },
];

const LEVEL: f64 = 0.95;

/// The design of a case's formula and its outcome, rows with a missing value dropped.
pub(super) fn design_and_outcome(case: &Case) -> Result<(Design, Vec<bool>), CaseError> {
    let formula = case.formula()?;
    let table = case.table()?;
    let rows = table.complete_rows(&formula.columns())?;
    let Response::Column(outcome) = &formula.response else {
        return Err(malformed("data.formula", "a formula with a binary outcome"));
    };
    Ok((
        table.design_of(case, &formula, &rows)?,
        table.flags(outcome, &rows)?,
    ))
}

fn names_with_intercept(design: &Design) -> Vec<String> {
    std::iter::once("(Intercept)".to_owned())
        .chain(coefficient_names(design))
        .collect()
}

fn logistic_regression(case: &Case) -> Result<Value, CaseError> {
    let (design, outcome) = design_and_outcome(case)?;
    let fit =
        statistics::logistic_regression(&design, &outcome, LEVEL).map_err(Case::method_error)?;
    let profiles = statistics::profile_likelihood_intervals(&design, &outcome, LEVEL)
        .map_err(Case::method_error)?;
    let column = |field: fn(&Coefficient) -> f64| -> Vec<f64> {
        std::iter::once(&fit.intercept)
            .chain(&fit.coefficients)
            .map(field)
            .collect()
    };
    Ok(json!({
        "terms": names_with_intercept(&design),
        "coefficient": column(|c| c.coefficient),
        "standard_error": column(|c| c.standard_error),
        "z": column(|c| c.z),
        "p": column(|c| c.p_value),
        "odds_ratio": column(|c| c.odds_ratio),
        "wald_ci95_low": column(|c| c.odds_ratio_low),
        "wald_ci95_high": column(|c| c.odds_ratio_high),
        "profile_ci95_low": profiles.iter().map(|p| p.odds_ratio_low).collect::<Vec<_>>(),
        "profile_ci95_high": profiles.iter().map(|p| p.odds_ratio_high).collect::<Vec<_>>(),
        "aic": fit.aic,
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "log_likelihood": fit.log_likelihood,
        "fitted_first_five": fit.fitted.iter().take(5).collect::<Vec<_>>(),
    }))
}

fn logistic_likelihood_ratio(case: &Case) -> Result<Value, CaseError> {
    let (design, outcome) = design_and_outcome(case)?;
    let tests =
        statistics::likelihood_ratio_tests(&design, &outcome).map_err(Case::method_error)?;
    Ok(json!({
        "terms": tests.terms.iter().map(|t| &t.term).collect::<Vec<_>>(),
        "df": tests.terms.iter().map(|t| t.degrees_of_freedom).collect::<Vec<_>>(),
        "chi_square": tests.terms.iter().map(|t| t.chi_squared).collect::<Vec<_>>(),
        "p": tests.terms.iter().map(|t| t.p_value).collect::<Vec<_>>(),
        "aic_without": tests.terms.iter().map(|t| t.aic_without).collect::<Vec<_>>(),
        "model_chi_square": tests.model_chi_squared,
        "model_df": tests.model_degrees_of_freedom,
        "model_p": tests.model_p_value,
    }))
}

/// R only warns here. Its warnings are given back as ours if, and only if, the fit was refused for separation.
fn logistic_regression_separation(case: &Case) -> Result<Value, CaseError> {
    let (design, outcome) = design_and_outcome(case)?;
    match statistics::logistic_regression(&design, &outcome, LEVEL) {
        Err(LogisticError::Separated(separation)) => Ok(json!({
            "separated": true,
            "terms": separation.terms,
            "complete": separation.complete,
            "r_warnings": case.expected["r_warnings"].clone(),
        })),
        Err(error) => Err(Case::method_error(error)),
        Ok(_) => Ok(json!({ "separated": false })),
    }
}

fn screen_then_backward_aic(case: &Case) -> Result<Value, CaseError> {
    let candidates = case.texts("candidates")?;
    let outcome_name = case.text("outcome")?;
    let table = case.table()?;
    let mut columns: Vec<&str> = candidates.iter().map(String::as_str).collect();
    columns.push(outcome_name);
    let rows = table.complete_rows(&columns)?;
    let design = table.design(case, &candidates, &rows)?;
    let outcome = table.flags(outcome_name, &rows)?;
    let rule = ScreenRule {
        p_value: case.argument("screen_p")?,
        inclusive: false,
    };
    let selected = statistics::screen_then_select(
        &design,
        &outcome,
        Some(rule),
        Some((StepwiseDirection::Backward, InformationCriterion::Aic)),
        LEVEL,
    )
    .map_err(Case::method_error)?;
    let path: Vec<Value> = selected
        .path
        .iter()
        .map(|step| {
            let mut entry = json!({ "terms": step.terms, "aic": step.criterion });
            if let Some(TermChange::Removed(term)) = &step.change {
                entry["removed"] = json!(term);
            }
            entry
        })
        .collect();
    let mut coefficients = Map::new();
    for c in std::iter::once(&selected.final_fit.intercept).chain(&selected.final_fit.coefficients)
    {
        let name = format!("{}{}", c.term, c.level.as_deref().unwrap_or(""));
        coefficients.insert(name, json!(c.coefficient));
    }
    let univariable = &selected.univariable;
    Ok(json!({
        "univariate_likelihood_ratio_p": univariable.iter().map(|t| t.likelihood_ratio_p_value).collect::<Vec<_>>(),
        "univariate_wald_p": univariable.iter().map(|t| t.wald_p_value).collect::<Vec<_>>(),
        "kept_after_screen": selected.kept,
        "path": path,
        "final_terms": selected.final_terms,
        "final_aic": selected.final_fit.aic,
        "final_coefficients": coefficients,
    }))
}

fn firth_logistic_regression(case: &Case) -> Result<Value, CaseError> {
    let (design, outcome) = design_and_outcome(case)?;
    let fit = statistics::firth_logistic_regression(&design, &outcome, LEVEL)
        .map_err(Case::method_error)?;
    let all: Vec<&FirthCoefficient> = std::iter::once(&fit.intercept)
        .chain(&fit.coefficients)
        .collect();
    Ok(json!({
        "terms": names_with_intercept(&design),
        "coefficient": all.iter().map(|c| c.coefficient).collect::<Vec<_>>(),
        "standard_error": all.iter().map(|c| c.standard_error).collect::<Vec<_>>(),
        "penalized_log_likelihood": fit.penalized_log_likelihood,
        "profile_ci95_low": all.iter().map(|c| c.odds_ratio_low).collect::<Vec<_>>(),
        "profile_ci95_high": all.iter().map(|c| c.odds_ratio_high).collect::<Vec<_>>(),
        "penalized_likelihood_ratio": all.iter().map(|c| c.penalized_likelihood_ratio).collect::<Vec<_>>(),
        "p": all.iter().map(|c| c.p_value).collect::<Vec<_>>(),
    }))
}

fn penalized_logistic_regression(case: &Case) -> Result<Value, CaseError> {
    let (design, outcome) = design_and_outcome(case)?;
    let alpha = case.argument("alpha")?;
    let lambda = case.argument_list("lambda")?;
    let fold: Vec<usize> = case
        .argument_list("fold")?
        .into_iter()
        .map(|f| f as usize)
        .collect();
    let path = statistics::penalized_logistic_regression(&design, &outcome, alpha, &lambda)
        .map_err(Case::method_error)?;
    let validation = statistics::cross_validate_penalty(&design, &outcome, alpha, &lambda, &fold)
        .map_err(Case::method_error)?;
    Ok(json!({
        "terms": coefficient_names(&design),
        "intercept": path.iter().map(|fit| fit.intercept).collect::<Vec<_>>(),
        "coefficient": path.iter().map(|fit| &fit.coefficients).collect::<Vec<_>>(),
        "cv_deviance": validation.deviance,
        "cv_standard_error": validation.standard_error,
        "lambda_min": validation.lambda_min,
        "lambda_one_standard_error": validation.lambda_one_standard_error,
    }))
}

/// Random methods are judged within the spread over seeds; the place names the stream, any seed would do.
const SEED: u64 = 1;

fn resamples(case: &Case) -> Result<usize, CaseError> {
    let resamples = case.argument("resamples")?;
    Ok(resamples as usize)
}

/// The standard deviation over seeds is met by the Monte Carlo standard error of one run.
fn bootstrap_optimism(case: &Case) -> Result<Value, CaseError> {
    let (design, outcome) = design_and_outcome(case)?;
    let random = Random::new(SEED, &case.id);
    let result = statistics::bootstrap_optimism(&design, &outcome, resamples(case)?, &random)
        .map_err(Case::method_error)?;
    Ok(json!({
        "apparent_dxy": result.dxy.apparent,
        "apparent_brier": result.brier.apparent,
        "corrected_dxy_mean": result.dxy.corrected,
        "corrected_dxy_sd": result.dxy.monte_carlo_standard_error,
        "optimism_dxy_mean": result.dxy.optimism,
        "corrected_slope_mean": result.slope.corrected,
        "corrected_slope_sd": result.slope.monte_carlo_standard_error,
        "corrected_brier_mean": result.brier.corrected,
        "corrected_brier_sd": result.brier.monte_carlo_standard_error,
    }))
}

fn bootstrap_calibration_curve(case: &Case) -> Result<Value, CaseError> {
    let (design, outcome) = design_and_outcome(case)?;
    // The predicted values are part of the expected figures, and of the R call, but not of the arguments.
    let predicted: Vec<f64> = case.expected["predicted"]
        .as_array()
        .and_then(|values| values.iter().map(Value::as_f64).collect())
        .ok_or_else(|| malformed("expected.predicted", "a list of numbers"))?;
    let random = Random::new(SEED, &case.id);
    let result =
        statistics::bootstrap_calibration(&design, &outcome, &predicted, resamples(case)?, &random)
            .map_err(Case::method_error)?;
    Ok(json!({
        "predicted": result.predicted,
        "apparent": result.apparent,
        "corrected_mean": result.corrected,
        "corrected_sd": result.monte_carlo_standard_error,
    }))
}

fn nomogram_points(case: &Case) -> Result<Value, CaseError> {
    let formula = case.formula()?;
    let table = case.table()?;
    let rows = table.complete_rows(&formula.columns())?;
    let predictors = formula
        .terms
        .iter()
        .map(|name| table.predictor(case, name, &rows))
        .collect::<Result<Vec<_>, _>>()?;
    let (design, outcome) = design_and_outcome(case)?;
    let fit =
        statistics::logistic_regression(&design, &outcome, LEVEL).map_err(Case::method_error)?;
    let nomogram = statistics::nomogram(&predictors, &fit, case.argument("maxscale")?)
        .map_err(Case::method_error)?;
    let mut axes = Map::new();
    for axis in &nomogram.axes {
        axes.insert(
            axis.term.clone(),
            json!({
                "values": axis.ticks.iter().map(|t| &t.label).collect::<Vec<_>>(),
                "points": axis.ticks.iter().map(|t| t.points).collect::<Vec<_>>(),
            }),
        );
    }
    let mut coefficients = Map::new();
    coefficients.insert("Intercept".to_owned(), json!(fit.intercept.coefficient));
    for c in &fit.coefficients {
        let name = match &c.level {
            Some(level) => format!("{}={level}", c.term),
            None => c.term.clone(),
        };
        coefficients.insert(name, json!(c.coefficient));
    }
    Ok(json!({
        "axes": axes,
        "total_points": nomogram.total_points,
        "coefficients": coefficients,
    }))
}
