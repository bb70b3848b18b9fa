//! The language: text to a checked plan, with everything that is wrong told at once.

mod check;
mod diagnostic;
mod nearest;
mod parse;
mod statements;

pub use check::{Checked, check};
pub use diagnostic::{Diagnostic, Severity};
