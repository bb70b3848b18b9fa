//! The engine: what is run and what is reused, told by the names of the steps; what becomes of damage and failure.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test expects and does not find ends it"
)]

#[path = "engine/damage.rs"]
mod damage;
#[path = "engine/explained.rs"]
mod explained;
#[path = "engine/failures.rs"]
mod failures;
#[path = "engine/graphs.rs"]
mod graphs;
#[path = "engine/properties.rs"]
mod properties;
#[path = "engine/reused.rs"]
mod reused;
#[path = "engine/study.rs"]
mod study;
