//! A struct that is half typed: an editor wants the fields that are there already.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Field, Item, Token};

use crate::errors::Errors;

/// Reads an item. What can't be read of a struct is told and left out; any other item is kept as it is.
pub fn item(tokens: TokenStream, errors: &mut Errors) -> Item {
    match syn::parse2(tokens.clone()) {
        Ok(item) => item,
        Err(error) => {
            errors.push(error);
            whole_fields(tokens.clone()).unwrap_or(Item::Verbatim(tokens))
        }
    }
}

/// The struct with those of its fields that are whole.
fn whole_fields(tokens: TokenStream) -> Option<Item> {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else {
        return None;
    };
    let fields = fields.parse2(body.stream()).ok()?;
    let mut whole = Group::new(Delimiter::Brace, quote::quote!(#(#fields),*));
    whole.set_span(body.span());
    tokens.push(whole.into());
    syn::parse2(tokens.into_iter().collect()).ok()
}

fn fields(input: ParseStream) -> syn::Result<Vec<Field>> {
    let mut fields = Vec::new();
    while !input.is_empty() {
        let ahead = input.fork();
        match Field::parse_named(&ahead) {
            Ok(field) if ahead.is_empty() || ahead.peek(Token![,]) => {
                input.advance_to(&ahead);
                fields.push(field);
            }
            _ => {
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
            }
        }
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(fields)
}
