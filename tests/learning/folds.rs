//! Stratified folds.

use prereg::learning::stratified_folds;
use prereg::numerics::Random;
use proptest::prelude::*;

proptest! {
    #[test]
    fn folds_are_stratified_to_within_one(
        events in 2_usize..60, others in 2_usize..60, folds in 2_usize..12, seed: u64,
    ) {
        prop_assume!(events >= folds && others >= folds);
        let outcome: Vec<bool> = (0..events + others).map(|i| i < events).collect();
        let fold = stratified_folds(&outcome, folds, &Random::new(seed, "folds")).unwrap();
        let size = |class: Option<bool>| -> Vec<usize> {
            (0..folds)
                .map(|f| {
                    fold.iter()
                        .zip(&outcome)
                        .filter(|(of, event)| **of == f && class.is_none_or(|c| c == **event))
                        .count()
                })
                .collect()
        };
        for class in [Some(true), Some(false), None] {
            let sizes = size(class);
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            prop_assert!(most - least <= 1, "{class:?}: {sizes:?}");
        }
    }

    #[test]
    fn folds_repeat_and_depend_on_the_seed(seed: u64) {
        let outcome: Vec<bool> = (0..60).map(|i| i % 3 == 0).collect();
        let folds = |seed| stratified_folds(&outcome, 5, &Random::new(seed, "folds")).unwrap();
        prop_assert_eq!(folds(seed), folds(seed));
        prop_assert_ne!(folds(seed), folds(seed.wrapping_add(1)));
    }
}

#[test]
fn folds_that_cannot_be_stratified_are_refused() {
    let folds = |outcome: &[bool], folds| {
        stratified_folds(outcome, folds, &Random::new(1, "folds"))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        folds(&[], 2),
        "there are no patients: nothing can be learned"
    );
    assert_eq!(
        folds(&[true; 4], 2),
        "4 of 4 patients have the event: both patients with and without it are needed"
    );
    assert_eq!(
        folds(&[true, false], 1),
        "the number of folds is 1: it must be at least 2"
    );
    let mut outcome = [false; 20];
    outcome[..7].fill(true);
    assert_eq!(
        folds(&outcome, 10),
        "7 patients have the outcome `event`, fewer than the 10 folds: use 7 folds or fewer"
    );
    assert_eq!(
        folds(&[true, true, true, false], 2),
        "1 patients have the outcome `no event`, fewer than the 2 folds: stratified folds need at least 2 such patients"
    );
}
