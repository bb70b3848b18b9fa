//! Which matrices of a texture class are counted, and what is averaged.
//!
//! IBSI's ways: 2-D averaged (`EachSlice`, `Averaged`), 2-D merged (`EachSlice`, `Merged`), 2.5-D direction merged
//! (`Plane`, `Averaged`), 2.5-D merged (`Plane`, `Merged`), 3-D averaged (`Volume`, `Averaged`), 3-D merged (`Volume`,
//! `Merged`). PyRadiomics: 3-D averaged; with `force2D` 2.5-D direction merged; with a weighting norm merged.
//! Slices are planes of x and y; see [`super::Levels::sliced_along`] for others.

/// Where neighbours are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Space {
    /// In all directions.
    Volume,
    /// Within slices; what is counted in all slices makes one matrix.
    Plane,
    /// Within slices; features are computed for each slice and averaged.
    EachSlice,
}

/// What becomes of the matrices of different directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Directions {
    /// Features are computed for each direction and averaged.
    Averaged,
    /// The matrices are added up, each weighted by e^(−d²), d the length of its step in mm.
    Merged(Weighting),
}

/// How the length of a step is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weighting {
    /// Every direction weighs 1.
    Equal,
    /// The largest component.
    Infinity,
    Euclidean,
    /// The sum of the components.
    Manhattan,
}

impl Weighting {
    /// The weight of a step on a grid of this spacing.
    pub(super) fn weight(self, step: [i32; 3], spacing: [f64; 3]) -> f64 {
        let [x, y, z]: [f64; 3] =
            std::array::from_fn(|axis| f64::from(step[axis].abs()) * spacing[axis]);
        let squared = match self {
            Weighting::Equal => 0.0,
            Weighting::Infinity => {
                let largest = x.max(y).max(z);
                largest * largest
            }
            Weighting::Euclidean => x * x + y * y + z * z,
            Weighting::Manhattan => (x + y + z) * (x + y + z),
        };
        crate::numerics::exp(-squared)
    }
}

impl Space {
    pub(super) fn in_plane(self) -> bool {
        self != Space::Volume
    }
}

/// The means of features over matrices; NaN of none.
pub(super) fn means<const N: usize>(all: &[[f64; N]]) -> [f64; N] {
    std::array::from_fn(|feature| {
        let values: Vec<f64> = all.iter().map(|features| features[feature]).collect();
        crate::numerics::mean(&values)
    })
}
