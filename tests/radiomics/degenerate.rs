//! Regions that are hardly any: what PyRadiomics 3.0.1 answers, or a message.

use prereg::radiomics::classes::{
    FIRST_ORDER, GLCM, GLDM, GLRLM, GLSZM, GlcmOptions, IntensityGrid, NGTDM, first_order, glcm,
    gldm, gldzm, glrlm, glszm, intensity_histogram, intensity_statistics,
    intensity_volume_histogram, local_intensity, ngtdm,
};
use prereg::radiomics::{Directions, Levels, Region, RegionError, Space, Weighting};

fn region(size: [usize; 3], intensities: &[f64]) -> Region {
    Region {
        size,
        spacing: [1.0; 3],
        inside: vec![true; intensities.len()],
        intensities: intensities.to_vec(),
    }
}

fn options(space: Space) -> GlcmOptions {
    GlcmOptions {
        distances: vec![1],
        space,
        directions: Directions::Averaged,
        symmetric: true,
    }
}

#[track_caller]
fn check(names: &[&str], values: &[f64], expected: &[(&str, f64)]) {
    for (name, expected) in expected {
        let place = names.iter().position(|n| n == name).unwrap();
        assert!(
            (values[place] - expected).abs() <= 1e-12 * expected.abs().max(1.0),
            "{name}: {} against {expected}",
            values[place]
        );
    }
}

#[test]
fn one_voxel() {
    let region = region([1; 3], &[7.0]);
    let levels = region.levels_by_width(25.0).unwrap();
    assert_eq!((levels.highest(), levels.count()), (1, 1));
    for space in [Space::Volume, Space::Plane, Space::EachSlice] {
        assert_eq!(glcm(&levels, &options(space)), None);
        let runs = glrlm(&levels, space, Directions::Averaged);
        check(
            &GLRLM,
            &runs,
            &[
                ("RunPercentage", 1.0),
                ("LongRunEmphasis", 1.0),
                ("RunEntropy", 0.0),
            ],
        );
        check(&GLSZM, &glszm(&levels, space), &[("ZonePercentage", 1.0)]);
        check(
            &GLDM,
            &gldm(&levels, &[1], 0, space),
            &[("LargeDependenceEmphasis", 1.0)],
        );
        check(
            &NGTDM,
            &ngtdm(&levels, &[1], space),
            &[
                ("Coarseness", 1e6),
                ("Contrast", 0.0),
                ("Busyness", 0.0),
                ("Complexity", 0.0),
                ("Strength", 0.0),
            ],
        );
    }
    let values = first_order(&region, &levels, 0.0).unwrap();
    check(
        &FIRST_ORDER,
        &values,
        &[
            ("Mean", 7.0),
            ("10Percentile", 7.0),
            ("Variance", 0.0),
            ("Skewness", 0.0),
            ("Kurtosis", 0.0),
            ("Energy", 49.0),
            ("Uniformity", 1.0),
        ],
    );
}

/// The figures of PyRadiomics' baseline `flatRegion`, whose one level makes most features the same for any shape.
#[test]
fn one_level() {
    let region = region([3, 3, 3], &[4.5; 27]);
    let levels = region.levels_by_width(25.0).unwrap();
    let found = glcm(&levels, &options(Space::Volume)).unwrap();
    check(
        &GLCM,
        &found,
        &[
            ("Autocorrelation", 1.0),
            ("Correlation", 1.0),
            ("Contrast", 0.0),
            ("Id", 1.0),
            ("Imc1", 0.0),
            ("Imc2", 0.0),
            ("MCC", 1.0),
            ("JointEnergy", 1.0),
            ("SumAverage", 2.0),
            ("InverseVariance", 0.0),
        ],
    );
    check(
        &GLSZM,
        &glszm(&levels, Space::Volume),
        &[("LargeAreaEmphasis", 729.0), ("ZonePercentage", 1.0 / 27.0)],
    );
    check(
        &NGTDM,
        &ngtdm(&levels, &[1], Space::Volume),
        &[("Coarseness", 1e6), ("Contrast", 0.0), ("Strength", 0.0)],
    );
    assert_eq!(region.levels_by_count(8).unwrap().highest(), 5);
    let statistics = intensity_statistics(&region).unwrap();
    assert_eq!(statistics[..4], [4.5, 0.0, 0.0, 0.0]);
    let histogram = intensity_histogram(&levels);
    assert!(histogram.iter().all(|value| value.is_finite()));
    let ivh = intensity_volume_histogram(&region, IntensityGrid::Count { count: 10 }).unwrap();
    assert_eq!(ivh[..2], [0.0, 0.0]);
    assert_eq!(local_intensity(&region).unwrap(), [4.5, 4.5]);
}

/// Two levels of which only one has neighbours: its pairs say nothing of a correlation.
#[test]
fn a_level_without_neighbours() {
    let levels = Levels::new([5, 1, 1], [1.0; 3], &[1, 1, 0, 2, 0]).unwrap();
    let found = glcm(&levels, &options(Space::Volume)).unwrap();
    check(&GLCM, &found, &[("MCC", 0.0), ("Correlation", 1.0)]);
    let found = ngtdm(&levels, &[1], Space::Volume);
    check(&NGTDM, &found, &[("Coarseness", 1e6)]);
}

/// Two voxels of one level and two of another, apart: knowing one neighbour tells the other.
#[test]
fn levels_that_never_meet() {
    let levels = Levels::new([5, 1, 1], [1.0; 3], &[1, 1, 0, 3, 3]).unwrap();
    let found = glcm(&levels, &options(Space::Volume)).unwrap();
    check(&GLCM, &found, &[("MCC", 1.0), ("Correlation", 1.0)]);
}

