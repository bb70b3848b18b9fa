//! Laws on random graphs: what comes out of the cache is what would be computed, whatever was changed or damaged before,
//! and nothing is computed twice.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};

use prereg::engine::{Graph, Step};
use prereg::store::Store;
use proptest::prelude::*;
use serde_json::json;

use super::study::{empty_folder, everything, files, json_outputs, run, step};

/// A step of a random graph: its outputs are `low` and `high` part of a sum, so that changes often do not get through.
#[derive(Clone, Debug)]
struct Node {
    parameter: u8,
    version: u32,
    seed: Option<u64>,
    /// Of steps before it: how far back, and which output.
    inputs: Vec<(prop::sample::Index, bool)>,
}

#[derive(Clone, Debug)]
enum Edit {
    Parameter(prop::sample::Index, u8),
    Version(prop::sample::Index, u32),
    Seed(prop::sample::Index, Option<u64>),
    Input(prop::sample::Index, prop::sample::Index, bool),
    Remove(prop::sample::Index),
    Flip(prop::sample::Index, prop::sample::Index),
    Cut(prop::sample::Index),
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    let node = (
        0..6_u8,
        1..3_u32,
        prop::option::weighted(0.3, 0..3_u64),
        prop::collection::vec(any::<(prop::sample::Index, bool)>(), 0..4),
    );
    let node = node.prop_map(|(parameter, version, seed, inputs)| Node {
        parameter,
        version,
        seed,
        inputs,
    });
    prop::collection::vec(node, 1..12)
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), 0..6_u8).prop_map(|(node, value)| Edit::Parameter(node, value)),
        1 => (index(), 1..3_u32).prop_map(|(node, value)| Edit::Version(node, value)),
        1 => (index(), prop::option::of(0..3_u64)).prop_map(|(node, value)| Edit::Seed(node, value)),
        1 => (index(), index(), any::<bool>()).prop_map(|(node, other, high)| Edit::Input(node, other, high)),
        1 => index().prop_map(Edit::Remove),
        1 => (index(), index()).prop_map(|(file, byte)| Edit::Flip(file, byte)),
        1 => index().prop_map(Edit::Cut),
    ]
}

/// What an execution was made of.
type Executed = Arc<Mutex<Vec<String>>>;

fn graph(nodes: &[Node], executed: &Executed) -> Graph {
    let made = nodes
        .iter()
        .enumerate()
        .map(|(position, node)| made(position, node, executed));
    Graph::new("random", made.collect()).unwrap()
}

fn made(position: usize, node: &Node, executed: &Executed) -> Step {
    let inputs: BTreeSet<String> = match position {
        0 => BTreeSet::new(),
        _ => node
            .inputs
            .iter()
            .map(|(back, high)| {
                format!(
                    "s{}#{}",
                    back.index(position),
                    if *high { "high" } else { "low" }
                )
            })
            .collect(),
    };
    let inputs: Vec<String> = inputs
        .iter()
        .map(|input| format!("{input} = {input}"))
        .collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let names: Vec<String> = inputs
        .iter()
        .map(|input| input.split(" = ").next().unwrap().to_owned())
        .collect();
    let id = format!("s{position}");
    let (node, executed, own) = (node.clone(), Arc::clone(executed), id.clone());
    let mut made = step(
        &id,
        "sum",
        json!({ "parameter": node.parameter }),
        &inputs,
        {
            let node = node.clone();
            move |inputs| {
                let mut sum = u64::from(node.parameter) + u64::from(node.version) * 3;
                let mut facts = format!("{} {}", node.parameter, node.version);
                if let Some(seed) = node.seed {
                    sum += seed * (own.len() as u64 + position as u64);
                    facts.push_str(&format!(" {seed} {own}"));
                }
                for name in &names {
                    let value: u64 = inputs.json(name)?;
                    sum += value;
                    facts.push_str(&format!(" {name}={value}"));
                }
                executed.lock().unwrap().push(facts);
                json_outputs(&[("low", json!(sum % 4)), ("high", json!(sum / 4 % 3))])
            }
        },
    );
    made.version = node.version;
    made.seed = node.seed;
    made
}

/// Applies an edit; true if it damages the store.
fn apply(edit: &Edit, nodes: &mut [Node], store: &Store) -> bool {
    let count = nodes.len();
    let file = |index: &prop::sample::Index| {
        let all: Vec<_> = files(store.root())
            .into_iter()
            .filter(|file| !file.starts_with("temporary"))
            .collect();
        store.root().join(index.get(&all))
    };
    match edit {
        Edit::Parameter(node, value) => nodes[node.index(count)].parameter = *value,
        Edit::Version(node, value) => nodes[node.index(count)].version = *value,
        Edit::Seed(node, value) => nodes[node.index(count)].seed = *value,
        Edit::Input(node, other, high) => nodes[node.index(count)].inputs.push((*other, *high)),
        Edit::Remove(index) => fs::remove_file(file(index)).unwrap(),
        Edit::Flip(index, byte) => {
            let path = file(index);
            let mut bytes = fs::read(&path).unwrap();
            if !bytes.is_empty() {
                let byte = byte.index(bytes.len());
                bytes[byte] ^= 4;
            }
            fs::write(path, bytes).unwrap();
        }
        Edit::Cut(index) => {
            let path = file(index);
            let bytes = fs::read(&path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }
    }
    matches!(edit, Edit::Remove(_) | Edit::Flip(..) | Edit::Cut(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn cached_is_uncached(mut nodes in nodes(), edits in prop::collection::vec(edit(), 1..8), threads in 1..5_usize) {
        let folder = empty_folder();
        let store = Store::open(folder.path().join("store")).unwrap();
        let executed = Executed::default();
        let mut damaged = false;
        run(&graph(&nodes, &executed), &store, threads);
        for edit in &edits {
            damaged |= apply(edit, &mut nodes, &store);
            let cached = run(&graph(&nodes, &executed), &store, threads);
            prop_assert!(cached.failures().is_empty(), "{:?}", cached.failures());
            let fresh = empty_folder();
            let fresh = Store::open(fresh.path()).unwrap();
            let uncached = run(&graph(&nodes, &Executed::default()), &fresh, 1);
            let digests = |report: &prereg::engine::Report| {
                report.steps.iter().map(|step| (step.id.clone(), step.outputs.clone())).collect::<Vec<_>>()
            };
            prop_assert_eq!(digests(&cached), digests(&uncached));
            if !damaged {
                prop_assert_eq!(everything(&cached), everything(&uncached));
            }
        }
        if !damaged {
            let mut facts = executed.lock().unwrap().clone();
            let executions = facts.len();
            facts.sort();
            facts.dedup();
            prop_assert_eq!(facts.len(), executions);
        }
    }
}
