//! Rust's control flow, which is no item of a graph: told at its first word, and left out.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, Token};

use super::parse::is_end;
use crate::errors::Errors;

/// Tells an item that begins with control flow, and returns what stands behind it; `None` if there is none.
pub fn refuse(tokens: &[TokenTree], errors: &mut Errors) -> Option<Vec<TokenTree>> {
    let parser = |input: ParseStream| {
        let expr: Expr = input.parse()?;
        input.parse::<Option<Token![;]>>()?;
        Ok((told(&expr), input.parse::<TokenStream>()?))
    };
    let (told, rest) = parser.parse2(tokens.iter().cloned().collect()).ok()?;
    let (place, message) = told?;
    errors.push(syn::Error::new(place, message));
    let rest: Vec<TokenTree> = rest.into_iter().collect();
    Some(if is_end(&rest) { Vec::new() } else { rest })
}

fn told(expr: &Expr) -> Option<(Span, &'static str)> {
    Some(match expr {
        Expr::If(choice) => (choice.if_token.span, CHOICE),
        Expr::Match(choice) => (choice.match_token.span, CHOICE),
        Expr::ForLoop(repeated) => (repeated.for_token.span, REPEATED),
        Expr::While(repeated) => (repeated.while_token.span, REPEATED),
        Expr::Loop(repeated) => (repeated.loop_token.span, REPEATED),
        Expr::Return(left) => (left.return_token.span, LEFT),
        Expr::Break(left) => (left.break_token.span, LEFT),
        Expr::Continue(left) => (left.continue_token.span, LEFT),
        Expr::Block(block) if block.label.is_none() => (block.span(), BLOCK),
        _ => return None,
    })
}

const CHOICE: &str = "a graph is the same on every run: choose a node before it, and name what was chosen here; what comes \
                      and goes is wired while the graph runs, by `spawn`";
const REPEATED: &str = "each edge is written out: `a >> [b, c, d];`; as many as there turn out to be are wired while the graph \
                        runs, by `spawn`";
const LEFT: &str = "a graph is not left halfway: take this out, and put `?` behind what may fail";
const BLOCK: &str = "the items of a graph stand side by side: take these braces out";
