//! The report rendered from a sample of results: what a reader gets, that nothing in a label is ever markup, and the
//! errors of templates and of results that do not fit together.
//!
//! `UPDATE_EXPECT=1 cargo test report` writes the expected files anew; look at the difference.

use std::path::{Path, PathBuf};

use prereg::report::{
    Beside, Chart, Figure, HeaderCell, NoteKind, Part, Rendered, Results, Row, RowKind, StudyText,
    Table, Templates, WorkflowBox, WorkflowChart, render, render_beside,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report")
}

/// Tables 1 to 4 of Yang et al. 2022 as published, with curves drawn to resemble theirs.
fn sample() -> Results {
    let text = std::fs::read_to_string(folder().join("sample_results.json"))
        .expect("the sample can be read");
    serde_json::from_str(&text).expect("the sample is a results.json")
}

fn beside() -> Beside {
    Beside {
        study: Some(study_text()),
        ..Beside::default()
    }
}

/// The text that the sample pretends to have been declared by.
fn study_text() -> StudyText {
    let text = "study icc_dwi \"<script>alert(1)</script>\" {\n  seed 20220818\n}\n\nperformance table2 of cpr, rad_score on validation {\n  auc delong\n}\n";
    let table2 = text.find("performance").expect("the text declares it");
    let spans = [
        ("study".to_owned(), 0..table2 - 2),
        ("table2".to_owned(), table2..text.len()),
    ];
    StudyText::new(text, &spans.into_iter().collect())
}

fn rendered(results: &Results) -> Rendered {
    render_beside(results, &beside(), &Templates::Embedded).expect("the results can be rendered")
}

fn file(rendered: &Rendered, name: &str) -> String {
    String::from_utf8(rendered.files[name].clone()).expect("the files are UTF-8")
}

fn check(name: &str, actual: &str) {
    let path = folder().join("expected").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("the folder can be made");
        std::fs::write(&path, actual).expect("the expected file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let line = expected
        .lines()
        .zip(actual.lines())
        .position(|(a, b)| a != b)
        .unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    assert!(
        expected == actual,
        "{name} differs from line {}:\nexpected: {}\nactual:   {}\n(UPDATE_EXPECT=1 accepts the new file)",
        line + 1,
        expected.lines().nth(line).unwrap_or("(end)"),
        actual.lines().nth(line).unwrap_or("(end)")
    );
}

/// Leaves a report where the browser check finds it: `node tests/browser/check.mjs target/tmp/NAME/report.html`.
fn leave(name: &str, rendered: &Rendered) {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (path, bytes) in &rendered.files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("the folder can be made");
        std::fs::write(path, bytes).expect("the report can be written");
    }
}

#[test]
fn markdown_tables_and_figures_read_as_before() {
    let rendered = rendered(&sample());
    leave("report-sample", &rendered);
    check("report.md", &file(&rendered, "report.md"));
    for table in ["table1", "table2", "table3", "table4"] {
        check(
            &format!("{table}.csv"),
            &file(&rendered, &format!("tables/{table}.csv")),
        );
    }
    for figure in [
        "figure1.a",
        "figure2.a",
        "figure3.a",
        "figure4.a",
        "figure5.a",
        "figure6.c",
        "figure7.a",
    ] {
        check(
            &format!("{figure}.svg"),
            &file(&rendered, &format!("figures/{figure}.svg")),
        );
    }
    check("figure5.a.csv", &file(&rendered, "figures/figure5.a.csv"));
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let (first, second) = (rendered(&sample()), rendered(&sample()));
    assert_eq!(first, second);
    let read: Results =
        serde_json::from_slice(&first.files["results.json"]).expect("results.json can be read");
    assert_eq!(read, sample());
}

#[test]
fn one_file_that_asks_the_network_for_nothing() {
    let html = file(&rendered(&sample()), "report.html");
    let without_namespace = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for reference in [
        "http:",
        "https:",
        "//cdn",
        "@import",
        "url(http",
        " src=",
        "<link rel=\"stylesheet\"",
    ] {
        assert!(
            !without_namespace.contains(reference),
            "the page refers to `{reference}`"
        );
    }
    assert!(html.contains("default-src &#x27;none&#x27;"));
}

