//! `#[actor]`: a struct with ports, or a function whose parameters are ports.
//!
//! - [`tree`]: the struct and the arguments as typed; [`parse`] makes it, with [`half`].
//! - [`check`]: what is wrong with it, with [`numbers`], [`payloads`] and [`carried`], what no port carries; [`twice`],
//!   `#[actor]` above what has one already; and [`beside`], what there is two of.
//! - [`expand`]: the struct, its constructor and its description; with [`handle`], what `spawn` gives
//!   back, [`isolated`], what makes it anew in another process, [`moves`], which asks of each field that it can move to another thread, [`wiring`], by which
//!   the compiler knows which inputs are connected, [`sole`], by which it knows which port an end
//!   without one means, and [`names`], by which it names them.
//! - [`face`]: the same of a graph that is a node of others.
//! - [`function`]: a function, as the struct that it stands for.

pub mod arguments;
mod beside;
mod carried;
mod check;
mod expand;
mod face;
mod function;
mod half;
mod handle;
mod isolated;
mod moves;
mod names;
mod numbers;
mod on_error;
mod parse;
pub mod payloads;
mod sole;
mod tree;
mod twice;
mod wiring;

#[cfg(test)]
mod tests;

use std::path::Path;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::errors::Errors;

pub use face::{Face, flows};
pub use parse::doc_of;

/// The whole macro. The item stands in `file`, if that is known.
pub fn expand(arguments: TokenStream, item: TokenStream, file: Option<&Path>) -> TokenStream {
    let mut errors = Errors::default();
    let item = twice::take_out(item, &mut errors);
    if function::is_function(&item) {
        return function::expand(arguments, item, errors);
    }
    let mut actor = parse::parse(arguments, item, &mut errors);
    check::check(&mut actor, &mut errors);
    if let Some(file) = file {
        check::one_new(&mut actor, file, &mut errors);
        if check::is_again(&actor, file) {
            let (told, item) = (errors.to_compile_errors(), &actor.item);
            return quote!(#told #item);
        }
    }
    expand::expand(&actor, &errors)
}

/// `#[input]` or `#[output]` that `#[actor]` did not take away.
pub fn stray(attribute: &str, item: TokenStream) -> TokenStream {
    let message =
        format!("`#[{attribute}]` marks a field of a struct: write `#[actor]` above the struct");
    let told = syn::Error::new(Span::call_site(), message).to_compile_error();
    quote!(#told #item)
}
