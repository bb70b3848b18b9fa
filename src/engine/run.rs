//! The schedule: which step comes next, and what follows from how it ended.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::SystemTime;

use rayon::prelude::*;

use super::compute::{Ended, News, Task};
use super::failure::{Failure, Fault};
use super::graph::{Graph, Source};
use super::look_up::{LookUp, look_up, remember};
use super::observer::{Event, Observer};
use super::reason::Reason;
use super::report::{Outcome, Report, StepReport};
use crate::store::{Damage, Description, Digest, Store, StoreError, Stored};

pub struct Options<'a> {
    /// How many steps run at once; what a step does in parallel uses the same threads.
    pub threads: usize,
    /// For receipts and durations only.
    pub clock: &'a (dyn Fn() -> SystemTime + Sync),
    /// The version of prereg, for receipts.
    pub version: &'a str,
}

/// Runs graphs.
#[derive(Clone, Copy, Debug)]
pub struct Engine;

/// The threads cannot be started.
#[derive(Debug)]
pub struct EngineError {
    pub threads: usize,
    pub source: rayon::ThreadPoolBuildError,
}

/// While a step waits for parallel work of its own, its thread may take up another step: on the same stack.
const STACK: usize = 16 << 20;

/// The digest of each file of a graph, or why it cannot be read.
pub(super) type FileDigests<'a> = BTreeMap<&'a Path, Result<Digest, Arc<io::Error>>>;

impl Engine {
    /// Runs what is not in the store. Steps that fail are in the report, as are those that could not be reached; every
    /// other result is in the store.
    pub fn run<'a>(
        graph: &Graph,
        store: &'a Store,
        options: &Options,
        observer: &dyn Observer,
    ) -> Result<Report<'a>, EngineError> {
        let threads = options.threads.max(1);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .stack_size(STACK)
            .build()
            .map_err(|source| EngineError { threads, source })?;
        let paths: BTreeSet<&Path> = (0..graph.steps().len())
            .flat_map(|step| files(graph, step))
            .collect();
        observer.event(&Event::Begun {
            steps: graph.steps().len(),
            files: paths.len(),
        });
        let paths: Vec<&Path> = paths.into_iter().collect();
        let digests: Vec<_> =
            pool.install(|| paths.par_iter().map(|path| file_digest(path)).collect());
        let mut run = Run::new(
            graph,
            store,
            observer,
            paths.into_iter().zip(digests).collect(),
        );

        let (sender, messages) = mpsc::channel::<Message>();
        pool.in_place_scope(|scope| {
            loop {
                while let Some(step) = run.ready.pop_first() {
                    run.look_up(step);
                }
                // No more than the threads can take: what a waiting thread takes up besides is bounded by this.
                while run.running < threads
                    && let Some((step, Due { description, key })) = run.due.pop_first()
                {
                    run.begin(step);
                    let task = Task {
                        study: graph.name(),
                        store,
                        options,
                        step: &graph.steps()[step],
                        description,
                        key,
                        wanted: &graph.links(step).wanted,
                        trouble: run.states[step].trouble.clone(),
                    };
                    let sender = sender.clone();
                    scope.spawn(move |_| {
                        // The receiver outlives the scope.
                        let tell = |content| drop(sender.send(Message { step, content }));
                        let perform = || task.run(&|news| tell(Content::News(news)));
                        let ended =
                            catch_unwind(AssertUnwindSafe(perform)).unwrap_or_else(|panic| {
                                let message = text_of(panic.as_ref());
                                Ended::Failed(Failure::Fault(Fault::Panic { message }))
                            });
                        tell(Content::Ended(ended));
                    });
                }
                if run.running == 0 {
                    break;
                }
                let message = messages.recv().expect("a sender is held here");
                run.take(message);
            }
        });
        observer.event(&Event::Ended);
        Ok(run.report(store))
    }
}

struct Message {
    step: usize,
    content: Content,
}

enum Content {
    News(News),
    Ended(Ended),
}

/// A step that must run and waits for a thread.
struct Due {
    description: Description,
    key: Digest,
}

/// A run as far as it has come. Only the thread that called the engine touches it.
struct Run<'a> {
    graph: &'a Graph,
    store: &'a Store,
    observer: &'a dyn Observer,
    files: FileDigests<'a>,
    states: Vec<State>,
    /// The steps whose inputs are known, first those that come first in the graph.
    ready: BTreeSet<usize>,
    due: BTreeMap<usize, Due>,
    running: usize,
    done: usize,
    damages: Vec<Damage>,
    /// The steps on their way, by key.
    keys: BTreeMap<Digest, usize>,
    /// Counts beginnings and ends, to tell which came first.
    time: u64,
}

