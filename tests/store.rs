//! The store: what is written is found again, what is damaged is noticed, what is half-written is not there.

#![expect(
    clippy::unwrap_used,
    reason = "what a test expects and does not find ends it"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use prereg::store::{
    DamageKind, Description, Digest, Found, Last, Machine, Origin, Receipt, Store, Stored, Stream,
};
use serde_json::json;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("store")).unwrap();
    (folder, store)
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn description() -> Description {
    Description {
        kind: "cutoff".to_owned(),
        version: 3,
        parameters: json!({ "by": "youden", "folds": 10, "share": 0.7 }),
        stream: Some(Stream {
            seed: u64::MAX,
            step: "cutoff.risk".to_owned(),
        }),
        inputs: BTreeMap::from([("scores".to_owned(), Digest::of(b"scores"))]),
    }
}

fn receipt() -> Receipt {
    Receipt {
        key: description().key(),
        step: "cutoff.risk".to_owned(),
        description: description(),
        origins: BTreeMap::from([
            (
                "scores".to_owned(),
                Origin::Output {
                    step: "model.cpr".to_owned(),
                    output: "scores".to_owned(),
                },
            ),
            (
                "table".to_owned(),
                Origin::File {
                    file: "clinical.csv".to_owned(),
                },
            ),
        ]),
        outputs: BTreeMap::from([(
            "value".to_owned(),
            Stored {
                sha256: Digest::of(b"value"),
                size: 5,
            },
        )]),
        started: "2022-08-18T09:30:00.000Z".to_owned(),
        finished: "2022-08-18T09:30:01.500Z".to_owned(),
        machine: Machine {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
        },
        threads: 8,
        prereg: "0.1.0".to_owned(),
    }
}

#[test]
fn digests_are_those_of_sha256sum() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(Digest::of(b"abc").to_string(), abc);
    assert_eq!(Digest::of_reader(&b"abc"[..]).unwrap(), Digest::of(b"abc"));
    assert_eq!(abc.parse(), Ok(Digest::of(b"abc")));
    for wrong in [
        "",
        "ba",
        &abc[..63],
        &abc.to_uppercase(),
        &format!("{abc}0"),
        &abc.replace('b', "g"),
    ] {
        assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
    }
    let long = vec![7; 1_000_000];
    assert_eq!(Digest::of_reader(&long[..]).unwrap(), Digest::of(&long));
}

/// Pinned: a change here makes every stored result of every study run again.
#[test]
fn the_key_of_a_description_is_pinned() {
    let pinned = "28b571784b14a24ee03e98cb1a02c4c5b513c050dc23d7f3b0ffb30f01592f7b";
    assert_eq!(description().key().to_string(), pinned);
    let text = serde_json_canonicalizer::to_string(&description()).unwrap();
    assert_eq!(
        text,
        r#"{"inputs":{"scores":"a6235752ef51e86cdf1d56634948c32f75fe6a492e212797315ea43f5ecfa66e"},"kind":"cutoff","parameters":{"by":"youden","folds":10,"share":0.7},"stream":{"seed":"18446744073709551615","step":"cutoff.risk"},"version":3}"#
    );
}

#[test]
fn the_key_depends_on_every_field() {
    let changes: [fn(&mut Description); 9] = [
        |d| d.kind.push('s'),
        |d| d.version += 1,
        |d| d.parameters["folds"] = 11.into(),
        |d| d.parameters["more"] = json!(null),
        |d| d.stream = None,
        |d| d.stream.as_mut().unwrap().seed -= 1,
        |d| d.stream.as_mut().unwrap().step.push('s'),
        |d| {
            d.inputs.insert("scores".to_owned(), Digest::of(b"others"));
        },
        |d| {
            d.inputs.insert("more".to_owned(), Digest::of(b"scores"));
        },
    ];
    let mut keys = vec![description().key()];
    for change in changes {
        let mut changed = description();
        change(&mut changed);
        keys.push(changed.key());
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), changes.len() + 1);
}

#[test]
fn the_key_does_not_depend_on_the_order_of_fields() {
    let mut other = description();
    other.parameters = json!({ "share": 0.7, "folds": 10.0, "by": "youden" });
    assert_eq!(other.key(), description().key());
}

