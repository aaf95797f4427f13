//! Actors that hand pictures on a card to each other work on it, or all on the processor: looked at before a graph starts.

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
    /// Whether each `GpuFrame` lies where the actor that it is sent to works. One on a card can be sent to the processor where there
    /// is a card and no compiler: one end of the edge takes that, and the other does not.
    ///
    /// # Errors
    /// The two actors, and why one of them is not on the card.
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
        for edge in &self.edges {
            if edge.output.payload != GpuFrame::NAME {
                continue;
            }
            let place = |stats| {
                let node = (self.nodes.iter()).position(|node| Arc::ptr_eq(&node.stats, stats));
                node.and_then(&lies)
            };
            let (from, to) = (edge.from.name(), edge.to.name());
            let (there, here, reason) = match (place(&edge.from), place(&edge.to)) {
                (Some((head, Lies::Card)), Some((_, Lies::Processor(reason)))) => {
                    (head, to, reason)
                }
                (Some((_, Lies::Processor(reason))), Some((head, Lies::Card))) => {
                    (head, from, reason)
                }
                _ => continue,
            };
            let there = self.nodes.get(there).map_or("", |node| node.stats.name());
            return Err(Error::graph(format_args!(
                "`{from}` sends pictures to `{to}`, and only one of them works on the card: `{here}` is on `gpu.or(…)` and works \
                 on the processor, since {reason}; write `on gpu.or(threads)` after `{there}` too"
            )));
        }
        Ok(())
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
