//! Expressions over columns: Kleene's logic, comparisons, arithmetic, choices, and what stops them.

use prereg::data::{ColumnValues, ExpressionError, Frame, derive, evaluate};
use prereg::plan::{Arithmetic, Branch, ColumnKind, Comparison, Derived, Expression};

use super::declared::category;

pub(super) fn value(name: &str) -> Expression {
    Expression::Value(name.to_owned())
}

pub(super) fn compare(left: Expression, comparison: Comparison, right: Expression) -> Expression {
    Expression::Compare {
        comparison,
        left: Box::new(left),
        right: Box::new(right),
    }
}

fn level(name: &str) -> Expression {
    Expression::Level(name.to_owned())
}

fn divide(left: Expression, right: Expression) -> Expression {
    Expression::Arithmetic {
        operation: Arithmetic::Divide,
        left: Box::new(left),
        right: Box::new(right),
    }
}

/// Three patients: everything known, zero or low, missing.
struct Patients {
    keys: Vec<String>,
    rows: Vec<u32>,
    columns: Vec<(&'static str, ColumnValues)>,
}

impl Patients {
    fn new() -> Self {
        let text = |values: [&str; 2]| {
            values
                .map(|v| Some(v.to_owned()))
                .into_iter()
                .chain([None])
                .collect()
        };
        Self {
            keys: ["a", "b", "c"].map(str::to_owned).to_vec(),
            rows: vec![2, 4, 3],
            columns: vec![
                (
                    "age",
                    ColumnValues::Number(vec![Some(61.0), Some(0.0), None]),
                ),
                (
                    "dose",
                    ColumnValues::Number(vec![Some(122.0), Some(5.0), Some(1.0)]),
                ),
                (
                    "dead",
                    ColumnValues::YesNo(vec![Some(true), Some(false), None]),
                ),
                (
                    "stage",
                    ColumnValues::Category {
                        levels: ["I", "II", "III"].map(str::to_owned).to_vec(),
                        codes: vec![Some(2), Some(0), None],
                    },
                ),
                (
                    "surgery",
                    ColumnValues::Date(text(["2020-02-01", "2019-12-31"])),
                ),
                ("site", ColumnValues::Text(text(["north", "south"]))),
            ],
        }
    }

    fn frame(&self) -> Frame<'_> {
        Frame::new(
            &self.keys,
            &self.rows,
            self.columns.iter().map(|(name, values)| (*name, values)),
        )
        .unwrap()
    }

    fn evaluate(&self, expression: &Expression) -> Result<ColumnValues, ExpressionError> {
        evaluate(expression, &self.frame(), &[0, 1, 2])
    }

    fn truth(&self, expression: &Expression) -> Vec<Option<bool>> {
        match self.evaluate(expression).unwrap() {
            ColumnValues::YesNo(values) => values,
            other => panic!("{other:?}"),
        }
    }
}

/// All nine pairs of no, yes and unknown.
#[test]
fn logic_is_kleenes() {
    let truths = [Some(false), Some(true), None];
    let pairs: Vec<(Option<bool>, Option<bool>)> = truths
        .iter()
        .flat_map(|a| truths.map(|b| (*a, b)))
        .collect();
    let keys: Vec<String> = (0..9).map(|i| i.to_string()).collect();
    let rows: Vec<u32> = (2..11).collect();
    let (a, b) = pairs.iter().copied().unzip();
    let (a, b) = (ColumnValues::YesNo(a), ColumnValues::YesNo(b));
    let frame = Frame::new(&keys, &rows, [("a", &a), ("b", &b)]).unwrap();
    let truth =
        |expression: Expression| match evaluate(&expression, &frame, &(0..9).collect::<Vec<_>>()) {
            Ok(ColumnValues::YesNo(values)) => values,
            other => panic!("{other:?}"),
        };
    let (no, yes) = (Some(false), Some(true));
    assert_eq!(
        truth(Expression::And(vec![value("a"), value("b")])),
        [no, no, no, no, yes, None, no, None, None]
    );
    assert_eq!(
        truth(Expression::Or(vec![value("a"), value("b")])),
        [no, yes, None, yes, yes, yes, None, yes, None]
    );
    let not = |e: Expression| Expression::Not(Box::new(e));
    assert_eq!(
        truth(not(value("a"))),
        [yes, yes, yes, no, no, no, None, None, None]
    );
    // De Morgan.
    assert_eq!(
        truth(not(Expression::And(vec![value("a"), value("b")]))),
        truth(Expression::Or(vec![not(value("a")), not(value("b"))]))
    );
    assert_eq!(
        truth(Expression::IsMissing(Box::new(Expression::And(vec![
            value("a"),
            value("b")
        ])))),
        [no, no, no, no, no, yes, no, yes, yes]
    );
}

