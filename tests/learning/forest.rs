//! The random forest: its trees against brute force, and the laws it must keep.

use ndarray::{Array2, Axis};
use prereg::learning::{
    ForestSettings, LearningError, RandomForest, Tree, impurity_importance, permutation_importance,
    random_forest, square_root_of_features,
};
use prereg::numerics::Random;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::{simulated, simulated_grades};

const SMALL: ForestSettings = ForestSettings {
    trees: 12,
    max_depth: None,
    features_per_split: 3,
    min_leaf: 1,
};

fn stream() -> Random {
    Random::new(20220818, "forest")
}

fn fit(features: &Array2<f64>, outcome: &[bool], settings: ForestSettings) -> RandomForest {
    random_forest(features, outcome, &settings, &stream()).expect("simulated data can be fitted")
}

/// The patients drawn for a tree: the first draws of its stream.
fn bootstrap(tree: usize, patients: usize) -> Vec<usize> {
    stream()
        .substream(tree as u64)
        .with_replacement(patients, patients)
}

/// Σ of the children's impurity (times their draws), of the draws going left where `goes_left`.
fn impurity_left(draws: &[usize], outcome: &[bool], goes_left: impl Fn(usize) -> bool) -> f64 {
    let side = |left: bool| {
        let side: Vec<usize> = draws
            .iter()
            .copied()
            .filter(|patient| goes_left(*patient) == left)
            .collect();
        let events = side.iter().filter(|patient| outcome[**patient]).count() as f64;
        let all = side.len() as f64;
        if all > 0.0 {
            2.0 * events * (all - events) / all
        } else {
            0.0
        }
    };
    side(true) + side(false)
}

