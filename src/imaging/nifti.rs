//! NIfTI-1 and NIfTI-2 in one file (.nii, .nii.gz): every real number type, both byte orders, slope and intercept.
//!
//! The grid is that of ITK 5.4: spacing from `pixdim`; axes and origin from sform or qform, whichever ITK takes (an sform
//! without shear whose code is 1, or when there is no qform, or when both agree; otherwise the qform); the first two
//! rows change sign, from NIfTI's RAS to LPS. Without either the axes are x, y and z from 0. Values are
//! slope · x + intercept unless the slope is 0 or NaN, in single precision as in ITK (double stays double).
//!
//! Source: NIfTI-1 and NIfTI-2 data formats (nifti.nimh.nih.gov); ITK `NiftiImageIO`. Stricter than ITK: spacing must be
//! above 0 (0 is taken as 1 along an axis with one voxel), `bitpix` must fit `datatype`, `vox_offset` lie behind the
//! header and the file end with the last voxel.

use std::io::{BufRead, Read};

use flate2::bufread::MultiGzDecoder;

use super::error::{Format, ReadError};
use super::geometry::Geometry;
use super::nifti_axes::{Transform, transform};
use super::volume::Volume;
use super::voxel_stream::{Layout, begins_as_gzip, checked_count, fill, read_voxels, skip};
use super::voxels::{Number, PixelType, Voxels, for_each_type};

pub(super) const HEADER: usize = 348;
const HEADER_2: usize = 540;

/// A volume from a stream that begins with the header, gzipped or not.
pub(super) fn read_nifti(reader: &mut dyn BufRead, file_length: u64) -> Result<Volume, ReadError> {
    if begins_as_gzip(reader)? {
        read_plain(&mut MultiGzDecoder::new(reader), file_length)
    } else {
        read_plain(reader, file_length)
    }
}

/// Whether these first bytes, unpacked, are a NIfTI header of either version and byte order.
pub(super) fn begins_as_nifti(bytes: &[u8]) -> bool {
    bytes
        .first_chunk()
        .is_some_and(|size| version(*size).is_some())
}

/// Length of the header and whether it is big-endian.
fn version(size: [u8; 4]) -> Option<(usize, bool)> {
    let (little, big) = (i32::from_le_bytes(size), i32::from_be_bytes(size));
    [HEADER, HEADER_2]
        .into_iter()
        .flat_map(|length| [(length, false, little), (length, true, big)])
        .find(|(length, _, value)| usize::try_from(*value) == Ok(*length))
        .map(|(length, big_endian, _)| (length, big_endian))
}

fn read_plain(reader: &mut dyn Read, file_length: u64) -> Result<Volume, ReadError> {
    let mut bytes = [0_u8; HEADER_2 + 4];
    let mut have = fill(reader, &mut bytes[..HEADER + 4])?;
    let (length, big_endian) = bytes
        .first_chunk()
        .and_then(|size| version(*size))
        .ok_or_else(|| {
            field(
                "sizeof_hdr",
                i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
                "348 or 540",
            )
        })?;
    if length > HEADER && have == HEADER + 4 {
        have += fill(reader, &mut bytes[HEADER + 4..])?;
    }
    if have < length + 4 {
        return Err(ReadError::HeaderEnds {
            format: Format::Nifti,
            bytes: have as u64,
        });
    }
    let header = Header::parse(
        &Fields {
            bytes: &bytes,
            big_endian,
        },
        length,
    )?;
    let offset = header.offset - (length as u64 + 4);
    let skipped = skip(reader, offset)?;
    if skipped < offset {
        return Err(ReadError::HeaderEnds {
            format: Format::Nifti,
            bytes: length as u64 + 4 + skipped,
        });
    }
    let layout = Layout {
        pixel_type: header.pixel_type,
        big_endian,
        count: header.count,
        file_length,
    };
    let voxels = read_voxels(reader, layout)?;
    Ok(Volume {
        geometry: header.geometry,
        voxels: match header.scale {
            None => voxels,
            Some((slope, intercept)) => scaled(voxels, slope, intercept),
        },
    })
}

