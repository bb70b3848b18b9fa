//! Adapters of the survival methods.

mod cox;

use serde_json::{Map, Value, json};

use super::super::case::{Case, CaseError, malformed};
use super::super::table::{Table, coefficient_names};
use super::Method;
use crate::statistics::Design;
use crate::survival::{
    self, CurveInterval, Estimand, KaplanMeier, Ties, TreatmentByGroup, WeightingOptions,
};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "kaplan_meier_curve",
        summary: "Kaplan–Meier curve, Greenwood standard error, three kinds of limits, median",
        run: kaplan_meier_curve,
    },
    Method {
        name: "kaplan_meier_log_rank",
        summary: "Kaplan–Meier curves of groups, medians, restricted means, log-rank test",
        run: kaplan_meier_log_rank,
    },
    Method {
        name: "log_rank_stratified",
        summary: "log-rank test within strata",
        run: log_rank_stratified,
    },
    Method {
        name: "restricted_mean_survival_difference",
        summary: "difference of two restricted mean survival times",
        run: restricted_mean_difference,
    },
    Method {
        name: "cox_regression",
        summary: "Cox regression, Efron and Breslow, proportional-hazards test, baseline hazard",
        run: cox::cox_regression,
    },
    Method {
        name: "cox_ties",
        summary: "Cox regression with heavy ties: Efron, Breslow, exact",
        run: cox::cox_ties,
    },
    Method {
        name: "cox_stratified",
        summary: "Cox regression with a baseline hazard a stratum",
        run: cox::cox_stratified,
    },
    Method {
        name: "cox_robust",
        summary: "Cox regression with robust variance",
        run: cox::cox_robust,
    },
    Method {
        name: "cox_prediction",
        summary: "survival that a Cox model predicts for new patients",
        run: cox::cox_prediction,
    },
    Method {
        name: "cox_monotone_likelihood",
        summary: "Cox regression without a finite estimate is refused, naming the term",
        run: cox::cox_monotone_likelihood,
    },
    Method {
        name: "cox_firth_regression",
        summary: "Cox regression with Firth's correction, profile intervals",
        run: cox::cox_firth_regression,
    },
    Method {
        name: "treatment_by_group_interaction",
        summary: "likelihood-ratio test of treatment by group",
        run: treatment_by_group_interaction,
    },
    Method {
        name: "treatment_benefit_by_group",
        summary: "medians, log-rank test and adjusted hazard ratio of treatment within groups",
        run: treatment_benefit_by_group,
    },
    Method {
        name: "cox_external_validation",
        summary: "concordance and calibration of a Cox model in other patients",
        run: cox::cox_external_validation,
    },
    Method {
        name: "maximally_selected_log_rank",
        summary: "cut-off with the largest log-rank statistic, p adjusted for the search",
        run: maximally_selected_log_rank,
    },
    Method {
        name: "time_dependent_auc",
        summary: "time-dependent AUC with inverse probability of censoring weights",
        run: time_dependent_auc,
    },
    Method {
        name: "inverse_probability_weighting",
        summary: "propensity weights, balance, weighted Cox regression",
        run: inverse_probability_weighting,
    },
];

/// The rows of a case that a survival analysis uses.
struct Patients {
    table: Table,
    rows: Vec<usize>,
    times: Vec<f64>,
    events: Vec<bool>,
}

/// A text of `data`, or the name itself where `data.inputs` holds the columns.
fn column<'a>(case: &'a Case, name: &'a str) -> &'a str {
    case.data[name].as_str().unwrap_or(name)
}

/// The patients with a value in the time, the event and the other columns named.
fn patients(case: &Case, others: &[&str]) -> Result<Patients, CaseError> {
    let (time, event) = (column(case, "time"), column(case, "event"));
    patients_of(case.table()?, time, event, others)
}

fn patients_of(
    table: Table,
    time: &str,
    event: &str,
    others: &[&str],
) -> Result<Patients, CaseError> {
    let event_column = event.split("==").next().unwrap_or(event).trim();
    let mut needed = vec![time, event_column];
    needed.extend(others);
    let rows = table.complete_rows(&needed)?;
    Ok(Patients {
        times: table.numbers(time, &rows)?,
        events: table.flags(event, &rows)?,
        rows,
        table,
    })
}

