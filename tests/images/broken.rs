//! Broken images: what is printed names the patient, the file, the fault and what to do, for all patients at once.

use super::cohort::{Cohort, SIZE};

/// The study, broken; exits with 1, leaves no report, prints all of these.
fn fails(cohort: &Cohort, told: &[&str]) -> String {
    let run = cohort.run("store", "2");
    assert_eq!(run.code, Some(1), "{}", run.printed);
    assert!(run.results.is_none(), "a report was left behind");
    for words in told {
        assert!(
            run.printed.contains(words),
            "{words:?} is not told:\n{}",
            run.printed
        );
    }
    run.printed
}

fn voxels() -> usize {
    SIZE.iter().product()
}

#[test]
fn the_faults_of_all_patients_are_told_at_once() {
    let cohort = Cohort::new(12);
    cohort.write("images/P02/b0.nii.gz", b"not an image");
    std::fs::remove_file(cohort.path("images/P03/roi.nii.gz")).expect("the file is removed");
    std::fs::remove_file(cohort.path("images/P03/b0.nii.gz")).expect("the file is removed");
    cohort.image(
        "images/P05/roi.nii.gz",
        vec![0.0; voxels()],
        [1.2, 1.2, 2.0],
    );
    cohort.image(
        "images/P06/roi.nii.gz",
        vec![1.0; voxels()],
        [1.2, 1.2, 2.5],
    );
    cohort.write("rereads/P04/again.nii.gz", b"");
    let printed = fails(
        &cohort,
        &[
            "features radiomics, patient P02: image b0: neither NIfTI nor NRRD",
            "features radiomics, patient P03: image b0: there is no file",
            "features radiomics, patient P03: region tumor: there is no file",
            "features radiomics, patient P04: reread \"intra\":",
            "features radiomics, patient P05: region tumor: no voxel of the mask has a label",
            "features radiomics, patient P06: region tumor: image and mask do not lie on the same grid",
            "resampled to image",
        ],
    );
    assert!(!printed.contains("patient P01"), "{printed}");
}

#[test]
fn a_mask_on_another_grid_is_resampled_if_the_study_says_so() {
    let cohort = Cohort::new(12);
    cohort.image(
        "images/P06/roi.nii.gz",
        vec![1.0; voxels()],
        [1.2, 1.2, 2.5],
    );
    cohort.edit_study("roi.nii.gz\"", "roi.nii.gz\" resampled to image");
    let run = cohort.run("store", "2");
    assert_eq!(run.code, Some(0), "{}", run.printed);
}

#[test]
fn too_few_patients_read_again() {
    let cohort = Cohort::new(12);
    for key in ["P03", "P04", "P05", "P06"] {
        std::fs::remove_dir_all(cohort.path(&format!("rereads/{key}")))
            .expect("the reread is removed");
    }
    fails(
        &cohort,
        &[
            "repeatability stable, reread \"intra\": 2 patients of the cohort were read again; at least 3 are needed",
            "rereads/{patient}/again.nii.gz",
        ],
    );
}

#[test]
fn a_table_of_features_without_some_patients() {
    let cohort = Cohort::new(12);
    let mut features = "patient,f_one,f_two\n".to_owned();
    for number in 1..=10 {
        features.push_str(&format!(
            "P{number:02},{number},{}\n",
            if number == 4 { "x" } else { "1.5" }
        ));
    }
    cohort.write("features.csv", features.as_bytes());
    let text = std::fs::read_to_string(cohort.path("images.study")).expect("the study is there");
    let start = text.find("image b0").expect("images");
    let study = text[..start].to_owned()
        + "features ct from \"features.csv\" key patient { columns \"f_\" }\n\
           standardize ct by zscore fit on patients\n\
           signature s from ct predicting relapsed fit on patients { learn random_forest { trees 10, features_per_split 1 } }\n\
           performance table1 of s on patients { auc delong }\n";
    cohort.write("images.study", study.as_bytes());
    fails(&cohort, &["features.csv", "P04", "found \"x\""]);
    cohort.write("features.csv", features.replace(",x", ",2").as_bytes());
    fails(
        &cohort,
        &[
            "features ct: 2 of the 12 patients of the cohort are not in features.csv: P11, P12",
            "missing complete_cases",
        ],
    );
    let study = study.replace(
        "features ct from",
        "missing complete_cases\nfeatures ct from",
    );
    cohort.write("images.study", study.as_bytes());
    let run = cohort.run("store", "2");
    assert_eq!(run.code, Some(0), "{}", run.printed);
}

#[test]
fn a_batch_that_the_fit_does_not_know() {
    let cohort = Cohort::new(12);
    cohort.edit_study(
        "image b0 ",
        "split patients by poor into training = no, validation = yes\nimage b0 ",
    );
    cohort.edit_study("exclude \"Image quality poor\" when poor", "");
    cohort.edit_study(
        "with combat by scanner fit on patients",
        "with combat by scanner fit on training",
    );
    let poor: Vec<String> = (1..=12)
        .filter(|n| n % 2 == 0)
        .map(|n| format!("P{n:02}"))
        .collect();
    let poor: Vec<&str> = poor.iter().map(String::as_str).collect();
    cohort.table(&poor);
    cohort.edit_study(
        "performance table1 of rad_score on patients { auc delong }",
        "performance table1 of rad_score on patients { auc delong allow leakage because \"a test\" }",
    );
    fails(
        &cohort,
        &[
            "harmonize radiomics: batch `a` of 6 patients (P02, P04, P06, P08, P10 and 1 more)",
            "none of them is among the patients of the fit",
            "stratified by",
        ],
    );
}
