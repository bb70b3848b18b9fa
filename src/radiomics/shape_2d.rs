//! Shape of a region of one slice: 9 features, and one that says the same in another form.
//!
//! The outline is that of marching squares between the pixels inside and outside: MeshSurface is enclosed by it,
//! Perimeter is its length, PixelSurface counts pixels. Two pixels inside that touch at a corner only are apart.
//! Sphericity = 2 √(π A) / P, SphericalDisproportion = 1 / Sphericity; MaximumDiameter between vertices of the outline;
//! axis lengths 4 √λ with λ the eigenvalues of the covariance (over n) of the pixels' places, Elongation = √(λ₂/λ₁).
//! Lengths in mm. Source: conventions of PyRadiomics 3.0.1.

use std::f64::consts::PI;

use super::region::RegionError;

pub const NAMES: [&str; 10] = [
    "Elongation",
    "MajorAxisLength",
    "MaximumDiameter",
    "MeshSurface",
    "MinorAxisLength",
    "Perimeter",
    "PerimeterSurfaceRatio",
    "PixelSurface",
    "Sphericity",
    "SphericalDisproportion",
];

/// Middles of the sides of a square of four pixels, in halves of a pixel: corners 0 (0,0), 1 (1,0), 2 (1,1), 3 (0,1), sides
/// 0–1, 1–2, 2–3, 3–0.
const SIDES: [[i32; 2]; 4] = [[1, 0], [2, 1], [1, 2], [0, 1]];

/// Segments by the corners inside, the inside to the left.
const SEGMENTS: [&[[usize; 2]]; 16] = [
    &[],
    &[[0, 3]],
    &[[1, 0]],
    &[[1, 3]],
    &[[2, 1]],
    &[[0, 3], [2, 1]],
    &[[2, 0]],
    &[[2, 3]],
    &[[3, 2]],
    &[[0, 2]],
    &[[1, 0], [3, 2]],
    &[[1, 2]],
    &[[3, 1]],
    &[[0, 1]],
    &[[3, 0]],
    &[],
];

/// Values in the order of [`NAMES`]: a box of voxels, x fastest, with one slice across the axis `across` (z if not given).
/// Errors: more than one slice.
pub fn shape_2d(
    size: [usize; 3],
    spacing: [f64; 3],
    inside: &[bool],
    across: Option<usize>,
) -> Result<[f64; NAMES.len()], RegionError> {
    let across = across.unwrap_or(2).min(2);
    if size[across] != 1 {
        return Err(RegionError::NotOneSlice {
            slices: size[across],
            axis: across,
        });
    }
    let (u, v) = [(1, 2), (0, 2), (0, 1)][across];
    let (width, height) = (size[u], size[v]);
    let mm = [spacing[u], spacing[v]];
    // One slice: the voxels of the box are the pixels in order.
    let at = |x: i32, y: i32| {
        (0..width as i32).contains(&x)
            && (0..height as i32).contains(&y)
            && inside[x as usize + width * y as usize]
    };
    let (mut perimeter, mut twice_area) = (0.0, 0.0);
    let mut vertices: Vec<[i32; 2]> = Vec::new();
    for y in -1..height as i32 {
        for x in -1..width as i32 {
            let corners = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)];
            let square = (0..4).fold(0, |square, corner| {
                square | usize::from(corners[corner]) << corner
            });
            for segment in SEGMENTS[square] {
                let ends = segment.map(|side| [2 * x + SIDES[side][0], 2 * y + SIDES[side][1]]);
                let [a, b] = ends.map(|end| {
                    [
                        f64::from(end[0]) / 2.0 * mm[0],
                        f64::from(end[1]) / 2.0 * mm[1],
                    ]
                });
                let [dx, dy] = [b[0] - a[0], b[1] - a[1]];
                perimeter += (dx * dx + dy * dy).sqrt();
                twice_area += a[0] * b[1] - a[1] * b[0];
                vertices.extend(ends);
            }
        }
    }
    let area = (twice_area / 2.0).abs();
    vertices.sort_unstable();
    vertices.dedup();
    let mut widest = 0.0_f64;
    for (index, a) in vertices.iter().enumerate() {
        for b in &vertices[index + 1..] {
            let dx = f64::from(a[0] - b[0]) / 2.0 * mm[0];
            let dy = f64::from(a[1] - b[1]) / 2.0 * mm[1];
            widest = widest.max(dx * dx + dy * dy);
        }
    }
    let pixels: Vec<[f64; 2]> = (0..width * height)
        .filter(|pixel| inside[*pixel])
        .map(|pixel| {
            [
                (pixel % width) as f64 * mm[0],
                (pixel / width) as f64 * mm[1],
            ]
        })
        .collect();
    let [major, minor] = axes(&pixels);
    let circle = 2.0 * (PI * area).sqrt();
    Ok([
        (minor / major).sqrt(),
        4.0 * major.sqrt(),
        widest.sqrt(),
        area,
        4.0 * minor.sqrt(),
        perimeter,
        perimeter / area,
        pixels.len() as f64 * mm[0] * mm[1],
        circle / perimeter,
        perimeter / circle,
    ])
}

/// Eigenvalues of the covariance over n, the larger first.
fn axes(pixels: &[[f64; 2]]) -> [f64; 2] {
    let n = pixels.len() as f64;
    let mean = |axis: usize| pixels.iter().fold(0.0, |sum, pixel| sum + pixel[axis]) / n;
    let means = [mean(0), mean(1)];
    let covariance = |i: usize, j: usize| {
        pixels.iter().fold(0.0, |sum, pixel| {
            sum + (pixel[i] - means[i]) * (pixel[j] - means[j])
        }) / n
    };
    let (xx, xy, yy) = (covariance(0, 0), covariance(0, 1), covariance(1, 1));
    let half = (xx + yy) / 2.0;
    let root = ((xx - yy) * (xx - yy) / 4.0 + xy * xy).sqrt();
    [half + root, (half - root).max(0.0)]
}
