//! A study with every learner but the forest, run by the program: what its tables say, the same bytes for any number of threads,
//! and a characteristics table with a row that cannot be compared.

use std::path::Path;
use std::process::Command;

fn run(threads: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_prereg"))
        .args([
            "run",
            "studies/learners.study",
            "--quiet",
            "--threads",
            threads,
            "--out",
        ])
        .arg(folder.path().join("out"))
        .arg("--store")
        .arg(folder.path().join("store"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"))
        .output()
        .expect("the program runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let read = |name: &str| {
        std::fs::read_to_string(folder.path().join("out").join(name)).expect("a part of the report")
    };
    (read("results.json"), read("report.md"))
}

#[test]
fn learners_are_tuned_judged_and_told() {
    let (results, report) = run("1");
    assert_eq!(run("2").0, results);
    for said in [
        "Penalised logistic regression for Early recurrence",
        "Coefficient for one standard deviation",
        "– (constant)",
        "The score is the decision value, not a probability",
        "number of trees 20, largest depth 2",
        "among 2 settings",
        "not compared: the values do not vary within any group",
        "Welch's analysis of variance",
    ] {
        assert!(
            report.contains(said),
            "{said:?} is not in the report:\n{report}"
        );
    }
    assert!(results.contains("\"table2.validation.machine.auc\""));
    // Calibration is of probabilities alone.
    assert!(results.contains("\"table2.validation.lasso.brier\""));
    assert!(!results.contains("\"table2.validation.machine.brier\""));
    // The size of each group of the calibration figure is a reported value.
    assert!(results.contains("\"table2.validation.lasso.hosmer_lemeshow.group1.n\""));
}
