//! Where a simulated cohort goes: one folder that holds nothing else, written beside its place and renamed, with a list of
//! its files. A folder is replaced only if every file in it is still what a simulation wrote.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::plan::{FeatureTable, Image, Plan, digest};

use super::error::SimulationError;
use super::images::Scene;
use super::settings::SettingsFile;
use super::tables::tables;

/// The list of what a simulation wrote.
pub const MARKER: &str = "simulation.json";
const PATIENT: &str = "{patient}";

/// What a simulated folder says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    pub note: String,
    pub study: String,
    /// Digest of the plan.
    pub plan: String,
    /// SHA-256 of the settings file; none without one.
    pub settings: Option<String>,
    pub seed: u64,
    pub version: String,
    /// SHA-256 of every file, by its path in the folder.
    pub files: BTreeMap<String, String>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub folder: PathBuf,
    pub files: usize,
    pub bytes: u64,
    /// The same simulation was there already.
    pub was_there: bool,
}

/// What is to be written, and for which study.
pub struct Simulation<'a> {
    pub plan: &'a Plan,
    pub settings: &'a SettingsFile,
    pub seed: u64,
    pub version: &'a str,
}

impl Simulation<'_> {
    /// The folder below the study's own that all its files lie in; empty if there is none.
    pub fn data_folder(&self) -> Result<PathBuf, SimulationError> {
        let paths = paths(self.plan);
        let mut common: Option<PathBuf> = None;
        for path in &paths {
            let relative = Path::new(path);
            let plain = relative
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            if !plain || path.is_empty() {
                return Err(SimulationError::OutsideFolder { path: path.clone() });
            }
            let folder: PathBuf = relative
                .parent()
                .unwrap_or(Path::new(""))
                .components()
                .take_while(|part| !part.as_os_str().to_string_lossy().contains(PATIENT))
                .collect();
            common = Some(match common {
                None => folder,
                Some(before) => before
                    .components()
                    .zip(folder.components())
                    .take_while(|(a, b)| a == b)
                    .map(|(a, _)| a)
                    .collect(),
            });
        }
        Ok(common.unwrap_or_default())
    }

    /// Writes all data of the study below `root`, the folder of the study file.
    pub fn write(&self, root: &Path) -> Result<Written, SimulationError> {
        let data = self.data_folder()?;
        if data.as_os_str().is_empty() {
            return Err(SimulationError::NoFolderOfItsOwn {
                paths: paths(self.plan),
            });
        }
        let folder = root.join(&data);
        let present = present(&folder)?;
        if let Some(marker) = present.as_ref().filter(|marker| self.made(marker)) {
            return Ok(Written {
                files: marker.files.len(),
                bytes: size(&folder, marker),
                folder,
                was_there: true,
            });
        }
        let cohort = super::simulate_cohort(self.plan, self.settings, self.seed)?;
        let scene = Scene::new(self.plan, &self.settings.settings.image, &cohort, self.seed)?;
        let parent = folder.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(during("create the folder", parent))?;
        let staging = tempfile::Builder::new()
            .prefix(".simulation-")
            .tempdir_in(parent)
            .map_err(during("create a folder in", parent))?;
        let place = |path: &str| {
            let relative = Path::new(path);
            relative.strip_prefix(&data).unwrap_or(relative).to_owned()
        };
        let mut written = Vec::new();
        for (path, content) in tables(self.plan, &cohort, self.seed)? {
            written.push(put(staging.path(), &place(&path), &content)?);
        }
        let imaged: Vec<Result<Vec<Entry>, SimulationError>> = scene
            .patients()
            .par_iter()
            .map(|row| {
                let mut written = Vec::new();
                scene.files(*row, |path, content| {
                    written.push(put(staging.path(), &place(&path), &content)?);
                    Ok(())
                })?;
                Ok(written)
            })
            .collect();
        for patient in imaged {
            written.extend(patient?);
        }
        let bytes = written.iter().map(|entry| entry.bytes).sum();
        let files = written
            .into_iter()
            .map(|entry| (entry.name, entry.digest))
            .collect();
        let marker = Marker {
            files,
            ..self.marker()
        };
        let text =
            serde_json::to_string_pretty(&marker).map_err(|error| SimulationError::File {
                path: folder.join(MARKER),
                doing: "write",
                error: error.into(),
            })?;
        put(
            staging.path(),
            Path::new(MARKER),
            format!("{text}\n").as_bytes(),
        )?;
        replace(staging, &folder, present.is_some())?;
        Ok(Written {
            folder,
            files: marker.files.len(),
            bytes,
            was_there: false,
        })
    }

    fn marker(&self) -> Marker {
        let text = self.settings.text();
        Marker {
            note: "Simulated by prereg: no real patients. Replaced by the next `prereg simulate` unless a file was changed."
                .to_owned(),
            study: self.plan.study.name.clone(),
            plan: digest(self.plan),
            settings: (!text.is_empty()).then(|| sha256(text.as_bytes())),
            seed: self.seed,
            version: self.version.to_owned(),
            files: BTreeMap::new(),
        }
    }

    /// Was this folder made by the same simulation?
    fn made(&self, marker: &Marker) -> bool {
        let same = Marker {
            files: marker.files.clone(),
            ..self.marker()
        };
        same == *marker
    }
}

