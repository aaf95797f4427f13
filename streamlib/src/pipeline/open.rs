//! The open ends of a graph that is a part of others.
//!
//! Inside, `in video: VideoFrame;` is an [`OpenInput`] that feeds, and `out program: VideoFrame;` an
//! [`OpenOutput`] that is fed. Outside they are the ports of the graph, a [`GraphInput`] and a
//! [`GraphOutput`]. Nothing is copied or handed on at the border: the ring of an edge that crosses it is built
//! outside, where all its readers are known, and its ends are given to the actors inside before they start.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, OnceLock};

use super::edge::EdgeTx;
use super::node::{Bare, SoleInput, SoleOutput};
use crate::actor::{Late, LateWriter, Nothing, PortInfo, Stats, ring};
use crate::message::Message;

/// An actor that an edge from outside leads to, named once it is a stage.
pub(super) type Target = Arc<OnceLock<Arc<Stats>>>;

/// An actor that an edge to the outside comes from, named once it is a stage.
pub(super) type Origin = Arc<OnceLock<Outlet>>;

/// An actor whose items leave its graph.
#[derive(Clone)]
pub(super) struct Outlet {
    pub(super) stats: Arc<Stats>,
    /// What it ticks outside, to be taken when it starts.
    pub(super) links: Arc<Mutex<Vec<EdgeTx>>>,
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outlet({})", self.stats.name())
    }
}

/// An open end, by name.
const fn port(name: &'static str, payload: &'static str) -> PortInfo {
    PortInfo {
        name,
        index: 0,
        payload,
        doc: "",
        required: true,
        policy: crate::ring::Policy::Latest,
        slots: 0,
    }
}

/// `in NAME: T;` inside of the graph.
pub struct OpenInput<T> {
    pub(super) info: &'static PortInfo,
    pub(super) inputs: Vec<Late<T>>,
}

impl<T: Message> OpenInput<T> {
    const INFO: PortInfo = port("in", T::NAME);
}

/// `out NAME: T;` inside of the graph.
pub struct OpenOutput<T> {
    pub(super) outgoing: Option<Outgoing<T>>,
}

/// An output whose ring is built outside.
pub(super) struct Outgoing<T> {
    pub(super) from: &'static PortInfo,
    pub(super) writer: LateWriter<T>,
    pub(super) actor: Origin,
    /// Those that read it inside.
    pub(super) readers: Vec<Late<T>>,
    close: fn(Self),
}

impl<T> Outgoing<T> {
    pub(super) fn new(from: &'static PortInfo, writer: LateWriter<T>) -> Self {
        Self {
            from,
            writer,
            actor: Arc::default(),
            readers: Vec::new(),
            close: Self::close,
        }
    }

    /// Nobody outside reads it: its ring is for those inside.
    fn close(self) {
        let specs: Vec<_> = self
            .readers
            .iter()
            .map(|late| (late.policy, late.info.slots))
            .collect();
        let (writer, readers) = ring(&specs, usize::from(specs.is_empty()));
        self.writer.set(writer);
        for (late, reader) in self.readers.iter().zip(readers) {
            late.accept(reader);
        }
    }
}

/// An end of the graph that is being written, as the node that its name stands for.
pub struct OpenEnd<P, G> {
    /// The end itself.
    pub actor: P,
    /// The graph that it belongs to, to be named where an edge is refused.
    pub kind: PhantomData<G>,
}

/// What may come into a graph and go out of it: a message. What is none has no ends, and so is refused
/// once, and not wherever these are used.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "only messages flow",
    note = "write `#[derive(Message)]` on it, or wrap it: `DataMessage<…>`"
)]
pub trait Flows<Kind> {
    /// The name of what flows.
    const PAYLOAD: &'static str;
    /// `in NAME: T;`
    type In;
    /// `out NAME: T;`
    type Out;
    /// `in NAME: T;`
    fn comes_in<G>() -> OpenEnd<Self::In, G>;
    /// `out NAME: T;`
    fn goes_out<G>() -> OpenEnd<Self::Out, G>;
}

/// How a message flows.
#[derive(Debug)]
pub struct AsMessage;

#[diagnostic::do_not_recommend]
impl<T: Message> Flows<AsMessage> for T {
    const PAYLOAD: &'static str = T::NAME;
    type In = OpenInput<T>;
    type Out = OpenOutput<T>;

    fn comes_in<G>() -> OpenEnd<OpenInput<T>, G> {
        OpenEnd {
            actor: OpenInput {
                info: &OpenInput::<T>::INFO,
                inputs: Vec::new(),
            },
            kind: PhantomData,
        }
    }

    fn goes_out<G>() -> OpenEnd<OpenOutput<T>, G> {
        OpenEnd {
            actor: OpenOutput { outgoing: None },
            kind: PhantomData,
        }
    }
}

// As with `IntoNode`: where a second impl might fit, rustc looks first whether the other does.
#[diagnostic::do_not_recommend]
impl<T: Nothing> Flows<()> for T {
    const PAYLOAD: &'static str = "";
    type In = ();
    type Out = ();

    fn comes_in<G>() -> OpenEnd<(), G> {
        OpenEnd {
            actor: (),
            kind: PhantomData,
        }
    }

    fn goes_out<G>() -> OpenEnd<(), G> {
        OpenEnd {
            actor: (),
            kind: PhantomData,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T> SoleOutput<Bare> for OpenInput<T> {
    type Port = Self;

    fn sole_output(&mut self) -> &mut Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T> SoleInput<Bare> for OpenOutput<T> {
    type Port = Self;

    fn sole_input(&mut self) -> &mut Self {
        self
    }
}

/// An open end, as it is seen from outside.
pub trait Outside {
    /// A port of the graph.
    type Port;
    /// The port.
    fn outside(self) -> Self::Port;
}

/// What the graph offers to others in place of an open end.
pub fn outside<P: Outside, G>(end: OpenEnd<P, G>) -> P::Port {
    end.actor.outside()
}

/// An input of a graph: whatever is connected to it goes to the inputs of its actors.
pub struct GraphInput<T> {
    pub(super) inputs: Vec<Late<T>>,
}

impl<T> GraphInput<T> {
    pub(super) fn take(&mut self) -> Vec<Late<T>> {
        std::mem::take(&mut self.inputs)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Outside for OpenInput<T> {
    type Port = GraphInput<T>;

    fn outside(self) -> GraphInput<T> {
        GraphInput {
            inputs: self.inputs,
        }
    }
}

impl<T: Message> fmt::Debug for GraphInput<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GraphInput<{}>", T::NAME)
    }
}

/// An output of a graph: that of one of its actors.
pub struct GraphOutput<T> {
    outgoing: Option<Outgoing<T>>,
}

impl<T> GraphOutput<T> {
    pub(super) fn take(&mut self) -> Option<Outgoing<T>> {
        self.outgoing.take()
    }
}

#[diagnostic::do_not_recommend]
impl<T> Outside for OpenOutput<T> {
    type Port = GraphOutput<T>;

    fn outside(self) -> GraphOutput<T> {
        GraphOutput {
            outgoing: self.outgoing,
        }
    }
}

impl<T> Drop for GraphOutput<T> {
    fn drop(&mut self) {
        if let Some(outgoing) = self.outgoing.take() {
            (outgoing.close)(outgoing);
        }
    }
}

impl<T: Message> fmt::Debug for GraphOutput<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GraphOutput<{}>", T::NAME)
    }
}
