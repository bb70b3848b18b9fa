//! The report as GitHub-flavoured Markdown that Pandoc reads alike: pipe tables, figures as images beside the file.

use serde::Serialize;

use super::grid::Grid;
use super::render::{Item, RenderError};
use super::results::{Chapter, InputFile, Note, NoteKind, Results, StudyHeader};
use super::values::{Run, Values};

/// What `report.md.j2` is filled with. Fields of Markdown (notes, tables, captions) are escaped already.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    study: &'a StudyHeader,
    prereg_version: &'a str,
    notes: Vec<NoteView>,
    methods: Vec<ChapterView<'a>>,
    findings: Vec<ChapterView<'a>>,
    items: Vec<ItemView<'a>>,
    inputs: String,
}

#[derive(Serialize)]
struct NoteView {
    kind: NoteKind,
    text: String,
}

#[derive(Serialize)]
struct ChapterView<'a> {
    title: &'a str,
    paragraphs: Vec<String>,
}

fn chapters<'a>(
    chapters: &'a [Chapter],
    values: &Values,
) -> Result<Vec<ChapterView<'a>>, RenderError> {
    chapters
        .iter()
        .map(|chapter| {
            Ok(ChapterView {
                title: &chapter.title,
                paragraphs: chapter
                    .paragraphs
                    .iter()
                    .map(|paragraph| Ok(runs(&values.runs(paragraph, &chapter.id)?)))
                    .collect::<Result<_, RenderError>>()?,
            })
        })
        .collect()
}

#[derive(Serialize)]
struct ItemView<'a> {
    number: &'a str,
    title: &'a str,
    table: Option<String>,
    footnotes: Vec<String>,
    panels: Vec<PanelView<'a>>,
    caption: String,
}

#[derive(Serialize)]
struct PanelView<'a> {
    id: &'a str,
    letter: Option<&'a str>,
    title: &'a str,
}

pub(super) fn page<'a>(
    results: &'a Results,
    standing: &[Note],
    values: &Values,
    items: &'a [Item],
) -> Result<Page<'a>, RenderError> {
    let notes = standing
        .iter()
        .chain(&results.notes)
        .map(|note| {
            Ok(NoteView {
                kind: note.kind,
                text: runs(&values.runs(&note.text, "the notes")?),
            })
        })
        .collect::<Result<_, RenderError>>()?;
    let items = items
        .iter()
        .map(|item| match item {
            Item::Table(described, grid) => ItemView {
                number: &described.number,
                title: &described.title,
                table: Some(table(grid)),
                footnotes: grid.footnotes.iter().map(|note| runs(note)).collect(),
                panels: Vec::new(),
                caption: String::new(),
            },
            Item::Figure(figure, drawn, caption) => ItemView {
                number: &figure.number,
                title: &figure.title,
                table: None,
                footnotes: Vec::new(),
                panels: drawn
                    .iter()
                    .map(|drawn| PanelView {
                        id: &drawn.panel.id,
                        letter: drawn.letter.as_deref(),
                        title: &drawn.panel.title,
                    })
                    .collect(),
                caption: runs(caption),
            },
        })
        .collect();
    Ok(Page {
        study: &results.study,
        prereg_version: &results.prereg_version,
        notes,
        methods: chapters(&results.methods, values)?,
        findings: chapters(&results.findings, values)?,
        items,
        inputs: inputs(&results.inputs),
    })
}

fn inputs(files: &[InputFile]) -> String {
    let mut rows = vec![
        ["File", "Patients", "SHA-256 of the content"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(files.iter().map(|input| {
        vec![
            escape(&input.file),
            input.patients.to_string(),
            format!("`{}`", input.content_sha256.replace('`', "")),
        ]
    }));
    pipes(&rows)
}

/// One blank line between blocks and none at the end, whatever a template leaves.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::new();
    let mut blank = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && blank {
            continue;
        }
        blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Text as Markdown that shows it letter by letter, whatever it holds; safe in a table cell and at a line's start.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let special = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '^' | '$' | '{' | '}' | '@' => true,
            '<' => after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?'),
            '&' => after.is_ascii_alphanumeric() || after == '#',
            // `http://` and `www.` would become links.
            ':' => after == '/',
            '.' if before.eq_ignore_ascii_case(&'w') => out.to_ascii_lowercase().ends_with("www"),
            '#' | '+' | '-' | '=' | '>' => out.is_empty(),
            '.' | ')' => {
                !out.is_empty() && out.chars().all(|digit| digit.is_ascii_digit()) && after == ' '
            }
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
        before = c;
    }
    out
}

