//! Morphological features as IBSI defines them (family HCUG): of a region's mask, and of the intensities in it.
//!
//! V and A are volume and area of the mesh (marching cubes at 0.5); axes are 4 √λ with λ the eigenvalues of the
//! covariance over n − 1, as IBSI's consensus values have it (PyRadiomics divides by n). Densities divide V and A by
//! those of the box along the axes around the mesh, of the ellipsoid with the principal axes, and of the mesh's convex
//! hull. The ellipsoid's area is IBSI's series, which is not quite its area (see `ibsi_ellipsoid_area`). The centre of mass shifts from the voxels' centre to the
//! centre weighted with intensity. Integrated intensity is V × mean. Moran's I and Geary's C: every pair of voxels,
//! weight 1 / distance. The oriented box and the smallest enclosing ellipsoid, without consensus, are left out.
//! Without intensities that differ, Moran's I and Geary's C are NaN. Units: mm, mm², mm³.
//! Source: IBSI reference manual, arXiv:1612.07003, 3.1.

use std::f64::consts::PI;

use crate::numerics::{cube_root, mean, sum};

use super::convex_hull::convex_hull;
use super::covariance::IndexSums;
use super::diameters::RowEnds;
use super::mesh::{PaddedMask, Surface};
use super::region::{Region, RegionError};
use super::spatial_autocorrelation::{Voxels, spatial_autocorrelation};

/// In IBSI's order.
pub const NAMES: [&str; 25] = [
    "Volume",
    "ApproximateVolume",
    "SurfaceArea",
    "SurfaceVolumeRatio",
    "Compactness1",
    "Compactness2",
    "SphericalDisproportion",
    "Sphericity",
    "Asphericity",
    "CentreOfMassShift",
    "Maximum3DDiameter",
    "MajorAxisLength",
    "MinorAxisLength",
    "LeastAxisLength",
    "Elongation",
    "Flatness",
    "VolumeDensityBoundingBox",
    "AreaDensityBoundingBox",
    "VolumeDensityEllipsoid",
    "AreaDensityEllipsoid",
    "VolumeDensityConvexHull",
    "AreaDensityConvexHull",
    "IntegratedIntensity",
    "MoranI",
    "GearyC",
];

/// Values in the order of [`NAMES`]. `region.inside` is the morphological mask; `intensity_mask`, in the same box, says
/// which voxels' intensities count.
pub fn morphology(
    region: &Region,
    intensity_mask: &[bool],
) -> Result<[f64; NAMES.len()], RegionError> {
    let voxels = intensities(region, intensity_mask)?;
    let mask = PaddedMask::new(region)?;
    let spacing = region.spacing;
    let mut ends = RowEnds::new(&mask);
    let surface = mask.surface(|vertex| ends.add(vertex));
    let (diameters, corners) = ends.diameters();
    let Surface { area, volume } = surface;

    let places = IndexSums::new(region.size, region.inside.iter().copied());
    let count = places.count as f64;
    let [least, minor, major] = places.eigenvalues(spacing, count - 1.0).map(f64::sqrt);

    let sides = [0, 1, 2].map(|axis| (mask.size[axis] - 2) as f64 * spacing[axis]);
    let [x, y, z] = sides;
    let hull = convex_hull(&corners, spacing.map(|spacing| spacing / 2.0)).unwrap_or(Surface {
        area: f64::NAN,
        volume: f64::NAN,
    });
    let (a, b, c) = (2.0 * major, 2.0 * minor, 2.0 * least);
    let sphere = 36.0 * PI * volume * volume;
    let autocorrelation = spatial_autocorrelation(&voxels, spacing);
    Ok([
        volume,
        count * spacing.iter().product::<f64>(),
        area,
        area / volume,
        volume / (PI * area * area * area).sqrt(),
        sphere / (area * area * area),
        area / cube_root(sphere),
        cube_root(sphere) / area,
        cube_root(area * area * area / sphere) - 1.0,
        centre_of_mass_shift(&places, &voxels, spacing),
        diameters.in_space,
        4.0 * major,
        4.0 * minor,
        4.0 * least,
        minor / major,
        least / major,
        volume / (x * y * z),
        area / (2.0 * (x * y + y * z + x * z)),
        volume / (4.0 / 3.0 * PI * a * b * c),
        area / ibsi_ellipsoid_area(a, b, c),
        volume / hull.volume,
        area / hull.area,
        volume * mean(&voxels.values),
        autocorrelation.moran_i,
        autocorrelation.geary_c,
    ])
}

