//! The results in sentences, in the order of the report: who was studied, what happened to them, then table by table.
//! Every number is a reported value; what a table shows already is the same value here.

mod survival;
mod tables;

use crate::plan::{Analysis, EndpointKind, Plan, ReportKind, places};
use crate::report::{Chapter, Figure, Part, Table};

use super::collector::{AssembleError, Collector, Place, words};
use super::display::Display;
use super::figures::shown_unit;
use super::{flow, notes};

pub(super) fn findings(
    plan: &Plan,
    tables: &[Table],
    figures: &[Figure],
    collector: &mut Collector,
) -> Result<Vec<Chapter>, AssembleError> {
    let mut chapters = vec![
        (
            "patients".to_owned(),
            "Patients".to_owned(),
            patients(plan, collector)?,
        ),
        (
            "outcomes".to_owned(),
            "Outcomes and follow-up".to_owned(),
            outcomes(plan, collector)?,
        ),
    ];
    let mut told: Vec<&str> = Vec::new();
    for item in &plan.report {
        let name = item.name.as_str();
        let table = tables.iter().find(|table| table.id == name);
        let paragraphs = match (plan.analyses.get(name), item.kind, table) {
            _ if told.contains(&name) => continue,
            (Some(Analysis::Characteristics(analysis)), _, Some(table)) => {
                tables::characteristics(plan, analysis, table)
            }
            (Some(Analysis::Performance(analysis)), ..) => {
                tables::performance(plan, name, analysis, collector)?
            }
            (Some(Analysis::KaplanMeier(analysis)), ReportKind::Figure, _) => figures
                .iter()
                .find(|figure| figure.number == item.number)
                .map(|figure| survival::kaplan_meier(plan, analysis, figure))
                .unwrap_or_default(),
            (Some(Analysis::Cox(analysis)), _, Some(table)) => {
                tables::regression(plan.label(&analysis.endpoint), "hazard ratio", table)
            }
            (Some(Analysis::Subgroup(analysis)), _, Some(_)) => {
                survival::subgroup(plan, name, analysis, collector)?
            }
            (None, ReportKind::Table, Some(table)) => match plan.models.get(name) {
                Some(model) => tables::regression(plan.label(&model.outcome), "odds ratio", table),
                None => continue,
            },
            _ => continue,
        };
        told.push(name);
        chapters.push((name.to_owned(), plan.label(name).to_owned(), paragraphs));
    }
    Ok(chapters
        .into_iter()
        .filter(|(.., paragraphs)| !paragraphs.is_empty())
        .map(|(id, title, paragraphs)| Chapter {
            id: format!("results-{id}"),
            title,
            paragraphs,
        })
        .collect())
}

/// Counts and medians that a sentence asks for.
struct Reader<'a, 'b> {
    collector: &'a mut Collector<'b>,
}

impl Reader<'_, '_> {
    fn count(&mut self, id: &str, place: &Place) -> Result<Part, AssembleError> {
        self.collector.value(id, place, Display::Count, None, None)
    }
}

fn patients(plan: &Plan, collector: &mut Collector) -> Result<Vec<Vec<Part>>, AssembleError> {
    let cohort = &plan.cohort.name;
    let place = Place::new(places::cohort(cohort), "flow");
    let mut reader = Reader { collector };
    let mut text = vec![
        words("Of "),
        reader.count(&format!("{cohort}.screened"), &place.at(&["screened"]))?,
        words(" patients screened, "),
    ];
    for (index, rule) in plan.cohort.rules.iter().enumerate() {
        let excluded = place.at(&["rules"]).index(index).at(&["excluded"]);
        text.push(reader.count(&format!("{cohort}.excluded.{}", index + 1), &excluded)?);
        let before = if index == 0 {
            " were excluded for"
        } else {
            " for"
        };
        text.push(words(format!("{before} “{}”, ", rule.label)));
    }
    if !plan.cohort.rules.is_empty() {
        text.push(words("and "));
    }
    text.push(reader.count(&format!("{cohort}.included"), &place.at(&["included"]))?);
    text.push(words(" were included"));
    if let Some(split) = &plan.split {
        let sizes = Place::new(places::split(), "sizes");
        text.push(words(": "));
        for (index, set) in split.sets.iter().enumerate() {
            if index > 0 {
                text.push(words(if index + 1 == split.sets.len() {
                    " and "
                } else {
                    ", "
                }));
            }
            text.push(reader.count(&format!("{cohort}.{set}.n"), &sizes.at(&[set]))?);
            text.push(words(format!(" in the {}", flow::set_phrase(plan, set))));
        }
    }
    text.push(words("."));
    Ok(vec![text])
}

fn outcomes(plan: &Plan, collector: &mut Collector) -> Result<Vec<Vec<Part>>, AssembleError> {
    let mut paragraphs = Vec::new();
    for (name, endpoint) in &plan.endpoints {
        let result = Place::new(places::outcome(name), "result");
        let whole = result.at(&["sets", &plan.cohort.name]);
        let id = |what: &str| format!("{name}.{what}");
        let mut text = vec![
            words(format!("{}: ", endpoint.label)),
            collector.value(
                &id("events"),
                &whole.at(&["events"]),
                Display::Count,
                None,
                None,
            )?,
            words(" events among "),
            collector.value(&id("n"), &whole.at(&["n"]), Display::Count, None, None)?,
            words(" patients"),
        ];
        let sets: &[String] = plan.split.as_ref().map_or(&[], |split| &split.sets);
        for (index, set) in sets.iter().enumerate() {
            let place = result.at(&["sets", set]);
            let set_id = |what: &str| format!("{name}.{set}.{what}");
            text.push(words(if index == 0 { " (" } else { ", " }));
            text.push(collector.value(
                &set_id("events"),
                &place.at(&["events"]),
                Display::Count,
                None,
                None,
            )?);
            text.push(words(" of "));
            text.push(collector.value(
                &set_id("n"),
                &place.at(&["n"]),
                Display::Count,
                None,
                None,
            )?);
            text.push(words(format!(" in the {}", flow::set_phrase(plan, set))));
        }
        text.push(words(if sets.is_empty() { "." } else { ")." }));
        if let EndpointKind::Survival { .. } = endpoint.kind {
            for (field, sentence) in [
                ("survival", " The median was "),
                (
                    "follow_up",
                    ", the median follow-up by the reverse Kaplan–Meier estimate ",
                ),
            ] {
                let place = whole.at(&[field]);
                if collector.is_null(&place) {
                    continue;
                }
                text.push(words(sentence));
                text.extend(median(
                    plan,
                    name,
                    &id(field),
                    &place,
                    &whole.at(&["n"]),
                    collector,
                )?);
            }
            text.push(words("."));
        }
        paragraphs.push(text);
    }
    Ok(paragraphs)
}

/// "42.1 months (95% CI 40.0–45.2)".
fn median(
    plan: &Plan,
    endpoint: &str,
    id: &str,
    place: &Place,
    n: &Place,
    collector: &mut Collector,
) -> Result<Vec<Part>, AssembleError> {
    let unit = shown_unit(plan, endpoint).unwrap_or_default();
    let to = collector.to();
    let mut part = |what: &str, field: &str| {
        let id = format!("{id}.{what}");
        collector.value(
            &id,
            &place.at(&[field]),
            Display::Decimals(1),
            Some(&unit),
            Some(n),
        )
    };
    Ok(vec![
        part("median", "estimate")?,
        words(format!(" {unit} ({} CI ", notes::confidence(plan))),
        part("lower", "lower")?,
        to,
        part("upper", "upper")?,
        words(")"),
    ])
}
