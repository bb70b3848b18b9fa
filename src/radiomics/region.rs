//! The region that features are taken from: a box around it, the intensities and levels of its voxels.

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

/// The region with its intensities sorted into levels 1, 2, …; 0 is outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// With a border of one voxel outside the region on every side, so that every neighbour exists.
    pub(super) padded: [usize; 3],
    pub(super) levels: Vec<u16>,
    /// Indices of the region's voxels, in order.
    pub(super) voxels: Vec<usize>,
    pub(super) highest: u16,
}

/// Why a region has no features.
#[derive(Clone, Debug, PartialEq)]
pub enum RegionError {
    Empty,
    /// Sizes of box, intensities and mask do not agree.
    SizesDiffer,
    NotFinite,
    /// More levels than a matrix should have: the bin width is too small for these intensities.
    TooManyLevels {
        levels: f64,
        bin_width: f64,
    },
    BadBins {
        value: f64,
    },
}

/// The most levels that are allowed.
const MOST_LEVELS: f64 = 20_000.0;

impl Region {
    pub fn check(&self) -> Result<(), RegionError> {
        let voxels = self.size.iter().product::<usize>();
        if voxels != self.inside.len() || voxels != self.intensities.len() {
            return Err(RegionError::SizesDiffer);
        }
        if !self.inside.contains(&true) {
            return Err(RegionError::Empty);
        }
        if self.values().any(|value| !value.is_finite()) {
            return Err(RegionError::NotFinite);
        }
        Ok(())
    }

    /// Intensities of the region's voxels, in order.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.inside
            .iter()
            .zip(&self.intensities)
            .filter(|(inside, _)| **inside)
            .map(|(_, value)| *value)
    }

    /// Levels of a fixed width: edges at multiples of the width from below the minimum, half-open (PyRadiomics).
    pub fn levels_by_width(&self, width: f64) -> Result<Levels, RegionError> {
        self.check()?;
        if !(width > 0.0 && width.is_finite()) {
            return Err(RegionError::BadBins { value: width });
        }
        let (minimum, maximum) = self.range();
        let first = minimum - remainder(minimum, width);
        let count = (maximum - first) / width + 1.0;
        if !(count < MOST_LEVELS) {
            return Err(RegionError::TooManyLevels {
                levels: count,
                bin_width: width,
            });
        }
        Ok(self.levels(|value| ((value - first) / width).floor() as u16 + 1))
    }

    /// `count` levels of equal width between the extremes; the maximum lies in the last.
    pub fn levels_by_count(&self, count: usize) -> Result<Levels, RegionError> {
        self.check()?;
        if count == 0 || count as f64 >= MOST_LEVELS {
            return Err(RegionError::BadBins {
                value: count as f64,
            });
        }
        let (minimum, maximum) = self.range();
        if minimum == maximum {
            return Ok(self.levels(|_| 1));
        }
        let width = (maximum - minimum) / count as f64;
        let edges: Vec<f64> = (1..count)
            .map(|edge| minimum + edge as f64 * width)
            .collect();
        Ok(self.levels(|value| edges.partition_point(|edge| *edge <= value) as u16 + 1))
    }

    fn range(&self) -> (f64, f64) {
        self.values()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
    }

    fn levels(&self, level: impl Fn(f64) -> u16) -> Levels {
        let padded = self.size.map(|n| n + 2);
        let mut levels = vec![0; padded.iter().product()];
        let mut voxels = Vec::new();
        let mut highest = 0;
        let mut index = 0;
        for z in 0..self.size[2] {
            for y in 0..self.size[1] {
                let row = 1 + padded[0] * (y + 1 + padded[1] * (z + 1));
                for x in 0..self.size[0] {
                    if self.inside[index] {
                        let level = level(self.intensities[index]);
                        levels[row + x] = level;
                        highest = highest.max(level);
                        voxels.push(row + x);
                    }
                    index += 1;
                }
            }
        }
        Levels {
            padded,
            levels,
            voxels,
            highest,
        }
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

impl Levels {
    /// How far apart in memory the neighbour in a direction is.
    pub(super) fn offset(&self, direction: [i32; 3]) -> isize {
        let [nx, ny, _] = self.padded;
        direction[0] as isize
            + nx as isize * (direction[1] as isize + ny as isize * direction[2] as isize)
    }

    /// The level of the voxel so many steps away; none outside the region or the box.
    pub(super) fn at(&self, voxel: usize, step: [i32; 3]) -> Option<u16> {
        let [nx, ny, _] = self.padded;
        let place = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)];
        let mut index = 0;
        for axis in (0..3).rev() {
            let moved = place[axis].checked_add_signed(step[axis] as isize)?;
            if moved >= self.padded[axis] {
                return None;
            }
            index = index * self.padded[axis] + moved;
        }
        Some(self.levels[index]).filter(|level| *level != 0)
    }

    /// The levels that occur, in ascending order.
    pub(super) fn present(&self) -> Vec<u16> {
        let mut seen = vec![false; usize::from(self.highest) + 1];
        for voxel in &self.voxels {
            seen[usize::from(self.levels[*voxel])] = true;
        }
        (1..=self.highest)
            .filter(|level| seen[usize::from(*level)])
            .collect()
    }
}

/// The 13 directions of neighbours in space, one of each opposite pair; in a plane (z fixed) the first 4.
pub(super) fn directions(in_plane: bool) -> &'static [[i32; 3]] {
    const ALL: [[i32; 3]; 13] = [
        [1, 0, 0],
        [0, 1, 0],
        [1, 1, 0],
        [-1, 1, 0],
        [0, 0, 1],
        [1, 0, 1],
        [-1, 0, 1],
        [0, 1, 1],
        [1, 1, 1],
        [-1, 1, 1],
        [0, -1, 1],
        [1, -1, 1],
        [-1, -1, 1],
    ];
    if in_plane { &ALL[..4] } else { &ALL }
}
