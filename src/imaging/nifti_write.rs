//! Writing NIfTI-1: a header without time, place or program version and a gzip header without time, so that the same
//! volume always gives the same bytes. Both qform and sform hold the grid, with code 1 (scanner).
//!
//! Source: NIfTI-1 data format (nifti.nimh.nih.gov); the quaternion is that of the axes, with `pixdim[0]` = −1 when they are
//! left-handed.

use std::io::Write;

use flate2::{Compression, GzBuilder};

use super::error::ImagingError;
use super::geometry::{Geometry, determinant};
use super::nifti::HEADER;
use super::volume::Volume;
use super::voxels::{Number, Voxels, for_each_type};

/// The number type to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NiftiNumber {
    Uint8,
    Int16,
    Float32,
}

/// The bytes of a .nii file. Values are rounded to the nearest whole number for the integer types (a half away from 0)
/// and held within their range; NaN becomes 0.
/// Errors: sizes above 32,767 or that do not fit the voxels.
pub fn nifti_bytes(volume: &Volume, number: NiftiNumber) -> Result<Vec<u8>, ImagingError> {
    volume.check()?;
    let mut bytes = header(&volume.geometry, number)?;
    for_each_type!(&volume.voxels, values => {
        for value in values {
            let value = value.to_f64();
            match number {
                NiftiNumber::Uint8 => bytes.push(value.round() as u8),
                NiftiNumber::Int16 => bytes.extend_from_slice(&(value.round() as i16).to_le_bytes()),
                NiftiNumber::Float32 => bytes.extend_from_slice(&(value as f32).to_le_bytes()),
            }
        }
    });
    Ok(bytes)
}

/// The bytes of a .nii.gz file.
pub fn nifti_gz_bytes(volume: &Volume, number: NiftiNumber) -> Result<Vec<u8>, ImagingError> {
    let plain = nifti_bytes(volume, number)?;
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::new(6));
    encoder
        .write_all(&plain)
        .expect("writing to memory does not fail");
    Ok(encoder.finish().expect("writing to memory does not fail"))
}

/// A mask as a volume of 0 and 1.
pub fn mask_volume(mask: &super::mask::Mask) -> Volume {
    let size = mask.geometry.size;
    let mut values = vec![0_u8; mask.geometry.voxels()];
    let mut place = 0;
    for z in 0..mask.bounds.size[2] {
        for y in 0..mask.bounds.size[1] {
            for x in 0..mask.bounds.size[0] {
                let [i, j, k] = mask.bounds.lower;
                values[i + x + size[0] * (j + y + size[1] * (k + z))] =
                    u8::from(mask.inside[place]);
                place += 1;
            }
        }
    }
    Volume {
        geometry: mask.geometry.clone(),
        voxels: Voxels::Uint8(values),
    }
}

fn header(geometry: &Geometry, number: NiftiNumber) -> Result<Vec<u8>, ImagingError> {
    let mut bytes = vec![0_u8; HEADER + 4];
    let mut put =
        |place: usize, value: &[u8]| bytes[place..place + value.len()].copy_from_slice(value);
    put(0, &(HEADER as i32).to_le_bytes());
    put(40, &3_i16.to_le_bytes());
    for (axis, size) in geometry.size.into_iter().enumerate() {
        let size = i16::try_from(size).map_err(|_| ImagingError::TooManyVoxels {
            voxels: size as f64,
            most: f64::from(i16::MAX),
        })?;
        put(42 + 2 * axis, &size.to_le_bytes());
    }
    for place in [48, 50, 52, 54] {
        put(place, &1_i16.to_le_bytes());
    }
    let (datatype, bits) = match number {
        NiftiNumber::Uint8 => (2_i16, 8_i16),
        NiftiNumber::Int16 => (4, 16),
        NiftiNumber::Float32 => (16, 32),
    };
    put(70, &datatype.to_le_bytes());
    put(72, &bits.to_le_bytes());
    let real = |value: f64| (value as f32).to_le_bytes();
    // From LPS to NIfTI's RAS: the first two rows change sign.
    let sign = [-1.0, -1.0, 1.0];
    let mut axes = [0.0; 9];
    for (place, value) in axes.iter_mut().enumerate() {
        *value = sign[place / 3] * geometry.direction[place];
    }
    let handed = if determinant(&axes) < 0.0 { -1.0 } else { 1.0 };
    put(76, &real(handed));
    for (axis, spacing) in geometry.spacing.into_iter().enumerate() {
        put(80 + 4 * axis, &real(spacing));
    }
    put(108, &real(352.0));
    put(112, &real(1.0));
    // Lengths are in mm.
    put(123, &[2]);
    put(252, &1_i16.to_le_bytes());
    put(254, &1_i16.to_le_bytes());
    for (place, value) in quaternion(&axes, handed).into_iter().enumerate() {
        put(256 + 4 * place, &real(value));
    }
    for row in 0..3 {
        let origin = real(sign[row] * geometry.origin[row]);
        put(268 + 4 * row, &origin);
        for column in 0..3 {
            put(
                280 + 16 * row + 4 * column,
                &real(axes[3 * row + column] * geometry.spacing[column]),
            );
        }
        put(280 + 16 * row + 12, &origin);
    }
    put(344, b"n+1\0");
    Ok(bytes)
}

/// b, c, d of the unit quaternion of a rotation, by the largest of its four parts.
fn quaternion(axes: &[f64; 9], handed: f64) -> [f64; 3] {
    let at = |row: usize, column: usize| {
        let value = axes[3 * row + column];
        if column == 2 { value * handed } else { value }
    };
    let (xx, yy, zz) = (at(0, 0), at(1, 1), at(2, 2));
    let squares = [
        1.0 + xx + yy + zz,
        1.0 + xx - yy - zz,
        1.0 - xx + yy - zz,
        1.0 - xx - yy + zz,
    ];
    let mut largest = 0;
    for (place, square) in squares.iter().enumerate() {
        if *square > squares[largest] {
            largest = place;
        }
    }
    let root = 2.0 * squares[largest].max(0.0).sqrt();
    let sum = |row: usize, column: usize| (at(row, column) + at(column, row)) / root;
    let difference = |row: usize, column: usize| (at(row, column) - at(column, row)) / root;
    let [a, b, c, d] = match largest {
        0 => [
            root / 4.0,
            difference(2, 1),
            difference(0, 2),
            difference(1, 0),
        ],
        1 => [difference(2, 1), root / 4.0, sum(0, 1), sum(0, 2)],
        2 => [difference(0, 2), sum(0, 1), root / 4.0, sum(1, 2)],
        _ => [difference(1, 0), sum(0, 2), sum(1, 2), root / 4.0],
    };
    if a < 0.0 { [-b, -c, -d] } else { [b, c, d] }
}
