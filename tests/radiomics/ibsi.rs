//! IBSI's reference values: the digital phantom in every aggregation, and configurations A to C on the lung CT.

use std::path::Path;

use prereg::imaging::{
    IbsiInterpolation, IntensityRange, Interpolation, Mask, Resampled, Volume, ibsi_interpolate,
    largest_component, read_volume, resegment,
};
use prereg::radiomics::classes::{
    GlcmOptions, IntensityGrid, LOCAL_INTENSITY_RADIUS, first_order, glcm, gldm, gldzm, glrlm,
    glszm, intensity_histogram, intensity_statistics, intensity_volume_histogram, local_intensity,
    ngtdm,
};
use prereg::radiomics::{Class, Directions, Levels, Region, Space, Weighting};
use serde_json::Value;

use super::texture::{json, reference_folder};

/// All that IBSI's values are of.
struct Prepared {
    /// The intensity mask in the box of the morphological one.
    region: Region,
    levels: Levels,
    morphological: Vec<bool>,
    /// The intensity mask with the image around it.
    surroundings: Region,
    grid: IntensityGrid,
}

fn values(prepared: &Prepared, class: Class, space: Space, directions: Directions) -> Vec<f64> {
    let Prepared {
        region,
        levels,
        morphological,
        surroundings,
        grid,
    } = prepared;
    match class {
        Class::FirstOrder => first_order(region, levels, 0.0).unwrap().to_vec(),
        Class::Glcm => {
            let options = GlcmOptions {
                distances: vec![1],
                space,
                directions,
                symmetric: true,
            };
            glcm(levels, &options).unwrap().to_vec()
        }
        Class::Glrlm => glrlm(levels, space, directions).to_vec(),
        Class::Glszm => glszm(levels, space).to_vec(),
        Class::Gldm => gldm(levels, &[1], 0, space).to_vec(),
        Class::Ngtdm => ngtdm(levels, &[1], space).to_vec(),
        Class::Gldzm => gldzm(levels, morphological, space).unwrap().to_vec(),
        Class::IntensityStatistics => intensity_statistics(region).unwrap().to_vec(),
        Class::IntensityHistogram => intensity_histogram(levels).to_vec(),
        Class::IntensityVolumeHistogram => {
            intensity_volume_histogram(region, *grid).unwrap().to_vec()
        }
        Class::LocalIntensity => local_intensity(surroundings).unwrap().to_vec(),
    }
}

/// To three significant digits, as IBSI's figures are given.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap()
}

fn aggregation(name: Option<&str>) -> (Space, Directions) {
    let merged = Directions::Merged(Weighting::Equal);
    match name {
        None | Some("3D:avg" | "3D") => (Space::Volume, Directions::Averaged),
        Some("3D:comb") => (Space::Volume, merged),
        Some("2.5D:avg" | "2.5D") => (Space::Plane, Directions::Averaged),
        Some("2.5D:comb") => (Space::Plane, merged),
        Some("2D:avg" | "2D") => (Space::EachSlice, Directions::Averaged),
        Some("2D:comb") => (Space::EachSlice, merged),
        Some(other) => panic!("aggregation {other}"),
    }
}

/// Compares all values but morphology's; each is found by its tag in every class that has it. Returns how many values of
/// the file were compared.
#[track_caller]
fn compare(name: &str, prepared: &Prepared, features: &Value) -> usize {
    let mut compared = 0;
    let mut failures = Vec::new();
    for feature in features.as_array().unwrap() {
        let tag = feature["tag"].as_str().unwrap();
        if tag.starts_with("morph_") {
            continue;
        }
        let (Some(value), Some(tolerance)) =
            (feature["value"].as_f64(), feature["tolerance"].as_f64())
        else {
            assert_eq!(tag, "ivh_auc", "the only value without consensus");
            continue;
        };
        let way = feature["aggregation"].as_str();
        let ending = way.map_or(String::new(), |way| {
            format!("_{}", way.replace([':', '.'], "_"))
        });
        let stem = tag.strip_suffix(&ending).unwrap();
        let (space, directions) = aggregation(way);
        let mut known = false;
        for class in Class::ALL {
            for (place, found) in class.features().iter().enumerate() {
                if found.ibsi.is_some_and(|ibsi| ibsi.tag == stem) {
                    known = true;
                    let found = values(prepared, class, space, directions)[place];
                    if !((rounded(found) - rounded(value)).abs() <= tolerance * (1.0 + 1e-9)) {
                        failures.push(format!(
                            "{} {tag}: {found} against {value} ± {tolerance}",
                            class.name()
                        ));
                    }
                }
            }
        }
        assert!(known, "no feature {tag}");
        compared += 1;
    }
    println!("{name}: {compared} values, {} differ", failures.len());
    assert!(failures.is_empty(), "{name}:\n{}", failures.join("\n"));
    compared
}

