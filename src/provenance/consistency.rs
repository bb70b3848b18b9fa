//! Do the numbers of a report fit each other? What statcheck and GRIM ask of a paper, asked of every reported value.
//!
//! - a shown number is the rounding of its value;
//! - patients add up: screened − excluded = included = the sum of the sets;
//! - a percentage, an accuracy or the like is a count of the patients that it was computed from (GRIM, Brown & Heathers
//!   2017): a percentage beside its count is that count of n;
//! - an interval holds its estimate; a probability lies between 0 and 1;
//! - a p value fits its ratio and interval (statcheck, Nuijten 2016). z = ln(ratio) ÷ ((ln upper − ln lower) ÷ 2 z_{1−α/2});
//!   p = 2 Φ(−|z|). It is an identity for Wald intervals (hazard ratios). Intervals of odds ratios are by profile
//!   likelihood and their p values by Wald: there only a p that is off by more than a tenth *and* on the other side of α is
//!   told.

use std::collections::BTreeMap;

use crate::numerics::{ln, normal_quantile, normal_two_sided};
use crate::report::{ReportedValue, Results};

/// How a kind of check went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub question: &'static str,
    /// How many values or groups of values were asked.
    pub asked: usize,
    /// What does not fit, in words.
    pub faults: Vec<String>,
}

/// All checks, in order.
pub fn consistency(results: &Results) -> Vec<Check> {
    let values: BTreeMap<&str, &ReportedValue> = results
        .values
        .iter()
        .map(|value| (value.id.as_str(), value))
        .collect();
    vec![
        rounding(results),
        patients(&values),
        counts(results, &values),
        probabilities(results),
        intervals(results, &values),
        p_values(results, &values),
    ]
}

fn number(values: &BTreeMap<&str, &ReportedValue>, id: &str) -> Option<f64> {
    values.get(id)?.value
}

fn rounding(results: &Results) -> Check {
    let mut check = Check {
        question: "Is every shown number the rounding of its value?",
        asked: 0,
        faults: Vec::new(),
    };
    for value in &results.values {
        let Some(exact) = value.value else { continue };
        let text = value
            .display
            .replace('−', "-")
            .replace([',', '\u{202f}'], "");
        let (bound, digits) = match text.strip_prefix(['<', '>']) {
            Some(rest) => (text.chars().next(), rest.to_owned()),
            None => (None, text.clone()),
        };
        let Ok(shown) = digits.trim_end_matches('%').trim().parse::<f64>() else {
            continue;
        };
        check.asked += 1;
        let fits = match bound {
            Some('<') => exact < shown,
            Some('>') => exact > shown,
            _ => {
                let decimals = digits.split_once('.').map_or(0, |(_, after)| {
                    after.chars().take_while(char::is_ascii_digit).count()
                });
                let unit = (0..decimals).fold(1.0, |unit: f64, _| unit / 10.0);
                // Halves may go either way.
                (exact - shown).abs() <= unit / 2.0 * (1.0 + 1e-9) || digits.contains(['e', '×'])
            }
        };
        if !fits {
            check.faults.push(format!(
                "`{}` is {exact} and is shown as {}",
                value.id, value.display
            ));
        }
    }
    check
}

fn patients(values: &BTreeMap<&str, &ReportedValue>) -> Check {
    let mut check = Check {
        question: "Do the numbers of patients add up?",
        asked: 0,
        faults: Vec::new(),
    };
    for (id, screened) in values.iter().filter(|(id, _)| id.ends_with(".screened")) {
        let cohort = id.trim_end_matches(".screened");
        let below = |part: &str| format!("{cohort}.{part}");
        let Some(included) = number(values, &below("included")) else {
            continue;
        };
        let sum = |keep: &dyn Fn(&str) -> bool| {
            let parts: Vec<f64> = values
                .iter()
                .filter(|(id, _)| id.strip_prefix(&below("")).is_some_and(keep))
                .filter_map(|(_, value)| value.value)
                .collect();
            (parts.len(), crate::numerics::sum(&parts))
        };
        let (_, excluded) = sum(&|rest| rest.starts_with("excluded."));
        check.asked += 1;
        if screened.value != Some(included + excluded) {
            check.faults.push(format!(
                "{} screened less {excluded} excluded are not {included} included",
                screened.display
            ));
        }
        let (sets, of_sets) = sum(&|rest| rest.ends_with(".n"));
        if sets > 0 {
            check.asked += 1;
            if of_sets != included {
                check.faults.push(format!(
                    "the sets have {of_sets} patients together, and {included} are included"
                ));
            }
        }
    }
    for value in values.values() {
        let Some(n) = value.n else { continue };
        let screened = values
            .iter()
            .find(|(id, _)| id.ends_with(".screened"))
            .and_then(|(_, value)| value.value);
        check.asked += 1;
        if screened.is_some_and(|screened| n as f64 > screened) {
            check.faults.push(format!(
                "`{}` was computed from {n} patients, more than were screened",
                value.id
            ));
        }
    }
    check
}

