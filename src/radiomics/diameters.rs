//! The largest distances between the vertices of a mesh: in space, and between vertices in one plane across each axis.
//!
//! Exact. Only a corner of the convex hull can be an end of a largest distance, and it is also a corner of the hull of
//! its plane across each axis. So each plane keeps the ends of its rows, its convex hull (monotone chains, in integers)
//! and the distances between the hull's corners; in space, only vertices that are corners in all three of their
//! planes are compared, block by block, and blocks whose boxes are too close are left out. Memory: a row of two numbers
//! for each row of half voxels, so less than the mask. Units: mm.

use super::mesh::PaddedMask;

/// A vertex, in half voxels.
pub(super) type Vertex = [i32; 3];

/// The ends of the rows of vertices, from which hulls are made.
#[derive(Clone, Debug)]
pub(super) struct RowEnds {
    /// For planes across x, y, z.
    planes: [Planes; 3],
    /// Of half a voxel, in mm.
    half: [f64; 3],
}

/// In planes across `axis`, the lowest and highest coordinate along `along` in each row (a coordinate along `across`).
#[derive(Clone, Debug)]
struct Planes {
    axis: usize,
    along: usize,
    across: usize,
    rows: usize,
    ends: Vec<[i32; 2]>,
}

/// The ends of a row without a vertex.
pub(super) const NONE: [i32; 2] = [i32::MAX, i32::MIN];

/// In mm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Diameters {
    pub(super) in_space: f64,
    /// Between vertices with the same x, y, z.
    pub(super) in_planes: [f64; 3],
}

impl RowEnds {
    pub(super) fn new(mask: &PaddedMask) -> RowEnds {
        let planes = [(0, 1, 2), (1, 0, 2), (2, 0, 1)].map(|(axis, along, across)| {
            let rows = 2 * mask.size[across];
            Planes {
                axis,
                along,
                across,
                rows,
                ends: vec![NONE; 2 * mask.size[axis] * rows],
            }
        });
        RowEnds {
            planes,
            half: mask.spacing.map(|spacing| spacing / 2.0),
        }
    }

    pub(super) fn add(&mut self, vertex: Vertex) {
        for planes in &mut self.planes {
            let row = vertex[planes.axis] as usize * planes.rows + vertex[planes.across] as usize;
            let [low, high] = &mut planes.ends[row];
            let value = vertex[planes.along];
            *low = value.min(*low);
            *high = value.max(*high);
        }
    }

    /// Distances, and the vertices that may be corners of the convex hull (all that are, and few others).
    pub(super) fn diameters(&self) -> (Diameters, Vec<Vertex>) {
        let mut in_planes = [0.0; 3];
        let corners = [0, 1, 2].map(|axis| {
            let (square, mut corners) = self.planes[axis].corners(&self.half);
            in_planes[axis] = square;
            corners.sort_unstable();
            corners
        });
        let mut candidates = corners[2].clone();
        candidates.retain(|vertex| {
            corners[0].binary_search(vertex).is_ok() && corners[1].binary_search(vertex).is_ok()
        });
        candidates.dedup();
        let seed = in_planes.iter().copied().fold(0.0, f64::max);
        let in_space = farthest_in_space(&candidates, &self.half, seed);
        let diameters = Diameters {
            in_space: in_space.sqrt(),
            in_planes: in_planes.map(f64::sqrt),
        };
        (diameters, candidates)
    }
}

impl Planes {
    /// Largest squared distance within a plane, and the corners of the hulls of all planes.
    fn corners(&self, half: &[f64; 3]) -> (f64, Vec<Vertex>) {
        let mut best = 0.0;
        let mut all = Vec::new();
        let mut plane = Vec::new();
        for (place, rows) in self.ends.chunks_exact(self.rows).enumerate() {
            hull(rows, &mut plane);
            let scale = [half[self.along], half[self.across]];
            best = farthest_in_plane(&plane, scale, best);
            all.extend(plane.iter().map(|[value, row]| {
                let mut vertex = [0; 3];
                vertex[self.axis] = place as i32;
                vertex[self.along] = *value;
                vertex[self.across] = *row;
                vertex
            }));
        }
        (best, all)
    }
}

