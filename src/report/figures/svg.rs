//! A small writer of SVG: elements with attributes and text, everything escaped, coordinates with at most two decimals.

#[derive(Clone, Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Vec<Content>,
}

#[derive(Clone, Debug)]
enum Content {
    Element(Element),
    Text(String),
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            content: Vec::new(),
        }
    }

    pub(super) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    pub(super) fn at(self, name: &'static str, value: f64) -> Self {
        self.set(name, coordinate(value))
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.content.push(Content::Text(text.into()));
        self
    }

    pub(super) fn with(mut self, child: Self) -> Self {
        self.push(child);
        self
    }

    pub(super) fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.content
            .extend(children.into_iter().map(Content::Element));
        self
    }

    pub(super) fn push(&mut self, child: Self) {
        self.content.push(Content::Element(child));
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        if self.content.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        // One child a line, so that a change shows as a short difference; not inside text, where blanks are shown.
        let lines = !matches!(self.name, "text" | "tspan" | "title" | "desc");
        for content in &self.content {
            match content {
                Content::Text(text) => escape(text, out),
                Content::Element(child) => {
                    if lines {
                        out.push('\n');
                    }
                    child.write(out);
                }
            }
        }
        if lines {
            out.push('\n');
        }
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
    }
}

/// Text and attribute values; characters that XML 1.0 does not allow become U+FFFD.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
}

/// At most two decimals, no zeros behind them, no negative zero.
pub(super) fn coordinate(value: f64) -> String {
    let mut text = format!("{value:.2}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    if text == "-0" { "0".to_owned() } else { text }
}

/// The points of a polyline as path commands; a horizontal or vertical move names only the coordinate that changes,
/// which halves the bytes of curves of steps.
pub(super) fn path(points: &[(f64, f64)]) -> String {
    let mut commands = String::new();
    let mut before: Option<(String, String)> = None;
    for point in points {
        let (x, y) = (coordinate(point.0), coordinate(point.1));
        let command = match &before {
            None => format!("M{x} {y}"),
            Some((_, same)) if *same == y => format!("H{x}"),
            Some((same, _)) if *same == x => format!("V{y}"),
            Some(_) => format!("L{x} {y}"),
        };
        commands.push_str(&command);
        before = Some((x, y));
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::{Element, coordinate, path};

    #[test]
    fn coordinates_have_one_form() {
        assert_eq!(coordinate(-0.001), "0");
        assert_eq!(coordinate(10.0), "10");
        assert_eq!(coordinate(1.005), "1");
        assert_eq!(coordinate(-2.5), "-2.5");
        let points = [(0.0, 1.0), (2.5, 3.0), (4.0, 3.0), (4.0, 5.0)];
        assert_eq!(path(&points), "M0 1L2.5 3H4V5");
    }

    #[test]
    fn everything_is_escaped() {
        let element = Element::new("text")
            .set("data-id", "a\"b<c>")
            .text("<script>alert('1') & \u{8}</script>");
        let mut out = String::new();
        element.write(&mut out);
        assert_eq!(
            out,
            "<text data-id=\"a&quot;b&lt;c&gt;\">&lt;script&gt;alert('1') &amp; \u{fffd}&lt;/script&gt;</text>"
        );
    }
}
