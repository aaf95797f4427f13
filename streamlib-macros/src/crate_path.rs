//! `#[streamlib(crate = PATH)]`: where streamlib is, for those who get it under another name.
//!
//! The macros write `::streamlib::__private::…` throughout. Where the user says that streamlib is
//! elsewhere, what they have written is gone over once more, and each `::streamlib` in front of
//! `::__private` gives way to the path. Its tokens are underlined as the ones before were.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;

use crate::actor::arguments;
use crate::errors::Errors;

/// Expands an item, of which the attribute is one of those in front.
pub fn around_item(
    item: TokenStream,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let mut begin = 0;
    while let [hash, attribute, ..] = &tokens[begin..]
        && is_punct(hash, '#')
        && let TokenTree::Group(attribute) = attribute
    {
        if let Some(arguments) = arguments_of(attribute) {
            tokens.drain(begin..begin + 2);
            return rewritten(arguments, tokens, expand);
        }
        begin += 2;
    }
    expand(tokens.into_iter().collect())
}

/// Expands what stands between the braces of a macro, of which the attribute comes first.
pub fn around_items(
    items: TokenStream,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let mut tokens: Vec<TokenTree> = items.into_iter().collect();
    if let [hash, not, TokenTree::Group(attribute), ..] = &tokens[..]
        && is_punct(hash, '#')
        && is_punct(not, '!')
        && let Some(arguments) = arguments_of(attribute)
    {
        tokens.drain(..3);
        return rewritten(arguments, tokens, expand);
    }
    expand(tokens.into_iter().collect())
}

fn rewritten(
    arguments: Group,
    tokens: Vec<TokenTree>,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    let path = parse(&arguments, &mut errors);
    let mut written = expand(tokens.into_iter().collect());
    if let Some(path) = path {
        written = replace(written, &path);
    }
    let told = errors.to_compile_errors();
    // Where the macro is an expression, it is a block: what is told goes inside.
    match single_block(&written) {
        Some(block) if !errors.is_empty() => {
            let inside = told.into_iter().chain(block.stream()).collect();
            let mut block = Group::new(Delimiter::Brace, inside);
            block.set_span(Span::call_site());
            TokenTree::Group(block).into()
        }
        _ => told.into_iter().chain(written).collect(),
    }
}

/// The path; one that stands after a misspelt word is taken too, so that only the word is told.
fn parse(arguments: &Group, errors: &mut Errors) -> Option<Vec<TokenTree>> {
    let before = errors.len();
    let mut path = None;
    for argument in arguments::parse(arguments.stream(), &["crate"], errors) {
        let Some(expr) = argument.expr("crate = path::to::streamlib", errors) else {
            continue;
        };
        path = path_of(&expr);
        if path.is_none() {
            let example = "expected a path: write `crate = path::to::streamlib`";
            errors.at(expr, example);
        }
    }
    if path.is_none() && errors.len() == before {
        errors.at(
            TokenTree::Group(arguments.clone()),
            "where is streamlib? write `#[streamlib(crate = path::to::streamlib)]`",
        );
    }
    path.or_else(|| after_equals(arguments))
}

fn path_of(expr: &Expr) -> Option<Vec<TokenTree>> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => {
            Some(path.to_token_stream().into_iter().collect())
        }
        Expr::Group(group) => path_of(&group.expr),
        _ => None,
    }
}

/// What stands after the first `=`, if it is a path.
fn after_equals(arguments: &Group) -> Option<Vec<TokenTree>> {
    let value = arguments
        .stream()
        .into_iter()
        .skip_while(|token| !is_punct(token, '='))
        .skip(1)
        .take_while(|token| !is_punct(token, ','));
    path_of(&syn::parse2(value.collect()).ok()?)
}

/// Every `:: streamlib` in front of `:: __private`, replaced by the path.
fn replace(tokens: TokenStream, path: &[TokenTree]) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut written = TokenStream::new();
    let mut rest = &tokens[..];
    loop {
        rest = match rest {
            [_, _, name, rest_of_path @ ..] if is_runtime(rest) => {
                written.extend(path.iter().cloned().map(|mut token| {
                    token.set_span(token.span().located_at(name.span()));
                    token
                }));
                rest_of_path
            }
            [TokenTree::Group(group), rest @ ..] => {
                let mut inside = Group::new(group.delimiter(), replace(group.stream(), path));
                inside.set_span(group.span());
                written.extend([TokenTree::Group(inside)]);
                rest
            }
            [token, rest @ ..] => {
                written.extend([token.clone()]);
                rest
            }
            [] => return written,
        }
    }
}

