//! The templates that a study brings along.

use std::collections::BTreeMap;
use std::path::Path;

use super::Failure;
use super::study::Study;
use crate::report::{RenderError, Templates};

/// Those of the program, replaced by the files of the folder that the study names.
pub(super) fn of(study: &Study) -> Result<Templates, Failure> {
    named(study.plan.templates.as_deref(), &study.folder)
}

/// Those in a folder of this name beside the study.
pub(super) fn named(name: Option<&str>, beside: &Path) -> Result<Templates, Failure> {
    let Some(name) = name else {
        return Ok(Templates::Embedded);
    };
    let folder = beside.join(name);
    let failure = |error: std::io::Error| Failure::file(&folder, "read the templates in", error);
    let mut replaced = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        let is_template = path
            .extension()
            .is_some_and(|end| end == "j2" || end == "css" || end == "js");
        if let (true, Some(name)) = (is_template, path.file_name()) {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Failure::file(&path, "read the template", error))?;
            replaced.insert(name.to_string_lossy().into_owned(), text);
        }
    }
    if replaced.is_empty() {
        return Err(Failure::File {
            path: folder,
            doing: "read the templates in",
            reason: "it holds no template".to_owned(),
            hint: Some(
                "put report.html.j2, report.md.j2, parts.html.j2, report.css or report.js there"
                    .to_owned(),
            ),
        });
    }
    Ok(Templates::Replaced(replaced))
}

/// Why a report could not be rendered: a fault of a template of the study, or else of prereg.
pub(super) fn fault(study: &Study, error: &RenderError) -> Failure {
    match (error, &study.plan.templates) {
        (RenderError::Template { template, .. }, Some(name)) => Failure::File {
            path: study.folder.join(name).join(template),
            doing: "use",
            reason: error.to_string(),
            hint: Some(
                "every name that a template uses must exist: see docs/templates.md".to_owned(),
            ),
        },
        _ => Failure::Internal(error.to_string()),
    }
}
