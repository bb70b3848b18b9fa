//! Where cases and the tables that they name are: in a folder, or in the program.

use std::path::{Path, PathBuf};

use super::case::CaseError;

include!(concat!(env!("OUT_DIR"), "/reference_files.rs"));

/// A source of files by their path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CaseFiles {
    /// `tests/reference/` as it was when the program was built.
    #[default]
    BuiltIn,
    /// A path is looked for in the folder of the cases, then in the folder above: `statistics/x.json` may name
    /// `cohorts/y.csv` beside `statistics`.
    Folder(PathBuf),
}

impl CaseFiles {
    /// The files of cases, by name in alphabetical order, with their text.
    pub fn cases(&self) -> Result<Vec<(String, String)>, CaseError> {
        let names = match self {
            Self::BuiltIn => BUILT_IN
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .filter(|name| name.ends_with(".json"))
                .collect(),
            Self::Folder(folder) => json_files(folder)?,
        };
        names
            .into_iter()
            .map(|name| {
                let text = self.text(&name)?;
                Ok((name, text))
            })
            .collect()
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Result<String, CaseError> {
        let unreadable = |at: &Path, reason: String| CaseError::Unreadable {
            path: at.to_owned(),
            reason,
        };
        match self {
            Self::BuiltIn => BUILT_IN
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| {
                    unreadable(
                        Path::new(path),
                        "it is not among the files built into the program".to_owned(),
                    )
                }),
            Self::Folder(folder) => {
                let inside = folder.join(path);
                let above = folder.join("..").join(path);
                let at = if !inside.exists() && above.exists() {
                    above
                } else {
                    inside
                };
                std::fs::read_to_string(&at).map_err(|error| unreadable(&at, error.to_string()))
            }
        }
    }
}

fn json_files(folder: &Path) -> Result<Vec<String>, CaseError> {
    let unreadable = |reason: String| CaseError::Unreadable {
        path: folder.to_owned(),
        reason,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(error.to_string()))? {
        let name = entry
            .map_err(|error| unreadable(error.to_string()))?
            .file_name();
        if let Some(name) = name.to_str().filter(|name| name.ends_with(".json")) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}
