//! Table 1: characteristics of the patients, compared between groups.

use crate::plan::{Characteristics, CharacteristicsItem, ColumnKind, NumberSummary, Plan, places};
use crate::report::{HeaderCell, Part, Row, RowKind, Table};

use super::collector::{AssembleError, Collector, Place, words};
use super::display::Display;

pub(super) fn table(
    plan: &Plan,
    name: &str,
    analysis: &Characteristics,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let result = Place::new(places::characteristics(name), "result");
    let groups = collector.list(&result.at(&["groups"]))?.len();
    let mut header = vec![HeaderCell {
        text: vec![words("Characteristics")],
        span: 1,
    }];
    for group in 0..groups {
        let place = result.at(&["groups"]).index(group);
        let id = format!("{name}.{}.n", collector.text(&place.at(&["name"]))?);
        header.push(HeaderCell {
            text: vec![
                words(format!("{} (n = ", collector.text(&place.at(&["label"]))?)),
                collector.value(&id, &place.at(&["n"]), Display::Count, None, None)?,
                words(")"),
            ],
            span: 1,
        });
    }
    header.push(HeaderCell {
        text: vec![words("P")],
        span: 1,
    });

    let mut rows = Vec::new();
    let mut tests = Vec::new();
    let mut index = 0;
    for item in &analysis.items {
        match item {
            CharacteristicsItem::Section(title) => rows.push(Row {
                kind: RowKind::Section,
                cells: vec![vec![words(title.clone())]],
            }),
            CharacteristicsItem::Row {
                value,
                shown_levels,
                summary,
                ..
            } => {
                let context = RowContext {
                    plan,
                    table: name,
                    value,
                    place: result.at(&["rows"]).index(index),
                    groups: &result.at(&["groups"]),
                    group_count: groups,
                    alpha: plan.study.alpha,
                };
                index += 1;
                let test = collector.text(&context.place.at(&["test"]))?.to_owned();
                let mark = mark_of(&mut tests, test);
                match plan.kind(value) {
                    Some(ColumnKind::Number { .. } | ColumnKind::Count) => {
                        rows.push(context.number(
                            summary.unwrap_or(analysis.summary),
                            mark,
                            collector,
                        )?);
                    }
                    _ => rows.extend(context.category(shown_levels, mark, collector)?),
                }
                rows.extend(context.missing(collector)?);
            }
        }
    }
    let mut footnotes = vec![vec![words(
        "Numbers are counts (per cent of the patients with a recorded value) unless said otherwise.",
    )]];
    footnotes.extend(tests.iter().enumerate().map(|(index, test)| {
        vec![
            Part::Mark(super::letter(index)),
            words(format!(" {}", test_name(test))),
        ]
    }));
    Ok(Table {
        id: name.to_owned(),
        number: String::new(),
        title: analysis.title.clone(),
        header: vec![header],
        rows,
        footnotes,
    })
}

/// The footnote letter of a test: one letter a test, in order of first use.
fn mark_of(tests: &mut Vec<String>, test: String) -> String {
    let index = tests
        .iter()
        .position(|known| *known == test)
        .unwrap_or_else(|| {
            tests.push(test);
            tests.len() - 1
        });
    super::letter(index)
}

fn test_name(test: &str) -> String {
    match test {
        "mann_whitney" => {
            "Mann–Whitney U test (asymptotic, with correction for ties and continuity)".to_owned()
        }
        "mann_whitney_exact" => "Mann–Whitney U test (exact)".to_owned(),
        "kruskal_wallis" => "Kruskal–Wallis test".to_owned(),
        "welch_t" => "Welch's t test".to_owned(),
        "welch_anova" => "Welch's analysis of variance (unequal variances)".to_owned(),
        "chi_square_yates" => {
            "Pearson's chi-square test with Yates' continuity correction".to_owned()
        }
        "chi_square" => "Pearson's chi-square test".to_owned(),
        "fisher_exact" => "Fisher's exact test".to_owned(),
        "fisher_monte_carlo" => {
            "Fisher's exact test, p value by simulation from the study's seed".to_owned()
        }
        "all_tied" => "not compared: every patient has the same value".to_owned(),
        "no_variation" => "not compared: the values do not vary within any group".to_owned(),
        "constant_group" => {
            "not compared: the values of a group do not vary, so that it has no variance to weigh it by"
                .to_owned()
        }
        "too_few_values" => "not compared: a group has fewer than two values".to_owned(),
        "none" => "not compared: fewer than two groups or levels have patients".to_owned(),
        other => other.replace('_', " "),
    }
}

struct RowContext<'a> {
    plan: &'a Plan,
    table: &'a str,
    value: &'a str,
    place: Place,
    groups: &'a Place,
    group_count: usize,
    alpha: f64,
}

