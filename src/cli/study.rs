//! Reads a study file and tells what is wrong with it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::{Failure, coloured, diagnostics, tell};
use crate::language;
use crate::plan::Plan;
use crate::report::StudyText;

/// A study without errors.
pub(super) struct Study {
    pub(super) plan: Plan,
    /// The text for the report.
    pub(super) shown: StudyText,
    /// What its files are relative to.
    pub(super) folder: PathBuf,
    pub(super) file: PathBuf,
    pub(super) text: String,
}

/// The study in a file; everything that is wrong with it is told on standard error.
pub(super) fn load(file: &Path) -> Result<Study, Failure> {
    let bytes =
        std::fs::read(file).map_err(|error| Failure::file(file, "read the study", error))?;
    let text = String::from_utf8(bytes).map_err(|error| Failure::File {
        path: file.to_owned(),
        doing: "read the study",
        reason: format!(
            "it is not UTF-8 text (byte {})",
            error.utf8_error().valid_up_to() + 1
        ),
        hint: Some("save it as UTF-8 in your editor".to_owned()),
    })?;
    let name = file.display().to_string();
    let checked = language::check(&text);
    for diagnostic in &checked.diagnostics {
        let colour = coloured(std::io::stderr().is_terminal());
        tell(&diagnostics::render(diagnostic, &text, &name, colour));
    }
    match checked.plan {
        Some(plan) => Ok(Study {
            plan,
            shown: StudyText::new(&text, &checked.sources),
            folder: file.parent().unwrap_or(Path::new("")).to_owned(),
            file: file.to_owned(),
            text,
        }),
        None => Err(Failure::Study),
    }
}
