//! Models from files: what they need, and that they need columns alone.

use crate::plan::FromFile;

use super::super::diagnostic::Diagnostic;
use super::super::parse::{Kind, Node};
use super::expression::unquoted;
use super::{Checker, Symbol, label};

impl Checker<'_> {
    pub(super) fn locked_models(&mut self) {
        for node in self.statements(Kind::locked_model) {
            let (Some(name), Some(file)) = (node.child(Kind::name), node.child(Kind::string))
            else {
                continue;
            };
            let names: Vec<&Node> = node
                .child(Kind::names)
                .map(|names| names.all(Kind::name).collect())
                .unwrap_or_default();
            for used in &names {
                self.resolve(used, |symbol| symbol == Symbol::Column, "a column");
            }
            let values = self.values(&names);
            let file_name = unquoted(&file.text);
            if !file_name.to_lowercase().ends_with(".json") {
                self.report(
                    Diagnostic::error(
                        "unknown-format",
                        file.span.clone(),
                        "a locked model is a .json file",
                    )
                    .hint("`prereg export-model` makes one"),
                );
            }
            self.plan.locked_models.insert(
                name.text.clone(),
                FromFile {
                    label: label(node),
                    file: file_name,
                    values,
                },
            );
        }
    }

    /// A locked model is a score: told where its terms are asked for.
    pub(super) fn locked_has_no_terms(&mut self, name: &Node) -> bool {
        let locked = self.plan.locked_models.contains_key(&name.text);
        if locked {
            self.used.insert(name.text.clone());
            self.report(
                Diagnostic::error(
                    "wrong-kind",
                    name.span.clone(),
                    format!(
                        "`{}` is a locked model: its terms cannot be fitted again",
                        name.text
                    ),
                )
                .hint(format!("write `{}` alone to use its score", name.text)),
            );
        }
        locked
    }
}
