//! The columns that the settings describe. Margins are exact: the patients who stay are ordered by a latent normal (what
//! the column leans on, plus noise), and the levels or the places of the distribution are dealt out in that order. Those
//! who leave are drawn from the same distribution, one by one.

use std::collections::BTreeMap;

use crate::data::ColumnValues;
use crate::numerics::{Random, exp, ln, normal_quantile, power};
use crate::plan::{ColumnKind, Plan};

use super::cohort::{Cohort, rounded, score};
use super::days;
use super::error::{SettingsError, SettingsProblem};
use super::settings::{
    CategorySettings, Effect, Joint, NumberSettings, Scale, SettingsFile, TEXTURE,
};
use super::settings_check::levels;

/// One part of the settings that draws columns.
enum Part<'a> {
    Joint(usize, &'a Joint),
    Category(&'a str, &'a CategorySettings),
    Number(&'a str, &'a NumberSettings),
}

impl Part<'_> {
    fn draws(&self) -> Vec<&str> {
        match self {
            Self::Joint(_, joint) => joint.columns.iter().map(String::as_str).collect(),
            Self::Category(name, _) | Self::Number(name, _) => vec![name],
        }
    }

    fn needs(&self) -> Vec<&str> {
        let (with, within): (&BTreeMap<String, Effect>, Vec<&String>) = match self {
            Self::Joint(_, joint) => (&joint.with, Vec::new()),
            Self::Category(_, column) => (&column.with, Vec::new()),
            Self::Number(_, column) => (&column.with, column.within.keys().collect()),
        };
        with.keys()
            .chain(within)
            .map(String::as_str)
            .filter(|name| *name != TEXTURE)
            .collect()
    }
}

/// Draws every column of the settings. `declared` are the columns that they may lean on and that were drawn before.
pub(super) fn draw(
    plan: &Plan,
    file: &SettingsFile,
    cohort: &mut Cohort,
    seed: u64,
) -> Result<(), Vec<SettingsError>> {
    let settings = &file.settings;
    for (name, date) in &settings.date {
        let mut random = Random::new(seed, &format!("simulate.date.{name}"));
        let range = date
            .between
            .each_ref()
            .map(|day| days::parse(day).unwrap_or_default());
        let span = usize::try_from(range[1] - range[0]).unwrap_or_default() + 1;
        let values = cohort
            .keys
            .iter()
            .map(|_| Some(days::format(range[0] + random.below(span) as i64)))
            .collect();
        cohort
            .columns
            .insert(name.clone(), ColumnValues::Date(values));
    }
    let joints = settings.joint.iter().enumerate();
    let mut waiting: Vec<Part<'_>> = joints
        .map(|(index, joint)| Part::Joint(index, joint))
        .collect();
    waiting.extend(settings.category.iter().map(|(n, c)| Part::Category(n, c)));
    waiting.extend(settings.number.iter().map(|(n, c)| Part::Number(n, c)));
    while !waiting.is_empty() {
        let names: Vec<String> = waiting
            .iter()
            .flat_map(Part::draws)
            .map(str::to_owned)
            .collect();
        let blocked = |part: &Part<'_>| {
            part.needs()
                .iter()
                .any(|need| names.iter().any(|n| n == need))
        };
        let (later, now): (Vec<_>, Vec<_>) = waiting.into_iter().partition(blocked);
        if now.is_empty() {
            return Err(vec![file.error(&[], SettingsProblem::Circle { names })]);
        }
        for part in now {
            match part {
                Part::Joint(index, joint) => draw_joint(plan, index, joint, cohort, seed),
                Part::Category(name, column) => draw_category(plan, name, column, cohort, seed),
                Part::Number(name, column) => draw_number(name, column, cohort, seed)
                    .map_err(|problem| vec![file.error(&["number", name, "within"], problem)])?,
            }
        }
        waiting = later;
    }
    Ok(())
}

/// Those who stay, in the order of a latent normal that leans on other columns.
fn ordered(cohort: &Cohort, with: &BTreeMap<String, Effect>, random: &mut Random) -> Vec<usize> {
    let mut latent: Vec<(f64, usize)> = cohort
        .members()
        .into_iter()
        .map(|row| (cohort.predictor(with, row) + random.normal(), row))
        .collect();
    latent.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    latent.into_iter().map(|(_, row)| row).collect()
}

fn draw_joint(plan: &Plan, index: usize, joint: &Joint, cohort: &mut Cohort, seed: u64) {
    let mut random = Random::new(seed, &format!("simulate.joint.{index}"));
    let deck: Vec<usize> = joint
        .rows
        .iter()
        .enumerate()
        .flat_map(|(row, entry)| std::iter::repeat_n(row, entry.count))
        .collect();
    let mut dealt = vec![0; cohort.keys.len()];
    for (place, row) in ordered(cohort, &joint.with, &mut random)
        .into_iter()
        .enumerate()
    {
        dealt[row] = deck[place];
    }
    for row in cohort.leavers() {
        dealt[row] = deck[random.below(deck.len())];
    }
    for (position, name) in joint.columns.iter().enumerate() {
        let names: Vec<&str> = dealt
            .iter()
            .map(|row| joint.rows[*row].levels[position].as_str())
            .collect();
        insert_levels(plan, name, &names, cohort);
    }
}

