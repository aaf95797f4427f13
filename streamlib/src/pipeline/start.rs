//! Starts a graph: finds every task's clock, subscribes to the clocks, and hands the tasks to their dispatchers.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::beat::beat;
use super::builder::{GraphBuilder, NodeRecord};
use super::edge::{EdgeRx, Hears, edge};
use super::graph::{Graph, GraphEdge, GraphNode};
use super::inbox::Inbox;
use super::run::{Clocked, Gate, Pipeline, Tally};
use super::runner::Context;
use super::status::Waits;
use super::watchdog::{Watch, watch};
use crate::actor::Stats;
use crate::clock::{AnyClock, Clock, Subscriber};
use crate::time::ClockId;
use crate::{Error, Result};

impl GraphBuilder {
    /// The edges, by the places of their nodes.
    pub(super) fn indexed(&self) -> Vec<(usize, usize)> {
        let index = |stats| {
            self.nodes
                .iter()
                .position(|node| Arc::ptr_eq(&node.stats, stats))
                .unwrap_or(usize::MAX)
        };
        self.edges
            .iter()
            .filter(|edge| !edge.is_back)
            .map(|edge| (index(&edge.from), index(&edge.to)))
            .collect()
    }

    /// Starts the graph.
    ///
    /// # Errors
    ///
    /// What an actor's `check` finds, a clock's impossible rate, a clock that is missing or that is
    /// not the same on all inputs of an actor.
    pub fn start(mut self) -> Result<Pipeline> {
        if let Some(refused) = self.refused.take() {
            return Err(Error::graph(refused));
        }
        for node in &self.nodes {
            node.stats.set_name(node.name.clone());
        }
        let edges = self.indexed();
        let clocks = self.clocks(&edges)?;
        self.delays(&clocks)?;
        let described = self.describe(&clocks);
        let measured = self.measured(&clocks);
        let hears_passes = hears_passes(&self.nodes, &clocks, &edges);
        let named = named(&self.nodes, &clocks);
        // A source's complaint is of more use than what follows from it.
        for task in self.tasks.iter_mut().rev() {
            std::mem::replace(&mut task.check, Ok(()))?;
        }
        #[cfg(feature = "gpu")]
        self.check_places()?;
        let Self {
            nodes, mut tasks, ..
        } = self;
        tasks.reverse();
        for (node, clock) in nodes.iter().zip(&clocks) {
            if clock.lockstep().is_none() {
                node.stats.set_deadline(node.deadline(clock.rate()));
            }
        }
        for &(from, to) in &edges {
            if let (Some(from), Some(to)) = (nodes.get(from), nodes.get(to))
                && to.stats.dispatcher() == "process"
            {
                from.stats.set_shares();
            }
        }
        let waits = Waits::new(&nodes, &edges, tasks.iter().map(|task| task.head));
        let watched = nodes
            .iter()
            .zip(&clocks)
            .filter(|(_, clock)| clock.lockstep().is_none())
            .map(|(node, clock)| Watch {
                stats: Arc::clone(&node.stats),
                deadline: node.deadline(clock.rate()),
                paced: None,
            })
            .collect();
        let tally = Arc::<Tally>::default();
        tally.set_actors(nodes.len());
        let feeding: BTreeSet<usize> = edges.iter().map(|&(from, _)| from).collect();
        let mut sinks = 0;
        for (place, node) in nodes.iter().enumerate() {
            if !feeding.contains(&place) {
                node.stats.set_sink();
                sinks += 1;
            }
        }
        tally.set_sinks(sinks);
        let gate = Gate::new(Arc::clone(&tally), tasks.len());
        let mut subscribers: Vec<(AnyClock, Vec<Box<dyn Subscriber>>)> = Vec::new();
        let heads: Vec<ClockId> = tasks
            .iter()
            .filter_map(|task| clocks.get(task.head))
            .map(|clock| clock.id())
            .collect();
        let mut clocked = Clocked::default();
        let mut spawns = Vec::new();
        for task in tasks {
            let (Some(clock), Some(node)) = (clocks.get(task.head), nodes.get(task.head)) else {
                continue;
            };
            if let Some(lockstep) = clock.lockstep() {
                task.signal.set_lockstep(lockstep);
            }
            // Ticks come along the edges of its own clock only.
            let (same, others): (Vec<_>, Vec<_>) = task
                .edges
                .into_iter()
                .partition(|(from, _)| from.clock().is_some_and(|(id, _)| id == clock.id()));
            let all = if hears_passes.contains(&task.head) {
                Hears::Ticks
            } else {
                Hears::Items
            };
            let (mut arriving, others) = (told(same, all), told(others, Hears::End));
            let (mut subscriber, mut beats) = (None::<Box<dyn Subscriber>>, None);
            let is_clocked = node.clock.is_some();
            if is_clocked {
                clocked.signals.push(Arc::clone(&task.signal));
                if arriving.is_empty() {
                    let (mut tx, rx) = edge(&task.signal, u64::MAX);
                    tx.alone = others.is_empty()
                        && heads.iter().filter(|&&id| id == clock.id()).count() == 1;
                    arriving.push(rx);
                    subscriber = Some(Box::new(tx));
                } else {
                    let (tx, rx) = beat(&task.signal, &arriving);
                    beats = Some(rx);
                    subscriber = Some(Box::new(tx));
                }
            }
            let mut inbox =
                Inbox::new(Arc::clone(&task.signal), arriving, is_clocked, clock.rate());
            inbox.clocked_by(beats, others);
            if clock.lockstep().is_none() {
                subscriber = subscriber.or_else(|| inbox.deadline());
            }
            if let Some(subscriber) = subscriber {
                match subscribers
                    .iter_mut()
                    .find(|(other, _)| other.id() == clock.id())
                {
                    Some((_, list)) => list.push(subscriber),
                    None => subscribers.push((clock.clone(), vec![subscriber])),
                }
            }
            let paced = clock.lockstep().is_none();
            let context = Context {
                tally: Arc::clone(&tally),
                paced,
                gate: Arc::clone(&gate),
                measured: measured.clone(),
            };
            let future = (task.start)(inbox, Arc::clone(&gate), context);
            spawns.push((task.spawn, Arc::clone(&node.stats), future));
        }
        for (clock, list) in subscribers {
            clocked.subscriptions.push(clock.subscribe(list)?);
            clocked.clocks.push(clock);
        }
        gate.hold(clocked);
        for (spawn, stats, future) in spawns {
            // Those that were started before it are not left alone with their devices.
            spawn(stats.name(), future).inspect_err(|_| gate.close())?;
        }
        let stats = nodes.into_iter().rev().map(|node| node.stats).collect();
        let watched = watch(watched);
        Ok(Pipeline {
            stats,
            waits,
            graph: described,
            clocks: named,
            tally,
            gate,
            _watched: watched,
            measured,
        })
    }

