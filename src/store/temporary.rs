//! Where files are written before they are renamed to their place: a folder for each run, held by a lock that the
//! operating system drops with the process. So what a killed run left can be told from what a living one is writing.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::StoreError;
use super::error::during;

pub(super) const FOLDER: &str = "temporary";
const LOCK: &str = "lock";

/// Removed with its content when it is dropped; the lock goes after it.
#[derive(Debug)]
pub(super) struct TemporaryFolder {
    folder: tempfile::TempDir,
    _lock: File,
    written: AtomicU64,
}

impl TemporaryFolder {
    pub(super) fn create(parent: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(parent).map_err(during("create the folder", parent))?;
        loop {
            let folder = tempfile::Builder::new()
                .prefix("run-")
                .tempdir_in(parent)
                .map_err(during("create a folder in", parent))?;
            let path = folder.path().join(LOCK);
            // Another run may take the new folder for an abandoned one until it is locked: then the next is tried.
            let lock = match File::create_new(&path) {
                Ok(lock) => lock,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(source) => return Err(during("create", &path)(source)),
            };
            // A file system without locks gets none, and nothing is removed there.
            if !matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)) && path.exists() {
                return Ok(Self {
                    folder,
                    _lock: lock,
                    written: AtomicU64::new(0),
                });
            }
        }
    }

    /// A place for the next file.
    pub(super) fn next_path(&self) -> PathBuf {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        self.folder.path().join(number.to_string())
    }
}

pub(super) fn write(path: &Path, bytes: &[u8], durable: bool) -> Result<(), StoreError> {
    let mut file = File::create_new(path).map_err(during("create", path))?;
    file.write_all(bytes).map_err(during("write", path))?;
    if durable {
        file.sync_all().map_err(during("write", path))?;
    }
    Ok(())
}

/// Removes the folders of runs that are no more. What cannot be removed does no harm.
pub(super) fn remove_abandoned(parent: &Path) -> Result<(), StoreError> {
    let entries = match fs::read_dir(parent) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(during("list", parent)(source)),
    };
    for entry in entries.flatten() {
        match File::open(entry.path().join(LOCK)) {
            Ok(lock) if lock.try_lock().is_ok() => {
                let _ = fs::remove_dir_all(entry.path());
            }
            Ok(_) => {}
            // Killed before it made its lock; a folder with other content is not ours.
            Err(_) => {
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
    Ok(())
}
