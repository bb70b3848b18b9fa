//! Patients in ascending order of a score, in blocks of equal scores, with the events of each block: what the area
//! under the curve, its curve, cut-offs and net benefit are all counted from. −0 and 0 are the same score.

/// Patients with one value of the score: `order[start..end]` of `TiedScores`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) value: f64,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) events: usize,
}

impl Block {
    pub(super) fn others(&self) -> usize {
        self.end - self.start - self.events
    }
}

#[derive(Clone, Debug)]
pub(super) struct TiedScores {
    /// Row numbers, by score, then by row.
    pub(super) order: Vec<u32>,
    pub(super) blocks: Vec<Block>,
}

/// An integer with the order of the finite number.
pub(super) fn order_key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 0 {
        bits | 1 << 63
    } else {
        !bits
    }
}

impl TiedScores {
    /// `score` must be finite and as long as `outcome`.
    pub(super) fn new(outcome: &[bool], score: &[f64]) -> Self {
        let mut keyed: Vec<(u64, u32)> = (0_u32..)
            .zip(score)
            .map(|(row, value)| (order_key(*value), row))
            .collect();
        keyed.sort_unstable();
        let mut blocks = Vec::new();
        let mut start = 0;
        for block in keyed.chunk_by(|a, b| a.0 == b.0) {
            let events = block.iter().filter(|p| outcome[p.1 as usize]).count();
            blocks.push(Block {
                value: score[block[0].1 as usize] + 0.0,
                start,
                end: start + block.len(),
                events,
            });
            start += block.len();
        }
        Self {
            order: keyed.into_iter().map(|p| p.1).collect(),
            blocks,
        }
    }
}
