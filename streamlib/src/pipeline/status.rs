//! How all the actors of a graph are doing, as values and as a table.

use std::fmt;

use crate::actor::ActorStatus;
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

const HEAD: [&str; 14] = [
    "actor", "type", "on", "clock", "state", "ticks", "missed", "late", "dropped", "errors",
    "panics", "p50", "p99", "max",
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
                short(actor.time.p50),
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
