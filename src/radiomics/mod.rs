//! Radiomic features: from a region's voxels to numbers, one file a class.

mod eigen;
mod first_order;
mod glcm;
mod gldm;
mod glrlm;
mod glszm;
mod ngtdm;
mod region;
mod size_features;

pub use region::{Levels, Region, RegionError};

/// Names and functions of the classes.
pub mod classes {
    pub use super::first_order::{NAMES as FIRST_ORDER, first_order};
    pub use super::glcm::{Glcm, GlcmOptions, NAMES as GLCM, glcm};
    pub use super::gldm::{NAMES as GLDM, gldm};
    pub use super::glrlm::{NAMES as GLRLM, glrlm};
    pub use super::glszm::{NAMES as GLSZM, glszm};
    pub use super::ngtdm::{NAMES as NGTDM, ngtdm};
}
