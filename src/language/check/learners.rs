//! `learn NAME { … }`: the learners of a signature and the values that each setting may take.

use crate::plan::{ForestGrid, Learner};

use super::super::diagnostic::Diagnostic;
use super::super::parse::{Kind, Node};
use super::Checker;

/// What a setting's values must be.
#[derive(Clone, Copy)]
enum Allowed {
    /// Whole, at least this.
    Whole(usize),
    /// From this to that.
    Between(f64, f64),
    Positive,
    NotNegative,
}

const FOREST: &[(&str, Allowed)] = &[
    ("trees", Allowed::Whole(1)),
    ("max_depth", Allowed::Whole(0)),
    ("features_per_split", Allowed::Whole(1)),
    ("min_leaf", Allowed::Whole(1)),
];
const PENALISED: &[(&str, Allowed)] = &[
    ("alpha", Allowed::Between(0.0, 1.0)),
    ("lambda", Allowed::Positive),
];
const SUPPORT: &[(&str, Allowed)] = &[("cost", Allowed::Positive), ("gamma", Allowed::NotNegative)];
const BOOSTED: &[(&str, Allowed)] = &[
    ("trees", Allowed::Whole(1)),
    ("max_depth", Allowed::Whole(1)),
    ("learning_rate", Allowed::Positive),
    ("min_leaf", Allowed::Whole(1)),
];
const NEIGHBOURS: &[(&str, Allowed)] = &[("neighbours", Allowed::Whole(1))];

/// Setting and its values, in the order written.
type Settings = Vec<(String, Vec<f64>)>;

impl Checker<'_> {
    pub(super) fn learner(&mut self, node: &Node) -> Option<Learner> {
        let name = self.choice(
            &node.children[0],
            &[
                "random_forest",
                "penalised_logistic",
                "support_vector_machine",
                "gradient_boosted_trees",
                "nearest_neighbours",
                "naive_bayes",
            ],
        )?;
        match name.as_str() {
            "random_forest" => {
                let settings = self.settings(node, FOREST)?;
                let features_per_split = self.needed(
                    node,
                    &settings,
                    "features_per_split",
                    "the forest does not say how many features are tried at each split",
                    "write `features_per_split 4`; the square root of the number of features is usual",
                )?;
                Some(Learner::RandomForest(ForestGrid {
                    trees: whole(&settings, "trees", 500),
                    max_depth: whole(&settings, "max_depth", 0),
                    features_per_split: features_per_split.iter().map(|v| *v as usize).collect(),
                    min_leaf: whole(&settings, "min_leaf", 1),
                }))
            }
            "penalised_logistic" => {
                let settings = self.settings(node, PENALISED)?;
                Some(Learner::PenalisedLogistic {
                    lambda: self.needed(
                        node,
                        &settings,
                        "lambda",
                        "the regression does not say how strong its penalty is",
                        "write `lambda [0.2, 0.1, 0.05, 0.02, 0.01]` and `tune grid by auc in 10 folds`",
                    )?,
                    alpha: numbers(&settings, "alpha", 1.0),
                })
            }
            "support_vector_machine" => {
                let settings = self.settings(node, SUPPORT)?;
                Some(Learner::SupportVectorMachine {
                    cost: numbers(&settings, "cost", 1.0),
                    gamma: numbers(&settings, "gamma", 0.0),
                })
            }
            "gradient_boosted_trees" => {
                let settings = self.settings(node, BOOSTED)?;
                Some(Learner::GradientBoostedTrees {
                    trees: whole(&settings, "trees", 100),
                    max_depth: whole(&settings, "max_depth", 3),
                    learning_rate: numbers(&settings, "learning_rate", 0.1),
                    min_leaf: whole(&settings, "min_leaf", 1),
                })
            }
            "nearest_neighbours" => {
                let settings = self.settings(node, NEIGHBOURS)?;
                let neighbours = self.needed(
                    node,
                    &settings,
                    "neighbours",
                    "the learner does not say how many neighbours are asked",
                    "write `neighbours [5, 9, 15]` and `tune grid by auc in 10 folds`",
                )?;
                Some(Learner::NearestNeighbours {
                    neighbours: neighbours.iter().map(|v| *v as usize).collect(),
                })
            }
            _ => {
                self.settings(node, &[])?;
                Some(Learner::NaiveBayes)
            }
        }
    }

    fn settings(&mut self, node: &Node, known: &[(&str, Allowed)]) -> Option<Settings> {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let mut settings: Settings = Vec::new();
        for setting in node.all(Kind::grid) {
            if names.is_empty() {
                self.report(
                    Diagnostic::error(
                        "unknown-choice",
                        setting.span.clone(),
                        "this learner has no settings",
                    )
                    .hint("write `learn naive_bayes`"),
                );
                return None;
            }
            let name = self.choice(&setting.children[0], &names)?;
            let allowed = known.iter().find(|(known, _)| *known == name)?.1;
            let given: Vec<&Node> = match setting.children[1].kind {
                Kind::numbers => setting.children[1].all(Kind::number).collect(),
                _ => vec![&setting.children[1]],
            };
            let mut values = Vec::new();
            for number in given {
                values.push(match allowed {
                    Allowed::Whole(least) => self.whole(number, least, 100_000)? as f64,
                    _ => self.real(number, allowed)?,
                });
            }
            settings.retain(|(other, _)| *other != name);
            settings.push((name, values));
        }
        Some(settings)
    }

    fn real(&mut self, node: &Node, allowed: Allowed) -> Option<f64> {
        let value: f64 = node.text.parse().unwrap_or(f64::NAN);
        let (fits, expected) = match allowed {
            Allowed::Between(least, most) => (
                value >= least && value <= most,
                format!("a number from {least} to {most}"),
            ),
            Allowed::NotNegative => (
                value >= 0.0 && value.is_finite(),
                "a number that is not negative".to_owned(),
            ),
            Allowed::Positive | Allowed::Whole(_) => (
                value > 0.0 && value.is_finite(),
                "a number above 0".to_owned(),
            ),
        };
        if fits {
            return Some(value);
        }
        self.report(Diagnostic::error(
            "bad-number",
            node.span.clone(),
            format!("expected {expected}, found {}", node.text),
        ));
        None
    }

    fn needed(
        &mut self,
        node: &Node,
        settings: &Settings,
        name: &str,
        what: &str,
        hint: &str,
    ) -> Option<Vec<f64>> {
        if let Some((_, values)) = settings.iter().find(|(known, _)| known == name) {
            return Some(values.clone());
        }
        self.report(Diagnostic::error("missing-setting", node.span.clone(), what).hint(hint));
        None
    }
}

fn numbers(settings: &Settings, name: &str, otherwise: f64) -> Vec<f64> {
    settings
        .iter()
        .find(|(known, _)| known == name)
        .map_or_else(|| vec![otherwise], |(_, values)| values.clone())
}

fn whole(settings: &Settings, name: &str, otherwise: usize) -> Vec<usize> {
    numbers(settings, name, otherwise as f64)
        .iter()
        .map(|value| *value as usize)
        .collect()
}
