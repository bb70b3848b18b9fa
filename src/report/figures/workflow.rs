//! The graph of a study: rows of boxes from the data at the top to the analyses at the foot.

use std::collections::BTreeMap;

use super::plot::{LEADING, TEXT};
use super::svg::{Element, coordinate};
use super::text::{Anchor, Line, paragraph, shorten, wrap};
use super::{Context, Picture};
use crate::report::results::{WorkflowBox, WorkflowChart};
use crate::report::values::Run;

const BOX: f64 = 132.0;
const GAP: f64 = 16.0;
const BETWEEN_ROWS: f64 = 34.0;
const PADDING: f64 = 7.0;
/// Boxes side by side before a row goes on below.
const MOST_IN_ROW: usize = 6;
const SMALL: f64 = TEXT - 2.0;

struct Placed<'a> {
    declared: &'a WorkflowBox,
    lines: Vec<Line>,
    left: f64,
    top: f64,
    height: f64,
}

impl Placed<'_> {
    fn centre(&self) -> f64 {
        self.left + BOX / 2.0
    }
}

pub(super) fn draw(context: &Context, chart: &WorkflowChart) -> Picture {
    let rows = rows(chart);
    let width = rows.iter().map(Vec::len).max().unwrap_or(1) as f64 * (BOX + GAP) + GAP;
    let mut top = GAP;
    let mut placed: BTreeMap<&str, Placed> = BTreeMap::new();
    for row in &rows {
        let mut ordered: Vec<(f64, &WorkflowBox)> = row
            .iter()
            .enumerate()
            .map(|(index, declared)| (middle(declared, index, &placed), *declared))
            .collect();
        ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
        let wide = row.len() as f64 * (BOX + GAP) - GAP;
        let mut left = (width - wide) / 2.0;
        let mut tallest = 0.0_f64;
        for (_, declared) in ordered {
            let words = [Run::words(declared.label.as_str())];
            let lines = shorten(wrap(&words, TEXT, BOX - 2.0 * PADDING), 3);
            let height = lines.len() as f64 * LEADING + LEADING + 2.0 * PADDING - 4.0;
            tallest = tallest.max(height);
            placed.insert(
                &declared.name,
                Placed {
                    declared,
                    lines,
                    left,
                    top,
                    height,
                },
            );
            left += BOX + GAP;
        }
        top += tallest + BETWEEN_ROWS;
    }
    let mut elements = Vec::new();
    for target in placed.values() {
        for source in &target.declared.from {
            if let Some(source) = placed.get(source.as_str()) {
                elements.push(arrow(source, target));
            }
        }
    }
    elements.extend(placed.values().map(draw_box));
    let description = format!("Workflow: {}.", sentences(chart).join("; "));
    context.picture(description, width, top - BETWEEN_ROWS + GAP, elements)
}

/// Rows in order; one with too many boxes goes on in the next.
fn rows(chart: &WorkflowChart) -> Vec<Vec<&WorkflowBox>> {
    let mut rows: BTreeMap<usize, Vec<&WorkflowBox>> = BTreeMap::new();
    for declared in &chart.boxes {
        rows.entry(declared.row).or_default().push(declared);
    }
    rows.into_values()
        .flat_map(|row| {
            let parts = row.len().div_ceil(MOST_IN_ROW).max(1);
            let size = row.len().div_ceil(parts).max(1);
            row.chunks(size).map(<[_]>::to_vec).collect::<Vec<_>>()
        })
        .collect()
}

/// Boxes stand below what they are made of.
fn middle(declared: &WorkflowBox, index: usize, placed: &BTreeMap<&str, Placed>) -> f64 {
    let centres: Vec<f64> = declared
        .from
        .iter()
        .filter_map(|source| placed.get(source.as_str()))
        .map(Placed::centre)
        .collect();
    let order = index as f64 * 1e-3;
    if centres.is_empty() {
        return order;
    }
    centres.iter().fold(0.0, |total, centre| total + centre) / centres.len() as f64 + order
}

fn draw_box(placed: &Placed) -> Element {
    let x = placed.centre();
    let what = vec![vec![Run::words(placed.declared.what.as_str())]];
    let first = placed.top + PADDING + SMALL - 1.0;
    Element::new("g")
        .with(
            Element::new("rect")
                .set("class", "box paper")
                .at("x", placed.left)
                .at("y", placed.top)
                .at("width", BOX)
                .at("height", placed.height)
                .set("rx", "3")
                .set("fill", "#ffffff")
                .set("stroke", "currentColor"),
        )
        .with_all(paragraph(&what, x, first, SMALL, LEADING, Anchor::Middle))
        .with_all(paragraph(
            &placed.lines,
            x,
            first + LEADING,
            TEXT,
            LEADING,
            Anchor::Middle,
        ))
}

fn arrow(source: &Placed, target: &Placed) -> Element {
    let (x, y) = (source.centre(), source.top + source.height);
    let (to_x, to_y) = (target.centre(), target.top - 6.0);
    let bend = ((to_y - y) / 2.0).max(10.0);
    let curve = format!(
        "M{} {}C{} {} {} {} {} {}",
        coordinate(x),
        coordinate(y),
        coordinate(x),
        coordinate(y + bend),
        coordinate(to_x),
        coordinate(to_y - bend),
        coordinate(to_x),
        coordinate(to_y)
    );
    let head = format!(
        "M{0} {1}l-4 -7h8Z",
        coordinate(to_x),
        coordinate(to_y + 6.0)
    );
    Element::new("g")
        .set("opacity", "0.6")
        .with(
            Element::new("path")
                .set("d", curve)
                .set("fill", "none")
                .set("stroke", "currentColor"),
        )
        .with(
            Element::new("path")
                .set("d", head)
                .set("fill", "currentColor"),
        )
}

fn sentences(chart: &WorkflowChart) -> Vec<String> {
    let label = |name: &str| {
        chart
            .boxes
            .iter()
            .find(|declared| declared.name == name)
            .map_or(name, |declared| declared.label.as_str())
            .to_owned()
    };
    chart
        .boxes
        .iter()
        .map(|declared| {
            let from: Vec<String> = declared.from.iter().map(|name| label(name)).collect();
            if from.is_empty() {
                declared.label.clone()
            } else {
                format!("{} from {}", declared.label, from.join(", "))
            }
        })
        .collect()
}
