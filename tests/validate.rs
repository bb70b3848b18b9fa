//! `prereg validate`, run by the program: what it prints, what it files, and what it says of cases that fail or are malformed.

use std::path::Path;
use std::process::{Command, Output};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(cases: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in cases {
            std::fs::write(folder.path().join(name), text).expect("a case can be written");
        }
        Self(folder)
    }

    fn validate(&self, options: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_prereg"))
            .arg("validate")
            .arg(self.0.path())
            .args(options)
            .current_dir(self.0.path())
            .output()
            .expect("the program runs")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const RIGHT: &str = r#"{"id": "right", "method": "standardized_mean_difference", "tool": "by hand",
    "data": {"inputs": {"x": [1, 2, 3], "y": [2, 3, 4]}}, "args": {},
    "expected": {"standardized_mean_difference": 1.0}, "tolerance": {"relative": 1e-12}}"#;

#[test]
fn a_case_that_agrees_passes_and_is_filed_without_a_date() {
    let folder = Folder::new(&[("right.json", RIGHT)]);
    let output = folder.validate(&["--out", "record.md"]);
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(printed.contains("by hand"), "{printed}");
    assert!(
        printed.contains("All agree: 1 figures in 1 cases of 1 methods."),
        "{printed}"
    );
    let read = || std::fs::read(folder.0.path().join("record.md")).expect("the record");
    let first = read();
    assert!(folder.validate(&["--out", "record.md"]).status.success());
    assert_eq!(first, read());
    let record = text(&first);
    assert!(record.contains(env!("CARGO_PKG_VERSION")), "{record}");
    assert!(record.contains("  right.json\n"), "{record}");
}

#[test]
fn what_differs_is_named() {
    let wrong = RIGHT.replace("1.0}", "0.5}");
    let folder = Folder::new(&[("right.json", RIGHT), ("wrong.json", &wrong)]);
    let output = folder.validate(&["--out", "record.md"]);
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        printed.contains(
            "FAIL wrong.json (standardized_mean_difference) /standardized_mean_difference: expected 0.5, computed 1.0; \
             1.0e0 relative, 1.00e12 times what is allowed"
        ),
        "{printed}"
    );
    assert!(printed.contains("1 of 2 cases fail"), "{printed}");
    let record = std::fs::read(folder.0.path().join("record.md")).expect("the record");
    assert!(text(&record).contains("## What failed"));
}

#[test]
fn malformed_cases_say_what_they_lack() {
    for (case, message) in [
        ("{", "`case` must be a case of the documented schema"),
        ("[1]", "`case` must be a case of the documented schema"),
        (r#"{"method": "mrmr"}"#, "missing field `data`"),
        (
            r#"{"method": "bland", "data": {}}"#,
            "`method` must be one that `prereg method --list` names, not \"bland\"",
        ),
        (
            r#"{"method": "mrmr", "data": {}}"#,
            "`tool` must be the program that computed the figures",
        ),
        (
            r#"{"method": "mrmr", "tool": "x", "data": {}, "expected": {}}"#,
            "`expected` must be an object with the figures to compare",
        ),
        (
            r#"{"method": "bland_altman", "tool": "x", "data": {"inputs": {"x": "a"}}, "expected": {"sd": 1}}"#,
            "`data.inputs.x` must be a list of numbers",
        ),
        (
            r#"{"method": "welch_anova", "tool": "x", "data": {"csv": "no.csv", "value": "a", "group": "b"}, "expected": {"p": 1}}"#,
            "no.csv: No such file",
        ),
    ] {
        let folder = Folder::new(&[("case.json", case)]);
        let output = folder.validate(&[]);
        let printed = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{case}: {printed}");
        assert!(printed.contains(message), "{case}: {printed}");
        assert!(printed.contains("FAIL case.json"), "{case}: {printed}");
    }
}

#[test]
fn a_folder_without_cases_and_one_that_is_not_there() {
    let folder = Folder::new(&[]);
    let output = folder.validate(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("There is no case"),
        "{}",
        text(&output.stdout)
    );
    let output = Command::new(env!("CARGO_BIN_EXE_prereg"))
        .args(["validate", "no-such-folder"])
        .current_dir(folder.0.path())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot read the cases of no-such-folder"));
}

#[test]
fn every_method_is_in_the_manual() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/methods.md");
    let manual = std::fs::read_to_string(path).expect("docs/methods.md");
    for method in prereg::validation::methods() {
        assert!(
            manual.contains(&format!("`{}`", method.name)),
            "`{}` is not in docs/methods.md",
            method.name
        );
    }
}
