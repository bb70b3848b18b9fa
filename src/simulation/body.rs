//! The upper abdomen as a set of ellipsoids, each with its signal without diffusion weighting and its apparent diffusion
//! coefficient. Coordinates in mm from the middle of the body: x to the left, y to the back, z to the head.
//!
//! ADC in 10⁻⁶ mm²/s after reviews of abdominal diffusion imaging (Taouli & Koh, Radiology 2010;254:47); signals are in
//! the scale where the liver has 300.

use crate::imaging::Geometry;
use crate::numerics::Random;

/// An organ: later ones lie over earlier ones.
#[derive(Clone, Copy)]
pub(super) struct Organ {
    pub(super) centre: [f64; 3],
    pub(super) axes: [f64; 3],
    pub(super) signal: f64,
    pub(super) adc: f64,
}

const fn organ(centre: [f64; 3], axes: [f64; 3], signal: f64, adc: f64) -> Organ {
    Organ {
        centre,
        axes,
        signal,
        adc,
    }
}

/// Fat under the skin, the rest of the trunk, stomach, spleen, kidneys, spine, its canal, the aorta, liver, gall bladder.
const ORGANS: [Organ; 12] = [
    organ([0.0, 0.0, 0.0], [168.0, 118.0, 900.0], 60.0, 500.0),
    organ([0.0, 0.0, 0.0], [152.0, 102.0, 900.0], 180.0, 1500.0),
    organ([62.0, -45.0, 25.0], [45.0, 32.0, 42.0], 330.0, 2300.0),
    organ([108.0, 42.0, 22.0], [28.0, 40.0, 46.0], 420.0, 850.0),
    organ([62.0, 58.0, -62.0], [29.0, 31.0, 52.0], 380.0, 2000.0),
    organ([-62.0, 58.0, -66.0], [29.0, 31.0, 52.0], 380.0, 2000.0),
    organ([0.0, 66.0, 0.0], [24.0, 22.0, 900.0], 150.0, 700.0),
    organ([0.0, 94.0, 0.0], [9.0, 8.0, 900.0], 900.0, 2900.0),
    organ([13.0, 38.0, 0.0], [10.0, 10.0, 900.0], 60.0, 2000.0),
    organ([12.0, -48.0, 22.0], [62.0, 34.0, 38.0], 300.0, 1150.0),
    organ([-60.0, -8.0, 8.0], [84.0, 78.0, 72.0], 300.0, 1150.0),
    organ([-38.0, -58.0, -42.0], [15.0, 19.0, 26.0], 800.0, 2900.0),
];
const LIVER: usize = 10;

pub(super) struct Body {
    organs: Vec<Organ>,
}

impl Body {
    /// A body of its own size; organs a little elsewhere, larger or smaller, brighter or darker.
    pub(super) fn new(random: &mut Random) -> Self {
        let size = 1.0 + 0.04 * random.normal().clamp(-2.0, 2.0);
        let mut own = |spread: f64| 1.0 + spread * random.normal().clamp(-2.0, 2.0);
        let organs = ORGANS
            .iter()
            .map(|organ| Organ {
                centre: organ.centre.map(|mm| size * mm * own(0.03)),
                axes: organ.axes.map(|mm| size * mm * own(0.03)),
                signal: organ.signal * own(0.1),
                adc: organ.adc * own(0.05),
            })
            .collect();
        Self { organs }
    }

    pub(super) fn liver(&self) -> Organ {
        self.organs[LIVER]
    }

    /// Paints signal and ADC of every voxel; 0 outside of the body.
    pub(super) fn paint(&self, geometry: &Geometry) -> (Vec<f32>, Vec<f32>) {
        let mut signal = vec![0.0; geometry.voxels()];
        let mut adc = vec![0.0; geometry.voxels()];
        for organ in &self.organs {
            organ.each_voxel(geometry, |voxel| {
                signal[voxel] = organ.signal as f32;
                adc[voxel] = organ.adc as f32;
            });
        }
        (signal, adc)
    }
}

impl Organ {
    /// Calls `visit` with the place of each voxel inside. The grid's axes are those of the body.
    pub(super) fn each_voxel(&self, geometry: &Geometry, mut visit: impl FnMut(usize)) {
        let range = |axis: usize| {
            let first = (self.centre[axis] - self.axes[axis] - geometry.origin[axis])
                / geometry.spacing[axis];
            let last = (self.centre[axis] + self.axes[axis] - geometry.origin[axis])
                / geometry.spacing[axis];
            let end = geometry.size[axis] as f64;
            (first.ceil().clamp(0.0, end) as usize)..((last.floor() + 1.0).clamp(0.0, end) as usize)
        };
        let part = |axis: usize, index: usize| {
            let mm = geometry.origin[axis] + geometry.spacing[axis] * index as f64;
            let part = (mm - self.centre[axis]) / self.axes[axis];
            part * part
        };
        let [columns, rows, slices] = [range(0), range(1), range(2)];
        for z in slices {
            let along_z = part(2, z);
            for y in rows.clone() {
                let rest = along_z + part(1, y);
                if rest > 1.0 {
                    continue;
                }
                let row = geometry.size[0] * (y + geometry.size[1] * z);
                for x in columns.clone() {
                    if rest + part(0, x) <= 1.0 {
                        visit(row + x);
                    }
                }
            }
        }
    }
}
