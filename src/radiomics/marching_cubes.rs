//! The triangles that marching cubes at 0.5 puts into a cube of eight voxels, each inside or outside.
//!
//! Derived by rule. Vertices lie at the midpoints of the edges that cross the surface. On every face of the cube each
//! run of inside corners is cut off from the rest (so of two diagonal corners each by itself), which gives closed
//! loops of 3 to 7 vertices. A loop becomes a fan: of 5 and 6 vertices the fan that is balanced about the cube's centre
//! (encloses no volume with it); of 7 the one from the middle edge of the corner that it cuts off. Planar quadrilaterals
//! have no choice. This is the surface of PyRadiomics 3.0.1, whose table has only half of the cases: where
//! the corner (0, 1, 1) of the cube is inside, the triangles are those of the complement, turned round. Two cubes that
//! share a face with diagonal corners may thus disagree on it, and the surface has a slit there.
//! Source: Lorensen & Cline 1987; cases with diagonal faces as in PyRadiomics 3.0.1.

use std::sync::LazyLock;

/// What the triangles of one configuration add up to. Coordinates are doubled (a voxel is 2), from the cube's corner 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Cube {
    /// (b − a) × (c − a) of each triangle, pointing outwards.
    pub(super) normals: Vec<[i32; 3]>,
    /// Their sum.
    pub(super) normal: [i64; 3],
    /// Sum of the determinants a · (b × c).
    pub(super) determinant: i64,
}

/// Corner `c` lies at (c & 1, c >> 1 & 1, c >> 2 & 1); bit `c` of a configuration says whether it is inside.
const COMPLEMENTED: usize = 1 << 6;

/// By configuration.
pub(super) static CUBES: LazyLock<Vec<Cube>> = LazyLock::new(|| (0..256).map(cube).collect());

type Point = [i32; 3];

/// An edge by its two corners, the lower first.
type Edge = (usize, usize);

/// The corners of each face, counter-clockwise as seen from outside.
const FACES: [[usize; 4]; 6] = [
    [0, 4, 6, 2],
    [1, 3, 7, 5],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 2, 3, 1],
    [4, 5, 7, 6],
];

fn cube(configuration: usize) -> Cube {
    let turned = configuration & COMPLEMENTED != 0;
    let inside = if turned {
        !configuration & 0xff
    } else {
        configuration
    };
    let mut cube = Cube::default();
    for mut triangle in loops(inside).iter().flat_map(|edges| fan(edges)) {
        if turned {
            triangle.swap(1, 2);
        }
        let [a, b, c] = triangle;
        let normal = cross(minus(b, a), minus(c, a));
        cube.normals.push(normal);
        for (sum, part) in cube.normal.iter_mut().zip(normal) {
            *sum += i64::from(part);
        }
        cube.determinant += i64::from(dot(a, cross(b, c)));
    }
    cube
}

/// The closed loops of crossed edges around the corners that are inside.
fn loops(inside: usize) -> Vec<Vec<Edge>> {
    let is_inside = |corner: usize| inside >> corner & 1 == 1;
    let edge = |a: usize, b: usize| (a.min(b), a.max(b));
    // Around a face, each run of inside corners is entered over one edge and left over another. An edge that is
    // entered on one of its two faces is left on the other, so that every crossed edge has one follower.
    let mut followers = Vec::new();
    for face in FACES {
        for start in 0..4 {
            let corner = |step: usize| face[(start + step) % 4];
            if is_inside(corner(0)) || !is_inside(corner(1)) {
                continue;
            }
            let last = (1..4)
                .take_while(|step| is_inside(corner(*step)))
                .last()
                .unwrap_or(1);
            followers.push((
                edge(corner(0), corner(1)),
                edge(corner(last), corner(last + 1)),
            ));
        }
    }
    let mut loops = Vec::new();
    while let Some((first, mut next)) = followers.pop() {
        let mut found = vec![first];
        while next != first {
            found.push(next);
            let Some(place) = followers.iter().position(|(from, _)| *from == next) else {
                break;
            };
            next = followers.swap_remove(place).1;
        }
        loops.push(found);
    }
    loops
}

