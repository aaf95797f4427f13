//! Puts stages together into tasks, and notes what leads where.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::branch::Followers;
use super::edge::{EdgeRx, EdgeTx, edge};
use super::inbox::Inbox;
use super::nest::{Below, Joined};
use super::node::Stage;
use super::open::Outlet;
use super::run::Gate;
use super::runner::Context;
use super::signal::Signal;
use super::task::drive;
use super::watchdog::DEADLINE;
use super::wire::{Edge, Wired};
use crate::actor::{Actor, PortInfo, Stats};
use crate::clock::AnyClock;
use crate::dispatch::{Dispatcher, Placement, Task};
use crate::time::Rate;
use crate::{Error, Result};

/// A graph that is being put together, from its sinks up to its sources.
#[derive(Default)]
pub struct GraphBuilder {
    /// Sinks first: whatever feeds a node comes after it.
    pub(super) nodes: Vec<NodeRecord>,
    pub(super) edges: Vec<EdgeRecord>,
    pub(super) tasks: Vec<TaskRecord>,
    /// The edges that were wired, until they are used.
    pub(super) wired: Vec<Wired>,
    /// Why it cannot start.
    pub(super) refused: Option<String>,
}

pub(super) struct NodeRecord {
    /// Its name, with those of the graphs inside this one that it is in.
    pub(super) name: String,
    pub(super) stats: Arc<Stats>,
    pub(super) clock: Option<(String, AnyClock)>,
    /// After how many ticks its `process` is said to be stalled; 0 for as long as it is otherwise.
    deadline: u32,
}

impl NodeRecord {
    /// How long its `process` may take.
    pub(super) fn deadline(&self, rate: Rate) -> Duration {
        match u64::from(self.deadline) {
            0 => DEADLINE,
            ticks => rate.time_of(ticks),
        }
    }
}

pub(super) struct EdgeRecord {
    pub(super) from: Arc<Stats>,
    pub(super) output: &'static PortInfo,
    pub(super) to: Arc<Stats>,
    pub(super) input: &'static PortInfo,
    pub(super) delay: Option<usize>,
    /// It closes a circle: items flow along it, and no ticks.
    pub(super) is_back: bool,
}

pub(super) struct TaskRecord {
    pub(super) head: usize,
    pub(super) signal: Arc<Signal>,
    /// What leads into it, and from whom.
    pub(super) edges: Vec<(Arc<Stats>, EdgeRx)>,
    pub(super) check: Result<()>,
    /// Why it works elsewhere than the graph says first.
    #[cfg(feature = "gpu")]
    pub(super) falls_back: Option<Error>,
    pub(super) start: Box<dyn FnOnce(Inbox, Arc<Gate>, Context) -> Task + Send>,
    pub(super) spawn: fn(&str, Task) -> Result<()>,
}

/// A task that other nodes feed.
#[derive(Clone, Debug)]
pub struct Join {
    pub(super) stats: Arc<Stats>,
    task: usize,
}

impl GraphBuilder {
    /// An empty graph.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A node that nothing feeds, with all that is compiled into it.
    pub fn source<S: Below>(&mut self, stage: S) {
        stage.join(self);
    }

    /// A node that several nodes feed, or what comes into the graph.
    pub fn join<S: Below>(&mut self, stage: S) -> S::Joined {
        stage.join(self)
    }

    /// What comes into the graph through these edges goes to this task.
    pub fn enters<J: Joined, const N: usize>(&mut self, join: &J, edges: [Edge; N]) {
        for edge in edges {
            let edge = self.take(edge);
            if let Some(refused) = edge.refused {
                self.refused.get_or_insert(refused);
            }
            if let (Some(join), Some(enters)) = (join.task(), edge.enters) {
                enters.get_or_init(|| Arc::clone(&join.stats));
            }
        }
    }

    /// These edges lead back, so that items flow along them and no ticks: `from` comes after `to`.
    pub fn returns<const N: usize>(&mut self, from: &str, to: &str, edges: [Edge; N]) {
        let named = |name: &str| {
            let mut nodes = self.nodes.iter();
            let node = nodes.find(|node| node.name == name)?;
            Some(Arc::clone(&node.stats))
        };
        let (own, target) = (named(from), named(to));
        for edge in edges {
            let edge = self.take(edge);
            let origin = edge.origin.as_ref().and_then(|origin| origin.get());
            let from = origin.map(|outlet| &outlet.stats).or(own.as_ref());
            if let (Some(from), Some(target)) = (from, &target) {
                self.note(from, target, &edge, true);
            }
        }
    }

    /// Takes over a graph that is a node of this one.
    pub(super) fn absorb(&mut self, name: &str, graph: Self) {
        let before = self.nodes.len();
        self.nodes.extend(graph.nodes.into_iter().map(|mut node| {
            node.name = format!("{name}.{}", node.name);
            node
        }));
        self.edges.extend(graph.edges);
        self.tasks.extend(graph.tasks.into_iter().map(|mut task| {
            task.head += before;
            task
        }));
        if let Some(refused) = graph.refused {
            self.refused.get_or_insert(refused);
        }
    }

