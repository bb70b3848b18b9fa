//! Where the voxels of a volume lie: the centre of voxel (i, j, k) is origin + direction · (spacing ∘ (i, j, k)), in mm,
//! x towards the patient's left, y towards the back, z towards the head (LPS, as DICOM and ITK).
//!
//! Source: ITK Software Guide, section "Image" (origin at the centre of the first voxel).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Two grids whose voxels lie less than this part of a voxel apart are the same: headers in single precision move the
/// far corner of a grid by about 1e-4 voxels.
pub const SAME_GRID: f64 = 1e-3;

/// Size, spacing (mm), origin (mm) and direction of a volume. The columns of the row-major `direction` are the unit
/// vectors of the axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    pub size: [usize; 3],
    pub spacing: [f64; 3],
    pub origin: [f64; 3],
    pub direction: [f64; 9],
}

/// A box of voxels: the first voxel and how many along each axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoxelBox {
    pub lower: [usize; 3],
    pub size: [usize; 3],
}

/// By how much two grids differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeometryDifference {
    pub sizes: [[usize; 3]; 2],
    /// Largest difference of spacing, in mm.
    pub spacing: f64,
    /// Distance of the first voxels, in mm.
    pub origin: f64,
    /// Largest angle between two axes, as the length of the difference of their unit vectors.
    pub direction: f64,
    /// Largest distance between corresponding corners, in mm.
    pub corner: f64,
    /// The same in voxels: along each axis divided by the first grid's spacing, the largest.
    pub corner_voxels: f64,
}

impl Geometry {
    pub fn voxels(&self) -> usize {
        self.size.iter().product()
    }

    /// Whether spacing is above 0, everything finite and the axes span space.
    pub(super) fn is_sound(&self) -> bool {
        self.spacing
            .iter()
            .all(|spacing| *spacing > 0.0 && spacing.is_finite())
            && self
                .origin
                .iter()
                .chain(&self.direction)
                .all(|value| value.is_finite())
            && determinant(&self.direction).abs() > 1e-6
    }

    /// All voxels.
    pub fn whole(&self) -> VoxelBox {
        VoxelBox {
            lower: [0; 3],
            size: self.size,
        }
    }

    /// The point, in mm, of a voxel's centre or of a place between voxels.
    pub fn point(&self, index: [f64; 3]) -> [f64; 3] {
        let mut point = self.origin;
        for (row, value) in point.iter_mut().enumerate() {
            let mut offset = 0.0;
            for (column, position) in index.iter().enumerate() {
                offset += self.direction[3 * row + column] * self.spacing[column] * position;
            }
            *value += offset;
        }
        point
    }

    /// The continuous index of a point in mm. The direction must be invertible, as that of every volume read here is.
    pub fn continuous_index(&self, point: [f64; 3]) -> [f64; 3] {
        let inverse = inverse(&self.direction);
        let offset: [f64; 3] = std::array::from_fn(|axis| point[axis] - self.origin[axis]);
        std::array::from_fn(|row| {
            let mut sum = 0.0;
            for column in 0..3 {
                sum += inverse[3 * row + column] / self.spacing[row] * offset[column];
            }
            sum
        })
    }

    /// The grid of a box within this one.
    pub fn cropped(&self, bounds: VoxelBox) -> Geometry {
        Geometry {
            size: bounds.size,
            spacing: self.spacing,
            origin: self.point(bounds.lower.map(|lower| lower as f64)),
            direction: self.direction,
        }
    }

