//! Actors that hand pictures on a card to each other work on it, or all on the processor: looked at before a graph starts.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::builder::GraphBuilder;
use crate::message::{GpuFrame, Message};
use crate::{Error, Result};

/// Where a task works that the graph puts `on gpu`.
enum Lies<'a> {
    Card,
    /// The graph says that it may, and this is why.
    Processor(&'a Error),
}

impl GraphBuilder {
    /// Whether each `GpuFrame` lies where the actor that it comes to works. One on a card can come to the processor where there
    /// is a card and no compiler: one end of the edge takes that, and the other does not. An actor elsewhere hands on what it was given,
    /// so that is looked at from where it was made, by way of all such actors.
    ///
    /// # Errors
    /// The two actors, those between them, and why one of them is not on the card.
    pub(super) fn check_places(&self) -> Result<()> {
        let heads = self.heads();
        let lies = |node: usize| {
            let head = heads.get(node).copied().flatten()?;
            let task = self.tasks.iter().find(|task| task.head == head)?;
            match &task.falls_back {
                Some(reason) => Some((head, Lies::Processor(reason))),
                None => {
                    let word = self.nodes.get(head)?.stats.dispatcher();
                    (word == "gpu").then_some((head, Lies::Card))
                }
            }
        };
        let node_of = |stats| (self.nodes.iter()).position(|node| Arc::ptr_eq(&node.stats, stats));
        let pictures = (self.edges.iter()).filter(|edge| edge.output.payload == GpuFrame::NAME);
        let edges: Vec<(usize, usize)> = pictures
            .filter_map(|edge| Some((node_of(&edge.from)?, node_of(&edge.to)?)))
            .collect();
        // In the order in which the graph notes its edges, so that of several the same one is told each time.
        let mut begun = BTreeSet::new();
        for &(from, _) in &edges {
            if !begun.insert(from) {
                continue;
            }
            let Some(origin) = lies(from) else { continue };
            for (way, to) in reached(&edges, from, |node| lies(node).is_none()) {
                let (head, here, reason) = match (&origin, lies(to)) {
                    ((head, Lies::Card), Some((_, Lies::Processor(reason)))) => (*head, to, reason),
                    ((_, Lies::Processor(reason)), Some((head, Lies::Card))) => {
                        (head, from, *reason)
                    }
                    _ => continue,
                };
                return Err(self.half_on_a_card(from, &way, to, here, reason, head));
            }
        }
        Ok(())
    }

    fn half_on_a_card(
        &self,
        from: usize,
        way: &[usize],
        to: usize,
        here: usize,
        reason: &Error,
        there: usize,
    ) -> Error {
        let name = |node: usize| self.nodes.get(node).map_or("", |node| node.stats.name());
        let way = match way {
            [] => String::new(),
            way => {
                let names: Vec<_> = way
                    .iter()
                    .map(|&node| format!("`{}`", name(node)))
                    .collect();
                format!(" by way of {}", names.join(" and "))
            }
        };
        Error::graph(format_args!(
            "`{}` sends pictures to `{}`{way}, and only one of them works on the card: `{}` is on `gpu.or(…)` and works on the \
             processor, since {reason}; write `on gpu.or(threads)` after `{}` too",
            name(from),
            name(to),
            name(here),
            name(there)
        ))
    }

    /// For each node, the first one of its task: itself, or that of what it is inline with.
    fn heads(&self) -> Vec<Option<usize>> {
        let mut heads = vec![None; self.nodes.len()];
        let edges = self.indexed();
        // Sources were added last.
        for node in (0..self.nodes.len()).rev() {
            let is_head = self.tasks.iter().any(|task| task.head == node);
            let feeder = edges.iter().find(|edge| edge.1 == node);
            let above = feeder.and_then(|edge| heads.get(edge.0).copied().flatten());
            if let Some(head) = heads.get_mut(node) {
                *head = if is_head { Some(node) } else { above };
            }
        }
        heads
    }
}

/// Where edges lead from a node: each other one once, nearest first, and which are between. It goes on only after those that hand on.
fn reached(
    edges: &[(usize, usize)],
    from: usize,
    hands_on: impl Fn(usize) -> bool,
) -> Vec<(Vec<usize>, usize)> {
    let mut seen = BTreeSet::new();
    let mut found: Vec<(Vec<usize>, usize)> = Vec::new();
    let mut next = vec![(Vec::new(), from)];
    while !next.is_empty() {
        let mut further = Vec::new();
        for (way, node) in next {
            for &(_, to) in edges.iter().filter(|edge| edge.0 == node) {
                if !seen.insert(to) {
                    continue;
                }
                found.push((way.clone(), to));
                if hands_on(to) {
                    further.push(([&way[..], &[to]].concat(), to));
                }
            }
        }
        next = further;
    }
    found
}
