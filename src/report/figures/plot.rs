//! What the charts with two axes share: the frame, axes, series styles and the legend, which stands inside the frame
//! where no curve runs, otherwise below everything else, so that frames beside each other stay level.

use super::axis::{Scale, Tick};
use super::svg::{Element, path};
use super::text::{self, Anchor, Line, line_width, paragraph, shorten, widest, wrap};
use crate::report::values::{Run, full_precision};

pub(super) const WIDTH: f64 = 400.0;
pub(super) const TEXT: f64 = 12.5;
pub(super) const SMALL: f64 = 11.5;
pub(super) const LEADING: f64 = 15.5;
pub(super) const MUTED: &str = "#57606a";
/// The radius of a point.
pub(super) const POINT: f64 = 3.5;
/// Between the picture's edge and what stands in it.
const EDGE: f64 = 8.0;

/// Colours after Okabe and Ito (the last three darkened to keep a contrast of 3 : 1 on white), and a dash pattern for
/// those who see or print no colour.
const SERIES: [(&str, &str, Option<&str>); 6] = [
    ("series-1", "#0072b2", None),
    ("series-2", "#d55e00", Some("7 3")),
    ("series-3", "#009e73", Some("2 2.5")),
    ("series-4", "#b5608f", Some("9 3 2 3")),
    ("series-5", "#b07600", Some("4 2")),
    ("series-6", "#2b8cc4", Some("12 4")),
];

fn style(series: usize) -> (&'static str, &'static str, Option<&'static str>) {
    SERIES[series % SERIES.len()]
}

/// A line in the style of a series.
pub(super) fn stroked(element: Element, series: usize) -> Element {
    let (class, colour, dash) = style(series);
    let element = element
        .set("class", format!("line {class}"))
        .set("fill", "none")
        .set("stroke", colour)
        .set("stroke-width", "1.8")
        .set("stroke-linejoin", "round");
    match dash {
        Some(dash) => element.set("stroke-dasharray", dash),
        None => element,
    }
}

/// Marks in the colour of a series, never dashed.
pub(super) fn marked(element: Element, series: usize) -> Element {
    let (class, colour, _) = style(series);
    element
        .set("class", format!("line {class}"))
        .set("fill", "none")
        .set("stroke", colour)
        .set("stroke-width", "1.4")
}

/// A faint area in the colour of a series.
pub(super) fn shaded(element: Element, series: usize) -> Element {
    let (class, colour, _) = style(series);
    element
        .set("class", format!("area {class}"))
        .set("fill", colour)
        .set("fill-opacity", "0.14")
}

/// A line that is no series: a diagonal, a reference.
pub(super) fn reference(element: Element, dashed: bool) -> Element {
    let element = element
        .set("class", "reference")
        .set("fill", "none")
        .set("stroke", MUTED)
        .set("stroke-width", "1.2");
    if dashed {
        element.set("stroke-dasharray", "4 4")
    } else {
        element
    }
}

pub(super) struct Axis {
    pub(super) title: String,
    pub(super) domain: (f64, f64),
    pub(super) ticks: Vec<Tick>,
}

/// The rectangle between the axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Frame {
    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

pub(super) struct Plot {
    pub(super) frame: Frame,
    pub(super) x: Scale,
    pub(super) y: Scale,
    pub(super) elements: Vec<Element>,
    /// Where the picture ends below the axis title.
    pub(super) bottom: f64,
    /// A legend that has no place inside the frame.
    outside: Option<Legend>,
}

impl Plot {
    /// Draws the legend that had no place inside the frame, if there is one. Returns where the picture ends.
    pub(super) fn close(&mut self, bottom: f64) -> f64 {
        let Some(legend) = self.outside.take() else {
            return bottom;
        };
        self.elements.push(legend.draw(EDGE, bottom + 4.0));
        bottom + legend.height + 8.0
    }
}

/// Lines that a legend must not cover, and areas that it covers only where there is no other place.
pub(super) struct Obstacles {
    pub(super) lines: Vec<Vec<(f64, f64)>>,
    pub(super) areas: Vec<Vec<(f64, f64)>>,
}

