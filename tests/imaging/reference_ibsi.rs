//! The 60 diagnostics of each of IBSI's configurations A to C on the lung CT, within IBSI's own tolerances.

use prereg::imaging::{
    IbsiInterpolation, IntensityRange, Interpolation, Mask, Resampled, Volume, ibsi_interpolate,
    largest_component, read_volume, region_of_interest, resegment,
};
use prereg::numerics;

use super::{json, reference_folder};

/// To three significant digits, as IBSI's figures are given.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap()
}

fn extremes(values: &[f64]) -> [f64; 2] {
    values
        .iter()
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
            [low.min(*value), high.max(*value)]
        })
}

fn image_figure(image: &Volume, name: &str) -> Option<f64> {
    let values = || image.voxels.to_f64();
    Some(match name {
        "img_dim_x" => image.geometry.size[0] as f64,
        "img_dim_y" => image.geometry.size[1] as f64,
        "img_dim_z" => image.geometry.size[2] as f64,
        "vox_dim_x" => image.geometry.spacing[0],
        "vox_dim_y" => image.geometry.spacing[1],
        "vox_dim_z" => image.geometry.spacing[2],
        "mean_int" => numerics::mean(&values()),
        "min_int" => extremes(&values())[0],
        "max_int" => extremes(&values())[1],
        _ => return None,
    })
}

fn mask_figure(image: &Volume, mask: &Mask, name: &str) -> Option<f64> {
    let values = || region_of_interest(image, mask, None).unwrap().values();
    Some(match name {
        "mask_dim_x" => mask.geometry.size[0] as f64,
        "mask_dim_y" => mask.geometry.size[1] as f64,
        "mask_dim_z" => mask.geometry.size[2] as f64,
        "mask_bb_dim_x" => mask.bounds.size[0] as f64,
        "mask_bb_dim_y" => mask.bounds.size[1] as f64,
        "mask_bb_dim_z" => mask.bounds.size[2] as f64,
        "mask_vox_count" => mask.count() as f64,
        "mask_mean_int" => numerics::mean(&values()),
        "mask_min_int" => extremes(&values())[0],
        "mask_max_int" => extremes(&values())[1],
        _ => return None,
    })
}

fn settings(configuration: &str) -> (Option<IbsiInterpolation>, f64) {
    let interpolation = |spacing| IbsiInterpolation {
        spacing,
        image: Interpolation::Linear,
        mask: Interpolation::Linear,
        mask_threshold: 0.5,
        round_intensities: true,
        padding: None,
    };
    match configuration {
        "a" => (None, -500.0),
        "b" => (Some(interpolation([2.0, 2.0, 0.0])), -500.0),
        _ => (Some(interpolation([2.0, 2.0, 2.0])), -1000.0),
    }
}

#[test]
fn diagnostics_of_configurations_a_to_c_agree() {
    let Some(folder) = reference_folder() else {
        return;
    };
    let image = read_volume(&folder.join("ibsi/pat1_ct_image.nii.gz")).unwrap();
    let labels = read_volume(&folder.join("ibsi/pat1_ct_mask.nii.gz")).unwrap();
    let mask = Mask::from_labels(&labels, Some(1)).unwrap();
    for configuration in ["a", "b", "c"] {
        let (interpolation, lowest) = settings(configuration);
        let whole = match &interpolation {
            None => Resampled {
                image: image.clone(),
                mask: mask.clone(),
            },
            Some(settings) => ibsi_interpolate(&image, &mask, settings).unwrap(),
        };
        if let Some(settings) = interpolation {
            // Only around the region: the same voxels and region.
            let part = IbsiInterpolation {
                padding: Some(3),
                ..settings
            };
            let part = ibsi_interpolate(&image, &mask, &part).unwrap();
            let region = |prepared: &Resampled| {
                region_of_interest(&prepared.image, &prepared.mask, None).unwrap()
            };
            assert_eq!(region(&part).intensities, region(&whole).intensities);
            assert_eq!(region(&part).inside, region(&whole).inside);
        }
        let range = IntensityRange::Absolute {
            lower: lowest,
            upper: Some(400.0),
        };
        let intensity = resegment(&whole.image, &whole.mask, None, range)
            .unwrap()
            .mask;
        let morphological = largest_component(&whole.mask).unwrap();
        let reference = json(&folder.join(format!("ibsi/pat1_config_{configuration}.json")));
        let mut failures = Vec::new();
        let mut checked = 0;
        for diagnostic in reference["diagnostics"].as_array().unwrap() {
            let tag = diagnostic["tag"].as_str().unwrap();
            let found = if let Some(name) = tag.strip_suffix("_init_img") {
                image_figure(&image, name)
            } else if let Some(name) = tag.strip_suffix("_interp_img") {
                image_figure(&whole.image, name)
            } else {
                let (kind, rest) = tag.split_once('_').unwrap();
                let (name, stage) = rest.strip_suffix("_roi").unwrap().rsplit_once('_').unwrap();
                match (stage, kind) {
                    ("init", _) => mask_figure(&image, &mask, name),
                    ("interp", _) => mask_figure(&whole.image, &whole.mask, name),
                    ("reseg", "morph") => mask_figure(&whole.image, &morphological, name),
                    _ => mask_figure(&whole.image, &intensity, name),
                }
            };
            let found = found.unwrap_or_else(|| panic!("no figure {tag}"));
            let (value, tolerance) = (
                diagnostic["value"].as_f64(),
                diagnostic["tolerance"].as_f64(),
            );
            checked += 1;
            if (rounded(found) - rounded(value.unwrap())).abs() > tolerance.unwrap() {
                failures.push(format!("{tag}: {found} against {value:?} ± {tolerance:?}"));
            }
        }
        println!(
            "configuration {configuration}: {} of {checked} agree",
            checked - failures.len()
        );
        assert_eq!(checked, 60);
        assert!(
            failures.is_empty(),
            "configuration {configuration}:\n{}",
            failures.join("\n")
        );
    }
}
