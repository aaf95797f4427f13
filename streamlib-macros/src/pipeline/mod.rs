//! `pipeline!`: a graph as it is read, written out as rings, wires and tasks.
//!
//! - [`tree`]: the items as typed; [`parse`] makes it, with [`ends`].
//! - [`plan`]: the graph they mean; [`check`] makes it, with [`names`], [`outlets`] and [`shape`].
//! - [`expand`]: the code that builds and starts it.

mod check;
mod ends;
mod expand;
mod names;
mod outlets;
mod parse;
mod plan;
mod shape;
mod tree;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

pub use check::DISPATCHERS;

/// The whole macro: the items of a pipeline to an expression of type `Result<Pipeline>`.
pub fn expand(items: TokenStream) -> TokenStream {
    let (tree, mut errors) = parse::parse(items);
    let plan = check::check(tree, &mut errors);
    expand::expand(&plan, &errors)
}
