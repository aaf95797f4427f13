//! Tree to tokens: the actor's type, the function that makes one, and the user's function.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use super::super::parse::doc_of;
use super::super::tree::Actor;
use super::item::is;
use super::process;
use super::tree::{Function, Role};
use crate::errors::Errors;

/// Writes all of it. What is wrong with the function leaves the type and what makes one whole, so that
/// their uses are not refused as well.
pub fn expand(function: &Function, actor: &Actor, name: &Ident, errors: &Errors) -> TokenStream {
    let told = errors.to_compile_errors();
    let item = &actor.item;
    let constructor = constructor(function, actor, name);
    let machinery = super::super::expand::machinery(actor, name);
    let is_whole = errors.is_empty()
        && !function.is_half
        && !function
            .parameters
            .iter()
            .any(|parameter| matches!(parameter.role, Role::Refused));
    let body = body(function, is_whole);
    let process = process::expand(function, actor, name, is_whole);
    quote! {
        #told
        #item
        #constructor
        #machinery
        const _: () = {
            #body
            #process
        };
    }
}

/// The function of the user's name: an argument for each piece of configuration.
fn constructor(function: &Function, actor: &Actor, name: &Ident) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let (visibility, new) = (&function.visibility, &function.signature.ident);
    let attributes = function.attributes.iter().filter(|attribute| {
        let of_the_name = ["doc", "must_use", "deprecated"];
        is(attribute, &of_the_name) || is(attribute, &["allow", "warn", "deny", "forbid"])
    });
    let must_use = (!function
        .attributes
        .iter()
        .any(|attribute| is(attribute, &["must_use"])))
    .then(|| quote!(#[must_use]));
    let doc = arguments_of(function);
    let mut given = Vec::new();
    let mut made = TokenStream::new();
    for parameter in &function.parameters {
        let field = actor
            .plain()
            .find(|(_, name)| parameter.role.is_given() && parameter.name.as_ref() == Some(*name));
        match (field, &parameter.role) {
            (Some((field, name)), Role::Lent(lent)) if lent.made => {
                let ty = &field.ty;
                given.push(quote!(#name: impl ::core::convert::Into<#ty>));
                made.extend(quote!(let #name: #ty = ::core::convert::Into::into(#name);));
            }
            (Some((field, name)), _) => {
                let ty = &field.ty;
                given.push(quote!(#name: #ty));
            }
            (None, Role::Refused) if parameter.mark.is_none() => {
                let ty = &parameter.ty;
                given.push(quote!(_: #ty));
            }
            (None, _) => {}
        }
    }
    let many = (given.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let unused = unused(function);
    let turbofish = arguments.as_turbofish();
    let value = super::super::expand::value(actor, &quote!(#name #turbofish));
    quote! {
        #(#attributes)*
        #doc
        #must_use
        #[allow(clippy::missing_const_for_fn)]
        #many
        #unused
        #visibility fn #new #parameters (#(#given),*) -> #name #arguments #conditions {
            #made
            #value
        }
    }
}

/// What is said about the arguments, below what is said about the function.
fn arguments_of(function: &Function) -> TokenStream {
    if doc_of(&function.attributes).is_empty() {
        return TokenStream::new();
    }
    let mut lines: Vec<String> = Vec::new();
    for parameter in &function.parameters {
        let doc = doc_of(&parameter.doc);
        if let (true, false, Some(name)) =
            (parameter.role.is_given(), doc.is_empty(), &parameter.name)
        {
            lines.push(format!(
                "- `{}`: {}",
                name.unraw(),
                doc.replace('\n', "\n  ")
            ));
        }
    }
    if !lines.is_empty() {
        lines.insert(0, String::new());
    }
    quote!(#(#[doc = #lines])*)
}

/// A name that says that nothing is done with it is kept and handed over all the same.
pub fn unused(function: &Function) -> Option<TokenStream> {
    let mut names = function
        .parameters
        .iter()
        .filter_map(|parameter| parameter.name.as_ref());
    names
        .any(|name| name.unraw().to_string().starts_with('_'))
        .then(|| quote!(#[allow(clippy::used_underscore_binding)]))
}

/// The user's function. If anything is wrong, nothing calls it, but what is in it is still checked.
fn body(function: &Function, is_whole: bool) -> TokenStream {
    let mut signature = function.signature.clone();
    let has_body = !function.body.to_string().starts_with(';');
    if function.is_half || !has_body {
        return TokenStream::new();
    }
    signature.constness = None;
    signature.abi = None;
    let attributes = function
        .attributes
        .iter()
        .filter(|attribute| !is(attribute, &["doc", "derive", "must_use", "deprecated"]));
    let uncalled = (!is_whole).then(|| quote!(#[allow(unused)]));
    let body = &function.body;
    // A parameter is a port or a piece of configuration, however many there are; what is read in place
    // is lent, however small; what the actor owns is lent as it is; and it works while the program runs.
    quote! {
        #(#attributes)*
        #[allow(
            clippy::too_many_arguments,
            clippy::trivially_copy_pass_by_ref,
            clippy::ptr_arg,
            clippy::missing_const_for_fn
        )]
        #uncalled
        #signature #body
    }
}
