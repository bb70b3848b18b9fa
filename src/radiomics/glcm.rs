//! Gray-level co-occurrence matrix: how often levels i and j are neighbours, and 28 features of it.
//!
//! P(i, j): share of neighbouring pairs of the region in one direction whose levels are i and j, each pair counted both
//! ways if symmetric. p_x(i) = Σ_j P(i, j), p_y(j) = Σ_i P(i, j), μ_x and σ_x² their mean and variance;
//! p_{x+y}(k), k = i + j, and p_{x−y}(k), k = |i − j|, with sums over pairs; N_g the highest level of the region.
//! HXY, HX, HY: entropies of P, p_x, p_y; HXY1 = −Σ P log₂ p_x p_y; HXY2 = −Σ p_x p_y log₂ p_x p_y; every logarithm is of
//! its argument + 2⁻⁵².
//! - Autocorrelation Σ P i j; JointAverage μ_x; JointEnergy Σ P²; JointEntropy HXY; MaximumProbability max P;
//!   SumSquares σ_x²; Correlation Σ P (i − μ_x)(j − μ_y) / (σ_x σ_y + 2⁻⁵²), 1 where σ_x σ_y = 0.
//! - ClusterTendency, ClusterShade, ClusterProminence Σ p_{x+y} (k − μ_x − μ_y)^m, m = 2, 3, 4; SumAverage Σ p_{x+y} k;
//!   SumEntropy; SumVariance is ClusterTendency.
//! - Contrast Σ p_{x−y} k²; DifferenceAverage Σ p_{x−y} k; DifferenceVariance, DifferenceEntropy; Id, Idm, Idn, Idmn
//!   Σ p_{x−y} / (1 + w), w = k, k², k/N_g, k²/N_g²; InverseVariance Σ_{k>0} p_{x−y} / k². Dissimilarity is
//!   DifferenceAverage, Homogeneity1 is Id, Homogeneity2 is Idm.
//! - Imc1 (HXY − HXY1) / max(HX, HY), 0 where that is 0; Imc2 √(1 − e^(−2 (HXY2 − HXY))), 0 where HXY2 ≤ HXY.
//! - MCC: see `maximal_correlation`; 1 where the region has one level.
//!
//! Features are computed for each of the 13 directions (4 in a plane) of each distance and averaged, or the matrices are
//! merged; a matrix without a pair is left out.
//! Source: Haralick 1973; conventions of PyRadiomics 3.0.1 and IBSI.

use crate::numerics::{exp, log2};

use super::aggregation::{Directions, Space, means};
use super::eigen::largest_magnitude;
use super::levels::Levels;

const EPSILON: f64 = f64::EPSILON;

/// Values in the order of [`NAMES`].
pub type Glcm = [f64; NAMES.len()];

pub const NAMES: [&str; 28] = [
    "Autocorrelation",
    "ClusterProminence",
    "ClusterShade",
    "ClusterTendency",
    "Contrast",
    "Correlation",
    "DifferenceAverage",
    "DifferenceEntropy",
    "DifferenceVariance",
    "Dissimilarity",
    "Homogeneity1",
    "Homogeneity2",
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
    "SumVariance",
];

/// How pairs are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlcmOptions {
    /// Neighbours at these distances (voxels, the largest component of the step).
    pub distances: Vec<u32>,
    pub space: Space,
    pub directions: Directions,
    /// Count each pair both ways.
    pub symmetric: bool,
}

/// The features of a region; none if it has no pair of neighbours in any direction (PyRadiomics: NaN).
pub fn glcm(levels: &Levels, options: &GlcmOptions) -> Option<Glcm> {
    let reach = options.distances.iter().copied().max().unwrap_or(1) as usize;
    let mut all = Vec::new();
    if options.space == Space::EachSlice {
        for slice in levels.slices() {
            of_directions(&slice.with_reach(reach), options, &mut all);
        }
    } else if reach > 1 {
        of_directions(&levels.with_reach(reach), options, &mut all);
    } else {
        of_directions(levels, options, &mut all);
    }
    (!all.is_empty()).then(|| means(&all))
}

