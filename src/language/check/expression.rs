//! Types and units of expressions; literals are converted into the unit of what they are compared with.

use crate::plan::{Arithmetic, Branch, ColumnKind, Comparison, Expression, Level, Unit, UnitError};

use super::super::diagnostic::Diagnostic;
use super::super::nearest::nearest;
use super::super::parse::{Kind, Node};
use super::Checker;

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Number(Option<Unit>),
    YesNo,
    Category { levels: Vec<Level>, ordered: bool },
    Date,
    Text,
}

impl Type {
    pub(super) fn of(kind: &ColumnKind) -> Self {
        match kind {
            ColumnKind::Number { unit } => Self::Number(unit.clone()),
            ColumnKind::Count => Self::Number(None),
            ColumnKind::YesNo { .. } => Self::YesNo,
            ColumnKind::Category { levels, ordered } => Self::Category {
                levels: levels.clone(),
                ordered: *ordered,
            },
            ColumnKind::Date => Self::Date,
            ColumnKind::Text => Self::Text,
        }
    }

    pub(super) fn kind(&self) -> ColumnKind {
        match self {
            Self::Number(unit) => ColumnKind::Number { unit: unit.clone() },
            Self::YesNo => ColumnKind::YesNo { coding: None },
            Self::Category { levels, ordered } => ColumnKind::Category {
                levels: levels.clone(),
                ordered: *ordered,
            },
            Self::Date => ColumnKind::Date,
            Self::Text => ColumnKind::Text,
        }
    }

    pub(super) fn describe(&self) -> String {
        match self {
            Self::Number(None) => "a plain number".to_owned(),
            Self::Number(Some(unit)) => {
                format!("a number in {unit} ({})", unit.dimension().describe())
            }
            Self::YesNo => "yes or no".to_owned(),
            Self::Category { .. } => "a category".to_owned(),
            Self::Date => "a date".to_owned(),
            Self::Text => "a text".to_owned(),
        }
    }
}

type Typed = Option<(Expression, Type)>;

