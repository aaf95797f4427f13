//! What `pipeline!` and `spawn` build: the wiring, the graph, and the handle of what runs.
//!
//! A graph is built in three steps. Its *nodes* are made in the order in which they are typed; its
//! *edges* give every output one ring, sized by the number of its readers; its *stages* are put
//! together from the sinks up to the sources, so that an `inline` actor becomes a part of the type of
//! what feeds it. What is left then are tasks, each with an inbox for its ticks.

mod apart;
mod beat;
mod branch;
mod builder;
mod direction;
mod edge;
mod ends;
mod graph;
mod inbox;
mod measure;
mod nest;
mod node;
mod open;
mod part;
#[cfg(feature = "gpu")]
mod places;
mod port_names;
mod probed;
mod restarts;
mod run;
mod runner;
mod sharing;
mod signal;
mod sketch;
mod spawn;
mod start;
mod status;
mod task;
mod unwind;
mod watchdog;
mod whereabouts;
mod wire;

pub use graph::{Graph, GraphEdge, GraphEnd, GraphNode};
pub use run::Pipeline;
pub use spawn::spawn;
pub use status::{ClockLine, Status};

#[doc(hidden)]
pub use builder::{GraphBuilder, Join};
#[doc(hidden)]
pub use direction::{
    NoInput, NoOutput, OnlyReceives, OnlySends, PortName, Receives, Sends, arrives, forward, leaves,
};
#[doc(hidden)]
pub use ends::{
    Fits, InputPort, Keeps, OutputPort, Sink, Source, delayed, input, later, output, ranked,
    through, through_input,
};
#[doc(hidden)]
pub use nest::{Below, Joined};
#[doc(hidden)]
pub use node::place_or;
#[doc(hidden)]
pub use node::{
    Bare, Complete, Fed, FeedSole, IntoStage, NamedClock, Node, Open, Placeable, Settles,
    SoleInput, SoleOutput, Stage, Ticks, TicksItself, bind, clock, complete, feed_sole, has_clock,
    kind, meets, node, place, same, sole_input, sole_output, stage, stub, ticks, ticks_itself,
    unwired,
};
#[doc(hidden)]
pub use open::{Flows, OpenEnd, OpenInput, OpenOutput, Outside, outside};
pub use open::{GraphInput, GraphOutput};
pub use part::Subgraph;
#[doc(hidden)]
pub use part::{AsGraph, GraphStage, InGraph, Whole, Within, begin, stub_graph};
#[doc(hidden)]
pub use port_names::{NO_EDGE, Named, Names, between, names, sole_input_name, sole_output_name};
#[doc(hidden)]
pub use sketch::{Drawn, Kinds, Line, Never, Sketch, draw, of};
#[doc(hidden)]
pub use wire::{Edge, connect};
