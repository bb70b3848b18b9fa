//! Text in figures: how wide it is at most, how it breaks into lines, and lines of runs as SVG.
//!
//! A figure is drawn before anybody knows which font will show it, so widths are upper bounds over the fonts that
//! browsers commonly fall back to.

use super::svg::Element;
use crate::report::values::Run;

/// Advance widths in hundredths of the font size, U+0020 to U+007E: the wider of DejaVu Sans and Arial.
const WIDTHS: [u8; 95] = [
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 56, 102, 69, 69, 73, 78, 67, 62, 78, 76, 30, 50, 67, 56, 87, 75,
    79, 67, 79, 73, 67, 62, 74, 69, 99, 69, 67, 69, 40, 34, 40, 84, 56, 50, 62, 64, 55, 64, 62, 36,
    64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
];

/// How much wider bold letters are.
const BOLD: f64 = 1.15;

pub(super) type Line = Vec<Run>;

fn character_width(c: char) -> f64 {
    let code = u32::from(c);
    match code {
        0x20..=0x7e => WIDTHS
            .get((code - 0x20) as usize)
            .map_or(1.0, |width| f64::from(*width) / 100.0),
        0x300..=0x36f => 0.0,
        0xa0..=0x24f => 0.7,
        0x2212 | 0x2264 | 0x2265 => 0.84,
        0x2013 | 0x2018..=0x201d | 0x2070..=0x209f => 0.56,
        0x250..=0x10ff => 0.8,
        _ => 1.05,
    }
}

/// An upper bound of the width of a text.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let mut em = 0.0;
    for c in text.chars() {
        em += character_width(c);
    }
    em * size * if bold { BOLD } else { 1.0 }
}

pub(super) fn line_width(line: &[Run], size: f64) -> f64 {
    let mut total = 0.0;
    for run in line {
        total += width(&run.text, size, run.bold);
    }
    total
}

pub(super) fn widest(lines: &[Line], size: f64) -> f64 {
    lines
        .iter()
        .map(|line| line_width(line, size))
        .fold(0.0, f64::max)
}

/// At most so many lines; the last then ends in "…".
pub(super) fn shorten(mut lines: Vec<Line>, most: usize) -> Vec<Line> {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push(Run::words("…"));
        }
    }
    lines
}

fn breaks(c: char) -> bool {
    c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}'
}

/// Lines no wider than `limit`, broken at blanks; a word that is wider by itself is broken inside. Values stay whole.
pub(super) fn wrap(runs: &[Run], size: f64, limit: f64) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line: Line = Vec::new();
    for word in words(runs) {
        let blank = if line.is_empty() {
            0.0
        } else {
            width(" ", size, false)
        };
        if !line.is_empty() && line_width(&line, size) + blank + line_width(&word, size) > limit {
            lines.push(std::mem::take(&mut line));
        }
        for piece in pieces(word, size, limit) {
            if line_width(&piece, size) + line_width(&line, size) > limit && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(Run::words(" "));
            }
            line.extend(piece);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.into_iter().map(merged).collect()
}

/// Runs as words: what has no blank inside. A word may hold several runs, as `(n`, `=`, `87)`. A relation keeps its
/// sides: `n = 87` is one word.
fn words(runs: &[Run]) -> Vec<Line> {
    let mut words: Vec<Line> = Vec::new();
    let mut open = false;
    for run in runs {
        if run.value.is_some() {
            append(&mut words, run.clone(), open);
            open = true;
            continue;
        }
        for (index, piece) in run.text.split(breaks).enumerate() {
            open &= index == 0;
            if !piece.is_empty() {
                let piece = Run {
                    text: piece.to_owned(),
                    ..run.clone()
                };
                append(&mut words, piece, open);
                open = true;
            }
        }
    }
    let mut bound: Vec<Line> = Vec::new();
    let mut binds = false;
    for word in words {
        let relation = matches!(word.as_slice(), [Run { text, .. }] if matches!(text.as_str(), "=" | "<" | ">" | "≤" | "≥" | "±"));
        match bound.last_mut() {
            Some(last) if relation || binds => {
                last.push(Run::words("\u{a0}"));
                last.extend(word);
            }
            _ => bound.push(word),
        }
        binds = relation;
    }
    bound
}

fn append(words: &mut Vec<Line>, run: Run, open: bool) {
    match words.last_mut() {
        Some(word) if open => word.push(run),
        _ => words.push(vec![run]),
    }
}

