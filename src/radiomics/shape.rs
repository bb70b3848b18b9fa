//! Shape of a region in three dimensions: 14 features, and three that say the same in another form.
//!
//! The surface is that of marching cubes between the voxels inside and outside; MeshVolume is enclosed by it, SurfaceArea
//! is the sum of its triangles, VoxelVolume counts voxels. Sphericity = (36π V²)^⅓ / A, Compactness1 = V / (√π A^1.5),
//! Compactness2 = 36π V² / A³, SphericalDisproportion = 1 / Sphericity. Diameters are the largest distances between
//! vertices of the surface: of all, and within a plane (Slice: z, Column: y, Row: x). Axis lengths are 4 √λ, with λ the
//! eigenvalues of the covariance (over n) of the voxels' places; Elongation = √(λ₂/λ₁), Flatness = √(λ₃/λ₁).
//! Lengths in mm. Source: conventions of PyRadiomics 3.0.1; IBSI takes the covariance over n − 1 for the two shorter axes
//! of its digital phantom.

use std::f64::consts::PI;

use crate::numerics::cube_root;

use super::diameters::{Diameters, diameters};
use super::eigen::symmetric_eigenvalues;
use super::marching_cubes::{EDGES, triangles};

pub const NAMES: [&str; 17] = [
    "Compactness1",
    "Compactness2",
    "Elongation",
    "Flatness",
    "LeastAxisLength",
    "MajorAxisLength",
    "Maximum2DDiameterColumn",
    "Maximum2DDiameterRow",
    "Maximum2DDiameterSlice",
    "Maximum3DDiameter",
    "MeshVolume",
    "MinorAxisLength",
    "Sphericity",
    "SphericalDisproportion",
    "SurfaceArea",
    "SurfaceVolumeRatio",
    "VoxelVolume",
];

/// Values in the order of [`NAMES`]: the region given as a box of voxels, x fastest, and the spacing in mm.
pub fn shape(size: [usize; 3], spacing: [f64; 3], inside: &[bool]) -> [f64; NAMES.len()] {
    let corners = Cubes::new(size, inside);
    let surface = corners.surface(spacing);
    let (volume, area) = (surface.volume, surface.area);
    let Diameters {
        all,
        across: [row, column, slice],
    } = diameters(size, spacing, inside);
    let (voxels, axes) = axes(size, spacing, inside);
    let length = |axis: usize| 4.0 * axes[axis].sqrt();
    let ratio = |axis: usize| (axes[axis] / axes[0]).sqrt();
    let sphere = cube_root(36.0 * PI * volume * volume);
    [
        volume / (PI.sqrt() * area * area.sqrt()),
        36.0 * PI * volume * volume / (area * area * area),
        ratio(1),
        ratio(2),
        length(2),
        length(0),
        column,
        row,
        slice,
        all,
        volume,
        length(1),
        sphere / area,
        area / sphere,
        area,
        area / volume,
        voxels as f64 * spacing.iter().product::<f64>(),
    ]
}

/// How often each cube of eight voxels occurs, and the sums of their places.
struct Cubes {
    count: Vec<u64>,
    places: Vec<[i64; 3]>,
}

struct Surface {
    volume: f64,
    area: f64,
}

impl Cubes {
    fn new(size: [usize; 3], inside: &[bool]) -> Self {
        let mut cubes = Self {
            count: vec![0; 256],
            places: vec![[0; 3]; 256],
        };
        let [nx, ny, nz] = size;
        let outside = vec![false; nx];
        let row = |y: usize, z: usize| {
            // Rows are counted from one before the box.
            match (y.checked_sub(1), z.checked_sub(1)) {
                (Some(y), Some(z)) if y < ny && z < nz => {
                    let start = nx * (y + ny * z);
                    &inside[start..start + nx]
                }
                _ => outside.as_slice(),
            }
        };
        for z in 0..=nz {
            for y in 0..=ny {
                let rows = [row(y, z), row(y + 1, z), row(y, z + 1), row(y + 1, z + 1)];
                // Corners of the cube at x: 0, 3, 4, 7; at x + 1: 1, 2, 5, 6.
                let mut cube = 0_u8;
                for x in 0..=nx {
                    // What was at x + 1 is now at x.
                    cube = (cube & 0x22) >> 1 | (cube & 0x44) << 1;
                    if x < nx {
                        for (row, corner) in rows.iter().zip([1, 2, 5, 6]) {
                            cube |= u8::from(row[x]) << corner;
                        }
                    }
                    let index = usize::from(cube);
                    cubes.count[index] += 1;
                    if cube != 0 && cube != 255 {
                        let places = &mut cubes.places[index];
                        places[0] += x as i64;
                        places[1] += y as i64;
                        places[2] += z as i64;
                    }
                }
            }
        }
        cubes
    }

