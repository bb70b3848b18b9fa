//! Cohorts, endpoints and splits.

use prereg::data::{
    CohortError, ColumnValues, EndpointError, FlowStep, Frame, SplitError, apply_rules,
    binary_endpoint, split, survival_endpoint,
};
use prereg::numerics::Random;
use prereg::plan::{CohortRule, Comparison, Expression, Split, SplitRule};

use super::expressions::{compare, value};

fn keys(count: usize) -> (Vec<String>, Vec<u32>) {
    (0..count).map(|i| (i.to_string(), i as u32 + 2)).unzip()
}

fn numbers(values: &[Option<f64>]) -> ColumnValues {
    ColumnValues::Number(values.to_vec())
}

fn below(name: &str, limit: f64) -> Expression {
    compare(value(name), Comparison::Less, Expression::Number(limit))
}

fn rule(label: &str, condition: Expression) -> CohortRule {
    CohortRule {
        label: label.to_owned(),
        condition,
    }
}

fn missing(name: &str) -> Expression {
    Expression::IsMissing(Box::new(value(name)))
}

#[test]
fn rules_count_those_whom_they_take_from_those_still_there() {
    let (keys, rows) = keys(6);
    let age = numbers(&[
        Some(17.0),
        Some(40.0),
        Some(50.0),
        None,
        Some(16.0),
        Some(70.0),
    ]);
    let stay = numbers(&[None, Some(1.0), Some(9.0), None, Some(1.0), Some(8.0)]);
    let frame = Frame::new(&keys, &rows, [("age", &age), ("stay", &stay)]).unwrap();
    let minors = rule("Minors", below("age", 18.0));
    let unknown_age = rule("Age not recorded", missing("age"));
    // Patient 0 has no stay recorded, but is gone before anybody asks.
    let short = rule("Short stay", below("stay", 2.0));
    let result = apply_rules(
        &frame,
        &[unknown_age.clone(), minors.clone(), short.clone()],
    )
    .unwrap();
    assert_eq!(result.members, [2, 5]);
    assert_eq!(result.screened, 6);
    let step = |label: &str, excluded, remaining| FlowStep {
        label: label.to_owned(),
        excluded,
        remaining,
    };
    assert_eq!(
        result.flow,
        [
            step("Age not recorded", 1, 5),
            step("Minors", 2, 3),
            step("Short stay", 1, 2)
        ]
    );

    let error = apply_rules(&frame, &[minors.clone(), short]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "exclusion \"Minors\": unknown for 1 patient: 3 (row 5); not recorded: age (1)"
    );
    assert_eq!(
        error.hint().unwrap(),
        "complete the data, or let the study decide: `or age is missing` excludes these patients, `and age is known` keeps them"
    );
    let everybody = rule("Everybody else", Expression::YesNo(true));
    let error = apply_rules(&frame, &[unknown_age, minors, everybody]).unwrap_err();
    assert!(matches!(error, CohortError::Empty { screened: 6, .. }));
    assert_eq!(
        error.to_string(),
        "no patient is left of 6: excluded are 1 by \"Age not recorded\", 2 by \"Minors\", 3 by \"Everybody else\""
    );
}

#[test]
fn all_undecided_rules_are_reported_with_the_first_patients() {
    let (keys, rows) = keys(20);
    let a = numbers(&[&[None; 12][..], &[Some(1.0); 8]].concat());
    let b = numbers(&[&[Some(1.0); 19][..], &[None]].concat());
    let frame = Frame::new(&keys, &rows, [("a", &a), ("b", &b)]).unwrap();
    let error = apply_rules(
        &frame,
        &[rule("A", below("a", 0.0)), rule("B", below("b", 0.0))],
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "exclusion \"A\": unknown for 12 patients: 0 (row 2), 1 (row 3), 2 (row 4), 3 (row 5), 4 (row 6) and 7 more; not recorded: a (12)\n\
         exclusion \"B\": unknown for 1 patient: 19 (row 21); not recorded: b (1)"
    );
}

