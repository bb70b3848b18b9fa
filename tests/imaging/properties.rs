//! What must hold of any image: interpolation meets the voxels, parts agree with the whole, threads do not matter.

use prereg::imaging::{
    Geometry, IbsiInterpolation, IntensityRange, Interpolation, Mask, Volume, VoxelBox, Voxels,
    adc, ibsi_interpolate, laplacian_of_gaussian, largest_component, mask_volume, moments,
    normalization, normalized, region_of_interest, resample, resegment, wavelet,
};
use prereg::numerics::{Random, exp, power};
use proptest::prelude::*;

fn geometry(size: [usize; 3], spacing: [f64; 3]) -> Geometry {
    Geometry {
        size,
        spacing,
        origin: [-20.0, 30.5, 7.25],
        direction: [1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0],
    }
}

fn noise(size: [usize; 3], spacing: [f64; 3], seed: u64) -> Volume {
    let mut random = Random::new(seed, "image");
    let values = (0..size.iter().product())
        .map(|_| random.below(2000) as f64 - 500.0)
        .collect();
    Volume::new(geometry(size, spacing), values).unwrap()
}

fn region(volume: &Volume, lower: [usize; 3], size: [usize; 3]) -> Mask {
    let bounds = VoxelBox { lower, size };
    Mask::from_box(
        volume.geometry.clone(),
        bounds,
        &vec![true; bounds.voxels()],
    )
    .unwrap()
}

fn close(a: &[f64], b: &[f64], tolerance: f64) {
    assert!(
        super::largest_difference(a, b) <= tolerance,
        "{}",
        super::largest_difference(a, b)
    );
}

#[test]
fn a_spline_meets_the_voxels_and_is_linear_on_a_ramp() {
    // With half the spacing every place lies a quarter of a voxel off; with a third every third place is a voxel.
    let image = noise([11, 9, 8], [3.0, 3.0, 3.0], 1);
    let mask = region(&image, [0; 3], [11, 9, 8]);
    for interpolation in [
        Interpolation::Nearest,
        Interpolation::Linear,
        Interpolation::Bspline,
    ] {
        let finer = resample(&image, &mask, None, [1.0; 3], interpolation, 5)
            .unwrap()
            .image;
        assert_eq!(finer.geometry.size, [33, 27, 24]);
        let found: Vec<f64> = (0..8 * 9 * 11)
            .map(|voxel| {
                let (x, y, z) = (voxel % 11, voxel / 11 % 9, voxel / 99);
                finer
                    .voxels
                    .get(3 * x + 1 + 33 * (3 * y + 1 + 27 * (3 * z + 1)))
                    .unwrap()
            })
            .collect();
        close(&found, &image.voxels.to_f64(), 1e-9);
    }
    let size = [70, 3, 3];
    let ramp = (0..630).map(|voxel| (voxel % 70) as f64).collect();
    let ramp = Volume::new(geometry(size, [1.0; 3]), ramp).unwrap();
    let mask = region(&ramp, [33, 0, 0], [4, 3, 3]);
    let fine = resample(
        &ramp,
        &mask,
        None,
        [0.4, 1.0, 1.0],
        Interpolation::Bspline,
        3,
    )
    .unwrap()
    .image;
    for x in 0..fine.geometry.size[0] {
        let point = fine.geometry.point([x as f64, 0.0, 0.0]);
        let expected = ramp.geometry.continuous_index(point)[0];
        assert!((fine.voxels.get(x).unwrap() - expected).abs() < 1e-9);
    }
}

