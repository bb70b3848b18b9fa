//! Every reference case: our methods against figures computed by other programs.

use std::path::{Path, PathBuf};

use prereg::validation::{Case, compare, find};

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of cases can be read")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    paths.sort();
    paths
}

/// Runs the cases of a folder and tells which fail; returns how many ran.
fn run(folder: &Path, root: &Path) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in cases(folder) {
        let text = std::fs::read_to_string(&path).expect("a case can be read");
        if !text.contains("\"method\"") {
            continue;
        }
        let case = match Case::parse(&text, root) {
            Ok(case) => case,
            Err(error) => {
                wrong.push(format!("{}: {error}", path.display()));
                continue;
            }
        };
        count += 1;
        let Some(method) = find(&case.method) else {
            wrong.push(format!("{}: no method `{}`", case.id, case.method));
            continue;
        };
        match (method.run)(&case) {
            Err(error) => wrong.push(format!("{}: {error}", case.id)),
            Ok(actual) => {
                for failure in compare(&case.expected, &actual, &case.tolerance).failures {
                    wrong.push(format!(
                        "{} {}: expected {}, computed {} (deviation {:.2e}, {:.2} times the tolerance)",
                        case.id,
                        failure.field,
                        failure.expected,
                        failure.actual,
                        failure.deviation,
                        failure.share_of_tolerance
                    ));
                }
            }
        }
    }
    (count, wrong)
}

#[test]
fn methods_agree_with_the_cases_built_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let (count, wrong) = run(&root, &root);
    assert!(count >= 60, "only {count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn methods_agree_with_the_shared_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference");
    if !root.join("statistics").exists() {
        println!("skipped: ../shared/reference/statistics is not here");
        return;
    }
    let (count, wrong) = run(&root.join("statistics"), &root);
    assert!(count >= 90, "only {count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