#[test]
fn endpoints_count_what_they_know() {
    let (keys, rows) = keys(5);
    let time = numbers(&[Some(0.0), Some(3.5), Some(2.0), None, Some(-1.0)]);
    let dead = ColumnValues::YesNo(vec![Some(true), Some(false), None, Some(true), Some(true)]);
    let frame = Frame::new(&keys, &rows, [("time", &time), ("dead", &dead)]).unwrap();
    let binary = binary_endpoint(&value("dead"), &frame, &[0, 1, 2, 3]).unwrap();
    assert_eq!(
        (binary.events, binary.non_events, binary.missing),
        (2, 1, 1)
    );
    assert_eq!(binary.check_both_outcomes(), Ok(()));
    let survival =
        survival_endpoint(&value("time"), &value("dead"), &frame, &[0, 1, 2, 3]).unwrap();
    assert_eq!(survival.times, [Some(0.0), Some(3.5), None, None]);
    assert_eq!(survival.events, [Some(true), Some(false), None, None]);
    assert_eq!(
        (
            survival.event_count,
            survival.missing,
            survival.at_time_zero
        ),
        (1, 2, 1)
    );

    let error = survival_endpoint(&value("time"), &value("dead"), &frame, &[0, 4]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the time is below 0 (down to -1) for 1 patient: 4 (row 6)"
    );
    let nobody = survival_endpoint(&value("time"), &value("dead"), &frame, &[1, 2]).unwrap();
    assert_eq!(
        nobody.check_events(),
        Err(EndpointError::NoEvents { known: 1 })
    );
    assert_eq!(
        nobody.check_events().unwrap_err().to_string(),
        "none of 1 patient has the event"
    );
    let all = binary_endpoint(&value("dead"), &frame, &[0, 3]).unwrap();
    assert_eq!(
        all.check_both_outcomes(),
        Err(EndpointError::OnlyEvents { known: 2 })
    );
    assert_eq!(
        binary_endpoint(&value("time"), &frame, &[0])
            .unwrap_err()
            .to_string(),
        "the result is a number, declared as yes_no"
    );
}

fn sets_of(rule: SplitRule, sets: &[&str]) -> Split {
    Split {
        rule,
        sets: sets.iter().map(|set| (*set).to_owned()).collect(),
    }
}

fn ratio(parts: &[u64], strata: &[&str]) -> Split {
    let rule = SplitRule::Ratio {
        parts: parts.to_vec(),
        stratified_by: strata.iter().map(|name| (*name).to_owned()).collect(),
    };
    sets_of(rule, &["training", "validation", "test"][..parts.len()])
}

#[test]
fn a_random_split_is_pinned() {
    let (keys, rows) = keys(10);
    let frame = Frame::new(&keys, &rows, []).unwrap();
    let members: Vec<usize> = (0..10).collect();
    let drawn = |seed| split(&ratio(&[7, 3], &[]), &frame, &members, seed, "split").unwrap();
    // A change here changes every split that prereg ever drew.
    assert_eq!(
        drawn(20_220_818),
        [vec![0, 2, 3, 5, 7, 8, 9], vec![1, 4, 6]]
    );
    // Without strata the first patients of the shuffled order are the first set.
    let mut shuffled = members.clone();
    Random::new(20_220_818, "split").shuffle(&mut shuffled);
    shuffled[..7].sort_unstable();
    assert_eq!(shuffled[..7], drawn(20_220_818)[0]);
    assert_ne!(drawn(20_220_818), drawn(1));
}

