//! Hits and misses, by the names of the steps, and the reasons for the misses.

use std::fs;

use prereg::engine::Outcome;
use prereg::store::Found;
use serde_json::json;

use super::study::{
    ALL, Study, empty_folder, everything, json_outputs, ran, reused, run, step, why,
};

#[test]
fn a_first_run_runs_everything() {
    let study = Study::new();
    let store = study.store();
    let report = study.run(&store);
    assert_eq!(ran(&report), ALL);
    assert_eq!(why(&report, "model.cpr"), "first run");
    let results = report.output("results", "results").unwrap();
    assert_eq!(
        String::from_utf8(results).unwrap(),
        "A study: {\"n\":7} {\"n\":12,\"right\":8}\n"
    );
}

#[test]
fn nothing_changed_nothing_runs() {
    let study = Study::new();
    let store = study.store();
    let first = study.run(&store);
    let second = study.run(&store);
    assert_eq!(reused(&second), ALL);
    assert_eq!(everything(&second), everything(&first));
}

#[test]
fn a_study_of_another_name_shares_the_results() {
    let study = Study::new();
    let store = study.store();
    study.run(&store);
    let other = prereg::engine::Graph::new("other", study.steps()).unwrap();
    assert_eq!(reused(&run(&other, &store, 2)), ALL);
}

#[test]
fn a_changed_parameter_runs_what_depends_on_it() {
    let mut study = Study::new();
    let store = study.store();
    study.run(&store);
    study.limit = 34.0;
    let report = study.run(&store);
    assert_eq!(
        ran(&report),
        "derive.afp_high model.cpr cutoff.risk performance.table2 results"
    );
    assert_eq!(reused(&report), "table.clinical split");
    assert_eq!(
        why(&report, "derive.afp_high"),
        "parameters changed: limit: 20 → 34"
    );
    assert_eq!(
        why(&report, "model.cpr"),
        "changed: derive.afp_high (value)"
    );
    assert_eq!(why(&report, "cutoff.risk"), "changed: model.cpr (scores)");
}

#[test]
fn what_comes_out_the_same_stops_the_change() {
    let mut study = Study::new();
    let store = study.store();
    study.run(&store);
    // No patient is between 20 and 20.5.
    study.limit = 20.5;
    assert_eq!(ran(&study.run(&store)), "derive.afp_high");
    // The other columns are other outputs; and nobody crosses 50 years.
    study.patients[0].0 = 41.0;
    let report = study.run(&store);
    assert_eq!(ran(&report), "table.clinical model.cpr");
    assert_eq!(
        why(&report, "table.clinical"),
        "changed: file icc/clinical.csv"
    );
    assert_eq!(
        why(&report, "model.cpr"),
        "changed: table.clinical (column.age)"
    );
}

#[test]
fn one_output_changed_of_two() {
    let mut study = Study::new();
    let store = study.store();
    study.run(&store);
    // Another training set: the fit is another, the scores of this model are not.
    study.seed = 20220815;
    let report = study.run(&store);
    assert_eq!(ran(&report), "split model.cpr results");
    assert_eq!(why(&report, "split"), "seed changed: 20220818 → 20220815");
    assert_eq!(why(&report, "results"), "changed: model.cpr (fit)");
}

#[test]
fn one_column_changed() {
    let mut study = Study::new();
    let store = study.store();
    study.run(&store);
    study.patients[11].2 = false;
    let report = study.run(&store);
    assert_eq!(
        ran(&report),
        "table.clinical model.cpr performance.table2 results"
    );
    assert_eq!(
        why(&report, "performance.table2"),
        "changed: table.clinical (column.recurred)"
    );
}

#[test]
fn going_back_is_free() {
    let mut study = Study::new();
    let store = study.store();
    let first = everything(&study.run(&store));
    study.limit = 34.0;
    study.run(&store);
    study.limit = 20.0;
    let report = study.run(&store);
    assert_eq!(reused(&report), ALL);
    assert_eq!(everything(&report), first);
    // The reason is what changed since the last run, though that was reused.
    study.limit = 5.0;
    let report = study.run(&store);
    assert_eq!(
        why(&report, "derive.afp_high"),
        "parameters changed: limit: 20 → 5"
    );
}

#[test]
fn several_reasons_at_once() {
    let mut study = Study::new();
    let store = study.store();
    study.run(&store);
    study.model_version = 2;
    study.terms = vec!["age", "sex", "afp_high"];
    study.patients[0].0 = 99.0;
    let report = study.run(&store);
    assert_eq!(
        why(&report, "model.cpr"),
        "method changed: logistic_model 1 → logistic_model 2; parameters changed: terms[1]: sex added; changed: \
         table.clinical (column.age)"
    );
}

#[test]
fn inputs_added_and_removed() {
    let study = Study::new();
    let store = study.store();
    study.run(&store);
    let mut steps = study.steps();
    let model = steps
        .iter_mut()
        .find(|step| step.id == "model.cpr")
        .unwrap();
    model.inputs[2].name = "result".to_owned();
    let report = run(
        &prereg::engine::Graph::new("icc", steps).unwrap(),
        &store,
        2,
    );
    assert_eq!(
        why(&report, "model.cpr"),
        "new input: table.clinical (column.recurred); no longer an input: table.clinical (column.recurred)"
    );
}

