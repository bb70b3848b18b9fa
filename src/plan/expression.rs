//! Expressions over a patient's values, typed and with units already converted.

use serde::{Deserialize, Serialize};

/// Numbers are in the unit of the column that they are compared with: the checker converts literals exactly
/// (value × numerator ÷ denominator, one rounding each). A missing operand makes the result unknown (Kleene's logic).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    Number(f64),
    YesNo(bool),
    /// A level of a category, by name.
    Level(String),
    /// A day, ISO 8601.
    Date(String),
    Text(String),
    /// A column, a derived value or a binary endpoint, by name.
    Value(String),
    /// `operand` × `numerator` ÷ `denominator`: from one unit into another.
    Convert {
        operand: Box<Expression>,
        numerator: f64,
        denominator: f64,
    },
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Compare {
        comparison: Comparison,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// The value is one of these.
    OneOf {
        value: Box<Expression>,
        options: Vec<Expression>,
    },
    Arithmetic {
        operation: Arithmetic,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// Natural logarithm of a plain number above 0.
    Ln(Box<Expression>),
    IsMissing(Box<Expression>),
    /// The level of the first branch whose condition holds; `otherwise` if none does; unknown if a condition before
    /// the first that holds is unknown.
    Choose {
        branches: Vec<Branch>,
        otherwise: Option<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    pub level: String,
    pub when: Expression,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Expression {
    /// Every value that the expression reads, each once, in order of first use.
    pub fn values(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Value(name) => {
                if !found.contains(&name.as_str()) {
                    found.push(name);
                }
            }
            Self::Number(_) | Self::YesNo(_) | Self::Level(_) | Self::Date(_) | Self::Text(_) => {}
            Self::Convert { operand, .. }
            | Self::Not(operand)
            | Self::Ln(operand)
            | Self::IsMissing(operand) => {
                operand.collect(found);
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|p| p.collect(found)),
            Self::Compare { left, right, .. } | Self::Arithmetic { left, right, .. } => {
                left.collect(found);
                right.collect(found);
            }
            Self::OneOf { value, options } => {
                value.collect(found);
                options.iter().for_each(|o| o.collect(found));
            }
            Self::Choose { branches, .. } => branches.iter().for_each(|b| b.when.collect(found)),
        }
    }
}
