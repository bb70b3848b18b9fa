//! Scales and the ticks of axes. Ticks are exact decimals (whole multiples of 1, 2 or 5 times a power of ten), so their
//! labels have the same bytes everywhere.

use crate::numerics;

/// A linear map from the numbers of an axis to coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) domain: (f64, f64),
    pub(super) range: (f64, f64),
}

impl Scale {
    pub(super) fn at(&self, value: f64) -> f64 {
        let (from, to) = self.domain;
        let (start, end) = self.range;
        start + (value - from) / (to - from) * (end - start)
    }
}

/// The same for ratios: equal factors are equal distances.
#[derive(Clone, Copy, Debug)]
pub(super) struct RatioScale(Scale);

impl RatioScale {
    pub(super) fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        Self(Scale {
            domain: (numerics::ln(domain.0), numerics::ln(domain.1)),
            range,
        })
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        self.0.at(numerics::ln(value))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

/// Steps of 1, 2 or 5 times a power of ten: about so many, from the first inside the domain to the last.
pub(super) fn ticks(low: f64, high: f64, about: usize) -> Vec<Tick> {
    let (multiplier, exponent) = step((high - low) / about.max(1) as f64);
    let step = decimal(multiplier, exponent);
    if !(step > 0.0) || !step.is_finite() {
        return Vec::new();
    }
    let decimals = usize::try_from(-exponent).unwrap_or(0);
    // A tick that differs from the end of the domain only by rounding is inside.
    let first = (low / step - 1e-6).ceil();
    let last = (high / step + 1e-6).floor();
    let mut ticks = Vec::new();
    let mut index = first;
    while index <= last && ticks.len() < 1000 {
        let value = decimal(index * multiplier, exponent);
        ticks.push(Tick {
            value,
            label: number(value, decimals),
        });
        index += 1.0;
    }
    ticks
}

/// The smallest tick at or above a number.
pub(super) fn tick_above(value: f64, about: usize) -> f64 {
    let (multiplier, exponent) = step(value / about.max(1) as f64);
    let step = decimal(multiplier, exponent);
    decimal((value / step - 1e-6).ceil() * multiplier, exponent)
}

/// 1, 2 or 5 and the power of ten: the smallest such step that is not below `rough`.
fn step(rough: f64) -> (f64, i32) {
    let mut exponent = 0;
    if !(rough > 0.0) || !rough.is_finite() {
        return (1.0, 0);
    }
    while decimal(1.0, exponent) > rough && exponent > -300 {
        exponent -= 1;
    }
    while decimal(1.0, exponent + 1) <= rough && exponent < 300 {
        exponent += 1;
    }
    for multiplier in [1.0, 2.0, 5.0] {
        if decimal(multiplier, exponent) >= rough * (1.0 - 1e-9) {
            return (multiplier, exponent);
        }
    }
    (1.0, exponent + 1)
}

/// `count` × 10^`exponent`, as near as a number can be: one division for a negative exponent.
fn decimal(count: f64, exponent: i32) -> f64 {
    let mut power = 1.0;
    for _ in 0..exponent.unsigned_abs() {
        power *= 10.0;
    }
    if exponent < 0 {
        count / power
    } else {
        count * power
    }
}

/// A number on an axis, with a true minus sign; never minus zero.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.contains(|c: char| ('1'..='9').contains(&c)) => format!("−{digits}"),
        Some(digits) => digits.to_owned(),
        None => text,
    }
}

/// A number with as few decimals as say it, at most two.
pub(in crate::report) fn short_number(value: f64) -> String {
    let mut text = number(value, 2);
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}

/// Ticks of an axis of ratios: the coarsest of three series that has at least four inside the domain.
pub(super) fn ratio_ticks(low: f64, high: f64) -> Vec<Tick> {
    const SERIES: [&[f64]; 3] = [
        &[0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0],
        &[
            0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0,
            100.0, 200.0, 500.0, 1000.0,
        ],
        &[
            0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0,
            7.0, 10.0,
        ],
    ];
    let inside = |series: &[f64]| -> Vec<f64> {
        series
            .iter()
            .copied()
            .filter(|value| (low..=high).contains(value))
            .collect()
    };
    let mut chosen = Vec::new();
    for series in SERIES {
        chosen = inside(series);
        if chosen.len() >= 4 {
            break;
        }
    }
    chosen
        .into_iter()
        .map(|value| Tick {
            value,
            label: number(value, if value < 0.01 { 3 } else { 2 })
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Scale, number, ratio_ticks, short_number, tick_above, ticks};

    fn labels(low: f64, high: f64, about: usize) -> Vec<String> {
        ticks(low, high, about)
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn ticks_are_round_numbers_inside_the_domain() {
        assert_eq!(
            labels(0.0, 1.0, 5),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels(-0.05, 0.6, 6), ["0.0", "0.2", "0.4", "0.6"]);
        assert_eq!(
            labels(0.0, 60.0, 6),
            ["0", "10", "20", "30", "40", "50", "60"]
        );
        assert_eq!(
            labels(-0.02, 0.02, 4),
            ["−0.02", "−0.01", "0.00", "0.01", "0.02"]
        );
        assert!(labels(1.0, 1.0, 5).len() <= 1000);
    }

    #[test]
    fn tick_values_are_the_nearest_doubles() {
        let values: Vec<f64> = ticks(0.0, 1.0, 10)
            .into_iter()
            .map(|tick| tick.value)
            .collect();
        assert_eq!(
            values,
            [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
        );
    }

    #[test]
    fn the_tick_above() {
        assert!((tick_above(0.57, 6) - 0.6).abs() < 1e-12);
        assert!((tick_above(0.6, 6) - 0.6).abs() < 1e-12);
    }

    #[test]
    fn there_is_no_negative_zero() {
        assert_eq!(number(-0.001, 2), "0.00");
        assert_eq!(number(-0.051, 2), "−0.05");
        assert_eq!(short_number(12.0), "12");
        assert_eq!(short_number(2.50), "2.5");
        assert_eq!(short_number(0.0), "0");
    }

    #[test]
    fn ratio_ticks_are_dense_enough() {
        let labels = |low, high| -> Vec<String> {
            ratio_ticks(low, high)
                .into_iter()
                .map(|tick| tick.label)
                .collect()
        };
        assert_eq!(
            labels(0.08, 12.0),
            ["0.1", "0.2", "0.5", "1", "2", "5", "10"]
        );
        assert_eq!(labels(0.65, 1.6), ["0.7", "0.8", "0.9", "1", "1.2", "1.5"]);
    }

    #[test]
    fn a_scale_maps_ends_to_ends() {
        let scale = Scale {
            domain: (0.0, 1.0),
            range: (300.0, 10.0),
        };
        assert!((scale.at(0.0) - 300.0).abs() < 1e-12);
        assert!((scale.at(1.0) - 10.0).abs() < 1e-12);
    }
}
