//! Tree to plan: who is who, and all that is wrong with it as far as names can tell.
//! What only types can tell (ports, payloads, inputs left open) is told by what is expanded.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::plan::{Clock, Node, Open, Plan};
use super::tree::{Item, Tree};
use super::{open, outlets, shape};
use crate::errors::Errors;
use crate::spans::Site;
use crate::spelling::{did_you_mean, nearest, one_of};

/// The words after `on`, and what `#[actor(dispatcher = …)]` takes.
pub const DISPATCHERS: [&str; 5] = ["inline", "tokio", "threads", "process", "gpu"];

/// The one that may be missing, and may say `.or(…)`.
const GPU: &str = "gpu";

/// Makes the graph that the items mean.
pub fn check(tree: Tree, errors: &mut Errors) -> Plan {
    let mut check = Check {
        plan: Plan {
            broken: tree.broken,
            is_item: tree.is_item,
            header: tree.header,
            ..Plan::default()
        },
        errors,
    };
    if tree.items.is_empty() && check.plan.header.is_none() && !tree.broken {
        check.errors.at(
            TokenStream::new(),
            "an empty pipeline: write `SOURCE >> SINK`",
        );
    }
    let nameless = nameless_clock(&tree.items);
    // Names first: an end may name a node that is declared below it.
    let mut wires = Vec::new();
    for item in tree.items {
        match item {
            Item::Node(node) if nameless && node.name == CLOCK => check.refuse_nameless(node),
            Item::Clock(clock) => check.declare_clock(clock),
            Item::Node(node) => check.declare_node(node),
            Item::Open(open) => check.declare_open(*open),
            // Taken out where it was read.
            Item::Header(_) | Item::Nothing => {}
            Item::Wire(wire) => wires.push(wire),
        }
    }
    for wire in wires {
        check.wire(wire);
    }
    check.clocks();
    check.unused();
    let Check { mut plan, errors } = check;
    open::check(&mut plan, errors);
    shape::turned(&mut plan, errors);
    shape::returns(&mut plan);
    outlets::outlets(&mut plan, errors);
    outlets::ranks(&mut plan);
    open::outlets(&plan, errors);
    shape::circles(&plan, errors);
    shape::order(&mut plan);
    shape::domains(&mut plan);
    plan
}

/// `clock = EXPR;` where no item has a node `clock`: a clock whose name was forgotten.
fn nameless_clock(items: &[Item]) -> bool {
    let is_wired = items.iter().any(|item| match item {
        Item::Wire(wire) => wire.steps.iter().flatten().any(|end| end.is_called(CLOCK)),
        _ => false,
    });
    !is_wired
}

/// What a clock is declared with.
const CLOCK: &str = "clock";

