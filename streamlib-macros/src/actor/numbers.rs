//! The numbers among the arguments, each of which has a least value: one that is written out is checked by
//! the macro, any other by rustc, as soon as it knows it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Lit, UnOp};

use super::moves::mentions;
use super::tree::{Actor, Role};
use crate::errors::Errors;

/// Why a number cannot be less, and how much it is at least.
struct Least {
    why: &'static str,
    least: u64,
}

const DEADLINE: Least = Least {
    why: "it is told of a `process` that takes longer than so many ticks: `deadline` is",
    least: 1,
};
const EVERY: Least = Least {
    why: "it reads up to that many items behind: `every` is",
    least: 1,
};
const SLOTS: Least = Least {
    why: "one is written, one is read and one is the newest: `slots` is",
    least: 3,
};

/// Tells those that are written out and too small, and leaves them out.
pub fn check(actor: &mut Actor, errors: &mut Errors) {
    DEADLINE.check(&mut actor.arguments.deadline, errors);
    for field in &mut actor.fields {
        if let Role::Input(input) = &mut field.role {
            EVERY.check(&mut input.every, errors);
            SLOTS.check(&mut input.slots, errors);
        }
    }
}

/// What makes rustc look at the others. What depends on a type parameter is seen when the graph starts.
pub fn expand(actor: &Actor) -> TokenStream {
    let deadline = [(&actor.arguments.deadline, DEADLINE)].into_iter();
    let inputs = actor
        .inputs()
        .flat_map(|(_, _, input)| [(&input.every, EVERY), (&input.slots, SLOTS)]);
    let asserted = deadline.chain(inputs).filter_map(|(given, Least { why, least })| {
        let given = given.as_ref()?;
        let is_known = !matches!(given, Expr::Lit(_)) && !mentions(given.to_token_stream(), actor);
        let message = format!("{why} {least} or more");
        let least = proc_macro2::Literal::u64_unsuffixed(least);
        is_known.then(|| quote_spanned!(given.span()=> const _: () = ::core::assert!(#given >= #least, #message);))
    });
    quote!(#(#asserted)*)
}

impl Least {
    fn check(&self, given: &mut Option<Expr>, errors: &mut Errors) {
        let Self { why, least } = self;
        let is_right = match given {
            Some(Expr::Lit(literal)) => match &literal.lit {
                Lit::Int(number) => number
                    .base10_parse()
                    .map_or(true, |value: u64| value >= *least),
                _ => false,
            },
            Some(Expr::Unary(number)) => !matches!(number.op, UnOp::Neg(_)),
            _ => true,
        };
        if !is_right {
            errors.at(&*given, format!("{why} {least} or more"));
            *given = None;
        }
    }
}
