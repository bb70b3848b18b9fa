//! The reasons of deviations from a registered plan. Any name may be given: what a study no longer declares has left it.

use super::super::diagnostic::Diagnostic;
use super::super::parse::Kind;
use super::Checker;
use super::expression::unquoted;

impl Checker<'_> {
    pub(super) fn deviations(&mut self) {
        for node in self.statements(Kind::deviation) {
            let (Some(name), Some(text)) = (node.child(Kind::name), node.child(Kind::string))
            else {
                continue;
            };
            let reason = unquoted(&text.text);
            if reason.trim().is_empty() {
                self.report(
                    Diagnostic::error(
                        "no-reason",
                        text.span.clone(),
                        "a deviation needs its reason",
                    )
                    .hint("say in a sentence why the statement differs from the registered one"),
                );
            }
            if self
                .plan
                .deviations
                .insert(name.text.clone(), reason)
                .is_some()
            {
                self.report(
                    Diagnostic::error(
                        "duplicate-name",
                        name.span.clone(),
                        format!("the deviation of `{}` has two reasons", name.text),
                    )
                    .hint("write one `deviation` for each statement"),
                );
            }
        }
    }
}
