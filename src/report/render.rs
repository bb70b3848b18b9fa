//! From `results.json` to the files of the report: itself, `report.html`, `report.md`, `tables/ID.csv`, `figures/ID.svg`
//! and `figures/ID.csv`. The words around the numbers stand in templates; a name that a template uses and nobody defines is
//! an error with the template and its line.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter};
use serde::Serialize;

use super::figures::{self, Picture};
use super::grid::Grid;
use super::results::{Figure, Panel, Results, Table};
use super::standing::{self, Beside};
use super::values::{Run, Values};
use super::{csv, html, markdown};

/// The files of a report by their path below its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Why a report could not be rendered. Only `Template` can be a fault of who wrote a template; the others are faults of
/// what made the results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenderError {
    UnknownValue {
        id: String,
        place: String,
    },
    UnknownItem {
        id: String,
    },
    DuplicateName {
        id: String,
    },
    /// An id that cannot be the name of a file.
    UnsuitableName {
        id: String,
    },
    /// Row 0 is the header.
    Table {
        table: String,
        row: usize,
        expected: usize,
        found: usize,
    },
    Chart {
        panel: String,
        series: String,
        problem: String,
    },
    Template {
        template: String,
        line: Option<usize>,
        problem: String,
    },
}

impl std::fmt::Display for RenderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownValue { id, place } => {
                write!(f, "`{place}` shows the value `{id}`, which is not reported")
            }
            Self::UnknownItem { id } => write!(
                f,
                "the report's order names `{id}`, which is neither table nor figure"
            ),
            Self::DuplicateName { id } => write!(f, "two things in the report are called `{id}`"),
            Self::UnsuitableName { id } => write!(
                f,
                "`{id}` cannot name a file: use letters, digits, `_`, `-` and `.`, and begin with a letter or digit"
            ),
            Self::Table {
                table,
                row: 0,
                expected,
                found,
            } => write!(
                f,
                "a row of the header of `{table}` covers {found} columns instead of {expected}"
            ),
            Self::Table {
                table,
                row,
                expected,
                found,
            } => write!(
                f,
                "row {row} of `{table}` has {found} cells instead of {expected}"
            ),
            Self::Chart {
                panel,
                series,
                problem,
            } => write!(f, "`{series}` of the chart `{panel}` {problem}"),
            Self::Template {
                template,
                line: Some(line),
                problem,
            } => write!(f, "template `{template}`, line {line}: {problem}"),
            Self::Template {
                template,
                line: None,
                problem,
            } => write!(f, "template `{template}`: {problem}"),
        }
    }
}

impl std::error::Error for RenderError {}

/// The templates of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Templates {
    /// Those of the program.
    Embedded,
    /// Those of the program, some replaced or added: sources by name.
    Replaced(BTreeMap<String, String>),
}

const HTML: &str = "report.html.j2";
const MARKDOWN: &str = "report.md.j2";
const STYLE: &str = "report.css";
const SCRIPT: &str = "report.js";
const EMBEDDED: [(&str, &str); 5] = [
    (HTML, include_str!("../../templates/report.html.j2")),
    (
        "parts.html.j2",
        include_str!("../../templates/parts.html.j2"),
    ),
    (MARKDOWN, include_str!("../../templates/report.md.j2")),
    (STYLE, include_str!("../../templates/report.css")),
    (SCRIPT, include_str!("../../templates/report.js")),
];
const MARKDOWN_ESCAPE: &str = "markdown";

impl Templates {
    fn sources(&self) -> BTreeMap<&str, &str> {
        let mut sources = BTreeMap::from(EMBEDDED);
        if let Self::Replaced(replaced) = self {
            sources.extend(
                replaced
                    .iter()
                    .map(|(name, source)| (name.as_str(), source.as_str())),
            );
        }
        sources
    }
}

/// Templates ready to be filled.
struct Filler<'a> {
    sources: BTreeMap<&'a str, &'a str>,
    environment: Environment<'a>,
}

impl<'a> Filler<'a> {
    /// Names that are not defined are errors; everything printed is escaped for the language of its template.
    fn new(templates: &'a Templates) -> Result<Self, RenderError> {
        let sources = templates.sources();
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // So that an error knows the expression it is about.
        environment.set_debug(true);
        let blocks_leave_no_line = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .map_err(|error| template_error(HTML, &error))?;
        environment.set_syntax(blocks_leave_no_line);
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".md.j2") {
                AutoEscape::Custom(MARKDOWN_ESCAPE.into())
            } else {
                AutoEscape::Html
            }
        });
        environment.set_formatter(|out, state, value| {
            if !matches!(state.auto_escape(), AutoEscape::Custom(_)) {
                return escape_formatter(out, state, value);
            }
            let text = value.to_string();
            let text = if value.is_safe() {
                text
            } else {
                markdown::escape(&text)
            };
            out.write_str(&text)
                .map_err(|_| Error::new(ErrorKind::WriteFailure, "the report could not be written"))
        });
        for (name, source) in sources.iter().filter(|(name, _)| name.ends_with(".j2")) {
            environment
                .add_template(name, source)
                .map_err(|error| template_error(name, &error))?;
        }
        Ok(Self {
            sources,
            environment,
        })
    }

    fn source(&self, name: &str) -> &'a str {
        self.sources.get(name).copied().unwrap_or_default()
    }

    fn fill(&self, name: &str, page: &impl Serialize) -> Result<String, RenderError> {
        self.environment
            .get_template(name)
            .and_then(|template| template.render(Serde(page)))
            .map_err(|error| template_error(name, &error))
    }
}