impl RowContext<'_> {
    fn id(&self, collector: &Collector, group: usize, what: &str) -> Result<String, AssembleError> {
        let group = collector.text(&self.groups.index(group).at(&["name"]))?;
        Ok(format!("{}.{}.{group}.{what}", self.table, self.value))
    }

    fn p(&self, mark: String, collector: &mut Collector) -> Result<Vec<Part>, AssembleError> {
        if collector.is_null(&self.place.at(&["p"])) {
            return Ok(vec![words("– "), Part::Mark(mark)]);
        }
        let id = format!("{}.{}.p", self.table, self.value);
        let display = Display::PValue { alpha: self.alpha };
        let n = self.place.at(&["n"]);
        let p = collector.value(&id, &self.place.at(&["p"]), display, None, Some(&n))?;
        Ok(vec![p, words(" "), Part::Mark(mark)])
    }

    fn label_with_unit(&self) -> String {
        match self.plan.unit(self.value) {
            Some(unit) => format!("{} ({unit})", self.plan.label(self.value)),
            None => self.plan.label(self.value).to_owned(),
        }
    }

    fn number(
        &self,
        summary: NumberSummary,
        mark: String,
        collector: &mut Collector,
    ) -> Result<Row, AssembleError> {
        let suffix = match summary {
            NumberSummary::MedianQuartiles => ", median [quartiles]",
            NumberSummary::MeanStandardDeviation => ", mean (standard deviation)",
        };
        let mut cells = vec![vec![words(format!("{}{suffix}", self.label_with_unit()))]];
        let unit = self.plan.unit(self.value);
        let unit = unit.as_ref().map(|u| u.text());
        for group in 0..self.group_count {
            let place = self.place.at(&["groups"]).index(group);
            let n = place.at(&["n"]);
            let mut part = |what: &str| {
                let id = self.id(collector, group, what)?;
                collector.value(
                    &id,
                    &place.at(&[what]),
                    Display::Decimals(1),
                    unit,
                    Some(&n),
                )
            };
            cells.push(match summary {
                NumberSummary::MedianQuartiles => vec![
                    part("median")?,
                    words(" ["),
                    part("lower_quartile")?,
                    words(", "),
                    part("upper_quartile")?,
                    words("]"),
                ],
                NumberSummary::MeanStandardDeviation => {
                    vec![
                        part("mean")?,
                        words(" ("),
                        part("standard_deviation")?,
                        words(")"),
                    ]
                }
            });
        }
        cells.push(self.p(mark, collector)?);
        Ok(Row {
            kind: RowKind::Data,
            cells,
        })
    }

    /// One row if one level is shown, otherwise a row of the whole and one a level.
    fn category(
        &self,
        shown: &[String],
        mark: String,
        collector: &mut Collector,
    ) -> Result<Vec<Row>, AssembleError> {
        let levels = self.plan.levels(self.value);
        let is_yes_no = matches!(self.plan.kind(self.value), Some(ColumnKind::YesNo { .. }));
        let shown: Vec<usize> = if shown.is_empty() && is_yes_no {
            vec![1]
        } else {
            (0..levels.len())
                .filter(|level| shown.is_empty() || shown.contains(&levels[*level].0))
                .collect()
        };
        let label = self.plan.label(self.value);
        if let [level] = shown.as_slice() {
            let label = if is_yes_no {
                label.to_owned()
            } else {
                format!("{label} ({})", levels[*level].1)
            };
            let mut cells = vec![vec![words(label)]];
            cells.extend(self.counts(*level, collector)?);
            cells.push(self.p(mark, collector)?);
            return Ok(vec![Row {
                kind: RowKind::Data,
                cells,
            }]);
        }
        let mut head = vec![vec![words(label)]];
        head.extend(std::iter::repeat_n(Vec::new(), self.group_count));
        head.push(self.p(mark, collector)?);
        let mut rows = vec![Row {
            kind: RowKind::Data,
            cells: head,
        }];
        for level in shown {
            let mut cells = vec![vec![words(levels[level].1.clone())]];
            cells.extend(self.counts(level, collector)?);
            cells.push(Vec::new());
            rows.push(Row {
                kind: RowKind::Level,
                cells,
            });
        }
        Ok(rows)
    }

    fn counts(
        &self,
        level: usize,
        collector: &mut Collector,
    ) -> Result<Vec<Vec<Part>>, AssembleError> {
        let place = self.place.at(&["levels"]).index(level);
        let level = collector.text(&place.at(&["name"]))?.to_owned();
        (0..self.group_count)
            .map(|group| {
                let cell = place.at(&["groups"]).index(group);
                let n = self.place.at(&["groups"]).index(group).at(&["n"]);
                let count = self.id(collector, group, &format!("{level}.count"))?;
                let percent = self.id(collector, group, &format!("{level}.percent"))?;
                let count = collector.value(
                    &count,
                    &cell.at(&["count"]),
                    Display::Count,
                    None,
                    Some(&n),
                )?;
                if collector.is_null(&cell.at(&["percent"])) {
                    return Ok(vec![count]);
                }
                Ok(vec![
                    count,
                    words(" ("),
                    collector.value(
                        &percent,
                        &cell.at(&["percent"]),
                        Display::Decimals(1),
                        Some("%"),
                        Some(&n),
                    )?,
                    words(")"),
                ])
            })
            .collect()
    }

    /// A row of the numbers not recorded, if any is not.
    fn missing(&self, collector: &mut Collector) -> Result<Option<Row>, AssembleError> {
        let groups = self.place.at(&["groups"]);
        let mut any = false;
        for group in 0..self.group_count {
            any |= collector.count(&groups.index(group).at(&["missing"]))? > 0;
        }
        if !any {
            return Ok(None);
        }
        let mut cells = vec![vec![words("Not recorded")]];
        for group in 0..self.group_count {
            let id = self.id(collector, group, "missing")?;
            let place = groups.index(group).at(&["missing"]);
            cells.push(vec![collector.value(
                &id,
                &place,
                Display::Count,
                None,
                None,
            )?]);
        }
        cells.push(Vec::new());
        Ok(Some(Row {
            kind: RowKind::Level,
            cells,
        }))
    }
}
