//! Uni- and multivariable Cox regression of one endpoint.

use serde::Serialize;

use crate::engine::{Input, Inputs, Outputs, Step};
use crate::plan::{Comparison, CoxRegression, Screen, places};
use crate::statistics::{Design, Predictor};
use crate::survival::{self, CoxFit, CoxOptions, Ties};

use super::endpoint::{SurvivalPatients, survival_source};
use super::error::StepError;
use super::frame::Part;
use super::sources::{Fault, Make, Sources, input};

#[derive(Serialize)]
struct Regression {
    n: usize,
    events: usize,
    excluded: usize,
    candidates: Vec<Candidate>,
    multivariable: Option<Multivariable>,
}

#[derive(Serialize)]
struct Candidate {
    value: String,
    reference: Option<String>,
    univariable: Side,
    multivariable: Option<Side>,
}

#[derive(Serialize)]
struct Side {
    n: usize,
    /// Wald's for one column, the likelihood ratio's for several.
    p: f64,
    columns: Vec<Column>,
}

#[derive(Serialize)]
struct Column {
    level: Option<String>,
    coefficient: f64,
    standard_error: f64,
    hazard_ratio: f64,
    lower: f64,
    upper: f64,
    p: f64,
}

#[derive(Serialize)]
struct Multivariable {
    n: usize,
    events: usize,
    terms: Vec<String>,
    log_likelihood: f64,
    likelihood_ratio_p: f64,
    concordance: Option<f64>,
    concordance_standard_error: Option<f64>,
    proportional_hazards: ProportionalHazards,
}

#[derive(Serialize)]
struct ProportionalHazards {
    terms: Vec<Test>,
    global: Test,
}

#[derive(Serialize)]
struct Test {
    term: String,
    chi_squared: f64,
    degrees_of_freedom: usize,
    p: f64,
}

pub(super) fn step(sources: &Sources, name: &str, analysis: &CoxRegression) -> Step {
    let mut inputs = vec![
        input("survival", survival_source(&analysis.endpoint)),
        input("set", sources.set(&analysis.on)),
    ];
    inputs.extend(sources.values(
        analysis.candidates.iter().map(String::as_str),
        Sources::completed,
    ));
    let declared = inputs.clone();
    let part = Part::new(sources.plan, format!("cox {name}"));
    let level = 1.0 - sources.plan.study.alpha;
    let candidates = analysis.candidates.clone();
    let screen = analysis.screen.clone();
    Make {
        id: places::cox(name),
        kind: "cox_regression",
        version: 1,
        parameters: serde_json::json!({
            "candidates": &candidates,
            "screen": &screen,
            "confidence_level": level,
            "missing": part.missing,
        }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        run(
            &candidates,
            screen.as_ref(),
            &part,
            level,
            inputs,
            &declared,
        )
    })
}

/// Cox regression as the report does it: Efron's ties, Wald's intervals.
pub(super) fn options(level: f64) -> CoxOptions<'static> {
    CoxOptions {
        ties: Ties::Efron,
        strata: None,
        weights: None,
        robust: false,
        level,
    }
}

