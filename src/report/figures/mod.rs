//! Figures as SVG. One picture serves two places: as a file of its own (colours for white paper) and inside the HTML
//! report, where the page's style sheet replaces colours through the classes.

mod axis;
mod calibration;
mod decision_curve;
mod flow_chart;
mod forest;
mod kaplan_meier;
mod nomogram;
mod plot;
mod roc;
mod svg;
mod text;

pub(super) use axis::short_number;

use super::render::RenderError;
use super::results::{Chart, Panel};
use super::values::{Run, Values};
use svg::Element;
use text::Line;

/// A drawn panel.
pub(super) struct Picture {
    id: String,
    title: String,
    /// What the picture shows, for those who do not see it.
    pub(super) description: String,
    pub(super) width: f64,
    pub(super) height: f64,
    elements: Vec<Element>,
}

/// What every chart needs to know of its panel.
struct Context<'a> {
    panel: &'a Panel,
    /// The panel's letter and title; none for the only panel of a figure, which the figure's title names.
    heading: Option<Line>,
    values: &'a Values<'a>,
}

/// Draws a panel; `letter` is its letter in a figure of several panels.
pub(super) fn draw(
    panel: &Panel,
    letter: Option<&str>,
    values: &Values,
) -> Result<Picture, RenderError> {
    let context = Context {
        panel,
        heading: letter
            .map(|letter| vec![Run::bold(letter), Run::words(format!(" {}", panel.title))]),
        values,
    };
    match &panel.chart {
        Chart::Flow(chart) => flow_chart::draw(&context, chart),
        Chart::Roc(chart) => roc::draw(&context, chart),
        Chart::Calibration(chart) => calibration::draw(&context, chart),
        Chart::DecisionCurve(chart) => decision_curve::draw(&context, chart),
        Chart::KaplanMeier(chart) => kaplan_meier::draw(&context, chart),
        Chart::Forest(chart) => forest::draw(&context, chart),
        Chart::Nomogram(chart) => nomogram::draw(&context, chart),
    }
}

impl Context<'_> {
    fn picture(
        &self,
        description: String,
        width: f64,
        height: f64,
        elements: Vec<Element>,
    ) -> Picture {
        Picture {
            id: self.panel.id.clone(),
            title: self.panel.title.clone(),
            description,
            width: width.ceil(),
            height: height.ceil(),
            elements,
        }
    }

    fn runs(&self, parts: &[super::results::Part]) -> Result<Vec<Run>, RenderError> {
        self.values.runs(parts, &self.panel.id)
    }

    /// Refuses series that cannot be drawn: of unequal lengths, or with a number that is none.
    fn check(&self, series: &str, columns: &[&[f64]]) -> Result<(), RenderError> {
        let lengths: Vec<usize> = columns.iter().map(|column| column.len()).collect();
        let problem = if lengths.windows(2).any(|pair| pair.first() != pair.last()) {
            format!("has lists of unequal lengths {lengths:?}")
        } else if columns
            .iter()
            .any(|column| column.iter().any(|x| !x.is_finite()))
        {
            "has a number that is not finite".to_owned()
        } else {
            return Ok(());
        };
        Err(RenderError::Chart {
            panel: self.panel.id.clone(),
            series: series.to_owned(),
            problem,
        })
    }
}

impl Picture {
    /// For the HTML report: the page sets size and colours.
    pub(super) fn inline(&self) -> String {
        let mut out = String::new();
        self.root()
            .with_all(self.elements.iter().cloned())
            .write(&mut out);
        out
    }

    /// A file of its own, on white.
    pub(super) fn standalone(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let paper = Element::new("rect")
            .set("width", "100%")
            .set("height", "100%")
            .set("fill", "#ffffff");
        self.root()
            .at("width", self.width)
            .at("height", self.height)
            .with(paper)
            .with_all(self.elements.iter().cloned())
            .write(&mut out);
        out.push('\n');
        out
    }

    fn root(&self) -> Element {
        let (title, description) = (
            format!("{}-title", self.id),
            format!("{}-description", self.id),
        );
        Element::new("svg")
            .set("xmlns", "http://www.w3.org/2000/svg")
            .set("class", "chart")
            .set(
                "viewBox",
                format!(
                    "0 0 {} {}",
                    svg::coordinate(self.width),
                    svg::coordinate(self.height)
                ),
            )
            .set("role", "img")
            .set("aria-labelledby", format!("{title} {description}"))
            .set("font-family", "Helvetica, Arial, sans-serif")
            .set("color", "#1b1f24")
            .set("fill", "#1b1f24")
            .with(Element::new("title").set("id", title).text(&self.title))
            .with(
                Element::new("desc")
                    .set("id", description)
                    .text(&self.description),
            )
    }
}
