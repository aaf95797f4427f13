//! From wires to edges: which node each end means, and what stands between two.

use proc_macro2::Ident;
use quote::ToTokens;

use super::check::{Check, new_node, word};
use super::names;
use super::plan::{Delay, Edge, Node, Side};
use super::tree::{End, What, Wire};
use crate::spans::Site;

impl Check<'_> {
    /// `a >> b >> [c, d]`: an edge from each end to those of the next step.
    pub fn wire(&mut self, wire: Wire) {
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
        let mut from: Option<(Side, Site, bool)> = None;
        let mut delay = None;
        for (number, mut step) in wire.steps.into_iter().enumerate() {
            if let [first, .., end] = &step[..]
                && number < last
            {
                self.errors.at_site(
                    first.site.to(end.site),
                    "a list comes last: write an item for each of these, as in `a >> c; b >> c;`",
                );
            }
            let is_between = from.is_some() && number < last && step.len() == 1;
            let delays = step.extract_if(.., |end| matches!(end.what, What::Delay(_)));
            for end in delays.collect::<Vec<_>>() {
                let seen = delay.is_some();
                delay = delay.or(self.delay(end, is_between || wire.is_broken, seen));
            }
            if step.is_empty() {
                continue;
            }
            let mut to = None;
            for (place, end) in step.into_iter().enumerate() {
                let is_typed = matches!(end.what, What::Half(_));
                let whole = end.site;
                let before = self.errors.len();
                let side = self.side(end);
                let is_half = is_typed || wire.is_half && number == last;
                let is_actor = self.plan.nodes[side.node].open.is_none();
                if is_actor && side.name.is_some() && (side.port.is_some() || is_half) {
                    self.plan.typed.push(side.clone());
                }
                let is_told = self.errors.len() > before || is_half;
                if is_told {
                    self.plan.nodes[side.node].is_refused = true;
                }
                if let Some((from, begin, from_told)) = &from {
                    let is_refused = is_told || *from_told;
                    if is_refused {
                        self.plan.nodes[from.node].is_refused = true;
                        self.plan.nodes[side.node].is_refused = true;
                    }
                    // Only the first of a list stands beside what feeds it.
                    let site = if place == 0 { begin.to(whole) } else { whole };
                    self.plan.edges.push(Edge {
                        from: from.clone(),
                        to: side.clone(),
                        site,
                        is_refused,
                        delay,
                        is_back: false,
                        rank: None,
                    });
                }
                to = Some((side, whole, is_told));
            }
            (from, delay) = (to, None);
        }
    }

    /// Notes a delay, which stands between what sends and what receives.
    fn delay(&mut self, end: End, is_between: bool, seen: bool) -> Option<usize> {
        let What::Delay(ticks) = end.what else {
            return None;
        };
        let told = if seen {
            "two delays in a row: write their sum".to_owned()
        } else if !is_between {
            format!(
                "`delay` stands between what sends and what receives: write `a >> delay({ticks}) >> b`"
            )
        } else if ticks.to_string() == "0" {
            "an item that arrives 0 ticks late is not late: `delay` is 1 or more".to_owned()
        } else {
            let site = end.site;
            self.plan.delays.push(Delay { ticks, site });
            return Some(self.plan.delays.len() - 1);
        };
        self.errors.at_site(end.site, told);
        // What it was to connect is not connected.
        self.plan.broken = true;
        None
    }

    /// The node that an end means. A name that is not declared is a variable of the surrounding code.
    fn side(&mut self, end: End) -> Side {
        let side = self.side_of(end);
        self.plan.nodes[side.node].is_wired = true;
        side
    }

    fn side_of(&mut self, end: End) -> Side {
        match end.what {
            What::Rust {
                node, port, told, ..
            } if self.node(&node).is_some() => {
                self.errors.at_site(end.site, told);
                self.side_of(End {
                    what: What::Name(node, port),
                    site: end.site,
                })
            }
            What::Half(name) => self.side_of(End {
                what: What::Name(name, None),
                site: end.site,
            }),
            What::Name(name, port) if self.is_clock(&name) && self.node(&name).is_none() => {
                // It is used, if wrongly: that nothing is ticked by it is not told as well.
                let mut clocks = self.plan.clocks.iter_mut();
                if let Some(clock) = clocks.find(|clock| word(&clock.name) == word(&name)) {
                    clock.is_used = true;
                }
                self.errors.at_site(
                    end.site,
                    format!("`{name}` is a clock and sends nothing: it ticks the nodes that it is written after, `NAME = … @ {name};`"),
                );
                self.plan.nodes.push(Node {
                    is_refused: true,
                    ..new_node(name.clone())
                });
                Side {
                    node: self.plan.nodes.len() - 1,
                    name: Some(name),
                    port,
                    site: end.site,
                }
            }
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
            What::Expr(expr) | What::Delay(expr) | What::Rust { expr, .. } => {
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
}
