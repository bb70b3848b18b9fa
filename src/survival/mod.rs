//! Survival analysis of right-censored times: curves, tests, Cox regression and what is built on it.

mod adjustment;
mod concordance;
mod cox;
mod cox_external_validation;
mod error;
mod interaction;
mod inverse_probability_weighting;
mod kaplan_meier;
mod log_rank;
mod maximally_selected_log_rank;
mod ordering;
mod restricted_mean;
mod time_dependent_auc;
mod treatment_benefit;

pub use adjustment::{AdjustmentNotes, ExcludedLevels};
pub use concordance::{Concordance, concordance};
pub use cox::{
    BaselineHazard, ChiSquaredTest, CoxCoefficient, CoxFit, CoxOptions, ExactCox, FirthCoefficient,
    FirthCox, ProportionalHazards, TermTest, Ties, UnivariableCox, baseline_hazards, cox,
    cox_exact, cox_firth, cox_univariable, predict_survival, proportional_hazards_test,
};
pub use cox_external_validation::{CoxExternalValidation, cox_external_validation};
pub use error::SurvivalError;
pub use interaction::{Interaction, treatment_interaction};
pub use inverse_probability_weighting::{
    Balance, Estimand, InverseProbabilityWeighting, PropensityCoefficient, WeightingOptions,
    inverse_probability_weighting,
};
pub use kaplan_meier::{
    CurveInterval, CurvePoint, KaplanMeier, SurvivalQuantile, kaplan_meier, reverse_kaplan_meier,
};
pub use log_rank::{LogRank, log_rank};
pub use maximally_selected_log_rank::{
    CandidateCutoff, MaximallySelectedLogRank, maximally_selected_log_rank,
};
pub use restricted_mean::{
    RestrictedMean, RestrictedMeanDifference, restricted_mean, restricted_mean_difference,
    restricted_mean_of_curve,
};
pub use time_dependent_auc::{TimeDependentAuc, time_dependent_auc};
pub use treatment_benefit::{
    ArmSummary, GroupBenefit, TreatmentByGroup, TreatmentEffect, treatment_benefit,
};
