//! Why a cohort cannot be simulated.

use std::fmt;
use std::path::PathBuf;

use crate::imaging::ImagingError;

/// What is wrong with one place of the settings file.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingsError {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// The path of the key, `number.age.at`; empty where the file is no TOML.
    pub key: String,
    pub problem: SettingsProblem,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SettingsProblem {
    /// The parser's message: not TOML, an unknown key, a value of the wrong type.
    Syntax(String),
    UnknownColumn {
        name: String,
        known: Vec<String>,
    },
    /// The column is declared as another type.
    WrongType {
        expected: &'static str,
        found: &'static str,
    },
    UnknownLevel {
        level: String,
        known: Vec<String>,
    },
    UnknownRule {
        label: String,
        known: Vec<String>,
    },
    /// A rule of the cohort that no exclusion mentions, or two do.
    RuleCount {
        label: String,
        times: usize,
    },
    /// Counts that do not add up.
    Total {
        found: usize,
        expected: usize,
    },
    /// A number outside what makes sense here.
    OutOfRange {
        found: String,
        expected: &'static str,
    },
    /// A list that must have so many entries.
    Length {
        found: usize,
        expected: usize,
    },
    /// Two parts of the settings draw the same column.
    DrawnTwice {
        name: String,
    },
    /// Columns that lean on each other in a circle.
    Circle {
        names: Vec<String>,
    },
    /// A name that is nothing of this kind in the study.
    UnknownName {
        name: String,
        what: &'static str,
        known: Vec<String>,
    },
}

#[derive(Debug)]
pub enum SimulationError {
    Settings(Vec<SettingsError>),
    /// No values were found for a patient that the cohort's rules treat as wanted.
    RuleNotMet {
        patient: String,
        /// The rule that the patient should leave by; none should stay in the cohort.
        rule: Option<String>,
    },
    /// An expression of the study cannot be evaluated over simulated values.
    Expression {
        place: String,
        reason: String,
    },
    /// A file in a format that is only read, never written.
    Format {
        path: String,
        expected: &'static str,
    },
    /// A path of the study that does not lie below its folder.
    OutsideFolder {
        path: String,
    },
    /// The study reads files from its own folder, which cannot be replaced as a whole.
    NoFolderOfItsOwn {
        paths: Vec<String>,
    },
    /// Something is in the way that no simulation has written, or that was changed since.
    NotOurs {
        folder: PathBuf,
        reason: String,
    },
    Image {
        patient: String,
        error: ImagingError,
    },
    File {
        path: PathBuf,
        doing: &'static str,
        error: std::io::Error,
    },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}", self.problem)
    }
}

/// So many names are listed.
const SHOWN: usize = 12;

fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(", … ({} more)", names.len() - SHOWN));
    }
    text
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(message) => f.write_str(message),
            Self::UnknownColumn { name, known } => {
                write!(f, "the study declares no column {name}")?;
                if !known.is_empty() {
                    write!(f, "; near it: {}", listed(known))?;
                }
                Ok(())
            }
            Self::WrongType { expected, found } => {
                write!(f, "the column is declared as {found}; expected {expected}")
            }
            Self::UnknownLevel { level, known } => {
                write!(f, "no level {level}; expected one of {}", listed(known))
            }
            Self::UnknownRule { label, known } => write!(
                f,
                "the cohort excludes nobody by \"{label}\"; its rules are {}",
                listed(known)
            ),
            Self::RuleCount { label, times: 0 } => write!(
                f,
                "no count for the cohort's rule \"{label}\"; expected one [[exclusion]] for each rule"
            ),
            Self::RuleCount { label, times } => write!(
                f,
                "{times} counts for the cohort's rule \"{label}\"; expected one"
            ),
            Self::Total { found, expected } => write!(
                f,
                "the counts add up to {found}; expected {expected}, the patients who stay after the exclusions"
            ),
            Self::OutOfRange { found, expected } => write!(f, "{found}; expected {expected}"),
            Self::Length { found, expected } => {
                write!(f, "{found} entries; expected {expected}")
            }
            Self::DrawnTwice { name } => {
                write!(f, "{name} is drawn in two places; keep one of them")
            }
            Self::Circle { names } => write!(
                f,
                "these columns lean on each other in a circle: {}; take one `with` away",
                listed(names)
            ),
            Self::UnknownName { name, what, known } => {
                write!(f, "{name} is no {what} of the study")?;
                if !known.is_empty() {
                    write!(f, "; expected one of {}", listed(known))?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for SimulationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(errors) => {
                let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
            Self::RuleNotMet { patient, rule } => match rule {
                Some(rule) => write!(
                    f,
                    "found no values for patient {patient} who should be excluded by \"{rule}\" and by no rule before it"
                ),
                None => write!(
                    f,
                    "found no values for patient {patient} who should be excluded by no rule"
                ),
            },
            Self::Expression { place, reason } => write!(f, "{place}: {reason}"),
            Self::Format { path, expected } => {
                write!(f, "{path} cannot be written: expected {expected}")
            }
            Self::OutsideFolder { path } => write!(
                f,
                "{path} lies outside the study's folder: nothing is written there"
            ),
            Self::NoFolderOfItsOwn { paths } => write!(
                f,
                "the study's files ({}) have no folder of their own beside the study",
                listed(paths)
            ),
            Self::NotOurs { folder, reason } => {
                write!(f, "{} is not replaced: {reason}", folder.display())
            }
            Self::Image { patient, error } => write!(f, "images of patient {patient}: {error}"),
            Self::File { path, doing, error } => {
                write!(f, "cannot {doing} {}: {error}", path.display())
            }
        }
    }
}

impl SimulationError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::RuleNotMet { .. } => {
                "give the columns of the rule other values in the settings, or values for the exclusion with `set`"
            }
            Self::Format { .. } => "name another format in the study",
            Self::OutsideFolder { .. } => "use paths below the study's folder, without `..`",
            Self::NoFolderOfItsOwn { .. } => {
                "put them into one folder of their own: `from \"NAME/data/table.csv\"`"
            }
            Self::NotOurs { .. } => {
                "choose a new folder with --out: the study is copied there with its simulated data"
            }
            Self::Settings(_)
            | Self::Expression { .. }
            | Self::Image { .. }
            | Self::File { .. } => {
                return None;
            }
        })
    }
}

impl std::error::Error for SimulationError {}
