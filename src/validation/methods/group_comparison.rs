//! Adapters of the methods that compare groups and of those that measure agreement.

use ndarray::Array2;
use serde_json::{Map, Value, json};

use crate::numerics::Random;
use crate::statistics::{
    self, ChiSquare, EffectMeasure, FisherExact, IccModel, IccOptions, IccUnit, KappaWeights,
    MannWhitneyMethod, PAdjustment,
};

use super::Method;
use crate::validation::case::{Case, CaseError, malformed, numbers};

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "contingency_table",
        summary: "chi-square test with and without Yates' correction, Fisher's exact test",
        run: contingency_table,
    },
    Method {
        name: "published_table1",
        summary: "chi-square and Fisher's exact tests of the counts of a published table",
        run: published_table1,
    },
    Method {
        name: "two_group_location",
        summary: "Mann–Whitney, Welch and Kruskal–Wallis tests, medians and quartiles of two groups",
        run: two_group_location,
    },
    Method {
        name: "kruskal_wallis",
        summary: "rank test of several groups",
        run: kruskal_wallis,
    },
    Method {
        name: "standardized_mean_difference",
        summary: "standardized difference of two groups, of numbers or of categories",
        run: standardized_mean_difference,
    },
    Method {
        name: "p_adjustment",
        summary: "Holm, Bonferroni, Benjamini–Hochberg and Benjamini–Yekutieli adjusted p values",
        run: p_adjustment,
    },
    Method {
        name: "proportion_interval",
        summary: "Wilson and Clopper–Pearson intervals of a proportion",
        run: proportion_interval,
    },
    Method {
        name: "intraclass_correlation",
        summary: "six forms of the intraclass correlation with F tests and intervals",
        run: intraclass_correlation,
    },
    Method {
        name: "cohen_kappa",
        summary: "kappa of two readers: unweighted, linear and quadratic weights",
        run: cohen_kappa,
    },
    Method {
        name: "cohen_kappa_intervals",
        summary: "kappa of a table with standard errors, intervals and test",
        run: cohen_kappa_intervals,
    },
    Method {
        name: "bland_altman",
        summary: "limits of agreement with their intervals",
        run: bland_altman,
    },
    Method {
        name: "e_value",
        summary: "how strong an unmeasured confounder would have to be",
        run: e_value,
    },
];

const LEVEL: f64 = 0.95;

/// `data.inputs.NAME` or a part of `expected` as counts.
fn counts(value: &Value, place: &str) -> Result<Vec<u64>, CaseError> {
    numbers(value)
        .filter(|values| values.iter().all(|v| *v >= 0.0 && v.fract() == 0.0))
        .map(|values| values.iter().map(|v| *v as u64).collect())
        .ok_or_else(|| malformed(place, "a list of counts"))
}

/// `data.inputs.NAME` as rows of counts.
fn count_table(case: &Case, name: &str) -> Result<Vec<Vec<u64>>, CaseError> {
    let place = format!("data.inputs.{name}");
    case.data["inputs"][name]
        .as_array()
        .ok_or_else(|| malformed(&place, "a list of rows of counts"))?
        .iter()
        .map(|row| counts(row, &place))
        .collect()
}

struct TableTests {
    yates: ChiSquare,
    uncorrected: ChiSquare,
    fisher: FisherExact,
}

fn table_tests(case: &Case, table: &[Vec<u64>]) -> Result<TableTests, CaseError> {
    Ok(TableTests {
        yates: statistics::chi_square(table, true).map_err(Case::method_error)?,
        uncorrected: statistics::chi_square(table, false).map_err(Case::method_error)?,
        fisher: statistics::fisher_exact(table, LEVEL, &Random::new(0, &case.id))
            .map_err(Case::method_error)?,
    })
}

