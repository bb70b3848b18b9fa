//! `prereg features`: the radiomic features of one region of one image.

mod parameter_file;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use super::run::write_atomically;
use super::{Failure, say};
use crate::imaging::{Mask, read_labels, read_volume};
use crate::radiomics::{Extraction, Settings, extract};
use parameter_file::Parameters;

/// Take the radiomic features of a region of an image
///
/// Reads NIfTI and NRRD. Settings are those of PyRadiomics 3.0.1 unless a file says otherwise: a TOML file of prereg or a
/// parameter file of PyRadiomics (.yaml), which is followed or refused with the key that is not supported.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The image
    #[arg(value_name = "IMAGE")]
    image: PathBuf,
    /// The region: a file of labels on the grid of the image
    #[arg(value_name = "MASK")]
    mask: PathBuf,
    /// How features are taken (.toml, or .yaml as PyRadiomics writes it)
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// The value of the voxels that belong to the region [default: that of the settings, or 1]
    #[arg(long, value_name = "N")]
    label: Option<u32>,
    /// The segment of a segmentation file
    #[arg(long, value_name = "NAME")]
    segment: Option<String>,
    /// Bring a region that lies on another grid onto that of the image, by the nearest voxel
    #[arg(long)]
    resample_mask: bool,
    /// The form of the answer
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// Write the answer into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Json,
    Csv,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let parameters = match &arguments.settings {
        Some(path) => parameters(path)?,
        None => Parameters::default(),
    };
    let image = read_volume(&arguments.image)
        .map_err(|error| Failure::file(&arguments.image, "read the image", error))?;
    let labels = read_labels(&arguments.mask, arguments.segment.as_deref())
        .map_err(|error| Failure::file(&arguments.mask, "read the region", error))?;
    let label = arguments.label.or(labels.label).unwrap_or(parameters.label);
    let of_mask = |error| Failure::file(&arguments.mask, "take the region from", error);
    let mut mask = Mask::from_labels(&labels.volume, Some(label)).map_err(of_mask)?;
    if arguments.resample_mask || parameters.correct_mask {
        mask = mask.on_grid_of(&image.geometry).map_err(of_mask)?;
    }
    if let Err(error) = mask.check_same_grid(&image) {
        return Err(Failure::File {
            path: arguments.mask.clone(),
            doing: "use the region",
            reason: error.to_string(),
            hint: Some("--resample-mask brings it onto the grid of the image".to_owned()),
        });
    }
    let found = extract(&image, &mask, &parameters.settings)
        .map_err(|error| Failure::file(&arguments.image, "take features from", error))?;
    let text = match arguments.format {
        Format::Json => as_json(&found, &parameters.settings),
        Format::Csv => as_csv(&found),
    };
    match &arguments.out {
        Some(path) => write_atomically(path, text.as_bytes()),
        None => {
            say(&text);
            Ok(())
        }
    }
}

fn parameters(path: &Path) -> Result<Parameters, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::file(path, "read the settings", error))?;
    let is_yaml = path
        .extension()
        .is_some_and(|end| end == "yaml" || end == "yml");
    if is_yaml {
        return parameter_file::read(&text).map_err(|problem| Failure::File {
            path: path.to_owned(),
            doing: "follow the settings in",
            reason: problem.to_string(),
            hint: problem.hint(),
        });
    }
    toml::from_str::<Settings>(&text)
        .map(|settings| Parameters {
            settings,
            ..Parameters::default()
        })
        .map_err(|error| Failure::File {
            path: path.to_owned(),
            doing: "follow the settings in",
            reason: error.to_string().trim_end().to_owned(),
            hint: Some("docs/features.md lists all settings".to_owned()),
        })
}

fn as_json(found: &Extraction, settings: &Settings) -> String {
    let features: Map<String, Value> = found
        .features
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let all = json!({
        "features": features,
        "region": found.region,
        "settings": settings,
        "prereg_version": env!("CARGO_PKG_VERSION"),
    });
    let mut text =
        serde_json::to_string_pretty(&all).expect("an answer holds no map whose keys are not text");
    text.push('\n');
    text
}

fn as_csv(found: &Extraction) -> String {
    let mut text = "feature,value\n".to_owned();
    for (name, value) in &found.features {
        let value = if value.is_finite() {
            format!("{value:?}")
        } else {
            String::new()
        };
        text.push_str(&format!("{name},{value}\n"));
    }
    text
}
