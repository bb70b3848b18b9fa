//! What is needed of a distribution: moments about the mean, percentiles, absolute deviations.
//!
//! Moments divide by n. Percentiles interpolate linearly between order statistics (type 7 of Hyndman & Fan 1996). The
//! robust mean absolute deviation is that of the values from the 10th to the 90th percentile, both included, from their
//! own mean; the median absolute deviation is the mean of |x − median|. Sums are in a fixed order.

/// A value's summary; all in the units of the values or their powers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Distribution {
    pub(super) count: f64,
    pub(super) mean: f64,
    /// Moments about the mean.
    pub(super) second: f64,
    pub(super) third: f64,
    pub(super) fourth: f64,
    pub(super) minimum: f64,
    pub(super) maximum: f64,
    /// Percentiles.
    pub(super) p10: f64,
    pub(super) p25: f64,
    pub(super) median: f64,
    pub(super) p75: f64,
    pub(super) p90: f64,
    pub(super) mean_deviation: f64,
    pub(super) robust_mean_deviation: f64,
    pub(super) median_deviation: f64,
    /// Σ (x + shift)².
    pub(super) energy: f64,
}

impl Distribution {
    /// Of values that are finite and at least one.
    pub(super) fn new(values: &[f64], shift: f64) -> Self {
        let count = values.len() as f64;
        let [total, energy] = sums(values, |x| [x, (x + shift) * (x + shift)]);
        let mean = total / count;
        let moments = sums(values, |x| {
            let difference = x - mean;
            let square = difference * difference;
            [
                difference.abs(),
                square,
                square * difference,
                square * square,
            ]
        });
        let [mean_deviation, second, third, fourth] = moments.map(|sum| sum / count);
        let (minimum, maximum) = extremes(values);
        let [p10, p25, median, p75, p90] =
            percentiles(values, (minimum, maximum), [0.1, 0.25, 0.5, 0.75, 0.9]);
        let share = |x: f64| f64::from(u8::from(x >= p10 && x <= p90));
        let [from_median, kept_total, kept] =
            sums(values, |x| [(x - median).abs(), share(x) * x, share(x)]);
        let kept_mean = kept_total / kept;
        let [from_mean] = sums(values, |x| [share(x) * (x - kept_mean).abs()]);
        Self {
            count,
            mean,
            second,
            third,
            fourth,
            minimum,
            maximum,
            p10,
            p25,
            median,
            p75,
            p90,
            mean_deviation,
            robust_mean_deviation: from_mean / kept,
            median_deviation: from_median / count,
            energy,
        }
    }

    /// Third moment over the 3/2-th power of the second; 0 of equal values.
    pub(super) fn skewness(&self) -> f64 {
        if self.second == 0.0 {
            0.0
        } else {
            self.third / (self.second * self.second.sqrt())
        }
    }

    /// Fourth moment over the square of the second, 3 of a normal distribution; 0 of equal values.
    pub(super) fn kurtosis(&self) -> f64 {
        if self.second == 0.0 {
            0.0
        } else {
            self.fourth / (self.second * self.second)
        }
    }

    /// The kurtosis less 3, 0 of a normal distribution; 0 of equal values.
    pub(super) fn excess_kurtosis(&self) -> f64 {
        if self.second == 0.0 {
            0.0
        } else {
            self.kurtosis() - 3.0
        }
    }
}

/// Sums of terms of the values. Within blocks every fourth value goes to the same partial sum, so that additions need
/// not wait for each other; the sums of the blocks are compensated (Knuth's two-sum). What is lost is at most that of 32
/// additions, however many the values.
fn sums<const N: usize>(values: &[f64], terms: impl Fn(f64) -> [f64; N]) -> [f64; N] {
    const BLOCK: usize = 32 * PARTS;
    let mut totals = [Sum::default(); N];
    for block in values.chunks(BLOCK) {
        let mut partial = [[0.0; PARTS]; N];
        let mut chunks = block.chunks_exact(PARTS);
        for chunk in &mut chunks {
            for (part, x) in chunk.iter().enumerate() {
                for (sums, term) in partial.iter_mut().zip(terms(*x)) {
                    sums[part] += term;
                }
            }
        }
        for x in chunks.remainder() {
            for (sums, term) in partial.iter_mut().zip(terms(*x)) {
                sums[0] += term;
            }
        }
        for (total, [a, b, c, d]) in totals.iter_mut().zip(partial) {
            total.add((a + b) + (c + d));
        }
    }
    totals.map(Sum::value)
}