#[test]
fn a_renamed_step_is_reused_unless_it_draws() {
    let study = Study::new();
    let store = study.store();
    study.run(&store);
    let renamed = |old: &str, new: &str| {
        let mut steps = study.steps();
        for step in &mut steps {
            if step.id == old {
                step.id = new.to_owned();
            }
            for input in &mut step.inputs {
                if let prereg::engine::Source::Output { step, .. } = &mut input.source
                    && step == old
                {
                    *step = new.to_owned();
                }
            }
        }
        ran(&run(
            &prereg::engine::Graph::new("icc", steps).unwrap(),
            &store,
            2,
        ))
    };
    assert_eq!(renamed("model.cpr", "model.clinical"), "");
    assert_eq!(renamed("split", "halves"), "halves");
}

#[test]
fn an_output_that_is_asked_for_only_now_is_computed() {
    let folder = empty_folder();
    let store = prereg::store::Store::open(folder.path()).unwrap();
    let both = |given: &[&'static str], wanted: &str| {
        let given = given.to_vec();
        let first = step("first", "first", json!({}), &[], move |_| {
            json_outputs(
                &given
                    .iter()
                    .map(|name| (*name, json!(name)))
                    .collect::<Vec<_>>(),
            )
        });
        let input = format!("value = first#{wanted}");
        let second = step("second", "second", json!({}), &[&input], |inputs| {
            json_outputs(&[("value", inputs.json("value")?)])
        });
        let report = run(
            &prereg::engine::Graph::new("icc", vec![first, second]).unwrap(),
            &store,
            1,
        );
        (ran(&report), report.output("second", "value").unwrap())
    };
    assert_eq!(
        both(&["a"], "a"),
        ("first second".to_owned(), b"\"a\"".to_vec())
    );
    // The step learned to give more without a new version; what it gave before is the same.
    assert_eq!(
        both(&["a", "b"], "b"),
        ("first second".to_owned(), b"\"b\"".to_vec())
    );
    assert_eq!(both(&["a", "b"], "a"), (String::new(), b"\"a\"".to_vec()));
}

/// Two steps that do not draw and do the same with the same are one.
#[test]
fn equal_steps_run_once() {
    let equal = |id: &str| {
        step(id, "slow", json!({}), &[], |_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            json_outputs(&[("value", json!(1))])
        })
    };
    for threads in [1, 4] {
        let folder = empty_folder();
        let store = prereg::store::Store::open(folder.path()).unwrap();
        let steps = vec![equal("a"), equal("b"), equal("c")];
        let report = run(
            &prereg::engine::Graph::new("icc", steps).unwrap(),
            &store,
            threads,
        );
        assert_eq!(
            (ran(&report).as_str(), reused(&report).as_str()),
            ("a", "b c")
        );
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let study = Study::new();
    let runs = [1, 2, 8].map(|threads| {
        study.write_table();
        let folder = empty_folder();
        let store = prereg::store::Store::open(folder.path()).unwrap();
        let report = run(&study.graph(), &store, threads);
        (ran(&report), everything(&report))
    });
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}

#[test]
fn a_receipt_tells_where_a_result_comes_from() {
    let study = Study::new();
    let store = study.store();
    let report = study.run(&store);
    let last = store.last("icc", "split").unwrap();
    let Found::Present(receipt) = store.receipt(last.key).unwrap() else {
        panic!("there is no receipt")
    };
    assert_eq!(receipt.step, "split");
    assert_eq!(receipt.description.stream.unwrap().seed, 20220818);
    assert_eq!(receipt.started, "2022-08-18T09:30:00.000Z");
    assert_eq!((receipt.threads, receipt.prereg.as_str()), (2, "0.1.0"));
    assert_eq!(
        receipt.outputs["training"],
        report.stored("split", "training").unwrap()
    );
    let table = store.last("icc", "table.clinical").unwrap();
    assert_eq!(table.origins["file"].to_string(), "file icc/clinical.csv");
    let file = prereg::store::Digest::of(&fs::read(study.csv()).unwrap());
    assert_eq!(table.description.inputs["file"], file);
    // The machine's path is nowhere.
    let here = study.folder.path().to_string_lossy().into_owned();
    for file in super::study::files(store.root()) {
        let text = fs::read(store.root().join(&file)).unwrap();
        assert!(
            !String::from_utf8_lossy(&text).contains(&here),
            "{}",
            file.display()
        );
    }
}

#[test]
fn a_failed_read_of_the_report_says_why() {
    let study = Study::new();
    let store = study.store();
    let report = study.run(&store);
    assert!(matches!(
        report.step("results").unwrap().outcome,
        Outcome::Ran { .. }
    ));
    assert_eq!(
        report.output("results", "nothing").unwrap_err().to_string(),
        "there is no output nothing of results"
    );
    assert_eq!(
        report.output("nothing", "results").unwrap_err().to_string(),
        "there is no output results of nothing"
    );
    fs::remove_dir_all(store.root().join("objects")).unwrap();
    assert_eq!(
        report.output("results", "results").unwrap_err().to_string(),
        "output results of results is no longer in the store; run the study again"
    );
}