/// The voxels of the intensity mask.
fn intensities(region: &Region, mask: &[bool]) -> Result<Voxels, RegionError> {
    let [nx, ny, nz] = region.size;
    let total = nx * ny * nz;
    if total != mask.len() || total != region.intensities.len() {
        return Err(RegionError::SizesDiffer);
    }
    let mut voxels = Voxels::default();
    for (index, value) in region.intensities.iter().enumerate() {
        if mask[index] {
            voxels
                .places
                .push([index % nx, index / nx % ny, index / (nx * ny)]);
            voxels.values.push(*value);
        }
    }
    let bad = voxels
        .values
        .iter()
        .filter(|value| !value.is_finite())
        .count();
    if bad > 0 {
        return Err(RegionError::NotFinite { voxels: bad });
    }
    if voxels.values.is_empty() {
        return Err(RegionError::Empty);
    }
    Ok(voxels)
}

fn centre_of_mass_shift(places: &IndexSums, voxels: &Voxels, spacing: [f64; 3]) -> f64 {
    let weight = sum(&voxels.values);
    let square = (0..3).fold(0.0, |square, axis| {
        let moments: Vec<f64> = voxels
            .places
            .iter()
            .zip(&voxels.values)
            .map(|(place, value)| place[axis] as f64 * value)
            .collect();
        let centre = places.sums[axis] as f64 / places.count as f64;
        let shift = (sum(&moments) / weight - centre) * spacing[axis];
        square + shift * shift
    });
    square.sqrt()
}

/// As IBSI defines it for half axes a ≥ b ≥ c: 4π a b Σ (αβ)^ν P_ν((α² + β²) / 2αβ) / (1 − 4ν²), ν = 0 … 20, with the
/// Legendre polynomials P, α = √(1 − b²/a²) and β = √(1 − c²/a²). The area itself has c²/a² in α and c²/b² in β: IBSI's
/// is exact for a sphere but 19 % short for half axes 2, 1, 1. The consensus values are those of IBSI's.
fn ibsi_ellipsoid_area(a: f64, b: f64, c: f64) -> f64 {
    let alpha_squared = 1.0 - b * b / (a * a);
    let beta_squared = 1.0 - c * c / (a * a);
    // (αβ)^ν P_ν by the polynomials' recurrence times (αβ)^(ν + 1), which needs no division by αβ.
    let (mut before, mut here) = (0.0, 1.0);
    let mut series = 0.0;
    for order in 0..=20 {
        let nu = f64::from(order);
        series += here / (1.0 - 4.0 * nu * nu);
        let next = ((2.0 * nu + 1.0) * (alpha_squared + beta_squared) / 2.0 * here
            - nu * alpha_squared * beta_squared * before)
            / (nu + 1.0);
        (before, here) = (here, next);
    }
    4.0 * PI * a * b * series
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With b = c the series is the one of an oblate ellipsoid, times b / a: 2π a b (1 + (1 − e²) / e artanh e).
    #[test]
    fn the_area_of_ellipsoids_is_that_of_ibsi() {
        assert!((ibsi_ellipsoid_area(3.0, 3.0, 3.0) - 36.0 * PI).abs() < 1e-12);
        let e = 0.75_f64.sqrt();
        let artanh = 0.5 * crate::numerics::ln((1.0 + e) / (1.0 - e));
        let expected = 2.0 * PI * 2.0 * (1.0 + 0.25 / e * artanh);
        assert!((ibsi_ellipsoid_area(2.0, 1.0, 1.0) / expected - 1.0).abs() < 1e-4);
    }
}
