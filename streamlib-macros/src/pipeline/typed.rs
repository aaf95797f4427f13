//! What only types can tell about a node, and the compiler is asked: whether its inputs are connected, and what ticks it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::expand::{between_name, fresh, is_between, kept, place, port};
use super::plan::{Meeting, Node, Plan};
use crate::spans::Site;
use crate::spelling::and;

/// What the compiler checks about a node: its inputs and its clock.
pub fn check(plan: &Plan, number: usize) -> TokenStream {
    let node = &plan.nodes[number];
    if node.expr.is_none() || node.open.is_some() || node.is_refused || plan.broken {
        return TokenStream::new();
    }
    let Site { first, last } = node.site;
    let name = &node.name;
    let inputs = fresh(plan, "inputs");
    let inputs = Ident::new(&inputs, first);
    let kind = Ident::new("kind", Span::mixed_site());
    let reference = quote_spanned!(first=> &);
    let whole = quote_spanned!(last=> #reference #name);
    let begin = node.site.call("unwired", whole.clone());
    let edges = plan.edges.iter().enumerate();
    let feeds = edges
        .filter(|(_, edge)| !edge.is_refused)
        .flat_map(|(place_of, edge)| {
            let is_between = is_between(plan, place_of);
            let between = if is_between {
                between_name(place_of).to_token_stream()
            } else {
                quote!(::streamlib::__private::NO_EDGE)
            };
            // With an edge that has been refused, what it leaves is not asked what is connected to it.
            let left = (edge.from.node == number && is_between)
                .then(|| quote!(let #inputs = #between.keep(#inputs);));
            let arrived = (edge.to.node == number).then(|| {
                let side = &edge.to;
                let fed = match &side.port {
                    Some(port) => {
                        let place = place(plan, side, quote!(&));
                        let through = kept(side, &between, &place);
                        let through = side
                            .site
                            .call("through_input", quote!(#name.#kind, #through, #inputs));
                        quote_spanned!(port.span()=> #through.#port())
                    }
                    None => {
                        // Underlined as the port is where it is connected: one thing is told once.
                        let state = side.site.call("same", quote!(#between.keep(#inputs)));
                        side.site.call("feed_sole", state)
                    }
                };
                quote!(let #inputs = #fed;)
            });
            [left, arrived].into_iter().flatten()
        });
    let complete = node.site.call("complete", quote!(#inputs));
    let is_source = plan.upstream(number).is_empty();
    let clock = if is_source && node.clock.is_none() {
        let is_fed = plan.edges.iter().any(|edge| edge.to.node == number);
        let word = if is_fed { "ticks_itself" } else { "has_clock" };
        let clocked = node.site.call(word, whole);
        Some(quote!(#clocked;))
    } else {
        let settled = |meeting: &Meeting| settled(plan, node, meeting);
        node.meeting.as_ref().map(settled)
    };
    quote! {
        let #inputs = #begin;
        #(#feeds)*
        #complete;
        #clock
    }
}

/// Refuses a node in which clocks meet, unless its type says which one ticks it. What has no clock at all,
/// which has been told, meets none.
fn settled(plan: &Plan, node: &Node, meeting: &Meeting) -> TokenStream {
    let Site { first, last } = node.site;
    let (name, label) = (&node.name, &node.label);
    let port = match &meeting.input {
        None => quote_spanned!(last=> &mut ()),
        Some(side) => port(plan, side, "sole_input"),
    };
    let port = node.site.call("kind", port);
    let port = meeting.unsure.iter().fold(port, |port, &source| {
        let source = &plan.nodes[source].name;
        node.site.call("meets", quote!(&#source, #port))
    });
    let message = format!("two clocks meet in `{label}`: {}", and(&meeting.clocks));
    let help = format!("say which clock ticks it: write `@ CLOCK` after `{label} = …`");
    let ours = Span::mixed_site().located_at(first);
    let (trait_, function) = (Ident::new("ClocksMeet", ours), Ident::new("settles", last));
    let reference = quote_spanned!(first=> &);
    // In a block of its own, of which there may be several.
    quote_spanned! {ours=>
        {
            #[diagnostic::on_unimplemented(
                message = #message,
                label = "its inputs are ticked by different clocks",
                note = #help
            )]
            trait #trait_<A, Port> {}
            #[diagnostic::do_not_recommend]
            impl<A, Port, C: ::streamlib::__private::Settles<A, Port>> #trait_<A, Port> for C {}
            fn #function<A, D, C: #trait_<A, Port>, Port>(
                _port: ::core::marker::PhantomData<Port>,
                _node: &::streamlib::__private::Node<A, D, C>,
            ) {
            }
            #function(#port, #reference #name);
        }
    }
}