/// A plan that is being made.
pub struct Check<'a> {
    pub plan: Plan,
    pub errors: &'a mut Errors,
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
        // One that is half typed is told once, and is there.
        let is_told = clock.expr.is_none();
        let expr = clock.expr.unwrap_or_else(|| {
            quote!(::streamlib::__private::told::<
                ::streamlib::__private::AnyClock,
            >())
        });
        self.plan.clocks.push(Clock {
            name: clock.name,
            expr,
            is_used: is_told,
        });
    }

    /// Tells a clock without a name, and takes `clock` for it: that is what `@` calls it then.
    fn refuse_nameless(&mut self, node: super::tree::Node) {
        self.errors.at(
            &node.name,
            "a clock has a name: write `clock NAME = …;` here, and `@ NAME` after what it ticks",
        );
        let name = node.name;
        self.declare_clock(super::tree::Clock {
            name,
            expr: node.expr,
        });
        if let Some(clock) = self.plan.clocks.last_mut() {
            clock.is_used = true;
        }
    }

    fn declare_node(&mut self, mut node: super::tree::Node) {
        if let Some(dispatcher) = node.dispatcher.take_if(|word| !is_dispatcher(word)) {
            let given = word(&dispatcher);
            let known = one_of(&DISPATCHERS);
            let message = if self.is_clock(&dispatcher) {
                format!("`{given}` is a clock: write `@ {given}`; after `on` comes {known}")
            } else {
                let guess = did_you_mean(&given, DISPATCHERS);
                format!("no dispatcher is called `{given}`: it is {known}{guess}")
            };
            self.errors.at(dispatcher, message);
            node.is_refused = true;
        }
        self.check_otherwise(&mut node);
        let is_node = self.node(&node.name).is_some();
        let is_taken = self.is_taken(&node.name);
        if !is_node {
            self.plan.nodes.push(Node {
                expr: node.expr.filter(|_| !is_taken),
                clock: node.clock,
                dispatcher: node.dispatcher,
                options: node.options,
                otherwise: node.otherwise,
                is_refused: node.is_refused,
                ..new_node(node.name)
            });
        }
    }

    /// `gpu.or(threads)`: what stands in the parentheses is another dispatcher.
    fn check_otherwise(&mut self, node: &mut super::tree::Node) {
        let Some(other) = &node.otherwise else {
            return;
        };
        let given = word(other);
        let known: Vec<_> = (DISPATCHERS.into_iter())
            .filter(|&name| name != GPU && name != "process")
            .collect();
        let told = match node.dispatcher.as_ref().map(word) {
            Some(first) if first != GPU => format!(
                "`{first}` is always there: only `{GPU}` has `.or(…)`, for a machine without a card"
            ),
            _ if !known.contains(&given.as_str()) => {
                let guess = did_you_mean(&given, known.iter().copied());
                format!(
                    "where there is no card, a node runs on {}: `{given}` is none of them{guess}",
                    one_of(&known)
                )
            }
            _ => return,
        };
        self.errors.at(other, told);
        node.otherwise = None;
        node.is_refused = true;
    }

    fn declare_open(&mut self, open: super::tree::Open) {
        if self.is_taken(&open.name) {
            return;
        }
        self.plan.nodes.push(Node {
            open: Some(Open {
                direction: open.direction,
                ty: open.ty,
                attributes: open.attributes,
            }),
            ..new_node(open.name)
        });
    }

    /// Tells a name that is given twice.
    fn is_taken(&mut self, name: &Ident) -> bool {
        let given = word(name);
        let what = if self.node(name).is_some() {
            "node"
        } else if self.is_clock(name) {
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

    pub fn is_clock(&self, name: &Ident) -> bool {
        let mut clocks = self.plan.clocks.iter();
        clocks.any(|clock| word(&clock.name) == word(name))
    }

    pub fn node(&self, name: &Ident) -> Option<usize> {
        self.plan
            .nodes
            .iter()
            .position(|node| node.label == word(name))
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
            let told = if self.node(&clock).is_some() {
                Some(format!(
                    "`{given}` is a node, not a clock: declare one with `clock NAME = …;`"
                ))
            } else if is_dispatcher(&clock) {
                Some(format!(
                    "`{given}` is a dispatcher: write `on {given}`; after `@` comes a clock"
                ))
            } else {
                let unused = self.plan.clocks.iter().filter(|clock| !clock.is_used);
                let unused: Vec<_> = unused.map(|clock| word(&clock.name)).collect();
                let meant = nearest(&given, unused.iter().map(String::as_str)).map(str::to_owned);
                for known in &mut self.plan.clocks {
                    known.is_used |= meant.as_ref() == Some(&word(&known.name));
                }
                meant.map(|meant| format!("no clock is called `{given}`, and nothing is on `{meant}`; did you mean `@ {meant}`?"))
            };
            if let Some(message) = told {
                self.errors.at(&clock, message);
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

pub fn new_node(name: Ident) -> Node {
    Node {
        label: word(&name),
        site: Site::one(name.span()),
        name,
        expr: None,
        open: None,
        is_wired: false,
        is_refused: false,
        is_variable: false,
        clock: None,
        meeting: None,
        dispatcher: None,
        options: TokenStream::new(),
        otherwise: None,
        ticked_by: String::new(),
    }
}