fn select<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}

/// The times at which a case's figures stand: they are part of what it expects.
fn expected_times(case: &Case, name: &str) -> Result<Vec<f64>, CaseError> {
    super::super::case::numbers(&case.expected[name])
        .ok_or_else(|| malformed(&format!("expected.{name}"), "a list of times"))
}

fn kaplan_meier_curve(case: &Case) -> Result<Value, CaseError> {
    let Patients { times, events, .. } = patients(case, &[])?;
    let curve = |interval| {
        survival::kaplan_meier(&times, &events, interval, 0.95).map_err(Case::method_error)
    };
    let limits = |c: &KaplanMeier| {
        let median = c.median();
        json!([median.lower, median.upper])
    };
    let (log, log_log, plain) = (
        curve(CurveInterval::Log)?,
        curve(CurveInterval::LogLog)?,
        curve(CurveInterval::Plain)?,
    );
    Ok(json!({
        "time": log.time,
        "at_risk": log.at_risk,
        "events": log.events,
        "censored": log.censored,
        "survival": log.survival,
        "std_error": log.standard_error,
        "loglog_low": log_log.lower,
        "loglog_high": log_log.upper,
        "log_low": log.lower,
        "log_high": log.upper,
        "plain_low": plain.lower,
        "plain_high": plain.upper,
        "median": log.median().estimate,
        "median_ci95_loglog": limits(&log_log),
        "median_ci95_log": limits(&log),
        "median_ci95_plain": limits(&plain),
    }))
}

fn kaplan_meier_log_rank(case: &Case) -> Result<Value, CaseError> {
    let group = case.text("group")?;
    let data = patients(case, &[group])?;
    let (names, codes) = data.table.codes(group, &data.rows)?;
    let test =
        survival::log_rank(&data.times, &data.events, &codes, None).map_err(Case::method_error)?;
    let at_times = expected_times(case, "at_times")?;
    let tau = case.expected["restricted_mean_at"]
        .as_f64()
        .ok_or_else(|| malformed("expected.restricted_mean_at", "a time"))?;

    let mut result = Map::new();
    let mut push = |name: &str, value: Value| {
        let list = result.entry(name).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(value);
        }
    };
    for (code, name) in names.iter().enumerate() {
        let rows: Vec<usize> = (0..codes.len()).filter(|i| codes[*i] == code).collect();
        let (times, events) = (select(&data.times, &rows), select(&data.events, &rows));
        let curve = |interval| {
            survival::kaplan_meier(&times, &events, interval, 0.95).map_err(Case::method_error)
        };
        let (log, log_log) = (curve(CurveInterval::Log)?, curve(CurveInterval::LogLog)?);
        push("groups", json!(name));
        push("n", json!(rows.len()));
        push("events", json!(events.iter().filter(|e| **e).count()));
        push("median", json!(log.median().estimate));
        push("median_ci95_log_low", json!(log.median().lower));
        push("median_ci95_log_high", json!(log.median().upper));
        push("median_ci95_loglog_low", json!(log_log.median().lower));
        push("median_ci95_loglog_high", json!(log_log.median().upper));
        for point in log_log.at(&at_times) {
            push("strata_at", json!(name));
            push("survival_at", json!(point.survival));
            push("std_error_at", json!(point.standard_error));
            push("loglog_low_at", json!(point.lower));
            push("loglog_high_at", json!(point.upper));
            push("at_risk_at", json!(point.at_risk));
        }
        let restricted =
            survival::restricted_mean(&times, &events, tau).map_err(Case::method_error)?;
        push("restricted_mean", json!(restricted.mean));
    }
    result.insert("at_times".to_owned(), json!(at_times));
    result.insert("restricted_mean_at".to_owned(), json!(tau));
    result.insert("log_rank_chi_square".to_owned(), json!(test.chi_squared));
    result.insert("log_rank_df".to_owned(), json!(test.degrees_of_freedom));
    result.insert("log_rank_p".to_owned(), json!(test.p_value));
    result.insert("log_rank_observed".to_owned(), json!(test.observed));
    result.insert("log_rank_expected".to_owned(), json!(test.expected));
    Ok(Value::Object(result))
}

