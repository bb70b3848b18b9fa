//! Discrimination, cut-offs, calibration and net benefit: laws that must hold on any data, examples that can be followed
//! by hand, and bad data with the messages it gets. Agreement with other programs is tested by the reference cases.

use prereg::numerics::{Random, exp, expit, ln, normal_quantile};
use prereg::statistics::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_220_818),
        ..ProptestConfig::default()
    }
}

fn flags(values: &[u8]) -> Vec<bool> {
    values.iter().map(|v| *v == 1).collect()
}

fn pick<T: Clone>(values: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|i| values[*i].clone()).collect()
}

#[track_caller]
fn close(a: f64, b: f64, tolerance: f64) {
    assert!(
        (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs())),
        "{a} is not {b}"
    );
}

/// Two scores (the second with many ties), a probability, an outcome, and an order of rows.
#[derive(Clone, Debug)]
struct Sample {
    outcome: Vec<bool>,
    a: Vec<f64>,
    b: Vec<f64>,
    probability: Vec<f64>,
    order: Vec<usize>,
}

fn sample() -> impl Strategy<Value = Sample> {
    (12_usize..90, any::<u64>()).prop_map(|(n, seed)| {
        let mut random = Random::new(seed, "scores");
        let a: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let b: Vec<f64> = a.iter().map(|a| (a + random.normal()).round()).collect();
        let probability: Vec<f64> = a.iter().map(|a| expit(0.8 * a - 0.3)).collect();
        let mut outcome: Vec<bool> = probability.iter().map(|p| random.unit() < *p).collect();
        // Two of each class at least.
        for (i, y) in [true, false, true, false].into_iter().enumerate() {
            outcome[i] = y;
        }
        let mut order: Vec<usize> = (0..n).collect();
        random.shuffle(&mut order);
        Sample {
            outcome,
            a,
            b,
            probability,
            order,
        }
    })
}

