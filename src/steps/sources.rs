//! Where the value of a name comes from: which output of which step.

use std::sync::Arc;

use serde_json::Value;

use crate::engine::{Action, Input, Inputs, Outputs, Source, Step};
use crate::plan::{FeatureTable, FeatureTransform, Plan, places};

/// What an action gives when it cannot give its outputs.
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A plan, asked for the sources of its names.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) plan: &'a Plan,
}

impl<'a> Sources<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self { plan }
    }

    /// A value as recorded or derived, not imputed.
    pub(super) fn raw(&self, name: &str) -> Source {
        if let Some((table, _)) = self.plan.column(name) {
            let step = if table == self.plan.cohort.table {
                places::table(table)
            } else {
                places::join(table)
            };
            return output(step, &places::column_output(name));
        }
        if self.plan.derived.contains_key(name) {
            return output(places::derived(name), "value");
        }
        if self.plan.endpoints.contains_key(name) {
            return output(places::endpoint(name), "value");
        }
        if self.plan.signatures.contains_key(name) {
            return output(places::signature(name), "scores");
        }
        if self.plan.models.contains_key(name) {
            return output(places::model(name), "scores");
        }
        if self.plan.locked_models.contains_key(name) {
            return output(places::locked_model(name), "scores");
        }
        output(places::cutoff(name), "value")
    }

    /// A value as models and regressions see it: imputed if the study says so.
    pub(super) fn completed(&self, name: &str) -> Source {
        if self.plan.imputations.contains_key(name) {
            output(places::imputation(name), "value")
        } else {
            self.raw(name)
        }
    }

    /// A feature table after so many of its transforms.
    pub(super) fn features(&self, name: &str, transforms: usize) -> Source {
        let step = match transforms.checked_sub(1) {
            None => places::features(name),
            Some(last) => {
                let transform = &self.transforms(name)[last];
                places::transform(name, transforms, super::transform::word(transform))
            }
        };
        output(step, "features")
    }

    pub(super) fn transforms(&self, features: &str) -> &'a [FeatureTransform] {
        match &self.plan.features[features] {
            FeatureTable::Extracted { transforms, .. } | FeatureTable::File { transforms, .. } => {
                transforms
            }
        }
    }

    /// The patients of a set, as indices into the cohort's table.
    pub(super) fn set(&self, set: &str) -> Source {
        if set == self.plan.cohort.name {
            output(places::cohort(set), "members")
        } else {
            output(places::split(), &places::set_output(set))
        }
    }

    /// Inputs named by the values that they hold, each once.
    pub(super) fn values<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        of: impl Fn(&Self, &str) -> Source,
    ) -> Vec<Input> {
        let mut inputs: Vec<Input> = Vec::new();
        for name in names {
            let name_of_input = format!("value.{name}");
            if inputs.iter().all(|known| known.name != name_of_input) {
                inputs.push(Input {
                    source: of(self, name),
                    name: name_of_input,
                });
            }
        }
        inputs
    }
}

pub(super) fn output(step: String, output: &str) -> Source {
    Source::Output {
        step,
        output: output.to_owned(),
    }
}

pub(super) fn input(name: &str, source: Source) -> Input {
    Input {
        name: name.to_owned(),
        source,
    }
}

/// A step's parameters: any part of the plan.
pub(super) fn parameters(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("a part of the plan is plain data")
}

/// A step from its parts.
pub(super) struct Make {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) version: u32,
    pub(super) parameters: Value,
    pub(super) seed: Option<u64>,
    pub(super) inputs: Vec<Input>,
}

impl Make {
    pub(super) fn step(
        self,
        action: impl Fn(&Inputs) -> Result<Outputs, Fault> + Send + Sync + 'static,
    ) -> Step {
        Step {
            id: self.id,
            kind: self.kind,
            version: self.version,
            parameters: self.parameters,
            seed: self.seed,
            inputs: self.inputs,
            action: Arc::new(Function(action)),
        }
    }
}

/// A function as an action.
struct Function<F>(F);

impl<F> Action for Function<F>
where
    F: Fn(&Inputs) -> Result<Outputs, Fault> + Send + Sync,
{
    fn run(&self, inputs: &Inputs) -> Result<Outputs, Fault> {
        (self.0)(inputs)
    }
}