fn scaled(voxels: Voxels, slope: f64, intercept: f64) -> Voxels {
    match voxels {
        Voxels::Float64(mut values) => {
            for value in &mut values {
                *value = *value * slope + intercept;
            }
            Voxels::Float64(values)
        }
        other => Voxels::Float32(
            for_each_type!(other, values => values.into_iter().map(|x| (x.to_f64() * slope + intercept) as f32).collect()),
        ),
    }
}

struct Header {
    geometry: Geometry,
    pixel_type: PixelType,
    count: usize,
    offset: u64,
    scale: Option<(f64, f64)>,
}

impl Header {
    fn parse(fields: &Fields<'_>, length: usize) -> Result<Header, ReadError> {
        let second = length == HEADER_2;
        let magic = fields.take::<4>(if second { 4 } else { 344 });
        let single_file: &[&[u8; 4]] = if second { &[b"n+2\0"] } else { &[b"n+1\0"] };
        if !single_file.contains(&&magic) {
            let text = String::from_utf8_lossy(&magic)
                .trim_end_matches('\0')
                .to_owned();
            return Err(if text == "ni1" || text == "ni2" {
                ReadError::Unsupported {
                    format: Format::Nifti,
                    what: "its voxels in a second file:".to_owned(),
                    found: ".hdr and .img".to_owned(),
                }
            } else {
                field("magic", format!("{text:?}"), "\"n+1\" or \"n+2\"")
            });
        }
        let size = size(fields, second)?;
        let (datatype, bitpix) = if second {
            (fields.i16(12), fields.i16(14))
        } else {
            (fields.i16(70), fields.i16(72))
        };
        let pixel_type = pixel_type(datatype)?;
        if usize::try_from(bitpix) != Ok(8 * pixel_type.bytes()) {
            return Err(field(
                "bitpix",
                bitpix,
                &format!("{} for this datatype", 8 * pixel_type.bytes()),
            ));
        }
        let count = checked_count(&size, pixel_type).ok_or_else(|| {
            field(
                "dim",
                format!("{size:?}"),
                "sizes whose voxels fit into memory",
            )
        })?;
        Ok(Header {
            geometry: geometry(fields, second, size)?,
            pixel_type,
            count,
            offset: offset(fields, second, length)?,
            scale: scale(fields, second)?,
        })
    }
}

fn size(fields: &Fields<'_>, second: bool) -> Result<[usize; 3], ReadError> {
    let dimension = |number: usize| {
        if second {
            fields.i64(16 + 8 * number)
        } else {
            i64::from(fields.i16(40 + 2 * number))
        }
    };
    let dimensions = usize::try_from(dimension(0)).unwrap_or(0);
    if !(1..=7).contains(&dimensions) {
        return Err(field("dim[0]", dimension(0), "from 1 to 7"));
    }
    let mut size = [1; 3];
    for number in 1..=dimensions {
        let found = dimension(number);
        let name = format!("dim[{number}]");
        let count = usize::try_from(found).ok().filter(|count| *count > 0);
        let count = count.ok_or_else(|| field(&name, found, "above 0"))?;
        match size.get_mut(number - 1) {
            Some(place) => *place = count,
            None if count == 1 => {}
            None => {
                return Err(ReadError::Unsupported {
                    format: Format::Nifti,
                    what: format!("more than three dimensions: {name} is"),
                    found: count.to_string(),
                });
            }
        }
    }
    Ok(size)
}

fn pixel_type(datatype: i16) -> Result<PixelType, ReadError> {
    Ok(match datatype {
        2 => PixelType::Uint8,
        4 => PixelType::Int16,
        8 => PixelType::Int32,
        16 => PixelType::Float32,
        64 => PixelType::Float64,
        256 => PixelType::Int8,
        512 => PixelType::Uint16,
        768 => PixelType::Uint32,
        1024 => PixelType::Int64,
        1280 => PixelType::Uint64,
        1 | 32 | 128 | 1536 | 1792 | 2048 | 2304 => {
            return Err(ReadError::Unsupported {
                format: Format::Nifti,
                what: "voxels of datatype".to_owned(),
                found: format!("{datatype} (bits, colours, complex or 128-bit numbers)"),
            });
        }
        _ => return Err(field("datatype", datatype, "a number type of NIfTI")),
    })
}

