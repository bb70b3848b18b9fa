//! Imputation, predictors of regressions and features of learners.

use ndarray::array;
use prereg::data::{
    ColumnValues, FittedImputation, ImputedValue, PredictorError, apply_imputation, complete_rows,
    encode_features, fit_imputation, predictor, predictor_with_levels,
};
use prereg::plan::ImputationMethod::{Mean, Median, Mode};
use prereg::statistics::{Design, Predictor};

fn numbers(values: &[f64]) -> ColumnValues {
    ColumnValues::Number(
        values
            .iter()
            .map(|value| Some(*value).filter(|v| !v.is_nan()))
            .collect(),
    )
}

fn category(levels: &[&str], codes: &[Option<usize>]) -> ColumnValues {
    ColumnValues::Category {
        levels: levels.iter().map(|level| (*level).to_owned()).collect(),
        codes: codes.to_vec(),
    }
}

#[test]
fn the_replacement_is_learned_from_the_given_patients_alone() {
    let age = numbers(&[10.0, 2.0, f64::NAN, 4.0, 4.0, 1000.0]);
    let learned = |method| fit_imputation("age", &age, &[0, 1, 2, 3, 4], method).unwrap();
    assert_eq!(
        learned(Median),
        FittedImputation {
            method: Median,
            value: ImputedValue::Number(4.0),
            observed: 4,
            missing: 1,
        }
    );
    assert_eq!(learned(Mean).value, ImputedValue::Number(5.0));
    assert_eq!(learned(Mode).value, ImputedValue::Number(4.0));
    assert_eq!(
        fit_imputation("age", &age, &[0, 1], Median).unwrap().value,
        ImputedValue::Number(6.0)
    );
    let (filled, replaced) = apply_imputation(&age, &learned(Median)).unwrap();
    assert_eq!(
        (filled, replaced),
        (numbers(&[10.0, 2.0, 4.0, 4.0, 4.0, 1000.0]), 1)
    );
}

#[test]
fn the_mode_of_ties_is_the_first_level() {
    let stage = category(
        &["I", "II", "III"],
        &[Some(2), Some(1), Some(2), Some(1), None],
    );
    let fitted = fit_imputation("stage", &stage, &[0, 1, 2, 3, 4], Mode).unwrap();
    assert_eq!(fitted.value, ImputedValue::Level("II".to_owned()));
    let (filled, replaced) = apply_imputation(&stage, &fitted).unwrap();
    assert_eq!(
        filled,
        category(
            &["I", "II", "III"],
            &[Some(2), Some(1), Some(2), Some(1), Some(1)]
        )
    );
    assert_eq!(replaced, 1);
    let yes_no = ColumnValues::YesNo(vec![Some(true), Some(false), None]);
    assert_eq!(
        fit_imputation("dead", &yes_no, &[0, 1, 2], Mode)
            .unwrap()
            .value,
        ImputedValue::YesNo(false)
    );
    let tied = numbers(&[3.0, 3.0, 1.0, 1.0]);
    assert_eq!(
        fit_imputation("x", &tied, &[0, 1, 2, 3], Mode)
            .unwrap()
            .value,
        ImputedValue::Number(1.0)
    );
}

#[test]
fn what_cannot_be_imputed_has_words() {
    let stage = category(&["I", "II"], &[Some(0), None]);
    let message = |values: &ColumnValues, rows: &[usize], method| {
        let error = fit_imputation("stage", values, rows, method).unwrap_err();
        format!("{error} / {}", error.hint().unwrap())
    };
    assert_eq!(
        message(&stage, &[1], Mode),
        "stage cannot be imputed: none of the 1 patients that it is fitted on has a value / remove the column from the study, or fit the imputation on other patients"
    );
    assert_eq!(
        message(&stage, &[0], Median),
        "stage is a category, which has no median / write `by mode` for a category or yes_no"
    );
    let text = ColumnValues::Text(vec![Some("x".to_owned())]);
    assert_eq!(
        message(&text, &[0], Mode),
        "stage is a text, which has no mode / only numbers, yes_no and categories can be imputed"
    );
    let fitted = fit_imputation("stage", &stage, &[0, 1], Mode).unwrap();
    assert!(apply_imputation(&category(&["A"], &[None]), &fitted).is_err());
    assert!(apply_imputation(&text, &fitted).is_err());
}

