//! From the plan's settings to the features of an image in one or more readings of a region. The image's normalisation is
//! found once for all readings.

use crate::imaging::{self, IntensityRange, IntensityScale, Interpolation, Mask, Volume};
use crate::plan::{self, Convention, Discretization, FeatureExtraction, Filter};
use crate::radiomics::classes::{self, GlcmOptions};
use crate::radiomics::{Levels, Region};

/// Names and, for each reading, values: none where a feature is not defined.
pub(super) type Found = (Vec<String>, Vec<Vec<Option<f64>>>);
/// What was wrong, with the reading that it was wrong with; none is the image.
pub(super) type Faults = Vec<(Option<usize>, String)>;

/// What the settings ask for that is not extracted.
pub(super) fn unknown(settings: &FeatureExtraction) -> Vec<String> {
    let mut unknown = Vec::new();
    if settings.convention == Convention::Ibsi {
        unknown.push("convention ibsi".to_owned());
    }
    let classes = settings
        .classes
        .iter()
        .filter(|class| class.starts_with("shape"));
    unknown.extend(classes.map(|class| format!("class {class}")));
    if settings
        .filters
        .iter()
        .any(|filter| *filter != Filter::Original)
    {
        unknown.push("filters".to_owned());
    }
    unknown.extend(settings.also.iter().map(|name| format!("feature {name}")));
    unknown
}

/// The features of an image in each of these regions.
pub(super) fn extract(
    image: &Volume,
    readings: &[&Mask],
    settings: &FeatureExtraction,
) -> Result<Found, Faults> {
    let scale = match &settings.normalize {
        Some(normalize) => Some(
            imaging::normalization(image, normalize.scale, normalize.remove_outliers)
                .map_err(|error| vec![(None, error.to_string())])?,
        ),
        None => None,
    };
    let mut names = Vec::new();
    let mut values = Vec::new();
    let mut faults = Vec::new();
    for (reading, mask) in readings.iter().enumerate() {
        match of_reading(image, mask, scale.as_ref(), settings) {
            Ok(found) => {
                names = found.iter().map(|(name, _)| name.clone()).collect();
                let defined = |(_, value): (String, f64)| value.is_finite().then_some(value);
                values.push(found.into_iter().map(defined).collect());
            }
            Err(problem) => faults.push((Some(reading), problem)),
        }
    }
    if faults.is_empty() {
        Ok((names, values))
    } else {
        Err(faults)
    }
}

fn of_reading(
    image: &Volume,
    mask: &Mask,
    scale: Option<&IntensityScale>,
    settings: &FeatureExtraction,
) -> Result<Vec<(String, f64)>, String> {
    let (spacing, interpolation) = settings
        .resample
        .unwrap_or(([0.0; 3], plan::Interpolation::Nearest));
    let interpolation = match interpolation {
        plan::Interpolation::Nearest => Interpolation::Nearest,
        plan::Interpolation::Linear => Interpolation::Linear,
        plan::Interpolation::Bspline => Interpolation::Bspline,
    };
    let said = |error: imaging::ImagingError| error.to_string();
    let resampled =
        imaging::resample(image, mask, scale, spacing, interpolation, 0).map_err(said)?;
    let mut mask = resampled.mask;
    let sigma = settings
        .resegment_sigma
        .map(|sigma| IntensityRange::StandardDeviations {
            lower: -sigma,
            upper: Some(sigma),
        });
    let absolute = settings
        .resegment_range
        .map(|(lower, upper)| IntensityRange::Absolute {
            lower,
            upper: Some(upper),
        });
    for range in absolute.into_iter().chain(sigma) {
        mask = imaging::resegment(&resampled.image, &mask, None, range)
            .map_err(said)?
            .mask;
    }
    let found = imaging::region_of_interest(&resampled.image, &mask, None).map_err(said)?;
    let region = Region {
        size: found.bounds.size,
        spacing: found.spacing,
        inside: found.inside,
        intensities: found.intensities,
    };
    let levels = match settings.discretize {
        Discretization::BinWidth(width) => region.levels_by_width(width),
        Discretization::BinCount(count) => region.levels_by_count(count),
    };
    let levels =
        levels.map_err(|error| format!("the region cannot be sorted into levels: {error:?}"))?;
    of_region(&region, &levels, settings)
}

fn of_region(
    region: &Region,
    levels: &Levels,
    settings: &FeatureExtraction,
) -> Result<Vec<(String, f64)>, String> {
    let mut found = Vec::new();
    let mut add = |class: &str, names: &[&str], values: &[f64]| {
        for (name, value) in names.iter().zip(values) {
            found.push((format!("original_{class}_{name}"), *value));
        }
    };
    for class in &settings.classes {
        match class.as_str() {
            "first_order" => {
                let values = classes::first_order(region, levels, 0.0).map_err(|error| {
                    format!("the region has no first-order features: {error:?}")
                })?;
                add("firstorder", &classes::FIRST_ORDER, &values);
            }
            "glcm" => {
                let options = GlcmOptions {
                    distances: vec![1],
                    in_plane: false,
                    symmetric: true,
                };
                let values =
                    classes::glcm(levels, &options).unwrap_or([f64::NAN; classes::GLCM.len()]);
                add("glcm", &classes::GLCM, &values);
            }
            "glrlm" => add("glrlm", &classes::GLRLM, &classes::glrlm(levels, false)),
            "glszm" => add("glszm", &classes::GLSZM, &classes::glszm(levels, false)),
            "gldm" => add(
                "gldm",
                &classes::GLDM,
                &classes::gldm(levels, &[1], 0, false),
            ),
            "ngtdm" => add(
                "ngtdm",
                &classes::NGTDM,
                &classes::ngtdm(levels, &[1], false),
            ),
            _ => {}
        }
    }
    Ok(found)
}
