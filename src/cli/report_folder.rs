//! A finished report on disk: its results, the record of its run, the store that it came from.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::{Failure, failures};
use crate::language;
use crate::provenance::{self, RunRecord, Statement};
use crate::report::Results;
use crate::store::Store;

pub(super) const RESULTS: &str = "results.json";
pub(super) const RECORD: &str = "run.json";
pub(super) const LOOKS: &str = "looks.json";
pub(super) const REGISTRATION: &str = "registration.json";

/// A report whose files could be read.
pub(super) struct ReportFolder {
    pub(super) folder: PathBuf,
    pub(super) results: Results,
    pub(super) record: RunRecord,
}

/// The folder of a report, named by itself or by its results.json.
pub(super) fn folder_of(report: &Path) -> PathBuf {
    if report.file_name().is_some_and(|name| name == RESULTS) {
        let folder = report.parent().unwrap_or(Path::new(""));
        return if folder.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            folder.to_owned()
        };
    }
    report.to_owned()
}

pub(super) fn load(report: &Path) -> Result<ReportFolder, Failure> {
    let folder = folder_of(report);
    Ok(ReportFolder {
        results: read_json(&folder.join(RESULTS))?,
        record: read_json(&folder.join(RECORD))?,
        folder,
    })
}

pub(super) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::File {
        path: path.to_owned(),
        doing: "read",
        reason: error.to_string(),
        hint: (error.kind() == std::io::ErrorKind::NotFound).then(|| {
            "name the folder that `prereg run` wrote, with results.json and run.json in it"
                .to_owned()
        }),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::file(path, "understand", error))
}

impl ReportFolder {
    /// The statements of the study, as the run read it.
    pub(super) fn statements(&self) -> BTreeMap<String, Statement> {
        statements(&self.record.study.text)
    }

    /// The store of the run, or the one named; none if it is not there.
    pub(super) fn store(&self, named: Option<&Path>) -> Result<Option<Store>, Failure> {
        let folder = named.map_or_else(|| self.folder.join(&self.record.store), Path::to_owned);
        if !folder.is_dir() {
            if named.is_some() {
                return Err(Failure::file(
                    folder,
                    "open the store",
                    "there is no such folder",
                ));
            }
            return Ok(None);
        }
        Store::open(&folder)
            .map(Some)
            .map_err(|error| Failure::file(&folder, "open the store", failures::chain(&error)))
    }
}

/// The statements of a study's text by name.
pub(super) fn statements(text: &str) -> BTreeMap<String, Statement> {
    provenance::statements(text, &language::check(text).sources)
}

/// How to get from a folder to a file, with `/`; the file's own path where there is no way.
pub(super) fn relative(folder: &Path, file: &Path) -> String {
    let whole = |path: &Path| {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        std::fs::canonicalize(path).ok()
    };
    let (Some(from), Some(to)) = (whole(folder), whole(file)) else {
        return file.display().to_string();
    };
    let from: Vec<Component> = from.components().collect();
    let to: Vec<Component> = to.components().collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return file.display().to_string();
    }
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let down = to
        .iter()
        .skip(shared)
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}