#[test]
fn digital_phantom() {
    let phantom = json(Path::new("tests/reference/ibsi/digital_phantom.json"));
    let numbers = |name: &str| -> Vec<f64> {
        phantom[name]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|slice| slice.as_array().unwrap())
            .flat_map(|row| row.as_array().unwrap())
            .map(|value| value.as_f64().unwrap())
            .collect()
    };
    let inside: Vec<bool> = numbers("mask_zyx")
        .iter()
        .map(|value| *value == 1.0)
        .collect();
    let region = Region {
        size: [5, 4, 4],
        spacing: [2.0; 3],
        inside: inside.clone(),
        intensities: numbers("image_zyx"),
    };
    let prepared = Prepared {
        levels: region.levels_by_width(1.0).unwrap(),
        morphological: inside,
        surroundings: region.clone(),
        grid: IntensityGrid::Definite { range: None },
        region,
    };
    assert_eq!(prepared.levels.highest(), 6);
    assert_eq!(
        compare("digital phantom", &prepared, &phantom["features"]),
        457
    );
}

/// The box of a mask, grown by so many voxels within the image, as a region of another mask on the same grid.
fn boxed(image: &Volume, mask: &Mask, around: &Mask, margin: [usize; 3]) -> Region {
    let bounds = around.bounds.padded(margin, image.geometry.size);
    let [nx, ny, nz] = bounds.size;
    let [x0, y0, z0] = bounds.lower;
    let mut inside = Vec::new();
    for z in 0..nz {
        for y in 0..ny {
            for x in 0..nx {
                inside.push(mask.contains([x0 + x, y0 + y, z0 + z]));
            }
        }
    }
    Region {
        size: bounds.size,
        spacing: image.geometry.spacing,
        inside,
        intensities: image.window(bounds).unwrap(),
    }
}

#[test]
fn configurations_of_the_lung_ct() {
    let Some(folder) = reference_folder() else {
        return;
    };
    let image = read_volume(&folder.join("ibsi/pat1_ct_image.nii.gz")).unwrap();
    let labels = read_volume(&folder.join("ibsi/pat1_ct_mask.nii.gz")).unwrap();
    let mask = Mask::from_labels(&labels, Some(1)).unwrap();
    let interpolated = |spacing| {
        let settings = IbsiInterpolation {
            spacing,
            image: Interpolation::Linear,
            mask: Interpolation::Linear,
            mask_threshold: 0.5,
            round_intensities: true,
            padding: Some(10),
        };
        ibsi_interpolate(&image, &mask, &settings).unwrap()
    };
    for (configuration, lowest, expected) in
        [("a", -500.0, 321), ("b", -500.0, 321), ("c", -1000.0, 185)]
    {
        let grid = match configuration {
            "a" => Resampled {
                image: image.clone(),
                mask: mask.clone(),
            },
            "b" => interpolated([2.0, 2.0, 0.0]),
            _ => interpolated([2.0; 3]),
        };
        let morphological = largest_component(&grid.mask).unwrap();
        let range = IntensityRange::Absolute {
            lower: lowest,
            upper: Some(400.0),
        };
        let intensity = resegment(&grid.image, &grid.mask, None, range)
            .unwrap()
            .mask;
        let region = boxed(&grid.image, &intensity, &grid.mask, [0; 3]);
        let levels = match configuration {
            "b" => region.levels_by_count(32),
            _ => region.levels_by_width_from(lowest, 25.0),
        }
        .unwrap();
        let range = Some((lowest, 400.0));
        let margin = grid
            .image
            .geometry
            .spacing
            .map(|spacing| (LOCAL_INTENSITY_RADIUS / spacing).ceil() as usize);
        let prepared = Prepared {
            morphological: boxed(&grid.image, &morphological, &grid.mask, [0; 3]).inside,
            surroundings: boxed(&grid.image, &intensity, &grid.mask, margin),
            grid: match configuration {
                "c" => IntensityGrid::Width { width: 2.5, range },
                _ => IntensityGrid::Definite { range },
            },
            region,
            levels,
        };
        let reference = json(&folder.join(format!("ibsi/pat1_config_{configuration}.json")));
        let name = format!("configuration {configuration}");
        assert_eq!(compare(&name, &prepared, &reference["features"]), expected);
    }
}
