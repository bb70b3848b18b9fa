//! Checked data of a Cox model in the order in which the likelihood takes them: by stratum, time, events first.
//!
//! Rows are flat and row-major. Columns are centred at their mean and divided by their standard deviation: the
//! estimate does not depend on it, its precision does.

use std::ops::Range;

use ndarray::Array2;

use super::super::SurvivalError;
use super::super::ordering::{
    check, check_events, check_finite, check_length, check_weights, order,
};
use super::{CoxOptions, Ties, column_name};
use crate::numerics::mean;
use crate::statistics::Design;

pub(super) struct Prepared {
    pub(super) ties: Ties,
    pub(super) width: usize,
    /// Place in the caller's data.
    pub(super) row: Vec<usize>,
    pub(super) time: Vec<f64>,
    pub(super) event: Vec<bool>,
    pub(super) weight: Vec<f64>,
    /// Centred and scaled, row after row.
    pub(super) x: Vec<f64>,
    pub(super) centre: Vec<f64>,
    pub(super) scale: Vec<f64>,
    pub(super) strata: Vec<Stratum>,
    /// Of all strata, each stratum's in ascending time.
    pub(super) event_times: Vec<EventTime>,
}

pub(super) struct Stratum {
    /// The caller's code; 0 if there are no strata.
    pub(super) code: usize,
    pub(super) rows: Range<usize>,
    pub(super) event_times: Range<usize>,
}

/// An event time, and the rows that leave the risk set from it until before the next one: the events, then those
/// censored at or after it. Rows before the first event time of a stratum belong to none: they are never at risk.
pub(super) struct EventTime {
    pub(super) time: f64,
    pub(super) start: usize,
    pub(super) events_end: usize,
    pub(super) end: usize,
}

impl EventTime {
    pub(super) fn events(&self) -> Range<usize> {
        self.start..self.events_end
    }
}

impl Prepared {
    pub(super) fn new(
        times: &[f64],
        events: &[bool],
        design: &Design,
        options: &CoxOptions,
    ) -> Result<Self, SurvivalError> {
        check(times, events)?;
        let size = times.len();
        check_length("the table of variables", size, design.matrix.nrows())?;
        if let Some(strata) = options.strata {
            check_length("the stratum", size, strata.len())?;
        }
        if let Some(weights) = options.weights {
            check_weights(size, weights)?;
        }
        check_events(events)?;
        let width = design.matrix.ncols();
        if width == 0 {
            return Err(SurvivalError::NoColumns);
        }

        let mut centre = Vec::with_capacity(width);
        let mut scale = Vec::with_capacity(width);
        let mut column = Vec::with_capacity(size);
        for j in 0..width {
            column.clear();
            column.extend(design.matrix.column(j).iter().copied());
            check_finite(&column_name(design, j), &column)?;
            let middle = mean(&column);
            let squares = column
                .iter()
                .fold(0.0, |sum, x| sum + (x - middle) * (x - middle));
            let spread = (squares / size as f64).sqrt();
            if !middle.is_finite() || !spread.is_finite() {
                return Err(SurvivalError::OutOfRange {
                    argument: format!("the largest value of {}", column_name(design, j)),
                    value: column.iter().fold(0.0, |largest, x| x.abs().max(largest)),
                    range: "small enough for its square to be a number".to_owned(),
                });
            }
            if !(spread > middle.abs() * 1e-14) {
                return Err(SurvivalError::ConstantColumn {
                    column: column_name(design, j),
                });
            }
            centre.push(middle);
            scale.push(spread);
        }

        let row = order(times, events, options.strata);
        let mut x = Vec::with_capacity(size * width);
        for r in &row {
            let values = design.matrix.row(*r);
            x.extend(
                values
                    .iter()
                    .zip(centre.iter().zip(&scale))
                    .map(|(value, (middle, spread))| (value - middle) / spread),
            );
        }
        let mut prepared = Self {
            ties: options.ties,
            width,
            time: row.iter().map(|r| times[*r]).collect(),
            event: row.iter().map(|r| events[*r]).collect(),
            weight: row
                .iter()
                .map(|r| options.weights.map_or(1.0, |w| w[*r]))
                .collect(),
            row,
            x,
            centre,
            scale,
            strata: Vec::new(),
            event_times: Vec::new(),
        };
        prepared.find_event_times(options.strata);
        Ok(prepared)
    }

    fn find_event_times(&mut self, strata: Option<&[usize]>) {
        let code = |place: usize| strata.map_or(0, |s| s[self.row[place]]);
        let size = self.row.len();
        let mut start = 0;
        while start < size {
            let first = self.event_times.len();
            let mut end = start;
            while end < size && code(end) == code(start) {
                if self.event[end] {
                    match self.event_times[first..].last_mut() {
                        Some(last) if last.time == self.time[end] => {
                            last.events_end = end + 1;
                        }
                        _ => self.event_times.push(EventTime {
                            time: self.time[end],
                            start: end,
                            events_end: end + 1,
                            end: end + 1,
                        }),
                    }
                }
                if let Some(last) = self.event_times[first..].last_mut() {
                    last.end = end + 1;
                }
                end += 1;
            }
            self.strata.push(Stratum {
                code: code(start),
                rows: start..end,
                event_times: first..self.event_times.len(),
            });
            start = end;
        }
    }

    pub(super) fn x(&self, place: usize) -> &[f64] {
        &self.x[place * self.width..(place + 1) * self.width]
    }

    /// xᵀβ of the centred and scaled columns.
    pub(super) fn linear_predictor(&self, beta: &[f64]) -> Vec<f64> {
        self.x
            .chunks_exact(self.width)
            .map(|x| x.iter().zip(beta).fold(0.0, |sum, (x, b)| sum + x * b))
            .collect()
    }

    /// The range of the linear predictor.
    pub(super) fn spread(&self, beta: &[f64]) -> f64 {
        let [low, high] = range(self.linear_predictor(beta).iter());
        high - low
    }

    /// Coefficients a unit of the columns as given.
    pub(super) fn unscaled_beta(&self, beta: &[f64]) -> Vec<f64> {
        beta.iter().zip(&self.scale).map(|(b, s)| b / s).collect()
    }

    /// The other way: coefficients of the scaled columns.
    pub(super) fn scaled_beta(&self, beta: &[f64]) -> Vec<f64> {
        beta.iter().zip(&self.scale).map(|(b, s)| b * s).collect()
    }

    pub(super) fn unscaled(&self, covariance: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn(covariance.dim(), |(a, b)| {
            covariance[[a, b]] / (self.scale[a] * self.scale[b])
        })
    }
}

/// The least and the greatest.
pub(super) fn range<'a>(values: impl Iterator<Item = &'a f64>) -> [f64; 2] {
    values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        [low.min(*value), high.max(*value)]
    })
}
