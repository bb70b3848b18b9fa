//! `prereg verify`: computes a finished report again and compares everything that it says.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::report_folder::{self, LOOKS, REGISTRATION, RESULTS, ReportFolder};
use super::run::{self, Computed};
use super::{Failure, failures, say, study, tell, templates};
use crate::language;
use crate::provenance::{self, Declared, Difference, Nearness};
use crate::report::{self, Beside, Results, StudyText};
use crate::store::{Digest, Store};

/// Verify a finished report: compute it again and compare everything that it says
///
/// Computes the study again from its data, without the store, and compares every value, to the bit; reads every number
/// back from report.html, report.md and the tables and compares it with results.json; checks the digests of the data
/// files, the objects of the store, the log of looks and the registration. Ends with 1 and the list of what differs.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder of the report
    #[arg(value_name = "REPORT_DIR")]
    report: PathBuf,
    /// The study, if it is no longer where the run found it
    #[arg(long, value_name = "FILE")]
    study: Option<PathBuf>,
    /// The store, if it is no longer where the run left it
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Accept numbers that differ by at most this part (for a report made on another platform), such as 1e-9
    #[arg(long, value_name = "PART")]
    tolerance: Option<f64>,
    /// How many threads to use; all cores if not given
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

/// The most that is listed of one kind.
const LISTED: usize = 20;

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let near = match arguments.tolerance {
        None => Nearness::Exact,
        Some(part) if (0.0..1.0).contains(&part) => Nearness::Within(part),
        Some(part) => {
            return Err(Failure::Usage(format!(
                "--tolerance is a part between 0 and 1, such as 1e-9; it is {part}"
            )));
        }
    };
    let report = report_folder::load(&arguments.report)?;
    let mut found = Vec::new();
    let bytes = read(&report, RESULTS).unwrap_or_default();
    found.push(provenance::check_record(&report.record, &bytes));
    found.push(provenance::check_files(&report.record, &report.folder));
    let store = report.store(arguments.store.as_deref())?;
    match &store {
        Some(store) => found.push(provenance::check_store(&report.record, store)),
        None => tell(
            "note: the store is not there, so its objects and its log of looks are not checked\n",
        ),
    }
    let log = store
        .as_ref()
        .map(|store| store.root().join(provenance::LOOKS_LOG))
        .and_then(|path| std::fs::read_to_string(path).ok());
    let looks = read(&report, LOOKS);
    let (looks, differences) =
        provenance::check_looks(&report.record, looks.as_deref(), log.as_deref());
    found.push(differences);
    let registration = read(&report, REGISTRATION);
    let (registration, differences) =
        provenance::check_registration(&report.record, registration.as_deref());
    found.push(differences);

    let recorded = &report.record.study;
    let declared = language::check(&recorded.text);
    let path = report.folder.join(&recorded.path);
    let brought = declared
        .plan
        .as_ref()
        .and_then(|plan| plan.templates.as_deref());
    let templates = templates::named(brought, path.parent().unwrap_or(Path::new("")))?;
    let beside = Beside {
        looks: looks.map(|looks| looks.summary),
        changed_files: registration
            .as_ref()
            .map(|registration| provenance::changed_files(registration, &report.record.files))
            .unwrap_or_default(),
        study: Some(StudyText::new(&recorded.text, &declared.sources)),
    };
    match report::render_beside(&report.results, &beside, &templates) {
        Ok(rendered) => found.push(provenance::read_back(&report.folder, &rendered.files)),
        Err(error) => found.push(vec![Difference::new(RESULTS, error.to_string())]),
    }
    match again(&report, registration.as_ref(), arguments)? {
        Ok((differences, again)) => {
            found.push(differences);
            found.push(provenance::compare_results(&report.results, &again, near));
        }
        Err(differences) => found.push(differences),
    }
    conclude(&report, &found)
}

fn read(report: &ReportFolder, name: &str) -> Option<Vec<u8>> {
    std::fs::read(report.folder.join(name)).ok()
}

type Again = Result<(Vec<Difference>, Results), Vec<Difference>>;

/// The results computed again from the study and its data as they are now, in a store of its own; and how the study
/// differs from the one that was run.
fn again(
    report: &ReportFolder,
    registration: Option<&provenance::Registration>,
    arguments: &Arguments,
) -> Result<Again, Failure> {
    let recorded = &report.record.study;
    let path = arguments
        .study
        .clone()
        .unwrap_or_else(|| report.folder.join(&recorded.path));
    if !path.exists() {
        return Ok(Err(vec![Difference::new(
            format!("study {}", recorded.path),
            "it is not there, so nothing can be computed again; name it with --study",
        )]));
    }
    let study = study::load(&path)?;
    let mut differences = Vec::new();
    if Digest::of(study.text.as_bytes()) != recorded.sha256 {
        differences.extend(changes(&recorded.text, &study));
    }
    let statements = report_folder::statements(&study.text);
    let prepared = provenance::prepare(&study.plan, &statements, registration);
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::file(std::env::temp_dir(), "make a folder in", error))?;
    let store = Store::open(folder.path()).map_err(|error| {
        Failure::file(folder.path(), "open a store in", failures::chain(&error))
    })?;
    let quiet = run::Arguments {
        file: path,
        out: None,
        store: None,
        threads: arguments.threads,
        registered: None,
        quiet: true,
    };
    match run::compute(&prepared.plan, &study.folder, &store, &quiet) {
        Ok(Computed { mut results, .. }) => {
            prepared.complete(&study.plan, &mut results);
            Ok(Ok((differences, results)))
        }
        Err(Failure::Study) => {
            differences.push(Difference::new(
                "study",
                "it cannot be computed again: the reason stands above",
            ));
            Ok(Err(differences))
        }
        Err(failure) => Err(failure),
    }
}

/// What differs between the study that was run and the one that is there.
fn changes(recorded: &str, study: &study::Study) -> Vec<Difference> {
    let before = crate::language::check(recorded);
    let place = format!("study {}", study.file.display());
    let Some(plan) = before.plan else {
        return vec![Difference::new(
            place,
            "its text is another than that of the run",
        )];
    };
    let (old, new) = (
        provenance::statements(recorded, &before.sources),
        report_folder::statements(&study.text),
    );
    let changes = provenance::differences(
        Declared {
            plan: &plan,
            statements: &old,
        },
        Declared {
            plan: &study.plan,
            statements: &new,
        },
    );
    changes
        .into_iter()
        .map(|change| {
            let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
            Difference::new(
                format!("{place}: {}", change.name),
                format!("was “{}”, is “{}”", side(&change.before), side(&change.now)),
            )
        })
        .collect()
}

fn conclude(report: &ReportFolder, found: &[Vec<Difference>]) -> Result<(), Failure> {
    let total: usize = found.iter().map(Vec::len).sum();
    if total == 0 {
        say(&format!(
            "verified: {} values of {}, computed again and read back from every file\n",
            report.results.values.len(),
            shown(&report.folder)
        ));
        return Ok(());
    }
    let mut text = String::new();
    for kind in found {
        for difference in kind.iter().take(LISTED) {
            text.push_str(&format!("{difference}\n"));
        }
        if kind.len() > LISTED {
            text.push_str(&format!("and {} more like these\n", kind.len() - LISTED));
        }
    }
    say(&text);
    tell(&format!(
        "error: {total} differences in {}\n",
        shown(&report.folder)
    ));
    Err(Failure::Study)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
