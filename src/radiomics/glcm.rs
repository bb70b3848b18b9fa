//! Gray-level co-occurrence matrix: how often levels i and j are neighbours, and 24 features of it.
//!
//! P(i, j): share of neighbouring pairs of the region in one direction whose levels are i and j, each pair counted both
//! ways. p_x(i) = Σ_j P(i, j), equal to p_y; μ = Σ i p_x(i); p_{x+y}(k), k = i + j; p_{x−y}(k), k = |i − j|.
//! Features are computed for each of the 13 directions (4 in a plane) and averaged; a direction without a pair is left
//! out. N_g is the highest level. Entropies are in bits, log2(p + 2⁻⁵²).
//! Source: Haralick 1973; conventions of PyRadiomics 3.0.1. IBSI: 3-D features averaged over directions.

use crate::numerics::{exp, log2, sum};

use super::eigen::symmetric_eigenvalues;
use super::region::{Levels, directions};

const EPSILON: f64 = f64::EPSILON;

/// Values in the order of [`NAMES`].
pub type Glcm = [f64; NAMES.len()];

pub const NAMES: [&str; 24] = [
    "Autocorrelation",
    "ClusterProminence",
    "ClusterShade",
    "ClusterTendency",
    "Contrast",
    "Correlation",
    "DifferenceAverage",
    "DifferenceEntropy",
    "DifferenceVariance",
    "Id",
    "Idm",
    "Idmn",
    "Idn",
    "Imc1",
    "Imc2",
    "InverseVariance",
    "JointAverage",
    "JointEnergy",
    "JointEntropy",
    "MCC",
    "MaximumProbability",
    "SumAverage",
    "SumEntropy",
    "SumSquares",
];

/// Neighbours at these distances (in voxels); features of several distances are averaged together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlcmOptions {
    pub distances: Vec<u32>,
    /// Neighbours within the plane of x and y only.
    pub in_plane: bool,
    pub symmetric: bool,
}

/// The features of a region; none if it has no pair of neighbours in any direction.
pub fn glcm(levels: &Levels, options: &GlcmOptions) -> Option<Glcm> {
    let present = levels.present();
    let mut position = vec![0_usize; usize::from(levels.highest) + 1];
    for (index, level) in present.iter().enumerate() {
        position[usize::from(*level)] = index;
    }
    let mut work = Work::new(&present, levels.highest);
    let mut all = Vec::new();
    for distance in &options.distances {
        for direction in directions(options.in_plane) {
            if !work.count(
                levels,
                &position,
                *direction,
                *distance as i32,
                options.symmetric,
            ) {
                continue;
            }
            all.push(work.features());
        }
    }
    if all.is_empty() {
        return None;
    }
    let mut means = [0.0; NAMES.len()];
    for (feature, mean) in means.iter_mut().enumerate() {
        let values: Vec<f64> = all.iter().map(|features| features[feature]).collect();
        *mean = sum(&values) / values.len() as f64;
    }
    Some(means)
}

/// One direction's matrix and its marginals, kept between directions.
struct Work {
    levels: Vec<f64>,
    highest: usize,
    counts: Vec<u32>,
    p: Vec<f64>,
    px: Vec<f64>,
    py: Vec<f64>,
    sums: Vec<f64>,
    differences: Vec<f64>,
}

impl Work {
    fn new(present: &[u16], highest: u16) -> Self {
        let size = present.len();
        let highest = usize::from(highest);
        Self {
            levels: present.iter().map(|level| f64::from(*level)).collect(),
            highest,
            counts: vec![0; size * size],
            p: vec![0.0; size * size],
            px: vec![0.0; size],
            py: vec![0.0; size],
            sums: vec![0.0; 2 * highest + 1],
            differences: vec![0.0; highest],
        }
    }

    /// Counts the pairs of one direction; false if there is none.
    fn count(
        &mut self,
        levels: &Levels,
        position: &[usize],
        direction: [i32; 3],
        distance: i32,
        symmetric: bool,
    ) -> bool {
        let size = self.levels.len();
        self.counts.fill(0);
        let step = direction.map(|d| d * distance);
        if distance == 1 {
            let offset = levels.offset(step);
            for voxel in &levels.voxels {
                let neighbour = levels.levels[voxel.wrapping_add_signed(offset)];
                if neighbour != 0 {
                    let row = position[usize::from(levels.levels[*voxel])];
                    self.counts[row * size + position[usize::from(neighbour)]] += 1;
                }
            }
        } else {
            for voxel in &levels.voxels {
                if let Some(neighbour) = levels.at(*voxel, step) {
                    let row = position[usize::from(levels.levels[*voxel])];
                    self.counts[row * size + position[usize::from(neighbour)]] += 1;
                }
            }
        }
        let total: u64 = self.counts.iter().map(|count| u64::from(*count)).sum();
        if total == 0 {
            return false;
        }
        let both = if symmetric { 2.0 } else { 1.0 };
        for row in 0..size {
            for column in 0..size {
                let mut pairs = f64::from(self.counts[row * size + column]);
                if symmetric {
                    pairs += f64::from(self.counts[column * size + row]);
                }
                self.p[row * size + column] = pairs / (both * total as f64);
            }
        }
        true
    }

