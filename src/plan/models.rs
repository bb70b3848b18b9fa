//! Signatures, models and cut-offs: what is learned from data, and on which patients.

use serde::{Deserialize, Serialize};

use super::Comparison;

/// A score learned by a learner from many features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    pub label: String,
    pub from: Predictors,
    pub outcome: String,
    pub fit_on: String,
    /// Steps of selection, in order.
    pub selection: Vec<SignatureSelection>,
    pub learner: Learner,
    pub tuning: Option<Tuning>,
    pub training_scores: TrainingScores,
}

/// What a signature is learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predictors {
    /// A feature table, all its features.
    Features(String),
    /// Columns, derived values, scores or risk groups.
    Values(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureSelection {
    /// Only the features that a repeatability statement keeps.
    Keep {
        repeatability: String,
    },
    Mrmr {
        count: usize,
        quotient: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Learner {
    RandomForest(ForestGrid),
    /// The elastic net: `alpha` 1 is the lasso, 0 ridge.
    PenalisedLogistic {
        alpha: Vec<f64>,
        lambda: Vec<f64>,
    },
    /// `gamma` is the radial kernel's; 0 is the linear kernel.
    SupportVectorMachine {
        cost: Vec<f64>,
        gamma: Vec<f64>,
    },
    GradientBoostedTrees {
        trees: Vec<usize>,
        max_depth: Vec<usize>,
        learning_rate: Vec<f64>,
        min_leaf: Vec<usize>,
    },
    NearestNeighbours {
        neighbours: Vec<usize>,
    },
    NaiveBayes,
}

impl Learner {
    /// Is there more than one setting to choose from?
    pub fn is_choice(&self) -> bool {
        let counts: &[usize] = match self {
            Self::RandomForest(grid) => &[
                grid.trees.len(),
                grid.max_depth.len(),
                grid.features_per_split.len(),
                grid.min_leaf.len(),
            ],
            Self::PenalisedLogistic { alpha, lambda } => &[alpha.len(), lambda.len()],
            Self::SupportVectorMachine { cost, gamma } => &[cost.len(), gamma.len()],
            Self::GradientBoostedTrees {
                trees,
                max_depth,
                learning_rate,
                min_leaf,
            } => &[
                trees.len(),
                max_depth.len(),
                learning_rate.len(),
                min_leaf.len(),
            ],
            Self::NearestNeighbours { neighbours } => &[neighbours.len()],
            Self::NaiveBayes => &[],
        };
        counts.iter().any(|count| *count > 1)
    }

    /// Its name in a sentence.
    pub fn phrase(&self) -> &'static str {
        match self {
            Self::RandomForest(_) => "Random forest",
            Self::PenalisedLogistic { .. } => "Penalised logistic regression",
            Self::SupportVectorMachine { .. } => "Support vector machine",
            Self::GradientBoostedTrees { .. } => "Gradient-boosted trees",
            Self::NearestNeighbours { .. } => "Nearest neighbours",
            Self::NaiveBayes => "Naive Bayes",
        }
    }
}

/// The values to try; one value each means no tuning is needed. `max_depth` 0 stands for no limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForestGrid {
    pub trees: Vec<usize>,
    pub max_depth: Vec<usize>,
    pub features_per_split: Vec<usize>,
    pub min_leaf: Vec<usize>,
}

/// Grid search by the mean area under the curve over stratified folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    pub folds: usize,
}

/// What stands for the scores of the patients on whom the signature was fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingScores {
    /// Predictions of the final learner on its own training patients: optimistic.
    Apparent,
    /// Each patient by the trees that did not see the patient.
    OutOfBag,
}

/// A logistic regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub label: String,
    pub outcome: String,
    pub fit_on: String,
    pub candidates: Candidates,
    pub screen: Option<Screen>,
    pub selection: Option<Selection>,
}

/// A model locked in a file: a score that nothing in this study was fitted for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FromFile {
    pub label: String,
    /// As written in the study: relative to the folder of the study file.
    pub file: String,
    /// The columns that it needs, which have the same names here.
    pub values: Vec<String>,
}

/// The terms that a model starts from, in order: columns, derived values, scores, risk groups, and the terms that
/// other models ended with (`terms_of`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidates {
    pub values: Vec<String>,
    pub terms_of: Vec<String>,
}

/// Candidates whose univariable p value meets this stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    pub comparison: Comparison,
    pub p: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    pub direction: SelectionDirection,
    pub criterion: SelectionCriterion,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectionDirection {
    Backward,
    Forward,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectionCriterion {
    Aic,
    Bic,
}

/// A risk group, `low` or `high`: high is a score at or above the cut-off. It is a category like any other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cutoff {
    pub label: String,
    /// A signature, a model, a number column or an ordered category.
    pub score: String,
    pub rule: CutoffRule,
    /// None where the rule learns nothing (a given value).
    pub fit_on: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoffRule {
    /// The observed score with the largest sensitivity + specificity − 1 for `outcome`.
    Youden {
        outcome: String,
    },
    Value(f64),
    Median,
    Quantile(f64),
    /// The highest cut-off with at least this sensitivity for `outcome`.
    Sensitivity {
        at_least: f64,
        outcome: String,
    },
    /// The lowest cut-off with at least this specificity for `outcome`.
    Specificity {
        at_least: f64,
        outcome: String,
    },
}