/// A word that is too wide, in pieces that are not.
fn pieces(word: Line, size: f64, limit: f64) -> Vec<Line> {
    if line_width(&word, size) <= limit {
        return vec![word];
    }
    let mut pieces: Vec<Line> = Vec::new();
    let mut piece: Line = Vec::new();
    for run in word {
        if run.value.is_some() {
            piece.push(run);
            continue;
        }
        let mut text = String::new();
        for c in run.text.chars() {
            let grown =
                width(&text, size, run.bold) + width(c.encode_utf8(&mut [0; 4]), size, run.bold);
            if line_width(&piece, size) + grown > limit && !(piece.is_empty() && text.is_empty()) {
                if !text.is_empty() {
                    piece.push(Run {
                        text: std::mem::take(&mut text),
                        ..run.clone()
                    });
                }
                pieces.push(std::mem::take(&mut piece));
            }
            text.push(c);
        }
        if !text.is_empty() {
            piece.push(Run { text, ..run });
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// Neighbours of the same kind as one run.
fn merged(line: Line) -> Line {
    let mut runs: Line = Vec::new();
    for run in line {
        match runs.last_mut() {
            Some(last)
                if run.value.is_none()
                    && last.value.is_none()
                    && (run.bold, run.raised) == (last.bold, last.raised) =>
            {
                last.text.push_str(&run.text);
            }
            _ => runs.push(run),
        }
    }
    runs
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One `text` element with its baseline at (x, y). Values carry their id, full-precision value and step.
pub(super) fn text(line: &[Run], x: f64, y: f64, size: f64, anchor: Anchor) -> Element {
    let mut element = Element::new("text")
        .at("x", x)
        .at("y", y)
        .at("font-size", size);
    element = match anchor {
        Anchor::Start => element,
        Anchor::Middle => element.set("text-anchor", "middle"),
        Anchor::End => element.set("text-anchor", "end"),
    };
    for run in line {
        element = match &run.value {
            None if run.raised => element.text(format!("\u{2009}{}", run.text)),
            None if run.bold => element.with(
                Element::new("tspan")
                    .set("font-weight", "bold")
                    .text(&run.text),
            ),
            None => element.text(&run.text),
            Some(descent) => {
                let mut shown = Element::new("tspan")
                    .set("class", "value")
                    .set("data-id", &descent.id)
                    .set("data-value", &descent.full)
                    .set("data-step", &descent.step);
                if run.bold {
                    shown = shown.set("font-weight", "bold");
                }
                element.with(shown.text(&run.text))
            }
        };
    }
    element
}

/// Lines below each other, the first with its baseline at `y`.
pub(super) fn paragraph(
    lines: &[Line],
    x: f64,
    y: f64,
    size: f64,
    leading: f64,
    anchor: Anchor,
) -> Vec<Element> {
    let mut baseline = y;
    lines
        .iter()
        .map(|line| {
            let element = text(line, x, baseline, size, anchor);
            baseline += leading;
            element
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{line_width, width, wrap};
    use crate::report::values::{Descent, Run};

    fn shown(line: &[Run]) -> String {
        line.iter().map(|run| run.text.as_str()).collect()
    }

    #[test]
    fn lines_fit_and_lose_no_word() {
        let label = [Run::words(
            "Surgery + adjuvant chemotherapy in patients with a Donaudampfschifffahrtsgesellschaftskapitän",
        )];
        let lines = wrap(&label, 12.0, 120.0);
        assert!(lines.iter().all(|line| line_width(line, 12.0) <= 120.0));
        let joined: String = lines.iter().map(|line| shown(line)).collect();
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(bare(&joined), bare(&label[0].text));
    }

    #[test]
    fn a_count_stays_with_its_n() {
        let value = Run {
            value: Some(Descent {
                id: "n".to_owned(),
                full: "124".to_owned(),
                step: "cohort.patients".to_owned(),
            }),
            ..Run::words("124")
        };
        let runs = [Run::words("Included (n = "), value, Run::words(")")];
        let lines: Vec<String> = wrap(&runs, 12.0, 80.0)
            .iter()
            .map(|line| shown(line))
            .collect();
        assert_eq!(lines, ["Included", "(n\u{a0}=\u{a0}124)"]);
    }

    #[test]
    fn width_grows_with_every_character() {
        assert!(width("ii", 10.0, false) > width("i", 10.0, false));
        assert!(width("m", 10.0, true) > width("m", 10.0, false));
        assert!((width("中", 10.0, false) - 10.5).abs() < 1e-9);
    }
}