fn log_rank_stratified(case: &Case) -> Result<Value, CaseError> {
    let (group, strata) = (case.text("group")?, case.text("strata")?);
    let data = patients(case, &[group, strata])?;
    let groups = data.table.codes(group, &data.rows)?.1;
    let strata = data.table.codes(strata, &data.rows)?.1;
    let test = survival::log_rank(&data.times, &data.events, &groups, Some(&strata))
        .map_err(Case::method_error)?;
    Ok(json!({ "chi_square": test.chi_squared, "p": test.p_value }))
}

fn restricted_mean_difference(case: &Case) -> Result<Value, CaseError> {
    let group = case.text("group")?;
    let data = patients(case, &[group])?;
    let second = data.table.flags(group, &data.rows)?;
    let tau = case.argument("tau")?;
    let result =
        survival::restricted_mean_difference(&data.times, &data.events, &second, tau, 0.95)
            .map_err(Case::method_error)?;
    Ok(json!({
        "restricted_mean": [result.first.mean, result.second.mean],
        "standard_error": [result.first.standard_error, result.second.standard_error],
        "difference": result.difference,
        "difference_standard_error": result.standard_error,
        "ci95": [result.lower, result.upper],
        "p": result.p_value,
    }))
}

/// What the two treatment methods read from a case.
struct Treatment {
    patients: Patients,
    treated: Vec<bool>,
    levels: Vec<String>,
    groups: Vec<usize>,
    adjust: Option<Design>,
}

impl Treatment {
    fn read(case: &Case) -> Result<Self, CaseError> {
        let adjust = case.texts("adjust")?;
        let (treatment, group) = (case.text("treatment")?, case.text("group")?);
        let mut others = vec![treatment, group];
        others.extend(adjust.iter().map(String::as_str));
        let patients = patients(case, &others)?;
        let (levels, groups) = patients.table.codes(group, &patients.rows)?;
        Ok(Self {
            treated: patients.table.flags(treatment, &patients.rows)?,
            levels,
            groups,
            adjust: if adjust.is_empty() {
                None
            } else {
                Some(patients.table.design(case, &adjust, &patients.rows)?)
            },
            patients,
        })
    }

    fn data<'a>(&'a self, case: &'a Case) -> Result<TreatmentByGroup<'a>, CaseError> {
        Ok(TreatmentByGroup {
            times: &self.patients.times,
            events: &self.patients.events,
            treatment: case.text("treatment")?,
            treated: &self.treated,
            group: case.text("group")?,
            levels: &self.levels,
            groups: &self.groups,
            adjust: self.adjust.as_ref(),
            ties: Ties::Efron,
            level: 0.95,
        })
    }
}

fn treatment_by_group_interaction(case: &Case) -> Result<Value, CaseError> {
    let treatment = Treatment::read(case)?;
    let result =
        survival::treatment_interaction(&treatment.data(case)?).map_err(Case::method_error)?;
    Ok(json!({
        "likelihood_ratio": result.likelihood_ratio.statistic,
        "df": result.likelihood_ratio.degrees_of_freedom,
        "p": result.likelihood_ratio.p_value,
        "interaction_coefficient":
            result.products.iter().map(|p| p.coefficient).collect::<Vec<_>>(),
    }))
}

fn treatment_benefit_by_group(case: &Case) -> Result<Value, CaseError> {
    let treatment = Treatment::read(case)?;
    let groups = survival::treatment_benefit(&treatment.data(case)?, CurveInterval::LogLog)
        .map_err(Case::method_error)?;
    let (group, name) = (case.text("group")?, case.text("treatment")?);
    let figures = groups
        .iter()
        .map(|g| {
            let log_rank = g.log_rank.as_ref().map_err(Case::method_error)?;
            let mut fields = Map::new();
            fields.insert(
                group.to_owned(),
                serde_json::from_str(&g.group).unwrap_or_else(|_| json!(g.group)),
            );
            fields.insert(
                "n".to_owned(),
                json!([g.untreated.patients, g.treated.patients]),
            );
            fields.insert(
                format!("median_without_and_with_{name}"),
                json!([g.untreated.median.estimate, g.treated.median.estimate]),
            );
            fields.insert("log_rank_p".to_owned(), json!(log_rank.p_value));
            if let Some(adjusted) = &g.adjusted {
                let effect = &adjusted.as_ref().map_err(Case::method_error)?.effect;
                fields.insert(
                    "adjusted_hazard_ratio".to_owned(),
                    json!(effect.hazard_ratio),
                );
                fields.insert(
                    "adjusted_ci95".to_owned(),
                    json!([effect.lower, effect.upper]),
                );
                fields.insert("adjusted_p".to_owned(), json!(effect.p_value));
            }
            Ok(Value::Object(fields))
        })
        .collect::<Result<Vec<_>, CaseError>>()?;
    Ok(json!({ "groups": figures }))
}

