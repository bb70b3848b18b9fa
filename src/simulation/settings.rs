//! `cohort.toml`: what a simulated cohort is like, beyond what the study declares. All of it is optional.
//!
//! Effects are added to a patient's linear predictor: log hazard ratios in `outcome`, shifts of a latent standard normal in
//! `with`. A number counts by its normal score (−1.96 for the smallest fortieth, 0 for the median), yes counts 1, a
//! category by the level; `texture` is the tumour's latent texture, a standard normal that shows in its image.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{SettingsError, SettingsProblem};

/// The latent variable that the image carries, where effects name it.
pub(super) const TEXTURE: &str = "texture";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Screened: those in the table, before the exclusions.
    pub patients: usize,
    pub exclusion: Vec<Exclusion>,
    /// Categories and yes_no columns.
    pub category: BTreeMap<String, CategorySettings>,
    pub number: BTreeMap<String, NumberSettings>,
    pub date: BTreeMap<String, DateSettings>,
    /// Columns drawn together.
    pub joint: Vec<Joint>,
    pub outcome: Option<OutcomeSettings>,
    pub image: ImageSettings,
}

/// How many leave by one rule of the cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Its label in the study.
    pub rule: String,
    pub count: usize,
    /// Numbers of these patients, uniform between two values.
    #[serde(default)]
    pub set: BTreeMap<String, [f64; 2]>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategorySettings {
    /// How many of those who stay have each level. One level may be left out: it takes the rest.
    pub counts: BTreeMap<String, usize>,
    #[serde(default)]
    pub with: BTreeMap<String, Effect>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberSettings {
    /// `[patients, value]`: so many of those who stay lie below the value; from `[0, smallest]` to `[all, largest]`.
    pub at: Vec<(usize, f64)>,
    #[serde(default)]
    pub scale: Scale,
    #[serde(default)]
    pub decimals: u32,
    #[serde(default)]
    pub with: BTreeMap<String, Effect>,
    /// Where another column has this level, the number lies within these bounds: column → level → [from, to].
    #[serde(default)]
    pub within: BTreeMap<String, BTreeMap<String, [f64; 2]>>,
}

/// How values lie between two points of `at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    #[default]
    Linear,
    Log,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateSettings {
    /// ISO 8601.
    pub between: [String; 2],
}

/// Columns whose levels come together, so many patients each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joint {
    pub columns: Vec<String>,
    pub rows: Vec<JointRow>,
    #[serde(default)]
    pub with: BTreeMap<String, Effect>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointRow {
    pub levels: Vec<String>,
    pub count: usize,
}

/// What a column adds: a number (numbers by normal score, yes), or a number a level (others add 0).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a number, or a table of levels with a number each"
)]
pub enum Effect {
    Slope(f64),
    Levels(BTreeMap<String, f64>),
}

/// Recurrence, death and the end of observation. Times are in the unit of their columns, which must be one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeSettings {
    /// yes_no: has recurred.
    pub recurrence: String,
    /// Time to recurrence, death or last contact, whichever comes first; and yes_no: not the last contact.
    pub disease_free: [String; 2],
    /// Time to death or last contact; and yes_no: death.
    pub overall: [String; 2],
    pub early: Early,
    /// Time to recurrence: Weibull; its scale follows from `early`.
    pub recurrence_shape: f64,
    #[serde(default)]
    pub recurrence_effects: BTreeMap<String, Effect>,
    /// Time from recurrence to death: Weibull with this median at linear predictor 0.
    pub death_median: f64,
    pub death_shape: f64,
    #[serde(default)]
    pub death_effects: BTreeMap<String, Effect>,
    /// Time to death without recurrence: exponential.
    pub other_death_median: f64,
    /// Last contact of those who live: from the first to the second, uniform.
    pub last_contact: [f64; 2],
    #[serde(default)]
    pub treatment: Option<Treatment>,
}

/// Exactly `count` of those who stay recur by the time `within`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Early {
    pub within: f64,
    pub count: usize,
}

/// What the treatment does: log hazard ratios at texture 0, and what each unit of texture adds to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Treatment {
    pub column: String,
    /// The levels that are treatment.
    pub levels: Vec<String>,
    pub recurrence: f64,
    pub recurrence_by_texture: f64,
    pub death: f64,
    pub death_by_texture: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImageSettings {
    pub size: [usize; 3],
    /// mm.
    pub spacing: [f64; 3],
    /// A number column: the tumour's largest diameter in mm.
    pub diameter: Option<String>,
    /// yes_no columns: a budding margin; a rim of low and a core of high diffusion; further nodules in the liver.
    pub irregular: Option<String>,
    pub target: Option<String>,
    pub multifocal: Option<String>,
    pub tumour: TumourSettings,
    /// The category whose levels are scanners.
    pub scanner: Option<String>,
    pub scanners: BTreeMap<String, ScannerSettings>,
    /// How many patients are read again; none is all.
    pub reread_patients: Option<usize>,
    /// How far each further reading lies from the first: standard deviation at the margin in mm, by the reread's name.
    pub reader_error: BTreeMap<String, f64>,
}

