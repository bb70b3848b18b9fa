//! Why something cannot be learned from these data: the numbers, and a sentence for each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The errors of the learning methods. Patients and features count from 0 in the data and from 1 in the sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "error")]
pub enum LearningError {
    NoPatients,
    NoFeatures,
    /// `what` (the outcome, the batch) has another number of entries than there are patients.
    LengthsDiffer {
        what: String,
        expected: usize,
        found: usize,
    },
    /// What is given to a fitted method has another number of columns than what it was fitted on.
    ColumnsDiffer {
        what: String,
        expected: usize,
        found: usize,
    },
    NotFinite {
        feature: usize,
        patient: usize,
        value: String,
    },
    CovariateNotFinite {
        covariate: usize,
        patient: usize,
    },
    /// Nobody, or everybody, has the event.
    OneClass {
        patients: usize,
        events: usize,
    },
    /// No feature varies between the patients.
    AllFeaturesConstant {
        features: usize,
    },
    /// More features are asked for than there are (that vary).
    TooManyFeatures {
        option: String,
        asked: usize,
        available: usize,
    },
    /// A class, `event` or `no event`, has fewer patients than there are folds.
    TooFewForFolds {
        class: String,
        patients: usize,
        folds: usize,
    },
    /// An option outside what is allowed (`trees`, 0, `at least 1`).
    BadOption {
        option: String,
        value: f64,
        allowed: String,
    },
    /// A grid without a value for one of its options.
    EmptyGrid {
        option: String,
    },
    /// The forest was grown from other patients or with another random stream.
    OtherForest {
        tree: usize,
    },
    /// Harmonisation needs two batches.
    OneBatch {
        batch: String,
    },
    /// A batch needs two patients for a variance.
    SmallBatch {
        batch: String,
        patients: usize,
    },
    /// The batch was not among the patients on whom the harmonisation was fitted.
    UnseenBatch {
        batch: String,
        patient: usize,
        fitted: Vec<String>,
    },
    /// The reference batch has no patients.
    NoReferenceBatch {
        batch: String,
        fitted: Vec<String>,
    },
    /// The covariate is a combination of the batches and the covariates before it.
    Confounded {
        covariate: usize,
    },
    /// Fewer than two features can be harmonised: nothing can be shared between them.
    TooFewToHarmonise {
        features: usize,
    },
    NotConverged {
        iterations: usize,
        batch: String,
    },
    /// An optimisation did not reach its end.
    NotSolved {
        learner: String,
        iterations: usize,
    },
    /// The regression inside a learner refused.
    Regression {
        reason: String,
    },
}

impl LearningError {
    /// The sentence, with the features called by `names`; a feature beyond them is called by its number.
    pub fn describe(&self, names: &[String]) -> String {
        let feature = |index: usize| match names.get(index) {
            Some(name) => format!("`{name}`"),
            None => format!("feature {}", index + 1),
        };
        match self {
            Self::NoPatients => "there are no patients: nothing can be learned".to_owned(),
            Self::NoFeatures => "there are no features: nothing can be learned from".to_owned(),
            Self::LengthsDiffer {
                what,
                expected,
                found,
            } => format!(
                "{what} has {found} entries, but there are {expected} patients: give one a patient"
            ),
            Self::ColumnsDiffer {
                what,
                expected,
                found,
            } => format!(
                "{found} {what} are given, but the fit used {expected}: give the same columns, in the same order"
            ),
            Self::NotFinite {
                feature: index,
                patient,
                value,
            } => format!(
                "{} of patient {} is {value}: exclude the patient or impute the value first",
                feature(*index),
                patient + 1
            ),
            Self::CovariateNotFinite { covariate, patient } => format!(
                "covariate {} of patient {} is missing or infinite: exclude the patient or impute the value first",
                covariate + 1,
                patient + 1
            ),
            Self::OneClass { patients, events } => format!(
                "{events} of {patients} patients have the event: both patients with and without it are needed"
            ),
            Self::AllFeaturesConstant { features } => format!(
                "none of the {features} features differs between the patients: nothing can be learned from them"
            ),
            Self::TooManyFeatures {
                option,
                asked,
                available,
            } => format!(
                "{option} is {asked}, but only {available} features are available: ask for {available} or fewer"
            ),
            Self::TooFewForFolds {
                class,
                patients,
                folds,
            } => {
                let advice = if *patients >= 2 {
                    format!("use {patients} folds or fewer")
                } else {
                    "stratified folds need at least 2 such patients".to_owned()
                };
                format!(
                    "{patients} patients have the outcome `{class}`, fewer than the {folds} folds: {advice}"
                )
            }
            Self::BadOption {
                option,
                value,
                allowed,
            } => format!("{option} is {value}: it must be {allowed}"),
            Self::EmptyGrid { option } => {
                format!("the grid has no value for {option}: give at least one")
            }
            Self::OtherForest { tree } => format!(
                "tree {} was not grown from these patients with this random stream: give the patients, their order \
                 and the stream that the forest was fitted with",
                tree + 1
            ),
            Self::OneBatch { batch } => {
                format!("all patients are of batch `{batch}`: there is nothing to harmonise")
            }
            Self::SmallBatch { batch, patients } => format!(
                "batch `{batch}` has {patients} patient in the fit: its variance needs at least 2; merge or exclude it"
            ),
            Self::UnseenBatch {
                batch,
                patient,
                fitted,
            } => format!(
                "patient {} is of batch `{batch}`, which was not among the patients of the fit (`{}`): its shift is \
                 unknown; exclude such patients or fit on patients of every batch",
                patient + 1,
                fitted.join("`, `")
            ),
            Self::NoReferenceBatch { batch, fitted } => format!(
                "no patient of the fit is of the reference batch `{batch}`: choose one of `{}`",
                fitted.join("`, `")
            ),
            Self::Confounded { covariate } => format!(
                "covariate {} is fixed by the batch and the covariates before it: their effects cannot be told apart; \
                 leave it out",
                covariate + 1
            ),
            Self::TooFewToHarmonise { features } => format!(
                "{features} features vary within every batch: ComBat pools what it learns over features and needs at \
                 least 2"
            ),
            Self::NotConverged { iterations, batch } => format!(
                "the estimates of batch `{batch}` still changed after {iterations} iterations: look for features with \
                 extreme values"
            ),
            Self::NotSolved {
                learner,
                iterations,
            } => format!(
                "{learner} was not solved within {iterations} iterations: use a smaller cost C or fewer features"
            ),
            Self::Regression { reason } => reason.clone(),
        }
    }
}

impl fmt::Display for LearningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe(&[]))
    }
}

impl std::error::Error for LearningError {}
