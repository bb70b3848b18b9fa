//! A region of interest: which voxels of a grid belong to it. Only the smallest box around them is kept.

use super::error::ImagingError;
use super::geometry::{Geometry, VoxelBox};
use super::volume::Volume;
use super::voxels::{Number, for_each_type};

/// A region on a grid. Every side of `bounds` touches the region; outside of it nothing belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    pub geometry: Geometry,
    pub bounds: VoxelBox,
    /// For each voxel of `bounds`, x fastest.
    pub inside: Vec<bool>,
}

impl Mask {
    /// The voxels that have this value; without a label, all that are not 0 (nor NaN).
    /// Errors: none has; then the message lists the labels that occur.
    pub fn from_labels(volume: &Volume, label: Option<u32>) -> Result<Mask, ImagingError> {
        volume.check()?;
        let size = volume.geometry.size;
        let found = for_each_type!(&volume.voxels, values => match label {
            // Compared in the type of the file: most of the time goes into finding the few voxels of a region.
            Some(label) => labelled(size, values, label),
            None => trimmed(size, |index| {
                let value = values[index].to_f64();
                value != 0.0 && !value.is_nan()
            }),
        });
        let (bounds, inside) = found.ok_or_else(|| ImagingError::LabelNotFound {
            label,
            labels: labels(volume),
        })?;
        Ok(Mask {
            geometry: volume.geometry.clone(),
            bounds,
            inside,
        })
    }

    /// A region from one value a voxel of a box within a grid, made as small as it can be.
    /// Errors: no voxel belongs to it; the box does not fit.
    pub fn from_box(
        geometry: Geometry,
        bounds: VoxelBox,
        inside: &[bool],
    ) -> Result<Mask, ImagingError> {
        if !bounds.fits(geometry.size) || bounds.voxels() != inside.len() {
            return Err(ImagingError::BoxOutside {
                lower: bounds.lower,
                size: bounds.size,
                volume: geometry.size,
            });
        }
        let (within, inside) =
            trimmed(bounds.size, |index| inside[index]).ok_or(ImagingError::EmptyRegion)?;
        Ok(Mask {
            geometry,
            bounds: VoxelBox {
                lower: std::array::from_fn(|axis| bounds.lower[axis] + within.lower[axis]),
                size: within.size,
            },
            inside,
        })
    }

    /// How many voxels belong to the region.
    pub fn count(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }

    /// Whether a voxel of the grid belongs to the region.
    pub fn contains(&self, index: [usize; 3]) -> bool {
        let mut place = 0;
        for axis in (0..3).rev() {
            match index[axis].checked_sub(self.bounds.lower[axis]) {
                Some(offset) if offset < self.bounds.size[axis] => {
                    place = place * self.bounds.size[axis] + offset
                }
                _ => return false,
            }
        }
        self.inside.get(place).copied().unwrap_or(false)
    }

    /// The region on another grid, by the nearest voxel: output voxel → point in mm → nearest voxel here, a half
    /// rounded up; outside of this grid nothing belongs to it (ITK's `ResampleImageFilter` with nearest neighbour,
    /// PyRadiomics' mask correction).
    /// Errors: nothing is left.
    pub fn on_grid_of(&self, geometry: &Geometry) -> Result<Mask, ImagingError> {
        let [nx, ny, nz] = geometry.size;
        let mut inside = vec![false; nx * ny * nz];
        for z in 0..nz {
            for y in 0..ny {
                let at = |x: usize| {
                    self.geometry
                        .continuous_index(geometry.point([x as f64, y as f64, z as f64]))
                };
                let (start, end) = (at(0), at(nx));
                for x in 0..nx {
                    let part = x as f64 / nx as f64;
                    let place: [f64; 3] = std::array::from_fn(|axis| {
                        (start[axis] + (end[axis] - start[axis]) * part + 0.5).floor()
                    });
                    inside[x + nx * (y + ny * z)] = (0..3).all(|axis| {
                        place[axis] >= 0.0 && place[axis] < self.geometry.size[axis] as f64
                    }) && self
                        .contains(place.map(|value| value as usize));
                }
            }
        }
        Mask::from_box(geometry.clone(), geometry.whole(), &inside)
    }

    /// Error with the size of the difference unless an image lies on the region's grid.
    pub fn check_same_grid(&self, image: &Volume) -> Result<(), ImagingError> {
        let difference = image.geometry.difference(&self.geometry);
        if difference.is_same_grid() {
            Ok(())
        } else {
            Err(ImagingError::DifferentGrids(difference))
        }
    }
}

/// The smallest box around the voxels of a label.
fn labelled<T: Number>(
    size: [usize; 3],
    values: &[T],
    label: u32,
) -> Option<(VoxelBox, Vec<bool>)> {
    let wanted = T::of_label(label)?;
    trimmed(size, |index| values[index] == wanted)
}

/// The smallest box around the voxels that belong, and for each voxel of it whether it does.
fn trimmed(size: [usize; 3], belongs: impl Fn(usize) -> bool) -> Option<(VoxelBox, Vec<bool>)> {
    let [nx, ny, nz] = size;
    let mut low = size;
    let mut high = [0; 3];
    for z in 0..nz {
        for y in 0..ny {
            let row = nx * (y + ny * z);
            // Without an early exit the comparison of a whole row is one vector loop; most rows have no voxel.
            if !(row..row + nx).fold(false, |any, voxel| any | belongs(voxel)) {
                continue;
            }
            let first = (0..nx).find(|x| belongs(row + x)).unwrap_or(0);
            let last = (first..nx)
                .rev()
                .find(|x| belongs(row + x))
                .unwrap_or(first);
            for (axis, (from, to)) in [(first, last), (y, y), (z, z)].into_iter().enumerate() {
                low[axis] = low[axis].min(from);
                high[axis] = high[axis].max(to + 1);
            }
        }
    }
    if high[0] == 0 {
        return None;
    }
    let bounds = VoxelBox {
        lower: low,
        size: std::array::from_fn(|axis| high[axis] - low[axis]),
    };
    let mut inside = Vec::with_capacity(bounds.voxels());
    for z in low[2]..high[2] {
        for y in low[1]..high[1] {
            let row = nx * (y + ny * z);
            inside.extend((low[0]..high[0]).map(|x| belongs(row + x)));
        }
    }
    Some((bounds, inside))
}

/// The first few values other than 0 that occur, in ascending order.
fn labels(volume: &Volume) -> Vec<f64> {
    let mut found: Vec<f64> = Vec::new();
    for_each_type!(&volume.voxels, values => {
        for value in values {
            let value = value.to_f64();
            if value != 0.0 && !found.contains(&value) && !value.is_nan() {
                found.push(value);
                if found.len() == 10 {
                    break;
                }
            }
        }
    });
    found.sort_by(f64::total_cmp);
    found
}
