//! The exact p value of a table larger than 2 × 2 by a network over its columns.
//!
//! A node is what the rows still have to place before column s, in descending order, because rows are
//! interchangeable; an arc places one column. A path through the network is a table; its length Σ ln cell! orders the
//! tables, the longest being the least probable, and the weights of its arcs (hypergeometric probabilities) multiply
//! to the table's probability. p is the weight of all paths at least as long as the observed one. Lengths are
//! integers, so the paths to a node that are equally long are one entry of its list. Lists are made from both ends
//! and met in the middle column, where two sorted lists are joined without multiplying them out. The shortest and
//! longest ways to and from a node drop paths that cannot become long enough and merge those that are long enough
//! whatever follows.
//! Source: Mehta & Patel 1983 (network and bounds); the meeting in the middle replaces their stage-wise walk.

use std::collections::BTreeMap;

use crate::numerics::{exp, sum};

use super::contingency::Contingency;
use super::fisher_factorials::{LnFactorials, TIE};

/// Arcs and list entries that may be made: about a second.
const MOST_ARCS: usize = 2_000_000;
const MOST_ENTRIES: usize = 30_000_000;

/// Ways of one length, and their weight together.
type Ways = Vec<(i64, f64)>;

#[derive(Clone, Copy, Debug)]
struct Arc {
    /// Of the next stage's nodes.
    to: usize,
    length: i64,
    weight: f64,
}

#[derive(Clone, Debug)]
struct Node {
    arcs: Vec<Arc>,
    shortest_to: i64,
    longest_to: i64,
    shortest_from: i64,
    longest_from: i64,
}

impl Node {
    fn new() -> Self {
        Self {
            arcs: Vec::new(),
            shortest_to: i64::MAX,
            longest_to: i64::MIN,
            shortest_from: i64::MAX,
            longest_from: i64::MIN,
        }
    }
}

/// None if the network is too large.
pub(super) fn exact_p_value(table: &Contingency) -> Option<f64> {
    // The nodes get the shorter side of the table, the stages the longer.
    let (mut rows, mut columns) = (table.row_totals.clone(), table.column_totals.clone());
    if rows.len() > columns.len() {
        std::mem::swap(&mut rows, &mut columns);
    }
    rows.sort_unstable_by(|a, b| b.cmp(a));
    // The few large columns before the middle, the many small ones after it.
    columns.sort_unstable_by(|a, b| b.cmp(a));
    let rows: Vec<usize> = rows.iter().map(|total| *total as usize).collect();
    let columns: Vec<usize> = columns.iter().map(|total| *total as usize).collect();
    let factorials = LnFactorials::new(table.total);
    let observed: i64 = table
        .counts
        .iter()
        .flatten()
        .map(|count| factorials.units(*count as usize))
        .sum();
    let network = Network::new(rows, &columns, &factorials)?;
    network.weight_of_paths(observed - TIE, columns.len() / 2)
}

/// `stages[s]` are the nodes before column s; the last stage is the single node with nothing left to place.
struct Network {
    stages: Vec<Vec<Node>>,
}

impl Network {
    fn new(rows: Vec<usize>, columns: &[usize], factorials: &LnFactorials) -> Option<Self> {
        let mut stages = Vec::with_capacity(columns.len() + 1);
        let mut present = vec![(
            rows,
            Node {
                shortest_to: 0,
                longest_to: 0,
                ..Node::new()
            },
        )];
        let mut made = 0;
        for column in columns {
            let mut numbers: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
            let mut next: Vec<(Vec<usize>, Node)> = Vec::new();
            for (left, node) in &mut present {
                let mut arcs = Vec::new();
                let mut placing = Placing {
                    left,
                    factorials,
                    budget: MOST_ARCS - made,
                    whole: factorials.ln_choose(left.iter().sum(), *column),
                    found: |after: &[usize], length: i64, weight: f64| {
                        let mut after = after.to_vec();
                        after.sort_unstable_by(|a, b| b.cmp(a));
                        let to = *numbers.entry(after.clone()).or_insert_with(|| {
                            next.push((after, Node::new()));
                            next.len() - 1
                        });
                        arcs.push(Arc { to, length, weight });
                    },
                };
                placing.place(&mut left.clone(), 0, *column, 0, 0.0)?;
                made = MOST_ARCS - placing.budget;
                node.arcs = merged_arcs(arcs);
                for arc in &node.arcs {
                    let target = &mut next[arc.to].1;
                    target.shortest_to = target.shortest_to.min(node.shortest_to + arc.length);
                    target.longest_to = target.longest_to.max(node.longest_to + arc.length);
                }
            }
            stages.push(present.into_iter().map(|(_, node)| node).collect());
            present = next;
        }
        let mut last: Vec<Node> = present.into_iter().map(|(_, node)| node).collect();
        for node in &mut last {
            (node.shortest_from, node.longest_from) = (0, 0);
        }
        stages.push(last);
        for stage in (0..columns.len()).rev() {
            let (before, after) = stages.split_at_mut(stage + 1);
            for node in &mut before[stage] {
                for arc in &node.arcs {
                    let target = &after[0][arc.to];
                    node.shortest_from = node.shortest_from.min(target.shortest_from + arc.length);
                    node.longest_from = node.longest_from.max(target.longest_from + arc.length);
                }
            }
        }
        Some(Self { stages })
    }

