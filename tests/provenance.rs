//! A hostile reviewer at work: a registered study is changed, its report is edited in every place, its data and its store
//! are touched; each is told with its place. Every number is traced to the bytes that it came from.

mod documents;
mod locked;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

struct Workplace {
    folder: tempfile::TempDir,
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

impl Workplace {
    fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        for (from, to) in [
            ("studies/provenance/small.study", "small.study"),
            ("spoilt/base.csv", "data.csv"),
        ] {
            std::fs::copy(source(from), place.path(to)).expect("the study is copied");
        }
        place
    }

    /// With a report of the registered study.
    fn with_report() -> Self {
        let place = Self::new();
        place.done("register small.study");
        place.done(
            "run small.study --registered small.registered.json --out report --store store -q",
        );
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn prereg(&self, arguments: &str) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_prereg"))
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("the program runs");
        Said {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn done(&self, arguments: &str) -> Said {
        let said = self.prereg(arguments);
        assert_eq!(
            said.code,
            Some(0),
            "prereg {arguments}\n{}{}",
            said.out,
            said.err
        );
        said
    }

    /// What `prereg verify` lists, which must be something.
    fn refused(&self) -> String {
        let said = self.prereg("verify report");
        assert_eq!(said.code, Some(1), "nothing was found:\n{}", said.out);
        said.out
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file can be read")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the file is written");
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} does not hold {from:?}");
        self.write(name, &text.replacen(from, to, 1));
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("the file is JSON")
    }

