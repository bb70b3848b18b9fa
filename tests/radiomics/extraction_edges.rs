//! Regions that have no features, or few: what is said, and what is answered.

use prereg::imaging::Interpolation;
use prereg::radiomics::{Discretize, FeatureClass, Resample, Settings, extract};

use super::{by_name, image, mask};

fn message(
    settings: &Settings,
    intensity: impl Fn([usize; 3]) -> f64,
    inside: impl Fn([usize; 3]) -> bool,
) -> String {
    let (size, spacing) = ([6, 6, 4], [1.0; 3]);
    extract(
        &image(size, spacing, intensity),
        &mask(size, spacing, inside),
        settings,
    )
    .unwrap_err()
    .to_string()
}

#[test]
fn what_cannot_be_extracted_is_said() {
    let default = Settings::default();
    let slope = |[x, y, z]: [usize; 3]| (x + y + z) as f64;
    assert_eq!(
        message(&default, slope, |place| place == [2, 2, 2]),
        "the region is 1 x 1 x 1 voxels: it needs more than one along at least 2 axes"
    );
    let few = Settings {
        minimum_voxels: Some(50),
        ..Settings::default()
    };
    assert_eq!(
        message(&few, slope, |[x, y, z]| x < 2 && y < 2 && z < 2),
        "the region has 8 voxels: the settings ask for more than 50"
    );
    let fine = Settings {
        discretize: Discretize::BinWidth(1e-6),
        ..Settings::default()
    };
    assert!(message(&fine, slope, |_| true).contains("bins of width 0.000001 make"));
    let unknown = Settings {
        also: vec!["glcm_Disimilarity".to_owned()],
        ..Settings::default()
    };
    assert_eq!(
        message(&unknown, slope, |_| true),
        "there is no feature `glcm_Disimilarity`: write class and name, as `glcm_Dissimilarity`"
    );
    let flat = Settings {
        classes: vec![FeatureClass::Shape2d],
        ..Settings::default()
    };
    assert!(message(&flat, slope, |_| true).contains("reaches over 4 slices along z"));
    let wrong = Settings {
        discretize: Discretize::BinWidth(0.0),
        ..Settings::default()
    };
    assert!(message(&wrong, slope, |_| true).contains("must be above 0"));
    let nan = message(
        &default,
        |place| if place == [1, 1, 1] { f64::NAN } else { 1.0 },
        |_| true,
    );
    assert!(nan.contains("not a number") || nan.contains("NaN"), "{nan}");
}

/// One intensity: PyRadiomics answers 0 for what varies and 1 for what is alike, and so do we.
#[test]
fn a_flat_region_has_features() {
    let (size, spacing) = ([4, 4, 4], [1.0; 3]);
    let found = extract(
        &image(size, spacing, |_| 7.0),
        &mask(size, spacing, |_| true),
        &Settings::default(),
    )
    .unwrap();
    let value = by_name(&found);
    assert_eq!(value["original_firstorder_Variance"], 0.0);
    assert_eq!(value["original_firstorder_Skewness"], 0.0);
    assert_eq!(value["original_firstorder_Kurtosis"], 0.0);
    assert!(value["original_firstorder_Entropy"].abs() < 1e-12);
    assert_eq!(value["original_glcm_Correlation"], 1.0);
    assert_eq!(value["original_glcm_MCC"], 1.0);
    assert_eq!(value["original_glcm_Contrast"], 0.0);
    assert_eq!(value["original_ngtdm_Coarseness"], 1e6);
    assert_eq!(value["original_ngtdm_Busyness"], 0.0);
}

/// The deprecated names are copies of others.
#[test]
fn old_names_say_the_same() {
    let (size, spacing) = ([6, 5, 4], [1.0, 1.0, 2.0]);
    let settings = Settings {
        also: [
            "glcm_Dissimilarity",
            "glcm_Homogeneity1",
            "glcm_Homogeneity2",
            "glcm_SumVariance",
            "firstorder_StandardDeviation",
        ]
        .map(str::to_owned)
        .to_vec(),
        resample: Some(Resample {
            spacing: [1.0; 3],
            interpolation: Interpolation::Linear,
        }),
        discretize: Discretize::BinWidth(3.0),
        ..Settings::default()
    };
    let found = extract(
        &image(size, spacing, |[x, y, z]| {
            ((x * 7 + y * 5 + z * 11) % 13) as f64
        }),
        &mask(size, spacing, |_| true),
        &settings,
    )
    .unwrap();
    assert_eq!(found.features.len(), 107 + 5);
    let value = by_name(&found);
    for (old, new) in [
        ("glcm_Dissimilarity", "glcm_DifferenceAverage"),
        ("glcm_Homogeneity1", "glcm_Id"),
        ("glcm_Homogeneity2", "glcm_Idm"),
        ("glcm_SumVariance", "glcm_ClusterTendency"),
    ] {
        assert_eq!(
            value[format!("original_{old}").as_str()],
            value[format!("original_{new}").as_str()]
        );
    }
    let deviation = value["original_firstorder_StandardDeviation"];
    assert!((deviation * deviation - value["original_firstorder_Variance"]).abs() < 1e-9);
}