/// What a plot is laid out from.
pub(super) struct Layout<'a> {
    pub(super) heading: Option<&'a Line>,
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
    /// Height of the frame; none for a square.
    pub(super) height: Option<f64>,
    /// Room that something below the axis needs left and right of the frame.
    pub(super) least_left: f64,
    pub(super) least_right: f64,
}

impl Layout<'_> {
    /// Heading, axes, ticks and titles.
    fn plot(&self) -> Plot {
        let mut elements = Vec::new();
        let mut top = EDGE;
        if let Some(heading) = self.heading {
            let lines = wrap(heading, TEXT, WIDTH - 2.0 * EDGE);
            elements.extend(paragraph(
                &lines,
                EDGE,
                top + 10.0,
                TEXT,
                LEADING,
                Anchor::Start,
            ));
            top += lines.len() as f64 * LEADING + 6.0;
        }
        top += 4.0;

        let labels = self
            .y
            .ticks
            .iter()
            .map(|tick| text::width(&tick.label, SMALL, false))
            .fold(0.0, f64::max);
        let along = self.height.unwrap_or(300.0);
        let y_title = wrap(&[Run::words(&self.y.title)], TEXT, along - 12.0);
        let y_title = shorten(y_title, 4);
        let left = (EDGE + y_title.len() as f64 * LEADING + 4.0 + labels + 8.0)
            .max(self.least_left)
            .ceil();
        let last_label = self
            .x
            .ticks
            .last()
            .map_or(0.0, |tick| text::width(&tick.label, SMALL, false) / 2.0)
            .max(self.least_right);
        let right = WIDTH - (EDGE / 2.0 + last_label).ceil();
        let frame = Frame {
            left,
            top: top.ceil(),
            width: right - left,
            height: self.height.unwrap_or(right - left),
        };
        let x = Scale {
            domain: self.x.domain,
            range: (frame.left, frame.right()),
        };
        let y = Scale {
            domain: self.y.domain,
            range: (frame.bottom(), frame.top),
        };
        elements.push(axes(&frame, &x, &y, &self.x.ticks, &self.y.ticks));

        let x_title = wrap(&[Run::words(&self.x.title)], TEXT, frame.width);
        let baseline = frame.bottom() + 21.0 + LEADING;
        elements.extend(paragraph(
            &x_title,
            frame.left + frame.width / 2.0,
            baseline,
            TEXT,
            LEADING,
            Anchor::Middle,
        ));
        let centre = frame.top + frame.height / 2.0;
        let turned = paragraph(&y_title, 0.0, 0.0, TEXT, LEADING, Anchor::Middle);
        elements.push(
            Element::new("g")
                .set(
                    "transform",
                    format!(
                        "translate({} {}) rotate(-90)",
                        super::svg::coordinate(EDGE + 10.0),
                        super::svg::coordinate(centre)
                    ),
                )
                .with_all(turned),
        );
        Plot {
            frame,
            x,
            y,
            elements,
            bottom: baseline + (x_title.len() as f64 - 1.0) * LEADING + EDGE,
            outside: None,
        }
    }

    /// The plot with its legend; `corners` are the places to try, as fractions of the free width and height.
    pub(super) fn with_legend(
        &self,
        entries: &[Entry],
        corners: &[(f64, f64)],
        obstacles: impl Fn(&Plot) -> Obstacles,
    ) -> Plot {
        let mut plot = self.plot();
        if entries.is_empty() {
            return plot;
        }
        let Obstacles { lines, areas } = obstacles(&plot);
        for hindrances in [
            lines.iter().chain(&areas).collect(),
            lines.iter().collect::<Vec<_>>(),
        ] {
            for share in [0.95, 0.72, 0.58, 0.46] {
                let legend = Legend::new(entries, plot.frame.width * share);
                let place = corners
                    .iter()
                    .find_map(|corner| legend.place(*corner, &plot.frame, &hindrances));
                if let Some((left, top)) = place {
                    plot.elements.push(legend.draw(left, top));
                    return plot;
                }
            }
        }
        plot.outside = Some(Legend::new(entries, WIDTH - 2.0 * EDGE));
        plot
    }
}

