//! What differs between two values of a step's parameters.

use serde_json::Value;

use super::canonical::{Place, path};
use super::reason::ParameterChange;

/// What differs, leaf by leaf. Of two arrays, what both begin and end with is left out.
pub(super) fn differences(before: &Value, now: &Value) -> Vec<ParameterChange> {
    let mut changes = Vec::new();
    compare(Some(before), Some(now), &mut Vec::new(), &mut changes);
    changes
}

fn compare(
    before: Option<&Value>,
    now: Option<&Value>,
    places: &mut Vec<Place>,
    changes: &mut Vec<ParameterChange>,
) {
    match (before, now) {
        (Some(before), Some(now)) if before == now => {}
        (Some(Value::Object(before)), Some(Value::Object(now))) => {
            let added = now.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(added) {
                places.push(Place::Field(name.clone()));
                compare(before.get(name), now.get(name), places, changes);
                places.pop();
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(now))) => {
            let shorter = before.len().min(now.len());
            let start = (0..shorter).take_while(|i| before[*i] == now[*i]).count();
            let end = (0..shorter - start)
                .take_while(|i| before[before.len() - 1 - i] == now[now.len() - 1 - i])
                .count();
            let (before, now) = (&before[..before.len() - end], &now[..now.len() - end]);
            for index in start..before.len().max(now.len()) {
                places.push(Place::Index(index));
                compare(before.get(index), now.get(index), places, changes);
                places.pop();
            }
        }
        (before, now) => changes.push(ParameterChange {
            path: path(places),
            from: before.map(short),
            to: now.map(short),
        }),
    }
}

/// A value in few words: a text as it is, anything else as JSON, cut where it gets long.
fn short(value: &Value) -> String {
    const LONGEST: usize = 48;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let kept: String = text.chars().take(LONGEST - 1).collect();
    format!("{kept}…")
}
