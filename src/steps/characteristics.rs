//! Characteristics of the patients by group, each row with its test.

use serde::Serialize;

use crate::engine::{Input, Inputs, Outputs, Step};
use crate::numerics::Random;
use crate::plan::{
    CategoryTest, Characteristics, CharacteristicsBy, CharacteristicsItem, ColumnKind, NumberTest,
    RowTest, places,
};
use crate::statistics::{self, ComparisonError, MannWhitneyMethod};

use super::error::StepError;
use super::frame::{Frame, Part, json};
use super::sources::{Fault, Make, Sources, input};

#[derive(Serialize)]
struct Table {
    groups: Vec<Group>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Group {
    name: String,
    label: String,
    n: usize,
}

#[derive(Serialize)]
struct Row {
    value: String,
    /// Patients with a recorded value.
    n: usize,
    test: String,
    statistic: Option<f64>,
    degrees_of_freedom: Option<f64>,
    p: Option<f64>,
    /// Of the expected counts of a table of counts.
    smallest_expected: Option<f64>,
    groups: Vec<Summary>,
    levels: Vec<Level>,
}

/// One group's values; numbers only of a number.
#[derive(Serialize)]
struct Summary {
    n: usize,
    missing: usize,
    median: Option<f64>,
    lower_quartile: Option<f64>,
    upper_quartile: Option<f64>,
    mean: Option<f64>,
    standard_deviation: Option<f64>,
}

#[derive(Serialize)]
struct Level {
    name: String,
    groups: Vec<Count>,
}

#[derive(Serialize)]
struct Count {
    count: usize,
    /// Of the group's patients with a recorded value.
    percent: Option<f64>,
}

/// What a row is, as the plan declares it.
#[derive(Clone, Serialize)]
struct Asked {
    value: String,
    is_number: bool,
    number_test: NumberTest,
    category_test: CategoryTest,
}

pub(super) fn step(sources: &Sources, name: &str, analysis: &Characteristics) -> Step {
    let plan = sources.plan;
    let mut asked = Vec::new();
    for item in &analysis.items {
        if let CharacteristicsItem::Row { value, test, .. } = item {
            asked.push(Asked {
                value: value.clone(),
                is_number: matches!(
                    plan.kind(value),
                    Some(ColumnKind::Number { .. } | ColumnKind::Count)
                ),
                number_test: match test {
                    Some(RowTest::Number(test)) => *test,
                    _ => analysis.number_test,
                },
                category_test: match test {
                    Some(RowTest::Category(test)) => *test,
                    _ => analysis.category_test,
                },
            });
        }
    }
    let mut inputs = sources.values(asked.iter().map(|row| row.value.as_str()), Sources::raw);
    // Name, label and the input that says who is in the group.
    let mut groups: Vec<(String, String)> = Vec::new();
    match &analysis.by {
        CharacteristicsBy::Split => {
            for set in plan.split.iter().flat_map(|split| &split.sets) {
                groups.push((set.clone(), plan.set_label(set)));
                inputs.push(input(&format!("set.{set}"), sources.set(set)));
            }
        }
        CharacteristicsBy::Value(value) => {
            groups = plan.levels(value);
            inputs.push(input("set", sources.set(&analysis.on)));
            inputs.push(Input {
                name: "by".to_owned(),
                source: sources.raw(value),
            });
        }
    }
    let declared = inputs.clone();
    let part = Part::new(plan, format!("characteristics {name}"));
    let seed = plan.study.seed;
    let level = 1.0 - plan.study.alpha;
    let by = analysis.by.clone();
    let id = places::characteristics(name);
    let place = id.clone();
    Make {
        id,
        kind: "characteristics",
        version: 2,
        parameters: serde_json::json!({ "by": &by, "groups": &groups, "rows": &asked, "confidence_level": level }),
        seed: Some(seed),
        inputs,
    }
    .step(move |inputs| {
        let members = members(&by, &groups, &part, inputs)?;
        let frame = Frame::read(inputs, &declared)?;
        let random = Random::new(seed, &place);
        let rows = asked
            .iter()
            .enumerate()
            .map(|(index, row)| of_row(row, &frame, &members, &part, level, &random.substream(index as u64)))
            .collect::<Result<_, Fault>>()?;
        let groups = groups
            .iter()
            .zip(&members)
            .map(|((name, label), members)| Group {
                name: name.clone(),
                label: label.clone(),
                n: members.len(),
            })
            .collect();
        let mut outputs = Outputs::new();
        outputs.json("result", &Table { groups, rows })?;
        Ok(outputs)
    })
}

/// The patients of each group, in the order of the groups.
fn members(
    by: &CharacteristicsBy,
    groups: &[(String, String)],
    part: &Part,
    inputs: &Inputs,
) -> Result<Vec<Vec<usize>>, Fault> {
    match by {
        CharacteristicsBy::Split => groups
            .iter()
            .map(|(set, _)| json(inputs, &format!("set.{set}")))
            .collect(),
        CharacteristicsBy::Value(value) => {
            let mut frame = Frame {
                values: std::collections::BTreeMap::new(),
            };
            frame.values.insert(value.clone(), json(inputs, "by")?);
            let set: Vec<usize> = json(inputs, "set")?;
            let complete = frame.complete(part, &set, &[value])?;
            let (_, codes) = frame.groups(part, value, &complete.rows)?;
            let mut members = vec![Vec::new(); groups.len()];
            for (row, code) in complete.rows.iter().zip(codes) {
                members[code].push(*row);
            }
            Ok(members)
        }
    }
}

fn of_row(
    asked: &Asked,
    frame: &Frame,
    members: &[Vec<usize>],
    part: &Part,
    level: f64,
    random: &Random,
) -> Result<Row, Fault> {
    let name = asked.value.as_str();
    let known: Vec<Vec<usize>> = members
        .iter()
        .map(|rows| {
            rows.iter()
                .copied()
                .filter(|row| !frame.get(name).is_missing(*row))
                .collect()
        })
        .collect();
    let missing = |group: usize| members[group].len() - known[group].len();
    let part = format!("{}, `{name}`", part.name);
    let fault = |error: &dyn std::fmt::Display| StepError::method(&part, error);
    let mut row = Row {
        value: name.to_owned(),
        n: known.iter().map(Vec::len).sum(),
        test: "none".to_owned(),
        statistic: None,
        degrees_of_freedom: None,
        p: None,
        smallest_expected: None,
        groups: Vec::new(),
        levels: Vec::new(),
    };
    let of = Part {
        name: part.clone(),
        missing: crate::plan::MissingValues::CompleteCases,
    };
    if asked.is_number {
        let values: Vec<Vec<f64>> = known
            .iter()
            .map(|rows| frame.score(&of, name, rows))
            .collect::<Result<_, _>>()?;
        for (group, values) in values.iter().enumerate() {
            row.groups
                .push(summary(values, missing(group)).map_err(|error| fault(&error))?);
        }
        let present: Vec<&[f64]> = values
            .iter()
            .filter(|values| !values.is_empty())
            .map(Vec::as_slice)
            .collect();
        if present.len() > 1 {
            match number_test(&mut row, asked.number_test, &present, level) {
                Ok(()) => {}
                Err(error) => {
                    row.test = not_comparable(&error)
                        .ok_or_else(|| fault(&error))?
                        .to_owned();
                }
            }
        }
        return Ok(row);
    }
    let mut counts: Vec<Vec<usize>> = Vec::new();
    let mut names = Vec::new();
    for (group, rows) in known.iter().enumerate() {
        let (levels, codes) = frame.groups(&of, name, rows)?;
        counts.resize(levels.len(), vec![0; members.len()]);
        for code in codes {
            counts[code][group] += 1;
        }
        names = levels;
        row.groups
            .push(Summary::counted(rows.len(), missing(group)));
    }
    for (level, counts) in names.iter().zip(&counts) {
        row.levels.push(Level {
            name: level.clone(),
            groups: counts
                .iter()
                .zip(&known)
                .map(|(count, rows)| Count {
                    count: *count,
                    percent: (!rows.is_empty()).then(|| 100.0 * *count as f64 / rows.len() as f64),
                })
                .collect(),
        });
    }
    let table = occupied(&counts);
    if table.len() > 1 && table[0].len() > 1 {
        category_test(&mut row, asked.category_test, &table, level, random)
            .map_err(|error| fault(&error))?;
    }
    Ok(row)
}

/// Levels and groups that have patients: an empty row or column says nothing about an association.
fn occupied(counts: &[Vec<usize>]) -> Vec<Vec<u64>> {
    let groups: Vec<usize> = (0..counts.first().map_or(0, Vec::len))
        .filter(|group| counts.iter().any(|level| level[*group] > 0))
        .collect();
    counts
        .iter()
        .filter(|level| level.iter().any(|count| *count > 0))
        .map(|level| groups.iter().map(|group| level[*group] as u64).collect())
        .collect()
}

impl Summary {
    fn counted(n: usize, missing: usize) -> Self {
        Self {
            n,
            missing,
            median: None,
            lower_quartile: None,
            upper_quartile: None,
            mean: None,
            standard_deviation: None,
        }
    }
}

fn summary(values: &[f64], missing: usize) -> Result<Summary, ComparisonError> {
    if values.is_empty() {
        return Ok(Summary::counted(0, missing));
    }
    let summary = statistics::summarize(values)?;
    Ok(Summary {
        n: summary.n,
        missing,
        median: Some(summary.median),
        lower_quartile: Some(summary.lower_quartile),
        upper_quartile: Some(summary.upper_quartile),
        mean: Some(summary.mean),
        standard_deviation: summary.standard_deviation,
    })
}

/// A row that no test can compare is shown without a p value, and the note says why; anything else is a fault.
fn not_comparable(error: &ComparisonError) -> Option<&'static str> {
    match error {
        ComparisonError::AllTied { .. } => Some("all_tied"),
        ComparisonError::NoVariation { .. } => Some("no_variation"),
        ComparisonError::ConstantGroup { .. } => Some("constant_group"),
        ComparisonError::TooFewValues { .. } => Some("too_few_values"),
        _ => None,
    }
}

