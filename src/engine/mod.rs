//! Runs a graph of steps: what is in the store is reused, the rest is run, in parallel, and stored with a receipt.
//!
//! A step is known by its key: the digest of its kind, version, parameters and the *contents* of its inputs
//! ([`Description`](crate::store::Description)). So a step whose inputs come out the same is not run again, even when
//! something before it was; and since inputs are single outputs, a step that reads one column of a table does not mind
//! the others. Nothing here depends on the number of threads: the key decides the result, and steps are reported in the
//! order of the graph.
//!
//! A step that fails stops only what depends on it. A damaged object is found when its bytes are needed: it is set
//! aside, its step computes it again, and whoever wanted it goes on. If a step then gives other bytes than it gave
//! before for the same key, that is a fault that nobody may overlook, and it fails.

mod action;
mod canonical;
mod compute;
mod explain;
mod failure;
mod graph;
mod look_up;
mod observer;
mod parameters;
mod preview;
mod reason;
mod report;
mod run;

pub use action::{Action, InputError, Inputs, OutputError, Outputs};
pub use canonical::JsonError;
pub use explain::{ExplainError, Explanation, Forecast, explain};
pub use failure::{Failure, Fault};
pub use graph::{Graph, GraphError, Input, Source, Step};
pub use observer::{Event, Observer, Silent};
pub use preview::{Preview, preview};
pub use reason::{InputChange, InputDifference, ParameterChange, Reason};
pub use report::{Outcome, ReadError, Report, StepReport};
pub use run::{Engine, EngineError, Options};

/// Any plain data as the parameters of a step. Refuses what `serde_json::to_value` would make null.
pub fn parameters(value: &impl serde::Serialize) -> Result<serde_json::Value, JsonError> {
    canonical::value(value)
}
