//! Plan to tokens: a block that makes the actors, wires them, has the compiler check what only types
//! can tell, and builds the tasks. After an error it stops before the tasks.
//!
//! The user's expressions come first, where nothing of ours is visible to them. The names of nodes
//! are bound after, as the user typed them, so that editors find them; what the user did not type is
//! hidden by `mixed_site`. Calls that may be refused have the spans of what they are about, see
//! [`Site`]: that is what rustc underlines, and two refusals of one thing are told once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::named;
use super::plan::{Meeting, Node, Outlet, Plan, Side};
use super::tasks::tasks;
use crate::errors::Errors;
use crate::spans::{Site, hidden};

/// Writes the graph as an expression of type `Result<Pipeline>`, or as the item that its header names.
pub fn expand(plan: &Plan, errors: &Errors) -> TokenStream {
    let told = errors.to_compile_errors();
    let wired = wired(plan, errors);
    if let Some(header) = &plan.header {
        return named::expand(plan, header, errors, wired);
    }
    let graph = graph();
    let tasks = if errors.is_empty() {
        let tasks = tasks(plan);
        quote!(#tasks #graph.start())
    } else {
        quote!(let _ = &mut #graph; ::streamlib::__private::stub())
    };
    quote! {
        {
            #told
            #wired
            #tasks
        }
    }
}

/// The nodes, wired and checked.
fn wired(plan: &Plan, errors: &Errors) -> TokenStream {
    let actors = actors(plan);
    let outlets = plan
        .outlets
        .iter()
        .map(|outlet| connect(plan, outlet, errors.is_empty()));
    let checks = (0..plan.nodes.len()).map(|node| check(plan, node));
    let graph = graph();
    quote! {
        let mut #graph = ::streamlib::__private::GraphBuilder::new();
        #actors
        #(#outlets)*
        #(#checks)*
    }
}

/// What the graph is put together in.
pub fn graph() -> Ident {
    Ident::new("graph", Span::mixed_site())
}

/// Whether a node is there to be wired: what makes it could be read.
fn is_known(node: &Node) -> bool {
    match &node.open {
        Some(open) => open.ty.is_some(),
        None => node.expr.is_some(),
    }
}

/// The user's expressions, and then the names.
fn actors(plan: &Plan) -> TokenStream {
    let clocks = plan.clocks.iter().map(|clock| {
        let (name, expr) = (hidden(&clock.name), &clock.expr);
        let label = clock.name.unraw().to_string();
        let made = Site::of(expr).call("clock", quote!(#label, #expr));
        quote!(let #name = #made;)
    });
    let delays = plan.delays.iter().enumerate().map(|(number, delay)| {
        let (name, ticks) = (delay_name(number), &delay.ticks);
        quote!(let #name: ::core::primitive::usize = #ticks;)
    });
    let nodes = plan.nodes.iter().filter_map(|node| {
        if let Some(open) = &node.open {
            return named::open_end(node, open);
        }
        let (name, label, expr) = (hidden(&node.name), &node.label, node.expr.as_ref()?);
        let made = Site::of(expr).call("node", quote!(#label, #expr));
        let bound = match &node.clock {
            None => made,
            Some(clock) => {
                let word = if node.inherits { "bind_within" } else { "bind" };
                let named = hidden(clock);
                Site::one(clock.span()).call(word, quote!(#made, &#named))
            }
        };
        let placed = match &node.dispatcher {
            None => bound,
            Some(word) => {
                let on = quote!(::streamlib::__private::on::#word);
                Site::one(word.span()).call("place", quote!(#bound, #on))
            }
        };
        Some(quote!(let #name = #placed;))
    });
    // What is moved into a stage first is bound last: then what is left to be dropped after a panic is
    // always the first so many of them, and the code for that is not made for every step anew.
    let numbers = 0..plan.nodes.len();
    let unordered = numbers.filter(|node| !plan.order.contains(node));
    let bound = unordered.chain(plan.order.iter().rev().copied());
    let bound = bound.map(|node| &plan.nodes[node]);
    let names = bound.filter(|node| is_known(node)).map(|node| {
        let (name, hidden) = (&node.name, hidden(&node.name));
        quote!(let mut #name = #hidden;)
    });
    // For rustc to say that they are unused, as it does of any variable.
    let unused = plan
        .clocks
        .iter()
        .filter(|clock| !clock.is_used)
        .map(|clock| {
            let (name, hidden) = (&clock.name, hidden(&clock.name));
            quote!(let #name = #hidden;)
        });
    quote!(#(#clocks)* #(#delays)* #(#nodes)* #(#names)* #(#unused)*)
}

/// One output and the inputs that read it: a ring with as many readers.
fn connect(plan: &Plan, outlet: &Outlet, complete: bool) -> TokenStream {
    let known = |node: usize| is_known(&plan.nodes[node]);
    if !known(outlet.from.node) {
        return TokenStream::new();
    }
    let numbers: Vec<usize> = outlet
        .edges
        .iter()
        .copied()
        .filter(|&edge| known(plan.edges[edge].to.node))
        .collect();
    let edges = numbers.iter().map(|&number| edge_name(number));
    let inputs = numbers.iter().map(|&number| {
        let edge = &plan.edges[number];
        if edge.from.node == edge.to.node {
            let own = own_name(number);
            return edge.site.call("input", quote!(&mut #own));
        }
        input(plan, number)
    });
    // A delayed input has to know which tick it is where it is read.
    let ticks = numbers.iter().filter_map(|&number| {
        let edge = &plan.edges[number];
        let site = plan.delays[edge.delay?].site;
        let (ticks, node) = (ticks_name(number), &plan.nodes[edge.to.node].name);
        let asked = site.call("ticks", quote_spanned!(site.last=> &mut #node));
        Some(quote!(let #ticks = #asked;))
    });
    // An actor's input and its output cannot both be borrowed from it.
    let own = numbers.iter().filter_map(|&number| {
        let edge = &plan.edges[number];
        let (own, input) = (own_name(number), input(plan, number));
        let later = edge.site.call("later", input);
        (edge.from.node == edge.to.node).then(|| quote!(let mut #own = #later;))
    });
    // The output is named once here; where else it was typed, editors look for it too.
    let others = outlet
        .edges
        .iter()
        .filter(|&&edge| edge != outlet.by)
        .filter_map(|&edge| {
            let from = &plan.edges[edge].from;
            let place = from.name.as_ref().map(|_| place(plan, from, quote!(&)))?;
            Some(quote!(let _ = #place;))
        });
    let sole = outlet
        .sole
        .as_ref()
        .filter(|_| outlet.from.port.is_some())
        .map(|side| {
            let sole = port(plan, side, "sole_output");
            quote!(#sole;)
        });
    let output = outlet
        .from
        .site
        .call("output", port(plan, &outlet.from, "sole_output"));
    // Edges go to the tasks, which are left out after an error.
    let edges = if complete {
        quote!([#(#edges),*])
    } else {
        quote!(_)
    };
    let graph = graph();
    quote! {
        #(#others)*
        #sole
        #(#ticks)*
        #(#own)*
        let #edges = ::streamlib::__private::connect(&mut #graph, #output, [#(#inputs),*]);
    }
}

/// The right end of an edge, which may be a delayed one.
fn input(plan: &Plan, number: usize) -> TokenStream {
    let edge = &plan.edges[number];
    let input = edge.site.call("input", port(plan, &edge.to, "sole_input"));
    match edge.delay {
        None => input,
        Some(delay) => {
            let site = plan.delays[delay].site;
            let (delay, ticks) = (delay_name(delay), ticks_name(number));
            site.call("delayed", quote!(#input, #delay, #ticks))
        }
    }
}

/// `&mut mix.actor.video`, or the only port of `mix`.
fn port(plan: &Plan, side: &Side, sole: &str) -> TokenStream {
    match &side.port {
        Some(_) => place(plan, side, quote!(&mut)),
        None => side.site.call(sole, place(plan, side, quote!(&mut))),
    }
}

/// `&mix.actor.video`, or `&mix.actor`.
fn place(plan: &Plan, side: &Side, reference: TokenStream) -> TokenStream {
    let Site { first, last } = side.site;
    let reference = crate::spans::respan(reference, first);
    let name = side.name.as_ref().unwrap_or(&plan.nodes[side.node].name);
    let actor = Ident::new("actor", last);
    let port = side.port.as_ref().map(|port| quote_spanned!(last=> .#port));
    quote_spanned!(last=> #reference #name.#actor #port)
}

/// What the compiler checks about a node: its inputs and its clock.
fn check(plan: &Plan, number: usize) -> TokenStream {
    let node = &plan.nodes[number];
    if node.expr.is_none() || node.open.is_some() || node.is_refused || plan.broken {
        return TokenStream::new();
    }
    let Site { first, last } = node.site;
    let name = &node.name;
    let inputs = fresh(plan, "inputs");
    let inputs = Ident::new(&inputs, first);
    let reference = quote_spanned!(first=> &);
    let whole = quote_spanned!(last=> #reference #name);
    let begin = node.site.call("unwired", whole.clone());
    let feeds = plan
        .edges
        .iter()
        .filter(|edge| edge.to.node == number && !edge.is_refused)
        .map(|edge| {
            let side = &edge.to;
            let fed = match &side.port {
                Some(port) => {
                    let place = place(plan, side, quote!(&));
                    let through = side.site.call("through", quote!(#place, #inputs));
                    quote_spanned!(port.span()=> #through.#port())
                }
                None => {
                    let state = Ident::new(&inputs.to_string(), side.site.last);
                    side.site.call("feed_sole", quote!(#state))
                }
            };
            quote!(let #inputs = #fed;)
        });
    let complete = node.site.call("complete", quote!(#inputs));
    let is_source = plan.upstream(number).is_empty();
    let clock = if is_source && node.clock.is_none() {
        let is_fed = plan.edges.iter().any(|edge| edge.to.node == number);
        let word = if is_fed { "ticks_itself" } else { "has_clock" };
        let clocked = node.site.call(word, whole);
        Some(quote!(#clocked;))
    } else if let Some(meeting) = &node.meeting {
        let port = match meeting {
            Meeting::Inputs => quote_spanned!(last=> &mut ()),
            Meeting::Input(side) => port(plan, side, "sole_input"),
        };
        let port = node.site.call("kind", port);
        let settled = node.site.call("settles_clocks", quote!(#port, #whole));
        Some(quote!(#settled;))
    } else {
        None
    };
    quote! {
        let #inputs = #begin;
        #(#feeds)*
        #complete;
        #clock
    }
}

fn delay_name(number: usize) -> Ident {
    format_ident!("delay_{number}", span = Span::mixed_site())
}

fn own_name(edge: usize) -> Ident {
    format_ident!("own_{edge}", span = Span::mixed_site())
}

fn ticks_name(edge: usize) -> Ident {
    format_ident!("ticks_{edge}", span = Span::mixed_site())
}

pub fn edge_name(number: usize) -> Ident {
    format_ident!("edge_{number}", span = Span::mixed_site())
}

/// A name that no node has.
fn fresh(plan: &Plan, word: &str) -> String {
    let mut name = word.to_owned();
    while plan.nodes.iter().any(|node| node.label == name) {
        name.push('_');
    }
    name
}
