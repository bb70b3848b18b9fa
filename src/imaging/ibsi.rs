//! Preprocessing as IBSI defines it: grids with a common centre, a mask interpolated linearly and cut at a share of the
//! voxel's volume, intensities rounded.
//!
//! The new grid has ⌈size · old/new⌉ voxels an axis; its first voxel lies at the continuous index
//! ½ (size − 1) − ½ (new size − 1) · new/old. Places outside the image take the value at its edge. Voxels whose
//! interpolated mask is at least `mask_threshold` belong to the region.
//!
//! Source: IBSI reference manual (arXiv:1612.07003), sections "Interpolation" and "Re-segmentation". The morphological
//! and the intensity mask are the same here; [`super::resegment`] then cuts the intensity mask only, and
//! [`super::largest_component`] cleans the morphological one.

use serde::{Deserialize, Serialize};

use super::error::ImagingError;
use super::geometry::{Geometry, VoxelBox};
use super::interpolate::{Interpolation, interpolate};
use super::mask::Mask;
use super::resample::{Resampled, places};
use super::volume::Volume;
use super::voxels::Voxels;

/// The settings of IBSI's interpolation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IbsiInterpolation {
    /// In mm; 0 keeps that of the image.
    pub spacing: [f64; 3],
    pub image: Interpolation,
    pub mask: Interpolation,
    /// Between 0 and 1; IBSI's figures use 0.5.
    pub mask_threshold: f64,
    /// Round interpolated intensities to whole numbers (CT).
    pub round_intensities: bool,
    /// Voxels kept around the region; none keeps the whole grid.
    pub padding: Option<usize>,
}

/// A size this close above a whole number is that number: spacings in single precision are.
const SIZE_TOLERANCE: f64 = 1e-6;
/// A share this close below the threshold reaches it: a place halfway between two voxels must not depend on rounding.
const TIE: f64 = 1e-9;
const MOST_VOXELS: f64 = 1e9;

/// Image and region on the new grid. Errors as of [`super::resample()`], and a threshold outside 0 to 1.
pub fn ibsi_interpolate(
    image: &Volume,
    mask: &Mask,
    settings: &IbsiInterpolation,
) -> Result<Resampled, ImagingError> {
    image.check()?;
    mask.check_same_grid(image)?;
    if !(settings.mask_threshold > 0.0 && settings.mask_threshold <= 1.0) {
        return Err(ImagingError::BadSetting {
            setting: "mask_threshold".to_owned(),
            value: settings.mask_threshold,
            expected: "above 0 and at most 1".to_owned(),
        });
    }
    let old = &mask.geometry;
    let whole = centred_grid(old, settings.spacing)?;
    let mut everywhere = places(old, &whole);
    for (axis, places) in everywhere.iter_mut().enumerate() {
        let last = (old.size[axis] - 1) as f64;
        for place in places {
            *place = place.clamp(0.0, last);
        }
    }
    let bounds = match settings.padding {
        None => whole.whole(),
        Some(padding) => around(&everywhere, mask.bounds)?.padded([padding; 3], whole.size),
    };
    let places: [Vec<f64>; 3] = std::array::from_fn(|axis| {
        everywhere[axis][bounds.lower[axis]..bounds.lower[axis] + bounds.size[axis]].to_vec()
    });
    let mut values = interpolate(image, &places, settings.image, |voxel| voxel);
    if settings.round_intensities {
        for value in &mut values {
            *value = value.round_ties_even();
        }
    }
    let grid = whole.cropped(bounds);
    let share = mask_share(mask, &places, settings.mask)?;
    let inside: Vec<bool> = share
        .iter()
        .map(|share| *share >= settings.mask_threshold - TIE)
        .collect();
    Ok(Resampled {
        mask: Mask::from_box(grid.clone(), grid.whole(), &inside)?,
        image: Volume::new(grid, values)?,
    })
}

fn centred_grid(old: &Geometry, spacing: [f64; 3]) -> Result<Geometry, ImagingError> {
    let mut grid = old.clone();
    let mut first = [0.0; 3];
    let mut voxels = 1.0;
    for axis in 0..3 {
        if !(spacing[axis] >= 0.0 && spacing[axis].is_finite()) {
            return Err(ImagingError::BadSpacing {
                axis,
                spacing: spacing[axis],
            });
        }
        if spacing[axis] == 0.0 || spacing[axis] == old.spacing[axis] {
            voxels *= old.size[axis] as f64;
            continue;
        }
        let ratio = old.spacing[axis] / spacing[axis];
        let size = (old.size[axis] as f64 * ratio - SIZE_TOLERANCE)
            .ceil()
            .max(1.0);
        voxels *= size;
        grid.size[axis] = size as usize;
        grid.spacing[axis] = spacing[axis];
        first[axis] = 0.5 * (old.size[axis] as f64 - 1.0) - 0.5 * (size - 1.0) / ratio;
    }
    if !(voxels <= MOST_VOXELS) {
        return Err(ImagingError::TooManyVoxels {
            voxels,
            most: MOST_VOXELS,
        });
    }
    grid.origin = old.point(first);
    Ok(grid)
}

/// The new voxels less than one old voxel from the region's box.
fn around(places: &[Vec<f64>; 3], bounds: VoxelBox) -> Result<VoxelBox, ImagingError> {
    let mut around = bounds;
    for (axis, places) in places.iter().enumerate() {
        let low = bounds.lower[axis] as f64 - 1.0;
        let high = (bounds.lower[axis] + bounds.size[axis]) as f64;
        let first = places.partition_point(|place| *place <= low);
        let end = places.partition_point(|place| *place < high);
        if end <= first {
            return Err(ImagingError::EmptyRegion);
        }
        around.lower[axis] = first;
        around.size[axis] = end - first;
    }
    Ok(around)
}

/// The interpolated mask, 1 inside and 0 outside.
fn mask_share(
    mask: &Mask,
    places: &[Vec<f64>; 3],
    interpolation: Interpolation,
) -> Result<Vec<f64>, ImagingError> {
    // One voxel more than the region suffices for linear interpolation, whose neighbours are at most one away; a spline
    // reaches farther.
    let margin = if interpolation == Interpolation::Bspline {
        40
    } else {
        1
    };
    let bounds = mask.bounds.padded([margin; 3], mask.geometry.size);
    let within = mask.bounds.relative_to(&bounds);
    let mut labels = vec![0_u8; bounds.voxels()];
    let mut voxel = 0;
    for z in 0..within.size[2] {
        for y in 0..within.size[1] {
            for x in 0..within.size[0] {
                let [i, j, k] = within.lower;
                labels[i + x + bounds.size[0] * (j + y + bounds.size[1] * (k + z))] =
                    u8::from(mask.inside[voxel]);
                voxel += 1;
            }
        }
    }
    let volume = Volume {
        geometry: mask.geometry.cropped(bounds),
        voxels: Voxels::Uint8(labels),
    };
    volume.check()?;
    let shifted: [Vec<f64>; 3] = std::array::from_fn(|axis| {
        places[axis]
            .iter()
            .map(|place| place - bounds.lower[axis] as f64)
            .collect()
    });
    Ok(interpolate(&volume, &shifted, interpolation, |voxel| voxel))
}