    fn features(&mut self) -> Glcm {
        let size = self.levels.len();
        self.px.fill(0.0);
        self.py.fill(0.0);
        self.sums.fill(0.0);
        self.differences.fill(0.0);
        let (mut autocorrelation, mut energy, mut entropy, mut largest) = (0.0, 0.0, 0.0, 0.0_f64);
        for row in 0..size {
            let i = self.levels[row];
            for column in 0..size {
                let p = self.p[row * size + column];
                if p == 0.0 {
                    continue;
                }
                let j = self.levels[column];
                self.px[row] += p;
                self.py[column] += p;
                self.sums[(i + j) as usize] += p;
                self.differences[(i - j).abs() as usize] += p;
                autocorrelation += p * i * j;
                energy += p * p;
                entropy -= p * log2(p + EPSILON);
                largest = largest.max(p);
            }
        }
        let weighted = |p: &[f64]| {
            p.iter()
                .zip(&self.levels)
                .fold(0.0, |total, (p, level)| total + p * level)
        };
        let (mean_x, mean_y) = (weighted(&self.px), weighted(&self.py));
        let spread = |p: &[f64], mean: f64| {
            p.iter().zip(&self.levels).fold(0.0, |total, (p, level)| {
                total + p * (level - mean) * (level - mean)
            })
        };
        let (variance_x, variance_y) = (spread(&self.px, mean_x), spread(&self.py, mean_y));

        let mean_of_sum = mean_x + mean_y;
        let (mut tendency, mut shade, mut prominence) = (0.0, 0.0, 0.0);
        let (mut sum_average, mut sum_entropy) = (0.0, 0.0);
        for (k, p) in self.sums.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            let k = k as f64;
            let centred = k - mean_of_sum;
            let square = centred * centred;
            tendency += p * square;
            shade += p * square * centred;
            prominence += p * square * square;
            sum_average += p * k;
            sum_entropy -= p * log2(p + EPSILON);
        }
        let highest = self.highest as f64;
        let (mut contrast, mut average, mut difference_entropy) = (0.0, 0.0, 0.0);
        let (mut id, mut idm, mut idn, mut idmn, mut inverse_variance) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (k, p) in self
            .differences
            .iter()
            .enumerate()
            .filter(|(_, p)| **p > 0.0)
        {
            let k = k as f64;
            let square = k * k;
            contrast += p * square;
            average += p * k;
            difference_entropy -= p * log2(p + EPSILON);
            id += p / (1.0 + k);
            idm += p / (1.0 + square);
            idn += p / (1.0 + k / highest);
            idmn += p / (1.0 + square / (highest * highest));
            if k > 0.0 {
                inverse_variance += p / square;
            }
        }
        let difference_variance = self
            .differences
            .iter()
            .enumerate()
            .fold(0.0, |total, (k, p)| {
                total + p * (k as f64 - average) * (k as f64 - average)
            });

        let (mut covariance, mut cross, mut independent) = (0.0, 0.0, 0.0);
        for row in 0..size {
            for column in 0..size {
                let product = self.px[row] * self.py[column];
                let logarithm = log2(product + EPSILON);
                let p = self.p[row * size + column];
                covariance += p * (self.levels[row] - mean_x) * (self.levels[column] - mean_y);
                cross -= p * logarithm;
                independent -= product * logarithm;
            }
        }
        let deviation = (variance_x * variance_y).sqrt();
        let marginal = |p: &[f64]| p.iter().fold(0.0, |total, p| total - p * log2(p + EPSILON));
        let entropy_of_margins = marginal(&self.px).max(marginal(&self.py));
        [
            autocorrelation,
            prominence,
            shade,
            tendency,
            contrast,
            if deviation == 0.0 {
                1.0
            } else {
                covariance / (deviation + EPSILON)
            },
            average,
            difference_entropy,
            difference_variance,
            id,
            idm,
            idmn,
            idn,
            if entropy_of_margins == 0.0 {
                0.0
            } else {
                (entropy - cross) / entropy_of_margins
            },
            if independent < entropy {
                0.0
            } else {
                (1.0 - exp(-2.0 * (independent - entropy))).sqrt()
            },
            inverse_variance,
            mean_x,
            energy,
            entropy,
            self.maximal_correlation(),
            largest,
            sum_average,
            sum_entropy,
            variance_x,
        ]
    }

    /// Maximal correlation coefficient: the root of the second largest eigenvalue of
    /// Q(i, j) = Σ_k P(i, k) P(j, k) / (p_x(i) p_y(k)). Its similar symmetric form is S Sᵀ with
    /// S(i, k) = P(i, k) / √(p_x(i) p_y(k)), whose largest eigenvalue is 1 with the vector √p_x: taken out, the largest
    /// eigenvalue left is the one sought.
    fn maximal_correlation(&self) -> f64 {
        let size = self.levels.len();
        if size == 1 {
            return 1.0;
        }
        let used: Vec<usize> = (0..size)
            .filter(|row| self.px[*row] > 0.0 || self.py[*row] > 0.0)
            .collect();
        let n = used.len();
        if n < 2 {
            return 1.0;
        }
        let mut s = vec![0.0; n * n];
        for (a, row) in used.iter().enumerate() {
            for (b, column) in used.iter().enumerate() {
                let product = self.px[*row] * self.py[*column];
                if product > 0.0 {
                    s[a * n + b] = self.p[row * size + column] / product.sqrt() - product.sqrt();
                }
            }
        }
        // σ² are the eigenvalues of S Sᵀ.
        let mut square = vec![0.0; n * n];
        for a in 0..n {
            for b in 0..=a {
                let sum = (0..n).fold(0.0, |sum, k| sum + s[a * n + k] * s[b * n + k]);
                square[a * n + b] = sum;
                square[b * n + a] = sum;
            }
        }
        symmetric_eigenvalues(&square, n)
            .and_then(|values| values.last().copied())
            .map_or(f64::NAN, |value| value.max(0.0).sqrt())
    }
}