/// Every value of the sample that is shown somewhere, with its id, its full-precision value and its step.
#[test]
fn every_number_of_the_page_carries_its_descent() {
    let results = sample();
    let html = file(&rendered(&results), "report.html");
    for value in &results.values {
        let id = format!("data-id=\"{}\"", value.id);
        let tags: Vec<&str> = html
            .match_indices(&id)
            .map(|(at, _)| {
                let start = html[..at].rfind('<').expect("an attribute is in a tag");
                let end = at + html[at..].find('<').expect("a tag is followed by another");
                &html[start..end]
            })
            .collect();
        assert!(!tags.is_empty(), "{} is shown nowhere", value.id);
        for tag in tags {
            assert!(
                tag.contains(&format!("data-step=\"{}\"", value.step)),
                "{tag}"
            );
            assert!(tag.contains("value=\""), "{tag}");
            let shown = value.display.replace('<', "&lt;");
            assert!(
                tag.ends_with(&format!(">{shown}")),
                "{tag} should show {}",
                value.display
            );
        }
    }
}

#[test]
fn the_data_of_the_page_are_json_that_cannot_end_the_script() {
    let html = file(&rendered(&hostile()), "report.html");
    let (_, rest) = html
        .split_once("id=\"report-data\">")
        .expect("the page holds its data");
    let (json, _) = rest
        .split_once("</script>")
        .expect("the script element ends");
    assert!(!json.contains('<'));
    let data: serde_json::Value = serde_json::from_str(json).expect("the data are JSON");
    assert_eq!(
        data["values"]["table1.training.n"]["field"],
        "result#/groups/training/n"
    );
}

const HOSTILE: &str = "<script>alert(1)</script> \"q\" 'a' | `c` {{ x }} {% y %} & <b>*_[l](u)_*";

/// The sample with every word that an author or a data file can choose made as bad and as long as may be.
fn hostile() -> Results {
    fn parts(parts: &mut [Part]) {
        for part in parts {
            if let Part::Text(text) = part
                && text.len() > 6
            {
                text.push_str(HOSTILE);
            }
        }
    }
    fn label(text: &mut String) {
        text.push_str(HOSTILE);
    }
    let mut results = sample();
    label(&mut results.study.title);
    label(&mut results.study.name);
    label(&mut results.study.version);
    results.inputs.iter_mut().for_each(|input| {
        let old = input.file.clone();
        label(&mut input.file);
        for step in &mut results.steps {
            for name in step.inputs.iter_mut().filter(|name| **name == old) {
                label(name);
            }
        }
    });
    results
        .notes
        .iter_mut()
        .for_each(|note| parts(&mut note.text));
    for table in &mut results.tables {
        label(&mut table.title);
        table
            .header
            .iter_mut()
            .flatten()
            .for_each(|cell| parts(&mut cell.text));
        table.footnotes.iter_mut().for_each(|note| parts(note));
        for row in &mut table.rows {
            row.cells.iter_mut().for_each(|cell| parts(cell));
        }
    }
    for figure in &mut results.figures {
        label(&mut figure.title);
        parts(&mut figure.caption);
        for panel in &mut figure.panels {
            label(&mut panel.title);
            match &mut panel.chart {
                Chart::Flow(chart) => {
                    parts(&mut chart.screened);
                    parts(&mut chart.included);
                    chart
                        .exclusions
                        .iter_mut()
                        .chain(&mut chart.sets)
                        .for_each(|text| parts(text));
                }
                Chart::Workflow(chart) => chart
                    .boxes
                    .iter_mut()
                    .for_each(|declared| label(&mut declared.label)),
                Chart::Roc(chart) => chart
                    .curves
                    .iter_mut()
                    .for_each(|curve| label(&mut curve.label)),
                Chart::Calibration(chart) => chart
                    .lines
                    .iter_mut()
                    .for_each(|line| label(&mut line.label)),
                Chart::DecisionCurve(chart) => chart
                    .models
                    .iter_mut()
                    .for_each(|model| label(&mut model.label)),
                Chart::KaplanMeier(chart) => {
                    label(&mut chart.endpoint);
                    label(&mut chart.time_unit);
                    chart
                        .groups
                        .iter_mut()
                        .for_each(|group| label(&mut group.label));
                }
                Chart::Forest(chart) => {
                    chart.rows.iter_mut().for_each(|row| label(&mut row.label));
                    label(&mut chart.favours.0);
                    label(&mut chart.favours.1);
                }
                Chart::Nomogram(chart) => {
                    label(&mut chart.outcome);
                    chart
                        .axes
                        .iter_mut()
                        .for_each(|axis| label(&mut axis.label));
                }
            }
        }
    }
    results
}