/// Axis lines, ticks and their labels; a label that would touch the one before it is left out.
fn axes(frame: &Frame, x: &Scale, y: &Scale, x_ticks: &[Tick], y_ticks: &[Tick]) -> Element {
    let mut ticks = format!(
        "M{} {}V{}H{}",
        super::svg::coordinate(frame.left),
        super::svg::coordinate(frame.top),
        super::svg::coordinate(frame.bottom()),
        super::svg::coordinate(frame.right())
    );
    let mut labels = Vec::new();
    let shown = spaced(x_ticks, x);
    for tick in x_ticks {
        let at = x.at(tick.value);
        ticks.push_str(&path(&[(at, frame.bottom()), (at, frame.bottom() + 5.0)]));
    }
    for tick in shown {
        labels.push(text::text(
            &[Run::words(&tick.label)],
            x.at(tick.value),
            frame.bottom() + 18.0,
            SMALL,
            Anchor::Middle,
        ));
    }
    for tick in y_ticks {
        let at = y.at(tick.value);
        ticks.push_str(&path(&[(frame.left, at), (frame.left - 5.0, at)]));
        labels.push(text::text(
            &[Run::words(&tick.label)],
            frame.left - 8.0,
            at + 4.0,
            SMALL,
            Anchor::End,
        ));
    }
    Element::new("g")
        .set("class", "axes")
        .with(
            Element::new("path")
                .set("d", ticks)
                .set("fill", "none")
                .set("stroke", "currentColor"),
        )
        .with_all(labels)
}

/// Every first, second, … tick, as many as do not touch.
pub(super) fn spaced<'a>(ticks: &'a [Tick], scale: &Scale) -> Vec<&'a Tick> {
    for every in 1..=ticks.len().max(1) {
        let chosen: Vec<&Tick> = ticks.iter().step_by(every).collect();
        let apart = chosen.windows(2).all(|pair| match pair {
            [first, second] => {
                let room = scale.at(second.value) - scale.at(first.value);
                let half = |tick: &Tick| text::width(&tick.label, SMALL, false) / 2.0;
                room >= half(first) + half(second) + 4.0
            }
            _ => true,
        });
        if apart {
            return chosen;
        }
    }
    Vec::new()
}

/// The group that holds the curves, with the scales by which a point can be read back.
pub(super) fn curves(plot: &Plot, step: &str) -> Element {
    let pair =
        |(a, b): (f64, f64)| format!("{} {}", full_precision(Some(a)), full_precision(Some(b)));
    Element::new("g")
        .set("class", "curves")
        .set("data-step", step)
        .set("data-x-domain", pair(plot.x.domain))
        .set("data-x-range", pair(plot.x.range))
        .set("data-y-domain", pair(plot.y.domain))
        .set("data-y-range", pair(plot.y.range))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Series(usize),
    Reference { dashed: bool },
    Point,
}

/// A line of the legend: a sample and words.
pub(super) struct Entry {
    pub(super) mark: Option<Mark>,
    pub(super) runs: Vec<Run>,
}

struct Legend {
    entries: Vec<(Option<Mark>, Vec<Line>)>,
    width: f64,
    height: f64,
}

const SAMPLE: f64 = 30.0;
const ENTRY_GAP: f64 = 3.0;

impl Legend {
    fn new(entries: &[Entry], limit: f64) -> Self {
        let indent = |mark: Option<Mark>| if mark.is_some() { SAMPLE } else { 0.0 };
        let entries: Vec<(Option<Mark>, Vec<Line>)> = entries
            .iter()
            .map(|entry| {
                (
                    entry.mark,
                    wrap(&entry.runs, SMALL, limit - indent(entry.mark)),
                )
            })
            .collect();
        let mut height = 0.0;
        for (_, lines) in &entries {
            height += lines.len() as f64 * (LEADING - 1.0) + ENTRY_GAP;
        }
        let width = entries
            .iter()
            .map(|(mark, lines)| widest(lines, SMALL) + indent(*mark))
            .fold(0.0, f64::max);
        Self {
            entries,
            width,
            height,
        }
    }

