//! Header, tables, cohort, derived values, endpoints, split, missing values.

use crate::plan::{
    Cohort, CohortRule, Column, ColumnKind, Derived, Encoding, Endpoint, EndpointKind, Evidence,
    Level, Study, Table, Unit,
};

use super::super::diagnostic::Diagnostic;
use super::super::parse::{Kind, Node};
use super::expression::{Type, unquoted};
use super::{Checker, Symbol, label, label_of};

const LARGEST_SEED: f64 = 9_007_199_254_740_991.0;

pub(super) fn number(node: &Node) -> f64 {
    node.text.parse().unwrap_or(f64::NAN)
}

impl Checker<'_> {
    /// The only statement of a kind; a second one is an error.
    pub(super) fn only_one(&mut self, kind: Kind, what: &str) -> Option<&'_ Node> {
        let found = self.statements(kind);
        if let [first, second, ..] = found.as_slice() {
            let diagnostic = Diagnostic::error(
                "second-statement",
                second.span.start..second.span.start + what.len(),
                format!("a study has one `{what}`"),
            )
            .label(
                first.span.start..first.span.start + what.len(),
                "this is the first",
            )
            .hint("merge the two");
            self.report(diagnostic);
        }
        self.nodes.iter().find(|node| node.kind == kind)
    }

    pub(super) fn study(&mut self, unreadable: bool) {
        let Some(node) = self.only_one(Kind::study, "study").cloned() else {
            if !unreadable {
                self.report(
                    Diagnostic::error(
                        "missing-statement",
                        0..0,
                        "the text has no `study` statement",
                    )
                    .hint(
                        "begin with `study NAME \"Title\" { version \"1.0\" seed 1 alpha 0.05 }`",
                    ),
                );
            }
            return;
        };
        let name = node
            .child(Kind::name)
            .map(|n| n.text.clone())
            .unwrap_or_default();
        let mut study = Study {
            title: node
                .child(Kind::string)
                .map_or_else(|| label_of(&name), |title| unquoted(&title.text)),
            name,
            version: "1.0".to_owned(),
            seed: 0,
            alpha: 0.05,
            evidence: None,
            blind: false,
        };
        let mut has_seed = false;
        for item in node.all(Kind::study_item).map(Node::only) {
            match item.kind {
                Kind::version => study.version = unquoted(&item.only().text),
                Kind::seed => {
                    has_seed = true;
                    let value = number(item.only());
                    if value.fract() != 0.0 || value > LARGEST_SEED {
                        self.report(
                            Diagnostic::error(
                                "bad-number",
                                item.only().span.clone(),
                                "a seed is a whole number up to 9007199254740991",
                            )
                            .hint("a date makes a good seed, such as 20220818"),
                        );
                    } else {
                        study.seed = value as u64;
                    }
                }
                Kind::blind => study.blind = true,
                Kind::alpha => {
                    study.alpha = number(item.only());
                    if !(study.alpha > 0.0 && study.alpha < 0.5) {
                        self.report(
                            Diagnostic::error(
                                "bad-number",
                                item.only().span.clone(),
                                "alpha must lie between 0 and 0.5",
                            )
                            .hint("0.05 is usual"),
                        );
                    }
                }
                _ => {
                    let note = item
                        .child(Kind::string)
                        .map_or_else(String::new, |text| unquoted(&text.text));
                    study.evidence = Some(match item.children[0].text.as_str() {
                        "randomised" => Evidence::Randomised { note },
                        "observational" => Evidence::Observational { note },
                        _ => Evidence::Simulated { note },
                    });
                }
            }
        }
        if !has_seed {
            let span = node
                .child(Kind::name)
                .map_or(node.span.clone(), |name| name.span.clone());
            self.report(
                Diagnostic::error("missing-seed", span, "the study has no seed")
                    .hint("write `seed 20220818` (any whole number): splits, folds and resamples are drawn from it"),
            );
        }
        self.plan.study = study;
    }

    pub(super) fn tables(&mut self) {
        for node in self.statements(Kind::table) {
            let strings: Vec<&Node> = node.all(Kind::string).collect();
            let names: Vec<&Node> = node.all(Kind::name).collect();
            let file = unquoted(&strings[0].text);
            let lower = file.to_lowercase();
            if !(lower.ends_with(".csv") || lower.ends_with(".xlsx")) {
                self.report(
                    Diagnostic::error(
                        "unknown-format",
                        strings[0].span.clone(),
                        "tables are read from .csv and .xlsx files",
                    )
                    .hint("save the table as CSV (UTF-8) or .xlsx"),
                );
            }
            let mut table = Table {
                file,
                sheet: node
                    .child(Kind::sheet)
                    .map(|sheet| unquoted(&sheet.only().text)),
                key: names[1].text.clone(),
                missing_codes: codes(node),
                columns: std::collections::BTreeMap::new(),
            };
            for column in node.all(Kind::column) {
                let (name, column) = self.column(column);
                table.columns.insert(name, column);
            }
            self.plan.tables.insert(names[0].text.clone(), table);
        }
    }

    fn column(&mut self, node: &Node) -> (String, Column) {
        let name = node.children[0].text.clone();
        let kind = self.column_type(node.child(Kind::column_type).map_or(node, Node::only));
        let mut column = Column {
            header: name.clone(),
            label: label_of(&name),
            kind,
            missing_codes: Vec::new(),
        };
        for option in node.all(Kind::column_option).map(Node::only) {
            match option.kind {
                Kind::label => column.label = unquoted(&option.only().text),
                Kind::header => column.header = unquoted(&option.only().text),
                _ => {
                    column.missing_codes =
                        option.child(Kind::strings).map(texts).unwrap_or_default()
                }
            }
        }
        (name, column)
    }

    fn column_type(&mut self, node: &Node) -> ColumnKind {
        match node.kind {
            Kind::number_type => ColumnKind::Number {
                unit: node.child(Kind::unit).and_then(|unit| self.unit(unit)),
            },
            Kind::count_type => ColumnKind::Count,
            Kind::date_type => ColumnKind::Date,
            Kind::text_type => ColumnKind::Text,
            Kind::yes_no_type => ColumnKind::YesNo {
                coding: node
                    .child(Kind::levels)
                    .and_then(|levels| self.coding(levels)),
            },
            _ => {
                let levels = match node.child(Kind::levels) {
                    Some(levels) => self.levels(levels),
                    None => {
                        self.report(
                            Diagnostic::error("missing-levels", node.span.clone(), "a category must list its levels")
                                .hint("write them in square brackets, the reference first: `category [female, male]`"),
                        );
                        Vec::new()
                    }
                };
                ColumnKind::Category {
                    levels,
                    ordered: node.kind == Kind::ordered_type,
                }
            }
        }
    }

    fn levels(&mut self, node: &Node) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::new();
        for level in node.all(Kind::level) {
            let parsed = one_level(level);
            if levels
                .iter()
                .any(|known| known.name == parsed.name || known.code == parsed.code)
            {
                self.report(
                    Diagnostic::error(
                        "duplicate-name",
                        level.span.clone(),
                        format!("the level `{}` stands twice", parsed.name),
                    )
                    .hint("each level and each code stands once"),
                );
                continue;
            }
            levels.push(parsed);
        }
        if levels.len() == 1 {
            self.report(
                Diagnostic::error(
                    "one-level",
                    node.span.clone(),
                    "a category needs at least two levels",
                )
                .hint("list all that the file may hold"),
            );
        }
        levels
    }

    fn coding(&mut self, node: &Node) -> Option<Encoding> {
        let levels: Vec<Level> = node.all(Kind::level).map(one_level).collect();
        let code = |name: &str| {
            levels
                .iter()
                .find(|level| level.name == name)
                .map(|level| level.code.clone())
        };
        match (levels.len(), code("no"), code("yes")) {
            (2, Some(no), Some(yes)) if no != yes => Some(Encoding { no, yes }),
            _ => {
                self.report(
                    Diagnostic::error(
                        "bad-coding",
                        node.span.clone(),
                        "the codes of a yes_no value name `no` and `yes`",
                    )
                    .hint("write `yes_no [no coded 1, yes coded 2]`"),
                );
                None
            }
        }
    }

    pub(super) fn cohort(&mut self, unreadable: bool) {
        let Some(node) = self.only_one(Kind::cohort, "cohort").cloned() else {
            if !unreadable {
                let end = self
                    .nodes
                    .first()
                    .map_or(0..0, |node| node.span.start..node.span.start + 1);
                self.report(
                    Diagnostic::error("missing-statement", end, "the study has no `cohort` statement")
                        .hint("write `cohort patients from TABLE { }`, with `exclude \"Reason\" when …` inside"),
                );
            }
            return;
        };
        let names: Vec<&Node> = node.all(Kind::name).collect();
        self.resolve(names[1], |symbol| symbol == Symbol::Table, "a table");
        self.plan.cohort = Cohort {
            name: names[0].text.clone(),
            table: names[1].text.clone(),
            rules: Vec::new(),
        };
        for rule in node.all(Kind::exclude) {
            if let Some(condition) = self.condition(&rule.children[1]) {
                self.before_cohort(&rule.children[1]);
                self.plan.cohort.rules.push(CohortRule {
                    label: unquoted(&rule.children[0].text),
                    condition,
                });
            }
        }
    }

    /// Exclusions come before endpoints, scores and risk groups, which only exist for the cohort.
    fn before_cohort(&mut self, condition: &Node) {
        for name in super::leakage::names_in(condition) {
            let late = self.names.get(&name.text).filter(|declared| {
                matches!(
                    declared.symbol,
                    Symbol::BinaryEndpoint | Symbol::Signature | Symbol::Model | Symbol::Cutoff
                )
            });
            if let Some(declared) = late {
                let diagnostic = Diagnostic::error(
                    "too-early",
                    name.span.clone(),
                    format!(
                        "`{}` is {}: it exists only for the patients of the cohort",
                        name.text,
                        declared.symbol.words()
                    ),
                )
                .hint("exclude by columns and derived values");
                self.report(diagnostic);
            }
        }
    }

    pub(super) fn derived(&mut self) {
        let names: Vec<Node> = self
            .derived_nodes
            .values()
            .map(|node| node.children[0].clone())
            .collect();
        for name in names {
            self.derived_type(&name);
        }
    }

    /// The type of a derived value, which is checked when it is first asked for.
    pub(super) fn derived_type(&mut self, name: &Node) -> Option<Type> {
        if let Some(known) = self.derived_types.get(&name.text) {
            return known.clone();
        }
        let node = *self.derived_nodes.get(&name.text)?;
        if let Some(first) = self.open.iter().position(|open| *open == name.text) {
            let mut cycle: Vec<String> = self.open[first..].to_vec();
            cycle.push(name.text.clone());
            let start = self.derived_nodes[&cycle[0]].children[0].span.clone();
            self.report(
                Diagnostic::error(
                    "cycle",
                    start,
                    format!("these definitions need each other: {}", cycle.join(" → ")),
                )
                .hint("define one of them without the others"),
            );
            return None;
        }
        self.open.push(name.text.clone());
        let value = node.child(Kind::derived_value).map_or(node, Node::only);
        let typed = match value.kind {
            Kind::choose => self.choose(value),
            _ => self.expression(value),
        };
        self.open.pop();
        let found = typed.map(|(expression, found)| {
            for used in super::leakage::names_in(value) {
                let symbol = self.names.get(&used.text).map(|declared| declared.symbol);
                if matches!(
                    symbol,
                    Some(Symbol::Signature | Symbol::Model | Symbol::Cutoff)
                ) {
                    self.report(
                        Diagnostic::error(
                            "too-early",
                            used.span.clone(),
                            format!(
                                "`{}` is learned from data: a derived value is made of columns",
                                used.text
                            ),
                        )
                        .hint("use the score or risk group itself"),
                    );
                }
            }
            self.plan.derived.insert(
                name.text.clone(),
                Derived {
                    label: label(node),
                    kind: found.kind(),
                    expression,
                },
            );
            found
        });
        self.derived_types.insert(name.text.clone(), found.clone());
        found
    }

    pub(super) fn endpoints(&mut self) {
        for node in self.statements(Kind::endpoint) {
            let name = node.children[0].text.clone();
            let kind = if let Some(binary) = node.child(Kind::binary_endpoint) {
                self.condition(binary.only())
                    .map(|expression| EndpointKind::Binary { expression })
            } else {
                node.child(Kind::survival_endpoint)
                    .and_then(|survival| self.survival_endpoint(survival))
            };
            if let Some(kind) = kind {
                self.plan.endpoints.insert(
                    name,
                    Endpoint {
                        label: label(node),
                        kind,
                    },
                );
            }
        }
    }

    fn survival_endpoint(&mut self, node: &Node) -> Option<EndpointKind> {
        let time = self.expression(&node.children[0]);
        let event = self.condition(&node.children[1]);
        let days = Unit::parse("days").ok()?;
        let (time, unit) = match time? {
            (time, Type::Number(Some(unit))) if unit.dimension() == days.dimension() => {
                (time, unit)
            }
            (_, found) => {
                self.report(
                    Diagnostic::error(
                        "unit-mismatch",
                        node.children[0].span.clone(),
                        format!(
                            "the time of an endpoint is a number in a unit of time, but this is {}",
                            found.describe()
                        ),
                    )
                    .hint("declare the column as `number in days` (weeks, months, years)"),
                );
                return None;
            }
        };
        let shown_in = match node.child(Kind::unit) {
            Some(shown) => {
                let shown_unit = self.unit(shown)?;
                if shown_unit.dimension() != days.dimension() {
                    self.report(Diagnostic::error(
                        "unit-mismatch",
                        shown.span.clone(),
                        format!("{shown_unit} is not a unit of time"),
                    ));
                    return None;
                }
                shown_unit
            }
            None => unit.clone(),
        };
        Some(EndpointKind::Survival {
            time,
            event: event?,
            unit,
            shown_in,
        })
    }
}

fn one_level(node: &Node) -> Level {
    let name = node.children[0].only();
    let name = if name.kind == Kind::string {
        unquoted(&name.text)
    } else {
        name.text.clone()
    };
    let mut level = Level {
        label: name.clone(),
        code: name.clone(),
        name,
    };
    let mut labelled = false;
    for option in node.all(Kind::level_option).map(Node::only) {
        match option.kind {
            Kind::label => {
                level.label = unquoted(&option.only().text);
                labelled = true;
            }
            _ => {
                let code = option.only();
                level.code = if code.kind == Kind::string {
                    unquoted(&code.text)
                } else {
                    code.text.clone()
                };
            }
        }
    }
    if !labelled {
        level.label = label_of(&level.name);
    }
    level
}

fn codes(node: &Node) -> Vec<String> {
    node.child(Kind::missing_codes)
        .and_then(|codes| codes.child(Kind::strings))
        .map(texts)
        .unwrap_or_default()
}

pub(super) fn texts(node: &Node) -> Vec<String> {
    node.all(Kind::string)
        .map(|text| unquoted(&text.text))
        .collect()
}
