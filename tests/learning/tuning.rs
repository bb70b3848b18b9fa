//! Grid search and nested cross-validation.

use ndarray::Axis;
use prereg::learning::{
    FeatureSelection, ForestGrid, ForestSettings, LearnerGrid, MrmrScheme, MutualInformation,
    grid_search, nested_cross_validation, random_forest, univariate_filter,
};
use prereg::numerics::Random;

use super::simulated;

fn grid() -> ForestGrid {
    ForestGrid {
        trees: vec![30, 10],
        max_depth: vec![None, Some(1), Some(3)],
        features_per_split: vec![4, 2],
        min_leaf: vec![1, 5],
    }
}

fn stream() -> Random {
    Random::new(7, "tuning")
}

fn auc(score: &[f64], outcome: &[bool]) -> f64 {
    let mut wins = 0.0;
    let mut pairs = 0.0;
    for (a, _) in score.iter().zip(outcome).filter(|(_, event)| **event) {
        for (b, _) in score.iter().zip(outcome).filter(|(_, event)| !**event) {
            pairs += 1.0;
            wins += if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            };
        }
    }
    wins / pairs
}

/// Shared trees give what forests fitted one by one give, to the bit.
#[test]
fn every_point_is_what_its_forest_gives() {
    let (features, outcome) = simulated(60, 6, 3);
    let search = grid_search(&features, &outcome, &grid(), 4, &stream()).unwrap();
    assert_eq!(search.points.len(), 24);
    for point in &search.points {
        let mut aucs = Vec::new();
        for fold in 0..4 {
            let (held_out, fitted): (Vec<usize>, Vec<usize>) =
                (0..60).partition(|patient| search.fold[*patient] == fold);
            let of = |patients: &[usize]| -> Vec<bool> {
                patients.iter().map(|patient| outcome[*patient]).collect()
            };
            let forest = random_forest(
                &features.select(Axis(0), &fitted),
                &of(&fitted),
                &point.settings,
                &stream().substream(2 + fold as u64),
            )
            .unwrap();
            let predicted = forest
                .predict(&features.select(Axis(0), &held_out))
                .unwrap();
            if point == &search.points[search.chosen] {
                let out_of_fold: Vec<f64> = held_out
                    .iter()
                    .map(|patient| search.out_of_fold_probability[*patient])
                    .collect();
                assert_eq!(out_of_fold, predicted);
            }
            aucs.push(auc(&predicted, &of(&held_out)));
        }
        assert_eq!(aucs, point.fold_auc);
    }
    let chosen = &search.points[search.chosen];
    assert!(
        search
            .points
            .iter()
            .all(|point| point.mean_auc <= chosen.mean_auc + 1e-12)
    );
    let refit = random_forest(
        &features,
        &outcome,
        &chosen.settings,
        &stream().substream(1),
    );
    assert_eq!(search.forest, refit.unwrap());
}

#[test]
fn points_are_listed_simplest_first() {
    let (features, outcome) = simulated(40, 4, 3);
    let search = grid_search(&features, &outcome, &grid(), 3, &stream()).unwrap();
    let listed: Vec<(Option<usize>, usize, usize, usize)> = search
        .points
        .iter()
        .map(|point| {
            let ForestSettings {
                trees,
                max_depth,
                features_per_split,
                min_leaf,
            } = point.settings;
            (max_depth, trees, features_per_split, min_leaf)
        })
        .collect();
    assert_eq!(
        listed[..5],
        [
            (Some(1), 10, 2, 5),
            (Some(1), 10, 2, 1),
            (Some(1), 10, 4, 5),
            (Some(1), 10, 4, 1),
            (Some(1), 30, 2, 5)
        ]
    );
    assert_eq!(listed[23], (None, 30, 4, 1));
}

/// Where all points are equally good, the simplest is taken.
#[test]
fn ties_go_to_the_simplest() {
    let (mut features, outcome) = simulated(60, 4, 3);
    for (patient, event) in outcome.iter().enumerate() {
        features
            .row_mut(patient)
            .fill(if *event { 1.0 } else { 0.0 });
    }
    let search = grid_search(&features, &outcome, &grid(), 5, &stream()).unwrap();
    assert!(search.points.iter().all(|point| point.mean_auc == 1.0));
    assert_eq!(search.chosen, 0);
    assert_eq!(search.points[0].standard_error, 0.0);
}

#[test]
fn threads_do_not_matter() {
    let (features, outcome) = simulated(60, 6, 3);
    let bytes = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let search = grid_search(&features, &outcome, &grid(), 4, &stream()).unwrap();
            serde_json::to_string(&search).unwrap()
        })
    };
    assert_eq!(bytes(1), bytes(2));
}

/// On noise, selection before cross-validation looks good; within it, it does not.
#[test]
fn nested_cross_validation_is_honest_where_selection_is_not() {
    let (features, _) = simulated(60, 300, 11);
    let outcome: Vec<bool> = (0..60).map(|patient| patient % 2 == 0).collect();
    let grid = ForestGrid {
        trees: vec![60],
        max_depth: vec![Some(3)],
        features_per_split: vec![2],
        min_leaf: vec![1],
    };
    let selection = FeatureSelection::Univariate { count: 10 };
    let selected = selection.select(&features, &outcome).unwrap();
    let ranked = univariate_filter(&features, &outcome).unwrap();
    assert_eq!(selected[0], ranked[0].feature);
    let leaky = grid_search(
        &features.select(Axis(1), &selected),
        &outcome,
        &grid,
        5,
        &stream(),
    );
    let leaky = leaky.unwrap();
    let grid = LearnerGrid::RandomForest(grid);
    let honest =
        nested_cross_validation(&features, &outcome, &selection, &grid, 5, 3, &stream()).unwrap();
    assert!(
        leaky.points[0].mean_auc > 0.8,
        "{}",
        leaky.points[0].mean_auc
    );
    assert!(honest.mean_auc < 0.65, "{}", honest.mean_auc);
    assert_eq!(honest.pooled_auc, auc(&honest.score, &outcome));
    assert_eq!((honest.selected.len(), honest.settings.len()), (5, 5));
}

#[test]
fn nested_cross_validation_selects_by_mrmr() {
    let (features, outcome) = simulated(80, 12, 4);
    let selection = FeatureSelection::Mrmr {
        count: 4,
        scheme: MrmrScheme::Difference,
        information: MutualInformation::Correlation,
    };
    let grid = LearnerGrid::RandomForest(grid());
    let nested =
        nested_cross_validation(&features, &outcome, &selection, &grid, 4, 3, &stream()).unwrap();
    assert!(nested.selected.iter().all(|selected| selected.contains(&0)));
    assert!(nested.score.iter().all(|p| (0.0..=1.0).contains(p)));
}

#[test]
fn impossible_grids_are_refused() {
    let (features, outcome) = simulated(40, 4, 3);
    let refused = |grid: ForestGrid, folds| {
        grid_search(&features, &outcome, &grid, folds, &stream())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(
            ForestGrid {
                trees: vec![],
                ..grid()
            },
            3
        ),
        "the grid has no value for the number of trees: give at least one"
    );
    assert_eq!(
        refused(
            ForestGrid {
                trees: vec![10, 0],
                ..grid()
            },
            3
        ),
        "the number of trees is 0: it must be at least 1"
    );
    assert_eq!(
        refused(
            ForestGrid {
                features_per_split: vec![2, 8],
                ..grid()
            },
            3
        ),
        "features per split is 8, but only 4 features are available: ask for 4 or fewer"
    );
    assert!(refused(grid(), 30).contains("fewer than the 30 folds: use "));
}
