//! Flow chart of the patients: screened, each exclusion to the side of the way down, included, then the sets.

use super::plot::{LEADING, TEXT};
use super::svg::{Element, coordinate, path};
use super::text::{Anchor, Line, paragraph, wrap};
use super::{Context, Picture};
use crate::report::render::RenderError;
use crate::report::results::FlowChart;
use crate::report::values::{Run, plain};

const WIDTH: f64 = 460.0;
const EDGE: f64 = 4.0;
/// The main boxes; the way down runs through their middle.
const MAIN: f64 = 216.0;
const SIDE: f64 = 206.0;
const GAP: f64 = 22.0;
const PADDING: f64 = 9.0;

struct Block {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    lines: Vec<Line>,
}

impl Block {
    fn new(runs: &[Run], left: f64, top: f64, width: f64) -> Self {
        let lines = wrap(runs, TEXT, width - 2.0 * PADDING);
        Self {
            left,
            top,
            width,
            height: lines.len() as f64 * LEADING + 2.0 * PADDING - 2.0,
            lines,
        }
    }

    fn middle(&self) -> f64 {
        self.top + self.height / 2.0
    }

    fn centre(&self) -> f64 {
        self.left + self.width / 2.0
    }

    fn bottom(&self) -> f64 {
        self.top + self.height
    }

    fn draw(&self, centred: bool) -> Element {
        let (x, anchor) = if centred {
            (self.centre(), Anchor::Middle)
        } else {
            (self.left + PADDING, Anchor::Start)
        };
        let first = self.top + PADDING + TEXT - 2.0;
        Element::new("g")
            .with(
                Element::new("rect")
                    .set("class", "box")
                    .at("x", self.left)
                    .at("y", self.top)
                    .at("width", self.width)
                    .at("height", self.height)
                    .set("rx", "3")
                    .set("fill", "none")
                    .set("stroke", "currentColor"),
            )
            .with_all(paragraph(&self.lines, x, first, TEXT, LEADING, anchor))
    }
}

pub(super) fn draw(context: &Context, chart: &FlowChart) -> Result<Picture, RenderError> {
    let mut elements = Vec::new();
    let mut y = EDGE;
    if let Some(heading) = &context.heading {
        let lines = wrap(heading, TEXT, WIDTH - 16.0);
        elements.extend(paragraph(
            &lines,
            8.0,
            y + 14.0,
            TEXT,
            LEADING,
            Anchor::Start,
        ));
        y += lines.len() as f64 * LEADING + 10.0;
    }
    let mut sentences = Vec::new();
    let mut runs_of = |parts: &[crate::report::results::Part]| -> Result<Vec<Run>, RenderError> {
        let runs = context.runs(parts)?;
        sentences.push(plain(&runs));
        Ok(runs)
    };

    let screened = Block::new(&runs_of(&chart.screened)?, EDGE, y, MAIN);
    let trunk = screened.centre();
    y = screened.bottom() + GAP;
    let mut sides = Vec::new();
    for exclusion in &chart.exclusions {
        let block = Block::new(&runs_of(exclusion)?, WIDTH - EDGE - SIDE, y, SIDE);
        y = block.bottom() + 10.0;
        sides.push(block);
    }
    if !sides.is_empty() {
        y += GAP - 10.0;
    }
    let included = Block::new(&runs_of(&chart.included)?, EDGE, y, MAIN);
    y = included.bottom() + GAP + 10.0;

    elements.push(arrow_down(trunk, screened.bottom(), included.top));
    for side in &sides {
        elements.push(arrow_right(trunk, side.left, side.middle()));
        elements.push(side.draw(false));
    }
    elements.push(screened.draw(true));
    elements.push(included.draw(true));

    let sets = chart
        .sets
        .iter()
        .map(|set| runs_of(set))
        .collect::<Result<Vec<_>, RenderError>>()?;
    let bottom = if sets.len() <= 3 {
        beside(&sets, &included, y, &mut elements)
    } else {
        listed(&sets, &included, &mut elements)
    };
    let description = format!("Flow of patients: {}.", sentences.join("; "));
    Ok(context.picture(description, WIDTH, bottom + EDGE, elements))
}

/// Up to three sets beside each other. Returns where they end.
fn beside(sets: &[Vec<Run>], included: &Block, top: f64, elements: &mut Vec<Element>) -> f64 {
    if sets.is_empty() {
        return included.bottom();
    }
    let count = sets.len() as f64;
    let width = (WIDTH - 2.0 * EDGE - (count - 1.0) * 20.0) / count;
    let blocks: Vec<Block> = sets
        .iter()
        .enumerate()
        .map(|(index, runs)| Block::new(runs, EDGE + index as f64 * (width + 20.0), top, width))
        .collect();
    let height = blocks.iter().map(|block| block.height).fold(0.0, f64::max);
    let bar = included.bottom() + 14.0;
    let ends = (
        blocks
            .first()
            .map_or(0.0, Block::centre)
            .min(included.centre()),
        blocks
            .last()
            .map_or(0.0, Block::centre)
            .max(included.centre()),
    );
    elements.push(line(&[
        (included.centre(), included.bottom()),
        (included.centre(), bar),
    ]));
    elements.push(line(&[(ends.0, bar), (ends.1, bar)]));
    let mut bottom = top;
    for mut block in blocks {
        block.height = height;
        elements.push(arrow_down(block.centre(), bar, block.top));
        elements.push(block.draw(true));
        bottom = block.bottom();
    }
    bottom
}

/// More sets below each other, each on a branch. Returns where they end.
fn listed(sets: &[Vec<Run>], included: &Block, elements: &mut Vec<Element>) -> f64 {
    let trunk = EDGE + 16.0;
    let mut y = included.bottom() + 12.0;
    let mut last = y;
    for runs in sets {
        let block = Block::new(runs, trunk + 24.0, y, WIDTH - EDGE - trunk - 24.0);
        elements.push(arrow_right(trunk, block.left, block.middle()));
        elements.push(block.draw(false));
        last = block.middle();
        y = block.bottom() + 8.0;
    }
    elements.push(line(&[(trunk, included.bottom()), (trunk, last)]));
    y - 8.0
}

fn line(points: &[(f64, f64)]) -> Element {
    Element::new("path")
        .set("d", path(points))
        .set("fill", "none")
        .set("stroke", "currentColor")
}

fn arrow_down(x: f64, from: f64, to: f64) -> Element {
    let head = format!("M{0} {1}l-4 -7h8Z", coordinate(x), coordinate(to));
    Element::new("g")
        .with(line(&[(x, from), (x, to - 5.0)]))
        .with(
            Element::new("path")
                .set("d", head)
                .set("fill", "currentColor"),
        )
}

fn arrow_right(from: f64, to: f64, y: f64) -> Element {
    let head = format!("M{0} {1}l-7 -4v8Z", coordinate(to), coordinate(y));
    Element::new("g")
        .with(line(&[(from, y), (to - 5.0, y)]))
        .with(
            Element::new("path")
                .set("d", head)
                .set("fill", "currentColor"),
        )
}