const PARTS: usize = 4;

#[derive(Clone, Copy, Default)]
struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        let next = self.total + value;
        let part = next - self.total;
        self.lost += (self.total - (next - part)) + (value - part);
        self.total = next;
    }

    fn value(self) -> f64 {
        if self.lost.is_finite() {
            self.total + self.lost
        } else {
            self.total
        }
    }
}

/// The smallest and the largest of finite values.
pub(super) fn extremes(values: &[f64]) -> (f64, f64) {
    let (mut low, mut high) = ([f64::INFINITY; PARTS], [f64::NEG_INFINITY; PARTS]);
    let mut chunks = values.chunks_exact(PARTS);
    for chunk in &mut chunks {
        for (part, x) in chunk.iter().enumerate() {
            low[part] = if *x < low[part] { *x } else { low[part] };
            high[part] = if *x > high[part] { *x } else { high[part] };
        }
    }
    let ends = low.iter().chain(&high).chain(chunks.remainder());
    ends.filter(|x| x.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(*x), high.max(*x))
        })
}

/// Percentiles of ascending probabilities, of values between these extremes.
///
/// Values are counted in narrow bins of equal width; only the bins that hold an order statistic are sorted.
fn percentiles<const N: usize>(
    values: &[f64],
    (minimum, maximum): (f64, f64),
    probabilities: [f64; N],
) -> [f64; N] {
    const BINS: usize = 2048;
    let width = maximum - minimum;
    let scale = BINS as f64 / width;
    // A range too narrow or too wide for bins: one bin.
    let scale = if scale.is_finite() && width.is_finite() {
        scale
    } else {
        0.0
    };
    // Never falls as x rises, so that bins are in order.
    let bin = |x: f64| (((x - minimum) * scale) as i32).clamp(0, BINS as i32 - 1) as u16;
    let mut counts = vec![0_u32; BINS];
    let mut bins = Vec::with_capacity(values.len());
    for x in values {
        let bin = bin(*x);
        counts[usize::from(bin)] += 1;
        bins.push(bin);
    }
    let last = values.len() - 1;
    let ranks = probabilities.map(|probability| {
        let position = probability * last as f64;
        let index = (position.floor() as usize).min(last);
        (index, position - position.floor())
    });
    let mut wanted = vec![false; BINS];
    let mut first_rank = vec![0_usize; BINS];
    let mut before = 0;
    for (bin, count) in counts.iter().enumerate() {
        first_rank[bin] = before;
        let after = before + *count as usize;
        wanted[bin] = ranks.iter().any(|(index, _)| {
            [*index, (index + 1).min(last)]
                .iter()
                .any(|rank| (before..after).contains(rank))
        });
        before = after;
    }
    let mut kept: Vec<f64> = values
        .iter()
        .zip(&bins)
        .filter(|(_, bin)| wanted[usize::from(**bin)])
        .map(|(x, _)| *x)
        .collect();
    kept.sort_unstable_by(f64::total_cmp);
    let order_statistic = |rank: usize| {
        let bin = first_rank.partition_point(|first| *first <= rank) - 1;
        let skipped: usize = (0..bin)
            .filter(|bin| !wanted[*bin])
            .map(|bin| counts[bin] as usize)
            .sum();
        kept[rank - skipped]
    };
    ranks.map(|(index, fraction)| {
        let low = order_statistic(index);
        let high = order_statistic((index + 1).min(last));
        if fraction == 0.0 || low == high {
            low
        } else {
            low + fraction * (high - low)
        }
    })
}
