//! Connected parts of a region: voxels that touch by a face, an edge or a corner belong together.
//!
//! Source: IBSI reference manual, section on segmentation ("the largest component of the morphological mask").

use super::error::ImagingError;
use super::mask::Mask;

/// The part of the region with the most voxels; of equal ones the first in the order of voxels.
pub fn largest_component(mask: &Mask) -> Result<Mask, ImagingError> {
    let mut part = vec![0_u32; mask.inside.len()];
    let mut parts = 0;
    let mut largest = (0, 0);
    for seed in 0..mask.inside.len() {
        if !mask.inside[seed] || part[seed] != 0 {
            continue;
        }
        parts += 1;
        part[seed] = parts;
        let mut count = 0;
        let mut open = vec![seed];
        while let Some(voxel) = open.pop() {
            count += 1;
            for_each_neighbour(mask.bounds.size, voxel, |neighbour| {
                if mask.inside[neighbour] && part[neighbour] == 0 {
                    part[neighbour] = parts;
                    open.push(neighbour);
                }
            });
        }
        if count > largest.0 {
            largest = (count, parts);
        }
    }
    let inside: Vec<bool> = part
        .iter()
        .map(|part| *part != 0 && *part == largest.1)
        .collect();
    Mask::from_box(mask.geometry.clone(), mask.bounds, &inside)
}

fn for_each_neighbour(size: [usize; 3], voxel: usize, mut visit: impl FnMut(usize)) {
    let [nx, ny, nz] = size;
    let (x, y, z) = (voxel % nx, voxel / nx % ny, voxel / (nx * ny));
    let around = |place: usize, size: usize| place.saturating_sub(1)..=(place + 1).min(size - 1);
    for k in around(z, nz) {
        for j in around(y, ny) {
            for i in around(x, nx) {
                visit(i + nx * (j + ny * k));
            }
        }
    }
}
