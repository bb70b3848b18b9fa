//! Analyses: characteristics, performance, Kaplan–Meier, Cox, subgroups.

use std::collections::BTreeMap;

use crate::plan::{
    Analysis, CategoryTest, Characteristics, CharacteristicsBy, CharacteristicsItem, CoxRegression,
    DecisionCurveRange, KaplanMeier, NumberSummary, NumberTest, Performance, RowTest,
    SubgroupBenefit,
};

use super::super::diagnostic::Diagnostic;
use super::super::parse::{Kind, Node};
use super::expression::{Type, unquoted};
use super::{Checker, Symbol};

const CATEGORY_TESTS: [&str; 4] = [
    "chi_square",
    "chi_square_uncorrected",
    "fisher_exact",
    "by_expected_count",
];
const NUMBER_TESTS: [&str; 2] = ["mann_whitney", "welch_t"];
const SUMMARIES: [&str; 2] = ["median_quartiles", "mean_sd"];

fn category_test(name: &str) -> CategoryTest {
    match name {
        "chi_square_uncorrected" => CategoryTest::ChiSquareUncorrected,
        "fisher_exact" => CategoryTest::FisherExact,
        "by_expected_count" => CategoryTest::ByExpectedCount,
        _ => CategoryTest::ChiSquare,
    }
}

fn number_test(name: &str) -> NumberTest {
    if name == "welch_t" {
        NumberTest::WelchT
    } else {
        NumberTest::MannWhitney
    }
}

fn summary(name: &str) -> NumberSummary {
    if name == "mean_sd" {
        NumberSummary::MeanStandardDeviation
    } else {
        NumberSummary::MedianQuartiles
    }
}

