//! What a run tells while it goes on.

use super::reason::Reason;
use super::report::Outcome;
use crate::store::Damage;

/// Told everything that happens, in order, from the thread that called the engine.
pub trait Observer {
    fn event(&self, event: &Event);
}

#[derive(Debug)]
pub enum Event<'a> {
    /// First: so many steps, so many files to read for their digests.
    Begun { steps: usize, files: usize },
    /// A step is not in the store and runs now.
    Running {
        step: &'a str,
        reasons: &'a [Reason],
    },
    /// A step is done with; `done` counts it. A step that was reused runs after all, and is told again, if its result
    /// turns out to be damaged.
    Settled {
        step: &'a str,
        outcome: &'a Outcome,
        done: usize,
        steps: usize,
    },
    /// A file of the store was damaged and has been set aside.
    Damaged { damage: &'a Damage },
    /// Last.
    Ended,
}

/// An observer that does not look.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: &Event) {}
}
