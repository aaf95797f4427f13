//! The graph as it was wired, to be looked at: Mermaid and DOT.

use std::fmt::Write;

use crate::time::Rate;

/// A graph's nodes and edges.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Graph {
    /// The actors.
    pub nodes: Vec<GraphNode>,
    /// What flows between them.
    pub edges: Vec<GraphEdge>,
}

/// An actor in a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphNode {
    /// The node's name.
    pub name: String,
    /// The actor's type.
    pub actor: &'static str,
    /// Where it runs.
    pub dispatcher: &'static str,
    /// The name of the clock that its ticks come from.
    pub clock: String,
    /// That clock's rate.
    pub rate: Rate,
}

/// An edge of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphEdge {
    /// The node that publishes.
    pub from: String,
    /// Its output.
    pub output: &'static str,
    /// The node that reads.
    pub to: String,
    /// Its input.
    pub input: &'static str,
    /// What flows.
    pub payload: &'static str,
}

impl Graph {
    /// The graph as a Mermaid flowchart.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        for (index, node) in self.nodes.iter().enumerate() {
            let GraphNode {
                name,
                actor,
                dispatcher,
                clock,
                rate,
            } = node;
            // Writing to a String does not fail.
            let _ = writeln!(
                text,
                "    n{index}[\"{}<br/>{}<br/>{} @ {} on {dispatcher}\"]",
                mermaid(name),
                mermaid(actor),
                mermaid(clock),
                mermaid(&rate.to_string()),
            );
        }
        for edge in &self.edges {
            let (from, to) = (self.index(&edge.from), self.index(&edge.to));
            let label = format!("{} → {}: {}", edge.output, edge.input, edge.payload);
            let _ = writeln!(text, "    n{from} -->|\"{}\"| n{to}", mermaid(&label));
        }
        text
    }

    /// The graph in the DOT language of Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut text =
            String::from("digraph streamlib {\n    rankdir=LR;\n    node [shape=box];\n");
        for (index, node) in self.nodes.iter().enumerate() {
            let GraphNode {
                name,
                actor,
                dispatcher,
                clock,
                rate,
            } = node;
            let label = format!("{name}\n{actor}\n{clock} @ {rate} on {dispatcher}");
            let _ = writeln!(text, "    n{index} [label=\"{}\"];", dot(&label));
        }
        for edge in &self.edges {
            let (from, to) = (self.index(&edge.from), self.index(&edge.to));
            let label = format!("{} → {}: {}", edge.output, edge.input, edge.payload);
            let _ = writeln!(text, "    n{from} -> n{to} [label=\"{}\"];", dot(&label));
        }
        text.push_str("}\n");
        text
    }

    fn index(&self, name: &str) -> usize {
        self.nodes
            .iter()
            .position(|node| node.name == name)
            .unwrap_or(0)
    }
}

fn mermaid(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn dot(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
