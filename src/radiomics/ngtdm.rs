//! Neighbouring gray-tone difference matrix: how far voxels of each level are from the mean of their neighbours, and 5
//! features of it.
//!
//! s(i) = Σ over voxels of level i of |i − mean level of the neighbours inside the region|; a voxel without any is left
//! out; n(i) voxels of level i count, N = Σ n(i), p(i) = n(i) / N; N_g levels have p(i) > 0.
//! - Coarseness 1 / Σ p(i) s(i); 10⁶ where no voxel differs from its neighbours.
//! - Contrast Σᵢⱼ p(i) p(j) (i − j)² / (N_g (N_g − 1)) · Σ s(i) / N; 0 with one level.
//! - Busyness Σ p(i) s(i) / Σᵢⱼ |i p(i) − j p(j)|; 0 with one level.
//! - Complexity Σᵢⱼ |i − j| (p(i) s(i) + p(j) s(j)) / (p(i) + p(j)) / N.
//! - Strength Σᵢⱼ (p(i) + p(j)) (i − j)² / Σ s(i); 0 where no voxel differs from its neighbours.
//!
//! Source: Amadasun & King 1989; conventions of PyRadiomics 3.0.1 and IBSI.

use super::aggregation::{Space, means};
use super::levels::Levels;

pub const NAMES: [&str; 5] = [
    "Busyness",
    "Coarseness",
    "Complexity",
    "Contrast",
    "Strength",
];

/// Values in the order of [`NAMES`].
pub type Ngtdm = [f64; NAMES.len()];

const LARGEST_COARSENESS: f64 = 1e6;

/// Features of the differences of a region's voxels from their neighbours.
pub fn ngtdm(levels: &Levels, distances: &[u32], space: Space) -> Ngtdm {
    let reach = distances.iter().copied().max().unwrap_or(1) as usize;
    if space == Space::EachSlice {
        let all: Vec<Ngtdm> = levels
            .slices()
            .iter()
            .map(|slice| features(&differences(&slice.with_reach(reach), distances, space)))
            .collect();
        means(&all)
    } else if reach > 1 {
        features(&differences(&levels.with_reach(reach), distances, space))
    } else {
        features(&differences(levels, distances, space))
    }
}

/// A row of the matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) level: f64,
    /// n(i).
    pub(super) count: f64,
    /// s(i).
    pub(super) sum: f64,
}

pub(super) fn differences(levels: &Levels, distances: &[u32], space: Space) -> Vec<Difference> {
    // So many neighbours of the highest level fit into 32 bits: most regions need one part.
    const PART: usize = 60_000;
    let mut rows: Vec<Difference> = levels
        .present
        .iter()
        .map(|level| Difference {
            level: f64::from(*level),
            count: 0.0,
            sum: 0.0,
        })
        .collect();
    let offsets: Vec<isize> = levels
        .neighbours(distances, space.in_plane())
        .iter()
        .map(|step| levels.offset(*step))
        .collect();
    let nx = levels.size[0];
    let (mut known, mut total) = (vec![0_u16; nx], vec![0_u32; nx]);
    let (mut counts, mut totals) = (vec![0.0; nx], vec![0.0; nx]);
    for span in &levels.spans {
        let length = span.len();
        let (known, total) = (&mut known[..length], &mut total[..length]);
        let (counts, totals) = (&mut counts[..length], &mut totals[..length]);
        counts.fill(0.0);
        totals.fill(0.0);
        for part in offsets.chunks(PART) {
            known.fill(0);
            total.fill(0);
            for offset in part {
                let from = span.start.wrapping_add_signed(*offset);
                let others = &levels.levels[from..from + length];
                for ((known, total), other) in known.iter_mut().zip(total.iter_mut()).zip(others) {
                    *known += u16::from(*other != 0);
                    *total += u32::from(*other);
                }
            }
            for x in 0..length {
                counts[x] += f64::from(known[x]);
                totals[x] += f64::from(total[x]);
            }
        }
        let places = &levels.places[span.clone()];
        for ((place, count), total) in places.iter().zip(counts.iter()).zip(totals.iter()) {
            if *place != 0 && *count > 0.0 {
                let row = &mut rows[usize::from(*place) - 1];
                row.count += 1.0;
                row.sum += (row.level - total / count).abs();
            }
        }
    }
    rows
}

fn features(rows: &[Difference]) -> Ngtdm {
    let all = rows.iter().fold(0.0, |sum, row| sum + row.count);
    let present: Vec<(f64, f64, f64)> = rows
        .iter()
        .filter(|row| row.count > 0.0)
        .map(|row| (row.level, row.count / all, row.sum))
        .collect();
    let weighted = present.iter().fold(0.0, |sum, (_, p, s)| sum + p * s);
    let differences = present.iter().fold(0.0, |sum, (_, _, s)| sum + s);
    let groups = present.len() as f64;
    let (mut contrast, mut busyness, mut complexity, mut strength) = (0.0, 0.0, 0.0, 0.0);
    for (i, pi, si) in &present {
        for (j, pj, sj) in &present {
            let square = (i - j) * (i - j);
            contrast += pi * pj * square;
            busyness += (i * pi - j * pj).abs();
            complexity += (i - j).abs() * (pi * si + pj * sj) / (pi + pj);
            strength += (pi + pj) * square;
        }
    }
    [
        if busyness == 0.0 {
            0.0
        } else {
            weighted / busyness
        },
        if weighted == 0.0 {
            LARGEST_COARSENESS
        } else {
            1.0 / weighted
        },
        if all == 0.0 { 0.0 } else { complexity / all },
        if groups < 2.0 {
            0.0
        } else {
            contrast * differences / (groups * (groups - 1.0) * all)
        },
        if differences == 0.0 {
            0.0
        } else {
            strength / differences
        },
    ]
}
