//! Why the agreement of readers or measurements cannot be judged: the numbers, and a sentence for each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Subjects and readers count from 0 in the data and from 1 in the sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementError {
    TooFewSubjects {
        subjects: usize,
    },
    TooFewReaders {
        readers: usize,
    },
    NotFinite {
        subject: usize,
        reader: usize,
    },
    /// Every reading has this value.
    AllEqual {
        value: f64,
    },
    /// The means of the subjects are equal although the readings of each differ.
    SubjectsAlike,
    /// The coefficient of one reading is so negative that the mean of several has none.
    AverageNotDefined {
        single: f64,
    },
    LengthsDiffer {
        first: usize,
        second: usize,
    },
    /// Rows and columns of a table of two readers are the same levels.
    NotSquare {
        levels: usize,
        row: usize,
        columns: usize,
    },
    NoReadings,
    LevelOutOfRange {
        subject: usize,
        level: usize,
        levels: usize,
    },
    /// Both readers gave one and the same level to everybody.
    OneLevel {
        level: usize,
    },
    BadOption {
        option: String,
        value: f64,
        allowed: String,
    },
}

impl fmt::Display for AgreementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewSubjects { subjects } => write!(
                f,
                "{subjects} subject(s) read by all are too few: agreement needs at least 2"
            ),
            Self::TooFewReaders { readers } => write!(
                f,
                "{readers} reading(s) of each subject are too few: agreement needs at least 2"
            ),
            Self::NotFinite { subject, reader } => write!(
                f,
                "reading {} of subject {} is not a finite number: leave the subject out",
                reader + 1,
                subject + 1
            ),
            Self::AllEqual { value } => write!(
                f,
                "every reading is {value}: without differences between subjects agreement is not defined"
            ),
            Self::SubjectsAlike => f.write_str(
                "the subjects have the same mean: without differences between them agreement is not defined",
            ),
            Self::AverageNotDefined { single } => write!(
                f,
                "the readings of a subject differ more than subjects do (a coefficient of {single:.2} for one reading): \
                 the agreement of mean readings is not defined"
            ),
            Self::LengthsDiffer { first, second } => write!(
                f,
                "the first reader has {first} readings and the second {second}: each subject needs one of each"
            ),
            Self::NotSquare {
                levels,
                row,
                columns,
            } => write!(
                f,
                "row {} of the table has {columns} columns, but the {levels} levels of the first reader must be those \
                 of the second",
                row + 1
            ),
            Self::NoReadings => f.write_str("the table of the two readers is empty"),
            Self::LevelOutOfRange {
                subject,
                level,
                levels,
            } => write!(
                f,
                "subject {} has level {level}, but the {levels} levels count from 0",
                subject + 1
            ),
            Self::OneLevel { level } => write!(
                f,
                "both readers gave level {} to every subject: agreement beyond chance is not defined",
                level + 1
            ),
            Self::BadOption {
                option,
                value,
                allowed,
            } => write!(f, "{option} is {value}, but must be {allowed}"),
        }
    }
}

impl std::error::Error for AgreementError {}

/// An option that must lie strictly between 0 and 1.
pub(super) fn check_confidence_level(value: f64) -> Result<(), AgreementError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(AgreementError::BadOption {
            option: "the confidence level".to_owned(),
            value,
            allowed: "between 0 and 1".to_owned(),
        })
    }
}
