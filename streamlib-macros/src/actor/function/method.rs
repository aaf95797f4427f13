//! A function with `self`: it stands in an `impl`, where neither a type nor an `impl` can be written.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, FnArg, Signature, Visibility};

use super::super::parse::port_word;
use crate::errors::Errors;

/// Tells it, and leaves the method that it is, so that its uses are not refused as well.
pub fn expand(item: &TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let parser = |input: ParseStream| {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let signature: Signature = input.parse()?;
        let body: TokenStream = input.parse()?;
        Ok((attributes, visibility, signature, body))
    };
    let (attributes, visibility, mut signature, body) = parser.parse2(item.clone()).ok()?;
    let receiver = signature.receiver()?;
    errors.at(
        receiver,
        "an actor is no method, as there is no `self` before the function has made it: take the function out of the \
         `impl`; what it keeps from tick to tick is a parameter, `count: &mut u64`",
    );
    for given in &mut signature.inputs {
        if let FnArg::Typed(given) = given {
            given.attrs.retain(|attribute| {
                port_word(attribute).is_none() && !attribute.path().is_ident("doc")
            });
        }
    }
    let told = errors.to_compile_errors();
    Some(quote!(#told #(#attributes)* #[allow(unused)] #visibility #signature #body))
}
