//! Gray-level size zone matrix: how many connected zones of one level have which size, and 16 features of it.
//!
//! n(i, j): number of zones of level i with j voxels, which touch also at edges and corners (26 neighbours, 8 in a
//! plane); the features are those of [`super::size_features`]. ZonePercentage: zones / voxels. One level: as many zones
//! as the region has pieces.
//! Source: Thibault 2009; conventions of PyRadiomics 3.0.1 and IBSI.

use super::aggregation::{Space, means};
use super::levels::Levels;
use super::size_features::{Matrix, SizeFeatures};
use super::zones::zones;

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
pub type Glszm = [f64; NAMES.len()];

/// Features of the zones of a region.
pub fn glszm(levels: &Levels, space: Space) -> Glszm {
    if space == Space::EachSlice {
        let all: Vec<Glszm> = levels
            .slices()
            .iter()
            .map(|slice| features(slice, space))
            .collect();
        means(&all)
    } else {
        features(levels, space)
    }
}

fn features(levels: &Levels, space: Space) -> Glszm {
    let mut matrix = Matrix::new(&levels.present);
    count(levels, space, &mut matrix);
    let f = SizeFeatures::new(&matrix, None);
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

pub(super) fn count(levels: &Levels, space: Space, matrix: &mut Matrix) {
    let zone = zones(levels, space.in_plane());
    let mut sizes = vec![0_u32; zone.len()];
    for voxel in &levels.voxels {
        sizes[zone[*voxel as usize] as usize] += 1;
    }
    for voxel in &levels.voxels {
        let voxel = *voxel as usize;
        if sizes[voxel] > 0 {
            matrix.add(levels.places[voxel], sizes[voxel] as usize, 1.0);
        }
    }
}
