//! The document for auditors, the checks of consistency, and the exports.

use std::collections::BTreeSet;

use prereg::provenance::{AUDITED_METHODS, consistency};
use prereg::report::Results;
use serde_json::Value;

use super::{Workplace, sha256};

#[test]
fn the_audit_says_what_went_in_and_what_was_done() {
    let place = Workplace::with_report();
    let text = place.done("audit report").out;
    let data = sha256(&std::fs::read(place.path("data.csv")).expect("the data"));
    for part in [
        format!("| data.csv | 80 | {data} |"),
        "| excluded: Under 40 years | 7 |".to_owned(),
        "| set validation | 22 |".to_owned(),
        "No deviations: as registered.".to_owned(),
        "| file data.csv | the same file |".to_owned(),
        "| Do the numbers of patients add up? |".to_owned(),
    ] {
        assert!(text.contains(&part), "expected {part:?} in\n{text}");
    }
    let checks = text
        .split("## Do the numbers fit each other?")
        .nth(1)
        .expect("the last part");
    assert!(!checks.contains("\n- "), "{checks}");
    place.done("audit report --out audit.md");
    assert_eq!(place.read("audit.md"), text);
}

#[test]
fn methods_that_an_audit_names_have_reference_cases() {
    for (_, names) in AUDITED_METHODS {
        for name in *names {
            assert!(prereg::validation::find(name).is_some(), "no method {name}");
        }
    }
}

#[test]
fn numbers_that_do_not_fit_are_told() {
    let place = Workplace::with_report();
    let sound: Results = serde_json::from_str(&place.read("report/results.json")).expect("results");
    let faults = |results: &Results| -> Vec<String> {
        consistency(results)
            .into_iter()
            .flat_map(|check| check.faults)
            .collect()
    };
    assert_eq!(faults(&sound), Vec::<String>::new());
    for (id, value, display, told) in [
        ("patients.included", 74.0, "74", "are not 74 included"),
        (
            "table1.sex.training.male.percent",
            47.0,
            "47.0",
            "`table1.sex.training.male.percent` is 47.0 %",
        ),
        (
            "table2.validation.clinical_model.accuracy",
            0.7,
            "0.700",
            "no count of 22 patients",
        ),
        (
            "table2.validation.clinical_model.auc",
            1.2,
            "1.200",
            "`table2.validation.clinical_model.auc` is 1.2",
        ),
        (
            "table3.univariable.age.p",
            0.01,
            "0.010",
            "`table3.univariable.age.p` is 0.01, and",
        ),
        (
            "table3.univariable.age.hazard_ratio",
            9.0,
            "9.000",
            "its interval goes from",
        ),
        (
            "table3.univariable.age.hazard_ratio",
            f64::NAN,
            "0.5",
            "is shown as 0.5",
        ),
    ] {
        let mut results = sound.clone();
        let changed = results
            .values
            .iter_mut()
            .find(|known| known.id == id)
            .expect("it is reported");
        if value.is_finite() {
            changed.value = Some(value);
        }
        changed.display = display.to_owned();
        let found = faults(&results);
        assert!(
            found.iter().any(|fault| fault.contains(told)),
            "{id}: expected {told:?} in {found:?}"
        );
    }
}

#[test]
fn a_crate_holds_the_report_and_no_patient() {
    let place = Workplace::with_report();
    place.done("export report --ro-crate crate --prov prov.json --license https://spdx.org/licenses/CC-BY-4.0");
    let metadata = place.json("crate/ro-crate-metadata.json");
    let graph = metadata["@graph"].as_array().expect("a graph");
    let known: BTreeSet<&str> = graph
        .iter()
        .filter_map(|entity| entity["@id"].as_str())
        .collect();
    assert_eq!(known.len(), graph.len(), "an entity stands twice");
    for entity in graph.iter().filter(|entity| entity["sha256"].is_string()) {
        let name = entity["@id"].as_str().expect("an id");
        let bytes = std::fs::read(place.path(&format!("crate/{name}"))).expect("the file is there");
        assert_eq!(entity["sha256"], sha256(&bytes), "{name}");
    }
    let run = graph
        .iter()
        .find(|entity| entity["@id"] == "#run")
        .expect("the run");
    assert_eq!(run["instrument"]["@id"], "study.study");
    assert_eq!(place.read("crate/study.study"), place.read("small.study"));
    assert!(!place.path("crate/data.csv").exists());
    let said = place.prereg("export report --ro-crate crate");
    assert_eq!(said.code, Some(1));

    // Everything that PROV relates is declared.
    let prov = place.json("prov.json");
    let declared: BTreeSet<&str> = ["entity", "activity", "agent"]
        .iter()
        .flat_map(|kind| {
            prov[kind]
                .as_object()
                .expect("declared")
                .keys()
                .map(String::as_str)
        })
        .collect();
    for relation in [
        "used",
        "wasGeneratedBy",
        "wasAssociatedWith",
        "wasDerivedFrom",
    ] {
        for relation in prov[relation].as_object().expect("related").values() {
            for (field, name) in relation.as_object().expect("fields") {
                if !["prov:role", "prov:time"].contains(&field.as_str()) {
                    let name = name.as_str().unwrap_or_default();
                    assert!(declared.contains(name), "{field}: {name}");
                }
            }
        }
    }
    let value = &prov["entity"]["value:table2.validation.clinical_model.auc"];
    assert_eq!(
        value["prov:value"].as_f64(),
        Some(place.value(super::AUC).0)
    );
    assert_ne!(prov["wasDerivedFrom"], Value::Null);
}
