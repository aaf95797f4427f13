//! What makes a graph a part of others: `graph NAME(PARAMETERS);`, `in NAME: TYPE;`, `out NAME: TYPE;`.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Generics, Ident, Token, Visibility, parenthesized};

use super::ends::portable;
use super::parse::{Rest, begins_wire, is_end, is_punct, rest_after, skip};
use super::tree::{Direction, Header, Item, Open, Tree};
use crate::errors::Errors;

/// `graph NAME(…) { … }` as `graph NAME(…); …`: told, and mended.
pub fn unbraced(tokens: TokenStream, errors: &mut Errors) -> Vec<TokenTree> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let start = tokens.len() - after_visibility(after_attributes(&tokens)).len();
    let head = &tokens[start..];
    let ([TokenTree::Ident(word), TokenTree::Ident(name), ..], Some(place)) = (
        head,
        head.iter()
            .take_while(|token| !is_punct(token, ';'))
            .position(|token| is_group(token, Delimiter::Brace)),
    ) else {
        return tokens;
    };
    let TokenTree::Group(items) = &head[place] else {
        return tokens;
    };
    if word != "graph" && word != "struct" && word != "fn" {
        return tokens;
    }
    let is_made = word != "struct"
        && head[..place]
            .iter()
            .any(|token| is_group(token, Delimiter::Parenthesis));
    let parameters = if is_made { "(…)" } else { "()" };
    errors.push(syn::Error::new(
        if word == "graph" { items.span_open() } else { word.span() },
        format!("a graph with a name begins `graph {name}{parameters};`, and its items stand after that, without braces"),
    ));
    let mut mended = tokens[..start].to_vec();
    mended.push(Ident::new("graph", word.span()).into());
    let end = if word == "struct" { 2 } else { place };
    mended.extend_from_slice(&head[1..end]);
    if !is_made {
        mended.push(Group::new(Delimiter::Parenthesis, TokenStream::new()).into());
    }
    mended.push(Punct::new(';', Spacing::Alone).into());
    if word != "struct" {
        mended.extend(items.stream());
    }
    mended.extend_from_slice(&head[place + 1..]);
    mended
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// What an item is that begins like this, after its attributes and its visibility.
pub enum Begins {
    Header,
    Open(Direction),
}

/// Whether an item is one of these.
pub fn begins(tokens: &[TokenTree]) -> Option<Begins> {
    match after_visibility(after_attributes(tokens)) {
        [TokenTree::Ident(word), TokenTree::Ident(_), rest @ ..] if word == "graph" => {
            let opens = matches!(rest, [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Parenthesis);
            let is_generic = rest.first().is_some_and(|token| is_punct(token, '<'));
            (opens || is_generic || is_end(rest)).then_some(Begins::Header)
        }
        [TokenTree::Ident(word), ..] if word == "in" => Some(Begins::Open(Direction::In)),
        [TokenTree::Ident(word), TokenTree::Ident(_), ..] if word == "out" => {
            Some(Begins::Open(Direction::Out))
        }
        _ => None,
    }
}

pub fn after_attributes(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens {
        [pound, TokenTree::Group(group), rest @ ..]
            if is_punct(pound, '#') && group.delimiter() == Delimiter::Bracket =>
        {
            after_attributes(rest)
        }
        _ => tokens,
    }
}

pub fn after_visibility(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens {
        [TokenTree::Ident(word), TokenTree::Group(group), rest @ ..]
            if word == "pub" && group.delimiter() == Delimiter::Parenthesis =>
        {
            rest
        }
        [TokenTree::Ident(word), rest @ ..] if word == "pub" => rest,
        _ => tokens,
    }
}

/// `graph NAME<GENERICS>(PARAMETERS) where …;`
pub fn header(input: ParseStream) -> syn::Result<(Item, Rest)> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    input.call(Ident::parse_any)?;
    let name: Ident = input.parse()?;
    let mut header = Header {
        attributes,
        visibility,
        name,
        generics: Generics::default(),
        parameters: Vec::new(),
    };
    let mut read = || {
        header.generics = input.parse()?;
        if !input.peek(syn::token::Paren) {
            let name = &header.name;
            return Err(syn::Error::new(
                name.span(),
                format!(
                    "a graph is made by a function: write `graph {name}();`, with its parameters between the parentheses"
                ),
            ));
        }
        let parameters;
        parenthesized!(parameters in input);
        let parameters: Punctuated<syn::FnArg, Token![,]> =
            parameters.parse_terminated(<syn::FnArg as syn::parse::Parse>::parse, Token![,])?;
        for parameter in parameters {
            match parameter {
                syn::FnArg::Typed(parameter) => header.parameters.push(parameter),
                syn::FnArg::Receiver(this) => {
                    return Err(syn::Error::new_spanned(
                        this,
                        "a graph is made from its parameters: there is no `self` yet",
                    ));
                }
            }
        }
        header.generics.where_clause = input.parse()?;
        Ok(())
    };
    let rest = match read() {
        Ok(()) => rest_after(input, "`;`"),
        Err(error) => skip(input, error),
    };
    Ok((Item::Header(Box::new(header)), rest))
}

/// `in NAME: TYPE;`
pub fn open(input: ParseStream, direction: Direction) -> syn::Result<(Item, Rest)> {
    let attributes = input.call(Attribute::parse_outer)?;
    if let visibility @ (Visibility::Public(_) | Visibility::Restricted(_)) = input.parse()? {
        return Err(syn::Error::new_spanned(
            visibility,
            "the ends of a graph are as visible as the graph: take this out",
        ));
    }
    let word = input.call(Ident::parse_any)?;
    if begins_wire(input) {
        let error = syn::Error::new(
            word.span(),
            format!("an open end has a name: write `{word} video: VideoFrame;`"),
        );
        let rest = Some((error, input.parse().unwrap_or_default()));
        return Ok((Item::Nothing, rest));
    }
    let name = portable(input.call(Ident::parse_any).map_err(|_| {
        syn::Error::new(
            word.span(),
            format!("an open end has a name: write `{word} video: VideoFrame;`"),
        )
    })?);
    let mut ty = None;
    let rest = if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        match input.parse() {
            Ok(read) => {
                ty = Some(read);
                rest_after(input, "`;`")
            }
            Err(error) => skip(input, error),
        }
    } else {
        let error = syn::Error::new(
            name.span(),
            format!("say what flows here: write `{word} {name}: VideoFrame;`"),
        );
        skip(input, error)
    };
    let open = Open {
        attributes,
        direction,
        name,
        ty,
    };
    Ok((Item::Open(Box::new(open)), rest))
}

/// Puts the header where it belongs; there is one, and it is the first item.
pub fn take(tree: &mut Tree, errors: &mut Errors) {
    let mut place = 0;
    tree.items.retain(|item| {
        place += 1;
        let Item::Header(header) = item else {
            return true;
        };
        if place == 1 {
            tree.header = Some((**header).clone());
        } else {
            errors.at(
                &header.name,
                "`graph NAME(…);` says what the whole is called: it comes first, and once",
            );
        }
        false
    });
}
