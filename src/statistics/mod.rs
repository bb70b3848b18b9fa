//! Statistical methods: plain functions from arrays to plain result structs, each with formula and source.

mod agreement_error;
mod bland_altman;
mod bootstrap_calibration;
mod bootstrap_optimism;
mod calibration;
mod chi_square;
mod classification;
mod cohen_kappa;
mod comparison_error;
mod conditional_odds_ratio;
mod contingency;
mod covariate_patterns;
mod cutoff;
mod decision_curve;
mod delong;
mod design;
mod e_value;
mod firth;
mod fisher_exact;
mod fisher_factorials;
mod fisher_monte_carlo;
mod fisher_network;
mod hosmer_lemeshow;
mod intraclass_correlation;
mod kruskal_wallis;
mod likelihood_ratio;
mod loess;
mod logistic_data;
mod logistic_error;
mod logistic_newton;
mod logistic_regression;
mod lowess;
mod mann_whitney;
mod midranks;
mod net_reclassification;
mod nomogram;
mod p_adjustment;
mod penalized_logistic;
mod pretty;
mod profile_likelihood;
mod proportion;
mod roc_curve;
mod score_error;
mod separation;
mod smoothed_calibration;
mod standardized_mean_difference;
mod stepwise;
mod summary;
mod tied_scores;
mod welch_anova;
mod welch_t;

pub use agreement_error::AgreementError;
pub use bland_altman::{BlandAltman, bland_altman};
pub use bootstrap_calibration::{
    BootstrapCalibration, CalibrationBand, CalibrationError, bootstrap_calibration,
    calibration_axis, calibration_band,
};
pub use bootstrap_optimism::{BootstrapOptimism, OptimismCorrected, bootstrap_optimism};
pub use calibration::{CalibrationEstimate, CalibrationMeasures, calibration_measures};
pub use chi_square::{ChiSquare, chi_square};
pub use classification::{Classification, classification_at_cutoff};
pub use cohen_kappa::{CohenKappa, KappaWeights, cohen_kappa, reader_table};
pub use comparison_error::ComparisonError;
pub use conditional_odds_ratio::ConditionalOddsRatio;
pub use cutoff::{
    LearnedCutoff, quantile_cutoff, sensitivity_cutoff, specificity_cutoff, youden_cutoff,
};
pub use decision_curve::{DecisionCurve, decision_curve};
pub use delong::{
    Auc, AucCovariance, Difference, PairedDeLong, UnpairedDeLong, auc, auc_covariance, auc_delong,
    delong_paired, delong_unpaired,
};
pub use design::{Column, Design, Predictor, Term};
pub use e_value::{EValue, EffectMeasure, e_value};
pub use firth::{FirthCoefficient, FirthRegression, firth_logistic_regression};
pub use fisher_exact::{FisherExact, FisherSimulation, fisher_exact, fisher_monte_carlo};
pub use hosmer_lemeshow::{HosmerLemeshow, RiskGroup, hosmer_lemeshow};
pub use intraclass_correlation::{
    IccModel, IccOptions, IccUnit, IntraclassCorrelation, MeanSquares, intraclass_correlation,
};
pub use kruskal_wallis::{KruskalWallis, kruskal_wallis};
pub use likelihood_ratio::{LikelihoodRatioTests, TermTest, likelihood_ratio_tests};
pub use loess::loess;
pub use logistic_error::{LogisticError, Separation};
pub use logistic_regression::{Coefficient, LogisticRegression, logistic_regression};
pub use lowess::lowess;
pub use mann_whitney::{MannWhitney, MannWhitneyMethod, mann_whitney};
pub use net_reclassification::{NetReclassification, ReclassificationIndex, net_reclassification};
pub use nomogram::{Nomogram, NomogramAxis, NomogramProbability, NomogramTick, nomogram};
pub use p_adjustment::{PAdjustment, adjust_p_values};
pub use penalized_logistic::{
    PenalizedFit, PenaltyCrossValidation, cross_validate_penalty, penalized_logistic_regression,
    penalty_path,
};
pub use pretty::pretty;
pub use profile_likelihood::{ProfileInterval, profile_likelihood_intervals};
pub use proportion::{Proportion, ProportionError, proportion};
pub use roc_curve::{RocPoint, roc_curve};
pub use score_error::ScoreError;
pub use smoothed_calibration::{SmoothedCalibration, smoothed_calibration};
pub use standardized_mean_difference::{
    standardized_difference_of_counts, standardized_mean_difference,
};
pub use stepwise::{
    InformationCriterion, ScreenRule, ScreenedSelection, SelectionStep, StepwiseDirection,
    StepwiseSelection, TermChange, UnivariableTerm, screen_then_select, stepwise_selection,
    univariable_screen,
};
pub use summary::{NumberSummary, summarize};
pub use welch_anova::{WelchAnova, welch_anova};
pub use welch_t::{WelchT, welch_t};
