//! Ranks of values, ties sharing the mean of their ranks: what the rank tests are counted from. −0 and 0 are tied.

#[derive(Clone, Debug)]
pub(super) struct Midranks {
    /// From 1, in the order of the values.
    pub(super) ranks: Vec<f64>,
    /// Σ (t³ − t) over the sets of t tied values.
    pub(super) tie_sum: f64,
    /// A value that several have.
    pub(super) tied_value: Option<f64>,
}

impl Midranks {
    /// `values` must be finite.
    pub(super) fn new(values: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
        let mut ranks = vec![0.0; values.len()];
        let mut tie_sum = 0.0;
        let mut tied_value = None;
        let mut before = 0_usize;
        for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
            let rank = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
            for row in tied {
                ranks[*row] = rank;
            }
            before += tied.len();
            if tied.len() > 1 {
                let count = tied.len() as f64;
                tie_sum += count * count * count - count;
                tied_value.get_or_insert(values[tied[0]]);
            }
        }
        Self {
            ranks,
            tie_sum,
            tied_value,
        }
    }
}
