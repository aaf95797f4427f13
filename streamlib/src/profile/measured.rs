//! A graph that is measured: its actors, what feeds them, and what was found so far.

use std::collections::HashMap;
use std::io::Write;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::board::Board;
use super::distribution::Counts;
use super::recording::{Settings, settings};
use super::report::{ActorProfile, EdgeProfile, Profile};
use super::trace::Trace;
use crate::actor::Stats;
use crate::clock::{AnyClock, Clock};

/// A node of a graph, as it is known when the graph starts.
pub(crate) struct MeasuredNode {
    pub(crate) stats: Arc<Stats>,
    /// What ticks it, directly or through what feeds it.
    pub(crate) clock: Option<AnyClock>,
    /// Whether its ticks come from the clock.
    pub(crate) is_clocked: bool,
    /// Whether they also wait for what feeds it.
    pub(crate) waits: bool,
}

/// An edge of a graph, by the places of its nodes.
pub(crate) struct MeasuredEdge {
    pub(crate) from: usize,
    pub(crate) output: (usize, &'static str),
    pub(crate) to: usize,
    pub(crate) input: &'static str,
    /// How many ticks late it arrives.
    pub(crate) delay: Option<usize>,
    /// Whether it comes from another clock, whose ticks have other numbers.
    pub(crate) is_foreign: bool,
}

fn address(stats: &Arc<Stats>) -> usize {
    Arc::as_ptr(stats).addr()
}

/// A graph that is measured, for as long as it runs or is held; then the table is printed that the environment has asked for.
pub(crate) struct Measured(Arc<MeasuredGraph>);

/// What is measured of a graph.
pub(crate) struct MeasuredGraph {
    pub(super) actors: Vec<MeasuredActor>,
    /// The places of the actors, by the addresses of what is counted about them.
    places: HashMap<usize, usize>,
    /// Where each edge is: its actor, and its place there.
    edges: Vec<(usize, usize)>,
    pub(super) settings: Settings,
    /// Held while the table is printed.
    is_printed: Mutex<bool>,
}

/// An actor that is measured.
pub(super) struct MeasuredActor {
    pub(super) stats: Arc<Stats>,
    /// Its clock, if that ticks it and keeps real time.
    pub(super) due_by: Option<AnyClock>,
    pub(super) is_clocked: bool,
    pub(super) waits: bool,
    pub(super) board: Arc<Board>,
    pub(super) feeds: Vec<Feed>,
    pub(super) found: Mutex<Found>,
    /// The place of its name in the trace.
    pub(super) name: u32,
}

/// An edge into an actor.
pub(super) struct Feed {
    pub(super) from: Arc<Board>,
    from_actor: usize,
    pub(super) mask: u64,
    output: &'static str,
    input: &'static str,
    pub(super) delay: Option<usize>,
    pub(super) is_foreign: bool,
    /// The place of its name in the trace, and its number there.
    pub(super) name: u32,
    pub(super) number: u64,
}

/// What was found about an actor so far, and about what feeds it.
#[derive(Clone, Default)]
pub(super) struct Found {
    process: Counts,
    wake_up: Counts,
    age: Counts,
    /// For each edge into it: wake-up and age.
    feeds: Vec<[Counts; 2]>,
}

/// What a time is of.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Process,
    WakeUp,
    Age,
    FeedWakeUp(u32),
    FeedAge(u32),
}

impl Found {
    pub(super) fn record(&mut self, what: What, nanos: u64) {
        let counts = match what {
            What::Process => Some(&mut self.process),
            What::WakeUp => Some(&mut self.wake_up),
            What::Age => Some(&mut self.age),
            What::FeedWakeUp(feed) => self.feeds.get_mut(feed as usize).map(|[it, _]| it),
            What::FeedAge(feed) => self.feeds.get_mut(feed as usize).map(|[_, it]| it),
        };
        if let Some(counts) = counts {
            counts.record(nanos);
        }
    }
}

