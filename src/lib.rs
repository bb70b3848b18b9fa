//! prereg: declarative, reproducible clinical studies.
//!
//! The folders follow the way of the data: text → plan → steps → engine → store → report (see ARCHITECTURE.md).

pub mod cli;
pub mod data;
pub mod engine;
pub mod imaging;
pub mod language;
pub mod learning;
pub mod numerics;
pub mod plan;
pub mod provenance;
pub mod radiomics;
pub mod report;
pub mod simulation;
pub mod statistics;
pub mod steps;
pub mod store;
pub mod survival;
pub mod validation;
