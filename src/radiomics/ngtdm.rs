//! Neighbouring gray-tone difference matrix: how far voxels of each level are from the mean of their neighbours, and 5
//! features of it.
//!
//! s(i) = Σ over voxels of level i of |i − mean level of the neighbours inside the region|; a voxel without any is left
//! out; p(i) = n(i) / N over the voxels that count.
//! Source: Amadasun & King 1989; conventions of PyRadiomics 3.0.1 (Coarseness 10⁶ where no voxel differs).

use super::gldm::neighbours;
use super::region::Levels;

pub const NAMES: [&str; 5] = [
    "Busyness",
    "Coarseness",
    "Complexity",
    "Contrast",
    "Strength",
];

const LARGEST_COARSENESS: f64 = 1e6;

/// Values in the order of [`NAMES`].
pub fn ngtdm(levels: &Levels, distances: &[u32], in_plane: bool) -> [f64; NAMES.len()] {
    let size = usize::from(levels.highest) + 1;
    let mut count = vec![0.0; size];
    let mut difference = vec![0.0; size];
    let steps = neighbours(distances, in_plane);
    let near: Option<Vec<isize>> =
        (distances == [1]).then(|| steps.iter().map(|step| levels.offset(*step)).collect());
    for voxel in &levels.voxels {
        let level = levels.levels[*voxel];
        let (mut total, mut known) = (0_u32, 0_u32);
        let mut see = |other: u16| {
            if other != 0 {
                total += u32::from(other);
                known += 1;
            }
        };
        match &near {
            Some(offsets) => offsets
                .iter()
                .for_each(|offset| see(levels.levels[voxel.wrapping_add_signed(*offset)])),
            None => steps
                .iter()
                .for_each(|step| see(levels.at(*voxel, *step).unwrap_or(0))),
        }
        if known > 0 {
            count[usize::from(level)] += 1.0;
            difference[usize::from(level)] +=
                (f64::from(level) - f64::from(total) / f64::from(known)).abs();
        }
    }
    let all: f64 = count.iter().fold(0.0, |sum, n| sum + n);
    let present: Vec<(f64, f64, f64)> = (1..size)
        .filter(|level| count[*level] > 0.0)
        .map(|level| (level as f64, count[level] / all, difference[level]))
        .collect();
    features(&present, all)
}

/// From (level, p, s) of the levels that occur.
fn features(present: &[(f64, f64, f64)], all: f64) -> [f64; NAMES.len()] {
    let weighted = present.iter().fold(0.0, |sum, (_, p, s)| sum + p * s);
    let differences = present.iter().fold(0.0, |sum, (_, _, s)| sum + s);
    let groups = present.len() as f64;
    let (mut contrast, mut busyness, mut complexity, mut strength) = (0.0, 0.0, 0.0, 0.0);
    for (i, pi, si) in present {
        for (j, pj, sj) in present {
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
