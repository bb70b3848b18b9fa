//! The images of the patients: one step a patient and feature table, which reads the images and regions, derives maps and
//! extracts the features of every reading; and the step that joins them into a table.
//!
//! A patient's step is known by the contents of the patient's files and the settings, not by names: another patient in the
//! cohort, or a moved folder, costs nothing. Patients are numbered; only messages to the terminal name them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::{self, Inputs, Outputs, Source, Step};
use crate::imaging::{self, ImagingError, Mask, Volume};
use crate::plan::{FeatureExtraction, Image, Region, places};

use super::error::{Problem, StepError};
use super::extraction;
use super::features::{Features, Summary};
use super::frame::{Part, json};
use super::repeatability::reread_output;
use super::results::Content;
use super::sources::{Fault, Make, Sources, input, output};

/// What the images of one patient gave.
#[derive(Serialize, Deserialize)]
struct Extracted {
    names: Vec<String>,
    /// None where a feature is not defined for the region.
    values: Vec<Option<f64>>,
    /// The readings that the patient has besides the first, by the output of the table that holds them.
    rereads: BTreeMap<String, Vec<Option<f64>>>,
    counts: Counts,
    /// SHA-256 of each file, by the name of the input.
    files: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Counts {
    /// Voxels of the region as drawn.
    region_voxels: usize,
    /// Those of them without an apparent diffusion coefficient, because a signal is not above 0.
    undefined_adc: usize,
}

#[derive(Serialize)]
struct Joined {
    #[serde(flatten)]
    summary: Summary,
    region_voxels: usize,
    undefined_adc: usize,
    /// Patients with at least one such voxel.
    patients_with_undefined_adc: usize,
    /// Features without a value in some patient.
    undefined: Vec<String>,
}

/// A file of every patient.
#[derive(Clone)]
struct Template {
    /// The name of the input.
    input: String,
    /// The path with `{patient}`.
    path: String,
    /// What messages call it.
    word: String,
    /// Whether a patient may do without.
    optional: bool,
}

/// A feature table that is extracted from images.
#[derive(Clone)]
struct Work {
    part: Part,
    settings: FeatureExtraction,
    /// The b-values of the images, in order; none if there is one image that is used as it is.
    b_values: Option<Vec<f64>>,
    region: Region,
    templates: Vec<Template>,
    /// The outputs of the rereads with the input of each.
    rereads: Vec<(String, String)>,
}

const REGION: &str = "region";

fn image_input(index: usize) -> String {
    format!("image.{index}")
}

impl Work {
    fn new(sources: &Sources, name: &str, extraction: &FeatureExtraction) -> Self {
        let plan = sources.plan;
        let mut templates = Vec::new();
        let mut image = |name: &str| {
            if let Some(Image::File { path }) = plan.images.get(name) {
                templates.push(Template {
                    input: image_input(templates.len()),
                    path: path.clone(),
                    word: format!("image {name}"),
                    optional: false,
                });
            }
        };
        let b_values = match &plan.images[&extraction.image] {
            Image::File { .. } => {
                image(&extraction.image);
                None
            }
            Image::Adc { from } => {
                from.iter().for_each(|(name, _)| image(name));
                Some(from.iter().map(|(_, b)| *b).collect())
            }
        };
        let region = plan.regions[&extraction.region].clone();
        templates.push(Template {
            input: REGION.to_owned(),
            path: region.path.clone(),
            word: format!("region {}", extraction.region),
            optional: false,
        });
        let mut rereads = Vec::new();
        for (repeatability, declared) in &plan.repeatability {
            if declared.features != *name {
                continue;
            }
            for (index, reread) in declared.rereads.iter().enumerate() {
                let input = reread_output(repeatability, index);
                templates.push(Template {
                    input: input.clone(),
                    path: reread.path.clone(),
                    word: format!("reread \"{}\"", reread.name),
                    optional: true,
                });
                rereads.push((input.clone(), input));
            }
        }
        Self {
            part: Part::new(plan, format!("features {name}")),
            settings: extraction.clone(),
            b_values,
            region,
            templates,
            rereads,
        }
    }

