//! Slips in the words that an item begins with: told, and mended, so that the rest of it means what was meant.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
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
    let place = start + place;
    errors.at(&tokens[place], slip.message);
    match slip.instead {
        Instead::Word(word) => {
            tokens[place] = Ident::new(word, tokens[place].span()).into();
        }
        Instead::Nothing(count) => drop(tokens.drain(place..place + count)),
    }
    tokens
}

/// An item without attributes, which it has none of: what documents it says nothing to anybody, and others are told.
pub fn without_attributes(mut tokens: Vec<TokenTree>, errors: &mut Errors) -> Vec<TokenTree> {
    while let rest = after_attributes(&tokens).len()
        && rest < tokens.len()
    {
        let attribute: Vec<_> = tokens.drain(..2).collect();
        let word = match &attribute[1] {
            TokenTree::Group(group) => group.stream().into_iter().next(),
            _ => None,
        };
        let is = |name: &str| matches!(&word, Some(TokenTree::Ident(word)) if word == name);
        let attribute: TokenStream = attribute.into_iter().collect();
        if is("cfg") || is("cfg_attr") {
            errors.at(
                attribute,
                "a graph has the same items however it is compiled: choose a node before it, or put the condition on all of `pipeline!`",
            );
        } else if !is("doc") {
            errors.at(
                attribute,
                "an item of a graph has no attributes but its documentation: put this on all of `pipeline!`, or take it out",
            );
        }
    }
    tokens
}

/// What stands for a port that is being typed.
pub const BEING_TYPED: &str = "port_being_typed";

/// `bars. >> mix`, `[mix., luma]`: told, and given a port that stands for the one to come.
pub fn mend_dots(tokens: &mut Vec<TokenTree>, errors: &mut Errors) {
    for place in (0..tokens.len()).rev() {
        if let TokenTree::Group(list) = &tokens[place] {
            if list.delimiter() == Delimiter::Bracket {
                let mut inside = list.stream().into_iter().collect();
                mend_dots(&mut inside, errors);
                let mut group = Group::new(Delimiter::Bracket, inside.into_iter().collect());
                group.set_span(list.span());
                tokens[place] = group.into();
            }
            continue;
        }
        let before = place.checked_sub(1).map(|before| &tokens[before]);
        let begins = place.checked_sub(2).is_none_or(|before| {
            matches!(&tokens[before], TokenTree::Punct(mark) if matches!(mark.as_char(), '>' | ','))
        });
        let is_open = match tokens.get(place + 1) {
            None => true,
            Some(TokenTree::Punct(next)) => matches!(next.as_char(), '>' | ',' | ';'),
            Some(_) => false,
        };
        if let Some(TokenTree::Ident(node)) = before
            && begins
            && is_open
            && is_punct(&tokens[place], '.')
        {
            let message = format!("which port of `{node}`? its name follows the dot");
            errors.at(&tokens[place], message);
            let port = Ident::new(BEING_TYPED, tokens[place].span());
            tokens.insert(place + 1, port.into());
        }
    }
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
    instead: Instead,
}

/// What was meant in place of a slip.
enum Instead {
    Word(&'static str),
    /// So many tokens have to go.
    Nothing(usize),
}

/// The place of the word that is wrong.
fn slip(tokens: &[TokenTree]) -> Option<(usize, Slip)> {
    let looks_like = |word: &Ident, wanted: &'static str| {
        word != wanted && nearest(&word.to_string(), [wanted]).is_some()
    };
    let meant = |word: &Ident, wanted: &'static str| Slip {
        message: format!("no item begins with `{word}`; did you mean `{wanted}`?"),
        instead: Instead::Word(wanted),
    };
    let out_of_place = |message: String| Slip {
        message,
        instead: Instead::Nothing(1),
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
        [TokenTree::Ident(mutable), TokenTree::Ident(_), rest @ ..]
            if word == "let" && mutable == "mut" && is_equals(rest) =>
        {
            Slip {
                message: "a node is declared without `let mut`: write `NAME = EXPR;`".to_owned(),
                instead: Instead::Nothing(2),
            }
        }
        [colon, second, ..]
            if is_punct(colon, ':') && !is_punct(second, ':') && word != "in" && word != "out" =>
        {
            let place = tokens
                .iter()
                .enumerate()
                .position(|(place, _)| is_equals(&tokens[place..]))?;
            let slip = Slip {
                message: format!("a node is of the type of its expression: write `{word} = …;`"),
                instead: Instead::Nothing(place - 1),
            };
            return Some((1, slip));
        }
        [TokenTree::Ident(_), TokenTree::Group(_), ..] if looks_like(word, "graph") => {
            meant(word, "graph")
        }
        [TokenTree::Ident(name), colon, ..]
            if ["input", "inputs", "output", "outputs"]
                .iter()
                .any(|long| word == long)
                && is_punct(colon, ':') =>
        {
            let is_in = word.to_string().starts_with("in");
            let short = if is_in { "in" } else { "out" };
            Slip {
                message: format!("an open end is written `{short} {name}: …;`"),
                instead: Instead::Word(short),
            }
        }
        _ => return None,
    };
    Some((0, slip))
}
