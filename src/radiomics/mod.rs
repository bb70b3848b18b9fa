//! Radiomic features: from a region's voxels to numbers, one file a class, and from image and mask to named features.

mod aggregation;
mod catalogue;
mod convex_hull;
mod covariance;
mod diameters;
mod distribution;
mod eigen;
mod extract;
mod first_order;
mod glcm;
mod gldm;
mod gldzm;
mod glrlm;
mod glszm;
mod intensity_histogram;
mod intensity_statistics;
mod intensity_volume_histogram;
mod levels;
mod local_intensity;
mod marching_cubes;
#[cfg(test)]
mod matrices_tests;
mod mesh;
mod morphology;
mod ngtdm;
mod region;
mod settings;
mod shape;
mod shape_2d;
mod size_features;
mod spatial_autocorrelation;
mod zones;

pub use shape_2d::ShapeInPlaneError;

pub use aggregation::{Directions, Space, Weighting};
pub use catalogue::{Class, Feature, IbsiFeature};
pub use extract::{Extraction, ExtractionError, RegionSummary, extract, extract_all};
pub use levels::Levels;
pub use region::{Region, RegionError};
pub use settings::{Discretize, FeatureClass, Filter, Normalize, Resample, Settings};

/// Names and functions of the classes.
pub mod classes {
    pub use super::first_order::{FirstOrder, NAMES as FIRST_ORDER, first_order};
    pub use super::glcm::{Glcm, GlcmOptions, NAMES as GLCM, glcm};
    pub use super::gldm::{Gldm, NAMES as GLDM, gldm};
    pub use super::gldzm::{Gldzm, NAMES as GLDZM, gldzm};
    pub use super::glrlm::{Glrlm, NAMES as GLRLM, glrlm};
    pub use super::glszm::{Glszm, NAMES as GLSZM, glszm};
    pub use super::intensity_histogram::{
        IntensityHistogram, NAMES as INTENSITY_HISTOGRAM, intensity_histogram,
    };
    pub use super::intensity_statistics::{
        IntensityStatistics, NAMES as INTENSITY_STATISTICS, intensity_statistics,
    };
    pub use super::intensity_volume_histogram::{
        IntensityGrid, IntensityVolumeHistogram, NAMES as INTENSITY_VOLUME_HISTOGRAM,
        intensity_volume_histogram,
    };
    pub use super::local_intensity::{
        LocalIntensity, NAMES as LOCAL_INTENSITY, RADIUS as LOCAL_INTENSITY_RADIUS, local_intensity,
    };
    pub use super::morphology::{NAMES as MORPHOLOGY, morphology};
    pub use super::ngtdm::{NAMES as NGTDM, Ngtdm, ngtdm};
    pub use super::shape::{DEPRECATED as SHAPE_DEPRECATED, NAMES as SHAPE, shape};
    pub use super::shape_2d::{DEPRECATED as SHAPE_2D_DEPRECATED, NAMES as SHAPE_2D, shape_2d};
}
