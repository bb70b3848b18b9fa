//! A volume: voxels on a grid.

use super::error::ImagingError;
use super::geometry::{Geometry, VoxelBox};
use super::voxels::{PixelType, Voxels};

/// An image or a map of labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    pub geometry: Geometry,
    /// As many as the geometry has, x fastest.
    pub voxels: Voxels,
}

impl Volume {
    /// A volume of double precision. Errors: not as many values as the grid has voxels.
    pub fn new(geometry: Geometry, values: Vec<f64>) -> Result<Volume, ImagingError> {
        let volume = Volume {
            geometry,
            voxels: Voxels::Float64(values),
        };
        volume.check()?;
        Ok(volume)
    }

    pub fn pixel_type(&self) -> PixelType {
        self.voxels.pixel_type()
    }

    /// The voxels of a box in double precision, x fastest.
    pub fn window(&self, bounds: VoxelBox) -> Result<Vec<f64>, ImagingError> {
        self.check()?;
        if !bounds.fits(self.geometry.size) {
            return Err(ImagingError::BoxOutside {
                lower: bounds.lower,
                size: bounds.size,
                volume: self.geometry.size,
            });
        }
        let [x, y, z] = places(bounds);
        Ok(self.voxels.gather(self.geometry.size, [&x, &y, &z]))
    }

    /// That the geometry is one and has as many voxels as there are.
    pub(super) fn check(&self) -> Result<(), ImagingError> {
        for (axis, spacing) in self.geometry.spacing.into_iter().enumerate() {
            if !(spacing > 0.0 && spacing.is_finite()) {
                return Err(ImagingError::BadSpacing { axis, spacing });
            }
        }
        if !self.geometry.is_sound() {
            return Err(ImagingError::BadAxes {
                direction: self.geometry.direction,
            });
        }
        let expected = self
            .geometry
            .size
            .iter()
            .try_fold(1_usize, |product, n| product.checked_mul(*n));
        if expected != Some(self.voxels.len()) {
            return Err(ImagingError::VoxelsMissing {
                size: self.geometry.size,
                found: self.voxels.len(),
            });
        }
        Ok(())
    }
}

/// The places along each axis of a box.
pub(super) fn places(bounds: VoxelBox) -> [Vec<usize>; 3] {
    std::array::from_fn(|axis| {
        (bounds.lower[axis]..bounds.lower[axis] + bounds.size[axis]).collect()
    })
}
