//! One expression for one patient: Kleene's three-valued logic, in which a missing operand makes the result unknown
//! unless the others decide it (`no and unknown` is no, `yes or unknown` is yes).
//!
//! `and`, `or` and the branches of a choice are taken from left to right and stop when decided, so
//! `weight > 0 and dose / weight > 2` never divides by zero.

use std::cmp::Ordering;
use std::fmt;

use crate::numerics::ln;
use crate::plan::{Arithmetic, Branch, Comparison, Expression};

use super::cells::{listed, quoted};
use super::column::ColumnValues;
use super::frame::Frame;
use super::patients::Patients;

/// Why an expression has no value. The first four are faults of the plan, which its checker finds before.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionError {
    UnknownValue {
        name: String,
    },
    UnknownLevel {
        level: String,
        levels: Vec<String>,
    },
    /// An operation on values of a type that it does not take.
    WrongType {
        operation: &'static str,
        found: &'static str,
    },
    /// The values are not of the type that was declared.
    NotAsDeclared {
        declared: &'static str,
        found: &'static str,
    },
    DivisionByZero {
        patients: Patients,
    },
    LogarithmOfNonPositive {
        patients: Patients,
    },
    /// A result too large for a number.
    NotFinite {
        patients: Patients,
    },
}

/// What stops the evaluation for one patient.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    Plan(ExpressionError),
    DivisionByZero,
    LogarithmOfNonPositive,
    NotFinite,
}

/// One value. A level written in the study has no scale until it is compared with a category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Number(f64),
    YesNo(bool),
    Category { levels: &'a [String], code: usize },
    Level(&'a str),
    Date(&'a str),
    Text(&'a str),
}

impl Scalar<'_> {
    fn type_name(self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::YesNo(_) => "yes_no",
            Self::Category { .. } | Self::Level(_) => "category",
            Self::Date(_) => "date",
            Self::Text(_) => "text",
        }
    }

    /// The name of the level of a category.
    pub(super) fn level(&self) -> Option<&str> {
        match self {
            Self::Category { levels, code } => levels.get(*code).map(String::as_str),
            Self::Level(name) => Some(name),
            _ => None,
        }
    }
}

/// The value of `expression` for the patient in `row`; `None` is unknown.
pub(super) fn value<'a>(
    expression: &'a Expression,
    frame: &Frame<'a>,
    row: usize,
) -> Result<Option<Scalar<'a>>, Fault> {
    let evaluate = |expression| value(expression, frame, row);
    let number = |expression, operation| match evaluate(expression)? {
        None => Ok(None),
        Some(Scalar::Number(number)) => Ok(Some(number)),
        Some(other) => Err(wrong_type(operation, other)),
    };
    let logical = |expression, operation| truth(expression, frame, row, operation);
    Ok(match expression {
        Expression::Number(number) => Some(Scalar::Number(*number)),
        Expression::YesNo(value) => Some(Scalar::YesNo(*value)),
        Expression::Level(name) => Some(Scalar::Level(name)),
        Expression::Date(day) => Some(Scalar::Date(day)),
        Expression::Text(text) => Some(Scalar::Text(text)),
        Expression::Value(name) => {
            let column = frame
                .get(name)
                .ok_or_else(|| Fault::Plan(ExpressionError::UnknownValue { name: name.clone() }))?;
            of_column(column, row)
        }
        Expression::Convert {
            operand,
            numerator,
            denominator,
        } => number(operand, "a conversion of units")?
            .map(|value| finite(value * numerator / denominator))
            .transpose()?,
        Expression::Not(operand) => logical(operand, "`not`")?.map(|value| Scalar::YesNo(!value)),
        Expression::And(parts) => {
            decided(parts, false, |part| logical(part, "`and`"))?.map(Scalar::YesNo)
        }
        Expression::Or(parts) => {
            decided(parts, true, |part| logical(part, "`or`"))?.map(Scalar::YesNo)
        }
        Expression::Compare {
            comparison,
            left,
            right,
        } => match (evaluate(left)?, evaluate(right)?) {
            (Some(left), Some(right)) => Some(Scalar::YesNo(compare(*comparison, left, right)?)),
            _ => None,
        },
        Expression::OneOf { value, options } => match evaluate(value)? {
            None => None,
            Some(value) => decided(options, true, |option| match evaluate(option)? {
                None => Ok(None),
                Some(option) => compare(Comparison::Equal, value, option).map(Some),
            })?
            .map(Scalar::YesNo),
        },
        Expression::Arithmetic {
            operation,
            left,
            right,
        } => match (number(left, "arithmetic")?, number(right, "arithmetic")?) {
            (Some(left), Some(right)) => Some(calculate(*operation, left, right)?),
            _ => None,
        },
        Expression::Ln(operand) => match number(operand, "`ln`")? {
            None => None,
            Some(value) if value > 0.0 => Some(finite(ln(value))?),
            Some(_) => return Err(Fault::LogarithmOfNonPositive),
        },
        Expression::IsMissing(operand) => Some(Scalar::YesNo(evaluate(operand)?.is_none())),
        Expression::Choose {
            branches,
            otherwise,
        } => choose(branches, otherwise.as_deref(), frame, row)?,
    })
}

