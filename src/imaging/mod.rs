//! Images: reading NIfTI and NRRD, grids, derived maps, what is done to an image and its region before features are
//! taken (as PyRadiomics does it and as IBSI defines it), and filters.

mod adc;
mod components;
mod error;
mod geometry;
mod ibsi;
mod interpolate;
mod laplacian_of_gaussian;
mod mask;
mod nifti;
mod nifti_axes;
mod nifti_write;
mod normalize;
mod nrrd;
mod nrrd_header;
mod read;
mod region_of_interest;
mod resample;
mod resegment;
mod rows;
mod segmentation;
mod volume;
mod voxel_stream;
mod voxels;
mod wavelet;

pub use adc::{AdcCounts, AdcMap, adc};
pub use components::largest_component;
pub use error::{Format, ImagingError, ReadError};
pub use geometry::{Geometry, GeometryDifference, SAME_GRID, VoxelBox};
pub use ibsi::{IbsiInterpolation, ibsi_interpolate};
pub use interpolate::Interpolation;
pub use laplacian_of_gaussian::laplacian_of_gaussian;
pub use mask::Mask;
pub use nifti_write::{NiftiNumber, mask_volume, nifti_bytes, nifti_gz_bytes};
pub use normalize::{IntensityScale, Moments, moments, normalization, normalized};
pub use read::{
    LabelVolume, detached_data_file, labels_from_bytes, read_labels, read_volume, volume_from_bytes,
};
pub use region_of_interest::{RegionOfInterest, region_of_interest};
pub use resample::{PADDING, Resampled, resample};
pub use resegment::{IntensityRange, Resegmented, resegment};
pub use volume::Volume;
pub use voxels::{PixelType, Voxels};
pub use wavelet::{Subband, wavelet};
