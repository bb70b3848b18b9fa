//! Recurrence, death and last contact of each patient: an illness-death model with proportional hazards.
//!
//! Time to recurrence is Weibull, t = scale · (E e^(−η))^(1/shape) with E a unit exponential and η the sum of the effects; the
//! scale is such that exactly so many of those who stay recur by the time of `early`. From recurrence to death likewise,
//! with a given median at η = 0. Death without recurrence is exponential and takes nobody before the time of `early` who
//! recurs by then. Times are rounded to one decimal such that nobody changes sides.
//!
//! Source of the model: Bender, Augustin, Blettner, Stat Med 2005;24:1713 (survival times of proportional hazards).

use crate::data::ColumnValues;
use crate::numerics::{Random, exp, ln, power};

use super::cohort::Cohort;
use super::settings::{OutcomeSettings, Treatment};

/// One decimal.
const STEP: f64 = 0.1;

pub(super) fn draw(outcome: &OutcomeSettings, cohort: &mut Cohort, seed: u64) {
    let mut random = Random::new(seed, "simulate.outcome");
    let size = cohort.keys.len();
    let unit: Vec<f64> = (0..size)
        .map(|row| {
            let (benefit, _) = treatment(outcome.treatment.as_ref(), cohort, row);
            let hazard = exp(cohort.predictor(&outcome.recurrence_effects, row) + benefit);
            power(
                exponential(&mut random) / hazard,
                1.0 / outcome.recurrence_shape,
            )
        })
        .collect();
    let scale = scale(outcome, cohort, &unit);
    let mut recurred = Vec::with_capacity(size);
    let mut free = (Vec::with_capacity(size), Vec::with_capacity(size));
    let mut overall = (Vec::with_capacity(size), Vec::with_capacity(size));
    for (row, unit) in unit.into_iter().enumerate() {
        let recurrence = settled(scale * unit, outcome.early.within);
        let (_, benefit) = treatment(outcome.treatment.as_ref(), cohort, row);
        let hazard = exp(cohort.predictor(&outcome.death_effects, row) + benefit);
        let after = outcome.death_median
            * power(
                exponential(&mut random) / (std::f64::consts::LN_2 * hazard),
                1.0 / outcome.death_shape,
            );
        let other = exponential(&mut random) / std::f64::consts::LN_2 * outcome.other_death_median;
        let [from, to] = outcome.last_contact;
        let contact = tenths(from + (to - from) * random.unit());
        let other_first = other < recurrence && recurrence > outcome.early.within;
        let death = if other_first {
            tenths(other).max(STEP)
        } else {
            tenths(recurrence + after).max(recurrence + STEP)
        };
        let has_recurred = !other_first && recurrence <= contact;
        let end = death.min(contact);
        recurred.push(Some(has_recurred));
        free.0.push(Some(tenths(recurrence.min(end))));
        free.1.push(Some(has_recurred || death <= contact));
        overall.0.push(Some(tenths(end)));
        overall.1.push(Some(death <= contact));
    }
    let columns = [
        (&outcome.recurrence, ColumnValues::YesNo(recurred)),
        (&outcome.disease_free[0], ColumnValues::Number(free.0)),
        (&outcome.disease_free[1], ColumnValues::YesNo(free.1)),
        (&outcome.overall[0], ColumnValues::Number(overall.0)),
        (&outcome.overall[1], ColumnValues::YesNo(overall.1)),
    ];
    for (name, values) in columns {
        cohort.columns.insert(name.clone(), values);
    }
}

/// After a rule has changed an observed end: nothing is observed after it, and a recurrence or death after it is not known.
pub(super) fn cut_at_last_contact(outcome: &OutcomeSettings, cohort: &mut Cohort) {
    for row in cohort.leavers() {
        let end = cohort.number(&outcome.overall[0], row);
        let free = cohort.number(&outcome.disease_free[0], row);
        let died = cohort.is_yes(&outcome.overall[1], row);
        let recurred = cohort.is_yes(&outcome.recurrence, row);
        let (Some(end), Some(free)) = (end, free) else {
            continue;
        };
        let seen = recurred && free <= end;
        let time = if seen { free } else { end };
        set(cohort, &outcome.disease_free[0], row, time);
        set_yes(cohort, &outcome.recurrence, row, seen);
        set_yes(cohort, &outcome.disease_free[1], row, seen || died);
    }
}

fn set(cohort: &mut Cohort, name: &str, row: usize, value: f64) {
    if let Some(ColumnValues::Number(values)) = cohort.columns.get_mut(name) {
        values[row] = Some(value);
    }
}

fn set_yes(cohort: &mut Cohort, name: &str, row: usize, value: bool) {
    if let Some(ColumnValues::YesNo(values)) = cohort.columns.get_mut(name) {
        values[row] = Some(value);
    }
}

fn exponential(random: &mut Random) -> f64 {
    -ln(1.0 - random.unit())
}

/// Log hazard ratios of the patient's treatment, for recurrence and for death after it; 0 without treatment.
fn treatment(treatment: Option<&Treatment>, cohort: &Cohort, row: usize) -> (f64, f64) {
    let Some(treatment) = treatment else {
        return (0.0, 0.0);
    };
    let level = cohort.level(&treatment.column, row);
    if !level.is_some_and(|level| treatment.levels.iter().any(|l| l == level)) {
        return (0.0, 0.0);
    }
    let texture = cohort.texture[row];
    (
        treatment.recurrence + treatment.recurrence_by_texture * texture,
        treatment.death + treatment.death_by_texture * texture,
    )
}

/// Half way, on the log scale, between the last who is to recur early and the next.
fn scale(outcome: &OutcomeSettings, cohort: &Cohort, unit: &[f64]) -> f64 {
    let mut times: Vec<f64> = cohort.members().into_iter().map(|row| unit[row]).collect();
    times.sort_by(f64::total_cmp);
    let count = outcome
        .early
        .count
        .clamp(1, times.len().saturating_sub(1).max(1));
    let last = times.get(count - 1).copied().unwrap_or(1.0);
    let next = times.get(count).copied().unwrap_or(last);
    outcome.early.within / (last * next).sqrt().max(f64::MIN_POSITIVE)
}

fn tenths(time: f64) -> f64 {
    super::cohort::rounded(time, 1)
}

/// Rounded without changing sides of `limit`, and not 0.
fn settled(time: f64, limit: f64) -> f64 {
    let rounded = tenths(time).max(STEP);
    if time <= limit {
        rounded.min(limit)
    } else {
        rounded.max(tenths(limit + STEP))
    }
}
