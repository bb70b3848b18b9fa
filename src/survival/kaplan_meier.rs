//! Kaplan–Meier curve with Greenwood's standard error, pointwise confidence limits, and quantiles of survival time.
//!
//! S(t) = Π_{tᵢ ≤ t} (1 − dᵢ/nᵢ); the variance of ln S(t) is v = Σ_{tᵢ ≤ t} dᵢ / (nᵢ (nᵢ − dᵢ)), so SE(S) = S √v.
//! Limits with z the normal quantile: plain S ± z S √v; log exp(ln S ± z √v); log-log S^exp(± z √v / ln S); cut to
//! [0, 1]. All are undefined where S = 0, log-log also where S = 1.
//! Quantile p: the first time with S ≤ 1 − p; where S = 1 − p over an interval (to 1.5e-8), the middle of the interval,
//! which ends at the last time if the curve does. Its limits are the same rule on the two limit curves (Brookmeyer &
//! Crowley 1982).
//! Ties: events before censorings. Times: one unit, not negative. Missing values: the caller drops rows.
//! Source: Kaplan & Meier 1958; conventions of R `survival::survfit` and `quantile.survfit`.

use serde::{Deserialize, Serialize};

use super::SurvivalError;
use super::ordering::{check, check_level, order};
use crate::numerics::{exp, ln, normal_quantile};

/// On which scale the confidence limits of a curve are symmetric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CurveInterval {
    Plain,
    /// ln S, R's default.
    Log,
    /// ln(−ln S).
    LogLog,
}

/// One row a distinct time, censorings included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KaplanMeier {
    pub interval: CurveInterval,
    /// Confidence level of `lower` and `upper`, say 0.95.
    pub level: f64,
    pub time: Vec<f64>,
    /// Patients at risk just before the time.
    pub at_risk: Vec<usize>,
    pub events: Vec<usize>,
    pub censored: Vec<usize>,
    pub survival: Vec<f64>,
    /// Of `survival`; none where survival is 0.
    pub standard_error: Vec<Option<f64>>,
    pub lower: Vec<Option<f64>>,
    pub upper: Vec<Option<f64>>,
}

/// A survival time that a share of the patients reach; none where the curve does not fall that far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalQuantile {
    pub estimate: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// The curve at one time. After the last time survival is unknown (none) unless it has come to 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    pub time: f64,
    pub at_risk: usize,
    pub survival: Option<f64>,
    pub standard_error: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// The curve of all patients given.
pub fn kaplan_meier(
    times: &[f64],
    events: &[bool],
    interval: CurveInterval,
    level: f64,
) -> Result<KaplanMeier, SurvivalError> {
    curve(times, events, interval, level, false)
}

/// The curve of the censoring time, for the median follow-up (Schemper & Smith 1996) and for censoring weights: a
/// censoring is the event, and an event ends the observation. At a tied time events leave the risk set before
/// censorings are counted (R `prodlim(reverse = TRUE)`); `at_risk` is after they left. `events` counts censorings.
pub fn reverse_kaplan_meier(
    times: &[f64],
    events: &[bool],
    interval: CurveInterval,
    level: f64,
) -> Result<KaplanMeier, SurvivalError> {
    curve(times, events, interval, level, true)
}

fn curve(
    times: &[f64],
    events: &[bool],
    interval: CurveInterval,
    level: f64,
    reverse: bool,
) -> Result<KaplanMeier, SurvivalError> {
    check(times, events)?;
    check_level(level)?;
    let rows = order(times, events, None);
    let limits = Limits::new(interval, level);
    let mut result = KaplanMeier {
        interval,
        level,
        time: Vec::new(),
        at_risk: Vec::new(),
        events: Vec::new(),
        censored: Vec::new(),
        survival: Vec::new(),
        standard_error: Vec::new(),
        lower: Vec::new(),
        upper: Vec::new(),
    };
    let mut left = rows.len();
    let mut survival = 1.0;
    let mut variance = 0.0;
    for group in rows.chunk_by(|a, b| times[*a] == times[*b]) {
        let events_here = group.iter().take_while(|row| events[**row]).count();
        let censored_here = group.len() - events_here;
        let (at_risk, steps, leave) = if reverse {
            (left - events_here, censored_here, events_here)
        } else {
            (left, events_here, censored_here)
        };
        if steps > 0 {
            let n = at_risk as f64;
            let d = steps as f64;
            survival *= (n - d) / n;
            variance += d / (n * (n - d));
        }
        let [standard_error, lower, upper] = limits.of(survival, variance);
        result.time.push(times[group[0]]);
        result.at_risk.push(at_risk);
        result.events.push(steps);
        result.censored.push(leave);
        result.survival.push(survival);
        result.standard_error.push(standard_error);
        result.lower.push(lower);
        result.upper.push(upper);
        left -= group.len();
    }
    Ok(result)
}

