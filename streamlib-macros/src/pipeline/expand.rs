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

use super::plan::{Meeting, Node, Outlet, Plan, Side};
use crate::errors::Errors;
use crate::spans::{Site, hidden};

/// Writes the graph as an expression of type `Result<Pipeline>`.
pub fn expand(plan: &Plan, errors: &Errors) -> TokenStream {
    let told = errors.to_compile_errors();
    let actors = actors(plan);
    let outlets = plan
        .outlets
        .iter()
        .map(|outlet| connect(plan, outlet, errors.is_empty()));
    let checks = (0..plan.nodes.len()).map(|node| check(plan, node));
    let tasks = if errors.is_empty() {
        tasks(plan)
    } else {
        quote!(::streamlib::__private::stub())
    };
    quote! {
        {
            #told
            #actors
            #(#outlets)*
            #(#checks)*
            #tasks
        }
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
    let nodes = plan.nodes.iter().filter_map(|node| {
        let (name, label, expr) = (hidden(&node.name), &node.label, node.expr.as_ref()?);
        let made = Site::of(expr).call("node", quote!(#label, #expr));
        let clock = node.clock.as_ref().map(|clock| {
            let clock = hidden(clock);
            let bound = if node.inherits {
                quote!(within)
            } else {
                quote!(at)
            };
            quote!(.#bound(&#clock))
        });
        let dispatcher = node
            .dispatcher
            .as_ref()
            .map(|word| quote!(.on(::streamlib::__private::on::#word)));
        Some(quote!(let #name = #made #clock #dispatcher;))
    });
    let names = plan
        .nodes
        .iter()
        .filter(|node| node.expr.is_some())
        .map(|node| {
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
    quote!(#(#clocks)* #(#nodes)* #(#names)* #(#unused)*)
}

/// One output and the inputs that read it: a ring with as many readers.
fn connect(plan: &Plan, outlet: &Outlet, complete: bool) -> TokenStream {
    let known = |node: usize| plan.nodes[node].expr.is_some();
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
        edge.site.call("input", port(plan, &edge.to, "sole_input"))
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
    quote! {
        #(#others)*
        #sole
        let #edges = ::streamlib::__private::connect(#output, [#(#inputs),*]);
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
    if node.expr.is_none() || node.is_refused || plan.broken {
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
        let clocked = node.site.call("has_clock", whole);
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

/// The tasks, from the sinks to the sources: a node with one upstream goes where its type says (into
/// the upstream's task or into one of its own), one with several joins them.
fn tasks(plan: &Plan) -> TokenStream {
    let graph = Ident::new("graph", Span::mixed_site());
    let stages = plan.order.iter().map(|&number| {
        let Node { name, .. } = &plan.nodes[number];
        let stage = stage_name(plan, number);
        let placed = plan.downstream(number).into_iter().map(|next| {
            let target = stage_name(plan, next);
            let edges = plan.between(number, next);
            let edges = edges.iter().map(|&edge| edge_name(edge));
            if plan.upstream(next).len() > 1 {
                quote!(.feeds(&mut #graph, &#target, [#(#edges),*]))
            } else {
                quote!(.then(&mut #graph, #target, [#(#edges),*]))
            }
        });
        let made = quote!(::streamlib::__private::stage(#name)#(#placed)*);
        match plan.upstream(number).len() {
            0 => quote!(let #stage = #made; #graph.source(#stage);),
            1 => quote!(let #stage = #made;),
            _ => quote!(let #stage = #made; let #stage = #graph.join(#stage);),
        }
    });
    quote! {
        let mut #graph = ::streamlib::__private::GraphBuilder::new();
        #(#stages)*
        #graph.start()
    }
}

fn edge_name(number: usize) -> Ident {
    format_ident!("edge_{number}", span = Span::mixed_site())
}

fn stage_name(plan: &Plan, node: usize) -> Ident {
    format_ident!(
        "{}_stage",
        plan.nodes[node].label,
        span = Span::mixed_site()
    )
}

/// A name that no node has.
fn fresh(plan: &Plan, word: &str) -> String {
    let mut name = word.to_owned();
    while plan.nodes.iter().any(|node| node.label == name) {
        name.push('_');
    }
    name
}
