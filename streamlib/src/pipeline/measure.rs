//! Tells the profile what a graph is made of.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::builder::{EdgeRecord, GraphBuilder, NodeRecord};
use crate::actor::Stats;
use crate::clock::AnyClock;
use crate::profile::{Measured, MeasuredEdge, MeasuredNode};

impl GraphBuilder {
    /// What measures the graph, if anybody asks for it.
    pub(super) fn measured(&self, clocks: &[AnyClock]) -> Option<Arc<Measured>> {
        Measured::new(|| {
            let clock = |stats: &Stats| stats.clock().map(|(id, _)| id);
            let is_foreign = |edge: &EdgeRecord| clock(&edge.from) != clock(&edge.to);
            let waits = |node: &NodeRecord| {
                self.edges.iter().any(|edge| {
                    !edge.is_back && Arc::ptr_eq(&edge.to, &node.stats) && !is_foreign(edge)
                })
            };
            let heads: BTreeSet<usize> = self.tasks.iter().map(|task| task.head).collect();
            let nodes = self.nodes.iter().zip(clocks).enumerate();
            let nodes = nodes.map(|(place, (node, clock))| MeasuredNode {
                stats: Arc::clone(&node.stats),
                clock: Some(clock.clone()),
                is_clocked: node.clock.is_some() && heads.contains(&place),
                waits: waits(node),
            });
            // Sinks were added first, and are told last.
            let nodes: Vec<_> = nodes.rev().collect();
            let place = |stats| {
                nodes
                    .iter()
                    .position(|node| Arc::ptr_eq(&node.stats, stats))
            };
            let edges = self.edges.iter().rev().filter_map(|edge| {
                Some(MeasuredEdge {
                    from: place(&edge.from)?,
                    output: (edge.output.index, edge.output.name),
                    to: place(&edge.to)?,
                    input: edge.input.name,
                    delay: edge.delay,
                    is_foreign: is_foreign(edge),
                })
            });
            let edges = edges.collect();
            (nodes, edges)
        })
    }
}
