//! Tokens to tree. Each item is read for itself, so that a mistake in one leaves the others whole.

use proc_macro2::{Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{BinOp, Expr, Ident, Token};

use super::check::DISPATCHERS;
use super::control_flow;
use super::ends::{flatten, portable};
use super::header::{self, Begins};
use super::slips;
use super::tree::{Clock, Item, Node, Tree, Wire};
use super::unnameable;
use crate::errors::Errors;
use crate::spelling::{nearest, one_of};

/// Reads the items of a pipeline.
pub fn parse(tokens: TokenStream) -> (Tree, Errors) {
    let mut errors = Errors::default();
    let mut tree = Tree::default();
    let mut items = split(header::unbraced(tokens, &mut errors));
    unnameable::mend(&mut items, &mut errors);
    let first = items.first().cloned().unwrap_or_default();
    for item in items {
        let before = errors.len();
        parse_item(item, &mut tree.items, &mut errors);
        tree.broken |= errors.len() > before;
    }
    header::take(&mut tree, &mut errors);
    tree.is_item = tree.header.is_none() && !errors.is_empty() && looks_like_item(&first);
    (tree, errors)
}

/// Whether what cannot be read was to be an item of a module: it begins as only those do.
fn looks_like_item(first: &[TokenTree]) -> bool {
    let first = header::after_attributes(first);
    header::after_visibility(first).len() < first.len()
        || matches!(first, [TokenTree::Ident(word), TokenTree::Ident(_), ..] if word == "graph")
}

/// Cuts the tokens after each `;`. Every item ends with one: the last gets it where it has none, so
/// that "expected …" points at the end of the item and not at the whole macro.
fn split(tokens: Vec<TokenTree>) -> Vec<Vec<TokenTree>> {
    let mut items: Vec<Vec<_>> = tokens
        .split_inclusive(|token| is_punct(token, ';'))
        .filter(|item| !is_end(item))
        .map(<[_]>::to_vec)
        .collect();
    if let Some(item) = items.last_mut()
        && let Some(last) = item.last()
        && !is_punct(last, ';')
    {
        let end = semicolon(last.span());
        item.push(end);
    }
    items
}

fn parse_item(tokens: Vec<TokenTree>, items: &mut Vec<Item>, errors: &mut Errors) {
    let tokens = slips::mend(tokens, errors);
    if let Some(begins) = header::begins(&tokens) {
        let read = match begins {
            Begins::Header => run(header::header, tokens, errors),
            Begins::Open(direction) => run(
                |input: ParseStream| header::open(input, direction),
                tokens,
                errors,
            ),
        };
        if let Some((item, rest)) = read {
            items.push(item);
            go_on(rest, items, errors);
        }
        return;
    }
    let tokens = slips::without_attributes(tokens, errors);
    if let Some(rest) = control_flow::refuse(&tokens, errors) {
        if !rest.is_empty() {
            parse_item(rest, items, errors);
        }
        return;
    }
    match &tokens[..] {
        [TokenTree::Ident(word), TokenTree::Ident(_), rest @ ..]
            if word == "clock"
                && (is_equals(rest)
                    || is_end(rest)
                    || matches!(rest, [TokenTree::Ident(_), ..])) =>
        {
            parse_clock(tokens, items, errors);
        }
        [TokenTree::Ident(_), rest @ ..] if is_equals(rest) => parse_node(tokens, items, errors),
        _ => parse_wire(tokens, items, errors),
    }
}

/// `clock NAME = EXPR ;`
fn parse_clock(tokens: Vec<TokenTree>, items: &mut Vec<Item>, errors: &mut Errors) {
    let parser = |input: ParseStream| {
        input.call(Ident::parse_any)?;
        let name = portable(input.call(Ident::parse_any)?);
        let equals = input.parse::<Token![=]>();
        if input.peek(Ident::peek_any) && (equals.is_err() || begins_item(input)) {
            let message = format!(
                "what `{name}` is stands after `=`: write `clock {name} = SoftwareClock::fps(60);`"
            );
            let half = syn::Error::new(name.span(), message);
            return Ok((Clock { name, expr: None }, Some((half, input.parse()?))));
        }
        let value = || {
            equals?;
            let expr: Expr = input.parse()?;
            Ok(expr.into_token_stream())
        };
        let (expr, error) = split_result(value());
        let rest = match error {
            None if input.peek(Token![@]) || input.fork().call(word_on)?.is_some() => {
                let message = format!(
                    "a clock is not placed: write `@ {name}` and `on …` after the nodes that it ticks"
                );
                let place = input.cursor().span();
                input.parse::<TokenStream>()?;
                Some((syn::Error::new(place, message), TokenStream::new()))
            }
            None => rest_after(input, "`;`"),
            Some(error) => skip(input, error),
        };
        Ok((Clock { name, expr }, rest))
    };
    if let Some((clock, rest)) = run(parser, tokens, errors) {
        items.push(Item::Clock(clock));
        go_on(rest, items, errors);
    }
}

/// `NAME = EXPR [@ CLOCK] [on DISPATCHER] ;`
fn parse_node(tokens: Vec<TokenTree>, items: &mut Vec<Item>, errors: &mut Errors) {
    let parser = |input: ParseStream| {
        let name = portable(input.call(Ident::parse_any)?);
        input.parse::<Token![=]>()?;
        let mut node = Node {
            name,
            expr: None,
            clock: None,
            dispatcher: None,
            options: TokenStream::new(),
            otherwise: None,
            is_refused: false,
            told: Vec::new(),
        };
        let mut half = None;
        let mut placed = |node: &mut Node| -> syn::Result<()> {
            if begins_item(input) {
                let message = format!(
                    "what `{0}` is stands after `=`: write `{0} = …;`",
                    node.name
                );
                half = Some(syn::Error::new(node.name.span(), message));
                return Ok(());
            }
            let expr: Expr = input.parse()?;
            if let Expr::Binary(binary) = &expr
                && matches!(binary.op, BinOp::Shr(_))
            {
                return Err(syn::Error::new_spanned(
                    binary.op,
                    format!(
                        "a node is declared first and wired after: write `{} = …;`, then `{} >> …;`",
                        node.name, node.name
                    ),
                ));
            }
            let expr = not_in_rust(expr, node)?;
            node.expr = Some(expr.into_token_stream());
            loop {
                if input.peek(Token![@]) {
                    let at: Token![@] = input.parse()?;
                    if begins_wire(input) {
                        half = Some(syn::Error::new(at.span, "`@` needs the name of a clock"));
                        return Ok(());
                    }
                    let clock =
                        portable(input.call(Ident::parse_any).map_err(|_| {
                            syn::Error::new(at.span, "`@` needs the name of a clock")
                        })?);
                    if input.peek(Token![::])
                        || input.peek(Token![.])
                        || input.peek(syn::token::Paren)
                    {
                        return Err(syn::Error::new(
                            clock.span(),
                            "the clock after `@` has a name: write `clock house = …;` before this, and `@ house` here",
                        ));
                    }
                    if node.clock.replace(clock).is_some() {
                        return Err(syn::Error::new(at.span, "a node has one clock"));
                    }
                } else if let Some(on) = on_or_misspelt(input, &mut node.told)? {
                    let unnamed = || {
                        let known = one_of(&DISPATCHERS);
                        let message = format!("`on` needs the name of a dispatcher: {known}");
                        syn::Error::new(on.span(), message)
                    };
                    if begins_wire(input) {
                        half = Some(unnamed());
                        return Ok(());
                    }
                    let dispatcher = input.call(Ident::parse_any).map_err(|_| unnamed())?;
                    let said = options(input, &dispatcher);
                    if node.dispatcher.replace(dispatcher).is_some() {
                        return Err(syn::Error::new(on.span(), "a node runs on one dispatcher"));
                    }
                    (node.options, node.otherwise) = said?;
                } else {
                    return Ok(());
                }
            }
        };
        let outcome = placed(&mut node);
        let rest = match outcome {
            Ok(()) if half.is_some() => {
                half.map(|error| (error, input.parse().unwrap_or_default()))
            }
            Ok(()) => rest_after(input, "`@ CLOCK`, `on DISPATCHER` or `;`"),
            Err(error) => skip(input, error),
        };
        Ok((node, rest))
    };
    if let Some((mut node, rest)) = run(parser, tokens, errors) {
        node.told.drain(..).for_each(|error| errors.push(error));
        items.push(Item::Node(node));
        go_on(rest, items, errors);
    }
}

/// The expression of a node, less what a graph writes in words of its own: told, and taken for that where it can be.
fn not_in_rust(expr: Expr, node: &mut Node) -> syn::Result<Expr> {
    match expr {
        Expr::Call(call) if is_word(&call.func, &["delay"]) => Err(syn::Error::new_spanned(
            call,
            "a delay is no node but stands on an edge: write `a >> delay(2) >> b`",
        )),
        Expr::MethodCall(call)
            if call.method == "on"
                && call.args.len() == 1
                && is_word(&call.args[0], &DISPATCHERS) =>
        {
            let word = call.args[0].to_token_stream();
            let message =
                format!("where a node runs stands after its expression: write ` on {word}`");
            node.told
                .push(syn::Error::new_spanned(&call.method, message));
            node.dispatcher = syn::parse2(word).ok();
            Ok(*call.receiver)
        }
        expr => Ok(expr),
    }
}

fn is_word(expr: &Expr, words: &[&str]) -> bool {
    matches!(expr, Expr::Path(path) if words.iter().any(|word| path.path.is_ident(word)))
}

/// Whether what comes next is an item of its own, `NAME >> …` or `NAME.PORT >> …`: what was to come before it is not there.
pub fn begins_wire(input: ParseStream) -> bool {
    let ahead = input.fork();
    let is_end = ahead.call(Ident::parse_any).is_ok()
        && (!ahead.peek(Token![.])
            || ahead.parse::<Token![.]>().is_ok() && ahead.call(Ident::parse_any).is_ok());
    is_end && ahead.peek(Token![>>])
}

/// Whether what comes next is an item of its own, `NAME = …` or `clock NAME = …`, with the same consequence.
fn begins_item(input: ParseStream) -> bool {
    let ahead = input.fork();
    let Ok(word) = ahead.call(Ident::parse_any) else {
        return false;
    };
    if word == "clock" && ahead.peek(Ident::peek_any) {
        return true;
    }
    ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>])
}

