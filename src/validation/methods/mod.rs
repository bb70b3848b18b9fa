//! The adapters, one file an area, and the list of all methods that a case can name.

use serde_json::Value;

use super::case::{Case, CaseError};

mod comparison;
mod discrimination;
mod distributions;
mod group_comparison;
mod learners;
mod learning;
mod regression;
mod selection;
mod survival;

/// A method by the name that cases use.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    pub name: &'static str,
    /// One line: what it computes.
    pub summary: &'static str,
    pub run: fn(&Case) -> Result<Value, CaseError>,
}

/// All methods, in alphabetical order.
pub fn methods() -> Vec<Method> {
    let mut all: Vec<Method> = [
        comparison::METHODS,
        discrimination::METHODS,
        distributions::METHODS,
        group_comparison::METHODS,
        learners::METHODS,
        learning::METHODS,
        regression::METHODS,
        selection::METHODS,
        survival::METHODS,
    ]
    .concat();
    all.sort_by_key(|method| method.name);
    all
}

pub fn find(name: &str) -> Option<Method> {
    methods().into_iter().find(|method| method.name == name)
}
