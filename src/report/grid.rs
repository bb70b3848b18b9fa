//! A table checked and resolved: every cell as runs, every heading with the rows and columns that it covers.

use serde::Serialize;

use super::render::RenderError;
use super::results::{HeaderCell, Row, RowKind, Table};
use super::values::{Run, Values, plain};

#[derive(Clone, Debug, Serialize)]
pub(super) struct Grid {
    pub(super) columns: usize,
    pub(super) header: Vec<Vec<Heading>>,
    pub(super) sections: Vec<Section>,
    pub(super) footnotes: Vec<Vec<Run>>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Heading {
    pub(super) runs: Vec<Run>,
    start: usize,
    pub(super) span: usize,
    pub(super) rows: usize,
}

impl Heading {
    pub(super) fn single(runs: Vec<Run>, start: usize) -> Self {
        Self {
            runs,
            start,
            span: 1,
            rows: 1,
        }
    }
}

/// Rows under one heading across the table; the first section of a table may have none.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Section {
    pub(super) heading: Option<Vec<Run>>,
    pub(super) rows: Vec<GridRow>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct GridRow {
    /// A level of the row above it.
    pub(super) level: bool,
    /// The rows that the label in the first cell stands for; 0 where the label above stands for this row too.
    pub(super) label_rows: usize,
    pub(super) cells: Vec<Vec<Run>>,
}

impl Grid {
    pub(super) fn new(table: &Table, values: &Values) -> Result<Self, RenderError> {
        let columns = columns(table)?;
        let header = table
            .header
            .iter()
            .map(|row| headings(row, &table.id, values))
            .collect::<Result<Vec<_>, RenderError>>()?;
        let mut sections: Vec<Section> = Vec::new();
        for (index, row) in table.rows.iter().enumerate() {
            let expected = if row.kind == RowKind::Section {
                1
            } else {
                columns
            };
            if row.cells.len() != expected {
                return Err(RenderError::Table {
                    table: table.id.clone(),
                    row: index + 1,
                    expected,
                    found: row.cells.len(),
                });
            }
            append(&mut sections, row, &table.id, values)?;
        }
        let footnotes = table
            .footnotes
            .iter()
            .map(|parts| values.runs(parts, &table.id))
            .collect::<Result<_, RenderError>>()?;
        Ok(Self {
            columns,
            header: merged(header),
            sections,
            footnotes,
        })
    }

    /// One heading a column: what stands over it, from top to bottom.
    pub(super) fn flat_header(&self) -> Vec<String> {
        (0..self.columns)
            .map(|column| {
                let mut words: Vec<String> = Vec::new();
                for heading in self.header.iter().flatten() {
                    let over = heading.start..heading.start + heading.span;
                    let text = plain(&heading.runs);
                    if over.contains(&column) && !text.is_empty() && words.last() != Some(&text) {
                        words.push(text);
                    }
                }
                words.join(": ")
            })
            .collect()
    }
}

/// The number of columns, the same in every row of the header.
fn columns(table: &Table) -> Result<usize, RenderError> {
    let width = |row: &Vec<HeaderCell>| {
        row.iter()
            .map(|cell| cell.span)
            .fold(0, usize::saturating_add)
    };
    let columns = table.header.first().map_or(0, width);
    for row in &table.header {
        if width(row) != columns || row.iter().any(|cell| cell.span == 0) {
            return Err(RenderError::Table {
                table: table.id.clone(),
                row: 0,
                expected: columns,
                found: width(row),
            });
        }
    }
    if columns == 0 {
        return Err(RenderError::Table {
            table: table.id.clone(),
            row: 0,
            expected: 1,
            found: 0,
        });
    }
    Ok(columns)
}

fn headings(row: &[HeaderCell], table: &str, values: &Values) -> Result<Vec<Heading>, RenderError> {
    let mut headings = Vec::new();
    let mut start = 0;
    for cell in row {
        let runs = values.runs(&cell.text, table)?;
        // A blank over several columns is a blank over each, so that each can take in the heading below it.
        let span = if plain(&runs).is_empty() {
            1
        } else {
            cell.span
        };
        for _ in 0..cell.span / span {
            headings.push(Heading {
                runs: runs.clone(),
                start,
                span,
                rows: 1,
            });
            start += span;
        }
    }
    Ok(headings)
}

/// Headings of equal place and width below each other, of which at most one has words, become one over all their rows.
fn merged(mut header: Vec<Vec<Heading>>) -> Vec<Vec<Heading>> {
    let blank = |heading: &Heading| plain(&heading.runs).is_empty();
    for upper in 0..header.len() {
        let (above, below) = header.split_at_mut(upper + 1);
        let Some(row) = above.last_mut() else {
            continue;
        };
        for heading in row {
            for lower in &mut *below {
                let Some(place) = lower
                    .iter()
                    .position(|other| (other.start, other.span) == (heading.start, heading.span))
                else {
                    break;
                };
                if !blank(heading) && !lower.get(place).is_some_and(blank) {
                    break;
                }
                let other = lower.remove(place);
                if blank(heading) {
                    heading.runs = other.runs;
                }
                heading.rows += 1;
            }
        }
    }
    header
}

fn append(
    sections: &mut Vec<Section>,
    row: &Row,
    table: &str,
    values: &Values,
) -> Result<(), RenderError> {
    let mut cells = row
        .cells
        .iter()
        .map(|parts| values.runs(parts, table))
        .collect::<Result<Vec<_>, RenderError>>()?;
    if row.kind == RowKind::Section {
        sections.push(Section {
            heading: cells.pop(),
            rows: Vec::new(),
        });
        return Ok(());
    }
    let row = GridRow {
        level: row.kind == RowKind::Level,
        label_rows: 1,
        cells,
    };
    match sections.last_mut() {
        Some(section) => section.push(row),
        None => sections.push(Section {
            heading: None,
            rows: vec![row],
        }),
    }
    Ok(())
}

impl Section {
    /// A level without a label of its own goes by the label above it.
    fn push(&mut self, mut row: GridRow) {
        let unlabelled = row.level && row.cells.first().is_some_and(Vec::is_empty);
        if let Some(labelled) = self.rows.iter_mut().rfind(|above| above.label_rows > 0)
            && unlabelled
        {
            labelled.label_rows += 1;
            row.label_rows = 0;
        }
        self.rows.push(row);
    }
}
