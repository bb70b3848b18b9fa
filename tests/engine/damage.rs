//! Stores that were damaged, or left by a run that was killed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use prereg::engine::{Event, Failure, Fault, Graph, Observer, Options, Outcome, Outputs};
use prereg::store::Store;
use serde_json::json;

use super::study::{
    ALL, Study, clock, empty_folder, everything, files, json_outputs, ran, reused, run, step, why,
};

fn object(
    store: &Store,
    report: &prereg::engine::Report,
    step: &str,
    output: &str,
) -> std::path::PathBuf {
    let stored = report.stored(step, output).unwrap();
    store.root().join(Store::object_path(stored.sha256))
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_deleted_object_is_computed_again_and_nothing_else() {
    let study = Study::new();
    let store = study.store();
    let first = study.run(&store);
    let before = everything(&first);
    fs::remove_file(object(&store, &first, "model.cpr", "scores")).unwrap();
    let report = study.run(&store);
    assert_eq!(ran(&report), "model.cpr");
    assert_eq!(
        why(&report, "model.cpr"),
        "its output scores is not in the store"
    );
    assert_eq!(everything(&report), before);
    assert_eq!(reused(&study.run(&store)), ALL);
}

#[test]
fn a_truncated_object_is_noticed_without_reading_it() {
    let study = Study::new();
    let store = study.store();
    let first = study.run(&store);
    let before = everything(&first);
    fs::write(object(&store, &first, "model.cpr", "scores"), "[").unwrap();
    let report = study.run(&store);
    assert_eq!(ran(&report), "model.cpr");
    assert!(why(&report, "model.cpr").starts_with("its result was damaged: objects/"));
    assert_eq!(report.damages.len(), 1);
    assert_eq!(files(&store.root().join("damaged")).len(), 1);
    assert_eq!(everything(&report), before);
}

#[test]
fn a_flipped_byte_is_noticed_when_a_step_needs_it() {
    let mut study = Study::new();
    let store = study.store();
    let first = study.run(&store);
    flip(&object(&store, &first, "table.clinical", "column.afp"));
    // Nobody reads it.
    assert_eq!(reused(&study.run(&store)), ALL);
    study.limit = 34.0;
    let report = study.run(&store);
    assert_eq!(
        ran(&report),
        "table.clinical derive.afp_high model.cpr cutoff.risk performance.table2 results"
    );
    assert!(why(&report, "table.clinical").contains("its content has the SHA-256"));
    assert_eq!(report.damages.len(), 1);
    let fresh = empty_folder();
    let fresh = Store::open(fresh.path()).unwrap();
    assert_eq!(everything(&report), everything(&study.run(&fresh)));
}

#[test]
fn a_flipped_byte_in_the_results_is_noticed_at_once() {
    let study = Study::new();
    let store = study.store();
    let first = study.run(&store);
    let before = everything(&first);
    flip(&object(&store, &first, "results", "results"));
    let report = study.run(&store);
    assert_eq!(ran(&report), "results");
    assert_eq!(everything(&report), before);
}

#[test]
fn damage_behind_damage_is_repaired_one_by_one() {
    let study = Study::new();
    let store = study.store();
    let first = study.run(&store);
    let before = everything(&first);
    let mut damaged = BTreeSet::new();
    for (step, output) in [
        ("table.clinical", "column.age"),
        ("table.clinical", "column.recurred"),
        ("derive.afp_high", "value"),
        ("split", "training"),
        ("model.cpr", "scores"),
        ("cutoff.risk", "value"),
        ("performance.table2", "result"),
        ("results", "results"),
    ] {
        let path = object(&store, &first, step, output);
        // Two outputs with the same bytes are one object.
        if damaged.insert(path.clone()) {
            flip(&path);
        }
    }
    let report = study.run(&store);
    assert_eq!(ran(&report), ALL);
    assert_eq!(report.damages.len(), damaged.len());
    assert_eq!(files(&store.root().join("damaged")).len(), damaged.len());
    assert_eq!(everything(&report), before);
    assert_eq!(reused(&study.run(&store)), ALL);
}

/// `second` repairs what `first`, with the same key, waits for: neither waits for the other.
#[test]
fn equal_steps_repair_each_other() {
    let folder = empty_folder();
    let store = Store::open(folder.path()).unwrap();
    let same = |id: &str, kind: &'static str, from: &str| {
        let input = format!("value = {from}#value");
        step(id, kind, json!({}), &[&input], |inputs| {
            json_outputs(&[("value", inputs.json("value")?)])
        })
    };
    let steps = || {
        vec![
            step("start", "start", json!({}), &[], |_| {
                json_outputs(&[("value", json!(1))])
            }),
            same("second", "same", "start"),
            same("between", "other", "second"),
            same("first", "same", "between"),
            same("last", "last", "first"),
        ]
    };
    let graph = Graph::new("icc", steps()).unwrap();
    assert_eq!(ran(&run(&graph, &store, 2)), "start second between last");
    flip(
        &store
            .root()
            .join(Store::object_path(prereg::store::Digest::of(b"1"))),
    );
    let report = run(&graph, &store, 2);
    assert!(report.failures().is_empty(), "{report:?}");
    assert_eq!(report.output("last", "value").unwrap(), b"1");
}

