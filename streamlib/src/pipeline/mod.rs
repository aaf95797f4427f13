//! What `pipeline!` and `spawn` build: the wiring, the graph, and the handle of what runs.
//!
//! A graph is built in three steps. Its *nodes* are made in the order in which they are typed; its
//! *edges* give every output one ring, sized by the number of its readers; its *stages* are put
//! together from the sinks up to the sources, so that an `inline` actor becomes a part of the type of
//! what feeds it. What is left then are tasks, each with an inbox for its ticks.

mod branch;
mod builder;
mod edge;
mod graph;
mod inbox;
mod nest;
mod node;
mod run;
mod runner;
mod signal;
mod spawn;
mod status;
mod task;
mod unwind;
mod wire;

pub use graph::{Graph, GraphEdge, GraphNode};
pub use run::Pipeline;
pub use spawn::spawn;
pub use status::Status;

#[doc(hidden)]
pub use builder::{GraphBuilder, Join};
#[doc(hidden)]
pub use node::{
    Bare, Complete, Edge, Fed, FeedSole, NamedClock, Node, Open, Settles, SoleInput, SoleOutput,
    Stage, Ticks, clock, complete, feed_sole, has_clock, kind, node, settles_clocks, sole_input,
    sole_output, stage, stub, unwired,
};
#[doc(hidden)]
pub use wire::{Fits, InputPort, OutputPort, Sink, Source, connect, input, output, through};
