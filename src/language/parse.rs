//! Text to syntax tree: the only file that knows pest.
//!
//! The text is first cut into statements, so that each tells its own mistake; each statement is then parsed by the
//! grammar in `grammar/study.pest`.

use std::ops::Range;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use super::diagnostic::Diagnostic;
use super::nearest::nearest;
use super::statements::{KEYWORDS, statements};

#[derive(pest_derive::Parser)]
#[grammar = "grammar/study.pest"]
struct StudyParser;

pub(super) use Rule as Kind;

/// A part of the text and its parts; keywords are left out.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The first part of this kind.
    pub(super) fn child(&self, kind: Kind) -> Option<&Node> {
        self.children.iter().find(|child| child.kind == kind)
    }

    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &Node> {
        self.children.iter().filter(move |child| child.kind == kind)
    }

    /// The only part.
    pub(super) fn only(&self) -> &Node {
        self.children.first().unwrap_or(self)
    }

    /// Names listed in it, one below `names` or directly.
    pub(super) fn listed(&self) -> Vec<&Node> {
        match self.child(Kind::names) {
            Some(names) => names.all(Kind::name).collect(),
            None => self.all(Kind::name).collect(),
        }
    }
}

/// What a text holds: statements that could be read, what is wrong with the others, and the names those seem to declare.
pub(super) struct Parsed {
    pub(super) statements: Vec<Node>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) broken_names: Vec<String>,
}

/// The most that a study may hold: it is written by people.
const LARGEST: usize = 1 << 20;
/// The deepest nesting of brackets.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed {
        statements: Vec::new(),
        diagnostics: Vec::new(),
        broken_names: Vec::new(),
    };
    if text.len() > LARGEST {
        let message = format!(
            "this study has {} bytes; a study has at most {LARGEST}",
            text.len()
        );
        parsed.diagnostics.push(
            Diagnostic::error("too-large", 0..0, message).hint(
                "a study is written by people: check that this is the study and not its data",
            ),
        );
        return parsed;
    }
    let mut cut = statements(text);
    parsed.diagnostics.append(&mut cut.diagnostics);
    for broken in cut.broken {
        parsed.broken_names.extend(declared_name(&text[broken]));
    }
    for piece in cut.spans {
        let source = &text[piece.clone()];
        // Its braces or quotes have been told: the grammar would only say it again.
        if parsed
            .diagnostics
            .iter()
            .any(|told| piece.contains(&told.span.start))
        {
            parsed.broken_names.extend(declared_name(source));
            continue;
        }
        if let Some(place) = too_deep(source) {
            let at = piece.start + place;
            parsed.diagnostics.push(
                Diagnostic::error(
                    "too-deep",
                    at..at + 1,
                    format!("brackets are nested more than {DEEPEST} deep"),
                )
                .hint("write the expression in parts, with `derive`"),
            );
            parsed.broken_names.extend(declared_name(source));
            continue;
        }
        match StudyParser::parse(Rule::one_statement, source) {
            Ok(mut pairs) => {
                let statement = pairs.next().and_then(|whole| whole.into_inner().next());
                if let Some(inner) = statement.and_then(|statement| statement.into_inner().next()) {
                    parsed.statements.push(node(inner, piece.start));
                }
            }
            Err(error) => {
                parsed.broken_names.extend(declared_name(source));
                parsed
                    .diagnostics
                    .push(explain(&error, source, piece.start));
            }
        }
    }
    parsed
}

fn node(pair: Pair<Rule>, offset: usize) -> Node {
    let span = pair.as_span();
    // A rule that ends with something optional takes the white space before it along.
    let text = span.as_str().trim_end();
    Node {
        kind: pair.as_rule(),
        span: offset + span.start()..offset + span.start() + text.len(),
        text: text.to_owned(),
        children: pair
            .into_inner()
            .filter(|inner| !is_keyword(inner.as_rule()))
            .map(|inner| node(inner, offset))
            .collect(),
    }
}

fn is_keyword(rule: Rule) -> bool {
    let name = format!("{rule:?}");
    name.starts_with("k_") || name == "EOI"
}

