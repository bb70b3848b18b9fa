//! A small study to run: a table, a derived value, a split, a model, a cut-off, a performance and the results.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prereg::engine::{
    Action, Engine, Graph, Input, Inputs, Options, Outcome, Outputs, Report, Silent, Source, Step,
};
use prereg::store::Store;
use serde_json::{Value, json};

pub(crate) type Answer = Result<Outputs, Box<dyn Error + Send + Sync>>;

/// A function as an action.
struct Function<F>(F);

impl<F: Fn(&Inputs) -> Answer + Send + Sync> Action for Function<F> {
    fn run(&self, inputs: &Inputs) -> Answer {
        (self.0)(inputs)
    }
}

pub(crate) fn action(
    function: impl Fn(&Inputs) -> Answer + Send + Sync + 'static,
) -> Arc<dyn Action> {
    Arc::new(Function(function))
}

/// A step whose inputs are written `name = step#output`.
pub(crate) fn step(
    id: &str,
    kind: &'static str,
    parameters: Value,
    inputs: &[&str],
    function: impl Fn(&Inputs) -> Answer + Send + Sync + 'static,
) -> Step {
    let inputs = inputs.iter().map(|input| {
        let (name, source) = input.split_once(" = ").unwrap();
        let (step, output) = source.split_once('#').unwrap();
        Input {
            name: name.to_owned(),
            source: Source::Output {
                step: step.to_owned(),
                output: output.to_owned(),
            },
        }
    });
    Step {
        id: id.to_owned(),
        kind,
        version: 1,
        parameters,
        seed: None,
        inputs: inputs.collect(),
        action: action(function),
    }
}

pub(crate) fn json_outputs(values: &[(&str, Value)]) -> Answer {
    let mut outputs = Outputs::new();
    for (name, value) in values {
        outputs.json(name, value)?;
    }
    Ok(outputs)
}

/// A folder for one test, in memory where the system has such a place: a store syncs every file.
pub(crate) fn empty_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

/// 09:30 on the day of the paper, for ever.
pub(crate) fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_660_815_000)
}

pub(crate) fn run<'a>(graph: &Graph, store: &'a Store, threads: usize) -> Report<'a> {
    let options = Options {
        threads,
        clock: &clock,
        version: "0.1.0",
    };
    Engine::run(graph, store, &options, &Silent).unwrap()
}

/// The steps that ended in this way, in the order of the graph.
pub(crate) fn steps(report: &Report, which: fn(&Outcome) -> bool) -> String {
    let ids = report.steps.iter().filter(|step| which(&step.outcome));
    ids.map(|step| step.id.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) fn ran(report: &Report) -> String {
    steps(report, |outcome| matches!(outcome, Outcome::Ran { .. }))
}

pub(crate) fn reused(report: &Report) -> String {
    steps(report, |outcome| matches!(outcome, Outcome::Reused))
}

/// Why a step ran.
pub(crate) fn why(report: &Report, step: &str) -> String {
    match &report.step(step).unwrap().outcome {
        Outcome::Ran { reasons, .. } => reasons
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; "),
        other => panic!("{step} did not run: {other:?}"),
    }
}

/// The bytes of every output, by step and name.
pub(crate) fn everything(report: &Report) -> Vec<(String, Vec<u8>)> {
    let names = report
        .steps
        .iter()
        .flat_map(|step| step.outputs.keys().map(move |output| (&step.id, output)));
    names
        .map(|(step, output)| {
            (
                format!("{step}#{output}"),
                report.output(step, output).unwrap(),
            )
        })
        .collect()
}

/// Every file below a folder, relative to it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    entries
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(folder).unwrap().to_owned())
        .collect()
}

/// The study, to be changed at will.
pub(crate) struct Study {
    pub(crate) folder: tempfile::TempDir,
    /// age, afp, recurred.
    pub(crate) patients: Vec<(f64, f64, bool)>,
    pub(crate) limit: f64,
    pub(crate) seed: u64,
    pub(crate) terms: Vec<&'static str>,
    pub(crate) model_version: u32,
    pub(crate) title: &'static str,
}

impl Study {
    pub(crate) fn new() -> Self {
        let patient = |number: u32| {
            let number = f64::from(number);
            (40.0 + 3.0 * number, 7.0 * number, number > 6.0)
        };
        Self {
            folder: empty_folder(),
            patients: (0..12).map(patient).collect(),
            limit: 20.0,
            seed: 20220818,
            terms: vec!["age", "afp_high"],
            model_version: 1,
            title: "A study",
        }
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(self.folder.path().join("store")).unwrap()
    }

    pub(crate) fn csv(&self) -> PathBuf {
        self.folder.path().join("clinical.csv")
    }

