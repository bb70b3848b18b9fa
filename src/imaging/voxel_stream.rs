//! Voxels from a stream of bytes. Memory is taken for what has come, or for up to four times the file, whatever a header
//! promises; the stream must end with the last voxel, so that the checksum of gzip is reached.

use std::io::{BufRead, ErrorKind, Read};

use super::error::ReadError;
use super::voxels::{PixelType, Voxels};

/// Bytes that are converted at a time; a multiple of every number type's size.
const BLOCK: usize = 1 << 16;

/// Which bytes the voxels are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) pixel_type: PixelType,
    pub(super) big_endian: bool,
    pub(super) count: usize,
    /// Bytes of the file, as stored.
    pub(super) file_length: u64,
}

impl Layout {
    /// Bytes of all voxels; [`checked_count`] has made sure that they can be counted.
    pub(super) fn bytes(&self) -> u64 {
        self.count as u64 * self.pixel_type.bytes() as u64
    }
}

/// The number of voxels of these sizes, none if their bytes could not be addressed.
pub(super) fn checked_count(sizes: &[usize], pixel_type: PixelType) -> Option<usize> {
    let count = sizes
        .iter()
        .try_fold(1_usize, |product, n| product.checked_mul(*n))?;
    count
        .checked_mul(pixel_type.bytes())
        .filter(|bytes| *bytes <= isize::MAX as usize)?;
    Some(count)
}

/// All voxels, then the end of the stream.
pub(super) fn read_voxels(reader: &mut dyn Read, layout: Layout) -> Result<Voxels, ReadError> {
    let (big, count) = (layout.big_endian, layout);
    let voxels = match layout.pixel_type {
        PixelType::Int8 => Voxels::Int8(read_values(reader, count, |[byte]| byte as i8)?),
        PixelType::Uint8 => Voxels::Uint8(read_values(reader, count, |[byte]: [u8; 1]| byte)?),
        PixelType::Int16 if big => Voxels::Int16(read_values(reader, count, i16::from_be_bytes)?),
        PixelType::Int16 => Voxels::Int16(read_values(reader, count, i16::from_le_bytes)?),
        PixelType::Uint16 if big => Voxels::Uint16(read_values(reader, count, u16::from_be_bytes)?),
        PixelType::Uint16 => Voxels::Uint16(read_values(reader, count, u16::from_le_bytes)?),
        PixelType::Int32 if big => Voxels::Int32(read_values(reader, count, i32::from_be_bytes)?),
        PixelType::Int32 => Voxels::Int32(read_values(reader, count, i32::from_le_bytes)?),
        PixelType::Uint32 if big => Voxels::Uint32(read_values(reader, count, u32::from_be_bytes)?),
        PixelType::Uint32 => Voxels::Uint32(read_values(reader, count, u32::from_le_bytes)?),
        PixelType::Int64 if big => Voxels::Int64(read_values(reader, count, i64::from_be_bytes)?),
        PixelType::Int64 => Voxels::Int64(read_values(reader, count, i64::from_le_bytes)?),
        PixelType::Uint64 if big => Voxels::Uint64(read_values(reader, count, u64::from_be_bytes)?),
        PixelType::Uint64 => Voxels::Uint64(read_values(reader, count, u64::from_le_bytes)?),
        PixelType::Float32 if big => {
            Voxels::Float32(read_values(reader, count, f32::from_be_bytes)?)
        }
        PixelType::Float32 => Voxels::Float32(read_values(reader, count, f32::from_le_bytes)?),
        PixelType::Float64 if big => {
            Voxels::Float64(read_values(reader, count, f64::from_be_bytes)?)
        }
        PixelType::Float64 => Voxels::Float64(read_values(reader, count, f64::from_le_bytes)?),
    };
    expect_end(reader, layout)?;
    Ok(voxels)
}

fn read_values<T, const N: usize>(
    reader: &mut dyn Read,
    layout: Layout,
    convert: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>, ReadError> {
    let trusted = layout.file_length.saturating_mul(4) / N as u64;
    let first = usize::try_from(trusted)
        .unwrap_or(usize::MAX)
        .min(layout.count);
    let mut values: Vec<T> = Vec::new();
    // A refused allocation is the same fault as a promise that the file does not keep.
    let refused = |_| ReadError::Truncated {
        expected: layout.bytes(),
        found: layout.file_length,
    };
    values.try_reserve_exact(first).map_err(refused)?;
    let mut block = vec![0_u8; BLOCK.min(layout.count.saturating_mul(N))];
    while values.len() < layout.count {
        let wanted = (layout.count - values.len())
            .saturating_mul(N)
            .min(block.len());
        let filled = fill(reader, &mut block[..wanted])?;
        let (items, rest) = block[..filled].as_chunks::<N>();
        if values.capacity() - values.len() < items.len() {
            let more = values
                .len()
                .max(items.len())
                .min(layout.count - values.len());
            values.try_reserve_exact(more).map_err(refused)?;
        }
        values.extend(items.iter().map(|bytes| convert(*bytes)));
        if filled < wanted {
            return Err(ReadError::Truncated {
                expected: layout.bytes(),
                found: values.len() as u64 * N as u64 + rest.len() as u64,
            });
        }
    }
    Ok(values)
}

fn expect_end(reader: &mut dyn Read, layout: Layout) -> Result<(), ReadError> {
    match fill(reader, &mut [0])? {
        0 => Ok(()),
        _ => Err(ReadError::TooLong {
            expected: layout.bytes(),
        }),
    }
}

/// Reads until the buffer is full or the stream ends, and says how far it came. A gzip stream that is cut off ends.
pub(super) fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, ReadError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(ReadError::Damaged {
                    reason: "the gzip stream is cut off".to_owned(),
                });
            }
            Err(error) => {
                return Err(ReadError::Damaged {
                    reason: error.to_string(),
                });
            }
        }
    }
    Ok(filled)
}

/// Skips so many bytes; says how many there were.
pub(super) fn skip(reader: &mut dyn Read, count: u64) -> Result<u64, ReadError> {
    let mut block = [0_u8; 4096];
    let mut skipped = 0;
    while skipped < count {
        let wanted = usize::try_from(count - skipped)
            .unwrap_or(block.len())
            .min(block.len());
        let filled = fill(reader, &mut block[..wanted])?;
        skipped += filled as u64;
        if filled < wanted {
            break;
        }
    }
    Ok(skipped)
}

/// Whether the stream begins as gzip does; nothing is consumed.
pub(super) fn begins_as_gzip(reader: &mut dyn BufRead) -> Result<bool, ReadError> {
    match reader.fill_buf() {
        Ok(bytes) => Ok(bytes.starts_with(&[0x1f, 0x8b])),
        Err(error) => Err(ReadError::Damaged {
            reason: error.to_string(),
        }),
    }
}
