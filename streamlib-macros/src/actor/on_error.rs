//! `on_error = skip | restart { max, within, backoff } | stop | stop_all`, read and written.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{Expr, Lit, Member};

use super::arguments::Argument;
use super::tree::OnError;
use super::wiring::camel_case;
use crate::errors::Errors;
use crate::spelling::{did_you_mean, nearest, one_of};

const WORDS: [&str; 4] = ["skip", "restart", "stop", "stop_all"];
const FIELDS: [&str; 3] = ["max", "within", "backoff"];
const EXAMPLE: &str = "on_error = restart { max: 5, within: Duration::from_secs(10) }";

/// Reads it, and tells a word or a field that does not exist.
pub fn parse(argument: Argument, errors: &mut Errors) -> Option<OnError> {
    let Some(Expr::Struct(value)) = &argument.value else {
        let word = argument.word_of("on_error = skip", &WORDS, errors)?;
        return Some(OnError {
            word,
            fields: Vec::new(),
        });
    };
    argument.misplaced(errors);
    let Some(word) = value.path.get_ident().filter(|word| *word == "restart") else {
        errors.at(
            &value.path,
            format!("only `restart` says more: write `{EXAMPLE}`"),
        );
        return None;
    };
    if let Some(rest) = &value.rest {
        errors.at(rest, "what is left out is as it is for `restart` alone");
    }
    let mut fields: Vec<(Ident, Expr)> = Vec::new();
    for field in &value.fields {
        let Member::Named(name) = &field.member else {
            errors.at(
                &field.member,
                format!("a field has a name: write `{EXAMPLE}`"),
            );
            continue;
        };
        let given = name.unraw().to_string();
        if !FIELDS.contains(&given.as_str()) {
            let (known, guess) = (one_of(&FIELDS), did_you_mean(&given, FIELDS));
            errors.at(
                name,
                format!("`restart` has no `{given}`: it has {known}{guess}"),
            );
            // Taken for what was meant, so that its value is used.
            if let Some(meant) = nearest(&given, FIELDS)
                && !fields.iter().any(|(other, _)| other == meant)
            {
                fields.push((Ident::new(meant, name.span()), field.expr.clone()));
            }
        } else if fields.iter().any(|(other, _)| other == name) {
            errors.at(name, format!("`{given}` is given twice"));
        } else {
            if given == "max" && is_zero(&field.expr) {
                errors.at(
                    &field.expr,
                    "`max` is 1 or more: `on_error = stop` restarts nothing",
                );
            }
            fields.push((name.clone(), field.expr.clone()));
        }
    }
    Some(OnError {
        word: word.clone(),
        fields,
    })
}

fn is_zero(expr: &Expr) -> bool {
    let Expr::Lit(literal) = expr else {
        return false;
    };
    matches!(&literal.lit, Lit::Int(number) if number.base10_parse::<u64>().is_ok_and(|number| number == 0))
}

/// The value.
pub fn expand(on_error: Option<&OnError>) -> TokenStream {
    let Some(OnError { word, fields }) = on_error else {
        return quote!(::streamlib::__private::OnError::Skip);
    };
    let variant = Ident::new(&camel_case(&word.unraw().to_string()), word.span());
    if word != "restart" {
        return quote!(::streamlib::__private::OnError::#variant);
    }
    let rest =
        (fields.len() < FIELDS.len()).then(|| quote!(..::streamlib::__private::Restart::ALWAYS));
    let fields = fields.iter().map(|(name, value)| quote!(#name: #value,));
    quote! {
        ::streamlib::__private::OnError::#variant(::streamlib::__private::Restart { #(#fields)* #rest })
    }
}
