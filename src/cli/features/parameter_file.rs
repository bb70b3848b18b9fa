//! Parameter files of PyRadiomics (YAML): `setting`, `imageType`, `featureClass`. Each key is followed, or refused by name
//! and line; none is passed over but those that change no number.

use serde_yaml_ng::{Mapping, Value};

use crate::data::nearest;
use crate::imaging::{IntensityRange, Interpolation};
use crate::radiomics::{Discretize, FeatureClass, Filter, Normalize, Resample, Settings};

/// What a parameter file says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameters {
    pub(super) settings: Settings,
    pub(super) label: u32,
    /// Bring the region onto the grid of the image.
    pub(super) correct_mask: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            label: 1,
            correct_mask: false,
        }
    }
}

/// Why a file cannot be followed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    /// It is no YAML.
    Syntax(String),
    UnknownKey {
        key: String,
        line: Option<usize>,
        nearest: Option<String>,
    },
    NotSupported {
        key: String,
        line: Option<usize>,
        what: String,
    },
    WrongValue {
        key: String,
        line: Option<usize>,
        expected: &'static str,
    },
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |line: &Option<usize>| line.map_or(String::new(), |line| format!("line {line}: "));
        match self {
            Self::Syntax(problem) => write!(f, "{problem}"),
            Self::UnknownKey { key, line, .. } => {
                write!(f, "{}there is no setting `{key}`", at(line))
            }
            Self::NotSupported { key, line, what } => {
                write!(f, "{}`{key}`: {what} is not supported", at(line))
            }
            Self::WrongValue {
                key,
                line,
                expected,
            } => {
                write!(f, "{}`{key}` must be {expected}", at(line))
            }
        }
    }
}

impl Problem {
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Syntax(_) | Self::WrongValue { .. } => None,
            Self::UnknownKey { nearest, .. } => nearest
                .as_ref()
                .map(|near| format!("did you mean `{near}`?")),
            Self::NotSupported { .. } => Some(
                "remove it, or take these features with PyRadiomics; see docs/features.md"
                    .to_owned(),
            ),
        }
    }
}

const PARTS: [&str; 4] = ["setting", "imageType", "featureClass", "voxelSetting"];
const SETTINGS: [&str; 27] = [
    "additionalInfo",
    "binCount",
    "binWidth",
    "correctMask",
    "distances",
    "enableCExtensions",
    "force2D",
    "force2Ddimension",
    "geometryTolerance",
    "gldm_a",
    "interpolator",
    "label",
    "minimumROIDimensions",
    "minimumROISize",
    "normalize",
    "normalizeScale",
    "padDistance",
    "preCrop",
    "removeOutliers",
    "resampledPixelSpacing",
    "resegmentMode",
    "resegmentRange",
    "resegmentShape",
    "symmetricalGLCM",
    "verbose",
    "voxelArrayShift",
    "weightingNorm",
];
const IMAGES: [&str; 10] = [
    "Original",
    "LoG",
    "Wavelet",
    "Square",
    "SquareRoot",
    "Logarithm",
    "Exponential",
    "Gradient",
    "LBP2D",
    "LBP3D",
];
const CLASSES: [(&str, FeatureClass); 8] = [
    ("firstorder", FeatureClass::FirstOrder),
    ("shape", FeatureClass::Shape),
    ("shape2D", FeatureClass::Shape2d),
    ("glcm", FeatureClass::Glcm),
    ("glrlm", FeatureClass::Glrlm),
    ("glszm", FeatureClass::Glszm),
    ("gldm", FeatureClass::Gldm),
    ("ngtdm", FeatureClass::Ngtdm),
];