fn contingency_table(case: &Case) -> Result<Value, CaseError> {
    let tests = table_tests(case, &count_table(case, "rows")?)?;
    let mut result = Map::new();
    let mut put = |name: &str, value: Value| result.insert(name.to_owned(), value);
    put("chi_square_statistic", json!(tests.yates.statistic));
    put("chi_square_df", json!(tests.yates.degrees_of_freedom));
    put("chi_square_p", json!(tests.yates.p_value));
    put(
        "chi_square_uncorrected_statistic",
        json!(tests.uncorrected.statistic),
    );
    put("chi_square_uncorrected_p", json!(tests.uncorrected.p_value));
    put(
        "smallest_expected_count",
        json!(tests.yates.smallest_expected),
    );
    put("fisher_exact_p", json!(tests.fisher.p_value));
    if let Some(odds_ratio) = &tests.fisher.odds_ratio {
        put("fisher_conditional_odds_ratio", json!(odds_ratio.estimate));
        put(
            "fisher_odds_ratio_ci95",
            json!([odds_ratio.lower, odds_ratio.upper]),
        );
    }
    Ok(Value::Object(result))
}

/// The counts stand with the figures that are expected. A pair of counts is of a level and of the others.
fn published_table1(case: &Case) -> Result<Value, CaseError> {
    let place = "expected.rows";
    let rows = case.expected["rows"]
        .as_array()
        .ok_or_else(|| malformed(place, "a list of rows"))?;
    let rows = rows
        .iter()
        .map(|row| {
            let groups = ["training", "validation"]
                .into_iter()
                .map(|name| counts(&row[name], &format!("{place}.{name}")))
                .collect::<Result<Vec<_>, _>>()?;
            let published = row["published_p"]
                .as_f64()
                .ok_or_else(|| malformed(&format!("{place}.published_p"), "a number"))?;
            let tests = table_tests(case, &groups)?;
            let found = [
                ("chi_square_yates", tests.yates.p_value),
                ("chi_square_uncorrected", tests.uncorrected.p_value),
                ("fisher", tests.fisher.p_value),
            ];
            let thousandths = |p: f64| (p * 1000.0).round();
            let reproduces: Vec<&str> = found
                .iter()
                .filter(|(_, p)| thousandths(*p) == thousandths(published))
                .map(|(name, _)| *name)
                .collect();
            Ok(json!({
                "name": row["name"],
                "training": groups[0],
                "validation": groups[1],
                "published_p": published,
                "chi_square_yates_p": tests.yates.p_value,
                "chi_square_uncorrected_p": tests.uncorrected.p_value,
                "fisher_p": tests.fisher.p_value,
                "smallest_expected": tests.yates.smallest_expected,
                "reproduces": reproduces,
            }))
        })
        .collect::<Result<Vec<_>, CaseError>>()?;
    Ok(json!({ "rows": rows }))
}

fn two_group_location(case: &Case) -> Result<Value, CaseError> {
    let (x, y) = (case.input("x")?, case.input("y")?);
    let test = |method| statistics::mann_whitney(&x, &y, method).map_err(Case::method_error);
    let plain = test(MannWhitneyMethod::Asymptotic {
        continuity_correction: false,
    })?;
    let corrected = test(MannWhitneyMethod::Asymptotic {
        continuity_correction: true,
    })?;
    // The cases give an exact p where the exact test can be made.
    let automatic = test(MannWhitneyMethod::Automatic)?;
    let exact = (automatic.method == MannWhitneyMethod::Exact).then_some(automatic.p_value);
    let welch = statistics::welch_t(&x, &y, LEVEL).map_err(Case::method_error)?;
    let ranks = statistics::kruskal_wallis(&[&x, &y]).map_err(Case::method_error)?;
    let quartiles = |values: &[f64]| {
        let summary = statistics::summarize(values).map_err(Case::method_error)?;
        Ok::<_, CaseError>(json!([
            summary.median,
            summary.lower_quartile,
            summary.upper_quartile
        ]))
    };
    Ok(json!({
        "u_statistic": plain.u,
        "p_normal_continuity": corrected.p_value,
        "p_normal": plain.p_value,
        "p_exact": exact,
        "welch_t": welch.t,
        "welch_df": welch.degrees_of_freedom,
        "welch_p": welch.p_value,
        "median_iqr_x": quartiles(&x)?,
        "median_iqr_y": quartiles(&y)?,
        "kruskal_wallis_statistic": ranks.h,
        "kruskal_wallis_p": ranks.p_value,
    }))
}