/// One file that was written.
struct Entry {
    name: String,
    digest: String,
    bytes: u64,
}

/// Every path of the study, as it writes them.
fn paths(plan: &Plan) -> Vec<String> {
    let mut paths: Vec<String> = plan
        .tables
        .values()
        .map(|table| table.file.clone())
        .collect();
    paths.extend(
        plan.features
            .values()
            .filter_map(|features| match features {
                FeatureTable::File { file, .. } => Some(file.clone()),
                FeatureTable::Extracted { .. } => None,
            }),
    );
    paths.extend(plan.images.values().filter_map(|image| match image {
        Image::File { path } => Some(path.clone()),
        Image::Adc { .. } => None,
    }));
    paths.extend(plan.regions.values().map(|region| region.path.clone()));
    let rereads = plan.repeatability.values().flat_map(|r| &r.rereads);
    paths.extend(rereads.map(|reread| reread.path.clone()));
    paths
}

/// The list of the simulation that is in `folder`; none if there is nothing. Errors: something else is there.
fn present(folder: &Path) -> Result<Option<Marker>, SimulationError> {
    let refuse = |reason: String| SimulationError::NotOurs {
        folder: folder.to_owned(),
        reason,
    };
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(error.to_string())),
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok(None);
            }
        }
    }
    let text = fs::read_to_string(folder.join(MARKER)).map_err(|_| {
        refuse(format!(
            "it has no {MARKER}, so its files are not known to be simulated"
        ))
    })?;
    let marker: Marker = serde_json::from_str(&text)
        .map_err(|error| refuse(format!("its {MARKER} cannot be read ({error})")))?;
    let mut found = Vec::new();
    list(folder, Path::new(""), &mut found)?;
    let wrong: Vec<Option<String>> = found
        .par_iter()
        .map(|name| {
            let path = folder.join(name);
            match marker.files.get(name) {
                None if name == MARKER => Ok(None),
                None => Ok(Some(format!("{name} was not written by a simulation"))),
                Some(known) => {
                    let content = fs::read(&path).map_err(during("read", &path))?;
                    Ok((sha256(&content) != *known)
                        .then(|| format!("{name} was changed since it was simulated")))
                }
            }
        })
        .collect::<Result<_, SimulationError>>()?;
    if let Some(reason) = wrong.into_iter().flatten().next() {
        return Err(refuse(reason));
    }
    if found.len() != marker.files.len() + 1 {
        // Files of it are gone: it is written anew.
        return Ok(Some(Marker {
            version: String::new(),
            ..marker
        }));
    }
    Ok(Some(marker))
}

/// All files below a folder, with `/` between the parts of a path, in order.
fn list(folder: &Path, below: &Path, found: &mut Vec<String>) -> Result<(), SimulationError> {
    let path = folder.join(below);
    let mut names = Vec::new();
    for entry in fs::read_dir(&path).map_err(during("list", &path))? {
        let entry = entry.map_err(during("list", &path))?;
        let kind = entry.file_type().map_err(during("list", &path))?;
        names.push((entry.file_name(), kind.is_dir()));
    }
    names.sort();
    for (name, is_folder) in names {
        let below = below.join(&name);
        if is_folder {
            list(folder, &below, found)?;
        } else {
            found.push(slashed(&below));
        }
    }
    Ok(())
}

fn slashed(path: &Path) -> String {
    let parts: Vec<String> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}

fn size(folder: &Path, marker: &Marker) -> u64 {
    let length = |name: &String| fs::metadata(folder.join(name)).map_or(0, |data| data.len());
    marker.files.keys().map(length).sum()
}

/// Writes one file below the staging folder.
fn put(staging: &Path, name: &Path, content: &[u8]) -> Result<Entry, SimulationError> {
    let path = staging.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(during("create the folder", parent))?;
    }
    fs::write(&path, content).map_err(during("write", &path))?;
    Ok(Entry {
        name: slashed(name),
        digest: sha256(content),
        bytes: content.len() as u64,
    })
}

/// Puts the staged folder into its place; the one before it is removed only then.
fn replace(
    staging: tempfile::TempDir,
    folder: &Path,
    occupied: bool,
) -> Result<(), SimulationError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    let aside = tempfile::Builder::new()
        .prefix(".simulation-")
        .tempdir_in(parent)
        .map_err(during("create a folder in", parent))?;
    let before = aside.path().join("before");
    if occupied {
        fs::rename(folder, &before).map_err(during("move away", folder))?;
    }
    let staged = staging.keep();
    if let Err(error) = open_to_readers(&staged).and_then(|()| fs::rename(&staged, folder)) {
        if occupied {
            let _ = fs::rename(&before, folder);
        }
        let _ = fs::remove_dir_all(&staged);
        return Err(during("put in place", folder)(error));
    }
    Ok(())
}

/// Temporary folders are their owner's alone; the finished one has the rights of any new folder.
fn open_to_readers(folder: &Path) -> std::io::Result<()> {
    let model = folder.join(".rights");
    fs::create_dir(&model)?;
    let rights = fs::metadata(&model)?.permissions();
    fs::remove_dir(&model)?;
    fs::set_permissions(folder, rights)
}

fn during<'a>(
    doing: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> SimulationError + 'a {
    move |error| SimulationError::File {
        path: path.to_owned(),
        doing,
        error,
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