    pub(crate) fn write_table(&self) {
        let rows = self
            .patients
            .iter()
            .map(|(age, afp, recurred)| format!("{age},{afp},{recurred}\n"));
        fs::write(self.csv(), rows.collect::<String>()).unwrap();
    }

    /// Writes the table and runs everything.
    pub(crate) fn run<'a>(&self, store: &'a Store) -> Report<'a> {
        self.write_table();
        run(&self.graph(), store, 2)
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::new("icc", self.steps()).unwrap()
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut table = step("table.clinical", "read_table", json!({}), &[], |inputs| {
            let text = String::from_utf8(inputs.file("file")?)?;
            let column = |number: usize| -> Value {
                let rows = text.lines().map(|line| line.split(',').nth(number));
                rows.map(|cell| serde_json::from_str::<Value>(cell.unwrap()).unwrap())
                    .collect()
            };
            json_outputs(&[
                ("count", json!(text.lines().count())),
                ("column.age", column(0)),
                ("column.afp", column(1)),
                ("column.recurred", column(2)),
            ])
        });
        table.inputs.push(Input {
            name: "file".to_owned(),
            source: Source::File {
                path: self.csv(),
                label: "icc/clinical.csv".to_owned(),
            },
        });

        let limit = self.limit;
        let derived = step(
            "derive.afp_high",
            "derived_value",
            json!({ "column": "afp", "limit": limit }),
            &["value.afp = table.clinical#column.afp"],
            move |inputs| {
                let afp: Vec<f64> = inputs.json("value.afp")?;
                let high: Vec<bool> = afp.iter().map(|afp| *afp > limit).collect();
                json_outputs(&[("value", json!(high))])
            },
        );

        let seed = self.seed;
        let mut split = step(
            "split",
            "split",
            json!({ "share": 0.7 }),
            &["count = table.clinical#count"],
            move |inputs| {
                let count: u64 = inputs.json("count")?;
                let training: Vec<u64> = (0..count)
                    .filter(|patient| (patient + seed) % 10 < 7)
                    .collect();
                json_outputs(&[("training", json!(training))])
            },
        );
        split.seed = Some(seed);

        let mut model = step(
            "model.cpr",
            "logistic_model",
            json!({ "terms": self.terms, "select": { "by": "aic" } }),
            &[
                "value.age = table.clinical#column.age",
                "value.afp_high = derive.afp_high#value",
                "outcome = table.clinical#column.recurred",
                "set = split#training",
            ],
            move |inputs| {
                let ages: Vec<f64> = inputs.json("value.age")?;
                let high: Vec<bool> = inputs.json("value.afp_high")?;
                let set: Vec<usize> = inputs.json("set")?;
                let score = |(age, high): (&f64, &bool)| match (*age > 50.0, *high) {
                    (true, true) => 1.5,
                    (false, true) => 1.0,
                    (true, false) => 0.5,
                    (false, false) => 0.0,
                };
                let scores: Vec<f64> = ages.iter().zip(&high).map(score).collect();
                json_outputs(&[
                    ("fit", json!({ "n": set.len() })),
                    ("scores", json!(scores)),
                ])
            },
        );
        model.version = self.model_version;

        let cutoff = step(
            "cutoff.risk",
            "cutoff",
            json!({ "by": "youden" }),
            &["scores = model.cpr#scores"],
            |inputs| {
                let scores: Vec<f64> = inputs.json("scores")?;
                let high: Vec<bool> = scores.iter().map(|score| *score >= 1.0).collect();
                json_outputs(&[("value", json!(high))])
            },
        );

        let performance = step(
            "performance.table2",
            "classification",
            json!({}),
            &[
                "value = cutoff.risk#value",
                "outcome = table.clinical#column.recurred",
            ],
            |inputs| {
                let risk: Vec<bool> = inputs.json("value")?;
                let outcome: Vec<bool> = inputs.json("outcome")?;
                let right = risk
                    .iter()
                    .zip(&outcome)
                    .filter(|(risk, outcome)| risk == outcome)
                    .count();
                json_outputs(&[("result", json!({ "right": right, "n": risk.len() }))])
            },
        );

        let title = self.title;
        let results = step(
            "results",
            "results",
            json!({ "title": title }),
            &[
                "fit = model.cpr#fit",
                "performance = performance.table2#result",
            ],
            move |inputs| {
                let fit: Value = inputs.json("fit")?;
                let performance: Value = inputs.json("performance")?;
                let mut outputs = Outputs::new();
                outputs.bytes(
                    "results",
                    format!("{title}: {fit} {performance}\n").into_bytes(),
                );
                Ok(outputs)
            },
        );
        vec![table, derived, split, model, cutoff, performance, results]
    }
}

pub(crate) const ALL: &str =
    "table.clinical derive.afp_high split model.cpr cutoff.risk performance.table2 results";