    /// Every node's clock: its own, or that of what feeds it.
    fn clocks(&self, edges: &[(usize, usize)]) -> Result<Vec<AnyClock>> {
        let mut clocks: Vec<Option<(String, AnyClock)>> =
            self.nodes.iter().map(|node| node.clock.clone()).collect();
        // Sources were added last.
        for to in (0..self.nodes.len()).rev() {
            let name = self.nodes.get(to).map_or("", |node| node.stats.name());
            if clocks.get(to).is_some_and(Option::is_none) {
                let mut found: Option<(String, AnyClock)> = None;
                for &(from, _) in edges.iter().filter(|edge| edge.1 == to) {
                    let Some(Some(clock)) = clocks.get(from) else {
                        continue;
                    };
                    match &found {
                        Some(other) if other.1.id() != clock.1.id() => {
                            return Err(Error::graph(format_args!(
                                "two clocks meet in `{name}`: `{}` ({}) and `{}` ({}); say which ticks it: `{name} = … @ clock`",
                                other.0,
                                other.1.id(),
                                clock.0,
                                clock.1.id(),
                            )));
                        }
                        _ => found = Some(clock.clone()),
                    }
                }
                if found.is_none() {
                    return Err(Error::graph(format_args!(
                        "`{name}` has no clock; give it one: `{name} = … @ clock`, or `.fps(60)` on the actor",
                    )));
                }
                if let Some(slot) = clocks.get_mut(to) {
                    *slot = found;
                }
            }
        }
        let mut resolved = Vec::with_capacity(clocks.len());
        for (node, clock) in self.nodes.iter().zip(clocks) {
            if let Some((name, clock)) = clock {
                node.stats.set_clock(Some((clock.id(), name)));
                resolved.push(clock);
            }
        }
        Ok(resolved)
    }

    /// A delay is counted in the ticks of one clock.
    fn delays(&self, clocks: &[AnyClock]) -> Result<()> {
        let clock = |stats: &Arc<Stats>| {
            let place = self
                .nodes
                .iter()
                .position(|node| Arc::ptr_eq(&node.stats, stats))?;
            clocks.get(place).map(Clock::id)
        };
        for edge in &self.edges {
            if let Some(delay) = edge.delay
                && clock(&edge.from) != clock(&edge.to)
            {
                return Err(Error::graph(format_args!(
                    "`delay({delay})` from `{}` to `{}` counts the ticks of one clock, and these two have different ones",
                    edge.from.name(),
                    edge.to.name(),
                )));
            }
        }
        Ok(())
    }

