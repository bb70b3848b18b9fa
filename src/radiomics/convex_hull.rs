//! Volume and area of the convex hull of vertices of a mesh.
//!
//! Incremental: a point outside replaces the triangles that it sees by a cone over their rim. Coordinates are whole
//! half voxels and all decisions integer arithmetic, so that points in one plane or row do no harm. Units: mm², mm³.

use super::diameters::Vertex;
use super::mesh::Surface;

type Wide = [i64; 3];

/// Of the hull; None if all points lie in one plane. `half` is half a voxel in mm.
pub(super) fn convex_hull(points: &[Vertex], half: [f64; 3]) -> Option<Surface> {
    let points: Vec<Wide> = points.iter().map(|point| point.map(i64::from)).collect();
    let mut faces = tetrahedron(&points)?;
    let mut rim = Vec::new();
    for (place, point) in points.iter().enumerate() {
        rim.clear();
        faces.retain(|face| {
            let seen = height(&points, *face, *point) > 0;
            if seen {
                let [a, b, c] = *face;
                rim.extend([(a, b), (b, c), (c, a)]);
            }
            !seen
        });
        rim.sort_unstable();
        faces.extend(
            rim.iter()
                .filter(|(a, b)| rim.binary_search(&(*b, *a)).is_err())
                .map(|(a, b)| [*a, *b, place]),
        );
    }
    let scale = [half[1] * half[2], half[0] * half[2], half[0] * half[1]];
    let mut six_volumes = 0;
    let mut twice_area = 0.0;
    for face in faces {
        let [a, b, c] = face.map(|corner| points[corner]);
        six_volumes += dot(a, cross(b, c));
        let normal = cross(minus(b, a), minus(c, a));
        let square = (0..3).fold(0.0, |sum, axis| {
            let part = normal[axis] as f64 * scale[axis];
            sum + part * part
        });
        twice_area += square.sqrt();
    }
    Some(Surface {
        area: twice_area / 2.0,
        volume: six_volumes as f64 / 6.0 * (half[0] * half[1] * half[2]),
    })
}

/// Four points that do not lie in one plane, as triangles that point outwards.
fn tetrahedron(points: &[Wide]) -> Option<Vec<[usize; 3]>> {
    let a = 0;
    let first = *points.first()?;
    let b = points.iter().position(|point| *point != first)?;
    let side = minus(points[b], first);
    let c = points
        .iter()
        .position(|point| cross(side, minus(*point, first)) != [0; 3])?;
    let d = points
        .iter()
        .position(|point| height(points, [a, b, c], *point) != 0)?;
    let (b, c) = if height(points, [a, b, c], points[d]) > 0 {
        (c, b)
    } else {
        (b, c)
    };
    Some(vec![[a, b, c], [a, c, d], [a, d, b], [b, d, c]])
}

/// Of a point over the plane of a face, in any unit.
fn height(points: &[Wide], face: [usize; 3], point: Wide) -> i64 {
    let [a, b, c] = face.map(|corner| points[corner]);
    dot(cross(minus(b, a), minus(c, a)), minus(point, a))
}

fn minus(a: Wide, b: Wide) -> Wide {
    [0, 1, 2].map(|axis| a[axis] - b[axis])
}

fn cross(a: Wide, b: Wide) -> Wide {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: Wide, b: Wide) -> i64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use super::convex_hull;

    #[test]
    fn a_grid_of_points_has_the_hull_of_its_box() {
        let mut points = Vec::new();
        for x in 0..5 {
            for y in 0..4 {
                for z in 0..3 {
                    points.push([x, y, z]);
                }
            }
        }
        let hull = convex_hull(&points, [1.0, 2.0, 0.5]).unwrap();
        let [a, b, c] = [4.0, 6.0, 1.0];
        assert!((hull.volume - a * b * c).abs() < 1e-12);
        assert!((hull.area - 2.0 * (a * b + b * c + a * c)).abs() < 1e-12);
        points.reverse();
        assert!((convex_hull(&points, [1.0, 2.0, 0.5]).unwrap().area - hull.area).abs() < 1e-12);
    }

    #[test]
    fn points_in_a_plane_have_none() {
        assert_eq!(
            convex_hull(&[[0, 0, 0], [1, 0, 1], [0, 1, 0], [1, 1, 1]], [1.0; 3]),
            None
        );
        assert_eq!(convex_hull(&[], [1.0; 3]), None);
    }
}
