//! Survival curves by group, with the log-rank test between them.

use serde::Serialize;

use crate::engine::{Outputs, Step};
use crate::plan::{KaplanMeier, places};
use crate::survival::{self, CurveInterval, LogRank};

use super::endpoint::{SurvivalPatients, SurvivalValues, survival_source};
use super::error::StepError;
use super::frame::Part;
use super::sources::{Make, Sources, input};

/// Curves of groups; times are in the unit that is shown.
#[derive(Serialize)]
pub(super) struct Curves {
    pub(super) n: usize,
    pub(super) events: usize,
    pub(super) excluded: usize,
    pub(super) groups: Vec<Group>,
    pub(super) risk_times: Vec<f64>,
    /// None with fewer than two groups that have patients, or without any event.
    pub(super) log_rank: Option<Test>,
    pub(super) median_follow_up: Option<f64>,
}

#[derive(Serialize)]
pub(super) struct Test {
    chi_squared: f64,
    degrees_of_freedom: usize,
    p: f64,
    observed: Vec<f64>,
    expected: Vec<f64>,
}

#[derive(Serialize)]
pub(super) struct Group {
    name: String,
    n: usize,
    events: usize,
    pub(super) median: Option<f64>,
    pub(super) median_lower: Option<f64>,
    pub(super) median_upper: Option<f64>,
    curve: Curve,
    at_risk: Vec<usize>,
}

#[derive(Serialize)]
struct Curve {
    times: Vec<f64>,
    survival: Vec<f64>,
    lower: Vec<Option<f64>>,
    upper: Vec<Option<f64>>,
    censored: Vec<f64>,
}

pub(super) fn steps(sources: &Sources, name: &str, analysis: &KaplanMeier) -> Vec<Step> {
    let mut steps = Vec::new();
    for endpoint in &analysis.endpoints {
        if analysis.by.is_empty() {
            steps.push(step(sources, name, analysis, endpoint, None));
        }
        for by in &analysis.by {
            steps.push(step(sources, name, analysis, endpoint, Some(by)));
        }
    }
    steps
}

fn step(
    sources: &Sources,
    name: &str,
    analysis: &KaplanMeier,
    endpoint: &str,
    by: Option<&str>,
) -> Step {
    let mut inputs = vec![
        input("survival", survival_source(endpoint)),
        input("set", sources.set(&analysis.on)),
    ];
    inputs.extend(sources.values(by, Sources::raw));
    let declared = inputs.clone();
    let id = places::kaplan_meier(name, endpoint, by);
    let part = Part::new(sources.plan, format!("kaplan_meier {name}, {endpoint}"));
    let level = 1.0 - sources.plan.study.alpha;
    let by = by.map(str::to_owned);
    Make {
        id,
        kind: "kaplan_meier",
        version: 1,
        parameters: serde_json::json!({ "by": &by, "confidence_level": level, "missing": part.missing }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let needed: Vec<&str> = by.iter().map(String::as_str).collect();
        let patients = SurvivalPatients::read(inputs, &declared, &part, &needed)?;
        let (names, codes) = match &by {
            Some(by) => patients.frame.groups(&part, by, &patients.rows)?,
            None => (vec!["all".to_owned()], vec![0; patients.rows.len()]),
        };
        let curves = curves(
            &part,
            &patients.values,
            &patients.times,
            &patients.events,
            &names,
            &codes,
            level,
        )?;
        let mut outputs = Outputs::new();
        outputs.json(
            "result",
            &Curves {
                excluded: patients.excluded,
                ..curves
            },
        )?;
        Ok(outputs)
    })
}

