//! Why groups cannot be compared: the numbers, and a sentence for each; and the checks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The errors of comparisons of groups. Groups, rows and columns count from 0 in the data and from 1 in the sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonError {
    /// A table of counts without rows, without columns or without patients.
    EmptyTable,
    /// A row of a table of counts is not as long as the first.
    Ragged {
        row: usize,
        columns: usize,
        expected: usize,
    },
    /// Rows and columns that hold patients: both must be at least 2.
    TableTooSmall {
        rows: usize,
        columns: usize,
    },
    TooManyPatients {
        patients: u64,
        limit: u64,
    },
    TooFewGroups {
        groups: usize,
    },
    TooFewValues {
        group: usize,
        values: usize,
        needed: usize,
    },
    NotFinite {
        group: usize,
        row: usize,
    },
    /// One value for every patient of every group.
    AllTied {
        value: f64,
    },
    /// Every patient of a group has that group's value: the variances are 0.
    NoVariation {
        means: Vec<f64>,
    },
    /// One group of several has no variation of its own.
    ConstantGroup {
        group: usize,
        value: f64,
    },
    LengthsDiffer {
        first: usize,
        second: usize,
    },
    /// The groups have no level in common: their difference has no finite measure.
    NoSharedLevel,
    /// An exact distribution was asked for but two patients have the same value.
    TiesWithoutExact {
        value: f64,
    },
    /// The exact distribution is too large to be counted.
    TooLargeForExact {
        first: usize,
        second: usize,
        limit: usize,
    },
    NotProbability {
        index: usize,
        value: f64,
    },
    BadOption {
        option: String,
        value: f64,
        allowed: String,
    },
}

impl fmt::Display for ComparisonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyTable => f.write_str("the table of counts has no patients"),
            Self::Ragged {
                row,
                columns,
                expected,
            } => write!(
                f,
                "row {} of the table of counts has {columns} columns but the first has {expected}",
                row + 1
            ),
            Self::TableTooSmall { rows, columns } => write!(
                f,
                "only {rows} row(s) and {columns} column(s) of the table of counts hold patients: a comparison needs \
                 two levels and two groups that do"
            ),
            Self::TooManyPatients { patients, limit } => write!(
                f,
                "{patients} patients are too many for this test (at most {limit}): use the chi-square test"
            ),
            Self::TooFewGroups { groups } => write!(
                f,
                "{groups} group(s) cannot be compared: at least 2 are needed"
            ),
            Self::TooFewValues {
                group,
                values,
                needed,
            } => write!(
                f,
                "group {} has {values} value(s) but at least {needed} are needed",
                group + 1
            ),
            Self::NotFinite { group, row } => write!(
                f,
                "value {} of group {} is not a finite number: drop the patient first",
                row + 1,
                group + 1
            ),
            Self::AllTied { value } => write!(
                f,
                "every patient has the value {value}: there is nothing to compare"
            ),
            Self::NoVariation { means } => {
                let means: Vec<String> = means.iter().map(f64::to_string).collect();
                write!(
                    f,
                    "the values do not vary within any group (they are {}): a difference cannot be judged against \
                     their spread",
                    means.join(" and ")
                )
            }
            Self::ConstantGroup { group, value } => write!(
                f,
                "every patient of group {} has the value {value}: this test weights a group by its variance, which is 0; \
                 use the Kruskal–Wallis test or leave the group out",
                group + 1
            ),
            Self::LengthsDiffer { first, second } => write!(
                f,
                "the first list has {first} entries and the second {second}: they must describe the same levels or \
                 patients"
            ),
            Self::NoSharedLevel => f.write_str(
                "the groups have no level in common: the standardized difference is infinite",
            ),
            Self::TiesWithoutExact { value } => write!(
                f,
                "several patients have the value {value}: the exact test needs values without ties; use the \
                 asymptotic one, which corrects for them"
            ),
            Self::TooLargeForExact {
                first,
                second,
                limit,
            } => write!(
                f,
                "groups of {first} and {second} patients are too large for the exact distribution (at most {limit} \
                 each): use the asymptotic test"
            ),
            Self::NotProbability { index, value } => write!(
                f,
                "p value {} is {value}, but must be from 0 to 1",
                index + 1
            ),
            Self::BadOption {
                option,
                value,
                allowed,
            } => write!(f, "{option} is {value}, but must be {allowed}"),
        }
    }
}

impl std::error::Error for ComparisonError {}

/// Every value of the group is finite and there are at least `needed`.
pub(super) fn check_group(
    group: usize,
    values: &[f64],
    needed: usize,
) -> Result<(), ComparisonError> {
    if values.len() < needed {
        return Err(ComparisonError::TooFewValues {
            group,
            values: values.len(),
            needed,
        });
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(row) => Err(ComparisonError::NotFinite { group, row }),
        None => Ok(()),
    }
}

/// An option that must lie strictly between 0 and 1.
pub(super) fn check_confidence_level(value: f64) -> Result<(), ComparisonError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(ComparisonError::BadOption {
            option: "the confidence level".to_owned(),
            value,
            allowed: "between 0 and 1".to_owned(),
        })
    }
}