#[test]
fn no_label_becomes_markup() {
    let rendered = rendered(&hostile());
    leave("report-hostile", &rendered);
    for (name, bytes) in &rendered.files {
        let text = String::from_utf8(bytes.clone()).expect("the files are UTF-8");
        if name.ends_with(".html") || name.ends_with(".svg") {
            assert!(!text.contains("<script>alert"), "{name}");
            assert!(!text.contains("<b>"), "{name}");
        }
        if name.ends_with(".md") {
            assert!(!text.replace("\\<", "").contains("<script"), "{name}");
            // A pipe table keeps its columns: every row of a table has as many bare pipes as its header.
            for table in text.split("\n\n").filter(|block| block.starts_with('|')) {
                let pipes = |line: &str| line.replace("\\|", "").matches('|').count();
                let header = pipes(table.lines().next().unwrap_or_default());
                assert!(table.lines().all(|line| pipes(line) == header), "{table}");
            }
        }
        if name.ends_with(".csv") {
            let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
            for record in reader.records() {
                record.unwrap_or_else(|problem| panic!("{name}: {problem}"));
            }
        }
    }
}

#[test]
fn csv_cells_read_back_as_the_text_of_the_table() {
    let rendered = rendered(&sample());
    let mut reader = csv::Reader::from_reader(rendered.files["tables/table3.csv"].as_slice());
    let header: Vec<String> = reader
        .headers()
        .expect("there is a header")
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(header[0], "Characteristics");
    assert_eq!(header[1], "Univariable analysis: HR");
    assert_eq!(header[6], "Multivariable analysis: P");
    let rows: Vec<csv::StringRecord> = reader
        .records()
        .map(|row| row.expect("every row can be read"))
        .collect();
    assert!(
        rows.iter()
            .any(|row| &row[0] == "Irregular tumor margin" && &row[2] == "1.166–3.198")
    );
    assert!(rows.iter().any(|row| &row[0] == "  T1b"));
}

#[test]
fn a_name_that_nobody_defined_is_an_error_with_template_and_line() {
    let problem = |name: &str, source: &str| {
        let replaced = [(name.to_owned(), source.to_owned())].into_iter().collect();
        render(&sample(), &Templates::Replaced(replaced))
            .expect_err("the template is at fault")
            .to_string()
    };
    assert_eq!(
        problem("report.md.j2", "# {{ study.title }}\n\n{{ study.auc }}\n"),
        "template `report.md.j2`, line 3: undefined value: `study.auc` is undefined"
    );
    assert_eq!(
        problem(
            "parts.html.j2",
            "{% macro words(runs) %}\n{{ nobody }}\n{% endmacro %}{% macro rows(table) %}{% endmacro %}"
        ),
        "template `parts.html.j2`, line 2: undefined value: `nobody`"
    );
    assert!(
        problem("report.html.j2", "{% for x in %}")
            .starts_with("template `report.html.j2`, line 1: ")
    );
}

#[test]
fn a_study_may_bring_its_own_templates() {
    let replaced = [
        ("report.md.j2", "{% include \"head.md.j2\" %}"),
        ("head.md.j2", "# {{ study.title }}\n"),
    ];
    let replaced = replaced
        .map(|(name, source)| (name.to_owned(), source.to_owned()))
        .into_iter()
        .collect();
    let mut results = sample();
    results.study.title = "*A*".to_owned();
    let rendered =
        render(&results, &Templates::Replaced(replaced)).expect("the templates are right");
    assert_eq!(file(&rendered, "report.md"), "# \\*A\\*\n");
}

