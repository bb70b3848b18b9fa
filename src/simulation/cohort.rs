//! The simulated patients while they are being made: their columns, what is latent in them, and who leaves by which rule.

use std::collections::BTreeMap;

use crate::data::ColumnValues;
use crate::numerics::{Random, normal_quantile};

use super::settings::{Effect, TEXTURE};

/// One row a patient, in the order of the keys.
#[derive(Clone, Debug)]
pub struct Cohort {
    pub keys: Vec<String>,
    /// Of all tables, by name.
    pub columns: BTreeMap<String, ColumnValues>,
    /// The tumour's latent texture: standard normal.
    pub texture: Vec<f64>,
    /// Who leaves, by the number of the rule.
    pub excluded_by: Vec<Option<usize>>,
    /// Normal scores of the numbers that the settings draw.
    pub(super) scores: BTreeMap<String, Vec<f64>>,
}

impl Cohort {
    /// Patients P001, P002, …: `excluded[rule]` of them leave by each rule. Texture is a normal score among those who stay, so
    /// that no luck of the draw shifts it.
    pub(super) fn new(patients: usize, excluded: &[usize], random: &mut Random) -> Self {
        let width = patients.to_string().len().max(3);
        let mut excluded_by: Vec<Option<usize>> = Vec::with_capacity(patients);
        for (rule, count) in excluded.iter().enumerate() {
            excluded_by.extend(std::iter::repeat_n(Some(rule), *count));
        }
        excluded_by.resize(patients, None);
        random.shuffle(&mut excluded_by);
        let members = excluded_by.iter().filter(|rule| rule.is_none()).count();
        let mut scores: Vec<f64> = (0..members).map(|place| score(place, members)).collect();
        random.shuffle(&mut scores);
        let mut scores = scores.into_iter();
        let texture = excluded_by
            .iter()
            .map(|rule| match rule {
                None => scores.next().unwrap_or_default(),
                Some(_) => random.normal(),
            })
            .collect();
        Self {
            keys: (1..=patients)
                .map(|number| format!("P{number:0width$}"))
                .collect(),
            columns: BTreeMap::new(),
            texture,
            excluded_by,
            scores: BTreeMap::new(),
        }
    }

    /// Rows of those who stay.
    pub fn members(&self) -> Vec<usize> {
        (0..self.keys.len())
            .filter(|row| self.excluded_by[*row].is_none())
            .collect()
    }

    /// Rows of those who leave.
    pub(super) fn leavers(&self) -> Vec<usize> {
        (0..self.keys.len())
            .filter(|row| self.excluded_by[*row].is_some())
            .collect()
    }

    /// What these effects add up to for the patient in `row`. A column without a value adds nothing.
    pub(super) fn predictor(&self, effects: &BTreeMap<String, Effect>, row: usize) -> f64 {
        let mut total = 0.0;
        for (name, effect) in effects {
            total += match effect {
                Effect::Slope(slope) if name == TEXTURE => slope * self.texture[row],
                Effect::Slope(slope) => match self.scores.get(name) {
                    Some(scores) => slope * scores[row],
                    None => match self.level(name, row) {
                        Some("yes") => *slope,
                        _ => 0.0,
                    },
                },
                Effect::Levels(slopes) => self
                    .level(name, row)
                    .and_then(|level| slopes.get(level))
                    .copied()
                    .unwrap_or(0.0),
            };
        }
        total
    }

    /// The level of a category or yes_no column.
    pub(super) fn level(&self, name: &str, row: usize) -> Option<&str> {
        match self.columns.get(name)? {
            ColumnValues::Category { levels, codes } => {
                levels.get((*codes.get(row)?)?).map(String::as_str)
            }
            ColumnValues::YesNo(values) => match (*values.get(row)?)? {
                true => Some("yes"),
                false => Some("no"),
            },
            _ => None,
        }
    }

    pub(super) fn number(&self, name: &str, row: usize) -> Option<f64> {
        match self.columns.get(name)? {
            ColumnValues::Number(values) => values.get(row).copied().flatten(),
            _ => None,
        }
    }

    pub(super) fn is_yes(&self, name: &str, row: usize) -> bool {
        self.level(name, row) == Some("yes")
    }
}

/// The normal score of place `place` of `count`.
pub(super) fn score(place: usize, count: usize) -> f64 {
    normal_quantile((place as f64 + 0.5) / count as f64)
}

/// Numbers are rounded to so many decimals, halves away from 0.
pub(super) fn rounded(value: f64, decimals: u32) -> f64 {
    let scale = f64::from(10_u32.pow(decimals.min(9)));
    (value * scale).round() / scale + 0.0
}
