//! `prereg features`: one region of one image, and what is said of files that do not fit.

use std::path::Path;
use std::process::{Command, Output};

use prereg::imaging::{Geometry, NiftiNumber, Volume, nifti_gz_bytes};
use serde_json::Value;

fn geometry(size: [usize; 3]) -> Geometry {
    Geometry {
        size,
        spacing: [1.0, 1.0, 2.0],
        origin: [0.0; 3],
        direction: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    }
}

fn write(folder: &Path, name: &str, size: [usize; 3], value: impl Fn(usize) -> f64) {
    let values: Vec<f64> = (0..size.iter().product()).map(value).collect();
    let volume = Volume::new(geometry(size), values).expect("as many values as voxels");
    let bytes = nifti_gz_bytes(&volume, NiftiNumber::Float32).expect("the volume can be written");
    std::fs::write(folder.join(name), bytes).expect("the file is written");
}

fn features(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_prereg"))
        .arg("features")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

fn case() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let size = [8, 8, 6];
    write(folder.path(), "image.nii.gz", size, |voxel| {
        ((voxel * 37) % 101) as f64
    });
    write(folder.path(), "mask.nii.gz", size, |voxel| {
        if voxel % 8 < 5 { 1.0 } else { 0.0 }
    });
    write(folder.path(), "small.nii.gz", [4, 4, 4], |_| 1.0);
    folder
}

#[test]
fn json_and_csv_hold_the_same_features() {
    let folder = case();
    let json = features(folder.path(), &["image.nii.gz", "mask.nii.gz"]);
    assert!(
        json.status.success(),
        "{}",
        String::from_utf8_lossy(&json.stderr)
    );
    let json: Value = serde_json::from_slice(&json.stdout).expect("the answer is JSON");
    let found = json["features"].as_object().expect("features by name");
    assert_eq!(found.len(), 107);
    assert_eq!(json["region"]["voxels"], 240);
    assert!(found["original_firstorder_Mean"].is_f64());
    let csv = features(
        folder.path(),
        &[
            "image.nii.gz",
            "mask.nii.gz",
            "--format",
            "csv",
            "--out",
            "features.csv",
        ],
    );
    assert!(csv.status.success() && csv.stdout.is_empty());
    let mut reader = csv::Reader::from_path(folder.path().join("features.csv")).expect("a table");
    for row in reader.records() {
        let row = row.expect("every row can be read");
        let value: f64 = row[1].parse().expect("a number");
        assert_eq!(found[&row[0]].as_f64(), Some(value), "{}", &row[0]);
    }
}

#[test]
fn settings_of_either_form_say_the_same() {
    let folder = case();
    std::fs::write(
        folder.path().join("ours.toml"),
        "discretize = { bin_width = 10.0 }\nclasses = [\"glcm\"]\nonly = [\"glcm_Contrast\", \"glcm_Dissimilarity\"]\nnormalize = { \
         scale = 100.0 }\nresample = { spacing = [1.0, 1.0, 1.0], interpolation = \"linear\" }\n",
    )
    .expect("the file is written");
    std::fs::write(
        folder.path().join("theirs.yaml"),
        "setting:\n  binWidth: 10\n  normalize: true\n  normalizeScale: 100\n  resampledPixelSpacing: [1, 1, 1]\n  interpolator: \
         sitkLinear\nfeatureClass:\n  glcm: [Contrast, Dissimilarity]\n",
    )
    .expect("the file is written");
    let of = |settings: &str| {
        let output = features(
            folder.path(),
            &["image.nii.gz", "mask.nii.gz", "--settings", settings],
        );
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let answer: Value = serde_json::from_slice(&output.stdout).expect("the answer is JSON");
        answer["features"].clone()
    };
    assert_eq!(of("ours.toml"), of("theirs.yaml"));
    assert_eq!(
        of("ours.toml").as_object().map(serde_json::Map::len),
        Some(2)
    );
}

#[test]
fn what_does_not_fit_is_told() {
    let folder = case();
    let told = |arguments: &[&str]| {
        let output = features(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let grids = told(&["image.nii.gz", "small.nii.gz"]);
    assert!(
        grids.contains("small.nii.gz") && grids.contains("--resample-mask"),
        "{grids}"
    );
    let label = told(&["image.nii.gz", "mask.nii.gz", "--label", "7"]);
    assert!(
        label.contains('7') && label.contains("mask.nii.gz"),
        "{label}"
    );
    let missing = told(&["nowhere.nii.gz", "mask.nii.gz"]);
    assert!(
        missing.contains("cannot read the image nowhere.nii.gz"),
        "{missing}"
    );
    std::fs::write(folder.path().join("bad.yaml"), "setting:\n  binWith: 5\n").expect("written");
    let key = told(&["image.nii.gz", "mask.nii.gz", "--settings", "bad.yaml"]);
    assert!(
        key.contains("line 2") && key.contains("did you mean `binWidth`?"),
        "{key}"
    );
    std::fs::write(folder.path().join("bad.toml"), "bin_width = 5\n").expect("written");
    let key = told(&["image.nii.gz", "mask.nii.gz", "--settings", "bad.toml"]);
    assert!(key.contains("bin_width") && key.contains("line 1"), "{key}");
}