    /// What decides a patient's result besides the files.
    fn parameters(&self) -> serde_json::Value {
        let mut settings = self.settings.clone();
        // How the study calls image and region decides nothing.
        settings.image.clear();
        settings.region.clear();
        serde_json::json!({
            "settings": settings,
            "b_values": self.b_values,
            "label": self.region.label,
            "segment": self.region.segment,
            "resample_to_image": self.region.resample_to_image,
        })
    }
}

/// The steps of a feature table: one a patient, then the one that joins them. `patients` are the members of the cohort, as
/// rows of its table with their keys.
pub(super) fn steps(
    sources: &Sources,
    name: &str,
    extraction: &FeatureExtraction,
    patients: &[(usize, String)],
    folder: &Path,
) -> Vec<Step> {
    let work = Work::new(sources, name, extraction);
    let mut steps: Vec<Step> = patients
        .iter()
        .map(|(row, key)| patient(&work, name, *row, key, folder))
        .collect();
    steps.push(join(sources, work, name, patients));
    steps
}

fn patient(work: &Work, name: &str, row: usize, key: &str, folder: &Path) -> Step {
    let mut inputs = Vec::new();
    let mut absent = Vec::new();
    for template in &work.templates {
        let path: PathBuf = folder.join(template.path.replace("{patient}", key));
        if path.exists() {
            let label = template.path.clone();
            inputs.push(input(&template.input, Source::File { path, label }));
        } else if !template.optional {
            absent.push((template.word.clone(), path));
        }
    }
    let present: Vec<String> = inputs.iter().map(|input| input.name.clone()).collect();
    let part = format!("{}, patient {key}", work.part.name);
    let mut rereads: Vec<&String> = present
        .iter()
        .filter(|name| is_reread(work, name))
        .collect();
    rereads.sort();
    let mut parameters = work.parameters();
    parameters["rereads"] = serde_json::json!(rereads);
    if !absent.is_empty() {
        // Each such step fails by itself: without this those of all patients would be one, and wait for each other.
        parameters["incomplete"] = serde_json::json!(row + 1);
    }
    let work = work.clone();
    Make {
        id: places::patient_features(name, row + 1),
        kind: "extract_features",
        version: 1,
        parameters,
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        if !absent.is_empty() {
            let problems = absent.iter().map(|(word, path)| Problem {
                part: part.clone(),
                problem: format!("{word}: there is no file {}", path.display()),
                hint: Some(
                    "put the file there, or exclude the patient in the cohort; paths are relative to the folder of the study \
                     file"
                        .to_owned(),
                ),
            });
            return Err(StepError::Parts(problems.collect()).into());
        }
        let extracted = extract(&work, &part, &present, inputs)?;
        let mut outputs = Outputs::new();
        outputs.json("extracted", &extracted)?;
        Ok(outputs)
    })
}

fn is_reread(work: &Work, input: &str) -> bool {
    work.rereads.iter().any(|(_, reread)| reread == input)
}

/// What was wrong with one of a patient's files.
struct Trouble {
    word: String,
    problem: String,
    hint: Option<String>,
}

