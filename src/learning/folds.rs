//! Stratified folds: each fold has its share of the patients with the event and of those without.
//!
//! The patients of each class are shuffled and dealt out to the folds in turn; those without the event begin where those
//! with it ended. So the numbers of events, of others and of all patients differ by at most 1 between any two folds.
//! The folds depend on the outcome, the number of folds and the stream alone: with the patients in a canonical order (of
//! their keys), they do not depend on the order of a table.

use crate::numerics::Random;

use super::LearningError;
use super::input::{check_at_least, check_outcome};

/// The fold, from 0, of each patient. Each class must have as many patients as there are folds, so that every fold has
/// patients of both. For repeated folds give a substream for each repeat.
pub fn stratified_folds(
    outcome: &[bool],
    folds: usize,
    random: &Random,
) -> Result<Vec<usize>, LearningError> {
    if outcome.is_empty() {
        return Err(LearningError::NoPatients);
    }
    check_outcome(outcome, outcome.len())?;
    check_at_least("the number of folds", folds, 2)?;
    let mut fold_of = vec![0; outcome.len()];
    let mut next = 0;
    for (class, name) in [(true, "event"), (false, "no event")] {
        let mut patients: Vec<usize> = (0..outcome.len())
            .filter(|patient| outcome[*patient] == class)
            .collect();
        if patients.len() < folds {
            return Err(LearningError::TooFewForFolds {
                class: name.to_owned(),
                patients: patients.len(),
                folds,
            });
        }
        random.substream(u64::from(class)).shuffle(&mut patients);
        for patient in patients {
            fold_of[patient] = next;
            next = (next + 1) % folds;
        }
    }
    Ok(fold_of)
}

/// The patients outside a fold, and those in it, in their order.
pub(super) fn parts(fold_of: &[usize], fold: usize) -> (Vec<usize>, Vec<usize>) {
    (0..fold_of.len()).partition(|patient| fold_of[*patient] != fold)
}
