//! The statements of a study's text by the name that they declare: where they stand and what they say, whatever the
//! layout and the comments.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Lines count from 1; `text` has one blank where the study has blanks, line ends or comments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub first_line: usize,
    pub last_line: usize,
    pub text: String,
}

/// The statements at these bytes of a text.
pub fn statements(
    text: &str,
    sources: &BTreeMap<String, Range<usize>>,
) -> BTreeMap<String, Statement> {
    sources
        .iter()
        .filter_map(|(name, span)| {
            let said = text.get(span.clone())?;
            let line = |at: usize| {
                1 + text
                    .get(..at)
                    .map_or(0, |before| before.matches('\n').count())
            };
            let statement = Statement {
                first_line: line(span.start),
                last_line: line(span.start + said.trim_end().len()),
                text: normal(said),
            };
            Some((name.clone(), statement))
        })
        .collect()
}

/// A statement without comments, with single blanks outside of quotes.
fn normal(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    let mut blank = false;
    while let Some(letter) = letters.next() {
        match letter {
            '#' => {
                let _ = letters.by_ref().find(|letter| *letter == '\n');
                blank = true;
            }
            letter if letter.is_whitespace() => blank = true,
            letter => {
                if blank && !out.is_empty() {
                    out.push(' ');
                }
                blank = false;
                out.push(letter);
                if letter == '"' {
                    let mut escaped = false;
                    for quoted in letters.by_ref() {
                        out.push(quoted);
                        if quoted == '"' && !escaped {
                            break;
                        }
                        escaped = quoted == '\\' && !escaped;
                    }
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn layout_and_comments_do_not_matter() {
        assert_eq!(
            normal("cutoff  risk # why\n   of m by youden # end"),
            "cutoff risk of m by youden"
        );
        assert_eq!(
            normal("label \"a  # b \\\" c\"   x"),
            "label \"a  # b \\\" c\" x"
        );
    }
}
