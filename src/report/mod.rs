//! The report: values, tables and figures of a finished study, rendered as HTML, Markdown, CSV and SVG.

mod about;
mod assemble;
mod csv;
mod figures;
mod grid;
mod html;
mod markdown;
mod render;
mod results;
mod standing;
mod study_text;
mod values;

pub use assemble::{AssembleError, Sources, StepResults, assemble};
pub use render::{RenderError, Rendered, Templates, render, render_beside};
pub use results::{
    CalibrationChart, CalibrationGroup, CalibrationLine, ChangeKind, Chapter, Chart,
    DecisionCurveChart, DecisionCurveLine, Deviation, Figure, FlowChart, ForestChart, ForestRow,
    HeaderCell, InputFile, KaplanMeierChart, NomogramAxis, NomogramChart, NomogramTick, Note,
    NoteKind, Panel, Part, RegistrationSummary, ReportedValue, Results, RocChart, RocCurve, Row,
    RowKind, StepDescription, StudyHeader, SurvivalGroup, Table, WorkflowBox, WorkflowChart,
};
pub use standing::{Beside, Looks, SetLooks};
pub use study_text::StudyText;
