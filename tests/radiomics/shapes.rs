//! Shapes whose volume, surface and axes are known.

use prereg::radiomics::classes::{SHAPE, SHAPE_2D, shape, shape_2d};

fn named<const N: usize>(names: &[&str; N], values: &[f64; N], name: &str) -> f64 {
    let index = names.iter().position(|known| *known == name).unwrap();
    values[index]
}

fn boxed(size: [usize; 3], inside: impl Fn([f64; 3]) -> bool) -> Vec<bool> {
    let mut flags = Vec::new();
    for z in 0..size[2] {
        for y in 0..size[1] {
            for x in 0..size[0] {
                flags.push(inside([x as f64, y as f64, z as f64]));
            }
        }
    }
    flags
}

/// One voxel is an octahedron between the middles of its neighbours.
#[test]
fn one_voxel() {
    let values = shape([1; 3], [2.0, 2.0, 2.0], &[true]);
    let value = |name| named(&SHAPE, &values, name);
    assert!((value("MeshVolume") - 8.0 / 6.0).abs() < 1e-12);
    assert!((value("SurfaceArea") - 8.0 * 3.0_f64.sqrt() / 4.0 * 2.0).abs() < 1e-12);
    assert!((value("Maximum3DDiameter") - 2.0).abs() < 1e-12);
    assert_eq!(value("VoxelVolume"), 8.0);
    assert_eq!(value("MajorAxisLength"), 0.0);
}

/// A ball: volume, diameter and sphericity come near those of the ball.
#[test]
fn a_ball() {
    let n = 41;
    let radius = 18.0;
    let inside = boxed([n; 3], |place| {
        place.iter().map(|x| (x - 20.0) * (x - 20.0)).sum::<f64>() <= radius * radius
    });
    let values = shape([n; 3], [1.0; 3], &inside);
    let value = |name| named(&SHAPE, &values, name);
    let volume = 4.0 / 3.0 * std::f64::consts::PI * radius * radius * radius;
    assert!((value("MeshVolume") / volume - 1.0).abs() < 0.01);
    assert!((value("Maximum3DDiameter") / (2.0 * radius) - 1.0).abs() < 0.03);
    assert!((value("Maximum2DDiameterSlice") - value("Maximum2DDiameterRow")).abs() < 1e-12);
    assert!((value("Elongation") - 1.0).abs() < 1e-9);
    assert!((value("Flatness") - 1.0).abs() < 1e-9);
    assert!(value("Sphericity") > 0.9 && value("Sphericity") < 1.0);
    // Covariance of a ball is r²/5 along each axis.
    assert!((value("MajorAxisLength") / (4.0 * radius / 5.0_f64.sqrt()) - 1.0).abs() < 0.01);
}

/// Stretching space by a factor stretches lengths, areas and volumes.
#[test]
fn spacing_scales() {
    let inside = boxed([5, 4, 3], |[x, y, z]| x + 2.0 * y + z < 7.0);
    let once = shape([5, 4, 3], [0.7, 1.1, 2.0], &inside);
    let thrice = shape([5, 4, 3], [2.1, 3.3, 6.0], &inside);
    for (name, power) in [
        ("MeshVolume", 27.0),
        ("SurfaceArea", 9.0),
        ("Maximum3DDiameter", 3.0),
        ("MajorAxisLength", 3.0),
        ("Sphericity", 1.0),
        ("Compactness2", 1.0),
    ] {
        let (one, three) = (named(&SHAPE, &once, name), named(&SHAPE, &thrice, name));
        assert!((three / one - power).abs() < 1e-9 * power, "{name}");
    }
}

/// A rectangle of pixels: its outline has its corners cut off.
#[test]
fn a_rectangle_of_one_slice() {
    let values = shape_2d([4, 3, 1], [1.0, 1.0, 5.0], &[true; 12], None).unwrap();
    let value = |name| named(&SHAPE_2D, &values, name);
    assert!((value("MeshSurface") - (12.0 - 4.0 / 8.0)).abs() < 1e-12);
    assert!((value("Perimeter") - (3.0 * 2.0 + 2.0 * 2.0 + 4.0 * 0.5_f64.sqrt())).abs() < 1e-12);
    assert_eq!(value("PixelSurface"), 12.0);
    // The same slice, turned.
    let turned = shape_2d([4, 1, 3], [1.0, 5.0, 1.0], &[true; 12], Some(1)).unwrap();
    assert_eq!(turned, values);
}
