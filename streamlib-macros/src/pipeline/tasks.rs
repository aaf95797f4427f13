//! The tasks of a graph: stages, put together from the sinks to the sources.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::expand::{edge_name, graph};
use super::plan::{Node, Plan};
use super::tree::Direction;

/// After how many actors in a row, each fed by the one before only, the rest is put apart.
const LONG: usize = 8;

/// Whether a node is the last of so many, and others follow it.
fn is_long(plan: &Plan, node: usize) -> bool {
    let mut length = 0;
    let mut at = node;
    while let [before] = plan.upstream(at)[..] {
        length += 1;
        at = before;
    }
    length > 0 && length % LONG == 0 && !plan.downstream(node).is_empty()
}

/// The tasks, from the sinks to the sources: a node with one upstream goes where its type says (into
/// the upstream's task or into one of its own), one with several joins them.
pub fn tasks(plan: &Plan) -> TokenStream {
    let graph = graph(plan);
    // By path: a method of that name which the user's code gives every type would come first.
    let builder = quote!(::streamlib::__private::GraphBuilder);
    let is_open = |node: usize, direction| plan.nodes[node].is_open(direction);
    let comes_in = |node: usize| {
        let upstream = plan.upstream(node).into_iter();
        upstream
            .filter(|&from| is_open(from, Direction::In))
            .flat_map(|from| plan.between(from, node))
            .map(edge_name)
            .collect::<Vec<_>>()
    };
    let is_joined = |node: usize| plan.upstream(node).len() > 1 || !comes_in(node).is_empty();
    let actors = plan
        .order
        .iter()
        .filter(|&&node| plan.nodes[node].open.is_none());
    let stages = actors.map(|&number| {
        let Node { name, .. } = &plan.nodes[number];
        let stage = stage_name(plan, number);
        let placed = plan.downstream(number).into_iter().map(|next| {
            let target = stage_name(plan, next);
            let edges = plan.between(number, next).into_iter().map(edge_name);
            if is_open(next, Direction::Out) {
                quote!(.leaves(&mut #graph, [#(#edges),*]))
            } else if is_joined(next) {
                quote!(.feeds(&mut #graph, &#target, [#(#edges),*]))
            } else {
                quote!(.then(&mut #graph, #target, [#(#edges),*]))
            }
        });
        let apart = is_long(plan, number).then(|| quote!(.apart()));
        let made = quote!(::streamlib::__private::stage(#name)#(#placed)*#apart);
        let entering = comes_in(number);
        let enters =
            (!entering.is_empty()).then(|| quote!(#builder::enters(&mut #graph, &#stage, [#(#entering),*]);));
        match plan.upstream(number).len() {
            0 => quote!(let #stage = #made; #builder::source(&mut #graph, #stage);),
            _ if is_joined(number) => {
                quote!(let #stage = #made; let #stage = #builder::join(&mut #graph, #stage); #enters)
            }
            _ => quote!(let #stage = #made;),
        }
    });
    let returns = plan
        .edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| edge.is_back);
    let returns = returns.map(|(number, edge)| {
        let label = |node: usize| &plan.nodes[node].label;
        let (from, to, edge) = (
            label(edge.from.node),
            label(edge.to.node),
            edge_name(number),
        );
        quote!(#builder::returns(&mut #graph, #from, #to, [#edge]);)
    });
    quote! {
        #(#stages)*
        #(#returns)*
    }
}

fn stage_name(plan: &Plan, node: usize) -> Ident {
    format_ident!(
        "{}_stage",
        plan.nodes[node].label,
        span = Span::mixed_site()
    )
}
