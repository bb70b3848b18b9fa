//! Adapters of Cox regression.

use serde_json::{Map, Value, json};

use super::super::super::case::{Case, CaseError, malformed};
use super::super::super::formula::Response;
use super::super::super::table::{Table, coefficient_names};
use super::{Patients, expected_times, patients_of};
use crate::statistics::Design;
use crate::survival::{self, ChiSquaredTest, CoxFit, CoxOptions, SurvivalError, Ties};

/// The patients and the design that `data.formula` names; strata apart.
struct Model {
    patients: Patients,
    design: Design,
    strata: Option<Vec<usize>>,
}

impl Model {
    fn read(case: &Case) -> Result<Self, CaseError> {
        Self::read_from(case, case.table()?)
    }

    fn read_from(case: &Case, table: Table) -> Result<Self, CaseError> {
        let formula = case.formula()?;
        let Response::Survival { time, event } = &formula.response else {
            return Err(malformed("data.formula", "`Surv(time, event) ~ …`"));
        };
        let others: Vec<&str> = formula
            .terms
            .iter()
            .chain(&formula.strata)
            .map(String::as_str)
            .collect();
        let patients = patients_of(table, time, event, &others)?;
        let design = patients.table.design_of(case, &formula, &patients.rows)?;
        let strata = match formula.strata.first() {
            Some(name) => Some(patients.table.codes(name, &patients.rows)?.1),
            None => None,
        };
        Ok(Self {
            patients,
            design,
            strata,
        })
    }

    fn options(&self, ties: Ties, robust: bool) -> CoxOptions<'_> {
        CoxOptions {
            ties,
            strata: self.strata.as_deref(),
            weights: None,
            robust,
            level: 0.95,
        }
    }

    fn fit(&self, ties: Ties, robust: bool) -> Result<CoxFit, SurvivalError> {
        let Patients { times, events, .. } = &self.patients;
        survival::cox(times, events, &self.design, &self.options(ties, robust))
    }
}

fn coefficients<T: Into<Value>>(
    fit: &CoxFit,
    field: impl Fn(&survival::CoxCoefficient) -> T,
) -> Value {
    Value::Array(fit.coefficients.iter().map(|c| field(c).into()).collect())
}

fn chi_squared(test: &ChiSquaredTest) -> Value {
    json!([test.statistic, test.degrees_of_freedom, test.p_value])
}

fn fit_fields(fit: &CoxFit, design: &Design) -> Value {
    json!({
        "terms": coefficient_names(design),
        "coefficient": coefficients(fit, |c| c.coefficient),
        "hazard_ratio": coefficients(fit, |c| c.hazard_ratio),
        "standard_error": coefficients(fit, |c| c.standard_error),
        "robust_standard_error": coefficients(fit, |c| c.robust_standard_error),
        "z": coefficients(fit, |c| c.z),
        "p": coefficients(fit, |c| c.p_value),
        "ci95_low": coefficients(fit, |c| c.lower),
        "ci95_high": coefficients(fit, |c| c.upper),
        "log_likelihood": [fit.log_likelihood_null, fit.log_likelihood],
        "likelihood_ratio": chi_squared(&fit.likelihood_ratio),
        "wald": chi_squared(&fit.wald),
        "score": chi_squared(&fit.score),
        "concordance": fit.concordance.map(|c| c.concordance),
        "concordance_se": fit.concordance.map(|c| c.standard_error),
    })
}

