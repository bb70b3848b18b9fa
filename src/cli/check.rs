//! `prereg check`: reads studies and tells everything that is wrong with them.

use std::path::PathBuf;

use super::{Failure, say, study};

/// Check studies without running them
///
/// Tells every error of a file at once: misspelt names, units that do not fit, cyclic definitions, leakage from the
/// validation set into what is fitted. Needs no data.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The studies to check
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut failed = false;
    for file in &arguments.files {
        match study::load(file) {
            Ok(study) => {
                say(&format!(
                    "{}: {} is a valid study, plan {}\n",
                    file.display(),
                    study.plan.study.name,
                    &crate::plan::digest(&study.plan)[..12],
                ));
            }
            Err(failure) => {
                failure.report();
                failed = true;
            }
        }
    }
    if failed { Err(Failure::Study) } else { Ok(()) }
}
