//! Warnings about models that were fitted on too few events or patients for their candidates.

use crate::plan::{Plan, places};
use crate::report::{Note, NoteKind};

use super::collector::{AssembleError, Collector, Place, words};
use super::display::Display;

pub(super) fn warnings(plan: &Plan, collector: &mut Collector) -> Result<Vec<Note>, AssembleError> {
    let mut notes = Vec::new();
    for (name, model) in &plan.models {
        let fit = Place::new(places::model(name), "fit");
        let size = fit.at(&["size"]);
        if collector.is_null(&size) {
            continue;
        }
        let is = |collector: &Collector, what: &str| {
            collector
                .read(&size.at(&[what]))
                .is_ok_and(|value| value.as_bool() == Some(true))
        };
        let few_events = is(collector, "few_events");
        if !few_events && !is(collector, "few_patients") {
            continue;
        }
        let n = fit.at(&["n"]);
        let mut number = |what: &str, place: &Place, display| {
            collector.value(&format!("{name}.{what}"), place, display, None, Some(&n))
        };
        let mut text = vec![
            words(format!("{} was fitted on ", model.label)),
            number("n", &n, Display::Count)?,
            words(" patients, with "),
            number(
                "events_per_variable",
                &size.at(&["events_per_variable"]),
                Display::Decimals(1),
            )?,
            words(" events for each of its "),
            number("parameters", &size.at(&["parameters"]), Display::Count)?,
            words(" candidate parameters"),
        ];
        if few_events {
            text.push(words(" (a rule of thumb asks for 10)"));
        }
        text.push(words(
            "; the criteria of Riley et al. (2020), anticipating a Nagelkerke R² of 0.15, ask for ",
        ));
        text.push(number(
            "patients_needed",
            &size.at(&["patients_needed"]),
            Display::Count,
        )?);
        text.push(words(
            " patients. Its performance is likely to be lower in other patients.",
        ));
        notes.push(Note {
            kind: NoteKind::Warning,
            text,
        });
    }
    Ok(notes)
}
