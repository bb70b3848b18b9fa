//! Conditions of the study in words: labels in quotation marks, numbers with the unit that they are compared in.

use crate::plan::{Arithmetic, Comparison, Expression, Plan};

use super::{any_of, list, number};

/// A condition as part of a sentence.
pub(super) fn condition(plan: &Plan, expression: &Expression) -> String {
    words(plan, expression, None)
}

/// `beside` is the value that a literal is compared with: it knows the unit and the labels of levels.
fn words(plan: &Plan, expression: &Expression, beside: Option<&str>) -> String {
    let inner = |operand: &Expression| match operand {
        Expression::And(_) | Expression::Or(_) => format!("({})", words(plan, operand, None)),
        _ => words(plan, operand, None),
    };
    match expression {
        Expression::Number(value) => with_unit(plan, *value, beside),
        Expression::YesNo(value) => if *value { "yes" } else { "no" }.to_owned(),
        Expression::Level(level) => {
            let label =
                beside.map_or_else(|| level.clone(), |value| plan.level_label(value, level));
            format!("“{label}”")
        }
        Expression::Date(day) => day.clone(),
        Expression::Text(text) => format!("“{text}”"),
        Expression::Value(name) => format!("“{}”", plan.label(name)),
        Expression::Convert { operand, .. } => words(plan, operand, beside),
        Expression::Not(operand) => match &**operand {
            Expression::IsMissing(operand) => format!("{} is recorded", inner(operand)),
            operand => format!("not {}", inner(operand)),
        },
        Expression::And(operands) => {
            list(&operands.iter().map(inner).collect::<Vec<_>>()).replace(", ", " and ")
        }
        Expression::Or(operands) => any_of(&operands.iter().map(inner).collect::<Vec<_>>()),
        Expression::Compare {
            comparison,
            left,
            right,
        } => {
            let beside = value_of(left).or_else(|| value_of(right));
            format!(
                "{} {} {}",
                words(plan, left, beside),
                sign(*comparison),
                words(plan, right, beside)
            )
        }
        Expression::OneOf { value, options } => {
            let beside = value_of(value);
            let options: Vec<String> = options
                .iter()
                .map(|option| words(plan, option, beside))
                .collect();
            format!("{} is {}", words(plan, value, None), any_of(&options))
        }
        Expression::Arithmetic {
            operation,
            left,
            right,
        } => {
            let sign = match operation {
                Arithmetic::Add => "+",
                Arithmetic::Subtract => "−",
                Arithmetic::Multiply => "×",
                Arithmetic::Divide => "÷",
            };
            format!("({} {sign} {})", inner(left), inner(right))
        }
        Expression::Ln(operand) => format!("the natural logarithm of {}", inner(operand)),
        Expression::IsMissing(operand) => format!("{} is not recorded", inner(operand)),
        Expression::Choose {
            branches,
            otherwise,
        } => {
            let mut parts: Vec<String> = branches
                .iter()
                .map(|branch| format!("“{}” if {}", branch.level, words(plan, &branch.when, None)))
                .collect();
            if let Some(level) = otherwise {
                parts.push(format!("“{level}” otherwise"));
            }
            parts.join(", ")
        }
    }
}

fn value_of(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Value(name) => Some(name),
        Expression::Convert { operand, .. } => value_of(operand),
        _ => None,
    }
}

fn with_unit(plan: &Plan, value: f64, beside: Option<&str>) -> String {
    match beside.and_then(|name| plan.unit(name)) {
        Some(unit) => format!("{} {}", number(value), unit.text()),
        None => number(value),
    }
}

/// "<", "≤", …
pub(super) fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "is",
        Comparison::NotEqual => "is not",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "≤",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => "≥",
    }
}