#[test]
fn a_damaged_receipt_is_set_aside() {
    let study = Study::new();
    let store = study.store();
    study.run(&store);
    let key = store.last("icc", "cutoff.risk").unwrap().key;
    let path = store.root().join(Store::receipt_path(key));
    fs::write(&path, "{}").unwrap();
    let report = study.run(&store);
    assert_eq!(ran(&report), "cutoff.risk");
    assert_eq!(
        why(&report, "cutoff.risk"),
        format!("its result was damaged: receipts/{key}.json: does not fit its seal")
    );
    fs::remove_file(&path).unwrap();
    let report = study.run(&store);
    assert_eq!(
        why(&report, "cutoff.risk"),
        "its result is not in the store"
    );
}

/// Each file of a store in turn gone, emptied, cut or changed: the results are the same, and the store is whole again.
#[test]
fn no_damaged_file_changes_a_result() {
    let study = Study::new();
    let store = study.store();
    let expected = everything(&study.run(&store));
    let spoil: [fn(&Path); 4] = [
        |path| fs::remove_file(path).unwrap(),
        |path| fs::write(path, "").unwrap(),
        |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        },
        flip,
    ];
    let all = files(store.root());
    assert!(
        all.iter()
            .filter(|file| file.starts_with("objects"))
            .count()
            > 8
    );
    for file in all.iter().filter(|file| !file.starts_with("temporary")) {
        for spoil in spoil {
            spoil(&store.root().join(file));
            let report = study.run(&store);
            assert!(report.failures().is_empty(), "{}", file.display());
            let results = report.output("results", "results").unwrap();
            assert!(expected.contains(&("results#results".to_owned(), results)));
            let left = file.starts_with("objects") && fs::read(store.root().join(file)).is_err();
            assert!(!left, "{} has not come back", file.display());
            assert_eq!(reused(&study.run(&store)), ALL, "{}", file.display());
            // What nobody read may still be damaged.
            for path in all.iter().filter(|file| file.starts_with("objects")) {
                let digest = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
                if let prereg::store::Found::Damaged(damage) = store.get(digest).unwrap() {
                    store.set_aside(&damage).unwrap();
                }
            }
            study.run(&store);
        }
    }
    assert_eq!(everything(&study.run(&store)), expected);
}

/// A run that was killed has written the first so many files, and half of one more in its temporary folder.
#[test]
fn a_killed_run_leaves_a_store_that_the_next_can_use() {
    let study = Study::new();
    study.write_table();
    let whole = study.store();
    let written = Written::default();
    let options = Options {
        threads: 1,
        clock: &clock,
        version: "0.1.0",
    };
    let expected = {
        let report = prereg::engine::Engine::run(
            &study.graph(),
            &whole,
            &options,
            &WatchFiles(&whole, &written),
        )
        .unwrap();
        everything(&report)
    };
    let order = written.0.into_inner();
    assert!(order.len() > 15);
    for kept in 0..=order.len() {
        let folder = empty_folder();
        for file in &order[..kept] {
            let to = folder.path().join(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(whole.root().join(file), to).unwrap();
        }
        let dead = folder.path().join("temporary/run-dead");
        fs::create_dir_all(&dead).unwrap();
        fs::write(dead.join("lock"), "").unwrap();
        fs::write(dead.join("17"), "half of an obj").unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(!dead.exists());
        let report = run(&study.graph(), &store, 2);
        assert_eq!(everything(&report), expected);
        let receipts = order[..kept]
            .iter()
            .filter(|file| file.starts_with("receipts"))
            .count();
        assert_eq!(reused(&report).split_whitespace().count(), receipts);
    }
}

/// The files of a store in the order in which its steps wrote them.
#[derive(Default)]
struct Written(std::cell::RefCell<Vec<std::path::PathBuf>>);

struct WatchFiles<'a>(&'a Store, &'a Written);

impl Observer for WatchFiles<'_> {
    fn event(&self, event: &Event) {
        if let Event::Settled { .. } = event {
            let mut known = self.1.0.borrow_mut();
            // Of one step: objects first, then the receipt, then the note of the last run.
            for part in ["objects", "receipts", "last"] {
                for file in files(self.0.root()) {
                    if file.starts_with(part) && !known.contains(&file) {
                        known.push(file);
                    }
                }
            }
        }
    }
}

