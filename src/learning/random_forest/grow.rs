//! Growth of one classification tree on a bootstrap sample (Breiman 2001), by the exact best Gini split.
//!
//! A node of n draws, p of them with the event, is split where n_l draws (p_l with the event) go left so that the
//! decrease of the Gini impurity is largest. It is 2 s / n² with s = (p_l n − n_l p)² / (n_l (n − n_l)), so the largest s
//! is sought: whole numbers and one division, equal for equal splits. Every boundary between two different values in the
//! node is tried.
//!
//! - Features are drawn without replacement for each node; should none of them allow a split, further ones are drawn, one
//!   at a time, until one does (as scikit-learn does; R's ranger makes a leaf).
//! - Equal splits: the feature drawn first, then the lower boundary. The order of the draw, not that of the columns, so
//!   that no feature gains by its place.
//! - The threshold is the midpoint of the two neighbouring values in the node; a value equal to it goes left.
//! - A node becomes a leaf when it is pure, at the largest depth (the root's is 0), or when no boundary leaves
//!   `min_leaf` draws on both sides. A split without gain is made all the same, since the one after it may gain.
//! - A patient drawn k times counts k times, in the impurity, the leaf size and the leaf's fraction.
//!
//! Nodes are taken breadth first. So a tree grown deeper with the same draws has the shallower tree as its beginning.

use crate::numerics::Random;

use super::ranks::Ranks;
use super::tree::Tree;

/// Draws in the lower half, draws with the event in the upper half: both are summed by one addition.
type Tally = u64;

fn draws_of(tally: Tally) -> u32 {
    tally as u32
}

fn events_of(tally: Tally) -> u32 {
    (tally >> 32) as u32
}

/// The best boundary of a node so far.
#[derive(Clone, Copy)]
struct Split {
    score: f64,
    feature: u32,
    /// The largest rank that goes left.
    rank: u32,
}

/// The node's totals, and what a split must leave on either side.
#[derive(Clone, Copy)]
struct Node {
    draws: f64,
    events: f64,
    min_leaf: f64,
}

impl Node {
    /// The score of a boundary with `left` to the left of it: exact but for the division while n⁴ / 16 < 2⁵³, that
    /// is up to 19,000 patients. Not a number where nothing is on one of the sides.
    fn score(self, left: Tally) -> f64 {
        let (draws, events) = (f64::from(draws_of(left)), f64::from(events_of(left)));
        let difference = events * self.draws - draws * self.events;
        difference * difference / (draws * (self.draws - draws))
    }

    fn allows(self, left: Tally) -> bool {
        let draws = f64::from(draws_of(left));
        draws >= self.min_leaf && self.draws - draws >= self.min_leaf
    }
}

/// Grows trees one after another without allocating: everything that a tree needs is kept for the next.
pub(super) struct Grower<'a> {
    ranks: &'a Ranks,
    outcome: &'a [bool],
    /// How often each patient was drawn for the present tree.
    times_drawn: Vec<u32>,
    /// The drawn patients, those of a node side by side, and their tallies.
    patients: Vec<u32>,
    tallies: Vec<Tally>,
    right_patients: Vec<u32>,
    right_tallies: Vec<Tally>,
    /// The tally of each rank, and a bit for each rank that occurs; all 0 between two searches.
    histogram: Vec<Tally>,
    occupied: Vec<u64>,
    /// The features in the order of the draw.
    order: Vec<u32>,
    /// Where the patients of each node are, and its depth.
    places: Vec<Place>,
    tree: Tree,
}

#[derive(Clone, Copy)]
struct Place {
    from: usize,
    to: usize,
    depth: usize,
}

impl<'a> Grower<'a> {
    pub(super) fn new(ranks: &'a Ranks, outcome: &'a [bool]) -> Self {
        let patients = ranks.patients();
        Self {
            ranks,
            outcome,
            times_drawn: vec![0; patients],
            patients: Vec::with_capacity(patients),
            tallies: Vec::with_capacity(patients),
            right_patients: vec![0; patients],
            right_tallies: vec![0; patients],
            histogram: vec![0; ranks.most_distinct().next_multiple_of(64)],
            occupied: vec![0; ranks.most_distinct().div_ceil(64)],
            order: Vec::with_capacity(ranks.features()),
            places: Vec::new(),
            tree: Tree::default(),
        }
    }

    /// How often each patient was drawn for the tree grown last; 0 is out of bag.
    pub(super) fn times_drawn(&self) -> &[u32] {
        &self.times_drawn
    }

    /// Grows a tree from the beginning of the stream `random`.
    pub(super) fn grow(
        &mut self,
        random: &mut Random,
        max_depth: Option<usize>,
        features_per_split: usize,
        min_leaf: usize,
    ) -> &Tree {
        bootstrap(random, &mut self.times_drawn);
        self.start();
        let mut node = 0;
        while node < self.places.len() {
            let place = self.places[node];
            if max_depth.is_none_or(|limit| place.depth < limit)
                && let Some(split) = self.best_split(random, node, features_per_split, min_leaf)
            {
                self.split(node, split);
            }
            node += 1;
        }
        &self.tree
    }

