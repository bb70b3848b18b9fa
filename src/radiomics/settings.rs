//! How features are taken: what is done to image and region first, which images, which classes.

use serde::{Deserialize, Serialize};

use crate::imaging::{IntensityRange, Interpolation};

/// Settings of an extraction. The default is that of PyRadiomics 3.0.1: 107 features of the image as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub normalize: Option<Normalize>,
    pub resample: Option<Resample>,
    /// Voxels around the region that are resampled too, for the filters.
    pub pad_distance: usize,
    /// Voxels outside of these ranges leave the region, one range after the other.
    pub resegment: Vec<IntensityRange>,
    pub discretize: Discretize,
    /// The images that features are taken of, in order.
    pub filters: Vec<Filter>,
    /// In order; shape features are only of the unfiltered image.
    pub classes: Vec<FeatureClass>,
    /// Features that are off by default, as `glcm_Dissimilarity`.
    pub also: Vec<String>,
    /// If not empty, only these features (`glcm_Contrast`) of the classes.
    pub only: Vec<String>,
    /// Added to intensities for Energy, TotalEnergy and RootMeanSquared.
    pub voxel_array_shift: f64,
    /// Neighbours within a plane only: the axis (0 = x, 1 = y, 2 = z) across it.
    pub in_plane_across: Option<usize>,
    /// Distances of neighbours in voxels (GLCM, GLDM, NGTDM).
    pub distances: Vec<u32>,
    pub symmetrical_glcm: bool,
    /// Voxels whose levels differ by at most this are dependent (GLDM).
    pub gldm_alpha: u16,
    /// The least number of axes along which a region must have more than one voxel.
    pub minimum_dimensions: usize,
    /// The least number of voxels of a region.
    pub minimum_voxels: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalize {
    pub scale: f64,
    /// Values beyond so many standard deviations are brought to that limit.
    pub remove_outliers: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resample {
    /// In mm, of x, y, z; 0 keeps the spacing of the image.
    pub spacing: [f64; 3],
    pub interpolation: Interpolation,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discretize {
    BinWidth(f64),
    BinCount(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    Original,
    LaplacianOfGaussian {
        sigma_mm: f64,
    },
    /// The eight bands of the stationary transform, coif1, one level.
    Wavelet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureClass {
    FirstOrder,
    Shape,
    #[serde(rename = "shape_2d")]
    Shape2d,
    Glcm,
    Glrlm,
    Glszm,
    Gldm,
    Ngtdm,
}

impl FeatureClass {
    /// All that PyRadiomics takes by default.
    pub const DEFAULT: [Self; 7] = [
        Self::FirstOrder,
        Self::Shape,
        Self::Glcm,
        Self::Glrlm,
        Self::Glszm,
        Self::Gldm,
        Self::Ngtdm,
    ];

    /// As it stands in the names of features.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstOrder => "firstorder",
            Self::Shape => "shape",
            Self::Shape2d => "shape2D",
            Self::Glcm => "glcm",
            Self::Glrlm => "glrlm",
            Self::Glszm => "glszm",
            Self::Gldm => "gldm",
            Self::Ngtdm => "ngtdm",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            normalize: None,
            resample: None,
            pad_distance: crate::imaging::PADDING,
            resegment: Vec::new(),
            discretize: Discretize::BinWidth(25.0),
            filters: vec![Filter::Original],
            classes: FeatureClass::DEFAULT.to_vec(),
            also: Vec::new(),
            only: Vec::new(),
            voxel_array_shift: 0.0,
            in_plane_across: None,
            distances: vec![1],
            symmetrical_glcm: true,
            gldm_alpha: 0,
            minimum_dimensions: 2,
            minimum_voxels: None,
        }
    }
}
