//! Harrell's concordance of a predictor with survival time, higher predictor meaning earlier events, with its
//! infinitesimal-jackknife standard error.
//!
//! A pair can be ordered if one patient had the event and the other was still followed then: the other's time is
//! later, or equal and censored. C = (concordant + tied in the predictor / 2) / all such pairs, summed within strata,
//! each pair counting the product of its two case weights. With cᵢ, tᵢ, nᵢ the sums over the pairs of patient i,
//! ∂C/∂wᵢ = (cᵢ + tᵢ/2 − C nᵢ) / N, and the variance is Σ (wᵢ ∂C/∂wᵢ)².
//! Two events at the same time cannot be ordered. O(n log n), by counts in a binary indexed tree over the predictor's
//! ranks. Missing values: the caller drops rows. Error: no pair can be ordered (`NoOrderedPairs`).
//! Source: Harrell 1982; convention of R `survival::concordance` (version 3).

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::SurvivalError;
use super::ordering::{check, check_events, check_finite, check_length, check_weights, order};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Concordance {
    pub concordance: f64,
    pub standard_error: f64,
    /// Weighted numbers of pairs.
    pub concordant: f64,
    pub discordant: f64,
    pub tied_predictor: f64,
}

/// `weights` are 1 and there is one stratum if not given.
pub fn concordance(
    times: &[f64],
    events: &[bool],
    predictor: &[f64],
    strata: Option<&[usize]>,
    weights: Option<&[f64]>,
) -> Result<Concordance, SurvivalError> {
    check(times, events)?;
    check_length("the predictor", times.len(), predictor.len())?;
    check_finite("the predictor", predictor)?;
    if let Some(strata) = strata {
        check_length("the stratum", times.len(), strata.len())?;
    }
    if let Some(weights) = weights {
        check_weights(times.len(), weights)?;
    }
    check_events(events)?;
    let rows = order(times, events, strata);
    let sorted = Sorted {
        time: rows.iter().map(|r| times[*r]).collect(),
        event: rows.iter().map(|r| events[*r]).collect(),
        weight: rows
            .iter()
            .map(|r| weights.map_or(1.0, |w| w[*r]))
            .collect(),
        predictor: rows.iter().map(|r| predictor[*r]).collect(),
        stratum_ends: rows
            .chunk_by(|a, b| strata.is_none_or(|s| s[*a] == s[*b]))
            .scan(0, |end, stratum| {
                *end += stratum.len();
                Some(*end)
            })
            .collect(),
    };
    sorted.concordance().ok_or(SurvivalError::NoOrderedPairs)
}

/// Patients in the order of `order`, checked.
pub(super) struct Sorted {
    pub(super) time: Vec<f64>,
    pub(super) event: Vec<bool>,
    pub(super) weight: Vec<f64>,
    pub(super) predictor: Vec<f64>,
    /// Where each stratum ends.
    pub(super) stratum_ends: Vec<usize>,
}

/// The weights of one patient's pairs.
#[derive(Clone, Copy, Default)]
struct Pairs {
    concordant: f64,
    discordant: f64,
    tied: f64,
}

impl Sorted {
    /// None if no pair can be ordered.
    pub(super) fn concordance(&self) -> Option<Concordance> {
        let ranks = self.ranks();
        let mut pairs = vec![Pairs::default(); self.time.len()];
        let mut start = 0;
        for end in &self.stratum_ends {
            self.count(start..*end, &ranks, &mut pairs);
            start = *end;
        }
        // Every pair was met from both of its ends.
        let half = |part: fn(&Pairs) -> f64| {
            let total = pairs.iter().zip(&self.weight);
            total.fold(0.0, |sum, (p, w)| sum + part(p) * w) / 2.0
        };
        let (concordant, discordant, tied_predictor) = (
            half(|p| p.concordant),
            half(|p| p.discordant),
            half(|p| p.tied),
        );
        let all = concordant + discordant + tied_predictor;
        if !(all > 0.0) {
            return None;
        }
        let value = (concordant + tied_predictor / 2.0) / all;
        let mut variance = 0.0;
        for (pair, weight) in pairs.iter().zip(&self.weight) {
            let own = pair.concordant + pair.discordant + pair.tied;
            let influence = weight * (pair.concordant + pair.tied / 2.0 - value * own) / all;
            variance += influence * influence;
        }
        Some(Concordance {
            concordance: value,
            standard_error: variance.sqrt(),
            concordant,
            discordant,
            tied_predictor,
        })
    }

