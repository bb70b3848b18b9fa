//! Runs one step: reads its inputs, runs its action, stores the result.

use std::collections::BTreeMap;

use super::action::{Entry, Inputs};
use super::failure::{Failure, Fault};
use super::graph::{Source, Step};
use super::look_up::remember;
use super::reason::{self, Reason};
use super::run::Options;
use crate::store::{
    Damage, DamageKind, Description, Digest, Found, Machine, Receipt, Store, StoreError, Stored,
    rfc3339,
};

/// A step that must run, with everything that it takes to run it on any thread.
pub(super) struct Task<'a> {
    pub(super) study: &'a str,
    pub(super) store: &'a Store,
    pub(super) options: &'a Options<'a>,
    pub(super) step: &'a Step,
    pub(super) description: Description,
    pub(super) key: Digest,
    /// The outputs that other steps take, each with one that does.
    pub(super) wanted: &'a BTreeMap<String, String>,
    /// What became of an earlier result of the same key.
    pub(super) trouble: Option<Reason>,
}

/// What happens before a step is settled.
pub(super) enum News {
    Running(Vec<Reason>),
    Damaged(Damage),
}

pub(super) enum Ended {
    Ran {
        outputs: BTreeMap<String, Stored>,
        reasons: Vec<Reason>,
        seconds: f64,
    },
    Failed(Failure),
    /// The bytes of an input, this output of this step, are gone: that step must run first.
    Lacking {
        from: String,
        output: String,
        reason: Reason,
    },
}

/// What ends the work on a step early.
struct Stop(Ended);

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self(Ended::Failed(error.into()))
    }
}

impl Task<'_> {
    pub(super) fn run(&self, tell: &dyn Fn(News)) -> Ended {
        self.attempt(tell).unwrap_or_else(|Stop(ended)| ended)
    }

    fn attempt(&self, tell: &dyn Fn(News)) -> Result<Ended, Stop> {
        let inputs = self.inputs(tell)?;
        let last = self.store.last(self.study, &self.step.id);
        let origins = self.step.origins();
        let trouble = self.trouble.clone();
        let reasons = reason::reasons(
            last.as_ref(),
            self.key,
            &self.description,
            &origins,
            trouble,
        );
        tell(News::Running(reasons.clone()));

        let started = (self.options.clock)();
        let outputs = self
            .step
            .action
            .run(&inputs)
            .map_err(Failure::of_action)?
            .entries;
        let finished = (self.options.clock)();
        if let Some((output, wanted_by)) = self
            .wanted
            .iter()
            .find(|(output, _)| !outputs.contains_key(*output))
        {
            return Err(Stop::from(Fault::NoOutput {
                output: output.clone(),
                wanted_by: wanted_by.clone(),
            }));
        }
        let mut stored = BTreeMap::new();
        for (name, bytes) in outputs {
            let (object, damage) = self.store.put(&bytes)?;
            damage
                .into_iter()
                .for_each(|damage| tell(News::Damaged(damage)));
            stored.insert(name, object);
        }
        self.compare_with_before(&stored, tell)?;
        self.store.write_receipt(&Receipt {
            key: self.key,
            step: self.step.id.clone(),
            description: self.description.clone(),
            origins,
            outputs: stored.clone(),
            started: rfc3339(started),
            finished: rfc3339(finished),
            machine: Machine {
                os: std::env::consts::OS.to_owned(),
                arch: std::env::consts::ARCH.to_owned(),
            },
            threads: self.options.threads.max(1),
            prereg: self.options.version.to_owned(),
        })?;
        remember(
            self.store,
            self.study,
            self.step,
            self.key,
            &self.description,
        )?;
        Ok(Ended::Ran {
            outputs: stored,
            reasons,
            seconds: finished
                .duration_since(started)
                .unwrap_or_default()
                .as_secs_f64(),
        })
    }

    /// The inputs with their bytes, checked. A file is read when the action asks for it.
    fn inputs(&self, tell: &dyn Fn(News)) -> Result<Inputs, Stop> {
        let mut entries = BTreeMap::new();
        for input in &self.step.inputs {
            let digest = self.description.inputs[&input.name];
            let entry = match &input.source {
                Source::File { path, label } => Entry::File {
                    path: path.clone(),
                    label: label.clone(),
                    digest,
                },
                Source::Output { step, output } => {
                    let reason = match self.store.get(digest)? {
                        Found::Present(bytes) => {
                            entries.insert(input.name.clone(), Entry::Bytes(bytes));
                            continue;
                        }
                        Found::Missing => Reason::ResultMissing {
                            output: Some(output.clone()),
                        },
                        Found::Damaged(damage) => {
                            self.set_aside(damage.clone(), tell)?;
                            Reason::ResultDamaged { damage }
                        }
                    };
                    return Err(Stop(Ended::Lacking {
                        from: step.clone(),
                        output: output.clone(),
                        reason,
                    }));
                }
            };
            entries.insert(input.name.clone(), entry);
        }
        Ok(Inputs { entries })
    }

    /// If the store has a receipt for this key, the step has run before: it must have given the same bytes.
    fn compare_with_before(
        &self,
        stored: &BTreeMap<String, Stored>,
        tell: &dyn Fn(News),
    ) -> Result<(), Stop> {
        let Found::Present(before) = self.store.receipt(self.key)? else {
            return Ok(());
        };
        let other = |(name, now): (&String, &Stored)| {
            let differs = before.outputs.get(name).is_some_and(|before| before != now);
            differs.then(|| name.clone())
        };
        let outputs: Vec<String> = stored.iter().filter_map(other).collect();
        if outputs.is_empty() {
            return Ok(());
        }
        let file = Store::receipt_path(self.key);
        let kind = DamageKind::NotReproduced {
            outputs: outputs.clone(),
        };
        self.set_aside(Damage { file, kind }, tell)?;
        Err(Stop::from(Fault::NotReproduced { outputs }))
    }

    fn set_aside(&self, damage: Damage, tell: &dyn Fn(News)) -> Result<(), StoreError> {
        // Another run or step may have been first; then it has told.
        if self.store.set_aside(&damage)?.is_some() {
            tell(News::Damaged(damage));
        }
        Ok(())
    }
}
