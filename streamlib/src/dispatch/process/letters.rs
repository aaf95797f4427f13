//! What a program and its worker write to each other beside the ticks.

use serde::{Deserialize, Serialize};

/// The name under which a worker is started, for who looks at a list of processes.
pub(super) const NAME: &str = "streamlib-worker";
/// The environment variable by which a worker knows that it is one: the number of the process that has started it.
pub(super) const VARIABLE: &str = "STREAMLIB_WORKER_OF";

/// The longest letter.
pub(super) const LONGEST: usize = 64 << 10;

/// To the worker: run an actor. With it come the descriptors of a segment, a socket and its configuration.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Seat {
    /// Which function runs it.
    pub entry: i64,
    /// What it is called in its graph.
    pub name: String,
    /// What the function takes it for.
    pub kind: String,
    /// How many bytes its configuration has.
    pub len: u64,
    /// The most bytes that it may have in memory, and so may lend; none where that has no limit of its own.
    pub memory: Option<u64>,
    /// How much is told of what happens: 0 for nothing, to 5 for everything.
    pub level: u8,
    /// Whether anybody collects metrics.
    pub metrics: bool,
}

/// From the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Letter {
    /// It is there.
    Ready,
    /// An actor has been closed, and all that it has printed is on its way.
    Flushed,
    /// A `tracing` event: of which actor (no name where that is not known), how serious (1 error, to 5 trace), from where, and what.
    Event {
        actor: String,
        level: u8,
        target: String,
        text: String,
    },
    /// A metric that an actor has told, named in the same way.
    Metric {
        actor: String,
        name: String,
        labels: Vec<(String, String)>,
        told: Told,
    },
}

/// What was told of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Told {
    /// A counter has so many more.
    Counted(u64),
    /// A counter is so high.
    Reached(u64),
    /// A gauge is there.
    Gauge(f64),
    /// A gauge has moved by so much.
    Moved(f64),
    /// A histogram has one more.
    Recorded(f64),
}
