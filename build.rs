//! Carries `tests/reference/` in the program, so that `prereg validate` runs where there is no checkout.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script its folders by the environment"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("tests/reference");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=tests/reference");
    let mut names = files(&root, "")?;
    names.extend(files(&root, "cohorts/")?);
    names.sort();
    let mut code = String::from(
        "/// Path and text of every reference file, in alphabetical order.\nconst BUILT_IN: &[(&str, &str)] = &[\n",
    );
    for name in names {
        // From the manifest's folder at compile time, so that a checkout that moved with its target folder still builds.
        writeln!(
            code,
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/tests/reference/{name}\"))),"
        )?;
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("reference_files.rs"), code)?;
    Ok(())
}

/// The cases and tables directly in a folder, with their path from the root.
fn files(root: &Path, folder: &str) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join(folder))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") || name.ends_with(".csv") {
            names.push(format!("{folder}{name}"));
        }
    }
    Ok(names)
}
