//! `#[actor]` on a function: an actor that is what it does on a tick.
//!
//! - [`tree`]: the function as typed; [`parse`] makes it, with [`half`]; [`parameter`] says what each parameter is,
//!   [`returned`] what comes back.
//! - [`check`]: what is wrong with the function as a whole.
//! - [`method`]: one with `self`, which is none.
//! - [`item`]: the struct that stands for it, which goes the way of every struct with `#[actor]`.
//! - [`expand`]: that struct, the function that makes one, and [`process`], which calls the user's.

mod check;
mod expand;
mod half;
mod item;
mod method;
mod parameter;
mod parse;
mod process;
mod returned;
mod tree;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

pub use parse::is_function;

use crate::errors::Errors;
use tree::Function;

/// The whole macro, on a function.
pub fn expand(arguments: TokenStream, item: TokenStream, mut errors: Errors) -> TokenStream {
    steps(arguments, item, &mut errors)
}

fn steps(arguments: TokenStream, item: TokenStream, errors: &mut Errors) -> TokenStream {
    if let Some(method) = method::expand(&item, errors) {
        return method;
    }
    let mut function = match parse::parse(item.clone(), errors) {
        Ok(function) => function,
        Err(error) => {
            let whole = half::whole(&item);
            match whole.and_then(|whole| parse::parse(whole, errors).ok()) {
                Some(function) => Function {
                    is_half: true,
                    ..function
                },
                None => {
                    errors.push(error);
                    let told = errors.to_compile_errors();
                    return quote!(#told #item);
                }
            }
        }
    };
    let name = check::type_name(&function, errors);
    check::check(&mut function, errors);
    let mut actor = super::parse::parse(arguments, item::expand(&function, &name), errors);
    item::document(&mut actor, &function);
    super::check::check(&mut actor, errors);
    check::ports(&function, &actor, errors);
    expand::expand(&function, &actor, &name, errors)
}
