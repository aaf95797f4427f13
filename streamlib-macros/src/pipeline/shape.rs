//! The shape of the graph: circles, the order in which it is built, and which clock ticks what.

use std::collections::BTreeSet;

use proc_macro2::Ident;

use super::check::word;
use super::outlets::is_same;
use super::plan::{Meeting, Plan, Side};
use crate::errors::Errors;

/// Finds the delayed edges that close a circle: no ticks take them.
pub fn returns(plan: &mut Plan) {
    for edge in 0..plan.edges.len() {
        let (from, to) = (plan.edges[edge].from.node, plan.edges[edge].to.node);
        plan.edges[edge].is_back = plan.edges[edge].delay.is_some() && leads(plan, to, from);
    }
}

/// Tells an edge from a node to itself of which an end stands on the other side of `>>` elsewhere: it is no circle.
pub fn turned(plan: &mut Plan, errors: &mut Errors) {
    for number in 0..plan.edges.len() {
        let edge = &plan.edges[number];
        let (Some(left), Some(right)) = (&edge.from.port, &edge.to.port) else {
            continue;
        };
        if edge.from.node != edge.to.node || edge.is_refused {
            continue;
        }
        let is_port = |side: &Side, node: usize, port: &Ident| {
            side.node == node
                && side
                    .port
                    .as_ref()
                    .is_some_and(|other| word(other) == word(port))
        };
        let others = plan.edges.iter().enumerate();
        let mut others = others.filter(|(other, _)| *other != number);
        let told = others.find_map(|(_, other)| {
            let label = &plan.nodes[edge.from.node].label;
            if is_port(&other.to, edge.from.node, left) {
                Some(format!(
                    "`{label}.{left}` stands right of `>>` elsewhere, so it is an input: left of `>>` stands an output"
                ))
            } else if is_port(&other.from, edge.from.node, right) {
                Some(format!(
                    "`{label}.{right}` stands left of `>>` elsewhere, so it is an output: right of `>>` stands an input"
                ))
            } else {
                None
            }
        });
        if let Some(told) = told {
            errors.at_site(edge.site, told);
            plan.edges[number].is_refused = true;
        }
    }
}

/// Whether items get from one node to another.
fn leads(plan: &Plan, from: usize, to: usize) -> bool {
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(&node) = reached.get(next) {
        if node == to {
            return true;
        }
        next += 1;
        for edge in plan.edges.iter().filter(|edge| edge.from.node == node) {
            if !reached.contains(&edge.to.node) {
                reached.push(edge.to.node);
            }
        }
    }
    false
}

/// Tells every circle.
pub fn circles(plan: &Plan, errors: &mut Errors) {
    let states = vec![State::New; plan.nodes.len()];
    let mut walk = Walk {
        plan,
        errors,
        states,
        path: Vec::new(),
    };
    for node in 0..plan.nodes.len() {
        walk.visit(node);
    }
}

/// Orders the nodes from the sinks to the sources, and otherwise from the last typed to the first. What
/// is on a circle, or comes after one, has no order and is left out.
pub fn order(plan: &mut Plan) {
    let nodes = 0..plan.nodes.len();
    let mut missing: Vec<usize> = nodes
        .clone()
        .map(|node| plan.upstream(node).len())
        .collect();
    let mut ready: BTreeSet<usize> = nodes.filter(|&node| missing[node] == 0).collect();
    let mut sources_first = Vec::new();
    while let Some(node) = ready.pop_first() {
        sources_first.push(node);
        for next in plan.downstream(node) {
            missing[next] -= 1;
            if missing[next] == 0 {
                ready.insert(next);
            }
        }
    }
    sources_first.reverse();
    plan.order = sources_first;
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    OnPath,
    Done,
}

