//! Tokens to the name and the generics of a type.

use proc_macro2::{Ident, TokenStream};
use syn::{DeriveInput, Generics};

/// A type that is to be a message.
pub struct Kind {
    pub name: Ident,
    pub generics: Generics,
}

/// Reads a struct, an enum or a union.
pub fn parse(item: TokenStream) -> syn::Result<Kind> {
    let DeriveInput {
        ident, generics, ..
    } = syn::parse2(item)?;
    Ok(Kind {
        name: ident,
        generics,
    })
}
