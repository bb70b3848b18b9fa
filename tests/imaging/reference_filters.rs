//! Wavelet and Laplacian of Gaussian against PyRadiomics 3.0.1: images of one case, first-order figures of all.

use std::path::Path;

use prereg::imaging::{
    IntensityScale, Interpolation, Mask, PADDING, Volume, laplacian_of_gaussian, normalization,
    read_volume, resample, wavelet,
};
use prereg::numerics;
use serde_json::Value;

use super::{json, largest_difference, reference_folder};

fn load(folder: &Path, case: &str) -> (Volume, Mask) {
    let read = |what: &str| read_volume(&folder.join(format!("cases/{case}_{what}.nrrd"))).unwrap();
    (
        read("image"),
        Mask::from_labels(&read("label"), Some(1)).unwrap(),
    )
}

fn study(folder: &Path, case: &str) -> (Volume, Mask) {
    let (image, mask) = load(folder, case);
    let scale = normalization(&image, 100.0, None).unwrap();
    let prepared = resample(
        &image,
        &mask,
        Some(&scale),
        [1.0; 3],
        Interpolation::Bspline,
        PADDING,
    )
    .unwrap();
    (prepared.image, prepared.mask)
}

#[test]
fn filtered_images_agree_voxel_by_voxel() {
    let Some(folder) = reference_folder() else {
        return;
    };
    let (image, _) = study(&folder, "breast1");
    let file = |name: &str| {
        let path = folder.join(format!("pyradiomics/steps/breast1.filter_{name}.nii.gz"));
        read_volume(&path).unwrap().voxels.to_f64()
    };
    let bands = wavelet(&image, None, image.geometry.whole()).unwrap();
    for band in &bands {
        let difference = largest_difference(&band.values, &file(&format!("wavelet-{}", band.name)));
        println!("wavelet-{}: {difference:e}", band.name);
        assert!(difference <= 1e-9, "{}: {difference:e}", band.name);
    }
    for (sigma, name) in [(1.0, "log-sigma-1-0-mm-3D"), (3.0, "log-sigma-3-0-mm-3D")] {
        let found = laplacian_of_gaussian(&image, None, sigma, image.geometry.whole()).unwrap();
        let difference = largest_difference(&found, &file(name));
        println!("{name}: {difference:e}");
        assert!(difference <= 1e-4, "{name}: {difference:e}");
    }
}

/// Minimum, maximum, mean, variance and energy of the region's voxels.
#[track_caller]
fn same_first_order(
    name: &str,
    values: &[f64],
    features: &Value,
    prefix: &str,
    tolerance: f64,
) -> f64 {
    let mean = numerics::mean(values);
    let figures = [
        (
            "Minimum",
            values.iter().copied().fold(f64::INFINITY, f64::min),
        ),
        (
            "Maximum",
            values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ),
        ("Mean", mean),
        (
            "Variance",
            numerics::sum_of_squared_deviations(values) / values.len() as f64,
        ),
        ("Energy", numerics::dot(values, values)),
    ];
    let mut worst = 0.0_f64;
    for (feature, found) in figures {
        let expected = features[format!("{prefix}_firstorder_{feature}")]
            .as_f64()
            .unwrap();
        let difference = (found - expected).abs() / expected.abs().max(1e-3);
        assert!(
            difference <= tolerance,
            "{name} {prefix} {feature}: {found} against {expected}"
        );
        worst = worst.max(difference);
    }
    worst
}

fn within(values: &[f64], mask: &Mask) -> Vec<f64> {
    values
        .iter()
        .zip(&mask.inside)
        .filter(|(_, inside)| **inside)
        .map(|(value, _)| *value)
        .collect()
}

fn compare(
    name: &str,
    image: &Volume,
    mask: &Mask,
    scale: Option<&IntensityScale>,
    features: &Value,
) {
    let mut worst = [0.0_f64; 2];
    for band in wavelet(image, scale, mask.bounds).unwrap() {
        let prefix = format!("wavelet-{}", band.name);
        worst[0] = worst[0].max(same_first_order(
            name,
            &within(&band.values, mask),
            features,
            &prefix,
            1e-8,
        ));
    }
    for (sigma, prefix) in [(1.0, "log-sigma-1-0-mm-3D"), (3.0, "log-sigma-3-0-mm-3D")] {
        if features.get(format!("{prefix}_firstorder_Mean")).is_none() {
            println!("{name}: PyRadiomics left out {prefix}");
            continue;
        }
        let values = laplacian_of_gaussian(image, scale, sigma, mask.bounds).unwrap();
        worst[1] = worst[1].max(same_first_order(
            name,
            &within(&values, mask),
            features,
            prefix,
            1e-3,
        ));
    }
    println!(
        "{name}: relative differences up to {:e} (wavelet), {:e} (LoG)",
        worst[0], worst[1]
    );
}

#[test]
fn first_order_figures_of_filtered_images_agree() {
    let Some(folder) = reference_folder() else {
        return;
    };
    for case in ["brain1", "breast1", "lung1"] {
        let features = |setting: &str| {
            json(&folder.join(format!("pyradiomics/{case}.{setting}.json")))["features"].clone()
        };
        let (image, mask) = load(&folder, case);
        compare(
            &format!("{case} native"),
            &image,
            &mask,
            None,
            &features("d_native_filters"),
        );
        let (image, mask) = study(&folder, case);
        compare(
            &format!("{case} study"),
            &image,
            &mask,
            None,
            &features("d_study_filters"),
        );
    }
}
