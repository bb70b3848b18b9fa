//! Is the result of a step in the store?

use std::collections::BTreeMap;

use super::graph::Step;
use super::reason::Reason;
use crate::store::{Description, Digest, Found, Last, Receipt, Store, StoreError};

/// What the store has for a key. Looking does not change it.
pub(super) enum LookUp {
    Valid(Box<Receipt>),
    /// With what became of an earlier result.
    Invalid(Option<Reason>),
}

/// Is the result of this key in the store, whole as far as names and lengths tell? With `thorough` the bytes are read.
pub(super) fn look_up(
    store: &Store,
    key: Digest,
    wanted: &BTreeMap<String, String>,
    thorough: bool,
) -> Result<LookUp, StoreError> {
    let receipt = match store.receipt(key)? {
        Found::Present(receipt) => receipt,
        Found::Missing => return Ok(LookUp::Invalid(None)),
        Found::Damaged(damage) => {
            return Ok(LookUp::Invalid(Some(Reason::ResultDamaged { damage })));
        }
    };
    let missing = |output: &String| {
        let output = Some(output.clone());
        Ok(LookUp::Invalid(Some(Reason::ResultMissing { output })))
    };
    if let Some(output) = wanted
        .keys()
        .find(|output| !receipt.outputs.contains_key(*output))
    {
        return missing(output);
    }
    for (output, stored) in &receipt.outputs {
        let mut found = store.holds(stored)?;
        if thorough && found == Found::Present(()) {
            found = match store.get(stored.sha256)? {
                Found::Present(_) => Found::Present(()),
                Found::Missing => Found::Missing,
                Found::Damaged(damage) => Found::Damaged(damage),
            };
        }
        match found {
            Found::Present(()) => {}
            Found::Missing => return missing(output),
            Found::Damaged(damage) => {
                return Ok(LookUp::Invalid(Some(Reason::ResultDamaged { damage })));
            }
        }
    }
    Ok(LookUp::Valid(Box::new(receipt)))
}

/// Notes what a step is made of, for the reasons of the next run.
pub(super) fn remember(
    store: &Store,
    study: &str,
    step: &Step,
    key: Digest,
    description: &Description,
) -> Result<(), StoreError> {
    let origins = step.origins();
    let known = |last: &Last| last.key == key && last.origins == origins;
    if store.last(study, &step.id).as_ref().is_some_and(known) {
        return Ok(());
    }
    store.write_last(&Last {
        study: study.to_owned(),
        step: step.id.clone(),
        key,
        description: description.clone(),
        origins,
    })
}
