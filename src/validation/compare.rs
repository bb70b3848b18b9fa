//! Compares what a method gave with what a case expects, number by number, under the case's tolerance.

use serde_json::Value;

/// The largest deviation of a case, in units of its tolerance, and where it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    pub field: String,
    pub expected: Value,
    pub actual: Value,
    /// In the unit of `measure`.
    pub deviation: f64,
    pub measure: Measure,
    /// The largest deviation that passes.
    pub allowed: f64,
    /// `deviation` divided by `allowed`: above 1 is a failure.
    pub share_of_tolerance: f64,
}

/// How far two values are from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// |expected − actual| / |expected|.
    Relative,
    /// |expected − actual|, also under a relative tolerance where 0 is expected.
    Absolute,
    /// |expected − actual| / the standard deviation over seeds that the witness gives.
    StandardDeviations,
    /// Texts, absent values, counts of things: the same or not (deviation 0 or infinite).
    Equality,
}

impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Relative => "relative",
            Self::Absolute => "absolute",
            Self::StandardDeviations => "standard deviations",
            Self::Equality => "equality",
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub compared: usize,
    /// The number that comes closest to failing.
    pub largest: Option<Deviation>,
    /// All that fail, missing fields included.
    pub failures: Vec<Deviation>,
}

impl Verdict {
    pub fn passed(&self) -> bool {
        self.failures.is_empty() && self.compared > 0
    }
}

/// Where the reference is 0, a relative tolerance means nothing: this absolute one holds (reference README).
const ABSOLUTE_WHERE_ZERO: f64 = 1e-9;

/// Every field of `expected` must be in `actual` and agree. `tolerance` is the case's; a key `FIELD_relative` or
/// `FIELD_absolute` in it holds for the fields whose name contains FIELD. Under `standard_deviations`, a field X_mean
/// beside X_sd may differ by that many X_sd, and X_sd itself is not compared: figures of methods that draw.
pub fn compare(expected: &Value, actual: &Value, tolerance: &Value) -> Verdict {
    let mut verdict = Verdict {
        compared: 0,
        largest: None,
        failures: Vec::new(),
    };
    walk("", "", expected, actual, tolerance, &mut verdict);
    verdict
}

fn walk(
    path: &str,
    field: &str,
    expected: &Value,
    actual: &Value,
    tolerance: &Value,
    verdict: &mut Verdict,
) {
    match (expected, actual) {
        (Value::Object(fields), _) => {
            let spread = tolerance["standard_deviations"].as_f64();
            for (name, value) in fields {
                let path = format!("{path}/{name}");
                let beside = |ending: &str, other: &str| {
                    let stem = name.strip_suffix(ending)?;
                    fields.get(&format!("{stem}{other}"))?.as_f64()
                };
                if let Some(deviations) = spread {
                    if beside("_sd", "_mean").is_some() {
                        continue;
                    }
                    if let (Some(sd), Some(e), Some(a)) = (
                        beside("_mean", "_sd"),
                        value.as_f64(),
                        actual.get(name).and_then(Value::as_f64),
                    ) {
                        let found = (e - a).abs() / sd;
                        let how = (found, Measure::StandardDeviations, deviations);
                        record(&path, value, &actual[name], how, verdict);
                        continue;
                    }
                }
                walk(
                    &path,
                    name,
                    value,
                    actual.get(name).unwrap_or(&Value::Null),
                    tolerance,
                    verdict,
                );
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (index, (e, a)) in expected.iter().zip(actual).enumerate() {
                walk(&format!("{path}/{index}"), field, e, a, tolerance, verdict);
            }
        }
        // R writes a list of one as a bare value.
        (_, Value::Array(actual)) if !expected.is_array() && actual.len() == 1 => {
            walk(path, field, expected, &actual[0], tolerance, verdict);
        }
        (Value::Array(expected), _) if !actual.is_array() && expected.len() == 1 => {
            walk(path, field, &expected[0], actual, tolerance, verdict);
        }
        (Value::Number(_), Value::Number(_)) => {
            let (e, a) = (
                expected.as_f64().unwrap_or(f64::NAN),
                actual.as_f64().unwrap_or(f64::NAN),
            );
            let how = deviation(field, e, a, tolerance);
            record(path, expected, actual, how, verdict);
        }
        _ => {
            let found = if expected == actual {
                0.0
            } else {
                f64::INFINITY
            };
            let how = (found, Measure::Equality, 0.0);
            record(path, expected, actual, how, verdict);
        }
    }
}

/// The deviation, its measure, and what is allowed.
fn deviation(field: &str, expected: f64, actual: f64, tolerance: &Value) -> (f64, Measure, f64) {
    let difference = (expected - actual).abs();
    let named = |kind: &str| {
        tolerance.as_object().and_then(|object| {
            object
                .iter()
                .find(|(key, _)| {
                    key.strip_suffix(kind)
                        .is_some_and(|name| field.contains(name))
                })
                .and_then(|(_, value)| value.as_f64())
        })
    };
    if let Some(allowed) = named("_absolute") {
        return (difference, Measure::Absolute, allowed);
    }
    let relative = named("_relative").or_else(|| tolerance["relative"].as_f64());
    match (relative, tolerance["absolute"].as_f64()) {
        (Some(_), _) if expected == 0.0 => (difference, Measure::Absolute, ABSOLUTE_WHERE_ZERO),
        (Some(allowed), _) => (difference / expected.abs(), Measure::Relative, allowed),
        (None, Some(allowed)) => (difference, Measure::Absolute, allowed),
        (None, None) => (difference, Measure::Equality, 0.0),
    }
}

fn record(
    path: &str,
    expected: &Value,
    actual: &Value,
    (deviation, measure, allowed): (f64, Measure, f64),
    verdict: &mut Verdict,
) {
    verdict.compared += 1;
    let share = if deviation == 0.0 {
        0.0
    } else {
        deviation / allowed
    };
    let found = Deviation {
        field: path.to_owned(),
        expected: expected.clone(),
        actual: actual.clone(),
        deviation,
        measure,
        allowed,
        share_of_tolerance: share,
    };
    if !(share <= 1.0) {
        verdict.failures.push(found.clone());
    }
    if verdict
        .largest
        .as_ref()
        .is_none_or(|l| share > l.share_of_tolerance || share.is_nan())
    {
        verdict.largest = Some(found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::compare;

    #[test]
    fn standard_deviations_bound_means_and_spare_the_deviations_themselves() {
        let expected = json!({ "auc_mean": 0.8, "auc_sd": 0.01, "n": 5 });
        let tolerance = json!({ "standard_deviations": 4 });
        let verdict = |mean: f64, n: usize| {
            let actual = json!({ "auc_mean": mean, "auc_sd": 0.5, "n": n });
            compare(&expected, &actual, &tolerance)
        };
        assert!(verdict(0.839, 5).passed());
        assert_eq!(verdict(0.839, 5).compared, 2);
        assert!(!verdict(0.841, 5).passed());
        assert!(!verdict(0.8, 6).passed());
        assert!(!compare(&expected, &json!({ "n": 5 }), &tolerance).passed());
    }
}