    /// A reported value and how it is shown.
    fn value(&self, id: &str) -> (f64, String) {
        let results = self.json("report/results.json");
        let values = results["values"].as_array().expect("values").clone();
        let value = values
            .into_iter()
            .find(|value| value["id"] == id)
            .expect("the value is reported");
        (
            value["value"].as_f64().expect("a number"),
            value["display"].as_str().expect("a display").to_owned(),
        )
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Another last digit.
fn another(number: &str) -> String {
    let last = number
        .chars()
        .rev()
        .find(char::is_ascii_digit)
        .expect("a digit");
    let other = if last == '1' { '2' } else { '1' };
    let at = number.rfind(last).expect("it is there");
    format!("{}{other}{}", &number[..at], &number[at + 1..])
}

const AUC: &str = "table2.validation.clinical_model.auc";

#[test]
fn a_report_that_nobody_touched_is_verified() {
    let place = Workplace::with_report();
    let said = place.done("verify report --threads 1");
    assert!(said.out.starts_with("verified: "), "{}", said.out);
    assert!(
        place
            .done("verify report --threads 2")
            .out
            .starts_with("verified: ")
    );
    // A clone without the store.
    std::fs::remove_dir_all(place.path("store")).expect("the store is removed");
    let said = place.done("verify report");
    assert!(said.err.contains("the store is not there"), "{}", said.err);
}

#[test]
fn seven_edits_are_told_by_their_place() {
    let place = Workplace::with_report();
    let (exact, shown) = place.value(AUC);
    let expect = |place: &Workplace, what: &[&str]| {
        let found = place.refused();
        for text in what {
            assert!(found.contains(text), "expected {text:?} in\n{found}");
        }
    };
    let undone = |name: &str, spoil: &dyn Fn(&Workplace), what: &[&str]| {
        let before = std::fs::read(place.path(name)).expect("the file can be read");
        spoil(&place);
        expect(&place, what);
        std::fs::write(place.path(name), before).expect("the file is put back");
    };

    // 1. The page.
    let number = format!("data-id=\"{AUC}\" data-step=\"performance.table2.discrimination\">");
    undone(
        "report/report.html",
        &|place| {
            let to = format!("{number}{}", another(&shown));
            place.edit("report/report.html", &format!("{number}{shown}"), &to);
        },
        &[&format!(
            "report.html: {AUC}: shows {}, results.json says {shown}",
            another(&shown)
        )],
    );
    // 2. The Markdown.
    let line = 1 + place
        .read("report/report.md")
        .lines()
        .position(|line| line.starts_with('|') && line.contains(&shown))
        .expect("the table shows it");
    undone(
        "report/report.md",
        &|place| {
            let text = place.read("report/report.md");
            let lines: Vec<String> = text
                .lines()
                .enumerate()
                .map(|(number, text)| match number + 1 == line {
                    true => text.replacen(&shown, &another(&shown), 1),
                    false => text.to_owned(),
                })
                .collect();
            place.write("report/report.md", &(lines.join("\n") + "\n"));
        },
        &[&format!("report.md, line {line}: says ")],
    );
    // 3. The results.
    let (from, to) = (exact.to_string(), another(&exact.to_string()));
    undone(
        "report/results.json",
        &|place| place.edit("report/results.json", &from, &to),
        &[
            "results.json: is not the file that the run wrote",
            &format!("results.json: {AUC}: {to} is recorded, {from} is computed"),
        ],
    );
    // 4. A data file.
    undone(
        "data.csv",
        &|place| place.edit("data.csv", "P03,", "P03x,"),
        &["data file data.csv: its SHA-256 is "],
    );
    // 5. An object of the store.
    let record = place.json("report/run.json");
    let step = record["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .find(|step| step["id"] == "cox.table3")
        .expect("the step is recorded");
    let object = step["outputs"]["result"]["sha256"]
        .as_str()
        .expect("a digest");
    let file = format!("store/objects/{}/{object}", &object[..2]);
    undone(
        &file,
        &|place| {
            let text = place.read(&file);
            place.write(&file, &another(&text));
        },
        &[&format!(
            "store: objects/{}/{object}: output result of cox.table3 is damaged",
            &object[..2]
        )],
    );
    // 6. The log of looks: an entry edited, an entry removed.
    undone(
        "store/looks.jsonl",
        &|place| {
            place.edit(
                "store/looks.jsonl",
                "\"outcome\":\"os\"",
                "\"outcome\":\"xx\"",
            )
        },
        &["store: looks.jsonl: entry 1 of the log of looks was changed"],
    );
    undone(
        "store/looks.jsonl",
        &|place| {
            let text = place.read("store/looks.jsonl");
            let rest: Vec<&str> = text.lines().skip(1).collect();
            place.write("store/looks.jsonl", &(rest.join("\n") + "\n"));
        },
        &["store: looks.jsonl: entry 1 of the log of looks does not follow"],
    );
    undone(
        "store/looks.jsonl",
        &|place| {
            let text = place.read("store/looks.jsonl");
            let count = text.lines().count();
            let rest: Vec<&str> = text.lines().take(count - 1).collect();
            place.write("store/looks.jsonl", &(rest.join("\n") + "\n"));
        },
        &["is not in the log: it was removed or changed"],
    );
    // 7. The registration.
    undone(
        "report/registration.json",
        &|place| place.edit("report/registration.json", "\"seed\": 1", "\"seed\": 2"),
        &["registration.json: it was changed after it was made"],
    );
    // The record of the run.
    undone(
        "report/run.json",
        &|place| place.edit("report/run.json", "\"threads\": ", "\"threads\": 1"),
        &["run.json: was changed after it was written"],
    );
    // A table.
    undone(
        "report/tables/table2.csv",
        &|place| {
            let text = place.read("report/tables/table2.csv");
            place.write(
                "report/tables/table2.csv",
                &text.replacen(&shown, &another(&shown), 1),
            );
        },
        &["tables/table2.csv, row "],
    );
    assert!(place.done("verify report").out.starts_with("verified: "));
}

#[test]
fn a_changed_study_or_cell_is_not_verified() {
    for (file, from, to, what) in [
        (
            "small.study",
            "seed 1",
            "seed 2",
            "small.study: study: was ",
        ),
        (
            "small.study",
            "by youden",
            "by median",
            "small.study: risk: was ",
        ),
        (
            "data.csv",
            "P01,male,47,",
            "P01,male,48,",
            "data file data.csv: its SHA-256",
        ),
    ] {
        let place = Workplace::with_report();
        place.edit(file, from, to);
        let found = place.refused();
        assert!(found.contains(what), "{from} → {to}:\n{found}");
        assert!(found.contains(" is computed"), "{from} → {to}:\n{found}");
    }
}

#[test]
fn three_changes_one_with_a_reason() {
    let place = Workplace::new();
    let registered = place.done("register small.study");
    assert!(
        registered.err.contains("1 data files"),
        "{}",
        registered.err
    );
    place.edit("small.study", "by youden", "by median");
    place.edit(
        "small.study",
        "candidates sex, age, marker, chemo",
        "candidates sex, age, chemo",
    );
    place.edit("small.study", "age < 40 years", "age < 45 years");
    // No deviation: layout, a comment, and a reason.
    place.edit("small.study", "seed 1", "seed   1   # as before");
    let text = place.read("small.study") + "\ndeviation risk \"Youden's index was unstable.\"\n";
    place.write("small.study", &text);

    let said = place.done("diff small.registered.json small.study");
    let heads: Vec<&str> = said
        .out
        .lines()
        .filter(|line| !line.starts_with(' '))
        .collect();
    assert_eq!(
        heads,
        ["changed patients", "changed risk", "changed table3"]
    );
    assert!(
        said.out
            .contains("  - cox table3 of os { candidates sex, age, marker, chemo }")
    );
    assert!(
        said.out
            .contains("  + cox table3 of os { candidates sex, age, chemo }")
    );

    let said = place
        .done("run small.study --registered small.registered.json --out report --store store -q");
    assert!(
        said.err.contains(
            "3 deviations from the registered plan, 2 without a reason: patients, risk, table3"
        ),
        "{}",
        said.err
    );
    let results = place.json("report/results.json");
    let deviations = results["registration"]["deviations"]
        .as_array()
        .expect("a list");
    let reasons: Vec<(&str, Option<&str>)> = deviations
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap_or_default(),
                one["reason"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        reasons,
        [
            ("patients", None),
            ("risk", Some("Youden's index was unstable.")),
            ("table3", None)
        ]
    );
    let report = place.read("report/report.md");
    assert!(report.contains("Registered, with 3 deviations"));
    assert_eq!(report.matches("No reason given.").count(), 2);
    assert!(place.done("verify report").out.starts_with("verified: "));
}

#[test]
fn registered_or_not_stands_first() {
    let place = Workplace::new();
    std::fs::remove_file(place.path("data.csv")).expect("the data are taken away");
    let said = place.done("register small.study");
    assert!(
        said.err.contains("before any data file was there"),
        "{}",
        said.err
    );
    std::fs::copy(source("spoilt/base.csv"), place.path("data.csv")).expect("the data arrive");
    place.done("run small.study --out free --store store -q");
    assert!(place.read("free/report.md").contains("Not registered"));
    place.done("run small.study --registered small.registered.json --out report --store store -q");
    let report = place.read("report/report.md");
    assert!(report.contains("As registered."), "{report}");
    assert!(report.contains("before any data file was there"));
    // What is there is kept.
    let said = place.prereg("register small.study");
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("what is there is kept"), "{}", said.err);
}

#[test]
fn a_signature_is_checked() {
    let place = Workplace::new();
    let key = place.done("key new --out key.json").out;
    place.done("register small.study --key key.json");
    let registration = place.json("small.registered.json");
    assert_eq!(registration["signature"]["public_key"], key.trim());
    let run = "run small.study --registered small.registered.json --out report --store store -q";
    let signature = registration["signature"]["signature"]
        .as_str()
        .expect("a signature");
    place.edit("small.registered.json", signature, &another(signature));
    let said = place.prereg(run);
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("its signature does not fit"),
        "{}",
        said.err
    );
    assert!(!place.path("report").exists());
}

#[test]
fn plans_that_looked_before_are_counted() {
    let place = Workplace::new();
    let run = "run small.study --out report --store store -q";
    let says = |place: &Workplace, what: &str| {
        let report = place.read("report/report.md");
        assert!(report.contains(what), "expected {what:?}");
    };
    place.done(run);
    says(
        &place,
        "Validation set: no other plan had been evaluated on it before this one",
    );
    let first = place.read("report/results.json");
    let log = place.read("store/looks.jsonl");
    place.done(run);
    assert_eq!(
        place.read("store/looks.jsonl"),
        log,
        "the same plan looks at nothing new"
    );
    for change in ["seed 2", "seed 3"] {
        let seed = place
            .read("small.study")
            .lines()
            .find(|line| line.trim().starts_with("seed"))
            .map(|line| line.trim().to_owned())
            .expect("a seed");
        place.edit("small.study", &seed, change);
        place.done(run);
    }
    says(
        &place,
        "Validation set: 2 other plans had been evaluated on it before this one",
    );
    // The count stands beside the results, which stay the same bytes.
    place.edit("small.study", "seed 3", "seed 1");
    place.done(run);
    assert_eq!(place.read("report/results.json"), first);
    says(
        &place,
        "Validation set: no other plan had been evaluated on it before this one",
    );
    // A broken log is said, and does not heal.
    place.edit("store/looks.jsonl", "\"number\":2", "\"number\":7");
    let said = place.done(run);
    assert!(
        said.err.contains("entry 2 of the log of looks was changed"),
        "{}",
        said.err
    );
    says(&place, "The log of looks was tampered with");
}

#[test]
fn a_blind_study_waits_for_its_registration() {
    let place = Workplace::new();
    place.edit("small.study", "alpha 0.05", "alpha 0.05\n  blind");
    let said = place.done("run small.study --out report --store store -q");
    assert!(said.err.contains("table2 on validation"), "{}", said.err);
    let results = place.read("report/results.json");
    assert!(!results.contains("table2.validation") && results.contains("table2.training"));
    assert_eq!(place.read("store/looks.jsonl"), "", "nobody looked");
    assert!(place.done("verify report").out.starts_with("verified: "));
    place.done("register small.study");
    place.done("run small.study --registered small.registered.json --out report --store store -q");
    assert!(
        place
            .read("report/results.json")
            .contains("table2.validation")
    );
}

#[test]
fn numbers_of_every_table_and_figure_end_at_the_file() {
    let place = Workplace::with_report();
    let results = place.json("report/results.json");
    let digest = sha256(&std::fs::read(place.path("data.csv")).expect("the data"));
    let values = results["values"].as_array().expect("values");
    let mut kinds: Vec<&str> = Vec::new();
    for value in values {
        let (id, step) = (
            value["id"].as_str().expect("an id"),
            value["step"].as_str().expect("a step"),
        );
        if kinds.contains(&step) {
            continue;
        }
        kinds.push(step);
        let said = place.done(&format!("trace {id} --report report --json"));
        let descent: Value = serde_json::from_str(&said.out).expect("JSON");
        let nodes = descent["nodes"].as_array().expect("nodes");
        assert_eq!(nodes[0]["id"], step);
        let files: Vec<&Value> = nodes.iter().filter(|node| node["node"] == "file").collect();
        assert_eq!(files.len(), 1, "{id}");
        assert_eq!(
            (&files[0]["sha256"], &files[0]["rows"]),
            (&Value::from(digest.as_str()), &Value::from(80))
        );
        // Each step's bytes are in the store under their digest, and lead to the value.
        for node in nodes.iter().filter(|node| node["node"] == "step") {
            for output in node["outputs"].as_object().expect("outputs").values() {
                let name = output["sha256"].as_str().expect("a digest");
                let bytes =
                    std::fs::read(place.path(&format!("store/objects/{}/{name}", &name[..2])))
                        .expect("the object is there");
                assert_eq!(sha256(&bytes), name);
            }
        }
        let (output, pointer) = value["field"]
            .as_str()
            .and_then(|field| field.split_once('#'))
            .expect("a field");
        let name = nodes[0]["outputs"][output]["sha256"]
            .as_str()
            .expect("a digest");
        let object = place.json(&format!("store/objects/{}/{name}", &name[..2]));
        assert_eq!(
            object.pointer(pointer).and_then(Value::as_f64),
            value["value"].as_f64(),
            "{id}"
        );
    }
    assert!(kinds.len() >= 8, "{kinds:?}");
    let text = place
        .done(&format!("trace {AUC} --report report/results.json"))
        .out;
    assert!(
        text.contains("study, line 28: split patients 7 : 3 into training, validation"),
        "{text}"
    );
    assert!(text.contains("draws from the study's seed 1"));
    assert!(text.contains("file data.csv, 80 rows"));
    assert!(
        place
            .done(&format!("trace {AUC} --report report --dot"))
            .out
            .contains("\"file data.csv\" -> \"table.clinical\"")
    );
    let said = place.prereg("trace table2.validation.aus --report report");
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("similar ids: table2."), "{}", said.err);
}

