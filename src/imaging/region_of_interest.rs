//! What features are taken from: the smallest box around a region, with the intensities of all its voxels.

use super::error::ImagingError;
use super::geometry::VoxelBox;
use super::mask::Mask;
use super::normalize::IntensityScale;
use super::volume::Volume;

/// A box of voxels, x fastest, as small as the region.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionOfInterest {
    /// Where the box lies in the image.
    pub bounds: VoxelBox,
    /// In mm, of x, y, z.
    pub spacing: [f64; 3],
    pub inside: Vec<bool>,
    /// Intensities of all voxels of the box, normalised if asked.
    pub intensities: Vec<f64>,
}

impl RegionOfInterest {
    /// Intensities of the region's voxels, in order.
    pub fn values(&self) -> Vec<f64> {
        self.inside
            .iter()
            .zip(&self.intensities)
            .filter(|(inside, _)| **inside)
            .map(|(_, value)| *value)
            .collect()
    }
}

/// The image cropped to the region. Errors: grids of different sizes or places; NaN or infinite voxels in the region.
pub fn region_of_interest(
    image: &Volume,
    mask: &Mask,
    scale: Option<&IntensityScale>,
) -> Result<RegionOfInterest, ImagingError> {
    mask.check_same_grid(image)?;
    let mut intensities = image.window(mask.bounds)?;
    if let Some(scale) = scale {
        for value in &mut intensities {
            *value = scale.apply(*value);
        }
    }
    let region = RegionOfInterest {
        bounds: mask.bounds,
        spacing: mask.geometry.spacing,
        inside: mask.inside.clone(),
        intensities,
    };
    let bad = region
        .values()
        .iter()
        .filter(|value| !value.is_finite())
        .count();
    if bad > 0 {
        return Err(ImagingError::NotFinite { voxels: bad });
    }
    Ok(region)
}
