//! Features of a region of an image, by the conventions of PyRadiomics 3.0.1.
//!
//! In order: normalise, resample and crop, resegment, shape, filter, crop to the region, features. Filters see the crop of
//! the resampled image (the region and its padding), or the whole image if it is not resampled. Names are
//! `FILTER_CLASS_Feature`.

use crate::imaging::{
    ImagingError, IntensityScale, Mask, Volume, laplacian_of_gaussian, normalization,
    region_of_interest, resample, resegment, wavelet,
};

use super::catalogue::{Deprecated, deprecated};
use super::first_order::{self, first_order};
use super::glcm::{self, GlcmOptions, glcm};
use super::region::{Levels, Region, RegionError};
use super::settings::{Discretize, FeatureClass, Filter, Settings};
use super::{gldm, glrlm, glszm, ngtdm, shape, shape_2d};

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Extraction {
    /// Names and values in the order of filters and classes. A value that does not exist is not a number.
    pub features: Vec<(String, f64)>,
    pub region: RegionSummary,
}

/// The region that features were taken from, after resampling and resegmentation.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RegionSummary {
    pub voxels: usize,
    /// Of the box around it.
    pub size: [usize; 3],
    pub spacing: [f64; 3],
    /// mm³.
    pub volume: f64,
    /// Levels of the unfiltered image: the highest.
    pub levels: Option<usize>,
    /// Voxels that left the region by resegmentation.
    pub resegmented: usize,
}

/// Why there are no features.
#[derive(Clone, Debug, PartialEq)]
pub enum ExtractionError {
    /// Of the whole image, whatever the region.
    Image(ImagingError),
    Imaging(ImagingError),
    Region {
        /// The image: `original`, `wavelet-LLH`.
        image: String,
        error: RegionError,
    },
    /// Fewer axes than asked for have more than one voxel.
    TooFlat {
        size: [usize; 3],
        least: usize,
    },
    TooSmall {
        voxels: usize,
        least: usize,
    },
    /// A feature asked for by name.
    UnknownFeature {
        name: String,
    },
}

impl From<ImagingError> for ExtractionError {
    fn from(error: ImagingError) -> Self {
        Self::Imaging(error)
    }
}

impl std::fmt::Display for ExtractionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Image(error) | Self::Imaging(error) => error.fmt(f),
            Self::Region { image, error } if image == "original" => error.fmt(f),
            Self::Region { image, error } => write!(f, "image {image}: {error}"),
            Self::TooFlat { size, least } => write!(
                f,
                "the region is {} x {} x {} voxels: it needs more than one along at least {least} axes",
                size[0], size[1], size[2]
            ),
            Self::TooSmall { voxels, least } => write!(
                f,
                "the region has {voxels} voxels: the settings ask for more than {least}"
            ),
            Self::UnknownFeature { name } => write!(
                f,
                "there is no feature `{name}`: write class and name, as `glcm_Dissimilarity`"
            ),
        }
    }
}

impl std::error::Error for ExtractionError {}

/// The features of one region.
pub fn extract(
    image: &Volume,
    mask: &Mask,
    settings: &Settings,
) -> Result<Extraction, ExtractionError> {
    let scale = scale(image, settings)?;
    of_region(image, mask, scale.as_ref(), settings)
}

/// The features of several regions of one image: what is learned from the image is learned once.
pub fn extract_all(
    image: &Volume,
    masks: &[&Mask],
    settings: &Settings,
) -> Vec<Result<Extraction, ExtractionError>> {
    match scale(image, settings) {
        Ok(scale) => masks
            .iter()
            .map(|mask| of_region(image, mask, scale.as_ref(), settings))
            .collect(),
        Err(error) => masks.iter().map(|_| Err(error.clone())).collect(),
    }
}

fn scale(image: &Volume, settings: &Settings) -> Result<Option<IntensityScale>, ExtractionError> {
    Ok(match &settings.normalize {
        Some(normalize) => Some(
            normalization(image, normalize.scale, normalize.remove_outliers)
                .map_err(ExtractionError::Image)?,
        ),
        None => None,
    })
}