fn extract(
    work: &Work,
    part: &str,
    present: &[String],
    inputs: &Inputs,
) -> Result<Extracted, Fault> {
    let mut troubles = Vec::new();
    let word = |input: &str| {
        work.templates
            .iter()
            .find(|template| template.input == input)
            .map_or(input, |template| template.word.as_str())
            .to_owned()
    };
    let mut images: Vec<Volume> = Vec::new();
    for input in present.iter().filter(|input| input.starts_with("image.")) {
        match imaging::volume_from_bytes(&inputs.file(input)?) {
            Ok(volume) => images.push(volume),
            Err(error) => troubles.push(Trouble {
                word: word(input),
                problem: error.to_string(),
                hint: None,
            }),
        }
    }
    let mut masks: Vec<(String, Mask)> = Vec::new();
    for input in present.iter().filter(|input| !input.starts_with("image.")) {
        let label =
            imaging::labels_from_bytes(&inputs.file(input)?, work.region.segment.as_deref());
        let mask = label.map_err(|error| error.to_string()).and_then(|found| {
            Mask::from_labels(&found.volume, work.region.label.or(found.label))
                .map_err(|error| error.to_string())
        });
        match mask {
            Ok(mask) => masks.push((input.clone(), mask)),
            Err(problem) => troubles.push(Trouble {
                word: word(input),
                problem,
                hint: None,
            }),
        }
    }
    let mut told = |word: String, error: &ImagingError, hint: Option<&str>| {
        troubles.push(Trouble {
            word,
            problem: error.to_string(),
            hint: hint.map(str::to_owned),
        });
    };
    // The images of a map must share a grid; then the regions must share it with them.
    let on_grid: Vec<(String, Mask)> = match images.first() {
        None => Vec::new(),
        Some(first) => masks
            .into_iter()
            .filter_map(
                |(input, mask)| match placed(&mask, first, work.region.resample_to_image) {
                    Ok(mask) => Some((input, mask)),
                    Err(error) => {
                        let hint = matches!(error, ImagingError::DifferentGrids(_))
                            .then_some("or write `resampled to image` behind the region");
                        told(word(&input), &error, hint);
                        None
                    }
                },
            )
            .collect(),
    };
    let expected = work.b_values.as_ref().map_or(1, Vec::len);
    let derived = (images.len() == expected).then(|| derive(work, &images, &on_grid));
    let (volume, undefined_adc) = match derived {
        Some(Ok(found)) => found,
        Some(Err(error)) => {
            told(format!("image {}", work.settings.image), &error, None);
            return Err(all(part, troubles).into());
        }
        None => return Err(all(part, troubles).into()),
    };
    drop(images);
    if !troubles.is_empty() {
        return Err(all(part, troubles).into());
    }
    let readings: Vec<&Mask> = on_grid.iter().map(|(_, mask)| mask).collect();
    let (names, mut found) =
        extraction::extract(&volume, &readings, &work.settings).map_err(|faults| {
            let troubles = faults.into_iter().map(|(reading, problem)| Trouble {
                word: reading.map_or_else(
                    || format!("image {}", work.settings.image),
                    |reading| word(&on_grid[reading].0),
                ),
                problem,
                hint: None,
            });
            all(part, troubles.collect())
        })?;
    let mut rereads = BTreeMap::new();
    let mut values = Vec::new();
    for (index, (input, _)) in on_grid.iter().enumerate().rev() {
        let of_reading = std::mem::take(&mut found[index]);
        if input == REGION {
            values = of_reading;
        } else {
            rereads.insert(input.clone(), of_reading);
        }
    }
    let mut files = BTreeMap::new();
    for input in present {
        files.insert(input.clone(), inputs.file_digest(input)?.to_string());
    }
    Ok(Extracted {
        names,
        values,
        rereads,
        counts: Counts {
            region_voxels: region(&on_grid).map_or(0, Mask::count),
            undefined_adc,
        },
        files,
    })
}

fn region(masks: &[(String, Mask)]) -> Option<&Mask> {
    masks
        .iter()
        .find(|(input, _)| input == REGION)
        .map(|(_, mask)| mask)
}

fn all(part: &str, troubles: Vec<Trouble>) -> StepError {
    StepError::Parts(
        troubles
            .into_iter()
            .map(|trouble| Problem {
                part: part.to_owned(),
                problem: format!("{}: {}", trouble.word, trouble.problem),
                hint: trouble.hint,
            })
            .collect(),
    )
}

/// A region on the grid of the image.
fn placed(mask: &Mask, image: &Volume, resample: bool) -> Result<Mask, ImagingError> {
    match mask.check_same_grid(image) {
        Ok(()) => Ok(mask.clone()),
        Err(ImagingError::DifferentGrids(_)) if resample => mask.on_grid_of(&image.geometry),
        Err(error) => Err(error),
    }
}

/// The image that features are taken from, and the voxels of the region where it is not defined.
fn derive(
    work: &Work,
    images: &[Volume],
    masks: &[(String, Mask)],
) -> Result<(Volume, usize), ImagingError> {
    let Some(b_values) = &work.b_values else {
        return Ok((images[0].clone(), 0));
    };
    let pairs: Vec<(&Volume, f64)> = images.iter().zip(b_values.iter().copied()).collect();
    let map = imaging::adc(&pairs)?;
    let undefined = region(masks).map_or(0, |mask| undefined_voxels(mask, images));
    Ok((map.volume, undefined))
}

/// Voxels of a region with a signal that is not above 0 in some image.
fn undefined_voxels(mask: &Mask, images: &[Volume]) -> usize {
    let size = mask.geometry.size;
    let [nx, ny, _] = mask.bounds.size;
    mask.inside
        .iter()
        .enumerate()
        .filter(|(_, inside)| **inside)
        .filter(|(place, _)| {
            let [x, y, z] = [place % nx, place / nx % ny, place / (nx * ny)];
            let [i, j, k] = mask.bounds.lower;
            let index = i + x + size[0] * (j + y + size[1] * (k + z));
            images
                .iter()
                .any(|image| !image.voxels.get(index).is_some_and(|signal| signal > 0.0))
        })
        .count()
}