impl Checker<'_> {
    /// A condition: an expression that is yes or no.
    pub(super) fn condition(&mut self, node: &Node) -> Option<Expression> {
        let (expression, found) = self.expression(node)?;
        if found != Type::YesNo {
            self.report(
                Diagnostic::error(
                    "type-mismatch",
                    node.span.clone(),
                    format!(
                        "a condition must be yes or no, but this is {}",
                        found.describe()
                    ),
                )
                .hint("compare it with something: `=`, `!=`, `<`, `<=`, `>`, `>=`, `in [...]`"),
            );
            return None;
        }
        Some(expression)
    }

    pub(super) fn expression(&mut self, node: &Node) -> Typed {
        match node.kind {
            Kind::expression | Kind::derived_value | Kind::group | Kind::comparison_expression
                if node.children.len() == 1 =>
            {
                self.expression(node.only())
            }
            Kind::disjunction => self.junction(node, Expression::Or),
            Kind::conjunction => self.junction(node, Expression::And),
            Kind::negation | Kind::primary => self.expression(node.only()),
            Kind::negated => {
                let inner = self.condition(node.only())?;
                Some((Expression::Not(Box::new(inner)), Type::YesNo))
            }
            Kind::comparison_expression => self.comparison(node),
            Kind::sum => self.chain(node, Kind::sum_sign),
            Kind::product => self.chain(node, Kind::product_sign),
            Kind::quantity => self.quantity(node, 1.0),
            Kind::negative => {
                let inner = node.only();
                if inner.kind == Kind::primary && inner.only().kind == Kind::quantity {
                    return self.quantity(inner.only(), -1.0);
                }
                let (operand, found) = self.expression(inner)?;
                let Type::Number(unit) = found else {
                    self.wrong_type(node, "a number", &found);
                    return None;
                };
                let zero = Box::new(Expression::Number(0.0));
                Some((
                    Expression::Arithmetic {
                        operation: Arithmetic::Subtract,
                        left: zero,
                        right: Box::new(operand),
                    },
                    Type::Number(unit),
                ))
            }
            Kind::logarithm => {
                let (operand, found) = self.expression(node.only())?;
                if found != Type::Number(None) {
                    self.wrong_type(
                        node,
                        "a plain number (divide by a quantity with the same unit first)",
                        &found,
                    );
                    return None;
                }
                Some((Expression::Ln(Box::new(operand)), Type::Number(None)))
            }
            Kind::string => Some((Expression::Text(unquoted(&node.text)), Type::Text)),
            Kind::value => self.value(&node.children[0]),
            _ => None,
        }
    }

    fn junction(&mut self, node: &Node, make: fn(Vec<Expression>) -> Expression) -> Typed {
        if let [only] = node.children.as_slice() {
            return self.expression(only);
        }
        let parts: Vec<Option<Expression>> = node
            .children
            .iter()
            .map(|child| self.condition(child))
            .collect();
        Some((make(parts.into_iter().collect::<Option<_>>()?), Type::YesNo))
    }

    fn quantity(&mut self, node: &Node, sign: f64) -> Typed {
        if let Some(date) = node.child(Kind::date) {
            return Some((Expression::Date(date.text.clone()), Type::Date));
        }
        let number: f64 = node.child(Kind::number)?.text.parse().ok()?;
        let unit = match node.child(Kind::literal_unit) {
            Some(unit) => Some(self.unit(unit.only())?),
            None => None,
        };
        Some((Expression::Number(sign * number), Type::Number(unit)))
    }

    fn value(&mut self, name: &Node) -> Typed {
        let found = self.type_of(name)?;
        Some((Expression::Value(name.text.clone()), found))
    }

    /// A chain of + and −, or of × and ÷, from the left.
    fn chain(&mut self, node: &Node, sign: Kind) -> Typed {
        let mut operands = node.children.iter().filter(|child| child.kind != sign);
        let signs: Vec<&Node> = node.all(sign).collect();
        let (mut left, mut found) = self.expression(operands.next()?)?;
        for (operand, sign) in operands.zip(signs) {
            let (right, other) = self.expression(operand)?;
            let (Type::Number(a), Type::Number(b)) = (&found, &other) else {
                let wrong = if matches!(found, Type::Number(_)) {
                    &other
                } else {
                    &found
                };
                let wrong = wrong.clone();
                self.wrong_type(node, "numbers on both sides", &wrong);
                return None;
            };
            let (operation, right, unit) = match sign.text.as_str() {
                "+" | "-" => {
                    let right = self.in_unit(right, b.as_ref(), a.as_ref(), node)?;
                    let operation = if sign.text == "+" {
                        Arithmetic::Add
                    } else {
                        Arithmetic::Subtract
                    };
                    (operation, right, a.clone())
                }
                "*" => {
                    match (a, b) {
                        (Some(unit), None) | (None, Some(unit)) => {
                            (Arithmetic::Multiply, right, Some(unit.clone()))
                        }
                        (None, None) => (Arithmetic::Multiply, right, None),
                        (Some(_), Some(_)) => {
                            self.report(Diagnostic::error(
                            "unit-mismatch",
                            node.span.clone(),
                            "two quantities with units cannot be multiplied here",
                        ).hint("divide one of them by a quantity of the same unit, such as `1 cm`"));
                            return None;
                        }
                    }
                }
                _ => match (a, b) {
                    (_, None) => (Arithmetic::Divide, right, a.clone()),
                    (Some(_), Some(_)) => {
                        let right = self.in_unit(right, b.as_ref(), a.as_ref(), node)?;
                        (Arithmetic::Divide, right, None)
                    }
                    (None, Some(_)) => {
                        self.report(Diagnostic::error(
                            "unit-mismatch",
                            node.span.clone(),
                            "a plain number cannot be divided by a quantity with a unit here",
                        ));
                        return None;
                    }
                },
            };
            left = Expression::Arithmetic {
                operation,
                left: Box::new(left),
                right: Box::new(right),
            };
            found = Type::Number(unit);
        }
        Some((left, found))
    }

    /// An expression in another unit of the same dimension.
    fn in_unit(
        &mut self,
        expression: Expression,
        from: Option<&Unit>,
        to: Option<&Unit>,
        node: &Node,
    ) -> Option<Expression> {
        match (from, to) {
            (None, None) => Some(expression),
            (Some(from), Some(to)) => match from.conversion(to) {
                Some((numerator, denominator)) if numerator == denominator => Some(expression),
                Some((numerator, denominator)) => Some(match expression {
                    Expression::Number(value) => {
                        Expression::Number(value * numerator / denominator)
                    }
                    other => Expression::Convert {
                        operand: Box::new(other),
                        numerator,
                        denominator,
                    },
                }),
                None => {
                    self.report(
                        Diagnostic::error(
                            "unit-mismatch",
                            node.span.clone(),
                            format!(
                                "{} ({}) cannot be compared with {} ({})",
                                to,
                                to.dimension().describe(),
                                from,
                                from.dimension().describe()
                            ),
                        )
                        .hint(format!(
                            "write a quantity of {}, such as `1 {to}`",
                            to.dimension().describe()
                        )),
                    );
                    None
                }
            },
            (None, Some(unit)) | (Some(unit), None) => {
                self.report(
                    Diagnostic::error(
                        "unit-mismatch",
                        node.span.clone(),
                        format!("a plain number stands beside a number in {unit}"),
                    )
                    .hint(format!("write the unit: `… {unit}`")),
                );
                None
            }
        }
    }

    fn comparison(&mut self, node: &Node) -> Typed {
        let left = &node.children[0];
        let tail = &node.children[1];
        match tail.kind {
            Kind::is_missing | Kind::is_known => {
                let (operand, _) = self.expression(left)?;
                let missing = Expression::IsMissing(Box::new(operand));
                let expression = if tail.kind == Kind::is_missing {
                    missing
                } else {
                    Expression::Not(Box::new(missing))
                };
                Some((expression, Type::YesNo))
            }
            Kind::one_of | Kind::not_in => {
                let (value, found) = self.expression(left)?;
                let options: Vec<Option<Expression>> = tail
                    .only()
                    .children
                    .iter()
                    .map(|option| self.beside(option, &found, node))
                    .collect();
                let expression = Expression::OneOf {
                    value: Box::new(value),
                    options: options.into_iter().collect::<Option<_>>()?,
                };
                let expression = if tail.kind == Kind::one_of {
                    expression
                } else {
                    Expression::Not(Box::new(expression))
                };
                Some((expression, Type::YesNo))
            }
            _ => {
                let sign = tail.child(Kind::comparison_sign)?;
                let right = tail.child(Kind::sum)?;
                let comparison = match sign.text.as_str() {
                    "=" => Comparison::Equal,
                    "!=" => Comparison::NotEqual,
                    "<" => Comparison::Less,
                    "<=" => Comparison::LessOrEqual,
                    ">" => Comparison::Greater,
                    ">=" => Comparison::GreaterOrEqual,
                    _ => {
                        self.report(
                            Diagnostic::error(
                                "syntax",
                                sign.span.clone(),
                                "a comparison for equality is written `=`",
                            )
                            .hint("did you mean `=`?"),
                        );
                        return None;
                    }
                };
                let (a, found) = self.expression(left)?;
                let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                if ordered
                    && matches!(
                        found,
                        Type::YesNo | Type::Text | Type::Category { ordered: false, .. }
                    )
                {
                    self.report(
                        Diagnostic::error(
                            "type-mismatch",
                            sign.span.clone(),
                            format!("{} has no order", found.describe()),
                        )
                        .hint("compare with `=` or `!=`, or declare the levels as `ordered [...]`"),
                    );
                    return None;
                }
                let b = self.beside(right, &found, node)?;
                Some((
                    Expression::Compare {
                        comparison,
                        left: Box::new(a),
                        right: Box::new(b),
                    },
                    Type::YesNo,
                ))
            }
        }
    }

    /// What stands on the other side of a value of type `beside`, in its unit; a bare name may be a level.
    fn beside(&mut self, node: &Node, beside: &Type, whole: &Node) -> Option<Expression> {
        if let Type::Category { levels, .. } = beside
            && let Some(name) = bare(node)
        {
            let text = if name.kind == Kind::string {
                unquoted(&name.text)
            } else {
                name.text.clone()
            };
            if levels.iter().any(|level| level.name == text) {
                return Some(Expression::Level(text));
            }
            if !self.is_declared(&text) {
                let known: Vec<&str> = levels.iter().map(|level| level.name.as_str()).collect();
                let mut diagnostic = Diagnostic::error(
                    "unknown-level",
                    name.span.clone(),
                    format!("there is no level `{text}`"),
                )
                .hint(format!("the levels are {}", known.join(", ")));
                if let Some(near) = nearest(&text, known.iter().copied()) {
                    diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
                }
                self.report(diagnostic);
                return None;
            }
        }
        if *beside == Type::YesNo
            && let Some(name) = bare(node)
            && let "yes" | "no" = name.text.as_str()
        {
            return Some(Expression::YesNo(name.text == "yes"));
        }
        let (expression, found) = self.expression(node)?;
        match (beside, &found) {
            (Type::Number(to), Type::Number(from)) => {
                self.in_unit(expression, from.as_ref(), to.as_ref(), whole)
            }
            (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => Some(expression),
            _ => {
                self.report(Diagnostic::error(
                    "type-mismatch",
                    node.span.clone(),
                    format!(
                        "{} cannot be compared with {}",
                        beside.describe(),
                        found.describe()
                    ),
                ));
                None
            }
        }
    }

    /// `low if …, high if …, other otherwise`.
    pub(super) fn choose(&mut self, node: &Node) -> Typed {
        let mut branches = Vec::new();
        let mut levels: Vec<Level> = Vec::new();
        let mut add = |name: &Node| {
            let text = if name.only().kind == Kind::string {
                unquoted(&name.only().text)
            } else {
                name.text.clone()
            };
            if levels.iter().all(|level| level.name != text) {
                levels.push(Level {
                    label: super::label_of(&text),
                    code: text.clone(),
                    name: text.clone(),
                });
            }
            text
        };
        let mut failed = false;
        for branch in node.all(Kind::branch) {
            let level = add(&branch.children[0]);
            match self.condition(&branch.children[1]) {
                Some(when) => branches.push(Branch { level, when }),
                None => failed = true,
            }
        }
        let otherwise = node
            .child(Kind::otherwise)
            .map(|otherwise| add(otherwise.only()));
        if failed {
            return None;
        }
        Some((
            Expression::Choose {
                branches,
                otherwise,
            },
            Type::Category {
                levels,
                ordered: true,
            },
        ))
    }

    pub(super) fn unit(&mut self, node: &Node) -> Option<Unit> {
        let inner = if node.kind == Kind::unit {
            node.only()
        } else {
            node
        };
        if inner.kind == Kind::string {
            return Some(Unit::opaque(&unquoted(&inner.text)));
        }
        match Unit::parse(&inner.text) {
            Ok(unit) => Some(unit),
            Err(UnitError::Unknown { unit, nearest }) => {
                let mut diagnostic = Diagnostic::error(
                    "unknown-unit",
                    inner.span.clone(),
                    format!("there is no unit `{unit}`"),
                );
                if let Some(near) = nearest.first() {
                    diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
                }
                self.report(
                    diagnostic.hint(format!("a unit of your own stands in quotes: \"{unit}\"")),
                );
                None
            }
            Err(UnitError::Malformed { unit }) => {
                self.report(
                    Diagnostic::error(
                        "unknown-unit",
                        inner.span.clone(),
                        format!("`{unit}` is not written like a unit"),
                    )
                    .hint("units are written like `days`, `ng/ml`, `s/mm2`"),
                );
                None
            }
        }
    }

    fn wrong_type(&mut self, node: &Node, expected: &str, found: &Type) {
        self.report(Diagnostic::error(
            "type-mismatch",
            node.span.clone(),
            format!("expected {expected}, found {}", found.describe()),
        ));
    }
}

/// A name or a text that stands alone.
fn bare(node: &Node) -> Option<&Node> {
    let mut node = node;
    while matches!(
        node.kind,
        Kind::sum | Kind::product | Kind::primary | Kind::value
    ) {
        match node.children.as_slice() {
            [only] => node = only,
            _ => return None,
        }
    }
    matches!(node.kind, Kind::name | Kind::string).then_some(node)
}

/// A text without its quotes and escapes.
pub(super) fn unquoted(text: &str) -> String {
    let inside = text
        .strip_prefix('"')
        .and_then(|t| t.strip_suffix('"'))
        .unwrap_or(text);
    let mut result = String::new();
    let mut escaped = false;
    for character in inside.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            result.push(character);
            escaped = false;
        }
    }
    result
}
