//! What a reader must know before everything else: whether the plan was registered, what deviates from it, and who had
//! looked at the results before.

use serde::{Deserialize, Serialize};

use super::results::{ChangeKind, Deviation, Note, NoteKind, Part, Results};
use super::study_text::StudyText;

/// What stands beside `results.json` and may differ between two runs of the same study.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    pub looks: Option<Looks>,
    /// Data files that differ from the registered ones.
    pub changed_files: Vec<String>,
    /// The text that declared the study, if it is to be shown.
    pub study: Option<StudyText>,
}

/// Who had looked before, as the log of looks says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    pub sets: Vec<SetLooks>,
    /// Where the chain of the log does not hold.
    pub broken: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLooks {
    pub set: String,
    pub label: String,
    /// Distinct other plans evaluated on the set before this plan first was.
    pub plans_before: u64,
    pub evaluations_before: u64,
}

pub(super) fn notes(results: &Results, beside: &Beside) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |kind, text: String| {
        notes.push(Note {
            kind,
            text: vec![Part::Text(text)],
        });
    };
    match &results.registration {
        None => note(
            NoteKind::Registration,
            "Not registered: this plan was not frozen before its results were seen.".to_owned(),
        ),
        Some(registration) => {
            let data = if registration.before_data {
                "before any data file was there"
            } else {
                "when data files were there already"
            };
            let signed = registration
                .signed_by
                .as_ref()
                .map_or("not signed".to_owned(), |key| {
                    format!("signed with the key {key}")
                });
            let verdict = match registration.deviations.len() {
                0 => "As registered".to_owned(),
                1 => "Registered, with 1 deviation".to_owned(),
                many => format!("Registered, with {many} deviations"),
            };
            note(
                NoteKind::Registration,
                format!(
                    "{verdict}. The plan {} was registered on {}, {data}; {signed}.",
                    registration.plan_digest, registration.registered
                ),
            );
            for deviation in &registration.deviations {
                note(NoteKind::Deviation, sentence(deviation));
            }
        }
    }
    if !beside.changed_files.is_empty() {
        note(
            NoteKind::Warning,
            format!(
                "These data files differ from the ones that were there at registration: {}.",
                beside.changed_files.join(", ")
            ),
        );
    }
    if !results.left_out.is_empty() {
        note(
            NoteKind::Registration,
            format!(
                "The study is blind: without a registered plan these were not computed: {}.",
                results.left_out.join("; ")
            ),
        );
    }
    if let Some(looks) = &beside.looks {
        for set in &looks.sets {
            let text = match set.plans_before {
                0 => format!(
                    "{}: no other plan had been evaluated on it before this one.",
                    set.label
                ),
                plans => format!(
                    "{}: {plans} other {} had been evaluated on it before this one ({} evaluations in the log of looks).",
                    set.label,
                    if plans == 1 { "plan" } else { "plans" },
                    set.evaluations_before
                ),
            };
            note(NoteKind::Looks, text);
        }
        if let Some(broken) = &looks.broken {
            note(
                NoteKind::Warning,
                format!(
                    "The log of looks was tampered with, so its counts cannot be trusted: {broken}."
                ),
            );
        }
    }
    notes
}

fn sentence(deviation: &Deviation) -> String {
    let quoted = |text: &Option<String>| {
        text.as_ref()
            .map_or(String::new(), |text| format!("“{text}”"))
    };
    let what = match deviation.kind {
        ChangeKind::Added => format!("was added: {}", quoted(&deviation.now)),
        ChangeKind::Removed => format!("was removed: {}", quoted(&deviation.before)),
        ChangeKind::Changed => format!(
            "was changed. Registered: {} Now: {}",
            quoted(&deviation.before),
            quoted(&deviation.now)
        ),
    };
    let reason = deviation
        .reason
        .as_ref()
        .map_or("No reason given.".to_owned(), |reason| {
            format!("The study's reason: {reason}")
        });
    format!("`{}` {what} {reason}", deviation.name)
}
