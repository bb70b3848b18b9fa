//! Adapter of the distribution functions and quantiles that every test and interval ends in.

use serde_json::{Map, Value, json};

use super::Method;
use crate::numerics::*;
use crate::validation::case::{Case, CaseError, malformed, numbers};

pub(super) const METHODS: &[Method] = &[Method {
    name: "distribution_functions",
    summary: "tails and quantiles of the normal, chi-squared, t, F and beta distributions",
    run: distribution_functions,
}];

/// A function by the name that cases use, at a point.
fn value(name: &str, at: &[f64]) -> Option<f64> {
    Some(match (name, at) {
        ("normal_upper", [z]) => normal_upper(*z),
        ("normal_quantile", [p]) => normal_quantile(*p),
        ("incomplete_gamma_upper", [x, a]) => incomplete_gamma_upper(*a, *x),
        ("incomplete_gamma_lower", [x, a]) => incomplete_gamma_lower(*a, *x),
        ("chi_squared_upper", [x, df]) => chi_squared_upper(*x, *df),
        ("chi_squared_quantile", [p, df]) => chi_squared_quantile(*p, *df),
        ("student_t_two_sided", [t, df]) => student_t_two_sided(*t, *df),
        ("student_t_quantile", [p, df]) => student_t_quantile(*p, *df),
        ("f_upper", [x, d1, d2]) => f_upper(*x, *d1, *d2),
        ("f_quantile", [p, d1, d2]) => f_quantile(*p, *d1, *d2),
        ("incomplete_beta", [x, a, b]) => incomplete_beta(*a, *b, *x, 1.0 - x),
        ("beta_quantile", [p, a, b]) => beta_quantile(*p, *a, *b),
        _ => return None,
    })
}

/// `data.inputs` names functions, each with a list of points; a point is the list of arguments.
fn distribution_functions(case: &Case) -> Result<Value, CaseError> {
    let place = "data.inputs";
    let functions = case.data["inputs"]
        .as_object()
        .ok_or_else(|| malformed(place, "an object: function to list of points"))?;
    let mut result = Map::new();
    for (name, points) in functions {
        let place = format!("{place}.{name}");
        let points = points
            .as_array()
            .ok_or_else(|| malformed(&place, "a list of points"))?;
        let values = points
            .iter()
            .map(|point| {
                numbers(point)
                    .and_then(|at| value(name, &at))
                    .ok_or_else(|| {
                        malformed(
                            &place,
                            "a distribution function that docs/methods.md names, each point with its number of arguments",
                        )
                    })
            })
            .collect::<Result<Vec<f64>, _>>()?;
        result.insert(name.clone(), json!(values));
    }
    Ok(Value::Object(result))
}
