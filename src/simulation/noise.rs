//! Normal noise in bulk: a table of 65,536 quantiles of the standard normal, looked up by 16 random bits each, so one draw of
//! 64 bits gives four. Against a true normal the tail ends at ±4.3 standard deviations, which no image shows.

use crate::numerics::{Random, normal_quantile};

const SIZE: usize = 1 << 16;

pub(super) struct Noise {
    quantiles: Vec<f32>,
}

impl Noise {
    pub(super) fn new() -> Self {
        let quantile = |place: usize| normal_quantile((place as f64 + 0.5) / SIZE as f64) as f32;
        Self {
            quantiles: (0..SIZE).map(quantile).collect(),
        }
    }

    /// Four independent standard normals.
    pub(super) fn four(&self, random: &mut Random) -> [f64; 4] {
        let bits = random.bits();
        std::array::from_fn(|part| {
            let place = (bits >> (16 * part)) as usize & (SIZE - 1);
            f64::from(self.quantiles[place])
        })
    }
}
