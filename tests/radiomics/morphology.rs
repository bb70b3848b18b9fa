//! IBSI's morphological features: the digital phantom and configurations A to C of the lung CT, within IBSI's tolerances.

use std::path::PathBuf;

use prereg::imaging::{
    IbsiInterpolation, IntensityRange, Interpolation, Mask, Resampled, VoxelBox, ibsi_interpolate,
    largest_component, read_volume, resegment,
};
use prereg::radiomics::classes::{MORPHOLOGY, morphology};
use prereg::radiomics::{Region, RegionError};
use serde_json::Value;

/// IBSI's tags, in the order of the names.
const TAGS: [&str; 25] = [
    "volume",
    "vol_approx",
    "area_mesh",
    "av",
    "comp_1",
    "comp_2",
    "sph_dispr",
    "sphericity",
    "asphericity",
    "com",
    "diam",
    "pca_maj_axis",
    "pca_min_axis",
    "pca_least_axis",
    "pca_elongation",
    "pca_flatness",
    "vol_dens_aabb",
    "area_dens_aabb",
    "vol_dens_aee",
    "area_dens_aee",
    "vol_dens_conv_hull",
    "area_dens_conv_hull",
    "integ_int",
    "moran_i",
    "geary_c",
];

fn reference(name: &str) -> Option<Value> {
    let path = PathBuf::from("../shared/reference/radiomics/ibsi").join(name);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// To three significant digits, as IBSI's figures are given.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap()
}

#[track_caller]
fn within_tolerance(name: &str, reference: &Value, found: &[f64]) {
    let mut checked = 0;
    let mut failures = Vec::new();
    for feature in reference["features"].as_array().unwrap() {
        let Some(tag) = feature["tag"].as_str().unwrap().strip_prefix("morph_") else {
            continue;
        };
        let Some(value) = feature["value"].as_f64() else {
            continue;
        };
        let tolerance = feature["tolerance"].as_f64().unwrap();
        let place = TAGS.iter().position(|other| *other == tag).unwrap();
        checked += 1;
        // IBSI's own tolerance; the last digit of a difference of decimal numbers is not exact.
        if (rounded(found[place]) - value).abs() > tolerance * (1.0 + 1e-9) {
            failures.push(format!(
                "{tag}: {} against {value} ± {tolerance}",
                found[place]
            ));
        }
    }
    println!("{name}: {} of {checked} agree", checked - failures.len());
    assert!(failures.is_empty(), "{name}:\n{}", failures.join("\n"));
    assert_eq!(checked, MORPHOLOGY.len());
}

#[test]
fn digital_phantom_agrees() {
    let Some(phantom) = reference("digital_phantom.json") else {
        return;
    };
    let numbers = |key: &str| -> Vec<f64> {
        fn collect(value: &Value, into: &mut Vec<f64>) {
            match value.as_array() {
                Some(parts) => parts.iter().for_each(|part| collect(part, into)),
                None => into.push(value.as_f64().unwrap()),
            }
        }
        let mut all = Vec::new();
        collect(&phantom[key], &mut all);
        all
    };
    let inside: Vec<bool> = numbers("mask_zyx").iter().map(|n| *n == 1.0).collect();
    let region = Region {
        size: [5, 4, 4],
        spacing: [2.0; 3],
        intensities: numbers("image_zyx"),
        inside: inside.clone(),
    };
    within_tolerance(
        "digital phantom",
        &phantom,
        &morphology(&region, &inside).unwrap(),
    );
}

