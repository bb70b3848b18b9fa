//! mRMR and the univariate filter.

use ndarray::{Array2, array};
use prereg::learning::{
    FeatureSelection, LearningError, MrmrScheme, MutualInformation, mrmr, univariate_filter,
};
use proptest::prelude::*;

use super::{simulated, simulated_grades};

const SCHEMES: [MrmrScheme; 2] = [MrmrScheme::Difference, MrmrScheme::Quotient];
const INFORMATION: [MutualInformation; 2] = [
    MutualInformation::Correlation,
    MutualInformation::ThreeStates,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_first_pick_is_the_most_relevant_and_none_is_picked_twice(
        patients in 12_usize..60, columns in 3_usize..12, grades: bool, seed: u64,
    ) {
        let simulate = if grades { simulated_grades } else { simulated };
        let (features, outcome) = simulate(patients, columns, seed);
        for information in INFORMATION {
            for scheme in SCHEMES {
                let Ok(picked) = mrmr(&features, &outcome, 3, scheme, information) else {
                    // Rounding made too many features constant.
                    continue;
                };
                prop_assert_eq!(picked.score[0], picked.relevance[0]);
                let alone = |feature: usize| {
                    let column = features.column(feature).to_owned().insert_axis(ndarray::Axis(1));
                    mrmr(&column, &outcome, 1, scheme, information).map_or(0.0, |one| one.relevance[0])
                };
                for feature in 0..columns {
                    prop_assert!(alone(feature) <= picked.relevance[0]);
                }
                let mut distinct = picked.order.clone();
                distinct.sort_unstable();
                distinct.dedup();
                prop_assert_eq!(distinct.len(), 3);
            }
        }
    }

    /// A feature's unit does not matter.
    #[test]
    fn scaling_a_feature_changes_nothing(seed: u64) {
        let (features, outcome) = simulated(40, 8, seed);
        let mut scaled = features.clone();
        scaled.column_mut(3).mapv_inplace(|value| value * 1000.0 + 5.0);
        for information in INFORMATION {
            let pick = |x: &Array2<f64>| {
                mrmr(x, &outcome, 6, MrmrScheme::Difference, information).unwrap().order
            };
            prop_assert_eq!(pick(&features), pick(&scaled));
        }
    }

    #[test]
    fn the_auc_of_the_negative_is_one_minus_it(seed: u64) {
        let (features, outcome) = simulated_grades(50, 4, seed);
        let ranked = univariate_filter(&features, &outcome).unwrap();
        let negative = univariate_filter(&features.mapv(|value| -value), &outcome).unwrap();
        for (a, b) in ranked.iter().zip(&negative) {
            prop_assert_eq!(a.feature, b.feature);
            prop_assert!((a.auc + b.auc - 1.0).abs() < 1e-15);
            prop_assert_eq!(a.p_value, b.p_value);
        }
    }
}

/// A copy of the first pick is as relevant, but wholly redundant.
#[test]
fn a_copy_is_picked_last() {
    let outcome = [true, true, true, true, false, false, false, false];
    let strong = [5.0, 4.0, 3.5, 2.0, 2.5, 1.0, 0.5, 0.2];
    let weak = [1.0, -1.0, 1.5, 0.0, 0.0, -1.0, 1.0, -0.5];
    let noise = [1.0, -1.0, -1.0, 1.0, 1.0, -1.0, 1.0, -1.0];
    let features = Array2::from_shape_fn((8, 4), |(patient, feature)| {
        [strong, strong, weak, noise][feature][patient]
    });
    let information = MutualInformation::Correlation;
    let difference = mrmr(&features, &outcome, 4, MrmrScheme::Difference, information).unwrap();
    assert_eq!(difference.order[0], 0, "the first of equals");
    assert_eq!(difference.order[3], 1);
    assert!(difference.score.iter().all(|score| score.is_finite()));
    // The noise has no relevance at all, so its quotient is the lowest.
    let quotient = mrmr(&features, &outcome, 4, MrmrScheme::Quotient, information).unwrap();
    assert_eq!(quotient.order, [0, 2, 1, 3]);
}

