//! Shape features in space: size and form of a region, from its mask alone.
//!
//! With V and A the volume and area of the mesh (marching cubes at 0.5) and λ₁ ≥ λ₂ ≥ λ₃ the eigenvalues of the
//! covariance (over n) of the voxels' centres: Sphericity = (36 π V²)^⅓ / A; Compactness1 = V / √(π A³); Compactness2 =
//! 36 π V² / A³; SphericalDisproportion = A / (36 π V²)^⅓; axes 4 √λ; Elongation √(λ₂ / λ₁); Flatness √(λ₃ / λ₁).
//! Diameters are between vertices of the mesh, Slice: same z, Column: same y, Row: same x. Units: mm, mm², mm³.
//! A single voxel has no direction: its Elongation and Flatness are NaN.
//! Source: conventions of PyRadiomics 3.0.1.

use std::f64::consts::PI;

use crate::numerics::cube_root;

use super::covariance::IndexSums;
use super::diameters::RowEnds;
use super::mesh::PaddedMask;
use super::region::{Region, RegionError};

pub const NAMES: [&str; 17] = [
    "Compactness1",
    "Compactness2",
    "Elongation",
    "Flatness",
    "LeastAxisLength",
    "MajorAxisLength",
    "Maximum2DDiameterColumn",
    "Maximum2DDiameterRow",
    "Maximum2DDiameterSlice",
    "Maximum3DDiameter",
    "MeshVolume",
    "MinorAxisLength",
    "SphericalDisproportion",
    "Sphericity",
    "SurfaceArea",
    "SurfaceVolumeRatio",
    "VoxelVolume",
];

/// Those of [`NAMES`] that PyRadiomics gives only when asked by name: functions of Sphericity.
pub const DEPRECATED: [&str; 3] = ["Compactness1", "Compactness2", "SphericalDisproportion"];

/// Values in the order of [`NAMES`]. The box may be larger than the region.
pub fn shape(region: &Region) -> Result<[f64; NAMES.len()], RegionError> {
    let mask = PaddedMask::new(region)?;
    let mut ends = RowEnds::new(&mask);
    let surface = mask.surface(|vertex| ends.add(vertex));
    let (diameters, _) = ends.diameters();
    let voxels = IndexSums::new(mask.size, mask.inside.iter().map(|inside| *inside == 1));
    let [least, minor, major] = voxels.eigenvalues(mask.spacing, voxels.count as f64);
    let (area, volume) = (surface.area, surface.volume);
    let sphere = 36.0 * PI * volume * volume;
    let axis = |eigenvalue: f64| 4.0 * eigenvalue.sqrt();
    Ok([
        volume / (PI * area * area * area).sqrt(),
        sphere / (area * area * area),
        (minor / major).sqrt(),
        (least / major).sqrt(),
        axis(least),
        axis(major),
        diameters.in_planes[1],
        diameters.in_planes[0],
        diameters.in_planes[2],
        diameters.in_space,
        volume,
        axis(minor),
        area / cube_root(sphere),
        cube_root(sphere) / area,
        area,
        area / volume,
        voxels.count as f64 * mask.spacing.iter().product::<f64>(),
    ])
}
