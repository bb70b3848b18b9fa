//! The studies over public cohorts, where their data lie beside the checkout.

use std::path::Path;

use super::cohort::run;

#[expect(
    clippy::print_stderr,
    reason = "a test that needs data beside the checkout says that it was skipped"
)]
fn runs(study: &str, cohort: &str, shows: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root
        .join("../shared/reference/cohorts")
        .join(cohort)
        .is_dir()
    {
        eprintln!("skipped: {study} needs ../shared/reference/cohorts/{cohort}");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = run(
        &root.join("studies").join(study),
        folder.path(),
        "store",
        "2",
    );
    assert_eq!(run.code, Some(0), "{}", run.printed);
    let results = run.results.expect("there are results");
    for id in shows {
        assert!(results.contains(id), "the results lack {id}");
    }
}

#[test]
fn lung_cancer_with_ready_features() {
    runs(
        "nsclc_radiogenomics.study",
        "nsclc_radiogenomics",
        &[
            "table2.validation.nomogram.auc",
            "rad_score.importance.original_",
        ],
    );
}

#[test]
fn sarcoma_from_images() {
    runs(
        "sts_mri.study",
        "sts_mri",
        &[
            "table2.validation.combined.auc",
            "radiomics.1.combat.batch.Philips",
        ],
    );
}
