//! Newton's method for the partial likelihood, and the proof that a likelihood is monotone.

use ndarray::Array2;

use super::super::SurvivalError;
use super::likelihood::Derivatives;
use super::prepared::range;
use super::{Prepared, column_name};
use crate::numerics::{Cholesky, NotPositiveDefinite, dot};
use crate::statistics::Design;

/// The maximum, on the scale of the prepared columns.
pub(super) struct Maximum {
    pub(super) beta: Vec<f64>,
    /// Inverse information.
    pub(super) covariance: Array2<f64>,
    pub(super) log_likelihood: f64,
    pub(super) null_log_likelihood: f64,
    pub(super) score_statistic: f64,
    pub(super) iterations: usize,
}

/// A pivot below this share of its diagonal element is a collinear column.
const SINGULAR: f64 = 1e-10;
/// The last step; what is left after it is of the order of its square.
const LAST_STEP: f64 = 1e-7;
const MOST_STEPS: usize = 60;
/// Below this squared length in standard errors a step no longer changes the likelihood.
const FLAT: f64 = 1e-9;
/// Towards a finite maximum steps vanish; a direction of growth stays this long at least, as a linear predictor.
const LONG_STEP: f64 = 1e-2;
/// Linear predictors that differ by more than this are proved to be finite: e²⁰ is more than any hazard ratio.
const EXTREME_PREDICTOR: f64 = 20.0;

/// Which order of a risk set makes the likelihood grow for ever.
#[derive(Clone, Copy)]
pub(super) enum Extreme {
    /// Each event has the largest value of all at risk (Breslow, Efron).
    EachEvent,
    /// No event has a smaller value than any patient at risk without an event (exact).
    AllEvents,
}

impl Extreme {
    /// For one risk set: do the events, whose values run from `low` to `high`, lie at or above all `others`?
    fn holds(self, low: f64, high: f64, others: f64, slack: f64) -> bool {
        low >= others - slack
            && match self {
                Self::EachEvent => low >= high - slack,
                Self::AllEvents => true,
            }
    }
}

pub(super) fn maximise(
    prepared: &Prepared,
    design: &Design,
    extreme: Extreme,
    mut evaluate: impl FnMut(&[f64]) -> Derivatives,
) -> Result<Maximum, SurvivalError> {
    let survey = Survey::new(prepared, extreme);
    survey.check_varies(design)?;
    survey.check_not_monotone(design)?;
    let mut beta = vec![0.0; prepared.width];
    let mut here = evaluate(&beta);
    let null_log_likelihood = here.log_likelihood;
    let mut factor = factorise(&here).map_err(|error| SurvivalError::CollinearColumn {
        column: column_name(design, error.column),
    })?;
    let mut step = factor.solve(&here.gradient);
    let score_statistic = dot(&step, &here.gradient).max(0.0);
    // The size of the terms whose sum is the likelihood, and so of its rounding.
    let rounding = 1e-12 * (1.0 + null_log_likelihood.abs());
    let mut trail = Trail {
        prepared,
        design,
        extreme,
        long_step: step.clone(),
    };
    for iterations in 1..=MOST_STEPS {
        let mut next: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + s).collect();
        let mut there = evaluate(&next);
        let largest = step.iter().fold(0.0, |m: f64, s| m.max(s.abs()));
        let mut halvings = 0;
        while !(there.log_likelihood >= here.log_likelihood - rounding) {
            if halvings == 40 {
                return Err(trail.no_maximum(&beta, &step, iterations));
            }
            halvings += 1;
            for (s, (n, b)) in step.iter_mut().zip(next.iter_mut().zip(&beta)) {
                *s /= 2.0;
                *n = b + *s;
            }
            there = evaluate(&next);
        }
        beta = next;
        here = there;
        let Ok(next_factor) = factorise(&here) else {
            return Err(trail.no_maximum(&beta, &step, iterations));
        };
        factor = next_factor;
        if largest <= LAST_STEP {
            if prepared.spread(&beta) > EXTREME_PREDICTOR {
                trail.check(&[&beta, &trail.long_step])?;
            }
            return Ok(Maximum {
                beta,
                covariance: factor.inverse(),
                log_likelihood: here.log_likelihood,
                null_log_likelihood,
                score_statistic,
                iterations,
            });
        }
        step = factor.solve(&here.gradient);
        if prepared.spread(&step) > LONG_STEP {
            trail.long_step.clone_from(&step);
            if dot(&step, &here.gradient) < FLAT {
                trail.check(&[&step])?;
            }
        }
    }
    Err(trail.no_maximum(&beta, &step, MOST_STEPS))
}

fn factorise(at: &Derivatives) -> Result<Cholesky, NotPositiveDefinite> {
    Cholesky::new(&at.information, SINGULAR)
}

