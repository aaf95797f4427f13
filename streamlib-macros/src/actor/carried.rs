//! What no port can carry, as its type alone says.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Path, PathArguments, Type, TypeReference, parse_quote};

/// Why no port can carry it, and what to write, behind `before`; none for what a port might.
pub fn refusal(ty: &Type, before: &str) -> Option<String> {
    match ty {
        Type::Group(group) => refusal(&group.elem, before),
        Type::Paren(paren) => refusal(&paren.elem, before),
        Type::Slice(slice) => {
            let item = shown(&slice.elem);
            Some(format!(
                "a port carries one item at a time: write `{before}{item}`, or, for a list that travels as one, \
                 `{before}DataMessage<Vec<{item}>>`"
            ))
        }
        Type::Path(path) if path.path.is_ident("str") => {
            Some(format!("what is carried owns its text: write `{before}DataMessage<String>`"))
        }
        Type::TraitObject(_) => Some(
            "the type of a port has a name: write out the type of what it carries, or a type parameter, `T: Message`"
                .to_owned(),
        ),
        Type::Reference(reference) if borrows(ty.to_token_stream()) => Some(format!(
            "what is carried outlives the tick: write `{before}{}`; a clone of a frame shares its pixels",
            shown(owned(reference))
        )),
        _ if borrows(ty.to_token_stream()) => Some(
            "what is carried outlives the tick: write a type that owns what it holds".to_owned(),
        ),
        _ => None,
    }
}

/// What was meant by what is refused, so that no more of it is.
pub fn meant(ty: &Type) -> Type {
    let ty = match ty {
        Type::Group(group) => return meant(&group.elem),
        Type::Paren(paren) => return meant(&paren.elem),
        Type::Slice(slice) => &slice.elem,
        Type::Reference(reference) => owned(reference),
        _ => ty,
    };
    match refusal(ty, "") {
        Some(_) => parse_quote!(::streamlib::__private::VideoFrame),
        None => ty.clone(),
    }
}

/// The payload of a port, in its path.
pub fn payload_of(path: &mut Path) -> Option<&mut Type> {
    match &mut path.segments.last_mut()?.arguments {
        PathArguments::AngleBracketed(payload) => match payload.args.first_mut()? {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        },
        _ => None,
    }
}

/// What stands behind every `&`.
fn owned(reference: &TypeReference) -> &Type {
    match &*reference.elem {
        Type::Reference(reference) => owned(reference),
        ty => ty,
    }
}

/// Whether a reference or a lifetime stands among some tokens, other than `'static`.
fn borrows(ty: TokenStream) -> bool {
    let mut tokens = ty.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let sign = match &token {
            TokenTree::Punct(sign) => sign.as_char(),
            TokenTree::Group(group) if borrows(group.stream()) => return true,
            _ => continue,
        };
        let is_lifetime =
            |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == '\'');
        let is_static =
            |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "static");
        match sign {
            '&' if tokens.peek().is_some_and(is_lifetime) => {}
            '&' => return true,
            '\'' if !tokens.peek().is_some_and(is_static) => return true,
            _ => {}
        }
    }
    false
}

/// A type as it is typed.
pub fn shown(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    text.replace(" :: ", "::")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
}