/// `END >> END >> … ;`
fn parse_wire(mut tokens: Vec<TokenTree>, items: &mut Vec<Item>, errors: &mut Errors) {
    let before = errors.len();
    slips::mend_dots(&mut tokens, errors);
    slips::mend_delays(&mut tokens, errors);
    let parser = |input: ParseStream| {
        let expr: Expr = input.parse()?;
        if input.peek(Token![@]) || input.fork().call(word_on)?.is_some() {
            let place = input.cursor().span();
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(
                place,
                "only a node with a name is placed: write `NAME = EXPR @ CLOCK on DISPATCHER;` above, and the name here",
            ));
        }
        Ok((expr, rest_after(input, "`>>` or `;`")))
    };
    let mut is_half = false;
    let (expr, rest) = match parser.parse2(tokens.iter().cloned().collect()) {
        Ok(read) => read,
        Err(error) => {
            // Half typed, as in `bars >>`: what stands before is kept.
            errors.push(error);
            is_half = true;
            let is_half = |token: &TokenTree| "=>.@;:".chars().any(|half| is_punct(token, half));
            let Some(last) = tokens.iter().rposition(|token| !is_half(token)) else {
                return;
            };
            let end = semicolon(tokens[last].span());
            tokens.truncate(last + 1);
            tokens.push(end);
            let Ok(read) = parser.parse2(tokens.into_iter().collect()) else {
                return;
            };
            read
        }
    };
    let mut steps = Vec::new();
    flatten(expr, &mut steps, errors);
    let is_broken = errors.len() > before || rest.is_some();
    items.push(Item::Wire(Wire {
        steps,
        is_broken,
        is_half,
    }));
    go_on(rest, items, errors);
}

