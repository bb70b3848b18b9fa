//! Why a score or a predicted probability cannot be judged: the numbers, and a sentence for each; and the checks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The errors of discrimination, calibration and cut-offs. Rows count from 0 in the data and from 1 in the sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreError {
    NoPatients,
    LengthsDiffer {
        outcomes: usize,
        scores: usize,
    },
    /// Nobody, or everybody, has the event.
    OneClass {
        patients: usize,
        events: usize,
    },
    /// A variance needs two patients with and two without the event.
    TooFew {
        events: usize,
        others: usize,
    },
    NotFinite {
        row: usize,
    },
    /// A probability outside 0 to 1, or 0 or 1 itself where a logit is needed.
    NotProbability {
        row: usize,
        value: f64,
    },
    /// The score is the same for every patient.
    AllTied {
        value: f64,
    },
    /// No cut-off gives more than chance: the score falls with the event, or not at all.
    NoUsefulCutoff,
    /// No observed cut-off reaches the sensitivity or specificity asked for; `best` is the closest.
    NotReached {
        measure: String,
        asked: f64,
        best: f64,
    },
    /// An option outside what is allowed.
    BadOption {
        option: String,
        value: f64,
        allowed: String,
    },
    /// Ties leave too few groups of risk to test.
    TooFewGroups {
        groups: usize,
    },
    /// A group has an outcome that its probabilities of 0 or 1 exclude: the statistic is infinite.
    CertainButWrong {
        group: usize,
    },
    /// The score separates the outcome perfectly: the slope is infinite.
    Separated,
    NotConverged,
}

impl fmt::Display for ScoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPatients => f.write_str("there are no patients: nothing can be evaluated"),
            Self::LengthsDiffer { outcomes, scores } => write!(
                f,
                "{outcomes} outcomes but {scores} scores: each patient needs one of each"
            ),
            Self::OneClass { patients, events } => write!(
                f,
                "{events} of {patients} patients have the event: patients with and without it are needed"
            ),
            Self::TooFew { events, others } => write!(
                f,
                "{events} patients with and {others} without the event: a variance needs at least 2 of each"
            ),
            Self::NotFinite { row } => write!(
                f,
                "the score is not a finite number in row {}: drop the patient first",
                row + 1
            ),
            Self::NotProbability { row, value } => write!(
                f,
                "{value} in row {} is not a probability that can be used here (0 to 1; for a logit strictly \
                 between)",
                row + 1
            ),
            Self::AllTied { value } => write!(
                f,
                "the score is {value} for every patient: it cannot divide or order them"
            ),
            Self::NoUsefulCutoff => f.write_str(
                "no cut-off does better than chance: higher scores do not go with the event; is the score reversed?",
            ),
            Self::NotReached {
                measure,
                asked,
                best,
            } => write!(
                f,
                "no observed cut-off has a {measure} of at least {asked}: the largest is {best:.3}"
            ),
            Self::BadOption {
                option,
                value,
                allowed,
            } => write!(f, "{option} is {value}, but must be {allowed}"),
            Self::TooFewGroups { groups } => write!(
                f,
                "the predicted probabilities form {groups} groups: at least 3 are needed, so there are too many ties"
            ),
            Self::CertainButWrong { group } => write!(
                f,
                "in group {} every probability is 0 or 1 and an outcome contradicts them: the statistic is infinite",
                group + 1
            ),
            Self::Separated => f.write_str(
                "the score separates patients with and without the event perfectly: no finite slope exists",
            ),
            Self::NotConverged => f.write_str("the recalibration model did not converge"),
        }
    }
}

impl std::error::Error for ScoreError {}

/// Outcomes and finite scores of the same patients, both classes present. Gives the numbers with and without event.
pub(super) fn check_scores(outcome: &[bool], score: &[f64]) -> Result<(usize, usize), ScoreError> {
    if outcome.is_empty() && score.is_empty() {
        return Err(ScoreError::NoPatients);
    }
    if outcome.len() != score.len() {
        return Err(ScoreError::LengthsDiffer {
            outcomes: outcome.len(),
            scores: score.len(),
        });
    }
    if let Some(row) = score.iter().position(|s| !s.is_finite()) {
        return Err(ScoreError::NotFinite { row });
    }
    let events = outcome.iter().filter(|y| **y).count();
    if events == 0 || events == outcome.len() {
        return Err(ScoreError::OneClass {
            patients: outcome.len(),
            events,
        });
    }
    Ok((events, outcome.len() - events))
}

/// As `check_scores`, and every score is a probability from 0 to 1.
pub(super) fn check_probabilities(
    outcome: &[bool],
    probability: &[f64],
) -> Result<(usize, usize), ScoreError> {
    let counts = check_scores(outcome, probability)?;
    match probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(row) => Err(ScoreError::NotProbability {
            row,
            value: probability[row],
        }),
        None => Ok(counts),
    }
}

/// An option that must lie strictly between 0 and 1.
pub(super) fn check_between(option: &str, value: f64) -> Result<(), ScoreError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(ScoreError::BadOption {
            option: option.to_owned(),
            value,
            allowed: "between 0 and 1".to_owned(),
        })
    }
}
