//! The selection of a signature's features, in the order of the study: those that are repeatable, then those that say
//! most about the outcome and least of each other.

use serde::Serialize;

use crate::engine::{Input, Inputs};
use crate::learning::{self, LearningError, MrmrScheme, MutualInformation};
use crate::plan::{SignatureSelection, places};

use super::error::StepError;
use super::features::Features;
use super::frame::{Part, json};
use super::sources::{Fault, input, output};

/// What the selection left, step by step.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Selected {
    /// Of each step: what it did, and how many features it left.
    selection: Vec<Step>,
    /// In the order of picking; empty if no selection ranks.
    picks: Vec<Pick>,
}

#[derive(Clone, Debug, Serialize)]
struct Step {
    step: &'static str,
    left: usize,
}

#[derive(Clone, Debug, Serialize)]
struct Pick {
    feature: String,
    score: f64,
    relevance: f64,
    redundancy: f64,
}

impl Selected {
    /// The rank at which a feature was picked, from 1, and its score then.
    pub(super) fn pick(&self, feature: &str) -> Option<(usize, f64)> {
        let index = self.picks.iter().position(|pick| pick.feature == feature)?;
        Some((index + 1, self.picks[index].score))
    }
}

/// The inputs that the selection needs.
pub(super) fn inputs(selection: &[SignatureSelection]) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for step in selection {
        if let SignatureSelection::Keep { repeatability } = step {
            let name = format!("keep.{repeatability}");
            if inputs.iter().all(|known| known.name != name) {
                inputs.push(input(
                    &name,
                    output(places::repeatability(repeatability), "kept"),
                ));
            }
        }
    }
    inputs
}

/// Selects on the patients at these positions, whose outcomes are given.
pub(super) fn select(
    selection: &[SignatureSelection],
    part: &Part,
    features: &Features,
    fitting: &[usize],
    outcome: &[bool],
    inputs: &Inputs,
) -> Result<(Selected, Features), Fault> {
    let mut selected = Selected::default();
    let mut left = features.clone();
    for step in selection {
        let word = match step {
            SignatureSelection::Keep { repeatability } => {
                let kept: Vec<String> = json(inputs, &format!("keep.{repeatability}"))?;
                let names: Vec<String> = left
                    .names
                    .iter()
                    .filter(|name| kept.contains(name))
                    .cloned()
                    .collect();
                if names.is_empty() {
                    let problem = format!(
                        "none of its {} features is kept by `{repeatability}`",
                        left.names.len()
                    );
                    let hint = "lower the coefficient that `keep when icc > …` asks for, or look at the repeated readings";
                    return Err(StepError::of(&part.name, problem, Some(hint.to_owned())).into());
                }
                left = left.only(&names);
                "keep"
            }
            SignatureSelection::Mrmr { count, quotient } => {
                let scheme = if *quotient {
                    MrmrScheme::Quotient
                } else {
                    MrmrScheme::Difference
                };
                let picked = learning::mrmr(
                    &left.matrix(fitting),
                    outcome,
                    *count,
                    scheme,
                    MutualInformation::Correlation,
                )
                .map_err(|error| match error {
                    LearningError::TooManyFeatures { asked, available, .. } => StepError::of(
                        &part.name,
                        format!("`select mrmr {asked}` asks for more features than are left: {available} vary between its patients"),
                        Some(format!("select {available} or fewer")),
                    ),
                    error => StepError::method(&part.name, error.describe(&left.names)),
                })?;
                selected.picks = picked
                    .order
                    .iter()
                    .enumerate()
                    .map(|(rank, column)| Pick {
                        feature: left.names[*column].clone(),
                        score: picked.score[rank],
                        relevance: picked.relevance[rank],
                        redundancy: picked.redundancy[rank],
                    })
                    .collect();
                let names: Vec<String> = selected
                    .picks
                    .iter()
                    .map(|pick| pick.feature.clone())
                    .collect();
                left = left.only(&names);
                "mrmr"
            }
        };
        selected.selection.push(Step {
            step: word,
            left: left.names.len(),
        });
    }
    Ok((selected, left))
}