/// The test of a number between groups that have values.
fn number_test(
    row: &mut Row,
    test: NumberTest,
    groups: &[&[f64]],
    level: f64,
) -> Result<(), ComparisonError> {
    let name = match (test, groups) {
        (NumberTest::WelchT, [x, y]) => {
            let result = statistics::welch_t(x, y, level)?;
            row.statistic = Some(result.t);
            row.degrees_of_freedom = Some(result.degrees_of_freedom);
            row.p = Some(result.p_value);
            "welch_t"
        }
        (NumberTest::WelchT, groups) => {
            let result = statistics::welch_anova(groups)?;
            row.statistic = Some(result.f);
            row.degrees_of_freedom = Some(result.denominator_degrees_of_freedom);
            row.p = Some(result.p_value);
            "welch_anova"
        }
        (_, [x, y]) => {
            let result = statistics::mann_whitney(x, y, MannWhitneyMethod::Automatic)?;
            row.statistic = Some(result.u);
            row.p = Some(result.p_value);
            match result.method {
                MannWhitneyMethod::Exact => "mann_whitney_exact",
                _ => "mann_whitney",
            }
        }
        _ => {
            let result = statistics::kruskal_wallis(groups)?;
            row.statistic = Some(result.h);
            row.degrees_of_freedom = Some(result.degrees_of_freedom as f64);
            row.p = Some(result.p_value);
            "kruskal_wallis"
        }
    };
    row.test = name.to_owned();
    Ok(())
}

