//! The document for auditors: what went in, who is in which set, what was done with which key and seed, what deviates, who
//! had looked, how the methods were validated, and whether the numbers fit each other. Markdown.

use std::fmt::Write;

use super::consistency::consistency;
use super::prepare::LooksCopy;
use super::record::RunRecord;
use super::registration::Registration;
use crate::plan::Plan;
use crate::report::{NoteKind, Part, Results};

/// What is audited.
#[derive(Clone, Copy, Debug)]
pub struct Audited<'a> {
    pub results: &'a Results,
    pub record: &'a RunRecord,
    pub looks: Option<&'a LooksCopy>,
    pub registration: Option<&'a Registration>,
}

/// The methods behind each kind of step, as reference cases call them (`prereg method --list`, `tests/reference/`).
pub const METHODS: &[(&str, &[&str])] = &[
    (
        "calibration",
        &["bootstrap_calibration_curve", "calibration_measures"],
    ),
    (
        "characteristics",
        &["two_group_location", "contingency_table", "kruskal_wallis"],
    ),
    ("classification", &["classification_at_cutoff"]),
    ("cox_regression", &["cox_regression", "cox_ties"]),
    ("cutoff", &["classification_at_cutoff", "roc_delong"]),
    ("decision_curve", &["decision_curve"]),
    ("discrimination", &["roc_delong"]),
    ("hosmer_lemeshow", &["hosmer_lemeshow"]),
    (
        "kaplan_meier",
        &["kaplan_meier_curve", "kaplan_meier_log_rank"],
    ),
    (
        "logistic_model",
        &["logistic_regression", "screen_then_backward_aic"],
    ),
    ("random_forest_signature", &["random_forest"]),
    (
        "treatment_benefit",
        &[
            "treatment_benefit_by_group",
            "treatment_by_group_interaction",
        ],
    ),
];

/// The plan of a recorded run: the last step has it among its parameters.
pub fn recorded_plan(record: &RunRecord) -> Option<Plan> {
    let last = record.steps.iter().find(|step| step.kind == "results")?;
    serde_json::from_value(last.parameters.get("plan")?.clone()).ok()
}

/// The document.
pub fn audit(audited: &Audited<'_>) -> String {
    let mut out = String::new();
    identity(&mut out, audited);
    inputs(&mut out, audited);
    patients(&mut out, audited);
    steps(&mut out, audited);
    registration(&mut out, audited);
    looks(&mut out, audited);
    warnings(&mut out, audited);
    methods(&mut out, audited);
    checks(&mut out, audited);
    out
}