    /// The weight of all paths of at least `length`; None if the lists grow too long.
    fn weight_of_paths(&self, length: i64, middle: usize) -> Option<f64> {
        let mut entries = 0;
        let mut to: Vec<Ways> = vec![vec![(0, 1.0)]];
        for stage in 0..middle {
            let mut next: Vec<Ways> = vec![Vec::new(); self.stages[stage + 1].len()];
            for (node, ways) in self.stages[stage].iter().zip(&to) {
                for arc in &node.arcs {
                    let target = &self.stages[stage + 1][arc.to];
                    let useful = length - target.longest_from;
                    let enough = length - target.shortest_from;
                    extend(&mut next[arc.to], ways, arc, useful, enough);
                    entries += ways.len();
                }
                if entries > MOST_ENTRIES {
                    return None;
                }
            }
            to = next.into_iter().map(merged).collect();
        }
        let last = self.stages.len() - 1;
        let mut from: Vec<Ways> = vec![vec![(0, 1.0)]; self.stages[last].len()];
        for stage in (middle..last).rev() {
            let mut before = Vec::with_capacity(self.stages[stage].len());
            for node in &self.stages[stage] {
                let mut ways = Vec::new();
                // Not below what a way to the node that is already enough counts on.
                let useful = length - node.longest_to;
                let enough = (length - node.shortest_to).max(node.shortest_from);
                for arc in &node.arcs {
                    extend(&mut ways, &from[arc.to], arc, useful, enough);
                    entries += from[arc.to].len();
                }
                before.push(merged(ways));
                if entries > MOST_ENTRIES {
                    return None;
                }
            }
            from = before;
        }
        let parts: Vec<f64> = to
            .iter()
            .zip(&from)
            .map(|(to, from)| joined(to, from, length))
            .collect();
        Some(sum(&parts).min(1.0))
    }
}

/// Adds `ways` made longer by an arc to a list: not those shorter than `useful`, which no other half makes long
/// enough, and those of at least `enough` as one, since every other half does.
fn extend(list: &mut Ways, ways: &Ways, arc: &Arc, useful: i64, enough: i64) {
    for (way, weight) in ways {
        let way = way + arc.length;
        if way >= useful {
            list.push((way.min(enough), weight * arc.weight));
        }
    }
}

/// Ascending, one entry a length.
fn merged(mut ways: Ways) -> Ways {
    // Stable, so that weights of one length are added in the order of the arcs.
    ways.sort_by_key(|(length, _)| *length);
    ways.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    ways
}

fn merged_arcs(mut arcs: Vec<Arc>) -> Vec<Arc> {
    arcs.sort_by_key(|arc| (arc.to, arc.length));
    arcs.dedup_by(|next, kept| {
        let same = (next.to, next.length) == (kept.to, kept.length);
        if same {
            kept.weight += next.weight;
        }
        same
    });
    arcs
}

/// Σ of the products of weights over the pairs of ways, one from each ascending list, that are at least `length`
/// together.
fn joined(to: &Ways, from: &Ways, length: i64) -> f64 {
    let mut parts = Vec::with_capacity(to.len());
    let mut rest = from.len();
    let mut weight = 0.0;
    for (way, way_weight) in to {
        while rest > 0 && from[rest - 1].0 + way >= length {
            rest -= 1;
            weight += from[rest].1;
        }
        parts.push(way_weight * weight);
    }
    sum(&parts)
}

/// Places one column over the rows in every possible way.
struct Placing<'a, F: FnMut(&[usize], i64, f64)> {
    left: &'a [usize],
    factorials: &'a LnFactorials,
    /// Ways that may still be found.
    budget: usize,
    /// ln of all ways of choosing this column's patients.
    whole: f64,
    found: F,
}

impl<F: FnMut(&[usize], i64, f64)> Placing<'_, F> {
    /// `after` is what is left once the rows before `row` are placed; `column` patients are still to be placed.
    fn place(
        &mut self,
        after: &mut [usize],
        row: usize,
        column: usize,
        length: i64,
        ln_ways: f64,
    ) -> Option<()> {
        let left = self.left[row];
        let rest: usize = self.left[row + 1..].iter().sum();
        let is_last = row + 1 == self.left.len();
        for count in column.saturating_sub(rest)..=left.min(column) {
            after[row] = left - count;
            let length = length + self.factorials.units(count);
            let ln_ways = ln_ways + self.factorials.ln_choose(left, count);
            if is_last {
                self.budget = self.budget.checked_sub(1)?;
                (self.found)(after, length, exp(ln_ways - self.whole));
            } else {
                self.place(after, row + 1, column - count, length, ln_ways)?;
            }
        }
        after[row] = left;
        Some(())
    }
}
