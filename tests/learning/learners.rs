//! The learners behind one interface: laws that must hold on any data. Agreement with scikit-learn is tested by the
//! reference cases.

use ndarray::{Array2, Axis};
use prereg::learning::{
    BoostingSettings, ForestSettings, Kernel, LearnedModel, LearnerGrid, LearnerSettings,
    PenaltySettings, SupportVectorSettings, fit_learner, learner_grid_search,
};
use prereg::numerics::Random;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::simulated;

fn stream() -> Random {
    Random::new(3, "learners")
}

fn linear() -> LearnerSettings {
    LearnerSettings::SupportVectorMachine(SupportVectorSettings {
        kernel: Kernel::Linear,
        cost: 0.7,
    })
}

fn all() -> Vec<LearnerSettings> {
    vec![
        LearnerSettings::RandomForest(ForestSettings {
            trees: 20,
            max_depth: None,
            features_per_split: 2,
            min_leaf: 1,
        }),
        LearnerSettings::PenalizedLogistic(PenaltySettings {
            alpha: 0.5,
            lambda: 0.05,
        }),
        linear(),
        LearnerSettings::SupportVectorMachine(SupportVectorSettings {
            kernel: Kernel::Radial { gamma: 0.2 },
            cost: 1.0,
        }),
        LearnerSettings::GradientBoosting(BoostingSettings {
            trees: 15,
            max_depth: 2,
            learning_rate: 0.1,
            min_leaf: 2,
        }),
        LearnerSettings::NearestNeighbors { neighbors: 5 },
        LearnerSettings::NaiveBayes,
    ]
}

fn score(settings: &LearnerSettings, features: &Array2<f64>, outcome: &[bool]) -> Vec<f64> {
    fit_learner(features, outcome, settings, &stream())
        .and_then(|fitted| fitted.score(features))
        .expect("a fit")
}

#[track_caller]
fn near(a: &[f64], b: &[f64], tolerance: f64) {
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= tolerance, "{a} is not {b}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_220_818),
        ..ProptestConfig::default()
    })]

    /// All but the forest, which draws patients by their place, see patients without an order.
    #[test]
    fn the_order_of_patients_does_not_matter(seed in any::<u64>()) {
        let (features, outcome) = simulated(50, 5, seed);
        let mut order: Vec<usize> = (0..50).collect();
        Random::new(seed, "order").shuffle(&mut order);
        let shuffled = features.select(Axis(0), &order);
        let moved: Vec<bool> = order.iter().map(|patient| outcome[*patient]).collect();
        for settings in &all()[1..] {
            let straight = score(settings, &features, &outcome);
            let expected: Vec<f64> = order.iter().map(|patient| straight[*patient]).collect();
            near(&score(settings, &shuffled, &moved), &expected, 1e-6);
        }
    }

    /// Larger scores mean the event, so swapping the classes turns the score about.
    #[test]
    fn swapped_classes_turn_the_score(seed in any::<u64>()) {
        let (features, outcome) = simulated(50, 5, seed);
        let swapped: Vec<bool> = outcome.iter().map(|event| !event).collect();
        for settings in &all()[1..] {
            let turned: Vec<f64> = score(settings, &features, &outcome)
                .into_iter()
                .map(|s| if matches!(settings, LearnerSettings::SupportVectorMachine(_)) { -s } else { 1.0 - s })
                .collect();
            near(&score(settings, &features, &swapped), &turned, 1e-6);
        }
    }

    /// Units do not matter: those that need it standardise, trees see only the order.
    #[test]
    fn units_do_not_matter(seed in any::<u64>(), scale in 0.01f64..100.0, shift in -10.0f64..10.0) {
        let (features, outcome) = simulated(50, 4, seed);
        let other = features.mapv(|x| scale * x + shift);
        for settings in &all() {
            // The variance that naive Bayes adds is a share of the largest.
            near(&score(settings, &features, &outcome), &score(settings, &other, &outcome), 1e-6);
        }
    }

    /// The conditions of optimality of the support vector machine, from its results alone.
    #[test]
    fn support_vectors_satisfy_their_conditions(seed in any::<u64>()) {
        let (features, outcome) = simulated(40, 3, seed);
        let fitted = fit_learner(&features, &outcome, &linear(), &stream()).expect("a fit");
        let LearnedModel::SupportVectorMachine(model) = &fitted.model else {
            panic!("a support vector machine was fitted");
        };
        let standardized = fitted.standardization.as_ref().expect("z").apply(&features).expect("z");
        let total: f64 = model.weight.iter().sum();
        prop_assert!(total.abs() < 1e-9);
        let mut next = 0;
        for (patient, event) in standardized.rows().into_iter().zip(&outcome) {
            let x = patient.to_vec();
            let y = if *event { 1.0 } else { -1.0 };
            let margin = y * model.decision_value(&x);
            let alpha = match model.support.get(next) {
                Some(support) if *support == x => { next += 1; model.weight[next - 1] * y }
                _ => 0.0,
            };
            prop_assert!((0.0..=0.7 + 1e-12).contains(&alpha));
            if alpha < 1e-12 {
                prop_assert!(margin >= 1.0 - 1e-6, "{margin}");
            } else if alpha > 0.7 - 1e-12 {
                prop_assert!(margin <= 1.0 + 1e-6, "{margin}");
            } else {
                prop_assert!((margin - 1.0).abs() < 1e-6, "{margin}");
            }
        }
    }
}

