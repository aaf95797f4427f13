//! The arguments of an attribute: `NAME`, or `NAME = VALUE`, with commas between.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token};

use crate::errors::Errors;
use crate::spelling::{did_you_mean, one_of};

/// One argument.
pub struct Argument {
    pub name: Ident,
    pub value: Option<Expr>,
}

/// Reads arguments, and tells those that are not among the `known` or are given twice.
pub fn parse(tokens: TokenStream, known: &[&str], errors: &mut Errors) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    let parser = |input: ParseStream| {
        while !input.is_empty() {
            let name = input.call(Ident::parse_any)?;
            let equals: Option<Token![=]> = input.parse()?;
            let value = equals.map(|_| input.parse()).transpose()?;
            arguments.push(Argument { name, value });
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
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

impl Argument {
    /// The value, which has to be there.
    pub fn expr(self, example: &str, errors: &mut Errors) -> Option<Expr> {
        if self.value.is_none() {
            errors.at(
                &self.name,
                format!("`{}` needs a value: write `{example}`", self.name),
            );
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
        if let Some(value) = self.value {
            errors.at(value, format!("`{}` takes no value", self.name));
        }
    }
}
