//! The catalogue names what the classes return.

use prereg::radiomics::Class;
use prereg::radiomics::classes::{
    FIRST_ORDER, GLCM, GLDM, GLDZM, GLRLM, GLSZM, INTENSITY_HISTOGRAM, INTENSITY_STATISTICS,
    INTENSITY_VOLUME_HISTOGRAM, LOCAL_INTENSITY, NGTDM,
};

#[test]
fn every_class_is_in_the_order_of_its_values() {
    for class in Class::ALL {
        let names: &[&str] = match class {
            Class::FirstOrder => &FIRST_ORDER,
            Class::Glcm => &GLCM,
            Class::Glrlm => &GLRLM,
            Class::Glszm => &GLSZM,
            Class::Gldm => &GLDM,
            Class::Ngtdm => &NGTDM,
            Class::Gldzm => &GLDZM,
            Class::IntensityStatistics => &INTENSITY_STATISTICS,
            Class::IntensityHistogram => &INTENSITY_HISTOGRAM,
            Class::IntensityVolumeHistogram => &INTENSITY_VOLUME_HISTOGRAM,
            Class::LocalIntensity => &LOCAL_INTENSITY,
        };
        let found: Vec<&str> = class.features().iter().map(|f| f.name).collect();
        assert_eq!(found, names, "{}", class.name());
    }
}

/// PyRadiomics 3.0.1 returns 93 features beside the 14 of shape when nothing is asked for by name.
#[test]
fn features_on_by_default() {
    let on = |class: Class| {
        let features = class.features();
        features.iter().filter(|feature| feature.by_default).count()
    };
    let counts: Vec<(&str, usize)> = Class::ALL
        .into_iter()
        .filter(|class| on(*class) > 0)
        .map(|class| (class.pyradiomics_name().unwrap(), on(class)))
        .collect();
    assert_eq!(
        counts,
        [
            ("firstorder", 18),
            ("glcm", 24),
            ("glrlm", 16),
            ("glszm", 16),
            ("gldm", 14),
            ("ngtdm", 5)
        ]
    );
}

#[test]
fn names_are_unique_within_a_class() {
    for class in Class::ALL {
        let mut names: Vec<&str> = class.features().iter().map(|f| f.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), class.features().len());
    }
}
