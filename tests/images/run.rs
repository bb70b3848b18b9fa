//! From volumes to a report: the same bytes whatever the threads; another patient costs one patient; nobody is named.

use super::cohort::{Cohort, SIZE};

/// The line of the summary that counts.
fn counts(printed: &str) -> &str {
    printed
        .lines()
        .find(|line| line.contains(" steps: "))
        .unwrap_or_else(|| printed.lines().last().unwrap_or(""))
}

#[test]
fn volumes_become_a_report_without_names() {
    let cohort = Cohort::new(12);
    let run = cohort.run("one", "1");
    assert_eq!(run.code, Some(0), "{}", run.printed);
    let results = run.results.expect("there are results");
    for key in ["P01", "P07", "P12"] {
        assert!(!results.contains(key), "the results name {key}");
        assert!(
            !run.printed.contains(key),
            "the terminal names {key}: {}",
            run.printed
        );
    }
    for id in [
        "radiomics.patients",
        "radiomics.undefined_adc",
        "radiomics.1.combat.batch.a",
        "stable.kept",
        "stable.reread.intra.n",
        "rad_score.importance.",
        "images/{patient}/b1000.nii.gz",
    ] {
        assert!(results.contains(id), "the results lack {id}");
    }
    assert!(
        run.printed.contains("features.radiomics (12 patients)"),
        "{}",
        run.printed
    );
    assert!(cohort.path("out/figures/figure2.a.svg").exists());
    let list = std::fs::read_to_string(cohort.path("out/tables/stable.features.csv"))
        .expect("every feature's coefficient stands in a file");
    assert!(list.lines().count() > 50, "{list}");
    assert!(
        list.starts_with("Feature,Class,Kept,\"ICC, intra\""),
        "{list}"
    );

    let again = cohort.run("one", "2");
    assert!(
        counts(&again.printed).contains(" 0 ran"),
        "{}",
        again.printed
    );
    assert_eq!(again.results.as_deref(), Some(results.as_str()));
    let elsewhere = cohort.run("two", "2");
    assert_eq!(
        elsewhere.results.as_deref(),
        Some(results.as_str()),
        "the number of threads changed the results"
    );
}

#[test]
fn another_patient_costs_one_patient() {
    let mut cohort = Cohort::new(0);
    for number in [1, 2, 3, 4, 5, 6, 8, 9, 10, 11] {
        cohort.add(number);
    }
    let first = cohort.run("store", "2");
    assert_eq!(first.code, Some(0), "{}", first.printed);
    // In the middle of the table, so that those behind move up one place.
    cohort.add(7);
    let more = cohort.run("store", "2");
    assert_eq!(more.code, Some(0), "{}", more.printed);
    let images = more
        .printed
        .lines()
        .filter(|line| line.contains("features.radiomics (1 patient)"))
        .count();
    assert_eq!(images, 1, "{}", more.printed);
    assert!(!more.printed.contains("patients)"), "{}", more.printed);
    assert!(!more.printed.contains("P07"), "{}", more.printed);

    // Excluded again, the patient costs nothing: what is left is the first run's.
    cohort.table(&["P07"]);
    let fewer = cohort.run("store", "2");
    assert_eq!(fewer.code, Some(0), "{}", fewer.printed);
    assert!(!fewer.printed.contains("patient)"), "{}", fewer.printed);
}

#[test]
fn another_setting_extracts_again_and_another_learner_does_not() {
    let cohort = Cohort::new(12);
    cohort.run("store", "2");
    cohort.edit_study("trees 20", "trees 30");
    let learner = cohort.run("store", "2");
    assert!(
        learner.printed.contains("signature.rad_score"),
        "{}",
        learner.printed
    );
    assert!(
        !learner.printed.contains("patients)"),
        "{}",
        learner.printed
    );
    cohort.edit_study("bin_width 16", "bin_width 20");
    let setting = cohort.run("store", "2");
    assert!(
        setting
            .printed
            .contains("features.radiomics (12 patients): parameters changed"),
        "{}",
        setting.printed
    );
}

#[test]
fn images_of_patients_outside_the_cohort_are_not_needed() {
    let cohort = Cohort::new(12);
    std::fs::remove_dir_all(cohort.path("images/P12")).expect("the images are removed");
    cohort.table(&["P12"]);
    let run = cohort.run("store", "2");
    assert_eq!(run.code, Some(0), "{}", run.printed);
    assert!(
        run.printed.contains("features.radiomics (11 patients)"),
        "{}",
        run.printed
    );
}

/// A report from images can be verified: nothing differs until a voxel does, and no patient is named.
#[test]
fn a_report_from_images_is_verified() {
    let cohort = Cohort::new(12);
    assert_eq!(cohort.run("store", "2").code, Some(0));
    let verify = |threads: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_prereg"))
            .args(["verify", "out", "--threads", threads])
            .current_dir(cohort.path(""))
            .output()
            .expect("the program runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), told)
    };
    let (code, told) = verify("1");
    assert_eq!(code, Some(0), "{told}");

    let mut values = vec![300.0; SIZE.iter().product()];
    values[400] = 301.0;
    cohort.image("images/P03/b0.nii.gz", values, [1.2, 1.2, 2.0]);
    let (code, told) = verify("1");
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("data file images/{patient}/b0.nii.gz: 1 of the 12 files"),
        "{told}"
    );
    let record = std::fs::read_to_string(cohort.path("out/run.json")).expect("there is a record");
    assert!(!record.contains("P03"), "the record names a patient");
}
