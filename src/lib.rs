//! prereg: declarative, reproducible clinical studies.
//!
//! So far the methods, the plan of a study as plain data, tables, and the engine with its store.

pub mod data;
pub mod engine;
pub mod learning;
pub mod numerics;
pub mod plan;
pub mod statistics;
pub mod store;
pub mod survival;
pub mod validation;
