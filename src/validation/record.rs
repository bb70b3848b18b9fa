//! A validation as text: a table for the terminal, and a document to be filed. Neither has a date: the same program on the same
//! cases writes the same bytes.

use std::fmt::Write as _;

use super::compare::{Deviation, Measure};
use super::run::{CaseResult, MethodSummary, Validation};

/// The methods in columns, then whatever failed.
pub fn summary_table(validation: &Validation) -> String {
    let mut rows = vec![
        [
            "method",
            "cases",
            "figures",
            "largest deviation",
            "allowed",
            "witness",
            "",
        ]
        .map(str::to_owned),
    ];
    rows.extend(validation.methods.iter().map(method_cells));
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let gap = " ".repeat(width - cell.chars().count());
            // Counts are aligned on the right.
            let (before, after) = if (1..=2).contains(&column) {
                (gap.as_str(), "")
            } else {
                ("", gap.as_str())
            };
            let _ = write!(line, "{before}{cell}{after}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    for case in validation.cases.iter().filter(|case| !case.passed()) {
        text.push('\n');
        text.push_str(&failure(case));
    }
    let _ = write!(text, "\n{}\n", conclusion(validation));
    text
}

/// A Markdown document: version, digest of the cases, methods, cases.
pub fn record(validation: &Validation) -> String {
    let mut text = format!(
        "# Validation record\n\n\
         prereg {} ran {} reference cases. Their figures were computed by other programs, named in the column *witness*; each\n\
         was compared with ours under the case's own tolerance.\n\n\
         **{}**\n\n\
         Digest of the cases and their tables (SHA-256 of the list at the end):\n`{}`\n\n\
         The deviation is relative to the expected figure, absolute where the case says so or 0 is expected, or, for methods\n\
         that draw at random, in standard deviations of the witness over its seeds. *exact* compares texts and counts. A method's\n\
         largest deviation is that of the figure which comes closest to what is allowed.\n\n\
         ## Methods\n\n\
         | method | cases | figures | largest deviation | allowed | witness | result |\n\
         |---|--:|--:|---|---|---|---|\n",
        env!("CARGO_PKG_VERSION"),
        validation.cases.len(),
        conclusion(validation),
        validation.digest,
    );
    for method in &validation.methods {
        let _ = writeln!(
            text,
            "| {} |",
            method_cells(method).map(escaped).join(" | ")
        );
    }
    if !validation.without_case.is_empty() {
        let _ = write!(
            text,
            "\nMethods without a case here: {}.\n",
            validation.without_case.join(", ")
        );
    }
    text.push_str(
        "\n## Cases\n\n| case | method | figures | largest deviation | of | allowed | witness | result |\n|---|---|--:|---|---|---|---|---|\n",
    );
    for case in &validation.cases {
        let (figures, [largest, allowed], field) = match &case.outcome {
            Ok(verdict) => (
                verdict.compared.to_string(),
                deviation_cells(verdict.largest.as_ref()),
                verdict
                    .largest
                    .as_ref()
                    .map_or(String::new(), |d| d.field.clone()),
            ),
            Err(error) => (
                "0".to_owned(),
                [error.to_string(), String::new()],
                String::new(),
            ),
        };
        let cells = [
            case.id.clone(),
            case.method.clone(),
            figures,
            largest,
            field,
            allowed,
            case.witness.clone(),
            result(case.passed()).to_owned(),
        ];
        let _ = writeln!(text, "| {} |", cells.map(escaped).join(" | "));
    }
    let failed: Vec<&CaseResult> = validation
        .cases
        .iter()
        .filter(|case| !case.passed())
        .collect();
    if !failed.is_empty() {
        text.push_str("\n## What failed\n\n```text\n");
        for case in failed {
            text.push_str(&failure(case));
        }
        text.push_str("```\n");
    }
    text.push_str("\n## Files\n\n```text\n");
    let mut files: Vec<_> = validation
        .cases
        .iter()
        .flat_map(|case| &case.files)
        .collect();
    files.sort();
    files.dedup();
    for (name, digest) in files {
        let _ = writeln!(text, "{digest}  {name}");
    }
    text.push_str("```\n");
    text
}

fn method_cells(method: &MethodSummary) -> [String; 7] {
    let [largest, allowed] = deviation_cells(method.largest.as_ref());
    [
        if method.method.is_empty() {
            "(none)".to_owned()
        } else {
            method.method.clone()
        },
        method.cases.to_string(),
        method.figures.to_string(),
        largest,
        allowed,
        method.witnesses.join("; "),
        result(method.passed).to_owned(),
    ]
}

fn result(passed: bool) -> &'static str {
    if passed { "pass" } else { "FAIL" }
}

/// The deviation and what is allowed.
fn deviation_cells(largest: Option<&Deviation>) -> [String; 2] {
    match largest {
        None => ["–".to_owned(), "–".to_owned()],
        Some(d) if d.measure == Measure::Equality => [
            if d.deviation == 0.0 {
                "none"
            } else {
                "differs"
            }
            .to_owned(),
            "exact".to_owned(),
        ],
        Some(d) if d.measure == Measure::StandardDeviations => [
            format!("{:.2} sd", d.deviation),
            format!("{} sd", d.allowed),
        ],
        Some(d) if d.deviation == 0.0 => ["0".to_owned(), format!("{:e}", d.allowed)],
        Some(d) => [
            format!("{:.1e} {}", d.deviation, d.measure),
            format!("{:e}", d.allowed),
        ],
    }
}

fn failure(case: &CaseResult) -> String {
    let mut text = String::new();
    match &case.outcome {
        Err(error) => {
            let _ = writeln!(text, "FAIL {}: {error}", case.file);
        }
        Ok(verdict) => {
            for d in &verdict.failures {
                let _ = write!(
                    text,
                    "FAIL {} ({}) {}: expected {}, computed {}",
                    case.file, case.method, d.field, d.expected, d.actual
                );
                if d.measure == Measure::Equality {
                    text.push('\n');
                } else {
                    let _ = writeln!(
                        text,
                        "; {:.1e} {}, {:.2e} times what is allowed",
                        d.deviation, d.measure, d.share_of_tolerance
                    );
                }
            }
        }
    }
    text
}

fn conclusion(validation: &Validation) -> String {
    let failed = validation
        .cases
        .iter()
        .filter(|case| !case.passed())
        .count();
    let (cases, figures) = (validation.cases.len(), validation.figures());
    if cases == 0 {
        return "There is no case (a file that ends in .json) here.".to_owned();
    }
    let what = format!(
        "{figures} figures in {cases} cases of {} methods",
        validation.methods.len()
    );
    if failed == 0 {
        format!("All agree: {what}.")
    } else {
        format!("{failed} of {cases} cases fail: {what} were compared.")
    }
}

fn escaped(cell: String) -> String {
    cell.replace('|', "\\|").replace('\n', " ")
}
