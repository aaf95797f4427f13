//! The arguments of an attribute: `NAME`, or `NAME = VALUE`, with commas between.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token};

use crate::errors::Errors;
use crate::spelling::{did_you_mean, one_of};

/// One argument.
pub struct Argument {
    pub name: Ident,
    pub value: Option<Expr>,
    /// What stands where `= VALUE` belongs, and is not that: told where a value is asked for.
    instead: TokenStream,
}

/// Reads arguments, and tells those that are not among the `known` or are given twice.
pub fn parse(tokens: TokenStream, known: &[&str], errors: &mut Errors) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    let parser = |input: ParseStream| {
        while !input.is_empty() {
            match argument(input, known) {
                Ok(argument) => arguments.push(argument),
                Err(error) => {
                    errors.push(error);
                    rest(input)?;
                }
            }
            if input.parse::<Option<Token![,]>>()?.is_none() && !input.is_empty() {
                errors.push(input.error("a comma stands between arguments: write one here"));
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
    }
    let mut seen: Vec<String> = Vec::new();
    arguments.retain(|Argument { name, .. }| {
        let word = name.unraw().to_string();
        if known.is_empty() {
            errors.at(name, "this attribute takes no arguments");
        } else if !known.contains(&word.as_str()) {
            let guess = did_you_mean(&word, known.iter().copied());
            errors.at(
                name,
                format!(
                    "no argument is called `{word}`: there is {}{guess}",
                    one_of(known)
                ),
            );
        } else if seen.contains(&word) {
            errors.at(name, format!("`{word}` is given twice"));
        } else {
            seen.push(word);
            return true;
        }
        false
    });
    arguments
}

/// `NAME` or `NAME = VALUE`, or what comes near it.
fn argument(input: ParseStream, known: &[&str]) -> syn::Result<Argument> {
    let name = input.call(Ident::parse_any)?;
    let equals: Option<Token![=]> = input.parse()?;
    let ahead = input.fork();
    let (value, instead) = match (equals, ahead.parse()) {
        (Some(_), Ok(value)) if ends(&ahead, known) => {
            input.advance_to(&ahead);
            (Some(value), TokenStream::new())
        }
        (Some(equals), _) if input.is_empty() || input.peek(Token![,]) => {
            (None, equals.into_token_stream())
        }
        (Some(_), _) => (None, rest(input)?),
        (None, _) if ends(input, known) => (None, TokenStream::new()),
        (None, _) => {
            let instead = rest(input)?;
            (meant(instead.clone()), instead)
        }
    };
    Ok(Argument {
        name,
        value,
        instead,
    })
}

/// Whether the next argument is next.
fn ends(input: ParseStream, known: &[&str]) -> bool {
    let word = input.fork().call(Ident::parse_any);
    let is_known = word.is_ok_and(|word| known.iter().any(|known| word == known));
    input.is_empty() || input.peek(Token![,]) || is_known
}

/// The 8 of `every(8)`, `every: 8` and `every 8`.
fn meant(given: TokenStream) -> Option<Expr> {
    let mut tokens = given.clone().into_iter();
    let value = match tokens.next()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => group.stream(),
        TokenTree::Punct(_) => tokens.collect(),
        _ => given,
    };
    syn::parse2(value).ok()
}

/// What stands before the next comma.
fn rest(input: ParseStream) -> syn::Result<TokenStream> {
    let mut rest = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        rest.extend([input.parse::<TokenTree>()?]);
    }
    Ok(rest)
}

impl Argument {
    /// Tells a value that is there, and not after `=`.
    pub fn misplaced(&self, errors: &mut Errors) {
        if let Some(value) = &self.value
            && !self.instead.is_empty()
        {
            let (name, value) = (&self.name, value.to_token_stream());
            let message = format!("`{name}` has its value after `=`: write `{name} = {value}`");
            errors.at(&self.instead, message);
        }
    }

    /// The value, which has to be there.
    pub fn expr(self, example: &str, errors: &mut Errors) -> Option<Expr> {
        self.misplaced(errors);
        let name = &self.name;
        if self.value.is_none() {
            if self.instead.is_empty() {
                errors.at(name, format!("`{name}` needs a value: write `{example}`"));
            } else {
                let message = format!("`{name}` needs a value here: write `{example}`");
                errors.at(&self.instead, message);
            }
        }
        self.value
    }

    /// The value, which has to be a single word.
    pub fn word(self, example: &str, errors: &mut Errors) -> Option<Ident> {
        let expr = self.expr(example, errors)?;
        let word = match &expr {
            Expr::Path(path) => path.path.get_ident().cloned(),
            _ => None,
        };
        if word.is_none() {
            errors.at(expr, format!("expected one word: write `{example}`"));
        }
        word
    }

    /// The value, which has to be one of some words.
    pub fn word_of(self, example: &str, words: &[&str], errors: &mut Errors) -> Option<Ident> {
        let what = self.name.to_string();
        let word = self.word(example, errors)?;
        let given = word.unraw().to_string();
        if words.contains(&given.as_str()) {
            return Some(word);
        }
        let guess = did_you_mean(&given, words.iter().copied());
        errors.at(
            word,
            format!(
                "no `{what}` is called `{given}`: it is {}{guess}",
                one_of(words)
            ),
        );
        None
    }

    /// Tells a value that does not belong there.
    pub fn flag(self, errors: &mut Errors) {
        let given = self.value.to_token_stream();
        let given = if given.is_empty() {
            self.instead
        } else {
            given
        };
        if !given.is_empty() {
            errors.at(given, format!("`{}` takes no value", self.name));
        }
    }
}
