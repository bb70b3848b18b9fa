//! Does a combination of columns predict outcomes perfectly, so that no finite maximum of the likelihood exists?
//!
//! Albert & Anderson 1984: with zᵢ = ±1 for event and no event, the maximum is infinite exactly if a direction d exists
//! with zᵢ xᵢᵀd ≥ 0 for every patient and > 0 for one (quasi-complete separation); > 0 for all is complete separation.
//! A single column is decided from the ranges of its values among events and others, exactly. Several together are
//! decided from where Newton's iterations diverged to: coefficients and steps of a divergent fit approach such a d,
//! and the inequality is then checked for every patient (relative slack 1e-6).

use std::cmp::Ordering;

use super::logistic_data::{LogisticData, column_name};
use super::logistic_error::{LogisticError, Separation};
use super::logistic_newton::{Newton, Stopped, linear_predictor};

const SLACK: f64 = 1e-6;
/// Newton's step is found to this size on standardised columns; its error is of the order of the square.
pub(super) const STEP_TOLERANCE: f64 = 1e-8;
pub(super) const ITERATIONS: usize = 60;

/// The columns that separate the outcome alone.
pub(super) fn single_columns(data: &LogisticData) -> Option<Separation> {
    let mut found: Option<Separation> = None;
    for j in 1..data.width {
        let values: Vec<f64> = data
            .matrix
            .iter()
            .skip(j)
            .step_by(data.width)
            .copied()
            .collect();
        let Some((complete, predicted)) = separates(&values, &data.events) else {
            continue;
        };
        let column = &data.columns[j - 1];
        let separation = found.get_or_insert_with(|| Separation {
            terms: Vec::new(),
            columns: Vec::new(),
            complete: false,
            predicted: 0,
            patients: data.patients(),
        });
        separation.columns.push(column_name(column));
        if separation.terms.last() != Some(&column.term) {
            separation.terms.push(column.term.clone());
        }
        separation.complete |= complete;
        separation.predicted = separation.predicted.max(predicted);
    }
    found
}

/// Whether one cut separates the values of events from the others; the number of patients off the shared boundary.
pub(super) fn separates(values: &[f64], events: &[f64]) -> Option<(bool, usize)> {
    let range = |wanted: f64| {
        values
            .iter()
            .zip(events)
            .filter(|(_, e)| **e == wanted)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (x, _)| {
                (low.min(*x), high.max(*x))
            })
    };
    let (event_low, event_high) = range(1.0);
    let (other_low, other_high) = range(0.0);
    let boundary = if other_high <= event_low {
        (other_high, event_low)
    } else if event_high <= other_low {
        (event_high, other_low)
    } else {
        return None;
    };
    match boundary.0.total_cmp(&boundary.1) {
        Ordering::Equal => Some((false, values.iter().filter(|x| **x != boundary.0).count())),
        _ => Some((true, values.len())),
    }
}

/// Maximum likelihood of checked data, or why there is none. The state returned is at the estimate.
pub(super) fn fit_or_explain(data: &LogisticData) -> Result<(Newton, usize), LogisticError> {
    if let Some(separation) = single_columns(data) {
        return Err(LogisticError::Separated(separation));
    }
    let (newton, outcome) = fit(data);
    match outcome {
        Ok(iterations) => Ok((newton, iterations)),
        Err(_) => Err(explain(data, &newton)),
    }
}

fn fit(data: &LogisticData) -> (Newton, Result<usize, Stopped>) {
    let mut newton = Newton::new(data.width);
    newton.coefficients[0] = data.null_intercept();
    let outcome = newton
        .maximize(&data.rows(), STEP_TOLERANCE, ITERATIONS)
        .and_then(|iterations| newton.evaluate(&data.rows()).map(|_| iterations));
    (newton, outcome)
}

fn explain(data: &LogisticData, newton: &Newton) -> LogisticError {
    if certificate(data, newton).is_none() {
        return LogisticError::NotConverged {
            iterations: ITERATIONS,
            largest_gradient: newton
                .gradient
                .iter()
                .fold(0.0, |m, g| f64::max(m, g.abs())),
        };
    }
    // Terms without which the rest still separates are not needed; later ones are tried first.
    let mut kept: Vec<usize> = (0..data.terms.len()).collect();
    for term in (0..data.terms.len()).rev() {
        let fewer: Vec<usize> = kept.iter().copied().filter(|k| *k != term).collect();
        let smaller = data.select(&fewer);
        let (state, outcome) = fit(&smaller);
        if outcome.is_err() && certificate(&smaller, &state).is_some() {
            kept = fewer;
        }
    }
    let smallest = data.select(&kept);
    let (state, _) = fit(&smallest);
    let direction = certificate(&smallest, &state).unwrap_or_else(|| Certificate {
        complete: false,
        predicted: 0,
        direction: state.coefficients.clone(),
    });
    let largest = direction.direction[1..]
        .iter()
        .fold(0.0, |m, d| f64::max(m, d.abs()));
    LogisticError::Separated(Separation {
        terms: smallest.terms.iter().map(|t| t.name.clone()).collect(),
        columns: smallest
            .columns
            .iter()
            .zip(&direction.direction[1..])
            .filter(|(_, d)| d.abs() > 1e-4 * largest)
            .map(|(column, _)| column_name(column))
            .collect(),
        complete: direction.complete,
        predicted: direction.predicted,
        patients: data.patients(),
    })
}

struct Certificate {
    complete: bool,
    predicted: usize,
    direction: Vec<f64>,
}

/// Checks the two directions of a divergent fit against every patient.
fn certificate(data: &LogisticData, newton: &Newton) -> Option<Certificate> {
    for direction in [&newton.coefficients, &newton.step] {
        let margins: Vec<f64> = data
            .matrix
            .chunks_exact(data.width)
            .zip(&data.events)
            .map(|(row, event)| (2.0 * event - 1.0) * linear_predictor(row, direction))
            .collect();
        let low = margins.iter().copied().fold(f64::INFINITY, f64::min);
        let high = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if high > 0.0 && low >= -SLACK * high {
            let predicted = margins.iter().filter(|m| **m > SLACK * high).count();
            return Some(Certificate {
                complete: predicted == margins.len(),
                predicted,
                direction: direction.clone(),
            });
        }
    }
    None
}
