//! Steps that fail or panic stop what depends on them, and nothing else.

use std::fs;

use prereg::engine::{Failure, Fault, Graph, Input, Inputs, Outcome, Outputs, Source};
use prereg::store::Store;
use serde_json::{Value, json};

use super::study::{Answer, Study, empty_folder, json_outputs, ran, reused, run, step};

/// `a` and `b` fail in this way; `c` hangs on `a`, `d` on `b` and `c`; `e` and `f` are independent of them.
fn graph(fail: fn() -> Answer) -> Graph {
    let one = |_: &Inputs| json_outputs(&[("value", json!(1))]);
    let steps = vec![
        step("a", "a", json!({}), &[], move |_| fail()),
        step("b", "b", json!({}), &[], move |_| fail()),
        step("c", "c", json!({}), &["a = a#value"], one),
        step("d", "d", json!({}), &["b = b#value", "c = c#value"], one),
        step("e", "e", json!({}), &[], one),
        step("f", "f", json!({}), &["e = e#value"], one),
    ];
    Graph::new("icc", steps).unwrap()
}

fn not_reached(report: &prereg::engine::Report) -> Vec<(String, Vec<String>)> {
    let steps = report.steps.iter().filter_map(|step| match &step.outcome {
        Outcome::NotReached { because } => Some((step.id.clone(), because.clone())),
        _ => None,
    });
    steps.collect()
}

#[test]
fn failures_are_collected_and_the_rest_is_computed() {
    for threads in [1, 4] {
        let folder = empty_folder();
        let store = Store::open(folder.path()).unwrap();
        let failing = graph(|| Err("no patients".into()));
        let report = run(&failing, &store, threads);
        assert_eq!(ran(&report), "e f");
        let failures: Vec<String> = report
            .failures()
            .iter()
            .map(|(step, error)| format!("{step}: {error}"))
            .collect();
        assert_eq!(failures, ["a: no patients", "b: no patients"]);
        assert_eq!(
            not_reached(&report),
            [
                ("c".to_owned(), vec!["a".to_owned()]),
                ("d".to_owned(), vec!["a".to_owned(), "b".to_owned()])
            ]
        );
        // A failure is not stored: the step is tried again, and what was computed is reused.
        let report = run(
            &graph(|| json_outputs(&[("value", json!(1))])),
            &store,
            threads,
        );
        assert_eq!(ran(&report), "a b c d");
        assert_eq!(reused(&report), "e f");
    }
}

#[test]
fn a_panic_is_a_fault_of_prereg_and_loses_nothing() {
    for threads in [1, 4] {
        let folder = empty_folder();
        let store = Store::open(folder.path()).unwrap();
        let report = run(
            &graph(|| panic!("index {} out of bounds", 7)),
            &store,
            threads,
        );
        assert_eq!(ran(&report), "e f");
        for (_, failure) in report.failures() {
            let Failure::Fault(Fault::Panic { message }) = failure else {
                panic!("{failure:?}")
            };
            assert_eq!(message, "index 7 out of bounds");
        }
        assert_eq!(report.failures().len(), 2);
        assert_eq!(not_reached(&report).len(), 2);
    }
}

#[test]
fn a_panic_in_parallel_work_is_caught_too() {
    use rayon::prelude::*;
    let folder = empty_folder();
    let store = Store::open(folder.path()).unwrap();
    let report = run(
        &graph(|| {
            let squares: Vec<u32> = (0..1000_u32)
                .into_par_iter()
                .map(|number| {
                    if number == 700 {
                        panic!("at 700")
                    } else {
                        number * number
                    }
                })
                .collect();
            json_outputs(&[("value", json!(squares))])
        }),
        &store,
        4,
    );
    assert_eq!(report.failures().len(), 2);
    assert_eq!(
        report.failures()[0].1.to_string(),
        "it stopped with \"at 700\""
    );
}

#[test]
fn a_missing_file_names_the_file_as_the_study_does() {
    let study = Study::new();
    let store = study.store();
    study.run(&store);
    fs::remove_file(study.csv()).unwrap();
    let report = run(&study.graph(), &store, 2);
    let [("table.clinical", failure)] = report.failures()[..] else {
        panic!("{report:?}")
    };
    assert_eq!(
        failure.to_string(),
        format!("cannot read icc/clinical.csv ({})", study.csv().display())
    );
    assert!(std::error::Error::source(failure).is_some());
    assert_eq!(not_reached(&report).len(), 6);
}

#[test]
fn a_file_that_changes_during_the_run_is_not_taken() {
    let study = Study::new();
    study.write_table();
    let store = study.store();
    let mut steps = study.steps();
    // Ahead of the table, somebody saves the file.
    let path = study.csv();
    let first = step("first", "first", json!({}), &[], move |_| {
        fs::write(&path, "1,2,true\n")?;
        json_outputs(&[("done", json!(true))])
    });
    steps[0].inputs.push(Input {
        name: "after".to_owned(),
        source: Source::Output {
            step: "first".to_owned(),
            output: "done".to_owned(),
        },
    });
    steps.push(first);
    let report = run(&Graph::new("icc", steps).unwrap(), &store, 2);
    let [("table.clinical", Failure::Step(error))] = report.failures()[..] else {
        panic!("{report:?}")
    };
    assert_eq!(
        error.to_string(),
        "icc/clinical.csv changed while the study ran; run it again when nobody writes to the file"
    );
}

#[test]
fn faults_of_steps_are_told_from_faults_of_studies() {
    type Run = fn(&Inputs) -> Answer;
    let cases: [(Run, &str); 5] = [
        (
            |_| Ok(Outputs::new()),
            "it gave no output value, which last takes",
        ),
        (
            |inputs| Ok(inputs.json::<Value>("else").map(|_| Outputs::new())?),
            "the step has no input else of this type",
        ),
        (
            |inputs| Ok(inputs.json::<Vec<u8>>("one").map(|_| Outputs::new())?),
            "the input one does not hold what the step expects",
        ),
        (
            |inputs| Ok(inputs.file("one").map(|_| Outputs::new())?),
            "the step has no input one of this type",
        ),
        (
            |_| {
                let mut outputs = Outputs::new();
                outputs.json("value", &f64::NAN)?;
                Ok(outputs)
            },
            "the result value cannot be written as JSON",
        ),
    ];
    for (action, message) in cases {
        let folder = empty_folder();
        let store = Store::open(folder.path()).unwrap();
        let graph = Graph::new(
            "icc",
            vec![
                step("one", "one", json!({}), &[], |_| {
                    json_outputs(&[("value", json!(1))])
                }),
                step("middle", "middle", json!({}), &["one = one#value"], action),
                step("last", "last", json!({}), &["value = middle#value"], |_| {
                    Ok(Outputs::new())
                }),
            ],
        );
        let graph = graph.unwrap();
        let report = run(&graph, &store, 1);
        let [("middle", Failure::Fault(fault))] = report.failures()[..] else {
            panic!("{message}: {report:?}")
        };
        assert_eq!(fault.to_string(), message);
    }
}
