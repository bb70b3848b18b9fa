//! Every feature of first-order and texture classes: its name, what IBSI calls it, whether it is on by default.
//!
//! Names are PyRadiomics', also in the classes that only IBSI has. On by default is what PyRadiomics 3.0.1 computes when
//! nothing is asked for by name: 18 + 24 + 16 + 16 + 14 + 5 features here. Off are its deprecated names, which repeat
//! another feature (GLCM Dissimilarity = DifferenceAverage, Homogeneity1 = Id, Homogeneity2 = Idm, SumVariance =
//! ClusterTendency; GLDM GrayLevelNonUniformityNormalized = first-order Uniformity, DependencePercentage = 1;
//! first-order StandardDeviation = the root of Variance), and everything that is IBSI's only.
//! A tag and a code of IBSI stand where the definitions agree; first-order Kurtosis is not excess and has none.

/// A class of features that this folder computes from intensities and levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    FirstOrder,
    Glcm,
    Glrlm,
    Glszm,
    Gldm,
    Ngtdm,
    Gldzm,
    IntensityStatistics,
    IntensityHistogram,
    IntensityVolumeHistogram,
    LocalIntensity,
}

/// A feature of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    pub name: &'static str,
    pub ibsi: Option<IbsiFeature>,
    pub by_default: bool,
}

/// What IBSI calls a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IbsiFeature {
    /// Without the ending that names the aggregation.
    pub tag: &'static str,
    /// The permanent identifier.
    pub code: &'static str,
}

const fn ibsi(tag: &'static str, code: &'static str) -> Option<IbsiFeature> {
    Some(IbsiFeature { tag, code })
}

const fn on(name: &'static str, ibsi: Option<IbsiFeature>) -> Feature {
    Feature {
        name,
        ibsi,
        by_default: true,
    }
}

const fn off(name: &'static str, ibsi: Option<IbsiFeature>) -> Feature {
    Feature {
        name,
        ibsi,
        by_default: false,
    }
}

impl Class {
    pub const ALL: [Class; 11] = [
        Class::FirstOrder,
        Class::Glcm,
        Class::Glrlm,
        Class::Glszm,
        Class::Gldm,
        Class::Ngtdm,
        Class::Gldzm,
        Class::IntensityStatistics,
        Class::IntensityHistogram,
        Class::IntensityVolumeHistogram,
        Class::LocalIntensity,
    ];

    /// As a study calls it.
    pub fn name(self) -> &'static str {
        match self {
            Class::FirstOrder => "first_order",
            Class::Glcm => "glcm",
            Class::Glrlm => "glrlm",
            Class::Glszm => "glszm",
            Class::Gldm => "gldm",
            Class::Ngtdm => "ngtdm",
            Class::Gldzm => "gldzm",
            Class::IntensityStatistics => "intensity_statistics",
            Class::IntensityHistogram => "intensity_histogram",
            Class::IntensityVolumeHistogram => "intensity_volume_histogram",
            Class::LocalIntensity => "local_intensity",
        }
    }

    /// As PyRadiomics calls it in the names of features; none of a class that only IBSI has.
    pub fn pyradiomics_name(self) -> Option<&'static str> {
        match self {
            Class::FirstOrder => Some("firstorder"),
            Class::Glcm | Class::Glrlm | Class::Glszm | Class::Gldm | Class::Ngtdm => {
                Some(self.name())
            }
            _ => None,
        }
    }

    /// The features in the order of the class's values.
    pub fn features(self) -> &'static [Feature] {
        match self {
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
        }
    }
}

const FIRST_ORDER: [Feature; 19] = [
    on("10Percentile", ibsi("stat_p10", "QG58")),
    on("90Percentile", ibsi("stat_p90", "8DWT")),
    on("Energy", ibsi("stat_energy", "N8CA")),
    on("Entropy", ibsi("ih_entropy", "TLU2")),
    on("InterquartileRange", ibsi("stat_iqr", "SALO")),
    on("Kurtosis", None),
    on("Maximum", ibsi("stat_max", "84IY")),
    on("Mean", ibsi("stat_mean", "Q4LE")),
    on("MeanAbsoluteDeviation", ibsi("stat_mad", "4FUA")),
    on("Median", ibsi("stat_median", "Y12H")),
    on("Minimum", ibsi("stat_min", "1GSF")),
    on("Range", ibsi("stat_range", "2OJQ")),
    on("RobustMeanAbsoluteDeviation", ibsi("stat_rmad", "1128")),
    on("RootMeanSquared", ibsi("stat_rms", "5ZWQ")),
    on("Skewness", ibsi("stat_skew", "KE2A")),
    off("StandardDeviation", None),
    on("TotalEnergy", None),
    on("Uniformity", ibsi("ih_uniformity", "BJ5W")),
    on("Variance", ibsi("stat_var", "ECT3")),
];

