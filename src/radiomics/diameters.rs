//! The largest distances between vertices of a region's surface: the middles between a voxel inside and one outside.
//!
//! Only corners of convex hulls can be ends of a diameter: those of each plane are found first, and for the diameter in
//! space only points that are corners in all three planes through them are compared.

/// In mm.
pub(super) struct Diameters {
    pub(super) all: f64,
    /// Between vertices of one plane: with the same x, y, z.
    pub(super) across: [f64; 3],
}

/// Twice the place in voxels, so that middles are whole.
type Point = [i32; 3];

pub(super) fn diameters(size: [usize; 3], spacing: [f64; 3], inside: &[bool]) -> Diameters {
    let points = outermost(size, inside);
    let halves = spacing.map(|mm| mm / 2.0);
    let mut across = [0.0_f64; 3];
    let mut corners = points;
    for axis in [2, 1, 0] {
        // Within planes all points count, not only those that are corners of the planes seen before.
        let planes = planes(outermost_along(size, inside, axis), axis);
        let mut kept: Vec<Point> = Vec::new();
        for plane in planes {
            let hull = hull(plane, axis);
            across[axis] = across[axis].max(widest(&hull, halves));
            kept.extend(hull);
        }
        kept.sort_unstable();
        corners.retain(|point| kept.binary_search(point).is_ok());
    }
    Diameters {
        all: widest(&corners, halves).sqrt(),
        across: across.map(f64::sqrt),
    }
}

/// The squared largest distance.
fn widest(points: &[Point], halves: [f64; 3]) -> f64 {
    let mut widest = 0.0_f64;
    let places: Vec<[f64; 3]> = points
        .iter()
        .map(|point| std::array::from_fn(|axis| f64::from(point[axis]) * halves[axis]))
        .collect();
    for (index, a) in places.iter().enumerate() {
        for b in &places[index + 1..] {
            let [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
            widest = widest.max(x * x + y * y + z * z);
        }
    }
    widest
}

/// Vertices that are first or last of their kind along x; the others lie between two of them.
fn outermost(size: [usize; 3], inside: &[bool]) -> Vec<Point> {
    outermost_along(size, inside, 2)
}

/// For each plane across `axis`, the vertices that are first or last along a line of the plane.
fn outermost_along(size: [usize; 3], inside: &[bool], axis: usize) -> Vec<Point> {
    // The line runs along the first of the other axes.
    let (along, beside) = match axis {
        2 => (0, 1),
        1 => (0, 2),
        _ => (1, 2),
    };
    let strides = [1, size[0], size[0] * size[1]];
    let at = |place: [i32; 3]| {
        let mut index = 0;
        for axis in 0..3 {
            match usize::try_from(place[axis]) {
                Ok(place) if place < size[axis] => index += place * strides[axis],
                _ => return false,
            }
        }
        inside[index]
    };
    let n = size.map(|n| n as i32);
    let mut points = Vec::new();
    // Twice the place of a plane and of a line in it: even on voxels, odd between them.
    for plane in -1..2 * n[axis] {
        for line in -1..2 * n[beside] {
            if plane % 2 != 0 && line % 2 != 0 {
                continue;
            }
            let place = |step: i32, plane: i32, line: i32| {
                let mut place = [0; 3];
                place[along] = step;
                place[axis] = plane;
                place[beside] = line;
                place
            };
            // Does the surface pass the line at this step? On a voxel's line it passes between steps.
            let crosses = |step: i32| -> Option<i32> {
                if plane % 2 == 0 && line % 2 == 0 {
                    let (p, l) = (plane / 2, line / 2);
                    (at(place(step - 1, p, l)) != at(place(step, p, l))).then_some(2 * step - 1)
                } else {
                    let below = |half: i32| half.div_euclid(2);
                    let above = |half: i32| (half + 1).div_euclid(2);
                    (at(place(step, below(plane), below(line)))
                        != at(place(step, above(plane), above(line))))
                    .then_some(2 * step)
                }
            };
            let mut point = |half: i32| {
                let mut point = [0; 3];
                point[along] = half;
                point[axis] = plane;
                point[beside] = line;
                points.push(point);
            };
            let Some(first) = (0..=n[along]).find_map(crosses) else {
                continue;
            };
            point(first);
            if let Some(last) = (0..=n[along]).rev().find_map(crosses)
                && last != first
            {
                point(last);
            }
        }
    }
    points
}

/// The points by their place along an axis.
fn planes(mut points: Vec<Point>, axis: usize) -> Vec<Vec<Point>> {
    points.sort_unstable_by_key(|point| point[axis]);
    points
        .chunk_by(|a, b| a[axis] == b[axis])
        .map(<[Point]>::to_vec)
        .collect()
}

/// The corners of the convex hull of points of a plane (Andrew 1979).
fn hull(mut points: Vec<Point>, axis: usize) -> Vec<Point> {
    let (u, v) = match axis {
        2 => (0, 1),
        1 => (0, 2),
        _ => (1, 2),
    };
    points.sort_unstable_by_key(|point| (point[u], point[v]));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let turn = |a: &Point, b: &Point, c: &Point| {
        i64::from(b[u] - a[u]) * i64::from(c[v] - a[v])
            - i64::from(b[v] - a[v]) * i64::from(c[u] - a[u])
    };
    let half = |points: &mut dyn Iterator<Item = &Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., a, b] = chain.as_slice()
                && turn(a, b, point) <= 0
            {
                chain.pop();
            }
            chain.push(*point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter());
    hull.extend(half(&mut points.iter().rev()));
    hull
}
