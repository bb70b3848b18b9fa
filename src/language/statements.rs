//! Cuts a text into its statements, and finds braces and quotes that are never closed.

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::nearest::nearest;

pub(super) const KEYWORDS: [&str; 24] = [
    "study",
    "table",
    "cohort",
    "derive",
    "endpoint",
    "split",
    "missing",
    "impute",
    "image",
    "region",
    "features",
    "repeatability",
    "harmonize",
    "standardize",
    "signature",
    "model",
    "cutoff",
    "characteristics",
    "performance",
    "kaplan_meier",
    "cox",
    "subgroup",
    "report",
    "deviation",
];

/// The statements of a text.
pub(super) struct Statements {
    pub(super) spans: Vec<Range<usize>>,
    /// Statements whose braces do not fit: they are not read, but what they seem to declare is remembered.
    pub(super) broken: Vec<Range<usize>>,
    /// What is wrong between the statements.
    pub(super) diagnostics: Vec<Diagnostic>,
}

pub(super) fn statements(text: &str) -> Statements {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut broken: Vec<Range<usize>> = Vec::new();
    let mut diagnostics = Vec::new();
    let mut start: Option<usize> = None;
    let mut open: Vec<usize> = Vec::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let word: &str = {
            let visible = line.trim_start_matches(['\u{feff}', ' ', '\t']);
            let end = visible
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(visible.len());
            &visible[..end]
        };
        let indent = line.len() - line.trim_start_matches(['\u{feff}', ' ', '\t']).len();
        let at_margin = line
            .trim_start_matches('\u{feff}')
            .starts_with(|c: char| !c.is_whitespace());
        if KEYWORDS.contains(&word) && (open.is_empty() || at_margin) {
            if let Some(brace) = open.first() {
                diagnostics.push(
                    Diagnostic::error(
                        "unclosed-brace",
                        *brace..brace + 1,
                        "this brace is never closed",
                    )
                    .label(
                        line_start + indent..line_start + indent + word.len(),
                        "the next statement begins here",
                    )
                    .hint("close the block with `}`"),
                );
                open.clear();
                // What was cut off is told once, by its brace.
                broken.extend(
                    start
                        .take()
                        .filter(|begin| *begin != usize::MAX)
                        .map(|begin| begin..line_start),
                );
            }
            if let Some(begin) = start {
                found.push(begin..line_start);
            }
            start = Some(line_start + indent);
        } else if !word.is_empty() && open.is_empty() && (start.is_none() || at_margin) {
            if let Some(begin) = start {
                found.push(begin..line_start);
            }
            let span = line_start + indent..line_start + indent + word.len();
            let mut diagnostic = Diagnostic::error(
                "unknown-statement",
                span,
                format!("there is no statement `{word}`"),
            );
            if let Some(near) = nearest(word, KEYWORDS) {
                diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
            }
            diagnostics.push(diagnostic);
            start = Some(usize::MAX);
        }
        scan(line, line_start, &mut open, &mut diagnostics);
        if open.is_empty() && start == Some(usize::MAX) {
            start = None;
        }
        line_start += line.len();
    }
    if let Some(brace) = open.first() {
        diagnostics.push(
            Diagnostic::error(
                "unclosed-brace",
                *brace..brace + 1,
                "this brace is never closed",
            )
            .hint("close the block with `}`"),
        );
        broken.extend(
            start
                .filter(|begin| *begin != usize::MAX)
                .map(|begin| begin..text.len()),
        );
    } else if let Some(begin) = start.filter(|begin| *begin != usize::MAX) {
        found.push(begin..text.len());
    }
    found.retain(|span| span.start != usize::MAX);
    Statements {
        spans: found,
        broken,
        diagnostics,
    }
}

/// Follows the braces of a line, outside texts and comments.
fn scan(line: &str, offset: usize, open: &mut Vec<usize>, diagnostics: &mut Vec<Diagnostic>) {
    let mut quote: Option<usize> = None;
    let mut escaped = false;
    for (place, character) in line.char_indices() {
        if quote.is_some() {
            if escaped {
                escaped = false;
            } else if character == '\\' {
                escaped = true;
            } else if character == '"' {
                quote = None;
            }
            continue;
        }
        match character {
            '"' => quote = Some(place),
            '#' => return,
            '{' => open.push(offset + place),
            '}' if open.pop().is_none() => {
                let at = offset + place;
                diagnostics.push(
                    Diagnostic::error("extra-brace", at..at + 1, "this brace closes nothing")
                        .hint("remove it, or open the block with `{`"),
                );
            }
            _ => {}
        }
    }
    if let Some(place) = quote {
        let at = offset + place;
        diagnostics.push(
            Diagnostic::error(
                "unclosed-text",
                at..at + 1,
                "this text has no closing quote",
            )
            .hint("a text ends with `\"` on the line on which it begins"),
        );
    }
}
