//! What `results.json` holds: every reported value with its descent, and the tables and figures that show them.
//!
//! HTML, Markdown, CSV and SVG are rendered from this alone. A number stands in a table, a figure or a sentence only
//! as the id of a reported value; the value itself was read from the result of a step (`step`, `field`).

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Version of this format.
    pub format: u32,
    pub prereg_version: String,
    pub study: StudyHeader,
    /// What the plan was registered as; none if it was not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub registration: Option<RegistrationSummary>,
    /// What a blind study does not compute without a registered plan.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub left_out: Vec<String>,
    /// What a reader must know first, in order: kind of evidence, leakage allowed, warnings.
    pub notes: Vec<Note>,
    /// The methods section, written from the plan.
    pub methods: Vec<Chapter>,
    /// The results in sentences.
    pub findings: Vec<Chapter>,
    pub inputs: Vec<InputFile>,
    /// In the order of first appearance in the report.
    pub values: Vec<ReportedValue>,
    pub tables: Vec<Table>,
    pub figures: Vec<Figure>,
    /// The order in which tables and figures appear, by id.
    pub order: Vec<String>,
    /// The steps that the values were read from, by id.
    pub steps: Vec<StepDescription>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyHeader {
    pub name: String,
    pub title: String,
    pub version: String,
    pub seed: u64,
    pub alpha: f64,
    /// SHA-256 of the canonical plan.
    pub plan_digest: String,
}

/// The registration that a study was run against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationSummary {
    /// Of the registration: SHA-256 over all but its digest and signature.
    pub digest: String,
    /// RFC 3339, UTC.
    pub registered: String,
    pub prereg_version: String,
    pub plan_digest: String,
    /// The public key of its signature.
    pub signed_by: Option<String>,
    /// No data file was there.
    pub before_data: bool,
    pub deviations: Vec<Deviation>,
}

/// A statement that differs from the registered plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// The name that the statement declares, or its keyword.
    pub name: String,
    pub kind: ChangeKind,
    pub before: Option<String>,
    pub now: Option<String>,
    /// As the study gives it.
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Removed,
    Changed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub kind: NoteKind,
    pub text: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    Evidence,
    Leakage,
    Warning,
    Information,
    Registration,
    Deviation,
    Looks,
}

/// A part of the text of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    /// `methods-patients`: unique in the report.
    pub id: String,
    pub title: String,
    pub paragraphs: Vec<Vec<Part>>,
}

/// A file that the study read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputFile {
    /// As the study writes it.
    pub file: String,
    /// The rows of the file: one a patient.
    pub patients: u64,
    /// SHA-256 over the keys and the declared columns in the order of the key: the same for every order of the rows.
    pub content_sha256: String,
}

/// One number (or a value that is not reached) of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedValue {
    /// `table2.validation.nomogram.auc`
    pub id: String,
    /// At full precision; null where it does not exist (a median that is not reached).
    pub value: Option<f64>,
    /// As the report shows it.
    pub display: String,
    pub unit: Option<String>,
    /// The number of patients that it was computed from.
    pub n: Option<u64>,
    /// The step that computed it, and the JSON pointer into that step's result: `roc#/sets/validation/auc`.
    pub step: String,
    pub field: String,
}

/// A piece of a cell or a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text(String),
    /// The id of a reported value, shown by its `display`.
    Value(String),
    /// A value shown in bold: a p value below alpha.
    Significant(String),
    /// The letter of a footnote, shown raised: in a cell, and at the head of the footnote.
    Mark(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// `table1`: the name in the study; also the name of its CSV file.
    pub id: String,
    /// "1", "S2".
    pub number: String,
    pub title: String,
    pub header: Vec<Vec<HeaderCell>>,
    pub rows: Vec<Row>,
    /// Below the table: tests used, abbreviations, what a mark means.
    pub footnotes: Vec<Vec<Part>>,
}

/// A heading over `span` columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeaderCell {
    pub text: Vec<Part>,
    pub span: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub kind: RowKind,
    /// The first is the row's label. A section has only that one.
    pub cells: Vec<Vec<Part>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// A heading across the table.
    Section,
    Data,
    /// A level of the row above it: indented.
    Level,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// `figure5`; its panels are `figure5.a`, `figure5.b`, each one SVG file.
    pub id: String,
    pub number: String,
    pub title: String,
    pub panels: Vec<Panel>,
    /// Below the figure.
    pub caption: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    pub id: String,
    pub title: String,
    pub chart: Chart,
    /// The step whose result the chart draws.
    pub step: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "chart")]
