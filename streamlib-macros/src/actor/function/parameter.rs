//! What a parameter is for, by its mark and its type.

use quote::ToTokens;
use syn::{Attribute, GenericArgument, PatType, PathArguments, Type, TypeReference};

use super::super::carried;
pub use super::super::parse::has_word;
use super::super::parse::{mark_of, port_type, port_word};
use super::tree::{Lent, Role};
use crate::errors::Errors;

/// Says what a parameter is for. What is told leaves the nearest thing that was meant, so that its uses
/// are not refused as well.
pub fn role(typed: &PatType, mark: Option<&Attribute>, errors: &mut Errors) -> Role {
    let ty = bare(&typed.ty);
    if has_word(ty.to_token_stream(), "impl") {
        errors.at(
            &typed.ty,
            "the actor's type names all that it holds: write a type parameter, `fn name<F: …>(f: F)`",
        );
        return Role::Refused;
    }
    match mark.and_then(port_word) {
        Some("input") => input(ty, errors),
        Some(_) => output(ty, errors),
        None => unmarked(ty, errors),
    }
}

fn input(ty: &Type, errors: &mut Errors) -> Role {
    match ty {
        Type::Reference(reference) => {
            let behind = bare(&reference.elem);
            match (port_type(behind), is_mutable(reference)) {
                (Some(("Output", _)), _) => {
                    errors.at(ty, "an `Output<…>` is marked `#[output]`");
                    Role::Refused
                }
                (Some(_), true) => Role::Port(behind.clone()),
                (Some((word, _)), false) => {
                    errors.at(
                        ty,
                        format!("reading a port changes it: write `&mut {word}<…>`"),
                    );
                    Role::Port(behind.clone())
                }
                (None, false) => {
                    if let Some(message) = carried::refusal(behind, "&") {
                        errors.at(ty, message);
                    }
                    Role::Item(carried::meant(behind))
                }
                (None, true) => {
                    errors.at(
                        ty,
                        "an item is read where it lies, and others read it too: write `&T`; for the port itself, \
                         `&mut Input<T>`",
                    );
                    Role::Item(carried::meant(behind))
                }
            }
        }
        _ => match (port_type(ty), argument_of(ty, "Option")) {
            (Some((word, _)), _) => {
                errors.at(
                    ty,
                    format!("the port stays with the actor: write `&mut {word}<…>`"),
                );
                Role::Port(ty.clone())
            }
            (None, Some(item)) => match bare(item) {
                Type::Reference(reference) if !is_mutable(reference) => {
                    let item = bare(&reference.elem);
                    if let Some(message) = carried::refusal(item, "&") {
                        errors.at(ty, message);
                    }
                    Role::Perhaps(carried::meant(item))
                }
                item => {
                    errors.at(ty, "an item is read where it lies: write `Option<&T>`");
                    Role::Perhaps(carried::meant(behind(item)))
                }
            },
            (None, None) => {
                errors.at(
                    ty,
                    "an item is read where it lies: write `&T`, or `Option<&T>` for an input that may be open; for the \
                     port itself, `&mut Input<T>`",
                );
                Role::Item(carried::meant(ty))
            }
        },
    }
}

fn output(ty: &Type, errors: &mut Errors) -> Role {
    if let Some(port) = argument_of(ty, "Option").map(behind)
        && let Some(("Output", _)) = port_type(port)
    {
        errors.at(
            ty,
            "an output is there for good, and may be left silent: write `&mut Output<…>`",
        );
        return Role::Port(port.clone());
    }
    let port = behind(ty);
    match (port_type(port), ty) {
        (Some(("Output", _)), Type::Reference(reference)) if is_mutable(reference) => {}
        (Some(("Output", _)), _) => {
            errors.at(ty, "publishing changes a port: write `&mut Output<…>`");
        }
        (Some((word, _)), _) => {
            errors.at(ty, format!("an `{word}<…>` is marked `#[input]`"));
            return Role::Refused;
        }
        (None, _) => {
            errors.at(
                ty,
                "`#[output]` goes on a parameter of type `&mut Output<…>`; a single output may also be what the \
                 function returns",
            );
            let item = carried::meant(port);
            return Role::Port(syn::parse_quote!(::streamlib::__private::Output<#item>));
        }
    }
    Role::Port(port.clone())
}

/// What is no port and comes by value: the tick, or a piece of configuration that is copied. What is well
/// known not to be `Copy` is told here, in fewer words than rustc needs.
fn by_value(ty: &Type, errors: &mut Errors) -> Role {
    if is_named(ty, "TimedTick") {
        return Role::Tick;
    }
    let lent = if is_named(ty, "String") {
        "&str".to_owned()
    } else if let Some(item) = argument_of(ty, "Vec") {
        format!("&[{}]", item.to_token_stream()).replace(' ', "")
    } else {
        return Role::Copied;
    };
    errors.at(
        ty,
        format!("the actor keeps this, and lends it on every tick: write `{lent}`, which is given as before"),
    );
    Role::Lent(Lent {
        mutable: false,
        owned: ty.clone(),
        made: false,
    })
}

/// The mark that a port should have had.
pub fn missing_mark(port: &Type) -> Option<Attribute> {
    let mark = syn::Ident::new(mark_of(port_type(port)?.0), proc_macro2::Span::call_site());
    Some(syn::parse_quote!(#[#mark]))
}

fn unmarked(ty: &Type, errors: &mut Errors) -> Role {
    if let Some((word, _)) = port_type(behind(ty)) {
        errors.at(
            ty,
            format!(
                "a port is marked: write `#[{}]` before this parameter",
                mark_of(word)
            ),
        );
        return Role::Port(behind(ty).clone());
    }
    let Type::Reference(reference) = ty else {
        return by_value(ty, errors);
    };
    if reference
        .lifetime
        .as_ref()
        .is_some_and(|lifetime| lifetime.ident == "static")
        && !is_mutable(reference)
    {
        return Role::Copied;
    }
    let behind = bare(&reference.elem);
    if is_named(behind, "TimedTick") {
        errors.at(
            ty,
            "the tick is a value of its own each time: write `TimedTick`",
        );
        return Role::Refused;
    }
    let (owned, made) = match behind {
        Type::TraitObject(_) => {
            errors.at(
                ty,
                "the actor owns what it lends, and so has to know its type: write a type parameter, `fn name<F: …>(f: \
                 &F)`",
            );
            return Role::Refused;
        }
        Type::Slice(slice) => {
            let item = &slice.elem;
            (syn::parse_quote!(::std::vec::Vec<#item>), true)
        }
        Type::Path(path) if path.path.is_ident("str") => {
            (syn::parse_quote!(::std::string::String), true)
        }
        _ => (behind.clone(), false),
    };
    Role::Lent(Lent {
        mutable: is_mutable(reference),
        owned,
        made,
    })
}

/// Whether it is `&mut`.
fn is_mutable(reference: &TypeReference) -> bool {
    reference.mutability.is_some()
}

/// A type without parentheses, and without what a `macro_rules!` puts around it.
pub fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        _ => ty,
    }
}

/// What stands behind `&`, or the type itself.
fn behind(ty: &Type) -> &Type {
    match bare(ty) {
        Type::Reference(reference) => bare(&reference.elem),
        ty => ty,
    }
}

/// Whether the last word of a path is this.
fn is_named(ty: &Type, word: &str) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == word),
        _ => false,
    }
}

/// The `T` of `Option<T>`, `Result<T>` and `Result<T, E>`.
pub fn argument_of<'a>(ty: &'a Type, word: &str) -> Option<&'a Type> {
    let Type::Path(path) = bare(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == word => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}
