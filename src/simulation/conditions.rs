//! Patients made to satisfy the cohort's rules as wanted, by trying values: one column of a rule at a time, then several.
//! Every try is judged by the same evaluation that a run uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{ColumnValues, Frame, evaluate};
use crate::numerics::Random;
use crate::plan::{ColumnKind, Expression, Plan};

use super::cohort::{Cohort, rounded};
use super::error::SimulationError;

/// So many tries for each rule of a patient.
const TRIES: usize = 2_000;

/// The expression over columns alone: derived values and binary endpoints replaced by what they are made of.
pub(super) fn over_columns(expression: &Expression, plan: &Plan) -> Expression {
    let inner = |part: &Expression| over_columns(part, plan);
    let boxed = |part: &Expression| Box::new(over_columns(part, plan));
    match expression {
        Expression::Value(name) => {
            if let Some(derived) = plan.derived.get(name) {
                return inner(&derived.expression);
            }
            match plan.endpoints.get(name).map(|endpoint| &endpoint.kind) {
                Some(crate::plan::EndpointKind::Binary { expression }) => inner(expression),
                _ => expression.clone(),
            }
        }
        Expression::Convert {
            operand,
            numerator,
            denominator,
        } => Expression::Convert {
            operand: boxed(operand),
            numerator: *numerator,
            denominator: *denominator,
        },
        Expression::Not(operand) => Expression::Not(boxed(operand)),
        Expression::Ln(operand) => Expression::Ln(boxed(operand)),
        Expression::IsMissing(operand) => Expression::IsMissing(boxed(operand)),
        Expression::And(parts) => Expression::And(parts.iter().map(inner).collect()),
        Expression::Or(parts) => Expression::Or(parts.iter().map(inner).collect()),
        Expression::Compare {
            comparison,
            left,
            right,
        } => Expression::Compare {
            comparison: *comparison,
            left: boxed(left),
            right: boxed(right),
        },
        Expression::OneOf { value, options } => Expression::OneOf {
            value: boxed(value),
            options: options.clone(),
        },
        Expression::Arithmetic {
            operation,
            left,
            right,
        } => Expression::Arithmetic {
            operation: *operation,
            left: boxed(left),
            right: boxed(right),
        },
        Expression::Choose {
            branches,
            otherwise,
        } => Expression::Choose {
            branches: branches
                .iter()
                .map(|branch| crate::plan::Branch {
                    level: branch.level.clone(),
                    when: inner(&branch.when),
                })
                .collect(),
            otherwise: otherwise.clone(),
        },
        Expression::Number(_)
        | Expression::YesNo(_)
        | Expression::Level(_)
        | Expression::Date(_)
        | Expression::Text(_) => expression.clone(),
    }
}

/// The numbers that each column is compared with, in its own unit.
pub(super) fn thresholds(expression: &Expression, found: &mut BTreeMap<String, Vec<f64>>) {
    let mut compared = |a: &Expression, b: &Expression| {
        if let (Some((name, factor)), Expression::Number(number)) = (scaled(a), b) {
            found
                .entry(name.to_owned())
                .or_default()
                .push(number / factor);
        }
    };
    match expression {
        Expression::Compare { left, right, .. } => {
            compared(left, right);
            compared(right, left);
        }
        Expression::Not(operand) => thresholds(operand, found),
        Expression::And(parts) | Expression::Or(parts) => {
            parts.iter().for_each(|part| thresholds(part, found));
        }
        Expression::Choose { branches, .. } => {
            branches
                .iter()
                .for_each(|branch| thresholds(&branch.when, found));
        }
        _ => {}
    }
}

/// A column, perhaps in another unit: its name and the factor.
fn scaled(expression: &Expression) -> Option<(&str, f64)> {
    match expression {
        Expression::Value(name) => Some((name, 1.0)),
        Expression::Convert {
            operand,
            numerator,
            denominator,
        } => {
            let (name, factor) = scaled(operand)?;
            Some((name, factor * numerator / denominator))
        }
        _ => None,
    }
}

