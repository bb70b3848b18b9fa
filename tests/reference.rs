//! Every reference case: our methods against figures computed by other programs.

use prereg::validation::{CaseFiles, record, summary_table, validate};

#[test]
fn methods_agree_with_the_cases_built_in() {
    let validation = validate(&CaseFiles::BuiltIn).expect("the cases can be read");
    assert!(validation.passed(), "{}", summary_table(&validation));
    assert_eq!(
        validation.without_case,
        Vec::<&str>::new(),
        "methods without a witness"
    );
}

#[test]
fn methods_agree_with_the_shared_cases() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/statistics");
    if !folder.exists() {
        println!("skipped: ../shared/reference/statistics is not here");
        return;
    }
    let validation = validate(&CaseFiles::Folder(folder)).expect("the cases can be read");
    assert!(validation.cases.len() >= 90, "{}", validation.cases.len());
    assert!(validation.passed(), "{}", summary_table(&validation));
}

#[test]
fn the_record_in_the_docs_is_current() {
    let validation = validate(&CaseFiles::BuiltIn).expect("the cases can be read");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation_record.md");
    let text = std::fs::read_to_string(path).expect("the record can be read");
    assert!(
        text == record(&validation),
        "run `prereg validate --out docs/validation_record.md`"
    );
}
