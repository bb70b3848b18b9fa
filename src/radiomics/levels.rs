//! A region with its intensities sorted into levels: what texture is counted on.

use std::ops::Range;

use super::region::RegionError;

/// A box of levels 1, 2, …; 0 is outside the region.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    pub(super) size: [usize; 3],
    pub(super) spacing: [f64; 3],
    /// How many voxels outside the region are added on either side, so that every neighbour exists.
    pub(super) border: [usize; 3],
    pub(super) padded: [usize; 3],
    /// Of the padded box, x fastest.
    pub(super) levels: Vec<u16>,
    /// The same, counted without gaps: 0 outside, else one more than the place in `present`.
    pub(super) places: Vec<u16>,
    /// The levels that occur, in ascending order.
    pub(super) present: Vec<u16>,
    /// Indices of the region's voxels in the padded box, in order.
    pub(super) voxels: Vec<u32>,
    /// Of each row that has voxels of the region, the part from the first to the last, as indices of the padded box.
    pub(super) spans: Vec<Range<usize>>,
    /// The highest level of the whole region, also where this is only a slice of it.
    pub(super) highest: u16,
}

impl Levels {
    /// From the levels of a box, x fastest, 0 outside the region.
    /// Errors: not as many as the box has voxels; nothing inside.
    pub fn new(size: [usize; 3], spacing: [f64; 3], levels: &[u16]) -> Result<Levels, RegionError> {
        if size.iter().product::<usize>() != levels.len() {
            return Err(RegionError::SizesDiffer);
        }
        let highest = levels.iter().copied().max().unwrap_or(0);
        if highest == 0 {
            return Err(RegionError::Empty);
        }
        Ok(Self::bordered(size, spacing, [1; 3], levels, highest))
    }

    fn bordered(
        size: [usize; 3],
        spacing: [f64; 3],
        border: [usize; 3],
        box_levels: &[u16],
        highest: u16,
    ) -> Levels {
        let padded: [usize; 3] = std::array::from_fn(|axis| size[axis] + 2 * border[axis]);
        let mut levels = vec![0; padded.iter().product()];
        let mut voxels = Vec::with_capacity(box_levels.len());
        let mut spans = Vec::new();
        let mut seen = vec![0_u16; usize::from(highest) + 1];
        for (row, from) in box_levels.chunks_exact(size[0].max(1)).enumerate() {
            let start = row_start(border, padded, [row % size[1], row / size[1]]);
            levels[start..start + size[0]].copy_from_slice(from);
            let known = voxels.len();
            for (x, level) in from.iter().enumerate() {
                if *level != 0 {
                    voxels.push((start + x) as u32);
                    seen[usize::from(*level)] = 1;
                }
            }
            if let (Some(first), Some(last)) = (voxels.get(known), voxels.last()) {
                spans.push(*first as usize..*last as usize + 1);
            }
        }
        let mut present = Vec::new();
        for (level, place) in seen.iter_mut().enumerate() {
            if *place != 0 {
                present.push(level as u16);
                *place = present.len() as u16;
            }
        }
        let mut places = vec![0; levels.len()];
        for voxel in &voxels {
            let voxel = *voxel as usize;
            places[voxel] = seen[usize::from(levels[voxel])];
        }
        Levels {
            size,
            spacing,
            border,
            padded,
            levels,
            places,
            present,
            voxels,
            spans,
            highest,
        }
    }

    /// The highest level.
    pub fn highest(&self) -> u16 {
        self.highest
    }

    /// How many voxels the region has.
    pub fn count(&self) -> usize {
        self.voxels.len()
    }

    /// The levels of the box, x fastest, 0 outside the region.
    pub fn values(&self) -> Vec<u16> {
        self.rows()
            .flat_map(|start| &self.levels[start..start + self.size[0]])
            .copied()
            .collect()
    }

    /// The same region with this axis as the last, so that slices lie across it; 0 is x.
    pub fn sliced_along(&self, axis: usize) -> Levels {
        let order = match axis {
            0 => [1, 2, 0],
            1 => [0, 2, 1],
            _ => return self.clone(),
        };
        let [nx, ny, _] = self.size;
        let stride = [1, nx, nx * ny];
        let values = self.values();
        let size = order.map(|axis| self.size[axis]);
        let mut turned = Vec::with_capacity(values.len());
        for z in 0..size[2] {
            for y in 0..size[1] {
                for x in 0..size[0] {
                    turned.push(
                        values[x * stride[order[0]] + y * stride[order[1]] + z * stride[order[2]]],
                    );
                }
            }
        }
        let spacing = order.map(|axis| self.spacing[axis]);
        Self::bordered(size, spacing, [1; 3], &turned, self.highest)
    }

    /// Each slice that has voxels of the region.
    pub(super) fn slices(&self) -> Vec<Levels> {
        let [nx, ny, _] = self.size;
        self.values()
            .chunks_exact(nx * ny)
            .filter(|slice| slice.iter().any(|level| *level != 0))
            .map(|slice| {
                Self::bordered([nx, ny, 1], self.spacing, self.border, slice, self.highest)
            })
            .collect()
    }

    /// The same region with a border so wide that steps of this many voxels stay within the padded box. A step longer
    /// than the region leads out of it, so that no axis needs a wider border than its size.
    pub(super) fn with_reach(&self, reach: usize) -> Levels {
        let border = self.size.map(|n| reach.min(n).max(1));
        Self::bordered(
            self.size,
            self.spacing,
            border,
            &self.values(),
            self.highest,
        )
    }

    /// How far apart in memory the voxel so many steps away is. The step must not leave the border.
    pub(super) fn offset(&self, step: [i32; 3]) -> isize {
        let [nx, ny, _] = self.padded;
        step[0] as isize + nx as isize * (step[1] as isize + ny as isize * step[2] as isize)
    }

    /// All steps within the border whose largest component is one of the distances, without (0, 0, 0), by z, y, x: the
    /// second half are the opposites of the first.
    pub(super) fn neighbours(&self, distances: &[u32], in_plane: bool) -> Vec<[i32; 3]> {
        let reach = distances.iter().copied().max().unwrap_or(0) as usize;
        let [x_reach, y_reach, z_reach] = self.border.map(|border| reach.min(border) as i32);
        let z_reach = if in_plane { 0 } else { z_reach };
        let mut steps = Vec::new();
        for z in -z_reach..=z_reach {
            for y in -y_reach..=y_reach {
                for x in -x_reach..=x_reach {
                    let far = x.abs().max(y.abs()).max(z.abs()) as u32;
                    if far > 0 && distances.contains(&far) {
                        steps.push([x, y, z]);
                    }
                }
            }
        }
        steps
    }

    /// One of each pair of opposite neighbours: 13 at distance 1, 4 in a plane. Their offsets in memory are positive.
    pub(super) fn directions(&self, distances: &[u32], in_plane: bool) -> Vec<[i32; 3]> {
        let steps = self.neighbours(distances, in_plane);
        steps[steps.len() / 2..].to_vec()
    }

    /// Where each row of the box starts in the padded box.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        let [_, ny, nz] = self.size;
        (0..nz).flat_map(move |z| (0..ny).map(move |y| row_start(self.border, self.padded, [y, z])))
    }
}

fn row_start(border: [usize; 3], padded: [usize; 3], [y, z]: [usize; 2]) -> usize {
    border[0] + padded[0] * (y + border[1] + padded[1] * (z + border[2]))
}
