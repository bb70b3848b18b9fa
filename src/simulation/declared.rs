//! Columns from their declarations alone: numbers in a plausible range around what they are compared with, levels in equal
//! parts, days over ten years, times and events of endpoints with a common last contact. All lean weakly on one hidden
//! risk, so that models have something to find; nothing else is related to anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::ColumnValues;
use crate::numerics::{Random, exp, ln, normal_lower};
use crate::plan::{Column, ColumnKind, EndpointKind, Expression, MissingValues, Plan, Unit};

use super::cohort::{Cohort, rounded};
use super::conditions::{asked_if_missing, over_columns, thresholds};
use super::days;

/// Correlation of every column with the hidden risk, and the rest of a unit variance.
const RISK: f64 = 0.45;
const OWN: f64 = 0.893_028_554_974_587_6;
/// One in so many values is missing where the study says what to do then.
const MISSING_ONE_IN: usize = 40;

/// Draws every column that is not there yet.
pub(super) fn draw(plan: &Plan, cohort: &mut Cohort, seed: u64) {
    let mut compared = BTreeMap::new();
    for expression in conditions(plan) {
        thresholds(&over_columns(expression, plan), &mut compared);
    }
    let risk = cohort.texture.clone();
    draw_endpoints(plan, cohort, &risk, seed);
    let outcome = outcome_columns(plan);
    for column in plan.tables.values().flat_map(|table| &table.columns) {
        let (name, declared) = column;
        if cohort.columns.contains_key(name) {
            continue;
        }
        let mut random = Random::new(seed, &format!("simulate.declared.{name}"));
        let sign = match declared.kind {
            ColumnKind::Number { .. } if outcome.contains(name) => -1.0,
            _ => 1.0,
        };
        let latent: Vec<f64> = risk
            .iter()
            .map(|risk| sign * RISK * risk + OWN * random.normal())
            .collect();
        let compared = compared.get(name).map_or(&[][..], Vec::as_slice);
        let values = values(declared, &latent, compared, &mut random, &cohort.keys);
        cohort.columns.insert(name.clone(), values);
    }
}

/// Leaves a few values out where the study says how missing ones are treated. Called when everything else is settled.
pub(super) fn leave_out(plan: &Plan, cohort: &mut Cohort, kept: &BTreeSet<String>, seed: u64) {
    let mut needed = outcome_columns(plan);
    for rule in &plan.cohort.rules {
        let mut asked = BTreeSet::new();
        let rule = over_columns(&rule.condition, plan);
        asked_if_missing(&rule, &mut asked);
        needed.extend(rule.values().into_iter().map(str::to_owned));
        needed.extend(asked);
    }
    if let Some(split) = &plan.split {
        match &split.rule {
            crate::plan::SplitRule::Ratio { stratified_by, .. } => {
                needed.extend(stratified_by.iter().cloned());
            }
            crate::plan::SplitRule::Column { column, .. }
            | crate::plan::SplitRule::Date { column, .. } => {
                needed.insert(column.clone());
            }
        }
    }
    let names: Vec<String> = cohort.columns.keys().cloned().collect();
    for name in names {
        let treated =
            plan.imputations.contains_key(&name) || plan.missing == MissingValues::CompleteCases;
        if !treated || needed.contains(&name) || kept.contains(&name) {
            continue;
        }
        let mut random = Random::new(seed, &format!("simulate.missing.{name}"));
        let Some(values) = cohort.columns.get_mut(&name) else {
            continue;
        };
        for row in 0..values.len() {
            if random.below(MISSING_ONE_IN) == 0 {
                match values {
                    ColumnValues::Number(values) => values[row] = None,
                    ColumnValues::YesNo(values) => values[row] = None,
                    ColumnValues::Category { codes, .. } => codes[row] = None,
                    ColumnValues::Date(values) | ColumnValues::Text(values) => values[row] = None,
                }
            }
        }
    }
}

/// Everything of the study that compares columns with numbers.
fn conditions(plan: &Plan) -> impl Iterator<Item = &Expression> {
    let rules = plan.cohort.rules.iter().map(|rule| &rule.condition);
    let derived = plan.derived.values().map(|derived| &derived.expression);
    let endpoints = plan.endpoints.values().filter_map(|e| match &e.kind {
        EndpointKind::Binary { expression } => Some(expression),
        EndpointKind::Survival { .. } => None,
    });
    rules.chain(derived).chain(endpoints)
}

/// The columns behind the endpoints.
fn outcome_columns(plan: &Plan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for endpoint in plan.endpoints.values() {
        let parts = match &endpoint.kind {
            EndpointKind::Binary { expression } => vec![expression],
            EndpointKind::Survival { time, event, .. } => vec![time, event],
        };
        for part in parts {
            let part = over_columns(part, plan);
            found.extend(part.values().into_iter().map(str::to_owned));
        }
    }
    found
}