/// Every node of a tree that may use all features, against all splits that the node allows.
fn check_by_brute_force(
    tree: &Tree,
    node: usize,
    depth: usize,
    draws: &[usize],
    features: &Array2<f64>,
    outcome: &[bool],
    settings: &ForestSettings,
) {
    assert_eq!(tree.draws[node] as usize, draws.len());
    let events = draws.iter().filter(|patient| outcome[**patient]).count();
    assert_eq!(tree.events[node] as usize, events);
    let mut best = f64::INFINITY;
    for feature in 0..features.ncols() {
        let mut values: Vec<f64> = draws
            .iter()
            .map(|patient| features[[*patient, feature]])
            .collect();
        values.sort_by(f64::total_cmp);
        for at in settings.min_leaf..=draws.len().saturating_sub(settings.min_leaf) {
            if at > 0 && at < values.len() && values[at - 1] < values[at] {
                let left = |patient: usize| features[[patient, feature]] < values[at];
                best = best.min(impurity_left(draws, outcome, left));
            }
        }
    }
    let left = tree.left[node] as usize;
    let pure = events == 0 || events == draws.len();
    let may_split =
        !pure && settings.max_depth.is_none_or(|limit| depth < limit) && best.is_finite();
    assert_eq!(left != 0, may_split, "node {node}");
    if !may_split {
        return;
    }
    let (feature, threshold) = (tree.feature[node] as usize, tree.threshold[node]);
    let (to_left, to_right): (Vec<usize>, Vec<usize>) = draws
        .iter()
        .partition(|patient| features[[**patient, feature]] <= threshold);
    let found = impurity_left(draws, outcome, |patient| {
        features[[patient, feature]] <= threshold
    });
    assert!(
        (found - best).abs() < 1e-9,
        "node {node}: {found} is not {best}"
    );
    assert!(to_left.len() >= settings.min_leaf && to_right.len() >= settings.min_leaf);
    let edge = |side: &[usize], pick: fn(f64, f64) -> f64| {
        side.iter()
            .map(|patient| features[[*patient, feature]])
            .reduce(pick)
            .expect("neither side of a split is empty")
    };
    let middle = (edge(&to_left, f64::max) + edge(&to_right, f64::min)) / 2.0;
    assert!((threshold - middle).abs() < 1e-12);
    for (child, side) in [(left, to_left), (left + 1, to_right)] {
        check_by_brute_force(tree, child, depth + 1, &side, features, outcome, settings);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_split_is_the_best_there_is(
        patients in 12_usize..140, grades: bool, deep: bool, min_leaf in 1_usize..6, seed: u64,
    ) {
        let simulate = if grades { simulated_grades } else { simulated };
        let (features, outcome) = simulate(patients, 4, seed);
        prop_assume!(features.iter().any(|value| *value != features[[0, 0]]));
        let settings = ForestSettings {
            trees: 3,
            max_depth: (!deep).then_some(2),
            features_per_split: 4,
            min_leaf,
        };
        let forest = fit(&features, &outcome, settings);
        for (index, tree) in forest.trees.iter().enumerate() {
            let draws = bootstrap(index, patients);
            check_by_brute_force(tree, 0, 0, &draws, &features, &outcome, &settings);
        }
    }

    #[test]
    fn probabilities_are_probabilities_and_means_over_trees(grades: bool, seed: u64) {
        let simulate = if grades { simulated_grades } else { simulated };
        let (features, outcome) = simulate(40, 5, seed);
        let forest = fit(&features, &outcome, SMALL);
        let predicted = forest.predict(&features).unwrap();
        for (patient, probability) in predicted.iter().enumerate() {
            prop_assert!((0.0..=1.0).contains(probability));
            let mut all = Vec::new();
            let mut unseen = Vec::new();
            for (index, tree) in forest.trees.iter().enumerate() {
                let fraction = fraction(tree, &features.row(patient).to_vec());
                all.push(fraction);
                if !bootstrap(index, 40).contains(&patient) {
                    unseen.push(fraction);
                }
            }
            let mean = |values: &[f64]| values.iter().fold(0.0, |t, v| t + v) / values.len() as f64;
            prop_assert_eq!(*probability, mean(&all));
            let out_of_bag = forest.out_of_bag.probability[patient];
            prop_assert_eq!(out_of_bag, (!unseen.is_empty()).then(|| mean(&unseen)));
        }
    }

    #[test]
    fn threads_do_not_matter(seed: u64) {
        let (features, outcome) = simulated(60, 6, seed);
        let bytes = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let settings = ForestSettings { trees: 70, ..SMALL };
                let forest = fit(&features, &outcome, settings);
                let importance = permutation_importance(&forest, &features, &outcome, &stream()).unwrap();
                serde_json::to_string(&(forest.predict(&features).unwrap(), importance, forest)).unwrap()
            })
        };
        prop_assert_eq!(bytes(1), bytes(2));
    }

    /// Only the order of a feature's values counts: the trees are the same but for their thresholds, and the drawn
    /// patients fall into the same leaves.
    #[test]
    fn a_monotone_transformation_leaves_the_trees(grades: bool, seed: u64) {
        let simulate = if grades { simulated_grades } else { simulated };
        let (features, outcome) = simulate(50, 5, seed);
        let mut transformed = features.clone();
        transformed.column_mut(0).mapv_inplace(|value| value * value * value + 4.0 * value);
        transformed.column_mut(1).mapv_inplace(|value| 1.0 / (9.0 - value));
        let (before, after) = (fit(&features, &outcome, SMALL), fit(&transformed, &outcome, SMALL));
        for (index, (a, b)) in before.trees.iter().zip(&after.trees).enumerate() {
            prop_assert_eq!(&a.feature, &b.feature);
            prop_assert_eq!((&a.left, &a.draws, &a.events), (&b.left, &b.draws, &b.events));
            for patient in bootstrap(index, 50) {
                let of = |tree, features: &Array2<f64>| fraction(tree, &features.row(patient).to_vec());
                prop_assert_eq!(of(a, &features), of(b, &transformed));
            }
        }
    }

    /// Where one feature is plainly the best, its place does not matter.
    #[test]
    fn the_order_of_the_features_does_not_matter(seed: u64, place in 0_usize..6) {
        let (mut features, mut outcome) = simulated(80, 6, seed);
        for (patient, event) in outcome.iter_mut().enumerate() {
            *event = patient % 2 == 0;
            let wrong = patient % 9 == 0;
            features[[patient, 0]] += if *event != wrong { 40.0 } else { 0.0 };
        }
        let mut order: Vec<usize> = (1..6).collect();
        order.insert(place, 0);
        let settings = ForestSettings { max_depth: Some(1), features_per_split: 6, ..SMALL };
        let permuted = features.select(Axis(1), &order);
        let before = fit(&features, &outcome, settings).predict(&features).unwrap();
        let after = fit(&permuted, &outcome, settings).predict(&permuted).unwrap();
        prop_assert_eq!(before, after);
    }

    /// Fewer trees are the beginning of more, and a shallower tree the beginning of a deeper one.
    #[test]
    fn smaller_forests_are_parts_of_larger_ones(seed: u64, depth in 1_usize..5) {
        let (features, outcome) = simulated(60, 6, seed);
        let large = fit(&features, &outcome, SMALL);
        let fewer = fit(&features, &outcome, ForestSettings { trees: 5, ..SMALL });
        prop_assert_eq!(&fewer.trees[..], &large.trees[..5]);
        let shallow = fit(&features, &outcome, ForestSettings { max_depth: Some(depth), ..SMALL });
        for (shallow, deep) in shallow.trees.iter().zip(&large.trees) {
            let nodes = shallow.left.len();
            prop_assert_eq!(&shallow.draws[..], &deep.draws[..nodes]);
            for node in 0..nodes {
                if shallow.left[node] != 0 {
                    prop_assert_eq!(shallow.feature[node], deep.feature[node]);
                    prop_assert_eq!(shallow.threshold[node], deep.threshold[node]);
                }
            }
        }
    }
}

