//! Expressions over columns: the values of derived variables, for some patients.

use crate::plan::{ColumnKind, Derived, Expression};

use super::column::ColumnValues;
use super::evaluate::{ExpressionError, Fault, Scalar, value};
use super::frame::Frame;

/// The values of `expression` for the patients in `rows`, in that order. What cannot be computed for some of these
/// patients is an error that names them; other patients are not looked at.
pub fn evaluate(
    expression: &Expression,
    frame: &Frame<'_>,
    rows: &[usize],
) -> Result<ColumnValues, ExpressionError> {
    let mut result = empty_result(expression, frame, rows.len())?;
    let mut faults: Vec<(usize, Fault)> = Vec::new();
    for row in rows {
        match value(expression, frame, *row) {
            Ok(scalar) => push(&mut result, scalar)?,
            Err(Fault::Plan(error)) => return Err(error),
            Err(fault) => faults.push((*row, fault)),
        }
    }
    match faults.first() {
        None => Ok(result),
        Some((_, first)) => Err(of_fault(first, frame, &faults)),
    }
}

/// The first kind of fault and every patient who has it.
fn of_fault(first: &Fault, frame: &Frame<'_>, faults: &[(usize, Fault)]) -> ExpressionError {
    let alike = faults
        .iter()
        .filter(|(_, fault)| fault == first)
        .map(|(row, _)| *row);
    let patients = frame.patients(alike);
    match first {
        Fault::Plan(error) => error.clone(),
        Fault::DivisionByZero => ExpressionError::DivisionByZero { patients },
        Fault::LogarithmOfNonPositive => ExpressionError::LogarithmOfNonPositive { patients },
        Fault::NotFinite => ExpressionError::NotFinite { patients },
    }
}

/// The values of a derived variable as it is declared: the levels of a category in their declared order.
pub fn derive(
    derived: &Derived,
    frame: &Frame<'_>,
    rows: &[usize],
) -> Result<ColumnValues, ExpressionError> {
    let values = evaluate(&derived.expression, frame, rows)?;
    match (&derived.kind, values) {
        (
            ColumnKind::Category { levels, .. },
            ColumnValues::Category {
                levels: found,
                codes,
            },
        ) => {
            let declared: Vec<String> = levels.iter().map(|level| level.name.clone()).collect();
            let places = found
                .iter()
                .map(|level| declared.iter().position(|name| name == level))
                .collect::<Vec<_>>();
            let unknown = |code: usize| ExpressionError::UnknownLevel {
                level: found.get(code).cloned().unwrap_or_default(),
                levels: declared.clone(),
            };
            let codes = codes
                .into_iter()
                .map(|code| match code {
                    None => Ok(None),
                    Some(code) => match places.get(code).copied().flatten() {
                        Some(place) => Ok(Some(place)),
                        None => Err(unknown(code)),
                    },
                })
                .collect::<Result<Vec<_>, _>>()?;
            Ok(ColumnValues::Category {
                levels: declared,
                codes,
            })
        }
        (ColumnKind::Number { .. } | ColumnKind::Count, values @ ColumnValues::Number(_))
        | (ColumnKind::YesNo { .. }, values @ ColumnValues::YesNo(_))
        | (ColumnKind::Date, values @ ColumnValues::Date(_))
        | (ColumnKind::Text, values @ ColumnValues::Text(_)) => Ok(values),
        (declared, values) => Err(ExpressionError::NotAsDeclared {
            declared: match declared {
                ColumnKind::Number { .. } => "number",
                ColumnKind::Count => "count",
                ColumnKind::YesNo { .. } => "yes_no",
                ColumnKind::Category { .. } => "category",
                ColumnKind::Date => "date",
                ColumnKind::Text => "text",
            },
            found: values.type_name(),
        }),
    }
}

/// A column of the type that the expression has, before any value.
fn empty_result(
    expression: &Expression,
    frame: &Frame<'_>,
    size: usize,
) -> Result<ColumnValues, ExpressionError> {
    Ok(match expression {
        Expression::Number(_)
        | Expression::Convert { .. }
        | Expression::Arithmetic { .. }
        | Expression::Ln(_) => ColumnValues::Number(Vec::with_capacity(size)),
        Expression::YesNo(_)
        | Expression::Not(_)
        | Expression::And(_)
        | Expression::Or(_)
        | Expression::Compare { .. }
        | Expression::OneOf { .. }
        | Expression::IsMissing(_) => ColumnValues::YesNo(Vec::with_capacity(size)),
        Expression::Date(_) => ColumnValues::Date(Vec::with_capacity(size)),
        Expression::Text(_) => ColumnValues::Text(Vec::with_capacity(size)),
        Expression::Level(name) => ColumnValues::Category {
            levels: vec![name.clone()],
            codes: Vec::with_capacity(size),
        },
        Expression::Choose {
            branches,
            otherwise,
        } => {
            let mut levels: Vec<String> = Vec::new();
            for level in branches.iter().map(|branch| &branch.level).chain(otherwise) {
                if !levels.contains(level) {
                    levels.push(level.clone());
                }
            }
            ColumnValues::Category {
                levels,
                codes: Vec::with_capacity(size),
            }
        }
        Expression::Value(name) => {
            let column = frame
                .get(name)
                .ok_or_else(|| ExpressionError::UnknownValue { name: name.clone() })?;
            column.select(&[])
        }
    })
}

fn push(result: &mut ColumnValues, scalar: Option<Scalar<'_>>) -> Result<(), ExpressionError> {
    match (result, scalar) {
        (ColumnValues::Number(values), None) => values.push(None),
        (ColumnValues::YesNo(values), None) => values.push(None),
        (ColumnValues::Category { codes, .. }, None) => codes.push(None),
        (ColumnValues::Date(values) | ColumnValues::Text(values), None) => values.push(None),
        (ColumnValues::Number(values), Some(Scalar::Number(value))) => {
            values.push(Some(value + 0.0))
        }
        (ColumnValues::YesNo(values), Some(Scalar::YesNo(value))) => values.push(Some(value)),
        (ColumnValues::Date(values), Some(Scalar::Date(value)))
        | (ColumnValues::Text(values), Some(Scalar::Text(value))) => {
            values.push(Some(value.to_owned()))
        }
        (ColumnValues::Category { codes, .. }, Some(Scalar::Category { code, .. })) => {
            codes.push(Some(code))
        }
        (ColumnValues::Category { levels, codes }, Some(scalar @ Scalar::Level(name))) => {
            let code = levels
                .iter()
                .position(|level| Some(level.as_str()) == scalar.level());
            codes.push(Some(code.ok_or_else(|| ExpressionError::UnknownLevel {
                level: name.to_owned(),
                levels: levels.clone(),
            })?));
        }
        (result, Some(_)) => {
            return Err(ExpressionError::WrongType {
                operation: "a column",
                found: result.type_name(),
            });
        }
    }
    Ok(())
}