    /// By how much another grid differs from this one.
    pub fn difference(&self, other: &Geometry) -> GeometryDifference {
        let mut spacing = 0.0_f64;
        let mut direction = 0.0_f64;
        for axis in 0..3 {
            spacing = spacing.max((self.spacing[axis] - other.spacing[axis]).abs());
            let difference = std::array::from_fn(|row| {
                self.direction[3 * row + axis] - other.direction[3 * row + axis]
            });
            direction = direction.max(length(difference));
        }
        let origin = length(std::array::from_fn(|axis| {
            self.origin[axis] - other.origin[axis]
        }));
        let mut corner = 0.0_f64;
        let mut corner_voxels = 0.0_f64;
        for number in 0..8 {
            let index = std::array::from_fn(|axis| {
                (number >> axis & 1) as f64 * (self.size[axis].max(1) - 1) as f64
            });
            let far = std::array::from_fn(|axis| {
                (number >> axis & 1) as f64 * (other.size[axis].max(1) - 1) as f64
            });
            let point = other.point(far);
            let here = self.point(index);
            corner = corner.max(length(std::array::from_fn(|axis| here[axis] - point[axis])));
            let place = self.continuous_index(point);
            for axis in 0..3 {
                corner_voxels = corner_voxels.max((place[axis] - index[axis]).abs());
            }
        }
        GeometryDifference {
            sizes: [self.size, other.size],
            spacing,
            origin,
            direction,
            corner,
            corner_voxels,
        }
    }
}

impl GeometryDifference {
    /// Whether the grids are the same: equal sizes, and no corner further off than [`SAME_GRID`].
    pub fn is_same_grid(&self) -> bool {
        self.sizes[0] == self.sizes[1] && self.corner_voxels <= SAME_GRID
    }
}

impl fmt::Display for GeometryDifference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.sizes;
        if first != second {
            write!(
                formatter,
                "{} x {} x {} against {} x {} x {} voxels, ",
                first[0], first[1], first[2], second[0], second[1], second[2]
            )?;
        }
        write!(
            formatter,
            "spacing differs by {:.3e} mm, the first voxel by {:.3e} mm, the axes by {:.3e}, corners by up to {:.3e} mm \
             ({:.3e} voxels)",
            self.spacing, self.origin, self.direction, self.corner, self.corner_voxels
        )
    }
}

impl VoxelBox {
    pub fn voxels(&self) -> usize {
        self.size.iter().product()
    }

    /// This box and `margin` voxels more on every side, as far as the volume goes.
    pub fn padded(&self, margin: [usize; 3], within: [usize; 3]) -> VoxelBox {
        let mut padded = *self;
        for axis in 0..3 {
            let upper = (self.lower[axis] + self.size[axis])
                .saturating_add(margin[axis])
                .min(within[axis]);
            padded.lower[axis] = self.lower[axis].saturating_sub(margin[axis]);
            padded.size[axis] = upper - padded.lower[axis];
        }
        padded
    }

    /// The same box counted from the first voxel of `outer`, which must contain it.
    pub(super) fn relative_to(&self, outer: &VoxelBox) -> VoxelBox {
        VoxelBox {
            lower: std::array::from_fn(|axis| self.lower[axis] - outer.lower[axis]),
            size: self.size,
        }
    }

    /// Whether the box ends within a volume of this size.
    pub(super) fn fits(&self, size: [usize; 3]) -> bool {
        (0..3).all(|axis| {
            self.lower[axis]
                .checked_add(self.size[axis])
                .is_some_and(|end| end <= size[axis])
        })
    }
}

pub(super) fn length(vector: [f64; 3]) -> f64 {
    (vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]).sqrt()
}

pub(super) fn determinant(m: &[f64; 9]) -> f64 {
    m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6])
        + m[2] * (m[3] * m[7] - m[4] * m[6])
}

/// By cofactors: exact for axes that lie along x, y and z.
fn inverse(m: &[f64; 9]) -> [f64; 9] {
    let d = determinant(m);
    [
        (m[4] * m[8] - m[5] * m[7]) / d,
        (m[2] * m[7] - m[1] * m[8]) / d,
        (m[1] * m[5] - m[2] * m[4]) / d,
        (m[5] * m[6] - m[3] * m[8]) / d,
        (m[0] * m[8] - m[2] * m[6]) / d,
        (m[2] * m[3] - m[0] * m[5]) / d,
        (m[3] * m[7] - m[4] * m[6]) / d,
        (m[1] * m[6] - m[0] * m[7]) / d,
        (m[0] * m[4] - m[1] * m[3]) / d,
    ]
}
