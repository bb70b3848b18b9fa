//! Reading and preprocessing against PyRadiomics 3.0.1 and SimpleITK 2.5.7: the geometry, masks and levels exactly.

use std::path::Path;

use prereg::imaging::{
    Geometry, IntensityRange, Interpolation, Mask, PADDING, Resampled, Volume, moments,
    normalization, normalized, read_volume, region_of_interest, resample, resegment,
};
use serde_json::Value;

use super::{json, largest_difference, reference_folder};

fn load(folder: &Path, case: &str, ending: &str) -> (Volume, Mask) {
    let read =
        |what: &str| read_volume(&folder.join(format!("cases/{case}_{what}.{ending}"))).unwrap();
    (
        read("image"),
        Mask::from_labels(&read("label"), Some(1)).unwrap(),
    )
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

#[track_caller]
fn same_geometry(found: &Geometry, expected: &Value) {
    assert_eq!(
        found.size.map(|n| n as f64).to_vec(),
        numbers(&expected["size"]),
        "size"
    );
    assert_eq!(
        found.spacing.to_vec(),
        numbers(&expected["spacing"]),
        "spacing"
    );
    assert_eq!(
        found.origin.to_vec(),
        numbers(&expected["origin"]),
        "origin"
    );
    assert_eq!(
        found.direction.to_vec(),
        numbers(&expected["direction"]),
        "direction"
    );
}

fn study(folder: &Path, case: &str, ending: &str, interpolation: Interpolation) -> Resampled {
    let (image, mask) = load(folder, case, ending);
    let scale = normalization(&image, 100.0, None).unwrap();
    resample(
        &image,
        &mask,
        Some(&scale),
        [1.0; 3],
        interpolation,
        PADDING,
    )
    .unwrap()
}

/// Mask as 0 and 1 over its whole grid.
fn voxels(mask: &Mask) -> Vec<f64> {
    prereg::imaging::mask_volume(mask).voxels.to_f64()
}

#[test]
fn steps_are_those_of_pyradiomics() {
    let Some(folder) = reference_folder() else {
        return;
    };
    let steps = folder.join("pyradiomics/steps");
    for case in ["brain1", "breast1"] {
        let expected = json(&steps.join(format!("{case}.steps.json")));
        let (image, mask) = load(&folder, case, "nrrd");
        same_geometry(&image.geometry, &expected["step0"]["geometry"]);
        let found = moments(&image).unwrap();
        let close = |a: f64, b: &Value| (a - b.as_f64().unwrap()).abs() <= 1e-12 * a.abs();
        assert!(close(found.mean, &expected["step0"]["mean"]));
        assert!(close(
            found.standard_deviation,
            &expected["step0"]["sd_n_minus_1"]
        ));

        let scale = normalization(&image, 100.0, None).unwrap();
        let step1 = normalized(&image, &scale).unwrap();
        let file = steps.join(format!("{case}.step1_normalised.nii.gz"));
        if file.exists() {
            let difference = largest_difference(
                &step1.voxels.to_f64(),
                &read_volume(&file).unwrap().voxels.to_f64(),
            );
            assert!(difference <= 1e-9, "{case} step 1: {difference:e}");
        }

        let step2 = resample(
            &image,
            &mask,
            Some(&scale),
            [1.0; 3],
            Interpolation::Bspline,
            PADDING,
        )
        .unwrap();
        let geometry = &expected["step2_resampled"]["image_geometry"];
        same_geometry(&step2.image.geometry, geometry);
        same_geometry(
            &step2.mask.geometry,
            &expected["step2_resampled"]["mask_geometry"],
        );
        let image_file = read_volume(&steps.join(format!("{case}.step2_image.nii.gz"))).unwrap();
        let difference =
            largest_difference(&step2.image.voxels.to_f64(), &image_file.voxels.to_f64());
        println!("{case}: largest difference of the resampled image {difference:e}");
        assert!(difference <= 1e-8, "{case} step 2: {difference:e}");
        let mask_file = read_volume(&steps.join(format!("{case}.step2_mask.nii.gz"))).unwrap();
        assert_eq!(
            voxels(&step2.mask),
            mask_file.voxels.to_f64(),
            "{case} mask"
        );

        let region = region_of_interest(&step2.image, &step2.mask, None).unwrap();
        let levels = read_volume(&steps.join(format!("{case}.step3_levels.nii.gz"))).unwrap();
        assert_eq!(region.bounds.size, levels.geometry.size);
        let lowest = region
            .values()
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        let edge = lowest - lowest.rem_euclid(16.0);
        let found: Vec<f64> = region
            .inside
            .iter()
            .zip(&region.intensities)
            .map(|(inside, value)| {
                if *inside {
                    1.0 + ((value - edge) / 16.0).floor()
                } else {
                    0.0
                }
            })
            .collect();
        assert_eq!(found, levels.voxels.to_f64(), "{case} levels");
        let bounds = numbers(&expected["step3_levels"]["bounding_box_lower_size"]);
        assert_eq!(
            region.bounds.lower.map(|n| n as f64).to_vec(),
            [bounds[0], bounds[2], bounds[4]]
        );
    }
}

/// `Mask-…` and `Image-…` figures of a reference file.
#[track_caller]
fn same_diagnostics(
    name: &str,
    prepared: &Resampled,
    expected: &Value,
    tolerance: f64,
    geometry_tolerance: f64,
) {
    let diagnostics = &expected["diagnostics"];
    let (image, mask) = (&prepared.image, &prepared.mask);
    let figure = |key: &str| diagnostics[key].as_f64().unwrap();
    let close = |key: &str, found: f64| {
        let expected = figure(key);
        assert!(
            (found - expected).abs() <= tolerance * expected.abs().max(1.0),
            "{name} {key}: {found} {expected}"
        );
    };
    let whole = image.voxels.to_f64();
    let sizes = image.geometry.size.map(|n| n as f64).to_vec();
    assert_eq!(
        sizes,
        numbers(&diagnostics["Image-interpolated_Size"]),
        "{name}"
    );
    assert_eq!(
        mask.count() as f64,
        figure("Mask-interpolated_VoxelNum"),
        "{name}"
    );
    let bounds: Vec<f64> = mask
        .bounds
        .lower
        .iter()
        .chain(&mask.bounds.size)
        .map(|n| *n as f64)
        .collect();
    assert_eq!(
        bounds,
        numbers(&diagnostics["Mask-interpolated_BoundingBox"]),
        "{name}"
    );
    close("Image-interpolated_Mean", prereg::numerics::mean(&whole));
    close(
        "Image-interpolated_Minimum",
        whole.iter().copied().fold(f64::INFINITY, f64::min),
    );
    close(
        "Image-interpolated_Maximum",
        whole.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    let region = region_of_interest(image, mask, None).unwrap().values();
    close("Mask-interpolated_Mean", prereg::numerics::mean(&region));
    close(
        "Mask-interpolated_Minimum",
        region.iter().copied().fold(f64::INFINITY, f64::min),
    );
    close(
        "Mask-interpolated_Maximum",
        region.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    // The centre of mass in mm tells where the grid lies.
    let mut centre = [0.0; 3];
    for (voxel, inside) in mask.inside.iter().enumerate() {
        let [nx, ny, _] = mask.bounds.size;
        let index = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)];
        if *inside {
            for axis in 0..3 {
                centre[axis] +=
                    (mask.bounds.lower[axis] + index[axis]) as f64 / mask.count() as f64;
            }
        }
    }
    let found = mask.geometry.point(centre);
    let difference = largest_difference(
        &found,
        &numbers(&diagnostics["Mask-interpolated_CenterOfMass"]),
    );
    assert!(
        difference <= geometry_tolerance,
        "{name}: centre off by {difference:e}"
    );
}

#[test]
fn resampling_agrees_for_every_case_and_interpolation() {
    let Some(folder) = reference_folder() else {
        return;
    };
    for case in ["brain1", "breast1", "lung1"] {
        for (setting, interpolation) in [
            ("b_study", Interpolation::Bspline),
            ("c_study_linear", Interpolation::Linear),
        ] {
            let expected = json(&folder.join(format!("pyradiomics/{case}.{setting}.json")));
            let prepared = study(&folder, case, "nrrd", interpolation);
            same_diagnostics(
                &format!("{case} {setting}"),
                &prepared,
                &expected,
                1e-10,
                1e-10,
            );
        }
        // Without normalisation integers stay integers, cut towards 0.
        let expected = json(&folder.join(format!("pyradiomics/{case}.c_default_1mm_linear.json")));
        let (image, mask) = load(&folder, case, "nrrd");
        let prepared = resample(
            &image,
            &mask,
            None,
            [1.0; 3],
            Interpolation::Linear,
            PADDING,
        )
        .unwrap();
        same_diagnostics(
            &format!("{case} integers"),
            &prepared,
            &expected,
            1e-12,
            1e-10,
        );
    }
}

#[test]
fn nifti_and_nrrd_of_a_case_agree() {
    let Some(folder) = reference_folder() else {
        return;
    };
    for case in ["brain1", "breast1"] {
        let (nrrd, nrrd_mask) = load(&folder, case, "nrrd");
        let (nifti, nifti_mask) = load(&folder, case, "nii.gz");
        assert_eq!(nrrd.voxels, nifti.voxels);
        assert_eq!(nrrd_mask.inside, nifti_mask.inside);
        let difference = nrrd.geometry.difference(&nifti.geometry);
        println!("{case}: {difference}");
        assert!(difference.is_same_grid());
        nrrd_mask.check_same_grid(&nifti).unwrap();
        let expected = json(&folder.join(format!("pyradiomics/{case}.b_study.from_nifti.json")));
        let prepared = study(&folder, case, "nii.gz", Interpolation::Bspline);
        same_diagnostics(
            &format!("{case} from NIfTI"),
            &prepared,
            &expected,
            1e-10,
            1e-10,
        );
        let spacing = numbers(&expected["diagnostics"]["Image-original_Spacing"]);
        assert_eq!(nifti.geometry.spacing.to_vec(), spacing);
    }
    let label =
        |ending: &str| read_volume(&folder.join(format!("cases/lung1_label.{ending}"))).unwrap();
    assert_eq!(label("nrrd").voxels, label("nii.gz").voxels);
}

#[test]
fn resegmentation_by_sigma_agrees() {
    let Some(folder) = reference_folder() else {
        return;
    };
    for case in ["brain1", "breast1", "lung1"] {
        let expected = &json(&folder.join(format!("pyradiomics/{case}.e_resegment_sigma3.json")))["diagnostics"];
        let (image, mask) = load(&folder, case, "nrrd");
        let range = IntensityRange::StandardDeviations {
            lower: -3.0,
            upper: Some(3.0),
        };
        let found = resegment(&image, &mask, None, range).unwrap();
        assert_eq!(
            found.mask.count() as f64,
            expected["Mask-resegmented_VoxelNum"].as_f64().unwrap(),
            "{case}"
        );
        let bounds: Vec<f64> = found
            .mask
            .bounds
            .lower
            .iter()
            .chain(&found.mask.bounds.size)
            .map(|n| *n as f64)
            .collect();
        assert_eq!(
            bounds,
            numbers(&expected["Mask-resegmented_BoundingBox"]),
            "{case}"
        );
        assert_eq!(mask.count() - found.removed, found.mask.count());
    }
}
