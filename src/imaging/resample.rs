//! Resampling of image and mask to a spacing, on PyRadiomics' grid and only around the region.
//!
//! With r = old/new spacing and the region's box [b, b + n) in voxels, the new voxels are numbered from the corner of the
//! image: from max(0, ⌊(b − ½) r − padding⌋) to min(⌈size · r⌉ − 1, ⌈(b + n − ½) r + padding⌉). Voxel 0 lies at the
//! continuous index ½ (new − old)/old, so that the corners of both grids coincide. A direction in which the region has
//! one slice keeps its spacing. When no spacing changes by more than 1e-5 of itself, image and mask are only cropped.
//! The image keeps its number type unless it is normalised (integers are cut towards 0); it is 0 more than half a voxel
//! outside of the old image. The mask is always by nearest neighbour, a half rounded up.
//!
//! Source: PyRadiomics 3.0.1, `resampleImage`; ITK 5.4 `ResampleImageFilter` (places along a line are interpolated
//! between its ends).

use super::error::ImagingError;
use super::geometry::{Geometry, VoxelBox};
use super::interpolate::{Interpolation, interpolate};
use super::mask::Mask;
use super::normalize::IntensityScale;
use super::volume::Volume;

/// PyRadiomics' `padDistance`: voxels around the region, for filters.
pub const PADDING: usize = 5;

/// No grid needs more voxels.
const MOST_VOXELS: f64 = 1e9;

/// An image around a region, and the region on its grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    /// In double precision, normalised if asked.
    pub image: Volume,
    pub mask: Mask,
}

/// A spacing of 0 keeps that of the image. Errors: image and mask on different grids, a spacing that cannot be, a grid
/// too large, a region that falls between the new voxels.
pub fn resample(
    image: &Volume,
    mask: &Mask,
    scale: Option<&IntensityScale>,
    spacing: [f64; 3],
    interpolation: Interpolation,
    padding: usize,
) -> Result<Resampled, ImagingError> {
    image.check()?;
    mask.check_same_grid(image)?;
    let old = &mask.geometry;
    let spacing = kept_spacing(old, mask.bounds, spacing)?;
    let pixel_type = image.pixel_type();
    let value = |voxel: f64| scale.map_or(voxel, |scale| scale.apply(voxel));
    let unchanged = (0..3)
        .all(|axis| (old.spacing[axis] - spacing[axis]).abs() <= 1e-8 + 1e-5 * spacing[axis].abs());
    if unchanged {
        let bounds = mask.bounds.padded([padding; 3], old.size);
        let values = image.window(bounds)?.into_iter().map(value).collect();
        let geometry = old.cropped(bounds);
        return Ok(Resampled {
            image: Volume::new(geometry.clone(), values)?,
            mask: Mask::from_box(geometry, mask.bounds.relative_to(&bounds), &mask.inside)?,
        });
    }
    let grid = grid(old, mask.bounds, spacing, padding)?;
    let places = places(old, &grid);
    let mut values = interpolate(image, &places, interpolation, value);
    // For each new voxel the nearest old one along each axis, none outside of the old image.
    let nearest: [Vec<Option<usize>>; 3] = std::array::from_fn(|axis| {
        let end = old.size[axis] as f64 - 0.5;
        let within = |place: &&f64| **place >= -0.5 && **place < end;
        let index = |place: &f64| (place + 0.5).floor() as usize;
        places[axis]
            .iter()
            .map(|place| Some(place).filter(within).map(index))
            .collect()
    });
    let mut inside = vec![false; values.len()];
    let rows = values
        .chunks_exact_mut(grid.size[0])
        .zip(inside.chunks_exact_mut(grid.size[0]));
    for (number, (row, inside)) in rows.enumerate() {
        let (y, z) = (
            nearest[1][number % grid.size[1]],
            nearest[2][number / grid.size[1]],
        );
        let (Some(y), Some(z)) = (y, z) else {
            row.fill(0.0);
            continue;
        };
        for ((value, inside), x) in row.iter_mut().zip(inside).zip(&nearest[0]) {
            match x {
                Some(x) => *inside = mask.contains([*x, y, z]),
                None => *value = 0.0,
            }
        }
        if scale.is_none() {
            for value in row {
                *value = pixel_type.stored(*value);
            }
        }
    }
    Ok(Resampled {
        mask: Mask::from_box(grid.clone(), grid.whole(), &inside)?,
        image: Volume::new(grid, values)?,
    })
}

/// The spacing that is meant: 0 and directions with one slice keep the old one.
fn kept_spacing(
    old: &Geometry,
    bounds: VoxelBox,
    spacing: [f64; 3],
) -> Result<[f64; 3], ImagingError> {
    let mut kept = spacing;
    for axis in 0..3 {
        if !(spacing[axis] >= 0.0 && spacing[axis].is_finite()) {
            return Err(ImagingError::BadSpacing {
                axis,
                spacing: spacing[axis],
            });
        }
        if spacing[axis] == 0.0 || bounds.size[axis] == 1 {
            kept[axis] = old.spacing[axis];
        }
    }
    Ok(kept)
}

fn grid(
    old: &Geometry,
    bounds: VoxelBox,
    spacing: [f64; 3],
    padding: usize,
) -> Result<Geometry, ImagingError> {
    let padding = padding as f64;
    let mut size = [0.0; 3];
    let mut first = [0.0; 3];
    for axis in 0..3 {
        let ratio = old.spacing[axis] / spacing[axis];
        let begin = bounds.lower[axis] as f64 - 0.5;
        let end = (bounds.lower[axis] + bounds.size[axis]) as f64 - 0.5;
        let low = (begin * ratio - padding).floor().max(0.0);
        let high = (end * ratio + padding)
            .ceil()
            .min((old.size[axis] as f64 * ratio).ceil() - 1.0);
        size[axis] = high - low + 1.0;
        first[axis] = 0.5 * (spacing[axis] - old.spacing[axis]) / old.spacing[axis] + low / ratio;
    }
    let voxels = size[0] * size[1] * size[2];
    if !(voxels <= MOST_VOXELS) {
        return Err(ImagingError::TooManyVoxels {
            voxels,
            most: MOST_VOXELS,
        });
    }
    if size.iter().any(|size| *size < 1.0) {
        return Err(ImagingError::EmptyRegion);
    }
    Ok(Geometry {
        size: size.map(|size| size as usize),
        spacing,
        origin: old.point(first),
        direction: old.direction,
    })
}

/// The continuous indices of the old grid along each axis. Along x they are interpolated between the ends of the line, as
/// in ITK: the last bit decides ties of the nearest neighbour.
pub(super) fn places(old: &Geometry, grid: &Geometry) -> [Vec<f64>; 3] {
    std::array::from_fn(|axis| {
        let at = |index: usize| {
            let mut place = [0.0; 3];
            place[axis] = index as f64;
            old.continuous_index(grid.point(place))[axis]
        };
        if axis == 0 {
            let (start, end) = (at(0), at(grid.size[0]));
            (0..grid.size[0])
                .map(|index| {
                    let part = index as f64 / grid.size[0] as f64;
                    start + (end - start) * part
                })
                .collect()
        } else {
            (0..grid.size[axis]).map(at).collect()
        }
    })
}
