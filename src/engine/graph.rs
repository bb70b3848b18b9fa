//! Steps and how they depend on each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::action::Action;
use super::canonical::{self, JsonError};
use crate::store::{Description, Digest, Origin, Stream};

/// One computation: what it does, with what, and from what.
#[derive(Clone)]
pub struct Step {
    /// Its place in the study, for people: `table.clinical`, `model.nomogram`.
    pub id: String,
    /// What it does: `read_table`, `random_forest_signature`.
    pub kind: &'static str,
    /// Of its behaviour: raised when it gives other results for the same description.
    pub version: u32,
    /// Everything else that decides the result.
    pub parameters: Value,
    /// The study's seed, only of a step that draws. Its stream is named by its id, so its key holds the id too.
    pub seed: Option<u64>,
    pub inputs: Vec<Input>,
    pub action: Arc<dyn Action>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The name under which the action asks for it.
    pub name: String,
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Output {
        step: String,
        output: String,
    },
    File {
        /// Where to open it on this machine.
        path: PathBuf,
        /// How the study calls it; receipts and messages say this.
        label: String,
    },
}

impl Source {
    /// The step or the file that it comes from.
    pub fn place(&self) -> &str {
        match self {
            Self::Output { step, .. } => step,
            Self::File { label, .. } => label,
        }
    }

    pub(super) fn origin(&self) -> Origin {
        match self {
            Self::Output { step, output } => Origin::Output {
                step: step.clone(),
                output: output.clone(),
            },
            Self::File { label, .. } => Origin::File {
                file: label.clone(),
            },
        }
    }
}

/// Steps without cycles, each after those that it depends on.
#[derive(Debug)]
pub struct Graph {
    name: String,
    steps: Vec<Step>,
    positions: BTreeMap<String, usize>,
    links: Vec<Links>,
}

/// How a step hangs together with others; steps are meant by their position in the graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Links {
    /// The steps that it takes outputs of.
    pub(super) needs: BTreeSet<usize>,
    /// The steps that take outputs of it.
    pub(super) feeds: BTreeSet<usize>,
    /// Its outputs that other steps take, each with one that does.
    pub(super) wanted: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphError {
    DuplicateStep {
        step: String,
    },
    DuplicateInput {
        step: String,
        input: String,
    },
    UnknownStep {
        step: String,
        input: String,
        unknown: String,
    },
    /// Each takes an output of the one before it, and the first of the last.
    Cycle {
        steps: Vec<String>,
    },
    Parameters {
        step: String,
        source: JsonError,
    },
}

impl Graph {
    /// The graph of these steps, under the name of their study. Their order is kept as far as they depend on each other
    /// that way round.
    pub fn new(name: impl Into<String>, mut steps: Vec<Step>) -> Result<Self, GraphError> {
        for step in &mut steps {
            step.parameters =
                canonical::value(&step.parameters).map_err(|source| GraphError::Parameters {
                    step: step.id.clone(),
                    source,
                })?;
        }
        let needs = dependencies(&steps)?;
        let mut position = vec![0; steps.len()];
        for (new, old) in order(&steps, &needs)?.into_iter().enumerate() {
            position[old] = new;
        }
        let mut placed: Vec<(usize, Step)> = position.into_iter().zip(steps).collect();
        placed.sort_by_key(|(position, _)| *position);
        let steps: Vec<Step> = placed.into_iter().map(|(_, step)| step).collect();

        let ids = steps.iter().map(|step| step.id.clone());
        let positions: BTreeMap<String, usize> = ids.zip(0..).collect();
        let mut links = vec![Links::default(); steps.len()];
        for (position, step) in steps.iter().enumerate() {
            for input in &step.inputs {
                if let Source::Output { step: from, output } = &input.source {
                    let other = positions[from];
                    links[position].needs.insert(other);
                    links[other].feeds.insert(position);
                    let wanted = &mut links[other].wanted;
                    wanted
                        .entry(output.clone())
                        .or_insert_with(|| step.id.clone());
                }
            }
        }
        Ok(Self {
            name: name.into(),
            steps,
            positions,
            links,
        })
    }

    /// The study's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The steps, each after those that it depends on.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(super) fn links(&self, step: usize) -> &Links {
        &self.links[step]
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.positions.get(id).copied()
    }
}

