//! The text of the study inside the report: numbered lines, linked with the tables and figures that they declare. It is
//! not part of `results.json`, which is the same for every layout of the same study.

use std::collections::BTreeMap;

use serde::Serialize;

use super::results::Results;

/// The study as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StudyText {
    pub text: String,
    /// First and last line (from 1) of the statement that declares a name; `study`, `split` and `report` for those.
    pub statements: BTreeMap<String, (usize, usize)>,
}

#[derive(Serialize)]
pub(super) struct Line<'a> {
    number: usize,
    text: &'a str,
    /// Tables and figures that the statement beginning here declares: id and what it is called.
    shown: Vec<(&'a str, String)>,
}

impl StudyText {
    /// From the text and the bytes of each statement.
    pub fn new(text: &str, spans: &BTreeMap<String, std::ops::Range<usize>>) -> Self {
        let line = |byte: usize| {
            let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
            1 + before.iter().filter(|byte| **byte == b'\n').count()
        };
        let statements = spans
            .iter()
            .map(|(name, span)| {
                let inside = text.get(span.clone()).unwrap_or_default();
                let end = span.start + inside.trim_end().len();
                (name.clone(), (line(span.start), line(end)))
            })
            .collect();
        Self {
            text: text.to_owned(),
            statements,
        }
    }

    pub(super) fn lines<'a>(&'a self, results: &'a Results) -> Vec<Line<'a>> {
        let mut shown: BTreeMap<usize, Vec<(&str, String)>> = BTreeMap::new();
        for (name, (first, _)) in &self.statements {
            let entry = shown.entry(*first).or_default();
            for table in results.tables.iter().filter(|table| table.id == *name) {
                entry.push((&table.id, format!("Table {}", table.number)));
            }
            for figure in &results.figures {
                let steps = figure.panels.iter().map(|panel| panel.step.as_str());
                if steps.clone().any(|step| declared_by(step) == name) {
                    entry.push((&figure.id, format!("Figure {}", figure.number)));
                }
            }
        }
        self.text
            .lines()
            .enumerate()
            .map(|(index, text)| Line {
                number: index + 1,
                text,
                shown: shown.remove(&(index + 1)).unwrap_or_default(),
            })
            .collect()
    }
}

/// The name whose statement declares a step: `table2` of `performance.table2.calibration`, `split` of `split`.
pub(super) fn declared_by(step: &str) -> &str {
    let mut parts = step.split('.');
    let first = parts.next().unwrap_or(step);
    parts.next().unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{StudyText, declared_by};

    #[test]
    fn statements_know_their_lines() {
        let text = "study a {\n}\n\nsplit x\n";
        let spans = BTreeMap::from([("study".to_owned(), 0..11), ("split".to_owned(), 13..21)]);
        let study = StudyText::new(text, &spans);
        assert_eq!(study.statements["study"], (1, 2));
        assert_eq!(study.statements["split"], (4, 4));
    }

    #[test]
    fn a_step_knows_who_declared_it() {
        assert_eq!(declared_by("performance.table2.calibration"), "table2");
        assert_eq!(declared_by("split"), "split");
    }
}
