//! Gray-level distance zone matrix: how many connected zones of one level lie how far from the border, and 16 features
//! of it.
//!
//! Zones as in [`super::glszm`]. The distance of a voxel is the least number of steps between faces (6 neighbours, 4 in
//! a plane) that lead out of the morphological region, 1 at its border; that of a zone is its least. n(i, j): number of
//! zones of level i at distance j; the features are those of [`super::size_features`] with the distance as size.
//! ZonePercentage: zones / voxels.
//! Source: Thibault 2014; IBSI.

use super::aggregation::{Space, means};
use super::levels::Levels;
use super::region::RegionError;
use super::size_features::{Matrix, SizeFeatures};
use super::zones::zones;

pub const NAMES: [&str; 16] = [
    "GrayLevelNonUniformity",
    "GrayLevelNonUniformityNormalized",
    "GrayLevelVariance",
    "HighGrayLevelZoneEmphasis",
    "LargeDistanceEmphasis",
    "LargeDistanceHighGrayLevelEmphasis",
    "LargeDistanceLowGrayLevelEmphasis",
    "LowGrayLevelZoneEmphasis",
    "SmallDistanceEmphasis",
    "SmallDistanceHighGrayLevelEmphasis",
    "SmallDistanceLowGrayLevelEmphasis",
    "ZoneDistanceEntropy",
    "ZoneDistanceNonUniformity",
    "ZoneDistanceNonUniformityNormalized",
    "ZoneDistanceVariance",
    "ZonePercentage",
];

/// Values in the order of [`NAMES`].
pub type Gldzm = [f64; NAMES.len()];

/// Features of the zones' distances. `morphological`: which voxels of the box of `levels` belong to the region before
/// resegmentation; its edge counts as border. Errors: another number of voxels; a voxel with a level is not among them.
pub fn gldzm(levels: &Levels, morphological: &[bool], space: Space) -> Result<Gldzm, RegionError> {
    let values = levels.values();
    if morphological.len() != values.len() {
        return Err(RegionError::SizesDiffer);
    }
    let outside = values
        .iter()
        .zip(morphological)
        .filter(|(level, inside)| **level != 0 && !**inside)
        .count();
    if outside > 0 {
        return Err(RegionError::OutsideMorphological { voxels: outside });
    }
    if space == Space::EachSlice {
        let [nx, ny, nz] = levels.size;
        let mut all = Vec::new();
        let slices = morphological.chunks_exact(nx * ny).take(nz);
        let used = values
            .chunks_exact(nx * ny)
            .zip(slices)
            .filter(|(slice, _)| slice.iter().any(|level| *level != 0));
        for (slice, (_, inside)) in levels.slices().iter().zip(used) {
            all.push(features(slice, inside, space));
        }
        Ok(means(&all))
    } else {
        Ok(features(levels, morphological, space))
    }
}

fn features(levels: &Levels, morphological: &[bool], space: Space) -> Gldzm {
    let mut matrix = Matrix::new(&levels.present);
    count(levels, morphological, space, &mut matrix);
    let f = SizeFeatures::new(&matrix, Some(levels.voxels.len()));
    [
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
        f.entropy,
        f.size_non_uniformity,
        f.size_non_uniformity_normalized,
        f.size_variance,
        f.percentage,
    ]
}

fn count(levels: &Levels, morphological: &[bool], space: Space, matrix: &mut Matrix) {
    let zone = zones(levels, space.in_plane());
    let distances = distances(levels, morphological, space);
    let mut least = vec![u32::MAX; zone.len()];
    for voxel in &levels.voxels {
        let voxel = *voxel as usize;
        let least = &mut least[zone[voxel] as usize];
        *least = (*least).min(distances[voxel]);
    }
    for voxel in &levels.voxels {
        let voxel = *voxel as usize;
        if least[voxel] != u32::MAX {
            matrix.add(levels.places[voxel], least[voxel] as usize, 1.0);
        }
    }
}

/// The distance of each voxel of the padded box; 0 outside. One pass forwards and one back are exact for steps between
/// faces.
fn distances(levels: &Levels, morphological: &[bool], space: Space) -> Vec<u32> {
    let [nx, ny, _] = levels.padded;
    let mut back = vec![1, nx];
    if !space.in_plane() {
        back.push(nx * ny);
    }
    let width = levels.size[0];
    let mut distances = vec![0_u32; levels.levels.len()];
    let rows: Vec<usize> = levels.rows().collect();
    for (start, inside) in rows.iter().zip(morphological.chunks_exact(width)) {
        for (x, inside) in inside.iter().enumerate() {
            if *inside {
                let voxel = start + x;
                let nearest = back.iter().map(|back| distances[voxel - back]).min();
                distances[voxel] = nearest.unwrap_or(0) + 1;
            }
        }
    }
    for start in rows.iter().rev() {
        for voxel in (*start..start + width).rev() {
            if distances[voxel] > 0 {
                let nearest = back.iter().map(|back| distances[voxel + back]).min();
                distances[voxel] = distances[voxel].min(nearest.unwrap_or(0) + 1);
            }
        }
    }
    distances
}
