//! The place of each step in the plan: the id under which its result is stored, drawn for, reported and traced.

/// Reads a table.
pub fn table(name: &str) -> String {
    format!("table.{name}")
}

/// The output of a table's step that holds one column.
pub fn column_output(name: &str) -> String {
    format!("column.{name}")
}

/// Aligns another table with the patients of the cohort's table.
pub fn join(table: &str) -> String {
    format!("join.{table}")
}

pub fn cohort(name: &str) -> String {
    format!("cohort.{name}")
}

pub fn derived(name: &str) -> String {
    format!("derive.{name}")
}

pub fn endpoint(name: &str) -> String {
    format!("endpoint.{name}")
}

/// How often an endpoint occurred, and for how long patients were followed.
pub fn outcome(name: &str) -> String {
    format!("outcome.{name}")
}

pub fn split() -> String {
    "split".to_owned()
}

/// The output of the split's step that holds one set.
pub fn set_output(set: &str) -> String {
    format!("set.{set}")
}

pub fn imputation(column: &str) -> String {
    format!("impute.{column}")
}

/// A feature table as it is before anything is learned from it: read from a file, or joined from the patients' steps.
pub fn features(name: &str) -> String {
    format!("features.{name}")
}

/// The images of one patient; `number` counts the patients of the cohort's table from 1.
pub fn patient_features(name: &str, number: usize) -> String {
    format!("features.{name}{PATIENT}{number}")
}

const PATIENT: &str = ".patient.";

/// What the steps of all patients are called together: "features.radiomics"; none for any other step.
pub fn of_patients(step: &str) -> Option<&str> {
    let (group, number) = step.rsplit_once(PATIENT)?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(group)
}

/// One transform of a feature table, `number` from 1 in the order of the study.
pub fn transform(name: &str, number: usize, what: &str) -> String {
    format!("features.{name}.{number}.{what}")
}

pub fn repeatability(name: &str) -> String {
    format!("repeatability.{name}")
}

pub fn signature(name: &str) -> String {
    format!("signature.{name}")
}

pub fn model(name: &str) -> String {
    format!("model.{name}")
}

/// A model from a file.
pub fn locked_model(name: &str) -> String {
    format!("locked_model.{name}")
}

pub fn cutoff(name: &str) -> String {
    format!("cutoff.{name}")
}

pub fn characteristics(name: &str) -> String {
    format!("characteristics.{name}")
}

/// One part of a performance analysis: `discrimination`, `classification`, `calibration`, `hosmer_lemeshow`,
/// `decision_curve`.
pub fn performance(name: &str, part: &str) -> String {
    format!("performance.{name}.{part}")
}

/// One endpoint and grouping of a Kaplan–Meier analysis; without a grouping everybody is one group.
pub fn kaplan_meier(name: &str, endpoint: &str, by: Option<&str>) -> String {
    match by {
        Some(by) => format!("kaplan_meier.{name}.{endpoint}.{by}"),
        None => format!("kaplan_meier.{name}.{endpoint}"),
    }
}

pub fn cox(name: &str) -> String {
    format!("cox.{name}")
}

/// One endpoint and grouping of a subgroup analysis.
pub fn subgroup(name: &str, endpoint: &str, within: &str) -> String {
    format!("subgroup.{name}.{endpoint}.{within}")
}

pub fn results() -> String {
    "results".to_owned()
}
