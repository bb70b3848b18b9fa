//! What would happen now, and why, without running anything.

use std::fs;

use prereg::engine::{ExplainError, Explanation, Forecast, Reason, explain};
use prereg::store::Store;

use super::study::{Study, files};

fn text(reasons: &[Reason]) -> String {
    reasons
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

fn forecast(explanation: &Explanation) -> String {
    match &explanation.now {
        Forecast::Reused { receipt } => format!("reused from {}", receipt.step),
        Forecast::Runs { reasons } => format!("runs: {}", text(reasons)),
        Forecast::Depends { on, reasons } => {
            let on: Vec<String> = on
                .iter()
                .map(|(step, why)| format!("{step} ({})", text(why)))
                .collect();
            format!("depends on {}; known: {}", on.join(", "), text(reasons))
        }
        Forecast::Unreadable { label, .. } => format!("cannot read {label}"),
    }
}

#[test]
fn what_would_happen_and_why() {
    let mut study = Study::new();
    study.write_table();
    let store = study.store();
    let now = |study: &Study, step: &str| forecast(&explain(&study.graph(), &store, step).unwrap());
    assert_eq!(now(&study, "table.clinical"), "runs: first run");
    assert_eq!(
        now(&study, "derive.afp_high"),
        "depends on table.clinical (first run); known: first run"
    );
    study.run(&store);
    let before = files(store.root());
    assert_eq!(now(&study, "results"), "reused from results");

    study.limit = 34.0;
    assert_eq!(
        now(&study, "derive.afp_high"),
        "runs: parameters changed: limit: 20 → 34"
    );
    assert_eq!(now(&study, "split"), "reused from split");
    study.terms = vec!["age"];
    assert_eq!(
        now(&study, "model.cpr"),
        "depends on derive.afp_high (parameters changed: limit: 20 → 34); known: parameters changed: terms[1]: afp_high \
         removed"
    );
    assert_eq!(
        now(&study, "cutoff.risk"),
        "depends on derive.afp_high (parameters changed: limit: 20 → 34); known: "
    );
    study.patients.pop();
    study.write_table();
    assert_eq!(
        now(&study, "table.clinical"),
        "runs: changed: file icc/clinical.csv"
    );
    fs::remove_file(study.csv()).unwrap();
    assert_eq!(now(&study, "results"), "cannot read icc/clinical.csv");
    assert_eq!(files(store.root()), before);
}

#[test]
fn what_the_last_run_did() {
    let mut study = Study::new();
    let store = study.store();
    study.run(&store);
    study.limit = 34.0;
    let explanation = explain(&study.graph(), &store, "derive.afp_high").unwrap();
    let last = explanation.last.unwrap();
    assert_eq!(last.description.parameters["limit"], 20);
    assert_eq!(
        explanation.last_receipt.unwrap().finished,
        "2022-08-18T09:30:00.000Z"
    );

    fs::remove_file(store.root().join(Store::receipt_path(last.key))).unwrap();
    study.limit = 20.0;
    let explanation = explain(&study.graph(), &store, "derive.afp_high").unwrap();
    assert_eq!(
        forecast(&explanation),
        "runs: its result is not in the store"
    );
    assert!(explanation.last_receipt.is_none());
}

#[test]
fn an_unknown_step() {
    let study = Study::new();
    let error = explain(&study.graph(), &study.store(), "model.crp").unwrap_err();
    assert!(matches!(&error, ExplainError::UnknownStep { step } if step == "model.crp"));
    assert_eq!(error.to_string(), "the study has no step model.crp");
}