fn row(out: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn table(out: &mut String, header: &[&str], rows: &[Vec<String>]) {
    row(out, header);
    row(out, &vec!["---"; header.len()]);
    for cells in rows {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        row(out, &cells);
    }
    out.push('\n');
}

fn identity(out: &mut String, audited: &Audited<'_>) {
    let (study, record) = (&audited.results.study, audited.record);
    let _ = writeln!(out, "# Audit of {}\n\n{}\n", study.name, study.title);
    table(
        out,
        &["what", "value"],
        &[
            vec![
                "study".to_owned(),
                format!("{}, version {}", study.name, study.version),
            ],
            vec![
                "text of the study".to_owned(),
                format!("{} (SHA-256 {})", record.study.path, record.study.sha256),
            ],
            vec!["plan".to_owned(), format!("SHA-256 {}", study.plan_digest)],
            vec![
                "results.json".to_owned(),
                format!("SHA-256 {}", record.results_sha256),
            ],
            vec![
                "reported values".to_owned(),
                audited.results.values.len().to_string(),
            ],
            vec!["seed".to_owned(), study.seed.to_string()],
            vec!["significance level".to_owned(), study.alpha.to_string()],
            vec![
                "program".to_owned(),
                format!("prereg {}", record.prereg_version),
            ],
            vec!["report written".to_owned(), record.written.clone()],
        ],
    );
}

fn inputs(out: &mut String, audited: &Audited<'_>) {
    out.push_str("## Inputs\n\n");
    let rows: Vec<Vec<String>> = audited
        .record
        .files
        .iter()
        .map(|file| {
            let content = audited
                .results
                .inputs
                .iter()
                .find(|input| input.file == file.file);
            vec![
                file.file.clone(),
                file.rows.map_or("–".to_owned(), |rows| rows.to_string()),
                file.sha256.to_string(),
                content.map_or("–".to_owned(), |input| input.content_sha256.clone()),
            ]
        })
        .collect();
    table(
        out,
        &[
            "file",
            "rows",
            "SHA-256 of the file",
            "SHA-256 of the content in the order of the key",
        ],
        &rows,
    );
}

fn patients(out: &mut String, audited: &Audited<'_>) {
    out.push_str("## Patients\n\n");
    let plan = recorded_plan(audited.record);
    let cohort = plan.as_ref().map_or("", |plan| plan.cohort.name.as_str());
    let shown = |id: &str| {
        audited
            .results
            .values
            .iter()
            .find(|value| value.id == id)
            .map_or("not reported".to_owned(), |value| value.display.clone())
    };
    let mut rows = vec![vec![
        "screened".to_owned(),
        shown(&format!("{cohort}.screened")),
    ]];
    for (index, rule) in plan.iter().flat_map(|plan| &plan.cohort.rules).enumerate() {
        rows.push(vec![
            format!("excluded: {}", rule.label),
            shown(&format!("{cohort}.excluded.{}", index + 1)),
        ]);
    }
    rows.push(vec![
        "included".to_owned(),
        shown(&format!("{cohort}.included")),
    ]);
    let split = plan.as_ref().and_then(|plan| plan.split.as_ref());
    for set in split.into_iter().flat_map(|split| &split.sets) {
        rows.push(vec![
            format!("set {set}"),
            shown(&format!("{cohort}.{set}.n")),
        ]);
    }
    table(out, &["who", "patients"], &rows);
    out.push_str(
        "Who is in which set stands in the store alone: the outputs `members` and `set.NAME` of the steps below, as positions \
         in the order of the key. An excluded patient is counted at the first rule that applies.\n\n",
    );
}

fn steps(out: &mut String, audited: &Audited<'_>) {
    out.push_str("## Steps\n\n");
    let rows: Vec<Vec<String>> = audited
        .record
        .steps
        .iter()
        .map(|step| {
            vec![
                step.id.clone(),
                format!("{} {}", step.kind, step.version),
                step.key.to_string(),
                step.stream
                    .as_ref()
                    .map_or("–".to_owned(), |stream| stream.seed.to_string()),
                step.finished.clone(),
                step.seconds()
                    .map_or("–".to_owned(), |seconds| format!("{seconds:.3}")),
                format!(
                    "{}, {} {}, {} threads",
                    step.prereg, step.machine.os, step.machine.arch, step.threads
                ),
            ]
        })
        .collect();
    table(
        out,
        &[
            "step",
            "kind and version",
            "key",
            "seed",
            "computed",
            "seconds",
            "by prereg, on",
        ],
        &rows,
    );
}

fn registration(out: &mut String, audited: &Audited<'_>) {
    out.push_str("## Registration\n\n");
    let Some(summary) = &audited.results.registration else {
        out.push_str("Not registered.\n\n");
        return;
    };
    let mut rows = vec![
        vec!["registered".to_owned(), summary.registered.clone()],
        vec!["with prereg".to_owned(), summary.prereg_version.clone()],
        vec![
            "plan".to_owned(),
            format!("SHA-256 {}", summary.plan_digest),
        ],
        vec![
            "registration".to_owned(),
            format!("SHA-256 {}", summary.digest),
        ],
        vec![
            "signed by".to_owned(),
            summary
                .signed_by
                .clone()
                .unwrap_or_else(|| "nobody".to_owned()),
        ],
        vec![
            "data at that time".to_owned(),
            if summary.before_data { "none" } else { "some" }.to_owned(),
        ],
    ];
    for file in audited
        .registration
        .into_iter()
        .flat_map(|registration| &registration.files)
    {
        let now = audited.record.file(&file.file).map(|now| now.sha256);
        let state = match file.sha256 {
            None => "was not there".to_owned(),
            same if same == now => "the same file".to_owned(),
            Some(sha256) => format!("another file: SHA-256 {sha256}"),
        };
        rows.push(vec![format!("file {}", file.file), state]);
    }
    table(out, &["what", "value"], &rows);
    let deviations: Vec<Vec<String>> = summary
        .deviations
        .iter()
        .map(|one| {
            vec![
                one.name.clone(),
                format!("{:?}", one.kind).to_lowercase(),
                one.before.clone().unwrap_or_default(),
                one.now.clone().unwrap_or_default(),
                one.reason
                    .clone()
                    .unwrap_or_else(|| "no reason given".to_owned()),
            ]
        })
        .collect();
    if deviations.is_empty() {
        out.push_str("No deviations: as registered.\n\n");
    } else {
        table(
            out,
            &["deviation", "kind", "registered", "run", "reason"],
            &deviations,
        );
    }
}

fn looks(out: &mut String, audited: &Audited<'_>) {
    out.push_str("## Looks at patients outside of the fitting set\n\n");
    let Some(copy) = audited.looks else {
        out.push_str("The report has no copy of the log of looks.\n\n");
        return;
    };
    if let Some(broken) = &copy.summary.broken {
        let _ = writeln!(out, "**The log was tampered with: {broken}.**\n");
    }
    for set in &copy.summary.sets {
        let _ = writeln!(
            out,
            "- {}: {} other plans, {} evaluations before this plan",
            set.label, set.plans_before, set.evaluations_before
        );
    }
    out.push('\n');
    let rows: Vec<Vec<String>> = copy
        .entries
        .iter()
        .map(|look| {
            vec![
                look.number.to_string(),
                look.time.clone(),
                look.study.clone(),
                look.plan.clone(),
                look.outcome.clone(),
                look.set.clone(),
                if look.registered { "yes" } else { "no" }.to_owned(),
                look.entry.to_string(),
            ]
        })
        .collect();
    table(
        out,
        &[
            "entry",
            "when",
            "study",
            "plan",
            "outcome",
            "set",
            "registered",
            "digest",
        ],
        &rows,
    );
}

fn warnings(out: &mut String, audited: &Audited<'_>) {
    out.push_str("## Notes and warnings of the report\n\n");
    for note in &audited.results.notes {
        let text: String = note
            .text
            .iter()
            .map(|part| match part {
                Part::Text(text)
                | Part::Value(text)
                | Part::Significant(text)
                | Part::Mark(text) => text.as_str(),
            })
            .collect();
        let kind = match note.kind {
            NoteKind::Leakage => "Leakage allowed",
            NoteKind::Warning => "Warning",
            _ => "Note",
        };
        let _ = writeln!(out, "- {kind}: {text}");
    }
    out.push('\n');
}

fn methods(out: &mut String, audited: &Audited<'_>) {
    out.push_str("## Validation of the methods used\n\n");
    let rows: Vec<Vec<String>> = METHODS
        .iter()
        .filter(|(kind, _)| audited.record.steps.iter().any(|step| step.kind == *kind))
        .map(|(kind, names)| vec![(*kind).to_owned(), names.join(", ")])
        .collect();
    table(
        out,
        &["kind of step", "methods with reference cases"],
        &rows,
    );
    out.push_str(
        "Each method is compared with figures of independent programs: the cases `tests/reference/*.json` of the source code \
         name the program, its version, the call and the tolerance, and `prereg method NAME < case.json` runs one.\n\n",
    );
}

fn checks(out: &mut String, audited: &Audited<'_>) {
    out.push_str("## Do the numbers fit each other?\n\n");
    let checks = consistency(audited.results);
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| {
            vec![
                check.question.to_owned(),
                check.asked.to_string(),
                check.faults.len().to_string(),
            ]
        })
        .collect();
    table(out, &["question", "asked of", "do not fit"], &rows);
    for fault in checks.iter().flat_map(|check| &check.faults) {
        let _ = writeln!(out, "- {fault}");
    }
}
