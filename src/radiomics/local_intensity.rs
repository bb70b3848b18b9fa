//! IBSI's local intensity features: the mean intensity of 1 cm³ around the brightest voxel, and the highest such mean.
//!
//! The mean of a voxel is that of all voxels of the image, in the region or not, whose centres lie at most
//! (3 / 4π)^⅓ cm = 6.2 mm from its own. LocalIntensityPeak: of the voxel of the region with the highest intensity, of
//! several the highest mean. GlobalIntensityPeak: the highest mean of all voxels of the region.
//! Voxels that are not finite are left out of means.
//! Source: IBSI reference manual, "Local intensity features".

use super::region::{Region, RegionError};

pub const NAMES: [&str; 2] = ["LocalIntensityPeak", "GlobalIntensityPeak"];

/// Values in the order of [`NAMES`].
pub type LocalIntensity = [f64; NAMES.len()];

/// The radius of a sphere of 1 cm³ in mm: 10 (3 / 4π)^⅓.
pub const RADIUS: f64 = 6.203_504_908_994;

/// Features of a region. Unlike for other classes its box must hold the image around it as far as [`RADIUS`], or to the
/// image's edge. Errors: as of [`Region::check`].
pub fn local_intensity(region: &Region) -> Result<LocalIntensity, RegionError> {
    region.check()?;
    let sphere = Sphere::new(region);
    let brightest = region.values().fold(f64::NEG_INFINITY, f64::max);
    let (mut local, mut global) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    let [nx, ny, _] = region.size;
    for (voxel, inside) in region.inside.iter().enumerate() {
        if *inside {
            let mean = sphere.mean(region, [voxel % nx, voxel / nx % ny, voxel / (nx * ny)]);
            global = global.max(mean);
            if region.intensities[voxel] == brightest {
                local = local.max(mean);
            }
        }
    }
    Ok([local, global])
}

struct Sphere {
    /// Steps in y and z, and how far the sphere reaches along x there.
    rows: Vec<(isize, isize, usize)>,
    /// Sums and counts of finite intensities of each row before a voxel; a row has one entry more than voxels.
    sums: Vec<f64>,
    counts: Vec<u32>,
}

impl Sphere {
    fn new(region: &Region) -> Self {
        let [sx, sy, sz] = region.spacing;
        let [nx, ny, nz] = region.size.map(|n| n as isize);
        let mut rows = Vec::new();
        let reach = |spacing: f64, size: isize| ((RADIUS / spacing) as isize).min(size);
        let [reach_y, reach_z] = [reach(sy, ny), reach(sz, nz)];
        for z in -reach_z..=reach_z {
            for y in -reach_y..=reach_y {
                let (dy, dz) = (y as f64 * sy, z as f64 * sz);
                let left = RADIUS * RADIUS - dy * dy - dz * dz;
                if left >= 0.0 {
                    rows.push((y, z, ((left.sqrt() / sx) as isize).min(nx) as usize));
                }
            }
        }
        let mut sums = Vec::with_capacity(region.intensities.len());
        let mut counts = Vec::with_capacity(region.intensities.len());
        for row in region.intensities.chunks_exact(region.size[0]) {
            let (mut sum, mut count) = (0.0, 0);
            sums.push(sum);
            counts.push(count);
            for value in row {
                if value.is_finite() {
                    sum += value;
                    count += 1;
                }
                sums.push(sum);
                counts.push(count);
            }
        }
        Self { rows, sums, counts }
    }

    fn mean(&self, region: &Region, [x, y, z]: [usize; 3]) -> f64 {
        let [nx, ny, nz] = region.size;
        let (mut sum, mut count) = (0.0, 0);
        for (dy, dz, reach) in &self.rows {
            let row = y.checked_add_signed(*dy).filter(|y| *y < ny);
            let slice = z.checked_add_signed(*dz).filter(|z| *z < nz);
            if let (Some(y), Some(z)) = (row, slice) {
                let start = (y + ny * z) * (nx + 1);
                let from = start + x.saturating_sub(*reach);
                let to = start + (x + reach + 1).min(nx);
                sum += self.sums[to] - self.sums[from];
                count += self.counts[to] - self.counts[from];
            }
        }
        sum / f64::from(count)
    }
}
