//! Features of a matrix that counts things by gray level and size: runs, zones, dependences, distances of zones.
//!
//! n(i, j): how many things of level i and size j; N = Σ n(i, j), n(i) and n(j) its margins, p = n / N.
//! Emphases: Σ n(i, j) w / N with w = j⁻², j², i⁻², i², i⁻² j⁻², i² j⁻², j² i⁻², i² j². Non-uniformities: Σ n(i)² / N
//! and Σ n(j)² / N, normalised by N once more. Variances: Σ p (i − Σ p i)², and so for j. Entropy:
//! −Σ p log₂(p + 2⁻⁵²). Energy: Σ p². Percentage: N / number of voxels.

use std::collections::BTreeMap;

use crate::numerics::log2;

/// Counts by level and size (1, 2, …).
pub(super) struct Matrix<'a> {
    present: &'a [u16],
    /// Sizes up to [`DENSE`]: `dense[size * (present + 1) + place]`, grown with the largest size.
    dense: Vec<f64>,
    /// Larger ones, by size and place.
    sparse: BTreeMap<(usize, u16), f64>,
}

/// Zones may be as large as the region: only the many small sizes have a place of their own.
const DENSE: usize = 256;

impl<'a> Matrix<'a> {
    /// `present`: the levels that occur.
    pub(super) fn new(present: &'a [u16]) -> Self {
        Self {
            present,
            dense: Vec::new(),
            sparse: BTreeMap::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.dense.fill(0.0);
        self.sparse.clear();
    }

    /// Adds things of the level at a place of `present`, counted from 1.
    pub(super) fn add(&mut self, place: u16, size: usize, count: f64) {
        if size > DENSE {
            *self.sparse.entry((size, place)).or_insert(0.0) += count;
            return;
        }
        let width = self.present.len() + 1;
        let index = size * width + usize::from(place);
        if index >= self.dense.len() {
            self.dense.resize((size + 1) * width, 0.0);
        }
        self.dense[index] += count;
    }

    /// Level, size and count of everything that was counted, by size, then level.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let entry = |place: usize, size: usize, count: f64| Entry {
            level: self.present[place - 1],
            size,
            count,
        };
        let width = self.present.len() + 1;
        let mut entries = Vec::new();
        for (size, row) in self.dense.chunks_exact(width).enumerate() {
            for (place, count) in row.iter().enumerate().skip(1) {
                if *count > 0.0 {
                    entries.push(entry(place, size, *count));
                }
            }
        }
        for ((size, place), count) in &self.sparse {
            entries.push(entry(usize::from(*place), *size, *count));
        }
        entries
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) level: u16,
    pub(super) size: usize,
    pub(super) count: f64,
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
    pub(super) energy: f64,
}

impl SizeFeatures {
    /// `voxels`: how many there are; without it Σ n(i, j) j, which is as many in matrices of runs and zones.
    pub(super) fn new(matrix: &Matrix, voxels: Option<usize>) -> Self {
        let entries = matrix.entries();
        let total = entries.iter().fold(0.0, |sum, entry| sum + entry.count);
        let highest = matrix.present.last().map_or(0, |level| usize::from(*level));
        let mut by_level = vec![0.0; highest + 1];
        let mut by_size: Vec<(f64, f64)> = Vec::new();
        let mut sums = [0.0; 8];
        let (mut entropy, mut energy) = (0.0, 0.0);
        for entry in &entries {
            let (count, i, j) = (entry.count, f64::from(entry.level), entry.size as f64);
            by_level[usize::from(entry.level)] += count;
            match by_size.last_mut() {
                Some((size, sum)) if *size == j => *sum += count,
                _ => by_size.push((j, count)),
            }
            let (i2, j2) = (i * i, j * j);
            let (low, small) = (count / i2, count / j2);
            let terms = [
                small,
                count * j2,
                low,
                count * i2,
                low / j2,
                small * i2,
                low * j2,
                count * i2 * j2,
            ];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
            let p = count / total;
            entropy -= p * log2(p + f64::EPSILON);
            energy += p * p;
        }
        let by_level: Vec<(f64, f64)> = by_level
            .iter()
            .enumerate()
            .map(|(level, count)| (level as f64, *count))
            .collect();
        let squares = |margin: &[(f64, f64)]| {
            margin
                .iter()
                .fold(0.0, |sum, (_, count)| sum + count * count)
        };
        let mean = |margin: &[(f64, f64)]| {
            margin
                .iter()
                .fold(0.0, |sum, (value, count)| sum + value * count)
                / total
        };
        let variance = |margin: &[(f64, f64)]| {
            let mean = mean(margin);
            margin.iter().fold(0.0, |sum, (value, count)| {
                sum + count / total * (value - mean) * (value - mean)
            })
        };
        let voxels = voxels.map_or_else(|| mean(&by_size) * total, |voxels| voxels as f64);
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
            percentage: total / voxels,
            gray_level_variance: variance(&by_level),
            size_variance: variance(&by_size),
            entropy,
            energy,
        }
    }
}
