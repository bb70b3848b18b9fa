//! NRRD volumes: raw or gzip, attached (.nrrd) or with the voxels in a file beside the header (.nhdr), and 3D Slicer's
//! segmentations (.seg.nrrd), whose segments may share a voxel in several layers.
//!
//! The grid is ITK's: spacing is the length of a space direction, left-posterior-superior; right-anterior-superior and
//! left-anterior-superior change signs.

use std::io::{BufRead, Read};

use flate2::bufread::MultiGzDecoder;

use super::error::ReadError;
use super::nrrd_header::{Encoding, NrrdHeader, field, unsupported};
use super::segmentation::{Segment, segments};
use super::volume::Volume;
use super::voxel_stream::{Layout, checked_count, fill, read_voxels, skip};
use super::voxels::Voxels;

/// What a file holds: one volume, or the layers of a segmentation.
pub(super) struct NrrdData {
    pub(super) header: NrrdHeader,
    /// `layers` numbers a voxel, next to each other.
    pub(super) voxels: Voxels,
}

/// The voxels, from a stream that stands at the first byte after an attached header or at the first of a data file.
pub(super) fn read_data(
    header: NrrdHeader,
    reader: &mut dyn BufRead,
    file_length: u64,
    left: u64,
) -> Result<NrrdData, ReadError> {
    let mut sizes = header.geometry.size.to_vec();
    sizes.push(header.layers);
    let count = checked_count(&sizes, header.pixel_type).ok_or_else(|| {
        field(
            "sizes",
            format!("{sizes:?}"),
            "sizes whose voxels fit into memory",
        )
    })?;
    let layout = Layout {
        pixel_type: header.pixel_type,
        big_endian: header.big_endian,
        count,
        file_length,
    };
    let lines = skip_lines(reader, header.line_skip)?;
    let voxels = match (header.encoding, header.byte_skip) {
        (Encoding::Raw, Some(bytes)) => read_behind(reader, bytes, layout)?,
        (Encoding::Raw, None) => {
            let available = left.saturating_sub(lines);
            let bytes = available
                .checked_sub(layout.bytes())
                .ok_or(ReadError::Truncated {
                    expected: layout.bytes(),
                    found: available,
                })?;
            read_behind(reader, bytes, layout)?
        }
        (Encoding::Gzip, bytes) => {
            read_behind(&mut MultiGzDecoder::new(reader), bytes.unwrap_or(0), layout)?
        }
    };
    Ok(NrrdData { header, voxels })
}

fn read_behind(reader: &mut dyn Read, bytes: u64, layout: Layout) -> Result<Voxels, ReadError> {
    if skip(reader, bytes)? < bytes {
        return Err(ReadError::Truncated {
            expected: layout.bytes(),
            found: 0,
        });
    }
    read_voxels(reader, layout)
}

/// Skips so many lines and says how many bytes they had.
fn skip_lines(reader: &mut dyn BufRead, lines: u64) -> Result<u64, ReadError> {
    let mut bytes = 0;
    let mut found = 0;
    while found < lines {
        let mut byte = [0];
        if fill(reader, &mut byte)? == 0 {
            break;
        }
        bytes += 1;
        found += u64::from(byte == [b'\n']);
    }
    Ok(bytes)
}

impl NrrdData {
    /// The one volume. Errors: several layers.
    pub(super) fn into_volume(self) -> Result<Volume, ReadError> {
        if self.header.layers > 1 {
            return Err(unsupported(
                "several numbers a voxel:",
                &self.header.layers.to_string(),
            ));
        }
        Ok(Volume {
            geometry: self.header.geometry,
            voxels: self.voxels,
        })
    }

    /// The segments that the header names.
    pub(super) fn segments(&self) -> Result<Vec<Segment>, ReadError> {
        segments(&self.header.pairs, self.header.layers)
    }

    /// The layer of a segment as a volume of labels.
    pub(super) fn layer(self, segment: &Segment) -> Volume {
        let layers = self.header.layers;
        let voxels = if layers == 1 {
            self.voxels
        } else {
            self.voxels.every(segment.layer, layers)
        };
        Volume {
            geometry: self.header.geometry,
            voxels,
        }
    }
}
