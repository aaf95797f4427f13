//! What a graph consists of, by type and by name: its picture without any actor being made.

use std::marker::PhantomData;

use super::graph::{Graph, GraphEdge, GraphEnd, GraphNode};
use super::node::Node;
use super::part::{InGraph, Subgraph, Within, begin};
use crate::Result;
use crate::actor::{Actor, ActorInfo, PortInfo};
use crate::dispatch::Placement;

/// A graph with open ends, and where these lead.
pub struct Sketch {
    /// The graph.
    pub graph: Graph,
    /// What comes in, by name: the inputs that it goes to.
    inputs: Vec<(&'static str, Vec<Place>)>,
    /// What goes out, by name: the output that it comes from.
    outputs: Vec<(&'static str, Place)>,
}

/// What ticks whatever the open ends feed, until the graph is a node of one that knows.
const OUTSIDE: &str = "in";

/// A port of an actor.
#[derive(Clone)]
struct Place {
    node: String,
    port: &'static PortInfo,
}

/// A name in a graph: of a node, or of an open end.
pub enum Drawn {
    /// A node, and the clock that its ticks come from.
    Node(&'static str, &'static str),
    /// `in NAME: T;`
    In(&'static str),
    /// `out NAME: T;`
    Out(&'static str),
}

/// An edge: each end is the number of its name, and the name of a port if there was one.
pub struct Line {
    /// What sends.
    pub from: (usize, Option<&'static str>),
    /// What receives.
    pub to: (usize, Option<&'static str>),
    /// What stands between the parentheses of `delay(…)`.
    pub delay: Option<&'static str>,
}

/// The types of the nodes of a graph.
pub trait Kinds {
    /// Adds what they are to a list.
    fn list(kinds: &mut Vec<Kind>);
}

/// What a node is.
pub struct Kind {
    info: &'static ActorInfo,
    dispatcher: &'static str,
    inside: Option<Sketch>,
}

impl<A: Actor + 'static, D: Placement, C> Kinds for PhantomData<Node<A, D, C>> {
    fn list(kinds: &mut Vec<Kind>) {
        kinds.push(Kind {
            info: &A::INFO,
            dispatcher: D::WORD,
            inside: None,
        });
    }
}

impl<P: Subgraph> Kinds for PhantomData<Node<P, Within, InGraph>> {
    fn list(kinds: &mut Vec<Kind>) {
        kinds.push(Kind {
            info: &P::INFO,
            dispatcher: "",
            inside: Some(P::sketch()),
        });
    }
}

impl Kinds for () {
    fn list(_kinds: &mut Vec<Kind>) {}
}

impl<L: Kinds, R: Kinds> Kinds for (L, R) {
    fn list(kinds: &mut Vec<Kind>) {
        L::list(kinds);
        R::list(kinds);
    }
}

/// The type of a node.
pub fn of<N>(_node: &N) -> PhantomData<N> {
    PhantomData
}

/// No value: what a function would be called with that is only asked for its type.
pub enum Never {}

impl Never {
    /// Any value.
    pub fn get<T>(&self) -> T {
        match *self {}
    }
}

/// Draws a graph. `_types` is never called: its type says what the nodes are.
pub fn draw<P, K: Kinds>(
    _types: impl FnOnce(Never) -> Result<(P, K)>,
    drawn: &[Drawn],
    lines: &[Line],
) -> Sketch {
    // Graphs that hold each other are drawn some way down, and refused when one is made.
    let begun = begin::<P>("");
    let mut kinds = Vec::new();
    if begun.is_ok() {
        K::list(&mut kinds);
    }
    let mut kinds = kinds.into_iter();
    let names: Vec<(&Drawn, Option<Kind>)> = drawn
        .iter()
        .map(|name| {
            let kind = matches!(name, Drawn::Node(..)).then(|| kinds.next());
            (name, kind.flatten())
        })
        .collect();
    let mut sketch = Sketch {
        graph: Graph {
            nodes: Vec::new(),
            edges: Vec::new(),
            ends: Vec::new(),
        },
        inputs: Vec::new(),
        outputs: Vec::new(),
    };
    for (name, kind) in &names {
        match (name, kind) {
            (Drawn::Node(name, clock), Some(kind)) => sketch.node(name, clock, kind),
            (Drawn::In(name), _) => sketch.inputs.push((name, Vec::new())),
            _ => {}
        }
    }
    for line in lines {
        sketch.line(line, &names);
    }
    sketch.ends();
    sketch
}

impl Sketch {
    fn ends(&mut self) {
        let inputs = self.inputs.iter().flat_map(|(name, places)| {
            let places = places.iter();
            places.map(move |place| (*name, true, place))
        });
        let outputs = self.outputs.iter();
        let outputs = outputs.map(|(name, place)| (*name, false, place));
        self.graph.ends = inputs
            .chain(outputs)
            .map(|(name, is_input, place)| GraphEnd {
                name: name.to_owned(),
                is_input,
                node: place.node.clone(),
                port: place.port.name,
                payload: place.port.payload,
            })
            .collect();
    }

    fn node(&mut self, name: &str, clock: &str, kind: &Kind) {
        let Some(inside) = &kind.inside else {
            self.graph.nodes.push(GraphNode {
                name: name.to_owned(),
                actor: kind.info.name,
                dispatcher: kind.dispatcher,
                clock: clock.to_owned(),
                rate: None,
            });
            return;
        };
        for node in &inside.graph.nodes {
            self.graph.nodes.push(GraphNode {
                name: format!("{name}.{}", node.name),
                clock: if node.clock == OUTSIDE {
                    clock.to_owned()
                } else {
                    node.clock.clone()
                },
                ..node.clone()
            });
        }
        for edge in &inside.graph.edges {
            self.graph.edges.push(GraphEdge {
                from: format!("{name}.{}", edge.from),
                to: format!("{name}.{}", edge.to),
                ..edge.clone()
            });
        }
    }

    fn line(&mut self, line: &Line, names: &[(&Drawn, Option<Kind>)]) {
        let (Some(from), Some(to)) = (names.get(line.from.0), names.get(line.to.0)) else {
            return;
        };
        let targets: Vec<Place> = match to {
            (Drawn::Node(name, _), Some(kind)) => kind.inputs(name, line.to.1),
            _ => Vec::new(),
        };
        let source = match from {
            (Drawn::In(name), _) => {
                let open = self.inputs.iter_mut().find(|(open, _)| open == name);
                if let Some((_, places)) = open {
                    places.extend(targets);
                }
                return;
            }
            (Drawn::Node(name, _), Some(kind)) => kind.output(name, line.from.1),
            _ => None,
        };
        let Some(source) = source else { return };
        if let (Drawn::Out(name), _) = to {
            self.outputs.push((name, source));
            return;
        }
        for target in targets {
            self.graph.edges.push(GraphEdge {
                from: source.node.clone(),
                output: source.port.name,
                to: target.node,
                input: target.port.name,
                payload: source.port.payload,
                delay: line.delay.map(str::to_owned),
            });
        }
    }
}

impl Kind {
    fn inputs(&self, node: &str, port: Option<&str>) -> Vec<Place> {
        match &self.inside {
            None => find(self.info.inputs, port, |port| port.name)
                .map(|port| Place {
                    node: node.to_owned(),
                    port,
                })
                .into_iter()
                .collect(),
            Some(inside) => find(&inside.inputs, port, |(name, _)| name)
                .map_or_else(Vec::new, |(_, places)| {
                    places.iter().map(|place| place.within(node)).collect()
                }),
        }
    }

    fn output(&self, node: &str, port: Option<&str>) -> Option<Place> {
        match &self.inside {
            None => find(self.info.outputs, port, |port| port.name).map(|port| Place {
                node: node.to_owned(),
                port,
            }),
            Some(inside) => {
                find(&inside.outputs, port, |(name, _)| name).map(|(_, place)| place.within(node))
            }
        }
    }
}

impl Place {
    fn within(&self, node: &str) -> Self {
        Self {
            node: format!("{node}.{}", self.node),
            port: self.port,
        }
    }
}

/// The port of this name, or the only one.
fn find<'a, P>(ports: &'a [P], name: Option<&str>, of: impl Fn(&P) -> &str) -> Option<&'a P> {
    match name {
        Some(name) => ports.iter().find(|port| of(port) == name),
        None => ports.first(),
    }
}