/// Where the iteration may be heading for ever.
struct Trail<'a> {
    prepared: &'a Prepared,
    design: &'a Design,
    extreme: Extreme,
    /// The last step that was not small.
    long_step: Vec<f64>,
}

impl Trail<'_> {
    fn no_maximum(&self, beta: &[f64], step: &[f64], iterations: usize) -> SurvivalError {
        match self.check(&[step, &self.long_step, beta]) {
            Err(error) => error,
            Ok(()) => SurvivalError::NotConverged { iterations },
        }
    }

    /// An error if the likelihood grows for ever along one of the directions.
    fn check(&self, directions: &[&[f64]]) -> Result<(), SurvivalError> {
        for direction in directions {
            let columns = recession(self.prepared, self.design, self.extreme, direction);
            if !columns.is_empty() {
                return Err(SurvivalError::MonotoneLikelihood { columns });
            }
        }
        Ok(())
    }
}

/// What each column does in the risk sets, alone.
struct Survey {
    /// Does it vary in one of them?
    varies: Vec<bool>,
    /// Are the events of all of them at its upper end, or all at its lower end?
    monotone: Vec<bool>,
}

impl Survey {
    fn new(prepared: &Prepared, extreme: Extreme) -> Self {
        let width = prepared.width;
        let mut varies = vec![false; width];
        let mut upper = vec![true; width];
        let mut lower = vec![true; width];
        // Values of those at risk without an event, and of the events, in each column.
        let mut others = vec![[0.0; 2]; width];
        let mut ends = vec![[0.0; 2]; width];
        const NOTHING: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];
        for stratum in &prepared.strata {
            others.fill(NOTHING);
            for tied in prepared.event_times[stratum.event_times.clone()]
                .iter()
                .rev()
            {
                for place in tied.events_end..tied.end {
                    widen(&mut others, prepared.x(place));
                }
                ends.fill(NOTHING);
                for place in tied.events() {
                    widen(&mut ends, prepared.x(place));
                }
                for j in 0..width {
                    let ([low, high], [other_low, other_high]) = (ends[j], others[j]);
                    varies[j] |= low.min(other_low) < high.max(other_high);
                    upper[j] &= extreme.holds(low, high, other_high, 0.0);
                    lower[j] &= extreme.holds(-high, -low, -other_low, 0.0);
                }
                for place in tied.events() {
                    widen(&mut others, prepared.x(place));
                }
            }
        }
        Self {
            varies,
            monotone: upper.iter().zip(&lower).map(|(u, l)| *u || *l).collect(),
        }
    }

    fn check_varies(&self, design: &Design) -> Result<(), SurvivalError> {
        match self.varies.iter().position(|varies| !varies) {
            Some(column) => Err(SurvivalError::ConstantColumn {
                column: column_name(design, column),
            }),
            None => Ok(()),
        }
    }

    fn check_not_monotone(&self, design: &Design) -> Result<(), SurvivalError> {
        let found = (0..self.monotone.len()).filter(|j| self.monotone[*j]);
        let columns: Vec<String> = found.map(|j| column_name(design, j)).collect();
        if columns.is_empty() {
            Ok(())
        } else {
            Err(SurvivalError::MonotoneLikelihood { columns })
        }
    }
}

/// Every column must vary among the patients at risk at some event.
pub(super) fn check_varies(prepared: &Prepared, design: &Design) -> Result<(), SurvivalError> {
    Survey::new(prepared, Extreme::EachEvent).check_varies(design)
}

/// Widens each column's range by the value of one row.
fn widen(ranges: &mut [[f64; 2]], x: &[f64]) {
    for ([low, high], value) in ranges.iter_mut().zip(x) {
        *low = low.min(*value);
        *high = high.max(*value);
    }
}

/// The columns along which the likelihood grows for ever, if `direction` is such a direction: in every risk set the
/// linear predictors x·direction of the events are, to 1e-5 of its range, at the upper end.
fn recession(
    prepared: &Prepared,
    design: &Design,
    extreme: Extreme,
    direction: &[f64],
) -> Vec<String> {
    let score = prepared.linear_predictor(direction);
    let [low, high] = range(score.iter());
    let spread = high - low;
    let slack = 1e-5 * spread;
    for stratum in &prepared.strata {
        let mut others = f64::NEG_INFINITY;
        for tied in prepared.event_times[stratum.event_times.clone()]
            .iter()
            .rev()
        {
            others = others.max(range(score[tied.events_end..tied.end].iter())[1]);
            let [low, high] = range(score[tied.events()].iter());
            if !extreme.holds(low, high, others, slack) {
                return Vec::new();
            }
            others = others.max(high);
        }
    }
    (0..prepared.width)
        .filter(|j| {
            let [low, high] = range(prepared.x.iter().skip(*j).step_by(prepared.width));
            direction[*j].abs() * (high - low) > 1e-2 * spread
        })
        .map(|j| column_name(design, j))
        .collect()
}
