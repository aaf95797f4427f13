//! The graph that the items mean: nodes and edges by number, in the order in which they are built.

use proc_macro2::{Ident, TokenStream};

use crate::spans::Site;

/// What [`expand`](super::expand) writes out.
#[derive(Default)]
pub struct Plan {
    /// The clocks, in the order typed; variables that are used as clocks among them.
    pub clocks: Vec<Clock>,
    /// The nodes, in the order typed.
    pub nodes: Vec<Node>,
    /// The edges, in the order typed.
    pub edges: Vec<Edge>,
    /// The outputs that are read, each with its edges: one ring each.
    pub outlets: Vec<Outlet>,
    /// The nodes from the sinks to the sources: each comes after all that it feeds, and otherwise
    /// the last typed comes first.
    pub order: Vec<usize>,
    /// Some of the items could not be read: what seems to be missing may be there.
    pub broken: bool,
}

/// A clock that nodes are bound to.
pub struct Clock {
    pub name: Ident,
    pub expr: TokenStream,
    /// Whether a node is bound to it.
    pub is_used: bool,
}

/// An actor in the graph.
pub struct Node {
    /// What it is called in the expansion.
    pub name: Ident,
    /// What status and graphs call it.
    pub label: String,
    /// What makes the actor; none when that could not be read.
    pub expr: Option<TokenStream>,
    /// Whether an item has it on a side of `>>`.
    pub is_wired: bool,
    /// Whether something about it has been told, after which its inputs and its clock say nothing.
    pub is_refused: bool,
    /// Whether it is no item of the pipeline but a variable of the surrounding code.
    pub is_variable: bool,
    /// Where an error about the node points.
    pub site: Site,
    /// The clock after `@`.
    pub clock: Option<Ident>,
    /// Whether its upstream is bound to that clock already, and ticks it.
    pub inherits: bool,
    /// Where clocks that differ meet in it, and no `@` says which one ticks it.
    pub meeting: Option<Meeting>,
    /// The word after `on`.
    pub dispatcher: Option<Ident>,
}

/// Where two clocks meet in a node.
pub enum Meeting {
    /// One ticks one input, and one another.
    Inputs,
    /// Both tick this input.
    Input(Side),
}

/// A connection from an output to an input.
pub struct Edge {
    pub from: Side,
    pub to: Side,
    /// Where an error about the edge as such points.
    pub site: Site,
    /// Whether it has been told that it cannot be.
    pub is_refused: bool,
}

/// One end of an edge.
#[derive(Clone)]
pub struct Side {
    pub node: usize,
    /// The node's name where it was typed at this end; none for an expression.
    pub name: Option<Ident>,
    /// The port's name; without one, the only output or input is meant.
    pub port: Option<Ident>,
    /// Where an error about this end points.
    pub site: Site,
}

/// An output that is read.
pub struct Outlet {
    /// How it was typed first, by its port's name if it has one anywhere.
    pub from: Side,
    /// The edge at which it was typed so.
    pub by: usize,
    /// It was typed without its port's name somewhere, so it has to be the only one.
    pub sole: Option<Side>,
    /// The edges that read it.
    pub edges: Vec<usize>,
}

impl Plan {
    /// The nodes that feed a node, each once.
    pub fn upstream(&self, node: usize) -> Vec<usize> {
        distinct(
            self.edges
                .iter()
                .filter(|edge| edge.to.node == node)
                .map(|edge| edge.from.node),
        )
    }

    /// The nodes that a node feeds, each once.
    pub fn downstream(&self, node: usize) -> Vec<usize> {
        distinct(
            self.edges
                .iter()
                .filter(|edge| edge.from.node == node)
                .map(|edge| edge.to.node),
        )
    }

    /// The edges from one node to another.
    pub fn between(&self, from: usize, to: usize) -> Vec<usize> {
        (0..self.edges.len())
            .filter(|&edge| self.edges[edge].from.node == from && self.edges[edge].to.node == to)
            .collect()
    }
}

fn distinct(nodes: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = Vec::new();
    for node in nodes {
        if !seen.contains(&node) {
            seen.push(node);
        }
    }
    seen
}
