//! The report: values, tables and figures of a finished study, rendered as HTML, Markdown, CSV and SVG.

mod assemble;
mod csv;
mod figures;
mod grid;
mod html;
mod markdown;
mod render;
mod results;
mod values;

pub use assemble::{AssembleError, Sources, StepResults, assemble};
pub use render::{RenderError, Rendered, Templates, render};
pub use results::{
    CalibrationChart, CalibrationGroup, CalibrationLine, Chart, DecisionCurveChart,
    DecisionCurveLine, Figure, FlowChart, ForestChart, ForestRow, HeaderCell, InputFile,
    KaplanMeierChart, NomogramAxis, NomogramChart, NomogramTick, Note, NoteKind, Panel, Part,
    ReportedValue, Results, RocChart, RocCurve, Row, RowKind, StepDescription, StudyHeader,
    SurvivalGroup, Table,
};
