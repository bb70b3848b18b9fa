//! The class of a feature, told by its name: `original_glcm_Contrast`, `log-sigma-1-mm-3D_firstorder_Mean`,
//! `shape_Elongation`.

/// Class names in feature names, and how the report calls them.
const CLASSES: [(&str, &str); 8] = [
    ("shape2D", "Shape (2D)"),
    ("shape", "Shape"),
    ("firstorder", "First order"),
    ("glcm", "GLCM"),
    ("glrlm", "GLRLM"),
    ("glszm", "GLSZM"),
    ("gldm", "GLDM"),
    ("ngtdm", "NGTDM"),
];

/// What the report calls the class of a feature; "Other" if its name tells none.
pub(super) fn class_of(feature: &str) -> &'static str {
    feature
        .split('_')
        .find_map(|part| CLASSES.iter().find(|(word, _)| *word == part))
        .map_or("Other", |(_, class)| class)
}

#[cfg(test)]
mod tests {
    use super::class_of;

    #[test]
    fn a_name_tells_its_class() {
        assert_eq!(class_of("original_glcm_Contrast"), "GLCM");
        assert_eq!(class_of("log-sigma-1-mm-3D_firstorder_Mean"), "First order");
        assert_eq!(class_of("shape_Elongation"), "Shape");
        assert_eq!(class_of("volume_ml"), "Other");
    }
}
