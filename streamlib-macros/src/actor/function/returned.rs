//! What a function returns, as the output that it is.

use quote::ToTokens;
use syn::{ReturnType, Type};

use super::super::carried;
use super::parameter::{argument_of, bare, has_word};
use super::tree::Returned;
use crate::errors::Errors;

/// Reads `T`, `Option<T>`, `Result<T>`, `Result<Option<T>>`, `Result<()>` or nothing.
pub fn read(output: &ReturnType, errors: &mut Errors) -> Returned {
    let ReturnType::Type(_, ty) = output else {
        return Returned::default();
    };
    let mut returned = Returned::default();
    let mut payload = bare(ty);
    if let Some(inner) = argument_of(payload, "Result") {
        returned.fallible = true;
        payload = bare(inner);
    }
    if let Some(inner) = argument_of(payload, "Option") {
        returned.optional = true;
        payload = bare(inner);
    }
    match refusal(payload, &returned) {
        Some(message) => {
            errors.at(payload, message);
            returned.payload = meant(payload);
            returned.is_told = true;
        }
        None if is_nothing(payload) => {}
        None => returned.payload = Some(payload.clone()),
    }
    returned
}

/// What was meant, as far as that can be told: an output of it keeps graphs from being refused as well.
fn meant(ty: &Type) -> Option<Type> {
    if has_word(ty.to_token_stream(), "impl") {
        return Some(syn::parse_quote!(::streamlib::__private::VideoFrame));
    }
    let meant = match ty {
        Type::Tuple(tuple) => tuple.elems.first()?,
        Type::Never(_) => return None,
        _ => ["Result", "Output", "Option"]
            .into_iter()
            .find_map(|word| argument_of(ty, word))
            .unwrap_or(ty),
    };
    Some(carried::meant(meant))
}

fn is_nothing(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// What no port can carry.
fn refusal(ty: &Type, returned: &Returned) -> Option<&'static str> {
    if has_word(ty.to_token_stream(), "impl") {
        return Some("the type of a port has a name: write out the type of what is published");
    }
    match ty {
        Type::Tuple(tuple) if !tuple.elems.is_empty() => Some(
            "a value is one output: for several, take `#[output] left: &mut Output<…>` as parameters",
        ),
        Type::Reference(_) => Some(
            "what is published outlives the tick: return a value of its own, a clone of a frame shares its pixels",
        ),
        _ if argument_of(ty, "Output").is_some() => Some(
            "what is returned is published by itself: write the type of the item, without `Output<…>` around it",
        ),
        Type::Never(_) => {
            Some("the function returns on every tick: write what it publishes, or nothing")
        }
        _ if returned.optional && argument_of(ty, "Result").is_some() => {
            Some("the error comes first: write `Result<Option<…>>`")
        }
        _ if returned.optional && is_nothing(ty) => Some(
            "there is nothing to publish in it: write the type of what is published, or leave the `Option` out",
        ),
        _ => None,
    }
}
