//! Tables and the data of figures as CSV (UTF-8, one line feed a row, quoted where needed).
//!
//! A label that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@` or a control character) gets an
//! apostrophe before it, as spreadsheets themselves write text. Numbers are never touched.

use super::grid::Grid;
use super::render::RenderError;
use super::results::{Chart, Panel};
use super::values::{Run, Values, full_precision, plain};

/// What the table shows, its header in one row; levels are indented by two blanks.
pub(super) fn table(grid: &Grid) -> String {
    lines(&cells(grid))
}

/// The same separated by tabs: what a spreadsheet takes from the clipboard.
pub(super) fn tabs(grid: &Grid) -> String {
    let rows: Vec<String> = cells(grid).iter().map(|row| row.join("\t")).collect();
    rows.join("\n")
}

fn cells(grid: &Grid) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> =
        vec![grid.flat_header().iter().map(|text| label(text)).collect()];
    for section in &grid.sections {
        if let Some(heading) = &section.heading {
            let mut cells = vec![String::new(); grid.columns];
            if let Some(first) = cells.first_mut() {
                *first = cell(heading);
            }
            rows.push(cells);
        }
        for row in &section.rows {
            let mut cells: Vec<String> = row.cells.iter().map(|runs| cell(runs)).collect();
            if let Some(first) = cells
                .first_mut()
                .filter(|first| row.level && !first.is_empty())
            {
                first.insert_str(0, "  ");
            }
            rows.push(cells);
        }
    }
    rows
}

/// The curves of a panel at full precision, one row a point.
pub(super) fn panel(panel: &Panel, values: &Values) -> Result<String, RenderError> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |cells: &[&str]| rows.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
    let number = |value: f64| full_precision(Some(value));
    let text = |parts| -> Result<String, RenderError> { Ok(cell(&values.runs(parts, &panel.id)?)) };
    match &panel.chart {
        Chart::Flow(chart) => {
            row(&["box", "text"]);
            row(&["screened", &text(&chart.screened)?]);
            for exclusion in &chart.exclusions {
                row(&["excluded", &text(exclusion)?]);
            }
            row(&["included", &text(&chart.included)?]);
            for set in &chart.sets {
                row(&["set", &text(set)?]);
            }
        }
        Chart::Roc(chart) => {
            row(&["curve", "false_positive_rate", "sensitivity"]);
            for curve in &chart.curves {
                for (x, y) in curve.false_positive_rate.iter().zip(&curve.sensitivity) {
                    row(&[&label(&curve.label), &number(*x), &number(*y)]);
                }
            }
        }
        Chart::Calibration(chart) => {
            row(&["series", "predicted", "observed", "lower", "upper", "n"]);
            for line in &chart.lines {
                for (index, (x, y)) in line.predicted.iter().zip(&line.observed).enumerate() {
                    let limit = |limits: &Option<Vec<f64>>| {
                        full_precision(
                            limits
                                .as_ref()
                                .and_then(|limits| limits.get(index))
                                .copied(),
                        )
                    };
                    row(&[
                        &label(&line.label),
                        &number(*x),
                        &number(*y),
                        &limit(&line.lower),
                        &limit(&line.upper),
                        "",
                    ]);
                }
            }
            for group in &chart.groups {
                let n = group.n.to_string();
                row(&[
                    "groups of patients",
                    &number(group.predicted),
                    &number(group.observed),
                    "",
                    "",
                    &n,
                ]);
            }
        }
        Chart::DecisionCurve(chart) => {
            row(&["series", "threshold", "net_benefit"]);
            let models = chart
                .models
                .iter()
                .map(|model| (label(&model.label), &model.net_benefit))
                .chain([("treat all".to_owned(), &chart.treat_all)]);
            for (name, net_benefit) in models {
                for (x, y) in chart.thresholds.iter().zip(net_benefit) {
                    row(&[&name, &number(*x), &number(*y)]);
                }
            }
        }
        Chart::KaplanMeier(chart) => {
            row(&[
                "group", "kind", "time", "survival", "lower", "upper", "at_risk",
            ]);
            for group in &chart.groups {
                let name = label(&group.label);
                let intervals = group.lower.iter().zip(&group.upper);
                for ((time, survival), (lower, upper)) in
                    group.times.iter().zip(&group.survival).zip(intervals)
                {
                    row(&[
                        &name,
                        "curve",
                        &number(*time),
                        &number(*survival),
                        &full_precision(*lower),
                        &full_precision(*upper),
                        "",
                    ]);
                }
                for time in &group.censored {
                    row(&[&name, "censored", &number(*time), "", "", "", ""]);
                }
                for (time, id) in chart.risk_times.iter().zip(&group.at_risk) {
                    let run = values.run(id, &panel.id)?;
                    row(&[&name, "at risk", &number(*time), "", "", "", &run.text]);
                }
            }
        }
        Chart::Nomogram(chart) => {
            row(&["axis", "label", "points"]);
            for axis in &chart.axes {
                for tick in &axis.ticks {
                    row(&[
                        &label(&axis.label),
                        &label(&tick.label),
                        &number(tick.points),
                    ]);
                }
            }
            for tick in &chart.probabilities {
                row(&["probability", &label(&tick.label), &number(tick.points)]);
            }
        }
        Chart::Forest(chart) => {
            row(&["label", "estimate", "lower", "upper", "text"]);
            for line in &chart.rows {
                row(&[
                    &label(&line.label),
                    &full_precision(line.estimate),
                    &full_precision(line.lower),
                    &full_precision(line.upper),
                    &text(&line.text)?,
                ]);
            }
        }
    }
    Ok(lines(&rows))
}

/// The words of a cell; a cell that begins with a number is no formula, whatever its sign.
fn cell(runs: &[Run]) -> String {
    let text = plain(runs);
    match runs.first() {
        Some(first) if first.value.is_some() => text,
        _ => label(&text),
    }
}

fn label(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn lines(rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') {
                out.push('"');
                out.push_str(&cell.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(cell);
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{label, lines};

    #[test]
    fn a_label_never_becomes_a_formula() {
        assert_eq!(
            label("=HYPERLINK(\"http://x\")"),
            "'=HYPERLINK(\"http://x\")"
        );
        assert_eq!(label("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(label("- none"), "'- none");
        assert_eq!(label("-9"), "-9");
        assert_eq!(label("Age"), "Age");
    }

    #[test]
    fn what_needs_quotes_is_quoted() {
        let rows = [vec![
            "a,b".to_owned(),
            "say \"yes\"".to_owned(),
            String::new(),
            "plain".to_owned(),
        ]];
        assert_eq!(lines(&rows), "\"a,b\",\"say \"\"yes\"\"\",,plain\n");
    }
}
