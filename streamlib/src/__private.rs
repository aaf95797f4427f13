//! What the macros expand to. No part of it is stable, or meant to be typed by hand.

use std::pin::Pin;

pub use crate::Result;
pub use crate::actor::Hosting;
pub use crate::actor::{
    Actor, ActorHandle, ActorInfo, At, Fields, FromInputs, Input, InputHandle, Inputs, IntoNode,
    NoClock, OnError, Output, OutputHandle, OwnClock, Port, PortInfo, Ports, Restart, TickNumber,
    failure, field, handed_over, moves, port_moves,
};
#[cfg(all(feature = "process", target_os = "linux"))]
pub use crate::actor::{Carried, EachPort, Isolated};
pub use crate::clock::AnyClock;
pub use crate::dispatch::hosting;
#[cfg(all(feature = "process", target_os = "linux"))]
pub use crate::message::Crosses;
pub use crate::message::{Message, VideoFrame};
pub use crate::pipeline::{
    Bare, Complete, Drawn, Edge, Fed, FeedSole, Fits, Flows, Graph, GraphBuilder, GraphInput,
    GraphOutput, GraphStage, InGraph, InputPort, Join, Kinds, Line, NO_EDGE, Named, NamedClock,
    Names, Never, NoInput, NoOutput, Node, OnlyReceives, OnlySends, Open, OpenEnd, OutputPort,
    Pipeline, PortName, Receives, Sends, Settles, Sink, Sketch, SoleInput, SoleOutput, Source,
    Stage, Subgraph, Ticks, Whole, Within, arrives, between, bind, clock, complete, connect,
    delayed, draw, feed_sole, forward, has_clock, input, kind, later, leaves, meets, names, node,
    of, output, outside, place, ranked, same, sole_input, sole_input_name, sole_output,
    sole_output_name, stage, stub, stub_graph, through, through_input, ticks, ticks_itself,
    unwired,
};
pub use crate::pipeline::{begin, place_or};
pub use crate::ring::Policy;
pub use crate::time::TimedTick;

pub use crate::actor::InputHandle as InputsHandle;

/// What no type is: it bounds the trait that names the ports of an actor that has several, so that a
/// bare end is refused with their names.
pub trait Ambiguous {
    /// Its port, if it had one.
    type Port;
    /// Its port, if it had one.
    fn port<'a>() -> &'a mut Self::Port;
}

/// What status tables and graphs call the items that flow through a port; the one question whether they are
/// messages, so that what is none is told once.
#[must_use]
pub const fn payload<T: Message>() -> &'static str {
    T::NAME
}

/// What a function has returned.
#[derive(Debug)]
pub struct Returned<T>(pub T);

impl<T: Message> Returned<T> {
    /// Publishes it.
    #[inline(always)]
    pub fn send(mut self, output: &mut Output<T>, tick: TimedTick) {
        self.0.stamp(tick);
        output.send_stamped(self.0, tick);
    }
}

/// What is found of `send` where what is returned is no message: that has been told, and nothing is sent.
pub trait SendNothing<T>: Sized {
    /// Nothing.
    fn send(self, _output: &mut Output<T>, _tick: TimedTick) {
        told()
    }
}

impl<T> SendNothing<T> for Returned<T> {}

/// In place of what cannot be had of an actor that has been refused, and never called: nothing of it compiles.
pub fn told<T>() -> T {
    unreachable!("what has been refused does not compile")
}

/// Whether an output was published to since the last call, as bit number `bit`.
#[inline]
pub fn published<P: Port>(output: &mut P, bit: u32) -> u64 {
    u64::from(output.take_published()) << bit
}

/// Where actors run, by type.
pub mod dispatch {
    #[cfg(feature = "gpu")]
    pub use crate::dispatch::Gpu;
    #[cfg(not(feature = "gpu"))]
    pub use crate::dispatch::NoGpu as Gpu;
    #[cfg(not(all(feature = "process", target_os = "linux")))]
    pub use crate::dispatch::NoProcess as Process;
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub use crate::dispatch::Process;
    pub use crate::dispatch::{Inline, Threads, Tokio};
}

/// What `#[actor]` writes for `on process`, where there is one.
#[cfg(all(feature = "process", target_os = "linux"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __isolated {
    ($($written:tt)*) => { $($written)* };
}

/// What `#[actor]` writes for `on process`, where there is none.
#[cfg(not(all(feature = "process", target_os = "linux")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __isolated {
    ($($written:tt)*) => {};
}

pub use crate::__isolated as isolated;

/// The words after `on`.
#[allow(non_upper_case_globals)]
pub mod on {
    #[cfg(feature = "gpu")]
    use crate::dispatch::Gpu;
    #[cfg(not(feature = "gpu"))]
    use crate::dispatch::NoGpu;
    #[cfg(not(all(feature = "process", target_os = "linux")))]
    use crate::dispatch::NoProcess;
    #[cfg(all(feature = "process", target_os = "linux"))]
    use crate::dispatch::Process;
    use crate::dispatch::{Inline, Threads, Tokio};

    #[cfg(not(all(feature = "process", target_os = "linux")))]
    pub const process: NoProcess = NoProcess;
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub const process: Process = Process::POOLED;
    #[cfg(feature = "gpu")]
    pub const gpu: Gpu = Gpu;
    #[cfg(not(feature = "gpu"))]
    pub const gpu: NoGpu = NoGpu;
    pub const inline: Inline = Inline;
    pub const threads: Threads = Threads;
    pub const tokio: Tokio = Tokio;
}

/// Runs an `async fn main` on a runtime of its own, and says on standard error what went wrong.
pub fn main<F: Future<Output = O>, O: MainOutput>(body: F) -> std::process::ExitCode {
    #[cfg(all(feature = "process", target_os = "linux"))]
    crate::process::worker();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            // Behind a pointer, so that the body is compiled once and not for every way of waiting.
            let body: Pin<Box<dyn Future<Output = O> + '_>> = Box::pin(body);
            let code = runtime.block_on(body).report();
            // The program ends, and the runtime with it. Nobody waits for what is still at work: neither for a read (of a line of the
            // terminal, say), as a drop would, nor do actors on other threads find that their timers are shut down.
            std::mem::forget(runtime);
            code
        }
        Err(error) => {
            eprintln!("error: no runtime could be started: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// What an `async fn main` may return.
#[diagnostic::on_unimplemented(
    message = "`main` returns `{Self}`",
    label = "expected `Result<()>` or nothing"
)]
pub trait MainOutput {
    /// The exit code; an error is printed.
    fn report(self) -> std::process::ExitCode;
}

#[diagnostic::do_not_recommend]
impl MainOutput for () {
    fn report(self) -> std::process::ExitCode {
        std::process::ExitCode::SUCCESS
    }
}

#[diagnostic::do_not_recommend]
impl MainOutput for std::process::ExitCode {
    fn report(self) -> std::process::ExitCode {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: MainOutput, E: std::fmt::Display> MainOutput for std::result::Result<T, E> {
    fn report(self) -> std::process::ExitCode {
        match self {
            Ok(value) => value.report(),
            Err(error) => {
                eprintln!("error: {error}");
                std::process::ExitCode::FAILURE
            }
        }
    }
}