/// Three patients are equally far as the third neighbour: each counts a third of a place.
#[test]
fn tied_neighbours_share_their_places() {
    let features = ndarray::array![[0.0], [1.0], [3.0], [3.0], [3.0], [9.0]];
    let outcome = [true, false, true, true, false, false];
    let settings = LearnerSettings::NearestNeighbors { neighbors: 3 };
    let first = score(&settings, &features, &outcome)[0];
    assert!((first - (1.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12, "{first}");
}

/// One stump by hand: F₀ = 0, residuals ±½, split in the middle, steps ±½ / ¼ = ±2.
#[test]
fn one_stump_by_hand() {
    let features = ndarray::array![[0.0], [1.0], [2.0], [3.0]];
    let outcome = [false, false, true, true];
    let settings = LearnerSettings::GradientBoosting(BoostingSettings {
        trees: 1,
        max_depth: 1,
        learning_rate: 0.5,
        min_leaf: 1,
    });
    let low = 1.0 / (1.0 + std::f64::consts::E);
    near(
        &score(&settings, &features, &outcome),
        &[low, low, 1.0 - low, 1.0 - low],
        1e-12,
    );
}

#[test]
fn the_grid_search_of_every_learner_repeats_and_gives_scores_out_of_fold() {
    let (features, outcome) = simulated(60, 4, 5);
    let grids = [
        LearnerGrid::PenalizedLogistic {
            alpha: vec![0.0, 1.0],
            lambda: vec![0.01, 0.1],
        },
        LearnerGrid::SupportVectorMachine {
            gamma: vec![Some(0.1), None],
            cost: vec![1.0],
        },
        LearnerGrid::GradientBoosting {
            trees: vec![5, 10],
            max_depth: vec![1],
            learning_rate: vec![0.1],
            min_leaf: vec![1],
        },
        LearnerGrid::NearestNeighbors {
            neighbors: vec![3, 7],
        },
        LearnerGrid::NaiveBayes,
    ];
    let points: Vec<usize> = grids
        .iter()
        .map(|grid| {
            let search = learner_grid_search(&features, &outcome, grid, 4, &stream()).unwrap();
            let again = learner_grid_search(&features, &outcome, grid, 4, &stream()).unwrap();
            assert_eq!(search, again);
            let best = search.points[search.chosen].mean_auc;
            assert!(search.points.iter().all(|p| p.mean_auc <= best + 1e-12));
            assert_eq!(
                search.learner.settings,
                search.points[search.chosen].settings
            );
            search.points.len()
        })
        .collect();
    assert_eq!(points, [4, 2, 2, 2, 1]);
}
