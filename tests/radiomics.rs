//! Radiomic features against PyRadiomics 3.0.1 and IBSI, on regions that are hardly any, and their laws.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what a test expects and does not find ends it; a test that is skipped says so"
)]

#[path = "radiomics/catalogue.rs"]
mod catalogue;
#[path = "radiomics/degenerate.rs"]
mod degenerate;
#[path = "radiomics/extraction.rs"]
mod extraction;
#[path = "radiomics/extraction_edges.rs"]
mod extraction_edges;
#[path = "radiomics/extraction_laws.rs"]
mod extraction_laws;
#[path = "radiomics/ibsi.rs"]
mod ibsi;
#[path = "radiomics/morphology.rs"]
mod morphology;
#[path = "radiomics/properties.rs"]
mod properties;
#[path = "radiomics/shape.rs"]
mod shape;
#[path = "radiomics/texture.rs"]
mod texture;

use std::collections::BTreeMap;

use prereg::imaging::{Geometry, Mask, Volume, VoxelBox};
use prereg::radiomics::Extraction;

/// An image of this size with spacing in mm, its intensities by place.
fn image(size: [usize; 3], spacing: [f64; 3], intensity: impl Fn([usize; 3]) -> f64) -> Volume {
    let mut values = Vec::new();
    for z in 0..size[2] {
        for y in 0..size[1] {
            for x in 0..size[0] {
                values.push(intensity([x, y, z]));
            }
        }
    }
    Volume::new(geometry(size, spacing), values).unwrap()
}

fn mask(size: [usize; 3], spacing: [f64; 3], inside: impl Fn([usize; 3]) -> bool) -> Mask {
    let flags = image(size, spacing, |place| f64::from(u8::from(inside(place))))
        .voxels
        .to_f64();
    let inside: Vec<bool> = flags.into_iter().map(|flag| flag > 0.0).collect();
    let whole = VoxelBox {
        lower: [0; 3],
        size,
    };
    Mask::from_box(geometry(size, spacing), whole, &inside).unwrap()
}

fn geometry(size: [usize; 3], spacing: [f64; 3]) -> Geometry {
    Geometry {
        size,
        spacing,
        origin: [0.0; 3],
        direction: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    }
}

fn by_name(extraction: &Extraction) -> BTreeMap<&str, f64> {
    extraction
        .features
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect()
}
