//! From the syntax tree to the plan: names, types, units, leakage. Everything that is wrong is reported, not the first.

mod analyses;
mod declarations;
mod deviations;
mod expression;
mod features;
mod leakage;
mod learners;
mod locked_models;
mod models;
mod report;
mod sets;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::plan::{Cohort, MissingValues, Plan, ReportStyle, Study};

use super::diagnostic::{Diagnostic, Severity};
use super::nearest::nearest;
use super::parse::{Kind, Node, Parsed, parse};
use expression::Type;
use expression::unquoted;

/// A checked study: the plan is there if nothing is wrong; warnings travel beside it.
#[derive(Clone, Debug)]
pub struct Checked {
    pub plan: Option<Plan>,
    pub diagnostics: Vec<Diagnostic>,
    /// The bytes of the statement that declares each name.
    pub sources: BTreeMap<String, Range<usize>>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Table,
    Cohort,
    Column,
    Derived,
    BinaryEndpoint,
    SurvivalEndpoint,
    Set,
    Image,
    Region,
    Features,
    Repeatability,
    Signature,
    Model,
    Cutoff,
    Characteristics,
    Performance,
    KaplanMeier,
    Cox,
    Subgroup,
}

impl Symbol {
    fn words(self) -> &'static str {
        match self {
            Self::Table => "a table",
            Self::Cohort => "a cohort",
            Self::Column => "a column",
            Self::Derived => "a derived value",
            Self::BinaryEndpoint => "a yes_no endpoint",
            Self::SurvivalEndpoint => "a survival endpoint",
            Self::Set => "a set of patients",
            Self::Image => "an image",
            Self::Region => "a region",
            Self::Features => "a feature table",
            Self::Repeatability => "a repeatability statement",
            Self::Signature => "a signature",
            Self::Model => "a model",
            Self::Cutoff => "a risk group",
            Self::Characteristics => "a table of characteristics",
            Self::Performance => "a performance analysis",
            Self::KaplanMeier => "a Kaplan–Meier analysis",
            Self::Cox => "a Cox regression",
            Self::Subgroup => "a subgroup analysis",
        }
    }

    /// Can it be used as a value of a patient?
    fn is_value(self) -> bool {
        matches!(
            self,
            Self::Column
                | Self::Derived
                | Self::BinaryEndpoint
                | Self::Signature
                | Self::Model
                | Self::Cutoff
        )
    }
}

struct Declared {
    symbol: Symbol,
    /// The name itself.
    span: Range<usize>,
    /// The statement.
    statement: Range<usize>,
}

struct Checker<'a> {
    nodes: &'a [Node],
    names: BTreeMap<String, Declared>,
    /// Names of statements that could not be read: what uses them is not blamed.
    broken: BTreeSet<String>,
    derived_nodes: BTreeMap<String, &'a Node>,
    derived_types: BTreeMap<String, Option<Type>>,
    /// Derived values whose type is being found: a second visit is a cycle.
    open: Vec<String>,
    used: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
    plan: Plan,
}

/// Reads and checks a study.
pub fn check(text: &str) -> Checked {
    let Parsed {
        statements,
        diagnostics,
        broken_names,
    } = parse(text);
    let unreadable = !diagnostics.is_empty();
    let mut checker = Checker {
        nodes: &statements,
        names: BTreeMap::new(),
        broken: broken_names.into_iter().collect(),
        derived_nodes: BTreeMap::new(),
        derived_types: BTreeMap::new(),
        open: Vec::new(),
        used: BTreeSet::new(),
        diagnostics,
        plan: empty_plan(),
    };
    checker.declare_all();
    checker.study(unreadable);
    checker.tables();
    checker.cohort(unreadable);
    checker.derived();
    checker.endpoints();
    checker.split();
    checker.missing_values();
    checker.imaging();
    checker.locked_models();
    checker.signatures_and_models();
    checker.cutoffs();
    checker.analyses();
    checker.leakage();
    checker.report_block();
    checker.deviations();
    checker.unused();
    checker.finish()
}

fn empty_plan() -> Plan {
    Plan {
        study: Study {
            name: String::new(),
            title: String::new(),
            version: "1.0".to_owned(),
            seed: 0,
            alpha: 0.05,
            evidence: None,
            blind: false,
        },
        tables: BTreeMap::new(),
        cohort: Cohort {
            name: String::new(),
            table: String::new(),
            rules: Vec::new(),
        },
        derived: BTreeMap::new(),
        imputations: BTreeMap::new(),
        missing: MissingValues::Refuse,
        endpoints: BTreeMap::new(),
        split: None,
        images: BTreeMap::new(),
        regions: BTreeMap::new(),
        features: BTreeMap::new(),
        repeatability: BTreeMap::new(),
        signatures: BTreeMap::new(),
        models: BTreeMap::new(),
        locked_models: BTreeMap::new(),
        cutoffs: BTreeMap::new(),
        analyses: BTreeMap::new(),
        report: Vec::new(),
        style: ReportStyle::default(),
        templates: None,
        deviations: BTreeMap::new(),
    }
}