/// What follows an item: nothing, or an error and what may be the next item, its `;` forgotten.
pub type Rest = Option<(syn::Error, TokenStream)>;

pub fn rest_after(input: ParseStream, expected: &str) -> Rest {
    if let Ok(Some(_)) = input.parse::<Option<Token![;]>>()
        && input.is_empty()
    {
        return None;
    }
    let error = input.error(format!("expected {expected}"));
    Some((error, input.parse().unwrap_or_default()))
}

/// After an error inside an item: nothing of what follows in it can be trusted.
pub fn skip(input: ParseStream, error: syn::Error) -> Rest {
    let _: syn::Result<TokenStream> = input.parse();
    Some((error, TokenStream::new()))
}

fn go_on(rest: Rest, items: &mut Vec<Item>, errors: &mut Errors) {
    if let Some((error, tokens)) = rest {
        errors.push(error);
        let tokens: Vec<_> = tokens.into_iter().collect();
        if matches!(&tokens[..], [TokenTree::Ident(_), _, _, ..]) {
            parse_item(tokens, items, errors);
        }
    }
}

fn run<T>(
    parser: impl FnOnce(ParseStream) -> syn::Result<T>,
    tokens: Vec<TokenTree>,
    errors: &mut Errors,
) -> Option<T> {
    parser
        .parse2(tokens.into_iter().collect())
        .map_err(|error| errors.push(error))
        .ok()
}

