//! Reference cases: figures made by independent programs, and our methods run on the same data.
//!
//! A case is one JSON file (`data`, `args`, `expected`, `tolerance`; the schema is in docs/validation.md). Each method
//! has one adapter in `methods/` that turns a case's data and arguments into the fields that the case calls `expected`.

mod case;
mod compare;
mod files;
mod formula;
mod methods;
mod record;
mod run;
mod table;

pub use case::{Case, CaseError};
pub use compare::{Deviation, Measure, Verdict, compare};
pub use files::CaseFiles;
pub use methods::{Method, find, methods};
pub use record::{record, summary_table};
pub use run::{CaseResult, MethodSummary, Validation, validate};
