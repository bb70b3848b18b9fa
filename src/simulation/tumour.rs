//! A tumour: where it lies, its shape and its texture.
//!
//! Shape: an ellipsoid whose surface, seen from the centre in direction u, lies at 1 + Σ aₖ e^(κₖ (u·vₖ − 1)) of its radius: smooth
//! bumps of random height and direction. A reading of it by a person has further bumps. Texture: two Gaussian random fields,
//! a fine and a coarse one, around the tumour's mean ADC; with a target sign, the rim is lower and the core higher.

use crate::imaging::{Geometry, VoxelBox};
use crate::numerics::{Random, cosine, exp, sine};

use super::body::Organ;
use super::field::field;
use super::noise::Noise;
use super::settings::TumourSettings;

/// Bumps of the surface: more of them and sharper ones where the margin is irregular.
const BUMPS: usize = 14;
/// Bumps by which a reading differs.
const READER_BUMPS: usize = 24;
/// Voxels around the tumour that are worked on too.
const MARGIN: usize = 4;

#[derive(Clone)]
struct Bump {
    direction: [f64; 3],
    height: f64,
    sharpness: f64,
}

pub(super) struct Tumour {
    centre: [f64; 3],
    axes: [f64; 3],
    /// Cosine and sine of the turn about z.
    turn: [f64; 2],
    bumps: Vec<Bump>,
    target: bool,
}

/// Bumps on top of a tumour's own: one person's contour.
pub(super) struct Reading {
    bumps: Vec<Bump>,
}

/// What a patient's tumour is like.
pub(super) struct Features {
    pub(super) diameter: f64,
    pub(super) irregular: bool,
    pub(super) target: bool,
    pub(super) texture: f64,
}

/// The voxels around a tumour and how deep each lies (below 1 is inside).
pub(super) struct Site {
    pub(super) bounds: VoxelBox,
    /// mm.
    spacing: [f64; 3],
    pub(super) depths: Vec<f64>,
}

impl Tumour {
    pub(super) fn new(features: &Features, liver: Organ, random: &mut Random) -> Self {
        let radius = 0.5 * features.diameter;
        let narrow = [
            1.0,
            0.72 + 0.25 * random.unit(),
            0.75 + 0.25 * random.unit(),
        ];
        // Within the liver as far as its size allows: a large tumour lies near its middle.
        let direction = direction(random);
        let part = random.unit().sqrt();
        let centre = std::array::from_fn(|axis| {
            let room = (0.92 * liver.axes[axis] - radius).max(0.0);
            liver.centre[axis] + direction[axis] * part * room
        });
        let angle = 2.0 * std::f64::consts::PI * random.unit();
        let (height, sharpness) = if features.irregular {
            (0.17, 9.0)
        } else {
            (0.06, 5.0)
        };
        Self {
            centre,
            axes: narrow.map(|part| radius * part),
            turn: [cosine(angle), sine(angle)],
            bumps: bumps(BUMPS, height, sharpness, random),
            target: features.target,
        }
    }

    /// A contour that differs from the tumour by about `error` mm (standard deviation at the margin).
    pub(super) fn reading(&self, error: f64, random: &mut Random) -> Reading {
        // The bumps of one point add up to about 0.71 of the height of one, squared mean over all directions.
        Reading {
            bumps: bumps(
                READER_BUMPS,
                error / (0.71 * self.axes[0]).max(1.0),
                12.0,
                random,
            ),
        }
    }

    /// Where a point lies: 0 in the centre, 1 on the surface; and the direction there.
    fn place(&self, point: [f64; 3]) -> (f64, [f64; 3]) {
        let [x, y, z]: [f64; 3] = std::array::from_fn(|axis| point[axis] - self.centre[axis]);
        let [cosine, sine] = self.turn;
        let turned = [
            (cosine * x + sine * y) / self.axes[0],
            (cosine * y - sine * x) / self.axes[1],
            z / self.axes[2],
        ];
        let length = (turned[0] * turned[0] + turned[1] * turned[1] + turned[2] * turned[2]).sqrt();
        (length, turned.map(|part| part / length.max(1e-9)))
    }

    fn depth(&self, point: [f64; 3], reading: Option<&Reading>) -> f64 {
        let (length, direction) = self.place(point);
        // No bump reaches so far: this decides most voxels.
        if length > 1.9 {
            return length;
        }
        let mut surface = 1.0 + height(&self.bumps, direction);
        if let Some(reading) = reading {
            surface += height(&reading.bumps, direction);
        }
        length / surface.max(0.4)
    }

