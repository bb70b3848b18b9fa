//! Reading image files: the format is told by the first bytes, not by the file's name.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::error::ReadError;
use super::nifti::{begins_as_nifti, read_nifti};
use super::nrrd::{NrrdData, read_data};
use super::nrrd_header::read_header;
use super::segmentation::{Segment, chosen};
use super::volume::Volume;

/// A volume of labels, and which label is meant.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelVolume {
    pub volume: Volume,
    /// The value of the chosen segment; none when the file has no segments.
    pub label: Option<u32>,
}

/// Bytes read from a file at a time.
const BUFFER: usize = 1 << 16;

enum Contents {
    Volume(Volume),
    Nrrd(NrrdData),
}

/// A volume from a file: .nii, .nii.gz, .nrrd or .nhdr.
pub fn read_volume(path: &Path) -> Result<Volume, ReadError> {
    match contents_of_file(path)? {
        Contents::Volume(volume) => Ok(volume),
        Contents::Nrrd(data) => data.into_volume(),
    }
}

/// A volume from the bytes of a file. A detached NRRD header is an error, as its data file is not at hand.
pub fn volume_from_bytes(bytes: &[u8]) -> Result<Volume, ReadError> {
    match contents_of_bytes(bytes)? {
        Contents::Volume(volume) => Ok(volume),
        Contents::Nrrd(data) => data.into_volume(),
    }
}

/// A volume of labels and, for a segmentation, the label of the segment of this name. Without a name a file with one
/// segment means that segment, a file without segments all its labels.
pub fn read_labels(path: &Path, segment: Option<&str>) -> Result<LabelVolume, ReadError> {
    labels_of(contents_of_file(path)?, segment)
}

/// As [`read_labels`], from the bytes of a file.
pub fn labels_from_bytes(bytes: &[u8], segment: Option<&str>) -> Result<LabelVolume, ReadError> {
    labels_of(contents_of_bytes(bytes)?, segment)
}

/// The name of the file beside a detached NRRD header that holds its voxels; none for other files.
pub fn detached_data_file(path: &Path) -> Result<Option<String>, ReadError> {
    let mut reader = open(path)?.0;
    if !peek(&mut reader)?.starts_with(b"NRRD") {
        return Ok(None);
    }
    Ok(read_header(&mut reader)?.data_file)
}

fn labels_of(contents: Contents, segment: Option<&str>) -> Result<LabelVolume, ReadError> {
    let no_segment = |name: &str| ReadError::NoSegment {
        name: name.to_owned(),
        segments: Vec::new(),
    };
    let data = match (contents, segment) {
        (Contents::Volume(_), Some(name)) => return Err(no_segment(name)),
        (Contents::Volume(volume), None) => {
            return Ok(LabelVolume {
                volume,
                label: None,
            });
        }
        (Contents::Nrrd(data), _) => data,
    };
    let segments = data.segments()?;
    let segment: Segment = match (segment, segments.as_slice()) {
        (Some(name), _) => chosen(&segments, name)?.clone(),
        (None, []) => {
            return Ok(LabelVolume {
                volume: data.into_volume()?,
                label: None,
            });
        }
        (None, [only]) => only.clone(),
        (None, several) => {
            return Err(ReadError::SegmentNeeded {
                segments: several.iter().map(|segment| segment.name.clone()).collect(),
            });
        }
    };
    Ok(LabelVolume {
        label: Some(segment.label),
        volume: data.layer(&segment),
    })
}

fn contents_of_file(path: &Path) -> Result<Contents, ReadError> {
    let (mut reader, length) = open(path)?;
    if !peek(&mut reader)?.starts_with(b"NRRD") {
        return read_single(&mut reader, length);
    }
    let mut counted = Counted {
        inner: reader,
        taken: 0,
    };
    let header = read_header(&mut counted)?;
    let Some(name) = header.data_file.clone() else {
        let left = length.saturating_sub(counted.taken);
        return Ok(Contents::Nrrd(read_data(
            header,
            &mut counted,
            length,
            left,
        )?));
    };
    let beside = path.parent().unwrap_or_else(|| Path::new("")).join(name);
    let (mut reader, length) = open(&beside)?;
    Ok(Contents::Nrrd(read_data(
        header,
        &mut reader,
        length,
        length,
    )?))
}

fn contents_of_bytes(bytes: &[u8]) -> Result<Contents, ReadError> {
    let length = bytes.len() as u64;
    let mut reader = Cursor::new(bytes);
    if !bytes.starts_with(b"NRRD") {
        return read_single(&mut reader, length);
    }
    let header = read_header(&mut reader)?;
    if let Some(name) = header.data_file {
        return Err(ReadError::File {
            path: name,
            reason: "the header names a data file, but only the header is at hand".to_owned(),
        });
    }
    let left = length - reader.position();
    Ok(Contents::Nrrd(read_data(
        header,
        &mut reader,
        length,
        left,
    )?))
}

/// NIfTI, or a message that says what else the bytes begin with.
fn read_single(reader: &mut dyn BufRead, length: u64) -> Result<Contents, ReadError> {
    let start = peek(reader)?;
    let mut first = start[..start.len().min(8)].to_vec();
    if start.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = [0; 4];
        let found = MultiGzDecoder::new(start).read(&mut unpacked);
        if let Ok(count @ 1..) = found {
            first = unpacked[..count].to_vec();
        }
    }
    if first.is_empty() {
        return Err(ReadError::UnknownFormat {
            found: "nothing: it is empty".to_owned(),
        });
    }
    if !begins_as_nifti(&first) {
        return Err(ReadError::UnknownFormat {
            found: format!("the bytes {first:02x?}"),
        });
    }
    read_nifti(reader, length).map(Contents::Volume)
}

fn peek(reader: &mut dyn BufRead) -> Result<&[u8], ReadError> {
    reader.fill_buf().map_err(|error| ReadError::Damaged {
        reason: error.to_string(),
    })
}

fn open(path: &Path) -> Result<(BufReader<File>, u64), ReadError> {
    let failed = |error: std::io::Error| ReadError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(ReadError::File {
            path: path.display().to_string(),
            reason: "it is a folder".to_owned(),
        });
    }
    Ok((BufReader::with_capacity(BUFFER, file), metadata.len()))
}

/// A reader that counts the bytes it has given.
struct Counted<R> {
    inner: R,
    taken: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.taken += count as u64;
        self.inner.consume(count);
    }
}