#[test]
fn around_a_region_is_the_same_as_everywhere() {
    let image = noise([150, 40, 30], [0.8, 0.9, 2.5], 2);
    let small = region(&image, [70, 10, 11], [6, 9, 4]);
    let large = region(&image, [0; 3], [150, 40, 30]);
    for interpolation in [Interpolation::Linear, Interpolation::Bspline] {
        let part = resample(&image, &small, None, [1.0; 3], interpolation, 5).unwrap();
        let whole = resample(&image, &large, None, [1.0; 3], interpolation, 5).unwrap();
        let first = whole
            .image
            .geometry
            .continuous_index(part.image.geometry.origin);
        let bounds = VoxelBox {
            lower: first.map(|place| place.round() as usize),
            size: part.image.geometry.size,
        };
        close(
            &part.image.voxels.to_f64(),
            &whole.image.window(bounds).unwrap(),
            1e-9,
        );
    }
    let bounds = VoxelBox {
        lower: [72, 12, 10],
        size: [5, 6, 7],
    };
    let cut = |values: &[f64]| {
        Volume::new(image.geometry.clone(), values.to_vec())
            .unwrap()
            .window(bounds)
            .unwrap()
    };
    let everywhere = image.geometry.whole();
    for (part, whole) in wavelet(&image, None, bounds)
        .unwrap()
        .iter()
        .zip(wavelet(&image, None, everywhere).unwrap())
    {
        assert_eq!(part.name, whole.name);
        assert_eq!(part.values, cut(&whole.values));
    }
    for sigma in [1.0, 2.0] {
        let part = laplacian_of_gaussian(&image, None, sigma, bounds).unwrap();
        let whole = laplacian_of_gaussian(&image, None, sigma, everywhere).unwrap();
        close(&part, &cut(&whole), 1e-4);
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let image = noise([60, 50, 40], [0.8, 0.9, 2.5], 3);
    let mask = region(&image, [20, 15, 10], [20, 18, 12]);
    let run = || {
        let scale = normalization(&image, 100.0, Some(3.0)).unwrap();
        let resampled = resample(
            &image,
            &mask,
            Some(&scale),
            [1.0; 3],
            Interpolation::Bspline,
            5,
        )
        .unwrap();
        let bounds = resampled.mask.bounds;
        let filtered = laplacian_of_gaussian(&resampled.image, None, 2.0, bounds).unwrap();
        let bands = wavelet(&resampled.image, None, bounds).unwrap();
        (scale, resampled, filtered, bands)
    };
    let threads = |count| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(count)
            .build()
            .unwrap()
    };
    let one = threads(1).install(run);
    for count in [2, 8] {
        assert_eq!(threads(count).install(run), one);
    }
}

#[test]
fn filters_of_simple_images_are_known() {
    let flat = Volume::new(geometry([12, 11, 10], [1.0, 1.5, 2.0]), vec![7.0; 1320]).unwrap();
    let filtered = laplacian_of_gaussian(&flat, None, 2.0, flat.geometry.whole()).unwrap();
    close(&filtered, &[0.0; 1320], 1e-5);
    for band in wavelet(&flat, None, flat.geometry.whole()).unwrap() {
        let expected = if band.name == "LLL" {
            7.0 * 8.0_f64.sqrt()
        } else {
            0.0
        };
        close(&band.values, &[expected; 1320], 1e-12);
    }
    // x² has the second derivative 2, times σ².
    let square = (0..60 * 20 * 20)
        .map(|voxel| power((voxel % 60) as f64 * 0.5 - 15.0, 2.0))
        .collect();
    let square = Volume::new(geometry([60, 20, 20], [0.5; 3]), square).unwrap();
    let bounds = VoxelBox {
        lower: [28, 8, 8],
        size: [4, 4, 4],
    };
    close(
        &laplacian_of_gaussian(&square, None, 1.0, bounds).unwrap(),
        &[2.0; 64],
        1e-2,
    );
}

#[test]
fn normalisation_has_mean_0_and_clips() {
    let image = noise([20, 20, 5], [1.0; 3], 4);
    let scale = normalization(&image, 100.0, None).unwrap();
    let found = moments(&normalized(&image, &scale).unwrap()).unwrap();
    assert!(found.mean.abs() < 1e-10 && (found.standard_deviation - 100.0).abs() < 1e-10);
    let scale = normalization(&image, 10.0, Some(1.0)).unwrap();
    let clipped = normalized(&image, &scale).unwrap().voxels.to_f64();
    assert!(clipped.iter().all(|value| value.abs() <= 10.0) && clipped.contains(&10.0));
    // Whole numbers and the same in double precision.
    let shorts = image
        .voxels
        .to_f64()
        .iter()
        .map(|value| *value as i16)
        .collect();
    let integers = Volume {
        geometry: image.geometry.clone(),
        voxels: Voxels::Int16(shorts),
    };
    let (exact, real) = (moments(&integers).unwrap(), moments(&image).unwrap());
    assert!((exact.mean - real.mean).abs() < 1e-12);
    assert!((exact.standard_deviation - real.standard_deviation).abs() < 1e-10);
    let flat = Volume::new(geometry([2, 1, 1], [1.0; 3]), vec![3.0, 3.0]).unwrap();
    let told = normalization(&flat, 1.0, None).unwrap_err().to_string();
    assert_eq!(
        told,
        "all voxels of the image are 3: there is nothing to normalise"
    );
    let hole = Volume::new(geometry([2, 1, 1], [1.0; 3]), vec![3.0, f64::NAN]).unwrap();
    assert!(
        normalization(&hole, 1.0, None)
            .unwrap_err()
            .to_string()
            .starts_with("1 voxels of the image are NaN")
    );
    assert!(normalization(&image, 0.0, None).is_err());
}