#[test]
fn a_step_that_gives_other_bytes_the_second_time_is_a_fault() {
    let folder = empty_folder();
    let store = Store::open(folder.path()).unwrap();
    let runs = std::sync::Arc::new(AtomicUsize::new(0));
    let counting = || {
        let runs = std::sync::Arc::clone(&runs);
        let count = step("count", "count", json!({}), &[], move |_| {
            json_outputs(&[
                ("runs", json!(runs.fetch_add(1, Ordering::SeqCst))),
                ("same", json!(1)),
            ])
        });
        let last = step(
            "last",
            "last",
            json!({}),
            &["runs = count#runs"],
            |inputs| json_outputs(&[("runs", inputs.json("runs")?)]),
        );
        Graph::new("icc", vec![count, last]).unwrap()
    };
    let first = run(&counting(), &store, 1);
    fs::remove_file(object(&store, &first, "count", "runs")).unwrap();
    let second = run(&counting(), &store, 1);
    let [("count", Failure::Fault(Fault::NotReproduced { outputs }))] = second.failures()[..]
    else {
        panic!("{second:?}")
    };
    assert_eq!(outputs, &["runs"]);
    assert!(matches!(
        second.step("last").unwrap().outcome,
        Outcome::NotReached { .. }
    ));
    let third = run(&counting(), &store, 1);
    assert_eq!(ran(&third), "count last");
    assert_eq!(third.output("last", "runs").unwrap(), b"2");
}

#[test]
fn an_input_that_is_lost_again_and_again_ends_the_step() {
    let folder = empty_folder();
    let store = Store::open(folder.path()).unwrap();
    let root = store.root().to_owned();
    let first = step("first", "first", json!({}), &[], |_| {
        json_outputs(&[("value", json!("value"))])
    });
    // A disk that loses what was just written.
    struct Losing(std::path::PathBuf);
    impl Observer for Losing {
        fn event(&self, event: &Event) {
            if let Event::Settled { step: "first", .. } = event {
                fs::remove_dir_all(self.0.join("objects")).unwrap();
            }
        }
    }
    let second = step(
        "second",
        "second",
        json!({}),
        &["value = first#value"],
        |_| Ok(Outputs::new()),
    );
    let graph = Graph::new("icc", vec![first, second]).unwrap();
    let options = Options {
        threads: 2,
        clock: &clock,
        version: "0.1.0",
    };
    let report = prereg::engine::Engine::run(&graph, &store, &options, &Losing(root)).unwrap();
    let [("second", failure)] = report.failures()[..] else {
        panic!("{report:?}")
    };
    assert_eq!(
        failure.to_string(),
        "output value of first was lost or damaged again just after it was computed: check the disk that holds the store"
    );
    assert_eq!(
        why(&report, "first"),
        "first run; its output value is not in the store"
    );
}

#[test]
fn a_store_that_cannot_be_written_fails_the_step_with_the_path() {
    let study = Study::new();
    let store = study.store();
    fs::write(store.root().join("receipts"), "in the way").unwrap();
    let report = study.run(&store);
    let failures = report.failures();
    assert_eq!(failures.len(), 1);
    let Failure::Store(error) = failures[0].1 else {
        panic!("{failures:?}")
    };
    assert!(error.path.starts_with(store.root().join("receipts")));
}

#[test]
fn several_runs_may_share_a_store() {
    let study = Study::new();
    study.write_table();
    let shared = empty_folder();
    let runs: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let store = Store::open(shared.path()).unwrap();
                    let report = run(&study.graph(), &store, 2);
                    assert!(report.failures().is_empty(), "{report:?}");
                    everything(&report)
                })
            })
            .collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(runs.iter().all(|outputs| *outputs == runs[0]));
    let store = Store::open(shared.path()).unwrap();
    assert_eq!(reused(&run(&study.graph(), &store, 2)), ALL);
}
