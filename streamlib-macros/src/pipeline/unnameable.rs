//! Names that no node and no clock can have: told where they are declared, and written otherwise wherever they
//! stand for that node, so that nothing else is told of them.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};

use super::names::snake_case;
use super::parse::{is_equals, is_punct};
use crate::errors::Errors;

/// A name that was declared, and what it is written as.
struct Renamed {
    name: String,
    instead: String,
}

/// The items, each with names that can be bound.
pub fn mend(items: &mut [Vec<TokenTree>], errors: &mut Errors) {
    let mut renamed = Vec::new();
    for item in items.iter() {
        let declared = match &item[..] {
            [TokenTree::Ident(word), TokenTree::Ident(name), rest @ ..]
                if word == "clock" && is_equals(rest) =>
            {
                name
            }
            [TokenTree::Ident(name), rest @ ..] if is_equals(rest) => name,
            _ => continue,
        };
        let name = declared.to_string();
        let Some((instead, message)) = instead(&name) else {
            continue;
        };
        errors.at(declared, message);
        renamed.push(Renamed { name, instead });
    }
    if renamed.is_empty() {
        return;
    }
    for item in items {
        *item = rename(std::mem::take(item), &renamed);
    }
}

/// What is bound in place of a name that cannot be, and what is said.
fn instead(name: &str) -> Option<(String, String)> {
    let small = snake_case(name);
    if matches!(&small[..], "self" | "super" | "crate" | "_") {
        let message =
            format!("no node and no clock can be called `{name}`: give it a name of its own");
        return Some(("node_without_a_name".to_owned(), message));
    }
    if name.starts_with(char::is_uppercase) {
        let message = format!(
            "the name of a node or a clock begins with a small letter, since a capital means a type: write `{small}`"
        );
        let is_word = syn::parse_str::<Ident>(&small).is_ok();
        return Some((if is_word { small } else { format!("r#{small}") }, message));
    }
    // `gen` is one in some editions only, and is written so that it is none.
    if syn::parse_str::<Ident>(name).is_ok() || name == "gen" {
        return None;
    }
    let message = format!("`{name}` is a word of Rust: write `r#{name}`, or give it another name");
    Some((format!("r#{name}"), message))
}

/// The tokens with the names written otherwise where they stand for a node: not where a path or a call goes on.
fn rename(tokens: Vec<TokenTree>, renamed: &[Renamed]) -> Vec<TokenTree> {
    let mut written: Vec<TokenTree> = Vec::with_capacity(tokens.len());
    for (place, token) in tokens.iter().enumerate() {
        let is_word = !matches!(tokens.get(place + 1), Some(TokenTree::Group(_)))
            && !tokens
                .get(place + 1)
                .is_some_and(|next| is_punct(next, ':'))
            && !written
                .last()
                .is_some_and(|before| is_punct(before, ':') || is_punct(before, '.'));
        written.push(match token {
            TokenTree::Ident(word) if is_word => {
                let found = renamed.iter().find(|renamed| word == &renamed.name);
                match found.map(|renamed| renamed.instead.as_str()) {
                    None => token.clone(),
                    Some(instead) => match instead.strip_prefix("r#") {
                        Some(raw) => Ident::new_raw(raw, word.span()).into(),
                        None => Ident::new(instead, word.span()).into(),
                    },
                }
            }
            TokenTree::Group(list) if list.delimiter() == Delimiter::Bracket => {
                let inside = rename(list.stream().into_iter().collect(), renamed);
                let mut group = Group::new(Delimiter::Bracket, inside.into_iter().collect());
                group.set_span(list.span());
                group.into()
            }
            token => token.clone(),
        });
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bound_instead_is_a_name() {
        for name in [
            "self", "Self", "SELF", "Super", "CRATE", "_", "BARS", "Type", "type", "TRUE",
        ] {
            let (instead, _) = instead(name).expect(name);
            syn::parse_str::<Ident>(&instead).expect(name);
        }
        assert!(instead("bars").is_none() && instead("gen").is_none());
    }
}
