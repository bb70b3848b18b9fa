//! Axes and origin of a NIfTI volume from its sform or qform, in ITK's choice between the two.
//!
//! Source: nifti1.h, "method 2" and "method 3"; ITK 5.4 `NiftiImageIO::SetImageIOOrientationFromNIfTI`. The matrices are
//! held in single precision, as there. When both codes are set and the sform's is not 1, ITK takes the sform only if it
//! hardly differs from the qform; here that is: every element within 1e-4.

use super::error::ReadError;
use super::geometry::length;
use super::nifti::field;

/// What the header says.
pub(super) struct Transform {
    pub(super) spacing: [f64; 3],
    /// The third axis of the qform changes its sign (`pixdim[0]` is negative).
    pub(super) flipped: bool,
    pub(super) qform_code: i32,
    pub(super) sform_code: i32,
    pub(super) quaternion: [f64; 3],
    pub(super) quaternion_offset: [f64; 3],
    pub(super) rows: [[f64; 4]; 3],
}

/// Direction (row-major, columns are unit vectors) and origin, in LPS.
pub(super) fn transform(header: &Transform) -> Result<([f64; 9], [f64; 3]), ReadError> {
    let has_qform = header.qform_code > 0;
    let has_sform = header.sform_code > 0;
    if !has_qform && !has_sform {
        return Ok(([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], [0.0; 3]));
    }
    let qform = if has_qform {
        Some(qform(header)?)
    } else {
        None
    };
    let sform = header.rows.map(|row| row.map(single));
    let sform_usable = has_sform && is_orthogonal(&sform);
    let rows = match qform {
        None if sform_usable => sform,
        None => {
            return Err(field(
                "srow",
                format!("{sform:?}"),
                "axes at right angles, as there is no qform to take instead",
            ));
        }
        Some(qform) => {
            let agree = qform
                .iter()
                .flatten()
                .zip(sform.iter().flatten())
                .all(|(a, b)| (a - b).abs() <= 1e-4);
            if sform_usable && (header.sform_code == 1 || agree) {
                sform
            } else {
                qform
            }
        }
    };
    let mut direction = [0.0; 9];
    for axis in 0..3 {
        let column = [-rows[0][axis], -rows[1][axis], rows[2][axis]];
        let norm = length(column);
        for row in 0..3 {
            direction[3 * row + axis] = column[row] / norm;
        }
    }
    Ok((direction, [-rows[0][3], -rows[1][3], rows[2][3]]))
}

/// The rotation of a unit quaternion, times the spacing.
fn qform(header: &Transform) -> Result<[[f64; 4]; 3], ReadError> {
    let [mut b, mut c, mut d] = header.quaternion;
    let squares = b * b + c * c + d * d;
    for (name, value) in [
        "quatern_b",
        "quatern_c",
        "quatern_d",
        "qoffset_x",
        "qoffset_y",
        "qoffset_z",
    ]
    .into_iter()
    .zip(
        header
            .quaternion
            .into_iter()
            .chain(header.quaternion_offset),
    ) {
        if !value.is_finite() {
            return Err(field(name, value, "a number"));
        }
    }
    if !squares.is_finite() {
        return Err(field("quatern_b", header.quaternion[0], "at most 1"));
    }
    let mut a = 1.0 - squares;
    if a < 1e-7 {
        let norm = squares.sqrt();
        b /= norm;
        c /= norm;
        d /= norm;
        a = 0.0;
    } else {
        a = a.sqrt();
    }
    let [x, y, mut z] = header.spacing;
    if header.flipped {
        z = -z;
    }
    let [i, j, k] = header.quaternion_offset;
    Ok([
        [
            (a * a + b * b - c * c - d * d) * x,
            2.0 * (b * c - a * d) * y,
            2.0 * (b * d + a * c) * z,
            i,
        ],
        [
            2.0 * (b * c + a * d) * x,
            (a * a + c * c - b * b - d * d) * y,
            2.0 * (c * d - a * b) * z,
            j,
        ],
        [
            2.0 * (b * d - a * c) * x,
            2.0 * (c * d + a * b) * y,
            (a * a + d * d - c * c - b * b) * z,
            k,
        ],
    ]
    .map(|row| row.map(single)))
}

fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

/// Whether the matrix is finite, invertible and without shear: its normalised columns are orthonormal to 1e-4.
fn is_orthogonal(rows: &[[f64; 4]; 3]) -> bool {
    let columns: [[f64; 3]; 3] =
        std::array::from_fn(|axis| std::array::from_fn(|row| rows[row][axis]));
    let norms = columns.map(length);
    if rows.iter().flatten().any(|value| !value.is_finite())
        || norms.iter().any(|norm| !(*norm > 0.0 && norm.is_finite()))
    {
        return false;
    }
    (0..3).all(|row| {
        (0..3).all(|column| {
            let mut product = 0.0;
            for axis in 0..3 {
                product += columns[axis][row] / norms[axis] * columns[axis][column] / norms[axis];
            }
            (product - f64::from(u8::from(row == column))).abs() <= 1e-4
        })
    })
}
