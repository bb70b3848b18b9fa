//! `prereg simulate`: makes data for a study, so that it can be tried before there are real ones.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::run::write_atomically;
use super::{Failure, say, study, tell};
use crate::simulation::{SettingsFile, Simulation, SimulationError, Written};

/// Make a dummy cohort that fits a study
///
/// Tables, images, regions and re-readings as the study declares them, drawn from a seed. What they should be like beyond
/// the declarations is read from NAME/cohort.toml beside the study NAME.study, if there is one. Real data are never
/// overwritten.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The study
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Write into this folder, with a copy of the study; otherwise where the study reads its data
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// The seed of the draw; that of the study if not given
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// How many threads to use; all cores if not given. The data do not depend on it
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = simulate(arguments)?;
    say(&format!("{}\n", folder.display()));
    Ok(())
}

/// Simulates and tells what was written; the folder of the data.
pub(super) fn simulate(arguments: &Arguments) -> Result<PathBuf, Failure> {
    let study = study::load(&arguments.file)?;
    let settings_name = settings_name(&arguments.file);
    let settings_path = study.folder.join(&settings_name);
    let settings = match std::fs::read_to_string(&settings_path) {
        Ok(text) => SettingsFile::parse(&settings_path.display().to_string(), &text)
            .map_err(|error| failed(&SimulationError::Settings(vec![error])))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => SettingsFile::without_file(),
        Err(error) => return Err(Failure::file(settings_path, "read the settings", error)),
    };
    let simulation = Simulation {
        plan: &study.plan,
        settings: &settings,
        seed: arguments.seed.unwrap_or(study.plan.study.seed),
        version: env!("CARGO_PKG_VERSION"),
    };
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads.map_or(0, NonZeroUsize::get))
        .build()
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let root = arguments.out.as_ref().unwrap_or(&study.folder);
    let written = threads
        .install(|| simulation.write(root))
        .map_err(|error| failed(&error))?;
    if let Some(out) = &arguments.out {
        copy(&arguments.file, &out.join(file_name(&arguments.file)))?;
        if !settings.text().is_empty() {
            copy(&settings_path, &out.join(&settings_name))?;
        }
    }
    tell(&told(&written));
    Ok(written.folder)
}

/// One sentence on what was written.
fn told(written: &Written) -> String {
    let size = format!(
        "{} files, {} MB",
        written.files,
        written.bytes.div_ceil(1_000_000)
    );
    if written.was_there {
        format!("the same simulation is there already ({size})\n")
    } else {
        format!("simulated {size}\n")
    }
}

fn file_name(file: &Path) -> PathBuf {
    file.file_name().map(PathBuf::from).unwrap_or_default()
}

/// Where the settings of a study are, from its folder: NAME/cohort.toml.
fn settings_name(file: &Path) -> PathBuf {
    let name = file.file_stem().map(PathBuf::from).unwrap_or_default();
    name.join("cohort.toml")
}

/// Puts a copy beside the data; another file of this name is kept.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let bytes = std::fs::read(from).map_err(|error| Failure::file(from, "read", error))?;
    match std::fs::read(to) {
        Ok(present) if present == bytes => Ok(()),
        Ok(_) => Err(Failure::File {
            path: to.to_owned(),
            doing: "write",
            reason: "another file of this name is there".to_owned(),
            hint: Some("choose a new folder with --out".to_owned()),
        }),
        Err(_) => write_atomically(to, &bytes),
    }
}

/// Tells everything that is wrong.
fn failed(error: &SimulationError) -> Failure {
    match error {
        SimulationError::Settings(errors) => {
            for error in errors {
                tell(&format!("error: {error}\n"));
            }
        }
        other => {
            tell(&format!("error: {other}\n"));
            if let Some(hint) = other.hint() {
                tell(&format!("  = help: {hint}\n"));
            }
        }
    }
    Failure::Study
}
