//! `prereg run`: runs a study and writes its report.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::study::{self, Study};
use super::{Failure, failures, progress, register, report_folder, say, tell, templates};
use crate::engine::{self, Engine};
use crate::plan::Plan;
use crate::provenance::{self, FileRecord, LooksCopy, Prepared, RunRecord, StepRecord, StudyFile};
use crate::report::{self, Beside, Results};
use crate::store::{self, Digest, Origin, Store};
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
    /// Run against this registration: what deviates from it is listed in the report
    #[arg(long, value_name = "FILE")]
    pub(super) registered: Option<PathBuf>,
    /// Say only what went wrong
    #[arg(long, short)]
    pub(super) quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let study = study::load(&arguments.file)?;
    let waiting = steps::not_extracted_yet(&study.plan);
    if !waiting.is_empty() {
        tell(&format!(
            "error: {} asks for features that this version checks but does not extract yet: {}\n  = help: `prereg check` \
             tells whether the study is sound\n",
            arguments.file.display(),
            waiting.join(", ")
        ));
        return Err(Failure::Study);
    }
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new("report").join(&study.plan.study.name));
    refuse_foreign_folder(&out)?;
    let registration = arguments
        .registered
        .as_deref()
        .map(register::read)
        .transpose()?;
    let registered = registration.as_ref().map(|(registration, _)| registration);
    let statements = report_folder::statements(&study.text);
    let prepared = provenance::prepare(&study.plan, &statements, registered);
    tell_standing(&study, &prepared);
    let templates = templates::of(&study)?;
    let store = open_store(arguments)?;
    let computed = compute(&prepared.plan, &study.folder, &store, arguments)?;
    let Computed { mut results, steps } = computed;
    prepared.complete(&study.plan, &mut results);
    std::fs::create_dir_all(&out).map_err(|error| Failure::file(&out, "create", error))?;
    let looks = look(&prepared, &store, &results)?;
    let read = files_read(&study.folder, &out, &results, &steps);
    let beside = Beside {
        looks: Some(looks.summary.clone()),
        changed_files: registered
            .map(|registration| provenance::changed_files(registration, &read))
            .unwrap_or_default(),
        study: Some(study.shown.clone()),
    };
    let rendered = report::render_beside(&results, &beside, &templates).map_err(|error| {
        // Only a folder that nothing was written into can be removed so.
        let _ = std::fs::remove_dir(&out);
        templates::fault(&study, &error)
    })?;
    let mut files = rendered.files;
    files.insert(report_folder::LOOKS.to_owned(), json(&looks)?);
    if let Some((_, bytes)) = registration {
        files.insert(report_folder::REGISTRATION.to_owned(), bytes);
    }
    let record = record(&study, &store, &out, (read, steps), &files)?;
    files.insert(report_folder::RECORD.to_owned(), json(&record)?);
    write_report(&out, &files)?;
    say(&format!("{}\n", out.join("report.html").display()));
    Ok(())
}

/// The store that the arguments name.
fn open_store(arguments: &Arguments) -> Result<Store, Failure> {
    let folder = arguments
        .store
        .clone()
        .unwrap_or_else(|| PathBuf::from(".prereg/store"));
    Store::open(&folder)
        .map_err(|error| Failure::file(&folder, "open the store", failures::chain(&error)))
}

/// What a finished run gives.
pub(super) struct Computed {
    pub(super) results: Results,
    pub(super) steps: Vec<StepRecord>,
}

/// Runs the graph of a study and reads its results.
pub(super) fn compute(
    plan: &Plan,
    folder: &Path,
    store: &Store,
    arguments: &Arguments,
) -> Result<Computed, Failure> {
    let graph = steps::graph(plan, folder).map_err(|error| Failure::Internal(error.to_string()))?;
    let threads = arguments
        .threads
        .or_else(|| std::thread::available_parallelism().ok());
    let observer = progress::observer(std::io::stderr().is_terminal(), arguments.quiet);
    let options = engine::Options {
        threads: threads.map_or(1, NonZeroUsize::get),
        clock: &now,
        version: env!("CARGO_PKG_VERSION"),
    };
    let report = Engine::run(&graph, store, &options, observer.as_ref())
        .map_err(|error| Failure::Internal(failures::chain(&error)))?;
    if let Some(failure) = failures::tell_failures(&report) {
        return Err(failure);
    }
    if !arguments.quiet {
        tell(&progress::summary(&report));
    }
    let of_store = |error: &(dyn std::error::Error + 'static)| {
        Failure::file(store.root(), "read the results in", failures::chain(error))
    };
    let bytes = report
        .output(&plan::places::results(), "results")
        .map_err(|error| of_store(&error))?;
    let results = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::Internal(format!("the results cannot be read back: {error}")))?;
    let steps = provenance::steps(&graph, &report, store).map_err(|error| of_store(&error))?;
    Ok(Computed { results, steps })
}