fn join(sources: &Sources, work: Work, name: &str, patients: &[(usize, String)]) -> Step {
    let plan = sources.plan;
    let mut inputs = vec![
        input("keys", output(places::table(&plan.cohort.table), "keys")),
        input("members", sources.set(&plan.cohort.name)),
    ];
    let of_patient = |row: usize| format!("patient.{}", row + 1);
    for (row, _) in patients {
        inputs.push(input(
            &of_patient(*row),
            output(places::patient_features(name, row + 1), "extracted"),
        ));
    }
    let known = patients.to_vec();
    Make {
        id: places::features(name),
        kind: "join_features",
        version: 1,
        parameters: serde_json::json!({
            "missing": work.part.missing,
            "files": work.templates.iter().map(|t| (&t.input, &t.path)).collect::<Vec<_>>(),
        }),
        seed: None,
        inputs,
    }
    .step(move |inputs| {
        let members = super::features::members(inputs)?;
        if members != known {
            let problem = "the patients of the cohort changed while the study ran";
            let hint = "run it again when nobody writes to its tables".to_owned();
            return Err(StepError::of(&work.part.name, problem, Some(hint)).into());
        }
        let mut extracted: Vec<Extracted> = Vec::new();
        for (row, _) in &members {
            extracted.push(json(inputs, &of_patient(*row))?);
        }
        joined(&work, &members, extracted)
    })
}

fn joined(
    work: &Work,
    members: &[(usize, String)],
    extracted: Vec<Extracted>,
) -> Result<Outputs, Fault> {
    let names = extracted
        .first()
        .map_or_else(Vec::new, |first| first.names.clone());
    let mut outputs = Outputs::new();
    let mut contents = Vec::new();
    for template in &work.templates {
        let digests: Vec<Option<&String>> = extracted
            .iter()
            .map(|patient| patient.files.get(&template.input))
            .collect();
        let text = serde_json_canonicalizer::to_vec(&digests)?;
        contents.push(Content {
            file: template.path.clone(),
            patients: digests.iter().flatten().count(),
            sha256: Sha256::digest(&text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        });
    }
    outputs.json("contents", &contents)?;

    let undefined = names
        .iter()
        .enumerate()
        .filter(|(feature, _)| {
            extracted
                .iter()
                .any(|patient| patient.values[*feature].is_none())
        })
        .map(|(_, name)| name.clone())
        .collect();
    let total =
        |of: fn(&Counts) -> usize| extracted.iter().map(|patient| of(&patient.counts)).sum();
    let (region_voxels, undefined_adc) = (total(|c| c.region_voxels), total(|c| c.undefined_adc));
    let patients_with_undefined_adc = extracted
        .iter()
        .filter(|patient| patient.counts.undefined_adc > 0)
        .count();
    for (name, _) in &work.rereads {
        let mut again = Features {
            names: names.clone(),
            rows: Vec::new(),
            values: Vec::new(),
        };
        for ((row, _), patient) in members.iter().zip(&extracted) {
            let complete = patient
                .rereads
                .get(name)
                .and_then(|values| values.iter().copied().collect::<Option<Vec<f64>>>());
            if let Some(values) = complete {
                again.rows.push(*row);
                again.values.push(values);
            }
        }
        outputs.json(name, &again)?;
    }
    let found = extracted
        .into_iter()
        .map(|patient| Some(patient.values))
        .collect();
    let (features, summary) = Features::complete(&work.part, "the images", names, members, found)?;
    outputs.json("features", &features)?;
    outputs.json(
        "result",
        &Joined {
            summary,
            region_voxels,
            undefined_adc,
            patients_with_undefined_adc,
            undefined,
        },
    )?;
    Ok(outputs)
}

/// The members of the cohort with their keys, as the data say now; none if that cannot be told: then a step that comes
/// before the images fails and says why.
pub(super) fn members(sources: &Sources, steps: &[Step]) -> Vec<(usize, String)> {
    let cohort = &sources.plan.cohort;
    let id = places::cohort(&cohort.name);
    let Some(preview) = engine::preview(steps, &id) else {
        return Vec::new();
    };
    let keys: Option<Vec<String>> = preview.json(&places::table(&cohort.table), "keys");
    let members: Option<Vec<usize>> = preview.json(&id, "members");
    match (keys, members) {
        (Some(keys), Some(members)) => members
            .into_iter()
            .filter_map(|row| Some((row, keys.get(row)?.clone())))
            .collect(),
        _ => Vec::new(),
    }
}
