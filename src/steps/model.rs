//! A logistic regression: candidates screened and selected on one set, probabilities for every patient of the cohort.

use serde::Serialize;

use crate::data::{self, ColumnValues};
use crate::engine::{Input, Inputs, Outputs, Step};
use crate::plan::{Comparison, Model, Plan, SelectionCriterion, SelectionDirection, places};
use crate::statistics::{
    self, Coefficient, Design, InformationCriterion, Predictor, ProfileInterval, ScreenRule,
    StepwiseDirection,
};

use super::error::StepError;
use super::frame::{Frame, Part, json};
use super::model_size::{ModelSize, model_size};
use super::sources::{Fault, Make, Sources, input, output};

/// The points of the widest axis of a nomogram.
const MAXIMUM_POINTS: f64 = 100.0;

#[derive(Serialize)]
struct Fit {
    n: usize,
    events: usize,
    excluded: usize,
    candidates: Vec<Candidate>,
    /// Every model on the way of the selection.
    path: Vec<statistics::SelectionStep>,
    terms: Vec<String>,
    intercept: Coefficient,
    coefficients: Vec<Coefficient>,
    log_likelihood: f64,
    null_log_likelihood: f64,
    aic: f64,
    bic: f64,
    /// The criterion that the selection minimised: AIC unless it was BIC.
    criterion: f64,
    iterations: usize,
    size: Option<ModelSize>,
}

#[derive(Serialize)]
struct Candidate {
    value: String,
    /// The reference level of a category.
    reference: Option<String>,
    univariable: Side,
    /// None if it did not stay.
    multivariable: Option<Side>,
}

#[derive(Serialize)]
struct Side {
    n: usize,
    p: Option<f64>,
    columns: Vec<Column>,
}

/// An odds ratio with its profile-likelihood interval.
#[derive(Serialize)]
struct Column {
    level: Option<String>,
    odds_ratio: f64,
    lower: Option<f64>,
    upper: Option<f64>,
    p: f64,
}