/// Is the condition true for the patient in `row`? `None` is unknown.
pub(super) fn truth(
    expression: &Expression,
    frame: &Frame<'_>,
    row: usize,
    operation: &'static str,
) -> Result<Option<bool>, Fault> {
    match value(expression, frame, row)? {
        None => Ok(None),
        Some(Scalar::YesNo(value)) => Ok(Some(value)),
        Some(other) => Err(wrong_type(operation, other)),
    }
}

fn of_column(column: &ColumnValues, row: usize) -> Option<Scalar<'_>> {
    match column {
        ColumnValues::Number(values) => values.get(row).copied().flatten().map(Scalar::Number),
        ColumnValues::YesNo(values) => values.get(row).copied().flatten().map(Scalar::YesNo),
        ColumnValues::Category { levels, codes } => codes
            .get(row)
            .copied()
            .flatten()
            .map(|code| Scalar::Category { levels, code }),
        ColumnValues::Date(values) => values.get(row)?.as_deref().map(Scalar::Date),
        ColumnValues::Text(values) => values.get(row)?.as_deref().map(Scalar::Text),
    }
}

/// The first part that is `decisive` decides; otherwise one that is unknown leaves the whole unknown.
fn decided<'e>(
    parts: &'e [Expression],
    decisive: bool,
    evaluate: impl Fn(&'e Expression) -> Result<Option<bool>, Fault>,
) -> Result<Option<bool>, Fault> {
    let mut unknown = false;
    for part in parts {
        match evaluate(part)? {
            Some(value) if value == decisive => return Ok(Some(decisive)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok((!unknown).then_some(!decisive))
}

fn choose<'a>(
    branches: &'a [Branch],
    otherwise: Option<&'a str>,
    frame: &Frame<'a>,
    row: usize,
) -> Result<Option<Scalar<'a>>, Fault> {
    for branch in branches {
        match truth(&branch.when, frame, row, "`if`")? {
            Some(true) => return Ok(Some(Scalar::Level(&branch.level))),
            Some(false) => {}
            None => return Ok(None),
        }
    }
    Ok(otherwise.map(Scalar::Level))
}

fn compare(comparison: Comparison, left: Scalar<'_>, right: Scalar<'_>) -> Result<bool, Fault> {
    let order = match (left, right) {
        (Scalar::Number(a), Scalar::Number(b)) => a.partial_cmp(&b),
        (Scalar::Date(a), Scalar::Date(b)) => Some(a.cmp(b)),
        (Scalar::YesNo(a), Scalar::YesNo(b)) => unordered(a == b),
        (Scalar::Text(a), Scalar::Text(b)) => unordered(a == b),
        (Scalar::Level(a), Scalar::Level(b)) => unordered(a == b),
        (Scalar::Category { levels, code }, Scalar::Level(name)) => {
            Some(code.cmp(&code_of(name, levels)?))
        }
        (Scalar::Level(name), Scalar::Category { levels, code }) => {
            Some(code_of(name, levels)?.cmp(&code))
        }
        (Scalar::Category { levels: a, code: x }, Scalar::Category { levels: b, code: y })
            if a == b =>
        {
            Some(x.cmp(&y))
        }
        (Scalar::Category { .. }, Scalar::Category { .. }) => {
            unordered(left.level() == right.level())
        }
        (_, right) => return Err(wrong_type("a comparison with another type", right)),
    };
    Ok(match (comparison, order) {
        (Comparison::Equal, order) => order == Some(Ordering::Equal),
        (Comparison::NotEqual, order) => order != Some(Ordering::Equal),
        (_, None) => return Err(wrong_type("a comparison by order", left)),
        (Comparison::Less, Some(order)) => order.is_lt(),
        (Comparison::LessOrEqual, Some(order)) => order.is_le(),
        (Comparison::Greater, Some(order)) => order.is_gt(),
        (Comparison::GreaterOrEqual, Some(order)) => order.is_ge(),
    })
}

/// Values without an order are equal or not.
fn unordered(equal: bool) -> Option<Ordering> {
    equal.then_some(Ordering::Equal)
}

fn code_of(name: &str, levels: &[String]) -> Result<usize, Fault> {
    levels
        .iter()
        .position(|level| level == name)
        .ok_or_else(|| {
            Fault::Plan(ExpressionError::UnknownLevel {
                level: name.to_owned(),
                levels: levels.to_vec(),
            })
        })
}

fn calculate<'a>(operation: Arithmetic, left: f64, right: f64) -> Result<Scalar<'a>, Fault> {
    finite(match operation {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide if right == 0.0 => return Err(Fault::DivisionByZero),
        Arithmetic::Divide => left / right,
    })
}

/// The number, with one zero only.
fn finite<'a>(value: f64) -> Result<Scalar<'a>, Fault> {
    if value.is_finite() {
        Ok(Scalar::Number(value + 0.0))
    } else {
        Err(Fault::NotFinite)
    }
}

fn wrong_type(operation: &'static str, found: Scalar<'_>) -> Fault {
    Fault::Plan(ExpressionError::WrongType {
        operation,
        found: found.type_name(),
    })
}

impl ExpressionError {
    /// What to do, as one sentence.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::DivisionByZero { .. } => {
                "say in the study what holds for these patients (… if DIVISOR != 0), or correct the data"
            }
            Self::LogarithmOfNonPositive { .. } => {
                "only numbers above 0 have a logarithm: correct the data, or add a constant that the study states"
            }
            Self::NotFinite { .. } => "check the values of these patients against the record",
            Self::UnknownValue { .. }
            | Self::UnknownLevel { .. }
            | Self::WrongType { .. }
            | Self::NotAsDeclared { .. } => return None,
        })
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownValue { name } => write!(f, "there is no value named {name}"),
            Self::UnknownLevel { level, levels } => {
                write!(
                    f,
                    "{} is no level; the levels are {}",
                    quoted(level),
                    listed(levels, "and", 8)
                )
            }
            Self::WrongType { operation, found } => {
                write!(f, "{operation} does not take a {found}")
            }
            Self::NotAsDeclared { declared, found } => {
                write!(f, "the result is a {found}, declared as {declared}")
            }
            Self::DivisionByZero { patients } => write!(f, "division by zero for {patients}"),
            Self::LogarithmOfNonPositive { patients } => {
                write!(
                    f,
                    "the logarithm of a number that is not above 0 for {patients}"
                )
            }
            Self::NotFinite { patients } => {
                write!(f, "a result too large to compute with for {patients}")
            }
        }
    }
}

impl std::error::Error for ExpressionError {}