/// A walk downstream, depth first.
struct Walk<'a> {
    plan: &'a Plan,
    errors: &'a mut Errors,
    states: Vec<State>,
    path: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, node: usize) {
        match self.states[node] {
            State::Done => {}
            State::OnPath => self.circle(node),
            State::New => {
                self.states[node] = State::OnPath;
                self.path.push(node);
                for next in self.plan.downstream(node) {
                    self.visit(next);
                }
                self.path.pop();
                self.states[node] = State::Done;
            }
        }
    }

    /// An end as it was typed.
    fn end(&self, side: &Side) -> String {
        let label = &self.plan.nodes[side.node].label;
        match &side.port {
            Some(port) => format!("{label}.{port}"),
            None => label.clone(),
        }
    }

    /// The path leads back to `to`: told at the edge that closes the circle.
    fn circle(&mut self, to: usize) {
        let Some(begin) = self.path.iter().position(|&node| node == to) else {
            return;
        };
        let Some(&from) = self.path.last() else {
            return;
        };
        let Some(&edge) = self.plan.between(from, to).first() else {
            return;
        };
        let labels: Vec<_> = self.path[begin..]
            .iter()
            .chain([&to])
            .map(|&node| self.plan.nodes[node].label.as_str())
            .collect();
        let path = labels.join(" >> ");
        let message = if from == to {
            format!("`{}` feeds itself: `{path}`", self.plan.nodes[to].label)
        } else {
            format!("the graph runs in a circle: `{path}`")
        };
        self.errors.at_site(
            self.plan.edges[edge].site,
            format!(
                "{message}\na frame cannot wait for what is made from it; let it arrive a tick later: `{} >> delay(1) >> {}`",
                self.end(&self.plan.edges[edge].from),
                self.end(&self.plan.edges[edge].to)
            ),
        );
    }
}

/// What ticks a node: a clock with a name, or the clock of the node that it begins with.
#[derive(Clone, PartialEq)]
enum Domain {
    Clock(String),
    Own(usize),
    /// What ticks whatever comes in at the open ends.
    Outside,
}

impl Domain {
    fn in_words(&self, plan: &Plan) -> String {
        match self {
            Self::Clock(clock) => format!("`{}`", clock.trim_start_matches("r#")),
            Self::Own(own) => format!("the clock of `{}`", plan.nodes[*own].label),
            Self::Outside => "what ticks the `in`s".to_owned(),
        }
    }
}

/// Finds for each node what ticks it, and whether clocks that differ meet in it without an `@`.
pub fn domains(plan: &mut Plan) {
    let mut domains: Vec<Option<Domain>> = vec![None; plan.nodes.len()];
    for &node in plan.order.clone().iter().rev() {
        let mut upstream: Vec<Domain> = Vec::new();
        for from in plan.upstream(node) {
            if let Some(domain) = domains[from].clone()
                && !upstream.contains(&domain)
            {
                upstream.push(domain);
            }
        }
        let bound = plan.nodes[node]
            .clock
            .as_ref()
            .map(|clock| Domain::Clock(clock.to_string()));
        if bound.is_none() && upstream.len() > 1 {
            let input = meeting_input(plan, node, &domains);
            let unsure = upstream.iter().filter_map(|domain| match domain {
                Domain::Own(own) => Some(*own),
                Domain::Clock(_) | Domain::Outside => None,
            });
            plan.nodes[node].meeting = Some(Meeting {
                unsure: unsure.collect(),
                clocks: upstream
                    .iter()
                    .map(|domain| domain.in_words(plan))
                    .collect(),
                input,
            });
        }
        domains[node] = Some(match (bound, &upstream[..]) {
            (Some(bound), _) => bound,
            (None, [only]) => only.clone(),
            (None, _) if plan.nodes[node].open.is_some() => Domain::Outside,
            (None, _) => Domain::Own(node),
        });
    }
    for (node, domain) in domains.into_iter().enumerate() {
        plan.nodes[node].ticked_by = match domain {
            Some(Domain::Clock(clock)) => clock.trim_start_matches("r#").to_owned(),
            Some(Domain::Own(own)) => plan.nodes[own].label.clone(),
            Some(Domain::Outside) => "in".to_owned(),
            None => String::new(),
        };
    }
}

/// The one input at which the clocks meet, if what feeds each input first has one clock.
fn meeting_input(plan: &Plan, node: usize, domains: &[Option<Domain>]) -> Option<Side> {
    let mut firsts: Vec<(&Side, &Option<Domain>)> = Vec::new();
    let mut second = None;
    for edge in plan.edges.iter().filter(|edge| edge.to.node == node) {
        let domain = &domains[edge.from.node];
        match firsts
            .iter()
            .find(|(side, _)| is_same(&side.port, &edge.to.port))
        {
            None => firsts.push((&edge.to, domain)),
            Some((_, first)) if *first != domain => second = Some(&edge.to),
            Some(_) => {}
        }
    }
    match (second, &firsts[..]) {
        (Some(side), [(_, first), others @ ..])
            if others.iter().all(|(_, other)| other == first) =>
        {
            Some(side.clone())
        }
        _ => None,
    }
}