pub(super) fn runs(runs: &[Run]) -> String {
    let mut out = String::new();
    for (index, run) in runs.iter().enumerate() {
        if run.raised {
            out.push_str(&raised(&run.text));
            // A footnote's letter stands before its words.
            if index == 0 {
                out.push(' ');
            }
        } else if run.bold {
            out.push_str(&format!("**{}**", escape(&run.text)));
        } else if out.is_empty() {
            out.push_str(&escape(&run.text));
        } else {
            // Not at the start of a line: a sign or digits need no guard there.
            let guarded = escape(&format!("x{}", run.text));
            out.push_str(guarded.get(1..).unwrap_or_default());
        }
    }
    out.trim().to_owned()
}

/// Small letters as raised letters, which need no HTML; anything else in brackets.
fn raised(text: &str) -> String {
    const PLAIN: &str = "abcdefghijklmnoprstuvwxyz";
    const RAISED: &str = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ";
    let letters: Option<String> = text
        .chars()
        .map(|c| {
            PLAIN
                .chars()
                .zip(RAISED.chars())
                .find_map(|(plain, raised)| (plain == c).then_some(raised))
        })
        .collect();
    letters.unwrap_or_else(|| format!(" ({})", escape(text)))
}

/// A pipe table, its columns as wide as their widest cell: readable as text, and the widths that Pandoc goes by.
pub(super) fn table(grid: &Grid) -> String {
    let mut rows: Vec<Vec<String>> =
        vec![grid.flat_header().iter().map(|text| escape(text)).collect()];
    for section in &grid.sections {
        if let Some(heading) = &section.heading {
            let mut cells = vec![String::new(); grid.columns];
            if let Some(first) = cells.first_mut() {
                *first = format!("**{}**", runs(heading));
            }
            rows.push(cells);
        }
        for row in &section.rows {
            let mut cells: Vec<String> = row.cells.iter().map(|cell| runs(cell)).collect();
            if let Some(first) = cells
                .first_mut()
                .filter(|first| row.level && !first.is_empty())
            {
                first.insert_str(0, "&emsp;");
            }
            rows.push(cells);
        }
    }
    pipes(&rows)
}

/// Rows of escaped cells as a pipe table; the first is the header, the first column is words, the others numbers.
pub(super) fn pipes(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .fold(3, usize::max)
        })
        .collect();
    let mut out = String::new();
    for (index, row) in rows.iter().enumerate() {
        out.push('|');
        for (cell, width) in row.iter().zip(&widths) {
            out.push_str(&format!(" {cell:<width$} |"));
        }
        out.push('\n');
        if index == 0 {
            out.push('|');
            for width in &widths {
                out.push_str(&format!(" {} |", "-".repeat(*width)));
            }
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, pipes, raised};

    #[test]
    fn nothing_in_a_label_is_markup() {
        assert_eq!(
            escape("<script>alert(1)</script>"),
            "\\<script>alert(1)\\</script>"
        );
        assert_eq!(
            escape("a|b `c` *d* _e_ {{ f }}"),
            "a\\|b \\`c\\` \\*d\\* \\_e\\_ \\{\\{ f \\}\\}"
        );
        assert_eq!(escape("p <0.001 & n > 5"), "p <0.001 & n > 5");
        assert_eq!(
            escape("&amp; https://x.org www.x.org"),
            "\\&amp; https\\://x.org www\\.x.org"
        );
        assert_eq!(escape("1. first"), "1\\. first");
        assert_eq!(escape("- none"), "\\- none");
        assert_eq!(escape("two\nlines"), "two lines");
    }

    #[test]
    fn letters_are_raised_without_html() {
        assert_eq!(raised("ab"), "ᵃᵇ");
        assert_eq!(raised("q"), " (q)");
    }

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["Models".to_owned(), "AUC".to_owned()],
            vec!["CPR model".to_owned(), "0.697".to_owned()],
        ];
        assert_eq!(
            pipes(&rows),
            "| Models    | AUC   |\n| --------- | ----- |\n| CPR model | 0.697 |\n"
        );
    }
}
