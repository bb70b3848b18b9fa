//! What every method says of data that it cannot use: each built-in case, spoilt in the same ways, and the sentence that comes
//! back, in `tests/degenerate/METHOD.txt` for a reader to judge. UPDATE_EXPECT=1 rewrites the files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use prereg::validation::{Case, CaseFiles, Method, methods};
use serde_json::{Map, Value, json};

/// Patients kept of a case: enough for every method, few enough to be quick.
const PATIENTS: usize = 90;
/// Columns that are spoilt one by one.
const COLUMNS: usize = 4;

/// The first case of each method, with its tables as columns of `data.inputs`.
fn cases() -> BTreeMap<String, Value> {
    let mut cases = BTreeMap::new();
    for (_, text) in CaseFiles::BuiltIn.cases().expect("the cases are built in") {
        let mut case: Value = serde_json::from_str(&text).expect("a built-in case is JSON");
        let method = case["method"].as_str().expect("a method").to_owned();
        cases.entry(method).or_insert_with(|| {
            inline(&mut case);
            case
        });
    }
    cases
}

/// The columns that a case names, and `patient`, which ComBat's cases need.
fn inline(case: &mut Value) {
    let Some(path) = case["data"]["csv"].as_str().map(str::to_owned) else {
        return;
    };
    let text = CaseFiles::BuiltIn.text(&path).expect("a built-in table");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .expect("a header")
        .iter()
        .map(str::to_owned)
        .collect();
    let all: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
    // Evenly, since some tables are sorted by the outcome.
    let every = all.len().div_ceil(PATIENTS);
    let rows: Vec<csv::StringRecord> = all.into_iter().step_by(every).collect();
    let asked = case["data"].to_string();
    let all = !case["data"]["outcome"].is_null() && case["data"]["candidates"].is_null()
        || asked.contains("..");
    let mut inputs = Map::new();
    for (column, name) in names.iter().enumerate() {
        let word = |text: &str| {
            text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
                .any(|w| w == name)
        };
        if !(all || word(&asked) || name == "patient") {
            continue;
        }
        let values = rows.iter().map(|row| match &row[column] {
            "" | "NA" => Value::Null,
            field => field
                .parse::<f64>()
                .map_or_else(|_| json!(field), |number| json!(number)),
        });
        inputs.insert(name.clone(), values.collect());
    }
    let data = case["data"].as_object_mut().expect("an object");
    data.remove("csv");
    data.remove("csv_validation");
    data.insert("inputs".to_owned(), Value::Object(inputs));
    let Some(args) = case["args"].as_object_mut() else {
        return;
    };
    for (name, value) in args {
        match value {
            Value::Array(items) if name == "fold" => {
                *items = items.iter().step_by(every).cloned().collect();
            }
            value if name == "resamples" => *value = json!(20),
            _ => {}
        }
    }
}

/// The case spoilt in every way that fits it.
fn variants(case: &Value) -> Vec<(String, Value)> {
    let mut variants = Vec::new();
    let Some(inputs) = case["data"]["inputs"].as_object().cloned() else {
        // The counts of a published table stand with its figures.
        let mut spoilt = |name: &str, change: &dyn Fn(&mut Vec<Value>)| {
            let mut case = case.clone();
            change(case["expected"]["rows"].as_array_mut().expect("rows"));
            variants.push((name.to_owned(), case));
        };
        spoilt("nothing", &Vec::clear);
        spoilt("counts of 0", &|rows| {
            for row in rows {
                put(&mut row["training"], &json!(0), true);
            }
        });
        return variants;
    };
    let mut add = |name: String, inputs: Map<String, Value>| {
        let mut spoilt = case.clone();
        spoilt["data"]["inputs"] = Value::Object(inputs);
        variants.push((name, spoilt));
    };
    let each = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut spoilt = inputs.clone();
        for value in spoilt.values_mut() {
            if let Value::Array(items) = value {
                change(items);
            }
        }
        spoilt
    };
    add("nothing".to_owned(), each(&|items| items.clear()));
    add(
        "the first only".to_owned(),
        each(&|items| items.truncate(1)),
    );
    add("the first two".to_owned(), each(&|items| items.truncate(2)));
    add(
        "the first over and over".to_owned(),
        each(&|items| same(items)),
    );
    let one = |name: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut spoilt = inputs.clone();
        if let Some(Value::Array(items)) = spoilt.get_mut(name) {
            change(items);
        }
        spoilt
    };
    let is_list = |value: &Value| value.as_array().is_some_and(|items| !items.is_empty());
    let columns: Vec<&String> = inputs
        .iter()
        .filter(|(name, value)| is_list(value) && *name != "patient")
        .map(|(name, _)| name)
        .take(COLUMNS)
        .collect();
    for name in &columns {
        add(
            format!("`{name}` is one value"),
            one(name, &|items| same(items)),
        );
        add(
            format!("`{name}` is 0"),
            one(name, &|items| {
                items.iter_mut().for_each(|v| put(v, &json!(0), true))
            }),
        );
        add(
            format!("`{name}` is 1"),
            one(name, &|items| {
                items.iter_mut().for_each(|v| put(v, &json!(1), true))
            }),
        );
        add(
            format!("`{name}` begins infinite"),
            one(name, &|items| put(&mut items[0], &json!("Inf"), false)),
        );
        add(
            format!("`{name}` begins missing"),
            one(name, &|items| put(&mut items[0], &Value::Null, false)),
        );
        add(
            format!("`{name}` is one short"),
            one(name, &|items| drop(items.pop())),
        );
    }
    // A predictor that knows the outcome, and an outcome that is its reverse.
    let outcome = ["outcome", "event"]
        .iter()
        .map(|role| case["data"][*role].as_str().unwrap_or(role).to_owned())
        .chain(case["data"]["formula"].as_str().map(outcome_of))
        .find(|name| inputs.get(name).is_some_and(is_list));
    if let Some(outcome) = outcome {
        for name in columns.iter().filter(|name| **name != &outcome) {
            let mut spoilt = inputs.clone();
            spoilt[name.as_str()] = inputs[&outcome].clone();
            add(format!("`{name}` is `{outcome}`"), spoilt);
        }
    }
    variants
}

