//! Signatures, models and cut-offs.

use crate::plan::{
    Candidates, Comparison, Cutoff, CutoffRule, ForestGrid, Learner, Model, Predictors, Screen,
    Selection, SelectionCriterion, SelectionDirection, Signature, SignatureSelection,
    TrainingScores, Tuning,
};

use super::super::diagnostic::Diagnostic;
use super::super::parse::{Kind, Node};
use super::expression::{Type, unquoted};
use super::{Checker, Symbol, label, label_of};

impl Checker<'_> {
    pub(super) fn signatures_and_models(&mut self) {
        for node in self.statements(Kind::signature) {
            if let Some(signature) = self.signature(node) {
                self.plan
                    .signatures
                    .insert(node.children[0].text.clone(), signature);
            }
        }
        for node in self.statements(Kind::model) {
            if let Some(model) = self.model(node) {
                self.plan
                    .models
                    .insert(node.children[0].text.clone(), model);
            }
        }
    }

    /// A yes_no endpoint.
    fn outcome(&mut self, name: &Node) -> Option<String> {
        self.resolve(
            name,
            |symbol| symbol == Symbol::BinaryEndpoint,
            "a yes_no endpoint",
        )?;
        Some(name.text.clone())
    }

    fn signature(&mut self, node: &Node) -> Option<Signature> {
        let direct: Vec<&Node> = node.all(Kind::name).collect();
        let sources = node
            .child(Kind::names)
            .map(Node::listed)
            .unwrap_or_default();
        let outcome = self.outcome(direct[1]);
        let fit_on = self.fit_on(node, "a signature");
        let is_table = sources.len() == 1
            && self
                .names
                .get(&sources[0].text)
                .is_some_and(|declared| declared.symbol == Symbol::Features);
        let from = if is_table {
            self.used.insert(sources[0].text.clone());
            Predictors::Features(sources[0].text.clone())
        } else {
            let values = self.values(&sources);
            self.not_the_outcome(&sources, outcome.as_deref());
            self.no_text(&sources);
            Predictors::Values(values)
        };
        let mut signature = Signature {
            label: label(node),
            from,
            outcome: outcome.clone().unwrap_or_default(),
            fit_on: fit_on.clone().unwrap_or_default(),
            selection: Vec::new(),
            learner: Learner::RandomForest(ForestGrid {
                trees: vec![500],
                max_depth: vec![0],
                features_per_split: vec![1],
                min_leaf: vec![1],
            }),
            tuning: None,
            training_scores: TrainingScores::Apparent,
        };
        let mut learns = false;
        for item in node.all(Kind::signature_item).map(Node::only) {
            match item.kind {
                Kind::keep => {
                    if self
                        .resolve(
                            item.only(),
                            |symbol| symbol == Symbol::Repeatability,
                            "a repeatability statement",
                        )
                        .is_some()
                    {
                        signature.selection.push(SignatureSelection::Keep {
                            repeatability: item.only().text.clone(),
                        });
                    }
                }
                Kind::mrmr => {
                    if let Some(count) = self.whole(&item.children[0], 1, 100_000) {
                        signature.selection.push(SignatureSelection::Mrmr {
                            count,
                            quotient: item.child(Kind::quotient).is_some(),
                        });
                    }
                }
                Kind::learn => {
                    learns = true;
                    if let Some(learner) = self.learner(item) {
                        signature.learner = learner;
                    }
                }
                Kind::tune => {
                    signature.tuning = self
                        .whole(item.only(), 2, 1000)
                        .map(|folds| Tuning { folds });
                }
                _ => match self
                    .choice(item.only(), &["apparent", "out_of_bag"])?
                    .as_str()
                {
                    "out_of_bag" => signature.training_scores = TrainingScores::OutOfBag,
                    _ => signature.training_scores = TrainingScores::Apparent,
                },
            }
        }
        if !matches!(signature.learner, Learner::RandomForest(_))
            && signature.training_scores == TrainingScores::OutOfBag
        {
            self.report(
                Diagnostic::error(
                    "not-out-of-bag",
                    node.children[0].span.clone(),
                    "only a random forest has out-of-bag scores",
                )
                .hint("remove `training_scores out_of_bag`, or learn a random_forest"),
            );
        }
        if !learns {
            self.report(
                Diagnostic::error(
                    "missing-learner",
                    node.children[0].span.clone(),
                    "the signature does not say how it learns",
                )
                .hint(
                    "write `learn random_forest { trees 500, max_depth 5, features_per_split 4 }`",
                ),
            );
        }
        if signature.learner.is_choice() && signature.tuning.is_none() {
            self.report(
                Diagnostic::error(
                    "missing-tuning",
                    node.children[0].span.clone(),
                    "several settings are given, but not how to choose among them",
                )
                .hint("write `tune grid by auc in 10 folds`"),
            );
        }
        outcome.and(fit_on).map(|_| signature)
    }

    pub(super) fn whole(&mut self, node: &Node, least: usize, most: usize) -> Option<usize> {
        let value: f64 = node.text.parse().unwrap_or(f64::NAN);
        if value.fract() == 0.0 && value >= least as f64 && value <= most as f64 {
            return Some(value as usize);
        }
        self.report(Diagnostic::error(
            "bad-number",
            node.span.clone(),
            format!(
                "expected a whole number from {least} to {most}, found {}",
                node.text
            ),
        ));
        None
    }

    fn model(&mut self, node: &Node) -> Option<Model> {
        let direct: Vec<&Node> = node.all(Kind::name).collect();
        let outcome = self.outcome(direct[1]);
        let fit_on = self.fit_on(node, "a model");
        let mut model = Model {
            label: label(node),
            outcome: outcome.clone().unwrap_or_default(),
            fit_on: fit_on.clone().unwrap_or_default(),
            candidates: Candidates {
                values: Vec::new(),
                terms_of: Vec::new(),
            },
            screen: None,
            selection: None,
        };
        for item in node.all(Kind::model_item).map(Node::only) {
            match item.kind {
                Kind::candidates => {
                    let names = item.listed();
                    model.candidates.values.extend(self.values(&names));
                    self.not_the_outcome(&names, outcome.as_deref());
                    self.no_text(&names);
                }
                Kind::terms => {
                    for term in item.all(Kind::term).map(Node::only) {
                        if term.kind == Kind::terms_of {
                            if self.locked_has_no_terms(term.only()) {
                                continue;
                            }
                            if self
                                .resolve(term.only(), |symbol| symbol == Symbol::Model, "a model")
                                .is_some()
                            {
                                model.candidates.terms_of.push(term.only().text.clone());
                            }
                        } else {
                            model.candidates.values.extend(self.values(&[term]));
                            self.not_the_outcome(&[term], outcome.as_deref());
                            self.no_text(&[term]);
                        }
                    }
                }
                Kind::screen => model.screen = self.screen(item),
                _ => {
                    model.selection = Some(Selection {
                        direction: match item.child(Kind::direction).map(|d| d.text.trim()) {
                            Some("forward") => SelectionDirection::Forward,
                            Some("both") => SelectionDirection::Both,
                            _ => SelectionDirection::Backward,
                        },
                        criterion: match item.child(Kind::criterion).map(|c| c.text.trim()) {
                            Some("bic") => SelectionCriterion::Bic,
                            _ => SelectionCriterion::Aic,
                        },
                    });
                }
            }
        }
        let names_none = node
            .all(Kind::model_item)
            .all(|item| !matches!(item.only().kind, Kind::candidates | Kind::terms));
        if names_none && fit_on.is_some() {
            self.report(
                Diagnostic::error(
                    "no-terms",
                    node.children[0].span.clone(),
                    "the model has no terms",
                )
                .hint("write `candidates age, sex, …` or `terms age, sex, …`"),
            );
        }
        outcome.and(fit_on).map(|_| model)
    }

    pub(super) fn screen(&mut self, node: &Node) -> Option<Screen> {
        let p: f64 = node.child(Kind::number)?.text.parse().ok()?;
        if !(p > 0.0 && p <= 1.0) {
            self.report(Diagnostic::error(
                "bad-number",
                node.span.clone(),
                "a p value lies between 0 and 1",
            ));
            return None;
        }
        Some(Screen {
            comparison: match node.child(Kind::screen_sign)?.text.as_str() {
                "<=" => Comparison::LessOrEqual,
                _ => Comparison::Less,
            },
            p,
        })
    }

    /// Neither the outcome nor what it is made of may predict it.
    fn not_the_outcome(&mut self, names: &[&Node], outcome: Option<&str>) {
        let Some(outcome) = outcome else { return };
        let made_of = self.made_of(outcome);
        for name in names {
            if name.text == outcome
                || made_of.contains(&name.text)
                || self
                    .made_of(&name.text)
                    .iter()
                    .any(|part| made_of.contains(part))
            {
                let why = if name.text == outcome {
                    String::new()
                } else {
                    format!(
                        ", whose definition reads the same column as `{}`",
                        name.text
                    )
                };
                self.report(
                    Diagnostic::error(
                        "outcome-as-predictor",
                        name.span.clone(),
                        format!("`{}` cannot predict `{outcome}`{why}", name.text),
                    )
                    .hint("remove it: it knows the answer"),
                );
            }
        }
    }

    /// The columns that an endpoint or derived value is made of.
    fn made_of(&self, name: &str) -> Vec<String> {
        let mut columns = Vec::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            let expressions: Vec<&crate::plan::Expression> =
                match (self.plan.derived.get(&name), self.plan.endpoints.get(&name)) {
                    (Some(derived), _) => vec![&derived.expression],
                    (_, Some(endpoint)) => match &endpoint.kind {
                        crate::plan::EndpointKind::Binary { expression } => vec![expression],
                        crate::plan::EndpointKind::Survival { time, event, .. } => {
                            vec![time, event]
                        }
                    },
                    _ => continue,
                };
            for used in expressions
                .iter()
                .flat_map(|expression| expression.values())
            {
                if !columns.iter().any(|known| known == used) {
                    columns.push(used.to_owned());
                    open.push(used.to_owned());
                }
            }
        }
        columns
    }

    fn no_text(&mut self, names: &[&Node]) {
        for name in names {
            if let Some(found @ (Type::Text | Type::Date)) = self.type_of(name) {
                self.report(
                    Diagnostic::error(
                        "type-mismatch",
                        name.span.clone(),
                        format!(
                            "`{}` is {}: it cannot be a predictor",
                            name.text,
                            found.describe()
                        ),
                    )
                    .hint("declare it as a category with its levels, or derive a value from it"),
                );
            }
        }
    }

    pub(super) fn cutoffs(&mut self) {
        for node in self.statements(Kind::cutoff) {
            if let Some(cutoff) = self.cutoff(node) {
                self.plan
                    .cutoffs
                    .insert(node.children[0].text.clone(), cutoff);
            }
        }
    }

    fn cutoff(&mut self, node: &Node) -> Option<Cutoff> {
        let direct: Vec<&Node> = node.all(Kind::name).collect();
        let score = direct[1];
        match self.type_of(score)? {
            Type::Number(_) | Type::Category { ordered: true, .. } => {}
            found => {
                self.report(
                    Diagnostic::error(
                        "type-mismatch",
                        score.span.clone(),
                        format!(
                            "a cut-off divides a score, but `{}` is {}",
                            score.text,
                            found.describe()
                        ),
                    )
                    .hint("use a signature, a model, a number or an ordered category"),
                );
                return None;
            }
        }
        let predicted = match direct.get(2) {
            Some(name) => self.outcome(name),
            None => self.predicted_by(&score.text),
        };
        let rule = node.child(Kind::cutoff_rule)?.only();
        let number = rule
            .children
            .first()
            .and_then(|n| n.text.parse::<f64>().ok())
            .unwrap_or(f64::NAN);
        let outcome = |checker: &mut Self| {
            if predicted.is_none() && direct.len() < 3 {
                checker.report(
                    Diagnostic::error(
                        "missing-outcome",
                        rule.span.clone(),
                        format!("this rule needs to know what `{}` predicts", score.text),
                    )
                    .hint("write `predicting ENDPOINT` after the rule"),
                );
            }
            predicted.clone()
        };
        let checked = match rule.kind {
            Kind::youden => CutoffRule::Youden {
                outcome: outcome(self)?,
            },
            Kind::by_value => CutoffRule::Value(number),
            Kind::by_median => CutoffRule::Median,
            kind => {
                if !(number > 0.0 && number < 1.0) {
                    self.report(Diagnostic::error(
                        "bad-number",
                        rule.span.clone(),
                        "expected a number between 0 and 1",
                    ));
                    return None;
                }
                match kind {
                    Kind::by_quantile => CutoffRule::Quantile(number),
                    Kind::by_sensitivity => CutoffRule::Sensitivity {
                        at_least: number,
                        outcome: outcome(self)?,
                    },
                    _ => CutoffRule::Specificity {
                        at_least: number,
                        outcome: outcome(self)?,
                    },
                }
            }
        };
        let fit_on = match (node.child(Kind::on), &checked) {
            (None, CutoffRule::Value(_)) => None,
            (None, _) => {
                self.report(
                    Diagnostic::error(
                        "missing-fit-set",
                        direct[0].span.clone(),
                        "a cut-off is found in data, but does not say in which patients",
                    )
                    .hint("write `on training` at the end"),
                );
                return None;
            }
            (Some(on), _) => Some(self.set(on.listed().first()?)?),
        };
        let label = match node.child(Kind::label) {
            Some(label) => unquoted(&label.only().text),
            None => match self.plan.label(&score.text) {
                name if name == score.text => label_of(name),
                label => label.to_owned(),
            },
        };
        Some(Cutoff {
            label,
            score: score.text.clone(),
            rule: checked,
            fit_on,
        })
    }

    /// What a signature or model predicts.
    pub(super) fn predicted_by(&self, score: &str) -> Option<String> {
        self.plan
            .signatures
            .get(score)
            .map(|signature| signature.outcome.clone())
            .or_else(|| {
                self.plan
                    .models
                    .get(score)
                    .map(|model| model.outcome.clone())
            })
    }
}
