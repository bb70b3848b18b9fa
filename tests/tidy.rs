//! Rules of the house that a reviewer would forget: who may import whom, every file says what it is, files stay small.

use std::path::{Path, PathBuf};

/// Folder of `src/` → the folders that it must not import (DESIGN's table of who may use what).
const FORBIDDEN: &[(&[&str], &[&str])] = &[
    (
        &[
            "numerics",
            "statistics",
            "survival",
            "learning",
            "imaging",
            "radiomics",
        ],
        &[
            "plan",
            "language",
            "data",
            "steps",
            "engine",
            "store",
            "report",
            "provenance",
            "cli",
            "validation",
        ],
    ),
    (
        &["plan"],
        &[
            "language",
            "data",
            "steps",
            "engine",
            "store",
            "report",
            "provenance",
            "cli",
            "statistics",
            "survival",
            "learning",
            "imaging",
            "radiomics",
        ],
    ),
    (
        &["language"],
        &[
            "data",
            "steps",
            "engine",
            "store",
            "report",
            "provenance",
            "cli",
            "statistics",
            "survival",
            "learning",
            "imaging",
            "radiomics",
        ],
    ),
    (
        &["data"],
        &[
            "language",
            "steps",
            "engine",
            "store",
            "report",
            "provenance",
            "cli",
        ],
    ),
    (
        &["store"],
        &[
            "plan",
            "language",
            "data",
            "steps",
            "engine",
            "report",
            "provenance",
            "cli",
            "statistics",
            "survival",
            "learning",
            "imaging",
            "radiomics",
        ],
    ),
    (
        &["engine"],
        &[
            "plan",
            "language",
            "data",
            "steps",
            "report",
            "provenance",
            "cli",
            "statistics",
            "survival",
            "learning",
            "imaging",
            "radiomics",
        ],
    ),
    (
        &["simulation"],
        &[
            "language",
            "steps",
            "engine",
            "store",
            "report",
            "provenance",
            "cli",
            "validation",
            "statistics",
            "survival",
            "learning",
            "radiomics",
        ],
    ),
    (&["steps"], &["language", "cli", "provenance", "simulation"]),
    (
        &["report"],
        &[
            "language",
            "data",
            "steps",
            "engine",
            "store",
            "cli",
            "provenance",
            "statistics",
            "survival",
            "learning",
            "imaging",
            "radiomics",
        ],
    ),
];

/// Files over the limit, each with its reason.
const LONG: &[(&str, &str)] = &[];
const LIMIT: usize = 650;

fn rust_files(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if !root.exists() {
        return Vec::new();
    }
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("the source tree can be read").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source file can be read");
            (path, text)
        })
        .collect()
}

#[test]
fn folders_import_only_what_the_design_allows() {
    let mut wrong = Vec::new();
    for (folders, forbidden) in FORBIDDEN {
        for folder in *folders {
            for (path, text) in rust_files(&format!("src/{folder}")) {
                for (number, line) in text.lines().enumerate() {
                    for name in *forbidden {
                        if line.contains(&format!("crate::{name}")) {
                            wrong.push(format!(
                                "{}:{}: {}",
                                path.display(),
                                number + 1,
                                line.trim()
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports that the design forbids:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<String> = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(
        silent.is_empty(),
        "files without a `//!` line:\n{}",
        silent.join("\n")
    );
}

#[test]
fn files_can_be_held_in_the_head() {
    let long: Vec<String> = rust_files("src")
        .into_iter()
        .filter(|(path, text)| {
            text.lines().count() > LIMIT && !LONG.iter().any(|(name, _)| path.ends_with(name))
        })
        .map(|(path, text)| format!("{} ({} lines)", path.display(), text.lines().count()))
        .collect();
    assert!(
        long.is_empty(),
        "files over {LIMIT} lines without a reason:\n{}",
        long.join("\n")
    );
}

#[test]
fn every_test_file_is_part_of_the_test_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let main = std::fs::read_to_string(root.join("main.rs")).expect("tests/main.rs can be read");
    let forgotten: Vec<String> = std::fs::read_dir(root)
        .expect("tests can be listed")
        .map(|entry| entry.expect("tests can be listed").path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .filter_map(|path| path.file_stem().map(|s| s.to_string_lossy().into_owned()))
        .filter(|name| name != "main" && !main.contains(&format!("mod {name};")))
        .collect();
    assert!(forgotten.is_empty(), "not in tests/main.rs: {forgotten:?}");
}
