//! What was measured about a graph, as values and as a table.

use std::fmt;
use std::path::PathBuf;

use super::Distribution;
use crate::table::{self, short};

/// Where the time of a graph's ticks went: a snapshot. Shown with `{}` it is a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Profile {
    /// One for each actor, sources first.
    pub actors: Vec<ActorProfile>,
    /// One for each edge.
    pub edges: Vec<EdgeProfile>,
    /// How its trace is doing, if one is written.
    pub trace: Option<TraceStatus>,
}

/// Where the time of an actor's ticks went.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ActorProfile {
    /// The node's name in the graph.
    pub name: String,
    /// From the beginning of `process` to its end.
    pub process: Distribution,
    /// From the instant at which its tick was due, or the last of what feeds it was done, to the
    /// beginning of `process`. Nothing is due on a clock that keeps no real time.
    pub wake_up: Distribution,
    /// From the instant at which the source's tick was due to the end of `process`.
    pub age: Distribution,
}

/// How long what flows along an edge is under way.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EdgeProfile {
    /// The node that publishes.
    pub from: String,
    /// Its output.
    pub output: &'static str,
    /// The node that reads.
    pub to: String,
    /// Its input.
    pub input: &'static str,
    /// From the end of the tick that published to the beginning of the one that reads.
    pub wake_up: Distribution,
    /// From the instant at which the source's tick was due to the beginning of the one that reads.
    pub age: Distribution,
}

/// How the writing of a trace is doing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TraceStatus {
    /// The file.
    pub path: PathBuf,
    /// Events that are in it.
    pub written: u64,
    /// Events that were left out, because the file took them too slowly or not at all.
    pub dropped: u64,
    /// Why no more can be written.
    pub error: Option<String>,
}

impl Profile {
    /// The profile of the actor called `name`.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<&ActorProfile> {
        self.actors.iter().find(|actor| actor.name == name)
    }

    /// The profile of the edges from the actor called `from` to the one called `to`.
    pub fn edges<'a>(
        &'a self,
        from: &'a str,
        to: &'a str,
    ) -> impl Iterator<Item = &'a EdgeProfile> {
        let is_between = move |edge: &&EdgeProfile| edge.from == from && edge.to == to;
        self.edges.iter().filter(is_between)
    }
}

const HEAD: [&str; 9] = [
    "actor", "what", "n", "mean", "p50", "p95", "p99", "p99.9", "max",
];

fn row(name: &str, what: &str, times: &Distribution) -> [String; HEAD.len()] {
    let time = |time| {
        if times.count == 0 {
            "-".to_owned()
        } else {
            short(time)
        }
    };
    [
        name.to_owned(),
        what.to_owned(),
        times.count.to_string(),
        time(times.mean),
        time(times.p50),
        time(times.p95),
        time(times.p99),
        time(times.p999),
        time(times.max),
    ]
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![HEAD.map(str::to_owned)];
        for actor in &self.actors {
            rows.push(row(&actor.name, "process", &actor.process));
            rows.push(row("", "wake-up", &actor.wake_up));
            rows.push(row("", "age", &actor.age));
        }
        for edge in &self.edges {
            let name = format!("{}.{} > {}.{}", edge.from, edge.output, edge.to, edge.input);
            rows.push(row(&name, "wake-up", &edge.wake_up));
            rows.push(row("", "age", &edge.age));
        }
        table::write(f, &rows, 2)?;
        if let Some(trace) = &self.trace {
            write!(f, "\n{trace}")?;
        }
        Ok(())
    }
}

impl fmt::Display for TraceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, written, dropped) = (self.path.display(), self.written, self.dropped);
        write!(f, "trace: {written} events in {path}")?;
        if dropped > 0 {
            write!(f, ", {dropped} left out")?;
        }
        match &self.error {
            Some(error) => write!(f, ", ended by an error: {error}"),
            None => write!(f, "; open it at https://ui.perfetto.dev"),
        }
    }
}
