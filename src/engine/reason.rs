//! Why a step runs rather than being reused.

use std::collections::BTreeMap;
use std::fmt;

use super::parameters;
use crate::store::{Damage, Description, Digest, Last, Origin};

#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Nothing is known of an earlier run in this study.
    FirstRun,
    /// The step does something else, or does it otherwise.
    BehaviourChanged {
        from: String,
        to: String,
    },
    ParametersChanged(Vec<ParameterChange>),
    /// None: the step does not draw.
    SeedChanged {
        from: Option<u64>,
        to: Option<u64>,
    },
    InputsChanged(Vec<InputDifference>),
    /// The step ran before with the same description; this output is gone, or with none the receipt.
    ResultMissing {
        output: Option<String>,
    },
    ResultDamaged {
        damage: Damage,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterChange {
    /// `calibration.resamples`, `candidates[2]`.
    pub path: String,
    /// None: it was not there.
    pub from: Option<String>,
    /// None: it is not there any more.
    pub to: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputDifference {
    pub name: String,
    pub origin: Origin,
    pub change: InputChange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputChange {
    Content,
    Added,
    Removed,
}

/// Why a step with this description has to run. `trouble`: what became of an earlier result of the same description.
pub(super) fn reasons(
    last: Option<&Last>,
    key: Digest,
    now: &Description,
    origins: &BTreeMap<String, Origin>,
    trouble: Option<Reason>,
) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = trouble.into_iter().collect();
    match last {
        None if reasons.is_empty() => reasons.push(Reason::FirstRun),
        Some(last) if last.key != key => reasons.extend(differences(last, now, origins)),
        _ => {}
    }
    if reasons.is_empty() {
        reasons.push(Reason::ResultMissing { output: None });
    }
    reasons
}

/// Every difference between what a step was made of and what it is made of. Inputs whose content is not known
/// yet are missing in `now`.
pub(super) fn differences(
    last: &Last,
    now: &Description,
    origins: &BTreeMap<String, Origin>,
) -> Vec<Reason> {
    let before = &last.description;
    let mut reasons = Vec::new();
    if (&before.kind, before.version) != (&now.kind, now.version) {
        reasons.push(Reason::BehaviourChanged {
            from: behaviour(before),
            to: behaviour(now),
        });
    }
    let changes = parameters::differences(&before.parameters, &now.parameters);
    if !changes.is_empty() {
        reasons.push(Reason::ParametersChanged(changes));
    }
    let seed = |description: &Description| description.stream.as_ref().map(|stream| stream.seed);
    if seed(before) != seed(now) {
        reasons.push(Reason::SeedChanged {
            from: seed(before),
            to: seed(now),
        });
    }
    let removed = last
        .origins
        .iter()
        .filter(|(name, _)| !origins.contains_key(*name));
    let different = origins.iter().chain(removed).filter_map(|(name, origin)| {
        let change = match (
            before.inputs.get(name),
            origins.contains_key(name),
            now.inputs.get(name),
        ) {
            (None, true, _) => InputChange::Added,
            (Some(_), false, _) => InputChange::Removed,
            (Some(before), true, Some(now)) if before != now => InputChange::Content,
            _ => return None,
        };
        Some(InputDifference {
            name: name.clone(),
            origin: origin.clone(),
            change,
        })
    });
    let different: Vec<InputDifference> = different.collect();
    if !different.is_empty() {
        reasons.push(Reason::InputsChanged(different));
    }
    reasons
}

fn behaviour(description: &Description) -> String {
    format!("{} {}", description.kind, description.version)
}

/// A few words: "parameters changed: calibration.resamples: 1000 → 200".
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstRun => write!(f, "first run"),
            Self::BehaviourChanged { from, to } => write!(f, "method changed: {from} → {to}"),
            Self::ParametersChanged(changes) => {
                write!(f, "parameters changed: {}", listed(changes))
            }
            Self::SeedChanged { from, to } => {
                let text = |seed: &Option<u64>| {
                    seed.map_or_else(|| "none".to_owned(), |seed| seed.to_string())
                };
                write!(f, "seed changed: {} → {}", text(from), text(to))
            }
            Self::InputsChanged(inputs) => {
                for (position, (what, change)) in [
                    ("changed", InputChange::Content),
                    ("new input", InputChange::Added),
                    ("no longer an input", InputChange::Removed),
                ]
                .into_iter()
                .filter(|(_, change)| inputs.iter().any(|input| input.change == *change))
                .enumerate()
                {
                    let separator = if position == 0 { "" } else { "; " };
                    write!(
                        f,
                        "{separator}{what}: {}",
                        listed(&by_place(inputs, change))
                    )?;
                }
                Ok(())
            }
            Self::ResultMissing {
                output: Some(output),
            } => write!(f, "its output {output} is not in the store"),
            Self::ResultMissing { output: None } => write!(f, "its result is not in the store"),
            Self::ResultDamaged { damage } => write!(f, "its result was damaged: {damage}"),
        }
    }
}

/// "file clinical.csv", "table.clinical (column.age, column.sex)".
fn by_place(inputs: &[InputDifference], change: InputChange) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for input in inputs.iter().filter(|input| input.change == change) {
        match &input.origin {
            Origin::Output { step, output } => places.entry(step.clone()).or_default().push(output),
            Origin::File { file } => drop(places.entry(format!("file {file}")).or_default()),
        }
    }
    places
        .into_iter()
        .map(|(place, mut outputs)| {
            outputs.sort_unstable();
            outputs.dedup();
            match outputs.is_empty() {
                true => place,
                false => format!("{place} ({})", listed(&outputs)),
            }
        })
        .collect()
}

/// The first few, and how many more.
fn listed<T: fmt::Display>(items: &[T]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = items.iter().take(SHOWN).map(T::to_string).collect();
    let mut text = shown.join(", ");
    if items.len() > SHOWN {
        text.push_str(&format!(" and {} more", items.len() - SHOWN));
    }
    text
}

impl fmt::Display for ParameterChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => write!(f, "{from} → {to}"),
            (None, Some(to)) => write!(f, "{to} added"),
            (Some(from), None) => write!(f, "{from} removed"),
            (None, None) => Ok(()),
        }
    }
}
