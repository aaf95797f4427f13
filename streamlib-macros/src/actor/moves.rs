//! That an actor can move to its task: asked of each field by itself, so that the one to blame is underlined.
//!
//! Left to find it out from the struct, rustc tells it of `impl Actor` and again of the future of
//! `process`, and never of the field. So the struct is said to be `Send`, and the fields that it turns out
//! to have, whatever other macros make of it, are asked for it one by one.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::GenericParam;

use super::tree::{Actor, Field, Role, Shape};
use crate::spans::{Site, respan};

/// `Send` for the struct, and what asks its fields for it. It declares nothing by which the types of the
/// fields could be mistaken.
pub fn expand(actor: &Actor, name: &Ident) -> TokenStream {
    let is_plain = |field: &Field| matches!(field.role, Role::Plain);
    let depends = |field: &&Field| is_plain(field) && mentions(field.ty.to_token_stream(), actor);
    let dependent = || actor.fields.iter().filter(depends);
    // A condition cannot have one of its own: then rustc finds out by itself.
    let is_conditional = dependent().any(|field| field.conditions().next().is_some());
    if is_conditional || actor.shape == Shape::Other {
        return TokenStream::new();
    }
    let mut generics = actor.generics.clone();
    for Field { ty, .. } in dependent() {
        let conditions = generics.make_where_clause();
        // At the field: where an `impl Actor` asks less, rustc shows it as what asks for more.
        let Site { first, last } = Site::of(ty);
        let (begin, end) = (respan(quote!(::), first), respan(quote!(<>), last));
        conditions
            .predicates
            .push(syn::parse_quote!(#ty: #begin core::marker::Send #end));
    }
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let fields = || {
        let named = actor.fields.iter().enumerate();
        named.filter_map(|(number, field)| {
            let bound = format_ident!("streamlib_field_{number}", span = Span::mixed_site());
            Some((field, field.name.as_ref()?, bound))
        })
    };
    let taken = fields().map(|(field, name, bound)| {
        let conditions = field.conditions();
        // `ref`: a binding, also where there is a constant of that name.
        quote!(#(#conditions)* #name: ref #bound)
    });
    let asked = fields().map(|(field, _, bound)| {
        let conditions = field.conditions();
        let question = if is_plain(field) {
            "moves"
        } else {
            "port_moves"
        };
        // Underlined is the argument: all of the type.
        let site = Site::of(&field.ty);
        let asked = site.call(question, site.call("field", quote!(#bound)));
        quote!(#(#conditions)* #asked;)
    });
    quote! {
        const _: () = {
            // SAFETY: `move_with_it` compiles only if every field that there is, of the type that it really has, is `Send`
            // under this impl's conditions, or is a port, through which nothing but messages flows.
            unsafe impl #parameters ::core::marker::Send for #name #arguments #conditions {}
            impl #parameters ::streamlib::__private::Fields for #name #arguments #conditions {
                fn move_with_it(&self) {
                    let Self { #(#taken),* } = *self;
                    #(#asked)*
                }
            }
        };
    }
}

/// Whether a type or an expression depends on the struct's parameters.
pub fn mentions(ty: TokenStream, actor: &Actor) -> bool {
    let parameters = &actor.generics.params;
    let is_parameter = |word: &Ident| {
        word == "Self" && !parameters.is_empty()
            || parameters.iter().any(|parameter| match parameter {
                GenericParam::Type(parameter) => *word == parameter.ident,
                GenericParam::Const(parameter) => *word == parameter.ident,
                GenericParam::Lifetime(_) => false,
            })
    };
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(word) => is_parameter(&word),
        TokenTree::Group(group) => mentions(group.stream(), actor),
        _ => false,
    })
}
