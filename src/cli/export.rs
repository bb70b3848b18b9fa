//! `prereg export`: a finished report in the formats of others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::report_folder::{self, LOOKS, RECORD, REGISTRATION, ReportFolder};
use super::run::{json, write_atomically};
use super::{Failure, say};
use crate::provenance::{self, CRATE_STUDY, CrateDetails};

/// Export a finished report as Workflow Run RO-Crate or as W3C PROV-JSON
///
/// The data stay where they are: a crate names them by digest.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder of the report
    #[arg(value_name = "REPORT_DIR")]
    report: PathBuf,
    /// Write a Workflow Run RO-Crate into this folder, which must be new or empty
    #[arg(long, value_name = "DIR", required_unless_present = "prov")]
    ro_crate: Option<PathBuf>,
    /// Write PROV-JSON into this file
    #[arg(long, value_name = "FILE")]
    prov: Option<PathBuf>,
    /// The licence of the crate: an address, or words
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "not stated: ask the authors of the study"
    )]
    license: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let report = report_folder::load(&arguments.report)?;
    let prov = json(&provenance::prov_json(&report.results, &report.record))?;
    if let Some(path) = &arguments.prov {
        write_atomically(path, &prov)?;
        say(&format!("{}\n", path.display()));
    }
    if let Some(folder) = &arguments.ro_crate {
        refuse_used(folder)?;
        let mut files = files(&report)?;
        files.insert("prov.json".to_owned(), prov);
        let details = CrateDetails {
            license: &arguments.license,
        };
        let metadata = provenance::crate_metadata(&report.results, &report.record, &files, details);
        files.insert("ro-crate-metadata.json".to_owned(), json(&metadata)?);
        for (name, bytes) in &files {
            write_atomically(&folder.join(name), bytes)?;
        }
        say(&format!(
            "{}\n",
            folder.join("ro-crate-metadata.json").display()
        ));
    }
    Ok(())
}

fn refuse_used(folder: &Path) -> Result<(), Failure> {
    let used = folder.exists()
        && std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if !used {
        return Ok(());
    }
    Err(Failure::File {
        path: folder.to_owned(),
        doing: "write the crate into",
        reason: "the folder holds files".to_owned(),
        hint: Some("choose a new or empty folder".to_owned()),
    })
}

/// The files of the report and the study that it was made from.
fn files(report: &ReportFolder) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut names: Vec<String> = ["results.json", "report.html", "report.md", RECORD]
        .map(str::to_owned)
        .to_vec();
    names.extend(
        [LOOKS, REGISTRATION]
            .into_iter()
            .filter(|name| report.folder.join(name).exists())
            .map(str::to_owned),
    );
    for folder in ["tables", "figures"] {
        let path = report.folder.join(folder);
        for entry in std::fs::read_dir(&path).into_iter().flatten().flatten() {
            names.push(format!("{folder}/{}", entry.file_name().to_string_lossy()));
        }
    }
    let mut files = BTreeMap::new();
    for name in names {
        let path = report.folder.join(&name);
        let bytes = std::fs::read(&path).map_err(|error| Failure::file(&path, "read", error))?;
        files.insert(name, bytes);
    }
    files.insert(
        CRATE_STUDY.to_owned(),
        report.record.study.text.clone().into_bytes(),
    );
    Ok(files)
}