/// Times and events of the survival endpoints whose parts are columns: a common last contact after 1 to 7 years, and an
/// event of its own each.
fn draw_endpoints(plan: &Plan, cohort: &mut Cohort, risk: &[f64], seed: u64) {
    let mut random = Random::new(seed, "simulate.follow_up");
    let contact: Vec<f64> = risk.iter().map(|_| 12.0 + 72.0 * random.unit()).collect();
    for (name, endpoint) in &plan.endpoints {
        let EndpointKind::Survival { time, event, .. } = &endpoint.kind else {
            continue;
        };
        let (Expression::Value(time), Expression::Value(event)) = (time, event) else {
            continue;
        };
        let drawn = |name: &String| cohort.columns.contains_key(name);
        let (Some((_, column)), false, false) = (plan.column(time), drawn(time), drawn(event))
        else {
            continue;
        };
        let ColumnKind::Number { unit } = &column.kind else {
            continue;
        };
        let month = months_in(unit.as_ref());
        let mut random = Random::new(seed, &format!("simulate.endpoint.{name}"));
        let mut times = Vec::with_capacity(risk.len());
        let mut events = Vec::with_capacity(risk.len());
        for (risk, contact) in risk.iter().zip(&contact) {
            let months = -40.0 * ln(1.0 - random.unit()) * exp(-0.7 * risk);
            times.push(Some(rounded((months.min(*contact) * month).max(0.1), 1)));
            events.push(Some(months <= *contact));
        }
        cohort
            .columns
            .insert(time.clone(), ColumnValues::Number(times));
        if matches!(plan.column(event), Some((_, column)) if matches!(column.kind, ColumnKind::YesNo { .. }))
        {
            cohort
                .columns
                .insert(event.clone(), ColumnValues::YesNo(events));
        }
    }
}

/// How much a month is in this unit of time; 1 for a plain number.
fn months_in(unit: Option<&Unit>) -> f64 {
    let month = Unit::parse("months").ok();
    match (unit, month) {
        (Some(unit), Some(month)) => month.conversion(unit).map_or(1.0, |(a, b)| a / b),
        _ => 1.0,
    }
}

fn values(
    column: &Column,
    latent: &[f64],
    compared: &[f64],
    random: &mut Random,
    keys: &[String],
) -> ColumnValues {
    match &column.kind {
        ColumnKind::Number { unit } => {
            let number = number(unit.as_ref(), compared);
            ColumnValues::Number(latent.iter().map(|z| Some(number(*z))).collect())
        }
        ColumnKind::Count => {
            let centre = compared.iter().copied().fold(2.0, f64::max);
            ColumnValues::Number(
                latent
                    .iter()
                    .map(|z| Some((centre * exp(0.8 * z) - 0.5).max(0.0).round() + 0.0))
                    .collect(),
            )
        }
        ColumnKind::YesNo { .. } => {
            ColumnValues::YesNo(latent.iter().map(|z| Some(*z > 0.0)).collect())
        }
        ColumnKind::Category { levels, .. } => ColumnValues::Category {
            levels: levels.iter().map(|level| level.name.clone()).collect(),
            codes: latent
                .iter()
                .map(|z| {
                    let place = (normal_lower(*z) * levels.len() as f64) as usize;
                    Some(place.min(levels.len().saturating_sub(1)))
                })
                .collect(),
        },
        ColumnKind::Date => {
            let first = days::parse("2010-01-01").unwrap_or_default();
            ColumnValues::Date(
                latent
                    .iter()
                    .map(|_| Some(days::format(first + random.below(3_650) as i64)))
                    .collect(),
            )
        }
        ColumnKind::Text => {
            ColumnValues::Text(keys.iter().map(|key| Some(format!("note {key}"))).collect())
        }
    }
}

/// From a latent normal to a number: around what it is compared with, otherwise what its unit suggests.
fn number(unit: Option<&Unit>, compared: &[f64]) -> impl Fn(f64) -> f64 {
    let years = unit.is_some_and(|unit| unit.text() == "years");
    let low = compared.iter().copied().fold(f64::INFINITY, f64::min);
    let high = compared.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let is_time = unit.is_some_and(|unit| unit.dimension().describe() == "time");
    let month = months_in(unit);
    move |z| {
        let value = if low > 0.0 && high.is_finite() && !years {
            (low * high).sqrt() * exp((0.5 * ln(high / low)).max(0.7) * z)
        } else if years {
            (60.0 + 11.0 * z).clamp(18.0, 95.0).round()
        } else if low.is_finite() {
            0.5 * (low + high) + (0.5 * (high - low)).max(1.0) * z
        } else if is_time {
            30.0 * month * exp(0.7 * z)
        } else {
            40.0 * exp(0.4 * z)
        };
        rounded(value, if value.abs() < 1.0 { 4 } else { 1 })
    }
}
