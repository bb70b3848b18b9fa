//! The canonical form of a plan: JSON as RFC 8785 orders and writes it, and its SHA-256.

use sha2::{Digest, Sha256};

use super::Plan;

/// One line of JSON, the same for two texts that declare the same study. The reasons of deviations are left out.
pub fn canonical_json(plan: &Plan) -> String {
    let mut plan = plan.clone();
    plan.deviations.clear();
    serde_json_canonicalizer::to_string(&plan).expect("a plan holds only finite numbers and texts")
}

/// SHA-256 of the canonical form, in hexadecimal.
pub fn digest(plan: &Plan) -> String {
    Sha256::digest(canonical_json(plan).as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
