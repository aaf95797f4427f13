//! From the ends of the edges to rings: one ring an output, with a reader for each input.

use super::builder::GraphBuilder;
use super::ends::{End, Sink, Source};
use super::open::{Origin, Outgoing, Target};
use crate::actor::{Delayed, LONGEST_DELAY, Late, PortInfo, ReaderSpec, Stamped, ring, slots_for};
use crate::ring::{MAX_SLOTS, Policy, Reader};

/// Edges that have been wired, by their place in the graph that they are of.
#[derive(Clone, Copy, Debug)]
pub struct Edge(usize);

/// Edges that have been wired, from one output to what one end of them stands for.
#[derive(Debug)]
pub(super) struct Wired {
    pub(super) from: &'static PortInfo,
    /// The actor that sends, where that is in a graph of its own.
    pub(super) origin: Option<Origin>,
    pub(super) to: Vec<Reached>,
    /// What comes in here goes to an actor that is to be named.
    pub(super) enters: Option<Target>,
    /// What leaves here comes from an actor that is to be named.
    pub(super) leaves: Option<Origin>,
    /// Why the graph cannot start.
    pub(super) refused: Option<String>,
}

/// An input at the end of an edge.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) port: &'static PortInfo,
    /// Its actor, where that is in a graph of its own.
    pub(super) actor: Option<Target>,
    pub(super) delay: Option<usize>,
}

/// Gives `output` a ring with a reader for each of `inputs`.
pub fn connect<T, const N: usize>(
    graph: &mut GraphBuilder,
    output: Source<'_, T>,
    inputs: [Sink<'_, T>; N],
) -> [Edge; N] {
    wire(output, inputs).map(|edge| {
        graph.wired.push(edge);
        Edge(graph.wired.len() - 1)
    })
}

impl GraphBuilder {
    /// An edge of this graph, to be used.
    pub(super) fn take(&mut self, edge: Edge) -> Wired {
        match self.wired.get_mut(edge.0) {
            Some(wired) => std::mem::replace(wired, Wired::from(wired.from)),
            None => unreachable!("an edge is used in the graph that it was wired in"),
        }
    }
}

fn wire<T, const N: usize>(output: Source<'_, T>, inputs: [Sink<'_, T>; N]) -> [Wired; N] {
    let refused = inputs.iter().find_map(refusal);
    let leaves = inputs.iter().any(|sink| matches!(sink.end, End::Out(_)));
    let mut edges = match output {
        Source::Output(output) if leaves => {
            let from = output.info();
            let outgoing = Outgoing::new(from, output.later());
            leave(outgoing, None, inputs)
        }
        Source::Output(output) => {
            let from = output.info();
            now(from, None, inputs, Vec::new(), |specs| {
                output.open(specs, 0)
            })
        }
        Source::GraphOutput(output) => match output.take() {
            Some(outgoing) if leaves => {
                let origin = outgoing.actor.clone();
                leave(outgoing, Some(origin), inputs)
            }
            Some(Outgoing {
                from,
                writer,
                actor,
                readers,
                ..
            }) => now(from, Some(actor), inputs, readers, |specs| {
                let (made, readers) = ring(specs, 0);
                writer.set(made);
                readers
            }),
            None => unreachable!("`pipeline!` connects an output once, to all its readers"),
        },
        Source::OpenInput(open) => inputs.map(|sink| {
            let mut edge = Wired::from(open.info);
            let lates = match sink.end {
                End::Input(input) => {
                    let late = input.later(sink.delay);
                    edge.enters = Some(late.actor.clone());
                    vec![late]
                }
                End::Graph(graph) => graph.take(),
                End::Out(_) => unreachable!("`pipeline!` refuses what goes straight through"),
            };
            open.inputs.extend(lates);
            edge
        }),
    };
    if let Some(edge) = edges.first_mut()
        && edge.refused.is_none()
    {
        edge.refused = refused;
    }
    edges
}

/// Why an edge cannot be, as far as it can be said without its ring.
fn refusal<T>(sink: &Sink<'_, T>) -> Option<String> {
    let own = sink.delay.as_ref().map(Delayed::ticks);
    if let (Some(delay), End::Graph(_)) = (own, &sink.end) {
        return Some(format!(
            "`delay({delay})` leads into a graph of its own: write it inside that graph"
        ));
    }
    let inside = match &sink.end {
        End::Graph(graph) => &graph.inputs[..],
        _ => &[],
    };
    let delays = inside.iter().filter_map(|late| late.delay).chain(own);
    let delay = delays
        .into_iter()
        .find(|delay| !(1..=LONGEST_DELAY).contains(delay))?;
    Some(format!(
        "`delay({delay})`: a delay is 1 to {LONGEST_DELAY} ticks"
    ))
}

