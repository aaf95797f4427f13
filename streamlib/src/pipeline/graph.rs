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
    /// What flows in and out, of a graph that is a part of others.
    pub ends: Vec<GraphEnd>,
}

/// A connection from an open end of a graph, or to one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphEnd {
    /// The name of the end.
    pub name: String,
    /// Whether it comes in, or goes out.
    pub is_input: bool,
    /// The node inside.
    pub node: String,
    /// Its input, or its output.
    pub port: &'static str,
    /// What flows.
    pub payload: &'static str,
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
    /// That clock's rate; `None` in the description of a graph that was not built.
    pub rate: Option<Rate>,
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
    /// How many ticks late it arrives, for `delay(…)`: as a number, or as it was typed in the
    /// description of a graph that was not built.
    pub delay: Option<String>,
}

impl Graph {
    /// The graph as a Mermaid flowchart.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        self.grouped(&mut text, |text, depth, step| {
            // Writing to a String does not fail.
            let _ = match step {
                Step::Open(number, name) => {
                    writeln!(text, "{depth}subgraph g{number}[\"{}\"]", mermaid(name))
                }
                Step::Node(number, node) => {
                    let label = node.lines().map(|line| mermaid(&line)).join("<br/>");
                    writeln!(text, "{depth}n{number}[\"{label}\"]")
                }
                Step::Close => writeln!(text, "{depth}end"),
            };
        });
        for (number, end) in self.ends.iter().enumerate() {
            let (name, node) = (mermaid(&end.name), self.index(&end.node));
            let label = mermaid(&format!("{}: {}", end.port, end.payload));
            let _ = if end.is_input {
                writeln!(
                    text,
                    "    e{number}([\"in {name}\"]) -->|\"{label}\"| n{node}"
                )
            } else {
                writeln!(
                    text,
                    "    n{node} -->|\"{label}\"| e{number}([\"out {name}\"])"
                )
            };
        }
        for edge in &self.edges {
            let (from, to) = (self.index(&edge.from), self.index(&edge.to));
            let (arrow, label) = (edge.arrow("-->", "-.->"), mermaid(&edge.label()));
            let _ = writeln!(text, "    n{from} {arrow}|\"{label}\"| n{to}");
        }
        text
    }

    /// The graph in the DOT language of Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut text =
            String::from("digraph streamlib {\n    rankdir=LR;\n    node [shape=box];\n");
        self.grouped(&mut text, |text, depth, step| {
            let _ = match step {
                Step::Open(number, name) => writeln!(
                    text,
                    "{depth}subgraph cluster_{number} {{\n{depth}    label=\"{}\";",
                    dot(name)
                ),
                Step::Node(number, node) => {
                    let label = node.lines().join("\n");
                    writeln!(text, "{depth}n{number} [label=\"{}\"];", dot(&label))
                }
                Step::Close => writeln!(text, "{depth}}}"),
            };
        });
        for (number, end) in self.ends.iter().enumerate() {
            let (name, node) = (dot(&end.name), self.index(&end.node));
            let label = dot(&format!("{}: {}", end.port, end.payload));
            let (word, arrow) = if end.is_input {
                ("in", format!("e{number} -> n{node}"))
            } else {
                ("out", format!("n{node} -> e{number}"))
            };
            let _ = writeln!(
                text,
                "    e{number} [label=\"{word} {name}\" shape=oval];\n    {arrow} [label=\"{label}\"];"
            );
        }
        for edge in &self.edges {
            let (from, to) = (self.index(&edge.from), self.index(&edge.to));
            let (style, label) = (edge.arrow("solid", "dashed"), dot(&edge.label()));
            let _ = writeln!(
                text,
                "    n{from} -> n{to} [label=\"{label}\" style={style}];"
            );
        }
        text.push_str("}\n");
        text
    }

    /// Goes through the nodes, and through the graphs that they are in: `left.mix` is in `left`.
    fn grouped(&self, text: &mut String, mut write: impl FnMut(&mut String, &str, Step)) {
        let mut open: Vec<&str> = Vec::new();
        let mut groups = 0;
        let indent = |open: &[&str]| "    ".repeat(open.len() + 1);
        for (number, node) in self.nodes.iter().enumerate() {
            let mut within: Vec<&str> = node.name.split('.').collect();
            within.pop();
            while !within.starts_with(&open) {
                open.pop();
                write(text, &indent(&open), Step::Close);
            }
            for name in within.into_iter().skip(open.len()) {
                write(text, &indent(&open), Step::Open(groups, name));
                groups += 1;
                open.push(name);
            }
            write(text, &indent(&open), Step::Node(number, node));
        }
        while open.pop().is_some() {
            write(text, &indent(&open), Step::Close);
        }
    }

    fn index(&self, name: &str) -> usize {
        self.nodes
            .iter()
            .position(|node| node.name == name)
            .unwrap_or(0)
    }
}

/// What is drawn next.
enum Step<'a> {
    /// A graph in the graph, by number and name.
    Open(usize, &'a str),
    Node(usize, &'a GraphNode),
    Close,
}

impl GraphNode {
    /// Its name, its actor, and where it runs on which clock.
    fn lines(&self) -> [String; 3] {
        let rate = self.rate.map(|rate| format!(" @ {rate}"));
        let name = self.name.rsplit('.').next().unwrap_or_default();
        [
            name.to_owned(),
            self.actor.to_owned(),
            format!(
                "{}{} on {}",
                self.clock,
                rate.unwrap_or_default(),
                self.dispatcher
            ),
        ]
    }
}

impl GraphEdge {
    fn label(&self) -> String {
        let delay = self.delay.as_ref().map(|n| format!(", delay {n}"));
        format!(
            "{} → {}: {}{}",
            self.output,
            self.input,
            self.payload,
            delay.unwrap_or_default()
        )
    }

    /// How it is drawn: as it is, or broken where items arrive late.
    fn arrow<'a>(&self, plain: &'a str, late: &'a str) -> &'a str {
        if self.delay.is_some() { late } else { plain }
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
