//! What the file system refused, and where.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// `doing` completes "cannot …"; why is the source.
#[derive(Debug)]
pub struct StoreError {
    pub doing: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
}

pub(super) fn during(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError {
        doing,
        path,
        source,
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}", self.doing, self.path.display())
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
