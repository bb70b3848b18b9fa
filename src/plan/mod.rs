//! The study as plain typed data: what the checker makes of the text, and all that the rest of prereg knows of it.
//!
//! Everything is declared once and named; maps are ordered by name, so two texts that declare the same things in
//! another order are the same plan. Lists keep their order where it shows (exclusions, rows of a table, candidates).

mod analyses;
mod canonical;
mod expression;
mod imaging;
mod lookup;
mod models;
pub mod places;
mod quantity;
mod study;

pub use analyses::{
    Analysis, CategoryTest, Characteristics, CharacteristicsBy, CharacteristicsItem, CoxRegression,
    DecisionCurveRange, FigureAspect, KaplanMeier, NumberSummary, NumberTest, PValueStyle,
    Performance, ReportItem, ReportKind, ReportStyle, RowTest, SubgroupBenefit,
};
pub use canonical::{canonical_json, digest};
pub use expression::{Arithmetic, Branch, Comparison, Expression};
pub use imaging::{
    Classes, Convention, Discretization, FeatureExtraction, FeatureTable, FeatureTransform, Filter,
    Image, Interpolation, Normalization, Region, Repeatability, Reread,
};
pub use lookup::{HIGH, LOW, NO, YES};
pub use models::{
    Candidates, Cutoff, CutoffRule, ForestGrid, FromFile, Learner, Model, Predictors, Screen,
    Selection, SelectionCriterion, SelectionDirection, Signature, SignatureSelection,
    TrainingScores, Tuning,
};
pub use quantity::{Dimension, Unit, UnitError, units};
pub use study::{
    Cohort, CohortRule, Column, ColumnKind, Derived, Encoding, Endpoint, EndpointKind, Evidence,
    Imputation, ImputationMethod, Level, MissingValues, Plan, Split, SplitRule, Study, Table,
};
