//! Gray-level run length matrix: how many runs of voxels of one level have which length, and 16 features of it.
//!
//! n(i, j): number of runs of level i and length j along one direction; the features are those of
//! [`super::size_features`] with the length of a run as its size. 13 directions (4 in a plane), each direction's
//! features averaged or the matrices merged. RunPercentage: runs / voxels, a voxel counted once a direction.
//! One level: a run is a line through the region. One voxel: one run of length 1 in each direction.
//! Source: Galloway 1975, Chu 1990, Dasarathy & Holder 1991; conventions of PyRadiomics 3.0.1 and IBSI.

use super::aggregation::{Directions, Space, means};
use super::levels::Levels;
use super::size_features::{Matrix, SizeFeatures};

pub const NAMES: [&str; 16] = [
    "GrayLevelNonUniformity",
    "GrayLevelNonUniformityNormalized",
    "GrayLevelVariance",
    "HighGrayLevelRunEmphasis",
    "LongRunEmphasis",
    "LongRunHighGrayLevelEmphasis",
    "LongRunLowGrayLevelEmphasis",
    "LowGrayLevelRunEmphasis",
    "RunEntropy",
    "RunLengthNonUniformity",
    "RunLengthNonUniformityNormalized",
    "RunPercentage",
    "RunVariance",
    "ShortRunEmphasis",
    "ShortRunHighGrayLevelEmphasis",
    "ShortRunLowGrayLevelEmphasis",
];

/// Values in the order of [`NAMES`].
pub type Glrlm = [f64; NAMES.len()];

/// Features of the runs of a region.
pub fn glrlm(levels: &Levels, space: Space, merging: Directions) -> Glrlm {
    let mut all = Vec::new();
    if space == Space::EachSlice {
        for slice in levels.slices() {
            of_directions(&slice, space, merging, &mut all);
        }
    } else {
        of_directions(levels, space, merging, &mut all);
    }
    means(&all)
}

/// Adds the features of each direction, or of their merged matrix.
fn of_directions(levels: &Levels, space: Space, merging: Directions, all: &mut Vec<Glrlm>) {
    let mut matrix = Matrix::new(&levels.present);
    let mut runs = Runs::new(levels);
    for step in levels.directions(&[1], space.in_plane()) {
        match merging {
            Directions::Averaged => {
                matrix.clear();
                runs.count(levels, step, 1.0, &mut matrix);
                all.push(features(&matrix));
            }
            Directions::Merged(weighting) => {
                let weight = weighting.weight(step, levels.spacing);
                runs.count(levels, step, weight, &mut matrix);
            }
        }
    }
    if let Directions::Merged(_) = merging {
        all.push(features(&matrix));
    }
}

fn features(matrix: &Matrix) -> Glrlm {
    let f = SizeFeatures::new(matrix, None);
    [
        f.gray_level_non_uniformity,
        f.gray_level_non_uniformity_normalized,
        f.gray_level_variance,
        f.high_gray_level_emphasis,
        f.large_emphasis,
        f.large_high_gray_level_emphasis,
        f.large_low_gray_level_emphasis,
        f.low_gray_level_emphasis,
        f.entropy,
        f.size_non_uniformity,
        f.size_non_uniformity_normalized,
        f.percentage,
        f.size_variance,
        f.small_emphasis,
        f.small_high_gray_level_emphasis,
        f.small_low_gray_level_emphasis,
    ]
}

/// What is kept between directions.
pub(super) struct Runs {
    /// For each voxel of the padded box, how many voxels of its run have been passed, itself included.
    passed: Vec<u16>,
    /// `reaching[length * (present + 1) + place]`: how many runs of a level are at least so long.
    reaching: Vec<u32>,
    longest: usize,
}

impl Runs {
    pub(super) fn new(levels: &Levels) -> Self {
        let longest = levels.size.iter().copied().max().unwrap_or(0);
        Self {
            passed: vec![0; levels.levels.len()],
            reaching: vec![0; (longest + 2) * (levels.present.len() + 1)],
            longest,
        }
    }

    /// Adds the runs along a direction. A voxel is the k-th of exactly one run, so that counting voxels by k counts the
    /// runs of at least k voxels.
    pub(super) fn count(
        &mut self,
        levels: &Levels,
        step: [i32; 3],
        weight: f64,
        matrix: &mut Matrix,
    ) {
        let offset = levels.offset(step).unsigned_abs();
        self.reaching.fill(0);
        let width = levels.present.len() + 1;
        for span in &levels.spans {
            let row = &levels.levels[span.clone()];
            if offset == 1 {
                let (mut before, mut length) = (0, 0);
                for (level, passed) in row.iter().zip(&mut self.passed[span.clone()]) {
                    length = if *level == before { length + 1 } else { 1 };
                    before = *level;
                    *passed = length;
                }
            } else {
                let (earlier, here) = self.passed.split_at_mut(span.start);
                let from = span.start - offset..span.end - offset;
                for (((level, before), earlier), passed) in row
                    .iter()
                    .zip(&levels.levels[from.clone()])
                    .zip(&earlier[from])
                    .zip(here)
                {
                    // Without a branch this is one vector loop. Zeros of gaps between voxels of the region are counted,
                    // too, and never used.
                    let same = u16::from(level == before);
                    *passed = earlier.wrapping_mul(same).wrapping_add(1);
                }
            }
            let places = &levels.places[span.clone()];
            for (place, passed) in places.iter().zip(&self.passed[span.clone()]) {
                if *place != 0 {
                    self.reaching[usize::from(*passed) * width + usize::from(*place)] += 1;
                }
            }
        }
        for length in 1..=self.longest {
            let mut left = false;
            for place in 1..width {
                let reaching = self.reaching[length * width + place];
                let ending = reaching - self.reaching[(length + 1) * width + place];
                if ending > 0 {
                    matrix.add(place as u16, length, weight * f64::from(ending));
                }
                left |= reaching > 0;
            }
            if !left {
                break;
            }
        }
    }
}