/// The fraction of events in a patient's leaf, read from the arrays.
fn fraction(tree: &Tree, patient: &[f64]) -> f64 {
    let mut node = 0;
    while tree.left[node] != 0 {
        let right = patient[tree.feature[node] as usize] > tree.threshold[node];
        node = tree.left[node] as usize + usize::from(right);
    }
    f64::from(tree.events[node]) / f64::from(tree.draws[node])
}

/// A change here changes every probability that prereg ever reported for a forest.
#[test]
fn predictions_are_pinned() {
    let (features, outcome) = simulated(87, 20, 1);
    let settings = ForestSettings {
        trees: 50,
        max_depth: Some(5),
        features_per_split: square_root_of_features(20),
        min_leaf: 2,
    };
    let forest = fit(&features, &outcome, settings);
    let mut hasher = Sha256::new();
    for probability in forest.predict(&features).unwrap() {
        hasher.update(probability.to_le_bytes());
    }
    for probability in forest.out_of_bag.probability.iter().flatten() {
        hasher.update(probability.to_le_bytes());
    }
    let digest: String = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(digest, PINNED);
}

const PINNED: &str = "0f634a9981ced3244ff84f5457b283833be910de9f64f7fc9f20a2e070f4b40f";

#[test]
fn a_forest_is_stored_and_predicts_the_same() {
    let (features, outcome) = simulated(50, 6, 2);
    let forest = fit(&features, &outcome, SMALL);
    let stored: RandomForest =
        serde_json::from_str(&serde_json::to_string(&forest).unwrap()).unwrap();
    assert_eq!(stored, forest);
    assert_eq!(stored.predict(&features), forest.predict(&features));
}

#[test]
fn importance_finds_the_features_that_matter() {
    let (mut features, outcome) = simulated(200, 8, 5);
    features.column_mut(7).fill(1.0);
    let settings = ForestSettings {
        trees: 200,
        ..SMALL
    };
    let forest = fit(&features, &outcome, settings);
    let impurity = impurity_importance(&forest);
    let permutation = permutation_importance(&forest, &features, &outcome, &stream()).unwrap();
    for feature in 1..8 {
        assert!(impurity[0].importance > 1.5 * impurity[feature].importance);
        assert!(permutation[0].importance > 1.5 * permutation[feature].importance);
    }
    assert_eq!(
        (impurity[7].importance, permutation[7].importance),
        (0.0, 0.0)
    );
    let useless = &permutation[5];
    assert!(useless.importance.abs() < 6.0 * useless.standard_error.unwrap());
    // Grown to the end, a tree removes all of its root's impurity, 2 q (1 − q).
    let total = impurity
        .iter()
        .fold(0.0, |total, feature| total + feature.importance);
    let roots = forest.trees.iter().fold(0.0, |total, tree| {
        let q = f64::from(tree.events[0]) / f64::from(tree.draws[0]);
        total + 2.0 * q * (1.0 - q)
    });
    assert!((total - roots / 200.0).abs() < 1e-12);

    let other = permutation_importance(&forest, &features, &outcome, &Random::new(2, "forest"));
    assert_eq!(
        other.unwrap_err().to_string(),
        "tree 1 was not grown from these patients with this random stream: give the patients, their order and the \
         stream that the forest was fitted with"
    );
}