struct State {
    /// How many steps it still waits for.
    lacking: usize,
    /// Ready, due, running, or waiting for an input to be computed again.
    active: bool,
    outcome: Option<Outcome>,
    outputs: BTreeMap<String, Stored>,
    begun: u64,
    settled: u64,
    /// Its key, while it is on its way.
    key: Option<Digest>,
    /// What became of an earlier result: it must run.
    trouble: Option<Reason>,
    /// It had to run again although it had been settled.
    repaired: bool,
    /// Steps that go on when it is settled again.
    waiting: Vec<usize>,
}

impl<'a> Run<'a> {
    fn new(
        graph: &'a Graph,
        store: &'a Store,
        observer: &'a dyn Observer,
        files: FileDigests<'a>,
    ) -> Self {
        let states: Vec<State> = (0..graph.steps().len())
            .map(|step| State {
                lacking: graph.links(step).needs.len(),
                active: graph.links(step).needs.is_empty(),
                outcome: None,
                outputs: BTreeMap::new(),
                begun: 0,
                settled: 0,
                key: None,
                trouble: None,
                repaired: false,
                waiting: Vec::new(),
            })
            .collect();
        Self {
            graph,
            store,
            observer,
            files,
            ready: (0..states.len())
                .filter(|step| states[*step].active)
                .collect(),
            due: BTreeMap::new(),
            states,
            running: 0,
            done: 0,
            damages: Vec::new(),
            keys: BTreeMap::new(),
            time: 0,
        }
    }

    /// The contents of a step's inputs, or how it ends without them.
    fn inputs(&self, step: usize) -> Result<BTreeMap<String, Digest>, Outcome> {
        let mut because = BTreeSet::new();
        for needed in &self.graph.links(step).needs {
            match &self.states[*needed].outcome {
                Some(Outcome::Failed(_)) => drop(because.insert(*needed)),
                Some(Outcome::NotReached { because: failed }) => {
                    because.extend(failed.iter().filter_map(|id| self.graph.position(id)));
                }
                _ => {}
            }
        }
        if !because.is_empty() {
            let because = because
                .into_iter()
                .map(|failed| self.id(failed).to_owned())
                .collect();
            return Err(Outcome::NotReached { because });
        }
        let mut contents = BTreeMap::new();
        for input in &self.graph.steps()[step].inputs {
            let digest = match &input.source {
                Source::File { path, label } => match &self.files[path.as_path()] {
                    Ok(digest) => *digest,
                    Err(error) => {
                        return Err(Outcome::Failed(Failure::File {
                            label: label.clone(),
                            path: path.clone(),
                            source: Arc::clone(error),
                        }));
                    }
                },
                Source::Output { step, output } => {
                    let producer = self
                        .graph
                        .position(step)
                        .expect("the graph knows every step");
                    self.states[producer].outputs[output].sha256
                }
            };
            contents.insert(input.name.clone(), digest);
        }
        Ok(contents)
    }

    /// A step whose inputs are known: its result is in the store, or it must run.
    fn look_up(&mut self, step: usize) {
        let description = match self.inputs(step) {
            Ok(inputs) => self.graph.steps()[step].description(inputs),
            Err(outcome) => return self.settle(step, outcome, BTreeMap::new()),
        };
        let key = description.key();
        if self.states[step].trouble.is_none() {
            // With the same key as a step on its way it goes on after that, and finds its result.
            if let Some(alike) = self.keys.get(&key).copied().filter(|alike| *alike != step) {
                self.states[alike].waiting.push(step);
                return;
            }
            match self.find(step, key, &description) {
                Ok(Some(outputs)) => return self.settle(step, Outcome::Reused, outputs),
                Ok(None) => {}
                Err(error) => {
                    let outcome = Outcome::Failed(Failure::Store(error));
                    return self.settle(step, outcome, BTreeMap::new());
                }
            }
        }
        self.keys.insert(key, step);
        self.states[step].key = Some(key);
        self.due.insert(step, Due { description, key });
    }

    /// The outputs of a step, if they are in the store; what is damaged is set aside.
    fn find(
        &mut self,
        step: usize,
        key: Digest,
        description: &Description,
    ) -> Result<Option<BTreeMap<String, Stored>>, StoreError> {
        let wanted = &self.graph.links(step).wanted;
        // What no step takes is for whoever reads the report: it is checked here, where it can be computed again.
        match look_up(self.store, key, wanted, wanted.is_empty())? {
            LookUp::Valid(receipt) => {
                remember(
                    self.store,
                    self.graph.name(),
                    &self.graph.steps()[step],
                    key,
                    description,
                )?;
                Ok(Some(receipt.outputs))
            }
            LookUp::Invalid(trouble) => {
                if let Some(Reason::ResultDamaged { damage }) = &trouble
                    && self.store.set_aside(damage)?.is_some()
                {
                    self.damaged(damage.clone());
                }
                self.states[step].trouble = trouble;
                Ok(None)
            }
        }
    }