    /// Volume by the divergence theorem over all triangles: Σ a · (b × c) / 6.
    fn surface(&self, spacing: [f64; 3]) -> Surface {
        let (mut six_volumes, mut two_areas) = (0.0, 0.0);
        for cube in 1..=254_u8 {
            let count = self.count[usize::from(cube)] as f64;
            if count == 0.0 {
                continue;
            }
            let places = self.places[usize::from(cube)];
            let (edges, opposite) = triangles(cube);
            let sign = if opposite { -1.0 } else { 1.0 };
            for triangle in edges {
                let [a, b, c] = triangle.map(|edge| {
                    std::array::from_fn::<f64, 3, _>(|axis| {
                        EDGES[edge][axis] as f64 / 2.0 * spacing[axis]
                    })
                });
                let [ab, ac] =
                    [b, c].map(|p| std::array::from_fn::<f64, 3, _>(|axis| p[axis] - a[axis]));
                let across = cross(ab, ac);
                two_areas += count * dot(across, across).sqrt();
                // a · (b × c) at the cube's place o is that at 0 plus o · (ab × ac).
                let moved = (0..3).fold(0.0, |sum, axis| {
                    sum + places[axis] as f64 * spacing[axis] * across[axis]
                });
                six_volumes += sign * (count * dot(a, cross(b, c)) + moved);
            }
        }
        Surface {
            volume: (six_volumes / 6.0).abs(),
            area: two_areas / 2.0,
        }
    }
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The number of voxels, and the eigenvalues of the covariance of their places, the largest first.
fn axes(size: [usize; 3], spacing: [f64; 3], inside: &[bool]) -> (u64, [f64; 3]) {
    // Whole numbers: the sums are exact.
    let (mut n, mut sums, mut products) = (0_u64, [0_u64; 3], [0_u64; 6]);
    let mut index = 0;
    for z in 0..size[2] as u64 {
        for y in 0..size[1] as u64 {
            let (mut count, mut line, mut squares) = (0, 0, 0);
            for x in 0..size[0] as u64 {
                if inside[index] {
                    count += 1;
                    line += x;
                    squares += x * x;
                }
                index += 1;
            }
            n += count;
            for (sum, add) in sums.iter_mut().zip([line, y * count, z * count]) {
                *sum += add;
            }
            let adds = [
                squares,
                line * y,
                line * z,
                y * y * count,
                y * z * count,
                z * z * count,
            ];
            for (sum, add) in products.iter_mut().zip(adds) {
                *sum += add;
            }
        }
    }
    let count = n as f64;
    let covariance = |product: u64, i: usize, j: usize| {
        // n Σxy − Σx Σy is a whole number too, so that nothing cancels.
        let exact = i128::from(n) * i128::from(product) - i128::from(sums[i]) * i128::from(sums[j]);
        exact as f64 / (count * count) * spacing[i] * spacing[j]
    };
    let [xx, xy, xz, yy, yz, zz] = products;
    let (xx, xy, xz) = (
        covariance(xx, 0, 0),
        covariance(xy, 0, 1),
        covariance(xz, 0, 2),
    );
    let (yy, yz, zz) = (
        covariance(yy, 1, 1),
        covariance(yz, 1, 2),
        covariance(zz, 2, 2),
    );
    let mut values = symmetric_eigenvalues(&[xx, xy, xz, xy, yy, yz, xz, yz, zz], 3)
        .unwrap_or_else(|| vec![f64::NAN; 3]);
    values.sort_by(|a, b| b.total_cmp(a));
    // A flat region has a least axis of 0, which rounding may take below.
    (n, std::array::from_fn(|axis| values[axis].max(0.0)))
}