fn of_region(
    image: &Volume,
    mask: &Mask,
    scale: Option<&IntensityScale>,
    settings: &Settings,
) -> Result<Extraction, ExtractionError> {
    for name in settings.also.iter().chain(&settings.only) {
        if !known(name) {
            return Err(ExtractionError::UnknownFeature { name: name.clone() });
        }
    }
    let resampled = match &settings.resample {
        Some(wanted) => Some(resample(
            image,
            mask,
            scale,
            wanted.spacing,
            wanted.interpolation,
            settings.pad_distance,
        )?),
        None => None,
    };
    let (image, whole, scale) = match &resampled {
        Some(resampled) => (&resampled.image, &resampled.mask, None),
        None => (image, mask, scale),
    };
    check(whole, settings)?;
    let mut inner = whole.clone();
    let mut removed = 0;
    for range in &settings.resegment {
        let cut = resegment(image, &inner, scale, *range)?;
        removed += cut.removed;
        inner = cut.mask;
    }
    let inner = &inner;
    check(inner, settings)?;

    let mut features = Vec::new();
    let mut levels_of_original = None;
    let region = region_of_interest(image, inner, scale)?;
    let summary = |levels| RegionSummary {
        voxels: inner.count(),
        size: region.bounds.size,
        spacing: region.spacing,
        volume: inner.count() as f64 * region.spacing.iter().product::<f64>(),
        levels,
        resegmented: removed,
    };
    if settings.filters.contains(&Filter::Original) {
        shapes(inner, settings, &mut features)?;
    }
    for (name, values) in images(image, inner, scale, &region.intensities, &settings.filters)? {
        let region = Region {
            size: region.bounds.size,
            spacing: region.spacing,
            inside: region.inside.clone(),
            intensities: values,
        };
        let found = textures(&name, region, settings, &mut features).map_err(|error| {
            ExtractionError::Region {
                image: name.clone(),
                error,
            }
        })?;
        if name == "original" {
            levels_of_original = found;
        }
    }
    Ok(Extraction {
        features,
        region: summary(levels_of_original),
    })
}

/// Is the region large enough for the settings?
fn check(mask: &Mask, settings: &Settings) -> Result<(), ExtractionError> {
    let size = mask.bounds.size;
    if size.iter().filter(|n| **n > 1).count() < settings.minimum_dimensions {
        return Err(ExtractionError::TooFlat {
            size,
            least: settings.minimum_dimensions,
        });
    }
    match settings.minimum_voxels {
        Some(least) if mask.count() <= least => Err(ExtractionError::TooSmall {
            voxels: mask.count(),
            least,
        }),
        _ => Ok(()),
    }
}

/// The images that features are taken of: names and the voxels of the region's box.
fn images(
    image: &Volume,
    mask: &Mask,
    scale: Option<&IntensityScale>,
    original: &[f64],
    filters: &[Filter],
) -> Result<Vec<(String, Vec<f64>)>, ExtractionError> {
    let mut images = Vec::new();
    for filter in filters {
        match filter {
            Filter::Original => images.push(("original".to_owned(), original.to_vec())),
            Filter::LaplacianOfGaussian { sigma_mm } => images.push((
                format!(
                    "log-sigma-{}-mm-3D",
                    format!("{sigma_mm:?}").replace('.', "-")
                ),
                laplacian_of_gaussian(image, scale, *sigma_mm, mask.bounds)?,
            )),
            Filter::Wavelet => images.extend(
                wavelet(image, scale, mask.bounds)?
                    .into_iter()
                    .map(|band| (format!("wavelet-{}", band.name), band.values)),
            ),
        }
    }
    Ok(images)
}

/// Does a feature of this name exist?
fn known(name: &str) -> bool {
    let (class, feature) = name.split_once('_').unwrap_or((name, ""));
    deprecated(name).is_some()
        || match class {
            "firstorder" => first_order::NAMES.contains(&feature),
            "shape" => shape::NAMES.contains(&feature),
            "shape2D" => shape_2d::NAMES.contains(&feature),
            "glcm" => glcm::NAMES.contains(&feature),
            "glrlm" => glrlm::NAMES.contains(&feature),
            "glszm" => glszm::NAMES.contains(&feature),
            "gldm" => gldm::NAMES.contains(&feature),
            "ngtdm" => ngtdm::NAMES.contains(&feature),
            _ => false,
        }
}

/// Takes the features of a class that the settings want.
struct Taker<'a> {
    image: &'a str,
    settings: &'a Settings,
    features: &'a mut Vec<(String, f64)>,
}