pub(super) fn cox_regression(case: &Case) -> Result<Value, CaseError> {
    let model = Model::read(case)?;
    let Patients { times, events, .. } = &model.patients;
    let efron = model.fit(Ties::Efron, false).map_err(Case::method_error)?;
    let breslow = model
        .fit(Ties::Breslow, false)
        .map_err(Case::method_error)?;
    let options = model.options(Ties::Efron, false);
    let proportional =
        survival::proportional_hazards_test(times, events, &model.design, &options, &efron)
            .map_err(Case::method_error)?;
    let baselines = survival::baseline_hazards(times, events, &model.design, &options, &efron)
        .map_err(Case::method_error)?;
    let hazard_times = expected_times(case, "baseline_hazard_times")?;
    let hazards = hazard_times
        .iter()
        .map(|time| {
            baselines[0]
                .cumulative_hazard(0.0, *time)
                .map_err(Case::method_error)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let tests: Vec<(&str, ChiSquaredTest)> = proportional
        .terms
        .iter()
        .map(|t| (t.term.as_str(), t.test))
        .chain([("GLOBAL", proportional.global)])
        .collect();
    Ok(json!({
        "n": efron.patients,
        "efron": fit_fields(&efron, &model.design),
        "breslow": fit_fields(&breslow, &model.design),
        "cox_zph_rows": tests.iter().map(|t| t.0).collect::<Vec<_>>(),
        "cox_zph_chisq": tests.iter().map(|t| t.1.statistic).collect::<Vec<_>>(),
        "cox_zph_df": tests.iter().map(|t| t.1.degrees_of_freedom).collect::<Vec<_>>(),
        "cox_zph_p": tests.iter().map(|t| t.1.p_value).collect::<Vec<_>>(),
        "baseline_hazard_times": hazard_times,
        "baseline_cumulative_hazard": hazards,
    }))
}

pub(super) fn cox_ties(case: &Case) -> Result<Value, CaseError> {
    let model = Model::read(case)?;
    let efron = model.fit(Ties::Efron, false).map_err(Case::method_error)?;
    let breslow = model
        .fit(Ties::Breslow, false)
        .map_err(Case::method_error)?;
    let Patients { times, events, .. } = &model.patients;
    let exact = survival::cox_exact(times, events, &model.design, None, 0.95)
        .map_err(Case::method_error)?;
    Ok(json!({
        "efron": fit_fields(&efron, &model.design),
        "breslow": fit_fields(&breslow, &model.design),
        "exact_coefficient": exact.coefficients.iter().map(|c| c.coefficient).collect::<Vec<_>>(),
    }))
}

pub(super) fn cox_stratified(case: &Case) -> Result<Value, CaseError> {
    let model = Model::read(case)?;
    let fit = model.fit(Ties::Efron, false).map_err(Case::method_error)?;
    let mut result = fit_fields(&fit, &model.design);
    result["n"] = json!(fit.patients);
    Ok(result)
}

pub(super) fn cox_robust(case: &Case) -> Result<Value, CaseError> {
    let model = Model::read(case)?;
    let fit = model.fit(Ties::Efron, true).map_err(Case::method_error)?;
    Ok(fit_fields(&fit, &model.design))
}

pub(super) fn cox_prediction(case: &Case) -> Result<Value, CaseError> {
    let model = Model::read(case)?;
    let Patients { times, events, .. } = &model.patients;
    let fit = model.fit(Ties::Efron, false).map_err(Case::method_error)?;
    let options = model.options(Ties::Efron, false);
    let baselines = survival::baseline_hazards(times, events, &model.design, &options, &fit)
        .map_err(Case::method_error)?;
    let new = case.args["new_patients"]
        .as_array()
        .ok_or_else(|| malformed("args.new_patients", "a list of patients"))?;
    let mut matrix = ndarray::Array2::zeros((new.len(), model.design.columns.len()));
    for (row, patient) in new.iter().enumerate() {
        for (j, column) in model.design.columns.iter().enumerate() {
            let value = &patient[column.term.as_str()];
            matrix[[row, j]] = match &column.level {
                Some(level) => f64::from(value.as_str() == Some(level)),
                None => value.as_f64().ok_or_else(|| {
                    malformed(&format!("args.new_patients.{}", column.term), "a number")
                })?,
            };
        }
    }
    let linear = fit.linear_predictor(&matrix).map_err(Case::method_error)?;
    let predicted =
        survival::predict_survival(&baselines, &linear, None, &case.argument_list("times")?)
            .map_err(Case::method_error)?;
    // R centres a column of numbers at its mean, but neither a category nor a number that is only ever 0 or 1.
    let centre: f64 = fit
        .beta()
        .iter()
        .zip(model.design.matrix.columns())
        .filter(|(_, values)| values.iter().any(|v| *v != 0.0 && *v != 1.0))
        .fold(0.0, |sum, (beta, values)| {
            sum + beta * crate::numerics::mean(&values.to_vec())
        });
    Ok(json!({
        "linear_predictor": linear,
        "linear_predictor_centered": linear.iter().map(|l| l - centre).collect::<Vec<_>>(),
        "survival": predicted,
    }))
}

pub(super) fn cox_monotone_likelihood(case: &Case) -> Result<Value, CaseError> {
    match Model::read(case)?.fit(Ties::Efron, false) {
        Err(SurvivalError::MonotoneLikelihood { columns }) => Ok(json!({
            "r_warnings": case.expected["r_warnings"],
            "terms": columns,
        })),
        Err(error) => Err(Case::method_error(error)),
        Ok(_) => Err(CaseError::Method(
            "a finite estimate was found where there is none".to_owned(),
        )),
    }
}

pub(super) fn cox_external_validation(case: &Case) -> Result<Value, CaseError> {
    let model = Model::read(case)?;
    let fit = model.fit(Ties::Efron, false).map_err(Case::method_error)?;
    let Patients { times, events, .. } = &model.patients;
    let options = model.options(Ties::Efron, false);
    let baselines = survival::baseline_hazards(times, events, &model.design, &options, &fit)
        .map_err(Case::method_error)?;
    let new = Model::read_from(case, case.table_named("csv_validation")?)?;
    let Patients { times, events, .. } = &new.patients;
    let time = case.argument("time")?;
    let linear = fit
        .linear_predictor(&new.design.matrix)
        .map_err(Case::method_error)?;
    let predicted: Vec<f64> = survival::predict_survival(&baselines, &linear, None, &[time])
        .map_err(Case::method_error)?
        .concat();
    let result = survival::cox_external_validation(
        times,
        events,
        &linear,
        &predicted,
        time,
        Ties::Efron,
        0.95,
    )
    .map_err(Case::method_error)?;
    let names = coefficient_names(&model.design);
    let estimates: Map<String, Value> = names
        .into_iter()
        .zip(fit.beta())
        .map(|(name, beta)| (name, json!(beta)))
        .collect();
    Ok(json!({
        "coefficients": estimates,
        "linear_predictor_mean": crate::numerics::mean(&linear),
        "linear_predictor_first_five": linear.iter().take(5).collect::<Vec<_>>(),
        "concordance": result.concordance.concordance,
        "concordance_standard_error": result.concordance.standard_error,
        "calibration_slope": result.calibration_slope.coefficient,
        "calibration_slope_standard_error": result.calibration_slope.standard_error,
        "mean_predicted_survival": result.mean_predicted_survival,
        "observed_survival": result.observed_survival.survival,
    }))
}

/// Breslow ties, as the programs that have Firth's correction.
pub(super) fn cox_firth_regression(case: &Case) -> Result<Value, CaseError> {
    let model = Model::read(case)?;
    let Patients { times, events, .. } = &model.patients;
    let fit = survival::cox_firth(times, events, &model.design, None, Ties::Breslow, 0.95)
        .map_err(Case::method_error)?;
    let list = |field: fn(&survival::FirthCoefficient) -> Option<f64>| {
        fit.coefficients.iter().map(field).collect::<Vec<_>>()
    };
    Ok(json!({
        "terms": coefficient_names(&model.design),
        "coefficient": list(|c| Some(c.coefficient)),
        "standard_error": list(|c| Some(c.standard_error)),
        "ci95_low": list(|c| c.lower),
        "ci95_high": list(|c| c.upper),
        "p": list(|c| Some(c.p_value)),
        "penalized_log_likelihood": fit.log_likelihood,
    }))
}
