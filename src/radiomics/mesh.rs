//! The surface of a region of voxels: a mesh by marching cubes at 0.5 around the cropped mask.
//!
//! Volume and area from the mesh, its vertices from the pairs of neighbouring voxels of which one is inside. Volume is
//! the sum of the signed tetrahedra to the centre of the voxel before the first of the region's box in every direction
//! (as PyRadiomics 3.0.1; it matters only where the surface has a slit, see `marching_cubes`); it is summed in
//! integers, so exact. Units: mm², mm³.

use super::marching_cubes::CUBES;
use super::region::{Region, RegionError};

/// The mask cropped to the region, with a border of one voxel outside it on every side; x fastest.
#[derive(Clone, Debug)]
pub(super) struct PaddedMask {
    pub(super) size: [usize; 3],
    pub(super) spacing: [f64; 3],
    pub(super) inside: Vec<u8>,
}

/// Of the mesh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Surface {
    pub(super) area: f64,
    pub(super) volume: f64,
}

impl PaddedMask {
    pub(super) fn new(region: &Region) -> Result<PaddedMask, RegionError> {
        let [nx, ny, nz] = region.size;
        if nx * ny * nz != region.inside.len() {
            return Err(RegionError::SizesDiffer);
        }
        let mut low = [usize::MAX; 3];
        let mut high = [0; 3];
        for (row, voxels) in region.inside.chunks_exact(nx.max(1)).enumerate() {
            let Some(first) = voxels.iter().position(|inside| *inside) else {
                continue;
            };
            let last = voxels.iter().rposition(|inside| *inside).unwrap_or(first);
            let (y, z) = (row % ny, row / ny);
            low = [low[0].min(first), low[1].min(y), low[2].min(z)];
            high = [high[0].max(last), high[1].max(y), high[2].max(z)];
        }
        if low[0] == usize::MAX {
            return Err(RegionError::Empty);
        }
        let size = [0, 1, 2].map(|axis| high[axis] - low[axis] + 3);
        let mut inside = vec![0; size.iter().product()];
        for z in low[2]..=high[2] {
            for y in low[1]..=high[1] {
                let from = nx * (y + ny * z);
                let to = 1 + size[0] * (y - low[1] + 1 + size[1] * (z - low[2] + 1));
                let source = &region.inside[from + low[0]..=from + high[0]];
                for (target, value) in inside[to..].iter_mut().zip(source) {
                    *target = u8::from(*value);
                }
            }
        }
        Ok(PaddedMask {
            size,
            spacing: region.spacing,
            inside,
        })
    }

    /// Calls with the first corner and the configuration of each cube that the surface crosses.
    fn crossed_cubes(&self, mut call: impl FnMut([usize; 3], usize)) {
        let [nx, ny, nz] = self.size;
        for z in 0..nz - 1 {
            for y in 0..ny - 1 {
                let row = |dy: usize, dz: usize| {
                    let start = nx * (y + dy + ny * (z + dz));
                    &self.inside[start..start + nx]
                };
                let [a, b, c, d] = [row(0, 0), row(1, 0), row(0, 1), row(1, 1)];
                let mut left = 0;
                for x in 1..nx {
                    let right = a[x] | b[x] << 2 | c[x] << 4 | d[x] << 6;
                    let configuration = left | right << 1;
                    left = right;
                    if configuration != 0 && configuration != 0xff {
                        call([x - 1, y, z], usize::from(configuration));
                    }
                }
            }
        }
    }

    /// Area and volume of the mesh; calls with each of its vertices, in half voxels from the box's first voxel.
    pub(super) fn surface(&self, mut vertex: impl FnMut([i32; 3])) -> Surface {
        let mut counts = [0_u64; 256];
        let mut six_volumes = 0_i64;
        self.crossed_cubes(|corner, configuration| {
            let cube = &CUBES[configuration];
            counts[configuration] += 1;
            let place = corner.map(|index| 2 * index as i64);
            six_volumes += cube.determinant;
            for (place, normal) in place.iter().zip(cube.normal) {
                six_volumes += place * normal;
            }
            for axis in 0..3 {
                if (configuration ^ configuration >> (1 << axis)) & 1 == 1 {
                    let mut point = corner.map(|index| 2 * index as i32);
                    point[axis] += 1;
                    vertex(point);
                }
            }
        });
        let [x, y, z] = self.spacing;
        let faces = [y * z, x * z, x * y];
        let mut area = 0.0;
        for (cube, count) in CUBES.iter().zip(counts) {
            let of_cube = cube.normals.iter().fold(0.0, |sum, normal| {
                let square = (0..3).fold(0.0, |sum, axis| {
                    let part = f64::from(normal[axis]) * faces[axis];
                    sum + part * part
                });
                sum + square.sqrt()
            });
            area += count as f64 * of_cube;
        }
        // Normals are twice the areas of triangles in half voxels; determinants six times their volumes.
        Surface {
            area: area / 8.0,
            volume: six_volumes as f64 / 48.0 * (x * y * z),
        }
    }
}
