//! What can be wrong with image files and with images, with the figures that a person needs to put it right.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::geometry::GeometryDifference;

/// A kind of image file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Nifti,
    Nrrd,
}

/// Why a file is no volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ReadError {
    /// The file or the one that it names cannot be opened or read.
    File { path: String, reason: String },
    /// Neither NIfTI nor NRRD.
    UnknownFormat { found: String },
    /// The file ends within its header.
    HeaderEnds { format: Format, bytes: u64 },
    /// A header longer than any that programs write.
    HeaderTooLong { format: Format, most: usize },
    /// A field that the volume needs is not there.
    FieldMissing { format: Format, field: String },
    /// A field whose value cannot be.
    Field {
        format: Format,
        field: String,
        value: String,
        expected: String,
    },
    /// What the format allows but this program does not read.
    Unsupported {
        format: Format,
        what: String,
        found: String,
    },
    /// Fewer bytes of voxels than the header says.
    Truncated { expected: u64, found: u64 },
    /// More bytes of voxels than the header says.
    TooLong { expected: u64 },
    /// The gzip stream is damaged: its blocks, its checksum or its length.
    Damaged { reason: String },
    /// The file has no segment of this name.
    NoSegment { name: String, segments: Vec<String> },
    /// The file names several segments; one must be chosen.
    SegmentNeeded { segments: Vec<String> },
}

/// Why an image cannot be worked on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ImagingError {
    /// The size of the grid is not the number of voxels.
    VoxelsMissing {
        size: [usize; 3],
        found: usize,
    },
    BoxOutside {
        lower: [usize; 3],
        size: [usize; 3],
        volume: [usize; 3],
    },
    /// Axes count from 0.
    BadSpacing {
        axis: usize,
        spacing: f64,
    },
    /// The axes do not span space, or the origin is no point.
    BadAxes {
        direction: [f64; 9],
    },
    /// A setting outside its range.
    BadSetting {
        setting: String,
        value: f64,
        expected: String,
    },
    DifferentGrids(GeometryDifference),
    /// No voxel has the label; `labels` are the first that occur.
    LabelNotFound {
        label: Option<u32>,
        labels: Vec<f64>,
    },
    EmptyRegion,
    /// Nothing, or one voxel only, is left of the region after resegmentation.
    RegionTooSmall {
        voxels: usize,
        lower: f64,
        upper: Option<f64>,
    },
    /// NaN or infinite voxels.
    NotFinite {
        voxels: usize,
    },
    /// All voxels are equal, so that there is no standard deviation to divide by.
    Constant {
        value: f64,
    },
    /// A filter needs more voxels along an axis.
    TooFewVoxels {
        axis: usize,
        voxels: usize,
        needed: usize,
    },
    /// The new grid would have more voxels than a person could want.
    TooManyVoxels {
        voxels: f64,
        most: f64,
    },
    /// An ADC needs two different b-values.
    TooFewBValues {
        distinct: usize,
    },
    BadBValue {
        b_value: f64,
    },
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Format::Nifti => "NIfTI",
            Format::Nrrd => "NRRD",
        })
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::File { path, reason } => write!(f, "cannot read `{path}`: {reason}"),
            ReadError::UnknownFormat { found } => write!(
                f,
                "neither NIfTI nor NRRD: the file begins with {found}; export it as .nii.gz or .nrrd"
            ),
            ReadError::HeaderEnds { format, bytes } => write!(
                f,
                "the file ends within its {format} header, after {bytes} bytes; copy or export it again"
            ),
            ReadError::HeaderTooLong { format, most } => {
                write!(
                    f,
                    "the {format} header is longer than {most} bytes, which no program writes"
                )
            }
            ReadError::FieldMissing { format, field } => {
                write!(f, "the {format} header has no field `{field}`")
            }
            ReadError::Field {
                format,
                field,
                value,
                expected,
            } => write!(
                f,
                "the {format} header says `{field}` is {value}, but it must be {expected}"
            ),
            ReadError::Unsupported {
                format,
                what,
                found,
            } => {
                write!(
                    f,
                    "the {format} file has {what} {found}, which prereg does not read"
                )
            }
            ReadError::Truncated { expected, found } => write!(
                f,
                "the header promises {expected} bytes of voxels, the file ends after {found}; copy or export it again"
            ),
            ReadError::TooLong { expected } => write!(
                f,
                "the header promises {expected} bytes of voxels, but the file goes on after them: header and data do \
                 not belong together"
            ),
            ReadError::Damaged { reason } => write!(
                f,
                "the compressed data are damaged ({reason}); copy the file again"
            ),
            ReadError::NoSegment { name, segments } => {
                write!(f, "no segment `{name}`; the file has {}", listed(segments))
            }
            ReadError::SegmentNeeded { segments } => {
                write!(
                    f,
                    "the file has several segments, choose one of {}",
                    listed(segments)
                )
            }
        }
    }
}

