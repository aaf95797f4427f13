//! `#[streamlib::main]`: an `async fn main` on streamlib's runtime.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;

use crate::errors::Errors;

/// The whole macro.
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match parse::parse(item) {
        Ok(function) => {
            check::check(&arguments, &function, &mut errors);
            expand::expand(&function, &errors)
        }
        Err((error, item)) => {
            errors.push(error);
            let told = errors.to_compile_errors();
            quote::quote!(#told #item)
        }
    }
}