/// Wins and half ties of every pair, and DeLong's variance of the differences, as the formulas say.
fn delong_by_pairs(outcome: &[bool], a: &[f64], b: &[f64]) -> (f64, f64) {
    let rows = |wanted: bool| -> Vec<usize> {
        (0..outcome.len())
            .filter(|i| outcome[*i] == wanted)
            .collect()
    };
    let (events, others) = (rows(true), rows(false));
    let kernel = |s: &[f64], i: usize, j: usize| {
        if s[i] > s[j] {
            1.0
        } else if s[i] < s[j] {
            0.0
        } else {
            0.5
        }
    };
    let difference = |i: usize, j: usize| kernel(a, i, j) - kernel(b, i, j);
    let v10: Vec<f64> = events
        .iter()
        .map(|i| others.iter().map(|j| difference(*i, *j)).sum::<f64>() / others.len() as f64)
        .collect();
    let v01: Vec<f64> = others
        .iter()
        .map(|j| events.iter().map(|i| difference(*i, *j)).sum::<f64>() / events.len() as f64)
        .collect();
    let mean = v10.iter().sum::<f64>() / v10.len() as f64;
    let part = |v: &[f64]| {
        v.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
            / (v.len() as f64 - 1.0)
            / v.len() as f64
    };
    (mean, part(&v10) + part(&v01))
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn a_reversed_score_has_the_complement(s in sample()) {
        let reversed: Vec<f64> = s.b.iter().map(|b| -b).collect();
        let plain = auc_delong(&s.outcome, &s.b, 0.95).unwrap();
        let other = auc_delong(&s.outcome, &reversed, 0.95).unwrap();
        close(plain.auc, 1.0 - other.auc, 1e-15);
        assert_eq!(plain.variance.to_bits(), other.variance.to_bits());
        assert_eq!(plain.auc, auc(&s.outcome, &s.b).unwrap());
    }

    #[test]
    fn delong_looks_only_at_the_order_of_scores(s in sample()) {
        let curved: Vec<f64> = s.a.iter().map(|a| exp(0.5 * a) + 3.0).collect();
        let plain = delong_paired(&s.outcome, &s.a, &s.b, 0.95).unwrap();
        assert_eq!(&plain, &delong_paired(&s.outcome, &curved, &s.b, 0.95).unwrap());
        let t = (pick(&s.outcome, &s.order), pick(&s.a, &s.order), pick(&s.b, &s.order));
        assert_eq!(&plain, &delong_paired(&t.0, &t.1, &t.2, 0.95).unwrap());
        let turned = delong_paired(&s.outcome, &s.b, &s.a, 0.95).unwrap();
        assert_eq!(plain.z, turned.z.map(|z| -z));
        assert_eq!(plain.p_value, turned.p_value);
        let same = delong_paired(&s.outcome, &s.a, &curved, 0.95).unwrap();
        assert_eq!((same.result, same.z, same.p_value, same.difference), (Difference::None, None, None, 0.0));
    }

    #[test]
    fn delong_is_what_its_formulas_say(s in sample()) {
        let test = delong_paired(&s.outcome, &s.a, &s.b, 0.95).unwrap();
        let (difference, variance) = delong_by_pairs(&s.outcome, &s.a, &s.b);
        close(test.difference, difference, 1e-13);
        close(test.difference_standard_error, variance.sqrt(), 1e-12);
        close(variance, test.a.variance + test.b.variance - 2.0 * test.covariance, 1e-12);
        let matrix = auc_covariance(&s.outcome, &[&s.a, &s.b]).unwrap();
        assert_eq!(matrix.covariance[0][0], test.a.variance);
        assert_eq!(matrix.covariance[0][1], test.covariance);
        assert_eq!(matrix.covariance[1][0], test.covariance);
        assert!(test.a.low <= test.a.auc && test.a.auc <= test.a.high);
    }

    #[test]
    fn the_area_is_that_under_the_curve(s in sample()) {
        let curve = roc_curve(&s.outcome, &s.b).unwrap();
        let area: f64 = curve
            .windows(2)
            .map(|w| (w[0].specificity - w[1].specificity) * (w[0].sensitivity + w[1].sensitivity) / 2.0)
            .sum();
        close(area, auc(&s.outcome, &s.b).unwrap(), 1e-12);
        let last = curve.last().unwrap();
        assert_eq!((curve[0].cutoff, curve[0].sensitivity, curve[0].specificity), (None, 0.0, 1.0));
        assert_eq!((last.sensitivity, last.specificity), (1.0, 0.0));
    }

    #[test]
    fn cutoffs_are_the_best_observed_ones(s in sample()) {
        let rates = |c: f64| {
            let share = |wanted: bool, positive: bool| {
                let of: Vec<bool> = s.outcome.iter().zip(&s.b).filter(|p| *p.0 == wanted).map(|p| (*p.1 >= c) == positive).collect();
                of.iter().filter(|x| **x).count() as f64 / of.len() as f64
            };
            (share(true, true), share(false, false))
        };
        let youden = |c: f64| { let (se, sp) = rates(c); se + sp - 1.0 };
        if let Ok(found) = youden_cutoff(&s.outcome, &s.b) {
            assert!(s.b.iter().all(|c| youden(*c) <= found.youden_index + 1e-12));
            close(youden(found.cutoff), found.youden_index, 1e-12);
            assert_eq!(found.cutoff, found.tied_cutoffs[0]);
            assert!(found.tied_cutoffs.windows(2).all(|w| w[0] < w[1]));
        } else {
            assert!(s.b.iter().all(|c| youden(*c) <= 1e-12));
        }
        if s.b.iter().all(|b| *b == s.b[0]) {
            return Ok(());
        }
        let sensitive = sensitivity_cutoff(&s.outcome, &s.b, 0.9).unwrap();
        assert!(rates(sensitive.cutoff).0 >= 0.9);
        assert!(s.b.iter().all(|c| *c <= sensitive.cutoff || rates(*c).0 < 0.9));
        if let Ok(specific) = specificity_cutoff(&s.outcome, &s.b, 0.8) {
            assert!(rates(specific.cutoff).1 >= 0.8);
            assert!(s.b.iter().all(|c| *c >= specific.cutoff || rates(*c).1 < 0.8));
        }
    }

    #[test]
    fn net_benefit_begins_at_the_prevalence(s in sample()) {
        let low = s.probability.iter().copied().fold(1.0, f64::min);
        let curve = decision_curve(&s.outcome, &s.probability, &[0.0, low, 0.3, 0.999_999]).unwrap();
        close(curve.model[0], curve.prevalence, 1e-15);
        close(curve.treat_all[0], curve.prevalence, 1e-15);
        close(curve.model[1], curve.treat_all[1], 1e-12);
        assert_eq!(curve.model[3], 0.0);
        close(curve.standardized_model[0], 1.0, 1e-12);
        let counted = |event: bool| s.outcome.iter().zip(&s.probability).filter(|(y, p)| **y == event && **p >= 0.3).count() as f64;
        let by_hand = (counted(true) - counted(false) * (0.3 / 0.7)) / s.outcome.len() as f64;
        close(curve.model[2], by_hand, 1e-14);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(s in sample()) {
        let (outcome, p) = (pick(&s.outcome, &s.order), pick(&s.probability, &s.order));
        let b: Vec<f64> = s.b.iter().map(|b| expit(*b)).collect();
        let shuffled_b = pick(&b, &s.order);
        let same = |x: f64, y: f64| close(x, y, 1e-12);
        match (calibration_measures(&s.outcome, &s.probability, 0.95), calibration_measures(&outcome, &p, 0.95)) {
            (Ok(x), Ok(y)) => {
                same(x.brier, y.brier);
                same(x.intercept.unwrap().estimate, y.intercept.unwrap().estimate);
                if let (Some(x), Some(y)) = (x.slope, y.slope) {
                    same(x.estimate, y.estimate);
                }
            }
            (x, y) => assert_eq!(x, y),
        }
        if let (Ok(x), Ok(y)) = (smoothed_calibration(&s.outcome, &b, 0.75, 2), smoothed_calibration(&outcome, &shuffled_b, 0.75, 2)) {
            close(x.ici, y.ici, 1e-9);
        }
        if let (Ok(x), Ok(y)) = (hosmer_lemeshow(&s.outcome, &b, 5), hosmer_lemeshow(&outcome, &shuffled_b, 5)) {
            same(x.chi_squared, y.chi_squared);
        }
        let x = net_reclassification(&s.outcome, &s.probability, &b, &[]).unwrap();
        let y = net_reclassification(&outcome, &p, &shuffled_b, &[]).unwrap();
        same(x.nri.estimate, y.nri.estimate);
        same(x.idi.estimate, y.idi.estimate);
    }

    #[test]
    fn risk_groups_hold_everybody_once(s in sample(), groups in 3_usize..12) {
        let Ok(test) = hosmer_lemeshow(&s.outcome, &s.probability, groups) else { return Ok(()) };
        assert!(test.groups.len() <= groups);
        assert_eq!(test.groups.iter().map(|g| g.patients).sum::<usize>(), s.outcome.len());
        assert_eq!(test.groups.iter().map(|g| g.observed).sum::<usize>(), s.outcome.iter().filter(|y| **y).count());
        close(test.groups.iter().map(|g| g.expected).sum(), s.probability.iter().sum(), 1e-12);
        assert!(test.groups.windows(2).all(|w| w[0].highest < w[1].lowest));
    }

    #[test]
    fn reclassification_turns_around_with_the_models(s in sample()) {
        let b: Vec<f64> = s.b.iter().map(|b| expit(*b)).collect();
        let forth = net_reclassification(&s.outcome, &s.probability, &b, &[]).unwrap();
        let back = net_reclassification(&s.outcome, &b, &s.probability, &[]).unwrap();
        close(forth.nri.estimate, -back.nri.estimate, 1e-13);
        close(forth.idi.estimate, -back.idi.estimate, 1e-13);
        close(forth.idi.standard_error, back.idi.standard_error, 1e-12);
        let none = net_reclassification(&s.outcome, &b, &b, &[0.2, 0.5]).unwrap();
        assert_eq!((none.nri.estimate, none.nri.z, none.idi.p_value), (0.0, None, None));
    }

    #[test]
    fn smoothers_reproduce_what_they_fit(s in sample(), slope in -3.0..3.0_f64, curve in -2.0..2.0_f64) {
        let line: Vec<f64> = s.a.iter().map(|x| 1.0 + slope * x).collect();
        let parabola: Vec<f64> = s.a.iter().map(|x| 1.0 + slope * x + curve * x * x).collect();
        for (value, y) in lowess(&s.a, &line, 2.0 / 3.0, 0.0).unwrap().iter().zip(&line) {
            close(*value, *y, 1e-9);
        }
        for (value, y) in loess(&s.a, &line, 0.75, 1).unwrap().iter().zip(&line) {
            close(*value, *y, 1e-9);
        }
        for (value, y) in loess(&s.a, &parabola, 0.9, 2).unwrap().iter().zip(&parabola) {
            close(*value, *y, 1e-7);
        }
    }

    #[test]
    fn lowess_is_what_its_definition_says(s in sample()) {
        // The second score has ties; every point is fitted.
        let y: Vec<f64> = s.outcome.iter().map(|y| f64::from(*y)).collect();
        let smooth = lowess(&s.b, &y, 0.5, 0.0).unwrap();
        for (at, value) in s.b.iter().zip(&smooth) {
            close(*value, lowess_by_definition(&s.b, &y, 0.5, *at), 1e-10);
        }
        // Knots apart are joined by straight lines, so every value lies in between.
        let coarse = lowess(&s.a, &y, 0.5, 0.2).unwrap();
        assert!(coarse.iter().all(|v| v.is_finite()));
        let first = (0..s.a.len()).min_by(|i, j| s.a[*i].total_cmp(&s.a[*j])).unwrap();
        close(coarse[first], lowess_by_definition(&s.a, &y, 0.5, s.a[first]), 1e-10);
    }
}

fn lowess_by_definition(x: &[f64], y: &[f64], span: f64, at: f64) -> f64 {
    let mut distances: Vec<f64> = x.iter().map(|x| (x - at).abs()).collect();
    distances.sort_by(f64::total_cmp);
    let size = ((span * x.len() as f64 + 1e-7).floor() as usize).clamp(2, x.len());
    let h = distances[size - 1];
    let weights: Vec<f64> = x
        .iter()
        .map(|x| {
            let d = (x - at).abs();
            if d > 0.999 * h {
                0.0
            } else if d <= 0.001 * h {
                1.0
            } else {
                let u = d / h;
                let t = 1.0 - u * u * u;
                t * t * t
            }
        })
        .collect();
    // The points at the bandwidth itself have no weight, but where it is 0 they are all there is.
    let weights: Vec<f64> = if h == 0.0 {
        x.iter().map(|x| f64::from(*x == at)).collect()
    } else {
        weights
    };
    let total: f64 = weights.iter().sum();
    let mean =
        |v: &dyn Fn(usize) -> f64| (0..x.len()).map(|i| weights[i] * v(i)).sum::<f64>() / total;
    let centre = mean(&|i| x[i]);
    let spread = mean(&|i| (x[i] - centre) * (x[i] - centre));
    let level = mean(&|i| y[i]);
    let range =
        x.iter().copied().fold(f64::MIN, f64::max) - x.iter().copied().fold(f64::MAX, f64::min);
    if spread.sqrt() > 0.001 * range {
        level + (at - centre) * mean(&|i| (x[i] - centre) * y[i]) / spread
    } else {
        level
    }
}

#[test]
fn a_small_curve_can_be_followed_by_hand() {
    let outcome = flags(&[0, 1, 0, 1]);
    let score = [1.0, 2.0, 2.0, 3.0];
    // Of 4 pairs: 2 > 1, 2 = 2, 3 > 1, 3 > 2.
    assert_eq!(auc(&outcome, &score).unwrap(), 3.5 / 4.0);
    let curve = roc_curve(&outcome, &score).unwrap();
    let cutoffs: Vec<Option<f64>> = curve.iter().map(|p| p.cutoff).collect();
    assert_eq!(cutoffs, [None, Some(3.0), Some(2.0), Some(1.0)]);
    assert_eq!((curve[2].true_positives, curve[2].false_positives), (2, 1));
    // J is ½ at 3 (one event, no other) and at 2 (both events, one other): the smaller is taken.
    let best = youden_cutoff(&outcome, &score).unwrap();
    assert_eq!((best.cutoff, best.youden_index), (2.0, 0.5));
    assert_eq!(best.tied_cutoffs, [2.0, 3.0]);
    assert_eq!(quantile_cutoff(&score, 0.5).unwrap(), 2.0);
    assert_eq!(quantile_cutoff(&[4.0, 1.0, 2.0, 3.0], 0.5).unwrap(), 2.5);
}

#[test]
fn minus_zero_and_zero_are_one_score() {
    let outcome = flags(&[0, 1, 0, 1]);
    assert_eq!(auc(&outcome, &[0.0, -0.0, -0.0, 0.0]).unwrap(), 0.5);
    assert_eq!(
        roc_curve(&outcome, &[0.0, -0.0, -0.0, 0.0]).unwrap().len(),
        2
    );
}

#[test]
fn a_perfect_and_a_useless_score_differ_without_variance() {
    let outcome = flags(&[0, 0, 0, 1, 1, 1]);
    let test = delong_paired(&outcome, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[7.0; 6], 0.95).unwrap();
    assert_eq!(
        (test.result, test.z, test.p_value),
        (Difference::WithoutVariance, None, None)
    );
    assert_eq!(
        (test.difference, test.b.auc, test.b.low, test.b.high),
        (0.5, 0.5, 0.5, 0.5)
    );
    let unpaired = delong_unpaired(&outcome, &[7.0; 6], &outcome, &[7.0; 6], 0.95).unwrap();
    assert_eq!(
        (unpaired.result, unpaired.p_value),
        (Difference::None, None)
    );
}

#[test]
fn limits_widen_with_the_level() {
    let outcome = flags(&[0, 1, 0, 1, 1, 0, 0, 1, 1, 0]);
    let score = [1.0, 2.0, 3.0, 4.0, 2.5, 2.2, 0.5, 3.3, 1.2, 2.1];
    let found = auc_delong(&outcome, &score, 0.9).unwrap();
    close(
        found.auc - found.low,
        normal_quantile(0.95) * found.standard_error,
        1e-12,
    );
    assert!(auc_delong(&outcome, &score, 0.5).unwrap().low > found.low);
}

#[test]
fn a_patient_on_the_cutoff_is_positive() {
    let outcome = flags(&[0, 0, 0, 1, 1]);
    let found = classification_at_cutoff(&outcome, &[1.0, 2.0, 3.0, 2.0, 0.5], 2.0, 0.95).unwrap();
    assert_eq!(
        (
            found.true_positives,
            found.false_positives,
            found.true_negatives,
            found.false_negatives
        ),
        (1, 2, 1, 1)
    );
    assert_eq!((found.accuracy.count, found.accuracy.of), (2, 5));
    close(found.youden_index, 0.5 + 1.0 / 3.0 - 1.0, 1e-15);
    let nobody = classification_at_cutoff(&outcome, &[1.0, 2.0, 3.0, 2.0, 0.5], 9.0, 0.95).unwrap();
    assert_eq!(nobody.positive_predictive_value, None);
    assert_eq!(nobody.negative_predictive_value.unwrap().estimate, 0.6);
    assert!(classification_at_cutoff(&outcome, &[1.0; 5], f64::NAN, 0.95).is_err());
}

#[test]
fn intervals_of_a_proportion_hold_it() {
    for (count, of) in [(0, 5), (1, 5), (3, 11), (5, 5), (50, 100_000)] {
        let found = proportion(count, of, 0.95).unwrap();
        assert!(found.wilson_low <= found.estimate && found.estimate <= found.wilson_high);
        assert!(found.exact_low <= found.estimate && found.estimate <= found.exact_high);
        let other = proportion(of - count, of, 0.95).unwrap();
        close(found.wilson_low, 1.0 - other.wilson_high, 1e-14);
        close(found.exact_low, 1.0 - other.exact_high, 1e-13);
    }
    // No event among n: the exact upper limit is 1 − (α / 2)^(1 / n).
    close(
        proportion(0, 5, 0.95).unwrap().exact_high,
        1.0 - exp(ln(0.025) / 5.0),
        1e-13,
    );
    assert_eq!(
        proportion(6, 5, 0.95).unwrap_err().to_string(),
        "6 of 5 is not a proportion: the count is above the total"
    );
    assert_eq!(proportion(0, 0, 0.95), Err(ProportionError::OfNone));
}

#[test]
fn a_model_is_calibrated_on_its_own_patients() {
    let mut random = Random::new(3, "own");
    let x: Vec<f64> = (0..300).map(|_| random.normal()).collect();
    let outcome: Vec<bool> = x.iter().map(|x| random.unit() < expit(x - 0.5)).collect();
    let design = Design::new(
        300,
        &[Predictor::Number {
            name: "x".to_owned(),
            values: x,
        }],
    );
    let p = logistic_regression(&design, &outcome, 0.95).unwrap().fitted;
    let found = calibration_measures(&outcome, &p, 0.95).unwrap();
    close(found.intercept.unwrap().estimate, 0.0, 1e-9);
    close(found.slope.unwrap().estimate, 1.0, 1e-9);
    close(found.observed_over_expected, 1.0, 1e-11);
    // Halved log odds have slope 2.
    let shrunk: Vec<f64> = p
        .iter()
        .map(|p| expit(0.5 * (ln(*p) - ln(1.0 - p))))
        .collect();
    close(
        calibration_measures(&outcome, &shrunk, 0.95)
            .unwrap()
            .slope
            .unwrap()
            .estimate,
        2.0,
        1e-8,
    );
}

#[test]
fn what_cannot_be_recalibrated_is_none_with_a_reason() {
    let outcome = flags(&[0, 1, 0, 1, 1, 0]);
    let certain = calibration_measures(&outcome, &[0.0, 0.9, 0.2, 0.8, 0.6, 0.7], 0.95).unwrap();
    assert_eq!(
        (certain.intercept.clone(), certain.slope.clone()),
        (None, None)
    );
    assert_eq!(
        certain.failure,
        Some(ScoreError::NotProbability { row: 0, value: 0.0 })
    );
    close(
        certain.brier,
        (0.01 + 0.04 + 0.04 + 0.16 + 0.49) / 6.0,
        1e-14,
    );
    let separated = calibration_measures(&outcome, &[0.1, 0.9, 0.2, 0.8, 0.6, 0.3], 0.95).unwrap();
    assert!(separated.intercept.is_some() && separated.slope.is_none());
    assert_eq!(separated.failure, Some(ScoreError::Separated));
    let tied = calibration_measures(&outcome, &[0.4; 6], 0.95).unwrap();
    assert_eq!(
        tied.failure,
        Some(ScoreError::AllTied {
            value: expit(ln(0.4) - ln(0.6))
        })
    );
}

#[test]
fn categories_of_risk_move_patients_up_and_down() {
    let outcome = flags(&[1, 1, 1, 0, 0, 0, 0]);
    let old = [0.05, 0.3, 0.6, 0.05, 0.3, 0.6, 0.1];
    let new = [0.30, 0.4, 0.1, 0.04, 0.1, 0.2, 0.6];
    let found = net_reclassification(&outcome, &old, &new, &[0.2, 0.5]).unwrap();
    assert_eq!(
        (
            found.events_up,
            found.events_down,
            found.others_up,
            found.others_down
        ),
        (1, 1, 1, 2)
    );
    close(found.nri.estimate, 0.0 + 0.25, 1e-15);
    let variance: f64 = 2.0 / 9.0 + 3.0 / 16.0 - 1.0 / 64.0;
    close(found.nri.standard_error, variance.sqrt(), 1e-14);
}

#[test]
fn many_ties_form_few_groups() {
    let outcome = flags(&[0, 1, 0, 1, 1, 0]);
    assert_eq!(
        hosmer_lemeshow(&outcome, &[0.3, 0.3, 0.3, 0.6, 0.6, 0.6], 10),
        Err(ScoreError::TooFewGroups { groups: 2 })
    );
    assert_eq!(
        hosmer_lemeshow(&outcome, &[0.0, 0.0, 0.3, 0.3, 1.0, 1.0], 3)
            .unwrap_err()
            .to_string(),
        "in group 1 every probability is 0 or 1 and an outcome contradicts them: the statistic is infinite"
    );
}

#[test]
fn tied_neighbourhoods_have_their_mean() {
    // Half of the patients share one probability: the window of half of them has no width.
    let x = [0.3, 0.3, 0.3, 0.3, 0.1, 0.9, 0.5, 0.6];
    let y = [0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0];
    close(loess(&x, &y, 0.5, 2).unwrap()[0], 0.75, 1e-14);
    close(lowess(&x, &y, 0.5, 0.0).unwrap()[0], 0.75, 1e-14);
    // Two distinct values cannot carry a parabola: the shortest one passes through both means.
    let two = loess(&[0.2, 0.2, 0.8, 0.8], &[0.0, 1.0, 1.0, 1.0], 1.0, 2).unwrap();
    assert!(two.iter().all(|v| v.is_finite()));
}

#[test]
fn a_band_holds_the_curve_of_a_calibrated_score() {
    let mut random = Random::new(17, "band");
    let p: Vec<f64> = (0..400).map(|_| random.unit()).collect();
    let outcome: Vec<bool> = p.iter().map(|p| random.unit() < *p).collect();
    let axis = calibration_axis(&p, 20);
    assert_eq!(axis.len(), 20);
    let band = calibration_band(&outcome, &p, &axis, 200, 0.95, &random).unwrap();
    let mut outside = 0;
    for (k, position) in axis.iter().enumerate() {
        let (low, observed, high) = (
            band.low[k].unwrap(),
            band.observed[k].unwrap(),
            band.high[k].unwrap(),
        );
        assert!(low < high && low - 0.05 < observed && observed < high + 0.05);
        outside += usize::from(!(low..=high).contains(position));
    }
    assert!(outside <= 6);
    let error = band.error.unwrap();
    assert!(error.mean_absolute < 0.05 && error.patients >= 390);
    assert!(error.mean_absolute <= error.quantile_90_absolute);
    let beyond = calibration_band(&outcome, &p, &[0.5, 1.0], 50, 0.95, &random).unwrap();
    assert_eq!(
        (beyond.observed[1], beyond.low[1], beyond.contributing[1]),
        (None, None, 0)
    );
}

#[test]
fn an_axis_follows_the_fifth_smallest_and_largest() {
    let p: Vec<f64> = (1..=20).map(|k| f64::from(k) / 21.0).collect();
    let axis = calibration_axis(&p, 3);
    close(axis[0], 5.0 / 21.0, 1e-15);
    close(axis[2], 16.0 / 21.0, 1e-15);
    assert_eq!(calibration_axis(&[0.4; 9], 50), [0.4]);
    assert_eq!(
        calibration_axis(&[0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.9], 2),
        [0.4, 0.9]
    );
    assert!(calibration_axis(&[], 50).is_empty());
}

#[test]
fn bad_scores_get_a_sentence() {
    let outcome = flags(&[0, 1, 0, 1]);
    let score = [0.1, 0.9, 0.4, 0.2];
    let message = |outcome: &[bool], score: &[f64]| auc(outcome, score).unwrap_err().to_string();
    assert_eq!(
        message(&[], &[]),
        "there are no patients: nothing can be evaluated"
    );
    assert_eq!(
        message(&outcome, &score[..3]),
        "4 outcomes but 3 scores: each patient needs one of each"
    );
    assert_eq!(
        message(&[true; 4], &score),
        "4 of 4 patients have the event: patients with and without it are needed"
    );
    assert_eq!(
        message(&outcome, &[0.1, f64::NAN, 0.4, 0.2]),
        "the score is not a finite number in row 2: drop the patient first"
    );
    assert_eq!(
        auc_delong(&flags(&[0, 0, 0, 1]), &score, 0.95)
            .unwrap_err()
            .to_string(),
        "1 patients with and 3 without the event: a variance needs at least 2 of each"
    );
    assert_eq!(
        auc_delong(&outcome, &score, 1.0).unwrap_err().to_string(),
        "the confidence level is 1, but must be between 0 and 1"
    );
    assert_eq!(
        youden_cutoff(&outcome, &[0.3; 4]).unwrap_err().to_string(),
        "the score is 0.3 for every patient: it cannot divide or order them"
    );
    assert_eq!(
        youden_cutoff(&flags(&[1, 1, 0, 0]), &[1.0, 2.0, 3.0, 4.0]).unwrap_err(),
        ScoreError::NoUsefulCutoff
    );
    assert_eq!(
        specificity_cutoff(&flags(&[1, 1, 0, 0]), &[1.0, 2.0, 3.0, 4.0], 0.9)
            .unwrap_err()
            .to_string(),
        "no observed cut-off has a specificity of at least 0.9: the largest is 0.500"
    );
    assert_eq!(
        decision_curve(&outcome, &[0.1, 1.4, 0.2, 0.3], &[0.1])
            .unwrap_err()
            .to_string(),
        "1.4 in row 2 is not a probability that can be used here (0 to 1; for a logit strictly between)"
    );
    assert_eq!(
        decision_curve(&outcome, &score, &[0.5, 1.0])
            .unwrap_err()
            .to_string(),
        "a threshold probability is 1, but must be at least 0 and below 1"
    );
    assert_eq!(
        hosmer_lemeshow(&outcome, &score, 2)
            .unwrap_err()
            .to_string(),
        "the number of groups is 2, but must be at least 3"
    );
    assert!(smoothed_calibration(&outcome, &[0.4; 4], 0.75, 2).is_err());
    assert!(smoothed_calibration(&outcome, &score, 0.0, 2).is_err());
    assert!(loess(&score, &score, 0.5, 3).is_err());
    assert!(net_reclassification(&outcome, &score, &score, &[0.5, 0.2]).is_err());
}
