//! What a function has to be, to be an actor.

use proc_macro2::{Ident, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Safety;
use syn::ext::IdentExt;

use super::super::tree::Actor;
use super::super::wiring::camel_case;
use super::tree::{Function, Role};
use crate::errors::Errors;

/// The port of what is returned.
pub const RETURNED: &str = "output";

/// `Luma` for `luma`; what has no such name is told.
pub fn type_name(function: &Function, errors: &mut Errors) -> Ident {
    let name = &function.signature.ident;
    let mut word = camel_case(&name.unraw().to_string());
    if syn::parse_str::<Ident>(&word).is_err() {
        errors.at(
            name,
            "the actor's type is called as the function is, in camel case, which here is no name: begin it with a letter",
        );
        word.insert_str(0, "Actor");
    }
    if names_type(function.signature.to_token_stream(), &word) {
        errors.at(
            name,
            format!(
                "the actor's type is called `{word}`, as a type that it works with is: give the function another name, \
                 as in `{}_actor`",
                name.unraw()
            ),
        );
        word.push_str("Actor");
    }
    // Not of the user's making: rustc would offer to give it type parameters, in place of those that it cannot find,
    // and then tell of these twice.
    Ident::new(&word, Span::mixed_site().located_at(name.span()))
}

/// Whether a type of this name, with no path before it, stands anywhere among some tokens.
fn names_type(tokens: TokenStream, name: &str) -> bool {
    let mut in_path = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => !std::mem::take(&mut in_path) && word == name,
        TokenTree::Group(group) => names_type(group.stream(), name),
        TokenTree::Punct(punct) => {
            in_path = punct.as_char() == ':' && punct.spacing() == Spacing::Alone;
            false
        }
        TokenTree::Literal(_) => false,
    })
}

/// Tells everything that is wrong with it.
pub fn check(function: &mut Function, errors: &mut Errors) {
    let signature = &function.signature;
    if let Some(word) = &signature.constness {
        errors.at(
            word,
            "an actor works while the program runs: take out `const`",
        );
    }
    if let Safety::Unsafe(word) = &signature.safety {
        errors.at(
            word,
            "the graph calls it, and keeps no promises that it knows nothing of: take out `unsafe`",
        );
    }
    if let Some(abi) = &signature.abi {
        errors.at(
            abi,
            "streamlib calls it, from Rust: take out `extern`, and call it from a function of its own for others",
        );
    }
    for lifetime in signature.generics.lifetimes() {
        errors.at(
            &lifetime.lifetime,
            "an actor owns what it holds, and lends it for one tick: leave the lifetime out, and write `&T`",
        );
    }
    if matches!(function.body.clone().into_iter().next(), Some(proc_macro2::TokenTree::Punct(end)) if end.as_char() == ';')
    {
        errors.at(
            &function.body,
            "what the actor does on a tick is the function's body: write `{ … }`",
        );
    }
    if function.returned.payload.is_some() {
        let taken = function
            .parameters
            .iter_mut()
            .filter(|parameter| !matches!(parameter.role, Role::Tick | Role::Refused))
            .filter_map(|parameter| parameter.name.as_mut())
            .find(|name| name.unraw() == RETURNED);
        if let Some(name) = taken {
            errors.at(
                &*name,
                format!(
                    "what the function returns is its port `{RETURNED}`: call this another name"
                ),
            );
            *name = Ident::new("other", name.span());
        }
    }
}

/// Tells what is wrong with the arguments and the marks, once they have been read.
pub fn ports(function: &Function, actor: &Actor, errors: &mut Errors) {
    if let Some(new) = &actor.arguments.new {
        errors.at(
            new,
            format!(
                "the function's name makes the actor: `{}(…)`; take out `new`",
                function.signature.ident
            ),
        );
    }
    for (_, name, input) in actor.inputs() {
        let parameter = function
            .parameters
            .iter()
            .find(|parameter| parameter.name.as_ref() == Some(name));
        let Some(parameter) = parameter else { continue };
        if let (Some(every), Role::Item(_) | Role::Perhaps(_)) = (&input.every, &parameter.role) {
            errors.at(
                every,
                "a tick may bring several items: take the port itself, `&mut Input<…>`, and call `next` on it until \
                 there is none",
            );
        }
        if input.optional && matches!(parameter.role, Role::Item(_)) {
            errors.at(
                &parameter.ty,
                "an input that may be open may have no item: write `Option<&T>`",
            );
        }
    }
}
