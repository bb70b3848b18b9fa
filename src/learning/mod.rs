//! Learning from many features: harmonisation, standardisation, selection, the random forest, other learners, their tuning.
//!
//! Every method is a function from arrays (patients in rows, features in columns) to a plain result. What is fitted on
//! some patients is plain data, which can be stored and applied to others.

mod combat;
mod discrimination;
mod error;
mod folds;
mod grid_search;
mod input;
mod learners;
mod mrmr;
mod mutual_information;
mod nested_cross_validation;
mod random_forest;
mod sample_size;
mod univariate_filter;
mod zscore;

pub use combat::{Combat, CombatBatch, fit_combat};
pub use error::LearningError;
pub use folds::stratified_folds;
pub use grid_search::{ForestGrid, GridPoint, GridSearch, grid_search};
pub use learners::{
    BoostedTrees, BoostingSettings, FittedLearner, Kernel, LearnedModel, LearnerGrid, LearnerPoint,
    LearnerSearch, LearnerSettings, NaiveBayes, NearestNeighbors, PenalizedLogistic,
    PenaltySettings, SupportVectorMachine, SupportVectorSettings, fit_learner, gradient_boosting,
    learner_grid_search, naive_bayes, nearest_neighbors, support_vector_machine,
};
pub use mrmr::{Mrmr, MrmrScheme, MutualInformation, mrmr};
pub use nested_cross_validation::{
    FeatureSelection, NestedCrossValidation, nested_cross_validation,
};
pub use random_forest::{
    FeatureImportance, ForestSettings, OutOfBag, PermutationImportance, RandomForest, Tree,
    impurity_importance, permutation_importance, random_forest, square_root_of_features,
};
pub use sample_size::{
    AnticipatedModel, EventsPerVariable, SampleSize, cox_snell_of_nagelkerke, events_per_variable,
    sample_size_binary,
};
pub use univariate_filter::{UnivariateRank, univariate_filter};
pub use zscore::{ZScore, fit_zscore};