#[test]
fn results_that_do_not_fit_together_are_refused_by_name() {
    let problem = |change: &dyn Fn(&mut Results)| {
        let mut results = sample();
        change(&mut results);
        render(&results, &Templates::Embedded)
            .expect_err("the results are spoilt")
            .to_string()
    };
    assert_eq!(
        problem(&|results| results
            .values
            .retain(|value| value.id != "table2.validation.cpr.auc")),
        "`table2` shows the value `table2.validation.cpr.auc`, which is not reported"
    );
    assert_eq!(
        problem(&|results| results.order.push("table9".to_owned())),
        "the report's order names `table9`, which is neither table nor figure"
    );
    assert_eq!(
        problem(&|results| results.tables[0].id = "../table1".to_owned()),
        "`../table1` cannot name a file: use letters, digits, `_`, `-` and `.`, and begin with a letter or digit"
    );
    assert_eq!(
        problem(&|results| results.tables[1].id = "table1".to_owned()),
        "two things in the report are called `table1`"
    );
    assert_eq!(
        problem(&|results| {
            results.tables[0].rows[1].cells.pop();
        }),
        "row 2 of `table1` has 3 cells instead of 4"
    );
    assert_eq!(
        problem(&|results| results.tables[2].header[1][0].span = 2),
        "a row of the header of `table3` covers 8 columns instead of 7"
    );
    assert_eq!(
        problem(&|results| {
            if let Chart::Roc(chart) = &mut results.figures[1].panels[0].chart {
                chart.curves[0].sensitivity.pop();
            }
        })
        .split(" [")
        .next(),
        Some("`CPR model` of the chart `figure2.a` has lists of unequal lengths")
    );
    assert_eq!(
        problem(&|results| {
            if let Chart::KaplanMeier(chart) = &mut results.figures[4].panels[0].chart {
                chart.groups[0].survival[3] = f64::NAN;
            }
        }),
        "`Low risk` of the chart `figure5.a` has a number that is not finite"
    );
}

/// A study may have one table and nothing else, and charts without any curve.
#[test]
fn the_least_that_can_be_reported() {
    let mut results = sample();
    results.notes.clear();
    results.methods.clear();
    results.findings.clear();
    results.inputs.clear();
    results.values.clear();
    results.steps.clear();
    results.tables = vec![Table {
        id: "t".to_owned(),
        number: "1".to_owned(),
        title: "Empty".to_owned(),
        header: vec![vec![HeaderCell {
            text: Vec::new(),
            span: 1,
        }]],
        rows: vec![Row {
            kind: RowKind::Data,
            cells: vec![vec![Part::Text("row".to_owned())]],
        }],
        footnotes: Vec::new(),
    }];
    for figure in &mut results.figures {
        empty(figure);
    }
    results.order.retain(|id| id.starts_with("figure"));
    results.order.push("t".to_owned());
    leave("report-least", &rendered(&results));
}

fn empty(figure: &mut Figure) {
    figure.caption.clear();
    for panel in &mut figure.panels {
        match &mut panel.chart {
            Chart::Flow(chart) => {
                chart.screened.clear();
                chart.included.clear();
                chart.exclusions.clear();
                chart.sets.clear();
            }
            Chart::Workflow(chart) => chart.boxes.clear(),
            Chart::Roc(chart) => chart.curves.clear(),
            Chart::Calibration(chart) => {
                chart.lines.clear();
                chart.groups.clear();
                chart.legend.clear();
            }
            Chart::DecisionCurve(chart) => {
                chart.models.clear();
                chart.thresholds.clear();
                chart.treat_all.clear();
            }
            Chart::KaplanMeier(chart) => {
                chart.groups.clear();
                chart.risk_times.clear();
                chart.legend.clear();
            }
            Chart::Forest(chart) => chart.rows.clear(),
            Chart::Nomogram(chart) => chart.axes.clear(),
        }
    }
}