fn kruskal_wallis(case: &Case) -> Result<Value, CaseError> {
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
    let test = statistics::kruskal_wallis(&groups).map_err(Case::method_error)?;
    Ok(json!({ "statistic": test.h, "df": test.degrees_of_freedom, "p": test.p_value }))
}

fn standardized_mean_difference(case: &Case) -> Result<Value, CaseError> {
    let inputs = &case.data["inputs"];
    let difference = if inputs["x"].is_null() {
        let of = |name: &str| counts(&inputs[name], &format!("data.inputs.{name}"));
        statistics::standardized_difference_of_counts(&of("counts_x")?, &of("counts_y")?)
    } else {
        statistics::standardized_mean_difference(&case.input("x")?, &case.input("y")?)
    }
    .map_err(Case::method_error)?;
    Ok(json!({ "standardized_mean_difference": difference }))
}

fn p_adjustment(case: &Case) -> Result<Value, CaseError> {
    let p = case.input("p")?;
    let adjusted = |method| statistics::adjust_p_values(&p, method).map_err(Case::method_error);
    Ok(json!({
        "holm": adjusted(PAdjustment::Holm)?,
        "bonferroni": adjusted(PAdjustment::Bonferroni)?,
        "benjamini_hochberg": adjusted(PAdjustment::BenjaminiHochberg)?,
        "benjamini_yekutieli": adjusted(PAdjustment::BenjaminiYekutieli)?,
    }))
}

fn proportion_interval(case: &Case) -> Result<Value, CaseError> {
    let of = |name: &str| counts(&case.data["inputs"][name], &format!("data.inputs.{name}"));
    let (counts, totals) = (of("count")?, of("of")?);
    if counts.len() != totals.len() {
        return Err(malformed(
            "data.inputs.of",
            "a list with a total for each entry of `count`",
        ));
    }
    let cases = counts
        .into_iter()
        .zip(totals)
        .map(|(count, of)| {
            let found = statistics::proportion(count as usize, of as usize, LEVEL)
                .map_err(Case::method_error)?;
            Ok(json!({
                "count": count,
                "of": of,
                "estimate": found.estimate,
                "wilson_ci95": [found.wilson_low, found.wilson_high],
                "clopper_pearson_ci95": [found.exact_low, found.exact_high],
            }))
        })
        .collect::<Result<Vec<_>, CaseError>>()?;
    Ok(json!({ "cases": cases }))
}

fn intraclass_correlation(case: &Case) -> Result<Value, CaseError> {
    let rows = case.input_rows("ratings")?;
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    let ratings = Array2::from_shape_vec(shape, rows.concat())
        .map_err(|_| malformed("data.inputs.ratings", "rows of one length"))?;
    let mut result = Map::new();
    for unit in [IccUnit::Single, IccUnit::Average] {
        for (number, model, agreement) in [
            (1, IccModel::OneWayRandom, true),
            (2, IccModel::TwoWayRandom, true),
            (3, IccModel::TwoWayMixed, false),
        ] {
            let options = IccOptions {
                model,
                agreement,
                unit,
                confidence_level: case.argument("confidence")?,
                null_value: 0.0,
            };
            let found = statistics::intraclass_correlation(&ratings, &options)
                .map_err(Case::method_error)?;
            let ending = if unit == IccUnit::Average { "k" } else { "" };
            for (name, value) in [
                ("type", json!(format!("ICC{number}{ending}"))),
                ("icc", json!(found.icc)),
                ("f", json!(found.f)),
                ("df1", json!(found.numerator_degrees_of_freedom)),
                ("df2", json!(found.denominator_degrees_of_freedom)),
                ("p", json!(found.p_value)),
                ("ci95_low", json!(found.lower)),
                ("ci95_high", json!(found.upper)),
            ] {
                let list = result.entry(name).or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.push(value);
                }
            }
        }
    }
    Ok(Value::Object(result))
}

