//! `pipeline!`: a graph as it is read, written out as rings, wires and tasks.
//!
//! - [`tree`]: the items as typed; [`parse`] makes it, with [`header`], [`slips`], [`control_flow`] and [`ends`].
//! - [`plan`]: the graph they mean; [`check`] makes it, with [`wires`], [`names`],
//!   [`open`], [`outlets`] and [`shape`].
//! - [`expand`]: the code that builds and starts it, with [`typed`] and [`tasks`]; [`named`]: the item around it, where it has
//!   a name.

mod check;
mod control_flow;
mod ends;
mod expand;
mod header;
mod named;
mod names;
mod open;
mod outlets;
mod parse;
mod plan;
mod shape;
mod slips;
mod tasks;
mod tree;
mod typed;
mod unnameable;
mod wires;

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
