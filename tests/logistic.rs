//! Logistic regression and what is built on it: laws that must hold on any data, examples that can be followed by hand,
//! and bad data with the messages it gets. Agreement with other programs is tested by the reference cases.

use prereg::numerics::{Random, expit, ln, logit, normal_quantile};
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
    let rows = match predictors.first() {
        None => 0,
        Some(Predictor::Number { values, .. }) => values.len(),
        Some(Predictor::Category { codes, .. }) => codes.len(),
    };
    Design::new(rows, predictors)
}

fn flags(values: &[u8]) -> Vec<bool> {
    values.iter().map(|v| *v == 1).collect()
}

fn pick<T: Clone>(values: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|i| values[*i].clone()).collect()
}

fn fit(design: &Design, outcome: &[bool]) -> Result<LogisticRegression, LogisticError> {
    logistic_regression(design, outcome, 0.95)
}

#[track_caller]
fn close(a: f64, b: f64, tolerance: f64) {
    assert!(
        (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs())),
        "{a} is not {b}"
    );
}

/// Two numbers (one of few values), a category of three levels, an outcome that depends on them, and an order of rows.
#[derive(Clone, Debug)]
struct Sample {
    x: Vec<f64>,
    few: Vec<f64>,
    codes: Vec<usize>,
    outcome: Vec<bool>,
    order: Vec<usize>,
}

impl Sample {
    fn predictors(&self) -> Vec<Predictor> {
        vec![
            number("x", &self.x),
            number("few", &self.few),
            category("group", &["a", "b", "c"], &self.codes),
        ]
    }

    fn design(&self) -> Design {
        design(&self.predictors())
    }

    fn shuffled(&self) -> Self {
        Self {
            x: pick(&self.x, &self.order),
            few: pick(&self.few, &self.order),
            codes: pick(&self.codes, &self.order),
            outcome: pick(&self.outcome, &self.order),
            order: self.order.clone(),
        }
    }
}