/// ADC in 10⁻⁶ mm²/s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TumourSettings {
    pub adc: f64,
    /// Standard deviation between tumours.
    pub adc_spread: f64,
    pub adc_by_texture: f64,
    /// Standard deviation within a tumour, at texture 0.
    pub heterogeneity: f64,
    /// Each unit of texture multiplies it by e to this.
    pub heterogeneity_by_texture: f64,
    /// Over how many mm the texture holds together, at texture 0.
    pub correlation: f64,
    pub correlation_by_texture: f64,
}

/// What a scanner does to an image: the batch effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScannerSettings {
    /// mm; otherwise that of the image.
    pub spacing: Option<[f64; 3]>,
    /// Of the signal.
    pub gain: f64,
    /// Standard deviation of the noise in each channel, where the liver's signal at b 0 is 300.
    pub noise: f64,
    /// Standard deviation of the point spread in the plane, mm.
    pub blur: f64,
    /// Gradients that are too strong or too weak: every ADC is multiplied by it.
    pub adc_scale: f64,
    /// The signal falls off from the coil by this part over the body.
    pub shading: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patients: 200,
            exclusion: Vec::new(),
            category: BTreeMap::new(),
            number: BTreeMap::new(),
            date: BTreeMap::new(),
            joint: Vec::new(),
            outcome: None,
            image: ImageSettings::default(),
        }
    }
}

impl Default for ImageSettings {
    fn default() -> Self {
        Self {
            size: [64, 64, 16],
            spacing: [6.0, 6.0, 10.0],
            diameter: None,
            irregular: None,
            target: None,
            multifocal: None,
            tumour: TumourSettings::default(),
            scanner: None,
            scanners: BTreeMap::new(),
            reread_patients: None,
            reader_error: BTreeMap::new(),
        }
    }
}

impl Default for TumourSettings {
    fn default() -> Self {
        Self {
            adc: 1150.0,
            adc_spread: 100.0,
            adc_by_texture: 0.0,
            heterogeneity: 180.0,
            heterogeneity_by_texture: 0.15,
            correlation: 5.0,
            correlation_by_texture: 0.0,
        }
    }
}

impl Default for ScannerSettings {
    fn default() -> Self {
        Self {
            spacing: None,
            gain: 1.0,
            noise: 6.0,
            blur: 1.0,
            adc_scale: 1.0,
            shading: 0.1,
        }
    }
}

/// Settings and where each key stands.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    pub settings: Settings,
    file: String,
    text: String,
}

impl SettingsFile {
    /// Reads the text of `file`. Errors: not TOML, unknown keys, values of the wrong type.
    pub fn parse(file: &str, text: &str) -> Result<Self, SettingsError> {
        match toml::from_str(text) {
            Ok(settings) => Ok(Self {
                settings,
                file: file.to_owned(),
                text: text.to_owned(),
            }),
            Err(error) => Err(SettingsError {
                file: file.to_owned(),
                line: error.span().map_or(1, |span| line(text, span.start)),
                key: error
                    .span()
                    .map_or_else(String::new, |span| key_at(text, span.start)),
                problem: SettingsProblem::Syntax(error.message().replace('\n', "; ")),
            }),
        }
    }

    /// The settings of a study without a file.
    pub fn without_file() -> Self {
        Self {
            settings: Settings::default(),
            file: String::new(),
            text: String::new(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The error at the longest part of this path that the file has.
    pub(super) fn error(&self, path: &[&str], problem: SettingsProblem) -> SettingsError {
        SettingsError {
            file: self.file.clone(),
            line: self.line(path),
            key: path.join("."),
            problem,
        }
    }

    fn line(&self, path: &[&str]) -> usize {
        let Ok(table) = toml::de::DeTable::parse(&self.text) else {
            return 1;
        };
        let mut place = table.span().start;
        let mut keys = path.iter();
        let mut value: Option<&toml::de::DeValue<'_>> = None;
        let mut within = Some(table.get_ref());
        for key in keys.by_ref() {
            if let Some(table) = within {
                let Some((name, found)) = table.iter().find(|(name, _)| name.get_ref() == key)
                else {
                    break;
                };
                place = name.span().start;
                value = Some(found.get_ref());
            } else if let Some(toml::de::DeValue::Array(list)) = value {
                let Some(found) = key.parse().ok().and_then(|index: usize| list.get(index)) else {
                    break;
                };
                place = found.span().start;
                value = Some(found.get_ref());
            } else {
                break;
            }
            within = match value {
                Some(toml::de::DeValue::Table(table)) => Some(table),
                _ => None,
            };
        }
        line(&self.text, place)
    }
}

/// The key whose line this place is in, for messages of the parser.
fn key_at(text: &str, place: usize) -> String {
    let start = text.get(..place).and_then(|before| before.rfind('\n'));
    let line = text
        .get(start.map_or(0, |newline| newline + 1)..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    line.split('=')
        .next()
        .unwrap_or_default()
        .trim()
        .trim_matches(['[', ']'])
        .to_owned()
}

/// From 1.
fn line(text: &str, place: usize) -> usize {
    text.bytes()
        .take(place)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
