//! A graph as a node of another: it is put together already, and what crosses its border is a task's edge.

use std::any::type_name;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Arc;

use super::Pipeline;
use super::branch::Followers;
use super::builder::{GraphBuilder, Join};
use super::nest::{Below, Joined};
use super::node::{IntoStage, Node, Settles, Stage, Ticking, Ticks, TicksItself};
use super::sketch::Sketch;
use super::wire::Edge;
use crate::actor::{Actor, IntoNode, Ports};
use crate::clock::AnyClock;
use crate::dispatch::Placement;
use crate::{Error, Result};

/// A graph that `pipeline! { graph NAME(…); … }` describes: an item with ports of its own.
///
/// It is a node of other graphs, or it is started by itself.
pub trait Subgraph: Ports {
    /// What it has been put together to.
    #[doc(hidden)]
    fn into_graph(self) -> GraphBuilder;
    /// What it consists of.
    #[doc(hidden)]
    fn sketch() -> Sketch;

    /// Starts it by itself.
    ///
    /// # Errors
    ///
    /// What keeps a pipeline from starting: the `check` of an actor, a clock's impossible rate.
    fn start(self) -> Result<Pipeline>
    where
        Self: Whole,
    {
        self.into_graph().start()
    }
}

thread_local! {
    /// The graphs that are being put together or drawn on this thread, each within the one before: type and name.
    static WITHIN: RefCell<Vec<(&'static str, &'static str)>> = const { RefCell::new(Vec::new()) };
}

/// That a graph is being put together or drawn, until it is dropped.
#[must_use]
#[derive(Debug)]
pub struct Begun(());

/// Begins the graph `G`, perhaps within others.
///
/// # Errors
///
/// Where it is within itself: that would have no end.
pub fn begin<G>(name: &'static str) -> Result<Begun> {
    WITHIN.with_borrow_mut(|within| {
        let ty = type_name::<G>();
        if let Some(place) = within.iter().position(|(other, _)| *other == ty) {
            let way: Vec<_> = within[place..].iter().map(|(_, name)| *name).collect();
            let way = way.join("` >> `");
            return Err(Error::graph(format!(
                "a graph cannot hold itself: `{way}` >> `{name}`; take one of them out"
            )));
        }
        within.push((ty, name));
        Ok(Begun(()))
    })
}

impl Drop for Begun {
    fn drop(&mut self) {
        WITHIN.with_borrow_mut(Vec::pop);
    }
}

/// A graph that nothing has to come into.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be started by itself",
    label = "something has to come in at its open ends",
    note = "make it a node of a graph that feeds it: `part = {Self}::new(…)?; … >> part;`"
)]
pub trait Whole {}

/// Where the actors of a graph run: each as it says itself.
#[derive(Debug)]
pub struct Within;

/// What ticks a graph: what ticks its actors.
#[derive(Debug)]
pub struct InGraph;

/// How a graph becomes a node.
#[derive(Debug)]
pub struct AsGraph;

#[diagnostic::do_not_recommend]
impl<P: Subgraph> IntoNode<AsGraph> for P {
    type Actor = P;
    type Dispatcher = Within;
    type Clock = InGraph;

    fn into_parts(self) -> (P, Option<AnyClock>) {
        (self, None)
    }
}

// Its actors are checked where they are wired, and again when the whole starts.
#[diagnostic::do_not_recommend]
impl<A> Ticks<A> for InGraph {}
#[diagnostic::do_not_recommend]
impl<A> TicksItself<A> for InGraph {}
#[diagnostic::do_not_recommend]
impl<A, Port> Settles<A, Port> for InGraph {}

impl Ticking for InGraph {
    type Meets<Port> = Port;
}

/// A graph on its way into another.
pub struct GraphStage {
    name: &'static str,
    graph: GraphBuilder,
}

#[diagnostic::do_not_recommend]
impl<P: Subgraph> IntoStage for Node<P, Within, InGraph> {
    type Stage = GraphStage;

    fn into_stage(self) -> GraphStage {
        GraphStage {
            name: self.name,
            graph: self.actor.into_graph(),
        }
    }
}

impl GraphStage {
    /// Feeds a node that nothing else feeds, through these edges.
    #[must_use]
    pub fn then<T: Below, const N: usize>(
        self,
        graph: &mut GraphBuilder,
        target: T,
        edges: [Edge; N],
    ) -> Self {
        let joined = target.join(graph);
        self.feeds(graph, &joined, edges)
    }

    /// Feeds a node that others feed too.
    #[must_use]
    pub fn feeds<J: Joined, const N: usize>(
        self,
        graph: &mut GraphBuilder,
        join: &J,
        edges: [Edge; N],
    ) -> Self {
        graph.tie(None, join.task(), &edges, drop);
        self
    }

    /// It is apart already.
    #[must_use]
    pub fn apart(self) -> Self {
        self
    }

    /// Its outputs leave the graph that it is in through these edges.
    #[must_use]
    pub fn leaves<const N: usize>(self, _graph: &mut GraphBuilder, _edges: [Edge; N]) -> Self {
        self
    }
}

/// A graph that has become a part of another.
#[derive(Debug)]
pub struct Absorbed(PhantomData<()>);

impl Joined for Absorbed {
    fn task(&self) -> Option<&Join> {
        None
    }
}

impl Below for GraphStage {
    type Above<A: Actor + 'static, F: Followers, D: Placement, C> = Stage<A, F, D, C>;
    type Joined = Absorbed;

    fn below<A: Actor + 'static, F: Followers, D: Placement, C>(
        self,
        graph: &mut GraphBuilder,
        mut above: Stage<A, F, D, C>,
        edges: &[Edge],
    ) -> Stage<A, F, D, C> {
        self.join(graph);
        let runner = &mut above.branch.runner;
        let stats = Arc::clone(runner.stats());
        graph.tie(Some(&stats), None, edges, |link| runner.link(link));
        above
    }

    fn join(self, graph: &mut GraphBuilder) -> Absorbed {
        graph.absorb(self.name, self.graph);
        Absorbed(PhantomData)
    }
}

/// What a graph becomes after an error that has been told.
pub fn stub_graph<P>() -> Result<(P, ())> {
    Err(Error::graph("this graph does not compile"))
}
