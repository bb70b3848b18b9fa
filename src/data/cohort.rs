//! Who is studied: rules of exclusion, applied in order, and the counts of the flow chart.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::CohortRule;

use super::column::ColumnValues;
use super::evaluate::ExpressionError;
use super::expressions::evaluate;
use super::frame::Frame;
use super::patients::Patients;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortResult {
    /// Rows of those who stay, in the order of the patients.
    pub members: Vec<usize>,
    /// One step a rule.
    pub flow: Vec<FlowStep>,
    /// How many patients the table has.
    pub screened: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowStep {
    pub label: String,
    /// Of those who were still there.
    pub excluded: usize,
    pub remaining: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CohortError {
    /// Nobody can say whether these patients are to be excluded.
    Undecided { undecided: Vec<UndecidedRule> },
    /// Every patient is excluded.
    Empty {
        screened: usize,
        flow: Vec<FlowStep>,
    },
    Expression {
        label: String,
        error: ExpressionError,
    },
}

/// A rule whose condition is unknown for some patients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndecidedRule {
    pub label: String,
    pub patients: Patients,
    /// The values that the rule needs and these patients lack, and how many of them lack each.
    pub missing: Vec<(String, usize)>,
}

/// Applies `rules` in order to all patients of `frame`; each excludes from those whom the rules before it left. Rules
/// that are unknown for somebody are all reported; such a patient is not asked about by the rules that follow.
pub fn apply_rules(frame: &Frame<'_>, rules: &[CohortRule]) -> Result<CohortResult, CohortError> {
    let mut members: Vec<usize> = (0..frame.len()).collect();
    let mut flow = Vec::with_capacity(rules.len());
    let mut undecided = Vec::new();
    for rule in rules {
        let fail = |error| CohortError::Expression {
            label: rule.label.clone(),
            error,
        };
        let conditions = match evaluate(&rule.condition, frame, &members).map_err(fail)? {
            ColumnValues::YesNo(conditions) => conditions,
            other => {
                return Err(fail(ExpressionError::NotAsDeclared {
                    declared: "yes_no",
                    found: other.type_name(),
                }));
            }
        };
        let with = |wanted: Option<bool>| {
            members
                .iter()
                .zip(&conditions)
                .filter(move |(_, condition)| **condition == wanted)
                .map(|(row, _)| *row)
                .collect::<Vec<usize>>()
        };
        let (stay, unknown) = (with(Some(false)), with(None));
        if !unknown.is_empty() {
            let missing = rule
                .condition
                .values()
                .into_iter()
                .filter_map(|name| {
                    Some((name.to_owned(), frame.get(name)?.count_missing(&unknown)))
                })
                .filter(|(_, count)| *count > 0)
                .collect();
            undecided.push(UndecidedRule {
                label: rule.label.clone(),
                patients: frame.patients(unknown.iter().copied()),
                missing,
            });
        }
        flow.push(FlowStep {
            label: rule.label.clone(),
            excluded: members.len() - stay.len() - unknown.len(),
            remaining: stay.len(),
        });
        members = stay;
    }
    if !undecided.is_empty() {
        return Err(CohortError::Undecided { undecided });
    }
    let screened = frame.len();
    if members.is_empty() {
        return Err(CohortError::Empty { screened, flow });
    }
    Ok(CohortResult {
        members,
        flow,
        screened,
    })
}

impl CohortError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Undecided { undecided } => {
                let name = undecided.first().and_then(|rule| rule.missing.first());
                let name = name.map_or("VALUE", |(name, _)| name.as_str());
                Some(format!(
                    "complete the data, or let the study decide: `or {name} is missing` excludes these patients, `and {name} is known` keeps them"
                ))
            }
            Self::Empty { .. } => Some("check the rule that excludes the most: its comparison, its unit, or a condition that should begin with `not`".to_owned()),
            Self::Expression { error, .. } => error.hint().map(str::to_owned),
        }
    }
}

impl fmt::Display for CohortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecided { undecided } => {
                for (position, rule) in undecided.iter().enumerate() {
                    let separator = if position == 0 { "" } else { "\n" };
                    write!(
                        f,
                        "{separator}exclusion \"{}\": unknown for {}",
                        rule.label, rule.patients
                    )?;
                    for (number, (name, count)) in rule.missing.iter().enumerate() {
                        let separator = if number == 0 {
                            "; not recorded: "
                        } else {
                            ", "
                        };
                        write!(f, "{separator}{name} ({count})")?;
                    }
                }
                Ok(())
            }
            Self::Empty { screened, flow } => {
                write!(f, "no patient is left of {screened}")?;
                for (position, step) in flow.iter().enumerate() {
                    let separator = if position == 0 {
                        ": excluded are "
                    } else {
                        ", "
                    };
                    write!(f, "{separator}{} by \"{}\"", step.excluded, step.label)?;
                }
                Ok(())
            }
            Self::Expression { label, error } => write!(f, "exclusion \"{label}\": {error}"),
        }
    }
}

impl std::error::Error for CohortError {}