impl Taker<'_> {
    fn take(&mut self, class: FeatureClass, names: &[&str], values: &[f64]) {
        let class = class.name();
        for (name, value) in names.iter().zip(values) {
            let short = format!("{class}_{name}");
            let off = deprecated(&short).is_some();
            let listed = |list: &[String]| list.contains(&short);
            let wanted = if off {
                listed(&self.settings.also) || listed(&self.settings.only)
            } else {
                self.settings.only.is_empty()
                    || self.of_whole_class(class)
                    || listed(&self.settings.only)
            };
            if wanted {
                self.features
                    .push((format!("{}_{short}", self.image), *value));
            }
        }
        // Features that are another's under an old name.
        for name in self.settings.also.iter().chain(&self.settings.only) {
            if let Some(Deprecated::SameAs(other)) = deprecated(name)
                && name.split_once('_').is_some_and(|(of, _)| of == class)
                && let Some((_, feature)) = other.split_once('_')
                && other.starts_with(class)
                && let Some(index) = names.iter().position(|known| *known == feature)
            {
                self.features
                    .push((format!("{}_{name}", self.image), values[index]));
            }
        }
    }

    /// `only` names single features; a class of which it names none is taken whole.
    fn of_whole_class(&self, class: &str) -> bool {
        !self
            .settings
            .only
            .iter()
            .any(|name| name.split_once('_').is_some_and(|(of, _)| of == class))
    }
}

fn shapes(
    mask: &Mask,
    settings: &Settings,
    features: &mut Vec<(String, f64)>,
) -> Result<(), ExtractionError> {
    let mut taker = Taker {
        image: "original",
        settings,
        features,
    };
    for class in &settings.classes {
        match class {
            FeatureClass::Shape => {
                let values = shape::shape(mask.bounds.size, mask.geometry.spacing, &mask.inside);
                taker.take(*class, &shape::NAMES, &values);
            }
            FeatureClass::Shape2d => {
                let values = shape_2d::shape_2d(
                    mask.bounds.size,
                    mask.geometry.spacing,
                    &mask.inside,
                    settings.in_plane_across,
                )
                .map_err(|error| ExtractionError::Region {
                    image: "original".to_owned(),
                    error,
                })?;
                taker.take(*class, &shape_2d::NAMES, &values);
            }
            _ => {}
        }
    }
    Ok(())
}

/// All classes but shape; returns the highest level if any class needed levels.
fn textures(
    image: &str,
    region: Region,
    settings: &Settings,
    features: &mut Vec<(String, f64)>,
) -> Result<Option<usize>, RegionError> {
    let needs_levels = settings
        .classes
        .iter()
        .any(|class| !matches!(class, FeatureClass::Shape | FeatureClass::Shape2d));
    if !needs_levels {
        return Ok(None);
    }
    let levels = match settings.discretize {
        Discretize::BinWidth(width) => region.levels_by_width(width)?,
        Discretize::BinCount(count) => region.levels_by_count(count)?,
    };
    let across = match settings.in_plane_across {
        Some(axis @ (0 | 1)) => Some(levels.with_axis_last(axis)),
        _ => None,
    };
    let in_plane = settings.in_plane_across.is_some();
    let planes: &Levels = across.as_ref().unwrap_or(&levels);
    let mut taker = Taker {
        image,
        settings,
        features,
    };
    for class in &settings.classes {
        match class {
            FeatureClass::FirstOrder => {
                let values = first_order(&region, &levels, settings.voxel_array_shift)?;
                taker.take(*class, &first_order::NAMES, &values);
            }
            FeatureClass::Glcm => {
                let options = GlcmOptions {
                    distances: settings.distances.clone(),
                    in_plane,
                    symmetric: settings.symmetrical_glcm,
                };
                let values = glcm(planes, &options).unwrap_or([f64::NAN; glcm::NAMES.len()]);
                taker.take(*class, &glcm::NAMES, &values);
            }
            FeatureClass::Glrlm => {
                taker.take(*class, &glrlm::NAMES, &glrlm::glrlm(planes, in_plane));
            }
            FeatureClass::Glszm => {
                taker.take(*class, &glszm::NAMES, &glszm::glszm(planes, in_plane));
            }
            FeatureClass::Gldm => {
                let values = gldm::gldm(planes, &settings.distances, settings.gldm_alpha, in_plane);
                taker.take(*class, &gldm::NAMES, &values);
            }
            FeatureClass::Ngtdm => {
                let values = ngtdm::ngtdm(planes, &settings.distances, in_plane);
                taker.take(*class, &ngtdm::NAMES, &values);
            }
            FeatureClass::Shape | FeatureClass::Shape2d => {}
        }
    }
    Ok(Some(levels.highest()))
}
