//! Shape in space and in a plane: against PyRadiomics 3.0.1, against figures known from geometry, and by properties.

use std::path::{Path, PathBuf};

use prereg::imaging::{
    Interpolation, Mask, PADDING, normalization, read_volume, region_of_interest, resample,
};
use prereg::radiomics::classes::{SHAPE, SHAPE_2D, SHAPE_DEPRECATED, shape, shape_2d};
use prereg::radiomics::{Region, RegionError, ShapeInPlaneError};
use proptest::prelude::*;
use serde_json::Value;

fn reference_folder() -> Option<PathBuf> {
    let folder = PathBuf::from("../shared/reference/radiomics");
    if !folder.exists() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The mask of a case, at its own grid or prepared as the study does.
fn region_of(folder: &Path, case: &str, resampled: bool) -> Region {
    let read = |what: &str| read_volume(&folder.join(format!("cases/{case}_{what}.nrrd"))).unwrap();
    let image = read("image");
    let mask = Mask::from_labels(&read("label"), Some(1)).unwrap();
    let found = if resampled {
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
        region_of_interest(&prepared.image, &prepared.mask, None).unwrap()
    } else {
        region_of_interest(&image, &mask, None).unwrap()
    };
    Region {
        size: found.bounds.size,
        spacing: found.spacing,
        inside: found.inside,
        intensities: found.intensities,
    }
}

#[test]
fn shape_is_that_of_pyradiomics() {
    let Some(folder) = reference_folder() else {
        return;
    };
    let mut worst = 0.0_f64;
    let mut compared = 0;
    for case in ["brain1", "breast1", "lung1"] {
        for (setting, resampled) in [
            ("a_default", false),
            ("b_study_no_resampling", false),
            ("b_study", true),
            ("b_study_deprecated", true),
        ] {
            let expected =
                &json(&folder.join(format!("pyradiomics/{case}.{setting}.json")))["features"];
            let found = shape(&region_of(&folder, case, resampled)).unwrap();
            for (name, found) in SHAPE.iter().zip(found) {
                let Some(expected) = expected[format!("original_shape_{name}")].as_f64() else {
                    continue;
                };
                compared += 1;
                let difference = (found - expected).abs() / expected.abs();
                worst = worst.max(difference);
                assert!(
                    difference <= 1e-12,
                    "{case} {setting} {name}: {found} against {expected}, {difference:e}"
                );
            }
        }
    }
    assert_eq!(compared, 3 * (3 * 14 + SHAPE_DEPRECATED.len()));
    println!("{compared} figures, largest relative difference {worst:e}");
}

/// A mask given as rows of `#` in slices.
fn drawn(record: &Value) -> Region {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let inside: Vec<bool> = list(&record["slices"])
        .iter()
        .flat_map(list)
        .flat_map(|row| row.as_str().unwrap().bytes().collect::<Vec<_>>())
        .map(|byte| byte == b'#')
        .collect();
    let numbers = |key: &str| {
        list(&record[key])
            .iter()
            .map(|n| n.as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    let (size, spacing) = (numbers("size"), numbers("spacing"));
    Region {
        size: [0, 1, 2].map(|axis| size[axis] as usize),
        spacing: [0, 1, 2].map(|axis| spacing[axis]),
        intensities: vec![0.0; inside.len()],
        inside,
    }
}

#[track_caller]
fn same_figures(record: &Value, names: &[&str], found: &[f64]) {
    let expected = record["features"].as_object().unwrap();
    assert_eq!(expected.len(), names.len());
    for (name, found) in names.iter().zip(found) {
        let expected = expected[*name].as_f64();
        match expected {
            None => assert!(found.is_nan(), "{} {name}: {found}", record["name"]),
            // PyRadiomics gives up to 1e-14 where there is no extent.
            Some(value) => assert!(
                (found - value).abs() <= 1e-12 * value.abs() + 1e-14,
                "{} {name}: {found} against {value}",
                record["name"]
            ),
        }
    }
}

/// Single voxels, rows, slices, boxes and noise of several densities, which has every configuration of eight voxels.
#[test]
fn drawn_masks_have_the_shape_of_pyradiomics() {
    let records = json(Path::new("tests/reference/radiomics/shape_of_masks.json"));
    for record in records["space"].as_array().unwrap() {
        same_figures(record, &SHAPE, &shape(&drawn(record)).unwrap());
    }
    for record in records["plane"].as_array().unwrap() {
        same_figures(record, &SHAPE_2D, &shape_2d(&drawn(record), 2).unwrap());
    }
}

#[test]
fn what_has_no_shape_is_refused() {
    let region = |size: [usize; 3], inside: Vec<bool>| Region {
        size,
        spacing: [1.0; 3],
        intensities: vec![0.0; inside.len()],
        inside,
    };
    assert_eq!(
        shape(&region([2, 2, 2], vec![false; 8])),
        Err(RegionError::Empty)
    );
    assert_eq!(
        shape(&region([2, 2, 2], vec![true; 7])),
        Err(RegionError::SizesDiffer)
    );
    assert_eq!(
        shape(&region([0, 0, 0], Vec::new())),
        Err(RegionError::Empty)
    );
    let thick = shape_2d(&region([2, 2, 2], vec![true; 8]), 1).unwrap_err();
    assert_eq!(
        thick,
        ShapeInPlaneError::SeveralSlices { axis: 1, slices: 2 }
    );
    assert!(thick.to_string().contains("2 slices along y"));
}

fn square(x: f64) -> f64 {
    x * x
}

fn figure(region: &Region, name: &str) -> f64 {
    let place = SHAPE.iter().position(|other| *other == name).unwrap();
    shape(region).unwrap()[place]
}

fn region_where(size: [usize; 3], spacing: [f64; 3], inside: impl Fn([f64; 3]) -> bool) -> Region {
    let mut mask = Vec::new();
    for z in 0..size[2] {
        for y in 0..size[1] {
            for x in 0..size[0] {
                let index = [x, y, z];
                mask.push(inside(
                    [0, 1, 2].map(|axis| index[axis] as f64 * spacing[axis]),
                ));
            }
        }
    }
    Region {
        size,
        spacing,
        intensities: vec![0.0; mask.len()],
        inside: mask,
    }
}

/// A box of a × b × c voxels: the mesh cuts its edges and corners off.
#[test]
fn a_box_has_the_volume_of_a_box_without_its_edges() {
    let region = region_where([30, 20, 10], [1.0; 3], |_| true);
    let [a, b, c] = [30.0, 20.0, 10.0];
    // Along an edge an eighth of a voxel is cut off; at a corner an eighth of a voxel becomes one of 48.
    let edges = 4.0 * ((a - 1.0) + (b - 1.0) + (c - 1.0)) / 8.0;
    let corners = 8.0 * (1.0 / 8.0 - 1.0 / 48.0);
    let expected = a * b * c - edges - corners;
    assert!((figure(&region, "MeshVolume") - expected).abs() < 1e-9);
    let longest = (a * a + (b - 1.0) * (b - 1.0) + (c - 1.0) * (c - 1.0)).sqrt();
    assert!((figure(&region, "Maximum3DDiameter") - longest).abs() < 1e-9);
    assert_eq!(figure(&region, "VoxelVolume"), a * b * c);
    assert!(
        (figure(&region, "MajorAxisLength") - 4.0 * ((a * a - 1.0) / 12.0_f64).sqrt()).abs() < 1e-9
    );
}

#[test]
fn an_ellipsoid_has_its_volume_and_axes() {
    let axes = [24.0, 15.0, 12.0];
    let region = region_where([70, 50, 30], [0.8, 0.8, 1.0], |point| {
        let centre = [27.5, 19.5, 14.5];
        (0..3)
            .map(|axis| square((point[axis] - centre[axis]) / axes[axis]))
            .sum::<f64>()
            <= 1.0
    });
    let close = |name: &str, expected: f64, tolerance: f64| {
        let found = figure(&region, name);
        assert!(
            (found / expected - 1.0).abs() < tolerance,
            "{name} {found} {expected}"
        );
    };
    close(
        "MeshVolume",
        4.0 / 3.0 * std::f64::consts::PI * 24.0 * 15.0 * 12.0,
        0.01,
    );
    // The covariance of an even ellipsoid is a² / 5.
    close("MajorAxisLength", 4.0 * 24.0 / 5.0_f64.sqrt(), 0.01);
    close("MinorAxisLength", 4.0 * 15.0 / 5.0_f64.sqrt(), 0.01);
    close("LeastAxisLength", 4.0 * 12.0 / 5.0_f64.sqrt(), 0.01);
    close("Elongation", 15.0 / 24.0, 0.01);
    close("Flatness", 12.0 / 24.0, 0.01);
    close("Maximum3DDiameter", 48.0, 0.03);
    close("Maximum2DDiameterRow", 30.0, 0.04);
    // The surface of steps is larger than the smooth one (Knud Thomsen's formula: within 1.1 %).
    close("SurfaceArea", 3541.0, 0.12);
}

/// Distances between all vertices, by the definition.
fn diameters_of_all_pairs(region: &Region) -> [f64; 4] {
    let [nx, ny, nz] = region.size;
    let at = |x: i64, y: i64, z: i64| {
        let in_box = |index: i64, n: usize| (0..n as i64).contains(&index);
        in_box(x, nx)
            && in_box(y, ny)
            && in_box(z, nz)
            && region.inside[x as usize + nx * (y as usize + ny * z as usize)]
    };
    let mut vertices = Vec::new();
    for z in -1..nz as i64 {
        for y in -1..ny as i64 {
            for x in -1..nx as i64 {
                for step in [[1, 0, 0], [0, 1, 0], [0, 0, 1]] {
                    if at(x, y, z) != at(x + step[0], y + step[1], z + step[2]) {
                        vertices.push([2 * x + step[0], 2 * y + step[1], 2 * z + step[2]]);
                    }
                }
            }
        }
    }
    let mut best = [0.0_f64; 4];
    for a in &vertices {
        for b in &vertices {
            let square: f64 = (0..3)
                .map(|axis| square((a[axis] - b[axis]) as f64 * region.spacing[axis] / 2.0))
                .sum();
            for axis in 0..3 {
                if a[axis] == b[axis] {
                    best[axis] = best[axis].max(square);
                }
            }
            best[3] = best[3].max(square);
        }
    }
    best.map(f64::sqrt)
}

fn blob() -> impl Strategy<Value = Region> {
    (
        prop::array::uniform3(1..9_usize),
        prop::array::uniform3(0.3..4.0_f64),
        prop::collection::vec(0..100_u8, 512),
        1..100_u8,
    )
        .prop_filter_map("a voxel inside", |(size, spacing, noise, density)| {
            let voxels = size.iter().product();
            let inside: Vec<bool> = noise.iter().take(voxels).map(|n| *n < density).collect();
            inside.contains(&true).then(|| Region {
                size,
                spacing,
                intensities: vec![0.0; voxels],
                inside,
            })
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn diameters_are_those_of_all_pairs_of_vertices(region in blob()) {
        let expected = diameters_of_all_pairs(&region);
        for (name, expected) in [
            "Maximum2DDiameterRow",
            "Maximum2DDiameterColumn",
            "Maximum2DDiameterSlice",
            "Maximum3DDiameter",
        ].iter().zip(expected) {
            let found = figure(&region, name);
            prop_assert!((found - expected).abs() <= 1e-12 * expected, "{name}: {found} {expected}");
        }
    }

    /// Room around the region changes nothing, to the bit; spacing in other units scales lengths.
    #[test]
    fn place_does_not_matter_and_units_do(region in blob(), room in prop::array::uniform6(0..3_usize)) {
        let [nx, ny, nz] = region.size;
        let size = [nx + room[0] + room[3], ny + room[1] + room[4], nz + room[2] + room[5]];
        let mut inside = vec![false; size.iter().product()];
        for z in 0..nz {
            for y in 0..ny {
                for x in 0..nx {
                    inside[x + room[0] + size[0] * (y + room[1] + size[1] * (z + room[2]))] =
                        region.inside[x + nx * (y + ny * z)];
                }
            }
        }
        let moved = Region { size, spacing: region.spacing, intensities: vec![0.0; inside.len()], inside };
        let bits = |region: &Region| shape(region).unwrap().map(f64::to_bits);
        prop_assert_eq!(bits(&region), bits(&moved));

        let large = Region { spacing: region.spacing.map(|spacing| 4.0 * spacing), ..region.clone() };
        for (name, factor) in [("MeshVolume", 64.0), ("SurfaceArea", 16.0), ("Maximum3DDiameter", 4.0), ("MajorAxisLength", 4.0), ("Sphericity", 1.0), ("Flatness", 1.0)] {
            let (small, large) = (figure(&region, name), figure(&large, name));
            let expected = small * factor;
            prop_assert!((large - expected).abs() <= 1e-13 * expected.abs() || small.is_nan(), "{name}");
        }
    }
}

/// A region without diagonal corners has no slit, so that the order of the axes cannot matter.
#[test]
fn the_order_of_axes_does_not_matter() {
    let inside = |p: [f64; 3]| {
        let d = [p[0] - 9.0, p[1] - 8.0, p[2] - 7.0];
        d[0] * d[0] / 60.0 + d[1] * d[1] / 40.0 + d[2] * d[2] / 30.0 + d[0] * d[1] / 90.0 <= 1.0
    };
    let region = region_where([20, 17, 15], [1.0, 1.0, 1.0], inside);
    let turned = region_where([15, 20, 17], [1.0, 1.0, 1.0], |[z, x, y]| inside([x, y, z]));
    for name in SHAPE {
        let other = match name {
            "Maximum2DDiameterRow" => "Maximum2DDiameterColumn",
            "Maximum2DDiameterColumn" => "Maximum2DDiameterSlice",
            "Maximum2DDiameterSlice" => "Maximum2DDiameterRow",
            same => same,
        };
        let (found, expected) = (figure(&turned, other), figure(&region, name));
        assert!(
            (found - expected).abs() <= 1e-12 * expected,
            "{name} {found} {expected}"
        );
    }
}
