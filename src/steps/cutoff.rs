//! A cut-off of a score, and the risk groups that it makes.

use serde::{Deserialize, Serialize};

use crate::data::ColumnValues;
use crate::engine::{Outputs, Step};
use crate::plan::{CutoffRule, HIGH, LOW, places};
use crate::statistics;

use super::error::StepError;
use super::frame::{Frame, Part, json};
use super::sources::{Fault, Make, Sources, input};

#[derive(Serialize, Deserialize)]
pub(super) struct Fitted {
    pub(super) cutoff: f64,
    /// Patients on whom it was found.
    n: usize,
    excluded: usize,
}

pub(super) fn step(sources: &Sources, name: &str) -> Step {
    let cutoff = sources.plan.cutoffs[name].clone();
    let outcome = match &cutoff.rule {
        CutoffRule::Youden { outcome }
        | CutoffRule::Sensitivity { outcome, .. }
        | CutoffRule::Specificity { outcome, .. } => Some(outcome.clone()),
        CutoffRule::Value(_) | CutoffRule::Median | CutoffRule::Quantile(_) => None,
    };
    let mut inputs = sources.values([cutoff.score.as_str()], Sources::raw);
    inputs.extend(sources.values(outcome.as_deref(), Sources::raw));
    let set = cutoff
        .fit_on
        .as_deref()
        .unwrap_or(&sources.plan.cohort.name);
    inputs.push(input("set", sources.set(set)));
    let declared = inputs.clone();
    let part = Part::new(sources.plan, format!("cutoff {name}"));
    Make {
        id: places::cutoff(name),
        kind: "cutoff",
        version: 1,
        parameters: serde_json::json!({ "rule": &cutoff.rule, "score": &cutoff.score, "missing": part.missing }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let set: Vec<usize> = json(inputs, "set")?;
        let frame = Frame::read(inputs, &declared)?;
        let mut needed = vec![cutoff.score.as_str()];
        needed.extend(outcome.as_deref());
        let complete = frame.complete(&part, &set, &needed)?;
        let scores = frame.score(&part, &cutoff.score, &complete.rows)?;
        let outcomes = outcome
            .as_deref()
            .map(|outcome| frame.flags(&part, outcome, &complete.rows))
            .transpose()?
            .unwrap_or_default();
        let value = find(&cutoff.rule, &outcomes, &scores).map_err(|error| StepError::method(&part.name, error))?;
        let values = frame.get(&cutoff.score);
        let known: Vec<usize> = (0..values.len()).filter(|row| !values.is_missing(*row)).collect();
        let mut codes = vec![None; values.len()];
        for (row, score) in known.iter().zip(frame.score(&part, &cutoff.score, &known)?) {
            codes[*row] = Some(usize::from(score >= value));
        }
        let mut outputs = Outputs::new();
        outputs.json(
            "value",
            &ColumnValues::Category {
                levels: vec![LOW.to_owned(), HIGH.to_owned()],
                codes,
            },
        )?;
        outputs.json(
            "cutoff",
            &Fitted {
                cutoff: value,
                n: complete.rows.len(),
                excluded: complete.excluded,
            },
        )?;
        Ok(outputs)
    })
}

fn find(rule: &CutoffRule, outcomes: &[bool], scores: &[f64]) -> Result<f64, Fault> {
    Ok(match rule {
        CutoffRule::Youden { .. } => statistics::youden_cutoff(outcomes, scores)?.cutoff,
        CutoffRule::Sensitivity { at_least, .. } => {
            statistics::sensitivity_cutoff(outcomes, scores, *at_least)?.cutoff
        }
        CutoffRule::Specificity { at_least, .. } => {
            statistics::specificity_cutoff(outcomes, scores, *at_least)?.cutoff
        }
        CutoffRule::Value(value) => *value,
        CutoffRule::Median => statistics::quantile_cutoff(scores, 0.5)?,
        CutoffRule::Quantile(probability) => statistics::quantile_cutoff(scores, *probability)?,
    })
}