/// Whether `:: streamlib :: __private` begins here.
fn is_runtime(tokens: &[TokenTree]) -> bool {
    let [a, b, name, c, d, private, ..] = tokens else {
        return false;
    };
    [a, b, c, d].into_iter().all(|token| is_punct(token, ':'))
        && is_word(name, "streamlib")
        && is_word(private, "__private")
}

/// The arguments of `[streamlib(…)]`.
fn arguments_of(attribute: &Group) -> Option<Group> {
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
    match &tokens[..] {
        [name] if is_word(name, "streamlib") => Some(empty(name.span())),
        [name, TokenTree::Group(arguments)] if is_word(name, "streamlib") => {
            Some(arguments.clone())
        }
        _ => None,
    }
}

fn empty(span: Span) -> Group {
    let mut arguments = Group::new(Delimiter::Parenthesis, TokenStream::new());
    arguments.set_span(span);
    arguments
}

fn single_block(tokens: &TokenStream) -> Option<Group> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => {
            Some(group)
        }
        _ => None,
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_word(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == wanted)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn item(item: TokenStream) -> (String, String) {
        let mut seen = String::new();
        let written = around_item(item, |item| {
            seen = item.to_string();
            quote!(impl ::streamlib::__private::Message for ::streamlib::Pose { ::streamlib::__private::x!(a::streamlib) })
        });
        (seen, written.to_string())
    }

    #[test]
    fn the_path_takes_the_place_of_the_name_throughout() {
        let (seen, written) = item(quote!(
            #[doc = "A pose."]
            #[streamlib(crate = studio::live)]
            #[streamlib::output]
            struct Pose;
        ));
        let rest = quote!(
            #[doc = "A pose."]
            #[streamlib::output]
            struct Pose;
        );
        assert_eq!(seen, rest.to_string());
        let expected = quote!(impl studio::live::__private::Message for ::streamlib::Pose { studio::live::__private::x!(a::streamlib) });
        assert_eq!(written, expected.to_string());
    }

    #[test]
    fn without_the_attribute_nothing_changes() {
        let (seen, written) = item(quote!(
            #[streamlib::output]
            struct Pose;
        ));
        assert!(seen.contains("streamlib :: output"), "{seen}");
        assert!(
            written.starts_with("impl :: streamlib :: __private"),
            "{written}"
        );
    }

    #[test]
    fn in_a_macro_it_comes_first_and_paths_of_all_kinds_are_taken() {
        for path in [quote!(::studio::live), quote!(crate::live), quote!(live)] {
            let items = quote!(#![streamlib(crate = #path)] a >> b);
            let written = around_items(items, |items| {
                assert_eq!(items.to_string(), "a >> b");
                quote!({ ::streamlib::__private::stub() })
            });
            let expected = quote!({ #path::__private::stub() });
            assert_eq!(written.to_string(), expected.to_string());
        }
    }

    #[test]
    fn what_is_wrong_with_it_is_told_and_a_path_taken_all_the_same() {
        let mistakes = [
            (quote!((crat = live)), "did you mean `crate`?", true),
            (
                quote!((crate = live, fast)),
                "no argument is called `fast`",
                true,
            ),
            (quote!((crate = "live")), "expected a path", false),
            (quote!((crate)), "needs a value", false),
            (quote!(()), "where is streamlib?", false),
            (quote!(), "where is streamlib?", false),
        ];
        for (arguments, told, is_taken) in mistakes {
            let (_, written) = item(quote!(#[streamlib #arguments] struct Pose;));
            assert!(written.contains(told), "{told}: {written}");
            assert_eq!(written.matches("compile_error").count(), 1, "{written}");
            assert_eq!(
                written.contains("impl live :: __private"),
                is_taken,
                "{written}"
            );
        }
        let items = quote!(#![streamlib(crat = live)] a >> b);
        let written = around_items(items, |_| quote!({ ::streamlib::__private::stub() }));
        assert!(single_block(&written).is_some(), "{written}");
    }
}