/// Where brackets are nested too deep.
fn too_deep(source: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, character) in source.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(place);
        }
    }
    // `not not not …` and `- - -` nest without brackets.
    let mut run = 0;
    for (place, word) in source
        .split_whitespace()
        .map(|word| (word.as_ptr() as usize - source.as_ptr() as usize, word))
    {
        run = if word == "not" || word.chars().all(|c| c == '-') {
            run + word.len().max(1)
        } else {
            0
        };
        if run > 4 * DEEPEST {
            return Some(place);
        }
    }
    None
}

/// The name that a statement declares, as far as its beginning shows it.
fn declared_name(source: &str) -> Vec<String> {
    let words: Vec<&str> = source
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|w| !w.is_empty())
        .collect();
    match words.as_slice() {
        // What a broken table or derive block declares is somewhere in it.
        ["table" | "derive", ..] => words.iter().map(|w| (*w).to_owned()).collect(),
        ["split", ..] => words
            .iter()
            .skip_while(|w| **w != "into")
            .skip(1)
            .map(|w| (*w).to_owned())
            .collect(),
        [_, name, ..] => vec![(*name).to_owned()],
        _ => Vec::new(),
    }
}

/// A syntax error as a sentence.
fn explain(error: &pest::error::Error<Rule>, source: &str, offset: usize) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let rest = &source[at..];
    let word: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let found = if word.is_empty() {
        rest.chars().next().map(String::from).unwrap_or_default()
    } else {
        word.clone()
    };
    let end = at + found.len().max(usize::from(!rest.is_empty()));
    let span = offset + at..offset + end;
    let mut expected: Vec<String> = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => {
            positives.iter().map(|rule| words(*rule)).collect()
        }
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    expected.sort();
    expected.dedup();
    expected.retain(|text| !text.is_empty());
    let here = if rest.trim().is_empty() {
        "the statement ends here".to_owned()
    } else {
        format!("`{found}` does not fit here")
    };
    let keyword = source.split_whitespace().next().unwrap_or("statement");
    let mut diagnostic = Diagnostic::error("syntax", span, format!("{here}, in `{keyword}`"));
    if !expected.is_empty() && expected.len() <= 12 {
        diagnostic = diagnostic.hint(format!("expected {}", list(&expected)));
    }
    if !word.is_empty() {
        let keywords: Vec<&str> = expected
            .iter()
            .filter_map(|text| text.strip_prefix('`')?.strip_suffix('`'))
            .collect();
        if let Some(near) = nearest(&word, keywords) {
            diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
        }
    }
    for (wrong, right) in [("==", "="), ("&&", "and"), ("||", "or")] {
        if rest.starts_with(wrong)
            || source[..at].ends_with(&wrong[..1]) && rest.starts_with(&wrong[1..])
        {
            diagnostic = diagnostic.hint(format!("write `{right}` instead of `{wrong}`"));
        }
    }
    if rest.starts_with('!') {
        diagnostic = diagnostic.hint("write `not` instead of `!`");
    }
    diagnostic
}

fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What a rule is called in a message.
fn words(rule: Rule) -> String {
    let name = format!("{rule:?}");
    if let Some(keyword) = name.strip_prefix("k_") {
        return format!("`{keyword}`");
    }
    match rule {
        Rule::name | Rule::names | Rule::value => "a name",
        Rule::string | Rule::strings | Rule::label | Rule::title => "a text in quotes",
        Rule::number | Rule::signed | Rule::numbers => "a number",
        Rule::unit | Rule::literal_unit | Rule::unit_name => "a unit",
        Rule::column_type => "a type (number, count, yes_no, category, ordered, date or text)",
        Rule::levels => "levels in square brackets",
        Rule::level | Rule::level_name => "a level",
        Rule::expression | Rule::sum | Rule::product | Rule::primary | Rule::quantity => "a value",
        Rule::comparison_sign => "a comparison (=, !=, <, <=, >, >=)",
        Rule::sum_sign | Rule::product_sign => "an operator",
        Rule::EOI => "the end of the statement",
        Rule::evidence_kind => "randomised, observational or simulated",
        Rule::measure => "accuracy, sensitivity or specificity",
        Rule::aspect => "flow, workflow, roc, calibration, decision_curve, curves or forest",
        Rule::statement => {
            return list(
                &KEYWORDS
                    .iter()
                    .map(|k| format!("`{k}`"))
                    .collect::<Vec<_>>(),
            );
        }
        _ => return format!("`{}`", name.replace('_', " ")),
    }
    .to_owned()
}
