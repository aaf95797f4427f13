//! Tree to plan: who is who, and all that is wrong with it as far as names can tell.
//! What only types can tell (ports, payloads, inputs left open) is told by what is expanded.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;

use super::plan::{Clock, Edge, Node, Outlet, Plan, Side};
use super::tree::{End, Item, Tree, What, Wire};
use super::{names, shape};
use crate::errors::Errors;
use crate::spans::Site;
use crate::spelling::{did_you_mean, nearest, one_of};

/// The words after `on`, and what `#[actor(dispatcher = …)]` takes.
pub const DISPATCHERS: [&str; 3] = ["inline", "tokio", "threads"];

/// Makes the graph that the items mean.
pub fn check(tree: Tree, errors: &mut Errors) -> Plan {
    let mut check = Check {
        plan: Plan {
            broken: tree.broken,
            ..Plan::default()
        },
        errors,
    };
    if tree.items.is_empty() && !tree.broken {
        check.errors.at(
            TokenStream::new(),
            "an empty pipeline: write `SOURCE >> SINK`",
        );
    }
    // Names first: an end may name a node that is declared below it.
    let mut wires = Vec::new();
    for item in tree.items {
        match item {
            Item::Clock(clock) => check.declare_clock(clock),
            Item::Node(node) => check.declare_node(node),
            Item::Wire(wire) => wires.push(wire),
        }
    }
    for wire in wires {
        check.wire(wire);
    }
    check.clocks();
    check.unused();
    check.outlets();
    let Check { mut plan, errors } = check;
    shape::order(&mut plan, errors);
    shape::domains(&mut plan);
    plan
}

struct Check<'a> {
    plan: Plan,
    errors: &'a mut Errors,
}

/// How two names are compared: `r#gen` and `gen` are one.
fn word(name: &Ident) -> String {
    name.unraw().to_string()
}

