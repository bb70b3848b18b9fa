//! Dividing the cohort into sets: at random by ratio, by a column, or by date.
//!
//! Sizes: set i ends at n (p₁ + … + pᵢ) / Σp patients, rounded half up, so the first set of 7 : 3 has n · 7 / 10
//! rounded half up. Stratified: the sets have the same sizes, and every stratum gives to each set in proportion, by the
//! method of largest remainders (Hamilton); equal remainders go to the larger stratum, then to the first. With two sets
//! a stratum's part differs from its exact share by less than one patient.
//!
//! The draw: one shuffle of the patients, taken in the order of their keys, by the stream of the study's seed and the
//! place; then each set takes, in that order, the patients due to it from each stratum.

use std::collections::BTreeMap;
use std::fmt;

use crate::numerics::Random;
use crate::plan::{Split, SplitRule};

use super::cells::{listed, quoted};
use super::column::ColumnValues;
use super::frame::Frame;
use super::patients::Patients;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SplitError {
    UnknownValue {
        name: String,
    },
    /// The column is not of a type that can divide patients in this way.
    WrongType {
        name: String,
        found: &'static str,
        needed: &'static str,
    },
    /// A column that decides about the sets has no value for these patients.
    Missing {
        name: String,
        patients: Patients,
    },
    /// These patients have values that no set is declared for.
    NotInAnySet {
        name: String,
        values: Vec<String>,
        patients: Patients,
    },
    /// Parts, levels and sets do not match, or all parts are 0: a fault of the plan.
    Malformed {
        sets: usize,
        parts: usize,
    },
    EmptySet {
        set: String,
        sizes: Vec<usize>,
    },
}

/// The rows of `members` (in the order of the patients) divided into the sets of `split`, in their declared order.
pub fn split(
    split: &Split,
    frame: &Frame<'_>,
    members: &[usize],
    seed: u64,
    place: &str,
) -> Result<Vec<Vec<usize>>, SplitError> {
    let mut sets = match &split.rule {
        SplitRule::Ratio {
            parts,
            stratified_by,
        } => {
            check_count(split, parts.len())?;
            let strata = strata(stratified_by, frame, members)?;
            by_ratio(parts, &strata, members, &mut Random::new(seed, place))?
        }
        SplitRule::Column { column, levels } => {
            check_count(split, levels.len())?;
            by_column(column, levels, frame, members)?
        }
        SplitRule::Date { column, before } => {
            check_count(split, 2)?;
            by_date(column, before, frame, members)?
        }
    };
    if let Some(empty) = sets.iter().position(Vec::is_empty) {
        return Err(SplitError::EmptySet {
            set: split.sets.get(empty).cloned().unwrap_or_default(),
            sizes: sets.iter().map(Vec::len).collect(),
        });
    }
    for set in &mut sets {
        set.sort_unstable();
    }
    Ok(sets)
}

fn check_count(split: &Split, parts: usize) -> Result<(), SplitError> {
    if split.sets.len() == parts && parts > 0 {
        Ok(())
    } else {
        Err(SplitError::Malformed {
            sets: split.sets.len(),
            parts,
        })
    }
}

fn column<'a>(
    name: &str,
    frame: &Frame<'a>,
    members: &[usize],
) -> Result<&'a ColumnValues, SplitError> {
    let values = frame.get(name).ok_or_else(|| SplitError::UnknownValue {
        name: name.to_owned(),
    })?;
    if values.count_missing(members) > 0 {
        let lacking = members
            .iter()
            .copied()
            .filter(|row| values.is_missing(*row));
        return Err(SplitError::Missing {
            name: name.to_owned(),
            patients: frame.patients(lacking),
        });
    }
    Ok(values)
}