/// Reads a parameter file.
pub(super) fn read(text: &str) -> Result<Parameters, Problem> {
    let file: Value =
        serde_yaml_ng::from_str(text).map_err(|error| Problem::Syntax(error.to_string()))?;
    let reader = Reader { text };
    let mut parameters = Parameters::default();
    for (key, value) in reader.mapping("the file", &file)? {
        match reader.known(key, &PARTS)? {
            "setting" => reader.settings(value, &mut parameters)?,
            "imageType" => reader.images(value, &mut parameters.settings)?,
            "featureClass" => reader.classes(value, &mut parameters.settings)?,
            other => return Err(reader.refuse(other, "a map of features voxel by voxel")),
        }
    }
    Ok(parameters)
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    /// The first line that sets a key.
    fn line(&self, key: &str) -> Option<usize> {
        let at = self.text.lines().position(|line| {
            let line = line.trim_start_matches([' ', '-', '{', ',', '"', '\'']);
            line.strip_prefix(key).is_some_and(|rest| {
                rest.trim_start_matches(['"', '\''])
                    .trim_start()
                    .starts_with(':')
            })
        });
        at.map(|index| index + 1)
    }

    fn wrong(&self, key: &str, expected: &'static str) -> Problem {
        Problem::WrongValue {
            key: key.to_owned(),
            line: self.line(key),
            expected,
        }
    }

    fn refuse(&self, key: &str, what: impl Into<String>) -> Problem {
        Problem::NotSupported {
            key: key.to_owned(),
            line: self.line(key),
            what: what.into(),
        }
    }

    fn mapping<'v>(
        &self,
        key: &str,
        value: &'v Value,
    ) -> Result<Vec<(&'v str, &'v Value)>, Problem> {
        let none = Vec::new();
        let mapping: &Mapping = match value {
            Value::Mapping(mapping) => mapping,
            Value::Null => return Ok(none),
            _ => return Err(self.wrong(key, "a list of keys and values")),
        };
        mapping
            .iter()
            .map(|(name, value)| match name {
                Value::String(name) => Ok((name.as_str(), value)),
                _ => Err(self.wrong(key, "a list of named values")),
            })
            .collect()
    }

    fn known<'k>(&self, key: &'k str, known: &[&str]) -> Result<&'k str, Problem> {
        if known.contains(&key) {
            return Ok(key);
        }
        Err(Problem::UnknownKey {
            key: key.to_owned(),
            line: self.line(key),
            nearest: nearest(key, known.iter().copied()).map(str::to_owned),
        })
    }

    fn number(&self, key: &str, value: &Value) -> Result<f64, Problem> {
        value.as_f64().ok_or_else(|| self.wrong(key, "a number"))
    }

    fn whole(&self, key: &str, value: &Value) -> Result<u32, Problem> {
        value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| self.wrong(key, "a whole number of 0 or more"))
    }

    fn flag(&self, key: &str, value: &Value) -> Result<bool, Problem> {
        value
            .as_bool()
            .ok_or_else(|| self.wrong(key, "true or false"))
    }

    fn numbers(&self, key: &str, value: &Value) -> Result<Vec<f64>, Problem> {
        let list = value
            .as_sequence()
            .ok_or_else(|| self.wrong(key, "a list of numbers"))?;
        list.iter().map(|value| self.number(key, value)).collect()
    }

    fn settings(&self, value: &Value, parameters: &mut Parameters) -> Result<(), Problem> {
        let (mut normalize, mut scale, mut outliers) = (false, 1.0, None);
        let (mut spacing, mut interpolation) = (None, Interpolation::Bspline);
        let (mut range, mut mode) = (None, "absolute".to_owned());
        let (mut flat, mut across) = (false, 0);
        let settings = &mut parameters.settings;
        for (key, value) in self.mapping("setting", value)? {
            let key = self.known(key, &SETTINGS)?;
            // No value is the default of PyRadiomics.
            if value.is_null() {
                continue;
            }
            match key {
                "additionalInfo" | "enableCExtensions" | "verbose" | "geometryTolerance" => {}
                "label" => parameters.label = self.whole(key, value)?,
                "correctMask" => parameters.correct_mask = self.flag(key, value)?,
                "binWidth" => settings.discretize = Discretize::BinWidth(self.number(key, value)?),
                "binCount" => {
                    settings.discretize = Discretize::BinCount(self.whole(key, value)? as usize);
                }
                "normalize" => normalize = self.flag(key, value)?,
                "normalizeScale" => scale = self.number(key, value)?,
                "removeOutliers" => outliers = Some(self.number(key, value)?),
                "resampledPixelSpacing" => {
                    let numbers = self.numbers(key, value)?;
                    let numbers = <[f64; 3]>::try_from(numbers)
                        .map_err(|_| self.wrong(key, "a list of three numbers (x, y, z)"))?;
                    spacing = Some(numbers);
                }
                "interpolator" => interpolation = self.interpolation(value)?,
                "padDistance" => settings.pad_distance = self.whole(key, value)? as usize,
                "resegmentRange" => range = Some(self.numbers(key, value)?),
                "resegmentMode" => {
                    mode = value
                        .as_str()
                        .ok_or_else(|| self.wrong(key, "absolute, relative or sigma"))?
                        .to_owned();
                }
                "voxelArrayShift" => settings.voxel_array_shift = self.number(key, value)?,
                "force2D" => flat = self.flag(key, value)?,
                "force2Ddimension" => across = self.whole(key, value)?,
                "distances" => {
                    let list = value
                        .as_sequence()
                        .ok_or_else(|| self.wrong(key, "a list of whole numbers"))?;
                    settings.distances = list
                        .iter()
                        .map(|value| self.whole(key, value))
                        .collect::<Result<_, _>>()?;
                }
                "gldm_a" => {
                    settings.gldm_alpha = u16::try_from(self.whole(key, value)?)
                        .map_err(|_| self.wrong(key, "at most 65535"))?;
                }
                "symmetricalGLCM" => settings.symmetrical_glcm = self.flag(key, value)?,
                "minimumROIDimensions" => {
                    settings.minimum_dimensions = self.whole(key, value)? as usize;
                }
                "minimumROISize" => {
                    settings.minimum_voxels = Some(self.whole(key, value)? as usize);
                }
                "preCrop" | "resegmentShape" if !self.flag(key, value)? => {}
                "preCrop" => return Err(self.refuse(key, "filtering a crop of the image")),
                "resegmentShape" => {}
                _ => return Err(self.refuse(key, "weighting neighbours by their distance")),
            }
        }
        settings.normalize = normalize.then_some(Normalize {
            scale,
            remove_outliers: outliers,
        });
        settings.resample = spacing.map(|spacing| Resample {
            spacing,
            interpolation,
        });
        if let Some(range) = range {
            settings.resegment = vec![self.range(&range, &mode)?];
        }
        settings.in_plane_across = match (flat, across) {
            (false, _) => None,
            // PyRadiomics counts z, y, x.
            (true, 0..=2) => Some(2 - across as usize),
            _ => return Err(self.wrong("force2Ddimension", "0 (z), 1 (y) or 2 (x)")),
        };
        Ok(())
    }

    fn interpolation(&self, value: &Value) -> Result<Interpolation, Problem> {
        let key = "interpolator";
        match (value.as_str(), value.as_u64()) {
            (Some("sitkNearestNeighbor"), _) | (_, Some(1)) => Ok(Interpolation::Nearest),
            (Some("sitkLinear"), _) | (_, Some(2)) => Ok(Interpolation::Linear),
            (Some("sitkBSpline"), _) | (_, Some(3)) => Ok(Interpolation::Bspline),
            (Some(other), _) => Err(self.refuse(key, other)),
            _ => Err(self.wrong(key, "sitkNearestNeighbor, sitkLinear or sitkBSpline")),
        }
    }

    fn range(&self, range: &[f64], mode: &str) -> Result<IntensityRange, Problem> {
        let (lower, upper) = match range {
            [lower] => (*lower, None),
            [lower, upper] => (*lower, Some(*upper)),
            _ => return Err(self.wrong("resegmentRange", "a list of one or two numbers")),
        };
        match mode {
            "absolute" => Ok(IntensityRange::Absolute { lower, upper }),
            "relative" => Ok(IntensityRange::RelativeToMaximum { lower, upper }),
            "sigma" => Ok(IntensityRange::StandardDeviations { lower, upper }),
            _ => Err(self.wrong("resegmentMode", "absolute, relative or sigma")),
        }
    }

    fn images(&self, value: &Value, settings: &mut Settings) -> Result<(), Problem> {
        settings.filters.clear();
        for (key, options) in self.mapping("imageType", value)? {
            let options = self.mapping(key, options)?;
            match self.known(key, &IMAGES)? {
                "Original" => {
                    settings.filters.push(Filter::Original);
                    self.no_options(key, &options, &[])?;
                }
                "LoG" => {
                    self.no_options(key, &options, &["sigma"])?;
                    let sigma = options.iter().find(|(name, _)| *name == "sigma");
                    let Some((_, sigma)) = sigma else {
                        return Err(self.wrong(key, "given its widths: `LoG: {sigma: [1.0, 3.0]}`"));
                    };
                    for sigma_mm in self.numbers("sigma", sigma)? {
                        settings
                            .filters
                            .push(Filter::LaplacianOfGaussian { sigma_mm });
                    }
                }
                "Wavelet" => {
                    for (name, value) in &options {
                        let usual = match *name {
                            "wavelet" => value.as_str() == Some("coif1"),
                            "level" => value.as_u64() == Some(1),
                            "start_level" => value.as_u64() == Some(0),
                            _ => false,
                        };
                        if !usual {
                            return Err(
                                self.refuse(name, "another wavelet than coif1 of one level")
                            );
                        }
                    }
                    settings.filters.push(Filter::Wavelet);
                }
                other => return Err(self.refuse(other, "this image")),
            }
        }
        Ok(())
    }

    fn no_options(
        &self,
        image: &str,
        options: &[(&str, &Value)],
        but: &[&str],
    ) -> Result<(), Problem> {
        match options.iter().find(|(name, _)| !but.contains(name)) {
            Some((name, _)) => {
                Err(self.refuse(name, format!("a setting of the image {image} alone")))
            }
            None => Ok(()),
        }
    }

    fn classes(&self, value: &Value, settings: &mut Settings) -> Result<(), Problem> {
        settings.classes.clear();
        let names: Vec<&str> = CLASSES.iter().map(|(name, _)| *name).collect();
        for (key, value) in self.mapping("featureClass", value)? {
            let key = self.known(key, &names)?;
            let class = CLASSES.iter().find(|(name, _)| *name == key);
            settings.classes.extend(class.map(|(_, class)| *class));
            let listed = match value {
                Value::Null => continue,
                Value::Sequence(listed) => listed,
                _ => return Err(self.wrong(key, "a list of features, or empty for all")),
            };
            for feature in listed {
                let name = feature
                    .as_str()
                    .map(str::to_owned)
                    // A name that begins with digits, as 10Percentile, is text; a bare number is none.
                    .ok_or_else(|| self.wrong(key, "a list of names of features"))?;
                settings.only.push(format!("{key}_{name}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::imaging::{IntensityRange, Interpolation};
    use crate::radiomics::{Discretize, FeatureClass, Filter, Settings};

    #[test]
    fn a_published_file_is_followed() {
        let found = read(
            "imageType:\n  Original: {}\n  LoG:\n    sigma: [1.0, 3.0]\n  Wavelet: {}\nfeatureClass:\n  shape:\n  firstorder: []\n  \
             glcm:\n    - Contrast\n    - Dissimilarity\nsetting:\n  binWidth: 16\n  label: 2\n  interpolator: 'sitkLinear'\n  \
             resampledPixelSpacing: [1, 1, 2]\n  normalize: true\n  normalizeScale: 100\n  removeOutliers:\n  resegmentRange: [-3, 3]\n  \
             resegmentMode: sigma\n  force2D: true\n  force2Ddimension: 0\n  weightingNorm:\n",
        )
        .expect("the file is right");
        let settings = found.settings;
        assert_eq!(found.label, 2);
        assert_eq!(settings.discretize, Discretize::BinWidth(16.0));
        assert_eq!(
            settings.classes,
            [
                FeatureClass::Shape,
                FeatureClass::FirstOrder,
                FeatureClass::Glcm
            ]
        );
        assert_eq!(settings.only, ["glcm_Contrast", "glcm_Dissimilarity"]);
        assert_eq!(settings.filters.len(), 4);
        assert_eq!(
            settings.filters[2],
            Filter::LaplacianOfGaussian { sigma_mm: 3.0 }
        );
        let resample = settings.resample.expect("a spacing is given");
        assert_eq!(resample.interpolation, Interpolation::Linear);
        assert_eq!(resample.spacing, [1.0, 1.0, 2.0]);
        assert_eq!(
            settings.normalize.map(|normalize| normalize.scale),
            Some(100.0)
        );
        assert_eq!(
            settings.resegment,
            [IntensityRange::StandardDeviations {
                lower: -3.0,
                upper: Some(3.0)
            }]
        );
        assert_eq!(settings.in_plane_across, Some(2));
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(
            read("{}").expect("nothing is wrong").settings,
            Settings::default()
        );
    }

    #[test]
    fn what_cannot_be_followed_is_told_by_key_and_line() {
        let told = |text: &str| {
            let problem = read(text).expect_err("the file cannot be followed");
            let hint = problem.hint().unwrap_or_default();
            format!("{problem} | {hint}")
        };
        assert_eq!(
            told("setting:\n  binWith: 25\n"),
            "line 2: there is no setting `binWith` | did you mean `binWidth`?"
        );
        assert!(
            told("imageType:\n  Original: {}\n  Square: {}\n")
                .starts_with("line 3: `Square`: this image is not supported")
        );
        assert!(
            told("setting:\n  weightingNorm: euclidean\n").starts_with("line 2: `weightingNorm`")
        );
        assert!(
            told("setting:\n  interpolator: sitkGaussian\n")
                .contains("sitkGaussian is not supported")
        );
        assert!(
            told("imageType:\n  Wavelet:\n    wavelet: db1\n")
                .contains("another wavelet than coif1")
        );
        assert!(told("setting: [1, 2\n").contains("line"));
        assert_eq!(
            told("setting:\n  binWidth: wide\n"),
            "line 2: `binWidth` must be a number | "
        );
        assert!(told("voxelSetting:\n  kernelRadius: 2\n").contains("voxel by voxel"));
    }
}
