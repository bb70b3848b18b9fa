//! Whether a treatment helps within each level of a grouping: one endpoint and grouping a step.

use serde::Serialize;

use crate::data::ColumnValues;
use crate::engine::{Input, Inputs, Outputs, Step};
use crate::plan::{SubgroupBenefit, places};
use crate::survival::{
    self, ArmSummary, CurveInterval, GroupBenefit, SurvivalError, Ties, TreatmentByGroup,
    TreatmentEffect,
};

use super::endpoint::{SurvivalPatients, SurvivalValues, survival_source};
use super::error::StepError;
use super::frame::Part;
use super::kaplan_meier::{Curves, Test, curves, test};
use super::sources::{Fault, Make, Sources, input};

#[derive(Serialize)]
struct Benefit {
    n: usize,
    events: usize,
    excluded: usize,
    levels: Vec<Level>,
    interaction: Option<Interaction>,
    /// Why there is no interaction test.
    interaction_not_estimable: Option<String>,
}

#[derive(Serialize)]
struct Level {
    name: String,
    n: usize,
    control: Arm,
    treated: Arm,
    log_rank: Option<Test>,
    hazard_ratio: Option<Ratio>,
    adjusted_hazard_ratio: Option<Ratio>,
    /// Why a figure is missing.
    not_estimable: Option<String>,
    /// What the adjustment had to leave out.
    adjustment_notes: Vec<String>,
    groups: Vec<super::kaplan_meier::Group>,
    risk_times: Vec<f64>,
}

/// Times in the unit that is shown.
#[derive(Serialize)]
struct Arm {
    n: usize,
    events: usize,
    median: Option<f64>,
    median_lower: Option<f64>,
    median_upper: Option<f64>,
}

#[derive(Serialize)]
struct Ratio {
    estimate: f64,
    lower: f64,
    upper: f64,
    p: f64,
}

#[derive(Serialize)]
struct Interaction {
    chi_squared: f64,
    degrees_of_freedom: usize,
    p: f64,
    products: Vec<Product>,
}

#[derive(Serialize)]
struct Product {
    level: Option<String>,
    ratio_of_hazard_ratios: f64,
    lower: f64,
    upper: f64,
}

pub(super) fn steps(sources: &Sources, name: &str, analysis: &SubgroupBenefit) -> Vec<Step> {
    let mut steps = Vec::new();
    for endpoint in &analysis.endpoints {
        for within in &analysis.within {
            steps.push(step(sources, name, analysis, endpoint, within));
        }
    }
    steps
}

fn step(
    sources: &Sources,
    name: &str,
    analysis: &SubgroupBenefit,
    endpoint: &str,
    within: &str,
) -> Step {
    let mut inputs = vec![
        input("survival", survival_source(endpoint)),
        input("set", sources.set(&analysis.on)),
    ];
    let adjust: Vec<&str> = analysis.adjust.iter().map(String::as_str).collect();
    let names = [&[analysis.treatment.as_str(), within], adjust.as_slice()].concat();
    inputs.extend(sources.values(names, Sources::completed));
    let declared = inputs.clone();
    let part = Part::new(
        sources.plan,
        format!("subgroup {name}, {endpoint} within {within}"),
    );
    let level = 1.0 - sources.plan.study.alpha;
    let analysis = analysis.clone();
    let within = within.to_owned();
    Make {
        id: places::subgroup(name, endpoint, &within),
        kind: "treatment_benefit",
        version: 1,
        parameters: serde_json::json!({
            "treatment": &analysis.treatment,
            "within": &within,
            "adjust": &analysis.adjust,
            "interaction": analysis.interaction,
            "confidence_level": level,
            "missing": part.missing,
        }),
        seed: None,
        inputs,
    }
    .step(move |inputs| run(&analysis, &within, &part, level, inputs, &declared))
}