/// The level of each member in a category or yes_no column (no is 0, yes is 1).
fn codes(
    name: &str,
    frame: &Frame<'_>,
    members: &[usize],
) -> Result<(Vec<String>, Vec<usize>), SplitError> {
    let values = column(name, frame, members)?;
    let (levels, codes): (Vec<String>, Vec<Option<usize>>) = match values.select(members) {
        ColumnValues::Category { levels, codes } => (levels, codes),
        ColumnValues::YesNo(values) => (
            vec!["no".to_owned(), "yes".to_owned()],
            values
                .into_iter()
                .map(|value| value.map(usize::from))
                .collect(),
        ),
        other => {
            return Err(SplitError::WrongType {
                name: name.to_owned(),
                found: other.type_name(),
                needed: "a category or yes_no",
            });
        }
    };
    Ok((levels, codes.into_iter().flatten().collect()))
}

/// The stratum of each member: combinations of levels, numbered in the order of the levels.
fn strata(
    names: &[String],
    frame: &Frame<'_>,
    members: &[usize],
) -> Result<Vec<usize>, SplitError> {
    let mut combined: Vec<Vec<usize>> = vec![Vec::new(); members.len()];
    for name in names {
        let (_, codes) = codes(name, frame, members)?;
        for (combination, code) in combined.iter_mut().zip(codes) {
            combination.push(code);
        }
    }
    let mut numbers: BTreeMap<&[usize], usize> =
        combined.iter().map(|c| (c.as_slice(), 0)).collect();
    for (number, stratum) in numbers.values_mut().enumerate() {
        *stratum = number;
    }
    Ok(combined
        .iter()
        .map(|c| numbers.get(c.as_slice()).copied().unwrap_or_default())
        .collect())
}

fn by_ratio(
    parts: &[u64],
    strata: &[usize],
    members: &[usize],
    random: &mut Random,
) -> Result<Vec<Vec<usize>>, SplitError> {
    let sizes = set_sizes(parts, members.len()).ok_or(SplitError::Malformed {
        sets: parts.len(),
        parts: parts.len(),
    })?;
    let mut order: Vec<usize> = (0..members.len()).collect();
    random.shuffle(&mut order);
    let mut waiting: Vec<Vec<usize>> =
        vec![Vec::new(); strata.iter().max().map_or(0, |last| last + 1)];
    for position in order {
        waiting[strata[position]].push(members[position]);
    }
    let mut taken = vec![0; waiting.len()];
    let mut sets = Vec::with_capacity(sizes.len());
    for size in sizes {
        let left: Vec<usize> = waiting
            .iter()
            .zip(&taken)
            .map(|(all, taken)| all.len() - taken)
            .collect();
        let mut set = Vec::with_capacity(size);
        for (stratum, share) in shares(&left, size).into_iter().enumerate() {
            let from = taken[stratum];
            set.extend_from_slice(&waiting[stratum][from..from + share]);
            taken[stratum] = from + share;
        }
        sets.push(set);
    }
    Ok(sets)
}

/// How many of `count` patients each set has; none if no part is above 0.
fn set_sizes(parts: &[u64], count: usize) -> Option<Vec<usize>> {
    let total: u128 = parts.iter().map(|part| u128::from(*part)).sum();
    if total == 0 {
        return None;
    }
    let mut before: u128 = 0;
    let mut end = 0;
    Some(
        parts
            .iter()
            .map(|part| {
                let begin = end;
                before += u128::from(*part);
                let rounded = (2 * before * count as u128 + total) / (2 * total);
                end = usize::try_from(rounded).unwrap_or(count).min(count);
                end - begin
            })
            .collect(),
    )
}