#[test]
fn distances_beyond_the_region_find_nothing() {
    let levels = Levels::new([3, 1, 1], [1.0; 3], &[1, 2, 2]).unwrap();
    let far = GlcmOptions {
        distances: vec![3, 1_000_000],
        ..options(Space::Volume)
    };
    let near = GlcmOptions {
        distances: vec![2],
        ..options(Space::Volume)
    };
    assert!(glcm(&levels, &near).is_some());
    assert_eq!(glcm(&levels, &far), None);
    let found = gldm(&levels, &[50], 0, Space::Volume);
    check(&GLDM, &found, &[("LargeDependenceEmphasis", 1.0)]);
}

#[test]
fn what_is_no_region_says_so() {
    let nothing = Region {
        inside: vec![false; 2],
        ..region([2, 1, 1], &[1.0, 2.0])
    };
    assert_eq!(nothing.levels_by_width(1.0), Err(RegionError::Empty));
    let sizes = region([3, 1, 1], &[1.0, 2.0]);
    assert_eq!(sizes.levels_by_width(1.0), Err(RegionError::SizesDiffer));
    let holes = region([3, 1, 1], &[1.0, f64::NAN, f64::INFINITY]);
    let error = holes.levels_by_width(1.0).unwrap_err();
    assert_eq!(error, RegionError::NotFinite { voxels: 2 });
    assert!(error.to_string().contains("2 voxels of the region"));
    assert!(intensity_statistics(&holes).is_err());
    assert!(local_intensity(&holes).is_err());
    // Outside the region anything may stand.
    let outside = Region {
        inside: vec![true, false, false],
        ..holes
    };
    assert_eq!(outside.levels_by_width(1.0).unwrap().values(), [1, 0, 0]);
    assert_eq!(local_intensity(&outside).unwrap(), [1.0, 1.0]);

    let wide = region([2, 1, 1], &[0.0, 1e6]);
    let error = wide.levels_by_width(1.0).unwrap_err();
    assert!(matches!(error, RegionError::TooManyLevels { .. }));
    assert!(error.to_string().contains("use a larger bin width"));
    assert!(wide.levels_by_width(f64::MIN_POSITIVE).is_err());
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            wide.levels_by_width(value),
            Err(RegionError::BadBins { .. })
        ));
    }
    assert!(wide.levels_by_count(0).is_err());
    assert!(wide.levels_by_count(1_000_000).is_err());
    assert_eq!(
        wide.levels_by_width_from(10.0, 1e5),
        Err(RegionError::BelowFirstBin {
            intensity: 0.0,
            edge: 10.0
        })
    );
    for count in [0, usize::MAX] {
        let grid = IntensityGrid::Count { count };
        assert!(intensity_volume_histogram(&wide, grid).is_err());
    }
    let levels = wide.levels_by_count(2).unwrap();
    assert_eq!(
        gldzm(&levels, &[true, false], Space::Volume),
        Err(RegionError::OutsideMorphological { voxels: 1 })
    );
    assert_eq!(
        gldzm(&levels, &[true], Space::Volume),
        Err(RegionError::SizesDiffer)
    );
}

/// Values on edges belong to the bin above, also where the width has no exact binary form.
#[test]
fn values_on_edges() {
    let values: Vec<f64> = (0..40).map(|k| f64::from(k) * 0.1).collect();
    let levels = region([40, 1, 1], &values).levels_by_width(0.1).unwrap();
    let expected: Vec<u16> = (1..=40).collect();
    assert_eq!(levels.values(), expected);
    let negative = region([4, 1, 1], &[-50.0, -25.1, -25.0, 0.0]);
    assert_eq!(
        negative.levels_by_width(25.0).unwrap().values(),
        [1, 1, 2, 3]
    );
    let counted = region([5, 1, 1], &[0.0, 0.24, 0.25, 0.75, 1.0]);
    assert_eq!(
        counted.levels_by_count(4).unwrap().values(),
        [1, 1, 2, 4, 4]
    );
}

/// With equal spacing every step is as long by its largest component, so that all weights are equal.
#[test]
fn weights_of_equal_steps_cancel() {
    let values: Vec<u16> = (0..60).map(|k| (k * k % 7) % 4 + 1).collect();
    let levels = Levels::new([5, 4, 3], [2.0; 3], &values).unwrap();
    let merged = |weighting| {
        let options = GlcmOptions {
            directions: Directions::Merged(weighting),
            ..options(Space::Volume)
        };
        glcm(&levels, &options).unwrap()
    };
    let pairs = merged(Weighting::Equal)
        .into_iter()
        .zip(merged(Weighting::Infinity));
    for (equal, infinity) in pairs {
        assert!((equal - infinity).abs() <= 1e-12 * equal.abs().max(1.0));
    }
    // By hand: 1 1 above 2 2, 1 mm apart. Two pairs along x are alike; two along y and two diagonal ones differ by 1.
    let levels = Levels::new([2, 2, 1], [1.0; 3], &[1, 1, 2, 2]).unwrap();
    for (weighting, diagonal) in [
        (Weighting::Equal, 1.0),
        (Weighting::Infinity, 1.0),
        (Weighting::Euclidean, prereg::numerics::exp(-1.0)),
        (Weighting::Manhattan, prereg::numerics::exp(-3.0)),
    ] {
        let options = GlcmOptions {
            directions: Directions::Merged(weighting),
            ..options(Space::Volume)
        };
        let found = glcm(&levels, &options).unwrap();
        let expected = (1.0 + diagonal) / (2.0 + diagonal);
        check(&GLCM, &found, &[("Contrast", expected)]);
    }
}
