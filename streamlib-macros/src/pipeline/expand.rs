//! Plan to tokens: a block that makes the actors, wires them, has the compiler check what only types
//! can tell, and builds the tasks. After an error it stops before the tasks.
//!
//! The user's expressions come first, where nothing of ours is visible to them. The names of nodes
//! are bound after, as the user typed them, so that editors find them; what the user did not type is
//! hidden by `mixed_site`. Calls that may be refused have the spans of what they are about, see
//! [`Site`]: that is what rustc underlines, and two refusals of one thing are told once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::named;
use super::plan::{Edge, Node, Outlet, Plan, Side};
use super::tasks::tasks;
use super::typed;
use crate::errors::Errors;
use crate::spans::{Site, hidden, unplaced};

/// Writes the graph as an expression of type `Result<Pipeline>`, or as the item that its header names.
pub fn expand(plan: &Plan, errors: &Errors) -> TokenStream {
    let told = errors.to_compile_errors();
    if plan.is_item {
        return told;
    }
    let wired = wired(plan, errors);
    if let Some(header) = &plan.header {
        return named::expand(plan, header, errors, wired);
    }
    let graph = graph(plan);
    let tasks = if errors.is_empty() {
        let tasks = tasks(plan);
        quote!(#tasks #graph.start())
    } else {
        quote!(let _ = &mut #graph; ::streamlib::__private::stub())
    };
    quote! {
        {
            #wired
            #told
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
    let checks = (0..plan.nodes.len()).map(|node| typed::check(plan, node));
    let graph = graph(plan);
    let typed = plan
        .typed
        .iter()
        .filter(|end| is_known(&plan.nodes[end.node]));
    let typed = typed.map(named_place);
    quote! {
        let mut #graph = ::streamlib::__private::GraphBuilder::new();
        #actors
        #(let _ = #typed;)*
        #(#outlets)*
        #(#checks)*
    }
}

/// What the graph is put together in.
pub fn graph(plan: &Plan) -> Ident {
    Ident::new(&fresh(plan, "graph"), Span::mixed_site())
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
        let (label, expr) = (clock.name.unraw().to_string(), &clock.expr);
        let name = if clock.name == expr.to_string() {
            unplaced(&clock.name) // a variable of the surrounding code
        } else {
            hidden(&clock.name)
        };
        let made = Site::of(expr).call("clock", quote!(#label, #expr));
        quote!(let #name = #made;)
    });
    let delays = plan.delays.iter().enumerate().map(|(number, delay)| {
        let (name, ticks) = (delay_name(plan, number), &delay.ticks);
        quote!(let #name: ::core::primitive::usize = #ticks;)
    });
    let nodes = plan.nodes.iter().filter_map(|node| {
        if let Some(open) = &node.open {
            return named::open_end(plan, node, open);
        }
        let (name, label, expr) = (unplaced(&node.name), &node.label, node.expr.as_ref()?);
        let made = Site::of(expr).call("node", quote!(#label, #expr));
        let bound = match &node.clock {
            None => made,
            Some(clock) => {
                let named = hidden(clock);
                Site::one(clock.span()).call("bind", quote!(#made, &#named))
            }
        };
        let placed = match &node.dispatcher {
            None => bound,
            Some(word) => {
                let (options, site) = (&node.options, Site::one(word.span()));
                let on = site.runtime("on");
                let on = quote_spanned!(word.span()=> #on::#word #options);
                match &node.otherwise {
                    None => site.call("place", quote!(#bound, #on)),
                    Some(other) => {
                        let other = quote!(::streamlib::__private::on::#other);
                        site.call("place_or", quote!(#bound, #on, #other))
                    }
                }
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
        let (name, hidden) = (&node.name, unplaced(&node.name));
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
        return others_of(plan, outlet);
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
            let between = between_name(number);
            return edge.site.call("input", quote!(#between, &mut #own));
        }
        input(plan, number)
    });
    let between = numbers.iter().map(|&number| {
        let (name, between) = (between_name(number), between(plan, &plan.edges[number]));
        quote!(let #name = #between;)
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
    // The output is named once here; where else its node was typed, editors look for it too.
    let others = outlet
        .edges
        .iter()
        .filter(|&&edge| edge != outlet.by)
        .filter_map(|&edge| {
            let from = &plan.edges[edge].from;
            let is_seen = from.port.is_some() || from.name.is_none();
            let place = (!is_seen).then(|| place(plan, from, quote!(&)))?;
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
    // Any of the edges says what it is called.
    let named = match numbers.first() {
        Some(&number) => between_name(number).to_token_stream(),
        None => quote!(::streamlib::__private::NO_EDGE),
    };
    let output = end(plan, &outlet.from, &named, "sole_output");
    let output = outlet.from.site.call("output", quote!(#named, #output));
    // Edges go to the tasks, which are left out after an error.
    let edges = if complete {
        quote!([#(#edges),*])
    } else {
        quote!(_)
    };
    let graph = graph(plan);
    quote! {
        #(#others)*
        #sole
        #(#between)*
        #(#ticks)*
        #(#own)*
        let #edges = ::streamlib::__private::connect(&mut #graph, #output, [#(#inputs),*]);
    }
}

/// Of edges from what could not be read, what editors still want to know: the other ends.
fn others_of(plan: &Plan, outlet: &Outlet) -> TokenStream {
    let ends = outlet.edges.iter().map(|&edge| &plan.edges[edge].to);
    let ends = ends.filter(|end| is_known(&plan.nodes[end.node]));
    let places = ends.map(|end| place(plan, end, quote!(&)));
    quote!(#(let _ = #places;)*)
}

/// The right end of an edge, which may be a delayed one.
fn input(plan: &Plan, number: usize) -> TokenStream {
    let edge = &plan.edges[number];
    let between = between_name(number);
    let port = end(plan, &edge.to, &quote!(#between), "sole_input");
    let input = edge.site.call("input", quote!(#between, #port));
    let input = match edge.rank {
        None => input,
        Some(rank) => {
            let rank = proc_macro2::Literal::usize_unsuffixed(rank);
            edge.site.call("ranked", quote!(#input, #rank))
        }
    };
    match edge.delay {
        None => input,
        Some(delay) => {
            let site = plan.delays[delay].site;
            let (delay, ticks) = (delay_name(plan, delay), ticks_name(number));
            site.call("delayed", quote!(#input, #delay, #ticks))
        }
    }
}

/// What names both ends of an edge where it is refused.
fn between(plan: &Plan, edge: &Edge) -> TokenStream {
    let from = named(plan, &edge.from, "output");
    let to = named(plan, &edge.to, "input");
    let is_open = |side: &Side| plan.nodes[side.node].open.is_some();
    // What comes into this graph is an input to others, and stands left here.
    if is_open(&edge.from) || is_open(&edge.to) {
        return Site::one(Span::mixed_site()).call("between", quote!(#from, #to));
    }
    let whole = edge.site.call("between", quote!(#from, #to));
    let forward = edge.site.call("forward", whole);
    // Each end is underlined where it is told, which is where the argument stands.
    let at = |side: &Side, step: &str, edge: TokenStream| {
        let edge = side.site.call("same", quote!(#edge.told()));
        side.site.call(step, edge)
    };
    let leaves = at(&edge.from, "leaves", forward);
    let arrives = at(&edge.to, "arrives", leaves);
    quote!(#arrives.told())
}

/// What an end is of and what it is called: `bars.kind, names(bars.kind).video()`, or the name of the only port.
fn named(plan: &Plan, side: &Side, direction: &str) -> TokenStream {
    let node = &plan.nodes[side.node];
    let (name, kind) = (&node.name, Ident::new("kind", Span::mixed_site()));
    let of = Site::one(Span::mixed_site());
    let port = match (&side.port, &node.open) {
        (None, None) => of.call(&format!("sole_{direction}_name"), quote!(#name.#kind)),
        (None, Some(_)) if plan.header.is_none() => quote!(::core::marker::PhantomData::<()>),
        (None, Some(_)) => {
            let names = of.call("names", quote!(#name.#kind));
            let port = unplaced(name);
            quote!(#names.#port())
        }
        (Some(port), _) => {
            let names = of.call("names", quote!(#name.#kind));
            let place = place(plan, side, quote!(&));
            // What is no port has no name either.
            let through = quote!(#name.#kind, #place, #names);
            let through = side.site.call("through", through);
            let port = unplaced(port);
            quote!(#through.#port())
        }
    };
    quote!(#name.#kind, #port)
}

/// Whether there is what names the ends of an edge.
pub fn is_between(plan: &Plan, number: usize) -> bool {
    let edge = &plan.edges[number];
    let is_in = |outlet: &Outlet| outlet.edges.contains(&number);
    [&edge.from, &edge.to]
        .into_iter()
        .all(|side| is_known(&plan.nodes[side.node]))
        && plan.outlets.iter().any(is_in)
}

/// The same as [`port`], of an edge: nothing is asked of one that has been refused.
fn end(plan: &Plan, side: &Side, between: &TokenStream, sole: &str) -> TokenStream {
    let place = place(plan, side, quote!(&mut));
    match &side.port {
        Some(_) => place,
        None => side.site.call(sole, kept(side, between, &place)),
    }
}

/// A place at an end of an edge, which is nothing where that has been refused.
pub fn kept(side: &Side, between: &TokenStream, place: &TokenStream) -> TokenStream {
    side.site.call("same", quote!(#between.keep(#place)))
}

/// `&mut mix.actor.video`, or the only port of `mix`.
pub fn port(plan: &Plan, side: &Side, sole: &str) -> TokenStream {
    match &side.port {
        Some(_) => place(plan, side, quote!(&mut)),
        None => side.site.call(sole, place(plan, side, quote!(&mut))),
    }
}

/// `&mix.actor.video`; `&mix.actor` while the port is being typed. An editor that completes it expands the graph
/// with some word for the port as well, and looks for what stands before that word at the same place here: so
/// these come first, and what is told comes last.
fn named_place(end: &Side) -> TokenStream {
    let Site { first, last } = end.site;
    let reference = quote_spanned!(first=> &);
    let (name, actor) = (&end.name, Ident::new("actor", Span::mixed_site()));
    let port = end.port.as_ref().map(|port| quote_spanned!(last=> .#port));
    quote!(#reference #name.#actor #port)
}

/// `&mix.actor.video`, or `&(mix.actor)`. It begins and ends where what the user typed does.
pub fn place(plan: &Plan, side: &Side, reference: TokenStream) -> TokenStream {
    let Site { first, last } = side.site;
    let reference = crate::spans::respan(reference, first);
    let name = side.name.as_ref().unwrap_or(&plan.nodes[side.node].name);
    match &side.port {
        Some(port) => {
            let actor = Ident::new("actor", Span::mixed_site());
            quote_spanned!(last=> #reference #name.#actor.#port)
        }
        None => {
            let actor = Ident::new("actor", Span::mixed_site());
            let actor = quote_spanned!(last=> (#name.#actor));
            quote!(#reference #actor)
        }
    }
}

fn delay_name(plan: &Plan, number: usize) -> Ident {
    let name = fresh(plan, &format!("delay_{number}"));
    Ident::new(&name, Span::mixed_site())
}

pub fn between_name(edge: usize) -> Ident {
    format_ident!("between_{edge}", span = Span::mixed_site())
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

/// A name that no node, no open end and no clock has.
pub fn fresh(plan: &Plan, word: &str) -> String {
    let mut name = word.to_owned();
    while plan.nodes.iter().any(|node| node.label == name)
        || plan.clocks.iter().any(|clock| clock.name.unraw() == name)
    {
        name.push('_');
    }
    name
}