fn template_error(name: &str, error: &Error) -> RenderError {
    // An error inside an included template has the outer one around it: the innermost place is the one to mend.
    let mut inner = error;
    while let Some(source) =
        std::error::Error::source(inner).and_then(|source| source.downcast_ref::<Error>())
    {
        inner = source;
    }
    let expression = inner
        .range()
        .and_then(|range| inner.template_source()?.get(range))
        .unwrap_or_default();
    RenderError::Template {
        template: inner.name().unwrap_or(name).to_owned(),
        line: inner.line(),
        problem: match inner.detail() {
            Some(detail) => format!("{}: {detail}", inner.kind()),
            None if expression.is_empty() => inner.kind().to_string(),
            None => format!("{}: `{expression}`", inner.kind()),
        },
    }
}

/// A table or a figure, resolved and drawn: what both the HTML and the Markdown show.
pub(super) enum Item<'a> {
    Table(&'a Table, Grid),
    Figure(&'a Figure, Vec<Drawn<'a>>, Vec<Run>),
}

pub(super) struct Drawn<'a> {
    pub(super) panel: &'a Panel,
    pub(super) letter: Option<String>,
    pub(super) picture: Picture,
    pub(super) data: String,
}

/// Renders the report. The same results and templates give the same bytes.
pub fn render(results: &Results, templates: &Templates) -> Result<Rendered, RenderError> {
    render_beside(results, &Beside::default(), templates)
}

/// Renders the report with what stands beside the results.
pub fn render_beside(
    results: &Results,
    beside: &Beside,
    templates: &Templates,
) -> Result<Rendered, RenderError> {
    let standing = standing::notes(results, beside);
    check_names(results)?;
    let values = Values::new(&results.values)?;
    let mut files = BTreeMap::new();
    let mut items = BTreeMap::new();
    for table in &results.tables {
        let grid = Grid::new(table, &values)?;
        files.insert(
            format!("tables/{}.csv", table.id),
            csv::table(&grid).into_bytes(),
        );
        items.insert(table.id.as_str(), Item::Table(table, grid));
    }
    for figure in &results.figures {
        let caption = values.runs(&figure.caption, &figure.id)?;
        let mut panels = Vec::new();
        for panel in &figure.panels {
            let letter = (figure.panels.len() > 1).then(|| letter(figure, panel));
            let picture = figures::draw(panel, letter.as_deref(), &values)?;
            let data = csv::panel(panel, &values)?;
            files.insert(
                format!("figures/{}.svg", panel.id),
                picture.standalone().into_bytes(),
            );
            files.insert(
                format!("figures/{}.csv", panel.id),
                data.clone().into_bytes(),
            );
            panels.push(Drawn {
                panel,
                letter,
                picture,
                data,
            });
        }
        items.insert(figure.id.as_str(), Item::Figure(figure, panels, caption));
    }
    let shown = results
        .order
        .iter()
        .map(|id| {
            items
                .remove(id.as_str())
                .ok_or_else(|| RenderError::UnknownItem { id: id.clone() })
        })
        .collect::<Result<Vec<Item>, RenderError>>()?;

    let filler = Filler::new(templates)?;
    let page = html::page(
        results,
        beside.study.as_ref(),
        &standing,
        &values,
        &shown,
        filler.source(STYLE),
        filler.source(SCRIPT),
    )?;
    files.insert(
        "report.html".to_owned(),
        filler.fill(HTML, &page)?.into_bytes(),
    );
    let page = markdown::page(results, &standing, &values, &shown)?;
    let text = markdown::tidy(&filler.fill(MARKDOWN, &page)?);
    files.insert("report.md".to_owned(), text.into_bytes());
    files.insert("results.json".to_owned(), results_json(results));
    Ok(Rendered { files })
}

/// The results themselves, as the step that assembled them wrote them.
fn results_json(results: &Results) -> Vec<u8> {
    let mut text =
        serde_json::to_vec_pretty(results).expect("results hold no map whose keys are not text");
    text.push(b'\n');
    text
}

/// The part of a panel's id that tells it from the others of its figure.
fn letter(figure: &Figure, panel: &Panel) -> String {
    panel
        .id
        .strip_prefix(&figure.id)
        .map_or(panel.id.as_str(), |rest| rest.trim_start_matches('.'))
        .to_owned()
}

/// Ids of tables, figures and panels become names of files and places in the page.
fn check_names(results: &Results) -> Result<(), RenderError> {
    let tables = results.tables.iter().map(|table| &table.id);
    let figures = results.figures.iter().map(|figure| &figure.id);
    let panels = results
        .figures
        .iter()
        .flat_map(|figure| figure.panels.iter().map(|panel| &panel.id));
    let mut known = BTreeSet::new();
    for id in tables.chain(figures).chain(panels) {
        let suitable = id.starts_with(|c: char| c.is_ascii_alphanumeric())
            && id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !suitable {
            return Err(RenderError::UnsuitableName { id: id.clone() });
        }
        if !known.insert(id) {
            return Err(RenderError::DuplicateName { id: id.clone() });
        }
    }
    Ok(())
}