    /// The root.
    fn start(&mut self) {
        self.tree.clear();
        self.places.clear();
        self.patients.clear();
        self.tallies.clear();
        self.order.clear();
        self.order.extend(0..self.ranks.features() as u32);
        for (patient, times) in self.times_drawn.iter().enumerate() {
            if *times > 0 {
                let times = u64::from(*times);
                self.patients.push(patient as u32);
                self.tallies
                    .push(times | (times * u64::from(self.outcome[patient])) << 32);
            }
        }
        let total = self.tallies.iter().sum::<Tally>();
        self.tree.push(draws_of(total), events_of(total));
        self.places.push(Place {
            from: 0,
            to: self.patients.len(),
            depth: 0,
        });
    }

    fn best_split(
        &mut self,
        random: &mut Random,
        node: usize,
        features_per_split: usize,
        min_leaf: usize,
    ) -> Option<Split> {
        let totals = Node {
            draws: f64::from(self.tree.draws[node]),
            events: f64::from(self.tree.events[node]),
            min_leaf: min_leaf as f64,
        };
        if totals.events == 0.0
            || totals.events == totals.draws
            || totals.draws < 2.0 * totals.min_leaf
        {
            return None;
        }
        let place = self.places[node];
        let features = self.order.len();
        let mut best = Split {
            score: -1.0,
            feature: 0,
            rank: 0,
        };
        for drawn in 0..features {
            if drawn >= features_per_split && best.score >= 0.0 {
                break;
            }
            let left = features - drawn;
            if left > 1 {
                self.order.swap(drawn, drawn + random.below(left));
            }
            self.search(place, totals, self.order[drawn], &mut best);
        }
        (best.score >= 0.0).then_some(best)
    }

    /// Puts the feature's best boundary into `best` if it is better.
    fn search(&mut self, place: Place, node: Node, feature: u32, best: &mut Split) {
        let ranks = self.ranks.of(feature as usize);
        let distinct = self.ranks.distinct(feature as usize);
        let patients = &self.patients[place.from..place.to];
        let tallies = &self.tallies[place.from..place.to];
        let mut left = 0;
        let mut consider = |left: Tally, rank: usize| {
            let score = node.score(left);
            if score > best.score && node.allows(left) {
                *best = Split {
                    score,
                    feature,
                    rank: rank as u32,
                };
            }
        };
        if distinct <= SCANNED_RANKS_A_PATIENT * patients.len() {
            let histogram = &mut self.histogram[..distinct];
            for (patient, tally) in patients.iter().zip(tallies) {
                histogram[ranks[*patient as usize] as usize] += tally;
            }
            // A rank that nobody in the node has repeats the boundary before it, which is no better than itself.
            for (rank, tally) in histogram.iter_mut().enumerate() {
                left += std::mem::take(tally);
                consider(left, rank);
            }
        } else {
            let words = distinct.div_ceil(64);
            let histogram = &mut self.histogram[..words * 64];
            let occupied = &mut self.occupied[..words];
            for (patient, tally) in patients.iter().zip(tallies) {
                let rank = ranks[*patient as usize] as usize;
                histogram[rank] += tally;
                occupied[rank / 64] |= 1 << (rank % 64);
            }
            for (word, occupied) in occupied.iter_mut().enumerate() {
                let histogram = &mut histogram[word * 64..(word + 1) * 64];
                let mut rest = std::mem::take(occupied);
                while rest != 0 {
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    left += std::mem::take(&mut histogram[bit]);
                    consider(left, word * 64 + bit);
                }
            }
        }
    }

    /// Parts the node's patients, in their order, and adds its two children.
    fn split(&mut self, node: usize, split: Split) {
        let place = self.places[node];
        let ranks = self.ranks.of(split.feature as usize);
        let patients = &mut self.patients[place.from..place.to];
        let tallies = &mut self.tallies[place.from..place.to];
        let (mut to_left, mut to_right) = (0, 0);
        let (mut left, mut right): (Tally, Tally) = (0, 0);
        let mut next_rank = u32::MAX;
        for at in 0..patients.len() {
            let (patient, tally) = (patients[at], tallies[at]);
            let rank = ranks[patient as usize];
            if rank <= split.rank {
                patients[to_left] = patient;
                tallies[to_left] = tally;
                to_left += 1;
                left += tally;
            } else {
                self.right_patients[to_right] = patient;
                self.right_tallies[to_right] = tally;
                to_right += 1;
                right += tally;
                next_rank = next_rank.min(rank);
            }
        }
        patients[to_left..].copy_from_slice(&self.right_patients[..to_right]);
        tallies[to_left..].copy_from_slice(&self.right_tallies[..to_right]);

        self.tree.feature[node] = split.feature;
        self.tree.threshold[node] =
            self.ranks
                .midpoint(split.feature as usize, split.rank, next_rank);
        self.tree.left[node] = self.places.len() as u32;
        let middle = place.from + to_left;
        for (tally, from, to) in [(left, place.from, middle), (right, middle, place.to)] {
            self.tree.push(draws_of(tally), events_of(tally));
            self.places.push(Place {
                from,
                to,
                depth: place.depth + 1,
            });
        }
    }
}

/// With at most so many ranks for each patient in the node, all ranks are scanned; with more, a set of bits tells which
/// ranks occur. Both find the same split.
const SCANNED_RANKS_A_PATIENT: usize = 3;

/// Draws as many patients as there are, with replacement.
pub(super) fn bootstrap(random: &mut Random, times_drawn: &mut [u32]) {
    times_drawn.fill(0);
    let patients = times_drawn.len();
    for _ in 0..patients {
        times_drawn[random.below(patients)] += 1;
    }
}