    pub(super) fn task<A: Actor + 'static, F: Followers, D: Placement, C>(
        &mut self,
        stage: Stage<A, F, D, C>,
    ) -> Join {
        let Stage { branch, clock, .. } = stage;
        let stats = Arc::clone(branch.runner.stats());
        self.add(&stats, clock, A::INFO.deadline);
        let dispatcher = D::Dispatcher::default();
        self.tasks.push(TaskRecord {
            head: self.nodes.len() - 1,
            signal: Arc::default(),
            edges: Vec::new(),
            check: (dispatcher.check_there(&mut || branch.check())).and_then(|()| {
                dispatcher.check().map_err(|error| {
                    Error::graph(format_args!(
                        "`{}` is on `{}`: {error}",
                        stats.name(),
                        D::WORD
                    ))
                })
            }),
            #[cfg(feature = "gpu")]
            falls_back: dispatcher.falls_back(),
            start: Box::new(|inbox, gate, context| Box::pin(drive(branch, inbox, gate, context))),
            spawn: |name, task| D::Dispatcher::default().spawn(name, task),
        });
        Join {
            stats,
            task: self.tasks.len() - 1,
        }
    }

    pub(super) fn add(
        &mut self,
        stats: &Arc<Stats>,
        clock: Option<(String, AnyClock)>,
        deadline: u32,
    ) {
        self.nodes.push(NodeRecord {
            name: stats.name().to_owned(),
            stats: Arc::clone(stats),
            clock,
            deadline,
        });
    }

    /// Notes edges of the graph; says which outputs they come from.
    pub(super) fn edges(&mut self, from: &Arc<Stats>, to: &Arc<Stats>, edges: &[Edge]) -> u64 {
        let mut mask = 0;
        for &edge in edges {
            let edge = self.take(edge);
            mask |= 1 << edge.from.index;
            self.note(from, to, &edge, false);
        }
        mask
    }

    fn note(&mut self, from: &Arc<Stats>, to: &Arc<Stats>, edge: &Wired, is_back: bool) {
        for reached in &edge.to {
            let inside = reached.actor.as_ref().and_then(|actor| actor.get());
            from.add_readers(1);
            self.edges.push(EdgeRecord {
                from: Arc::clone(from),
                output: edge.from,
                to: Arc::clone(inside.unwrap_or(to)),
                input: reached.port,
                delay: reached.delay,
                is_back,
            });
        }
        if let Some(refused) = &edge.refused {
            self.refused.get_or_insert_with(|| refused.clone());
        }
    }

    /// Lets the ticks of what feeds these edges reach the tasks at their ends, which may be inside
    /// of a graph on either side. `link` is given what the stage `own` itself feeds.
    pub(super) fn tie(
        &mut self,
        own: Option<&Arc<Stats>>,
        target: Option<&Join>,
        edges: &[Edge],
        mut link: impl FnMut(EdgeTx),
    ) {
        let mut ties: Vec<(Arc<Stats>, Option<Outlet>, Join, u64)> = Vec::new();
        for &edge in edges {
            let edge = self.take(edge);
            let outlet = edge.origin.as_ref().and_then(|origin| origin.get());
            let Some(from) = outlet.map(|outlet| &outlet.stats).or(own) else {
                continue;
            };
            if let Some(refused) = &edge.refused {
                self.refused.get_or_insert_with(|| refused.clone());
            }
            for reached in &edge.to {
                let inside = reached.actor.as_ref().map(|actor| actor.get());
                let join = match inside {
                    Some(actor) => actor.and_then(|actor| self.join_of(actor)),
                    None => target.cloned(),
                };
                let Some(join) = join else { continue };
                from.add_readers(1);
                self.edges.push(EdgeRecord {
                    from: Arc::clone(from),
                    output: edge.from,
                    to: Arc::clone(&join.stats),
                    input: reached.port,
                    delay: reached.delay,
                    is_back: false,
                });
                let mask = 1 << edge.from.index;
                let mut before = ties.iter_mut();
                match before
                    .find(|(other, _, to, _)| to.task == join.task && Arc::ptr_eq(other, from))
                {
                    Some((_, _, _, masks)) => *masks |= mask,
                    None => ties.push((Arc::clone(from), outlet.cloned(), join, mask)),
                }
            }
        }
        for (from, outlet, join, mask) in ties {
            let Some(tx) = self.feed(&from, &join, mask) else {
                continue;
            };
            match outlet {
                Some(outlet) => outlet
                    .links
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(tx),
                None => link(tx),
            }
        }
    }

    /// The task that begins with an actor.
    fn join_of(&self, actor: &Arc<Stats>) -> Option<Join> {
        let head = |task: &TaskRecord| self.nodes.get(task.head);
        let begins =
            |task: &TaskRecord| head(task).is_some_and(|node| Arc::ptr_eq(&node.stats, actor));
        let task = self.tasks.iter().position(begins)?;
        Some(Join {
            stats: Arc::clone(actor),
            task,
        })
    }

    /// An edge for ticks to a task: its sending end.
    pub(super) fn feed(&mut self, from: &Arc<Stats>, join: &Join, mask: u64) -> Option<EdgeTx> {
        let task = self.tasks.get_mut(join.task)?;
        let (tx, rx) = edge(&task.signal, mask);
        task.edges.push((Arc::clone(from), rx));
        Some(tx)
    }
}