#[test]
fn adc_of_a_known_decay_and_of_holes() {
    let grid = geometry([4, 1, 1], [1.0; 3]);
    let signal = |values: [f64; 4]| Volume::new(grid.clone(), values.to_vec()).unwrap();
    let decay = |b: f64, adc: f64| 1000.0 * exp(-b * adc * 1e-6);
    let image = |b: f64| signal([decay(b, 800.0), decay(b, 3000.0), 5.0, decay(b, -100.0)]);
    let mut hole = image(500.0);
    if let Voxels::Float64(values) = &mut hole.voxels {
        values[2] = 0.0;
    }
    let (none, much) = (image(0.0), image(1000.0));
    let map = adc(&[(&none, 0.0), (&hole, 500.0), (&much, 1000.0)]).unwrap();
    close(
        &map.volume.voxels.to_f64(),
        &[800.0, 3000.0, 0.0, -100.0],
        1e-9,
    );
    assert_eq!(
        (map.counts.voxels, map.counts.undefined, map.counts.negative),
        (4, 1, 1)
    );
    let told = adc(&[(&none, 0.0), (&much, 0.0)]).unwrap_err().to_string();
    assert_eq!(
        told,
        "an ADC needs images at two different b-values; there is 1"
    );
    assert!(adc(&[]).is_err());
    assert!(adc(&[(&none, 0.0), (&much, -5.0)]).is_err());
    let mut moved = much.clone();
    moved.geometry.origin[0] += 0.5;
    let told = adc(&[(&none, 0.0), (&moved, 1000.0)])
        .unwrap_err()
        .to_string();
    assert!(told.contains("the first voxel by 5.000e-1 mm"), "{told}");
}

#[test]
fn regions_are_cut_joined_and_moved() {
    let values: Vec<f64> = (0..27).map(f64::from).collect();
    let image = Volume::new(geometry([3, 3, 3], [1.0; 3]), values).unwrap();
    let mask = region(&image, [0; 3], [3, 3, 3]);
    let absolute = |lower, upper| {
        resegment(
            &image,
            &mask,
            None,
            IntensityRange::Absolute { lower, upper },
        )
    };
    let cut = absolute(9.0, Some(17.0)).unwrap();
    assert_eq!((cut.mask.count(), cut.removed), (9, 18));
    assert_eq!(
        (cut.mask.bounds.lower, cut.mask.bounds.size),
        ([0, 0, 1], [3, 3, 1])
    );
    assert_eq!(absolute(20.0, None).unwrap().mask.count(), 7);
    let part = IntensityRange::RelativeToMaximum {
        lower: 0.5,
        upper: None,
    };
    assert_eq!(resegment(&image, &mask, None, part).unwrap().lower, 13.0);
    let told = absolute(26.0, None).unwrap_err().to_string();
    assert_eq!(
        told,
        "resegmentation leaves 1 voxels of the region (intensities from 26); two are needed: widen the range"
    );
    assert!(absolute(5.0, Some(5.0)).is_err() && absolute(f64::NAN, None).is_err());

    // Two parts that do not touch, and two that touch by a corner only.
    let from = |voxels: [usize; 4]| {
        let inside: Vec<bool> = (0..27).map(|voxel| voxels.contains(&voxel)).collect();
        Mask::from_box(image.geometry.clone(), image.geometry.whole(), &inside).unwrap()
    };
    let largest = largest_component(&from([0, 1, 13, 26])).unwrap();
    assert_eq!(largest.count(), 4);
    let largest = largest_component(&from([0, 18, 19, 20])).unwrap();
    assert_eq!((largest.count(), largest.contains([0, 0, 0])), (3, false));

    assert_eq!(mask.on_grid_of(&image.geometry).unwrap(), mask);
    let mut coarse = image.geometry.clone();
    coarse.spacing = [3.0, 1.0, 1.0];
    coarse.size = [2, 3, 3];
    let moved = mask.on_grid_of(&coarse).unwrap();
    assert_eq!((moved.count(), moved.bounds.size), (9, [1, 3, 3]));
    coarse.origin = [500.0; 3];
    assert!(mask.on_grid_of(&coarse).is_err());

    let mut shifted = image.clone();
    shifted.geometry.origin[2] += 2.0;
    let told = region_of_interest(&shifted, &mask, None)
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("corners by up to 2.000e0 mm (2.000e0 voxels)"),
        "{told}"
    );
    let labels = mask_volume(&mask);
    let told = Mask::from_labels(&labels, Some(4)).unwrap_err().to_string();
    assert_eq!(
        told,
        "no voxel of the mask has the label 4; the labels that occur are [1.0]"
    );
}

