//! Tables drawn at random with given margins, each with its probability under independence.
//!
//! Column by column and row by row, a cell given those before it is hypergeometric: its patients are drawn from those
//! that the row and all later rows still have. The hypergeometric number is found by inversion from its mode
//! outwards, about as many steps as its standard deviation.
//! Source: Patefield 1981 (cell by cell).

use crate::numerics::{Random, exp};

use super::contingency::Contingency;
use super::fisher_factorials::{LnFactorials, TIE};

/// Drawn together from one stream, so that chunks could be drawn in any order.
const CHUNK: usize = 1_000;

/// How many of `tables` drawn are no more probable than the observed one.
pub(super) fn simulate(table: &Contingency, tables: usize, random: &Random) -> usize {
    let factorials = LnFactorials::new(table.total);
    let rows: Vec<usize> = table
        .row_totals
        .iter()
        .map(|total| *total as usize)
        .collect();
    let columns: Vec<usize> = table
        .column_totals
        .iter()
        .map(|total| *total as usize)
        .collect();
    let observed: i64 = table
        .counts
        .iter()
        .flatten()
        .map(|count| factorials.units(*count as usize))
        .sum();
    let mut extreme = 0;
    let mut left = rows.clone();
    for chunk in 0..tables.div_ceil(CHUNK) {
        let mut stream = random.substream(chunk as u64);
        for _ in 0..CHUNK.min(tables - chunk * CHUNK) {
            left.copy_from_slice(&rows);
            let length = draw(&mut left, &columns, &factorials, &mut stream);
            if length >= observed - TIE {
                extreme += 1;
            }
        }
    }
    extreme
}

/// Σ ln cell! of a table drawn at random; `left` is used up.
fn draw(
    left: &mut [usize],
    columns: &[usize],
    factorials: &LnFactorials,
    random: &mut Random,
) -> i64 {
    let mut length = 0;
    for column in &columns[..columns.len() - 1] {
        let mut to_place = *column;
        let mut patients: usize = left.iter().sum();
        for row in left.iter_mut() {
            let count = hypergeometric(*row, patients - *row, to_place, factorials, random);
            patients -= *row;
            to_place -= count;
            *row -= count;
            length += factorials.units(count);
        }
    }
    length
        + left
            .iter()
            .map(|count| factorials.units(*count))
            .sum::<i64>()
}

/// How many of `drawn` patients are among the first `inside` of `inside` + `outside`.
fn hypergeometric(
    inside: usize,
    outside: usize,
    drawn: usize,
    factorials: &LnFactorials,
    random: &mut Random,
) -> usize {
    let least = drawn.saturating_sub(outside);
    let most = inside.min(drawn);
    if least == most {
        return least;
    }
    let mode = ((drawn + 1) as u64 * (inside + 1) as u64 / (inside + outside + 2) as u64) as usize;
    let mode = mode.clamp(least, most);
    // p(x + 1) / p(x).
    let step = |x: usize| {
        (inside - x) as f64 * (drawn - x) as f64
            / ((x + 1) as f64 * (outside + x + 1 - drawn) as f64)
    };
    let top = exp(
        factorials.ln_choose(inside, mode) + factorials.ln_choose(outside, drawn - mode)
            - factorials.ln_choose(inside + outside, drawn),
    );
    let mut share = random.unit() - top;
    let (mut low, mut high) = (mode, mode);
    let (mut low_probability, mut high_probability) = (top, top);
    while share >= 0.0 && (low > least || high < most) {
        if high < most {
            high_probability *= step(high);
            high += 1;
            share -= high_probability;
            if share < 0.0 {
                return high;
            }
        }
        if low > least {
            low -= 1;
            low_probability /= step(low);
            share -= low_probability;
            if share < 0.0 {
                return low;
            }
        }
    }
    // What rounding leaves of 1 falls to the mode.
    mode
}
