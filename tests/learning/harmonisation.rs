//! ComBat and z-scores.

use ndarray::{Array2, Axis, array, concatenate, s};
use prereg::learning::{Combat, LearningError, ZScore, fit_combat, fit_zscore};
use prereg::numerics::{Random, mean, variance};
use proptest::prelude::*;

/// Three batches with their own shift and spread, and a covariate that moves the features.
fn scanned(
    patients: usize,
    features: usize,
    seed: u64,
) -> (Array2<f64>, Vec<&'static str>, Array2<f64>) {
    let mut random = Random::new(seed, "scanned");
    let batch: Vec<&str> = (0..patients).map(|i| ["a", "b", "c"][i % 3]).collect();
    let covariate = Array2::from_shape_fn((patients, 1), |_| random.normal());
    let values = Array2::from_shape_fn((patients, features), |(patient, feature)| {
        let shift = (patient % 3) as f64 * (1.0 + feature as f64 / 10.0);
        let spread = 1.0 + (patient % 3) as f64;
        10.0 + feature as f64 + covariate[[patient, 0]] + shift + spread * random.normal()
    });
    (values, batch, covariate)
}

fn largest_difference(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    a.iter()
        .zip(b)
        .fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_the_patients_does_not_matter(seed: u64, with_covariate: bool) {
        let (features, batch, covariate) = scanned(30, 12, seed);
        let covariate = if with_covariate { covariate } else { Array2::zeros((30, 0)) };
        let harmonise = |order: &[usize]| {
            let features = features.select(Axis(0), order);
            let covariate = covariate.select(Axis(0), order);
            let batch: Vec<&str> = order.iter().map(|patient| batch[*patient]).collect();
            let fitted = fit_combat(&features, &batch, &covariate, None).unwrap();
            fitted.apply(&features, &batch, &covariate).unwrap()
        };
        let in_order: Vec<usize> = (0..30).collect();
        let mut shuffled = in_order.clone();
        Random::new(seed, "order").shuffle(&mut shuffled);
        let difference = largest_difference(&harmonise(&in_order).select(Axis(0), &shuffled), &harmonise(&shuffled));
        prop_assert!(difference < 1e-9, "{difference}");
    }

    /// The features' units: y → c y + d moves the harmonised values alike.
    #[test]
    fn units_do_not_matter(seed: u64, scale in 0.001_f64..1000.0, shift in -100.0_f64..100.0) {
        let (features, batch, covariate) = scanned(24, 8, seed);
        let harmonise = |features: &Array2<f64>| {
            let fitted = fit_combat(features, &batch, &covariate, Some("b")).unwrap();
            fitted.apply(features, &batch, &covariate).unwrap()
        };
        let moved = harmonise(&features.mapv(|value| scale * value + shift));
        let expected = harmonise(&features).mapv(|value| scale * value + shift);
        prop_assert!(largest_difference(&moved, &expected) < 1e-8 * (scale + shift.abs()));
    }

    #[test]
    fn a_reference_batch_stays_as_it_is(seed: u64) {
        let (features, batch, covariate) = scanned(30, 6, seed);
        let fitted = fit_combat(&features, &batch, &covariate, Some("c")).unwrap();
        let harmonised = fitted.apply(&features, &batch, &covariate).unwrap();
        for (patient, name) in batch.iter().enumerate() {
            prop_assert_eq!(*name == "c", harmonised.row(patient) == features.row(patient));
        }
    }

    #[test]
    fn standardised_features_have_mean_0_and_deviation_1(seed: u64) {
        let (features, ..) = scanned(20, 5, seed);
        let standardised = fit_zscore(&features).unwrap().apply(&features).unwrap();
        for column in standardised.columns() {
            let values = column.to_vec();
            prop_assert!(mean(&values).abs() < 1e-12);
            prop_assert!((variance(&values) - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn batches_come_closer() {
    let (features, batch, _) = scanned(300, 10, 7);
    let none = Array2::zeros((300, 0));
    let fitted = fit_combat(&features, &batch, &none, None).unwrap();
    let harmonised = fitted.apply(&features, &batch, &none).unwrap();
    let moments = |values: &Array2<f64>, name: &str| {
        let of_batch: Vec<f64> = (0..300)
            .filter(|patient| batch[*patient] == name)
            .map(|patient| values[[patient, 4]])
            .collect();
        (mean(&of_batch), variance(&of_batch).sqrt())
    };
    let (before_a, before_c) = (moments(&features, "a"), moments(&features, "c"));
    assert!(before_c.0 - before_a.0 > 1.5 && before_c.1 > 1.5 * before_a.1);
    let (a, c) = (moments(&harmonised, "a"), moments(&harmonised, "c"));
    assert!(
        (c.0 - a.0).abs() < 0.2 && (c.1 / a.1 - 1.0).abs() < 0.2,
        "{a:?} {c:?}"
    );
}

/// What is fitted is plain data, and new patients are harmonised by it alone.
#[test]
fn a_fit_is_stored_and_applied_to_others() {
    let (features, batch, covariate) = scanned(60, 9, 3);
    let (first, rest) = (s![..40, ..], s![40.., ..]);
    let fitted = fit_combat(
        &features.slice(first).to_owned(),
        &batch[..40],
        &covariate.slice(first).to_owned(),
        None,
    )
    .unwrap();
    let stored: Combat = serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
    assert_eq!(stored, fitted);
    let apply = |rows| {
        let rows: ndarray::SliceInfo<_, ndarray::Ix2, ndarray::Ix2> = rows;
        (
            features.slice(rows).to_owned(),
            covariate.slice(rows).to_owned(),
        )
    };
    let whole = stored.apply(&features, &batch, &covariate).unwrap();
    let (x, z) = apply(first);
    let head = stored.apply(&x, &batch[..40], &z).unwrap();
    let (x, z) = apply(rest);
    let tail = stored.apply(&x, &batch[40..], &z).unwrap();
    assert_eq!(whole, concatenate![Axis(0), head, tail]);
    let names: Vec<&str> = fitted
        .batches
        .iter()
        .map(|batch| batch.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn what_cannot_be_harmonised_is_refused() {
    let (features, batch, covariate) = scanned(12, 4, 1);
    let none = Array2::zeros((12, 0));
    let refused = |batch: &[&str], covariates: &Array2<f64>, reference| {
        fit_combat(&features, batch, covariates, reference)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&["a"; 12], &none, None),
        "all patients are of batch `a`: there is nothing to harmonise"
    );
    let mut lonely = batch.clone();
    lonely[0] = "d";
    assert_eq!(
        refused(&lonely, &none, None),
        "batch `d` has 1 patient in the fit: its variance needs at least 2; merge or exclude it"
    );
    assert_eq!(
        refused(&batch, &none, Some("z")),
        "no patient of the fit is of the reference batch `z`: choose one of `a`, `b`, `c`"
    );
    assert_eq!(
        refused(&batch[..11], &none, None),
        "the batch has 11 entries, but there are 12 patients: give one a patient"
    );
    let is_b = Array2::from_shape_fn((12, 1), |(patient, _)| f64::from(batch[patient] == "b"));
    assert_eq!(
        refused(&batch, &is_b, None),
        "covariate 1 is fixed by the batch and the covariates before it: their effects cannot be told apart; leave it out"
    );
    let twice = concatenate![Axis(1), covariate, covariate.mapv(|v| 2.0 - 3.0 * v)];
    assert!(refused(&batch, &twice, None).starts_with("covariate 2 is fixed by"));
    let gap = covariate.mapv(|v| if v == covariate[[4, 0]] { f64::NAN } else { v });
    assert_eq!(
        refused(&batch, &gap, None),
        "covariate 1 of patient 5 is missing or infinite: exclude the patient or impute the value first"
    );
    let fitted = fit_combat(&features, &batch, &none, None).unwrap();
    let mut elsewhere = batch.clone();
    elsewhere[2] = "new scanner";
    assert_eq!(
        fitted.apply(&features, &elsewhere, &none).unwrap_err(),
        LearningError::UnseenBatch {
            batch: "new scanner".to_owned(),
            patient: 2,
            fitted: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()],
        }
    );
    assert_eq!(
        fitted
            .apply(&features, &batch, &covariate)
            .unwrap_err()
            .to_string(),
        "1 covariates are given, but the fit used 0: give the same columns, in the same order"
    );
}

#[test]
fn features_constant_within_a_batch_pass_unchanged() {
    let (mut features, batch, _) = scanned(12, 4, 1);
    let none = Array2::zeros((12, 0));
    for (patient, name) in batch.iter().enumerate() {
        if *name == "b" {
            features[[patient, 2]] = 0.0;
        }
    }
    let fitted = fit_combat(&features, &batch, &none, None).unwrap();
    assert_eq!(
        (&fitted.adjusted[..], &fitted.unadjusted[..]),
        (&[0, 1, 3][..], &[2][..])
    );
    let harmonised = fitted.apply(&features, &batch, &none).unwrap();
    assert_eq!(harmonised.column(2), features.column(2));
    let error = fit_combat(&features.slice(s![.., 2..]).to_owned(), &batch, &none, None);
    assert_eq!(
        error.unwrap_err().to_string(),
        "1 features vary within every batch: ComBat pools what it learns over features and needs at least 2"
    );
}

#[test]
fn constant_features_have_no_z_score() {
    let features = array![[1.0, 5.0, 2.0], [3.0, 5.0, 2.0], [5.0, 5.0, 8.0]];
    let fitted = fit_zscore(&features).unwrap();
    assert_eq!(
        fitted,
        ZScore {
            features: 3,
            patients: 3,
            kept: vec![0, 2],
            mean: vec![3.0, 4.0],
            standard_deviation: vec![2.0, 12.0_f64.sqrt()],
            constant: vec![1],
        }
    );
    assert_eq!(
        fitted.apply(&array![[7.0, 0.0, 4.0]]).unwrap(),
        array![[2.0, 0.0]]
    );
    let refused = |features: &Array2<f64>| fit_zscore(features).unwrap_err().to_string();
    assert_eq!(
        refused(&array![[1.0], [1.0]]),
        "none of the 1 features differs between the patients: nothing can be learned from them"
    );
    assert_eq!(
        refused(&array![[1.0]]),
        "the number of patients to standardise by is 1: it must be at least 2"
    );
    assert_eq!(
        fitted.apply(&array![[1.0]]).unwrap_err().to_string(),
        "1 features are given, but the fit used 3: give the same columns, in the same order"
    );
}
