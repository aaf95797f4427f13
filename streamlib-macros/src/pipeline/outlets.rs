//! Which edges read the same output: they are the readers of one ring.

use proc_macro2::Ident;

use super::check::word;
use super::plan::{Edge, Outlet, Plan, Side};
use crate::errors::Errors;

/// Puts the edges that read one output together. A node that is typed with and without its output's
/// name has one output: the same one. Tells what is fed twice by one output.
pub fn outlets(plan: &mut Plan, errors: &mut Errors) {
    for edge in 0..plan.edges.len() {
        if plan.edges[edge].is_refused {
            continue;
        }
        let from = plan.edges[edge].from.clone();
        let sole = from.port.is_none().then(|| from.clone());
        let same = |outlet: &Outlet| {
            outlet.from.node == from.node && is_same(&outlet.from.port, &from.port)
        };
        match plan.outlets.iter().position(same) {
            Some(outlet) if feeds(plan, outlet, edge) => tell(plan, edge, errors),
            Some(outlet) => {
                let outlet = &mut plan.outlets[outlet];
                outlet.edges.push(edge);
                outlet.sole = outlet.sole.take().or(sole);
                if outlet.from.port.is_none() && from.port.is_some() {
                    outlet.from = from;
                    outlet.by = edge;
                }
            }
            None => plan.outlets.push(Outlet {
                from,
                by: edge,
                sole,
                edges: vec![edge],
            }),
        }
    }
}

/// Numbers the edges into an input that their outputs, which are connected one after the other, would mix up:
/// what is typed first comes first.
pub fn ranks(plan: &mut Plan) {
    let connected: Vec<usize> = plan
        .outlets
        .iter()
        .flat_map(|outlet| outlet.edges.clone())
        .collect();
    for edge in 0..plan.edges.len() {
        let to = &plan.edges[edge].to;
        let is_of_one_input = |&other: &usize| {
            let other = &plan.edges[other].to;
            other.node == to.node && is_same(&other.port, &to.port)
        };
        let of_one_input = connected.iter().copied().filter(is_of_one_input);
        if !of_one_input.is_sorted() {
            plan.edges[edge].rank = Some(edge);
        }
    }
}

/// Whether an output feeds the input of an edge already: a second time it would be the same reader.
fn feeds(plan: &Plan, outlet: usize, edge: usize) -> bool {
    let Edge { to, delay, .. } = &plan.edges[edge];
    plan.outlets[outlet].edges.iter().any(|&other| {
        let other = &plan.edges[other];
        let is_late = delay.is_some() || other.delay.is_some();
        !is_late && other.to.node == to.node && is_same(&other.to.port, &to.port)
    })
}

fn tell(plan: &mut Plan, edge: usize, errors: &mut Errors) {
    let edge = &mut plan.edges[edge];
    edge.is_refused = true;
    let label = |side: &Side| &plan.nodes[side.node].label;
    let (from, to) = (label(&edge.from), label(&edge.to));
    errors.at_site(
        edge.site,
        format!("`{from}` feeds this input of `{to}` already: take one of the two out"),
    );
}

/// Whether two ends of a node may be one port: an end without a port is the only one.
pub fn is_same(a: &Option<Ident>, b: &Option<Ident>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => word(a) == word(b),
        _ => true,
    }
}