/// The rule that makes confidence limits from S and the variance of ln S.
struct Limits {
    interval: CurveInterval,
    z: f64,
}

impl Limits {
    fn new(interval: CurveInterval, level: f64) -> Self {
        Self {
            interval,
            z: -normal_quantile((1.0 - level) / 2.0),
        }
    }

    /// Standard error, lower and upper limit.
    fn of(&self, survival: f64, variance: f64) -> [Option<f64>; 3] {
        if !(survival > 0.0) {
            return [None; 3];
        }
        let root = variance.sqrt();
        let (lower, upper) = match self.interval {
            CurveInterval::Plain => (
                survival - self.z * survival * root,
                survival + self.z * survival * root,
            ),
            CurveInterval::Log => (
                survival * exp(-self.z * root),
                survival * exp(self.z * root),
            ),
            CurveInterval::LogLog if survival < 1.0 => {
                let hazard = -ln(survival);
                let spread = self.z * root / hazard;
                (exp(-hazard * exp(spread)), exp(-hazard * exp(-spread)))
            }
            CurveInterval::LogLog => return [Some(0.0), None, None],
        };
        [
            Some(survival * root),
            Some(lower.max(0.0)),
            Some(upper.min(1.0)),
        ]
    }
}

/// Differences below this count as a curve that runs exactly at the level asked for (R's default).
const PLATEAU: f64 = 1.490_116_119_384_765_6e-8;

impl KaplanMeier {
    /// The time by which a share `probability` of the patients have had the event, with limits.
    pub fn quantile(&self, probability: f64) -> SurvivalQuantile {
        let level = 1.0 - probability;
        SurvivalQuantile {
            estimate: self.crossing(level, |i| Some(self.survival[i])),
            lower: self.crossing(level, |i| self.lower[i]),
            upper: self.crossing(level, |i| self.upper[i]),
        }
    }

    pub fn median(&self) -> SurvivalQuantile {
        self.quantile(0.5)
    }

    /// Where a falling curve comes to `level`.
    fn crossing(&self, level: f64, height: impl Fn(usize) -> Option<f64>) -> Option<f64> {
        let size = self.time.len();
        let reached = (0..size).find(|i| height(*i).is_some_and(|h| h <= level + PLATEAU))?;
        let passed = (reached..size).find(|i| height(*i).is_some_and(|h| h <= level - PLATEAU));
        match passed {
            Some(passed) => Some((self.time[reached] + self.time[passed]) / 2.0),
            // The curve ends at the level itself.
            None => height(size - 1).map(|_| (self.time[reached] + self.time[size - 1]) / 2.0),
        }
    }

    /// The curve at the given times.
    pub fn at(&self, times: &[f64]) -> Vec<CurvePoint> {
        times.iter().map(|time| self.point(*time)).collect()
    }

    fn point(&self, time: f64) -> CurvePoint {
        let past = self.time.partition_point(|t| *t <= time);
        let next = self.time.partition_point(|t| *t < time);
        let at_risk = self.at_risk.get(next).copied().unwrap_or(0);
        let mut point = CurvePoint {
            time,
            at_risk,
            survival: None,
            standard_error: None,
            lower: None,
            upper: None,
        };
        if past == 0 {
            let [standard_error, lower, upper] =
                Limits::new(self.interval, self.level).of(1.0, 0.0);
            point.survival = Some(1.0);
            (point.standard_error, point.lower, point.upper) = (standard_error, lower, upper);
        } else if next < self.time.len() || self.survival[past - 1] == 0.0 {
            point.survival = Some(self.survival[past - 1]);
            point.standard_error = self.standard_error[past - 1];
            point.lower = self.lower[past - 1];
            point.upper = self.upper[past - 1];
        }
        point
    }
}
