//! Radiomic features: from a region's voxels to numbers, one file a class, and from image and mask to named features.

mod catalogue;
mod diameters;
mod eigen;
mod extract;
mod first_order;
mod glcm;
mod gldm;
mod glrlm;
mod glszm;
mod marching_cubes;
mod ngtdm;
mod region;
mod settings;
mod shape;
mod shape_2d;
mod size_features;

pub use catalogue::{Deprecated, deprecated};
pub use extract::{Extraction, ExtractionError, RegionSummary, extract, extract_all};
pub use region::{Levels, Region, RegionError};
pub use settings::{Discretize, FeatureClass, Filter, Normalize, Resample, Settings};

/// Names and functions of the classes.
pub mod classes {
    pub use super::first_order::{NAMES as FIRST_ORDER, first_order};
    pub use super::glcm::{Glcm, GlcmOptions, NAMES as GLCM, glcm};
    pub use super::gldm::{NAMES as GLDM, gldm};
    pub use super::glrlm::{NAMES as GLRLM, glrlm};
    pub use super::glszm::{NAMES as GLSZM, glszm};
    pub use super::ngtdm::{NAMES as NGTDM, ngtdm};
    pub use super::shape::{NAMES as SHAPE, shape};
    pub use super::shape_2d::{NAMES as SHAPE_2D, shape_2d};
}
