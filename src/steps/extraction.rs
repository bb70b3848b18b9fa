//! From the plan's settings to the features of an image in one or more readings of a region.

use crate::imaging::{IntensityRange, Interpolation, Mask, Volume};
use crate::plan::{self, Convention, Discretization, FeatureExtraction};
use crate::radiomics::{
    self, Discretize, ExtractionError, FeatureClass, Normalize, Resample, Settings,
};

/// Names and, for each reading, values: none where a feature is not defined.
pub(super) type Found = (Vec<String>, Vec<Vec<Option<f64>>>);
/// What was wrong, with the reading that it was wrong with.
pub(super) type Faults = Vec<(Option<usize>, String)>;

/// What the settings ask for that is not extracted.
pub(super) fn unknown(settings: &FeatureExtraction) -> Vec<String> {
    match settings.convention {
        Convention::Pyradiomics => Vec::new(),
        Convention::Ibsi => vec!["convention ibsi".to_owned()],
    }
}

/// The features of an image in each of these regions.
pub(super) fn extract(
    image: &Volume,
    readings: &[&Mask],
    settings: &FeatureExtraction,
) -> Result<Found, Faults> {
    let settings = of_plan(settings);
    let mut names = Vec::new();
    let mut values = Vec::new();
    let mut faults = Vec::new();
    for (reading, found) in radiomics::extract_all(image, readings, &settings)
        .into_iter()
        .enumerate()
    {
        match found {
            Ok(found) => {
                names = found
                    .features
                    .iter()
                    .map(|(name, _)| name.clone())
                    .collect();
                let defined = |(_, value): (String, f64)| value.is_finite().then_some(value);
                values.push(found.features.into_iter().map(defined).collect());
            }
            // What is wrong with the image is wrong with every reading: once is enough.
            Err(ExtractionError::Image(error)) => return Err(vec![(None, error.to_string())]),
            Err(error) => faults.push((Some(reading), error.to_string())),
        }
    }
    if faults.is_empty() {
        Ok((names, values))
    } else {
        Err(faults)
    }
}

fn of_plan(plan: &FeatureExtraction) -> Settings {
    let absolute = plan
        .resegment_range
        .map(|(lower, upper)| IntensityRange::Absolute {
            lower,
            upper: Some(upper),
        });
    let sigma = plan
        .resegment_sigma
        .map(|sigma| IntensityRange::StandardDeviations {
            lower: -sigma,
            upper: Some(sigma),
        });
    Settings {
        normalize: plan.normalize.as_ref().map(|normalize| Normalize {
            scale: normalize.scale,
            remove_outliers: normalize.remove_outliers,
        }),
        resample: plan.resample.map(|(spacing, interpolation)| Resample {
            spacing,
            interpolation: match interpolation {
                plan::Interpolation::Nearest => Interpolation::Nearest,
                plan::Interpolation::Linear => Interpolation::Linear,
                plan::Interpolation::Bspline => Interpolation::Bspline,
            },
        }),
        resegment: absolute.into_iter().chain(sigma).collect(),
        discretize: match plan.discretize {
            Discretization::BinWidth(width) => Discretize::BinWidth(width),
            Discretization::BinCount(count) => Discretize::BinCount(count),
        },
        filters: plan
            .filters
            .iter()
            .map(|filter| match filter {
                plan::Filter::Original => radiomics::Filter::Original,
                plan::Filter::LaplacianOfGaussian { sigma_mm } => {
                    radiomics::Filter::LaplacianOfGaussian {
                        sigma_mm: *sigma_mm,
                    }
                }
                plan::Filter::Wavelet { .. } => radiomics::Filter::Wavelet,
            })
            .collect(),
        classes: plan
            .classes
            .iter()
            .filter_map(|class| feature_class(class))
            .collect(),
        also: plan.also.clone(),
        // A study says which regions are too small by its cohort, not here.
        minimum_dimensions: 1,
        ..Settings::default()
    }
}

fn feature_class(name: &str) -> Option<FeatureClass> {
    Some(match name {
        "first_order" => FeatureClass::FirstOrder,
        "shape" => FeatureClass::Shape,
        "shape_2d" => FeatureClass::Shape2d,
        "glcm" => FeatureClass::Glcm,
        "glrlm" => FeatureClass::Glrlm,
        "glszm" => FeatureClass::Glszm,
        "gldm" => FeatureClass::Gldm,
        "ngtdm" => FeatureClass::Ngtdm,
        _ => return None,
    })
}
