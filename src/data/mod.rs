//! Typed tables and what is made of them: reading files, expressions, cohorts, endpoints, splits, imputation, predictors.
//!
//! Everything here is a plain function from what the plan declares and the values of the patients to a plain struct.
//! Patients are in the order of their key, so nothing depends on the order of the rows in a file. Missing is `None`;
//! numbers are finite and zero has no sign, so equal data have equal bytes in the store.

mod cells;
mod cohort;
mod column;
mod dates;
mod delimited;
mod endpoints;
mod errors;
mod evaluate;
mod expressions;
mod features;
mod frame;
mod hints;
mod imputation;
mod join;
mod keys;
mod locked_model;
mod nearest;
mod numbers;
mod patients;
mod predictors;
mod read_column;
mod split;
mod spreadsheet;
mod table;

pub use cohort::{CohortError, CohortResult, FlowStep, apply_rules};
pub use column::ColumnValues;
pub use endpoints::{
    BinaryEndpoint, EndpointError, SurvivalEndpoint, binary_endpoint, survival_endpoint,
};
pub use errors::{Cause, DataError, DataErrorKind, DataErrors, ErrorGroup, Expected, Place};
pub use evaluate::ExpressionError;
pub use expressions::{derive, evaluate};
pub use features::{FeatureMatrix, encode_features};
pub use frame::{Frame, FrameError};
pub use imputation::{
    FittedImputation, ImputationError, ImputedValue, apply_imputation, fit_imputation,
};
pub use join::{JoinError, JoinedTable, join};
pub use locked_model::{
    FORMAT as LOCKED_FORMAT, LockedCoefficient, LockedColumn, LockedCutoff, LockedFrom,
    LockedModel, LockedScore, PredictError, Prediction, Seen, group_names, predict, score,
};
pub(crate) use nearest::nearest;
pub use patients::{Patient, Patients};
pub use predictors::{
    CompleteRows, MissingCount, PredictorError, PreparedPredictor, complete_rows, predictor,
    predictor_with_levels,
};
pub use split::{SplitError, split};
pub use table::{TypedTable, read_features, read_table};