const GLCM: [Feature; 28] = [
    on("Autocorrelation", ibsi("cm_auto_corr", "QWB0")),
    on("ClusterProminence", ibsi("cm_clust_prom", "AE86")),
    on("ClusterShade", ibsi("cm_clust_shade", "7NFM")),
    on("ClusterTendency", ibsi("cm_clust_tend", "DG8W")),
    on("Contrast", ibsi("cm_contrast", "ACUI")),
    on("Correlation", ibsi("cm_corr", "NI2N")),
    on("DifferenceAverage", ibsi("cm_diff_avg", "TF7R")),
    on("DifferenceEntropy", ibsi("cm_diff_entr", "NTRS")),
    on("DifferenceVariance", ibsi("cm_diff_var", "D3YU")),
    off("Dissimilarity", ibsi("cm_dissimilarity", "8S9J")),
    off("Homogeneity1", ibsi("cm_inv_diff", "IB1Z")),
    off("Homogeneity2", ibsi("cm_inv_diff_mom", "WF0Z")),
    on("Id", ibsi("cm_inv_diff", "IB1Z")),
    on("Idm", ibsi("cm_inv_diff_mom", "WF0Z")),
    on("Idmn", ibsi("cm_inv_diff_mom_norm", "1QCO")),
    on("Idn", ibsi("cm_inv_diff_norm", "NDRX")),
    on("Imc1", ibsi("cm_info_corr1", "R8DG")),
    on("Imc2", ibsi("cm_info_corr2", "JN9H")),
    on("InverseVariance", ibsi("cm_inv_var", "E8JP")),
    on("JointAverage", ibsi("cm_joint_avg", "60VM")),
    on("JointEnergy", ibsi("cm_energy", "8ZQL")),
    on("JointEntropy", ibsi("cm_joint_entr", "TU9B")),
    on("MCC", None),
    on("MaximumProbability", ibsi("cm_joint_max", "GYBY")),
    on("SumAverage", ibsi("cm_sum_avg", "ZGXS")),
    on("SumEntropy", ibsi("cm_sum_entr", "P6QZ")),
    on("SumSquares", ibsi("cm_joint_var", "UR99")),
    off("SumVariance", ibsi("cm_sum_var", "OEEB")),
];

const GLRLM: [Feature; 16] = [
    on("GrayLevelNonUniformity", ibsi("rlm_glnu", "R5YN")),
    on(
        "GrayLevelNonUniformityNormalized",
        ibsi("rlm_glnu_norm", "OVBL"),
    ),
    on("GrayLevelVariance", ibsi("rlm_gl_var", "8CE5")),
    on("HighGrayLevelRunEmphasis", ibsi("rlm_hgre", "G3QZ")),
    on("LongRunEmphasis", ibsi("rlm_lre", "W4KF")),
    on("LongRunHighGrayLevelEmphasis", ibsi("rlm_lrhge", "3KUM")),
    on("LongRunLowGrayLevelEmphasis", ibsi("rlm_lrlge", "IVPO")),
    on("LowGrayLevelRunEmphasis", ibsi("rlm_lgre", "V3SW")),
    on("RunEntropy", ibsi("rlm_rl_entr", "HJ9O")),
    on("RunLengthNonUniformity", ibsi("rlm_rlnu", "W92Y")),
    on(
        "RunLengthNonUniformityNormalized",
        ibsi("rlm_rlnu_norm", "IC23"),
    ),
    on("RunPercentage", ibsi("rlm_r_perc", "9ZK5")),
    on("RunVariance", ibsi("rlm_rl_var", "SXLW")),
    on("ShortRunEmphasis", ibsi("rlm_sre", "22OV")),
    on("ShortRunHighGrayLevelEmphasis", ibsi("rlm_srhge", "GD3A")),
    on("ShortRunLowGrayLevelEmphasis", ibsi("rlm_srlge", "HTZT")),
];