/// `low` of `low ~ age`, `event` of `Surv(time, event == 2) ~ age`.
fn outcome_of(formula: &str) -> String {
    let left = formula.split('~').next().unwrap_or_default().trim();
    let inner = left
        .strip_prefix("Surv(")
        .and_then(|rest| rest.split(',').nth(1))
        .unwrap_or(left);
    inner
        .split("==")
        .next()
        .unwrap_or_default()
        .trim_end_matches(')')
        .trim()
        .to_owned()
}

fn same(items: &mut [Value]) {
    if let Some(first) = items.first().cloned() {
        items.fill(first);
    }
}

/// Puts a value in the place of a number or text; of a list or object, in the place of its first (or every) one.
fn put(place: &mut Value, value: &Value, everywhere: bool) {
    match place {
        Value::Array(items) => {
            let count = if everywhere { items.len() } else { 1 };
            items
                .iter_mut()
                .take(count)
                .for_each(|item| put(item, value, everywhere));
        }
        Value::Object(fields) => {
            for field in fields.values_mut().filter(|field| !field.is_string()) {
                put(field, value, everywhere);
                if !everywhere {
                    break;
                }
            }
        }
        place => *place = value.clone(),
    }
}

/// The message, or which of the figures are absent.
fn answer(method: &Method, case: &Value) -> String {
    let outcome = std::panic::catch_unwind(|| {
        let case = Case::parse(&case.to_string(), CaseFiles::BuiltIn)?;
        (method.run)(&case)
    });
    match outcome {
        Err(_) => "PANIC".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Ok(Ok(figures)) => {
            let mut absent = Vec::new();
            collect_absent("", &figures, &mut absent);
            if absent.is_empty() {
                "(figures)".to_owned()
            } else {
                format!("(figures, but none for {})", absent.join(", "))
            }
        }
    }
}

fn collect_absent(path: &str, value: &Value, absent: &mut Vec<String>) {
    match value {
        Value::Null if !absent.contains(&path.to_owned()) => absent.push(path.to_owned()),
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_absent(path, item, absent)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            collect_absent(&path, value, absent);
        }),
        _ => {}
    }
}

#[test]
fn every_method_answers_degenerate_data_with_a_sentence() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/degenerate");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let cases = cases();
    let mut wrong = Vec::new();
    for method in methods() {
        let Some(case) = cases.get(method.name) else {
            wrong.push(format!("{}: no case", method.name));
            continue;
        };
        let mut found = format!(
            "# {}, from {}\n",
            method.name,
            case["id"].as_str().unwrap_or("")
        );
        for (name, spoilt) in variants(case) {
            let answer = answer(&method, &spoilt);
            if answer == "PANIC" {
                wrong.push(format!("{}: {name}: panics", method.name));
            }
            let _ = writeln!(found, "{name}\n    {answer}");
        }
        let path = folder.join(format!("{}.txt", method.name));
        if update {
            std::fs::create_dir_all(&folder).expect("the folder can be made");
            std::fs::write(&path, &found).expect("the file can be written");
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(found.as_str()) {
            wrong.push(format!(
                "{}: differs from tests/degenerate (UPDATE_EXPECT=1 rewrites it); now\n{found}",
                method.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
