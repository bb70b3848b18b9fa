//! Every reference of PyRadiomics 3.0.1, from NRRD and from NIfTI.

use std::path::{Path, PathBuf};

use prereg::imaging::{IntensityRange, Interpolation, Mask, Volume, read_volume};
use prereg::radiomics::{Discretize, Filter, Normalize, Resample, Settings, extract, extract_all};
use serde_json::Value;

use super::by_name;

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from("../shared/reference/radiomics");
    if folder.exists() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

fn load(folder: &Path, case: &str, ending: &str) -> (Volume, Mask) {
    let read =
        |what: &str| read_volume(&folder.join(format!("cases/{case}_{what}.{ending}"))).unwrap();
    (
        read("image"),
        Mask::from_labels(&read("label"), Some(1)).unwrap(),
    )
}

/// The settings of a reference file; what this does not know would be a reference that is not followed.
fn settings(reference: &Value) -> Settings {
    let given = &reference["settings"];
    let mut settings = Settings {
        voxel_array_shift: given["voxelArrayShift"].as_f64().unwrap_or(0.0),
        gldm_alpha: given["gldm_a"].as_u64().unwrap_or(0) as u16,
        discretize: match given["binCount"].as_u64() {
            Some(count) => Discretize::BinCount(count as usize),
            None => Discretize::BinWidth(given["binWidth"].as_f64().unwrap_or(25.0)),
        },
        distances: given["distances"].as_array().map_or(vec![1], |distances| {
            distances
                .iter()
                .map(|distance| distance.as_u64().unwrap() as u32)
                .collect()
        }),
        // All that is off by default too: the reference says which it has.
        also: [
            "firstorder_StandardDeviation",
            "shape_Compactness1",
            "shape_Compactness2",
            "shape_SphericalDisproportion",
        ]
        .map(str::to_owned)
        .to_vec(),
        filters: Vec::new(),
        ..Settings::default()
    };
    if given["normalize"] == true {
        settings.normalize = Some(Normalize {
            scale: given["normalizeScale"].as_f64().unwrap(),
            remove_outliers: given["removeOutliers"].as_f64(),
        });
    }
    if let Some(spacing) = given["resampledPixelSpacing"].as_array() {
        settings.resample = Some(Resample {
            spacing: [0, 1, 2].map(|axis| spacing[axis].as_f64().unwrap()),
            interpolation: match given["interpolator"].as_str().unwrap() {
                "sitkLinear" => Interpolation::Linear,
                _ => Interpolation::Bspline,
            },
        });
    }
    if given["force2D"] == true {
        settings.in_plane_across = Some(2);
    }
    if let Some(range) = given["resegmentRange"].as_array() {
        assert_eq!(given["resegmentMode"], "sigma");
        settings.resegment = vec![IntensityRange::StandardDeviations {
            lower: range[0].as_f64().unwrap(),
            upper: range[1].as_f64(),
        }];
    }
    for (image, options) in reference["image_types"].as_object().unwrap() {
        match image.as_str() {
            "Original" => settings.filters.push(Filter::Original),
            "Wavelet" => settings.filters.push(Filter::Wavelet),
            "LoG" => settings
                .filters
                .extend(options["sigma"].as_array().unwrap().iter().map(|sigma| {
                    Filter::LaplacianOfGaussian {
                        sigma_mm: sigma.as_f64().unwrap(),
                    }
                })),
            other => panic!("no such image: {other}"),
        }
    }
    settings
}

/// The largest deviation, relative but for values near 0.
fn compare(name: &str, found: &std::collections::BTreeMap<&str, f64>, reference: &Value) -> f64 {
    let mut worst = 0.0_f64;
    for (feature, expected) in reference["features"].as_object().unwrap() {
        let expected = expected.as_f64().unwrap();
        let value = found.get(feature.as_str());
        let value = *value.unwrap_or_else(|| panic!("{name}: {feature} is missing"));
        let tolerance = if feature.starts_with("log-") {
            1e-3
        } else if feature.ends_with("_MCC") || name.contains("nifti") {
            1e-5
        } else {
            1e-9
        };
        let difference = (value - expected).abs();
        // What can be near 0 by cancelling is judged in its own unit.
        let near_zero = ["Skewness", "Correlation", "ClusterShade"]
            .iter()
            .any(|name| feature.ends_with(name));
        let unit = if near_zero {
            expected.abs().max(1.0)
        } else {
            expected.abs()
        };
        assert!(
            difference <= tolerance * unit + 1e-9,
            "{name}: {feature} is {value}, PyRadiomics has {expected}"
        );
        worst = worst.max(difference / (expected.abs() + 1e-3));
    }
    worst
}