const GLSZM: [Feature; 16] = [
    on("GrayLevelNonUniformity", ibsi("szm_glnu", "JNSA")),
    on(
        "GrayLevelNonUniformityNormalized",
        ibsi("szm_glnu_norm", "Y1RO"),
    ),
    on("GrayLevelVariance", ibsi("szm_gl_var", "BYLV")),
    on("HighGrayLevelZoneEmphasis", ibsi("szm_hgze", "5GN9")),
    on("LargeAreaEmphasis", ibsi("szm_lze", "48P8")),
    on("LargeAreaHighGrayLevelEmphasis", ibsi("szm_lzhge", "J17V")),
    on("LargeAreaLowGrayLevelEmphasis", ibsi("szm_lzlge", "YH51")),
    on("LowGrayLevelZoneEmphasis", ibsi("szm_lgze", "XMSY")),
    on("SizeZoneNonUniformity", ibsi("szm_zsnu", "4JP3")),
    on(
        "SizeZoneNonUniformityNormalized",
        ibsi("szm_zsnu_norm", "VB3A"),
    ),
    on("SmallAreaEmphasis", ibsi("szm_sze", "P001")),
    on("SmallAreaHighGrayLevelEmphasis", ibsi("szm_szhge", "HW1V")),
    on("SmallAreaLowGrayLevelEmphasis", ibsi("szm_szlge", "5RAI")),
    on("ZoneEntropy", ibsi("szm_zs_entr", "GU8N")),
    on("ZonePercentage", ibsi("szm_z_perc", "P30P")),
    on("ZoneVariance", ibsi("szm_zs_var", "3NSA")),
];

const GLDM: [Feature; 17] = [
    off("DependenceEnergy", ibsi("ngl_dc_energy", "CAS9")),
    on("DependenceEntropy", ibsi("ngl_dc_entr", "FCBV")),
    on("DependenceNonUniformity", ibsi("ngl_dcnu", "Z87G")),
    on(
        "DependenceNonUniformityNormalized",
        ibsi("ngl_dcnu_norm", "OKJI"),
    ),
    off("DependencePercentage", ibsi("ngl_dc_perc", "6XV8")),
    on("DependenceVariance", ibsi("ngl_dc_var", "DNX2")),
    on("GrayLevelNonUniformity", ibsi("ngl_glnu", "FP8K")),
    off(
        "GrayLevelNonUniformityNormalized",
        ibsi("ngl_glnu_norm", "5SPA"),
    ),
    on("GrayLevelVariance", ibsi("ngl_gl_var", "1PFV")),
    on("HighGrayLevelEmphasis", ibsi("ngl_hgce", "OAE7")),
    on("LargeDependenceEmphasis", ibsi("ngl_hde", "IMOQ")),
    on(
        "LargeDependenceHighGrayLevelEmphasis",
        ibsi("ngl_hdhge", "9QMG"),
    ),
    on(
        "LargeDependenceLowGrayLevelEmphasis",
        ibsi("ngl_hdlge", "NBZI"),
    ),
    on("LowGrayLevelEmphasis", ibsi("ngl_lgce", "TL9H")),
    on("SmallDependenceEmphasis", ibsi("ngl_lde", "SODN")),
    on(
        "SmallDependenceHighGrayLevelEmphasis",
        ibsi("ngl_ldhge", "JA6D"),
    ),
    on(
        "SmallDependenceLowGrayLevelEmphasis",
        ibsi("ngl_ldlge", "EQ3F"),
    ),
];

const NGTDM: [Feature; 5] = [
    on("Busyness", ibsi("ngt_busyness", "NQ30")),
    on("Coarseness", ibsi("ngt_coarseness", "QCDE")),
    on("Complexity", ibsi("ngt_complexity", "HDEZ")),
    on("Contrast", ibsi("ngt_contrast", "65HE")),
    on("Strength", ibsi("ngt_strength", "1X9X")),
];

const GLDZM: [Feature; 16] = [
    off("GrayLevelNonUniformity", ibsi("dzm_glnu", "VFT7")),
    off(
        "GrayLevelNonUniformityNormalized",
        ibsi("dzm_glnu_norm", "7HP3"),
    ),
    off("GrayLevelVariance", ibsi("dzm_gl_var", "QK93")),
    off("HighGrayLevelZoneEmphasis", ibsi("dzm_hgze", "K26C")),
    off("LargeDistanceEmphasis", ibsi("dzm_lde", "MB4I")),
    off(
        "LargeDistanceHighGrayLevelEmphasis",
        ibsi("dzm_ldhge", "KLTH"),
    ),
    off(
        "LargeDistanceLowGrayLevelEmphasis",
        ibsi("dzm_ldlge", "A7WM"),
    ),
    off("LowGrayLevelZoneEmphasis", ibsi("dzm_lgze", "S1RA")),
    off("SmallDistanceEmphasis", ibsi("dzm_sde", "0GBI")),
    off(
        "SmallDistanceHighGrayLevelEmphasis",
        ibsi("dzm_sdhge", "DKNJ"),
    ),
    off(
        "SmallDistanceLowGrayLevelEmphasis",
        ibsi("dzm_sdlge", "RUVG"),
    ),
    off("ZoneDistanceEntropy", ibsi("dzm_zd_entr", "GBDU")),
    off("ZoneDistanceNonUniformity", ibsi("dzm_zdnu", "V294")),
    off(
        "ZoneDistanceNonUniformityNormalized",
        ibsi("dzm_zdnu_norm", "IATH"),
    ),
    off("ZoneDistanceVariance", ibsi("dzm_zd_var", "7WT1")),
    off("ZonePercentage", ibsi("dzm_z_perc", "VIWW")),
];

