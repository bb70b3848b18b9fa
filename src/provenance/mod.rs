//! Where every number comes from, and whether it still holds: registered before, verified after, traced in between.
//!
//! A report is `results.json`, the same bytes for the same study, data and version, and beside it `run.json`, which says
//! how this run came to it: the study's text, the digests of its files, and each step with its key, so that a line of
//! descent can be followed without prereg.

mod dependents;
mod descent;
mod record;
mod statements;

pub use dependents::{Dependents, DependentsError, Part, PatientPlace, dependents};
pub use descent::{Cited, Descent, DescentError, Link, Node, descent, dot};
pub use record::{
    FORMAT as RECORD_FORMAT, FileRecord, InputRecord, RunRecord, StepRecord, StudyFile, steps,
};
pub use statements::{Statement, statements};