#[test]
fn what_depends_on_a_column_and_on_a_patient() {
    let place = Workplace::with_report();
    let ids = |arguments: &str| -> Vec<String> {
        let said = place.done(&format!(
            "trace --report report --json --file data.csv {arguments}"
        ));
        let found: Value = serde_json::from_str(&said.out).expect("JSON");
        let values = found["values"].as_array().expect("values");
        values
            .iter()
            .filter_map(|value| value["id"].as_str().map(str::to_owned))
            .collect()
    };
    let chemo = ids("--column chemo");
    assert!(
        !chemo.is_empty() && chemo.iter().all(|id| id.starts_with("table3.")),
        "{chemo:?}"
    );
    assert!(ids("--column recurred").contains(&AUC.to_owned()));
    assert!(!ids("--column died").contains(&AUC.to_owned()));

    let report = place.json("report/results.json");
    let all = report["values"].as_array().expect("values").len();
    let of_set = |set: &str| {
        let keys = place
            .read("data.csv")
            .lines()
            .skip(1)
            .map(|line| line[..3].to_owned())
            .collect::<Vec<_>>();
        keys.into_iter()
            .find(|key| {
                let said = place.done(&format!(
                    "trace --report report --file data.csv --patient {key}"
                ));
                said.out
                    .lines()
                    .next()
                    .is_some_and(|line| line.ends_with(set))
            })
            .expect("somebody is in the set")
    };
    let trained = ids(&format!("--patient {}", of_set("split#set.training")));
    let validated = ids(&format!("--patient {}", of_set("split#set.validation")));
    assert!(trained.contains(&AUC.to_owned()) && validated.contains(&AUC.to_owned()));
    let training = "table2.training.clinical_model.auc".to_owned();
    assert!(trained.contains(&training) && !validated.contains(&training));
    assert!(validated.len() < trained.len() && trained.len() <= all);
    let said = place.prereg("trace --report report --file data.csv --patient P99");
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("no patient with the key `P99`"),
        "{}",
        said.err
    );
}
