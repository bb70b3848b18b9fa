//! What `report.html.j2` is filled with: the whole report in one page that asks the network for nothing.

use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::about::about;
use super::grid::{Grid, GridRow, Heading, Section};
use super::render::{Drawn, Item, RenderError};
use super::results::{
    Chapter, Chart, InputFile, Note, NoteKind, Panel, Results, StepDescription, StudyHeader,
};
use super::study_text::{Line, StudyText, declared_by};
use super::values::{Run, Values};
use super::{csv, markdown};

#[derive(Serialize)]
pub(super) struct Page<'a> {
    study: &'a StudyHeader,
    prereg_version: &'a str,
    notes: Vec<NoteView>,
    methods: Vec<ChapterView<'a>>,
    findings: Vec<ChapterView<'a>>,
    items: Vec<ItemView<'a>>,
    study_text: Vec<Line<'a>>,
    inputs: &'a [InputFile],
    steps: &'a [StepDescription],
    /// Is any number of the report bold?
    any_bold: bool,
    style: &'a str,
    script: &'a str,
    security_policy: String,
    /// What the script reads, as JSON that can stand inside a script element.
    data: String,
}

#[derive(Serialize)]
struct NoteView {
    kind: NoteKind,
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct ChapterView<'a> {
    id: &'a str,
    title: &'a str,
    paragraphs: Vec<Vec<Run>>,
}

fn chapters<'a>(
    chapters: &'a [Chapter],
    values: &Values,
) -> Result<Vec<ChapterView<'a>>, RenderError> {
    chapters
        .iter()
        .map(|chapter| {
            Ok(ChapterView {
                id: &chapter.id,
                title: &chapter.title,
                paragraphs: chapter
                    .paragraphs
                    .iter()
                    .map(|paragraph| values.runs(paragraph, &chapter.id))
                    .collect::<Result<_, RenderError>>()?,
            })
        })
        .collect()
}

#[derive(Serialize)]
struct ItemView<'a> {
    id: &'a str,
    number: &'a str,
    title: &'a str,
    table: Option<&'a Grid>,
    figure: Option<FigureView<'a>>,
}

#[derive(Serialize)]
struct FigureView<'a> {
    caption: &'a [Run],
    panels: Vec<PanelView<'a>>,
}

#[derive(Serialize)]
struct PanelView<'a> {
    id: &'a str,
    letter: Option<&'a str>,
    title: &'a str,
    svg: String,
    /// Too wide to shrink to a phone: it scrolls in its own box.
    wide: bool,
    /// Does the page hold the data of the picture?
    with_data: bool,
    /// The reported values that the picture shows, for the keyboard and for those who do not see it.
    numbers: Option<Grid>,
}

/// Data of a picture up to this size stand in the page; longer ones only in their file beside it.
const LONGEST_DATA: usize = 200_000;

/// The page; `style` and `script` are what the templates of those names hold.
pub(super) fn page<'a>(
    results: &'a Results,
    study: Option<&'a StudyText>,
    standing: &[Note],
    values: &Values,
    items: &'a [Item],
    style: &'a str,
    script: &'a str,
) -> Result<Page<'a>, RenderError> {
    let notes = standing
        .iter()
        .chain(&results.notes)
        .map(|note| {
            Ok(NoteView {
                kind: note.kind,
                runs: values.runs(&note.text, "the notes")?,
            })
        })
        .collect::<Result<_, RenderError>>()?;
    let mut figures = Map::new();
    let mut tables = Map::new();
    let mut views = Vec::new();
    for item in items {
        views.push(match item {
            Item::Table(table, grid) => {
                let copies = json!({ "markdown": markdown::table(grid), "cells": csv::tabs(grid) });
                tables.insert(table.id.clone(), copies);
                ItemView {
                    id: &table.id,
                    number: &table.number,
                    title: &table.title,
                    table: Some(grid),
                    figure: None,
                }
            }
            Item::Figure(figure, drawn, caption) => {
                let mut panels = Vec::new();
                for Drawn {
                    panel,
                    letter,
                    picture,
                    data,
                } in drawn
                {
                    let with_data = data.len() <= LONGEST_DATA;
                    if with_data {
                        figures.insert(panel.id.clone(), Value::from(data.as_str()));
                    }
                    panels.push(PanelView {
                        id: &panel.id,
                        letter: letter.as_deref(),
                        title: &panel.title,
                        svg: picture.inline(),
                        wide: picture.width > 500.0,
                        with_data,
                        numbers: numbers(panel, values)?,
                    });
                }
                ItemView {
                    id: &figure.id,
                    number: &figure.number,
                    title: &figure.title,
                    table: None,
                    figure: Some(FigureView { caption, panels }),
                }
            }
        });
    }
    let any_bold = items.iter().any(|item| match item {
        Item::Table(_, grid) => grid.sections.iter().any(|section| {
            let cells = section.rows.iter().flat_map(|row| &row.cells).flatten();
            cells
                .chain(section.heading.iter().flatten())
                .any(|run| run.bold)
        }),
        Item::Figure(..) => false,
    });
    Ok(Page {
        study: &results.study,
        prereg_version: &results.prereg_version,
        notes,
        methods: chapters(&results.methods, values)?,
        findings: chapters(&results.findings, values)?,
        items: views,
        study_text: study.map(|study| study.lines(results)).unwrap_or_default(),
        inputs: &results.inputs,
        steps: &results.steps,
        any_bold,
        style,
        script,
        security_policy: format!(
            "default-src 'none'; img-src data: blob:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            digest_source(style),
            digest_source(script)
        ),
        data: script_json(results, study, tables, figures),
    })
}

