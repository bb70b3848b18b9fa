//! Learners of a binary outcome behind one interface: settings, a fit on some patients, a score for any patient.
//!
//! | learner | score | features |
//! |---|---|---|
//! | random forest | probability | as they are |
//! | penalised logistic regression | probability | standardised |
//! | support vector machine | decision value: above 0 predicts the event; not a probability | standardised |
//! | gradient-boosted trees | probability | as they are |
//! | k nearest neighbours | share of events among the neighbours | standardised |
//! | naive Bayes | probability, as a rule too near 0 or 1 | as they are |
//!
//! Standardised is z with mean and standard deviation of the fitted patients (`fit_zscore`); features constant over them
//! are dropped. Missing values: an error that names patient and feature. Only the forest draws at random.

mod gradient_boosting;
mod naive_bayes;
mod nearest_neighbors;
mod search;
mod support_vector_machine;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::numerics::{Random, exp};
use crate::statistics::{Design, Predictor, penalized_logistic_regression};

use super::LearningError;
use super::random_forest::{ForestSettings, RandomForest, check_data, random_forest};
use super::zscore::{ZScore, fit_zscore};

pub use gradient_boosting::{BoostedTrees, BoostingSettings, gradient_boosting};
pub use naive_bayes::{NaiveBayes, naive_bayes};
pub use nearest_neighbors::{NearestNeighbors, nearest_neighbors};
pub use search::{LearnerGrid, LearnerPoint, LearnerSearch, learner_grid_search};
pub use support_vector_machine::{
    Kernel, SupportVectorMachine, SupportVectorSettings, support_vector_machine,
};

/// One setting of one learner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearnerSettings {
    RandomForest(ForestSettings),
    PenalizedLogistic(PenaltySettings),
    SupportVectorMachine(SupportVectorSettings),
    GradientBoosting(BoostingSettings),
    NearestNeighbors { neighbors: usize },
    NaiveBayes,
}

/// The elastic net: `alpha` 1 is the lasso, 0 ridge; `lambda` is the strength, on the scale of glmnet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PenaltySettings {
    pub alpha: f64,
    pub lambda: f64,
}

/// A penalised logistic regression on standardised features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PenalizedLogistic {
    pub intercept: f64,
    /// One for each feature that the standardisation keeps.
    pub coefficients: Vec<f64>,
}

/// A fitted learner: plain data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedLearner {
    pub settings: LearnerSettings,
    pub features: usize,
    /// Of the learners that see standardised features.
    pub standardization: Option<ZScore>,
    pub model: LearnedModel,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearnedModel {
    RandomForest(RandomForest),
    PenalizedLogistic(PenalizedLogistic),
    SupportVectorMachine(SupportVectorMachine),
    GradientBoosting(BoostedTrees),
    NearestNeighbors(NearestNeighbors),
    NaiveBayes(NaiveBayes),
}

/// Fits one setting of a learner. Needs patients with and without the event, and a feature that varies.
pub fn fit_learner(
    features: &Array2<f64>,
    outcome: &[bool],
    settings: &LearnerSettings,
    random: &Random,
) -> Result<FittedLearner, LearningError> {
    check_data(features, outcome)?;
    let standardization = match settings {
        LearnerSettings::PenalizedLogistic(_)
        | LearnerSettings::SupportVectorMachine(_)
        | LearnerSettings::NearestNeighbors { .. } => Some(fit_zscore(features)?),
        LearnerSettings::RandomForest(_)
        | LearnerSettings::GradientBoosting(_)
        | LearnerSettings::NaiveBayes => None,
    };
    let standardized = standardization
        .as_ref()
        .map(|z| z.apply(features))
        .transpose()?;
    let seen = standardized.as_ref().unwrap_or(features);
    let model = match settings {
        LearnerSettings::RandomForest(settings) => {
            LearnedModel::RandomForest(random_forest(seen, outcome, settings, random)?)
        }
        LearnerSettings::PenalizedLogistic(settings) => {
            LearnedModel::PenalizedLogistic(penalized(seen, outcome, settings)?)
        }
        LearnerSettings::SupportVectorMachine(settings) => {
            LearnedModel::SupportVectorMachine(support_vector_machine(seen, outcome, settings)?)
        }
        LearnerSettings::GradientBoosting(settings) => {
            LearnedModel::GradientBoosting(gradient_boosting(seen, outcome, settings)?)
        }
        LearnerSettings::NearestNeighbors { neighbors } => {
            LearnedModel::NearestNeighbors(nearest_neighbors(seen, outcome, *neighbors)?)
        }
        LearnerSettings::NaiveBayes => LearnedModel::NaiveBayes(naive_bayes(seen, outcome)?),
    };
    Ok(FittedLearner {
        settings: *settings,
        features: features.ncols(),
        standardization,
        model,
    })
}

impl FittedLearner {
    /// The score of each patient: the larger, the likelier the event.
    pub fn score(&self, features: &Array2<f64>) -> Result<Vec<f64>, LearningError> {
        super::input::check_columns("features", self.features, features.ncols())?;
        super::input::check_finite(features)?;
        let standardized = self
            .standardization
            .as_ref()
            .map(|z| z.apply(features))
            .transpose()?;
        let seen = standardized.as_ref().unwrap_or(features);
        let each = |score: &dyn Fn(&[f64]) -> f64| {
            seen.rows()
                .into_iter()
                .map(|row| score(&row.to_vec()))
                .collect()
        };
        Ok(match &self.model {
            LearnedModel::RandomForest(forest) => forest.predict(seen)?,
            LearnedModel::PenalizedLogistic(model) => each(&|x| {
                logistic(super::input::weighted_sum(
                    model.intercept,
                    &model.coefficients,
                    x,
                ))
            }),
            LearnedModel::SupportVectorMachine(model) => each(&|x| model.decision_value(x)),
            LearnedModel::GradientBoosting(model) => each(&|x| model.probability(x)),
            LearnedModel::NearestNeighbors(model) => each(&|x| model.share_of_events(x)),
            LearnedModel::NaiveBayes(model) => each(&|x| model.probability(x)),
        })
    }
}

fn penalized(
    features: &Array2<f64>,
    outcome: &[bool],
    settings: &PenaltySettings,
) -> Result<PenalizedLogistic, LearningError> {
    let predictors: Vec<Predictor> = features
        .columns()
        .into_iter()
        .enumerate()
        .map(|(feature, column)| Predictor::Number {
            name: format!("feature {}", feature + 1),
            values: column.to_vec(),
        })
        .collect();
    let design = Design::new(features.nrows(), &predictors);
    let path = penalized_logistic_regression(&design, outcome, settings.alpha, &[settings.lambda])
        .map_err(|error| LearningError::Regression {
            reason: error.to_string(),
        })?;
    let fit = path.into_iter().next().expect("one penalty, one fit");
    Ok(PenalizedLogistic {
        intercept: fit.intercept,
        coefficients: fit.coefficients,
    })
}

/// 1 / (1 + e⁻ˣ), without overflow.
fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}

/// A positive finite number.
fn check_positive(option: &str, value: f64) -> Result<(), LearningError> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(LearningError::BadOption {
            option: option.to_owned(),
            value,
            allowed: "a number above 0".to_owned(),
        })
    }
}