/// The smallest expected count below which Cochran's rule asks for an exact test.
const FEW_EXPECTED: f64 = 5.0;

/// The test of counts: a level a row, a group a column.
fn category_test(
    row: &mut Row,
    test: CategoryTest,
    table: &[Vec<u64>],
    level: f64,
    random: &Random,
) -> Result<(), ComparisonError> {
    let chi_square = statistics::chi_square(table, test != CategoryTest::ChiSquareUncorrected)?;
    row.smallest_expected = Some(chi_square.smallest_expected);
    let exact = match test {
        CategoryTest::FisherExact => true,
        CategoryTest::ByExpectedCount => chi_square.smallest_expected < FEW_EXPECTED,
        CategoryTest::ChiSquare | CategoryTest::ChiSquareUncorrected => false,
    };
    if exact {
        let fisher = statistics::fisher_exact(table, level, random)?;
        row.p = Some(fisher.p_value);
        row.test = if fisher.simulation.is_some() {
            "fisher_monte_carlo"
        } else {
            "fisher_exact"
        }
        .to_owned();
        return Ok(());
    }
    row.statistic = Some(chi_square.statistic);
    row.degrees_of_freedom = Some(chi_square.degrees_of_freedom as f64);
    row.p = Some(chi_square.p_value);
    row.test = if chi_square.corrected {
        "chi_square_yates"
    } else {
        "chi_square"
    }
    .to_owned();
    Ok(())
}