fn draw_category(
    plan: &Plan,
    name: &str,
    column: &CategorySettings,
    cohort: &mut Cohort,
    seed: u64,
) {
    let mut random = Random::new(seed, &format!("simulate.category.{name}"));
    let known = plan
        .column(name)
        .map(|(_, c)| levels(&c.kind))
        .unwrap_or_default();
    let order = ordered(cohort, &column.with, &mut random);
    let given: usize = column.counts.values().sum();
    let rest = order.len().saturating_sub(given);
    let deck: Vec<&str> = known
        .iter()
        .flat_map(|level| {
            let count = column.counts.get(level).copied().unwrap_or(rest);
            std::iter::repeat_n(level.as_str(), count)
        })
        .collect();
    let mut dealt = vec![""; cohort.keys.len()];
    for (place, row) in order.into_iter().enumerate() {
        dealt[row] = deck[place];
    }
    for row in cohort.leavers() {
        dealt[row] = deck[random.below(deck.len())];
    }
    insert_levels(plan, name, &dealt, cohort);
}

fn insert_levels(plan: &Plan, name: &str, dealt: &[&str], cohort: &mut Cohort) {
    let values = match plan.column(name).map(|(_, column)| &column.kind) {
        Some(ColumnKind::Category { levels, .. }) => ColumnValues::Category {
            levels: levels.iter().map(|level| level.name.clone()).collect(),
            codes: dealt
                .iter()
                .map(|dealt| levels.iter().position(|level| level.name == *dealt))
                .collect(),
        },
        _ => ColumnValues::YesNo(dealt.iter().map(|dealt| Some(*dealt == "yes")).collect()),
    };
    cohort.columns.insert(name.to_owned(), values);
}

/// The value below which `place` patients lie: on the same side of the points of `at` after rounding as before it.
fn value_at(column: &NumberSettings, place: f64) -> f64 {
    for pair in column.at.windows(2) {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        if place <= to as f64 {
            let part = (place - from as f64) / (to as f64 - from as f64).max(1.0);
            let value = match column.scale {
                Scale::Linear => low + part * (high - low),
                Scale::Log => exp(ln(low) + part * (ln(high) - ln(low))),
            };
            let step = 1.0 / power(10.0, f64::from(column.decimals));
            let above = rounded(low + step, column.decimals);
            let value = rounded(value, column.decimals);
            // The points of `at` are thresholds: 2.5 and less, more than 2.5.
            return if from > 0 && value <= low && above <= high {
                above
            } else {
                value.min(high.max(low))
            };
        }
    }
    column.at.last().map_or(0.0, |(_, value)| *value)
}

fn draw_number(
    name: &str,
    column: &NumberSettings,
    cohort: &mut Cohort,
    seed: u64,
) -> Result<(), SettingsProblem> {
    let mut random = Random::new(seed, &format!("simulate.number.{name}"));
    let order = ordered(cohort, &column.with, &mut random);
    let count = order.len();
    let fits = |cohort: &Cohort, row: usize, value: f64| {
        column.within.iter().all(|(other, bounds)| {
            cohort
                .level(other, row)
                .and_then(|level| bounds.get(level))
                .is_none_or(|[from, to]| (*from..=*to).contains(&value))
        })
    };
    let mut places: Vec<usize> = (0..count).collect();
    let values: Vec<f64> = (0..count)
        .map(|place| value_at(column, place as f64 + 0.5))
        .collect();
    // Who has a value out of bounds exchanges it with the nearest in the order for whom the exchange is within bounds.
    for place in 0..count {
        if fits(cohort, order[place], values[places[place]]) {
            continue;
        }
        let mut others: Vec<usize> = (0..count).collect();
        others.sort_by_key(|other| other.abs_diff(place));
        let partner = others.into_iter().find(|other| {
            fits(cohort, order[place], values[places[*other]])
                && fits(cohort, order[*other], values[places[place]])
        });
        match partner {
            Some(other) => places.swap(place, other),
            None => {
                return Err(SettingsProblem::OutOfRange {
                    found: "the distribution has too few values within these bounds".to_owned(),
                    expected: "bounds that the points of `at` can fill",
                });
            }
        }
    }
    let mut drawn = vec![0.0; cohort.keys.len()];
    let mut scores = vec![0.0; cohort.keys.len()];
    for (place, row) in order.into_iter().enumerate() {
        drawn[row] = values[places[place]];
        scores[row] = score(places[place], count);
    }
    for row in cohort.leavers() {
        for _ in 0..100 {
            let part = random.unit();
            drawn[row] = value_at(column, part * count as f64);
            scores[row] = normal_quantile(part.clamp(1e-6, 1.0 - 1e-6));
            if fits(cohort, row, drawn[row]) {
                break;
            }
        }
    }
    cohort.columns.insert(
        name.to_owned(),
        ColumnValues::Number(drawn.into_iter().map(Some).collect()),
    );
    cohort.scores.insert(name.to_owned(), scores);
    Ok(())
}
