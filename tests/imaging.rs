//! Images: what files hold and what damage does to them, preprocessing against PyRadiomics and IBSI.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what a test expects and does not find ends it; a test that is skipped says so"
)]

#[path = "imaging/damaged.rs"]
mod damaged;
#[path = "imaging/formats.rs"]
mod formats;
#[path = "imaging/headers.rs"]
mod headers;
#[path = "imaging/properties.rs"]
mod properties;
#[path = "imaging/reference.rs"]
mod reference;
#[path = "imaging/reference_filters.rs"]
mod reference_filters;
#[path = "imaging/reference_ibsi.rs"]
mod reference_ibsi;

use std::path::PathBuf;

/// The folder of reference images and figures, or none with a printed line.
fn reference_folder() -> Option<PathBuf> {
    let folder = PathBuf::from("../shared/reference/radiomics");
    if folder.exists() {
        Some(folder)
    } else {
        println!("skipped: {} is not there", folder.display());
        None
    }
}

fn json(path: &std::path::Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}