impl MeasuredActor {
    pub(super) fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Measured {
    /// What measures a graph that starts now; `None` if nothing asks for it.
    pub(crate) fn new(
        nodes: impl FnOnce() -> (Vec<MeasuredNode>, Vec<MeasuredEdge>),
    ) -> Option<Arc<Self>> {
        let settings = settings()?;
        let (nodes, edges) = nodes();
        let trace = settings.trace.as_deref();
        let name = |name: &str| trace.map_or(0, |trace| trace.name(name));
        let mut kept = vec![0; nodes.len()];
        for edge in &edges {
            if let (Some(kept), Some(delay)) = (kept.get_mut(edge.from), edge.delay) {
                *kept = delay.max(*kept);
            }
        }
        let mut actors: Vec<_> = nodes
            .into_iter()
            .zip(kept)
            .map(|(node, kept)| MeasuredActor {
                due_by: node
                    .clock
                    .filter(|clock| node.is_clocked && clock.lockstep().is_none()),
                is_clocked: node.is_clocked,
                waits: node.waits,
                board: Arc::new(Board::new(kept)),
                feeds: Vec::new(),
                found: Mutex::default(),
                name: name(node.stats.name()),
                stats: node.stats,
            })
            .collect();
        let mut edge_places = Vec::new();
        for edge in edges {
            let Some(from) = actors.get(edge.from) else {
                continue;
            };
            let (board, from_name) = (Arc::clone(&from.board), from.stats.name().to_owned());
            let Some(to) = actors.get_mut(edge.to) else {
                continue;
            };
            let label = format!(
                "{from_name}.{} > {}.{}",
                edge.output.1,
                to.stats.name(),
                edge.input
            );
            edge_places.push((edge.to, to.feeds.len()));
            to.found().feeds.push(Default::default());
            to.feeds.push(Feed {
                from: board,
                from_actor: edge.from,
                mask: 1 << edge.output.0,
                output: edge.output.1,
                input: edge.input,
                delay: edge.delay,
                is_foreign: edge.is_foreign,
                name: name(&label),
                number: trace.map_or(0, Trace::edge),
            });
        }
        let places = actors.iter().enumerate();
        let places = places.map(|(place, actor)| (address(&actor.stats), place));
        let graph = Arc::new(MeasuredGraph {
            places: places.collect(),
            actors,
            edges: edge_places,
            settings,
            is_printed: Mutex::new(false),
        });
        if graph.settings.print {
            at_exit::add(&graph);
        }
        Some(Arc::new(Self(graph)))
    }
}

impl Deref for Measured {
    type Target = MeasuredGraph;

    fn deref(&self) -> &MeasuredGraph {
        &self.0
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        if self.settings.print {
            self.finish();
            at_exit::remove(&self.0);
        }
    }
}

/// The tables that are not printed yet when the program ends, because something of their graph still runs or is held.
mod at_exit {
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

    use super::MeasuredGraph;

    static GRAPHS: Mutex<Vec<Arc<MeasuredGraph>>> = Mutex::new(Vec::new());

    fn graphs() -> MutexGuard<'static, Vec<Arc<MeasuredGraph>>> {
        GRAPHS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(graph: &Arc<MeasuredGraph>) {
        graphs().push(Arc::clone(graph));
        #[cfg(target_os = "linux")]
        {
            extern "C" fn finish() {
                let all = std::mem::take(&mut *graphs());
                all.iter().for_each(|graph| graph.finish());
            }
            static ASKED: std::sync::Once = std::sync::Once::new();
            ASKED.call_once(|| {
                // SAFETY: `finish` uses statics, which have no destructors that could have run before it; and it writes with what
                // does not panic. Not 0: there is no room for it, and then a table less.
                let _ = unsafe { libc::atexit(finish) };
            });
        }
    }

    pub(super) fn remove(graph: &Arc<MeasuredGraph>) {
        graphs().retain(|other| !Arc::ptr_eq(other, graph));
    }
}

impl MeasuredGraph {
    /// The place of an actor.
    pub(super) fn place(&self, stats: &Arc<Stats>) -> Option<usize> {
        self.places.get(&address(stats)).copied()
    }

    /// What was found so far.
    pub(crate) fn profile(&self) -> Profile {
        // Copied first: whoever works on a tick does not wait for what is worked out of it.
        let found: Vec<_> = self.actors.iter().map(|a| a.found().clone()).collect();
        let actors = self
            .actors
            .iter()
            .zip(&found)
            .map(|(actor, found)| ActorProfile {
                name: actor.stats.name().to_owned(),
                process: found.process.distribution(),
                wake_up: found.wake_up.distribution(),
                age: found.age.distribution(),
            });
        let edges = self.edges.iter().filter_map(|&(to, place)| {
            let actor = self.actors.get(to)?;
            let feed = actor.feeds.get(place)?;
            let [wake_up, age] = found.get(to)?.feeds.get(place)?;
            Some(EdgeProfile {
                from: self.actors.get(feed.from_actor)?.stats.name().to_owned(),
                output: feed.output,
                to: actor.stats.name().to_owned(),
                input: feed.input,
                wake_up: wake_up.distribution(),
                age: age.distribution(),
            })
        });
        Profile {
            actors: actors.collect(),
            edges: edges.collect(),
            trace: self.settings.trace.as_ref().map(|trace| trace.status()),
        }
    }

    /// The graph has stopped: what is not written yet is, and the table is printed, once, if the
    /// environment asks for it.
    pub(crate) fn finish(&self) {
        let flush = || {
            if let Some(trace) = &self.settings.trace {
                trace.flush();
            }
        };
        if !self.settings.print {
            flush();
            return;
        }
        // Whoever comes second returns when the table is there: it may be about to end the program.
        let is_printed = self.is_printed.lock();
        let mut is_printed = is_printed.unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut *is_printed, true) {
            flush();
            // An error of standard error is nobody's to hear.
            let _ = writeln!(std::io::stderr(), "{}", self.profile());
        }
    }
}
