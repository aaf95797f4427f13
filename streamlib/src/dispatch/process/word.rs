//! The word `process` after `on`, and what may be said with it.

use std::sync::Arc;

use super::inside::run;
use super::remote::Remote;
use crate::actor::{Actor, Elsewhere, Hosting, Isolated, Stats};
use crate::dispatch::{Detached, Placement, Takes, Threads};

/// `process`: in a process of its own, which has its inputs and outputs in shared memory. Linux; feature `process`.
///
/// After `on` it may say more: `on process.alone()`, `on process.memory(512 << 20)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process {
    is_alone: bool,
    memory: Option<u64>,
}

impl Process {
    /// What `on process` says.
    pub(crate) const POOLED: Self = Self {
        is_alone: false,
        memory: None,
    };

    /// Shares its process with no other actor, so that none of them ends when it crashes.
    #[must_use]
    pub const fn alone(self) -> Self {
        Self {
            is_alone: true,
            ..self
        }
    }

    /// Shares its process with no other actor, and is ended when more than `bytes` of it are in memory, what it
    /// sees of others' pictures included. What it sends beside what others still hold of it has that limit too, drawn or not: more is an
    /// error of that tick.
    #[must_use]
    pub const fn memory(self, bytes: u64) -> Self {
        Self {
            is_alone: true,
            memory: Some(bytes),
        }
    }

    /// Of how many processes the actors that do not say `alone` run in: 2 unless set, and at least 1. For those that
    /// are started from now on.
    pub fn workers(number: usize) {
        super::pool::set_size(number);
    }
}

fn hosting_with<A: Actor + Isolated<Elsewhere> + 'static>(options: Process) -> Hosting<A> {
    Hosting {
        pack: A::pack,
        each_port: A::each_port,
        entry: run::<A>,
        is_alone: options.is_alone,
        memory: options.memory,
    }
}

/// What `dispatcher = process` says.
#[doc(hidden)]
#[must_use]
pub fn hosting<A: Actor + Isolated<Elsewhere> + 'static>() -> Option<Hosting<A>> {
    Some(hosting_with(Process::POOLED))
}

impl<A: Actor + Isolated<Elsewhere> + 'static> Takes<A> for Process {
    fn hosting(self) -> Option<Hosting<A>> {
        Some(hosting_with(self))
    }
}

impl Placement for Process {
    const WORD: &'static str = "process";
    type Nesting = Detached;
    type Dispatcher = Threads;
    type Host<A: Actor + 'static> = Remote<A>;

    fn host<A: Actor + 'static>(
        actor: A,
        hosting: Option<Hosting<A>>,
        stats: &Arc<Stats>,
    ) -> Remote<A> {
        Remote::new(actor, hosting, stats)
    }
}