/// A Content-Security-Policy source that allows exactly this text.
fn digest_source(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |group, byte| group << 8 | usize::from(*byte));
        for place in 0..4 {
            let letter = LETTERS
                .get(group >> (18 - 6 * place) & 63)
                .copied()
                .unwrap_or(b'=');
            out.push(if place <= chunk.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    out
}

/// Values, steps and inputs by name, tables to copy and the data of figures. `<` is written as an escape, so nothing in it can end
/// the script element.
fn script_json(
    results: &Results,
    study: Option<&StudyText>,
    tables: Map<String, Value>,
    figures: Map<String, Value>,
) -> String {
    let values: Map<String, Value> = results
        .values
        .iter()
        .map(|value| {
            (
                value.id.clone(),
                json!({
                    "display": value.display, "unit": value.unit, "n": value.n, "field": value.field,
                }),
            )
        })
        .collect();
    let steps: Map<String, Value> = results
        .steps
        .iter()
        .map(|step| {
            (
                step.id.clone(),
                json!({
                    "kind": step.kind, "inputs": step.inputs, "seed": step.seed, "parameters": step.parameters,
                    "declared": declared_by(&step.id),
                }),
            )
        })
        .collect();
    let inputs: Map<String, Value> = results
        .inputs
        .iter()
        .map(|input| {
            (
                input.file.clone(),
                json!({ "patients": input.patients, "sha256": input.content_sha256 }),
            )
        })
        .collect();
    let kinds: Map<String, Value> = results
        .steps
        .iter()
        .filter_map(|step| Some((step.kind.clone(), json!(about(&step.kind)?))))
        .collect();
    let statements = study.map(|study| &study.statements);
    json!({ "kinds": kinds, "statements": statements, "values": values, "steps": steps, "inputs": inputs, "tables": tables, "figures": figures })
        .to_string()
        .replace('<', "\\u003c")
}

/// The reported values of a picture as a small table; none for a picture without any.
fn numbers(panel: &Panel, values: &Values) -> Result<Option<Grid>, RenderError> {
    let words = |text: &str| vec![Run::words(text)];
    let runs = |parts| values.runs(parts, &panel.id);
    let mut header: Vec<Vec<Run>> = Vec::new();
    let mut rows: Vec<Vec<Vec<Run>>> = Vec::new();
    let mut below: Vec<Vec<Run>> = Vec::new();
    match &panel.chart {
        Chart::Flow(chart) => {
            header = vec![words("Step"), words("Patients")];
            rows.push(vec![words("Screened"), runs(&chart.screened)?]);
            for exclusion in &chart.exclusions {
                rows.push(vec![words("Excluded"), runs(exclusion)?]);
            }
            rows.push(vec![words("Included"), runs(&chart.included)?]);
            for set in &chart.sets {
                rows.push(vec![words("Set"), runs(set)?]);
            }
        }
        Chart::Roc(chart) => {
            header = vec![words("Curve"), words("Area under the curve")];
            for curve in &chart.curves {
                rows.push(vec![words(&curve.label), runs(&curve.legend)?]);
            }
        }
        Chart::Calibration(chart) => {
            for parts in &chart.legend {
                below.push(runs(parts)?);
            }
        }
        Chart::DecisionCurve(_) | Chart::Workflow(_) | Chart::Nomogram(_) => {}
        Chart::KaplanMeier(chart) => {
            header = vec![words(&format!(
                "Number at risk by time ({})",
                chart.time_unit
            ))];
            header.extend(
                chart
                    .risk_times
                    .iter()
                    .map(|time| words(&super::figures::short_number(*time))),
            );
            header.push(words("Median"));
            for group in &chart.groups {
                let mut cells = vec![words(&group.label)];
                for id in &group.at_risk {
                    cells.push(vec![values.run(id, &panel.id)?]);
                }
                cells.push(runs(&group.median)?);
                rows.push(cells);
            }
            for parts in &chart.legend {
                below.push(runs(parts)?);
            }
        }
        Chart::Forest(chart) => {
            header = vec![words("Group"), words("Hazard ratio")];
            for row in &chart.rows {
                rows.push(vec![words(&row.label), runs(&row.text)?]);
            }
        }
    }
    let any = rows
        .iter()
        .flatten()
        .chain(&below)
        .flatten()
        .any(|run| run.value.is_some());
    Ok(any.then(|| Grid {
        columns: header.len(),
        header: if header.is_empty() {
            Vec::new()
        } else {
            vec![
                header
                    .into_iter()
                    .enumerate()
                    .map(|(start, runs)| Heading::single(runs, start))
                    .collect(),
            ]
        },
        sections: vec![Section {
            heading: None,
            rows: rows
                .into_iter()
                .map(|cells| GridRow {
                    level: false,
                    label_rows: 1,
                    cells,
                })
                .collect(),
        }],
        footnotes: below,
    }))
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_as_in_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