#[test]
fn strata_give_in_proportion() {
    // 129 patients in three strata; 7 : 3 makes 90 and 39.
    let (keys, rows) = keys(129);
    let stage = ColumnValues::Category {
        levels: ["I", "II", "III", "IV"].map(str::to_owned).to_vec(),
        codes: (0..129)
            .map(|i| {
                Some(if i < 64 {
                    0
                } else if i < 107 {
                    1
                } else {
                    3
                })
            })
            .collect(),
    };
    let frame = Frame::new(&keys, &rows, [("stage", &stage)]).unwrap();
    let members: Vec<usize> = (0..129).collect();
    let sets = split(&ratio(&[7, 3], &["stage"]), &frame, &members, 1, "split").unwrap();
    assert_eq!(sets.iter().map(Vec::len).collect::<Vec<_>>(), [90, 39]);
    let count = |set: &[usize], range: std::ops::Range<usize>| {
        set.iter().filter(|row| range.contains(row)).count()
    };
    // 64, 43 and 22 patients; exact shares of 90 are 44.65, 30.0 and 15.35.
    assert_eq!(
        (
            count(&sets[0], 0..64),
            count(&sets[0], 64..107),
            count(&sets[0], 107..129)
        ),
        (45, 30, 15)
    );
}

#[test]
fn columns_and_dates_divide_too() {
    let (keys, rows) = keys(4);
    let site = ColumnValues::Category {
        levels: ["north", "south", "east"].map(str::to_owned).to_vec(),
        codes: vec![Some(1), Some(0), Some(2), Some(1)],
    };
    let day = |day: &str| Some(day.to_owned());
    let surgery = ColumnValues::Date(vec![
        day("2019-12-31"),
        day("2020-01-01"),
        None,
        day("2020-06-01"),
    ]);
    let age = numbers(&[Some(1.0); 4]);
    let frame = Frame::new(
        &keys,
        &rows,
        [("site", &site), ("surgery", &surgery), ("age", &age)],
    )
    .unwrap();
    let by_column = |column: &str, levels: &[&str]| {
        let rule = SplitRule::Column {
            column: column.to_owned(),
            levels: levels.iter().map(|level| (*level).to_owned()).collect(),
        };
        sets_of(rule, &["training", "validation"])
    };
    let by_date = sets_of(
        SplitRule::Date {
            column: "surgery".to_owned(),
            before: "2020-01-01".to_owned(),
        },
        &["training", "validation"],
    );
    let run = |rule: &Split, members: &[usize]| split(rule, &frame, members, 1, "split");
    let message = |rule: &Split, members: &[usize]| run(rule, members).unwrap_err().to_string();
    let sites = by_column("site", &["south", "north"]);
    assert_eq!(run(&sites, &[0, 1, 3]), Ok(vec![vec![0, 3], vec![1]]));
    assert_eq!(
        message(&sites, &[0, 1, 2, 3]),
        "no set takes the patients with site \"east\": 1 patient: 2 (row 4)"
    );
    assert_eq!(
        message(&sites, &[0, 3]),
        "the set validation has no patients (the sets have 2 and 0)"
    );
    assert_eq!(
        message(&by_column("age", &["a", "b"]), &[0]),
        "the split needs a category or yes_no, and age is a number"
    );
    assert_eq!(
        message(&by_column("sex", &["a", "b"]), &[0]),
        "the split uses sex, which does not exist"
    );
    assert_eq!(run(&by_date, &[0, 1, 3]), Ok(vec![vec![0], vec![1, 3]]));
    assert_eq!(
        message(&by_date, &[0, 1, 2]),
        "the split uses surgery, not recorded for 1 patient: 2 (row 4)"
    );
    assert_eq!(
        message(&ratio(&[7, 3], &["surgery"]), &[0, 1]),
        "the split needs a category or yes_no, and surgery is a date"
    );
    assert_eq!(
        message(&ratio(&[7, 3], &[]), &[0]),
        "the set validation has no patients (the sets have 1 and 0)"
    );
    assert_eq!(
        run(&ratio(&[0, 0], &[]), &[0, 1]),
        Err(SplitError::Malformed { sets: 2, parts: 2 })
    );
    assert!(run(&by_column("site", &["south"]), &[0]).is_err());
}
