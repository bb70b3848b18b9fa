//! Typed tables: reading files, and what is made of their columns.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test expects and does not find ends it"
)]

#[path = "data/declared.rs"]
mod declared;
#[path = "data/expressions.rs"]
mod expressions;
#[path = "data/messages.rs"]
mod messages;
#[path = "data/predictors.rs"]
mod predictors;
#[path = "data/properties.rs"]
mod properties;
#[path = "data/reading.rs"]
mod reading;
#[path = "data/sets.rs"]
mod sets;
#[path = "data/workbook.rs"]
mod workbook;
