//! Why a command ends without having done its work, and whose fault it is.

use std::path::PathBuf;

use super::tell;

/// A failure whose text has been told already carries none.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The study or its data: everything has been told.
    Study,
    /// A file that cannot be read or written, and what to do.
    File {
        path: PathBuf,
        doing: &'static str,
        reason: String,
        hint: Option<String>,
    },
    /// Something asked for that does not fit.
    Usage(String),
    /// A fault of prereg itself.
    Internal(String),
}

impl Failure {
    pub(crate) fn file(
        path: impl Into<PathBuf>,
        doing: &'static str,
        reason: impl std::fmt::Display,
    ) -> Self {
        Self::File {
            path: path.into(),
            doing,
            reason: reason.to_string(),
            hint: None,
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Study | Self::File { .. } => 1,
            Self::Usage(_) => 2,
            Self::Internal(_) => 3,
        }
    }

    pub(crate) fn report(&self) {
        match self {
            Self::Study => {}
            Self::File {
                path,
                doing,
                reason,
                hint,
            } => {
                tell(&format!(
                    "error: cannot {doing} {}: {reason}\n",
                    path.display()
                ));
                if let Some(hint) = hint {
                    tell(&format!("  = help: {hint}\n"));
                }
            }
            Self::Usage(message) => tell(&format!("error: {message}\n")),
            Self::Internal(message) => tell(&format!(
                "error: a fault of prereg, not of your study: {message}\n  = help: nothing already computed is lost; please \
                 report this with the study file\n"
            )),
        }
    }
}