    /// A box around the tumour, inside the grid.
    fn bounds(&self, geometry: &Geometry) -> VoxelBox {
        let reach = 1.6 * self.axes[0].max(self.axes[1]).max(self.axes[2]);
        let mut lower = [0; 3];
        let mut size = [0; 3];
        for axis in 0..3 {
            let at = |mm: f64| (mm - geometry.origin[axis]) / geometry.spacing[axis];
            let last = geometry.size[axis] as f64 - 1.0;
            let margin = MARGIN as f64;
            let first = (at(self.centre[axis] - reach) - margin)
                .floor()
                .clamp(0.0, last);
            let end = (at(self.centre[axis] + reach) + margin)
                .ceil()
                .clamp(first, last);
            lower[axis] = first as usize;
            size[axis] = end as usize - lower[axis] + 1;
        }
        VoxelBox { lower, size }
    }

    /// The voxels around the tumour, as it is or as somebody reads it.
    pub(super) fn site(&self, geometry: &Geometry, reading: Option<&Reading>) -> Site {
        let bounds = self.bounds(geometry);
        let mut depths = Vec::with_capacity(bounds.voxels());
        for z in 0..bounds.size[2] {
            for y in 0..bounds.size[1] {
                for x in 0..bounds.size[0] {
                    let index = [x, y, z];
                    let point = std::array::from_fn(|axis| {
                        geometry.origin[axis]
                            + geometry.spacing[axis] * (bounds.lower[axis] + index[axis]) as f64
                    });
                    depths.push(self.depth(point, reading));
                }
            }
        }
        Site {
            bounds,
            spacing: geometry.spacing,
            depths,
        }
    }

    /// Signal and ADC of each voxel of a site, as if all of it were tumour.
    pub(super) fn tissue(
        &self,
        settings: &TumourSettings,
        texture: f64,
        site: &Site,
        noise: &Noise,
        random: &mut Random,
    ) -> Vec<(f64, f64)> {
        let correlation = settings.correlation * exp(settings.correlation_by_texture * texture);
        let in_voxels = |mm: f64| site.spacing.map(|spacing| 0.5 * mm / spacing);
        let fine = field(site.bounds.size, in_voxels(correlation), noise, random);
        let coarse = field(
            site.bounds.size,
            in_voxels(3.0 * correlation),
            noise,
            random,
        );
        let mean = settings.adc
            + settings.adc_spread * random.normal()
            + settings.adc_by_texture * texture;
        let spread = settings.heterogeneity * exp(settings.heterogeneity_by_texture * texture);
        let bright = 420.0 * (1.0 + 0.1 * random.normal().clamp(-2.0, 2.0));
        let mut tissue = Vec::with_capacity(site.depths.len());
        for ((fine, coarse), depth) in fine.iter().zip(&coarse).zip(&site.depths) {
            let texture = 0.8 * fine + 0.6 * coarse;
            let target = if self.target {
                260.0 * (0.55 - depth).clamp(-0.5, 0.5)
            } else {
                0.0
            };
            let adc = (mean + spread * texture + target).max(250.0);
            // Where cells are dense the signal is high as well.
            let signal = bright * (1.0 - 0.15 * (adc - mean) / 400.0).clamp(0.6, 1.4);
            tissue.push((signal, adc));
        }
        tissue
    }
}

fn bumps(count: usize, height: f64, sharpness: f64, random: &mut Random) -> Vec<Bump> {
    (0..count)
        .map(|_| Bump {
            direction: direction(random),
            height: height * random.normal().clamp(-2.5, 2.5),
            sharpness: sharpness * (0.6 + 0.8 * random.unit()),
        })
        .collect()
}

fn height(bumps: &[Bump], direction: [f64; 3]) -> f64 {
    let mut total = 0.0;
    for bump in bumps {
        let mut product = 0.0;
        for (a, b) in bump.direction.iter().zip(direction) {
            product += a * b;
        }
        let exponent = bump.sharpness * (product - 1.0);
        // Below e⁻⁸ of its height a bump is not there.
        if exponent > -8.0 {
            total += bump.height * exp(exponent);
        }
    }
    total.clamp(-0.5, 0.8)
}

/// A direction, all alike.
fn direction(random: &mut Random) -> [f64; 3] {
    let z = 2.0 * random.unit() - 1.0;
    let angle = 2.0 * std::f64::consts::PI * random.unit();
    let flat = (1.0 - z * z).max(0.0).sqrt();
    [flat * cosine(angle), flat * sine(angle), z]
}
