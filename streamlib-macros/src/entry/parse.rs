//! Tokens to a function whose body is left as it is.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Signature, Visibility};

/// A function: what stands before its body, and the body as typed.
pub struct Function {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub signature: Signature,
    pub body: TokenStream,
}

/// Reads a function, or gives the item back with what is wrong with it.
pub fn parse(item: TokenStream) -> Result<Function, (syn::Error, TokenStream)> {
    let parser = |input: ParseStream| {
        Ok(Function {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    };
    parser.parse2(item.clone()).map_err(|_| {
        let message = "`#[streamlib::main]` goes on `async fn main() -> Result<()>`";
        (syn::Error::new_spanned(first(&item), message), item)
    })
}

/// The first token, which is enough to point at.
fn first(item: &TokenStream) -> TokenStream {
    item.clone().into_iter().take(1).collect()
}
