//! Gray-level dependence matrix (IBSI: neighbouring gray-level dependence, NGLDM): how many voxels of one level have how
//! many similar neighbours, and 17 features of it.
//!
//! A neighbour within the distances depends on a voxel if their levels differ by at most α; a voxel counts itself, so
//! that the size of a dependence starts at 1. n(i, j): number of voxels of level i with j dependences; the features are
//! those of [`super::size_features`]. DependencePercentage is 1 by construction; it, DependenceEnergy and
//! GrayLevelNonUniformityNormalized (which equals the first-order Uniformity) are IBSI's.
//! Source: Sun & Wee 1983; conventions of PyRadiomics 3.0.1 and IBSI.

use super::aggregation::{Space, means};
use super::levels::Levels;
use super::size_features::{Matrix, SizeFeatures};

pub const NAMES: [&str; 17] = [
    "DependenceEnergy",
    "DependenceEntropy",
    "DependenceNonUniformity",
    "DependenceNonUniformityNormalized",
    "DependencePercentage",
    "DependenceVariance",
    "GrayLevelNonUniformity",
    "GrayLevelNonUniformityNormalized",
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
pub type Gldm = [f64; NAMES.len()];

/// Features of the dependences of a region's voxels.
pub fn gldm(levels: &Levels, distances: &[u32], alpha: u16, space: Space) -> Gldm {
    let reach = distances.iter().copied().max().unwrap_or(1) as usize;
    if space == Space::EachSlice {
        let all: Vec<Gldm> = levels
            .slices()
            .iter()
            .map(|slice| features(&slice.with_reach(reach), distances, alpha, space))
            .collect();
        means(&all)
    } else if reach > 1 {
        features(&levels.with_reach(reach), distances, alpha, space)
    } else {
        features(levels, distances, alpha, space)
    }
}

fn features(levels: &Levels, distances: &[u32], alpha: u16, space: Space) -> Gldm {
    let mut matrix = Matrix::new(&levels.present);
    count(levels, distances, alpha, space, &mut matrix);
    let f = SizeFeatures::new(&matrix, Some(levels.voxels.len()));
    [
        f.energy,
        f.entropy,
        f.size_non_uniformity,
        f.size_non_uniformity_normalized,
        f.percentage,
        f.size_variance,
        f.gray_level_non_uniformity,
        f.gray_level_non_uniformity_normalized,
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

pub(super) fn count(
    levels: &Levels,
    distances: &[u32],
    alpha: u16,
    space: Space,
    matrix: &mut Matrix,
) {
    // So many neighbours are counted in 16 bits before they are added up: most regions need one part.
    const PART: usize = 60_000;
    let offsets: Vec<isize> = levels
        .neighbours(distances, space.in_plane())
        .iter()
        .map(|step| levels.offset(*step))
        .collect();
    let nx = levels.size[0];
    let mut similar = vec![0_u16; nx];
    let mut sizes = vec![0_usize; nx];
    for span in &levels.spans {
        let row = &levels.levels[span.clone()];
        let (similar, sizes) = (&mut similar[..row.len()], &mut sizes[..row.len()]);
        sizes.fill(1);
        for part in offsets.chunks(PART) {
            similar.fill(0);
            for offset in part {
                let from = span.start.wrapping_add_signed(*offset);
                let others = &levels.levels[from..from + row.len()];
                for ((similar, level), other) in similar.iter_mut().zip(row).zip(others) {
                    let alike = level.abs_diff(*other) <= alpha && *other != 0;
                    *similar += u16::from(alike);
                }
            }
            for (size, similar) in sizes.iter_mut().zip(similar.iter()) {
                *size += usize::from(*similar);
            }
        }
        for (place, size) in levels.places[span.clone()].iter().zip(sizes.iter()) {
            if *place != 0 {
                matrix.add(*place, *size, 1.0);
            }
        }
    }
}