#[test]
fn values_are_compared_by_their_type() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, NotEqual};
    let patients = Patients::new();
    let truth = |left, comparison, right| patients.truth(&compare(left, comparison, right));
    let (no, yes) = (Some(false), Some(true));
    assert_eq!(
        truth(value("age"), Greater, Expression::Number(60.0)),
        [yes, no, None]
    );
    assert_eq!(truth(value("stage"), Equal, level("III")), [yes, no, None]);
    assert_eq!(
        truth(value("stage"), GreaterOrEqual, level("II")),
        [yes, no, None]
    );
    assert_eq!(truth(level("II"), Less, value("stage")), [yes, no, None]);
    assert_eq!(
        truth(value("stage"), NotEqual, value("stage")),
        [no, no, None]
    );
    assert_eq!(
        truth(
            value("surgery"),
            Less,
            Expression::Date("2020-01-01".to_owned())
        ),
        [no, yes, None]
    );
    assert_eq!(
        truth(value("site"), Equal, Expression::Text("north".to_owned())),
        [yes, no, None]
    );
    assert_eq!(
        truth(value("dead"), Equal, Expression::YesNo(false)),
        [no, yes, None]
    );
    let one_of = Expression::OneOf {
        value: Box::new(value("stage")),
        options: vec![level("I"), level("II")],
    };
    assert_eq!(patients.truth(&one_of), [no, yes, None]);
}

#[test]
fn arithmetic_converts_and_names_the_patients_that_it_fails_for() {
    let patients = Patients::new();
    let months = Expression::Convert {
        operand: Box::new(value("age")),
        numerator: 12.0,
        denominator: 1.0,
    };
    assert_eq!(
        patients.evaluate(&months),
        Ok(ColumnValues::Number(vec![Some(732.0), Some(0.0), None]))
    );
    let error = patients
        .evaluate(&divide(value("dose"), value("age")))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "division by zero for 1 patient: b (row 4)"
    );
    assert!(error.hint().is_some());
    let error = patients
        .evaluate(&Expression::Ln(Box::new(value("age"))))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the logarithm of a number that is not above 0 for 1 patient: b (row 4)"
    );
    let huge = Expression::Arithmetic {
        operation: Arithmetic::Multiply,
        left: Box::new(Expression::Number(1e308)),
        right: Box::new(value("dose")),
    };
    assert_eq!(
        patients.evaluate(&huge).unwrap_err().to_string(),
        "a result too large to compute with for 2 patients: a (row 2), b (row 4)"
    );
    // A condition that comes first protects, and patients not asked about do no harm.
    let guarded = Expression::And(vec![
        compare(value("age"), Comparison::Greater, Expression::Number(0.0)),
        compare(
            divide(value("dose"), value("age")),
            Comparison::Equal,
            Expression::Number(2.0),
        ),
    ]);
    assert_eq!(patients.truth(&guarded), [Some(true), Some(false), None]);
    let others = evaluate(
        &divide(value("dose"), value("age")),
        &patients.frame(),
        &[2, 0],
    );
    assert_eq!(others, Ok(ColumnValues::Number(vec![None, Some(2.0)])));
    // One zero.
    let negative = Expression::Arithmetic {
        operation: Arithmetic::Multiply,
        left: Box::new(Expression::Number(-1.0)),
        right: Box::new(value("age")),
    };
    let Ok(ColumnValues::Number(values)) = patients.evaluate(&negative) else {
        panic!()
    };
    assert!(values[1].unwrap().is_sign_positive());
}

#[test]
fn a_choice_takes_the_first_branch_that_holds() {
    let patients = Patients::new();
    let choice = |otherwise: Option<&str>| Expression::Choose {
        branches: vec![
            Branch {
                level: "old".to_owned(),
                when: compare(value("age"), Comparison::Greater, Expression::Number(60.0)),
            },
            Branch {
                level: "old".to_owned(),
                when: value("dead"),
            },
        ],
        otherwise: otherwise.map(str::to_owned),
    };
    let codes = |expression: Expression, declared: ColumnKind| {
        let derived = Derived {
            label: "Group".to_owned(),
            kind: declared,
            expression,
        };
        derive(&derived, &patients.frame(), &[0, 1, 2])
    };
    let declared = || category(&[("young", "young"), ("old", "old")], true);
    assert_eq!(
        codes(choice(Some("young")), declared()),
        Ok(ColumnValues::Category {
            levels: vec!["young".to_owned(), "old".to_owned()],
            codes: vec![Some(1), Some(0), None],
        })
    );
    let Ok(ColumnValues::Category { codes: without, .. }) = codes(choice(None), declared()) else {
        panic!()
    };
    assert_eq!(without, [Some(1), None, None]);
    assert_eq!(
        codes(choice(Some("aged")), declared())
            .unwrap_err()
            .to_string(),
        "\"aged\" is no level; the levels are young and old"
    );
    assert_eq!(
        codes(choice(None), ColumnKind::Count)
            .unwrap_err()
            .to_string(),
        "the result is a category, declared as count"
    );
}

#[test]
fn faults_of_the_plan_have_words() {
    let patients = Patients::new();
    let message = |expression: &Expression| patients.evaluate(expression).unwrap_err().to_string();
    assert_eq!(message(&value("weight")), "there is no value named weight");
    assert_eq!(
        message(&Expression::Not(Box::new(value("age")))),
        "`not` does not take a number"
    );
    assert_eq!(
        message(&divide(value("site"), value("age"))),
        "arithmetic does not take a text"
    );
    assert_eq!(
        message(&compare(value("stage"), Comparison::Less, level("IV"))),
        "\"IV\" is no level; the levels are I, II and III"
    );
    assert_eq!(
        message(&compare(
            value("site"),
            Comparison::Less,
            Expression::Text("x".to_owned())
        )),
        "a comparison by order does not take a text"
    );
    assert_eq!(
        message(&compare(value("age"), Comparison::Less, level("I"))),
        "a comparison with another type does not take a category"
    );
    let short = ColumnValues::YesNo(vec![]);
    assert!(Frame::new(&patients.keys, &patients.rows, [("short", &short)]).is_err());
}
