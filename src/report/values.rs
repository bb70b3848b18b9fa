//! The reported values by id, and parts as runs of words: what HTML, Markdown, CSV and SVG all start from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::render::RenderError;
use super::results::{Part, ReportedValue};

/// Words of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Run {
    pub(super) text: String,
    /// What the words are the display of; none for words that are only words.
    pub(super) value: Option<Descent>,
    pub(super) bold: bool,
    pub(super) raised: bool,
}

/// Where a shown value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Descent {
    pub(super) id: String,
    /// At full precision; empty where the value does not exist.
    pub(super) full: String,
    pub(super) step: String,
}

impl Run {
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            value: None,
            bold: false,
            raised: false,
        }
    }

    pub(super) fn bold(text: impl Into<String>) -> Self {
        Self {
            bold: true,
            ..Self::words(text)
        }
    }
}

pub(super) struct Values<'a> {
    by_id: BTreeMap<&'a str, &'a ReportedValue>,
}

impl<'a> Values<'a> {
    pub(super) fn new(values: &'a [ReportedValue]) -> Result<Self, RenderError> {
        let mut by_id = BTreeMap::new();
        for value in values {
            if by_id.insert(value.id.as_str(), value).is_some() {
                return Err(RenderError::DuplicateName {
                    id: value.id.clone(),
                });
            }
        }
        Ok(Self { by_id })
    }

    /// The run that shows a value; `place` is the table or panel that asks.
    pub(super) fn run(&self, id: &str, place: &str) -> Result<Run, RenderError> {
        let value = self
            .by_id
            .get(id)
            .ok_or_else(|| RenderError::UnknownValue {
                id: id.to_owned(),
                place: place.to_owned(),
            })?;
        Ok(Run {
            text: value.display.clone(),
            value: Some(Descent {
                id: value.id.clone(),
                full: full_precision(value.value),
                step: value.step.clone(),
            }),
            bold: false,
            raised: false,
        })
    }

    pub(super) fn runs(&self, parts: &[Part], place: &str) -> Result<Vec<Run>, RenderError> {
        let mut runs = parts
            .iter()
            .map(|part| {
                Ok(match part {
                    Part::Text(text) => Run::words(text.clone()),
                    Part::Value(id) => self.run(id, place)?,
                    Part::Significant(id) => Run {
                        bold: true,
                        ..self.run(id, place)?
                    },
                    Part::Mark(letter) => Run {
                        raised: true,
                        ..Run::words(letter.clone())
                    },
                })
            })
            .collect::<Result<Vec<Run>, RenderError>>()?;
        one_relation(&mut runs);
        Ok(runs)
    }
}

/// "p = " before "<0.001" is "p " before it: a display that begins with its own relation needs no other.
fn one_relation(runs: &mut [Run]) {
    for index in 1..runs.len() {
        let relation = runs
            .get(index)
            .is_some_and(|run| run.value.is_some() && run.text.starts_with(['<', '>']));
        if let Some(before) = runs.get_mut(index - 1)
            && relation
            && before.value.is_none()
            && before.text.ends_with("= ")
        {
            before.text.truncate(before.text.len() - 2);
        }
    }
}

/// The words alone; a footnote's letter stands apart from the number before it.
pub(super) fn plain(runs: &[Run]) -> String {
    let mut text = String::new();
    for run in runs {
        if run.raised && !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        let follows_mark = text.is_empty() && run.raised;
        text.push_str(&run.text);
        if follows_mark {
            text.push(' ');
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The shortest decimal that reads back as the same number; a whole number without a decimal point.
pub(super) fn full_precision(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return String::new();
    };
    let mut text = serde_json::Number::from_f64(value)
        .map(|number| number.to_string())
        .unwrap_or_default();
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{Descent, Run, full_precision, one_relation, plain};

    #[test]
    fn a_number_has_one_relation() {
        let p = Run {
            value: Some(Descent {
                id: "p".to_owned(),
                full: "0.0002".to_owned(),
                step: "cox.table3".to_owned(),
            }),
            ..Run::words("<0.001")
        };
        let mut runs = [Run::words("Log-rank p = "), p];
        one_relation(&mut runs);
        assert_eq!(plain(&runs), "Log-rank p <0.001");
    }

    #[test]
    fn full_precision_reads_back_as_the_same_number() {
        assert_eq!(full_precision(Some(37.0)), "37");
        assert_eq!(full_precision(Some(-0.0)), "0");
        assert_eq!(full_precision(Some(0.1 + 0.2)), "0.30000000000000004");
        assert_eq!(full_precision(Some(1e-20)), "1e-20");
        assert_eq!(full_precision(None), "");
        assert_eq!(full_precision(Some(f64::NAN)), "");
    }

    #[test]
    fn a_mark_stands_apart() {
        let mark = Run {
            raised: true,
            ..Run::words("a")
        };
        assert_eq!(plain(&[Run::words("0.274"), mark.clone()]), "0.274 a");
        assert_eq!(
            plain(&[mark, Run::words("DeLong's test")]),
            "a DeLong's test"
        );
    }
}
