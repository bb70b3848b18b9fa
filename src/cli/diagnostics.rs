//! Draws diagnostics of the language in the manner of a compiler: the place in the text, the sentence, what to do.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::language::{Diagnostic, Severity};

/// The text of one diagnostic of a study file.
pub(super) fn render(diagnostic: &Diagnostic, text: &str, file: &str, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut snippet = Snippet::source(text)
        .path(file)
        .annotation(AnnotationKind::Primary.span(diagnostic.span.clone()));
    for (span, label) in &diagnostic.labels {
        snippet = snippet.annotation(
            AnnotationKind::Context
                .span(span.clone())
                .label(label.as_str()),
        );
    }
    let mut group = Group::with_title(
        level
            .primary_title(diagnostic.message.as_str())
            .id(diagnostic.code),
    )
    .element(snippet);
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let drawn = renderer
        .decor_style(DecorStyle::Ascii)
        .term_width(120)
        .render(&[group]);
    format!("{drawn}\n\n")
}
