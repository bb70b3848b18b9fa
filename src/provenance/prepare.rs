//! What a study is run as: whole, or blind without a registration; and what stands above its results.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::difference::{Declared, deviations};
use super::looks::{Broken, Look, blinded, summary};
use super::record::FileRecord;
use super::registration::Registration;
use super::statements::Statement;
use crate::plan::{self, Plan};
use crate::report::{Looks, RegistrationSummary, Results};

/// A plan as it is run.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub plan: Plan,
    pub registration: Option<RegistrationSummary>,
    pub left_out: Vec<String>,
}

/// `looks.json`: the log as it was when the report was written, and what the report says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooksCopy {
    pub format: u32,
    pub entries: Vec<Look>,
    pub summary: Looks,
}

/// Compares a study with its registration, and leaves out of a blind one what needs a registration.
pub fn prepare(
    plan: &Plan,
    statements: &BTreeMap<String, Statement>,
    registration: Option<&Registration>,
) -> Prepared {
    let (run, left_out) = if plan.study.blind && registration.is_none() {
        blinded(plan)
    } else {
        (plan.clone(), Vec::new())
    };
    let registration = registration.map(|registration| RegistrationSummary {
        digest: registration.digest.to_string(),
        registered: registration.registered.clone(),
        prereg_version: registration.prereg_version.clone(),
        plan_digest: registration.plan_digest.clone(),
        signed_by: registration
            .signature
            .as_ref()
            .map(|signature| signature.public_key.clone()),
        before_data: registration.before_data,
        deviations: deviations(
            Declared {
                plan: &registration.plan,
                statements: &registration.statements,
            },
            Declared { plan, statements },
        ),
    });
    Prepared {
        plan: run,
        registration,
        left_out,
    }
}

impl Prepared {
    /// Puts what stands above the results into them. `plan` is the study's own.
    pub fn complete(&self, plan: &Plan, results: &mut Results) {
        results.registration.clone_from(&self.registration);
        results.left_out.clone_from(&self.left_out);
        results.study.plan_digest = plan::digest(plan);
    }
}

/// The files that were there at registration and are others now.
pub fn changed_files(registration: &Registration, files: &[FileRecord]) -> Vec<String> {
    files
        .iter()
        .filter(|file| {
            registration.files.iter().any(|registered| {
                registered.file == file.file
                    && registered
                        .sha256
                        .is_some_and(|sha256| sha256 != file.sha256)
            })
        })
        .map(|file| file.file.clone())
        .collect()
}

/// The copy of the log that a report keeps.
pub fn looks_copy(
    plan: &Plan,
    data: &[String],
    entries: Vec<Look>,
    broken: Option<&Broken>,
) -> LooksCopy {
    LooksCopy {
        format: 1,
        summary: summary(plan, data, &entries, broken),
        entries,
    }
}