impl Checker<'_> {
    pub(super) fn analyses(&mut self) {
        for node in self.nodes {
            let analysis = match node.kind {
                Kind::characteristics => self.characteristics(node).map(Analysis::Characteristics),
                Kind::performance => self.performance(node).map(Analysis::Performance),
                Kind::kaplan_meier => self.kaplan_meier(node).map(Analysis::KaplanMeier),
                Kind::cox => self.cox(node).map(Analysis::Cox),
                Kind::subgroup => self.subgroup(node).map(Analysis::Subgroup),
                _ => continue,
            };
            if let (Some(name), Some(analysis)) = (node.child(Kind::name), analysis) {
                self.plan.analyses.insert(name.text.clone(), analysis);
            }
        }
    }

    fn title(&self, node: &Node, otherwise: impl FnOnce() -> String) -> String {
        node.child(Kind::title)
            .map_or_else(otherwise, |title| unquoted(&title.only().text))
    }

    fn characteristics(&mut self, node: &Node) -> Option<Characteristics> {
        let by_name = node.all(Kind::name).nth(1)?;
        let on = self.one_set(node);
        let by = if by_name.text == "split" {
            if self.plan.split.is_none() && self.statements(Kind::split).is_empty() {
                self.report(
                    Diagnostic::error(
                        "unknown-name",
                        by_name.span.clone(),
                        "the study has no `split` statement",
                    )
                    .hint("write one, or compare by a category"),
                );
            }
            CharacteristicsBy::Split
        } else {
            match self.type_of(by_name)? {
                Type::Category { .. } | Type::YesNo => {
                    CharacteristicsBy::Value(by_name.text.clone())
                }
                found => {
                    self.report(Diagnostic::error(
                        "type-mismatch",
                        by_name.span.clone(),
                        format!(
                            "groups are a category or yes_no, but `{}` is {}",
                            by_name.text,
                            found.describe()
                        ),
                    ));
                    return None;
                }
            }
        };
        let mut table = Characteristics {
            title: self.title(node, || {
                format!(
                    "Patient characteristics by {}",
                    by_name.text.replace('_', " ")
                )
            }),
            by,
            on: on?,
            number_test: NumberTest::MannWhitney,
            category_test: CategoryTest::ChiSquare,
            summary: NumberSummary::MedianQuartiles,
            items: Vec::new(),
        };
        for item in node.all(Kind::characteristics_item).map(Node::only) {
            match item.kind {
                Kind::section => table
                    .items
                    .push(CharacteristicsItem::Section(unquoted(&item.only().text))),
                Kind::test_number => {
                    if let Some(name) = self.choice(item.only(), &NUMBER_TESTS) {
                        table.number_test = number_test(&name);
                    }
                }
                Kind::test_category => {
                    if let Some(name) = self.choice(item.only(), &CATEGORY_TESTS) {
                        table.category_test = category_test(&name);
                    }
                }
                Kind::summary => {
                    if let Some(name) = self.choice(item.only(), &SUMMARIES) {
                        table.summary = summary(&name);
                    }
                }
                _ => {
                    if let Some(row) = self.characteristics_row(item) {
                        table.items.push(row);
                    }
                }
            }
        }
        Some(table)
    }

    fn characteristics_row(&mut self, node: &Node) -> Option<CharacteristicsItem> {
        let name = &node.children[0];
        let found = self.type_of(name)?;
        let (mut shown_levels, mut test, mut row_summary) = (Vec::new(), None, None);
        for option in node.all(Kind::row_option).map(Node::only) {
            match (option.kind, &found) {
                (Kind::show, Type::Category { levels, .. }) => {
                    let known: Vec<String> =
                        levels.iter().map(|level| level.name.clone()).collect();
                    for level in option.all(Kind::level_name) {
                        let text = unquoted(&level.text);
                        if known.contains(&text) {
                            shown_levels.push(text);
                        } else {
                            self.report(
                                Diagnostic::error(
                                    "unknown-level",
                                    level.span.clone(),
                                    format!("`{}` has no level `{text}`", name.text),
                                )
                                .hint(format!("the levels are {}", known.join(", "))),
                            );
                        }
                    }
                }
                (Kind::row_test, Type::Number(_)) => {
                    test = self
                        .choice(option.only(), &NUMBER_TESTS)
                        .map(|name| RowTest::Number(number_test(&name)));
                }
                (Kind::row_test, Type::Category { .. } | Type::YesNo) => {
                    test = self
                        .choice(option.only(), &CATEGORY_TESTS)
                        .map(|name| RowTest::Category(category_test(&name)));
                }
                (Kind::row_summary, Type::Number(_)) => {
                    row_summary = self
                        .choice(option.only(), &SUMMARIES)
                        .map(|name| summary(&name));
                }
                _ => self.report(Diagnostic::error(
                    "type-mismatch",
                    option.span.clone(),
                    format!(
                        "this does not fit `{}`, which is {}",
                        name.text,
                        found.describe()
                    ),
                )),
            }
        }
        if matches!(found, Type::Text | Type::Date) {
            self.report(
                Diagnostic::error(
                    "type-mismatch",
                    name.span.clone(),
                    format!(
                        "`{}` is {}: it cannot be summarised",
                        name.text,
                        found.describe()
                    ),
                )
                .hint("declare it as a category with its levels"),
            );
        }
        Some(CharacteristicsItem::Row {
            value: name.text.clone(),
            shown_levels,
            test,
            summary: row_summary,
        })
    }

    fn performance(&mut self, node: &Node) -> Option<Performance> {
        let names = node
            .child(Kind::names)
            .map(Node::listed)
            .unwrap_or_default();
        let scores = self.values(&names);
        for name in &names {
            match self.type_of(name) {
                Some(Type::Number(_) | Type::Category { ordered: true, .. } | Type::YesNo)
                | None => {}
                Some(found) => self.report(
                    Diagnostic::error(
                        "type-mismatch",
                        name.span.clone(),
                        format!(
                            "a score is needed, but `{}` is {}",
                            name.text,
                            found.describe()
                        ),
                    )
                    .hint("use a signature, a model, a number or an ordered category"),
                ),
            }
        }
        let on: Vec<String> = match node.child(Kind::on).map(Node::listed) {
            Some(sets) => sets.into_iter().filter_map(|set| self.set(set)).collect(),
            None => vec![self.plan.cohort.name.clone()],
        };
        let predicting = node
            .all(Kind::performance_item)
            .map(Node::only)
            .find(|item| item.kind == Kind::predicting)
            .map(|item| item.only().clone());
        let outcome = match predicting {
            Some(name) => {
                self.resolve(
                    &name,
                    |symbol| symbol == Symbol::BinaryEndpoint,
                    "a yes_no endpoint",
                );
                name.text
            }
            None => {
                let mut outcomes: Vec<String> = scores
                    .iter()
                    .filter_map(|score| self.predicted_by(score))
                    .collect();
                outcomes.sort();
                outcomes.dedup();
                match outcomes.as_slice() {
                    [only] => only.clone(),
                    _ => {
                        if scores.len() == names.len() {
                            self.report(
                                Diagnostic::error(
                                    "missing-outcome",
                                    node.children[0].span.clone(),
                                    "it is not clear which outcome is predicted",
                                )
                                .hint("write `predicting ENDPOINT` in the block"),
                            );
                        }
                        return None;
                    }
                }
            }
        };
        let mut analysis = Performance {
            title: self.title(node, || "Predictive performance".to_owned()),
            outcome,
            scores,
            on,
            comparisons: Vec::new(),
            at_cutoff: false,
            cutoffs: BTreeMap::new(),
            calibration_resamples: None,
            hosmer_lemeshow_groups: None,
            decision_curve: None,
            allow_leakage: None,
        };
        for item in node.all(Kind::performance_item).map(Node::only) {
            match item.kind {
                Kind::auc => self.comparisons(item, &mut analysis),
                Kind::at_cutoff => {
                    analysis.at_cutoff = true;
                    self.cutoffs_of(&names, &mut analysis);
                }
                Kind::calibration => {
                    analysis.calibration_resamples = self.whole(item.only(), 10, 1_000_000)
                }
                Kind::hosmer_lemeshow => {
                    analysis.hosmer_lemeshow_groups = self.whole(item.only(), 3, 1000)
                }
                Kind::decision_curve => analysis.decision_curve = self.decision_curve(item),
                Kind::allow => analysis.allow_leakage = Some(unquoted(&item.only().text)),
                _ => {}
            }
        }
        Some(analysis)
    }

    fn comparisons(&mut self, node: &Node, analysis: &mut Performance) {
        for comparison in node.all(Kind::comparison).map(Node::only) {
            let names: Vec<&Node> = comparison.all(Kind::name).collect();
            let mut known = true;
            for name in &names {
                if !analysis.scores.contains(&name.text) {
                    known = false;
                    let diagnostic = Diagnostic::error(
                        "unknown-name",
                        name.span.clone(),
                        format!("`{}` is not among the scores of this analysis", name.text),
                    )
                    .hint(format!("the scores are {}", analysis.scores.join(", ")));
                    self.report(diagnostic);
                }
            }
            if !known {
                continue;
            }
            let mut add = |pair: (String, String)| {
                if pair.0 != pair.1 && !analysis.comparisons.contains(&pair) {
                    analysis.comparisons.push(pair);
                }
            };
            if comparison.kind == Kind::compare_each {
                for score in analysis.scores.clone() {
                    add((score, names[0].text.clone()));
                }
            } else {
                add((names[0].text.clone(), names[1].text.clone()));
            }
        }
    }

    /// The cut-off declared for each score.
    fn cutoffs_of(&mut self, names: &[&Node], analysis: &mut Performance) {
        for name in names {
            let declared: Vec<String> = self
                .plan
                .cutoffs
                .iter()
                .filter(|(_, cutoff)| cutoff.score == name.text)
                .map(|(cutoff, _)| cutoff.clone())
                .collect();
            match declared.as_slice() {
                [only] => {
                    self.used.insert(only.clone());
                    analysis.cutoffs.insert(name.text.clone(), only.clone());
                }
                [] if self.plan.is_score(&name.text) => self.report(
                    Diagnostic::error(
                        "missing-cutoff",
                        name.span.clone(),
                        format!("no cut-off is declared for `{}`", name.text),
                    )
                    .hint(format!(
                        "write `cutoff risk_{} of {} by youden on training`",
                        name.text, name.text
                    )),
                ),
                [] => {}
                _ => self.report(
                    Diagnostic::error(
                        "two-cutoffs",
                        name.span.clone(),
                        format!(
                            "`{}` has several cut-offs: {}",
                            name.text,
                            declared.join(", ")
                        ),
                    )
                    .hint("keep the one that this analysis is to use"),
                ),
            }
        }
    }

    fn decision_curve(&mut self, node: &Node) -> Option<DecisionCurveRange> {
        let numbers: Vec<f64> = node
            .all(Kind::number)
            .filter_map(|number| number.text.parse().ok())
            .collect();
        let (from, to) = (*numbers.first()?, *numbers.get(1)?);
        let step = numbers.get(2).copied().unwrap_or(0.01);
        if !(from > 0.0 && from < to && to < 1.0 && step > 0.0 && (to - from) / step < 10_000.0) {
            self.report(
                Diagnostic::error(
                    "bad-number",
                    node.span.clone(),
                    "threshold probabilities rise from above 0 to below 1",
                )
                .hint("write `decision_curve 0.01 to 0.99`"),
            );
            return None;
        }
        Some(DecisionCurveRange { from, to, step })
    }

    fn survival_endpoints(&mut self, names: &[&Node]) -> Vec<String> {
        names
            .iter()
            .filter(|name| {
                self.resolve(
                    name,
                    |symbol| symbol == Symbol::SurvivalEndpoint,
                    "a survival endpoint",
                )
                .is_some()
            })
            .map(|name| name.text.clone())
            .collect()
    }

    fn groupings(&mut self, names: &[&Node]) -> Vec<String> {
        let mut groupings = Vec::new();
        for name in names {
            match self.type_of(name) {
                Some(Type::Category { .. } | Type::YesNo) => groupings.push(name.text.clone()),
                Some(found) => self.report(
                    Diagnostic::error(
                        "type-mismatch",
                        name.span.clone(),
                        format!(
                            "groups are a category or yes_no, but `{}` is {}",
                            name.text,
                            found.describe()
                        ),
                    )
                    .hint("make groups with `cutoff`, or derive a category"),
                ),
                None => {}
            }
        }
        groupings
    }

    fn kaplan_meier(&mut self, node: &Node) -> Option<KaplanMeier> {
        let lists: Vec<&Node> = node.all(Kind::names).collect();
        let endpoints =
            self.survival_endpoints(&lists.first()?.all(Kind::name).collect::<Vec<_>>());
        let by = match lists.get(1) {
            Some(names) => self.groupings(&names.all(Kind::name).collect::<Vec<_>>()),
            None => Vec::new(),
        };
        Some(KaplanMeier {
            title: self.title(node, || "Survival".to_owned()),
            endpoints,
            by,
            on: self.one_set(node)?,
            allow_leakage: node
                .child(Kind::allow)
                .map(|allow| unquoted(&allow.only().text)),
        })
    }

    fn cox(&mut self, node: &Node) -> Option<CoxRegression> {
        let endpoint = node.all(Kind::name).nth(1)?;
        self.resolve(
            endpoint,
            |symbol| symbol == Symbol::SurvivalEndpoint,
            "a survival endpoint",
        );
        let mut analysis = CoxRegression {
            title: self.title(node, || "Uni- and multivariable Cox regression".to_owned()),
            endpoint: endpoint.text.clone(),
            candidates: Vec::new(),
            screen: None,
            on: self.one_set(node)?,
            allow_leakage: None,
        };
        for item in node.all(Kind::cox_item).map(Node::only) {
            match item.kind {
                Kind::candidates => analysis.candidates.extend(self.values(&item.listed())),
                Kind::screen => analysis.screen = self.screen(item),
                _ => analysis.allow_leakage = Some(unquoted(&item.only().text)),
            }
        }
        let names_none = node
            .all(Kind::cox_item)
            .all(|item| item.only().kind != Kind::candidates);
        if names_none {
            self.report(
                Diagnostic::error(
                    "no-terms",
                    node.children[0].span.clone(),
                    "the regression has no candidates",
                )
                .hint("write `candidates age, sex, …`"),
            );
        }
        Some(analysis)
    }

    fn subgroup(&mut self, node: &Node) -> Option<SubgroupBenefit> {
        let endpoints = node
            .child(Kind::names)
            .map(Node::listed)
            .unwrap_or_default();
        let mut analysis = SubgroupBenefit {
            title: self.title(node, || "Benefit of treatment in subgroups".to_owned()),
            endpoints: self.survival_endpoints(&endpoints),
            treatment: String::new(),
            within: Vec::new(),
            adjust: Vec::new(),
            interaction: false,
            on: self.one_set(node)?,
            allow_leakage: None,
        };
        for item in node.all(Kind::subgroup_item).map(Node::only) {
            match item.kind {
                Kind::treatment => match self.type_of(item.only()) {
                    Some(Type::YesNo) => analysis.treatment = item.only().text.clone(),
                    Some(Type::Category { levels, .. }) if levels.len() == 2 => analysis.treatment = item.only().text.clone(),
                    Some(found) => self.report(
                        Diagnostic::error("type-mismatch", item.only().span.clone(), format!("a treatment is yes or no, or a category with two levels; `{}` is {}", item.only().text, found.describe()))
                            .hint("derive one, such as `chemo = adjuvant != none`"),
                    ),
                    None => {}
                },
                Kind::within => {
                    let names = item.listed();
                    analysis.within.extend(self.groupings(&names));
                }
                Kind::adjust => analysis.adjust.extend(self.values(&item.listed())),
                Kind::interaction => analysis.interaction = true,
                _ => analysis.allow_leakage = Some(unquoted(&item.only().text)),
            }
        }
        let items: Vec<Kind> = node
            .all(Kind::subgroup_item)
            .map(|item| item.only().kind)
            .collect();
        for (kind, what, hint) in [
            (Kind::treatment, "the treatment", "write `treatment NAME`"),
            (Kind::within, "the groups", "write `within RISK_GROUP`"),
        ] {
            if !items.contains(&kind) {
                self.report(
                    Diagnostic::error(
                        "missing-part",
                        node.children[0].span.clone(),
                        format!("the analysis does not name {what}"),
                    )
                    .hint(hint),
                );
            }
        }
        Some(analysis)
    }
}