fn run(
    analysis: &SubgroupBenefit,
    within: &str,
    part: &Part,
    level: f64,
    inputs: &Inputs,
    declared: &[Input],
) -> Result<Outputs, Fault> {
    let adjust: Vec<&str> = analysis.adjust.iter().map(String::as_str).collect();
    let needed = [&[analysis.treatment.as_str(), within], adjust.as_slice()].concat();
    let patients = SurvivalPatients::read(inputs, declared, part, &needed)?;
    let treated = treated(&patients, part, &analysis.treatment)?;
    let (levels, groups) = patients.frame.groups(part, within, &patients.rows)?;
    let design = if adjust.is_empty() {
        None
    } else {
        Some(patients.frame.design(part, &adjust, &patients.rows)?)
    };
    let data = TreatmentByGroup {
        times: &patients.times,
        events: &patients.events,
        treatment: &analysis.treatment,
        treated: &treated,
        group: within,
        levels: &levels,
        groups: &groups,
        adjust: design.as_ref(),
        ties: Ties::Efron,
        level,
    };
    let fault = |error: SurvivalError| StepError::method(&part.name, error);
    let benefits = survival::treatment_benefit(&data, CurveInterval::LogLog).map_err(fault)?;
    let mut reported = Vec::new();
    for (code, benefit) in benefits.into_iter().enumerate() {
        let rows: Vec<usize> = (0..groups.len())
            .filter(|row| groups[*row] == code)
            .collect();
        if rows.is_empty() {
            return Err(StepError::method(
                &part.name,
                format!("no patient has the level `{}`", levels[code]),
            )
            .into());
        }
        let times: Vec<f64> = rows.iter().map(|row| patients.times[*row]).collect();
        let events: Vec<bool> = rows.iter().map(|row| patients.events[*row]).collect();
        let arms: Vec<usize> = rows.iter().map(|row| usize::from(treated[*row])).collect();
        let names = ["control".to_owned(), "treated".to_owned()];
        let drawn = curves(
            part,
            &patients.values,
            &times,
            &events,
            &names,
            &arms,
            level,
        )?;
        reported.push(of_level(benefit, drawn, &patients.values));
    }
    let interaction = analysis
        .interaction
        .then(|| survival::treatment_interaction(&data));
    let (interaction, why) = match interaction {
        None => (None, None),
        Some(Err(error)) => (None, Some(error.to_string())),
        Some(Ok(found)) => (
            Some(Interaction {
                chi_squared: found.likelihood_ratio.statistic,
                degrees_of_freedom: found.likelihood_ratio.degrees_of_freedom,
                p: found.likelihood_ratio.p_value,
                products: found
                    .products
                    .into_iter()
                    .map(|product| Product {
                        level: product.level,
                        ratio_of_hazard_ratios: product.hazard_ratio,
                        lower: product.lower,
                        upper: product.upper,
                    })
                    .collect(),
            }),
            None,
        ),
    };
    let mut outputs = Outputs::new();
    outputs.json(
        "result",
        &Benefit {
            n: patients.rows.len(),
            events: patients.event_count(),
            excluded: patients.excluded,
            levels: reported,
            interaction,
            interaction_not_estimable: why,
        },
    )?;
    Ok(outputs)
}

/// Who has the treatment: yes, or the second of two levels.
fn treated(
    patients: &SurvivalPatients,
    part: &Part,
    treatment: &str,
) -> Result<Vec<bool>, StepError> {
    match patients.frame.get(treatment) {
        ColumnValues::Category { .. } => {
            let (_, codes) = patients.frame.groups(part, treatment, &patients.rows)?;
            Ok(codes.into_iter().map(|code| code > 0).collect())
        }
        _ => patients.frame.flags(part, treatment, &patients.rows),
    }
}

fn of_level(benefit: GroupBenefit, drawn: Curves, values: &SurvivalValues) -> Level {
    let mut reasons = Vec::new();
    let log_rank = benefit
        .log_rank
        .map(test)
        .map_err(|error| reasons.push(error.to_string()))
        .ok();
    let mut notes = Vec::new();
    let mut ratio = |effect: Result<TreatmentEffect, SurvivalError>, what: &str| match effect {
        Ok(effect) => {
            notes.extend(
                effect
                    .notes
                    .dropped_columns
                    .iter()
                    .map(|column| format!("{column} does not vary")),
            );
            notes.extend(effect.notes.excluded.iter().map(|level| {
                format!(
                    "{} patients in a level of {} without events",
                    level.patients, level.term
                )
            }));
            Some(Ratio {
                estimate: effect.effect.hazard_ratio,
                lower: effect.effect.lower,
                upper: effect.effect.upper,
                p: effect.effect.p_value,
            })
        }
        Err(error) => {
            reasons.push(format!("{what} not estimable: {error}"));
            None
        }
    };
    let hazard_ratio = ratio(benefit.unadjusted, "hazard ratio");
    let adjusted_hazard_ratio = benefit
        .adjusted
        .and_then(|effect| ratio(effect, "adjusted hazard ratio"));
    Level {
        name: benefit.group,
        n: drawn.n,
        control: arm(benefit.untreated, values),
        treated: arm(benefit.treated, values),
        log_rank,
        hazard_ratio,
        adjusted_hazard_ratio,
        not_estimable: (!reasons.is_empty()).then(|| reasons.join("; ")),
        adjustment_notes: notes,
        groups: drawn.groups,
        risk_times: drawn.risk_times,
    }
}

fn arm(summary: ArmSummary, values: &SurvivalValues) -> Arm {
    let shown = |time: Option<f64>| time.map(|time| values.shown(time));
    Arm {
        n: summary.patients,
        events: summary.events,
        median: shown(summary.median.estimate),
        median_lower: shown(summary.median.lower),
        median_upper: shown(summary.median.upper),
    }
}