/// The curves of groups of patients; a group without patients has none.
pub(super) fn curves(
    part: &Part,
    values: &SurvivalValues,
    times: &[f64],
    events: &[bool],
    names: &[String],
    codes: &[usize],
    level: f64,
) -> Result<Curves, StepError> {
    let fault = |error| StepError::method(&part.name, error);
    let last = times.iter().copied().fold(0.0, f64::max);
    let risk_times = risk_times(values.shown(last), &values.unit);
    let mut groups = Vec::new();
    let mut present = Vec::new();
    for (code, name) in names.iter().enumerate() {
        let rows: Vec<usize> = (0..codes.len()).filter(|row| codes[*row] == code).collect();
        if rows.is_empty() {
            continue;
        }
        present.push(code);
        let times: Vec<f64> = rows.iter().map(|row| times[*row]).collect();
        let events: Vec<bool> = rows.iter().map(|row| events[*row]).collect();
        let curve =
            survival::kaplan_meier(&times, &events, CurveInterval::LogLog, level).map_err(fault)?;
        let median = curve.median();
        let shown = |time: Option<f64>| time.map(|time| values.shown(time));
        let native: Vec<f64> = risk_times
            .iter()
            .map(|time| time * values.shown_as.1 / values.shown_as.0)
            .collect();
        groups.push(Group {
            name: name.clone(),
            n: rows.len(),
            events: events.iter().filter(|event| **event).count(),
            median: shown(median.estimate),
            median_lower: shown(median.lower),
            median_upper: shown(median.upper),
            at_risk: curve
                .at(&native)
                .iter()
                .map(|point| point.at_risk)
                .collect(),
            curve: Curve {
                censored: curve
                    .time
                    .iter()
                    .zip(&curve.censored)
                    .filter(|(_, count)| **count > 0)
                    .map(|(time, _)| values.shown(*time))
                    .collect(),
                times: curve.time.iter().map(|time| values.shown(*time)).collect(),
                survival: curve.survival,
                lower: curve.lower,
                upper: curve.upper,
            },
        });
    }
    let event_count = events.iter().filter(|event| **event).count();
    let log_rank = if present.len() > 1 && event_count > 0 {
        let codes: Vec<usize> = codes
            .iter()
            .map(|code| {
                present
                    .iter()
                    .position(|known| known == code)
                    .unwrap_or_default()
            })
            .collect();
        Some(test(
            survival::log_rank(times, events, &codes, None).map_err(fault)?,
        ))
    } else {
        None
    };
    let follow_up = survival::reverse_kaplan_meier(times, events, CurveInterval::LogLog, level)
        .map_err(fault)?;
    Ok(Curves {
        n: times.len(),
        events: event_count,
        excluded: 0,
        groups,
        risk_times,
        log_rank,
        median_follow_up: follow_up.median().estimate.map(|time| values.shown(time)),
    })
}

pub(super) fn test(log_rank: LogRank) -> Test {
    Test {
        chi_squared: log_rank.chi_squared,
        degrees_of_freedom: log_rank.degrees_of_freedom,
        p: log_rank.p_value,
        observed: log_rank.observed,
        expected: log_rank.expected,
    }
}

/// Round times from 0 on, at most eight of them: whole years where the unit is months.
fn risk_times(last: f64, unit: &str) -> Vec<f64> {
    const AT_MOST: f64 = 7.0;
    let months = [1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0, 240.0];
    let mut step = 1.0;
    if unit == "months" {
        step = months
            .into_iter()
            .find(|step| last / step <= AT_MOST)
            .unwrap_or(600.0);
    } else {
        let mut factors = [2.0, 2.5, 2.0].into_iter().cycle();
        while last / step > AT_MOST {
            step *= factors.next().expect("a cycle does not end");
        }
        while last > 0.0 && last / (step / 2.0) <= AT_MOST {
            step /= 2.0;
        }
    }
    let count = (last / step).floor() as usize;
    (0..=count).map(|index| index as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::risk_times;

    #[test]
    fn months_are_counted_in_years() {
        assert_eq!(
            risk_times(60.0, "months"),
            [0.0, 12.0, 24.0, 36.0, 48.0, 60.0]
        );
        assert_eq!(risk_times(108.0, "months"), [0.0, 24.0, 48.0, 72.0, 96.0]);
        assert_eq!(risk_times(5.5, "years"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(
            risk_times(1000.0, "days"),
            [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]
        );
    }
}