#[test]
fn an_object_is_named_by_its_digest() {
    let (_folder, store) = store();
    let (stored, _) = store.put(b"abc").unwrap();
    assert_eq!((stored.sha256, stored.size), (Digest::of(b"abc"), 3));
    let path = store.root().join(Store::object_path(stored.sha256));
    assert!(
        path.ends_with(
            "objects/ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    );
    assert_eq!(fs::read(path).unwrap(), b"abc");
    assert_eq!(
        store.get(stored.sha256).unwrap(),
        Found::Present(b"abc".to_vec())
    );
    assert_eq!(store.holds(&stored).unwrap(), Found::Present(()));
    assert_eq!(store.get(Digest::of(b"else")).unwrap(), Found::Missing);
    assert_eq!(store.put(b"").unwrap().0.size, 0);
    assert_eq!(
        store.get(Digest::of(b"")).unwrap(),
        Found::Present(Vec::new())
    );
}

#[test]
fn a_damaged_object_is_noticed_set_aside_and_replaced() {
    let (_folder, store) = store();
    let (stored, _) = store.put(b"abc").unwrap();
    let path = store.root().join(Store::object_path(stored.sha256));
    for round in 0..3 {
        fs::write(&path, b"abd").unwrap();
        let Found::Damaged(damage) = store.get(stored.sha256).unwrap() else {
            panic!("the damage is not noticed")
        };
        assert_eq!(
            damage.kind,
            DamageKind::Content {
                found: Digest::of(b"abd")
            }
        );
        let place = store.set_aside(&damage).unwrap().unwrap();
        assert_eq!(fs::read(place).unwrap(), b"abd");
        assert_eq!(files_in(&store.root().join("damaged")).len(), round + 1);
        assert_eq!(store.set_aside(&damage).unwrap(), None);
        assert_eq!(store.get(stored.sha256).unwrap(), Found::Missing);
        store.put(b"abc").unwrap();
        assert_eq!(
            store.get(stored.sha256).unwrap(),
            Found::Present(b"abc".to_vec())
        );
    }
    fs::write(&path, b"ab").unwrap();
    let Found::Damaged(damage) = store.holds(&stored).unwrap() else {
        panic!("the damage is not noticed")
    };
    assert_eq!(
        damage.kind,
        DamageKind::Length {
            expected: 3,
            found: 2
        }
    );
    // Writing the same bytes again mends it, and tells.
    let (_, damage) = store.put(b"abc").unwrap();
    assert!(matches!(damage.unwrap().kind, DamageKind::Content { .. }));
    assert_eq!(
        store.get(stored.sha256).unwrap(),
        Found::Present(b"abc".to_vec())
    );
}

#[test]
fn a_receipt_comes_back_as_it_was() {
    let (_folder, store) = store();
    assert_eq!(store.receipt(receipt().key).unwrap(), Found::Missing);
    store.write_receipt(&receipt()).unwrap();
    assert_eq!(
        store.receipt(receipt().key).unwrap(),
        Found::Present(receipt())
    );
}

/// The receipt is for people too: a change here is a change of the format.
#[test]
fn a_receipt_is_readable() {
    let (_folder, store) = store();
    store.write_receipt(&receipt()).unwrap();
    let text = fs::read_to_string(store.root().join(Store::receipt_path(receipt().key))).unwrap();
    assert_eq!(text, RECEIPT);
}

const RECEIPT: &str = r#"{
  "key": "28b571784b14a24ee03e98cb1a02c4c5b513c050dc23d7f3b0ffb30f01592f7b",
  "step": "cutoff.risk",
  "description": {
    "kind": "cutoff",
    "version": 3,
    "parameters": {
      "by": "youden",
      "folds": 10,
      "share": 0.7
    },
    "stream": {
      "seed": "18446744073709551615",
      "step": "cutoff.risk"
    },
    "inputs": {
      "scores": "a6235752ef51e86cdf1d56634948c32f75fe6a492e212797315ea43f5ecfa66e"
    }
  },
  "origins": {
    "scores": {
      "step": "model.cpr",
      "output": "scores"
    },
    "table": {
      "file": "clinical.csv"
    }
  },
  "outputs": {
    "value": {
      "sha256": "cd42404d52ad55ccfa9aca4adc828aa5800ad9d385a0671fbcbf724118320619",
      "size": 5
    }
  },
  "started": "2022-08-18T09:30:00.000Z",
  "finished": "2022-08-18T09:30:01.500Z",
  "machine": {
    "os": "linux",
    "arch": "x86_64"
  },
  "threads": 8,
  "prereg": "0.1.0",
  "seal": "d80735fdfbf3ac2c85e5edacbd316b261814c45e779f51b7b61f2e6a8fa46cac"
}
"#;

#[test]
fn no_changed_byte_of_a_receipt_passes() {
    let (_folder, store) = store();
    store.write_receipt(&receipt()).unwrap();
    let path = store.root().join(Store::receipt_path(receipt().key));
    let text = fs::read(&path).unwrap();
    for position in 0..text.len() {
        for flip in [1, 2, 32] {
            let mut changed = text.clone();
            changed[position] ^= flip;
            fs::write(&path, &changed).unwrap();
            assert!(matches!(
                store.receipt(receipt().key).unwrap(),
                Found::Damaged(_)
            ));
        }
    }
    for length in 0..text.len() - 1 {
        fs::write(&path, &text[..length]).unwrap();
        assert!(matches!(
            store.receipt(receipt().key).unwrap(),
            Found::Damaged(_)
        ));
    }
}

#[test]
fn a_receipt_under_another_name_is_not_taken() {
    let (_folder, store) = store();
    store.write_receipt(&receipt()).unwrap();
    let other = Digest::of(b"another key");
    let from = store.root().join(Store::receipt_path(receipt().key));
    fs::copy(from, store.root().join(Store::receipt_path(other))).unwrap();
    let Found::Damaged(damage) = store.receipt(other).unwrap() else {
        panic!("it is taken")
    };
    assert_eq!(
        damage.kind,
        DamageKind::OtherKey {
            found: receipt().key
        }
    );
}

#[test]
fn the_last_description_of_a_step() {
    let (_folder, store) = store();
    let last = Last {
        study: "icc".to_owned(),
        step: "image.adc.Meier/1".to_owned(),
        key: description().key(),
        description: description(),
        origins: receipt().origins,
    };
    assert_eq!(store.last(&last.study, &last.step), None);
    store.write_last(&last).unwrap();
    assert_eq!(store.last(&last.study, &last.step), Some(last.clone()));
    assert_eq!(store.last("other", &last.step), None);
    fs::write(store.root().join("last/icc/image.adc.Meier%2F1.json"), "{").unwrap();
    assert_eq!(store.last(&last.study, &last.step), None);
}

#[test]
fn opening_and_reading_write_nothing() {
    let (_folder, store) = store();
    store.get(Digest::of(b"else")).unwrap();
    store.receipt(Digest::of(b"else")).unwrap();
    store.last("a", "b");
    assert_eq!(files_in(store.root()), Vec::<String>::new());
}

#[test]
fn what_killed_runs_left_is_removed_and_what_others_write_is_not() {
    let (_folder, living) = store();
    living.put(b"of the living").unwrap();
    let temporary = living.root().join("temporary");
    let of_the_living = files_in(&temporary);
    assert_eq!(of_the_living.len(), 1);
    // Killed while writing, before making its lock, and before locking.
    for (folder, files) in [
        ("run-writing", &["lock", "0", "1"][..]),
        ("run-new", &[]),
        ("run-lock", &["lock"]),
    ] {
        fs::create_dir(temporary.join(folder)).unwrap();
        for file in files {
            fs::write(temporary.join(folder).join(file), b"half").unwrap();
        }
    }
    let other = Store::open(living.root()).unwrap();
    assert_eq!(files_in(&temporary), of_the_living);
    other.put(b"of the other").unwrap();
    living.put(b"of the living, later").unwrap();
    assert_eq!(files_in(&temporary).len(), 2);
    drop(other);
    assert_eq!(files_in(&temporary), of_the_living);
    drop(living);
    assert_eq!(files_in(&temporary), Vec::<String>::new());
}

#[test]
fn many_may_write_at_once() {
    let (_folder, store) = store();
    let texts: Vec<String> = (0..200)
        .map(|number| format!("text {}", number % 40))
        .collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let own = Store::open(store.root()).unwrap();
                for text in &texts {
                    own.put(text.as_bytes()).unwrap();
                    store.put(text.as_bytes()).unwrap();
                }
            });
        }
    });
    for text in &texts {
        let found = store.get(Digest::of(text.as_bytes())).unwrap();
        assert_eq!(found, Found::Present(text.clone().into_bytes()));
    }
}

#[test]
fn errors_say_what_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "a file, not a folder").unwrap();
    let error = Store::open(file.join("store")).unwrap_err();
    assert_eq!(error.path, file.join("store"));
    assert_eq!(
        error.to_string(),
        format!("cannot create the folder {}", file.join("store").display())
    );
    assert!(std::error::Error::source(&error).is_some());

    let store = Store::open(folder.path().join("store")).unwrap();
    fs::write(store.root().join("objects"), "in the way").unwrap();
    let error = store.put(b"abc").unwrap_err();
    assert!(error.path.starts_with(store.root().join("objects/ba")));
    fs::write(store.root().join("receipts"), "in the way").unwrap();
    assert!(store.write_receipt(&receipt()).is_err());
    // Nothing half-written is left.
    let temporary = store.root().join("temporary");
    let run = &files_in(&temporary)[0];
    assert_eq!(files_in(&temporary.join(run)), ["lock"]);
}