impl<'a> Checker<'a> {
    fn report(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn statements(&self, kind: Kind) -> Vec<&'a Node> {
        self.nodes.iter().filter(|node| node.kind == kind).collect()
    }

    fn declare(&mut self, name: &Node, symbol: Symbol, statement: Range<usize>) {
        let Some(first) = self.names.get(&name.text) else {
            self.names.insert(
                name.text.clone(),
                Declared {
                    symbol,
                    span: name.span.clone(),
                    statement,
                },
            );
            return;
        };
        let diagnostic = Diagnostic::error(
            "duplicate-name",
            name.span.clone(),
            format!(
                "`{}` is already declared: it is {}",
                name.text,
                first.symbol.words()
            ),
        )
        .label(first.span.clone(), "declared here first")
        .hint("names are unique in a study: choose another");
        self.report(diagnostic);
    }

    fn declare_all(&mut self) {
        for node in self.nodes {
            let statement = node.span.clone();
            let symbol = match node.kind {
                Kind::table => {
                    for column in node.all(Kind::column) {
                        self.declare(&column.children[0], Symbol::Column, column.span.clone());
                    }
                    Symbol::Table
                }
                Kind::cohort => Symbol::Cohort,
                Kind::derive => {
                    for derived in node.all(Kind::derived) {
                        self.declare(&derived.children[0], Symbol::Derived, derived.span.clone());
                        self.derived_nodes
                            .insert(derived.children[0].text.clone(), derived);
                    }
                    continue;
                }
                Kind::endpoint if node.child(Kind::binary_endpoint).is_some() => {
                    Symbol::BinaryEndpoint
                }
                Kind::endpoint => Symbol::SurvivalEndpoint,
                Kind::split => {
                    for set in set_names(node) {
                        self.declare(set, Symbol::Set, statement.clone());
                    }
                    continue;
                }
                Kind::image => Symbol::Image,
                Kind::region => Symbol::Region,
                Kind::features => Symbol::Features,
                Kind::repeatability => Symbol::Repeatability,
                Kind::signature => Symbol::Signature,
                Kind::model | Kind::locked_model => Symbol::Model,
                Kind::cutoff => Symbol::Cutoff,
                Kind::characteristics => Symbol::Characteristics,
                Kind::performance => Symbol::Performance,
                Kind::kaplan_meier => Symbol::KaplanMeier,
                Kind::cox => Symbol::Cox,
                Kind::subgroup => Symbol::Subgroup,
                _ => continue,
            };
            if let Some(name) = node.child(Kind::name) {
                self.declare(name, symbol, statement);
            }
        }
    }

    fn is_declared(&self, name: &str) -> bool {
        self.names.contains_key(name) || self.broken.contains(name)
    }

    /// The symbol of a name that must be one of these; reports what is wrong.
    fn resolve(
        &mut self,
        name: &Node,
        fits: impl Fn(Symbol) -> bool,
        expected: &str,
    ) -> Option<Symbol> {
        self.used.insert(name.text.clone());
        match self.names.get(&name.text) {
            Some(declared) if fits(declared.symbol) => Some(declared.symbol),
            Some(declared) => {
                let diagnostic = Diagnostic::error(
                    "wrong-kind",
                    name.span.clone(),
                    format!(
                        "`{}` is {}, but {expected} is needed here",
                        name.text,
                        declared.symbol.words()
                    ),
                )
                .label(declared.span.clone(), "declared here");
                self.report(diagnostic);
                None
            }
            None if self.broken.contains(&name.text) => None,
            None => {
                let candidates: Vec<&str> = self
                    .names
                    .iter()
                    .filter(|(_, d)| fits(d.symbol))
                    .map(|(known, _)| known.as_str())
                    .collect();
                let mut diagnostic = Diagnostic::error(
                    "unknown-name",
                    name.span.clone(),
                    format!("there is no `{}`: {expected} is needed here", name.text),
                );
                if let Some(near) = nearest(&name.text, candidates.iter().copied()) {
                    diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
                } else if !candidates.is_empty() && candidates.len() <= 12 {
                    diagnostic = diagnostic.hint(format!("declared are {}", candidates.join(", ")));
                } else if candidates.is_empty() {
                    diagnostic = diagnostic.hint(format!(
                        "the study declares none: write a statement for {expected}"
                    ));
                }
                self.report(diagnostic);
                None
            }
        }
    }

    /// The type of a value by name.
    fn type_of(&mut self, name: &Node) -> Option<Type> {
        let symbol = self.resolve(
            name,
            Symbol::is_value,
            "a column, derived value, endpoint, score or risk group",
        )?;
        match symbol {
            Symbol::Column => self
                .plan
                .column(&name.text)
                .map(|(_, column)| Type::of(&column.kind)),
            Symbol::Derived => self.derived_type(name),
            Symbol::BinaryEndpoint => Some(Type::YesNo),
            Symbol::Signature | Symbol::Model => Some(Type::Number(None)),
            _ => Some(risk_groups()),
        }
    }