/// The part of the image in which either mask lies.
fn region_of(image: &Resampled, morphological: &Mask, intensity: &Mask) -> (Region, Vec<bool>) {
    let (a, b) = (morphological.bounds, intensity.bounds);
    let lower = [0, 1, 2].map(|axis| a.lower[axis].min(b.lower[axis]));
    let bounds = VoxelBox {
        lower,
        size: [0, 1, 2].map(|axis| {
            let end = |bounds: VoxelBox| bounds.lower[axis] + bounds.size[axis];
            end(a).max(end(b)) - lower[axis]
        }),
    };
    let placed = |mask: &Mask| {
        let mut inside = vec![false; bounds.size.iter().product()];
        let [nx, ny, _] = mask.bounds.size;
        for (voxel, value) in mask.inside.iter().enumerate() {
            let index = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)];
            let [x, y, z] =
                [0, 1, 2].map(|axis| index[axis] + mask.bounds.lower[axis] - lower[axis]);
            inside[x + bounds.size[0] * (y + bounds.size[1] * z)] = *value;
        }
        inside
    };
    let region = Region {
        size: bounds.size,
        spacing: image.image.geometry.spacing,
        inside: placed(morphological),
        intensities: image.image.window(bounds).unwrap(),
    };
    (region, placed(intensity))
}

#[test]
fn configurations_a_to_c_agree() {
    for (configuration, spacing, lowest) in [
        ("a", None, -500.0),
        ("b", Some([2.0, 2.0, 0.0]), -500.0),
        ("c", Some([2.0, 2.0, 2.0]), -1000.0),
    ] {
        let Some(expected) = reference(&format!("pat1_config_{configuration}.json")) else {
            return;
        };
        let file = |name: &str| {
            let path = PathBuf::from("../shared/reference/radiomics/ibsi").join(name);
            read_volume(&path).unwrap()
        };
        let image = file("pat1_ct_image.nii.gz");
        let mask = Mask::from_labels(&file("pat1_ct_mask.nii.gz"), Some(1)).unwrap();
        let prepared = match spacing {
            None => Resampled { image, mask },
            Some(spacing) => ibsi_interpolate(
                &image,
                &mask,
                &IbsiInterpolation {
                    spacing,
                    image: Interpolation::Linear,
                    mask: Interpolation::Linear,
                    mask_threshold: 0.5,
                    round_intensities: true,
                    padding: None,
                },
            )
            .unwrap(),
        };
        let range = IntensityRange::Absolute {
            lower: lowest,
            upper: Some(400.0),
        };
        let intensity = resegment(&prepared.image, &prepared.mask, None, range)
            .unwrap()
            .mask;
        let morphological = largest_component(&prepared.mask).unwrap();
        let (region, intensity) = region_of(&prepared, &morphological, &intensity);
        let found = morphology(&region, &intensity).unwrap();
        within_tolerance(&format!("configuration {configuration}"), &expected, &found);
    }
}

#[test]
fn one_voxel_has_size_but_no_direction() {
    let region = Region {
        size: [1; 3],
        spacing: [2.0; 3],
        inside: vec![true],
        intensities: vec![3.0],
    };
    let found = morphology(&region, &[true]).unwrap();
    let figure = |name: &str| found[MORPHOLOGY.iter().position(|other| *other == name).unwrap()];
    assert_eq!(figure("ApproximateVolume"), 8.0);
    assert!((figure("Volume") - 8.0 / 6.0).abs() < 1e-14);
    assert!((figure("VolumeDensityConvexHull") - 1.0).abs() < 1e-14);
    assert!((figure("AreaDensityConvexHull") - 1.0).abs() < 1e-14);
    assert_eq!(figure("CentreOfMassShift"), 0.0);
    for name in ["MajorAxisLength", "Elongation", "MoranI", "GearyC"] {
        assert!(figure(name).is_nan(), "{name}");
    }
}

#[test]
fn masks_without_intensities_are_refused() {
    let region = Region {
        size: [2, 1, 1],
        spacing: [1.0; 3],
        inside: vec![true, true],
        intensities: vec![3.0, f64::NAN],
    };
    assert_eq!(
        morphology(&region, &[true, true]),
        Err(RegionError::NotFinite { voxels: 1 })
    );
    assert_eq!(
        morphology(&region, &[false, false]),
        Err(RegionError::Empty)
    );
    assert_eq!(morphology(&region, &[true]), Err(RegionError::SizesDiffer));
    assert!(morphology(&region, &[true, false]).is_ok());
}