/// The values that a model may start from: its own and, whole, those of the models whose terms it takes.
pub(super) fn candidates(plan: &Plan, model: &Model) -> Vec<String> {
    let mut names = model.candidates.values.clone();
    for other in &model.candidates.terms_of {
        for name in candidates(plan, &plan.models[other]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

pub(super) fn step(sources: &Sources, name: &str) -> Step {
    let plan = sources.plan;
    let model = plan.models[name].clone();
    let possible = candidates(plan, &model);
    let mut inputs = sources.values(possible.iter().map(String::as_str), Sources::completed);
    inputs.extend(
        sources
            .values([model.outcome.as_str()], Sources::raw)
            .into_iter()
            .filter(|outcome| inputs.iter().all(|known| known.name != outcome.name))
            .collect::<Vec<_>>(),
    );
    inputs.push(input("set", sources.set(&model.fit_on)));
    inputs.push(input("members", sources.set(&plan.cohort.name)));
    for other in &model.candidates.terms_of {
        inputs.push(Input {
            name: format!("terms.{other}"),
            source: output(places::model(other), "terms"),
        });
    }
    let declared = inputs.clone();
    let part = Part::new(plan, format!("model {name}"));
    let confidence = 1.0 - plan.study.alpha;
    Make {
        id: places::model(name),
        kind: "logistic_model",
        version: 2,
        parameters: serde_json::json!({
            "outcome": &model.outcome,
            "candidates": &model.candidates,
            "screen": &model.screen,
            "selection": &model.selection,
            "confidence_level": confidence,
            "missing": part.missing,
        }),
        seed: None,
        inputs,
    }
    .step(move |inputs| run(&model, &part, confidence, inputs, &declared))
}

fn run(
    model: &Model,
    part: &Part,
    confidence: f64,
    inputs: &Inputs,
    declared: &[Input],
) -> Result<Outputs, Fault> {
    let set: Vec<usize> = json(inputs, "set")?;
    let members: Vec<usize> = json(inputs, "members")?;
    let frame = Frame::read(inputs, declared)?;
    let mut names = model.candidates.values.clone();
    for other in &model.candidates.terms_of {
        let terms: Vec<String> = json(inputs, &format!("terms.{other}"))?;
        names.extend(
            terms
                .into_iter()
                .filter(|term| !names.contains(term))
                .collect::<Vec<_>>(),
        );
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let complete = frame.complete(
        part,
        &set,
        &[names.as_slice(), &[model.outcome.as_str()]].concat(),
    )?;
    let outcome = frame.flags(part, &model.outcome, &complete.rows)?;
    let predictors = frame.predictors(part, &names, &complete.rows)?;
    let design = Design::new(complete.rows.len(), &predictors);

    let fault = |error| StepError::method(&part.name, error);
    let rule = model.screen.as_ref().map(|screen| ScreenRule {
        p_value: screen.p,
        inclusive: screen.comparison == Comparison::LessOrEqual,
    });
    let selection = model.selection.as_ref().map(|selection| {
        let direction = match selection.direction {
            SelectionDirection::Backward => StepwiseDirection::Backward,
            SelectionDirection::Forward => StepwiseDirection::Forward,
            SelectionDirection::Both => StepwiseDirection::Both,
        };
        let criterion = match selection.criterion {
            SelectionCriterion::Aic => InformationCriterion::Aic,
            SelectionCriterion::Bic => InformationCriterion::Bic,
        };
        (direction, criterion)
    });
    let univariable =
        statistics::univariable_screen(&design, &outcome, rule, confidence).map_err(fault)?;
    let failures = univariable.iter().filter_map(|term| {
        let failure = term.failure.as_ref()?;
        Some(StepError::method(
            format!("{}, `{}` alone", part.name, term.term),
            failure,
        ))
    });
    if let Some(error) = StepError::all(failures.collect()) {
        return Err(error.into());
    }
    if univariable.iter().all(|term| !term.kept) {
        let hint = "choose a larger p in `screen univariate p < …`, or name the terms with `terms`";
        let problem = "no candidate passes the univariable screen, so there is nothing to fit";
        return Err(StepError::of(&part.name, problem, Some(hint.to_owned())).into());
    }
    let selected = statistics::screen_then_select(&design, &outcome, rule, selection, confidence)
        .map_err(fault)?;
    if selected.final_terms.is_empty() {
        let hint = "name the terms with `terms`, or leave the selection out";
        let problem = "the selection removed every candidate, so no model is left";
        return Err(StepError::of(&part.name, problem, Some(hint.to_owned())).into());
    }

    let fit = &selected.final_fit;
    let index = |term: &String| design.terms.iter().position(|known| known.name == *term);
    let last: Vec<usize> = selected.final_terms.iter().filter_map(index).collect();
    let final_design = design.select(&last);
    let profile = statistics::profile_likelihood_intervals(&final_design, &outcome, confidence)
        .map_err(fault)?;
    let mut listed = Vec::new();
    for (position, (predictor, alone)) in predictors.iter().zip(&univariable).enumerate() {
        let intervals = statistics::profile_likelihood_intervals(
            &design.select(&[position]),
            &outcome,
            confidence,
        )
        .map_err(fault)?;
        let stayed = selected.final_terms.contains(&alone.term);
        listed.push(Candidate {
            value: alone.term.clone(),
            reference: match predictor {
                Predictor::Category { levels, .. } => levels.first().cloned(),
                Predictor::Number { .. } => None,
            },
            univariable: Side {
                n: complete.rows.len(),
                p: alone.screening_p_value,
                columns: columns(&alone.term, &alone.coefficients, &intervals),
            },
            multivariable: stayed.then(|| Side {
                n: complete.rows.len(),
                p: None,
                columns: columns(&alone.term, &fit.coefficients, &profile),
            }),
        });
    }

    let used: Vec<Predictor> = last.iter().map(|term| predictors[*term].clone()).collect();
    // A model that tells no patients apart has none.
    let nomogram = statistics::nomogram(&used, fit, MAXIMUM_POINTS).ok();
    let mut outputs = Outputs::new();
    outputs.json("nomogram", &nomogram)?;
    outputs.json("terms", &selected.final_terms)?;
    outputs.json(
        "scores",
        &ColumnValues::Number(scores(&frame, &predictors, &last, fit, &members)?),
    )?;
    outputs.json(
        "fit",
        &Fit {
            n: complete.rows.len(),
            events: outcome.iter().filter(|event| **event).count(),
            excluded: complete.excluded,
            candidates: listed,
            path: selected.path.clone(),
            terms: selected.final_terms.clone(),
            intercept: fit.intercept.clone(),
            coefficients: fit.coefficients.clone(),
            log_likelihood: fit.log_likelihood,
            null_log_likelihood: fit.null_log_likelihood,
            aic: fit.aic,
            bic: fit.bic,
            criterion: match selection {
                Some((_, InformationCriterion::Bic)) => fit.bic,
                _ => fit.aic,
            },
            iterations: fit.iterations,
            size: model_size(&outcome, design.columns.len()),
        },
    )?;
    Ok(outputs)
}

fn columns(term: &str, coefficients: &[Coefficient], intervals: &[ProfileInterval]) -> Vec<Column> {
    coefficients
        .iter()
        .filter(|coefficient| coefficient.term == term)
        .map(|coefficient| {
            let interval = intervals.iter().find(|interval| {
                interval.term == coefficient.term && interval.level == coefficient.level
            });
            Column {
                level: coefficient.level.clone(),
                odds_ratio: coefficient.odds_ratio,
                lower: interval.and_then(|interval| interval.odds_ratio_low),
                upper: interval.and_then(|interval| interval.odds_ratio_high),
                p: coefficient.p_value,
            }
        })
        .collect()
}

/// The probability of every member of the cohort who has all terms; a level that no fitted patient had gives none.
fn scores(
    frame: &Frame,
    predictors: &[Predictor],
    terms: &[usize],
    fit: &statistics::LogisticRegression,
    members: &[usize],
) -> Result<Vec<Option<f64>>, Fault> {
    let used: Vec<&Predictor> = terms.iter().map(|term| &predictors[*term]).collect();
    let rows: Vec<usize> = members
        .iter()
        .copied()
        .filter(|row| {
            used.iter()
                .all(|predictor| is_scorable(frame, predictor, *row))
        })
        .collect();
    let known: Vec<Predictor> = used
        .iter()
        .map(|predictor| data::predictor_with_levels(predictor, frame.get(predictor.name()), &rows))
        .collect::<Result<_, _>>()?;
    let everybody = used
        .first()
        .map_or(0, |predictor| frame.get(predictor.name()).len());
    let mut scores = vec![None; everybody];
    for (row, probability) in rows
        .iter()
        .zip(fit.probabilities(&Design::new(rows.len(), &known))?)
    {
        scores[*row] = Some(probability);
    }
    Ok(scores)
}

fn is_scorable(frame: &Frame, predictor: &Predictor, row: usize) -> bool {
    match (predictor, frame.get(predictor.name())) {
        (Predictor::Category { levels: fitted, .. }, ColumnValues::Category { levels, codes }) => {
            codes[row].is_some_and(|code| fitted.contains(&levels[code]))
        }
        (_, values) => !values.is_missing(row),
    }
}