/// The columns of `… is missing`.
pub(super) fn asked_if_missing(expression: &Expression, found: &mut BTreeSet<String>) {
    match expression {
        Expression::IsMissing(operand) => {
            found.extend(operand.values().into_iter().map(str::to_owned));
        }
        Expression::Not(operand) => asked_if_missing(operand, found),
        Expression::And(parts) | Expression::Or(parts) => {
            parts.iter().for_each(|part| asked_if_missing(part, found));
        }
        _ => {}
    }
}

/// Is the condition true for this patient? Unknown counts as neither.
fn holds(
    rule: &Expression,
    cohort: &Cohort,
    row: usize,
    place: &str,
) -> Result<Option<bool>, SimulationError> {
    let fail = |reason: String| SimulationError::Expression {
        place: place.to_owned(),
        reason,
    };
    let rows = vec![0; cohort.keys.len()];
    let columns = cohort
        .columns
        .iter()
        .map(|(name, values)| (name.as_str(), values));
    let frame =
        Frame::new(&cohort.keys, &rows, columns).map_err(|error| fail(error.to_string()))?;
    match evaluate(rule, &frame, &[row]).map_err(|error| fail(error.to_string()))? {
        ColumnValues::YesNo(values) => Ok(values.first().copied().flatten()),
        other => Err(fail(format!("{} is no condition", other.type_name()))),
    }
}

/// Makes every patient leave by the rule of `excluded_by`, and those who stay by none. Columns in `kept` are not changed for
/// those who stay; `set[rule]` are numbers of those who leave by a rule, uniform between two values.
pub(super) fn apply(
    plan: &Plan,
    cohort: &mut Cohort,
    kept: &BTreeSet<String>,
    set: &[BTreeMap<String, [f64; 2]>],
    seed: u64,
) -> Result<(), SimulationError> {
    let rules: Vec<Expression> = plan
        .cohort
        .rules
        .iter()
        .map(|rule| over_columns(&rule.condition, plan))
        .collect();
    let random = Random::new(seed, "simulate.rules");
    for row in 0..cohort.keys.len() {
        let mut random = random.substream(row as u64);
        let leaves_by = cohort.excluded_by[row];
        let mut fixed = BTreeSet::new();
        match leaves_by {
            None => fixed.clone_from(kept),
            Some(rule) => {
                for (name, range) in set.get(rule).into_iter().flatten() {
                    let value = range[0] + random.unit() * (range[1] - range[0]);
                    let decimals = if is_count(plan, name) { 0 } else { 1 };
                    put_number(cohort, name, row, rounded(value, decimals));
                    fixed.insert(name.clone());
                }
            }
        }
        // Rules before the one that a patient leaves by must not hold; those after it are not asked.
        let asked = leaves_by.map_or(rules.len(), |rule| rule + 1);
        for number in 0..asked {
            let wanted = |k: usize| Some(k) == leaves_by;
            let met = |cohort: &Cohort| -> Result<bool, SimulationError> {
                for (k, rule) in rules.iter().enumerate().take(number + 1) {
                    let place = format!("the rule \"{}\"", plan.cohort.rules[k].label);
                    if holds(rule, cohort, row, &place)? != Some(wanted(k)) {
                        return Ok(false);
                    }
                }
                Ok(true)
            };
            if !satisfy(
                plan,
                &rules[..=number],
                cohort,
                row,
                &fixed,
                &mut random,
                met,
            )? {
                return Err(SimulationError::RuleNotMet {
                    patient: cohort.keys[row].clone(),
                    rule: leaves_by.map(|rule| plan.cohort.rules[rule].label.clone()),
                });
            }
        }
    }
    Ok(())
}

fn is_count(plan: &Plan, name: &str) -> bool {
    matches!(
        plan.column(name).map(|(_, column)| &column.kind),
        Some(ColumnKind::Count)
    )
}

