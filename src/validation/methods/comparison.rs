//! Adapters of further comparisons: several means, tables drawn at random, every form of the intraclass correlation.

use ndarray::Array2;
use serde_json::{Value, json};

use super::Method;
use crate::numerics::{Random, mean, variance};
use crate::statistics::{self, IccModel, IccOptions, IccUnit};
use crate::validation::case::{Case, CaseError, malformed, numbers};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "welch_anova",
        summary: "means of several groups with unequal variances",
        run: welch_anova,
    },
    Method {
        name: "fisher_monte_carlo",
        summary: "Fisher's exact test by tables drawn at random, over seeds",
        run: fisher_monte_carlo,
    },
    Method {
        name: "intraclass_correlation_form",
        summary: "one form of the intraclass correlation (McGraw & Wong), any null value",
        run: intraclass_correlation_form,
    },
];

/// `data.csv` with the columns `data.value` and `data.group`.
fn welch_anova(case: &Case) -> Result<Value, CaseError> {
    let (value, group) = (case.text("value")?, case.text("group")?);
    let table = case.table()?;
    let rows = table.complete_rows(&[value, group])?;
    let values = table.numbers(value, &rows)?;
    let (levels, codes) = table.codes(group, &rows)?;
    let mut groups = vec![Vec::new(); levels.len()];
    for (value, code) in values.iter().zip(codes) {
        groups[code].push(*value);
    }
    let groups: Vec<&[f64]> = groups.iter().map(Vec::as_slice).collect();
    let test = statistics::welch_anova(&groups).map_err(Case::method_error)?;
    Ok(json!({
        "statistic": test.f,
        "df": [test.numerator_degrees_of_freedom as f64, test.denominator_degrees_of_freedom],
        "p": test.p_value,
    }))
}

/// The figures are means over so many seeds.
const SEEDS: u64 = 20;

/// `data.inputs.rows`, `args.tables`.
fn fisher_monte_carlo(case: &Case) -> Result<Value, CaseError> {
    let place = "data.inputs.rows";
    let rows = case.data["inputs"]["rows"]
        .as_array()
        .ok_or_else(|| malformed(place, "a list of rows of counts"))?
        .iter()
        .map(|row| {
            numbers(row)
                .filter(|row| row.iter().all(|v| *v >= 0.0 && v.fract() == 0.0))
                .map(|row| row.iter().map(|v| *v as u64).collect::<Vec<u64>>())
                .ok_or_else(|| malformed(place, "a list of rows of counts"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let tables = case.whole_argument("tables")?;
    let p_values = (0..SEEDS)
        .map(|seed| {
            statistics::fisher_monte_carlo(&rows, tables, &Random::new(seed, &case.id))
                .map(|test| test.p_value)
        })
        .collect::<Result<Vec<f64>, _>>()
        .map_err(Case::method_error)?;
    Ok(json!({ "p_mean": mean(&p_values), "p_sd": variance(&p_values).sqrt() }))
}

/// `data.inputs.ratings`; `args.model`, `args.agreement`, `args.unit`, `args.null_value`, `args.confidence`.
fn intraclass_correlation_form(case: &Case) -> Result<Value, CaseError> {
    let rows = case.input_rows("ratings")?;
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    let ratings = Array2::from_shape_vec(shape, rows.concat())
        .map_err(|_| malformed("data.inputs.ratings", "rows of one length"))?;
    let forms = case.args["forms"]
        .as_array()
        .ok_or_else(|| malformed("args.forms", "a list of forms"))?;
    let results = forms
        .iter()
        .map(|form| {
            let options = IccOptions {
                model: match form["model"].as_str() {
                    Some("one_way_random") => IccModel::OneWayRandom,
                    Some("two_way_random") => IccModel::TwoWayRandom,
                    Some("two_way_mixed") => IccModel::TwoWayMixed,
                    _ => {
                        return Err(malformed(
                            "args.forms.model",
                            "one_way_random, two_way_random or two_way_mixed",
                        ));
                    }
                },
                agreement: form["agreement"]
                    .as_bool()
                    .ok_or_else(|| malformed("args.forms.agreement", "true or false"))?,
                unit: match form["unit"].as_str() {
                    Some("single") => IccUnit::Single,
                    Some("average") => IccUnit::Average,
                    _ => return Err(malformed("args.forms.unit", "single or average")),
                },
                confidence_level: case.argument("confidence")?,
                null_value: case.argument("null_value")?,
            };
            let found = statistics::intraclass_correlation(&ratings, &options)
                .map_err(Case::method_error)?;
            Ok(json!({
                "name": found.mcgraw_wong,
                "icc": found.icc,
                "f": found.f,
                "df": [found.numerator_degrees_of_freedom, found.denominator_degrees_of_freedom],
                "p": found.p_value,
                "ci95": [found.lower, Some(found.upper)],
            }))
        })
        .collect::<Result<Vec<Value>, CaseError>>()?;
    Ok(json!({ "forms": results }))
}
