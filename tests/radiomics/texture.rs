//! First-order and texture features of three cases against PyRadiomics 3.0.1, in every setting.

use std::path::{Path, PathBuf};

use prereg::imaging::{
    IntensityRange, IntensityScale, Interpolation, Mask, PADDING, RegionOfInterest, Volume,
    laplacian_of_gaussian, normalization, read_volume, region_of_interest, resample, resegment,
    wavelet,
};
use prereg::radiomics::classes::{
    FIRST_ORDER, GLCM, GLDM, GLRLM, GLSZM, GlcmOptions, NGTDM, first_order, glcm, gldm, glrlm,
    glszm, ngtdm,
};
use prereg::radiomics::{Directions, Levels, Region, Space, Weighting};
use serde_json::Value;

pub(super) fn reference_folder() -> Option<PathBuf> {
    let folder = PathBuf::from("../shared/reference/radiomics");
    if folder.exists() {
        Some(folder)
    } else {
        println!("skipped: {} is not there", folder.display());
        None
    }
}

pub(super) fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn region(found: RegionOfInterest) -> Region {
    Region {
        size: found.bounds.size,
        spacing: found.spacing,
        inside: found.inside,
        intensities: found.intensities,
    }
}

/// The region that PyRadiomics takes features from with these settings.
fn prepared(folder: &Path, case: &str, settings: &Value) -> Region {
    let (image, mask, scale) = prepared_image(folder, case, settings);
    region(region_of_interest(&image, &mask, scale.as_ref()).unwrap())
}

fn prepared_image(
    folder: &Path,
    case: &str,
    settings: &Value,
) -> (Volume, Mask, Option<IntensityScale>) {
    let read = |what: &str| read_volume(&folder.join(format!("cases/{case}_{what}.nrrd"))).unwrap();
    let mut image: Volume = read("image");
    let mut mask = Mask::from_labels(&read("label"), Some(1)).unwrap();
    let mut scale = settings["normalize"].as_bool().unwrap_or(false).then(|| {
        normalization(&image, settings["normalizeScale"].as_f64().unwrap(), None).unwrap()
    });
    if let Some(spacing) = settings["resampledPixelSpacing"].as_array() {
        let spacing = std::array::from_fn(|axis| spacing[axis].as_f64().unwrap());
        let interpolation = match settings["interpolator"].as_str().unwrap() {
            "sitkBSpline" => Interpolation::Bspline,
            "sitkLinear" => Interpolation::Linear,
            other => panic!("interpolator {other}"),
        };
        let found = resample(
            &image,
            &mask,
            scale.as_ref(),
            spacing,
            interpolation,
            PADDING,
        )
        .unwrap();
        (image, mask, scale) = (found.image, found.mask, None);
    }
    if let Some(range) = settings["resegmentRange"].as_array() {
        let lower = range[0].as_f64().unwrap();
        let upper = range.get(1).map(|upper| upper.as_f64().unwrap());
        let range = match settings["resegmentMode"].as_str() {
            Some("sigma") => IntensityRange::StandardDeviations { lower, upper },
            _ => IntensityRange::Absolute { lower, upper },
        };
        mask = resegment(&image, &mask, scale.as_ref(), range)
            .unwrap()
            .mask;
    }
    (image, mask, scale)
}