pub enum Chart {
    Flow(FlowChart),
    Workflow(WorkflowChart),
    Roc(RocChart),
    Calibration(CalibrationChart),
    DecisionCurve(DecisionCurveChart),
    KaplanMeier(KaplanMeierChart),
    Forest(ForestChart),
    Nomogram(NomogramChart),
}

/// Boxes from top to bottom: screened, each exclusion to the side, included, then the sets beside each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowChart {
    pub screened: Vec<Part>,
    pub exclusions: Vec<Vec<Part>>,
    pub included: Vec<Part>,
    pub sets: Vec<Vec<Part>>,
}

/// The graph of the study, from top to bottom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkflowChart {
    pub boxes: Vec<WorkflowBox>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkflowBox {
    pub name: String,
    pub label: String,
    /// "Signature", "Table", ….
    pub what: String,
    pub row: usize,
    /// The names of the boxes that lead here.
    pub from: Vec<String>,
}

/// Points from (0, 0) to (1, 1): 1 − specificity, sensitivity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocChart {
    pub curves: Vec<RocCurve>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocCurve {
    pub label: String,
    /// What stands in the legend behind the label: the AUC with its interval.
    pub legend: Vec<Part>,
    pub false_positive_rate: Vec<f64>,
    pub sensitivity: Vec<f64>,
}

/// Observed against predicted probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationChart {
    /// Smooth lines: "apparent", "bias-corrected".
    pub lines: Vec<CalibrationLine>,
    /// Patients grouped by predicted risk.
    pub groups: Vec<CalibrationGroup>,
    /// What stands in the corner (Hosmer–Lemeshow p, Brier score).
    pub legend: Vec<Vec<Part>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationLine {
    pub label: String,
    pub predicted: Vec<f64>,
    pub observed: Vec<f64>,
    /// A band around the line, where there is one.
    pub lower: Option<Vec<f64>>,
    pub upper: Option<Vec<f64>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationGroup {
    pub predicted: f64,
    pub observed: f64,
    pub n: u64,
    /// The id of the reported value that `n` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Net benefit by threshold probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionCurveChart {
    pub thresholds: Vec<f64>,
    pub models: Vec<DecisionCurveLine>,
    pub treat_all: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionCurveLine {
    pub label: String,
    pub net_benefit: Vec<f64>,
}

/// Survival curves with the numbers at risk below.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KaplanMeierChart {
    pub endpoint: String,
    pub time_unit: String,
    pub groups: Vec<SurvivalGroup>,
    /// The times under which the numbers at risk stand: the ticks of the axis.
    pub risk_times: Vec<f64>,
    /// What stands in the corner: the log-rank p value.
    pub legend: Vec<Vec<Part>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalGroup {
    pub label: String,
    /// Steps: from time 0, survival 1; the curve is constant until the next time.
    pub times: Vec<f64>,
    pub survival: Vec<f64>,
    pub lower: Vec<Option<f64>>,
    pub upper: Vec<Option<f64>>,
    /// Marks on the curve.
    pub censored: Vec<f64>,
    /// Ids of the numbers at risk at `risk_times`.
    pub at_risk: Vec<String>,
    /// The median with its interval.
    pub median: Vec<Part>,
}

/// Hazard ratios with intervals, a row each, on a logarithmic axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForestChart {
    pub rows: Vec<ForestRow>,
    /// Under the axis, left and right of 1: "favours treatment".
    pub favours: (String, String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForestRow {
    pub label: String,
    pub estimate: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub text: Vec<Part>,
}

/// Axes of points: the points of each value of each term, and the probability at each sum of points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NomogramChart {
    pub axes: Vec<NomogramAxis>,
    /// Ticks of the axis of total points.
    pub total_points: Vec<f64>,
    /// What the probability is of.
    pub outcome: String,
    /// Ticks of the axis of the probability, at the total points where they stand.
    pub probabilities: Vec<NomogramTick>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NomogramAxis {
    pub label: String,
    pub ticks: Vec<NomogramTick>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NomogramTick {
    pub label: String,
    pub points: f64,
}

/// What a step did, for the chain of descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepDescription {
    pub id: String,
    pub kind: String,
    /// Of the behaviour of this kind of step.
    pub version: u32,
    pub parameters: serde_json::Value,
    /// Where the step draws at random.
    pub seed: Option<u64>,
    /// The steps and files that it read.
    pub inputs: Vec<String>,
}
