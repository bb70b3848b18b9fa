//! The report block: which analysis is which table or figure.

use crate::plan::{Analysis, FigureAspect, PValueStyle, ReportItem, ReportKind};

use super::super::diagnostic::Diagnostic;
use super::super::parse::{Kind, Node};
use super::expression::unquoted;
use super::{Checker, Symbol};

impl Checker<'_> {
    pub(super) fn report_block(&mut self) {
        let blocks = self.statements(Kind::report);
        let Some(block) = blocks.first() else {
            self.plan.report = self.default_report();
            return;
        };
        for style in block.all(Kind::style) {
            self.style(style);
        }
        for templates in block.all(Kind::templates) {
            self.plan.templates = Some(unquoted(&templates.only().text));
        }
        if block.child(Kind::report_item).is_none() {
            self.plan.report = self.default_report();
        }
        let mut seen: Vec<(ReportKind, String)> = Vec::new();
        for node in block.all(Kind::report_item) {
            let Some(item) = self.report_item(node) else {
                continue;
            };
            let id = (item.kind, item.number.clone());
            if seen.contains(&id) {
                self.report(
                    Diagnostic::error(
                        "duplicate-name",
                        node.children[1].span.clone(),
                        format!("number {} stands twice", item.number),
                    )
                    .hint("tables and figures are numbered apart, each number once"),
                );
            }
            seen.push(id);
            self.plan.report.push(item);
        }
    }

    fn style(&mut self, node: &Node) {
        for item in node.all(Kind::style_item).map(Node::only) {
            match item.kind {
                Kind::style_decimals => {
                    let number = item.only();
                    let decimals = number
                        .text
                        .parse::<usize>()
                        .ok()
                        .filter(|n| (1..=6).contains(n));
                    if decimals.is_none() {
                        self.report(
                            Diagnostic::error(
                                "bad-number",
                                number.span.clone(),
                                "decimal places are a whole number from 1 to 6",
                            )
                            .hint("write `decimals 2`"),
                        );
                    }
                    self.plan.style.decimals = decimals;
                }
                Kind::style_p_values => {
                    let styles = [
                        ("three_decimals", PValueStyle::ThreeDecimals),
                        ("four_decimals", PValueStyle::FourDecimals),
                        ("two_decimals", PValueStyle::TwoDecimals),
                        ("two_decimals_no_zero", PValueStyle::TwoDecimalsNoZero),
                    ];
                    let chosen = self.choice(item.only(), &styles.map(|(word, _)| word));
                    if let Some((_, style)) = styles
                        .into_iter()
                        .find(|(word, _)| chosen.as_deref() == Some(*word))
                    {
                        self.plan.style.p_values = style;
                    }
                }
                _ => {
                    let text = unquoted(&item.only().text);
                    self.plan.style.interval = match text.chars().all(char::is_alphabetic) {
                        // A word stands apart from the numbers, a sign does not.
                        true if !text.is_empty() => format!(" {text} "),
                        _ => text,
                    };
                }
            }
        }
    }

    fn report_item(&mut self, node: &Node) -> Option<ReportItem> {
        let kind = if node.child(Kind::report_kind)?.text.trim() == "table" {
            ReportKind::Table
        } else {
            ReportKind::Figure
        };
        let name = node.child(Kind::name)?;
        let symbol = self.resolve(
            name,
            |symbol| {
                matches!(
                    symbol,
                    Symbol::Characteristics
                        | Symbol::Performance
                        | Symbol::KaplanMeier
                        | Symbol::Cox
                        | Symbol::Subgroup
                        | Symbol::Model
                        | Symbol::Signature
                        | Symbol::Features
                        | Symbol::Repeatability
                        | Symbol::Cohort
                )
            },
            "an analysis, a model, a signature, a feature table, a repeatability statement or the cohort",
        )?;
        let aspects: &[(&str, FigureAspect)] = match symbol {
            Symbol::Cohort => &[
                ("flow", FigureAspect::Flow),
                ("workflow", FigureAspect::Workflow),
            ],
            Symbol::Performance => &[
                ("roc", FigureAspect::Roc),
                ("calibration", FigureAspect::Calibration),
                ("decision_curve", FigureAspect::DecisionCurve),
            ],
            Symbol::Model => &[("nomogram", FigureAspect::Nomogram)],
            Symbol::KaplanMeier => &[("curves", FigureAspect::Curves)],
            Symbol::Subgroup => &[
                ("curves", FigureAspect::Curves),
                ("forest", FigureAspect::Forest),
            ],
            _ => &[],
        };
        let title = node
            .child(Kind::title)
            .map(|title| unquoted(&title.only().text));
        let number = node.child(Kind::report_number)?.text.clone();
        let aspect = node.child(Kind::aspect);
        if kind == ReportKind::Table {
            let locked = self.plan.locked_models.contains_key(&name.text);
            if symbol == Symbol::Cohort || aspect.is_some() || locked {
                let place = aspect.unwrap_or(name);
                self.report(
                    Diagnostic::error(
                        "no-such-table",
                        place.span.clone(),
                        format!("`{}` gives no such table", name.text),
                    )
                    .hint(format!("write `figure {number} = {} …`", name.text)),
                );
                return None;
            }
            return Some(ReportItem {
                kind,
                number,
                title,
                name: name.text.clone(),
                aspect: None,
            });
        }
        let chosen = match aspect {
            Some(aspect) => aspects.iter().find(|(word, _)| *word == aspect.text.trim()),
            // What a figure of a model shows is said: tables are what a model usually gives.
            None if aspects.len() == 1 && symbol != Symbol::Model => aspects.first(),
            None if symbol == Symbol::Cohort => aspects.first(),
            None => None,
        };
        let Some((_, aspect)) = chosen else {
            let words: Vec<&str> = aspects.iter().map(|(word, _)| *word).collect();
            let place = aspect.unwrap_or(name);
            let mut diagnostic = Diagnostic::error(
                "no-such-figure",
                place.span.clone(),
                format!("`{}` gives no such figure", name.text),
            );
            if !words.is_empty() {
                diagnostic = diagnostic.hint(format!("choose {}", words.join(", ")));
            }
            self.report(diagnostic);
            return None;
        };
        if let Some(Analysis::Performance(analysis)) = self.plan.analyses.get(&name.text) {
            let missing = match aspect {
                FigureAspect::Calibration if analysis.calibration_resamples.is_none() => {
                    Some("calibration bootstrap 1000")
                }
                FigureAspect::DecisionCurve if analysis.decision_curve.is_none() => {
                    Some("decision_curve 0.01 to 0.99")
                }
                _ => None,
            };
            if let Some(line) = missing {
                self.report(
                    Diagnostic::error(
                        "no-such-figure",
                        name.span.clone(),
                        format!("`{}` does not compute this", name.text),
                    )
                    .hint(format!("add `{line}` to the analysis")),
                );
            }
        }
        Some(ReportItem {
            kind,
            number,
            title,
            name: name.text.clone(),
            aspect: Some(*aspect),
        })
    }

    /// Everything, in the order of a paper.
    fn default_report(&self) -> Vec<ReportItem> {
        let mut items = Vec::new();
        let (mut tables, mut figures) = (0, 0);
        let mut add = |kind, name: &str, aspect| {
            let count = if kind == ReportKind::Table {
                &mut tables
            } else {
                &mut figures
            };
            *count += 1;
            items.push(ReportItem {
                kind,
                number: count.to_string(),
                title: None,
                name: name.to_owned(),
                aspect,
            });
        };
        let (table, figure) = (ReportKind::Table, ReportKind::Figure);
        if !self.plan.cohort.name.is_empty() {
            add(figure, &self.plan.cohort.name, Some(FigureAspect::Flow));
        }
        let rank = |analysis: &Analysis| match analysis {
            Analysis::Characteristics(_) => 0,
            Analysis::Performance(_) => 1,
            Analysis::KaplanMeier(_) => 2,
            Analysis::Cox(_) => 3,
            Analysis::Subgroup(_) => 4,
        };
        for wanted in 0..5 {
            for (name, analysis) in self
                .plan
                .analyses
                .iter()
                .filter(|(_, analysis)| rank(analysis) == wanted)
            {
                add(table, name, None);
                match analysis {
                    Analysis::Performance(a) => {
                        add(figure, name, Some(FigureAspect::Roc));
                        if a.calibration_resamples.is_some() {
                            add(figure, name, Some(FigureAspect::Calibration));
                        }
                        if a.decision_curve.is_some() {
                            add(figure, name, Some(FigureAspect::DecisionCurve));
                        }
                    }
                    Analysis::KaplanMeier(_) | Analysis::Subgroup(_) => {
                        add(figure, name, Some(FigureAspect::Curves))
                    }
                    Analysis::Characteristics(_) | Analysis::Cox(_) => {}
                }
            }
        }
        let supplement = [
            self.plan.models.keys().collect::<Vec<_>>(),
            self.plan.signatures.keys().collect(),
            self.plan.features.keys().collect(),
            self.plan.repeatability.keys().collect(),
        ];
        for name in supplement.into_iter().flatten() {
            add(table, name, None);
        }
        items
    }
}