fn counts(results: &Results, values: &BTreeMap<&str, &ReportedValue>) -> Check {
    let mut check = Check {
        question: "Is every proportion a count of its patients?",
        asked: 0,
        faults: Vec::new(),
    };
    for value in &results.values {
        let (Some(exact), Some(n)) = (value.value, value.n.filter(|n| *n > 0)) else {
            continue;
        };
        let n = n as f64;
        if let Some(stem) = value.id.strip_suffix(".percent") {
            let Some(count) = number(values, &format!("{stem}.count")) else {
                continue;
            };
            check.asked += 1;
            if (exact - 100.0 * count / n).abs() > 1e-9 * 100.0 {
                check.faults.push(format!(
                    "`{}` is {} %, and {count} of {n} are {} %",
                    value.id,
                    value.display,
                    100.0 * count / n
                ));
            }
        } else if value.id.ends_with(".accuracy") {
            check.asked += 1;
            let hits = exact * n;
            if (hits - hits.round()).abs() > 1e-6 {
                check.faults.push(format!(
                    "`{}` is {exact}, which is no count of {n} patients",
                    value.id
                ));
            }
        } else if let Some((stem, measure)) = value.id.rsplit_once('.') {
            let events = stem
                .rsplit_once('.')
                .and_then(|(set, _)| number(values, &format!("{set}.events")));
            let of = match (measure, events) {
                ("sensitivity", Some(events)) => events,
                ("specificity", Some(events)) => n - events,
                _ => continue,
            };
            // Fewer patients may have the score than the set has.
            let all = stem
                .rsplit_once('.')
                .and_then(|(set, _)| number(values, &format!("{set}.n")));
            if all != Some(n) {
                continue;
            }
            check.asked += 1;
            let hits = exact * of;
            if (hits - hits.round()).abs() > 1e-6 {
                check.faults.push(format!(
                    "`{}` is {exact}, which is no count of {of} patients",
                    value.id
                ));
            }
        }
    }
    check
}

fn probabilities(results: &Results) -> Check {
    const ENDS: [&str; 8] = [
        "p",
        "auc",
        "auc_lower",
        "auc_upper",
        "accuracy",
        "sensitivity",
        "specificity",
        "brier",
    ];
    let mut check = Check {
        question: "Does every probability lie between 0 and 1, every percentage between 0 and 100?",
        asked: 0,
        faults: Vec::new(),
    };
    for value in &results.values {
        let end = value.id.rsplit('.').next().unwrap_or_default();
        let limit = if ENDS.contains(&end) {
            1.0
        } else if end == "percent" {
            100.0
        } else {
            continue;
        };
        let Some(exact) = value.value else { continue };
        check.asked += 1;
        if !(0.0..=limit).contains(&exact) {
            check.faults.push(format!("`{}` is {exact}", value.id));
        }
    }
    check
}

/// An estimate with its limits, wherever they are named.
struct Interval {
    estimate: f64,
    lower: f64,
    upper: f64,
}

fn interval(values: &BTreeMap<&str, &ReportedValue>, id: &str) -> Option<Interval> {
    let stem = id.rsplit_once('.').map(|(stem, _)| stem)?;
    let names = [
        (format!("{id}_lower"), format!("{id}_upper")),
        (format!("{id}.lower"), format!("{id}.upper")),
        (format!("{stem}.lower"), format!("{stem}.upper")),
    ];
    let ratio = id.ends_with("_ratio");
    names
        .iter()
        .enumerate()
        .filter(|(form, _)| *form < 2 || ratio)
        .find_map(|(_, (lower, upper))| {
            Some(Interval {
                estimate: number(values, id)?,
                lower: number(values, lower)?,
                upper: number(values, upper)?,
            })
        })
}

fn intervals(results: &Results, values: &BTreeMap<&str, &ReportedValue>) -> Check {
    let mut check = Check {
        question: "Does every interval hold its estimate?",
        asked: 0,
        faults: Vec::new(),
    };
    for value in &results.values {
        let Some(found) = interval(values, &value.id) else {
            continue;
        };
        check.asked += 1;
        if !(found.lower <= found.estimate && found.estimate <= found.upper) {
            check.faults.push(format!(
                "`{}` is {}, its interval goes from {} to {}",
                value.id, found.estimate, found.lower, found.upper
            ));
        }
    }
    check
}

fn p_values(results: &Results, values: &BTreeMap<&str, &ReportedValue>) -> Check {
    let mut check = Check {
        question: "Does every p value fit its ratio and interval?",
        asked: 0,
        faults: Vec::new(),
    };
    let alpha = results.study.alpha;
    for value in &results.values {
        let Some(stem) = value
            .id
            .strip_suffix(".hazard_ratio")
            .or_else(|| value.id.strip_suffix(".odds_ratio"))
        else {
            continue;
        };
        let Some((found, p)) =
            interval(values, &value.id).zip(number(values, &format!("{stem}.p")))
        else {
            continue;
        };
        if !(found.lower > 0.0 && found.upper > found.lower && found.estimate > 0.0) {
            continue;
        }
        check.asked += 1;
        let error =
            (ln(found.upper) - ln(found.lower)) / (2.0 * normal_quantile(1.0 - alpha / 2.0));
        let z = ln(found.estimate) / error;
        let expected = normal_two_sided(z);
        let fits = if value.id.ends_with(".hazard_ratio") {
            (p - expected).abs() <= 1e-6 * p.max(expected) + 1e-12
        } else {
            (p - expected).abs() <= 0.1 || (p < alpha) == (expected < alpha)
        };
        if !fits {
            check.faults.push(format!(
                "`{stem}.p` is {p}, and {} ({} to {}) gives {expected}",
                found.estimate, found.lower, found.upper
            ));
        }
    }
    check
}
