//! A struct that is half typed: an editor wants the fields that are there already. What it is made of reads a
//! function too.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Field, Item, Token};

use crate::errors::Errors;

/// Reads an item. What can't be read of a struct is left out, and told unless rustc has; any other item is kept as it is.
pub fn item(tokens: TokenStream, errors: &mut Errors) -> Item {
    let error = match syn::parse2(tokens.clone()) {
        Ok(item) => return item,
        Err(error) => error,
    };
    match whole_fields(tokens.clone()) {
        Some((item, is_told)) => {
            if !is_told {
                errors.push(error);
            }
            item
        }
        None => {
            errors.push(error);
            Item::Verbatim(tokens)
        }
    }
}

/// The struct with those of its fields that are whole, and whether rustc has told of the others.
fn whole_fields(tokens: TokenStream) -> Option<(Item, bool)> {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else {
        return None;
    };
    let mut is_told = true;
    let parser = |input: ParseStream| list(input, Field::parse_named);
    let fields = parser.parse2(body.stream()).ok()?;
    let fields = fields.into_iter().filter_map(|field| match field {
        Listed::Whole(field) => Some(field),
        Listed::Half(rest) => {
            is_told &= breaks_off(&rest);
            None
        }
    });
    let mut whole = Group::new(Delimiter::Brace, quote::quote!(#(#fields),*));
    whole.set_span(body.span());
    tokens.push(whole.into());
    Some((syn::parse2(tokens.into_iter().collect()).ok()?, is_told))
}

/// One of what stands between commas.
pub enum Listed<T> {
    Whole(T),
    /// What could not be read.
    Half(Vec<TokenTree>),
}

/// What stands between commas, each read by itself.
pub fn list<T>(
    input: ParseStream,
    parse: impl Fn(ParseStream) -> syn::Result<T>,
) -> syn::Result<Vec<Listed<T>>> {
    let mut listed = Vec::new();
    while !input.is_empty() {
        let ahead = input.fork();
        match parse(&ahead) {
            Ok(whole) if ahead.is_empty() || ahead.peek(Token![,]) => {
                input.advance_to(&ahead);
                listed.push(Listed::Whole(whole));
            }
            _ => {
                let mut rest = Vec::new();
                while !input.is_empty() && !input.peek(Token![,]) {
                    rest.push(input.parse()?);
                }
                listed.push(Listed::Half(rest));
            }
        }
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(listed)
}

/// Whether no Rust begins so and ends there: then rustc, which reads an item before it hands it over, and goes on behind
/// what it cannot read, has told it.
pub fn breaks_off(rest: &[TokenTree]) -> bool {
    let has = |sign: char| move |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    match rest {
        [] => true,
        [.., hash, TokenTree::Group(_)] if has('#')(hash) => true,
        [.., arrow, end] if has('-')(arrow) && has('>')(end) => true,
        [.., TokenTree::Punct(end)] => [':', '<', '&', '\''].contains(&end.as_char()),
        [.., TokenTree::Ident(end)] => {
            let begins = ["mut", "dyn", "impl", "fn", "pub"]
                .iter()
                .any(|word| end == word);
            begins || !rest.iter().any(has(':'))
        }
        _ => false,
    }
}