/// Says how the study stands to its registration.
fn tell_standing(study: &Study, prepared: &Prepared) {
    if let Some(registration) = &prepared.registration {
        let deviations = &registration.deviations;
        let unexplained = deviations.iter().filter(|one| one.reason.is_none()).count();
        let text = match deviations.len() {
            0 => "as registered\n".to_owned(),
            count => format!(
                "{count} deviations from the registered plan, {unexplained} without a reason: {}\n",
                deviations
                    .iter()
                    .map(|deviation| deviation.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        tell(&text);
        for name in provenance::idle_reasons(&study.plan, deviations) {
            tell(&format!(
                "warning: `deviation {name}` gives a reason, but nothing of this name differs from the registered plan\n"
            ));
        }
    }
    if !prepared.left_out.is_empty() {
        tell(&format!(
            "the study is blind: not computed without a registration: {}\n  = help: `prereg register` freezes the plan, \
             `--registered FILE` runs against it\n",
            prepared.left_out.join("; ")
        ));
    }
}

/// Enters what was evaluated into the log of looks, before anybody sees the results.
fn look(prepared: &Prepared, store: &Store, results: &Results) -> Result<LooksCopy, Failure> {
    let path = store.root().join(provenance::LOOKS_LOG);
    let data: Vec<String> = results
        .inputs
        .iter()
        .map(|input| input.content_sha256.clone())
        .collect();
    let looker = provenance::Looker {
        plan: &prepared.plan,
        data: data.clone(),
        registered: prepared.registration.is_some(),
        time: store::rfc3339(now()),
    };
    let (looks, broken) = provenance::append_looks(&path, &looker)
        .map_err(|error| Failure::file(&path, "write the log of looks", error))?;
    if let Some(broken) = &broken {
        tell(&format!("warning: {}: {broken}\n", path.display()));
    }
    Ok(provenance::looks_copy(
        &prepared.plan,
        &data,
        looks,
        broken.as_ref(),
    ))
}

/// The files that the steps read.
fn files_read(
    folder: &Path,
    out: &Path,
    results: &Results,
    steps: &[StepRecord],
) -> Vec<FileRecord> {
    let mut contents: BTreeMap<&String, BTreeSet<Digest>> = BTreeMap::new();
    for input in steps.iter().flat_map(|step| step.inputs.values()) {
        if let Origin::File { file } = &input.from {
            contents.entry(file).or_default().insert(input.sha256);
        }
    }
    contents
        .into_iter()
        .map(|(file, contents)| {
            let table = results.inputs.iter().find(|known| known.file == *file);
            let path = place(folder, out, file);
            let rows = table.map(|known| known.patients);
            FileRecord::new(file.clone(), path, contents.into_iter().collect(), rows)
        })
        .collect()
}

/// Where a file lies from the folder of the report; of the patients' files the folder that all have in common is what is
/// looked for, since no file is called `{patient}`.
fn place(folder: &Path, out: &Path, file: &str) -> String {
    let Some((before, _)) = file.split_once("{patient}") else {
        return report_folder::relative(out, &folder.join(file));
    };
    let common = before.rsplit_once('/').map_or("", |(common, _)| common);
    let rest = file[common.len()..].trim_start_matches('/');
    format!(
        "{}/{rest}",
        report_folder::relative(out, &folder.join(common))
    )
}

/// The record of the run that made these files.
fn record(
    study: &Study,
    store: &Store,
    out: &Path,
    (read, steps): (Vec<FileRecord>, Vec<StepRecord>),
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<RunRecord, Failure> {
    let digest_of = |name: &str| files.get(name).map(|bytes| Digest::of(bytes));
    let mut record = RunRecord {
        format: provenance::RECORD_FORMAT,
        prereg_version: env!("CARGO_PKG_VERSION").to_owned(),
        written: store::rfc3339(now()),
        study: StudyFile {
            path: report_folder::relative(out, &study.file),
            sha256: Digest::of(study.text.as_bytes()),
            text: study.text.clone(),
        },
        plan_digest: plan::digest(&study.plan),
        results_sha256: digest_of(report_folder::RESULTS)
            .ok_or_else(|| Failure::Internal("the report has no results.json".to_owned()))?,
        store: report_folder::relative(out, store.root()),
        registration_sha256: digest_of(report_folder::REGISTRATION),
        looks_sha256: digest_of(report_folder::LOOKS),
        files: read,
        steps,
        seal: Digest::of(&[]),
    };
    record.seal = record.own_digest();
    Ok(record)
}

/// JSON for people.
pub(super) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Failure> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|error| Failure::Internal(error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

#[expect(
    clippy::disallowed_methods,
    reason = "receipts say when a step ran; no result depends on it"
)]
pub(super) fn now() -> SystemTime {
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

/// Writes a file that must not be there yet; a secret one for its owner alone.
pub(super) fn write_new(path: &Path, bytes: &[u8], secret: bool) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = secret;
    let failure = |error: std::io::Error| Failure::File {
        path: path.to_owned(),
        doing: "write",
        reason: error.to_string(),
        hint: (error.kind() == std::io::ErrorKind::AlreadyExists)
            .then(|| "what is there is kept: choose another name with --out".to_owned()),
    };
    let mut file = options.open(path).map_err(failure)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(failure)
}
