//! Sets of patients: the split, and what is done about missing values.

use crate::plan::{Imputation, ImputationMethod, MissingValues, Split, SplitRule};

use super::super::diagnostic::Diagnostic;
use super::super::parse::{Kind, Node};
use super::declarations::number;
use super::expression::{Type, unquoted};
use super::{Checker, Symbol, set_names};

impl Checker<'_> {
    pub(super) fn split(&mut self) {
        let Some(node) = self.only_one(Kind::split, "split").cloned() else {
            return;
        };
        if node.children[0].text != self.plan.cohort.name {
            self.resolve(
                &node.children[0],
                |symbol| symbol == Symbol::Cohort,
                "the cohort",
            );
        }
        let sets: Vec<String> = set_names(&node)
            .iter()
            .map(|set| set.text.clone())
            .collect();
        let rule = &node.children[1];
        if sets.len() < 2 {
            self.report(
                Diagnostic::error(
                    "bad-split",
                    rule.span.clone(),
                    "a split makes at least two sets",
                )
                .hint("write `into training, validation`"),
            );
            return;
        }
        let rule = match rule.kind {
            Kind::split_ratio => self.split_ratio(rule, sets.len()),
            Kind::split_column => self.split_column(rule),
            _ => self.split_date(rule, sets.len()),
        };
        if let Some(rule) = rule {
            self.plan.split = Some(Split { rule, sets });
        }
    }

    fn split_ratio(&mut self, node: &Node, sets: usize) -> Option<SplitRule> {
        let numbers: Vec<&Node> = node.all(Kind::number).collect();
        let mut parts = Vec::new();
        for part in &numbers {
            let value = number(part);
            if value.fract() != 0.0 || !(1.0..=1e6).contains(&value) {
                self.report(
                    Diagnostic::error(
                        "bad-split",
                        part.span.clone(),
                        "the parts of a ratio are whole numbers from 1 on",
                    )
                    .hint("write `7 : 3`"),
                );
                return None;
            }
            parts.push(value as u64);
        }
        if parts.len() != sets {
            self.report(
                Diagnostic::error(
                    "bad-split",
                    node.span.clone(),
                    format!(
                        "the ratio has {} parts, but {sets} sets are named",
                        parts.len()
                    ),
                )
                .hint("name one set for each part"),
            );
            return None;
        }
        let strata: Vec<&Node> = node
            .all(Kind::names)
            .nth(1)
            .map(|names| names.all(Kind::name).collect())
            .unwrap_or_default();
        let mut stratified_by = Vec::new();
        for name in strata {
            match self.type_of(name) {
                Some(Type::YesNo | Type::Category { .. }) => stratified_by.push(name.text.clone()),
                Some(found) => self.report(
                    Diagnostic::error(
                        "type-mismatch",
                        name.span.clone(),
                        format!(
                            "strata are categories or yes_no values, but `{}` is {}",
                            name.text,
                            found.describe()
                        ),
                    )
                    .hint("derive a category from it"),
                ),
                None => {}
            }
        }
        Some(SplitRule::Ratio {
            parts,
            stratified_by,
        })
    }

    fn split_column(&mut self, node: &Node) -> Option<SplitRule> {
        let column = &node.children[0];
        let known: Vec<String> = match self.type_of(column)? {
            Type::Category { levels, .. } => levels.into_iter().map(|level| level.name).collect(),
            Type::YesNo => vec!["no".to_owned(), "yes".to_owned()],
            found => {
                self.report(Diagnostic::error(
                    "type-mismatch",
                    column.span.clone(),
                    format!(
                        "a split needs a category, but `{}` is {}",
                        column.text,
                        found.describe()
                    ),
                ));
                return None;
            }
        };
        let mut levels = Vec::new();
        for set in node.all(Kind::set_level) {
            let level = &set.children[1];
            let text = if level.only().kind == Kind::string {
                unquoted(&level.only().text)
            } else {
                level.text.clone()
            };
            if known.contains(&text) {
                levels.push(text);
            } else {
                self.report(
                    Diagnostic::error(
                        "unknown-level",
                        level.span.clone(),
                        format!("`{}` has no level `{text}`", column.text),
                    )
                    .hint(format!("the levels are {}", known.join(", "))),
                );
            }
        }
        Some(SplitRule::Column {
            column: column.text.clone(),
            levels,
        })
    }

    fn split_date(&mut self, node: &Node, sets: usize) -> Option<SplitRule> {
        let column = &node.children[0];
        let found = self.type_of(column)?;
        if found != Type::Date {
            self.report(Diagnostic::error(
                "type-mismatch",
                column.span.clone(),
                format!(
                    "a split by date needs a date, but `{}` is {}",
                    column.text,
                    found.describe()
                ),
            ));
            return None;
        }
        if sets != 2 {
            self.report(Diagnostic::error(
                "bad-split",
                node.span.clone(),
                "a split by date makes two sets: before the day, and from it on",
            ));
            return None;
        }
        Some(SplitRule::Date {
            column: column.text.clone(),
            before: node.child(Kind::date)?.text.clone(),
        })
    }

    pub(super) fn missing_values(&mut self) {
        if !self.statements(Kind::missing).is_empty() {
            self.plan.missing = MissingValues::CompleteCases;
        }
        for node in self.statements(Kind::impute) {
            let Some(fit_on) = self.fit_on_of(node, "an imputation") else {
                continue;
            };
            let method = match node.child(Kind::impute_method).map(|m| m.text.as_str()) {
                Some("median") => ImputationMethod::Median,
                Some("mean") => ImputationMethod::Mean,
                _ => ImputationMethod::Mode,
            };
            for name in node.listed() {
                let Some(found) = self.type_of(name) else {
                    continue;
                };
                let is_number = matches!(found, Type::Number(_));
                if is_number == (method == ImputationMethod::Mode) {
                    let hint = if is_number {
                        "numbers are imputed `by median` or `by mean`"
                    } else {
                        "categories are imputed `by mode`"
                    };
                    self.report(
                        Diagnostic::error(
                            "type-mismatch",
                            name.span.clone(),
                            format!("`{}` is {}", name.text, found.describe()),
                        )
                        .hint(hint),
                    );
                    continue;
                }
                self.plan.imputations.insert(
                    name.text.clone(),
                    Imputation {
                        method,
                        fit_on: fit_on.clone(),
                    },
                );
            }
        }
    }

    pub(super) fn fit_on_of(&mut self, node: &Node, what: &str) -> Option<String> {
        let node = node.clone();
        self.fit_on(&node, what)
    }
}
