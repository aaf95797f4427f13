//! Tree to plan: who is who, and all that is wrong with it as far as names can tell.
//! What only types can tell (ports, payloads, inputs left open) is told by what is expanded.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;

use super::plan::{Clock, Edge, Node, Plan, Side};
use super::tree::{End, Item, Tree, What, Wire};
use super::{names, outlets, shape};
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
    let Check { mut plan, errors } = check;
    outlets::outlets(&mut plan, errors);
    shape::circles(&plan, errors);
    shape::order(&mut plan);
    shape::domains(&mut plan);
    plan
}

struct Check<'a> {
    plan: Plan,
    errors: &'a mut Errors,
}

/// How two names are compared: `r#gen` and `gen` are one.
pub fn word(name: &Ident) -> String {
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
                is_used: false,
            });
        }
    }

    fn declare_node(&mut self, mut node: super::tree::Node) {
        if let Some(dispatcher) = node.dispatcher.take_if(|word| !is_dispatcher(word)) {
            let given = word(&dispatcher);
            let guess = did_you_mean(&given, DISPATCHERS);
            let known = one_of(&DISPATCHERS);
            self.errors.at(
                dispatcher,
                format!("no dispatcher is called `{given}`: it is {known}{guess}"),
            );
        }
        let is_node = self.node(&node.name).is_some();
        let is_taken = self.is_taken(&node.name);
        if !is_node {
            self.plan.nodes.push(Node {
                expr: node.expr.filter(|_| !is_taken),
                clock: node.clock,
                dispatcher: node.dispatcher,
                ..new_node(node.name)
            });
        }
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
            && !wire.is_broken
        {
            self.errors.at_site(
                end.site,
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
                    first.site.to(end.site),
                    "a list comes last: write an item for each of these, as in `a >> c; b >> c;`",
                );
            }
            let mut to = None;
            for (place, end) in step.into_iter().enumerate() {
                let whole = end.site;
                let side = self.side(end);
                if let Some((from, begin)) = &from {
                    // Only the first of a list stands beside what feeds it.
                    let site = if place == 0 { begin.to(whole) } else { whole };
                    self.plan.edges.push(Edge {
                        from: from.clone(),
                        to: side.clone(),
                        site,
                        is_refused: false,
                    });
                }
                to = Some((side, whole));
            }
            from = to;
        }
    }

    /// The node that an end means. A name that is not declared is a variable of the surrounding code.
    fn side(&mut self, end: End) -> Side {
        let side = self.side_of(end);
        self.plan.nodes[side.node].is_wired = true;
        side
    }

    fn side_of(&mut self, end: End) -> Side {
        match end.what {
            What::Name(name, port) => {
                let node = self.node(&name).unwrap_or_else(|| {
                    self.plan.nodes.push(Node {
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
                let nodes = self.plan.nodes.iter().map(|node| node.label.clone());
                let clocks = self.plan.clocks.iter().map(|clock| word(&clock.name));
                let taken: Vec<_> = nodes.chain(clocks).collect();
                let name = match syn::parse2(expr.clone()) {
                    Ok(tree) => names::name_for(&tree, end.site.first, &taken),
                    Err(_) => Ident::new("node", end.site.first),
                };
                self.plan.nodes.push(Node {
                    label: word(&name),
                    site: end.site,
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
            let mut known = self.plan.clocks.iter_mut();
            if let Some(known) = known.find(|known| word(&known.name) == given) {
                known.is_used = true;
                continue;
            }
            if self.node(&clock).is_some() {
                self.errors.at(
                    &clock,
                    format!("`{given}` is a node, not a clock: declare one with `clock NAME = …;`"),
                );
                self.plan.nodes[node].clock = None;
                self.plan.nodes[node].is_refused = true;
            } else {
                let expr = clock.to_token_stream();
                self.plan.clocks.push(Clock {
                    name: clock,
                    expr,
                    is_used: true,
                });
            }
        }
    }

    /// Every node is wired to something. Where a name that nobody declared looks much like it, that
    /// is the mistake, and the one to tell.
    fn unused(&mut self) {
        if self.plan.broken {
            return;
        }
        for node in 0..self.plan.nodes.len() {
            if self.plan.nodes[node].is_wired {
                continue;
            }
            self.plan.nodes[node].is_refused = true;
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
}

fn is_dispatcher(name: &Ident) -> bool {
    DISPATCHERS.contains(&word(name).as_str())
}

fn new_node(name: Ident) -> Node {
    Node {
        label: word(&name),
        site: Site::one(name.span()),
        name,
        expr: None,
        is_wired: false,
        is_refused: false,
        is_variable: false,
        clock: None,
        inherits: false,
        meeting: None,
        dispatcher: None,
    }
}
