//! `#[derive(Message)]`: a type of one's own that travels between actors.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;

use crate::errors::Errors;

/// The whole macro.
pub fn expand(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match parse::parse(item) {
        Ok(kind) => {
            check::check(&kind, &mut errors);
            expand::expand(&kind, &errors)
        }
        Err(error) => error.to_compile_error(),
    }
}
