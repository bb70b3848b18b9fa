//! The outputs of a step computed in memory, without a store: for what must be known before the graph is whole, such as
//! who the patients are.

use std::collections::BTreeMap;
use std::fs;

use serde::de::DeserializeOwned;

use super::action::{Entry, Inputs, Outputs};
use super::graph::{Source, Step};
use crate::store::Digest;

/// The outputs of one step and of those that it needs.
#[derive(Debug)]
pub struct Preview {
    outputs: BTreeMap<String, Outputs>,
}

/// Runs a step and what it needs, nothing else. None if anything fails: a run of the graph tells why.
pub fn preview(steps: &[Step], id: &str) -> Option<Preview> {
    let mut outputs = BTreeMap::new();
    compute(steps, id, &mut outputs)?;
    Some(Preview { outputs })
}

impl Preview {
    /// An output that holds JSON.
    pub fn json<T: DeserializeOwned>(&self, step: &str, output: &str) -> Option<T> {
        serde_json::from_slice(self.outputs.get(step)?.entries.get(output)?).ok()
    }
}

fn compute(steps: &[Step], id: &str, done: &mut BTreeMap<String, Outputs>) -> Option<()> {
    if done.contains_key(id) {
        return Some(());
    }
    let step = steps.iter().find(|step| step.id == id)?;
    let mut entries = BTreeMap::new();
    for input in &step.inputs {
        let entry = match &input.source {
            Source::Output { step, output } => {
                compute(steps, step, done)?;
                Entry::Bytes(done.get(step)?.entries.get(output)?.clone())
            }
            Source::File { path, label } => Entry::File {
                digest: Digest::of(&fs::read(path).ok()?),
                path: path.clone(),
                label: label.clone(),
            },
        };
        entries.insert(input.name.clone(), entry);
    }
    let outputs = step.action.run(&Inputs { entries }).ok()?;
    done.insert(id.to_owned(), outputs);
    Some(())
}