    fn begin(&mut self, step: usize) {
        self.time += 1;
        self.states[step].begun = self.time;
        self.running += 1;
    }

    fn damaged(&mut self, damage: Damage) {
        self.observer.event(&Event::Damaged { damage: &damage });
        self.damages.push(damage);
    }

    fn take(&mut self, message: Message) {
        let step = message.step;
        match message.content {
            Content::News(News::Running(reasons)) => self.observer.event(&Event::Running {
                step: self.id(step),
                reasons: &reasons,
            }),
            Content::News(News::Damaged(damage)) => self.damaged(damage),
            Content::Ended(ended) => {
                self.running -= 1;
                match ended {
                    Ended::Ran {
                        outputs,
                        reasons,
                        seconds,
                    } => self.settle(step, Outcome::Ran { reasons, seconds }, outputs),
                    Ended::Failed(failure) => {
                        self.settle(step, Outcome::Failed(failure), BTreeMap::new())
                    }
                    Ended::Lacking {
                        from,
                        output,
                        reason,
                    } => self.lacking(step, from, output, reason),
                }
            }
        }
    }

    fn settle(&mut self, step: usize, outcome: Outcome, outputs: BTreeMap<String, Stored>) {
        self.time += 1;
        let state = &mut self.states[step];
        let first = state.outcome.is_none();
        state.settled = self.time;
        state.active = false;
        state.outputs = outputs;
        state.trouble = None;
        if let Some(key) = state.key.take() {
            self.keys.remove(&key);
        }
        state.outcome = Some(match (state.outcome.take(), outcome) {
            (
                Some(Outcome::Ran {
                    mut reasons,
                    seconds: before,
                }),
                Outcome::Ran {
                    reasons: more,
                    seconds,
                },
            ) => {
                reasons.extend(more);
                let seconds = before + seconds;
                Outcome::Ran { reasons, seconds }
            }
            (_, outcome) => outcome,
        });
        for waiting in std::mem::take(&mut state.waiting) {
            self.ready.insert(waiting);
        }
        if first {
            for fed in &self.graph.links(step).feeds {
                let state = &mut self.states[*fed];
                state.lacking -= 1;
                if state.lacking == 0 {
                    state.active = true;
                    self.ready.insert(*fed);
                }
            }
        }
        self.done += usize::from(first);
        if let Some(outcome) = &self.states[step].outcome {
            self.observer.event(&Event::Settled {
                step: self.id(step),
                outcome,
                done: self.done,
                steps: self.states.len(),
            });
        }
    }

    /// The bytes of an input are gone: its step computes them again, once, and this one goes on after it.
    fn lacking(&mut self, step: usize, from: String, output: String, reason: Reason) {
        let producer = self
            .graph
            .position(&from)
            .expect("the graph knows every step");
        let begun = self.states[step].begun;
        let state = &mut self.states[producer];
        if state.active {
            state.waiting.push(step);
        } else if state.settled > begun {
            self.ready.insert(step);
        } else if !state.repaired {
            state.repaired = true;
            state.trouble = Some(reason);
            state.active = true;
            state.waiting.push(step);
            self.ready.insert(producer);
        } else {
            let failure = Failure::LostAgain { step: from, output };
            self.settle(step, Outcome::Failed(failure), BTreeMap::new());
        }
    }

    fn id(&self, step: usize) -> &'a str {
        &self.graph.steps()[step].id
    }

    fn report(self, store: &Store) -> Report<'_> {
        let settled = self
            .graph
            .steps()
            .iter()
            .zip(self.states)
            .map(|(step, state)| StepReport {
                id: step.id.clone(),
                outcome: state
                    .outcome
                    .expect("a graph without cycles is settled step by step"),
                outputs: state.outputs,
            });
        Report {
            study: self.graph.name().to_owned(),
            steps: settled.collect(),
            damages: self.damages,
            store,
        }
    }
}

/// The files that a step reads.
fn files(graph: &Graph, step: usize) -> impl Iterator<Item = &Path> {
    let inputs = graph.steps()[step].inputs.iter();
    inputs.filter_map(|input| match &input.source {
        Source::File { path, .. } => Some(path.as_path()),
        Source::Output { .. } => None,
    })
}

pub(super) fn file_digest(path: &Path) -> Result<Digest, Arc<io::Error>> {
    File::open(path)
        .and_then(Digest::of_reader)
        .map_err(Arc::new)
}

/// What a panic said.
fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start {} threads", self.threads)
    }
}

impl std::error::Error for EngineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