#[test]
fn settings_that_cannot_be_are_told() {
    let image = noise([6, 6, 6], [1.0; 3], 5);
    let mask = region(&image, [1; 3], [4, 4, 4]);
    let at = |spacing| resample(&image, &mask, None, spacing, Interpolation::Linear, 5);
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(at([wrong, 1.0, 1.0]).is_err());
    }
    assert!(
        at([1e-6, 1e-6, 1e-6])
            .unwrap_err()
            .to_string()
            .contains("the spacing is too small")
    );
    // One new voxel for the whole image: it is still a grid, and the region may fall beside it.
    let _ = at([100.0; 3]);
    let settings = |spacing, mask_threshold| IbsiInterpolation {
        spacing,
        image: Interpolation::Linear,
        mask: Interpolation::Linear,
        mask_threshold,
        round_intensities: true,
        padding: Some(0),
    };
    assert!(ibsi_interpolate(&image, &mask, &settings([1e-6; 3], 0.5)).is_err());
    assert!(ibsi_interpolate(&image, &mask, &settings([1.0; 3], 0.0)).is_err());
    let same = ibsi_interpolate(&image, &mask, &settings([1.0; 3], 0.5)).unwrap();
    assert_eq!(
        (same.mask.count(), same.image.geometry.size),
        (64, [4, 4, 4])
    );
    let sigma = |sigma| laplacian_of_gaussian(&image, None, sigma, image.geometry.whole());
    assert!(sigma(0.0).is_err());
    let told = sigma(9.0).unwrap_err().to_string();
    assert_eq!(told, "the image has 6 voxels along x, the filter needs 10");
    let outside = VoxelBox {
        lower: [5, 0, 0],
        size: [2, 1, 1],
    };
    assert!(image.window(outside).is_err() && wavelet(&image, None, outside).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_grid_can_be_resampled(
        size in prop::array::uniform3(1_usize..14),
        spacing in prop::array::uniform3(0.2_f64..7.0),
        new in prop::array::uniform3(0.3_f64..9.0),
        corner in prop::array::uniform3(0.0_f64..1.0),
        extent in prop::array::uniform3(0.0_f64..1.0),
        seed: u64,
    ) {
        let image = noise(size, spacing, seed);
        let lower: [usize; 3] = std::array::from_fn(|axis| (corner[axis] * size[axis] as f64) as usize);
        let room: [usize; 3] = std::array::from_fn(|axis| size[axis] - lower[axis]);
        let extent = std::array::from_fn(|axis| 1 + (extent[axis] * (room[axis] - 1) as f64) as usize);
        let mask = region(&image, lower, extent);
        let (low, high) = image.voxels.to_f64().iter().fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
        for interpolation in [Interpolation::Nearest, Interpolation::Linear, Interpolation::Bspline] {
            if let Ok(found) = resample(&image, &mask, None, new, interpolation, 5) {
                prop_assert_eq!(found.image.voxels.len(), found.image.geometry.voxels());
                if interpolation != Interpolation::Bspline {
                    prop_assert!(found.image.voxels.to_f64().iter().all(|v| *v >= low && *v <= high));
                }
            }
            let settings = IbsiInterpolation {
                spacing: new,
                image: interpolation,
                mask: interpolation,
                mask_threshold: 0.5,
                round_intensities: false,
                padding: None,
            };
            let whole = ibsi_interpolate(&image, &mask, &settings);
            let part = ibsi_interpolate(&image, &mask, &IbsiInterpolation { padding: Some(2), ..settings });
            if let (Ok(whole), Ok(part)) = (whole, part) {
                prop_assert_eq!(whole.mask.count(), part.mask.count(), "{:?}", interpolation);
            }
        }
    }
}
