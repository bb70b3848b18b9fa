//! What is needed of a distribution: moments about the mean, percentiles, absolute deviations.
//!
//! Moments divide by n. Percentiles interpolate linearly between order statistics (type 7 of Hyndman & Fan 1996). The
//! robust mean absolute deviation is that of the values from the 10th to the 90th percentile, both included, from their
//! own mean; the median absolute deviation is the mean of |x − median|. Sums are compensated, in the order of the values.

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
    /// Of values that are finite and at least one; their order is lost.
    pub(super) fn new(values: &mut [f64], shift: f64) -> Self {
        let count = values.len() as f64;
        let (mut total, mut energy) = (Sum::default(), Sum::default());
        let (mut minimum, mut maximum) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in values.iter() {
            total.add(*x);
            energy.add((x + shift) * (x + shift));
            minimum = minimum.min(*x);
            maximum = maximum.max(*x);
        }
        let mean = total.value() / count;
        let mut sums = [Sum::default(); 4];
        for x in values.iter() {
            let difference = x - mean;
            let square = difference * difference;
            sums[0].add(difference.abs());
            sums[1].add(square);
            sums[2].add(square * difference);
            sums[3].add(square * square);
        }
        let [mean_deviation, second, third, fourth] = sums.map(|sum| sum.value() / count);
        let copy = values.to_vec();
        let [p10, p25, median, p75, p90] = percentiles(values, [0.1, 0.25, 0.5, 0.75, 0.9]);
        let (mut kept_total, mut kept, mut from_median) = (Sum::default(), 0.0, Sum::default());
        for x in &copy {
            from_median.add((x - median).abs());
            let share = f64::from(u8::from(*x >= p10 && *x <= p90));
            kept_total.add(share * x);
            kept += share;
        }
        let kept_mean = kept_total.value() / kept;
        let mut from_mean = Sum::default();
        for x in &copy {
            let share = f64::from(u8::from(*x >= p10 && *x <= p90));
            from_mean.add(share * (x - kept_mean).abs());
        }
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
            robust_mean_deviation: from_mean.value() / kept,
            median_deviation: from_median.value() / count,
            energy: energy.value(),
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

/// A sum with what is lost by rounding kept apart (Knuth's two-sum).
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

/// Percentiles of ascending probabilities. Partly sorts the values.
fn percentiles<const N: usize>(values: &mut [f64], probabilities: [f64; N]) -> [f64; N] {
    let last = values.len() - 1;
    let mut done = 0;
    probabilities.map(|probability| {
        let position = probability * last as f64;
        let index = (position.floor() as usize).min(last);
        let fraction = position - position.floor();
        let (_, low, above) = values[done..].select_nth_unstable_by(index - done, f64::total_cmp);
        let low = *low;
        let high = above.iter().copied().fold(f64::INFINITY, f64::min);
        done = index;
        if fraction == 0.0 || low == high {
            low
        } else {
            low + fraction * (high - low)
        }
    })
}
