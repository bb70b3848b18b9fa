//! From the plan's settings to the features of an image in one or more readings of a region.

use crate::imaging::{self, Interpolation, Mask, Volume};
use crate::plan::{self, Discretization, FeatureExtraction};
use crate::radiomics::{Levels, Region, classes};

/// Names and, for each reading, values. Faults name the reading, or none for the image.
pub(super) type Found = (Vec<String>, Vec<Vec<Option<f64>>>);
pub(super) type Faults = Vec<(Option<usize>, String)>;

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
        let (spacing, interpolation) = settings
            .resample
            .unwrap_or(([0.0; 3], plan::Interpolation::Bspline));
        let interpolation = match interpolation {
            plan::Interpolation::Nearest => Interpolation::Nearest,
            plan::Interpolation::Linear => Interpolation::Linear,
            plan::Interpolation::Bspline => Interpolation::Bspline,
        };
        let resampled = imaging::resample(
            image,
            mask,
            scale.as_ref(),
            spacing,
            interpolation,
            imaging::PADDING,
        )
        .and_then(|resampled| imaging::region_of_interest(&resampled.image, &resampled.mask, None));
        let region = match resampled {
            Ok(region) => Region {
                size: region.bounds.size,
                spacing: region.spacing,
                inside: region.inside,
                intensities: region.intensities,
            },
            Err(error) => {
                faults.push((Some(reading), error.to_string()));
                continue;
            }
        };
        let levels = match settings.discretize {
            Discretization::BinWidth(width) => region.levels_by_width(width),
            Discretization::BinCount(count) => region.levels_by_count(count),
        };
        match levels.and_then(|levels| of_region(&region, &levels)) {
            Ok(found) => {
                names = found.iter().map(|(name, _)| name.clone()).collect();
                values.push(
                    found
                        .into_iter()
                        .map(|(_, value)| value.is_finite().then_some(value))
                        .collect(),
                );
            }
            Err(error) => faults.push((Some(reading), format!("{error:?}"))),
        }
    }
    if faults.is_empty() {
        Ok((names, values))
    } else {
        Err(faults)
    }
}

fn of_region(
    region: &Region,
    levels: &Levels,
) -> Result<Vec<(String, f64)>, crate::radiomics::RegionError> {
    let mut found = Vec::new();
    let mut add = |class: &str, names: &[&str], values: &[f64]| {
        for (name, value) in names.iter().zip(values) {
            found.push((format!("original_{class}_{name}"), *value));
        }
    };
    add(
        "firstorder",
        &classes::FIRST_ORDER,
        &classes::first_order(region, levels, 0.0)?,
    );
    add("glrlm", &classes::GLRLM, &classes::glrlm(levels, false));
    add("glszm", &classes::GLSZM, &classes::glszm(levels, false));
    add(
        "ngtdm",
        &classes::NGTDM,
        &classes::ngtdm(levels, &[1], false),
    );
    Ok(found)
}