/// Class, name and value of all features.
fn features(region: &Region, settings: &Value) -> Vec<(&'static str, &'static str, f64)> {
    let levels: Levels = match settings["binCount"].as_u64() {
        Some(count) => region.levels_by_count(count as usize).unwrap(),
        None => region
            .levels_by_width(settings["binWidth"].as_f64().unwrap_or(25.0))
            .unwrap(),
    };
    let space = if settings["force2D"].as_bool().unwrap_or(false) {
        Space::Plane
    } else {
        Space::Volume
    };
    let levels =
        levels.sliced_along(2 - settings["force2Ddimension"].as_u64().unwrap_or(0) as usize);
    let directions = match settings["weightingNorm"].as_str() {
        None => Directions::Averaged,
        Some("no_weighting") => Directions::Merged(Weighting::Equal),
        Some("infinity") => Directions::Merged(Weighting::Infinity),
        Some("euclidean") => Directions::Merged(Weighting::Euclidean),
        Some("manhattan") => Directions::Merged(Weighting::Manhattan),
        Some(other) => panic!("weighting {other}"),
    };
    let distances: Vec<u32> = settings["distances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|distance| distance.as_u64().unwrap() as u32)
        .collect();
    let shift = settings["voxelArrayShift"].as_f64().unwrap_or(0.0);
    let alpha = settings["gldm_a"].as_u64().unwrap_or(0) as u16;
    let options = GlcmOptions {
        distances: distances.clone(),
        space,
        directions,
        symmetric: true,
    };
    let mut all = Vec::new();
    let mut add = |class, names: &[&'static str], values: &[f64]| {
        assert_eq!(names.len(), values.len());
        all.extend(names.iter().zip(values).map(|(n, v)| (class, *n, *v)));
    };
    let found = first_order(region, &levels, shift).unwrap();
    add("firstorder", &FIRST_ORDER, &found);
    add("glcm", &GLCM, &glcm(&levels, &options).unwrap());
    add("glrlm", &GLRLM, &glrlm(&levels, space, directions));
    add("glszm", &GLSZM, &glszm(&levels, space));
    add("gldm", &GLDM, &gldm(&levels, &distances, alpha, space));
    add("ngtdm", &NGTDM, &ngtdm(&levels, &distances, space));
    all
}

/// How many reference values were compared, and the largest relative deviation of all but MCC, and of MCC.
#[derive(Default)]
struct Tally {
    compared: usize,
    largest: (f64, String),
    largest_mcc: f64,
    failures: Vec<String>,
}

impl Tally {
    fn compare(&mut self, name: &str, found: f64, expected: f64, tolerance: f64) {
        self.compared += 1;
        let mcc = name.ends_with("MCC");
        let relative = if mcc { 1e-5 } else { tolerance };
        let difference = (found - expected).abs();
        if !(difference <= relative * expected.abs() + 1e-9) {
            self.failures
                .push(format!("{name}: {found} against {expected}"));
        }
        // A figure close to 0 is judged by its absolute difference.
        let relative = difference / expected.abs().max(1e-3);
        if mcc {
            self.largest_mcc = self.largest_mcc.max(relative);
        } else if relative > self.largest.0 {
            self.largest = (relative, name.to_owned());
        }
    }

    #[track_caller]
    fn finish(self, expected: usize) {
        println!(
            "{} figures, largest relative deviation {:e} ({}), of MCC {:e}",
            self.compared, self.largest.0, self.largest.1, self.largest_mcc
        );
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
        assert_eq!(self.compared, expected);
    }
}

const CASES: [&str; 3] = ["brain1", "breast1", "lung1"];

/// Compares every figure `PREFIX_CLASS_NAME` of a class that is computed here.
fn compare_file(
    tally: &mut Tally,
    case: &str,
    found: &[(&str, &str, f64)],
    reference: &Value,
    prefix: &str,
    tolerance: f64,
) {
    for (key, expected) in reference.as_object().unwrap() {
        let Some(rest) = key.strip_prefix(prefix).and_then(|k| k.strip_prefix('_')) else {
            continue;
        };
        let (class, name) = rest.split_once('_').unwrap();
        if class == "shape" {
            continue;
        }
        let value = found.iter().find(|(c, n, _)| *c == class && *n == name);
        let (_, _, value) = value.unwrap_or_else(|| panic!("no feature {key}"));
        tally.compare(
            &format!("{case} {key}"),
            *value,
            expected.as_f64().unwrap(),
            tolerance,
        );
    }
}

#[test]
fn every_setting_of_pyradiomics_agrees() {
    let Some(folder) = reference_folder() else {
        return;
    };
    let mut tally = Tally::default();
    for case in CASES {
        for setting in [
            "a_default",
            "b_study",
            "b_study_no_resampling",
            "b_study_shift300",
            "b_study_deprecated",
            "c_study_linear",
            "c_default_1mm_linear",
            "e_bincount32",
            "e_force2d",
            "e_gldm_a1_dist2",
            "e_resegment_sigma3",
        ] {
            let file = json(&folder.join(format!("pyradiomics/{case}.{setting}.json")));
            let found = features(
                &prepared(&folder, case, &file["settings"]),
                &file["settings"],
            );
            compare_file(
                &mut tally,
                &format!("{case} {setting}"),
                &found,
                &file["features"],
                "original",
                1e-9,
            );
        }
    }
    tally.finish(2364);
}

/// The authors' own figures, of older versions of theirs; their tests accept 3 %.
#[test]
fn the_baseline_of_pyradiomics_agrees() {
    let Some(folder) = reference_folder() else {
        return;
    };
    let mut tally = Tally::default();
    for case in CASES {
        let file = json(&folder.join(format!("pyradiomics/{case}.baseline.json")));
        for (setting, classes) in file["baseline"].as_object().unwrap() {
            for (class, block) in classes.as_object().unwrap() {
                if class == "shape" {
                    continue;
                }
                let found = features(
                    &prepared(&folder, case, &block["settings"]),
                    &block["settings"],
                );
                for (name, expected) in block["features"].as_object().unwrap() {
                    let name = name.rsplit('_').next().unwrap();
                    let (_, _, value) = found
                        .iter()
                        .find(|(c, n, _)| c == class && *n == name)
                        .unwrap_or_else(|| panic!("no feature {class} {name}"));
                    tally.compare(
                        &format!("{case} {setting} {class} {name}"),
                        *value,
                        expected.as_f64().unwrap(),
                        1e-9,
                    );
                }
            }
        }
    }
    tally.finish(1911);
}

/// First-order and GLCM of wavelet bands and of the Laplacian of a Gaussian.
#[test]
fn features_of_filtered_images_agree() {
    let Some(folder) = reference_folder() else {
        return;
    };
    let (mut bands, mut gaussians) = (Tally::default(), Tally::default());
    for case in CASES {
        for setting in ["d_native_filters", "d_study_filters"] {
            let file = json(&folder.join(format!("pyradiomics/{case}.{setting}.json")));
            let settings = &file["settings"];
            let (image, mask, scale) = prepared_image(&folder, case, settings);
            let of = |intensities: Vec<f64>| Region {
                size: mask.bounds.size,
                spacing: mask.geometry.spacing,
                inside: mask.inside.clone(),
                intensities,
            };
            let name = format!("{case} {setting}");
            for band in wavelet(&image, scale.as_ref(), mask.bounds).unwrap() {
                let found = features(&of(band.values), settings);
                let prefix = format!("wavelet-{}", band.name);
                compare_file(&mut bands, &name, &found, &file["features"], &prefix, 1e-9);
            }
            for (sigma, prefix) in [(1.0, "log-sigma-1-0-mm-3D"), (3.0, "log-sigma-3-0-mm-3D")] {
                let values =
                    laplacian_of_gaussian(&image, scale.as_ref(), sigma, mask.bounds).unwrap();
                let found = features(&of(values), settings);
                compare_file(
                    &mut gaussians,
                    &name,
                    &found,
                    &file["features"],
                    prefix,
                    1e-9,
                );
            }
        }
    }
    bands.finish(2016);
    gaussians.finish(504);
}