    fn describe(&self, clocks: &[AnyClock]) -> Graph {
        let nodes = self
            .nodes
            .iter()
            .zip(clocks)
            .map(|(node, clock)| GraphNode {
                name: node.stats.name().to_owned(),
                actor: node.stats.actor(),
                dispatcher: node.stats.dispatcher(),
                clock: node
                    .stats
                    .clock()
                    .map_or_else(String::new, |(_, name)| name),
                rate: Some(clock.rate()),
            });
        let edges = self.edges.iter().map(|edge| GraphEdge {
            from: edge.from.name().to_owned(),
            output: edge.output.name,
            to: edge.to.name().to_owned(),
            input: edge.input.name,
            payload: edge.output.payload,
            delay: edge.delay.map(|ticks| ticks.to_string()),
        });
        let (mut nodes, mut edges): (Vec<_>, Vec<_>) = (nodes.collect(), edges.collect());
        nodes.reverse();
        edges.reverse();
        Graph {
            nodes,
            edges,
            ends: Vec::new(),
        }
    }
}

/// Each clock once, with the name that its first node has for it.
fn named(nodes: &[NodeRecord], clocks: &[AnyClock]) -> Vec<(String, AnyClock)> {
    let mut seen = BTreeSet::new();
    (nodes.iter().zip(clocks).rev())
        .filter(|(_, clock)| seen.insert(clock.id().as_u32()))
        .filter_map(|(node, clock)| Some((node.stats.clock()?.1, clock.clone())))
        .collect()
}

/// The receiving ends, which say what they want to hear.
fn told(edges: Vec<(Arc<Stats>, EdgeRx)>, hears: Hears) -> Vec<EdgeRx> {
    let edges = edges.into_iter().map(|(_, edge)| {
        // Nobody else has said anything.
        let _ = edge.progress.hears.set(hears);
        edge
    });
    edges.collect()
}

/// The nodes that wait for others, to each of its ticks or as joins, or that lead to one: they must hear also of a tick
/// that brings nothing.
fn hears_passes(
    nodes: &[NodeRecord],
    clocks: &[AnyClock],
    edges: &[(usize, usize)],
) -> BTreeSet<usize> {
    let clock = |node: usize| clocks.get(node).map(Clock::id);
    let is_clocked = |node: usize| nodes.get(node).is_some_and(|node| node.clock.is_some());
    let edges = edges.iter().filter(|edge| clock(edge.0) == clock(edge.1));
    let edges: Vec<_> = edges.copied().collect();
    let mut hears = BTreeSet::new();
    // Sinks were added first, so whatever a node feeds has been looked at before it.
    for node in 0..nodes.len() {
        let mut feeders = edges
            .iter()
            .filter(|edge| edge.1 == node)
            .map(|edge| edge.0);
        let first = feeders.next();
        let is_join = feeders.any(|feeder| Some(feeder) != first);
        let is_beaten = first.is_some() && is_clocked(node);
        let leads_on = edges
            .iter()
            .any(|edge| edge.0 == node && hears.contains(&edge.1));
        if is_join || is_beaten || leads_on {
            hears.insert(node);
        }
    }
    hears
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use super::super::node::{node, stage};
    use super::GraphBuilder;
    use crate::prelude::*;

    /// Says when it was opened, and by being dropped that it has ended.
    #[actor]
    struct Device {
        #[output]
        out: Output<DataMessage<u64>>,
        opened: Sender<()>,
    }

    impl Actor for Device {
        async fn on_start(&mut self) -> Result<()> {
            self.opened.send(()).map_err(Error::other)
        }

        async fn process(&mut self, tick: TimedTick) -> Result<()> {
            self.out.send(DataMessage::new(0), tick);
            Ok(())
        }
    }

    #[test]
    fn a_start_that_fails_halfway_leaves_nothing_that_runs() {
        let (opened, is_there): (_, Receiver<()>) = channel();
        let mut graph = GraphBuilder::new();
        let clock = SoftwareClock::fps(100);
        graph.source(stage(node(
            "refused",
            Null::<VideoFrame>::new().clocked(clock.clone()),
        )));
        graph.source(stage(node("device", Device::new(opened).clocked(clock))));
        // The sources start first.
        graph.tasks[0].spawn = |_, _| Err(Error::graph("no more threads"));
        let error = graph.start().map(drop).expect_err("one is refused");
        assert!(error.to_string().contains("no more threads"), "{error}");
        let wait = Duration::from_secs(10);
        assert_eq!(is_there.recv_timeout(wait), Ok(()));
        let ended = is_there.recv_timeout(wait).expect_err("it is opened once");
        assert_eq!(ended, std::sync::mpsc::RecvTimeoutError::Disconnected);
    }
}