fn maximally_selected_log_rank(case: &Case) -> Result<Value, CaseError> {
    let marker = case.text("marker")?;
    let data = patients(case, &[marker])?;
    let result = survival::maximally_selected_log_rank(
        &data.times,
        &data.events,
        &data.table.numbers(marker, &data.rows)?,
        case.argument("minimum_fraction")?,
        case.argument("maximum_fraction")?,
    )
    .map_err(Case::method_error)?;
    Ok(json!({
        "cutoff": result.cutoff,
        "statistic": result.statistic,
        "p_lausen_schumacher_1992": result.p_value,
        "candidate_cutoffs": result.candidates.len(),
    }))
}

fn time_dependent_auc(case: &Case) -> Result<Value, CaseError> {
    let marker = case.text("marker")?;
    let data = patients(case, &[marker])?;
    let result = survival::time_dependent_auc(
        &data.times,
        &data.events,
        &data.table.numbers(marker, &data.rows)?,
        &case.argument_list("times")?,
        0.95,
    )
    .map_err(Case::method_error)?;
    Ok(json!({
        "times": result.iter().map(|r| r.time).collect::<Vec<_>>(),
        "auc": result.iter().map(|r| r.auc).collect::<Vec<_>>(),
        "standard_error": result.iter().map(|r| r.standard_error).collect::<Vec<_>>(),
        "ci95_low": result.iter().map(|r| r.lower).collect::<Vec<_>>(),
        "ci95_high": result.iter().map(|r| r.upper).collect::<Vec<_>>(),
    }))
}

fn inverse_probability_weighting(case: &Case) -> Result<Value, CaseError> {
    let (treatment, confounders) = (case.text("treatment")?, case.texts("confounders")?);
    let mut others = vec![treatment];
    others.extend(confounders.iter().map(String::as_str));
    let data = patients(case, &others)?;
    let design = data.table.design(case, &confounders, &data.rows)?;
    let result = survival::inverse_probability_weighting(
        &data.times,
        &data.events,
        &data.table.flags(treatment, &data.rows)?,
        &design,
        &WeightingOptions {
            treatment,
            estimand: Estimand::AverageTreatmentEffect,
            stabilized: case.args["stabilized"].as_bool().unwrap_or(false),
            ties: Ties::Efron,
            level: 0.95,
        },
    )
    .map_err(Case::method_error)?;
    let names = coefficient_names(&design);
    let mut propensity_terms = vec!["(Intercept)".to_owned()];
    propensity_terms.extend(names.iter().cloned());
    Ok(json!({
        "propensity_terms": propensity_terms,
        "propensity_coefficients":
            result.propensity_coefficients.iter().map(|c| c.coefficient).collect::<Vec<_>>(),
        "weight_mean": result.weight_mean,
        "weight_min": result.weight_smallest,
        "weight_max": result.weight_largest,
        "effective_sample_size":
            [result.effective_sample_size_untreated, result.effective_sample_size_treated],
        "balance_terms": names,
        "smd_before": result.balance.iter().map(|b| b.before).collect::<Vec<_>>(),
        "smd_after": result.balance.iter().map(|b| b.after).collect::<Vec<_>>(),
        "unweighted_hazard_ratio": result.unweighted.hazard_ratio,
        "hazard_ratio": result.weighted.hazard_ratio,
        "coefficient": result.weighted.coefficient,
        "robust_standard_error": result.weighted.robust_standard_error,
        "ci95": [result.weighted.lower, result.weighted.upper],
        "p": result.weighted.p_value,
    }))
}