/// Adds the features of each direction that has pairs, or of their merged matrix.
fn of_directions(levels: &Levels, options: &GlcmOptions, all: &mut Vec<Glcm>) {
    let mut work = Work::new(levels, options.symmetric);
    for step in levels.directions(&options.distances, options.space.in_plane()) {
        count(levels, levels.offset(step), &mut work.counts);
        match options.directions {
            Directions::Averaged => {
                work.p.fill(0.0);
                work.add(1.0);
                if work.normalize() {
                    all.push(work.features());
                }
            }
            Directions::Merged(weighting) => work.add(weighting.weight(step, levels.spacing)),
        }
    }
    if let Directions::Merged(_) = options.directions
        && work.normalize()
    {
        all.push(work.features());
    }
}

/// Counts pairs by the places of their levels; row and column 0 are outside the region.
pub(super) fn count(levels: &Levels, offset: isize, counts: &mut [u32]) {
    counts.fill(0);
    let width = levels.present.len() + 1;
    for span in &levels.spans {
        let neighbours = span.start.wrapping_add_signed(offset);
        let neighbours = &levels.places[neighbours..neighbours + span.len()];
        for (row, column) in levels.places[span.clone()].iter().zip(neighbours) {
            counts[usize::from(*row) * width + usize::from(*column)] += 1;
        }
    }
}

/// One matrix and its margins, kept between directions.
struct Work {
    levels: Vec<f64>,
    highest: f64,
    symmetric: bool,
    counts: Vec<u32>,
    p: Vec<f64>,
    px: Vec<f64>,
    py: Vec<f64>,
    sums: Vec<f64>,
    differences: Vec<f64>,
}

impl Work {
    fn new(levels: &Levels, symmetric: bool) -> Self {
        let size = levels.present.len();
        let highest = usize::from(levels.highest);
        Self {
            levels: levels
                .present
                .iter()
                .map(|level| f64::from(*level))
                .collect(),
            highest: f64::from(levels.highest),
            symmetric,
            counts: vec![0; (size + 1) * (size + 1)],
            p: vec![0.0; size * size],
            px: vec![0.0; size],
            py: vec![0.0; size],
            sums: vec![0.0; 2 * highest + 1],
            differences: vec![0.0; highest],
        }
    }

    /// Adds the counted pairs to the matrix.
    fn add(&mut self, weight: f64) {
        let size = self.levels.len();
        let width = size + 1;
        for row in 0..size {
            for column in 0..size {
                let mut pairs = f64::from(self.counts[(row + 1) * width + column + 1]);
                if self.symmetric {
                    pairs += f64::from(self.counts[(column + 1) * width + row + 1]);
                }
                self.p[row * size + column] += weight * pairs;
            }
        }
    }

    /// Makes counts shares; false if there are none.
    fn normalize(&mut self) -> bool {
        let total = self.p.iter().fold(0.0, |total, pairs| total + pairs);
        if total == 0.0 {
            return false;
        }
        for p in &mut self.p {
            *p /= total;
        }
        true
    }

    fn margins(&mut self) {
        let size = self.levels.len();
        self.px.fill(0.0);
        self.py.fill(0.0);
        self.sums.fill(0.0);
        self.differences.fill(0.0);
        for (row, p) in self.p.chunks_exact(size).enumerate() {
            let i = self.levels[row];
            for ((p, j), py) in p.iter().zip(&self.levels).zip(&mut self.py) {
                if *p > 0.0 {
                    self.px[row] += p;
                    *py += p;
                    self.sums[(i + j) as usize] += p;
                    self.differences[(i - j).abs() as usize] += p;
                }
            }
        }
    }

    /// Autocorrelation, covariance, energy, entropy, the largest share, HXY1 and HXY2.
    fn joint(&self, mean_x: f64, mean_y: f64) -> [f64; 7] {
        let size = self.levels.len();
        let [mut autocorrelation, mut covariance, mut energy] = [0.0; 3];
        let [mut entropy, mut largest, mut cross, mut independent] = [0.0_f64; 4];
        for row in 0..size {
            let (i, px) = (self.levels[row], self.px[row]);
            for column in if self.symmetric { row } else { 0 }..size {
                // In a symmetric matrix each share off the diagonal stands for two.
                let times = if self.symmetric && column > row {
                    2.0
                } else {
                    1.0
                };
                let (j, py) = (self.levels[column], self.py[column]);
                let product = px * py;
                let logarithm = times * log2(product + EPSILON);
                independent -= product * logarithm;
                let p = self.p[row * size + column];
                if p > 0.0 {
                    cross -= p * logarithm;
                    autocorrelation += times * p * i * j;
                    covariance += times * p * (i - mean_x) * (j - mean_y);
                    energy += times * p * p;
                    entropy -= times * p * log2(p + EPSILON);
                    largest = largest.max(p);
                }
            }
        }
        [
            autocorrelation,
            covariance,
            energy,
            entropy,
            largest,
            cross,
            independent,
        ]
    }