impl Wired {
    fn from(from: &'static PortInfo) -> Self {
        Self {
            from,
            origin: None,
            to: Vec::new(),
            enters: None,
            leaves: None,
            refused: None,
        }
    }
}

/// All readers are known: builds the ring, with those that are in other graphs first.
fn now<T, const N: usize>(
    from: &'static PortInfo,
    origin: Option<Origin>,
    inputs: [Sink<'_, T>; N],
    before: Vec<Late<T>>,
    open: impl FnOnce(&[ReaderSpec]) -> Vec<Reader<Stamped<T>>>,
) -> [Wired; N] {
    let mut specs: Vec<ReaderSpec> = before.iter().map(spec).collect();
    for sink in &inputs {
        match &sink.end {
            End::Input(input) => {
                let info = input.info();
                let policy = sink.delay.as_ref();
                let policy = policy.map_or(info.policy, |delay| delay.policy(info.policy));
                specs.push((policy, info.slots));
            }
            End::Graph(graph) => specs.extend(graph.inputs.iter().map(spec)),
            End::Out(_) => {}
        }
    }
    let refused = too_many(from, &specs);
    let mut readers = open(&specs).into_iter();
    for late in before {
        late.accept(next(&mut readers));
    }
    inputs.map(|sink| {
        let mut edge = Wired::from(from);
        edge.origin = origin.clone();
        edge.refused = refused.clone();
        match sink.end {
            End::Input(input) => {
                edge.to.push(Reached {
                    port: input.info(),
                    actor: None,
                    delay: sink.delay.as_ref().map(Delayed::ticks),
                });
                input.accept(next(&mut readers), sink.delay);
            }
            End::Graph(graph) => {
                for late in graph.take() {
                    edge.to.push(Reached {
                        port: late.info,
                        actor: Some(late.actor.clone()),
                        delay: late.delay,
                    });
                    late.accept(next(&mut readers));
                }
            }
            End::Out(_) => {}
        }
        edge
    })
}

/// One of the readers leaves the graph: the ring is built where that is connected.
fn leave<T, const N: usize>(
    mut outgoing: Outgoing<T>,
    origin: Option<Origin>,
    inputs: [Sink<'_, T>; N],
) -> [Wired; N] {
    let mut out = None;
    let edges = inputs.map(|sink| {
        let mut edge = Wired::from(outgoing.from);
        edge.origin = origin.clone();
        match sink.end {
            End::Input(input) => {
                edge.to.push(Reached {
                    port: input.info(),
                    actor: None,
                    delay: sink.delay.as_ref().map(Delayed::ticks),
                });
                outgoing.readers.push(input.later(sink.delay));
            }
            End::Graph(graph) => {
                for late in graph.take() {
                    edge.to.push(Reached {
                        port: late.info,
                        actor: Some(late.actor.clone()),
                        delay: late.delay,
                    });
                    outgoing.readers.push(late);
                }
            }
            End::Out(open) => {
                if origin.is_none() {
                    edge.leaves = Some(outgoing.actor.clone());
                }
                out = Some(open);
            }
        }
        edge
    });
    if let Some(open) = out {
        open.outgoing = Some(outgoing);
    }
    edges
}

fn spec<T>(late: &Late<T>) -> ReaderSpec {
    (late.policy, late.info.slots)
}

fn next<T>(readers: &mut impl Iterator<Item = Reader<T>>) -> Reader<T> {
    match readers.next() {
        Some(reader) => reader,
        None => unreachable!("a ring has as many readers as it was built for"),
    }
}

/// What the readers of an output ask for may be more than a ring can have.
fn too_many(from: &PortInfo, specs: &[ReaderSpec]) -> Option<String> {
    let least = specs.iter().map(|(_, slots)| *slots).max().unwrap_or(0);
    let slots = slots_for(specs).max(least);
    if slots > MAX_SLOTS {
        return Some(format!(
            "the readers of `{}` need a ring of {slots} slots: {MAX_SLOTS} are the most, so give them smaller depths",
            from.name
        ));
    }
    let is_empty = |(policy, _): &ReaderSpec| *policy == Policy::Every { depth: 0 };
    specs.iter().any(is_empty).then(|| {
        format!(
            "a reader of `{}` has `every = 0`: `every` is 1 or more",
            from.name
        )
    })
}
