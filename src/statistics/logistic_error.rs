//! Why a logistic regression, or what is built on it, cannot be computed: the numbers, and a sentence for each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The errors of the logistic methods. Rows count from 0 in the data and from 1 in the sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogisticError {
    NoPatients,
    LengthsDiffer {
        what: String,
        expected: usize,
        found: usize,
    },
    /// Nobody, or everybody, has the event.
    OneClass {
        patients: usize,
        events: usize,
    },
    NotFinite {
        column: String,
        row: usize,
    },
    Constant {
        column: String,
        value: f64,
    },
    /// As many coefficients as patients, or more.
    TooManyCoefficients {
        coefficients: usize,
        patients: usize,
    },
    /// `column` is a linear combination of the columns `of` (and the intercept).
    Collinear {
        column: String,
        of: Vec<String>,
    },
    /// No finite maximum of the likelihood exists.
    Separated(Separation),
    NotConverged {
        iterations: usize,
        largest_gradient: f64,
    },
    /// An option outside what is allowed (`confidence level`, 1.2, `between 0 and 1`).
    BadOption {
        option: String,
        value: f64,
        allowed: String,
    },
    /// No bootstrap resample could be fitted.
    NoResampleFitted {
        resamples: usize,
    },
    /// An error of the model without or with one term, during selection.
    Term {
        term: String,
        error: Box<LogisticError>,
    },
}

/// A combination of terms that predicts the outcome of some or all patients perfectly (Albert & Anderson 1984).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Separation {
    /// The fewest terms found that separate together; where single terms do so alone, all of these.
    pub terms: Vec<String>,
    /// The columns of those terms that take part.
    pub columns: Vec<String>,
    /// Every patient's outcome is predicted (complete), or only some patients' (quasi-complete).
    pub complete: bool,
    /// How many patients' outcomes the terms predict perfectly.
    pub predicted: usize,
    pub patients: usize,
}

impl fmt::Display for LogisticError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPatients => f.write_str("there are no patients: nothing can be fitted"),
            Self::LengthsDiffer {
                what,
                expected,
                found,
            } => write!(
                f,
                "{what} has {found} values, but there are {expected} patients"
            ),
            Self::OneClass { patients, events } => write!(
                f,
                "{events} of {patients} patients have the event: the outcome must take both values"
            ),
            Self::NotFinite { column, row } => write!(
                f,
                "`{column}` is not a finite number in row {}: drop or impute the patient first",
                row + 1
            ),
            Self::Constant { column, value } => write!(
                f,
                "`{column}` is {value} in every patient: leave it out, or merge its level"
            ),
            Self::TooManyCoefficients {
                coefficients,
                patients,
            } => write!(
                f,
                "{coefficients} coefficients cannot be estimated from {patients} patients: use fewer terms, \
                 or a penalised regression"
            ),
            Self::Collinear { column, of } if of.is_empty() => {
                write!(f, "`{column}` is constant up to rounding: leave it out")
            }
            Self::Collinear { column, of } => write!(
                f,
                "`{column}` is a linear combination of {}: leave one of them out",
                quoted(of)
            ),
            Self::Separated(separation) => separation.fmt(f),
            Self::NotConverged {
                iterations,
                largest_gradient,
            } => write!(
                f,
                "no maximum of the likelihood was found in {iterations} iterations (largest gradient \
                 {largest_gradient:.1e}): terms may be nearly collinear or nearly separate the outcome"
            ),
            Self::BadOption {
                option,
                value,
                allowed,
            } => write!(f, "{option} is {value}, but must be {allowed}"),
            Self::NoResampleFitted { resamples } => write!(
                f,
                "the model could be fitted in none of {resamples} bootstrap resamples: it has too many terms \
                 for these patients"
            ),
            Self::Term { term, error } => write!(f, "`{term}`: {error}"),
        }
    }
}

impl std::error::Error for LogisticError {}

impl fmt::Display for Separation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let predict = match self.columns.as_slice() {
            [column] => format!("`{column}` predicts"),
            columns => format!("{} predict", quoted(columns)),
        };
        let (patients, predicted) = (self.patients, self.predicted);
        if self.complete {
            write!(
                f,
                "{predict} the outcome of all {patients} patients perfectly: no finite odds ratio exists. Leave the \
                 term out, or use Firth's penalised likelihood"
            )
        } else {
            write!(
                f,
                "{predict} the outcome of {predicted} of {patients} patients perfectly: no finite odds ratio exists. \
                 Merge levels, leave the term out, or use Firth's penalised likelihood"
            )
        }
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// `probability`, an option such as a confidence level, must lie strictly between 0 and 1.
pub(super) fn check_fraction(option: &str, probability: f64) -> Result<(), LogisticError> {
    if probability > 0.0 && probability < 1.0 {
        Ok(())
    } else {
        Err(LogisticError::BadOption {
            option: option.to_owned(),
            value: probability,
            allowed: "between 0 and 1".to_owned(),
        })
    }
}
