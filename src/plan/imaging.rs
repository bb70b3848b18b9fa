//! Images, regions and the features taken from them.

use serde::{Deserialize, Serialize};

/// `{patient}` in a path stands for the patient's key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Image {
    File {
        path: String,
    },
    /// Apparent diffusion coefficient, mono-exponential: (image, b-value in s/mm²), at least two.
    Adc {
        from: Vec<(String, f64)>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    pub path: String,
    /// The value of the voxels that belong to it; none is every voxel that is not 0.
    pub label: Option<u32>,
    /// The segment of a segmentation file, by name.
    pub segment: Option<String>,
    /// Resample onto the image's grid where they differ; otherwise that is an error.
    pub resample_to_image: bool,
}

/// Features of every patient, by extraction or ready in a file, and what is then done to them, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureTable {
    Extracted {
        extraction: FeatureExtraction,
        transforms: Vec<FeatureTransform>,
    },
    /// A file with a key column and one column a feature.
    File {
        file: String,
        key: String,
        /// Only the columns whose name starts with one of these; none is all but the key.
        columns: Vec<String>,
        transforms: Vec<FeatureTransform>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureExtraction {
    pub image: String,
    pub region: String,
    pub convention: Convention,
    /// Spacing in mm and interpolation.
    pub resample: Option<([f64; 3], Interpolation)>,
    pub normalize: Option<Normalization>,
    /// Keep only voxels of the region within this range of intensities.
    pub resegment_range: Option<(f64, f64)>,
    /// Keep only voxels of the region within so many standard deviations.
    pub resegment_sigma: Option<f64>,
    pub discretize: Discretization,
    pub filters: Vec<Filter>,
    pub classes: Classes,
    /// Deprecated features, asked for by name.
    pub also: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    Pyradiomics,
    Ibsi,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    Nearest,
    Linear,
    Bspline,
}

/// (x − mean) ÷ standard deviation × scale over the whole image; outliers beyond so many standard deviations are
/// brought to the limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normalization {
    pub scale: f64,
    pub remove_outliers: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discretization {
    BinWidth(f64),
    BinCount(usize),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    Original,
    LaplacianOfGaussian { sigma_mm: f64 },
    Wavelet { name: String },
}

/// Names of feature classes, in the order of the report: first_order, shape, shape_2d, glcm, glrlm, glszm, gldm, ngtdm.
pub type Classes = Vec<String>;

/// What is learned from the features of some patients and applied to all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureTransform {
    Combat {
        batch: String,
        covariates: Vec<String>,
        reference: Option<String>,
        fit_on: String,
    },
    ZScore {
        fit_on: String,
    },
}

/// Which features hold when the regions are read again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repeatability {
    pub features: String,
    pub rereads: Vec<Reread>,
    /// A feature stays whose coefficient is above this in every reread.
    pub minimum_icc: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reread {
    pub name: String,
    pub path: String,
    /// "two_way_mixed", "two_way_random" or "one_way_random".
    pub model: String,
    /// Absolute agreement rather than consistency.
    pub agreement: bool,
}