/// Two neighbouring numbers have no midpoint of their own: the threshold must still part them.
#[test]
fn neighbouring_numbers_are_parted() {
    let one = 1.0_f64;
    let next = f64::from_bits(one.to_bits() + 1);
    let features = Array2::from_shape_fn(
        (20, 1),
        |(patient, _)| if patient < 10 { one } else { next },
    );
    let outcome: Vec<bool> = (0..20).map(|patient| patient < 10).collect();
    let settings = ForestSettings {
        features_per_split: 1,
        ..SMALL
    };
    let predicted = fit(&features, &outcome, settings)
        .predict(&features)
        .unwrap();
    for (probability, event) in predicted.iter().zip(outcome) {
        assert_eq!(*probability, f64::from(event));
    }
}

#[test]
fn the_largest_numbers_are_parted() {
    let features = Array2::from_shape_fn(
        (20, 1),
        |(patient, _)| if patient < 10 { -f64::MAX } else { f64::MAX },
    );
    let outcome: Vec<bool> = (0..20).map(|patient| patient < 10).collect();
    let forest = fit(
        &features,
        &outcome,
        ForestSettings {
            features_per_split: 1,
            ..SMALL
        },
    );
    assert_eq!(forest.trees[0].threshold[0], 0.0);
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let (features, outcome) = simulated(30, 5, 1);
    let refused = |features: &Array2<f64>, outcome: &[bool], settings: ForestSettings| {
        random_forest(features, outcome, &settings, &stream())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&Array2::zeros((0, 5)), &[], SMALL),
        "there are no patients: nothing can be learned"
    );
    assert_eq!(
        refused(&Array2::zeros((30, 0)), &outcome, SMALL),
        "there are no features: nothing can be learned from"
    );
    assert_eq!(
        refused(&features, &outcome[1..], SMALL),
        "the outcome has 29 entries, but there are 30 patients: give one a patient"
    );
    assert_eq!(
        refused(&features, &[true; 30], SMALL),
        "30 of 30 patients have the event: both patients with and without it are needed"
    );
    assert_eq!(
        refused(&Array2::ones((30, 5)), &outcome, SMALL),
        "none of the 5 features differs between the patients: nothing can be learned from them"
    );
    let mut infinite = features.clone();
    infinite[[3, 1]] = f64::INFINITY;
    assert_eq!(
        refused(&infinite, &outcome, SMALL),
        "feature 2 of patient 4 is infinite: exclude the patient or impute the value first"
    );
    assert_eq!(
        refused(&features, &outcome, ForestSettings { trees: 0, ..SMALL }),
        "the number of trees is 0: it must be at least 1"
    );
    assert_eq!(
        refused(
            &features,
            &outcome,
            ForestSettings {
                features_per_split: 6,
                ..SMALL
            }
        ),
        "features per split is 6, but only 5 features are available: ask for 5 or fewer"
    );
    assert_eq!(
        refused(
            &features,
            &outcome,
            ForestSettings {
                max_depth: Some(0),
                ..SMALL
            }
        ),
        "the largest depth is 0: it must be at least 1"
    );
    assert_eq!(
        refused(
            &features,
            &outcome,
            ForestSettings {
                min_leaf: 0,
                ..SMALL
            }
        ),
        "the smallest leaf is 0: it must be at least 1"
    );
    let forest = fit(&features, &outcome, SMALL);
    assert_eq!(
        forest.predict(&Array2::zeros((2, 4))).unwrap_err(),
        LearningError::ColumnsDiffer {
            what: "features".to_owned(),
            expected: 5,
            found: 4
        }
    );
    assert_eq!(
        forest.predict(&Array2::zeros((0, 5))).unwrap(),
        Vec::<f64>::new()
    );
}

/// A patient whom every tree has drawn has no out-of-bag probability.
#[test]
fn few_trees_may_leave_patients_without_out_of_bag_probability() {
    let (features, outcome) = simulated(30, 5, 1);
    let forest = fit(&features, &outcome, ForestSettings { trees: 1, ..SMALL });
    let without = forest
        .out_of_bag
        .probability
        .iter()
        .filter(|p| p.is_none())
        .count();
    let mut drawn = bootstrap(0, 30);
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(
        (without, forest.out_of_bag.patients_without),
        (drawn.len(), drawn.len())
    );
}