impl Check<'_> {
    fn declare_clock(&mut self, clock: super::tree::Clock) {
        if self.is_taken(&clock.name) {
            return;
        }
        if let Some(expr) = clock.expr {
            self.plan.clocks.push(Clock {
                name: clock.name,
                expr,
            });
        }
    }

    fn declare_node(&mut self, node: super::tree::Node) {
        if let Some(dispatcher) = &node.dispatcher
            && !DISPATCHERS.contains(&word(dispatcher).as_str())
        {
            let given = word(dispatcher);
            let guess = did_you_mean(&given, DISPATCHERS);
            let known = one_of(&DISPATCHERS);
            self.errors.at(
                dispatcher,
                format!("no dispatcher is called `{given}`: it is {known}{guess}"),
            );
        }
        if self.is_taken(&node.name) {
            return;
        }
        self.plan.nodes.push(Node {
            label: word(&node.name),
            site: Site::one(node.name.span()),
            expr: node.expr,
            clock: node.clock,
            dispatcher: node.dispatcher,
            ..new_node(node.name)
        });
    }

    /// Tells a name that is given twice.
    fn is_taken(&mut self, name: &Ident) -> bool {
        let given = word(name);
        let what = if self.node(name).is_some() {
            "node"
        } else if self
            .plan
            .clocks
            .iter()
            .any(|clock| word(&clock.name) == given)
        {
            "clock"
        } else {
            return false;
        };
        self.errors.at(
            name,
            format!("`{given}` is declared twice: there is a {what} of that name above; give this one another"),
        );
        true
    }

    fn node(&self, name: &Ident) -> Option<usize> {
        self.plan
            .nodes
            .iter()
            .position(|node| node.label == word(name))
    }

    /// `a >> b >> [c, d]`: an edge from each end to those of the next step.
    fn wire(&mut self, wire: Wire) {
        if let [step] = &wire.steps[..]
            && let Some(end) = step.first()
        {
            self.errors.at_site(
                end.whole,
                "this connects nothing: write `… >> …`, from what sends to what receives",
            );
        }
        let last = wire.steps.len().saturating_sub(1);
        let mut from: Option<(Side, Site)> = None;
        for (number, step) in wire.steps.into_iter().enumerate() {
            if let [first, .., end] = &step[..]
                && number < last
            {
                self.errors.at_site(
                    first.whole.to(end.whole),
                    "a list comes last: write an item for each of these, as in `a >> c; b >> c;`",
                );
            }
            let mut to = None;
            for (place, end) in step.into_iter().enumerate() {
                let whole = end.whole;
                let side = self.side(end);
                if let Some((from, begin)) = &from {
                    // Only the first of a list stands beside what feeds it.
                    let site = if place == 0 { begin.to(whole) } else { whole };
                    self.plan.edges.push(Edge {
                        from: from.clone(),
                        to: side.clone(),
                        site,
                    });
                }
                to = Some((side, whole));
            }
            from = to;
        }
    }

    /// The node that an end means. A name that is not declared is a variable of the surrounding code.
    fn side(&mut self, end: End) -> Side {
        match end.what {
            What::Name(name, port) => {
                let node = self.node(&name).unwrap_or_else(|| {
                    self.plan.nodes.push(Node {
                        label: word(&name),
                        site: Site::one(name.span()),
                        expr: Some(name.to_token_stream()),
                        is_variable: true,
                        ..new_node(name.clone())
                    });
                    self.plan.nodes.len() - 1
                });
                Side {
                    node,
                    name: Some(name),
                    port,
                    site: end.site,
                }
            }
            What::Expr(expr) => {
                let taken: Vec<_> = self
                    .plan
                    .nodes
                    .iter()
                    .map(|node| node.label.clone())
                    .collect();
                let name = match syn::parse2(expr.clone()) {
                    Ok(tree) => names::name_for(&tree, end.whole.first, &taken),
                    Err(_) => Ident::new("node", end.whole.first),
                };
                self.plan.nodes.push(Node {
                    label: word(&name),
                    site: end.whole,
                    expr: Some(expr),
                    ..new_node(name)
                });
                Side {
                    node: self.plan.nodes.len() - 1,
                    name: None,
                    port: None,
                    site: end.site,
                }
            }
        }
    }

    /// Each `@` names a clock; one that is not declared is a variable of the surrounding code.
    fn clocks(&mut self) {
        for node in 0..self.plan.nodes.len() {
            let Some(clock) = self.plan.nodes[node].clock.clone() else {
                continue;
            };
            let given = word(&clock);
            if self
                .plan
                .clocks
                .iter()
                .any(|known| word(&known.name) == given)
            {
                continue;
            }
            if self.node(&clock).is_some() {
                self.errors.at(
                    &clock,
                    format!("`{given}` is a node, not a clock: declare one with `clock NAME = …;`"),
                );
                self.plan.nodes[node].clock = None;
            } else {
                let expr = clock.to_token_stream();
                self.plan.clocks.push(Clock { name: clock, expr });
            }
        }
    }

    /// Every node is wired to something. Where a name that nobody declared looks much like it, that
    /// is the mistake, and the one to tell.
    fn unused(&mut self) {
        if self.plan.broken {
            return;
        }
        let used = |plan: &Plan, node| {
            plan.edges
                .iter()
                .any(|edge| edge.from.node == node || edge.to.node == node)
        };
        for node in 0..self.plan.nodes.len() {
            if used(&self.plan, node) {
                continue;
            }
            let label = self.plan.nodes[node].label.clone();
            let variables = self.plan.nodes.iter().filter(|other| other.is_variable);
            let meant = nearest(&label, variables.map(|other| other.label.as_str()));
            if let Some(meant) = meant.map(str::to_owned)
                && let Some(typo) = self
                    .plan
                    .nodes
                    .iter_mut()
                    .find(|other| other.label == meant)
            {
                typo.expr = None;
                self.errors.at(
                    &typo.name,
                    format!(
                        "`{meant}` is no node, and `{label}` is never used; did you mean `{label}`?"
                    ),
                );
            } else {
                self.errors.at_site(
                    self.plan.nodes[node].site,
                    format!("`{label}` is never used: wire it with `>>`, or take it out"),
                );
            }
        }
    }

    /// Puts the edges that read one output together. A node that is typed with and without its
    /// output's name has one output: the same one.
    fn outlets(&mut self) {
        for (number, edge) in self.plan.edges.iter().enumerate() {
            let port = edge.from.port.as_ref().map(word);
            let same = |outlet: &&mut Outlet| {
                let known = outlet.from.port.as_ref().map(word);
                outlet.from.node == edge.from.node
                    && (known == port || known.is_none() || port.is_none())
            };
            let sole = port.is_none().then(|| edge.from.clone());
            match self.plan.outlets.iter_mut().find(same) {
                Some(outlet) => {
                    outlet.edges.push(number);
                    outlet.sole = outlet.sole.take().or(sole);
                    if outlet.from.port.is_none() {
                        outlet.from = edge.from.clone();
                    }
                }
                None => self.plan.outlets.push(Outlet {
                    from: edge.from.clone(),
                    sole,
                    edges: vec![number],
                }),
            }
        }
        self.one_input_once();
    }

    /// One output feeds an input once: a second time it would be the same reader again.
    fn one_input_once(&mut self) {
        for outlet in &self.plan.outlets {
            for (place, &edge) in outlet.edges.iter().enumerate() {
                let to = &self.plan.edges[edge].to;
                let again = outlet.edges[..place].iter().any(|&other| {
                    let other = &self.plan.edges[other].to;
                    other.node == to.node
                        && (other.port.as_ref().map(word) == to.port.as_ref().map(word)
                            || other.port.is_none()
                            || to.port.is_none())
                });
                if again {
                    let from = &self.plan.nodes[outlet.from.node].label;
                    let node = &self.plan.nodes[to.node].label;
                    self.errors.at_site(
                        self.plan.edges[edge].site,
                        format!("`{node}` is connected to this output of `{from}` already: take one of the two out"),
                    );
                }
            }
        }
    }
}

fn new_node(name: Ident) -> Node {
    Node {
        label: word(&name),
        site: Site::one(name.span()),
        name,
        expr: None,
        is_variable: false,
        clock: None,
        inherits: false,
        unsettled: false,
        dispatcher: None,
    }
}
