//! Survival methods: laws that must hold on any data, examples that can be followed by hand, and bad data with the
//! messages it gets. Agreement with other programs is tested by the reference cases.

use prereg::statistics::{Design, Predictor};
use prereg::survival::*;
use proptest::prelude::*;

const OPTIONS: CoxOptions = CoxOptions {
    ties: Ties::Efron,
    strata: None,
    weights: None,
    robust: false,
    level: 0.95,
};

fn number(name: &str, values: &[f64]) -> Predictor {
    Predictor::Number {
        name: name.to_owned(),
        values: values.to_vec(),
    }
}

fn category(name: &str, levels: &[&str], codes: &[usize]) -> Predictor {
    Predictor::Category {
        name: name.to_owned(),
        levels: levels.iter().map(|l| (*l).to_owned()).collect(),
        codes: codes.to_vec(),
    }
}

fn design(predictors: &[Predictor]) -> Design {
    let rows = match &predictors[0] {
        Predictor::Number { values, .. } => values.len(),
        Predictor::Category { codes, .. } => codes.len(),
    };
    Design::new(rows, predictors)
}

fn flags(values: &[u8]) -> Vec<bool> {
    values.iter().map(|v| *v == 1).collect()
}

fn pick<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|i| values[*i]).collect()
}

#[track_caller]
fn close(a: f64, b: f64, tolerance: f64) {
    assert!(
        (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs())),
        "{a} is not {b}"
    );
}

/// Times with many ties, events, two numbers, a group of 0 and 1, and an order to shuffle the rows into.
#[derive(Clone, Debug)]
struct Sample {
    times: Vec<f64>,
    events: Vec<bool>,
    x: Vec<f64>,
    y: Vec<f64>,
    group: Vec<usize>,
    order: Vec<usize>,
}

impl Sample {
    fn design(&self) -> Design {
        design(&[number("x", &self.x), number("y", &self.y)])
    }

    fn in_order(&self, order: &[usize]) -> Self {
        Self {
            times: pick(&self.times, order),
            events: pick(&self.events, order),
            x: pick(&self.x, order),
            y: pick(&self.y, order),
            group: pick(&self.group, order),
            order: order.to_vec(),
        }
    }

    fn shuffled(&self) -> Self {
        self.in_order(&self.order)
    }

    /// Times made distinct, their order kept.
    fn untied(mut self) -> Self {
        for (row, time) in self.times.iter_mut().enumerate() {
            *time += row as f64 / 1000.0;
        }
        self
    }
}

