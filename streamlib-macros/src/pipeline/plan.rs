//! The graph that the items mean: nodes and edges by number, in the order in which they are built.

use proc_macro2::{Ident, TokenStream};

use super::tree::{Direction, Header};
use crate::spans::Site;

/// What [`expand`](super::expand) writes out.
#[derive(Default)]
pub struct Plan {
    /// What the item is called, if it is one.
    pub header: Option<Header>,
    /// The clocks, in the order typed; variables that are used as clocks among them.
    pub clocks: Vec<Clock>,
    /// The nodes, in the order typed.
    pub nodes: Vec<Node>,
    /// The edges, in the order typed.
    pub edges: Vec<Edge>,
    /// The ends at which a port was typed, or was about to be, in the order typed.
    pub typed: Vec<Side>,
    /// The numbers of ticks of the delays, in the order typed.
    pub delays: Vec<Delay>,
    /// The outputs that are read, each with its edges: one ring each.
    pub outlets: Vec<Outlet>,
    /// The nodes from the sinks to the sources: each comes after all that it feeds, and otherwise
    /// the last typed comes first.
    pub order: Vec<usize>,
    /// Some of the items could not be read: what seems to be missing may be there.
    pub broken: bool,
    /// It was to be an item, and has no name by which to be one.
    pub is_item: bool,
}

/// A clock that nodes are bound to.
pub struct Clock {
    pub name: Ident,
    pub expr: TokenStream,
    /// Whether a node is bound to it.
    pub is_used: bool,
}

/// `delay(TICKS)`
pub struct Delay {
    pub ticks: TokenStream,
    pub site: Site,
}

/// An open end.
pub struct Open {
    pub direction: Direction,
    /// What comes in or goes out; none when it could not be read.
    pub ty: Option<syn::Type>,
    pub attributes: Vec<syn::Attribute>,
}

/// An actor in the graph, or an open end.
pub struct Node {
    /// What it is called in the expansion.
    pub name: Ident,
    /// What status and graphs call it.
    pub label: String,
    /// What makes the actor; none when that could not be read.
    pub expr: Option<TokenStream>,
    /// What it is, if it is no actor but an end that other graphs connect.
    pub open: Option<Open>,
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
    /// Clocks that differ meet in it, and no `@` says which one ticks it.
    pub meeting: Option<Meeting>,
    /// The word after `on`.
    pub dispatcher: Option<Ident>,
    /// What follows it: `.alone()`.
    pub options: TokenStream,
    /// The word in `.or(…)` after that.
    pub otherwise: Option<Ident>,
    /// What ticks it, in words.
    pub ticked_by: String,
}

/// Clocks that meet in a node.
pub struct Meeting {
    /// What they are called.
    pub clocks: Vec<String>,
    /// The nodes of which only types tell whether they have one.
    pub unsure: Vec<usize>,
    /// The input that more than one of them ticks, if that is where they meet.
    pub input: Option<Side>,
}

/// A connection from an output to an input.
pub struct Edge {
    pub from: Side,
    pub to: Side,
    /// Where an error about the edge as such points.
    pub site: Site,
    /// Whether it has been told that it cannot be.
    pub is_refused: bool,
    /// Which of the delays it goes through.
    pub delay: Option<usize>,
    /// It closes a circle by a delay: items flow along it, and no ticks.
    pub is_back: bool,
    /// Its number among the edges into its input, where they are not connected in the order typed.
    pub rank: Option<usize>,
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
    /// The open ends of one direction.
    pub fn open_ends(&self, direction: Direction) -> impl Iterator<Item = &Node> {
        self.nodes
            .iter()
            .filter(move |node| node.is_open(direction))
    }

    /// The nodes whose ticks reach a node, each once.
    pub fn upstream(&self, node: usize) -> Vec<usize> {
        distinct(
            self.edges
                .iter()
                .filter(|edge| edge.to.node == node && edge.carries_ticks())
                .map(|edge| edge.from.node),
        )
    }

    /// The nodes that a node's ticks reach, each once.
    pub fn downstream(&self, node: usize) -> Vec<usize> {
        distinct(
            self.edges
                .iter()
                .filter(|edge| edge.from.node == node && edge.carries_ticks())
                .map(|edge| edge.to.node),
        )
    }

    /// The edges from one node to another that ticks take.
    pub fn between(&self, from: usize, to: usize) -> Vec<usize> {
        let is_between = |&edge: &usize| {
            let edge = &self.edges[edge];
            edge.from.node == from && edge.to.node == to && edge.carries_ticks()
        };
        (0..self.edges.len()).filter(is_between).collect()
    }
}

impl Edge {
    /// Whether the ticks of what sends reach what receives.
    pub fn carries_ticks(&self) -> bool {
        !self.is_back && !self.is_refused
    }
}

impl Node {
    /// Whether it is an open end of this direction.
    pub fn is_open(&self, direction: Direction) -> bool {
        self.open
            .as_ref()
            .is_some_and(|open| open.direction == direction)
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
