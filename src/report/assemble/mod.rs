//! From the results of the steps to `results.json`: chooses what is shown where and how it is written. It computes
//! nothing: every number is read from a step's result.

mod characteristics;
mod collector;
mod cox;
mod display;
mod features;
mod figures;
mod findings;
mod flow;
mod learners;
mod methods;
mod model_size;
mod models;
mod nomogram;
mod notes;
mod performance;
mod subgroup;
mod workflow;

use crate::plan::{self, Analysis, FigureAspect, Plan, ReportItem, ReportKind};

use super::{Figure, InputFile, Results, StepDescription, StudyHeader, Table};
use collector::Collector;
pub use collector::{AssembleError, StepResults};

/// Version of the format of `results.json`.
const FORMAT: u32 = 1;

/// Everything that the report is made from.
#[derive(Clone, Debug)]
pub struct Sources {
    pub results: StepResults,
    pub inputs: Vec<InputFile>,
    pub steps: Vec<StepDescription>,
    pub prereg_version: String,
}

/// The results of a finished study.
pub fn assemble(plan: &Plan, sources: &Sources) -> Result<Results, AssembleError> {
    let mut collector = Collector::new(&sources.results, &plan.style);
    let mut tables = Vec::new();
    let mut figures = Vec::new();
    let mut order = Vec::new();
    let mut notes = notes::notes(plan, &mut collector)?;
    notes.extend(model_size::warnings(plan, &mut collector)?);
    for item in &plan.report {
        match item.kind {
            ReportKind::Table => {
                let table = table(plan, item, &mut collector)?;
                order.push(table.id.clone());
                tables.push(table);
                // The whole list is a file beside the report, not a part of it.
                if plan.repeatability.contains_key(&item.name) {
                    tables.push(features::repeatability_list(
                        plan,
                        &item.name,
                        &mut collector,
                    )?);
                }
            }
            ReportKind::Figure => {
                let figure = figure(plan, item, &sources.steps, &mut collector)?;
                order.push(figure.id.clone());
                figures.push(figure);
            }
        }
    }
    let findings = findings::findings(plan, &tables, &figures, &mut collector)?;
    Ok(Results {
        format: FORMAT,
        prereg_version: sources.prereg_version.clone(),
        study: StudyHeader {
            name: plan.study.name.clone(),
            title: plan.study.title.clone(),
            version: plan.study.version.clone(),
            seed: plan.study.seed,
            alpha: plan.study.alpha,
            plan_digest: plan::digest(plan),
        },
        registration: None,
        left_out: Vec::new(),
        notes,
        methods: methods::methods(plan, &sources.prereg_version),
        findings,
        inputs: sources.inputs.clone(),
        values: collector.into_values(),
        tables,
        figures,
        order,
        steps: sources.steps.clone(),
    })
}

fn table(
    plan: &Plan,
    item: &ReportItem,
    collector: &mut Collector,
) -> Result<Table, AssembleError> {
    let name = item.name.as_str();
    let mut table = match plan.analyses.get(name) {
        Some(Analysis::Characteristics(analysis)) => {
            characteristics::table(plan, name, analysis, collector)
        }
        Some(Analysis::Performance(analysis)) => {
            performance::table(plan, name, analysis, collector)
        }
        Some(Analysis::KaplanMeier(analysis)) => {
            figures::survival_table(plan, name, analysis, collector)
        }
        Some(Analysis::Cox(analysis)) => cox::table(plan, name, analysis, collector),
        Some(Analysis::Subgroup(analysis)) => subgroup::table(plan, name, analysis, collector),
        None if plan.models.contains_key(name) => models::model_table(plan, name, collector),
        None if plan.signatures.contains_key(name) => {
            models::signature_table(plan, name, collector)
        }
        None if plan.features.contains_key(name) => features::table(plan, name, collector),
        None if plan.repeatability.contains_key(name) => {
            features::repeatability_table(plan, name, collector)
        }
        None => Err(unknown(name)),
    }?;
    table.number.clone_from(&item.number);
    if let Some(title) = &item.title {
        table.title.clone_from(title);
    }
    Ok(table)
}

fn figure(
    plan: &Plan,
    item: &ReportItem,
    steps: &[StepDescription],
    collector: &mut Collector,
) -> Result<Figure, AssembleError> {
    let name = item.name.as_str();
    let id = format!("figure{}", item.number);
    let (panels, title, caption) = match (plan.analyses.get(name), item.aspect) {
        (None, Some(FigureAspect::Workflow)) => workflow::figure(plan, &id, steps),
        (None, _) if plan.cohort.name == name => flow::figure(plan, &id, collector)?,
        (Some(Analysis::Performance(analysis)), Some(FigureAspect::Roc)) => {
            figures::roc(plan, &id, name, analysis, collector)?
        }
        (Some(Analysis::Performance(analysis)), Some(FigureAspect::Calibration)) => {
            figures::calibration(plan, &id, name, analysis, collector)?
        }
        (Some(Analysis::Performance(analysis)), Some(FigureAspect::DecisionCurve)) => {
            figures::decision_curve(plan, &id, name, analysis, collector)?
        }
        (Some(Analysis::KaplanMeier(analysis)), _) => {
            figures::kaplan_meier(plan, &id, name, analysis, collector)?
        }
        (Some(Analysis::Subgroup(analysis)), Some(FigureAspect::Forest)) => {
            subgroup::forest(plan, &id, name, analysis, collector)?
        }
        (Some(Analysis::Subgroup(analysis)), _) => {
            subgroup::curves(plan, &id, name, analysis, collector)?
        }
        (None, Some(FigureAspect::Nomogram)) => nomogram::figure(plan, &id, name, collector)?,
        _ => return Err(unknown(name)),
    };
    Ok(Figure {
        id,
        number: item.number.clone(),
        title: item.title.clone().unwrap_or(title),
        panels,
        caption,
    })
}

fn unknown(name: &str) -> AssembleError {
    AssembleError {
        step: name.to_owned(),
        field: String::new(),
        problem: "nothing can be shown".to_owned(),
    }
}

/// The letter of a panel or footnote: a, b, …, z, aa, ab, …
fn letter(index: usize) -> String {
    let last = char::from(b'a' + u8::try_from(index % 26).expect("a remainder by 26"));
    if index < 26 {
        last.to_string()
    } else {
        format!("{}{last}", letter(index / 26 - 1))
    }
}