#[test]
fn constant_features_are_reported_and_never_picked() {
    let features = array![
        [1.0, 7.0, 3.0],
        [2.0, 7.0, 1.0],
        [3.0, 7.0, 2.0],
        [4.0, 7.0, 9.0]
    ];
    let outcome = [false, true, false, true];
    let pick = |count| {
        mrmr(
            &features,
            &outcome,
            count,
            MrmrScheme::Difference,
            MutualInformation::Correlation,
        )
    };
    let picked = pick(2).unwrap();
    assert_eq!(picked.constant, [1]);
    assert_eq!(picked.order, [0, 2]);
    assert_eq!(
        pick(3).unwrap_err().to_string(),
        "the number of features to select is 3, but only 2 features are available: ask for 2 or fewer"
    );
    assert_eq!(
        pick(0).unwrap_err().to_string(),
        "the number of features to select is 0: it must be at least 1"
    );
}

/// p values of scipy 1.17.1's `mannwhitneyu(method = "asymptotic", use_continuity = True)`.
#[test]
fn mann_whitney_as_scipy() {
    let with = [3.0, 4.0, 4.0, 5.0, 7.0, 9.0, 9.0, 2.0];
    let without = [1.0, 2.0, 2.0, 4.0, 5.0, 6.0, 3.0];
    let features = Array2::from_shape_fn((15, 1), |(patient, _)| {
        if patient < 8 {
            with[patient]
        } else {
            without[patient - 8]
        }
    });
    let outcome: Vec<bool> = (0..15).map(|patient| patient < 8).collect();
    let ranked = univariate_filter(&features, &outcome).unwrap();
    assert_eq!(ranked[0].mann_whitney_u, MANN_WHITNEY.0);
    assert!(
        (ranked[0].p_value / MANN_WHITNEY.1 - 1.0).abs() < 1e-12,
        "{}",
        ranked[0].p_value
    );
}

const MANN_WHITNEY: (f64, f64) = (41.0, 0.144_011_511_765_776_34);

#[test]
fn the_filter_ranks_by_distance_from_one_half_and_keeps_constant_features_last() {
    let features = array![
        [1.0, 9.0, 4.0, 1.0],
        [1.0, 8.0, 3.0, 2.0],
        [1.0, 2.0, 2.0, 3.0],
        [1.0, 1.0, 5.0, 4.0]
    ];
    let outcome = [false, false, true, true];
    let ranked = univariate_filter(&features, &outcome).unwrap();
    let order: Vec<usize> = ranked.iter().map(|rank| rank.feature).collect();
    assert_eq!(
        order,
        [1, 3, 0, 2],
        "equal distances in the order of the columns"
    );
    assert_eq!(ranked[0].auc, 0.0);
    assert_eq!(ranked[1].auc, 1.0);
    assert_eq!((ranked[2].auc, ranked[2].p_value), (0.5, 1.0));
    let select = |count| FeatureSelection::Univariate { count }.select(&features, &outcome);
    assert_eq!(select(2).unwrap(), [1, 3]);
    assert!(matches!(
        select(5),
        Err(LearningError::TooManyFeatures {
            asked: 5,
            available: 4,
            ..
        })
    ));
}

#[test]
fn gaps_are_named() {
    let features = array![[1.0, 2.0], [3.0, f64::NAN]];
    let error = mrmr(
        &features,
        &[true, false],
        1,
        MrmrScheme::Difference,
        MutualInformation::Correlation,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "feature 2 of patient 2 is missing: exclude the patient or impute the value first"
    );
    assert_eq!(
        error.describe(&["glcm_contrast".to_owned(), "shape_volume".to_owned()]),
        "`shape_volume` of patient 2 is missing: exclude the patient or impute the value first"
    );
}
