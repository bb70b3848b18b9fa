//! IBSI's intensity histogram: the distribution of a region's levels, 23 features.
//!
//! The statistics of [`super::intensity_statistics`] of the levels; Mode is the level that occurs most often, of several
//! the nearest to the mean, then the lowest; Entropy and Uniformity as in [`super::classes::first_order`]. Gradient of
//! the counts h: (h(i + 1) − h(i − 1)) / 2, at the ends h(2) − h(1) and h(N_g) − h(N_g − 1), over all levels from 1 to
//! the highest, also those that do not occur; the first level where it is largest or least. One level: gradient 0.
//! Source: IBSI reference manual, "Intensity histogram features".

use super::distribution::Distribution;
use super::first_order::entropy_and_uniformity;
use super::levels::Levels;

pub const NAMES: [&str; 23] = [
    "Mean",
    "Variance",
    "Skewness",
    "ExcessKurtosis",
    "Median",
    "Minimum",
    "10Percentile",
    "90Percentile",
    "Maximum",
    "Mode",
    "InterquartileRange",
    "Range",
    "MeanAbsoluteDeviation",
    "RobustMeanAbsoluteDeviation",
    "MedianAbsoluteDeviation",
    "CoefficientOfVariation",
    "QuartileCoefficientOfDispersion",
    "Entropy",
    "Uniformity",
    "MaximumGradient",
    "MaximumGradientLevel",
    "MinimumGradient",
    "MinimumGradientLevel",
];

/// Values in the order of [`NAMES`].
pub type IntensityHistogram = [f64; NAMES.len()];

/// Features of a region's levels.
pub fn intensity_histogram(levels: &Levels) -> IntensityHistogram {
    let of_voxels = || {
        levels
            .voxels
            .iter()
            .map(|voxel| levels.levels[*voxel as usize])
    };
    let values: Vec<f64> = of_voxels().map(f64::from).collect();
    let d = Distribution::new(&values, 0.0);
    let mut counts = vec![0.0; usize::from(levels.highest)];
    for level in of_voxels() {
        counts[usize::from(level) - 1] += 1.0;
    }
    let (entropy, uniformity) = entropy_and_uniformity(levels);
    let gradients = gradients(&counts);
    let [(largest, largest_at), (least, least_at)] = [1.0, -1.0].map(|sign| {
        let mut found = (gradients[0], 0);
        for (place, gradient) in gradients.iter().enumerate() {
            if sign * gradient > sign * found.0 {
                found = (*gradient, place);
            }
        }
        (found.0, (found.1 + 1) as f64)
    });
    [
        d.mean,
        d.second,
        d.skewness(),
        d.excess_kurtosis(),
        d.median,
        d.minimum,
        d.p10,
        d.p90,
        d.maximum,
        mode(&counts, d.mean),
        d.p75 - d.p25,
        d.maximum - d.minimum,
        d.mean_deviation,
        d.robust_mean_deviation,
        d.median_deviation,
        d.second.sqrt() / d.mean,
        (d.p75 - d.p25) / (d.p75 + d.p25),
        entropy,
        uniformity,
        largest,
        largest_at,
        least,
        least_at,
    ]
}

fn mode(counts: &[f64], mean: f64) -> f64 {
    let mut found = (0.0, 0.0);
    for (place, count) in counts.iter().enumerate() {
        let level = (place + 1) as f64;
        let nearer = (level - mean).abs() < (found.1 - mean).abs();
        if *count > found.0 || (*count == found.0 && nearer) {
            found = (*count, level);
        }
    }
    found.1
}

fn gradients(counts: &[f64]) -> Vec<f64> {
    let last = counts.len() - 1;
    (0..=last)
        .map(|place| match (place, last) {
            (_, 0) => 0.0,
            (0, _) => counts[1] - counts[0],
            (place, last) if place == last => counts[last] - counts[last - 1],
            (place, _) => 0.5 * (counts[place + 1] - counts[place - 1]),
        })
        .collect()
}
