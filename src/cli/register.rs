//! `prereg register`: freezes the plan of a study in a file.

use std::path::{Path, PathBuf};

use super::report_folder::{read_json, statements};
use super::run::{json, now, write_new};
use super::{Failure, say, study, tell};
use crate::engine::Source;
use crate::provenance::{self, Circumstances, Key, RegisteredFile, Registration};
use crate::steps;
use crate::store::{self, Digest};

/// Register a study: freeze its plan in one file, before the results are seen
///
/// STUDY.registered.json holds the canonical plan and its SHA-256, the text of every statement, the version of prereg, the
/// digests of the data files that are there (or that none is), the time, and a signature if a key is given. Put it where
/// others can see when it was made, such as a public registry.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The study
    #[arg(value_name = "STUDY")]
    file: PathBuf,
    /// Sign with this key (see `prereg key new`)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Where to write the registration [default: STUDY.registered.json]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let study = study::load(&arguments.file)?;
    let key: Option<Key> = arguments.key.as_deref().map(read_json).transpose()?;
    let graph = steps::graph(&study.plan, &study.folder)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let mut files: Vec<RegisteredFile> = Vec::new();
    for input in graph.steps().iter().flat_map(|step| &step.inputs) {
        let Source::File { path, label } = &input.source else {
            continue;
        };
        if files.iter().all(|known| known.file != *label) {
            files.push(RegisteredFile {
                file: label.clone(),
                sha256: digest_of(path)?,
            });
        }
    }
    let circumstances = Circumstances {
        registered: store::rfc3339(now()),
        prereg_version: env!("CARGO_PKG_VERSION").to_owned(),
        study_file: arguments
            .file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        files,
    };
    let registration = provenance::register(
        &study.plan,
        &statements(&study.text),
        circumstances,
        key.as_ref(),
    )
    .map_err(|error| Failure::Usage(error.to_string()))?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| arguments.file.with_extension("registered.json"));
    write_new(&out, &json(&registration)?, false)?;
    let data = if registration.before_data {
        "before any data file was there".to_owned()
    } else {
        let there = registration
            .files
            .iter()
            .filter(|file| file.sha256.is_some());
        format!("with the digests of {} data files", there.count())
    };
    let signed = if registration.signature.is_some() {
        "signed"
    } else {
        "not signed"
    };
    tell(&format!(
        "registered the plan {} {data}, {signed}\n",
        registration.plan_digest
    ));
    say(&format!("{}\n", out.display()));
    Ok(())
}

fn digest_of(path: &Path) -> Result<Option<Digest>, Failure> {
    match std::fs::File::open(path) {
        Ok(file) => Digest::of_reader(file)
            .map(Some)
            .map_err(|error| Failure::file(path, "read", error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, "read", error)),
    }
}

/// The registration in a file, checked.
pub(super) fn read(path: &Path) -> Result<(Registration, Vec<u8>), Failure> {
    let bytes =
        std::fs::read(path).map_err(|error| Failure::file(path, "read the registration", error))?;
    let registration = provenance::read_registration(&bytes).map_err(|error| Failure::File {
        path: path.to_owned(),
        doing: "trust the registration",
        reason: error.to_string(),
        hint: Some("get the file from where it was registered".to_owned()),
    })?;
    Ok((registration, bytes))
}
