//! The images, regions and re-readings of each patient who stays, as NIfTI files.
//!
//! Signal at diffusion weighting b: gain · shading · S₀ e^(−b · ADC · scale), blurred in the plane around the tumour, then
//! √((S + n₁)² + n₂²) with normal n₁, n₂: the magnitude of a complex signal (Gudbjartsson & Patz, Magn Reson Med 1995;34:910).
//! Air is 0, as scanners' reconstructions leave it. An image that no ADC is made of is taken at b 0.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use flate2::{Compression, GzBuilder};

use crate::imaging::{Geometry, NiftiNumber, Volume, Voxels, nifti_bytes};
use crate::numerics::{Random, exp};
use crate::plan::{Image, Plan};

use super::body::{Body, Organ};
use super::cohort::Cohort;
use super::error::SimulationError;
use super::field::{convolve, kernel};
use super::noise::Noise;
use super::settings::{ImageSettings, ScannerSettings};
use super::tumour::{Features, Reading, Site, Tumour};

const PATIENT: &str = "{patient}";
/// How far a reader's contour lies from the tumour where the settings say nothing, mm.
const READER_ERROR: f64 = 0.8;
/// Fast, and as good as any on noise.
const COMPRESSION: u32 = 1;

/// What all patients' images have in common.
pub(super) struct Scene<'a> {
    settings: &'a ImageSettings,
    cohort: &'a Cohort,
    /// Path and b-value in s/mm².
    images: Vec<(&'a str, f64)>,
    /// Path and label.
    regions: Vec<(&'a str, u8)>,
    /// Path, label and reader's error in mm.
    rereads: Vec<(&'a str, u8, f64)>,
    reread_rows: BTreeSet<usize>,
    patients: Vec<usize>,
    noise: Noise,
    random: Random,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        settings: &'a ImageSettings,
        cohort: &'a Cohort,
        seed: u64,
    ) -> Result<Self, SimulationError> {
        let mut weightings: BTreeMap<&str, f64> = BTreeMap::new();
        for image in plan.images.values() {
            if let Image::Adc { from } = image {
                weightings.extend(from.iter().map(|(name, b)| (name.as_str(), *b)));
            }
        }
        let mut images = Vec::new();
        for (name, image) in &plan.images {
            if let Image::File { path } = image {
                is_nifti(path)?;
                let b = weightings.get(name.as_str()).copied().unwrap_or(0.0);
                images.push((path.as_str(), b));
            }
        }
        let mut regions = Vec::new();
        for region in plan.regions.values() {
            is_nifti(&region.path)?;
            let label = u8::try_from(region.label.unwrap_or(1)).ok();
            match label.filter(|_| region.segment.is_none()) {
                Some(label) => regions.push((region.path.as_str(), label)),
                None => {
                    return Err(SimulationError::Format {
                        path: region.path.clone(),
                        expected: "a region by a label up to 255",
                    });
                }
            }
        }
        let label = regions.first().map_or(1, |(_, label)| *label);
        let mut rereads = Vec::new();
        for reread in plan.repeatability.values().flat_map(|r| &r.rereads) {
            is_nifti(&reread.path)?;
            let error = settings.reader_error.get(&reread.name);
            rereads.push((
                reread.path.as_str(),
                label,
                error.copied().unwrap_or(READER_ERROR),
            ));
        }
        let nothing = images.is_empty() && regions.is_empty() && rereads.is_empty();
        let patients = if nothing {
            Vec::new()
        } else {
            cohort.members()
        };
        let mut read_again = patients.clone();
        Random::new(seed, "simulate.rereads").shuffle(&mut read_again);
        read_again.truncate(settings.reread_patients.unwrap_or(usize::MAX));
        Ok(Self {
            settings,
            cohort,
            images,
            regions,
            rereads,
            reread_rows: read_again.into_iter().collect(),
            patients,
            noise: Noise::new(),
            random: Random::new(seed, "simulate.images"),
        })
    }

    /// Rows of those who have images.
    pub(super) fn patients(&self) -> &[usize] {
        &self.patients
    }

    /// Makes the files of one patient: path in the study and bytes.
    pub(super) fn files(
        &self,
        row: usize,
        mut put: impl FnMut(String, Vec<u8>) -> Result<(), SimulationError>,
    ) -> Result<(), SimulationError> {
        let key = &self.cohort.keys[row];
        let stream = self.random.substream(row as u64);
        let mut random = stream.substream(0);
        let scanner = self.scanner(row);
        let geometry = self.geometry(&scanner, &mut random);
        let body = Body::new(&mut random);
        let features = self.features(row, &mut random);
        let tumour = Tumour::new(&features, body.liver(), &mut random);
        let site = tumour.site(&geometry, None);
        let (mut signal, mut adc) = body.paint(&geometry);
        if self.is_yes(&self.settings.multifocal, row) {
            for nodule in nodules(body.liver(), self.settings.tumour.adc, &mut random) {
                nodule.each_voxel(&geometry, |voxel| {
                    signal[voxel] = nodule.signal as f32;
                    adc[voxel] = nodule.adc as f32;
                });
            }
        }
        let tissue = tumour.tissue(
            &self.settings.tumour,
            features.texture,
            &site,
            &self.noise,
            &mut random,
        );
        for ((voxel, depth), (bright, diffusion)) in
            voxels(&geometry, &site).zip(&site.depths).zip(&tissue)
        {
            if *depth <= 1.0 {
                signal[voxel] = *bright as f32;
                adc[voxel] = *diffusion as f32;
            }
        }
        for (number, (path, b)) in self.images.iter().enumerate() {
            let mut random = stream.substream(1 + number as u64);
            let mut ideal: Vec<f64> = signal
                .iter()
                .zip(&adc)
                .map(|(signal, adc)| match f64::from(*signal) {
                    signal if *b > 0.0 && signal > 0.0 => {
                        signal * exp(-b * 1e-6 * scanner.adc_scale * f64::from(*adc))
                    }
                    signal => signal,
                })
                .collect();
            blur(&mut ideal, &geometry, &site, scanner.blur);
            let values = self.measured(&ideal, &geometry, &scanner, &mut random);
            let volume = Volume {
                geometry: geometry.clone(),
                voxels: Voxels::Int16(values),
            };
            put(
                of_patient(path, key),
                nifti(path, &volume, NiftiNumber::Int16, key)?,
            )?;
        }
        let first = READER_ERROR.min(
            self.rereads
                .iter()
                .map(|r| r.2)
                .fold(READER_ERROR, f64::min),
        );
        let regions = self
            .regions
            .iter()
            .map(|(path, label)| (*path, *label, first));
        let again = self.rereads.iter().copied();
        let again = again.filter(|_| self.reread_rows.contains(&row));
        for (number, (path, label, error)) in regions.chain(again).enumerate() {
            let mut random = stream.substream(1_000_000 + number as u64);
            let reading = tumour.reading(error, &mut random);
            let volume = region(&tumour, &reading, &geometry, label);
            put(
                of_patient(path, key),
                nifti(path, &volume, NiftiNumber::Uint8, key)?,
            )?;
        }
        Ok(())
    }

    fn scanner(&self, row: usize) -> ScannerSettings {
        let name = self.settings.scanner.as_deref();
        let level = name.and_then(|name| self.cohort.level(name, row));
        level
            .and_then(|level| self.settings.scanners.get(level))
            .cloned()
            .unwrap_or_default()
    }

    /// The patient does not lie in the middle to the millimetre.
    fn geometry(&self, scanner: &ScannerSettings, random: &mut Random) -> Geometry {
        let size = self.settings.size;
        let spacing = scanner.spacing.unwrap_or(self.settings.spacing);
        Geometry {
            size,
            spacing,
            origin: std::array::from_fn(|axis| {
                let middle = -0.5 * spacing[axis] * (size[axis] as f64 - 1.0);
                (middle + 3.0 * random.normal().clamp(-2.0, 2.0)).round()
            }),
            direction: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        }
    }

    fn features(&self, row: usize, random: &mut Random) -> Features {
        let any = 40.0 + 40.0 * random.unit();
        let diameter = self.settings.diameter.as_deref();
        Features {
            diameter: diameter
                .and_then(|name| self.cohort.number(name, row))
                .unwrap_or(any)
                .clamp(8.0, 140.0),
            irregular: self.is_yes(&self.settings.irregular, row),
            target: self.is_yes(&self.settings.target, row),
            texture: self.cohort.texture[row],
        }
    }

    fn is_yes(&self, column: &Option<String>, row: usize) -> bool {
        column
            .as_deref()
            .is_some_and(|name| self.cohort.is_yes(name, row))
    }

    /// What the scanner makes of an ideal signal.
    fn measured(
        &self,
        ideal: &[f64],
        geometry: &Geometry,
        scanner: &ScannerSettings,
        random: &mut Random,
    ) -> Vec<i16> {
        let [columns, rows, _] = geometry.size;
        let mut values = Vec::with_capacity(ideal.len());
        let mut normals = [0.0; 4];
        for (voxel, signal) in ideal.iter().enumerate() {
            // Two normals a voxel, in air as well: what is drawn does not depend on what is shown.
            if voxel % 2 == 0 {
                normals = self.noise.four(random);
            }
            if *signal <= 0.0 {
                values.push(0);
                continue;
            }
            let pair = 2 * (voxel % 2);
            let depth = ((voxel / columns) % rows) as f64 / rows as f64;
            let shaded = signal * (1.0 + scanner.shading * (0.5 - depth));
            let real = shaded + scanner.noise * normals[pair];
            let imaginary = scanner.noise * normals[pair + 1];
            let magnitude = scanner.gain * (real * real + imaginary * imaginary).sqrt();
            // A voxel of tissue is never exactly 0: its ADC would be undefined.
            values.push(magnitude.round().clamp(1.0, f64::from(i16::MAX)) as i16);
        }
        values
    }
}

/// The places of a site's voxels in the grid.
fn voxels(geometry: &Geometry, site: &Site) -> impl Iterator<Item = usize> {
    let [columns, rows, _] = geometry.size;
    let bounds = site.bounds;
    (0..bounds.voxels()).map(move |place| {
        let x = place % bounds.size[0];
        let y = (place / bounds.size[0]) % bounds.size[1];
        let z = place / (bounds.size[0] * bounds.size[1]);
        bounds.lower[0] + x + columns * (bounds.lower[1] + y + rows * (bounds.lower[2] + z))
    })
}

/// Blurs the voxels around the tumour in the plane; those at the rim of the site stay as they are.
fn blur(ideal: &mut [f64], geometry: &Geometry, site: &Site, sigma: f64) {
    let kernels = [
        kernel(sigma / geometry.spacing[0]),
        kernel(sigma / geometry.spacing[1]),
    ];
    let size = site.bounds.size;
    if kernels[0].len() >= size[0] || kernels[1].len() >= size[1] {
        return;
    }
    let values: Vec<f64> = voxels(geometry, site).map(|voxel| ideal[voxel]).collect();
    let (values, shape) = convolve(&values, size, 0, &kernels[0]);
    let (values, shape) = convolve(&values, shape, 1, &kernels[1]);
    let (left, front) = (kernels[0].len() / 2, kernels[1].len() / 2);
    let [columns, rows, _] = geometry.size;
    let lower = site.bounds.lower;
    for (place, value) in values.into_iter().enumerate() {
        let x = lower[0] + left + place % shape[0];
        let y = lower[1] + front + (place / shape[0]) % shape[1];
        let z = lower[2] + place / (shape[0] * shape[1]);
        let voxel = x + columns * (y + rows * z);
        // Air stays air.
        if ideal[voxel] > 0.0 {
            ideal[voxel] = value;
        }
    }
}

/// One to three small nodules in the liver.
fn nodules(liver: Organ, adc: f64, random: &mut Random) -> Vec<Organ> {
    let count = 1 + random.below(3);
    (0..count)
        .map(|_| {
            let radius = 4.0 + 5.0 * random.unit();
            Organ {
                centre: std::array::from_fn(|axis| {
                    liver.centre[axis] + 0.55 * liver.axes[axis] * (2.0 * random.unit() - 1.0)
                }),
                axes: [radius; 3],
                signal: 420.0,
                adc,
            }
        })
        .collect()
}

fn region(tumour: &Tumour, reading: &Reading, geometry: &Geometry, label: u8) -> Volume {
    let site = tumour.site(geometry, Some(reading));
    let mut values = vec![0_u8; geometry.voxels()];
    let mut least = (f64::INFINITY, 0);
    for (voxel, depth) in voxels(geometry, &site).zip(&site.depths) {
        if *depth <= 1.0 {
            values[voxel] = label;
        }
        if *depth < least.0 {
            least = (*depth, voxel);
        }
    }
    // However coarse the grid, nobody outlines nothing.
    values[least.1] = label;
    Volume {
        geometry: geometry.clone(),
        voxels: Voxels::Uint8(values),
    }
}

fn of_patient(path: &str, key: &str) -> String {
    path.replace(PATIENT, key)
}

fn is_nifti(path: &str) -> Result<(), SimulationError> {
    let lower = path.to_lowercase();
    if lower.ends_with(".nii.gz") || lower.ends_with(".nii") {
        return Ok(());
    }
    Err(SimulationError::Format {
        path: path.to_owned(),
        expected: "a .nii.gz or .nii file",
    })
}

fn nifti(
    path: &str,
    volume: &Volume,
    number: NiftiNumber,
    patient: &str,
) -> Result<Vec<u8>, SimulationError> {
    let plain = nifti_bytes(volume, number).map_err(|error| SimulationError::Image {
        patient: patient.to_owned(),
        error,
    })?;
    if !path.to_lowercase().ends_with(".gz") {
        return Ok(plain);
    }
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::new(COMPRESSION));
    encoder
        .write_all(&plain)
        .and_then(|()| encoder.finish())
        .map_err(|error| SimulationError::File {
            path: path.into(),
            doing: "compress",
            error,
        })
}
