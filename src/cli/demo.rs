//! `prereg demo`: simulates the cohort of the demonstration, runs its study and says where the report is.

use std::path::{Path, PathBuf};

use super::run::{Arguments as RunArguments, run as run_study, write_atomically};
use super::simulate::{Arguments as SimulateArguments, simulate};
use super::{Failure, tell};

/// Run the demonstration: the radiomics study of a paper, over simulated patients and images
///
/// Writes the study into a folder, simulates 291 patients with diffusion images (about 200 MB), runs the study and prints
/// where the report is.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Where to put the study, its data and the report
    #[arg(long, value_name = "DIR", default_value = "prereg-demo")]
    out: PathBuf,
    /// How many threads to use; all cores if not given
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
}

/// The demonstration, carried in the program: study, settings of the cohort and what is simulated.
const FILES: [(&str, &[u8]); 3] = [
    (
        "icc_dwi.study",
        include_bytes!("../../studies/icc_dwi.study"),
    ),
    (
        "icc_dwi/cohort.toml",
        include_bytes!("../../studies/icc_dwi/cohort.toml"),
    ),
    (
        "icc_dwi/README.md",
        include_bytes!("../../studies/icc_dwi/README.md"),
    ),
];

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    for (name, bytes) in FILES {
        write(&arguments.out.join(name), bytes)?;
    }
    let study = arguments.out.join(FILES[0].0);
    tell("simulating the cohort of the demonstration\n");
    simulate(&SimulateArguments {
        file: study.clone(),
        out: None,
        seed: None,
        threads: arguments.threads,
    })?;
    run_study(&RunArguments {
        file: study,
        out: Some(arguments.out.join("report")),
        store: Some(arguments.out.join("store")),
        threads: arguments.threads,
        registered: None,
        quiet: false,
    })
}
/// Writes one file of the demonstration; one that somebody has changed is kept.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    match std::fs::read(path) {
        Ok(present) if present == bytes => return Ok(()),
        Ok(_) => {
            return Err(Failure::File {
                path: path.to_owned(),
                doing: "prepare",
                reason: "it is there and differs from the demonstration".to_owned(),
                hint: Some(
                    "run your changed copy with `prereg run`, or choose another folder with --out"
                        .to_owned(),
                ),
            });
        }
        Err(_) => {}
    }
    write_atomically(path, bytes)
}
