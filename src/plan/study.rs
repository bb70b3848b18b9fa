//! The study's frame: header, tables, cohort, derived values, endpoints, split.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Analysis, Cutoff, Expression, FeatureTable, FromFile, Image, Model, Region, Repeatability,
    ReportItem, ReportStyle, Signature, Unit,
};

/// A whole study. Names are unique over all maps; a name used in one part is declared in another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub study: Study,
    pub tables: BTreeMap<String, Table>,
    pub cohort: Cohort,
    pub derived: BTreeMap<String, Derived>,
    pub imputations: BTreeMap<String, Imputation>,
    pub missing: MissingValues,
    pub endpoints: BTreeMap<String, Endpoint>,
    pub split: Option<Split>,
    pub images: BTreeMap<String, Image>,
    pub regions: BTreeMap<String, Region>,
    pub features: BTreeMap<String, FeatureTable>,
    pub repeatability: BTreeMap<String, Repeatability>,
    pub signatures: BTreeMap<String, Signature>,
    pub models: BTreeMap<String, Model>,
    /// Models fitted elsewhere, each in a file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locked_models: BTreeMap<String, FromFile>,
    pub cutoffs: BTreeMap<String, Cutoff>,
    pub analyses: BTreeMap<String, Analysis>,
    /// In the order of the report.
    pub report: Vec<ReportItem>,
    pub style: ReportStyle,
    /// A folder of templates that replace those of the program, relative to the folder of the study file.
    pub templates: Option<String>,
    /// Why statements differ from the registered plan, by the name of the statement. No part of the canonical form: a
    /// reason is no deviation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deviations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    pub name: String,
    pub title: String,
    pub version: String,
    /// At most 2^53 − 1, so that every JSON reader keeps it.
    pub seed: u64,
    /// Significance level; intervals have confidence 1 − alpha.
    pub alpha: f64,
    pub evidence: Option<Evidence>,
    /// Results on patients outside of those on whom something was fitted are computed only against a registered plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blind: bool,
}

/// What kind of evidence the treatment comparison is, in the author's words: the report prints it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    Randomised { note: String },
    Observational { note: String },
    Simulated { note: String },
}

/// A file of patients, one row each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// As written in the study: relative to the folder of the study file.
    pub file: String,
    /// The sheet of a spreadsheet; none is the first.
    pub sheet: Option<String>,
    /// The column whose values name the patients.
    pub key: String,
    /// Codes that mean "not recorded" in every column, besides the empty field.
    pub missing_codes: Vec<String>,
    /// By name; the order of declaration does not matter.
    pub columns: BTreeMap<String, Column>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The header in the file, where it differs from the name.
    pub header: String,
    /// What the report calls it.
    pub label: String,
    pub kind: ColumnKind,
    /// Codes that mean "not recorded" in this column.
    pub missing_codes: Vec<String>,
}

/// The type of a column or of a derived value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// `unit` is none for plain numbers.
    Number {
        unit: Option<Unit>,
    },
    /// A whole number of things.
    Count,
    /// `coding` is none for the usual ones: 0/1, yes/no, true/false, in any case.
    YesNo {
        coding: Option<Encoding>,
    },
    /// The first level is the reference. `ordered`: an ordinal scale, which may serve as a score.
    Category {
        levels: Vec<Level>,
        ordered: bool,
    },
    /// ISO 8601, YYYY-MM-DD.
    Date,
    Text,
}

/// The codes of yes and no in a file that uses others than the usual ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    pub no: String,
    pub yes: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    pub name: String,
    /// What the report calls it.
    pub label: String,
    /// How the file writes it.
    pub code: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cohort {
    pub name: String,
    pub table: String,
    /// Applied in order; each counts those that it takes from those still there.
    pub rules: Vec<CohortRule>,
}

/// Patients for whom `condition` holds leave the cohort. A condition unknown for a patient is an error of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortRule {
    pub label: String,
    pub condition: Expression,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Derived {
    pub label: String,
    pub kind: ColumnKind,
    pub expression: Expression,
}

/// Missing values of a column replaced, for models, signatures and regressions; descriptive tables show the raw column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Imputation {
    pub method: ImputationMethod,
    /// The set of patients whose values decide the replacement.
    pub fit_on: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImputationMethod {
    Median,
    Mean,
    Mode,
}

/// What an analysis does with patients who lack a value that it needs and that is not imputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingValues {
    /// Nothing was declared: a missing value is an error that asks for a decision.
    Refuse,
    /// Each analysis leaves them out and reports how many.
    CompleteCases,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    pub label: String,
    #[serde(flatten)]
    pub kind: EndpointKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum EndpointKind {
    Binary {
        expression: Expression,
    },
    /// `unit` is the unit of `time`; the report may show another (`shown_in`).
    Survival {
        time: Expression,
        event: Expression,
        unit: Unit,
        shown_in: Unit,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    pub rule: SplitRule,
    /// The sets, in the order of the report; the first is where things are usually fitted.
    pub sets: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitRule {
    /// Drawn by the study's seed; set i has parts[i] of every sum(parts) patients, the first set rounded half up.
    /// Stratified: within each value of these columns or binary endpoints.
    Ratio {
        parts: Vec<u64>,
        stratified_by: Vec<String>,
    },
    /// `levels[i]` of a category or yes_no column makes set i.
    Column { column: String, levels: Vec<String> },
    /// A date column: before this day (ISO 8601) is the first set, from it on the second.
    Date { column: String, before: String },
}
