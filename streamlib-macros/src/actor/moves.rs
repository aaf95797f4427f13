//! That an actor can move to its task: asked of each field by itself, so that the one to blame is underlined.
//!
//! Left to find it out from the struct, rustc tells it of `impl Actor` and again of the future of
//! `process`, and never of the field.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::GenericParam;

use super::tree::{Actor, Field};

/// `Send` for the struct, and what asks its fields for it. Ports have it by their messages.
pub fn expand(actor: &Actor, name: &Ident) -> TokenStream {
    let depends = |field: &Field| mentions(field.ty.to_token_stream(), actor);
    let (dependent, plain): (Vec<_>, Vec<_>) = actor
        .plain()
        .map(|(field, _)| field)
        .partition(|field| depends(field));
    // A condition cannot have one of its own: then rustc finds out by itself.
    if dependent
        .iter()
        .any(|field| field.conditions().next().is_some())
    {
        return TokenStream::new();
    }
    let mut generics = actor.generics.clone();
    for Field { ty, .. } in dependent {
        let conditions = generics.make_where_clause();
        conditions
            .predicates
            .push(syn::parse_quote!(#ty: ::core::marker::Send));
    }
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let (.., moving) = generics.split_for_impl();
    let asked = plain.iter().map(|field| {
        let (conditions, ty) = (field.conditions(), &field.ty);
        quote!(#(#conditions)* ::streamlib::__private::moves::<#ty>();)
    });
    // What is asserted holds: a struct of fields that are all `Send` is `Send`.
    quote! {
        unsafe impl #parameters ::core::marker::Send for #name #arguments #moving {}
        impl #parameters ::streamlib::__private::Fields for #name #arguments #conditions {
            fn move_with_it() {
                #(#asked)*
            }
        }
    }
}

/// Whether a type depends on the struct's parameters.
fn mentions(ty: TokenStream, actor: &Actor) -> bool {
    let is_parameter = |word: &Ident| {
        word == "Self" && !actor.generics.params.is_empty()
            || actor
                .generics
                .params
                .iter()
                .any(|parameter| match parameter {
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
