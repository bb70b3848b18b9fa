//! The published Table 1: a study that declares the paper's counts prints its 25 p values.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn the_published_p_values_are_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_prereg"))
        .args(["run", "studies/icc_table1.study", "--quiet", "--out"])
        .arg(folder.path().join("out"))
        .arg("--store")
        .arg(folder.path().join("store"))
        .current_dir(&root)
        .output()
        .expect("the program runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let read = |path: &Path| -> Value {
        serde_json::from_str(&std::fs::read_to_string(path).expect("the file can be read"))
            .expect("it is JSON")
    };
    let results = read(&folder.path().join("out/results.json"));
    let published = read(&root.join("reference/paper_table1.json"));
    let rows = published["expected"]["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 25);
    let mut wrong = Vec::new();
    for row in rows {
        let name = row["name"].as_str().expect("a name");
        let id = format!("table1.{name}.p");
        let value = results["values"]
            .as_array()
            .and_then(|values| values.iter().find(|value| value["id"] == id.as_str()))
            .expect("the value is reported");
        let printed: f64 = value["display"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("a number");
        if Some(printed) != row["published_p"].as_f64() {
            wrong.push(format!(
                "{name}: printed {printed}, published {}",
                row["published_p"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
