//! What a reader must know before the numbers: kind of evidence, leakage allowed, patients left out.

use crate::plan::{Analysis, Evidence, MissingValues, Plan, places};
use crate::report::{Note, NoteKind, Part};

use super::collector::{AssembleError, Collector, Place, words};
use super::display::Display;

pub(super) fn notes(plan: &Plan, collector: &mut Collector) -> Result<Vec<Note>, AssembleError> {
    let mut notes = Vec::new();
    let mut note = |kind, text: String| {
        notes.push(Note {
            kind,
            text: vec![words(text)],
        });
    };
    match &plan.study.evidence {
        Some(Evidence::Randomised { note: text }) => {
            note(NoteKind::Evidence, format!("Treatment was randomised. {text}"));
        }
        Some(Evidence::Observational { note: text }) => note(
            NoteKind::Evidence,
            format!("Observational data: treatment was not randomised, and differences may be due to who was treated. {text}"),
        ),
        Some(Evidence::Simulated { note: text }) => note(
            NoteKind::Evidence,
            format!("Simulated data: no patient of this report exists. {text}"),
        ),
        None => note(
            NoteKind::Warning,
            "The study does not say whether treatment was randomised; read comparisons of treatments as observational."
                .to_owned(),
        ),
    }
    for model in plan.locked_models.values() {
        note(
            NoteKind::Information,
            format!(
                "{}: fitted on patients of another study, read from {} and used as it is; a patient outside of what it was \
                 fitted for has no score.",
                model.label, model.file
            ),
        );
    }
    for (name, analysis) in &plan.analyses {
        if let Some(reason) = analysis.allowed_leakage() {
            note(
                NoteKind::Leakage,
                format!(
                    "{name}: evaluated on patients that a fit has seen. The study's reason: {reason}"
                ),
            );
        }
    }
    let apparent: Vec<&str> = plan
        .analyses
        .iter()
        .filter(|(_, analysis)| includes_its_fit(plan, analysis))
        .map(|(name, _)| plan.label(name))
        .collect();
    if !apparent.is_empty() {
        note(
            NoteKind::Information,
            format!(
                "Made on patients among whom are those on whom a score or risk group was fitted, so the differences that they \
                 show are partly apparent: {}.",
                apparent.join("; ")
            ),
        );
    }
    match plan.missing {
        MissingValues::CompleteCases => note(
            NoteKind::Information,
            "Missing values: each analysis leaves out the patients who lack a value that it needs and gives its number of \
             patients."
                .to_owned(),
        ),
        MissingValues::Refuse if plan.imputations.is_empty() => note(
            NoteKind::Information,
            "No value that an analysis needs is missing.".to_owned(),
        ),
        MissingValues::Refuse => {}
    }
    for (column, imputation) in &plan.imputations {
        note(
            NoteKind::Information,
            format!(
                "Missing values of {} were replaced by the {} of the {} in models and regressions.",
                plan.label(column),
                format!("{:?}", imputation.method).to_lowercase(),
                super::flow::set_phrase(plan, &imputation.fit_on)
            ),
        );
    }
    for (name, analysis) in &plan.analyses {
        if let Analysis::Cox(analysis) = analysis {
            notes.extend(hazards_not_proportional(
                plan,
                name,
                &analysis.endpoint,
                collector,
            )?);
        }
    }
    Ok(notes)
}

/// A warning where the test of proportional hazards of the multivariable model is significant.
fn hazards_not_proportional(
    plan: &Plan,
    name: &str,
    endpoint: &str,
    collector: &mut Collector,
) -> Result<Option<Note>, AssembleError> {
    let model = Place::new(places::cox(name), "result").at(&["multivariable"]);
    if collector.is_null(&model) {
        return Ok(None);
    }
    let p = collector.value(
        &format!("{name}.multivariable.proportional_hazards.p"),
        &model.at(&["proportional_hazards", "global", "p"]),
        Display::PValue {
            alpha: plan.study.alpha,
        },
        None,
        Some(&model.at(&["n"])),
    )?;
    let Part::Significant(_) = p else {
        return Ok(None);
    };
    Ok(Some(Note {
        kind: NoteKind::Warning,
        text: vec![
            words(format!(
                "The hazards of the multivariable Cox model of {} ({name}) are not proportional (p = ",
                plan.label(endpoint)
            )),
            p,
            words("): a hazard ratio is an average over the time of follow-up."),
        ],
    }))
}

/// Does an analysis of survival use scores or risk groups that were fitted on some of its own patients?
fn includes_its_fit(plan: &Plan, analysis: &Analysis) -> bool {
    let (values, on) = match analysis {
        Analysis::KaplanMeier(a) => (&a.by, &a.on),
        Analysis::Cox(a) => (&a.candidates, &a.on),
        Analysis::Subgroup(a) => (&a.within, &a.on),
        Analysis::Characteristics(_) | Analysis::Performance(_) => return false,
    };
    values.iter().any(|value| {
        let score = plan
            .cutoffs
            .get(value)
            .map_or(value, |cutoff| &cutoff.score);
        let sets = [
            fitted_on(plan, score),
            plan.cutoffs
                .get(value)
                .and_then(|cutoff| cutoff.fit_on.as_deref()),
        ];
        sets.into_iter()
            .flatten()
            .any(|set| *on == plan.cohort.name || set == plan.cohort.name || set == on)
    })
}

/// "95%": the confidence of intervals.
pub(super) fn confidence(plan: &Plan) -> String {
    let percent = format!("{:.2}", (1.0 - plan.study.alpha) * 100.0);
    format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'))
}

/// The set on which a score was fitted; none for a column.
pub(super) fn fitted_on<'a>(plan: &'a Plan, score: &str) -> Option<&'a str> {
    plan.signatures
        .get(score)
        .map(|s| s.fit_on.as_str())
        .or_else(|| plan.models.get(score).map(|m| m.fit_on.as_str()))
}