fn offset(fields: &Fields<'_>, second: bool, length: usize) -> Result<u64, ReadError> {
    let least = length as u64 + 4;
    let offset = if second {
        u64::try_from(fields.i64(168)).ok()
    } else {
        let offset = f64::from(fields.f32(108));
        // Single precision counts bytes up to 2^24.
        ((0.0..=16_777_216.0).contains(&offset) && offset.fract() == 0.0).then_some(offset as u64)
    };
    offset
        .filter(|offset| *offset >= least && *offset <= 1 << 40)
        .ok_or_else(|| {
            let found = if second {
                fields.i64(168).to_string()
            } else {
                fields.f32(108).to_string()
            };
            field("vox_offset", found, &format!("{least} or more"))
        })
}

fn scale(fields: &Fields<'_>, second: bool) -> Result<Option<(f64, f64)>, ReadError> {
    let (slope, intercept) = if second {
        (fields.f64(176), fields.f64(184))
    } else {
        (f64::from(fields.f32(112)), f64::from(fields.f32(116)))
    };
    if slope.is_nan() || slope.abs() <= f64::EPSILON {
        return Ok(None);
    }
    for (name, value) in [("scl_slope", slope), ("scl_inter", intercept)] {
        if !value.is_finite() {
            return Err(field(name, value, "a number"));
        }
    }
    let identity = (slope - 1.0).abs() <= f64::EPSILON && intercept.abs() <= f64::EPSILON;
    Ok((!identity).then_some((slope, intercept)))
}

fn geometry(fields: &Fields<'_>, second: bool, size: [usize; 3]) -> Result<Geometry, ReadError> {
    let real = |first: usize, next: usize, number: usize| {
        if second {
            fields.f64(next + 8 * number)
        } else {
            f64::from(fields.f32(first + 4 * number))
        }
    };
    let code = |first: usize, next: usize| {
        if second {
            fields.i32(next)
        } else {
            i32::from(fields.i16(first))
        }
    };
    let mut spacing = [1.0; 3];
    for (axis, spacing) in spacing.iter_mut().enumerate() {
        let found = real(76, 104, axis + 1);
        if found > 0.0 && found.is_finite() {
            *spacing = found;
        } else if size[axis] > 1 || found != 0.0 {
            return Err(field(&format!("pixdim[{}]", axis + 1), found, "above 0"));
        }
    }
    let transform = transform(&Transform {
        spacing,
        flipped: real(76, 104, 0) < 0.0,
        qform_code: code(252, 344),
        sform_code: code(254, 348),
        quaternion: std::array::from_fn(|number| real(256, 352, number)),
        quaternion_offset: std::array::from_fn(|number| real(268, 376, number)),
        rows: std::array::from_fn(|row| {
            std::array::from_fn(|column| real(280, 400, 4 * row + column))
        }),
    })?;
    let (direction, origin) = transform;
    let geometry = Geometry {
        size,
        spacing,
        origin,
        direction,
    };
    if geometry.is_sound() {
        Ok(geometry)
    } else {
        Err(field(
            "pixdim",
            format!("{spacing:?}"),
            "a spacing that single precision can hold",
        ))
    }
}

pub(super) fn field(name: &str, value: impl ToString, expected: &str) -> ReadError {
    ReadError::Field {
        format: Format::Nifti,
        field: name.to_owned(),
        value: value.to_string(),
        expected: expected.to_owned(),
    }
}

/// Numbers at their places in the header.
struct Fields<'a> {
    bytes: &'a [u8; HEADER_2 + 4],
    big_endian: bool,
}

impl Fields<'_> {
    /// The bytes from a place that the format fixes, in little-endian order unless they are text.
    fn take<const N: usize>(&self, place: usize) -> [u8; N] {
        self.bytes[place..].first_chunk().copied().unwrap_or([0; N])
    }

    fn ordered<const N: usize>(&self, place: usize) -> [u8; N] {
        let mut bytes = self.take(place);
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    fn i16(&self, place: usize) -> i16 {
        i16::from_le_bytes(self.ordered(place))
    }

    fn i32(&self, place: usize) -> i32 {
        i32::from_le_bytes(self.ordered(place))
    }

    fn i64(&self, place: usize) -> i64 {
        i64::from_le_bytes(self.ordered(place))
    }

    fn f32(&self, place: usize) -> f32 {
        f32::from_le_bytes(self.ordered(place))
    }

    fn f64(&self, place: usize) -> f64 {
        f64::from_le_bytes(self.ordered(place))
    }
}
