//! `prereg run`: runs a study and writes its report.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::study::{self, Study};
use super::{Failure, failures, progress, say, tell};
use crate::engine::{self, Engine};
use crate::report::{self, Results};
use crate::store::Store;
use crate::{plan, steps};

/// Run a study and write its report
///
/// Runs what is not in the store, says what ran and why, and writes results.json, report.html, report.md, tables/ and
/// figures/. A run that is interrupted loses nothing that was computed.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The study
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Where to write the report [default: report/NAME]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Where results are kept between runs [default: .prereg/store]
    #[arg(long, value_name = "DIR")]
    pub(super) store: Option<PathBuf>,
    /// How many threads to use; all cores if not given. The results do not depend on it
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
    /// Say only what went wrong
    #[arg(long, short)]
    pub(super) quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let study = study::load(&arguments.file)?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new("report").join(&study.plan.study.name));
    refuse_foreign_folder(&out)?;
    let results = compute(&study, arguments)?;
    let rendered = report::render(&results, &report::Templates::Embedded)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    write_report(&out, &rendered.files)?;
    say(&format!("{}\n", out.join("report.html").display()));
    Ok(())
}

/// Runs the graph of a study and reads its results.
fn compute(study: &Study, arguments: &Arguments) -> Result<Results, Failure> {
    let folder = arguments
        .store
        .clone()
        .unwrap_or_else(|| PathBuf::from(".prereg/store"));
    let store = Store::open(&folder)
        .map_err(|error| Failure::file(&folder, "open the store", failures::chain(&error)))?;
    let graph = steps::graph(&study.plan, &study.folder)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let threads = arguments
        .threads
        .or_else(|| std::thread::available_parallelism().ok());
    let observer = progress::observer(std::io::stderr().is_terminal(), arguments.quiet);
    let options = engine::Options {
        threads: threads.map_or(1, NonZeroUsize::get),
        clock: &now,
        version: env!("CARGO_PKG_VERSION"),
    };
    let report = Engine::run(&graph, &store, &options, observer.as_ref())
        .map_err(|error| Failure::Internal(failures::chain(&error)))?;
    if let Some(failure) = failures::tell_failures(&report) {
        return Err(failure);
    }
    if !arguments.quiet {
        tell(&progress::summary(&report));
    }
    let bytes = report
        .output(&plan::places::results(), "results")
        .map_err(|error| Failure::file(&folder, "read the results in", failures::chain(&error)))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::Internal(format!("the results cannot be read back: {error}")))
}

#[expect(
    clippy::disallowed_methods,
    reason = "receipts say when a step ran; no result depends on it"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// A folder that holds something else than a report of prereg is not written into.
fn refuse_foreign_folder(out: &Path) -> Result<(), Failure> {
    let Ok(mut entries) = std::fs::read_dir(out) else {
        return match out.exists() {
            true => Err(Failure::file(
                out,
                "write the report into",
                "it is not a folder",
            )),
            false => Ok(()),
        };
    };
    if entries.next().is_none() || out.join("results.json").exists() {
        return Ok(());
    }
    Err(Failure::File {
        path: out.to_owned(),
        doing: "write the report into",
        reason: "the folder holds other files".to_owned(),
        hint: Some("choose a new or empty folder with --out".to_owned()),
    })
}

/// Writes all files of a report, results.json last: first everything beside its place, then all renamed. Tables and
/// figures of an earlier report that this one does not have are removed.
fn write_report(out: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let mut pending = Vec::new();
    for (name, bytes) in files {
        let path = out.join(name);
        if std::fs::read(&path).is_ok_and(|present| present == *bytes) {
            continue;
        }
        pending.push((stage(&path, bytes)?, path));
    }
    pending.sort_by_key(|(_, path)| path.ends_with("results.json"));
    for (staged, path) in pending {
        staged
            .persist(&path)
            .map_err(|error| Failure::file(&path, "write", error.error))?;
    }
    for folder in ["tables", "figures"] {
        let Ok(entries) = std::fs::read_dir(out.join(folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let ours = name.ends_with(".csv") || name.ends_with(".svg");
            if ours && !files.contains_key(&name) {
                std::fs::remove_file(entry.path())
                    .map_err(|error| Failure::file(entry.path(), "remove the outdated", error))?;
            }
        }
    }
    Ok(())
}

/// The bytes in a temporary file beside their place, synced to disk.
fn stage(path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, Failure> {
    let failure = |error: std::io::Error| Failure::file(path, "write", error);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failure)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".prereg-");
    // A report is to be read by others; the process's umask still holds.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failure)?;
    file.write_all(bytes).map_err(failure)?;
    file.as_file().sync_all().map_err(failure)?;
    Ok(file)
}

/// Writes a file whole or not at all.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    stage(path, bytes)?
        .persist(path)
        .map(drop)
        .map_err(|error| Failure::file(path, "write", error.error))
}