fn run(
    candidates: &[String],
    screen: Option<&Screen>,
    part: &Part,
    level: f64,
    inputs: &Inputs,
    declared: &[Input],
) -> Result<Outputs, Fault> {
    let names: Vec<&str> = candidates.iter().map(String::as_str).collect();
    let patients = SurvivalPatients::read(inputs, declared, part, &names)?;
    let predictors = patients.frame.predictors(part, &names, &patients.rows)?;
    let design = Design::new(patients.rows.len(), &predictors);
    let (times, events) = (&patients.times, &patients.events);
    let options = options(level);

    let mut failures = Vec::new();
    let mut alone = Vec::new();
    for term in survival::cox_univariable(times, events, &design, &options) {
        match term.fit {
            Ok(fit) => alone.push(fit),
            Err(error) => {
                let place = format!("{}, `{}` alone", part.name, term.term);
                failures.push(StepError::method(place, error));
            }
        }
    }
    if let Some(error) = StepError::all(failures) {
        return Err(error.into());
    }
    let entered: Vec<usize> = (0..alone.len())
        .filter(|term| screen.is_none_or(|screen| passes(screen, p_value(&alone[*term]))))
        .collect();
    let multivariable = if entered.is_empty() {
        None
    } else {
        let design = design.select(&entered);
        let fit = survival::cox(times, events, &design, &options).map_err(|error| {
            StepError::method(format!("{}, multivariable model", part.name), error)
        })?;
        Some((fit, design))
    };
    let listed = predictors
        .iter()
        .zip(&alone)
        .map(|(predictor, fit)| Candidate {
            value: predictor.name().to_owned(),
            reference: match predictor {
                Predictor::Category { levels, .. } => levels.first().cloned(),
                Predictor::Number { .. } => None,
            },
            univariable: side(predictor.name(), fit, p_value(fit)),
            multivariable: multivariable.as_ref().and_then(|(fit, _)| {
                let test = fit
                    .terms
                    .iter()
                    .find(|term| term.term == predictor.name())?;
                Some(side(predictor.name(), fit, test.test.p_value))
            }),
        })
        .collect();
    let multivariable = multivariable
        .map(|(fit, design)| {
            let hazards =
                survival::proportional_hazards_test(times, events, &design, &options, &fit)
                    .map_err(|error| {
                        StepError::method(format!("{}, proportional hazards", part.name), error)
                    })?;
            Ok::<_, StepError>(summary(&fit, hazards))
        })
        .transpose()?;
    let mut outputs = Outputs::new();
    outputs.json(
        "result",
        &Regression {
            n: patients.rows.len(),
            events: patients.event_count(),
            excluded: patients.excluded,
            candidates: listed,
            multivariable,
        },
    )?;
    Ok(outputs)
}

/// The p value of a term alone: Wald's for one column, the likelihood ratio's for several.
fn p_value(fit: &CoxFit) -> f64 {
    match fit.coefficients.as_slice() {
        [only] => only.p_value,
        _ => fit.likelihood_ratio.p_value,
    }
}

fn passes(screen: &Screen, p: f64) -> bool {
    match screen.comparison {
        Comparison::LessOrEqual => p <= screen.p,
        _ => p < screen.p,
    }
}

fn side(term: &str, fit: &CoxFit, p: f64) -> Side {
    Side {
        n: fit.patients,
        p,
        columns: fit
            .coefficients
            .iter()
            .filter(|column| column.term == term)
            .map(|column| Column {
                level: column.level.clone(),
                coefficient: column.coefficient,
                standard_error: column.standard_error,
                hazard_ratio: column.hazard_ratio,
                lower: column.lower,
                upper: column.upper,
                p: column.p_value,
            })
            .collect(),
    }
}

fn summary(fit: &CoxFit, hazards: survival::ProportionalHazards) -> Multivariable {
    let test = |term: &str, test: &survival::ChiSquaredTest| Test {
        term: term.to_owned(),
        chi_squared: test.statistic,
        degrees_of_freedom: test.degrees_of_freedom,
        p: test.p_value,
    };
    Multivariable {
        n: fit.patients,
        events: fit.events,
        terms: fit.terms.iter().map(|term| term.term.clone()).collect(),
        log_likelihood: fit.log_likelihood,
        likelihood_ratio_p: fit.likelihood_ratio.p_value,
        concordance: fit.concordance.as_ref().map(|c| c.concordance),
        concordance_standard_error: fit.concordance.as_ref().map(|c| c.standard_error),
        proportional_hazards: ProportionalHazards {
            terms: hazards
                .terms
                .iter()
                .map(|t| test(&t.term, &t.test))
                .collect(),
            global: test("global", &hazards.global),
        },
    }
}
