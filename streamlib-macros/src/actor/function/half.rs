//! A function of which a parameter is half typed: its actor is wanted for the graphs that it stands in.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::FnArg;
use syn::parse::{ParseStream, Parser};

use super::super::half::{Listed, breaks_off, list};
use super::parameter::has_word;

/// The function with what may have been meant by each such parameter; none if anything else is wrong with it. rustc
/// has told of these.
pub fn whole(item: &TokenStream) -> Option<TokenStream> {
    let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let place = parameters(&tokens)?;
    let TokenTree::Group(typed) = &tokens[place] else {
        return None;
    };
    let parser = |input: ParseStream| list(input, |input| input.parse::<FnArg>());
    let mut given = Vec::new();
    for parameter in parser.parse2(typed.stream()).ok()? {
        match parameter {
            Listed::Whole(parameter) => given.push(parameter.to_token_stream()),
            Listed::Half(rest) if breaks_off(&rest) => given.extend(meant(&rest)),
            Listed::Half(_) => return None,
        }
    }
    let mut whole = Group::new(Delimiter::Parenthesis, quote!(#(#given),*));
    whole.set_span(typed.span());
    tokens[place] = whole.into();
    Some(tokens.into_iter().collect())
}

/// Where the parameters stand: in the first parentheses behind `fn` that are not between `<` and `>`.
fn parameters(tokens: &[TokenTree]) -> Option<usize> {
    let is_fn = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "fn");
    let begin = tokens.iter().position(is_fn)?;
    let (mut depth, mut before) = (0_i32, ' ');
    for (place, token) in tokens.iter().enumerate().skip(begin) {
        match token {
            TokenTree::Punct(sign) => {
                match sign.as_char() {
                    '<' => depth += 1,
                    '>' if before != '-' => depth -= 1,
                    _ => {}
                }
                before = sign.as_char();
            }
            TokenTree::Group(group)
                if depth == 0 && group.delimiter() == Delimiter::Parenthesis =>
            {
                return Some(place);
            }
            _ => before = ' ',
        }
    }
    None
}

/// A port of pictures for what is marked; any other has no type that a call could be held to.
fn meant(rest: &[TokenTree]) -> Option<TokenStream> {
    let mut marks = TokenStream::new();
    let mut rest = rest;
    while let [hash, mark @ TokenTree::Group(_), behind @ ..] = rest {
        marks.extend([hash.clone(), mark.clone()]);
        rest = behind;
    }
    let is_name = |token: &&TokenTree| matches!(token, TokenTree::Ident(word) if word != "mut");
    let name = rest.iter().find(is_name)?;
    if has_word(marks.clone(), "input") {
        Some(quote!(#marks #name: &::streamlib::__private::VideoFrame))
    } else if has_word(marks.clone(), "output") {
        Some(
            quote!(#marks #name: &mut ::streamlib::__private::Output<::streamlib::__private::VideoFrame>),
        )
    } else {
        let untyped = Ident::new(UNTYPED, proc_macro2::Span::mixed_site());
        Some(quote!(#name: #untyped))
    }
}

/// In place of a type that is not there yet.
pub const UNTYPED: &str = "streamlib_untyped";
