//! Reads the numbers of a finished report back from its files and compares them with `results.json`.
//!
//! The files are rendered again from `results.json`; what a file says must be what is rendered. Where it is not, the
//! number is named: in HTML by the id that every number carries, in CSV by row and column, in Markdown and elsewhere by
//! the line.

use std::collections::BTreeMap;
use std::path::Path;

use super::compare::Difference;

/// A number in the page: `<data value="FULL" data-id="ID">SHOWN</data>`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    id: String,
    full: String,
    text: String,
}

/// Compares the files of a report with what is rendered from its results. `results.json` itself is not looked at.
pub fn read_back(folder: &Path, rendered: &BTreeMap<String, Vec<u8>>) -> Vec<Difference> {
    let mut found = Vec::new();
    for (name, expected) in rendered {
        if name == "results.json" {
            continue;
        }
        let bytes = match std::fs::read(folder.join(name)) {
            Ok(bytes) => bytes,
            Err(error) => {
                found.push(Difference::new(name, format!("cannot be read: {error}")));
                continue;
            }
        };
        if bytes == *expected {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        let expected = String::from_utf8_lossy(expected);
        let mut here = match name.rsplit('.').next() {
            Some("html") => numbers_of_page(name, &text, &expected),
            Some("csv") => cells(name, &text, &expected),
            _ => Vec::new(),
        };
        if here.is_empty() {
            here = lines(name, &text, &expected);
        }
        found.append(&mut here);
    }
    for sub in ["tables", "figures"] {
        let Ok(entries) = std::fs::read_dir(folder.join(sub)) else {
            continue;
        };
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| format!("{sub}/{}", entry.file_name().to_string_lossy()))
            .collect();
        names.sort();
        for name in names
            .into_iter()
            .filter(|name| !rendered.contains_key(name))
        {
            found.push(Difference::new(name, "is no part of the report"));
        }
    }
    found
}

fn numbers_of_page(name: &str, text: &str, expected: &str) -> Vec<Difference> {
    let (found, expected) = (shown(text), shown(expected));
    let mut differences = Vec::new();
    if found.len() != expected.len() {
        let problem = format!(
            "shows {} numbers instead of {}",
            found.len(),
            expected.len()
        );
        return vec![Difference::new(name, problem)];
    }
    for (is, should) in found.iter().zip(&expected) {
        if is.id != should.id {
            differences.push(Difference::new(
                name,
                format!("a number is named `{}` instead of `{}`", is.id, should.id),
            ));
        } else if is.text != should.text {
            differences.push(Difference::new(
                format!("{name}: {}", should.id),
                format!("shows {}, results.json says {}", is.text, should.text),
            ));
        } else if is.full != should.full {
            differences.push(Difference::new(
                format!("{name}: {}", should.id),
                format!("holds {}, results.json says {}", is.full, should.full),
            ));
        }
    }
    differences
}

/// The numbers of a page in their order.
fn shown(page: &str) -> Vec<Shown> {
    let attribute = |tag: &str, name: &str| {
        let after = tag.split(&format!(" {name}=\"")).nth(1)?;
        after.split('"').next().map(str::to_owned)
    };
    page.split("<data ")
        .skip(1)
        .filter_map(|rest| {
            let (tag, rest) = rest.split_once('>')?;
            let (text, _) = rest.split_once("</data>")?;
            let tag = format!(" {tag}");
            Some(Shown {
                id: attribute(&tag, "data-id")?,
                full: attribute(&tag, "value").unwrap_or_default(),
                text: text.to_owned(),
            })
        })
        .collect()
}

fn cells(name: &str, text: &str, expected: &str) -> Vec<Difference> {
    let rows = |text: &str| -> Option<Vec<csv::StringRecord>> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes())
            .into_records()
            .collect::<Result<_, _>>()
            .ok()
    };
    let (Some(found), Some(expected)) = (rows(text), rows(expected)) else {
        return vec![Difference::new(name, "is no CSV any more")];
    };
    if found.len() != expected.len() {
        let problem = format!("has {} rows instead of {}", found.len(), expected.len());
        return vec![Difference::new(name, problem)];
    }
    let mut differences = Vec::new();
    for (row, (is, should)) in found.iter().zip(&expected).enumerate() {
        for column in 0..is.len().max(should.len()) {
            let (is, should) = (is.get(column), should.get(column));
            if is != should {
                differences.push(Difference::new(
                    format!("{name}, row {}, column {}", row + 1, column + 1),
                    format!(
                        "says {}, results.json gives {}",
                        is.unwrap_or("nothing"),
                        should.unwrap_or("nothing")
                    ),
                ));
            }
        }
    }
    differences
}

fn lines(name: &str, text: &str, expected: &str) -> Vec<Difference> {
    let (found, should): (Vec<&str>, Vec<&str>) =
        (text.lines().collect(), expected.lines().collect());
    let mut differences: Vec<Difference> = found
        .iter()
        .zip(&should)
        .enumerate()
        .filter(|(_, (is, should))| is != should)
        .map(|(line, (is, should))| {
            let (is, should) = apart(is, should);
            Difference::new(
                format!("{name}, line {}", line + 1),
                format!("says “{is}”, results.json gives “{should}”"),
            )
        })
        .collect();
    if found.len() != should.len() {
        let problem = format!("has {} lines instead of {}", found.len(), should.len());
        differences.push(Difference::new(name, problem));
    }
    if differences.is_empty() {
        differences.push(Difference::new(
            name,
            "its line ends differ from the rendered ones",
        ));
    }
    differences
}

/// Two lines from a little before the place where they part, a few words long.
fn apart(is: &str, should: &str) -> (String, String) {
    let same = is
        .chars()
        .zip(should.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let cut = |line: &str| {
        line.chars()
            .skip(same.saturating_sub(20))
            .take(60)
            .collect()
    };
    (cut(is), cut(should))
}

#[cfg(test)]
mod tests {
    use super::{Shown, shown};

    #[test]
    fn numbers_of_a_page() {
        let page = r#"<p><data class="value" value="0.5" data-id="a.b" data-step="s">0.50</data> and <b>1</b></p>"#;
        let expected = Shown {
            id: "a.b".to_owned(),
            full: "0.5".to_owned(),
            text: "0.50".to_owned(),
        };
        assert_eq!(shown(page), [expected]);
    }
}
