//! `#[actor]` above what has one already.

use proc_macro2::{Group, TokenStream, TokenTree};

use crate::errors::Errors;

/// Tells every further `#[actor]` among the attributes, and takes it out.
pub fn take_out(item: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut tokens = item.into_iter().peekable();
    while let Some(hash) = tokens.next_if(|token| is_punct(token, '#')) {
        let Some(TokenTree::Group(attribute)) = tokens.next() else {
            return kept;
        };
        let (hash, whole) = (TokenStream::from(hash), TokenTree::Group(attribute.clone()));
        let written: TokenStream = hash.into_iter().chain([whole]).collect();
        if is_actor(&attribute) {
            errors.at(written, "it is an actor already: take one `#[actor]` out");
        } else {
            kept.extend(written);
        }
    }
    kept.extend(tokens);
    kept
}

/// Whether it is `[actor]`, `[actor(…)]` or the same after `streamlib::`.
fn is_actor(attribute: &Group) -> bool {
    let mut path: Vec<String> = Vec::new();
    for token in attribute.stream() {
        match token {
            TokenTree::Ident(word) => path.push(word.to_string()),
            TokenTree::Punct(sign) if sign.as_char() == ':' => {}
            _ => break,
        }
    }
    path == ["actor"] || path.ends_with(&["streamlib".to_owned(), "actor".to_owned()])
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}