/// Sixty to a hundred patients.
fn sample() -> impl Strategy<Value = Sample> {
    (60_usize..100, any::<u64>()).prop_map(|(n, seed)| {
        let mut random = Random::new(seed, "sample");
        let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let few: Vec<f64> = (0..n).map(|_| random.below(5) as f64).collect();
        let codes: Vec<usize> = (0..n).map(|_| random.below(3)).collect();
        let outcome = (0..n)
            .map(|i| {
                let eta = 0.7 * x[i] - 0.3 * few[i] + if codes[i] == 2 { 0.8 } else { 0.0 };
                random.unit() < expit(eta)
            })
            .collect();
        let mut order: Vec<usize> = (0..n).collect();
        random.shuffle(&mut order);
        Sample {
            x,
            few,
            codes,
            outcome,
            order,
        }
    })
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn the_order_of_rows_does_not_matter(s in sample()) {
        let t = s.shuffled();
        let (Ok(a), Ok(b)) = (fit(&s.design(), &s.outcome), fit(&t.design(), &t.outcome)) else {
            return Ok(());
        };
        for (a, b) in a.estimates().iter().zip(b.estimates()) {
            close(*a, b, 1e-12);
        }
        close(a.log_likelihood, b.log_likelihood, 1e-12);
        close(a.coefficients[3].standard_error, b.coefficients[3].standard_error, 1e-12);
        let a = firth_logistic_regression(&s.design(), &s.outcome, 0.95).unwrap();
        let b = firth_logistic_regression(&t.design(), &t.outcome, 0.95).unwrap();
        close(a.coefficients[0].coefficient, b.coefficients[0].coefficient, 1e-10);
    }

    #[test]
    fn at_the_maximum_the_score_is_zero(s in sample()) {
        let design = s.design();
        let Ok(found) = fit(&design, &s.outcome) else { return Ok(()) };
        let residuals: Vec<f64> = found.fitted.iter().zip(&s.outcome).map(|(p, y)| f64::from(*y) - p).collect();
        close(residuals.iter().sum::<f64>(), 0.0, 1e-11);
        for column in design.matrix.columns() {
            close(column.iter().zip(&residuals).map(|(x, r)| x * r).sum::<f64>(), 0.0, 1e-10);
        }
        assert!(found.largest_gradient < 1e-10);
        let again = found.probabilities(&design).unwrap();
        for (a, b) in again.iter().zip(&found.fitted) {
            close(*a, *b, 1e-12);
        }
    }

    #[test]
    fn units_do_not_matter(s in sample(), shift in -1e6..1e6_f64, factor in prop::sample::select(vec![1e-6, 0.1, 25.4, 1e7])) {
        let moved: Vec<f64> = s.x.iter().map(|x| (x + 3.0) * factor).collect();
        let other = Sample { x: moved, few: s.few.iter().map(|f| f + shift.round()).collect(), ..s.clone() };
        let (Ok(a), Ok(b)) = (fit(&s.design(), &s.outcome), fit(&other.design(), &s.outcome)) else {
            return Ok(());
        };
        close(a.coefficients[0].coefficient, b.coefficients[0].coefficient * factor, 1e-9);
        close(a.coefficients[0].z, b.coefficients[0].z, 1e-9);
        close(a.coefficients[1].coefficient, b.coefficients[1].coefficient, 1e-8);
        for (p, q) in a.fitted.iter().zip(&b.fitted) {
            close(*p, *q, 1e-8);
        }
    }

    #[test]
    fn swapping_the_outcome_negates_the_coefficients(s in sample()) {
        let swapped: Vec<bool> = s.outcome.iter().map(|y| !y).collect();
        let (Ok(a), Ok(b)) = (fit(&s.design(), &s.outcome), fit(&s.design(), &swapped)) else {
            return Ok(());
        };
        for (a, b) in a.estimates().iter().zip(b.estimates()) {
            close(*a, -b, 1e-10);
        }
    }

    #[test]
    fn profile_limits_hold_the_estimate_and_lie_on_the_profile(s in sample()) {
        let design = s.design();
        let Ok(found) = fit(&design, &s.outcome) else { return Ok(()) };
        let limits = profile_likelihood_intervals(&design, &s.outcome, 0.9).unwrap();
        for (limit, coefficient) in limits.iter().zip(std::iter::once(&found.intercept).chain(&found.coefficients)) {
            assert!(limit.low.unwrap() < coefficient.coefficient && coefficient.coefficient < limit.high.unwrap());
        }
        // With x held at its limit, the best fit of the rest is lower by half the χ² quantile.
        let target = normal_quantile(0.95) * normal_quantile(0.95) / 2.0;
        for limit in [limits[1].low.unwrap(), limits[1].high.unwrap()] {
            let held = best_with_x_held(&s, limit);
            close(found.log_likelihood - held, target, 1e-7);
        }
        let wide = profile_likelihood_intervals(&design, &s.outcome, 0.99).unwrap();
        assert!(wide[1].low < limits[1].low && wide[1].high > limits[1].high);
    }

    #[test]
    fn likelihood_ratios_are_differences_of_fits(s in sample()) {
        let design = s.design();
        let (Ok(full), Ok(tests)) = (fit(&design, &s.outcome), likelihood_ratio_tests(&design, &s.outcome)) else {
            return Ok(());
        };
        let without = fit(&design.select(&[0, 1]), &s.outcome).unwrap();
        close(tests.terms[2].chi_squared, 2.0 * (full.log_likelihood - without.log_likelihood), 1e-9);
        close(tests.terms[2].aic_without, without.aic, 1e-12);
        assert_eq!(tests.terms[2].degrees_of_freedom, 2);
        close(tests.model_chi_squared, full.null_deviance - full.deviance, 1e-9);
        assert!(tests.terms.iter().all(|t| (0.0..=1.0).contains(&t.p_value)));
    }

    #[test]
    fn a_stepwise_path_falls_and_ends_where_nothing_helps(s in sample()) {
        let design = s.design();
        for direction in [StepwiseDirection::Backward, StepwiseDirection::Forward, StepwiseDirection::Both] {
            for criterion in [InformationCriterion::Aic, InformationCriterion::Bic] {
                let Ok(found) = stepwise_selection(&design, &s.outcome, direction, criterion, 0.95) else {
                    continue;
                };
                for pair in found.path.windows(2) {
                    assert!(pair[1].criterion < pair[0].criterion);
                }
                let last = found.path.last().unwrap();
                assert!(last.tried.iter().all(|(_, value)| *value > last.criterion - 1e-6));
                let reported = match criterion {
                    InformationCriterion::Aic => found.fit.aic,
                    InformationCriterion::Bic => found.fit.bic,
                };
                close(last.criterion, reported, 1e-12);
            }
        }
    }

    #[test]
    fn firth_shrinks_and_its_interval_holds_the_estimate(s in sample()) {
        let design = s.design();
        let firth = firth_logistic_regression(&design, &s.outcome, 0.95).unwrap();
        for c in std::iter::once(&firth.intercept).chain(&firth.coefficients) {
            assert!(c.low.unwrap() < c.coefficient && c.coefficient < c.high.unwrap());
            // The test of 0 and the interval agree.
            assert_eq!(c.p_value < 0.05, c.low.unwrap() > 0.0 || c.high.unwrap() < 0.0);
        }
        if let Ok(plain) = fit(&design, &s.outcome) {
            assert!(firth.log_likelihood <= plain.log_likelihood + 1e-9);
        }
    }

    #[test]
    fn penalized_solutions_meet_the_optimality_conditions(s in sample(), alpha in prop::sample::select(vec![0.0, 0.3, 1.0])) {
        let design = s.design();
        let n = s.outcome.len() as f64;
        let path = penalty_path(&design, &s.outcome, alpha, 8).unwrap();
        let fits = penalized_logistic_regression(&design, &s.outcome, alpha, &path).unwrap();
        if alpha > 0.0 {
            assert_eq!(fits[0].nonzero, 0);
        }
        for found in &fits {
            for (j, column) in design.matrix.columns().into_iter().enumerate() {
                let mean = column.iter().sum::<f64>() / n;
                let scale = (column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
                let gradient = design.matrix.rows().into_iter().zip(&s.outcome).zip(column.iter()).map(|((row, y), x)| {
                    let eta = row.iter().zip(&found.coefficients).fold(found.intercept, |t, (x, b)| t + x * b);
                    (f64::from(*y) - expit(eta)) * (x - mean) / scale
                }).sum::<f64>() / n;
                let b = found.coefficients[j] * scale;
                let pull = gradient - found.lambda * (1.0 - alpha) * b;
                if b == 0.0 {
                    assert!(pull.abs() <= found.lambda * alpha * (1.0 + 1e-7) + 1e-9, "{pull}");
                } else {
                    close(pull, found.lambda * alpha * b.signum(), 1e-8);
                }
            }
        }
    }
}

/// The best log-likelihood of the sample's model with the coefficient of x held, by Newton steps written out here.
fn best_with_x_held(s: &Sample, held: f64) -> f64 {
    let design = s.design().select(&[1, 2]);
    let mut beta = [0.0; 4];
    for _ in 0..50 {
        let (mut gradient, mut hessian) = ([0.0; 4], [[0.0; 4]; 4]);
        for (i, row) in design.matrix.rows().into_iter().enumerate() {
            let z = [1.0, row[0], row[1], row[2]];
            let p = expit(held * s.x[i] + z.iter().zip(&beta).map(|(a, b)| a * b).sum::<f64>());
            for a in 0..4 {
                gradient[a] += z[a] * (f64::from(s.outcome[i]) - p);
                for b in 0..4 {
                    hessian[a][b] += z[a] * z[b] * p * (1.0 - p);
                }
            }
        }
        // Gauss–Jordan.
        for a in 0..4 {
            let pivot = hessian[a][a];
            for b in 0..4 {
                if b != a {
                    let share = hessian[b][a] / pivot;
                    let line = hessian[a];
                    for (value, other) in hessian[b].iter_mut().zip(line) {
                        *value -= share * other;
                    }
                    gradient[b] -= share * gradient[a];
                }
            }
        }
        for a in 0..4 {
            beta[a] += gradient[a] / hessian[a][a];
        }
    }
    design
        .matrix
        .rows()
        .into_iter()
        .enumerate()
        .map(|(i, row)| {
            let eta =
                beta[0] + held * s.x[i] + beta[1] * row[0] + beta[2] * row[1] + beta[3] * row[2];
            ln(if s.outcome[i] {
                expit(eta)
            } else {
                expit(-eta)
            })
        })
        .sum()
}

/// 10 of 30 exposed and 20 of 90 others have the event.
fn two_by_two() -> (Design, Vec<bool>) {
    let mut exposed = vec![1.0; 30];
    exposed.extend([0.0; 90]);
    let outcome = (0..120).map(|i| i < 10 || (30..50).contains(&i)).collect();
    (design(&[number("exposed", &exposed)]), outcome)
}

#[test]
fn a_two_by_two_table_gives_its_odds_ratio() {
    let (design, outcome) = two_by_two();
    let found = fit(&design, &outcome).unwrap();
    let c = &found.coefficients[0];
    close(c.odds_ratio, (10.0 * 70.0) / (20.0 * 20.0), 1e-13);
    close(
        c.standard_error,
        (1.0_f64 / 10.0 + 1.0 / 20.0 + 1.0 / 20.0 + 1.0 / 70.0).sqrt(),
        1e-13,
    );
    close(found.intercept.coefficient, ln(20.0 / 70.0), 1e-13);
    close(
        found.null_deviance,
        -2.0 * (30.0 * ln(0.25) + 90.0 * ln(0.75)),
        1e-13,
    );
    assert_eq!((found.patients, found.events), (120, 30));
    close(found.bic - found.aic, 2.0 * ln(120.0) - 4.0, 1e-12);
}

#[test]
fn a_model_without_columns_is_the_mean() {
    let outcome = flags(&[1, 0, 0, 0]);
    let found = fit(&Design::new(4, &[]), &outcome).unwrap();
    close(found.intercept.coefficient, logit(0.25), 1e-14);
    close(
        found.intercept.standard_error,
        (1.0_f64 / (4.0 * 0.25 * 0.75)).sqrt(),
        1e-12,
    );
    let limits = profile_likelihood_intervals(&Design::new(4, &[]), &outcome, 0.95).unwrap();
    assert!(limits[0].low.unwrap() < logit(0.25) && limits[0].high.unwrap() > logit(0.25));
    assert!(
        likelihood_ratio_tests(&Design::new(4, &[]), &outcome)
            .unwrap()
            .terms
            .is_empty()
    );
}

#[test]
fn ill_conditioned_and_extreme_but_sound_data_are_fitted() {
    // Years and days since 1900 of the same calendar, and an outcome that hardly varies.
    let n = 400;
    let year: Vec<f64> = (0..n).map(|i| 2000.0 + f64::from(i % 20)).collect();
    let day: Vec<f64> = (0..n)
        .map(|i| 36_525.0 + 365.25 * f64::from(i % 20) + f64::from(i * 7 % 365))
        .collect();
    let outcome: Vec<bool> = (0..n).map(|i| i % 40 == 3 || i % 97 == 1).collect();
    let found = fit(
        &design(&[number("year", &year), number("day", &day)]),
        &outcome,
    )
    .unwrap();
    assert!(found.largest_gradient < 1e-9);
    // One patient with the event among a thousand.
    let x: Vec<f64> = (0..1000).map(|i| f64::from(i % 10)).collect();
    let rare: Vec<bool> = (0..1000).map(|i| i == 456).collect();
    assert!(fit(&design(&[number("x", &x)]), &rare).is_ok());
}

#[track_caller]
fn separation(predictors: &[Predictor], outcome: &[u8]) -> Separation {
    let error = fit(&design(predictors), &flags(outcome)).expect_err("the outcome is separated");
    let LogisticError::Separated(separation) = error else {
        unreachable!("{error}")
    };
    separation
}

#[test]
fn separation_is_named_after_its_terms() {
    let outcome = [0, 0, 0, 0, 1, 1, 1, 1];
    let noise = number("noise", &[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]);
    let complete = separation(
        &[
            noise.clone(),
            number("x", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
        ],
        &outcome,
    );
    assert_eq!(complete.terms, ["x"]);
    assert!(complete.complete);
    assert_eq!(complete.predicted, 8);

    let tied = separation(
        &[number("x", &[1.0, 2.0, 3.0, 4.0, 4.0, 6.0, 7.0, 8.0])],
        &outcome,
    );
    assert!(!tied.complete);
    assert_eq!(tied.predicted, 6);

    // A level that only patients without the event have.
    let level = separation(
        &[
            noise,
            category("stage", &["I", "II", "III"], &[0, 1, 2, 2, 0, 1, 0, 1]),
        ],
        &outcome,
    );
    assert_eq!(level.columns, ["stage = III"]);
    assert_eq!((level.complete, level.predicted), (false, 2));
    assert_eq!(
        LogisticError::Separated(level).to_string(),
        "`stage = III` predicts the outcome of 2 of 8 patients perfectly: no finite odds ratio exists. \
         Merge levels, leave the term out, or use Firth's penalised likelihood"
    );
}

#[test]
fn terms_that_separate_only_together_are_found() {
    // x1 + x2 > 0 is the event; neither alone separates.
    let mut random = Random::new(5, "together");
    let (mut x1, mut x2, mut noise, mut outcome) = (vec![], vec![], vec![], vec![]);
    while x1.len() < 60 {
        let (a, b) = (random.normal(), random.normal());
        if (a + b).abs() > 0.1 {
            x1.push(a);
            x2.push(b);
            noise.push(random.normal());
            outcome.push(u8::from(a + b > 0.0));
        }
    }
    let found = separation(
        &[
            number("noise", &noise),
            number("x1", &x1),
            number("x2", &x2),
        ],
        &outcome,
    );
    assert_eq!(found.terms, ["x1", "x2"]);
    assert!(found.complete);
    assert!(
        LogisticError::Separated(found)
            .to_string()
            .starts_with("`x1`, `x2` predict the outcome of all 60 patients")
    );
    // One patient on the other side, and the fit is finite.
    let at = (0..60)
        .min_by(|a, b| (x1[*a] + x2[*a]).abs().total_cmp(&(x1[*b] + x2[*b]).abs()))
        .unwrap();
    let mut overlapping = flags(&outcome);
    overlapping[at] = !overlapping[at];
    let far = (0..60)
        .max_by(|a, b| (x1[*a] + x2[*a]).total_cmp(&(x1[*b] + x2[*b])))
        .unwrap();
    overlapping[far] = false;
    assert!(
        fit(
            &design(&[number("x1", &x1), number("x2", &x2)]),
            &overlapping
        )
        .is_ok()
    );
}

/// Every data set of 2 columns of 0 and 1: separated exactly if one of the few possible lines separates.
#[test]
fn separation_is_decided_exactly_on_small_tables() {
    let mut random = Random::new(11, "tables");
    let (mut separated, mut finite) = (0, 0);
    for _ in 0..600 {
        let n = 8 + random.below(10);
        let a: Vec<f64> = (0..n).map(|_| random.below(2) as f64).collect();
        let b: Vec<f64> = (0..n).map(|_| random.below(2) as f64).collect();
        let outcome: Vec<bool> = (0..n).map(|_| random.below(2) == 1).collect();
        let found = fit(&design(&[number("a", &a), number("b", &b)]), &outcome);
        let by_line = lines().any(|[c, p, q]| {
            let margins: Vec<i64> = (0..n)
                .map(|i| {
                    let side = c + p * a[i] as i64 + q * b[i] as i64;
                    if outcome[i] { side } else { -side }
                })
                .collect();
            margins.iter().all(|m| *m >= 0) && margins.iter().any(|m| *m > 0)
        });
        match found {
            Ok(_) => {
                assert!(!by_line);
                finite += 1;
            }
            Err(LogisticError::Separated(_)) => {
                assert!(by_line);
                separated += 1;
            }
            Err(
                LogisticError::OneClass { .. }
                | LogisticError::Constant { .. }
                | LogisticError::Collinear { .. },
            ) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(separated > 50 && finite > 50, "{separated} {finite}");
}

fn lines() -> impl Iterator<Item = [i64; 3]> {
    (-3..=3).flat_map(|c| (-3..=3).flat_map(move |p| (-3..=3).map(move |q| [c, p, q])))
}

#[test]
fn firth_is_finite_where_maximum_likelihood_is_not() {
    let design = design(&[number("x", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])]);
    let outcome = flags(&[0, 0, 0, 0, 1, 1, 1, 1]);
    let found = firth_logistic_regression(&design, &outcome, 0.95).unwrap();
    assert!(found.coefficients[0].coefficient < 2.0 && found.coefficients[0].p_value < 0.05);
}

#[test]
fn bad_data_get_a_sentence() {
    let outcome = flags(&[0, 1, 0, 1, 1, 0]);
    let x = [1.0, 2.0, 3.0, 4.0, 2.0, 6.0];
    let message = |predictors: &[Predictor], outcome: &[bool]| {
        fit(&design(predictors), outcome).unwrap_err().to_string()
    };
    assert_eq!(
        fit(&Design::new(0, &[]), &[]).unwrap_err().to_string(),
        "there are no patients: nothing can be fitted"
    );
    assert_eq!(
        message(&[number("x", &x)], &outcome[..4]),
        "the outcome has 4 values, but there are 6 patients"
    );
    assert_eq!(
        message(&[number("x", &x)], &[true; 6]),
        "6 of 6 patients have the event: the outcome must take both values"
    );
    assert_eq!(
        message(
            &[number("x", &[1.0, f64::NAN, 3.0, 4.0, 2.0, 6.0])],
            &outcome
        ),
        "`x` is not a finite number in row 2: drop or impute the patient first"
    );
    assert_eq!(
        message(
            &[number("x", &[1.0, f64::INFINITY, 3.0, 4.0, 2.0, 6.0])],
            &outcome
        ),
        "`x` is not a finite number in row 2: drop or impute the patient first"
    );
    assert_eq!(
        message(
            &[category("stage", &["I", "II", "IV"], &[0, 1, 0, 1, 0, 1])],
            &outcome
        ),
        "`stage = IV` is 0 in every patient: leave it out, or merge its level"
    );
    let y = [2.0, 1.0, 2.0, 2.0, 1.0, 3.0];
    let sum: Vec<f64> = x.iter().zip(&y).map(|(x, y)| 2.0 * x - y + 5.0).collect();
    assert_eq!(
        message(
            &[number("x", &x), number("y", &y), number("sum", &sum)],
            &outcome
        ),
        "`sum` is a linear combination of `x`, `y`: leave one of them out"
    );
    let many: Vec<Predictor> = (0..5)
        .map(|k| number(&format!("x{k}"), &[f64::from(k), 1.0, 2.0, 5.0, 3.0, 1.5]))
        .collect();
    assert_eq!(
        message(&many, &outcome),
        "6 coefficients cannot be estimated from 6 patients: use fewer terms, or a penalised regression"
    );
    assert_eq!(
        logistic_regression(&design(&[number("x", &x)]), &outcome, 95.0)
            .unwrap_err()
            .to_string(),
        "the confidence level is 95, but must be between 0 and 1"
    );
    let random = Random::new(1, "none");
    assert_eq!(
        bootstrap_optimism(&design(&[number("x", &x)]), &outcome, 0, &random)
            .unwrap_err()
            .to_string(),
        "the number of resamples is 0, but must be at least 1"
    );
    assert_eq!(
        penalized_logistic_regression(&design(&[number("x", &x)]), &outcome, 1.5, &[0.1])
            .unwrap_err()
            .to_string(),
        "alpha (the lasso's share of the penalty) is 1.5, but must be from 0 to 1"
    );
    assert_eq!(
        cross_validate_penalty(
            &design(&[number("x", &x)]),
            &outcome,
            1.0,
            &[0.1],
            &[1, 1, 1, 1, 1, 1]
        )
        .unwrap_err()
        .to_string(),
        "the number of folds is 1, but must be at least 2"
    );
}

#[test]
fn a_candidate_that_cannot_be_fitted_alone_says_why() {
    let n = 40;
    let x: Vec<f64> = (0..n).map(|i| f64::from(i * 13 % 17)).collect();
    let outcome: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
    let perfect: Vec<f64> = outcome.iter().map(|y| f64::from(*y)).collect();
    let candidates = design(&[
        number("x", &x),
        number("perfect", &perfect),
        number("one", &vec![1.0; 40]),
    ]);
    let screened = univariable_screen(&candidates, &outcome, None, 0.95).unwrap();
    assert!(screened[0].kept && screened[0].failure.is_none());
    assert!(matches!(screened[1].failure, Some(LogisticError::Separated(_))) && !screened[1].kept);
    assert!(matches!(
        screened[2].failure,
        Some(LogisticError::Constant { .. })
    ));
    assert_eq!(screened[1].wald_p_value, None);
    let rule = |p_value, inclusive| Some(ScreenRule { p_value, inclusive });
    let p = screened[0].screening_p_value.unwrap();
    let kept = |rule| univariable_screen(&candidates, &outcome, rule, 0.95).unwrap()[0].kept;
    assert!(!kept(rule(p, false)) && kept(rule(p, true)));
}

#[test]
fn among_equal_terms_the_earlier_one_is_taken() {
    let n = 60;
    let mut random = Random::new(3, "equal");
    let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let outcome: Vec<bool> = x.iter().map(|x| random.unit() < expit(2.0 * x)).collect();
    let doubled: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
    let both = design(&[number("first", &x), number("second", &doubled)]);
    let found = stepwise_selection(
        &both,
        &outcome,
        StepwiseDirection::Forward,
        InformationCriterion::Aic,
        0.95,
    )
    .unwrap();
    assert_eq!(found.terms, [0]);
    assert!(matches!(
        stepwise_selection(
            &both,
            &outcome,
            StepwiseDirection::Backward,
            InformationCriterion::Aic,
            0.95
        ),
        Err(LogisticError::Collinear { .. })
    ));
}

#[test]
fn nothing_kept_leaves_the_empty_model() {
    let (design, outcome) = two_by_two();
    let rule = Some(ScreenRule {
        p_value: 1e-9,
        inclusive: false,
    });
    let selection = Some((StepwiseDirection::Backward, InformationCriterion::Aic));
    let found = screen_then_select(&design, &outcome, rule, selection, 0.95).unwrap();
    assert!(found.kept.is_empty() && found.final_terms.is_empty());
    close(found.final_fit.intercept.coefficient, logit(0.25), 1e-12);
}

fn cohort(n: usize, seed: u64) -> (Vec<Predictor>, Vec<bool>) {
    let mut random = Random::new(seed, "cohort");
    let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let age: Vec<f64> = (0..n)
        .map(|_| (60.0 + 10.0 * random.normal()).round())
        .collect();
    let codes: Vec<usize> = (0..n).map(|_| random.below(3)).collect();
    let outcome = (0..n)
        .map(|i| {
            random.unit() < expit(0.8 * x[i] + 0.05 * (age[i] - 60.0) - 0.5 + 0.4 * codes[i] as f64)
        })
        .collect();
    let predictors = vec![
        number("x", &x),
        number("age", &age),
        category("grade", &["low", "middle", "high"], &codes),
    ];
    (predictors, outcome)
}

/// The same bits in a pool of one thread and in a pool of eight.
fn with_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("a pool of threads")
        .install(run)
}

#[test]
fn resampling_does_not_depend_on_threads() {
    let (predictors, outcome) = cohort(150, 1);
    let design = design(&predictors);
    let random = Random::new(20, "calibration");
    let at: Vec<f64> = (2..9).map(|k| f64::from(k) / 10.0).collect();
    let curve = || bootstrap_calibration(&design, &outcome, &at, 40, &random).unwrap();
    let optimism = || bootstrap_optimism(&design, &outcome, 40, &random).unwrap();
    let p = fit(&design, &outcome).unwrap().fitted;
    let band = || calibration_band(&outcome, &p, &at, 40, 0.95, &random).unwrap();
    assert_eq!(with_threads(1, curve), with_threads(8, curve));
    assert_eq!(with_threads(1, optimism), with_threads(8, optimism));
    assert_eq!(with_threads(1, band), with_threads(8, band));
    let other = bootstrap_optimism(&design, &outcome, 40, &Random::new(21, "calibration")).unwrap();
    assert_ne!(other.dxy.corrected, optimism().dxy.corrected);
}

#[test]
fn the_optimism_of_a_large_sample_is_small_and_of_noise_is_not() {
    let (predictors, outcome) = cohort(2000, 2);
    let random = Random::new(1, "optimism");
    let found = bootstrap_optimism(&design(&predictors), &outcome, 60, &random).unwrap();
    assert!(found.dxy.optimism.abs() < 0.02 && (found.slope.corrected - 1.0).abs() < 0.05);
    let fitted = fit(&design(&predictors), &outcome).unwrap().fitted;
    close(found.auc.apparent, auc(&outcome, &fitted).unwrap(), 1e-12);
    close(
        found.dxy.corrected,
        found.dxy.apparent - (found.dxy.training - found.dxy.test),
        1e-12,
    );

    let mut draws = Random::new(9, "noise");
    let noise: Vec<Predictor> = (0..12)
        .map(|k| {
            number(
                &format!("x{k}"),
                &(0..100).map(|_| draws.normal()).collect::<Vec<_>>(),
            )
        })
        .collect();
    let outcome: Vec<bool> = (0..100).map(|i| i % 2 == 0).collect();
    let found = bootstrap_optimism(&design(&noise), &outcome, 100, &random).unwrap();
    assert!(found.slope.corrected < 0.5 && found.dxy.corrected < 0.5 * found.dxy.apparent);
}

#[test]
fn a_rare_level_costs_resamples_and_they_are_counted() {
    let (mut predictors, outcome) = cohort(120, 4);
    // Two patients with and two without the event have the level.
    let mut left = [2, 2];
    let codes: Vec<usize> = outcome
        .iter()
        .map(|y| {
            let left = &mut left[usize::from(*y)];
            let rare = *left > 0;
            *left -= usize::from(rare);
            usize::from(rare)
        })
        .collect();
    predictors.push(category("rare", &["no", "yes"], &codes));
    let random = Random::new(1, "rare");
    let found = bootstrap_optimism(&design(&predictors), &outcome, 300, &random).unwrap();
    assert!(found.resamples_failed > 0 && found.resamples_failed < 30);
    assert!(found.resamples_separated > 30 && found.resamples_separated < 150);
    let at = [0.3, 0.5, 0.7];
    let curve = bootstrap_calibration(&design(&predictors), &outcome, &at, 300, &random).unwrap();
    assert_eq!(curve.resamples_failed, found.resamples_failed);
    assert!(
        curve
            .contributing
            .iter()
            .all(|c| *c > 250 && *c <= 300 - found.resamples_failed)
    );
}

#[test]
fn resamples_without_an_event_are_left_out() {
    let mut random = Random::new(2, "events");
    let x: Vec<f64> = (0..60).map(|_| random.normal()).collect();
    let outcome: Vec<bool> = (0..60).map(|i| i % 20 == 7).collect();
    let design = design(&[number("x", &x)]);
    let found = bootstrap_optimism(&design, &outcome, 200, &random).unwrap();
    // Three events: about e⁻³ of the resamples have none.
    assert!(found.resamples_failed > 0 && found.resamples_failed < 30);
    assert!(found.dxy.corrected.is_finite() && found.slope.corrected.is_finite());
}

#[test]
fn a_calibration_curve_is_none_where_no_prediction_reaches() {
    let (predictors, outcome) = cohort(200, 6);
    let random = Random::new(1, "reach");
    let curve = bootstrap_calibration(
        &design(&predictors),
        &outcome,
        &[0.0, 0.5, 1.0],
        50,
        &random,
    )
    .unwrap();
    assert_eq!(curve.apparent[0], None);
    assert!(curve.corrected[1].is_some());
    assert_eq!(curve.contributing[0], 0);
    let unordered = bootstrap_calibration(&design(&predictors), &outcome, &[0.5, 0.2], 50, &random);
    assert_eq!(
        unordered.unwrap_err().to_string(),
        "a predicted probability of the curve is 0.2, but must be between 0 and 1, in ascending order"
    );
}

#[test]
fn points_of_a_nomogram_add_up_to_the_prediction() {
    let (predictors, outcome) = cohort(300, 8);
    let found = fit(&design(&predictors), &outcome).unwrap();
    let drawn = nomogram(&predictors, &found, 100.0).unwrap();
    let most = drawn
        .axes
        .iter()
        .flat_map(|a| &a.ticks)
        .map(|t| t.points)
        .fold(0.0, f64::max);
    close(most, 100.0, 1e-12);
    // Each term's points grow by its coefficient; the total is the linear predictor on another scale.
    let lp = found.linear_predictors(&design(&predictors)).unwrap();
    for (i, lp) in lp.iter().enumerate().take(20) {
        let mut points = 0.0;
        for (axis, predictor) in drawn.axes.iter().zip(&predictors) {
            points += match predictor {
                Predictor::Number { values, .. } => {
                    let (low, high) = (&axis.ticks[0], &axis.ticks[axis.ticks.len() - 1]);
                    let (x0, x1) = (low.value.unwrap(), high.value.unwrap());
                    low.points + (high.points - low.points) * (values[i] - x0) / (x1 - x0)
                }
                Predictor::Category { codes, .. } => axis.ticks[codes[i]].points,
            };
        }
        close(
            drawn.linear_predictor_at_zero + points / drawn.points_per_unit,
            *lp,
            1e-12,
        );
    }
    for tick in &drawn.probabilities {
        let lp = drawn.linear_predictor_at_zero + tick.total_points / drawn.points_per_unit;
        close(expit(lp), tick.probability, 1e-12);
    }
}

#[test]
fn axes_have_the_round_values_of_r() {
    let ends = |low, high, n| {
        let values = pretty(low, high, n);
        (values[0], values[1] - values[0], values[values.len() - 1])
    };
    assert_eq!(ends(0.0, 33.0, 10), (0.0, 5.0, 35.0));
    assert_eq!(ends(1.0, 16.0, 10), (0.0, 2.0, 16.0));
    assert_eq!(
        pretty(0.0, 1.0, 10),
        [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    );
    assert_eq!(ends(-2.4, 3.2, 5), (-3.0, 1.0, 4.0));
    assert_eq!(pretty(4.0, 4.0, 5), [4.0]);
    assert_eq!(ends(0.0, 1234.0, 5), (0.0, 200.0, 1400.0));
}

#[test]
fn a_small_ridge_penalty_is_almost_maximum_likelihood() {
    let (predictors, outcome) = cohort(200, 12);
    let design = design(&predictors);
    let plain = fit(&design, &outcome).unwrap();
    let ridge = penalized_logistic_regression(&design, &outcome, 0.0, &[1e-9]).unwrap();
    for (a, b) in plain.coefficients.iter().zip(&ridge[0].coefficients) {
        close(a.coefficient, *b, 1e-6);
    }
    // More columns than patients: the lasso keeps few, and both ways of descending agree on separated data.
    let mut draws = Random::new(2, "wide");
    let wide: Vec<Predictor> = (0..120)
        .map(|k| {
            number(
                &format!("x{k}"),
                &(0..50).map(|_| draws.normal()).collect::<Vec<_>>(),
            )
        })
        .collect();
    let outcome: Vec<bool> = (0..50).map(|i| i % 2 == 0).collect();
    let wide = Design::new(50, &wide);
    let path = penalty_path(&wide, &outcome, 1.0, 20).unwrap();
    let fits = penalized_logistic_regression(&wide, &outcome, 1.0, &path).unwrap();
    assert!(
        fits.windows(2)
            .all(|pair| pair[1].deviance <= pair[0].deviance + 1e-9)
    );
    assert!(fits[19].nonzero > 5 && fits[19].nonzero <= 50);
    let folds: Vec<usize> = (0..50).map(|i| i % 5).collect();
    let chosen = cross_validate_penalty(&wide, &outcome, 1.0, &path, &folds).unwrap();
    assert!(chosen.lambda_one_standard_error >= chosen.lambda_min);
    assert_eq!(chosen.folds, 5);
    let ridge = penalized_logistic_regression(&wide, &outcome, 0.0, &[0.1]).unwrap();
    assert_eq!(ridge[0].nonzero, 120);
}