fn sample() -> impl Strategy<Value = Sample> {
    (12..60_usize).prop_flat_map(|n| {
        (
            prop::collection::vec(1..15_u8, n),
            prop::collection::vec(prop::bool::weighted(0.7), n),
            prop::collection::vec(-20..20_i32, n),
            prop::collection::vec(-8..8_i32, n),
            prop::collection::vec(0..2_usize, n),
            Just((0..n).collect::<Vec<_>>()).prop_shuffle(),
        )
            .prop_map(|(times, events, x, y, group, order)| Sample {
                times: times.into_iter().map(f64::from).collect(),
                events,
                x: x.into_iter().map(|v| f64::from(v) / 10.0).collect(),
                y: y.into_iter().map(|v| f64::from(v) / 4.0).collect(),
                group,
                order,
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_rows_does_not_matter(s in sample()) {
        let t = s.shuffled();
        for interval in [CurveInterval::Log, CurveInterval::LogLog, CurveInterval::Plain] {
            prop_assert_eq!(
                kaplan_meier(&s.times, &s.events, interval, 0.95),
                kaplan_meier(&t.times, &t.events, interval, 0.95)
            );
        }
        match (log_rank(&s.times, &s.events, &s.group, None), log_rank(&t.times, &t.events, &t.group, None)) {
            (Ok(a), Ok(b)) => close(a.chi_squared, b.chi_squared, 1e-12),
            (a, b) => prop_assert_eq!(a, b),
        }
        match (
            concordance(&s.times, &s.events, &s.x, None, None),
            concordance(&t.times, &t.events, &t.x, None, None),
        ) {
            (Ok(a), Ok(b)) => {
                close(a.concordance, b.concordance, 1e-12);
                close(a.standard_error, b.standard_error, 1e-12);
            }
            (a, b) => prop_assert_eq!(a, b),
        }
        if let (Ok(a), Ok(b)) = (
            time_dependent_auc(&s.times, &s.events, &s.x, &[6.0], 0.95),
            time_dependent_auc(&t.times, &t.events, &t.x, &[6.0], 0.95),
        ) {
            close(a[0].auc, b[0].auc, 1e-12);
            close(a[0].standard_error, b[0].standard_error, 1e-12);
        }
        let options = CoxOptions { robust: true, ..OPTIONS };
        let fits = (
            cox(&s.times, &s.events, &s.design(), &options),
            cox(&t.times, &t.events, &t.design(), &options),
        );
        match fits {
            (Ok(a), Ok(b)) => {
                for (a, b) in a.coefficients.iter().zip(&b.coefficients) {
                    close(a.coefficient, b.coefficient, 1e-10);
                    close(a.standard_error, b.standard_error, 1e-10);
                    close(a.z, b.z, 1e-10);
                }
                close(a.log_likelihood, b.log_likelihood, 1e-12);
            }
            (a, b) => prop_assert_eq!(a.is_ok(), b.is_ok()),
        }
    }

    #[test]
    fn the_unit_of_time_does_not_matter(s in sample(), factor in 0.01..100.0_f64) {
        let times: Vec<f64> = s.times.iter().map(|t| t * factor).collect();
        prop_assert_eq!(
            log_rank(&s.times, &s.events, &s.group, None),
            log_rank(&times, &s.events, &s.group, None)
        );
        prop_assert_eq!(
            cox(&s.times, &s.events, &s.design(), &OPTIONS),
            cox(&times, &s.events, &s.design(), &OPTIONS)
        );
    }

    #[test]
    fn without_ties_all_ways_of_ties_agree(s in sample()) {
        let s = s.untied();
        let breslow = CoxOptions { ties: Ties::Breslow, ..OPTIONS };
        let efron = cox(&s.times, &s.events, &s.design(), &OPTIONS);
        let fit = cox(&s.times, &s.events, &s.design(), &breslow);
        prop_assert_eq!(
            efron.as_ref().map(|f| (&f.coefficients, f.log_likelihood)),
            fit.as_ref().map(|f| (&f.coefficients, f.log_likelihood))
        );
        let exact = cox_exact(&s.times, &s.events, &s.design(), None, 0.95);
        prop_assert_eq!(efron.is_ok(), exact.is_ok());
        if let (Ok(efron), Ok(exact)) = (efron, exact) {
            close(efron.log_likelihood, exact.log_likelihood, 1e-10);
            for (a, b) in efron.coefficients.iter().zip(&exact.coefficients) {
                close(a.coefficient, b.coefficient, 1e-8);
                close(a.standard_error, b.standard_error, 1e-8);
            }
        }
    }

    #[test]
    fn survival_falls_from_one(s in sample()) {
        let curve = kaplan_meier(&s.times, &s.events, CurveInterval::LogLog, 0.95).unwrap();
        let mut before = 1.0;
        for (i, survival) in curve.survival.iter().enumerate() {
            prop_assert!((0.0..=before).contains(survival));
            if let (Some(lower), Some(upper)) = (curve.lower[i], curve.upper[i]) {
                prop_assert!(lower <= *survival && *survival <= upper);
            }
            before = *survival;
        }
        prop_assert_eq!(
            curve.events.iter().sum::<usize>() + curve.censored.iter().sum::<usize>(),
            s.times.len()
        );
        let reverse = reverse_kaplan_meier(&s.times, &s.events, CurveInterval::Log, 0.95).unwrap();
        prop_assert_eq!(&reverse.events, &curve.censored);
    }

    #[test]
    fn identical_groups_do_not_differ(s in sample()) {
        let twice: Vec<usize> = (0..s.times.len()).chain(0..s.times.len()).collect();
        let t = s.in_order(&twice);
        let groups: Vec<usize> = (0..twice.len()).map(|i| usize::from(i >= s.times.len())).collect();
        if let Ok(test) = log_rank(&t.times, &t.events, &groups, None) {
            prop_assert!(test.chi_squared < 1e-20 && test.p_value > 1.0 - 1e-9);
        }
    }

    /// Without ties the score test of one 0/1 column is the log-rank test.
    #[test]
    fn the_score_test_is_the_log_rank_test(s in sample()) {
        let s = s.untied();
        let x: Vec<f64> = s.group.iter().map(|g| *g as f64).collect();
        if let Ok(fit) = cox(&s.times, &s.events, &design(&[number("group", &x)]), &OPTIONS) {
            let test = log_rank(&s.times, &s.events, &s.group, None).unwrap();
            close(fit.score.statistic, test.chi_squared, 1e-10);
        }
    }

    #[test]
    fn the_hazard_ratio_inverts_with_the_coding(s in sample()) {
        let x: Vec<f64> = s.group.iter().map(|g| *g as f64).collect();
        let flipped: Vec<f64> = x.iter().map(|x| 1.0 - x).collect();
        let fit = |x: &[f64]| {
            cox(&s.times, &s.events, &design(&[number("g", x), number("y", &s.y)]), &OPTIONS)
        };
        match (fit(&x), fit(&flipped)) {
            (Ok(a), Ok(b)) => {
                let (a, b) = (&a.coefficients[0], &b.coefficients[0]);
                close(a.hazard_ratio, 1.0 / b.hazard_ratio, 1e-10);
                close(a.lower, 1.0 / b.upper, 1e-10);
                close(a.p_value, b.p_value, 1e-10);
            }
            (a, b) => prop_assert_eq!(a.is_ok(), b.is_ok()),
        }
    }

    /// A patient with weight 2 is two patients; under Breslow's ties exactly so.
    #[test]
    fn weights_count_patients(s in sample()) {
        let weights: Vec<f64> = s.group.iter().map(|g| 1.0 + *g as f64).collect();
        let copies: Vec<usize> = (0..s.times.len())
            .flat_map(|i| std::iter::repeat_n(i, 1 + s.group[i]))
            .collect();
        let t = s.in_order(&copies);
        let breslow = CoxOptions { ties: Ties::Breslow, ..OPTIONS };
        let weighted = CoxOptions { weights: Some(&weights), ..breslow };
        if let (Ok(a), Ok(b)) = (
            cox(&s.times, &s.events, &s.design(), &weighted),
            cox(&t.times, &t.events, &t.design(), &breslow),
        ) {
            close(a.log_likelihood, b.log_likelihood, 1e-10);
            for (a, b) in a.coefficients.iter().zip(&b.coefficients) {
                close(a.coefficient, b.coefficient, 1e-9);
                close(a.standard_error, b.standard_error, 1e-9);
            }
        }
    }

    #[test]
    fn concordance_counts_pairs(s in sample()) {
        let (mut concordant, mut discordant, mut tied) = (0.0, 0.0, 0.0);
        for i in 0..s.times.len() {
            for j in 0..s.times.len() {
                let later = s.times[j] > s.times[i] || (s.times[j] == s.times[i] && !s.events[j]);
                if i != j && s.events[i] && later {
                    match s.x[i].total_cmp(&s.x[j]) {
                        std::cmp::Ordering::Greater => concordant += 1.0,
                        std::cmp::Ordering::Less => discordant += 1.0,
                        std::cmp::Ordering::Equal => tied += 1.0,
                    }
                }
            }
        }
        if let Ok(c) = concordance(&s.times, &s.events, &s.x, None, None) {
            prop_assert_eq!((c.concordant, c.discordant, c.tied_predictor), (concordant, discordant, tied));
            let opposite: Vec<f64> = s.x.iter().map(|x| -x).collect();
            let o = concordance(&s.times, &s.events, &opposite, None, None).unwrap();
            close(o.concordance, 1.0 - c.concordance, 1e-12);
            close(o.standard_error, c.standard_error, 1e-12);
        }
    }

    #[test]
    fn one_stratum_is_no_stratum(s in sample()) {
        let strata = vec![7; s.times.len()];
        let stratified = CoxOptions { strata: Some(&strata), ..OPTIONS };
        prop_assert_eq!(
            cox(&s.times, &s.events, &s.design(), &OPTIONS),
            cox(&s.times, &s.events, &s.design(), &stratified)
        );
        prop_assert_eq!(
            log_rank(&s.times, &s.events, &s.group, None),
            log_rank(&s.times, &s.events, &s.group, Some(&strata))
        );
    }

    #[test]
    fn firth_does_not_depend_on_units_and_always_has_an_estimate(s in sample()) {
        let fit = |factor: f64| {
            let x: Vec<f64> = s.x.iter().map(|x| x * factor).collect();
            cox_firth(&s.times, &s.events, &design(&[number("x", &x)]), None, Ties::Efron, 0.95)
        };
        match (fit(1.0), fit(8.0)) {
            (Ok(a), Ok(b)) => {
                let (x, y) = (&a.coefficients[0], &b.coefficients[0]);
                prop_assert!(x.coefficient.is_finite() && x.standard_error > 0.0);
                close(x.coefficient, 8.0 * y.coefficient, 1e-7);
                close(x.p_value, y.p_value, 1e-7);
                close(a.likelihood_ratio.statistic, b.likelihood_ratio.statistic, 1e-7);
            }
            (a, b) => {
                let known = matches!(
                    a,
                    Err(SurvivalError::NoEvents { .. } | SurvivalError::ConstantColumn { .. })
                );
                prop_assert!(known);
                prop_assert_eq!(a, b);
            }
        }
    }

    /// Without censoring the mean is that of min(T, τ), and the AUC that of an ordinary ROC curve.
    #[test]
    fn without_censoring_the_ordinary_figures_return(s in sample()) {
        let events = vec![true; s.times.len()];
        let restricted = restricted_mean(&s.times, &events, 8.0).unwrap();
        let n = s.times.len() as f64;
        let mean = s.times.iter().map(|t| t.min(8.0)).sum::<f64>() / n;
        close(restricted.mean, mean, 1e-12);
        let deviations: Vec<f64> = s.times.iter().map(|t| t.min(8.0) - mean).collect();
        let variance = deviations.iter().map(|d| d * d).sum::<f64>() / (n * n);
        close(restricted.standard_error, variance.sqrt(), 1e-10);
        if let Ok(auc) = time_dependent_auc(&s.times, &events, &s.x, &[8.0], 0.95) {
            let (mut above, mut pairs) = (0.0, 0.0);
            for i in 0..s.times.len() {
                for j in 0..s.times.len() {
                    if s.times[i] <= 8.0 && s.times[j] > 8.0 {
                        pairs += 1.0;
                        above += match s.x[i].total_cmp(&s.x[j]) {
                            std::cmp::Ordering::Greater => 1.0,
                            std::cmp::Ordering::Equal => 0.5,
                            std::cmp::Ordering::Less => 0.0,
                        };
                    }
                }
            }
            close(auc[0].auc, above / pairs, 1e-12);
        }
    }

    #[test]
    fn predictions_and_their_test_do_not_fail(s in sample()) {
        let design = s.design();
        if let Ok(fit) = cox(&s.times, &s.events, &design, &OPTIONS) {
            let baselines = baseline_hazards(&s.times, &s.events, &design, &OPTIONS, &fit).unwrap();
            let linear = fit.linear_predictor(&design.matrix).unwrap();
            let times: Vec<f64> = (0..=baselines[0].last_time as usize).map(|t| t as f64).collect();
            for curve in predict_survival(&baselines, &linear, None, &times).unwrap() {
                prop_assert_eq!(curve[0], 1.0);
                prop_assert!(curve.windows(2).all(|w| w[1] <= w[0] && w[1] >= 0.0));
            }
            // The expected number of events is the observed one.
            let expected: f64 = linear
                .iter()
                .zip(&s.times)
                .map(|(l, t)| baselines[0].cumulative_hazard(*l, *t).unwrap())
                .sum();
            let breslow = CoxOptions { ties: Ties::Breslow, ..OPTIONS };
            if let Ok(fit) = cox(&s.times, &s.events, &design, &breslow) {
                let baselines = baseline_hazards(&s.times, &s.events, &design, &breslow, &fit).unwrap();
                let linear = fit.linear_predictor(&design.matrix).unwrap();
                let expected: f64 = linear
                    .iter()
                    .zip(&s.times)
                    .map(|(l, t)| baselines[0].cumulative_hazard(*l, *t).unwrap())
                    .sum();
                close(expected, fit.events as f64, 1e-9);
            }
            prop_assert!(expected >= fit.events as f64 * 0.99);
        }
    }
}

#[test]
fn freireich_by_hand() {
    // 6-mercaptopurine arm: 21 patients, S(6) = 18/21, S(7) = 18/21 · 16/17.
    let times = [
        6., 6., 6., 6., 7., 9., 10., 10., 11., 13., 16., 17., 19., 20., 22., 23., 25., 32., 32.,
        34., 35.,
    ];
    let events = flags(&[
        1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0,
    ]);
    let curve = kaplan_meier(&times, &events, CurveInterval::Log, 0.95).unwrap();
    close(curve.survival[0], 18.0 / 21.0, 1e-15);
    close(curve.survival[1], 18.0 / 21.0 * 16.0 / 17.0, 1e-15);
    assert_eq!(curve.median().estimate, Some(23.0));
    let points = curve.at(&[0.0, 6.0, 6.5, 35.0, 36.0]);
    assert_eq!((points[0].survival, points[0].at_risk), (Some(1.0), 21));
    assert_eq!((points[1].at_risk, points[2].at_risk), (21, 17));
    assert_eq!(points[2].survival, Some(curve.survival[0]));
    assert!(points[3].survival.is_some());
    assert_eq!((points[4].survival, points[4].at_risk), (None, 0));
    // Median follow-up: of the censoring time.
    let follow_up = reverse_kaplan_meier(&times, &events, CurveInterval::Log, 0.95).unwrap();
    assert_eq!(follow_up.at_risk[0], 18);
    assert_eq!(follow_up.median().estimate, Some(25.0));
}

#[test]
fn a_curve_that_has_come_to_zero_stays_there() {
    let curve = kaplan_meier(&[1.0, 2.0], &[true, true], CurveInterval::LogLog, 0.95).unwrap();
    let point = curve.at(&[5.0])[0];
    assert_eq!(
        (point.survival, point.standard_error, point.lower),
        (Some(0.0), None, None)
    );
    assert_eq!(curve.median().estimate, Some(1.5));
    let flat = kaplan_meier(
        &[1.0, 2.0, 3.0, 9.0],
        &[true, true, false, false],
        CurveInterval::Log,
        0.95,
    )
    .unwrap();
    assert_eq!(
        flat.median().estimate,
        Some(5.5),
        "the plateau at 0.5 runs from 2 to 9"
    );
}

#[test]
fn bad_data_is_refused_with_a_reason() {
    let message = |times: &[f64], events: &[bool]| {
        kaplan_meier(times, events, CurveInterval::Log, 0.95)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(&[], &[]),
        "there are no patients: check the exclusions and missing values"
    );
    assert_eq!(
        message(&[1.0], &[]),
        "the event has 0 values for 1 patients: give one a patient"
    );
    assert_eq!(
        message(&[1.0, -2.5], &[true, true]),
        "the follow-up time of patient 2 is -2.5, before the start: check the two dates"
    );
    assert_eq!(
        message(&[f64::NAN], &[true]),
        "the follow-up time of patient 1 is missing or infinite: exclude the patient or complete the time"
    );
    let no_events = log_rank(&[1.0, 2.0], &[false, false], &[0, 1], None).unwrap_err();
    assert_eq!(
        no_events.to_string(),
        "none of the 2 patients had the event: nothing can be estimated; check how the event is coded"
    );
    assert_eq!(
        log_rank(&[1.0, 2.0], &[true, true], &[0, 0], None),
        Err(SurvivalError::OneGroup)
    );
    assert_eq!(
        log_rank(&[1.0, 2.0], &[true, true], &[0, 2], None),
        Err(SurvivalError::EmptyGroup { group: 1 })
    );
    assert_eq!(
        log_rank(&[1.0, 2.0, 3.0], &[false, true, true], &[0, 1, 1], None),
        Err(SurvivalError::NoOverlap),
        "the first group has left before the first event"
    );
    assert_eq!(
        restricted_mean(&[1.0, 2.0], &[true, false], 3.0),
        Err(SurvivalError::TimeBeyondFollowUp {
            time: 3.0,
            last: 2.0
        })
    );
    assert_eq!(
        concordance(&[1.0, 1.0], &[true, true], &[0.0, 1.0], None, None),
        Err(SurvivalError::NoOrderedPairs)
    );
    assert!(matches!(
        time_dependent_auc(&[1.0, 2.0], &[true, true], &[0.0, 1.0], &[2.0], 0.95),
        Err(SurvivalError::NoCasesOrControls {
            cases: 2,
            controls: 0,
            ..
        })
    ));
    assert_eq!(
        maximally_selected_log_rank(&[1.0, 2.0, 3.0], &[true; 3], &[1.0; 3], 0.1, 0.9),
        Err(SurvivalError::NoCandidateCutoff)
    );
    assert!(matches!(
        kaplan_meier(&[1.0], &[true], CurveInterval::Log, 95.0),
        Err(SurvivalError::OutOfRange { .. })
    ));
}

const TIMES: [f64; 12] = [3., 4., 4., 6., 7., 8., 9., 9., 11., 12., 14., 15.];
const X: [f64; 12] = [
    0.5, 1.2, -0.3, 2.0, 0.1, 0.7, -1.0, 0.4, 0.0, 1.1, -0.6, -0.2,
];

fn twelve_events() -> Vec<bool> {
    flags(&[1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0])
}

fn cox_error(predictors: &[Predictor]) -> String {
    cox(&TIMES, &twelve_events(), &design(predictors), &OPTIONS)
        .expect_err("the columns cannot be estimated")
        .to_string()
}

#[test]
fn columns_that_cannot_be_estimated_are_named() {
    let x = number("x", &X);
    assert_eq!(
        cox_error(&[x.clone(), number("clinic", &[3.0; 12])]),
        "clinic is the same in all patients who were at risk when an event happened: leave it out"
    );
    let doubled: Vec<f64> = X.iter().map(|x| 2.0 * x + 1.0).collect();
    assert_eq!(
        cox_error(&[x.clone(), number("again", &doubled)]),
        "again follows exactly from the variables before it: leave one of them out"
    );
    let mut gap = X;
    gap[4] = f64::NAN;
    assert_eq!(
        cox_error(&[number("x", &gap)]),
        "x of patient 5 is missing or infinite: exclude the patient or impute the value"
    );
    assert_eq!(
        cox(
            &TIMES,
            &[false; 12],
            &design(std::slice::from_ref(&x)),
            &OPTIONS
        ),
        Err(SurvivalError::NoEvents { patients: 12 })
    );
    let weights = [1.0; 12].map(|w: f64| w - 1.0);
    let options = CoxOptions {
        weights: Some(&weights),
        ..OPTIONS
    };
    assert_eq!(
        cox(&TIMES, &twelve_events(), &design(&[x]), &options),
        Err(SurvivalError::WeightNotPositive { row: 0 })
    );
    assert_eq!(
        cox(&TIMES, &twelve_events(), &Design::new(12, &[]), &OPTIONS),
        Err(SurvivalError::NoColumns)
    );
    // Only the first, censored, patient differs.
    let events = flags(&[0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0]);
    let mut first = [0.0; 12];
    first[0] = 1.0;
    assert_eq!(
        cox(
            &TIMES,
            &events,
            &design(&[number("first", &first)]),
            &OPTIONS
        ),
        Err(SurvivalError::ConstantColumn {
            column: "first".to_owned()
        })
    );
}

#[test]
fn monotone_likelihood_is_proved_and_named() {
    // The four censored patients are exactly those without the mutation.
    let mutation: Vec<f64> = twelve_events().iter().map(|e| f64::from(*e)).collect();
    assert_eq!(
        cox_error(&[number("x", &X), number("mutation", &mutation)]),
        "no finite hazard ratio exists for mutation: at every event the patient who had it was the one with the most \
         extreme value (often a level without events); merge levels, leave the variable out, or use Firth's correction"
    );
    // The reference level has no event: neither of the other levels alone orders the events.
    let grade = [1, 2, 1, 2, 0, 1, 2, 0, 1, 0, 2, 0];
    let of = |codes: &[usize]| category("grade", &["low", "middle", "high"], codes);
    let error = cox(
        &TIMES,
        &twelve_events(),
        &design(&[number("x", &X), of(&grade)]),
        &OPTIONS,
    );
    assert_eq!(
        error,
        Err(SurvivalError::MonotoneLikelihood {
            columns: vec!["grade (middle)".to_owned(), "grade (high)".to_owned()]
        })
    );
    // One event in the reference level is enough for an estimate.
    let grade = [1, 2, 1, 2, 0, 1, 2, 0, 0, 0, 2, 0];
    assert!(
        cox(
            &TIMES,
            &twelve_events(),
            &design(&[number("x", &X), of(&grade)]),
            &OPTIONS
        )
        .is_ok()
    );
    // The exact likelihood is monotone in more cases: here both events of the tied time may not be the largest.
    let events = flags(&[1, 1, 0, 0]);
    let x = design(&[number("x", &[2.0, 1.0, 0.0, 0.5])]);
    let times = [1.0, 1.0, 2.0, 3.0];
    assert!(cox(&times, &events, &x, &OPTIONS).is_ok());
    assert!(matches!(
        cox_exact(&times, &events, &x, None, 0.95),
        Err(SurvivalError::MonotoneLikelihood { .. })
    ));
    assert!(cox_firth(&times, &events, &x, None, Ties::Breslow, 0.95).is_ok());
}

#[test]
fn each_term_alone() {
    let mutation: Vec<f64> = twelve_events().iter().map(|e| f64::from(*e)).collect();
    let grade = category(
        "grade",
        &["low", "middle", "high"],
        &[1, 2, 1, 2, 0, 1, 2, 0, 0, 0, 2, 0],
    );
    let design = design(&[number("x", &X), number("mutation", &mutation), grade]);
    let screened = cox_univariable(&TIMES, &twelve_events(), &design, &OPTIONS);
    assert_eq!(screened.len(), 3);
    let x = screened[0].fit.as_ref().unwrap();
    assert_eq!(x.terms[0].test.p_value, x.wald.p_value);
    assert!(matches!(
        screened[1].fit,
        Err(SurvivalError::MonotoneLikelihood { .. })
    ));
    let grade = screened[2].fit.as_ref().unwrap();
    assert_eq!(
        (grade.terms.len(), grade.terms[0].test.degrees_of_freedom),
        (1, 2)
    );
}

#[test]
fn predictions_stop_where_follow_up_does() {
    let design = design(&[number("x", &X)]);
    let strata = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
    let options = CoxOptions {
        strata: Some(&strata),
        ..OPTIONS
    };
    let fit = cox(&TIMES, &twelve_events(), &design, &options).unwrap();
    let baselines = baseline_hazards(&TIMES, &twelve_events(), &design, &options, &fit).unwrap();
    assert_eq!(
        baselines.iter().map(|b| b.last_time).collect::<Vec<_>>(),
        [14.0, 15.0]
    );
    assert_eq!(
        predict_survival(&baselines, &[0.0], Some(&[0]), &[14.5]),
        Err(SurvivalError::TimeBeyondFollowUp {
            time: 14.5,
            last: 14.0
        })
    );
    assert_eq!(
        predict_survival(&baselines, &[0.0], Some(&[2]), &[1.0]),
        Err(SurvivalError::UnknownStratum { stratum: 2 })
    );
    assert_eq!(
        fit.linear_predictor(&ndarray::Array2::zeros((1, 3))),
        Err(SurvivalError::ColumnsDiffer {
            expected: 1,
            found: 3
        })
    );
}

/// Forty patients: arms alternate, two risk groups, a marker.
#[derive(Clone)]
struct Trial {
    times: Vec<f64>,
    events: Vec<bool>,
    treated: Vec<bool>,
    groups: Vec<usize>,
    marker: Vec<f64>,
}

fn trial() -> Trial {
    Trial {
        times: (0..40).map(|i| f64::from((i * 17) % 41 + 1)).collect(),
        events: (0..40).map(|i| i % 3 != 0).collect(),
        treated: (0..40).map(|i| i % 2 == 0).collect(),
        groups: (0..40).map(|i| usize::from(i >= 20)).collect(),
        marker: (0..40).map(|i| f64::from((i * 7) % 11)).collect(),
    }
}

fn levels(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[test]
fn one_group_that_cannot_be_estimated_leaves_the_others() {
    let Trial {
        times,
        mut events,
        mut treated,
        groups,
        marker,
    } = trial();
    let names = levels(&["low", "high", "unknown"]);
    let adjust = design(&[number("marker", &marker)]);
    treated[20..].fill(true);
    let benefit = |events: &[bool], treated: &[bool]| {
        let data = TreatmentByGroup {
            times: &times,
            events,
            treatment: "chemo",
            treated,
            group: "risk",
            levels: &names,
            groups: &groups,
            adjust: Some(&adjust),
            ties: Ties::Efron,
            level: 0.95,
        };
        treatment_benefit(&data, CurveInterval::LogLog).unwrap()
    };
    let result = benefit(&events, &treated);
    assert!(result[0].adjusted.as_ref().unwrap().is_ok() && result[0].log_rank.is_ok());
    assert_eq!(
        result[1].log_rank,
        Err(SurvivalError::OneArm { treated: true })
    );
    assert_eq!(
        result[1].unadjusted.as_ref().unwrap_err().to_string(),
        "all patients were treated: there is nothing to compare with"
    );
    assert_eq!(result[1].treated.patients, 20);
    assert_eq!(
        result[2].log_rank,
        Err(SurvivalError::EmptyGroup { group: 2 })
    );

    events[..20].fill(false);
    let result = benefit(&events, &treated);
    assert_eq!(
        result[0].log_rank,
        Err(SurvivalError::NoEvents { patients: 20 })
    );
    assert_eq!(
        result[0].adjusted,
        Some(Err(SurvivalError::NoEvents { patients: 20 }))
    );
    assert_eq!(result[0].untreated.median.estimate, None);

    let text = serde_json::to_string(&result).expect("results can be stored");
    let read: Vec<GroupBenefit> = serde_json::from_str(&text).expect("and read again");
    assert_eq!(read, result);
}

#[test]
fn an_adjusting_level_without_events_does_not_take_the_treatment_with_it() {
    let Trial {
        times,
        mut events,
        treated,
        marker,
        ..
    } = trial();
    let stage: Vec<usize> = (0..40).map(|i| [0, 1, 2, 1, 2][i % 5]).collect();
    for row in 0..40 {
        events[row] &= stage[row] != 0;
    }
    let stage_of = |codes: &[usize]| category("stage", &["I", "II", "III"], codes);
    let adjust = design(&[
        stage_of(&stage),
        number("marker", &marker),
        number("constant", &[1.0; 40]),
    ]);
    let data = TreatmentByGroup {
        times: &times,
        events: &events,
        treatment: "chemo",
        treated: &treated,
        group: "all",
        levels: &levels(&["all"]),
        groups: &[0; 40],
        adjust: Some(&adjust),
        ties: Ties::Efron,
        level: 0.95,
    };
    let result = treatment_benefit(&data, CurveInterval::Log).unwrap();
    let adjusted = result[0].adjusted.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(
        adjusted.notes.excluded,
        vec![ExcludedLevels {
            term: "stage".to_owned(),
            patients: 8
        }]
    );
    assert!(
        adjusted
            .notes
            .dropped_columns
            .contains(&"constant".to_owned())
    );

    // The whole model, kept finite by an event of weight 1e-6 in stage I.
    let row = (0..40).find(|i| stage[*i] == 0).unwrap();
    let mut with_event = events.clone();
    with_event[row] = true;
    let mut weights = [1.0; 40];
    let treatment: Vec<f64> = treated.iter().map(|t| f64::from(*t)).collect();
    let whole = design(&[
        number("chemo", &treatment),
        stage_of(&stage),
        number("marker", &marker),
    ]);
    weights[row] = 1e-6;
    let options = CoxOptions {
        weights: Some(&weights),
        ..OPTIONS
    };
    let limit = cox(&times, &with_event, &whole, &options).unwrap();
    close(
        limit.coefficients[0].coefficient,
        adjusted.effect.coefficient,
        1e-4,
    );
    close(
        limit.coefficients[0].standard_error,
        adjusted.effect.standard_error,
        1e-4,
    );
}

#[test]
fn interaction_of_treatment_and_group() {
    let Trial {
        times,
        events,
        treated,
        groups,
        marker,
    } = trial();
    let adjust = design(&[number("marker", &marker)]);
    let data = |groups, adjust| TreatmentByGroup {
        times: &times,
        events: &events,
        treatment: "chemo",
        treated: &treated,
        group: "risk",
        levels: &[],
        groups,
        adjust,
        ties: Ties::Efron,
        level: 0.95,
    };
    let names = levels(&["low", "empty", "high"]);
    let codes: Vec<usize> = groups.iter().map(|g| 2 * g).collect();
    let with_empty = TreatmentByGroup {
        levels: &names,
        ..data(&codes, Some(&adjust))
    };
    let result = treatment_interaction(&with_empty).unwrap();
    assert_eq!(result.likelihood_ratio.degrees_of_freedom, 1);
    assert_eq!(result.products[0].term, "chemo × risk");
    assert_eq!(result.products[0].level.as_deref(), Some("high"));

    let two = levels(&["low", "high"]);
    let plain = TreatmentByGroup {
        levels: &two,
        ..data(&groups, None)
    };
    let plain = treatment_interaction(&plain).unwrap();
    assert!(plain.likelihood_ratio.statistic >= 0.0);
    assert!(plain.notes == AdjustmentNotes::default());

    let one = vec![0; 40];
    let single = TreatmentByGroup {
        levels: &two,
        ..data(&one, None)
    };
    assert_eq!(treatment_interaction(&single), Err(SurvivalError::OneGroup));
}

/// Saturated propensity: the weighted arms have the same share of the confounder.
#[test]
fn weighting_balances_a_confounder() {
    let Trial {
        times,
        events,
        groups,
        ..
    } = trial();
    let treated: Vec<bool> = (0..40)
        .map(|i| if i < 20 { i % 4 == 0 } else { i % 4 != 0 })
        .collect();
    let confounder: Vec<f64> = groups.iter().map(|g| *g as f64).collect();
    let design = design(&[number("risk", &confounder)]);
    for (estimand, stabilized) in [
        (Estimand::AverageTreatmentEffect, true),
        (Estimand::AverageTreatmentEffect, false),
        (Estimand::AverageTreatmentEffectOnTheTreated, false),
    ] {
        let options = WeightingOptions {
            treatment: "chemo",
            estimand,
            stabilized,
            ties: Ties::Efron,
            level: 0.95,
        };
        let result =
            inverse_probability_weighting(&times, &events, &treated, &design, &options).unwrap();
        assert!(result.balance[0].before.unwrap().abs() > 0.5);
        close(result.balance[0].after.unwrap(), 0.0, 1e-9);
        assert!(result.effective_sample_size_treated <= 20.0 + 1e-9);
        assert!(result.weighted.robust_standard_error.is_some());
    }
    let all = vec![true; 40];
    let options = WeightingOptions {
        treatment: "chemo",
        estimand: Estimand::AverageTreatmentEffect,
        stabilized: true,
        ties: Ties::Efron,
        level: 0.95,
    };
    assert_eq!(
        inverse_probability_weighting(&times, &events, &all, &design, &options),
        Err(SurvivalError::OneArm { treated: true })
    );
}

#[test]
fn the_exact_likelihood_refuses_what_would_take_for_ever() {
    let times = vec![1.0; 4000];
    let events: Vec<bool> = (0..4000).map(|i| i % 2 == 0).collect();
    let x: Vec<f64> = (0..4000).map(f64::from).collect();
    assert!(matches!(
        cox_exact(&times, &events, &design(&[number("x", &x)]), None, 0.95),
        Err(SurvivalError::TooLargeForExact { .. })
    ));
}