/// The triangles of a loop, in its sense.
fn fan(edges: &[Edge]) -> Vec<[Point; 3]> {
    let count = edges.len();
    let fan_from = |apex: usize| -> Vec<[Point; 3]> {
        let point = |step: usize| midpoint(edges[(apex + step) % count]);
        (1..count - 1)
            .map(|step| [point(0), point(step), point(step + 1)])
            .collect()
    };
    let apex = match count {
        5 | 6 => (0..count).min_by_key(|apex| volume_with_centre(&fan_from(*apex)).abs()),
        7 => (0..count).find(|apex| {
            let [before, here, after] = [6, 0, 1].map(|step| edges[(apex + step) % count]);
            let touches = |edge: Edge, corner: usize| edge.0 == corner || edge.1 == corner;
            [here.0, here.1]
                .iter()
                .any(|corner| touches(before, *corner) && touches(after, *corner))
        }),
        _ => None,
    };
    fan_from(apex.unwrap_or(0))
}

/// Six times the volume between the triangles and the cube's centre.
fn volume_with_centre(triangles: &[[Point; 3]]) -> i32 {
    triangles
        .iter()
        .map(|triangle| {
            let [a, b, c] = triangle.map(|point| minus(point, [1; 3]));
            dot(a, cross(b, c))
        })
        .sum()
}

fn midpoint((a, b): Edge) -> Point {
    [0, 1, 2].map(|axis| (a >> axis & 1) as i32 + (b >> axis & 1) as i32)
}

fn minus(a: Point, b: Point) -> Point {
    [0, 1, 2].map(|axis| a[axis] - b[axis])
}

fn cross(a: Point, b: Point) -> Point {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: Point, b: Point) -> i32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every crossed edge is in one loop, and the triangles of a loop use each of its vertices.
    #[test]
    fn loops_cover_the_crossed_edges_of_every_configuration() {
        for inside in 0..128_usize {
            let mut found: Vec<Edge> = loops(inside).concat();
            found.sort_unstable();
            let mut expected = Vec::new();
            for a in 0..8 {
                for axis in 0..3 {
                    let b = a ^ (1 << axis);
                    if a < b && inside >> a & 1 != inside >> b & 1 {
                        expected.push((a, b));
                    }
                }
            }
            expected.sort_unstable();
            assert_eq!(found, expected, "configuration {inside}");
        }
    }

    /// A side of a triangle is either shared with another triangle of its loop, in the other sense, or lies in a face
    /// of the cube, where the neighbouring cube goes on.
    #[test]
    fn triangles_of_every_configuration_end_only_on_faces() {
        for inside in 0..256_usize {
            for edges in loops(inside) {
                assert!((3..=12).contains(&edges.len()));
                let triangles = fan(&edges);
                assert_eq!(triangles.len(), edges.len() - 2);
                let mut sides: Vec<(Point, Point)> = Vec::new();
                for [a, b, c] in triangles {
                    assert_ne!(cross(minus(b, a), minus(c, a)), [0; 3]);
                    for side in [(a, b), (b, c), (c, a)] {
                        match sides.iter().position(|other| *other == (side.1, side.0)) {
                            Some(place) => {
                                sides.swap_remove(place);
                            }
                            None => sides.push(side),
                        }
                    }
                }
                for (a, b) in sides {
                    assert!((0..3).any(|axis| a[axis] == b[axis] && a[axis] != 1));
                }
            }
        }
    }

    /// One corner: an eighth of the octahedron around it, pointing away from it.
    #[test]
    fn a_corner_is_cut_off() {
        assert_eq!(CUBES[1].normals, [[1, 1, 1]]);
        assert_eq!(CUBES[1].determinant, 1);
        assert_eq!(CUBES[0xfe].normals, [[-1, -1, -1]]);
        assert!(CUBES[0].normals.is_empty() && CUBES[0xff].normals.is_empty());
    }

    /// The loop of seven vertices is the one of the five corners 0, 1, 2, 5 and 4 beside a single one.
    #[test]
    fn longest_loops_have_seven_vertices() {
        let longest = (0..256)
            .filter(|inside| inside & COMPLEMENTED == 0)
            .flat_map(loops)
            .map(|edges| edges.len())
            .max();
        assert_eq!(longest, Some(7));
    }
}
