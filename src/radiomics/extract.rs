//! Features of a region of an image, by the conventions of PyRadiomics 3.0.1.
//!
//! In order: normalise, resample and crop, resegment, shape, filter, crop to the region, features. Filters see the crop of
//! the resampled image (the region and its padding), or the whole image if it is not resampled. Names are
//! `FILTER_CLASS_Feature`.

use crate::imaging::{
    ImagingError, IntensityScale, Mask, Volume, laplacian_of_gaussian, normalization,
    region_of_interest, resample, resegment, wavelet,
};

use super::aggregation::{Directions, Space};
use super::catalogue::Class;
use super::first_order::{self, first_order};
use super::glcm::{self, GlcmOptions, glcm};
use super::levels::Levels;
use super::region::{Region, RegionError};
use super::settings::{Discretize, FeatureClass, Filter, Settings};
use super::shape_2d::ShapeInPlaneError;
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
    ShapeInPlane(ShapeInPlaneError),
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
            Self::ShapeInPlane(error) => error.fmt(f),
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
    let found = region_of_interest(image, inner, scale)?;
    let region = Region {
        size: found.bounds.size,
        spacing: found.spacing,
        inside: found.inside,
        intensities: found.intensities,
    };
    let summary = |levels| RegionSummary {
        voxels: inner.count(),
        size: region.size,
        spacing: region.spacing,
        volume: inner.count() as f64 * region.spacing.iter().product::<f64>(),
        levels,
        resegmented: removed,
    };
    if settings.filters.contains(&Filter::Original) {
        shapes(&region, settings, &mut features)?;
    }
    for (name, values) in images(image, inner, scale, &region.intensities, &settings.filters)? {
        let region = Region {
            size: region.size,
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

/// The names of a class's features, and those of them that are off by default.
fn names(class: FeatureClass) -> (&'static [&'static str], Vec<&'static str>) {
    let textures = |names: &'static [&'static str], class: Class| {
        let off = class
            .features()
            .iter()
            .filter(|feature| !feature.by_default);
        (names, off.map(|feature| feature.name).collect())
    };
    match class {
        FeatureClass::FirstOrder => textures(&first_order::NAMES, Class::FirstOrder),
        FeatureClass::Shape => (&shape::NAMES, shape::DEPRECATED.to_vec()),
        FeatureClass::Shape2d => (&shape_2d::NAMES, shape_2d::DEPRECATED.to_vec()),
        FeatureClass::Glcm => textures(&glcm::NAMES, Class::Glcm),
        FeatureClass::Glrlm => textures(&glrlm::NAMES, Class::Glrlm),
        FeatureClass::Glszm => textures(&glszm::NAMES, Class::Glszm),
        FeatureClass::Gldm => textures(&gldm::NAMES, Class::Gldm),
        FeatureClass::Ngtdm => textures(&ngtdm::NAMES, Class::Ngtdm),
    }
}

/// Does a feature of this name exist?
fn known(name: &str) -> bool {
    let classes = FeatureClass::DEFAULT
        .into_iter()
        .chain([FeatureClass::Shape2d]);
    name.split_once('_').is_some_and(|(class, feature)| {
        classes
            .filter(|known| known.name() == class)
            .any(|known| names(known).0.contains(&feature))
    })
}

/// Takes the features of a class that the settings want.
struct Taker<'a> {
    image: &'a str,
    settings: &'a Settings,
    features: &'a mut Vec<(String, f64)>,
}

impl Taker<'_> {
    fn take(&mut self, class: FeatureClass, values: &[f64]) {
        let (names, off) = names(class);
        let class = class.name();
        for (name, value) in names.iter().zip(values) {
            let short = format!("{class}_{name}");
            let listed = |list: &[String]| list.contains(&short);
            let asked = listed(&self.settings.also) || listed(&self.settings.only);
            let on = !off.contains(name) && self.of_whole_class(class);
            if on || asked {
                self.features
                    .push((format!("{}_{short}", self.image), *value));
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
    region: &Region,
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
                let values = shape::shape(region).map_err(|error| ExtractionError::Region {
                    image: "original".to_owned(),
                    error,
                })?;
                taker.take(*class, &values);
            }
            FeatureClass::Shape2d => {
                let across = settings.in_plane_across.unwrap_or(2);
                let values =
                    shape_2d::shape_2d(region, across).map_err(ExtractionError::ShapeInPlane)?;
                taker.take(*class, &values);
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
        Some(axis @ (0 | 1)) => Some(levels.sliced_along(axis)),
        _ => None,
    };
    let space = match settings.in_plane_across {
        Some(_) => Space::Plane,
        None => Space::Volume,
    };
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
                taker.take(*class, &values);
            }
            FeatureClass::Glcm => {
                let options = GlcmOptions {
                    distances: settings.distances.clone(),
                    space,
                    directions: Directions::Averaged,
                    symmetric: settings.symmetrical_glcm,
                };
                let values = glcm(planes, &options).unwrap_or([f64::NAN; glcm::NAMES.len()]);
                taker.take(*class, &values);
            }
            FeatureClass::Glrlm => {
                taker.take(*class, &glrlm::glrlm(planes, space, Directions::Averaged));
            }
            FeatureClass::Glszm => {
                taker.take(*class, &glszm::glszm(planes, space));
            }
            FeatureClass::Gldm => {
                let values = gldm::gldm(planes, &settings.distances, settings.gldm_alpha, space);
                taker.take(*class, &values);
            }
            FeatureClass::Ngtdm => {
                let values = ngtdm::ngtdm(planes, &settings.distances, space);
                taker.take(*class, &values);
            }
            FeatureClass::Shape | FeatureClass::Shape2d => {}
        }
    }
    Ok(Some(usize::from(levels.highest())))
}