/// Tries values for the columns of the last rule, first one at a time, then several and those of the rules before it.
fn satisfy(
    plan: &Plan,
    rules: &[Expression],
    cohort: &mut Cohort,
    row: usize,
    fixed: &BTreeSet<String>,
    random: &mut Random,
    met: impl Fn(&Cohort) -> Result<bool, SimulationError>,
) -> Result<bool, SimulationError> {
    if met(cohort)? {
        return Ok(true);
    }
    let mut missing = BTreeSet::new();
    let mut bounds = BTreeMap::new();
    let mut free: Vec<&str> = Vec::new();
    let mut own = 0;
    for rule in rules.iter().rev() {
        asked_if_missing(rule, &mut missing);
        thresholds(rule, &mut bounds);
        for name in rule.values() {
            let known = cohort.columns.contains_key(name) && !fixed.contains(name);
            if known && !free.contains(&name) {
                free.push(name);
            }
        }
        own = if own == 0 { free.len() } else { own };
    }
    if free.is_empty() {
        return Ok(false);
    }
    let before: Vec<Option<ColumnValues>> = free
        .iter()
        .map(|name| {
            cohort
                .columns
                .get(*name)
                .map(|values| values.select(&[row]))
        })
        .collect();
    for attempt in 0..TRIES {
        let changed: Vec<usize> = if attempt < TRIES / 4 {
            vec![random.below(own)]
        } else {
            let mut likely = |index: usize| random.below(if index < own { 2 } else { 4 }) == 0;
            (0..free.len()).filter(|index| likely(*index)).collect()
        };
        for index in &changed {
            let name = free[*index];
            let thresholds = bounds.get(name).map_or(&[][..], Vec::as_slice);
            propose(
                plan,
                cohort,
                name,
                row,
                thresholds,
                missing.contains(name),
                random,
            );
        }
        if met(cohort)? {
            return Ok(true);
        }
        for index in changed {
            if let (Some(values), Some(column)) =
                (&before[index], cohort.columns.get_mut(free[index]))
            {
                copy(column, row, values);
            }
        }
    }
    Ok(false)
}

/// Another value for one column of one patient.
fn propose(
    plan: &Plan,
    cohort: &mut Cohort,
    name: &str,
    row: usize,
    thresholds: &[f64],
    may_be_missing: bool,
    random: &mut Random,
) {
    let missing = may_be_missing && random.below(2) == 0;
    let decimals = if is_count(plan, name) { 0 } else { 1 };
    let size = cohort.keys.len();
    let Some(column) = cohort.columns.get_mut(name) else {
        return;
    };
    match column {
        ColumnValues::Number(values) => {
            values[row] = if missing {
                None
            } else {
                let other = values[random.below(size)].unwrap_or(1.0);
                let value = match thresholds {
                    [] => other,
                    _ => {
                        let threshold = thresholds[random.below(thresholds.len())];
                        let step = threshold.abs().max(1.0);
                        match random.below(4) {
                            0 => other,
                            1 => threshold,
                            2 => threshold + (0.02 + 0.6 * random.unit()) * step,
                            _ => threshold - (0.02 + 0.9 * random.unit()) * step,
                        }
                    }
                };
                Some(rounded(value, decimals))
            };
        }
        ColumnValues::YesNo(values) => {
            values[row] = (!missing).then(|| random.below(2) == 0);
        }
        ColumnValues::Category { levels, codes } => {
            codes[row] = (!missing).then(|| random.below(levels.len().max(1)));
        }
        ColumnValues::Date(values) | ColumnValues::Text(values) => {
            values[row] = if missing {
                None
            } else {
                values[random.below(size)].clone()
            };
        }
    }
}

fn put_number(cohort: &mut Cohort, name: &str, row: usize, value: f64) {
    if let Some(ColumnValues::Number(values)) = cohort.columns.get_mut(name) {
        values[row] = Some(value);
    }
}

/// Puts the only value of `from` into `row`.
fn copy(column: &mut ColumnValues, row: usize, from: &ColumnValues) {
    match (column, from) {
        (ColumnValues::Number(to), ColumnValues::Number(from)) => to[row] = from[0],
        (ColumnValues::YesNo(to), ColumnValues::YesNo(from)) => to[row] = from[0],
        (ColumnValues::Category { codes: to, .. }, ColumnValues::Category { codes: from, .. }) => {
            to[row] = from[0];
        }
        (ColumnValues::Date(to), ColumnValues::Date(from))
        | (ColumnValues::Text(to), ColumnValues::Text(from)) => to[row].clone_from(&from[0]),
        _ => {}
    }
}
