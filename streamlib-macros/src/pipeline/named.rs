//! A graph with a name: the item that `pipeline! { graph NAME(PARAMETERS); … }` becomes.
//!
//! It is a struct whose ports are the open ends, so that other graphs wire it as they wire an actor; a
//! function that puts the graph together; and its description, for which that function is asked what types
//! it makes, and never called.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse_quote;

use super::expand::{fresh, graph};
use super::plan::{Node, Open, Plan};
use super::tasks::tasks;
use super::tree::{Direction, Header};
use crate::actor::{Face, doc_of, flows};
use crate::errors::Errors;
use crate::spans::{Site, unplaced};

/// `let video = <VideoFrame as Flows>::comes_in::<Self>();`
pub fn open_end(plan: &Plan, node: &Node, open: &Open) -> Option<TokenStream> {
    let (name, ty) = (unplaced(&node.name), open.ty.as_ref()?);
    let made = match open.direction {
        Direction::In => flows(ty, "comes_in"),
        Direction::Out => flows(ty, "goes_out"),
    };
    // Ends of a graph without a name have been refused.
    let graph = match &plan.header {
        Some(_) => quote_spanned!(Site::of(ty).last=> Self),
        None => quote_spanned!(Site::of(ty).last=> ()),
    };
    let call = quote_spanned!(Site::of(ty).last=> ::<#graph>());
    Some(quote!(let #name = #made #call;))
}

/// Writes the item. `wired` are the nodes, wired and checked.
pub fn expand(plan: &Plan, header: &Header, errors: &Errors, wired: TokenStream) -> TokenStream {
    let Header {
        attributes,
        visibility,
        name,
        generics,
        parameters,
    } = header;
    let told = errors.to_compile_errors();
    let (for_all, of, conditions) = generics.split_for_impl();
    let body = body(plan, errors, wired);
    let face = face(plan, header);
    let inside = graph(plan);
    let fields = face
        .ports()
        .map(|(attributes, port, ty)| quote!(#(#attributes)* #visibility #port: #ty));
    let (names, ports) = (face.names(), face.expand());
    // A type parameter may be that of a parameter only.
    let held = held(generics);
    let types = (!held.is_empty()).then(|| {
        let field = types_field(plan);
        quote!(#field: ::core::marker::PhantomData<(#(#held,)*)>,)
    });
    let label = name.unraw().to_string();
    let made =
        format!("Puts a [`{label}`] together; it runs as a part of the graph that it is put into.");
    let picture =
        format!("What a [`{label}`] consists of, as far as that is known before one is made.");
    let given = parameters.iter().map(|_| quote!(never.get()));
    let (drawn, lines) = (drawn(plan), lines(plan));
    let types_of = if errors.is_empty() {
        quote! {
            |_never: ::streamlib::__private::Never| {
                let never = &_never;
                let _ = never;
                Self::__lay(#(#given),*)
            }
        }
    } else {
        quote!(|_: ::streamlib::__private::Never| ::streamlib::__private::stub_graph::<Self>())
    };
    let sketch = quote! {
        ::streamlib::__private::draw(#types_of, &[#(#drawn),*], &[#(#lines),*])
    };
    let whole =
        plan.open_ends(Direction::In).next().is_none().then(
            || quote!(impl #for_all ::streamlib::__private::Whole for #name #of #conditions {}),
        );
    let arguments = parameters.iter().enumerate().map(|(place, parameter)| {
        let (ty, name) = (&parameter.ty, argument(place, parameter));
        quote!(#name: #ty)
    });
    let handed_on = parameters.iter().enumerate();
    let handed_on = handed_on.map(|(place, parameter)| argument(place, parameter));
    let many = (parameters.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    quote! {
        #(#attributes)*
        #visibility struct #name #generics #conditions {
            #(#fields,)*
            #inside: ::streamlib::__private::GraphBuilder,
            #types
        }
        impl #for_all #name #of #conditions {
            #[doc = #made]
            ///
            /// # Errors
            ///
            /// Those of the expressions in it.
            #[allow(dead_code, clippy::needless_pass_by_value)]
            #many
            #visibility fn new(#(#arguments),*) -> ::streamlib::__private::Result<Self> {
                Self::__lay(#(#handed_on),*).map(|(graph, _)| graph)
            }
            #[doc = #picture]
            #[allow(dead_code)]
            #[must_use]
            #visibility fn graph() -> ::streamlib::__private::Graph {
                <Self as ::streamlib::__private::Subgraph>::sketch().graph
            }
            #[doc(hidden)]
            #many
            #[allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps)]
            fn __lay(#(#parameters),*) -> ::streamlib::__private::Result<(Self, impl ::streamlib::__private::Kinds)> {
                #body
            }
        }
        #names
        const _: () = {
            #ports
            #whole
            impl #for_all ::streamlib::__private::Subgraph for #name #of #conditions {
                fn into_graph(self) -> ::streamlib::__private::GraphBuilder {
                    self.#inside
                }
                fn sketch() -> ::streamlib::__private::Sketch {
                    #sketch
                }
            }
        };
        #told
    }
}

/// What says that a graph's type has these parameters, also where no port does.
fn held(generics: &syn::Generics) -> Vec<TokenStream> {
    let lifetimes = generics.lifetimes().map(|parameter| {
        let lifetime = &parameter.lifetime;
        quote!(&#lifetime ())
    });
    let types = generics.type_params().map(|parameter| {
        let ty = &parameter.ident;
        quote!(fn(#ty))
    });
    lifetimes.chain(types).collect()
}

/// The field that holds the types which no port has.
fn types_field(plan: &Plan) -> Ident {
    Ident::new(&fresh(plan, "types"), Span::mixed_site())
}

/// What a parameter is called outside: inside it may be a pattern.
fn argument(place: usize, parameter: &syn::PatType) -> Ident {
    match &*parameter.pat {
        syn::Pat::Ident(name) => name.ident.clone(),
        _ => quote::format_ident!("argument_{place}", span = Span::mixed_site()),
    }
}

/// What puts the graph together and says of what types it is.
fn body(plan: &Plan, errors: &Errors, wired: TokenStream) -> TokenStream {
    if !errors.is_empty() {
        let graph = graph(plan);
        let given = plan.header.iter().flat_map(|header| &header.parameters);
        let given = given.filter_map(|parameter| match &*parameter.pat {
            syn::Pat::Ident(name) => Some(&name.ident),
            _ => None,
        });
        return quote! {
            let _ = (#(&#given,)*);
            #wired
            let _ = &mut #graph;
            ::streamlib::__private::stub_graph()
        };
    }
    let types = plan.nodes.iter().filter(|node| node.open.is_none());
    let types = types.map(|node| {
        let name = &node.name;
        quote!(::streamlib::__private::of(&#name))
    });
    let types = balanced(&types.collect::<Vec<_>>());
    let kinds = Ident::new("kinds", Span::mixed_site());
    let (tasks, graph) = (tasks(plan), graph(plan));
    let is_generic = |header: &Header| !held(&header.generics).is_empty();
    let held_types = plan
        .header
        .as_ref()
        .filter(|header| is_generic(header))
        .map(|_| {
            let field = types_field(plan);
            quote!(#field: ::core::marker::PhantomData,)
        });
    let ends = plan.nodes.iter().filter(|node| node.open.is_some());
    let ends = ends.map(|node| {
        let name = &node.name;
        quote!(#name: ::streamlib::__private::outside(#name))
    });
    let label = plan
        .header
        .as_ref()
        .map(|header| header.name.unraw().to_string());
    let begun = Ident::new("begun", Span::mixed_site());
    quote! {
        let #begun = ::streamlib::__private::begin::<Self>(#label)?;
        #wired
        let #kinds = #types;
        #tasks
        ::core::result::Result::Ok((Self { #(#ends,)* #graph, #held_types }, #kinds))
    }
}

/// Pairs of pairs, so that a hundred types nest seven deep.
fn balanced(types: &[TokenStream]) -> TokenStream {
    match types {
        [] => quote!(()),
        [only] => only.clone(),
        _ => {
            let (left, right) = types.split_at(types.len() / 2);
            let (left, right) = (balanced(left), balanced(right));
            quote!((#left, #right))
        }
    }
}

/// The ports, as those of an actor.
fn face(plan: &Plan, header: &Header) -> Face {
    let mut face = Face::new(&header.name, &header.generics, doc_of(&header.attributes));
    for node in &plan.nodes {
        let Some(Open {
            direction,
            ty: Some(ty),
            attributes,
        }) = &node.open
        else {
            continue;
        };
        let (name, attributes) = (node.name.clone(), attributes.clone());
        let payload = ty.to_token_stream();
        match direction {
            Direction::In => {
                let port = parse_quote!(::streamlib::__private::GraphInput<#ty>);
                face.input(attributes, name, port, payload);
            }
            Direction::Out => {
                let port = parse_quote!(::streamlib::__private::GraphOutput<#ty>);
                face.output(attributes, name, port, payload);
            }
        }
    }
    face
}

fn drawn(plan: &Plan) -> impl Iterator<Item = TokenStream> {
    plan.nodes.iter().map(|node| {
        let Node {
            label, ticked_by, ..
        } = node;
        match &node.open {
            None => quote!(::streamlib::__private::Drawn::Node(#label, #ticked_by)),
            Some(open) if open.direction == Direction::In => {
                quote!(::streamlib::__private::Drawn::In(#label))
            }
            Some(_) => quote!(::streamlib::__private::Drawn::Out(#label)),
        }
    })
}

fn lines(plan: &Plan) -> impl Iterator<Item = TokenStream> {
    let option = |word: Option<String>| match word {
        Some(word) => quote!(::core::option::Option::Some(#word)),
        None => quote!(::core::option::Option::None),
    };
    plan.edges.iter().map(move |edge| {
        let port =
            |port: &Option<Ident>| option(port.as_ref().map(|port| port.unraw().to_string()));
        let (from, to) = (edge.from.node, edge.to.node);
        let (output, input) = (port(&edge.from.port), port(&edge.to.port));
        let ticks = edge
            .delay
            .map(|delay| plan.delays[delay].ticks.to_token_stream().to_string());
        let delay = option(ticks);
        quote! {
            ::streamlib::__private::Line {
                from: (#from, #output),
                to: (#to, #input),
                delay: #delay,
            }
        }
    })
}