impl std::error::Error for ReadError {}

impl fmt::Display for ImagingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImagingError::VoxelsMissing {
                size: [x, y, z],
                found,
            } => {
                write!(f, "a grid of {x} x {y} x {z} voxels has {found} values")
            }
            ImagingError::BoxOutside {
                lower,
                size,
                volume,
            } => write!(
                f,
                "the box of {size:?} voxels from {lower:?} does not lie within the volume of {volume:?}"
            ),
            ImagingError::BadSpacing { axis, spacing } => write!(
                f,
                "the spacing along {} is {spacing} mm; it must be above 0",
                ["x", "y", "z"].get(*axis).unwrap_or(&"an axis")
            ),
            ImagingError::BadAxes { direction } => {
                write!(
                    f,
                    "axes {direction:?} do not span space, or the first voxel lies nowhere"
                )
            }
            ImagingError::BadSetting {
                setting,
                value,
                expected,
            } => write!(f, "`{setting}` is {value}, but it must be {expected}"),
            ImagingError::DifferentGrids(difference) => write!(
                f,
                "image and mask do not lie on the same grid: {difference}; draw the mask on this image, or have it \
                 resampled to the image"
            ),
            ImagingError::LabelNotFound { label, labels } => {
                match label {
                    Some(label) => write!(f, "no voxel of the mask has the label {label}")?,
                    None => write!(f, "no voxel of the mask has a label")?,
                }
                if !labels.is_empty() {
                    write!(f, "; the labels that occur are {labels:?}")?;
                }
                Ok(())
            }
            ImagingError::EmptyRegion => write!(f, "the region has no voxel"),
            ImagingError::RegionTooSmall {
                voxels,
                lower,
                upper,
            } => {
                write!(
                    f,
                    "resegmentation leaves {voxels} voxels of the region (intensities from {lower}"
                )?;
                if let Some(upper) = upper {
                    write!(f, " to {upper}")?;
                }
                write!(f, "); two are needed: widen the range")
            }
            ImagingError::NotFinite { voxels } => write!(
                f,
                "{voxels} voxels of the image are NaN or infinite; replace them before features are taken"
            ),
            ImagingError::Constant { value } => {
                write!(
                    f,
                    "all voxels of the image are {value}: there is nothing to normalise"
                )
            }
            ImagingError::TooFewVoxels {
                axis,
                voxels,
                needed,
            } => write!(
                f,
                "the image has {voxels} voxels along {}, the filter needs {needed}",
                ["x", "y", "z"].get(*axis).unwrap_or(&"an axis")
            ),
            ImagingError::TooManyVoxels { voxels, most } => write!(
                f,
                "the resampled grid would have {voxels:.3e} voxels (at most {most:.0e}); the spacing is too small"
            ),
            ImagingError::TooFewBValues { distinct } => {
                write!(
                    f,
                    "an ADC needs images at two different b-values; there is {distinct}"
                )
            }
            ImagingError::BadBValue { b_value } => {
                write!(f, "a b-value of {b_value} s/mm2; it must be 0 or more")
            }
        }
    }
}

impl std::error::Error for ImagingError {}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