/// A picture whose points can be read back, through the scales that it names, as the numbers that were drawn.
struct Picture {
    svg: String,
    x: [f64; 4],
    y: [f64; 4],
}

impl Picture {
    fn new(svg: String) -> Self {
        let scale = |axis: &str| -> [f64; 4] {
            let pair = |what: &str| -> Vec<f64> {
                let start = format!("data-{axis}-{what}=\"");
                let (_, rest) = svg
                    .split_once(&start)
                    .expect("the curves name their scales");
                let (numbers, _) = rest.split_once('"').expect("an attribute ends");
                let numbers = numbers.split(' ').map(|number| number.parse());
                numbers
                    .collect::<Result<_, _>>()
                    .expect("an attribute of numbers")
            };
            let (domain, range) = (pair("domain"), pair("range"));
            [domain[0], domain[1], range[0], range[1]]
        };
        Self {
            x: scale("x"),
            y: scale("y"),
            svg,
        }
    }

    /// The corners of a series' path.
    fn series(&self, label: &str) -> Vec<(f64, f64)> {
        let name = format!("data-series=\"{label}\"");
        let element = self
            .svg
            .lines()
            .find(|line| line.contains(&name))
            .expect("every series is drawn");
        let (_, rest) = element.split_once(" d=\"").expect("a series is a path");
        let (path, _) = rest.split_once('"').expect("an attribute ends");
        let back = |at: f64, [low, high, start, end]: [f64; 4]| {
            low + (at - start) / (end - start) * (high - low)
        };
        let (mut x, mut y) = (0.0, 0.0);
        let mut corners = Vec::new();
        let starts: Vec<usize> = path
            .match_indices(char::is_alphabetic)
            .map(|(at, _)| at)
            .collect();
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(path.len());
            let numbers: Vec<f64> = path[start + 1..end]
                .split(' ')
                .map(|number| number.parse().expect("a coordinate"))
                .collect();
            match (&path[*start..=*start], numbers.as_slice()) {
                ("M" | "L", [a, b]) => (x, y) = (*a, *b),
                ("H", [a]) => x = *a,
                ("V", [b]) => y = *b,
                command => unreachable!("{command:?}"),
            }
            corners.push((back(x, self.x), back(y, self.y)));
        }
        corners
    }
}

/// Coordinates have two decimals, so a number reads back to half a hundredth of the frame's size.
fn near(read: (f64, f64), truth: (f64, f64), picture: &Picture) -> bool {
    let reach = |[low, high, start, end]: [f64; 4]| 0.0051 * (high - low) / (end - start).abs();
    (read.0 - truth.0).abs() <= reach(picture.x) && (read.1 - truth.1).abs() <= reach(picture.y)
}

#[test]
fn points_read_back_from_pictures_are_those_of_the_results() {
    let results = sample();
    let rendered = rendered(&results);
    for panel in results.figures.iter().flat_map(|figure| &figure.panels) {
        let series: Vec<(&str, Vec<(f64, f64)>)> = match &panel.chart {
            Chart::Roc(chart) => chart
                .curves
                .iter()
                .map(|curve| {
                    (
                        curve.label.as_str(),
                        pairs(&curve.false_positive_rate, &curve.sensitivity),
                    )
                })
                .collect(),
            Chart::DecisionCurve(chart) => chart
                .models
                .iter()
                .map(|model| {
                    (
                        model.label.as_str(),
                        pairs(&chart.thresholds, &model.net_benefit),
                    )
                })
                .collect(),
            Chart::Calibration(chart) => chart
                .lines
                .iter()
                .map(|line| (line.label.as_str(), pairs(&line.predicted, &line.observed)))
                .collect(),
            Chart::KaplanMeier(chart) => chart
                .groups
                .iter()
                .map(|group| (group.label.as_str(), pairs(&group.times, &group.survival)))
                .collect(),
            Chart::Flow(_) | Chart::Workflow(_) | Chart::Forest(_) | Chart::Nomogram(_) => continue,
        };
        let picture = Picture::new(file(&rendered, &format!("figures/{}.svg", panel.id)));
        for (label, truth) in series {
            let mut read = picture.series(label);
            if matches!(panel.chart, Chart::KaplanMeier(_)) {
                // Between two times a curve of steps has the corner before the fall; at the end it runs on.
                read = read.into_iter().step_by(2).collect();
            }
            assert_eq!(read.len(), truth.len(), "{label} of {}", panel.id);
            for (read, truth) in read.into_iter().zip(truth) {
                assert!(
                    near(read, truth, &picture),
                    "{read:?} instead of {truth:?}: {label} of {}",
                    panel.id
                );
            }
        }
    }
}