/// `wanted` patients in proportion to what each stratum has left; the sum is exact.
fn shares(left: &[usize], wanted: usize) -> Vec<usize> {
    let total: usize = left.iter().sum();
    if total == 0 {
        return vec![0; left.len()];
    }
    let exact = |stratum: usize| left[stratum] as u128 * wanted as u128;
    let mut shares: Vec<usize> = (0..left.len())
        .map(|stratum| usize::try_from(exact(stratum) / total as u128).unwrap_or(left[stratum]))
        .collect();
    let mut by_remainder: Vec<usize> = (0..left.len()).collect();
    by_remainder.sort_by_key(|stratum| {
        let remainder = exact(*stratum) % total as u128;
        (
            std::cmp::Reverse(remainder),
            std::cmp::Reverse(left[*stratum]),
            *stratum,
        )
    });
    let open = wanted - shares.iter().sum::<usize>();
    for stratum in by_remainder.into_iter().take(open) {
        shares[stratum] += 1;
    }
    shares
}

fn by_column(
    name: &str,
    set_levels: &[String],
    frame: &Frame<'_>,
    members: &[usize],
) -> Result<Vec<Vec<usize>>, SplitError> {
    let (levels, codes) = codes(name, frame, members)?;
    let set_of: Vec<Option<usize>> = levels
        .iter()
        .map(|level| set_levels.iter().position(|named| named == level))
        .collect();
    let mut sets = vec![Vec::new(); set_levels.len()];
    let mut values: Vec<String> = Vec::new();
    let mut strangers = Vec::new();
    for (row, code) in members.iter().zip(codes) {
        match set_of.get(code).copied().flatten() {
            Some(set) => sets[set].push(*row),
            None => {
                strangers.push(*row);
                let level = levels.get(code).cloned().unwrap_or_default();
                if !values.contains(&level) {
                    values.push(level);
                }
            }
        }
    }
    if strangers.is_empty() {
        return Ok(sets);
    }
    Err(SplitError::NotInAnySet {
        name: name.to_owned(),
        values,
        patients: frame.patients(strangers),
    })
}

fn by_date(
    name: &str,
    before: &str,
    frame: &Frame<'_>,
    members: &[usize],
) -> Result<Vec<Vec<usize>>, SplitError> {
    let days = match column(name, frame, members)? {
        ColumnValues::Date(days) => days,
        other => {
            return Err(SplitError::WrongType {
                name: name.to_owned(),
                found: other.type_name(),
                needed: "a date",
            });
        }
    };
    let is_before = |row: &usize| {
        days.get(*row)
            .and_then(|day| day.as_deref())
            .is_some_and(|day| day < before)
    };
    let (first, second): (Vec<usize>, Vec<usize>) = members.iter().copied().partition(is_before);
    Ok(vec![first, second])
}

impl SplitError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing { name, .. } => format!(
                "complete the data, exclude these patients in the cohort (when {name} is missing), or split without {name}"
            ),
            Self::NotInAnySet { .. } => {
                "declare a set for these values, or exclude these patients in the cohort".to_owned()
            }
            Self::EmptySet { .. } => {
                "choose a ratio, level or date that leaves patients in every set".to_owned()
            }
            Self::UnknownValue { .. } | Self::WrongType { .. } | Self::Malformed { .. } => {
                return None;
            }
        })
    }
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownValue { name } => write!(f, "the split uses {name}, which does not exist"),
            Self::WrongType {
                name,
                found,
                needed,
            } => {
                write!(f, "the split needs {needed}, and {name} is a {found}")
            }
            Self::Missing { name, patients } => {
                write!(f, "the split uses {name}, not recorded for {patients}")
            }
            Self::NotInAnySet {
                name,
                values,
                patients,
            } => {
                let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
                write!(
                    f,
                    "no set takes the patients with {name} {}: {patients}",
                    listed(&values, "or", 6)
                )
            }
            Self::Malformed { sets, parts } => write!(
                f,
                "the split has {parts} parts for {sets} sets, or parts of 0"
            ),
            Self::EmptySet { set, sizes } => {
                let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
                write!(
                    f,
                    "the set {set} has no patients (the sets have {})",
                    listed(&sizes, "and", 8)
                )
            }
        }
    }
}

impl std::error::Error for SplitError {}
