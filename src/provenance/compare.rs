//! Whether two results are the same, and where they are not.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::report::{ReportedValue, Results};

/// Something that is not as it should be, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `results.json: table2.validation.auc`, `report.html, line 12`.
    pub place: String,
    pub problem: String,
}

impl Difference {
    pub fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// How near two numbers must be: to the bit, or within a part of the larger one (of 1, where both are smaller).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nearness {
    Exact,
    Within(f64),
}

impl Nearness {
    fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Self::Exact => a.to_bits() == b.to_bits(),
            Self::Within(part) => {
                a.to_bits() == b.to_bits() || (a - b).abs() <= part * a.abs().max(b.abs()).max(1.0)
            }
        }
    }
}

/// Where the recorded results differ from those computed again: every value, then everything else.
pub fn compare_results(recorded: &Results, again: &Results, near: Nearness) -> Vec<Difference> {
    let mut found = Vec::new();
    let by_id = |results: &Results| -> BTreeMap<String, ReportedValue> {
        let values = results.values.iter();
        values
            .map(|value| (value.id.clone(), value.clone()))
            .collect()
    };
    let (old, new) = (by_id(recorded), by_id(again));
    for value in &recorded.values {
        let place = format!("results.json: {}", value.id);
        match new.get(&value.id) {
            None => found.push(Difference::new(place, "the study does not give this value")),
            Some(computed) => found.extend(
                value_problem(value, computed, near).map(|problem| Difference::new(place, problem)),
            ),
        }
    }
    for id in new.keys().filter(|id| !old.contains_key(*id)) {
        found.push(Difference::new(
            format!("results.json: {id}"),
            "this value of the study is missing",
        ));
    }
    let rest = |results: &Results| {
        let mut rest = results.clone();
        rest.values.clear();
        serde_json::to_value(&rest).expect("results are plain data")
    };
    compare_json(
        &rest(recorded),
        &rest(again),
        near,
        &mut String::new(),
        &mut found,
    );
    found
}

fn value_problem(old: &ReportedValue, new: &ReportedValue, near: Nearness) -> Option<String> {
    let same = match (old.value, new.value) {
        (Some(old), Some(new)) => near.holds(old, new),
        (old, new) => old.is_none() && new.is_none(),
    };
    let shown =
        |value: Option<f64>| value.map_or("not reached".to_owned(), |value| value.to_string());
    if !same {
        return Some(format!(
            "{} is recorded, {} is computed",
            shown(old.value),
            shown(new.value)
        ));
    }
    // A number at the edge of rounding may be shown otherwise on another platform.
    let moved = old.value != new.value;
    if old.display != new.display && !moved {
        return Some(format!(
            "it is shown as {}, and {} is computed",
            old.display, new.display
        ));
    }
    let fields = [
        ("unit", old.unit == new.unit),
        ("n", old.n == new.n),
        ("step", old.step == new.step),
        ("field", old.field == new.field),
    ];
    fields
        .iter()
        .find(|(_, same)| !same)
        .map(|(field, _)| format!("its {field} is recorded otherwise than it is computed"))
}

fn compare_json(
    old: &Value,
    new: &Value,
    near: Nearness,
    place: &mut String,
    found: &mut Vec<Difference>,
) {
    let length = place.len();
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let added = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(added) {
                place.push('/');
                place.push_str(name);
                let empty = Value::Null;
                compare_json(
                    old.get(name).unwrap_or(&empty),
                    new.get(name).unwrap_or(&empty),
                    near,
                    place,
                    found,
                );
                place.truncate(length);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                place.push_str(&format!("/{index}"));
                compare_json(old, new, near, place, found);
                place.truncate(length);
            }
        }
        (Value::Number(a), Value::Number(b))
            if a == b
                || a.as_f64()
                    .zip(b.as_f64())
                    .is_some_and(|(a, b)| near.holds(a, b)) => {}
        _ if old == new => {}
        _ => found.push(Difference::new(
            format!("results.json: {place}"),
            format!("{} is recorded, {} is computed", short(old), short(new)),
        )),
    }
}

/// A value in few words.
fn short(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let kept: String = text.chars().take(LONGEST - 1).collect();
    format!("{kept}…")
}