/// The largest distance between points of a plane, of which `rows` has the ends of each row.
pub(super) fn diameter_in_plane(rows: &[[i32; 2]], scale: [f64; 2]) -> f64 {
    let mut corners = Vec::new();
    hull(rows, &mut corners);
    farthest_in_plane(&corners, scale, 0.0).sqrt()
}

/// The corners of the convex hull, as (value, row); one may come twice.
fn hull(rows: &[[i32; 2]], corners: &mut Vec<[i32; 2]>) {
    corners.clear();
    for (end, sign) in [(0, -1), (1, 1)] {
        let start = corners.len();
        for (row, ends) in rows.iter().enumerate() {
            if *ends != NONE {
                add_to_chain(corners, start, [ends[end], row as i32], sign);
            }
        }
    }
}

/// Adds the next point to the chain that begins at `start`; the chain stays convex towards `sign` × the first coordinate.
fn add_to_chain(chain: &mut Vec<[i32; 2]>, start: usize, point: [i32; 2], sign: i64) {
    while let [.., a, b] = chain[start..] {
        let step = |from: [i32; 2], to: [i32; 2], axis: usize| i64::from(to[axis] - from[axis]);
        let turn = step(a, b, 0) * step(a, point, 1) - step(a, b, 1) * step(a, point, 0);
        if sign * turn > 0 {
            break;
        }
        chain.pop();
    }
    chain.push(point);
}

/// The largest squared distance between corners, or `best` if that is larger.
fn farthest_in_plane(corners: &[[i32; 2]], scale: [f64; 2], best: f64) -> f64 {
    let Some(first) = corners.first() else {
        return best;
    };
    let (low, high) = corners.iter().fold((*first, *first), |(low, high), point| {
        (
            [low[0].min(point[0]), low[1].min(point[1])],
            [high[0].max(point[0]), high[1].max(point[1])],
        )
    });
    let squared = |a: [i32; 2], b: [i32; 2]| {
        let x = f64::from(a[0] - b[0]) * scale[0];
        let y = f64::from(a[1] - b[1]) * scale[1];
        x * x + y * y
    };
    if squared(low, high) <= best {
        return best;
    }
    let mut best = best;
    for (place, a) in corners.iter().enumerate() {
        for b in &corners[..place] {
            best = best.max(squared(*a, *b));
        }
    }
    best
}

/// Vertices that lie together, with their box.
struct Block<'a> {
    points: &'a [[f64; 3]],
    low: [f64; 3],
    high: [f64; 3],
}

impl Block<'_> {
    /// No pair of points of the two blocks is farther apart (squared).
    fn bound(&self, other: &Block) -> f64 {
        (0..3).fold(0.0, |sum, axis| {
            let reach = (self.high[axis] - other.low[axis]).max(other.high[axis] - self.low[axis]);
            sum + reach * reach
        })
    }
}

/// The largest squared distance between vertices, or `best` if that is larger.
fn farthest_in_space(vertices: &[Vertex], half: &[f64; 3], best: f64) -> f64 {
    const BLOCK: usize = 24;
    let points: Vec<[f64; 3]> = vertices
        .iter()
        .map(|vertex| [0, 1, 2].map(|axis| f64::from(vertex[axis]) * half[axis]))
        .collect();
    let blocks: Vec<Block> = points
        .chunks(BLOCK)
        .map(|points| {
            let ends = |axis: usize| {
                points.iter().fold(
                    (f64::INFINITY, f64::NEG_INFINITY),
                    |(low, high): (f64, f64), point| (low.min(point[axis]), high.max(point[axis])),
                )
            };
            let [x, y, z] = [ends(0), ends(1), ends(2)];
            Block {
                points,
                low: [x.0, y.0, z.0],
                high: [x.1, y.1, z.1],
            }
        })
        .collect();
    let mut best = best;
    // Blocks far apart first: they set a distance that leaves out most others.
    for distance in (0..blocks.len()).rev() {
        for (a, b) in blocks.iter().zip(&blocks[distance..]) {
            if a.bound(b) <= best {
                continue;
            }
            for p in a.points {
                for q in b.points {
                    let [x, y, z] = [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
                    best = best.max(x * x + y * y + z * z);
                }
            }
        }
    }
    best
}
