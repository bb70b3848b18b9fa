//! Features of a matrix that counts things by gray level and size: runs, zones, dependences.

use crate::numerics::log2;

/// Counts by level (1, 2, …) and size (1, 2, …).
pub(super) struct Matrix {
    highest: usize,
    sizes: usize,
    /// `counts[size * (highest + 1) + level]`, grown with the largest size.
    counts: Vec<u32>,
}

impl Matrix {
    pub(super) fn new(highest: u16) -> Self {
        Self {
            highest: usize::from(highest),
            sizes: 0,
            counts: Vec::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
    }

    pub(super) fn add(&mut self, level: u16, size: usize) {
        if size > self.sizes {
            self.sizes = size;
            self.counts.resize((size + 1) * (self.highest + 1), 0);
        }
        self.counts[size * (self.highest + 1) + usize::from(level)] += 1;
    }

    /// Level, size and count of everything that was counted, by size, then level.
    fn entries(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let width = self.highest + 1;
        self.counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(move |(index, count)| {
                (
                    (index % width) as f64,
                    (index / width) as f64,
                    f64::from(*count),
                )
            })
    }
}

/// The features that runs, zones and dependences share, under common names.
pub(super) struct SizeFeatures {
    pub(super) small_emphasis: f64,
    pub(super) large_emphasis: f64,
    pub(super) low_gray_level_emphasis: f64,
    pub(super) high_gray_level_emphasis: f64,
    pub(super) small_low_gray_level_emphasis: f64,
    pub(super) small_high_gray_level_emphasis: f64,
    pub(super) large_low_gray_level_emphasis: f64,
    pub(super) large_high_gray_level_emphasis: f64,
    pub(super) gray_level_non_uniformity: f64,
    pub(super) gray_level_non_uniformity_normalized: f64,
    pub(super) size_non_uniformity: f64,
    pub(super) size_non_uniformity_normalized: f64,
    pub(super) percentage: f64,
    pub(super) gray_level_variance: f64,
    pub(super) size_variance: f64,
    pub(super) entropy: f64,
}

impl SizeFeatures {
    /// `voxels`: how many voxels the region has.
    pub(super) fn new(matrix: &Matrix, voxels: usize) -> Self {
        let mut by_level = vec![0.0; matrix.highest + 1];
        let mut by_size = vec![0.0; matrix.sizes + 1];
        let mut total = 0.0;
        let mut sums = [0.0; 8];
        let mut entropy_of_counts = Vec::new();
        for (level, size, count) in matrix.entries() {
            total += count;
            by_level[level as usize] += count;
            by_size[size as usize] += count;
            let (i2, j2) = (level * level, size * size);
            let terms = [
                count / j2,
                count * j2,
                count / i2,
                count * i2,
                count / (i2 * j2),
                count * i2 / j2,
                count * j2 / i2,
                count * i2 * j2,
            ];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
            entropy_of_counts.push(count);
        }
        let entropy = entropy_of_counts.iter().fold(0.0, |entropy, count| {
            let p = count / total;
            entropy - p * log2(p + f64::EPSILON)
        });
        let squares = |values: &[f64]| values.iter().fold(0.0, |sum, value| sum + value * value);
        let variance = |values: &[f64]| {
            let mean = values
                .iter()
                .enumerate()
                .fold(0.0, |sum, (k, n)| sum + k as f64 * n)
                / total;
            values.iter().enumerate().fold(0.0, |sum, (k, n)| {
                let centred = k as f64 - mean;
                sum + n / total * centred * centred
            })
        };
        let [
            small,
            large,
            low,
            high,
            small_low,
            small_high,
            large_low,
            large_high,
        ] = sums.map(|sum| sum / total);
        Self {
            small_emphasis: small,
            large_emphasis: large,
            low_gray_level_emphasis: low,
            high_gray_level_emphasis: high,
            small_low_gray_level_emphasis: small_low,
            small_high_gray_level_emphasis: small_high,
            large_low_gray_level_emphasis: large_low,
            large_high_gray_level_emphasis: large_high,
            gray_level_non_uniformity: squares(&by_level) / total,
            gray_level_non_uniformity_normalized: squares(&by_level) / (total * total),
            size_non_uniformity: squares(&by_size) / total,
            size_non_uniformity_normalized: squares(&by_size) / (total * total),
            percentage: total / voxels as f64,
            gray_level_variance: variance(&by_level),
            size_variance: variance(&by_size),
            entropy,
        }
    }
}