fn pairs(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    x.iter().copied().zip(y.iter().copied()).collect()
}

#[test]
fn every_kind_of_note_has_a_name() {
    let mut results = sample();
    for (kind, name) in [
        (NoteKind::Evidence, "Evidence"),
        (NoteKind::Leakage, "Leakage allowed"),
        (NoteKind::Warning, "Warning"),
        (NoteKind::Information, "Note"),
    ] {
        results.notes.truncate(1);
        results.notes[0].kind = kind;
        let rendered = rendered(&results);
        assert!(file(&rendered, "report.html").contains(&format!("<dt>{name}</dt>")));
        assert!(file(&rendered, "report.md").contains(&format!("- **{name}.** ")));
    }
}

/// The text of the study stands in the page, each statement linked with what it declares; the page knows the lines of
/// every step.
#[test]
fn the_study_is_linked_both_ways() {
    let files = rendered(&sample()).files;
    let page = String::from_utf8(files["report.html"].clone()).expect("a page is text");
    assert!(page.contains(
        "<li id=\"study-5\"><code>performance table2 of cpr, rad_score on validation {</code> <a class=\"shown\" \
         href=\"#table2\">Table 2</a>"
    ));
    assert!(!page.contains("<script>alert(1)</script>"));
    assert!(page.contains(r#""statements":{"study":[1,3],"table2":[5,7]}"#));
    assert!(page.contains(r#""declared":"table2""#));
}

/// Without its text a report has no such part, and nothing that points at it.
#[test]
fn a_report_without_the_text_of_its_study() {
    let files = render(&sample(), &Templates::Embedded)
        .expect("the sample can be rendered")
        .files;
    let page = String::from_utf8(files["report.html"].clone()).expect("a page is text");
    assert!(!page.contains("report-study"));
    assert!(page.contains(r#""statements":null"#));
}

/// The graph of a study: what leads to a box stands above it, and every box is named.
#[test]
fn a_workflow_leads_from_the_data_to_the_analyses() {
    let mut results = sample();
    let declared = |name: &str, row: usize, from: &[&str]| WorkflowBox {
        name: name.to_owned(),
        label: format!("The {name}"),
        what: "Analysis".to_owned(),
        row,
        from: from.iter().map(|name| (*name).to_owned()).collect(),
    };
    results.figures[0].panels[0].chart = Chart::Workflow(WorkflowChart {
        boxes: vec![
            declared("table", 0, &[]),
            declared("cohort", 1, &["table"]),
            declared("curves", 2, &["cohort"]),
        ],
    });
    let id = results.figures[0].panels[0].id.clone();
    let files = rendered(&results).files;
    let picture = String::from_utf8(files[&format!("figures/{id}.svg")].clone()).expect("text");
    let tops: Vec<f64> = picture
        .split("class=\"box paper\"")
        .skip(1)
        .map(|rest| {
            let y = rest
                .split("y=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            y.and_then(|y| y.parse().ok()).expect("a box has a place")
        })
        .collect();
    assert_eq!(tops.len(), 3);
    assert!(picture.contains("The curves from The cohort"));
    let data = String::from_utf8(files[&format!("figures/{id}.csv")].clone()).expect("text");
    assert!(
        data.contains("curves,The curves,Analysis,2,cohort"),
        "{data}"
    );
}
