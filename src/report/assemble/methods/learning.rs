//! Signatures, models and the cut-offs that make risk groups of their scores.

use crate::plan::{
    CutoffRule, ForestGrid, Learner, Plan, Predictors, SelectionCriterion, SelectionDirection,
    Signature, SignatureSelection, TrainingScores,
};

use super::conditions::sign;
use super::{any_of, labels, list, number, on, plural};

pub(super) fn signatures(plan: &Plan) -> Vec<String> {
    plan.signatures
        .values()
        .map(|signature| of_signature(plan, signature))
        .collect()
}

fn of_signature(plan: &Plan, signature: &Signature) -> String {
    let from = match &signature.from {
        Predictors::Features(table) => format!("the features {table}"),
        Predictors::Values(values) => list(&labels(plan, values)),
    };
    let mut text = format!(
        "{} was learned from {from} to predict {} on {}.",
        signature.label,
        plan.label(&signature.outcome),
        on(plan, &signature.fit_on)
    );
    for selection in &signature.selection {
        text.push_str(&match selection {
            SignatureSelection::Keep { .. } => " Only repeatable features were used.".to_owned(),
            SignatureSelection::Mrmr { count, quotient } => format!(
                " {} were selected by maximum relevance and minimum redundancy ({} of mutual informations).",
                plural(*count, "feature", "features"),
                if *quotient { "quotient" } else { "difference" }
            ),
        });
    }
    text.push_str(&learner(&signature.learner));
    if let Some(tuning) = &signature.tuning {
        text.push_str(&format!(
            " Settings were chosen by the largest mean area under the curve over {} stratified folds; of equal ones the \
             first was taken.",
            tuning.folds
        ));
    }
    text.push_str(match signature.training_scores {
        TrainingScores::Apparent => {
            " Scores of the patients on whom it was fitted are those of the final learner and therefore optimistic."
        }
        TrainingScores::OutOfBag => {
            " Each patient on whom it was fitted has the score of those trees that were grown without the patient (out-of-bag)."
        }
    });
    text
}

fn learner(learner: &Learner) -> String {
    match learner {
        Learner::RandomForest(ForestGrid {
            trees,
            max_depth,
            features_per_split,
            min_leaf,
        }) => format!(
            " The learner was a random forest of {} trees, grown to a depth of at most {}, with {} features tried at each \
             split and at least {} in a leaf; its score is the mean of the leaves' shares of patients with the \
             outcome.",
            choices(trees),
            depths(max_depth),
            choices(features_per_split),
            match min_leaf.as_slice() {
                [1] => "1 patient".to_owned(),
                leaves => format!("{} patients", choices(leaves)),
            }
        ),
        Learner::PenalisedLogistic { lambda, alpha } => format!(
            " The learner was a penalised logistic regression (elastic net) with a penalty of {} and a share of the lasso of {}.",
            decimals(lambda),
            decimals(alpha)
        ),
        Learner::SupportVectorMachine { cost, gamma } => format!(
            " The learner was a support vector machine with a cost of {} and a gamma of {} (0 is the linear kernel); its score is \
             a decision value.",
            decimals(cost),
            decimals(gamma)
        ),
        Learner::GradientBoostedTrees {
            trees,
            max_depth,
            learning_rate,
            min_leaf,
        } => format!(
            " The learner was gradient boosting with {} trees of a depth of at most {}, a learning rate of {} and at least {} \
             patients in a leaf.",
            choices(trees),
            choices(max_depth),
            decimals(learning_rate),
            choices(min_leaf)
        ),
        Learner::NearestNeighbours { neighbours } => format!(
            " The learner was the share of events among the {} nearest neighbours.",
            choices(neighbours)
        ),
        Learner::NaiveBayes => " The learner was naive Bayes with normal densities.".to_owned(),
    }
}

fn decimals(values: &[f64]) -> String {
    any_of(
        &values
            .iter()
            .map(|value| number(*value))
            .collect::<Vec<_>>(),
    )
}

fn choices(values: &[usize]) -> String {
    any_of(&values.iter().map(usize::to_string).collect::<Vec<_>>())
}

fn depths(values: &[usize]) -> String {
    let depths: Vec<String> = values
        .iter()
        .map(|depth| match depth {
            0 => "any number".to_owned(),
            depth => depth.to_string(),
        })
        .collect();
    any_of(&depths)
}

pub(super) fn models(plan: &Plan) -> Vec<String> {
    plan.models
        .values()
        .map(|model| {
            let mut candidates = labels(plan, &model.candidates.values);
            candidates.extend(
                model
                    .candidates
                    .terms_of
                    .iter()
                    .map(|other| format!("the terms of {}", plan.label(other))),
            );
            let mut text = format!(
                "{} is a logistic regression of {} fitted on {} with {} {}.",
                model.label,
                plan.label(&model.outcome),
                on(plan, &model.fit_on),
                if model.screen.is_some() || model.selection.is_some() {
                    "the candidates"
                } else {
                    "the terms"
                },
                list(&candidates)
            );
            if let Some(screen) = &model.screen {
                text.push_str(&format!(
                    " Candidates entered with a univariable p {} {} (Wald's test; the likelihood-ratio test for a category \
                     with several levels).",
                    sign(screen.comparison),
                    number(screen.p)
                ));
            }
            if let Some(selection) = &model.selection {
                let direction = match selection.direction {
                    SelectionDirection::Backward => "backward",
                    SelectionDirection::Forward => "forward",
                    SelectionDirection::Both => "stepwise (both directions)",
                };
                let criterion = match selection.criterion {
                    SelectionCriterion::Aic => "Akaike's information criterion",
                    SelectionCriterion::Bic => "the Bayesian information criterion",
                };
                text.push_str(&format!(
                    " Terms were selected {direction} by {criterion}."
                ));
            }
            text
        })
        .collect()
}

pub(super) fn cutoffs(plan: &Plan) -> Vec<String> {
    plan.cutoffs
        .values()
        .map(|cutoff| {
            let rule = match &cutoff.rule {
                CutoffRule::Youden { outcome } => format!(
                    "the score with the largest Youden index (sensitivity + specificity − 1) for {}",
                    plan.label(outcome)
                ),
                CutoffRule::Value(value) => format!("the value {}, given beforehand", number(*value)),
                CutoffRule::Median => "the median".to_owned(),
                CutoffRule::Quantile(share) => format!("the {} quantile", number(*share)),
                CutoffRule::Sensitivity { at_least, outcome } => format!(
                    "the highest score with a sensitivity of at least {} for {}",
                    number(*at_least),
                    plan.label(outcome)
                ),
                CutoffRule::Specificity { at_least, outcome } => format!(
                    "the lowest score with a specificity of at least {} for {}",
                    number(*at_least),
                    plan.label(outcome)
                ),
            };
            let found = cutoff
                .fit_on
                .as_deref()
                .map_or(String::new(), |set| format!(", found on {}", on(plan, set)));
            format!(
                "Risk groups by {}: high risk is a score at or above the cut-off, {rule}{found}.",
                plan.label(&cutoff.score)
            )
        })
        .collect()
}
