//! prereg: declarative, reproducible clinical studies.
//!
//! So far the methods: functions from arrays to plain results, each checked against independent programs.

pub mod learning;
pub mod numerics;
pub mod statistics;
pub mod survival;
pub mod validation;