    /// A list of values, each of any type.
    fn values(&mut self, names: &[&Node]) -> Vec<String> {
        let mut listed: Vec<String> = Vec::new();
        for name in names {
            if self.type_of(name).is_none() {
                continue;
            }
            if listed.contains(&name.text) {
                self.report(
                    Diagnostic::error(
                        "duplicate-name",
                        name.span.clone(),
                        format!("`{}` stands twice in the list", name.text),
                    )
                    .hint("remove one"),
                );
            } else {
                listed.push(name.text.clone());
            }
        }
        listed
    }

    /// A set of patients: one of the split, or the cohort.
    fn set(&mut self, name: &Node) -> Option<String> {
        self.resolve(
            name,
            |symbol| matches!(symbol, Symbol::Set | Symbol::Cohort),
            "a set of patients",
        )?;
        Some(name.text.clone())
    }

    /// `fit on SET`, which everything that learns must say.
    fn fit_on(&mut self, node: &Node, what: &str) -> Option<String> {
        match node.child(Kind::fit_on) {
            Some(fit) => self.set(fit.only()),
            None => {
                let first = self
                    .plan
                    .split
                    .as_ref()
                    .map_or("training", |split| split.sets[0].as_str())
                    .to_owned();
                let name = node.child(Kind::name).unwrap_or(node);
                self.report(
                    Diagnostic::error(
                        "missing-fit-set",
                        name.span.clone(),
                        format!("{what} learns from data, but does not say from which patients"),
                    )
                    .hint(format!("write `fit on {first}`")),
                );
                None
            }
        }
    }

    /// `on SET`; the cohort if nothing is said.
    fn one_set(&mut self, node: &Node) -> Option<String> {
        match node.child(Kind::on).map(Node::listed) {
            None => Some(self.plan.cohort.name.clone()),
            Some(names) => {
                if names.len() > 1 {
                    self.report(
                        Diagnostic::error(
                            "one-set",
                            names[1].span.clone(),
                            "this analysis is made on one set of patients",
                        )
                        .hint("write the statement once for each set"),
                    );
                }
                self.set(names[0])
            }
        }
    }

    fn unused(&mut self) {
        // What is wrong may be why something is not used.
        if self
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
        {
            return;
        }
        let unused: Vec<Diagnostic> = self
            .names
            .iter()
            .filter(|(name, declared)| {
                !self.used.contains(*name)
                    && matches!(
                        declared.symbol,
                        Symbol::Derived | Symbol::Cutoff | Symbol::Repeatability
                    )
            })
            .map(|(name, declared)| {
                Diagnostic::warning(
                    "unused",
                    declared.span.clone(),
                    format!("`{name}` is declared but nothing uses it"),
                )
            })
            .collect();
        for diagnostic in unused {
            self.report(diagnostic);
        }
    }

    fn finish(mut self) -> Checked {
        self.diagnostics
            .sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        let failed = self
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error);
        let mut sources: BTreeMap<String, Range<usize>> = self
            .names
            .into_iter()
            .map(|(name, declared)| (name, declared.statement))
            .collect();
        for node in self.nodes {
            let word = format!("{:?}", node.kind);
            match node.kind {
                Kind::study | Kind::report | Kind::split | Kind::missing => {
                    sources.entry(word).or_insert(node.span.clone());
                }
                // What says more of a name that is declared elsewhere.
                Kind::impute | Kind::harmonize | Kind::standardize | Kind::deviation => {
                    for name in node.listed() {
                        sources
                            .entry(format!("{word}.{}", name.text))
                            .or_insert(node.span.clone());
                    }
                }
                _ => {}
            }
        }
        Checked {
            plan: (!failed).then_some(self.plan),
            diagnostics: self.diagnostics,
            sources,
        }
    }
}

fn set_names(split: &Node) -> Vec<&Node> {
    let rule = split.children.last();
    match rule {
        Some(rule) if rule.kind == Kind::split_column => rule
            .all(Kind::set_level)
            .map(|set| &set.children[0])
            .collect(),
        Some(rule) => rule
            .child(Kind::names)
            .map(Node::listed)
            .unwrap_or_default(),
        None => Vec::new(),
    }
}

fn risk_groups() -> Type {
    Type::Category {
        levels: [
            (crate::plan::LOW, "Low risk"),
            (crate::plan::HIGH, "High risk"),
        ]
        .map(|(name, label)| crate::plan::Level {
            name: name.to_owned(),
            label: label.to_owned(),
            code: name.to_owned(),
        })
        .to_vec(),
        ordered: true,
    }
}

/// What the report calls a name without a label: "early_recurrence" becomes "Early recurrence".
fn label_of(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get(..1).map(str::to_uppercase) {
        words.replace_range(..1, &first);
    }
    words
}

/// The label of a node, or one made from its name.
fn label(node: &Node) -> String {
    let name = node.child(Kind::name).map_or("", |name| name.text.as_str());
    node.child(Kind::label)
        .map_or_else(|| label_of(name), |label| unquoted(&label.only().text))
}
