//! How all the actors of a graph are doing, as values and as a table.

use std::collections::BTreeSet;
use std::fmt;

use super::builder::NodeRecord;
use crate::actor::{ActorState, ActorStatus};
use crate::clock::{ClockStatus, Precision};
use crate::table::{self, short};
use crate::time::ClockId;

/// A snapshot of every actor of a graph. Shown with `{}` it is a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// One for each node, sources first.
    pub actors: Vec<ActorStatus>,
    /// One for each clock that ticks some of them.
    pub clocks: Vec<ClockLine>,
    /// The precision of the workers of `threads`, what they were given for it and what not, as
    /// [`Threads::status`](crate::dispatch::Threads::status) says it; `None` where no actor is there.
    pub threads: Option<String>,
}

/// How a clock of a graph is doing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClockLine {
    /// Its name in the graph.
    pub name: String,
    /// Which clock of the program it is.
    pub id: ClockId,
    /// The kind of clock: `"software"`, `"virtual"`.
    pub kind: String,
    /// How good its time is.
    pub status: ClockStatus,
}

impl Status {
    /// The status of the node called `name`.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<&ActorStatus> {
        self.actors.iter().find(|actor| actor.name == name)
    }

    /// The status of the clock called `name`.
    #[must_use]
    pub fn clock(&self, name: &str) -> Option<&ClockLine> {
        self.clocks.iter().find(|clock| clock.name == name)
    }
}

/// Who waits for whom, by their places: so that what waits for something stalled is told as that too.
pub(super) struct Waits {
    /// For each actor those without which it has nothing to do: what feeds one that has no clock of its own.
    feeders: Vec<Vec<usize>>,
    /// For each actor the first of its task, which works on a tick when all of the task have done with the one before.
    heads: Vec<usize>,
}

impl Waits {
    /// Of nodes, sinks first, with the edges between them and the heads of the tasks; the places are those of sources first.
    pub(super) fn new(
        nodes: &[NodeRecord],
        edges: &[(usize, usize)],
        heads: impl Iterator<Item = usize>,
    ) -> Self {
        let place = |node: usize| (nodes.len() - 1).checked_sub(node);
        let mut feeders = vec![Vec::new(); nodes.len()];
        for &(from, to) in edges {
            if let (Some(from), Some(to)) = (place(from), place(to))
                && let Some(feeders) = feeders.get_mut(to)
            {
                feeders.push(from);
            }
        }
        let begins: BTreeSet<usize> = heads.filter_map(place).collect();
        let mut heads = Vec::with_capacity(nodes.len());
        for place in 0..nodes.len() {
            // What is no head is in the task of the one actor that feeds it, which comes before it.
            let above = feeders.get(place).and_then(|feeders| feeders.first());
            let above = above.and_then(|&feeder| heads.get(feeder).copied());
            let is_head = begins.contains(&place);
            heads.push(above.filter(|_| !is_head).unwrap_or(place));
        }
        for (feeders, node) in feeders.iter_mut().zip(nodes.iter().rev()) {
            if node.clock.is_some() {
                feeders.clear();
            }
        }
        Self { feeders, heads }
    }

    /// Marks all that wait for something stalled.
    pub(super) fn mark(&self, actors: &mut [ActorStatus]) {
        let mut states: Vec<ActorState> = actors.iter().map(|actor| actor.state).collect();
        let state = |states: &[ActorState], place: usize| {
            let state = states.get(place).copied();
            state.unwrap_or(ActorState::Stopped)
        };
        loop {
            let mut stalled = vec![false; states.len()];
            for (place, &head) in self.heads.iter().enumerate() {
                let feeders = self.feeders.get(place).map_or(&[][..], Vec::as_slice);
                let waits = is_held_up(feeders.iter().map(|&feeder| state(&states, feeder)));
                if (waits || state(&states, place) == ActorState::Stalled)
                    && let Some(stalled) = stalled.get_mut(head)
                {
                    *stalled = true;
                }
            }
            let mut is_news = false;
            for (&head, state) in self.heads.iter().zip(&mut states) {
                if *state == ActorState::Running && stalled.get(head) == Some(&true) {
                    *state = ActorState::Stalled;
                    is_news = true;
                }
            }
            if !is_news {
                break;
            }
        }
        for (actor, state) in actors.iter_mut().zip(states) {
            actor.state = state;
        }
    }
}

/// Whether one that these feed has nothing to do for as long as one of them is stalled: no other is left.
pub(super) fn is_held_up(feeders: impl Iterator<Item = ActorState>) -> bool {
    let mut one_is = false;
    for feeder in feeders {
        match feeder {
            ActorState::Stalled => one_is = true,
            ActorState::Stopped | ActorState::Failed => {}
            ActorState::Starting | ActorState::Running => return false,
        }
    }
    one_is
}

const HEAD: [&str; 16] = [
    "actor", "type", "on", "clock", "state", "ticks", "missed", "late", "dropped", "errors",
    "panics", "readers", "p50", "p95", "p99", "max",
];

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![HEAD.map(str::to_owned)];
        rows.extend(self.actors.iter().map(|actor| {
            [
                actor.name.clone(),
                actor.actor.to_owned(),
                actor.dispatcher.to_owned(),
                actor.clock.clone().unwrap_or_else(|| "-".to_owned()),
                actor.state.to_string(),
                actor.ticks.to_string(),
                actor.missed.to_string(),
                actor.late.to_string(),
                actor.dropped.to_string(),
                actor.errors.to_string(),
                actor.panics.to_string(),
                actor.readers.to_string(),
                short(actor.time.p50),
                short(actor.time.p95),
                short(actor.time.p99),
                short(actor.time.max),
            ]
        }));
        table::write(f, &rows, 5)?;
        for clock in &self.clocks {
            write!(
                f,
                "\nclock {}: {}, {}",
                clock.name, clock.kind, clock.status
            )?;
        }
        // What nobody asked for needs no line.
        let unasked = Precision::default().to_string();
        if let Some(threads) = self.threads.as_ref().filter(|said| **said != unasked) {
            write!(f, "\nthreads: {threads}")?;
        }
        for actor in &self.actors {
            // Seldom anything but 0: no columns.
            let seldom = [
                (actor.restarts, "restarted"),
                (actor.stalls, "stalled"),
                (actor.stale, "found an input stale"),
            ];
            let seldom = seldom.iter().filter(|(count, _)| *count > 0);
            let said: Vec<_> = seldom
                .map(|(count, what)| match count {
                    1 => format!("{what} once"),
                    _ => format!("{what} {count} times"),
                })
                .collect();
            if !said.is_empty() {
                write!(f, "\n{}: {}", actor.name, said.join(", "))?;
            }
            if let Some(error) = &actor.last_error {
                write!(f, "\nlast error of {}: {error}", actor.name)?;
            }
        }
        Ok(())
    }
}