    /// Each patient's place among the distinct values of the predictor within the stratum, from 0.
    fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![0; self.time.len()];
        let mut start = 0;
        for end in &self.stratum_ends {
            let mut keys: Vec<(u64, usize)> = (start..*end)
                .map(|i| (ascending_bits(self.predictor[i]), i))
                .collect();
            keys.sort_unstable();
            let mut rank = 0;
            for (place, (key, row)) in keys.iter().enumerate() {
                if place > 0 && *key != keys[place - 1].0 {
                    rank += 1;
                }
                ranks[*row] = rank;
            }
            start = *end;
        }
        ranks
    }

    fn count(&self, stratum: Range<usize>, ranks: &[u32], pairs: &mut [Pairs]) {
        let size = stratum
            .clone()
            .map(|i| ranks[i] as usize + 1)
            .max()
            .unwrap_or(0);
        let tied: Vec<(usize, usize, usize)> = self.tied_times(stratum);
        // From the last time on: each event against those followed longer.
        let mut tree = WeightTree::new(size);
        for (start, first_censored, end) in tied.iter().rev() {
            tree.add_rows(*first_censored..*end, ranks, &self.weight);
            for (pair, rank) in rows_of(pairs, ranks, *start..*first_censored) {
                let (below, equal, above) = tree.around(*rank as usize);
                pair.concordant += below;
                pair.tied += equal;
                pair.discordant += above;
            }
            tree.add_rows(*start..*first_censored, ranks, &self.weight);
        }
        // From the first time on: each patient against the events before.
        let mut tree = WeightTree::new(size);
        let meet = |pairs: &mut [Pairs], tree: &WeightTree, rows: Range<usize>| {
            for (pair, rank) in rows_of(pairs, ranks, rows) {
                let (below, equal, above) = tree.around(*rank as usize);
                pair.discordant += below;
                pair.tied += equal;
                pair.concordant += above;
            }
        };
        for (start, first_censored, end) in tied {
            meet(pairs, &tree, start..first_censored);
            tree.add_rows(start..first_censored, ranks, &self.weight);
            meet(pairs, &tree, first_censored..end);
        }
    }

    /// Start, first censored row and end of each distinct time.
    fn tied_times(&self, stratum: Range<usize>) -> Vec<(usize, usize, usize)> {
        let mut result = Vec::new();
        let mut start = stratum.start;
        while start < stratum.end {
            let mut first_censored = start;
            let mut end = start;
            while end < stratum.end && self.time[end] == self.time[start] {
                if self.event[end] {
                    first_censored = end + 1;
                }
                end += 1;
            }
            result.push((start, first_censored, end));
            start = end;
        }
        result
    }
}

fn rows_of<'a>(
    pairs: &'a mut [Pairs],
    ranks: &'a [u32],
    rows: Range<usize>,
) -> impl Iterator<Item = (&'a mut Pairs, &'a u32)> {
    pairs[rows.clone()].iter_mut().zip(&ranks[rows])
}

/// Bits whose order is that of the finite numbers, the two zeros being one.
fn ascending_bits(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 0 {
        bits | 1 << 63
    } else {
        !bits
    }
}

/// Sums of weights by rank, with prefix sums in O(log n) (Fenwick 1994).
struct WeightTree {
    tree: Vec<f64>,
    own: Vec<f64>,
    total: f64,
}

impl WeightTree {
    fn new(size: usize) -> Self {
        Self {
            tree: vec![0.0; size + 1],
            own: vec![0.0; size],
            total: 0.0,
        }
    }

    fn add_rows(&mut self, rows: Range<usize>, ranks: &[u32], weights: &[f64]) {
        for (rank, weight) in ranks[rows.clone()].iter().zip(&weights[rows]) {
            self.add(*rank as usize, *weight);
        }
    }

    fn add(&mut self, rank: usize, weight: f64) {
        self.own[rank] += weight;
        self.total += weight;
        let mut node = rank + 1;
        while node < self.tree.len() {
            self.tree[node] += weight;
            node += node & node.wrapping_neg();
        }
    }

    /// The weight of the ranks below, of this rank, and of those above.
    fn around(&self, rank: usize) -> (f64, f64, f64) {
        let mut below = 0.0;
        let mut node = rank;
        while node > 0 {
            below += self.tree[node];
            node &= node - 1;
        }
        let equal = self.own[rank];
        (below, equal, self.total - below - equal)
    }
}
