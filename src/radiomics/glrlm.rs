//! Gray-level run length matrix: how many runs of voxels of one level have which length, and 16 features of it.
//!
//! P(i, j): number of runs of level i and length j along one direction; N_r runs, N_p voxels. Features are computed for
//! each of the 13 directions (4 in a plane) and averaged. Entropy in bits, log2(p + 2⁻⁵²).
//! Source: Galloway 1975, Chu 1990, Dasarathy & Holder 1991; conventions of PyRadiomics 3.0.1.

use super::region::{Levels, directions};
use super::size_features::{Matrix, SizeFeatures};

pub const NAMES: [&str; 16] = [
    "GrayLevelNonUniformity",
    "GrayLevelNonUniformityNormalized",
    "GrayLevelVariance",
    "HighGrayLevelRunEmphasis",
    "LongRunEmphasis",
    "LongRunHighGrayLevelEmphasis",
    "LongRunLowGrayLevelEmphasis",
    "LowGrayLevelRunEmphasis",
    "RunEntropy",
    "RunLengthNonUniformity",
    "RunLengthNonUniformityNormalized",
    "RunPercentage",
    "RunVariance",
    "ShortRunEmphasis",
    "ShortRunHighGrayLevelEmphasis",
    "ShortRunLowGrayLevelEmphasis",
];

/// Values in the order of [`NAMES`].
pub fn glrlm(levels: &Levels, in_plane: bool) -> [f64; NAMES.len()] {
    let mut matrix = Matrix::new(levels.highest);
    let mut means = [0.0; NAMES.len()];
    let directions = directions(in_plane);
    for direction in directions {
        matrix.clear();
        runs(levels, *direction, &mut matrix);
        let f = SizeFeatures::new(&matrix, levels.voxels.len());
        let features = [
            f.gray_level_non_uniformity,
            f.gray_level_non_uniformity_normalized,
            f.gray_level_variance,
            f.high_gray_level_emphasis,
            f.large_emphasis,
            f.large_high_gray_level_emphasis,
            f.large_low_gray_level_emphasis,
            f.low_gray_level_emphasis,
            f.entropy,
            f.size_non_uniformity,
            f.size_non_uniformity_normalized,
            f.percentage,
            f.size_variance,
            f.small_emphasis,
            f.small_high_gray_level_emphasis,
            f.small_low_gray_level_emphasis,
        ];
        for (mean, feature) in means.iter_mut().zip(features) {
            *mean += feature;
        }
    }
    means.map(|total| total / directions.len() as f64)
}

/// A run starts at a voxel whose predecessor has another level.
fn runs(levels: &Levels, direction: [i32; 3], matrix: &mut Matrix) {
    let offset = levels.offset(direction);
    for voxel in &levels.voxels {
        let level = levels.levels[*voxel];
        if levels.levels[voxel.wrapping_add_signed(-offset)] == level {
            continue;
        }
        let mut length = 1;
        let mut next = voxel.wrapping_add_signed(offset);
        while levels.levels[next] == level {
            length += 1;
            next = next.wrapping_add_signed(offset);
        }
        matrix.add(level, length);
    }
}
