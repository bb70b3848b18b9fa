//! Analyses: what is computed to be reported. Each names the sets of patients that it is evaluated on; `allow_leakage`
//! is the study's sentence where an evaluation touches patients that a fit has seen.

use serde::{Deserialize, Serialize};

use super::Screen;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "analysis")]
pub enum Analysis {
    Characteristics(Characteristics),
    Performance(Performance),
    KaplanMeier(KaplanMeier),
    Cox(CoxRegression),
    Subgroup(SubgroupBenefit),
}

/// A table of characteristics compared between groups (Table 1 of a paper).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Characteristics {
    pub title: String,
    /// A category, or the split.
    pub by: CharacteristicsBy,
    pub on: String,
    /// Tests where a row names none.
    pub number_test: NumberTest,
    pub category_test: CategoryTest,
    pub summary: NumberSummary,
    pub items: Vec<CharacteristicsItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CharacteristicsBy {
    Split,
    Value(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CharacteristicsItem {
    Section(String),
    Row {
        value: String,
        /// The levels to show; none is: `yes` of a yes_no, all levels of a category.
        shown_levels: Vec<String>,
        test: Option<RowTest>,
        summary: Option<NumberSummary>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowTest {
    Number(NumberTest),
    Category(CategoryTest),
}

/// For more than two groups Mann–Whitney means Kruskal–Wallis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberTest {
    MannWhitney,
    WelchT,
}

/// `ChiSquare`: Pearson's, with Yates' correction in 2 × 2 tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryTest {
    ChiSquare,
    ChiSquareUncorrected,
    FisherExact,
    /// Fisher's exact test where an expected count is below 5, otherwise chi-square.
    ByExpectedCount,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberSummary {
    MedianQuartiles,
    MeanStandardDeviation,
}

/// How well scores predict a binary endpoint (Table 2 of the paper, and its ROC, calibration and decision curves).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Performance {
    pub title: String,
    pub outcome: String,
    /// Models, signatures, number columns or ordered categories, in the order of the rows.
    pub scores: Vec<String>,
    pub on: Vec<String>,
    /// Pairs (score, reference) of paired DeLong tests.
    pub comparisons: Vec<(String, String)>,
    /// Accuracy, sensitivity, specificity and predictive values at the cut-off declared for each score.
    pub at_cutoff: bool,
    /// The cut-off that belongs to each score, where one is declared: score → cut-off.
    pub cutoffs: std::collections::BTreeMap<String, String>,
    /// Resamples of the bootstrap calibration.
    pub calibration_resamples: Option<usize>,
    pub hosmer_lemeshow_groups: Option<usize>,
    pub decision_curve: Option<DecisionCurveRange>,
    pub allow_leakage: Option<String>,
}

/// Threshold probabilities `from`, `from + step`, … up to `to`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionCurveRange {
    pub from: f64,
    pub to: f64,
    pub step: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KaplanMeier {
    pub title: String,
    pub endpoints: Vec<String>,
    /// One figure an endpoint and grouping; none is one curve of all.
    pub by: Vec<String>,
    pub on: String,
    pub allow_leakage: Option<String>,
}

/// Uni- and multivariable Cox regression (Table 3 of the paper).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxRegression {
    pub title: String,
    pub endpoint: String,
    pub candidates: Vec<String>,
    /// Which candidates enter the multivariable model; none is all.
    pub screen: Option<Screen>,
    pub on: String,
    pub allow_leakage: Option<String>,
}

/// Whether a treatment helps within risk groups (Table 4 of the paper).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubgroupBenefit {
    pub title: String,
    pub endpoints: Vec<String>,
    /// A yes_no value, or a category with two levels (the first is the control).
    pub treatment: String,
    pub within: Vec<String>,
    pub adjust: Vec<String>,
    pub interaction: bool,
    pub on: String,
    pub allow_leakage: Option<String>,
}

/// How the report writes numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportStyle {
    /// Decimal places of areas, odds and hazard ratios, accuracy and the like; none is 3 (2 in subgroups).
    pub decimals: Option<usize>,
    pub p_values: PValueStyle,
    /// Between the limits of an interval.
    pub interval: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PValueStyle {
    /// 0.040, <0.001.
    ThreeDecimals,
    /// 0.0396, <0.0001.
    FourDecimals,
    /// 0.04; three decimals below 0.01 and where two would hide on which side of alpha it lies; <0.001.
    TwoDecimals,
    /// The same without the zero before the point: .04.
    TwoDecimalsNoZero,
}

impl Default for ReportStyle {
    fn default() -> Self {
        Self {
            decimals: None,
            p_values: PValueStyle::ThreeDecimals,
            interval: "–".to_owned(),
        }
    }
}

/// A numbered table or figure of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportItem {
    pub kind: ReportKind,
    /// "1", "S2".
    pub number: String,
    pub title: Option<String>,
    /// The analysis, model, signature or cohort that it shows.
    pub name: String,
    /// Which of its figures; none for tables.
    pub aspect: Option<FigureAspect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    Table,
    Figure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureAspect {
    /// The flow chart of the cohort.
    Flow,
    /// The graph of the study.
    Workflow,
    Roc,
    Calibration,
    DecisionCurve,
    /// Kaplan–Meier curves: of a kaplan_meier statement by its groups, of a subgroup statement by treatment.
    Curves,
    /// Hazard ratios of a subgroup statement.
    Forest,
    Nomogram,
}