impl Step {
    /// What decides its result, given the contents of its inputs by their names.
    pub(super) fn description(&self, inputs: BTreeMap<String, Digest>) -> Description {
        Description {
            kind: self.kind.to_owned(),
            version: self.version,
            parameters: self.parameters.clone(),
            stream: self.seed.map(|seed| Stream {
                seed,
                step: self.id.clone(),
            }),
            inputs,
        }
    }

    pub(super) fn origins(&self) -> BTreeMap<String, Origin> {
        let origin = |input: &Input| (input.name.clone(), input.source.origin());
        self.inputs.iter().map(origin).collect()
    }
}

/// For each step the positions of the steps that it takes outputs of.
fn dependencies(steps: &[Step]) -> Result<Vec<BTreeSet<usize>>, GraphError> {
    let mut positions = BTreeMap::new();
    for (position, step) in steps.iter().enumerate() {
        if positions.insert(step.id.as_str(), position).is_some() {
            let step = step.id.clone();
            return Err(GraphError::DuplicateStep { step });
        }
    }
    let mut needs = Vec::with_capacity(steps.len());
    for step in steps {
        let mut needed = BTreeSet::new();
        let mut names = BTreeSet::new();
        for input in &step.inputs {
            if !names.insert(&input.name) {
                return Err(GraphError::DuplicateInput {
                    step: step.id.clone(),
                    input: input.name.clone(),
                });
            }
            if let Source::Output { step: from, .. } = &input.source {
                let position =
                    positions
                        .get(from.as_str())
                        .ok_or_else(|| GraphError::UnknownStep {
                            step: step.id.clone(),
                            input: input.name.clone(),
                            unknown: from.clone(),
                        })?;
                needed.insert(*position);
            }
        }
        needs.push(needed);
    }
    Ok(needs)
}

/// Each step after those that it needs; among those that could come next, the first.
fn order(steps: &[Step], needs: &[BTreeSet<usize>]) -> Result<Vec<usize>, GraphError> {
    let mut lacking: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut feeds = vec![Vec::new(); steps.len()];
    for (position, needed) in needs.iter().enumerate() {
        for other in needed {
            feeds[*other].push(position);
        }
    }
    let mut ready: BTreeSet<usize> = (0..steps.len())
        .filter(|step| lacking[*step] == 0)
        .collect();
    let mut order = Vec::with_capacity(steps.len());
    while let Some(next) = ready.pop_first() {
        order.push(next);
        for fed in &feeds[next] {
            lacking[*fed] -= 1;
            if lacking[*fed] == 0 {
                ready.insert(*fed);
            }
        }
    }
    // Every step that is left needs another that is left: going back from any of them ends in a circle.
    let Some(first) = (0..steps.len()).find(|step| lacking[*step] > 0) else {
        return Ok(order);
    };
    let mut way = vec![first];
    loop {
        let here = way[way.len() - 1];
        let before = *needs[here]
            .iter()
            .find(|needed| lacking[**needed] > 0)
            .expect("a step that is left needs one that is left");
        if let Some(start) = way.iter().position(|step| *step == before) {
            let steps = way[start..]
                .iter()
                .rev()
                .map(|step| steps[*step].id.clone());
            return Err(GraphError::Cycle {
                steps: steps.collect(),
            });
        }
        way.push(before);
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("version", &self.version)
            .field("parameters", &self.parameters)
            .field("seed", &self.seed)
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateStep { step } => write!(f, "two steps have the id {step}"),
            Self::DuplicateInput { step, input } => {
                write!(f, "step {step} has two inputs named {input}")
            }
            Self::UnknownStep {
                step,
                input,
                unknown,
            } => {
                write!(
                    f,
                    "step {step} takes its input {input} from the step {unknown}, which is not there"
                )
            }
            Self::Cycle { steps } => {
                let first = steps.first().map_or("", String::as_str);
                write!(
                    f,
                    "steps depend on themselves: {} → {first}",
                    steps.join(" → ")
                )
            }
            Self::Parameters { step, .. } => {
                write!(f, "the parameters of step {step} cannot be part of its key")
            }
        }
    }
}

impl std::error::Error for GraphError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Parameters { source, .. } => Some(source),
            _ => None,
        }
    }
}