    fn features(&mut self) -> Glcm {
        self.margins();
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
        let [
            autocorrelation,
            covariance,
            energy,
            entropy,
            largest,
            cross,
            independent,
        ] = self.joint(mean_x, mean_y);
        let deviation = (variance_x * variance_y).sqrt();
        let correlation = if deviation == 0.0 {
            1.0
        } else {
            covariance / (deviation + EPSILON)
        };
        let entropy_of = |p: &[f64]| p.iter().fold(0.0, |total, p| total - p * log2(p + EPSILON));
        let margins = entropy_of(&self.px).max(entropy_of(&self.py));
        let imc1 = if margins == 0.0 {
            0.0
        } else {
            (entropy - cross) / margins
        };
        let imc2 = if independent <= entropy {
            0.0
        } else {
            (1.0 - exp(-2.0 * (independent - entropy))).sqrt()
        };

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
        let differences = || {
            self.differences
                .iter()
                .enumerate()
                .filter(|(_, p)| **p > 0.0)
                .map(|(k, p)| (k as f64, p))
        };
        let (mut contrast, mut average, mut difference_entropy) = (0.0, 0.0, 0.0);
        let (mut id, mut idm, mut idn, mut idmn, mut inverse_variance) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (k, p) in differences() {
            let square = k * k;
            contrast += p * square;
            average += p * k;
            difference_entropy -= p * log2(p + EPSILON);
            id += p / (1.0 + k);
            idm += p / (1.0 + square);
            idn += p / (1.0 + k / self.highest);
            idmn += p / (1.0 + square / (self.highest * self.highest));
            if k > 0.0 {
                inverse_variance += p / square;
            }
        }
        let difference_variance = differences().fold(0.0, |total, (k, p)| {
            total + p * (k - average) * (k - average)
        });
        [
            autocorrelation,
            prominence,
            shade,
            tendency,
            contrast,
            correlation,
            average,
            difference_entropy,
            difference_variance,
            average,
            id,
            idm,
            id,
            idm,
            idmn,
            idn,
            imc1,
            imc2,
            inverse_variance,
            mean_x,
            energy,
            entropy,
            self.maximal_correlation(),
            largest,
            sum_average,
            sum_entropy,
            variance_x,
            tendency,
        ]
    }

    /// Maximal correlation coefficient: the root of the second largest eigenvalue of
    /// Q(i, j) = Σ_k P(i, k) P(j, k) / (p_x(i) p_y(k)). With S(i, k) = P(i, k) / √(p_x(i) p_y(k)) it has the eigenvalues
    /// of S Sᵀ, whose largest is 1 with the vector √p_x: taken out, the largest eigenvalue left is the one sought. If P is
    /// symmetric so is S, and it is the square of S's eigenvalue of largest magnitude.
    fn maximal_correlation(&self) -> f64 {
        let size = self.levels.len();
        if size == 1 {
            return 1.0;
        }
        let used: Vec<usize> = (0..size)
            .filter(|row| self.px[*row] > 0.0 || self.py[*row] > 0.0)
            .collect();
        let n = used.len();
        let mut s = vec![0.0; n * n];
        for (row, s) in used.iter().zip(s.chunks_exact_mut(n)) {
            for (column, s) in used.iter().zip(s) {
                let product = self.px[*row] * self.py[*column];
                if product > 0.0 {
                    let root = product.sqrt();
                    *s = self.p[row * size + column] / root - root;
                }
            }
        }
        if self.symmetric {
            return largest_magnitude(s, n);
        }
        let mut square = vec![0.0; n * n];
        for a in 0..n {
            for b in 0..=a {
                let sum = (0..n).fold(0.0, |sum, k| sum + s[a * n + k] * s[b * n + k]);
                square[a * n + b] = sum;
                square[b * n + a] = sum;
            }
        }
        largest_magnitude(square, n).sqrt()
    }
}
