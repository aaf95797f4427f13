//! What open ends may be connected to: `in` stands left of `>>`, `out` right of it, and each leads to an actor.

use proc_macro2::Ident;
use quote::ToTokens;

use super::plan::Plan;
use super::tree::{Direction, Header};
use crate::actor::payloads;
use crate::errors::Errors;

/// Tells every edge that an open end cannot have.
pub fn check(plan: &mut Plan, errors: &mut Errors) {
    if let Some(mut header) = plan.header.take() {
        header_itself(plan, &header, errors);
        let is_end = |name: &Ident| {
            let mut ends = plan
                .nodes
                .iter()
                .filter_map(|node| node.open.as_ref()?.ty.as_ref());
            ends.any(|ty| matches!(ty, syn::Type::Path(path) if path.path.is_ident(name)))
        };
        payloads::bind(&mut header.generics, is_end, "an open end", errors);
        plan.header = Some(header);
    }
    if plan.header.is_none() {
        for node in plan.nodes.iter().filter(|node| node.open.is_some()) {
            errors.at_site(
                node.site,
                "a graph with open ends is a part of others, and has a name: begin with `graph Name();`",
            );
        }
    }
    for node in plan.nodes.iter_mut().filter(|node| node.open.is_some()) {
        if let Some(clock) = &node.clock {
            errors.at(clock, "what comes in brings its own ticks");
        }
    }
    for edge in &mut plan.edges {
        for side in [&mut edge.from, &mut edge.to] {
            if plan.nodes[side.node].open.is_some()
                && let Some(port) = side.port.take()
            {
                let message = format!("an open end has no ports: take `.{port}` out");
                errors.at(port, message);
            }
        }
    }
    for number in 0..plan.edges.len() {
        let edge = &plan.edges[number];
        let (from, to) = (&plan.nodes[edge.from.node], &plan.nodes[edge.to.node]);
        let told = if to.is_open(Direction::In) {
            format!("`{}` comes in: it stands left of `>>`", to.label)
        } else if from.is_open(Direction::Out) {
            format!("`{}` goes out: it stands right of `>>`", from.label)
        } else if from.open.is_some() && to.open.is_some() {
            format!(
                "`{}` goes straight to `{}`: no actor of this graph has a part in it",
                from.label, to.label
            )
        } else if edge.delay.is_some() && to.is_open(Direction::Out) {
            "what goes out is delayed where it is read: write the `delay` there".to_owned()
        } else if to.is_open(Direction::Out)
            && plan.edges[..number]
                .iter()
                .any(|other| other.to.node == edge.to.node && !other.is_refused)
        {
            format!("`{}` is fed twice: one output goes out there", to.label)
        } else {
            continue;
        };
        errors.at_site(edge.site, told);
        let (from, to) = (edge.from.node, edge.to.node);
        plan.edges[number].is_refused = true;
        plan.nodes[from].is_refused = true;
        plan.nodes[to].is_refused = true;
    }
}

/// Tells what a graph cannot be made from.
fn header_itself(plan: &Plan, header: &Header, errors: &mut Errors) {
    for lifetime in header.generics.lifetimes() {
        errors.at(
            &lifetime.lifetime,
            "a graph cannot borrow: its actors move to tasks that outlive what they could borrow from; own the data, or \
             share it in an `Arc` (a parameter may be a reference: `text: &str`)",
        );
    }
    for parameter in &header.parameters {
        if let syn::Type::ImplTrait(ty) = &*parameter.ty {
            let (name, bounds) = (&header.name, ty.bounds.to_token_stream());
            errors.at(
                ty,
                format!("the type of a graph says what it is made from: write `graph {name}<T: {bounds}>(…: T)`"),
            );
        }
    }
    for node in &plan.nodes {
        let Some(expr) = &node.expr else { continue };
        let mut words = expr.clone().into_iter();
        if let Some(proc_macro2::TokenTree::Ident(first)) = words.next()
            && first == header.name
            && !node.is_variable
        {
            errors.at(
                first,
                format!(
                    "`{}` would be a part of itself, and of that, without end",
                    header.name
                ),
            );
        }
    }
}

/// Tells an output that goes out at two ends: there is one ring, and it is built in one place.
pub fn outlets(plan: &Plan, errors: &mut Errors) {
    for outlet in &plan.outlets {
        let out = |&&edge: &&usize| {
            let edge = &plan.edges[edge];
            plan.nodes[edge.to.node].is_open(Direction::Out)
        };
        if let Some(&second) = outlet.edges.iter().filter(out).nth(1) {
            errors.at_site(
                plan.edges[second].site,
                "this output goes out already: any number of inputs can be connected to that end",
            );
        }
    }
}
