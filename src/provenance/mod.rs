//! Where every number comes from, and whether it still holds: registered before, verified after, traced in between.
//!
//! A report is `results.json`, the same bytes for the same study, data and version, and beside it `run.json`, which says
//! how this run came to it: the study's text, the digests of its files, and each step with its key, so that a line of
//! descent can be followed without prereg.

mod audit;
mod compare;
mod consistency;
mod dependents;
mod descent;
mod difference;
mod export_crate;
mod export_prov;
mod locked_model;
mod looks;
mod prepare;
mod read_back;
mod record;
mod registration;
mod statements;
mod verify;

pub use audit::{Audited, METHODS as AUDITED_METHODS, audit, recorded_plan};
pub use compare::{Difference, Nearness, compare_results};
pub use consistency::{Check, consistency};
pub use dependents::{Dependents, DependentsError, Part, PatientPlace, dependents};
pub use descent::{Cited, Descent, DescentError, Link, Node, descent, dot};
pub use difference::{Change, Declared, deviations, differences, idle_reasons};
pub use export_crate::{CrateDetails, STUDY as CRATE_STUDY, crate_metadata};
pub use export_prov::prov_json;
pub use locked_model::{LockError, lock};
pub use looks::{
    Broken, LOG as LOOKS_LOG, Look, Looker, append as append_looks, blinded, check_chain,
    evaluations, looking, read_log, summary as looks_summary,
};
pub use prepare::{LooksCopy, Prepared, changed_files, looks_copy, prepare};
pub use read_back::read_back;
pub use record::{
    FORMAT as RECORD_FORMAT, FileRecord, InputRecord, RunRecord, StepRecord, StudyFile, steps,
};
pub use registration::{
    Circumstances, Key, RegisteredFile, Registration, RegistrationError, Signature,
    read_registration, register,
};
pub use statements::{Statement, statements};
pub use verify::{check_files, check_looks, check_record, check_registration, check_store};
