//! Gray-level size zone matrix: how many connected zones of one level have which size, and 16 features of it.
//!
//! Zones are 26-connected (8 in a plane). Entropy in bits, log2(p + 2⁻⁵²).
//! Source: Thibault 2009; conventions of PyRadiomics 3.0.1.

use super::region::{Levels, directions};
use super::size_features::{Matrix, SizeFeatures};

pub const NAMES: [&str; 16] = [
    "GrayLevelNonUniformity",
    "GrayLevelNonUniformityNormalized",
    "GrayLevelVariance",
    "HighGrayLevelZoneEmphasis",
    "LargeAreaEmphasis",
    "LargeAreaHighGrayLevelEmphasis",
    "LargeAreaLowGrayLevelEmphasis",
    "LowGrayLevelZoneEmphasis",
    "SizeZoneNonUniformity",
    "SizeZoneNonUniformityNormalized",
    "SmallAreaEmphasis",
    "SmallAreaHighGrayLevelEmphasis",
    "SmallAreaLowGrayLevelEmphasis",
    "ZoneEntropy",
    "ZonePercentage",
    "ZoneVariance",
];

/// Values in the order of [`NAMES`].
pub fn glszm(levels: &Levels, in_plane: bool) -> [f64; NAMES.len()] {
    let mut matrix = Matrix::new(levels.highest);
    zones(levels, in_plane, &mut matrix);
    let f = SizeFeatures::new(&matrix, levels.voxels.len());
    [
        f.gray_level_non_uniformity,
        f.gray_level_non_uniformity_normalized,
        f.gray_level_variance,
        f.high_gray_level_emphasis,
        f.large_emphasis,
        f.large_high_gray_level_emphasis,
        f.large_low_gray_level_emphasis,
        f.low_gray_level_emphasis,
        f.size_non_uniformity,
        f.size_non_uniformity_normalized,
        f.small_emphasis,
        f.small_high_gray_level_emphasis,
        f.small_low_gray_level_emphasis,
        f.entropy,
        f.percentage,
        f.size_variance,
    ]
}

/// Fills each zone from its first voxel; a voxel that was reached becomes level 0.
fn zones(levels: &Levels, in_plane: bool, matrix: &mut Matrix) {
    let offsets: Vec<isize> = directions(in_plane)
        .iter()
        .flat_map(|direction| {
            let offset = levels.offset(*direction);
            [offset, -offset]
        })
        .collect();
    let mut left = levels.levels.clone();
    let mut open = Vec::new();
    for voxel in &levels.voxels {
        let level = left[*voxel];
        if level == 0 {
            continue;
        }
        left[*voxel] = 0;
        open.push(*voxel);
        let mut size = 0;
        while let Some(reached) = open.pop() {
            size += 1;
            for offset in &offsets {
                let neighbour = reached.wrapping_add_signed(*offset);
                if left[neighbour] == level {
                    left[neighbour] = 0;
                    open.push(neighbour);
                }
            }
        }
        matrix.add(level, size);
    }
}
