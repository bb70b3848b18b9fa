//! The region that features are taken from: a box around it, the intensities of its voxels, and their levels.

use super::distribution::extremes;
use super::levels::Levels;

/// A box of voxels, x fastest. `inside` says which belong to the region; the box should be as small as the region.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub size: [usize; 3],
    /// In mm, of x, y, z.
    pub spacing: [f64; 3],
    pub inside: Vec<bool>,
    /// Intensities of all voxels of the box.
    pub intensities: Vec<f64>,
}

/// Why a region has no features.
#[derive(Clone, Debug, PartialEq)]
pub enum RegionError {
    Empty,
    /// Sizes of box, intensities and mask do not agree.
    SizesDiffer,
    /// So many voxels of the region are NaN or infinite.
    NotFinite {
        voxels: usize,
    },
    /// More levels than a matrix should have: the bin width is too small for these intensities.
    TooManyLevels {
        levels: f64,
        bin_width: f64,
    },
    /// A bin width or count that is none.
    BadBins {
        value: f64,
    },
    /// So many voxels of the region do not belong to its morphological region.
    OutsideMorphological {
        voxels: usize,
    },
    /// An intensity lies below the lower edge of the first bin.
    BelowFirstBin {
        intensity: f64,
        edge: f64,
    },
}

impl std::fmt::Display for RegionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RegionError::Empty => write!(f, "the region has no voxels"),
            RegionError::SizesDiffer => write!(
                f,
                "the box of the region, its mask and its intensities differ in size"
            ),
            RegionError::NotFinite { voxels } => write!(
                f,
                "{voxels} voxels of the region have no finite intensity (NaN or infinite): mend the image or leave them out of the region"
            ),
            RegionError::TooManyLevels { levels, bin_width } => write!(
                f,
                "bins of width {bin_width} make {levels:.0} levels of this region's intensities, more than the {MOST_LEVELS} that are allowed: use a larger bin width or a bin count"
            ),
            RegionError::BadBins { value } => write!(
                f,
                "{value} is no bin width or count: a width must be above 0, a count a whole number from 1 to {MOST_LEVELS}"
            ),
            RegionError::OutsideMorphological { voxels } => write!(
                f,
                "{voxels} voxels of the region lie outside the morphological region: the intensity mask must be a part of it"
            ),
            RegionError::BelowFirstBin { intensity, edge } => write!(
                f,
                "the intensity {intensity} lies below the first bin, which starts at {edge}: resegment the region or lower the edge"
            ),
        }
    }
}

impl std::error::Error for RegionError {}

/// The most levels that are allowed.
const MOST_LEVELS: usize = 20_000;

impl Region {
    /// Errors: sizes that do not agree, no voxel, intensities that are not finite.
    pub fn check(&self) -> Result<(), RegionError> {
        self.checked_values().map(|_| ())
    }

    /// Intensities of the region's voxels, in order, after [`Region::check`]. Every voxel of the box is written and only
    /// those inside move on: a mask has no pattern that a processor could guess.
    pub(super) fn checked_values(&self) -> Result<Vec<f64>, RegionError> {
        let voxels = self.size.iter().product::<usize>();
        if voxels != self.inside.len() || voxels != self.intensities.len() {
            return Err(RegionError::SizesDiffer);
        }
        let mut values = vec![0.0; voxels + 1];
        let mut known = 0;
        for (inside, value) in self.inside.iter().zip(&self.intensities) {
            values[known] = *value;
            known += usize::from(*inside);
        }
        values.truncate(known);
        let bad = values
            .iter()
            .fold(0, |bad, value| bad + usize::from(!value.is_finite()));
        match (known, bad) {
            (0, _) => Err(RegionError::Empty),
            (_, 0) => Ok(values),
            (_, voxels) => Err(RegionError::NotFinite { voxels }),
        }
    }

    /// Intensities of the region's voxels, in order.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.inside
            .iter()
            .zip(&self.intensities)
            .filter(|(inside, _)| **inside)
            .map(|(_, value)| *value)
    }

    /// Levels of a fixed width, half-open, with edges at multiples of the width from below the minimum (PyRadiomics,
    /// `binWidth`): edge k is first + k δ, where δ is the width as (first + width) − first gives it.
    pub fn levels_by_width(&self, width: f64) -> Result<Levels, RegionError> {
        let (minimum, maximum) = extremes(&self.checked_values()?);
        check_width(width)?;
        self.levels_from(minimum - remainder(minimum, width), maximum, width)
    }

    /// Levels of a fixed width from a given lower edge (IBSI's fixed bin size, where the edge is the lower end of the
    /// range of resegmentation).
    pub fn levels_by_width_from(&self, edge: f64, width: f64) -> Result<Levels, RegionError> {
        let (minimum, maximum) = extremes(&self.checked_values()?);
        check_width(width)?;
        if !(minimum >= edge) {
            return Err(RegionError::BelowFirstBin {
                intensity: minimum,
                edge,
            });
        }
        self.levels_from(edge, maximum, width)
    }

    fn levels_from(&self, first: f64, maximum: f64, width: f64) -> Result<Levels, RegionError> {
        let step = (first + width) - first;
        let count = (maximum - first) / width + 1.0;
        if !(count < MOST_LEVELS as f64 && step > 0.0) {
            return Err(RegionError::TooManyLevels {
                levels: count,
                bin_width: width,
            });
        }
        self.levels(|value| {
            // The quotient may be off by a rounding at an edge.
            let bin = ((value - first) / step) as u16;
            let edge = |bin: u16| first + f64::from(bin) * step;
            bin + 1 - u16::from(value < edge(bin)) + u16::from(value >= edge(bin + 1))
        })
    }

    /// `count` levels of equal width between the extremes; the maximum lies in the last (PyRadiomics' `binCount`, IBSI's
    /// fixed bin number). Where all intensities are equal the edges reach half a unit to either side, as numpy's.
    pub fn levels_by_count(&self, count: usize) -> Result<Levels, RegionError> {
        let (mut minimum, mut maximum) = extremes(&self.checked_values()?);
        if count == 0 || count > MOST_LEVELS {
            return Err(RegionError::BadBins {
                value: count as f64,
            });
        }
        if minimum == maximum {
            (minimum, maximum) = (minimum - 0.5, maximum + 0.5);
        }
        let width = (maximum - minimum) / count as f64;
        let edges: Vec<f64> = (1..count)
            .map(|edge| edge as f64 * width + minimum)
            .collect();
        self.levels(|value| edges.partition_point(|edge| *edge <= value) as u16 + 1)
    }

    fn levels(&self, level: impl Fn(f64) -> u16) -> Result<Levels, RegionError> {
        let levels: Vec<u16> = self
            .inside
            .iter()
            .zip(&self.intensities)
            .map(|(inside, value)| if *inside { level(*value) } else { 0 })
            .collect();
        Levels::new(self.size, self.spacing, &levels)
    }
}

fn check_width(width: f64) -> Result<(), RegionError> {
    if width > 0.0 && width.is_finite() {
        Ok(())
    } else {
        Err(RegionError::BadBins { value: width })
    }
}

/// The remainder with the sign of the divisor, as Python's `%`.
fn remainder(value: f64, divisor: f64) -> f64 {
    let rest = value % divisor;
    if rest != 0.0 && (rest < 0.0) != (divisor < 0.0) {
        rest + divisor
    } else {
        rest
    }
}
