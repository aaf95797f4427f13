//! Slips in the words that an item begins with: told, and mended, so that the rest of it means what was meant.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use quote::ToTokens;

use super::header::{after_attributes, after_visibility};
use super::parse::{is_equals, is_punct};
use crate::errors::Errors;
use crate::spelling::nearest;

/// The item as it was meant.
pub fn mend(mut tokens: Vec<TokenTree>, errors: &mut Errors) -> Vec<TokenTree> {
    let start = tokens.len() - after_visibility(after_attributes(&tokens)).len();
    let Some((place, slip)) = slip(&tokens[start..]) else {
        return tokens;
    };
    errors.at(&tokens[start + place], slip.message);
    match slip.instead {
        Some(word) => {
            tokens[start + place] = Ident::new(word, tokens[start + place].span()).into();
        }
        None => drop(tokens.remove(start + place)),
    }
    tokens
}

/// `delay 2` between two `>>`, as `delay(2)`.
pub fn mend_delays(tokens: &mut Vec<TokenTree>, errors: &mut Errors) {
    let is_slip = |three: &[TokenTree]| match three {
        [
            arrow,
            TokenTree::Ident(word),
            TokenTree::Literal(_) | TokenTree::Ident(_),
        ] => is_punct(arrow, '>') && word == "delay",
        _ => false,
    };
    while let Some(place) = tokens.windows(3).position(is_slip) {
        let ticks = tokens.remove(place + 2);
        let message = format!("a delay is written `delay({ticks})`");
        errors.at(tokens[place + 1..].first().into_token_stream(), message);
        let mut ticks_in_parentheses = Group::new(Delimiter::Parenthesis, ticks.clone().into());
        ticks_in_parentheses.set_span(ticks.span());
        tokens.insert(place + 2, ticks_in_parentheses.into());
    }
}

/// What is wrong with a word.
struct Slip {
    message: String,
    /// What was meant; nothing, where it only has to go.
    instead: Option<&'static str>,
}

/// The place of the word that is wrong.
fn slip(tokens: &[TokenTree]) -> Option<(usize, Slip)> {
    let looks_like = |word: &Ident, wanted: &'static str| {
        word != wanted && nearest(&word.to_string(), [wanted]).is_some()
    };
    let meant = |word: &Ident, wanted: &'static str| Slip {
        message: format!("no item begins with `{word}`; did you mean `{wanted}`?"),
        instead: Some(wanted),
    };
    let out_of_place = |message: String| Slip {
        message,
        instead: None,
    };
    let TokenTree::Ident(word) = tokens.first()? else {
        return None;
    };
    let slip = match &tokens[1..] {
        [TokenTree::Ident(_), rest @ ..] if is_equals(rest) && word != "clock" => {
            if word == "let" {
                out_of_place("a node is declared without `let`: write `NAME = EXPR;`".to_owned())
            } else if looks_like(word, "clock") {
                meant(word, "clock")
            } else {
                out_of_place(format!(
                    "no item begins with `{word}`: a node is declared as `NAME = EXPR;`"
                ))
            }
        }
        [colon, TokenTree::Ident(_), rest @ ..]
            if word == "clock" && is_punct(colon, ':') && is_equals(rest) =>
        {
            let message = "a clock is declared without `:`: write `clock NAME = …;`";
            return Some((1, out_of_place(message.to_owned())));
        }
        [TokenTree::Ident(_), TokenTree::Group(_), ..] if looks_like(word, "graph") => {
            meant(word, "graph")
        }
        [TokenTree::Ident(name), colon, ..]
            if (word == "input" || word == "output") && is_punct(colon, ':') =>
        {
            let short = if word == "input" { "in" } else { "out" };
            Slip {
                message: format!("an open end is written `{short} {name}: …;`"),
                instead: Some(short),
            }
        }
        _ => return None,
    };
    Some((0, slip))
}