const INTENSITY_STATISTICS: [Feature; 18] = [
    off("Mean", ibsi("stat_mean", "Q4LE")),
    off("Variance", ibsi("stat_var", "ECT3")),
    off("Skewness", ibsi("stat_skew", "KE2A")),
    off("ExcessKurtosis", ibsi("stat_kurt", "IPH6")),
    off("Median", ibsi("stat_median", "Y12H")),
    off("Minimum", ibsi("stat_min", "1GSF")),
    off("10Percentile", ibsi("stat_p10", "QG58")),
    off("90Percentile", ibsi("stat_p90", "8DWT")),
    off("Maximum", ibsi("stat_max", "84IY")),
    off("InterquartileRange", ibsi("stat_iqr", "SALO")),
    off("Range", ibsi("stat_range", "2OJQ")),
    off("MeanAbsoluteDeviation", ibsi("stat_mad", "4FUA")),
    off("RobustMeanAbsoluteDeviation", ibsi("stat_rmad", "1128")),
    off("MedianAbsoluteDeviation", ibsi("stat_medad", "N72L")),
    off("CoefficientOfVariation", ibsi("stat_cov", "7TET")),
    off("QuartileCoefficientOfDispersion", ibsi("stat_qcod", "9S40")),
    off("Energy", ibsi("stat_energy", "N8CA")),
    off("RootMeanSquared", ibsi("stat_rms", "5ZWQ")),
];

const INTENSITY_HISTOGRAM: [Feature; 23] = [
    off("Mean", ibsi("ih_mean", "X6K6")),
    off("Variance", ibsi("ih_var", "CH89")),
    off("Skewness", ibsi("ih_skew", "88K1")),
    off("ExcessKurtosis", ibsi("ih_kurt", "C3I7")),
    off("Median", ibsi("ih_median", "WIFQ")),
    off("Minimum", ibsi("ih_min", "1PR8")),
    off("10Percentile", ibsi("ih_p10", "1PR")),
    off("90Percentile", ibsi("ih_p90", "GPMT")),
    off("Maximum", ibsi("ih_max", "3NCY")),
    off("Mode", ibsi("ih_mode", "AMMC")),
    off("InterquartileRange", ibsi("ih_iqr", "WR0O")),
    off("Range", ibsi("ih_range", "5Z3W")),
    off("MeanAbsoluteDeviation", ibsi("ih_mad", "D2ZX")),
    off("RobustMeanAbsoluteDeviation", ibsi("ih_rmad", "WRZB")),
    off("MedianAbsoluteDeviation", ibsi("ih_medad", "4RNL")),
    off("CoefficientOfVariation", ibsi("ih_cov", "CWYJ")),
    off("QuartileCoefficientOfDispersion", ibsi("ih_qcod", "SLWD")),
    off("Entropy", ibsi("ih_entropy", "TLU2")),
    off("Uniformity", ibsi("ih_uniformity", "BJ5W")),
    off("MaximumGradient", ibsi("ih_max_grad", "12CE")),
    off("MaximumGradientLevel", ibsi("ih_max_grad_g", "8E6O")),
    off("MinimumGradient", ibsi("ih_min_grad", "VQB3")),
    off("MinimumGradientLevel", ibsi("ih_min_grad_g", "RHQZ")),
];

const INTENSITY_VOLUME_HISTOGRAM: [Feature; 7] = [
    off("VolumeAtIntensityFraction10", ibsi("ivh_v10", "BC2M")),
    off("VolumeAtIntensityFraction90", ibsi("ivh_v90", "BC2M")),
    off("IntensityAtVolumeFraction10", ibsi("ivh_i10", "GBPN")),
    off("IntensityAtVolumeFraction90", ibsi("ivh_i90", "GBPN")),
    off("VolumeFractionDifference", ibsi("ivh_diff_v10_v90", "DDTU")),
    off("IntensityDifference", ibsi("ivh_diff_i10_i90", "CNV2")),
    off("AreaUnderCurve", ibsi("ivh_auc", "9CMM")),
];

const LOCAL_INTENSITY: [Feature; 2] = [
    off("LocalIntensityPeak", ibsi("loc_peak_loc", "VJGA")),
    off("GlobalIntensityPeak", ibsi("loc_peak_glob", "0F91")),
];