#[test]
fn every_reference_agrees() {
    let Some(folder) = folder() else {
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("pyradiomics"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.ends_with(".json") && !name.contains("baseline")
        })
        .collect();
    files.sort();
    assert!(files.len() >= 41, "{} references", files.len());
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let reference: Value = serde_json::from_str(&text).unwrap();
        let case = name.split('.').next().unwrap();
        let ending = if name.ends_with("from_nifti") {
            "nii.gz"
        } else {
            "nrrd"
        };
        let (image, mask) = load(&folder, case, ending);
        let found = extract(&image, &mask, &settings(&reference)).unwrap();
        let worst = compare(&name, &by_name(&found), &reference);
        println!("{name}: {} features, {worst:.1e}", found.features.len());
    }
}

/// A NIfTI file holds the spacing in single precision: next to nothing for brain1, more than 1e-5 after filters for breast1.
#[test]
fn nifti_files_give_what_nrrd_files_give() {
    let Some(folder) = folder() else {
        return;
    };
    for (case, setting) in [
        ("brain1", "a_default"),
        ("brain1", "d_study_filters"),
        ("brain1", "e_force2d"),
    ] {
        let text =
            std::fs::read_to_string(folder.join(format!("pyradiomics/{case}.{setting}.json")))
                .unwrap();
        let reference: Value = serde_json::from_str(&text).unwrap();
        let (image, mask) = load(&folder, case, "nii.gz");
        let found = extract(&image, &mask, &settings(&reference)).unwrap();
        compare(
            &format!("{case} {setting} from nifti"),
            &by_name(&found),
            &reference,
        );
    }
}

/// The committed baseline of PyRadiomics: other bins, normalisation, resampling, flat regions. Its mesh of brain1 is older.
#[test]
fn what_the_baseline_holds_agrees() {
    let Some(folder) = folder() else {
        return;
    };
    let mut compared = 0;
    for case in ["brain1", "breast1", "lung1"] {
        let text =
            std::fs::read_to_string(folder.join(format!("pyradiomics/{case}.baseline.json")))
                .unwrap();
        let reference: Value = serde_json::from_str(&text).unwrap();
        let (image, mask) = load(&folder, case, "nrrd");
        for (block, classes) in reference["baseline"].as_object().unwrap() {
            for (class, reference) in classes.as_object().unwrap() {
                let given = &reference["settings"];
                // A setting that ours cannot express.
                let foreign = !given["weightingNorm"].is_null() || given["preCrop"] == true;
                let resampled = !given["resampledPixelSpacing"].is_null();
                if foreign
                    || resampled
                    || class == "shape" && case == "brain1"
                    || block == "combined"
                {
                    continue;
                }
                let mut reference = reference.clone();
                reference["image_types"] = serde_json::json!({ "Original": {} });
                if given["resegmentRange"].is_array() {
                    continue;
                }
                let mut settings = settings(&reference);
                settings.minimum_dimensions = 1;
                let Ok(found) = extract(&image, &mask, &settings) else {
                    panic!("{case} {block} {class} has no features");
                };
                compared += 1;
                let found = by_name(&found);
                for (feature, expected) in reference["features"].as_object().unwrap() {
                    let Some(value) = found.get(feature.as_str()) else {
                        continue;
                    };
                    let expected = expected.as_f64().unwrap();
                    assert!(
                        (value - expected).abs() <= 1e-6 * expected.abs() + 1e-9,
                        "{case} {block}: {feature} is {value}, the baseline has {expected}"
                    );
                }
            }
        }
    }
    assert!(compared >= 20, "only {compared} blocks were compared");
}

/// Re-read regions share the work on the image and give what each gives alone.
#[test]
fn several_regions_of_an_image_give_what_each_gives() {
    let Some(folder) = folder() else {
        return;
    };
    let (image, mask) = load(&folder, "breast1", "nrrd");
    let settings = Settings {
        normalize: Some(Normalize {
            scale: 100.0,
            remove_outliers: Some(3.0),
        }),
        discretize: Discretize::BinWidth(16.0),
        ..Settings::default()
    };
    let alone = extract(&image, &mask, &settings).unwrap();
    for found in extract_all(&image, &[&mask, &mask], &settings) {
        assert_eq!(found.unwrap(), alone);
    }
}