fn split_result<T>(result: syn::Result<T>) -> (Option<T>, Option<syn::Error>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error)),
    }
}

/// `on`, or what looks like it where only that can stand: told, and taken for it.
fn on_or_misspelt(input: ParseStream, told: &mut Vec<syn::Error>) -> syn::Result<Option<Ident>> {
    if let Some(on) = word_on(input)? {
        return Ok(Some(on));
    }
    let ahead = input.fork();
    let Ok(word) = ahead.call(Ident::parse_any) else {
        return Ok(None);
    };
    if nearest(&word.to_string(), ["on"]).is_none() || !ahead.peek(Ident::peek_any) {
        return Ok(None);
    }
    input.advance_to(&ahead);
    let message = format!("`{word}` means nothing here; did you mean `on`?");
    told.push(syn::Error::new(word.span(), message));
    Ok(Some(word))
}

/// What a dispatcher may say more: `process.alone()`, `process.memory(BYTES)`; and which one stands in for it,
/// `gpu.or(DISPATCHER)`.
fn options(input: ParseStream, on: &Ident) -> syn::Result<(TokenStream, Option<Ident>)> {
    let (mut options, mut otherwise) = (TokenStream::new(), None);
    while input.peek(Token![.]) {
        let dot: Token![.] = input.parse()?;
        let word = input.call(Ident::parse_any)?;
        let is_option = on == "process" && (word == "alone" || word == "memory");
        if !is_option && word != "or" {
            let known = match on.to_string().as_str() {
                "process" => "`.alone()`, `.memory(BYTES)`, or nothing",
                "gpu" => "`.or(DISPATCHER)` or nothing",
                _ => "nothing more",
            };
            return Err(syn::Error::new(
                word.span(),
                format!("after `{on}` comes {known}"),
            ));
        }
        let arguments: proc_macro2::Group = input.parse().map_err(|_| {
            syn::Error::new(word.span(), format!("write `.{word}(…)`: it is called"))
        })?;
        if is_option {
            dot.to_tokens(&mut options);
            word.to_tokens(&mut options);
            arguments.to_tokens(&mut options);
        } else if let Some(first) = &otherwise {
            return Err(syn::Error::new(
                word.span(),
                format!(
                    "one `.or(…)` is enough: `{first}` is always there, so nothing comes after it; leave this one out"
                ),
            ));
        } else {
            let other = Ident::parse_any.parse2(arguments.stream());
            let other = other.map_err(|_| {
                syn::Error::new(word.span(), "write `.or(DISPATCHER)`, as in `.or(threads)`")
            })?;
            otherwise = Some(other);
        }
    }
    Ok((options, otherwise))
}

/// The contextual keyword `on`.
fn word_on(input: ParseStream) -> syn::Result<Option<Ident>> {
    match input.fork().call(Ident::parse_any) {
        Ok(word) if word == "on" => input.call(Ident::parse_any).map(Some),
        _ => Ok(None),
    }
}

pub fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// Whether a lone `=` comes next (not `==` or `=>`).
pub fn is_equals(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(equals), next, ..] if equals.as_char() == '=' => {
            equals.spacing() == Spacing::Alone || !(is_punct(next, '=') || is_punct(next, '>'))
        }
        _ => false,
    }
}

pub fn is_end(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [token] if is_punct(token, ';'))
}

fn semicolon(span: Span) -> TokenTree {
    let mut end = Punct::new(';', Spacing::Alone);
    end.set_span(span);
    end.into()
}
