//! Shape features in a plane: size and form of a region of one slice.
//!
//! The outline is by marching squares at 0.5: it goes through the midpoints between neighbouring pixels of which one is
//! inside; of two diagonal pixels each is cut off by itself. With P its length, S the area inside it and λ₁ ≥ λ₂ the
//! eigenvalues of the covariance (over n) of the pixels' centres: Sphericity = 2 √(π S) / P, SphericalDisproportion its
//! inverse, axes 4 √λ, Elongation √(λ₂ / λ₁). MaximumDiameter is between points of the outline. Units: mm, mm².
//! A single pixel has no direction: its Elongation is NaN.
//! Source: conventions of PyRadiomics 3.0.1.

use std::f64::consts::PI;
use std::fmt;

use super::covariance::IndexSums;
use super::diameters::{NONE, diameter_in_plane};
use super::mesh::PaddedMask;
use super::region::{Region, RegionError};

pub const NAMES: [&str; 10] = [
    "Elongation",
    "MajorAxisLength",
    "MaximumDiameter",
    "MeshSurface",
    "MinorAxisLength",
    "Perimeter",
    "PerimeterSurfaceRatio",
    "PixelSurface",
    "SphericalDisproportion",
    "Sphericity",
];

/// That of [`NAMES`] that PyRadiomics gives only when asked by name: the inverse of Sphericity.
pub const DEPRECATED: [&str; 1] = ["SphericalDisproportion"];

/// Why a region has no shape in a plane.
#[derive(Clone, Debug, PartialEq)]
pub enum ShapeInPlaneError {
    Region(RegionError),
    /// `axis` (0, 1, 2: x, y, z) is the one across the plane.
    SeveralSlices {
        axis: usize,
        slices: usize,
    },
}

impl fmt::Display for ShapeInPlaneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeInPlaneError::Region(error) => error.fmt(f),
            ShapeInPlaneError::SeveralSlices { axis, slices } => write!(
                f,
                "shape in a plane needs a region in one slice, but this one reaches over {slices} slices along {}: \
                 use the shape in space, or draw the region in one slice",
                ["x", "y", "z"].get(*axis).unwrap_or(&"an unknown axis")
            ),
        }
    }
}

impl std::error::Error for ShapeInPlaneError {}

impl From<RegionError> for ShapeInPlaneError {
    fn from(error: RegionError) -> Self {
        ShapeInPlaneError::Region(error)
    }
}

/// Values in the order of [`NAMES`], in the plane across `axis` (0, 1, 2: x, y, z).
pub fn shape_2d(region: &Region, axis: usize) -> Result<[f64; NAMES.len()], ShapeInPlaneError> {
    let mask = PaddedMask::new(region)?;
    let slices = mask.size.get(axis).map_or(0, |padded| padded - 2);
    if slices != 1 {
        return Err(ShapeInPlaneError::SeveralSlices { axis, slices });
    }
    let (along, across) = [(1, 2), (0, 2), (0, 1)][axis];
    let (du, dv) = (mask.spacing[along], mask.spacing[across]);
    let strides = [1, mask.size[0], mask.size[0] * mask.size[1]];
    let inside =
        |u: usize, v: usize| mask.inside[strides[axis] + u * strides[along] + v * strides[across]];

    // Squares by how the outline crosses them.
    let (mut corners, mut sides_along, mut sides_across) = (0_u64, 0_u64, 0_u64);
    let mut eighths = 0_u64;
    let mut ends = vec![NONE; 2 * mask.size[across]];
    for v in 0..mask.size[across] - 1 {
        for u in 0..mask.size[along] - 1 {
            let square = [
                inside(u, v),
                inside(u + 1, v),
                inside(u + 1, v + 1),
                inside(u, v + 1),
            ];
            match square.iter().sum::<u8>() {
                1 => {
                    corners += 1;
                    eighths += 1;
                }
                2 if square[0] == square[2] => {
                    corners += 2;
                    eighths += 2;
                }
                2 => {
                    eighths += 4;
                    if square[0] == square[1] {
                        sides_along += 1;
                    } else {
                        sides_across += 1;
                    }
                }
                3 => {
                    corners += 1;
                    eighths += 7;
                }
                4 => eighths += 8,
                _ => {}
            }
            let mut vertex = |u: usize, v: usize| {
                let [low, high] = &mut ends[v];
                *low = (u as i32).min(*low);
                *high = (u as i32).max(*high);
            };
            if square[0] != square[1] {
                vertex(2 * u + 1, 2 * v);
            }
            if square[0] != square[3] {
                vertex(2 * u, 2 * v + 1);
            }
        }
    }
    let perimeter = corners as f64 * (du * du + dv * dv).sqrt() / 2.0
        + sides_along as f64 * du
        + sides_across as f64 * dv;
    let surface = eighths as f64 / 8.0 * (du * dv);

    let pixels = IndexSums::new(mask.size, mask.inside.iter().map(|inside| *inside == 1));
    // The variance across the plane is exactly 0.
    let [_, minor, major] = pixels.eigenvalues(mask.spacing, pixels.count as f64);
    let sphericity = 2.0 * (PI * surface).sqrt() / perimeter;
    Ok([
        (minor / major).sqrt(),
        4.0 * major.sqrt(),
        diameter_in_plane(&ends, [du / 2.0, dv / 2.0]),
        surface,
        4.0 * minor.sqrt(),
        perimeter,
        perimeter / surface,
        pixels.count as f64 * (du * dv),
        1.0 / sphericity,
        sphericity,
    ])
}