#[test]
fn complete_rows_say_why_the_others_are_not() {
    let age = numbers(&[1.0, f64::NAN, 3.0, f64::NAN]);
    let stage = category(&["I", "II"], &[Some(0), None, None, Some(1)]);
    let complete = complete_rows(&[("age", &age), ("stage", &stage)], &[0, 1, 2, 3]);
    assert_eq!(complete.rows, [0]);
    assert_eq!(complete.left_out, 3);
    let counts: Vec<(&str, usize)> = complete
        .missing
        .iter()
        .map(|m| (m.column.as_str(), m.missing))
        .collect();
    assert_eq!(counts, [("age", 2), ("stage", 2)]);
    assert_eq!(complete_rows(&[], &[2, 0]).rows, [2, 0]);
}

#[test]
fn levels_that_nobody_has_leave_the_design() {
    let stage = category(
        &["I", "II", "III", "IV"],
        &[Some(1), Some(3), Some(1), Some(0), None],
    );
    let prepared = predictor("stage", &stage, &[0, 1, 2]).unwrap();
    assert_eq!(
        prepared.predictor,
        Predictor::Category {
            name: "stage".to_owned(),
            levels: vec!["II".to_owned(), "IV".to_owned()],
            codes: vec![0, 1, 0],
        }
    );
    assert_eq!(prepared.unobserved_levels, ["I", "III"]);
    let sex = predictor(
        "sex",
        &ColumnValues::YesNo(vec![Some(true), Some(false), Some(true)]),
        &[0, 1, 2],
    )
    .unwrap();
    let design = Design::new(3, &[prepared.predictor.clone(), sex.predictor]);
    assert_eq!(design.matrix, array![[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]);

    // Other patients, as the fitted model knows the levels.
    let again = predictor_with_levels(&prepared.predictor, &stage, &[1, 1]).unwrap();
    assert_eq!(Design::new(2, &[again]).matrix, array![[1.0], [1.0]]);
    let error = predictor_with_levels(&prepared.predictor, &stage, &[0, 3]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "stage is I for 1 patient, a level that no patient of the fit has"
    );
    assert!(matches!(
        predictor_with_levels(&prepared.predictor, &numbers(&[1.0]), &[0]),
        Err(PredictorError::WrongType { .. })
    ));
}

#[test]
fn predictors_that_cannot_be_fitted_have_words() {
    let message = |values: &ColumnValues, rows: &[usize]| {
        predictor("x", values, rows).unwrap_err().to_string()
    };
    assert_eq!(
        message(&numbers(&[2.0, 2.0]), &[0, 1]),
        "x is 2 for all 2 patients of the analysis"
    );
    assert_eq!(
        message(&ColumnValues::YesNo(vec![Some(true); 3]), &[0, 2]),
        "x is yes for all 2 patients of the analysis"
    );
    assert_eq!(
        message(&category(&["a", "b"], &[Some(1), Some(1)]), &[0, 1]),
        "x is b for all 2 patients of the analysis"
    );
    assert_eq!(
        message(&numbers(&[2.0, f64::NAN]), &[0, 1]),
        "x is not recorded for 1 of 2 patients"
    );
    assert_eq!(
        message(&ColumnValues::Date(vec![None]), &[0]),
        "x is a date and cannot be a predictor here"
    );
    assert_eq!(
        message(&numbers(&[]), &[]),
        "there is no patient to take x from"
    );
}

#[test]
fn features_depend_on_the_declarations_alone() {
    let age = numbers(&[61.0, 58.0, 70.0]);
    let dead = ColumnValues::YesNo(vec![Some(true), Some(false), Some(true)]);
    let stage = category(&["I", "II", "III"], &[Some(2), Some(0), Some(1)]);
    let site = category(&["north", "south"], &[Some(1), Some(1), Some(0)]);
    let columns = [
        ("age", &age, false),
        ("dead", &dead, false),
        ("stage", &stage, true),
        ("site", &site, false),
    ];
    let encoded = encode_features(&columns, &[1, 0]).unwrap();
    assert_eq!(
        encoded.names,
        ["age", "dead", "stage", "site=north", "site=south"]
    );
    assert_eq!(
        encoded.matrix,
        array![[58.0, 0.0, 0.0, 0.0, 1.0], [61.0, 1.0, 2.0, 0.0, 1.0]]
    );
    assert_eq!(encode_features(&columns, &[]).unwrap().names, encoded.names);
    let holes = numbers(&[f64::NAN]);
    assert_eq!(
        encode_features(&[("age", &holes, false)], &[0])
            .unwrap_err()
            .to_string(),
        "age is not recorded for 1 of 1 patients"
    );
}
