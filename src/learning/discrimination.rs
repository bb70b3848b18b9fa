//! Area under the ROC curve: P(score of a patient with the event > score of one without) + ½ P(equal).
//! By ranks (Hanley & McNeil 1982), in whole numbers until the last division, so that it does not depend on the order
//! of the patients.

/// The numbers of pairs (with event, without) that the score orders rightly and that it ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pairs {
    pub(super) concordant: u64,
    pub(super) tied: u64,
    pub(super) all: u64,
}

impl Pairs {
    pub(super) fn count(score: &[f64], outcome: &[bool]) -> Self {
        let mut sorted: Vec<(f64, bool)> =
            score.iter().copied().zip(outcome.iter().copied()).collect();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut pairs = Self {
            concordant: 0,
            tied: 0,
            all: 0,
        };
        let mut without_below = 0;
        let mut events = 0;
        for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
            let with = tied.iter().filter(|entry| entry.1).count() as u64;
            let without = tied.len() as u64 - with;
            pairs.concordant += with * without_below;
            pairs.tied += with * without;
            without_below += without;
            events += with;
        }
        pairs.all = events * without_below;
        pairs
    }

    /// None without patients of both classes.
    pub(super) fn area(self) -> Option<f64> {
        (self.all > 0).then(|| (2 * self.concordant + self.tied) as f64 / (2 * self.all) as f64)
    }
}

/// None without patients of both classes.
pub(super) fn area_under_curve(score: &[f64], outcome: &[bool]) -> Option<f64> {
    Pairs::count(score, outcome).area()
}
