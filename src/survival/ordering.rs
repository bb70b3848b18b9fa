//! Checks of survival data, and the one order in which all methods take the patients: by time, events before
//! censorings of the same time, then by row. Times are tied when they are equal to the last bit; a caller whose times
//! are computed must round them first.

use super::SurvivalError;

/// One time and one event a patient; times finite and not negative.
pub(super) fn check(times: &[f64], events: &[bool]) -> Result<(), SurvivalError> {
    if times.is_empty() {
        return Err(SurvivalError::Empty);
    }
    check_length("the event", times.len(), events.len())?;
    for (row, time) in times.iter().enumerate() {
        if !time.is_finite() {
            return Err(SurvivalError::TimeNotFinite { row });
        }
        if *time < 0.0 {
            return Err(SurvivalError::NegativeTime { row, time: *time });
        }
    }
    Ok(())
}

pub(super) fn check_length(what: &str, expected: usize, found: usize) -> Result<(), SurvivalError> {
    if expected == found {
        Ok(())
    } else {
        Err(SurvivalError::LengthsDiffer {
            what: what.to_owned(),
            expected,
            found,
        })
    }
}

pub(super) fn check_events(events: &[bool]) -> Result<(), SurvivalError> {
    if events.contains(&true) {
        Ok(())
    } else {
        Err(SurvivalError::NoEvents {
            patients: events.len(),
        })
    }
}

pub(super) fn check_finite(column: &str, values: &[f64]) -> Result<(), SurvivalError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(row) => Err(SurvivalError::ValueNotFinite {
            column: column.to_owned(),
            row,
        }),
        None => Ok(()),
    }
}

/// Positive case weights, one a patient.
pub(super) fn check_weights(patients: usize, weights: &[f64]) -> Result<(), SurvivalError> {
    check_length("the weight", patients, weights.len())?;
    match weights.iter().position(|w| !(*w > 0.0 && w.is_finite())) {
        Some(row) => Err(SurvivalError::WeightNotPositive { row }),
        None => Ok(()),
    }
}

/// The columns of a table against those of a fitted model.
pub(super) fn check_columns(expected: usize, found: usize) -> Result<(), SurvivalError> {
    if expected == found {
        Ok(())
    } else {
        Err(SurvivalError::ColumnsDiffer { expected, found })
    }
}

/// A confidence level strictly between 0 and 1.
pub(super) fn check_level(level: f64) -> Result<(), SurvivalError> {
    if level > 0.0 && level < 1.0 {
        Ok(())
    } else {
        Err(SurvivalError::OutOfRange {
            argument: "the confidence level".to_owned(),
            value: level,
            range: "between 0 and 1".to_owned(),
        })
    }
}

/// Group codes 0, 1, …, each with at least one patient; returns how many groups there are.
pub(super) fn check_groups(groups: &[usize]) -> Result<usize, SurvivalError> {
    let count = groups
        .iter()
        .max()
        .map_or(0, |largest| largest.saturating_add(1));
    if count < 2 {
        return Err(SurvivalError::OneGroup);
    }
    // More codes than patients leave one of the first codes unused.
    let mut used = vec![false; count.min(groups.len() + 1)];
    for group in groups {
        if let Some(flag) = used.get_mut(*group) {
            *flag = true;
        }
    }
    match used.iter().position(|flag| !flag) {
        Some(group) => Err(SurvivalError::EmptyGroup { group }),
        None => Ok(count),
    }
}

/// The rows by time, events before censorings, then by row; within strata if there are any. Times must have been
/// checked: the bits of numbers that are not negative are in the order of the numbers.
pub(super) fn order(times: &[f64], events: &[bool], strata: Option<&[usize]>) -> Vec<usize> {
    let mut keys: Vec<(u64, usize)> = times
        .iter()
        .zip(events)
        .enumerate()
        .map(|(row, (time, event))| (((time + 0.0).to_bits() << 1) | u64::from(!event), row))
        .collect();
    keys.sort_unstable();
    let mut rows: Vec<usize> = keys.into_iter().map(|(_, row)| row).collect();
    if let Some(strata) = strata {
        rows.sort_by_key(|row| strata[*row]);
    }
    rows
}