    /// Its left and top in a corner of the frame, if nothing runs there.
    fn place(
        &self,
        (across, down): (f64, f64),
        frame: &Frame,
        hindrances: &[&Vec<(f64, f64)>],
    ) -> Option<(f64, f64)> {
        let free = (
            frame.width - self.width - 16.0,
            frame.height - self.height - 9.0,
        );
        if free.0 < 0.0 || free.1 < 0.0 {
            return None;
        }
        let left = frame.left + 10.0 + free.0 * across;
        let top = frame.top + 4.0 + free.1 * down;
        let area = Frame {
            left: left - 5.0,
            top: top - 3.0,
            width: self.width + 10.0,
            height: self.height + 6.0,
        };
        (!hindrances.iter().any(|line| crosses(line, &area))).then_some((left, top))
    }

    fn draw(&self, left: f64, top: f64) -> Element {
        let mut group = Element::new("g").set("class", "legend");
        let mut y = top;
        for (mark, lines) in &self.entries {
            let middle = y + 7.5;
            let mut start = left;
            if let Some(mark) = mark {
                group.push(sample(*mark, left, middle));
                start += SAMPLE;
            }
            for line in paragraph(lines, start, y + 11.5, SMALL, LEADING - 1.0, Anchor::Start) {
                group.push(line);
            }
            y += lines.len() as f64 * (LEADING - 1.0) + ENTRY_GAP;
        }
        group
    }
}

/// The sample of a series: 24 wide.
fn sample(mark: Mark, left: f64, middle: f64) -> Element {
    let line = Element::new("path").set("d", path(&[(left, middle), (left + 24.0, middle)]));
    match mark {
        Mark::Series(series) => stroked(line, series),
        Mark::Reference { dashed } => reference(line, dashed),
        Mark::Point => point(left + 12.0, middle),
    }
}

/// A circle for a group of patients.
pub(super) fn point(x: f64, y: f64) -> Element {
    Element::new("circle")
        .set("class", "point")
        .at("cx", x)
        .at("cy", y)
        .at("r", POINT)
        .set("fill", "#ffffff")
        .set("stroke", "currentColor")
        .set("stroke-width", "1.3")
}

/// Does a polyline touch a rectangle?
fn crosses(line: &[(f64, f64)], area: &Frame) -> bool {
    line.windows(2).any(|pair| match pair {
        [from, to] => segment_crosses(*from, *to, area),
        _ => false,
    })
}

/// Clipping after Liang and Barsky: is there a part of the segment inside?
fn segment_crosses(from: (f64, f64), to: (f64, f64), area: &Frame) -> bool {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (step, room) in [
        (-dx, from.0 - area.left),
        (dx, area.right() - from.0),
        (-dy, from.1 - area.top),
        (dy, area.bottom() - from.1),
    ] {
        if step < 0.0 {
            enter = enter.max(room / step);
        } else if step > 0.0 {
            leave = leave.min(room / step);
        } else if room < 0.0 {
            return false;
        }
    }
    enter <= leave
}

/// What a line of text covers, centred on `x`.
pub(super) fn label_area(line: &[Run], x: f64, baseline: f64, size: f64) -> Frame {
    let width = line_width(line, size);
    Frame {
        left: x - width / 2.0,
        top: baseline - size * 0.85,
        width,
        height: size * 1.1,
    }
}

pub(super) fn overlap(first: &Frame, second: &Frame) -> bool {
    first.left < second.right()
        && second.left < first.right()
        && first.top < second.bottom()
        && second.top < first.bottom()
}

#[cfg(test)]
mod tests {
    use super::{Frame, crosses};

    #[test]
    fn a_line_through_or_inside_or_beside_an_area() {
        let area = Frame {
            left: 10.0,
            top: 10.0,
            width: 10.0,
            height: 10.0,
        };
        assert!(crosses(&[(0.0, 15.0), (30.0, 15.0)], &area));
        assert!(crosses(&[(12.0, 12.0), (13.0, 13.0)], &area));
        assert!(!crosses(&[(0.0, 5.0), (30.0, 5.0)], &area));
        assert!(!crosses(&[(0.0, 15.0), (5.0, 15.0), (5.0, 50.0)], &area));
    }
}