fn cohen_kappa(case: &Case) -> Result<Value, CaseError> {
    let of = |name: &str| counts(&case.data["inputs"][name], &format!("data.inputs.{name}"));
    let (first, second) = (of("reader1")?, of("reader2")?);
    let mut levels: Vec<u64> = first.iter().chain(&second).copied().collect();
    levels.sort_unstable();
    levels.dedup();
    let codes = |readings: &[u64]| -> Vec<usize> {
        readings
            .iter()
            .map(|level| levels.partition_point(|other| other < level))
            .collect()
    };
    let table = statistics::reader_table(&codes(&first), &codes(&second), levels.len())
        .map_err(Case::method_error)?;
    let kappa =
        |weights| statistics::cohen_kappa(&table, weights, LEVEL).map_err(Case::method_error);
    let plain = kappa(KappaWeights::Unweighted)?;
    Ok(json!({
        "kappa": plain.kappa,
        "se": plain.standard_error,
        "kappa_linear": kappa(KappaWeights::Linear)?.kappa,
        "kappa_quadratic": kappa(KappaWeights::Quadratic)?.kappa,
    }))
}

fn cohen_kappa_intervals(case: &Case) -> Result<Value, CaseError> {
    let table = count_table(case, "table")?;
    let kappa =
        |weights| statistics::cohen_kappa(&table, weights, LEVEL).map_err(Case::method_error);
    let plain = kappa(KappaWeights::Unweighted)?;
    let linear = kappa(KappaWeights::Linear)?;
    let quadratic = kappa(KappaWeights::Quadratic)?;
    Ok(json!({
        "kappa": plain.kappa,
        "standard_error": plain.standard_error,
        "ci95": [plain.lower, plain.upper],
        "null_standard_error": plain.null_standard_error,
        "z": plain.z,
        "kappa_linear": linear.kappa,
        "linear_standard_error": linear.standard_error,
        "linear_ci95": [linear.lower, linear.upper],
        "kappa_quadratic": quadratic.kappa,
        "quadratic_standard_error": quadratic.standard_error,
        "quadratic_ci95": [quadratic.lower, quadratic.upper],
    }))
}

fn bland_altman(case: &Case) -> Result<Value, CaseError> {
    let found = statistics::bland_altman(&case.input("x")?, &case.input("y")?, LEVEL)
        .map_err(Case::method_error)?;
    Ok(json!({
        "mean_difference": found.mean_difference,
        "sd": found.standard_deviation,
        "lower_limit": found.lower_limit,
        "upper_limit": found.upper_limit,
        "mean_ci95": found.mean_difference_interval,
        "lower_limit_ci95": found.lower_limit_interval,
        "upper_limit_ci95": found.upper_limit_interval,
    }))
}

fn e_value(case: &Case) -> Result<Value, CaseError> {
    let place = "data.inputs.cases";
    let cases = case.data["inputs"]["cases"]
        .as_array()
        .ok_or_else(|| malformed(place, "a list of estimates"))?;
    let cases = cases
        .iter()
        .map(|one| {
            let measure = match one["measure"].as_str() {
                Some("risk_ratio") => EffectMeasure::RiskRatio,
                Some("odds_ratio_rare") => EffectMeasure::OddsRatioRare,
                Some("odds_ratio_common") => EffectMeasure::OddsRatioCommon,
                Some("hazard_ratio_rare") => EffectMeasure::HazardRatioRare,
                Some("hazard_ratio_common") => EffectMeasure::HazardRatioCommon,
                _ => {
                    return Err(malformed(
                        &format!("{place}.measure"),
                        "a measure of effect",
                    ));
                }
            };
            let (Some(estimate), Some(&[lower, upper])) =
                (one["estimate"].as_f64(), numbers(&one["ci95"]).as_deref())
            else {
                return Err(malformed(place, "estimates with two limits"));
            };
            let found =
                statistics::e_value(measure, estimate, lower, upper).map_err(Case::method_error)?;
            Ok(json!({ "point": found.point, "confidence_limit": found.confidence_limit }))
        })
        .collect::<Result<Vec<_>, CaseError>>()?;
    Ok(json!({ "cases": cases }))
}
