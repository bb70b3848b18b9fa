//! A Cox model of what is asked about, with adjusting columns that may fail in a small subgroup.
//!
//! Adjusting columns that say nothing among the patients given (constant, or a combination of the columns before) are
//! dropped. Patients in a level of an adjusting category (or value of a two-valued number) that had no event are left
//! out: the level's hazard ratio is 0 at the maximum of the likelihood, where these patients count in no risk set, so
//! the other estimates are those of the whole model at its limit. Both are reported. What is asked about is never
//! dropped: it gives an error.

use std::ops::Range;

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::cox::column_name;
use super::{CoxFit, CoxOptions, SurvivalError, Ties, cox};
use crate::statistics::{Column, Design, Term};

/// What had to be left out of the adjustment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentNotes {
    /// Columns without information among these patients.
    pub dropped_columns: Vec<String>,
    /// Terms with a level without events, and how many patients were left out for it.
    pub excluded: Vec<ExcludedLevels>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludedLevels {
    pub term: String,
    pub patients: usize,
}

/// The rows to model and the adjusting columns that remain; made once, so that nested models see the same patients.
pub(super) struct Adjustment {
    pub(super) rows: Vec<usize>,
    pub(super) design: Design,
    pub(super) notes: AdjustmentNotes,
}

impl Adjustment {
    pub(super) fn new(events: &[bool], rows: &[usize], adjust: Option<&Design>) -> Self {
        let Some(adjust) = adjust else {
            return Self {
                rows: rows.to_vec(),
                design: empty(events.len()),
                notes: AdjustmentNotes::default(),
            };
        };
        let mut kept = rows.to_vec();
        let mut notes = AdjustmentNotes::default();
        // Without any event there is no level to tell from the others; the fit says so.
        let terms = if rows.iter().any(|row| events[*row]) {
            adjust.terms.as_slice()
        } else {
            &[]
        };
        for term in terms {
            let with_events = values_with_events(adjust, &term.columns, events, rows);
            let before = kept.len();
            if let Some(values) = with_events {
                kept.retain(|row| values.contains(&value(adjust, &term.columns, *row)));
            }
            if kept.len() < before {
                notes.excluded.push(ExcludedLevels {
                    term: term.name.clone(),
                    patients: before - kept.len(),
                });
            }
        }
        Self {
            rows: kept,
            design: adjust.clone(),
            notes,
        }
    }

    /// Fits `asked` beside the adjusting columns, dropping of the latter what must be dropped.
    pub(super) fn fit(
        &mut self,
        times: &[f64],
        events: &[bool],
        asked: &Design,
        ties: Ties,
        level: f64,
    ) -> Result<CoxFit, SurvivalError> {
        let times: Vec<f64> = self.rows.iter().map(|row| times[*row]).collect();
        let events: Vec<bool> = self.rows.iter().map(|row| events[*row]).collect();
        let options = CoxOptions {
            ties,
            strata: None,
            weights: None,
            robust: false,
            level,
        };
        let asked = rows_of(asked, &self.rows);
        loop {
            let design = join(&asked, &rows_of(&self.design, &self.rows));
            let error = match cox(&times, &events, &design, &options) {
                Ok(fit) => return Ok(fit),
                Err(error) => error,
            };
            let (SurvivalError::ConstantColumn { column }
            | SurvivalError::CollinearColumn { column }) = &error
            else {
                return Err(error);
            };
            let asked_about = (0..asked.columns.len()).any(|j| column_name(&asked, j) == *column);
            let found =
                (0..self.design.columns.len()).find(|j| column_name(&self.design, *j) == *column);
            match found {
                Some(j) if !asked_about => {
                    self.notes.dropped_columns.push(column.clone());
                    self.design = without_column(&self.design, j);
                }
                _ => return Err(error),
            }
        }
    }
}

/// A patient's values in the columns of a term, by their bits.
fn value(design: &Design, columns: &Range<usize>, row: usize) -> Vec<u64> {
    columns
        .clone()
        .map(|j| (design.matrix[[row, j]] + 0.0).to_bits())
        .collect()
}

/// The values of a term that occur with an event; none for a number with more than two values.
fn values_with_events(
    design: &Design,
    columns: &Range<usize>,
    events: &[bool],
    rows: &[usize],
) -> Option<Vec<Vec<u64>>> {
    let category = design.columns[columns.clone()]
        .iter()
        .any(|c| c.level.is_some());
    let mut seen: Vec<Vec<u64>> = Vec::new();
    let mut with_events: Vec<Vec<u64>> = Vec::new();
    for row in rows {
        let value = value(design, columns, *row);
        if events[*row] && !with_events.contains(&value) {
            with_events.push(value.clone());
        }
        if !seen.contains(&value) {
            seen.push(value);
        }
        if !category && seen.len() > 2 {
            return None;
        }
    }
    Some(with_events)
}

fn empty(rows: usize) -> Design {
    Design {
        matrix: Array2::zeros((rows, 0)),
        columns: Vec::new(),
        terms: Vec::new(),
    }
}

fn rows_of(design: &Design, rows: &[usize]) -> Design {
    Design {
        matrix: design.matrix.select(Axis(0), rows),
        columns: design.columns.clone(),
        terms: design.terms.clone(),
    }
}

/// The columns of both, side by side.
pub(super) fn join(first: &Design, second: &Design) -> Design {
    let width = first.columns.len();
    let columns: Vec<Column> = first
        .columns
        .iter()
        .chain(&second.columns)
        .cloned()
        .collect();
    let matrix = Array2::from_shape_fn((first.matrix.nrows(), columns.len()), |(row, j)| {
        match j.checked_sub(width) {
            None => first.matrix[[row, j]],
            Some(j) => second.matrix[[row, j]],
        }
    });
    let moved = second.terms.iter().map(|term| Term {
        name: term.name.clone(),
        columns: term.columns.start + width..term.columns.end + width,
    });
    Design {
        matrix,
        columns,
        terms: first.terms.iter().cloned().chain(moved).collect(),
    }
}

fn without_column(design: &Design, gone: usize) -> Design {
    let kept: Vec<usize> = (0..design.columns.len()).filter(|j| *j != gone).collect();
    let place = |j: usize| if j > gone { j - 1 } else { j };
    Design {
        matrix: design.matrix.select(Axis(1), &kept),
        columns: kept.iter().map(|j| design.columns[*j].clone()).collect(),
        terms: design
            .terms
            .iter()
            .map(|term| Term {
                name: term.name.clone(),
                columns: place(term.columns.start)..place(term.columns.end),
            })
            .collect(),
    }
}
