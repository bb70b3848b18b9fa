//! Gray-level dependence matrix: how many voxels of one level have how many similar neighbours, and 14 features of it.
//!
//! A neighbour within the distance depends on a voxel if their levels differ by at most α; a voxel counts itself, so the
//! size of a dependence starts at 1. Entropy in bits, log2(p + 2⁻⁵²).
//! Source: Sun & Wee 1983; conventions of PyRadiomics 3.0.1 (IBSI: neighbouring gray-level dependence, NGLDM).

use super::region::Levels;
use super::size_features::{Matrix, SizeFeatures};

pub const NAMES: [&str; 14] = [
    "DependenceEntropy",
    "DependenceNonUniformity",
    "DependenceNonUniformityNormalized",
    "DependenceVariance",
    "GrayLevelNonUniformity",
    "GrayLevelVariance",
    "HighGrayLevelEmphasis",
    "LargeDependenceEmphasis",
    "LargeDependenceHighGrayLevelEmphasis",
    "LargeDependenceLowGrayLevelEmphasis",
    "LowGrayLevelEmphasis",
    "SmallDependenceEmphasis",
    "SmallDependenceHighGrayLevelEmphasis",
    "SmallDependenceLowGrayLevelEmphasis",
];

/// Values in the order of [`NAMES`].
pub fn gldm(levels: &Levels, distances: &[u32], alpha: u16, in_plane: bool) -> [f64; NAMES.len()] {
    let mut matrix = Matrix::new(levels.highest);
    dependences(levels, distances, alpha, in_plane, &mut matrix);
    let f = SizeFeatures::new(&matrix, levels.voxels.len());
    [
        f.entropy,
        f.size_non_uniformity,
        f.size_non_uniformity_normalized,
        f.size_variance,
        f.gray_level_non_uniformity,
        f.gray_level_variance,
        f.high_gray_level_emphasis,
        f.large_emphasis,
        f.large_high_gray_level_emphasis,
        f.large_low_gray_level_emphasis,
        f.low_gray_level_emphasis,
        f.small_emphasis,
        f.small_high_gray_level_emphasis,
        f.small_low_gray_level_emphasis,
    ]
}

fn dependences(
    levels: &Levels,
    distances: &[u32],
    alpha: u16,
    in_plane: bool,
    matrix: &mut Matrix,
) {
    let steps = neighbours(distances, in_plane);
    if distances == [1] {
        let offsets: Vec<isize> = steps.iter().map(|step| levels.offset(*step)).collect();
        for voxel in &levels.voxels {
            let level = levels.levels[*voxel];
            let similar = offsets
                .iter()
                .filter(|offset| {
                    let other = levels.levels[voxel.wrapping_add_signed(**offset)];
                    other != 0 && other.abs_diff(level) <= alpha
                })
                .count();
            matrix.add(level, similar + 1);
        }
        return;
    }
    for voxel in &levels.voxels {
        let level = levels.levels[*voxel];
        let similar = steps
            .iter()
            .filter(|step| {
                levels
                    .at(*voxel, **step)
                    .is_some_and(|other| other.abs_diff(level) <= alpha)
            })
            .count();
        matrix.add(level, similar + 1);
    }
}

/// All steps whose largest component is one of the distances.
pub(super) fn neighbours(distances: &[u32], in_plane: bool) -> Vec<[i32; 3]> {
    let reach = distances.iter().copied().max().unwrap_or(0) as i32;
    let mut steps = Vec::new();
    for z in -reach..=reach {
        for y in -reach..=reach {
            for x in -reach..=reach {
                let far = x.abs().max(y.abs()).max(z.abs()) as u32;
                if distances.contains(&far) && !(in_plane && z != 0) {
                    steps.push([x, y, z]);
                }
            }
        }
    }
    steps
}
