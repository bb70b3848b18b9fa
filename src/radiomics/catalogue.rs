//! Which features are off by default, and the identifiers of the Image Biomarker Standardisation Initiative.

/// Why a feature is off unless it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deprecated {
    /// An old name of another feature.
    SameAs(&'static str),
    /// Says the same as another feature, in another form.
    FromOthers,
}

/// What a feature (`glcm_Dissimilarity`) that is off by default is; none for one that is on or does not exist.
pub fn deprecated(name: &str) -> Option<Deprecated> {
    Some(match name {
        "firstorder_StandardDeviation"
        | "shape_Compactness1"
        | "shape_Compactness2"
        | "shape_SphericalDisproportion"
        | "shape2D_SphericalDisproportion" => Deprecated::FromOthers,
        "glcm_Dissimilarity" => Deprecated::SameAs("glcm_DifferenceAverage"),
        "glcm_Homogeneity1" => Deprecated::SameAs("glcm_Id"),
        "glcm_Homogeneity2" => Deprecated::SameAs("glcm_Idm"),
        "glcm_SumVariance" => Deprecated::SameAs("glcm_ClusterTendency"),
        _ => return None,
    })
}
