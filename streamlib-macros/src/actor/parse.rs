//! Tokens to tree.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Expr, Fields, GenericArgument, Generics, Item, Lit, Meta, PathArguments, Type,
    Visibility,
};

use super::on_error;
use super::tree::{Actor, Arguments, Field, Input, Output, Role, Shape};
use super::{arguments, carried, half};
use crate::errors::Errors;
use crate::pipeline::DISPATCHERS;
use crate::spelling::nearest;

/// Reads the arguments and the struct.
pub fn parse(arguments: TokenStream, item: TokenStream, errors: &mut Errors) -> Actor {
    let arguments = parse_arguments(arguments, errors);
    let mut item = half::item(item, errors);
    let (visibility, name, generics, attributes, shape) = match &item {
        Item::Struct(item) => {
            let shape = match item.fields {
                Fields::Named(_) => Shape::Named,
                Fields::Unit => Shape::Unit,
                Fields::Unnamed(_) => Shape::Other,
            };
            (
                item.vis.clone(),
                Some(&item.ident),
                item.generics.clone(),
                &item.attrs[..],
                shape,
            )
        }
        Item::Enum(item) => (
            item.vis.clone(),
            Some(&item.ident),
            item.generics.clone(),
            &item.attrs[..],
            Shape::Other,
        ),
        Item::Union(item) => (
            item.vis.clone(),
            Some(&item.ident),
            item.generics.clone(),
            &item.attrs[..],
            Shape::Other,
        ),
        _ => (
            Visibility::Inherited,
            None,
            Generics::default(),
            &[][..],
            Shape::Other,
        ),
    };
    let name = name.cloned();
    let doc = doc_of(attributes);
    let fields = take_fields(&mut item, errors);
    Actor {
        item,
        visibility,
        name,
        generics,
        doc,
        arguments,
        fields,
        shape,
        is_graph: false,
        has_new: false,
    }
}

fn parse_arguments(tokens: TokenStream, errors: &mut Errors) -> Arguments {
    let mut read = Arguments::default();
    for argument in arguments::parse(
        tokens,
        &["dispatcher", "clock", "on_error", "deadline", "new"],
        errors,
    ) {
        match argument.name.to_string().as_str() {
            "dispatcher" => {
                read.dispatcher = argument.word_of("dispatcher = threads", &DISPATCHERS, errors);
            }
            "clock" => read.clock = argument.expr("clock = SoftwareClock::new(rate)", errors),
            "on_error" => read.on_error = on_error::parse(argument, errors),
            "deadline" => read.deadline = argument.expr("deadline = 30", errors),
            _ => read.new = argument.word("new = assemble", errors),
        }
    }
    read
}

/// The fields, and with them the attributes of ports: those go out of the item.
fn take_fields(item: &mut Item, errors: &mut Errors) -> Vec<Field> {
    let mut fields = Vec::new();
    let ports = match item {
        Item::Struct(item) => item.fields.iter().filter_map(well_marked).collect(),
        _ => Vec::new(),
    };
    let mut take = |field: &mut syn::Field| fields.push(take_field(field, &ports, errors));
    match item {
        Item::Struct(item) => item.fields.iter_mut().for_each(&mut take),
        Item::Enum(item) => {
            item.variants
                .iter_mut()
                .flat_map(|variant| variant.fields.iter_mut())
                .for_each(&mut take);
        }
        Item::Union(item) => item.fields.named.iter_mut().for_each(&mut take),
        _ => {}
    }
    fields
}

/// The port that a field is, if it is marked as that.
fn well_marked(field: &syn::Field) -> Option<&'static str> {
    let (word, _) = port_type(&field.ty)?;
    let mark = field.attrs.iter().find_map(port_word)?;
    (mark == mark_of(word)).then_some(word)
}

/// Whether of a port that is marked as one thing and typed as another the mark is right: the actor has a port of the kind
/// typed already, and none of the kind marked.
fn is_mark_right(ports: &[&str], marked: &str, typed: &str) -> bool {
    let has = |word: &str| ports.iter().any(|port| mark_of(port) == mark_of(word));
    has(typed) && !has(marked)
}

fn take_field(field: &mut syn::Field, ports: &[&str], errors: &mut Errors) -> Field {
    let before = errors.len();
    let mut role = None;
    misspelt_mark(field, errors);
    let marks: Vec<Attribute> = field
        .attrs
        .extract_if(.., |attribute| port_word(attribute).is_some())
        .collect();
    for mark in marks {
        if role.is_some() {
            errors.at(
                &mark,
                "a field is one port: take one of these attributes out",
            );
            continue;
        }
        let is_input = port_word(&mark) == Some("input");
        let (read, word) = if is_input {
            (input(&mark, &field.ty, errors), "Input")
        } else {
            (output(&mark, &field.ty, errors), "Output")
        };
        let read = read.map(|role| carry(role, &mut field.ty, errors));
        role = Some(read.unwrap_or_else(|| meant(field, word, ports, errors)));
    }
    Field {
        attributes: field.attrs.clone(),
        visibility: field.vis.clone(),
        name: field.ident.clone(),
        ty: field.ty.clone(),
        doc: doc_of(&field.attrs),
        role: role.unwrap_or(Role::Plain),
        is_told: errors.len() > before,
    }
}

/// Tells an attribute of a port that is not marked and is nearly its mark, and takes it for that.
fn misspelt_mark(field: &mut syn::Field, errors: &mut Errors) {
    let Some((word, _)) = port_type(&field.ty) else {
        return;
    };
    let meant = mark_of(word);
    if field.attrs.iter().any(|mark| port_word(mark).is_some()) {
        return;
    }
    let is_near = |path: &syn::Path| {
        let given = path.get_ident().map(ToString::to_string);
        given.is_some_and(|given| nearest(&given, [meant]).is_some())
    };
    for attribute in &mut field.attrs {
        let path = match &mut attribute.meta {
            Meta::Path(path) => path,
            Meta::List(list) => &mut list.path,
            Meta::NameValue(_) => continue,
        };
        if is_near(path) {
            let given = path.to_token_stream();
            errors.at(
                &*path,
                format!("a port is not marked `#[{given}]`; did you mean `#[{meant}]`?"),
            );
            *path = Ident::new(meant, Span::mixed_site()).into();
            return;
        }
    }
}

/// Tells what no port can carry, and has the port carry what was meant.
fn carry(role: Role, ty: &mut Type, errors: &mut Errors) -> Role {
    if let Type::Path(path) = ty
        && let Some(payload) = carried::payload_of(&mut path.path)
        && let Some(message) = carried::refusal(payload, "")
    {
        errors.at(&*payload, message);
        let meant = carried::meant(payload);
        *payload = meant.clone();
        let meant = quote!(<#meant>);
        return match role {
            Role::Input(input) => Role::Input(Box::new(Input {
                payload: meant,
                ..*input
            })),
            Role::Output(_) => Role::Output(Output { payload: meant }),
            Role::Plain => Role::Plain,
        };
    }
    role
}

/// `input` or `output`, for `#[input]` and `#[streamlib::input]` alike.
pub fn port_word(attribute: &Attribute) -> Option<&'static str> {
    let word = &attribute.path().segments.last()?.ident;
    ["input", "output"].into_iter().find(|known| word == known)
}

fn arguments_of(mark: &Attribute, errors: &mut Errors) -> TokenStream {
    match &mark.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) => TokenStream::new(),
        Meta::NameValue(given) => {
            let message = match port_word(mark) {
                Some("output") => "an output takes no arguments: write `#[output]`",
                _ => {
                    "what is said of an input stands in parentheses: `#[input(optional)]`, `#[input(every = 8)]`"
                }
            };
            errors.at(given.value.to_token_stream(), message);
            TokenStream::new()
        }
    }
}

/// Makes a field that is marked and no port, which has been told, the port that was meant: then graphs
/// are not refused as well.
fn meant(field: &mut syn::Field, word: &'static str, ports: &[&str], errors: &Errors) -> Role {
    let named = Ident::new(word, Span::mixed_site());
    if let Some((port, (found, payload))) =
        inside(&field.ty, &|ty| Some((ty.clone(), port_type(ty)?)))
    {
        if mark_of(found) != mark_of(word) && is_mark_right(ports, word, found) {
            field.ty = syn::parse_quote!(::streamlib::__private::#named #payload);
            return role_of(word, payload);
        }
        field.ty = port;
        return role_of(found, payload);
    }
    let mut words = ["Input", "Inputs", "Output"].into_iter();
    if let Some(bare) = words.find(|port| has_word(field.ty.to_token_stream(), port)) {
        return match &field.ty {
            Type::Path(path) if path.path.is_ident(bare) => {
                let (port, payload) = (path.path.clone(), errors.unknown_type());
                let payload = quote!(<#payload>);
                field.ty = syn::parse_quote!(#port #payload);
                role_of(bare, payload)
            }
            _ => Role::Plain,
        };
    }
    // What it is to carry cannot be known: the type may be that of the items, or a name for a port's.
    let payload = errors.unknown_type();
    let payload = quote!(<#payload>);
    field.ty = syn::parse_quote!(::streamlib::__private::#named #payload);
    role_of(word, payload)
}

/// The first that is found in a type, or in what it holds.
fn inside<T>(ty: &Type, find: &impl Fn(&Type) -> Option<T>) -> Option<T> {
    if let Some(found) = find(ty) {
        return Some(found);
    }
    let path = match ty {
        Type::Group(group) => return inside(&group.elem, find),
        Type::Paren(paren) => return inside(&paren.elem, find),
        Type::Path(path) => path,
        _ => return None,
    };
    let PathArguments::AngleBracketed(held) = &path.path.segments.last()?.arguments else {
        return None;
    };
    held.args.iter().find_map(|held| match held {
        GenericArgument::Type(held) => inside(held, find),
        _ => None,
    })
}

/// Whether a word stands anywhere among some tokens.
pub fn has_word(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(group.stream(), word),
        _ => false,
    })
}

fn input(mark: &Attribute, ty: &Type, errors: &mut Errors) -> Option<Role> {
    let mut input = Input::default();
    let mut latest = None;
    for argument in arguments::parse(
        arguments_of(mark, errors),
        &["optional", "latest", "every", "slots"],
        errors,
    ) {
        match argument.name.to_string().as_str() {
            "optional" => {
                input.optional = true;
                argument.flag(errors);
            }
            "latest" => {
                latest = Some(argument.name.clone());
                argument.flag(errors);
            }
            "every" => input.every = argument.expr("every = 8", errors),
            _ => input.slots = argument.expr("slots = 4", errors),
        }
    }
    if let (Some(latest), Some(_)) = (latest, &input.every) {
        errors.at(
            latest,
            "an input brings the newest item, `latest`, or each in its order, `every`: take one of the two out",
        );
    }
    match port_type(ty) {
        Some((word @ ("Input" | "Inputs"), payload)) => {
            input.many = word == "Inputs";
            input.payload = payload;
            Some(Role::Input(Box::new(input)))
        }
        Some(("Output", _)) => {
            errors.at(mark, "an `Output<…>` is marked `#[output]`");
            None
        }
        _ => {
            errors.at(
                ty,
                "`#[input]` goes on a field whose type is written `Input<…>` or `Inputs<…>`",
            );
            None
        }
    }
}

fn output(mark: &Attribute, ty: &Type, errors: &mut Errors) -> Option<Role> {
    for argument in arguments::parse(arguments_of(mark, errors), &[], errors) {
        argument.flag(errors);
    }
    match port_type(ty) {
        Some(("Output", payload)) => Some(Role::Output(Output { payload })),
        Some((word, _)) => {
            errors.at(mark, format!("an `{word}<…>` is marked `#[input]`"));
            None
        }
        None => {
            errors.at(
                ty,
                "`#[output]` goes on a field whose type is written `Output<…>`",
            );
            None
        }
    }
}

/// What a port's type alone says it is, whatever it is marked.
pub fn role_of(word: &str, payload: TokenStream) -> Role {
    if word == "Output" {
        return Role::Output(Output { payload });
    }
    Role::Input(Box::new(Input {
        many: word == "Inputs",
        payload,
        ..Input::default()
    }))
}

/// The mark that goes with a port's type.
pub fn mark_of(word: &str) -> &'static str {
    if word == "Output" { "output" } else { "input" }
}

/// `Input`, `Inputs` or `Output`, and the `<PAYLOAD>` after it.
pub fn port_type(ty: &Type) -> Option<(&'static str, TokenStream)> {
    match ty {
        Type::Group(group) => port_type(&group.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let word = ["Input", "Inputs", "Output"]
                .into_iter()
                .find(|word| last.ident == word)?;
            match &last.arguments {
                PathArguments::AngleBracketed(payload) if payload.args.len() == 1 => {
                    Some((word, payload.to_token_stream()))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The lines of `///`, as plain text.
pub fn doc_of(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(meta) = &attribute.meta else {
            return None;
        };
        let Expr::Lit(literal) = &meta.value else {
            return None;
        };
        match &literal.lit {
            Lit::Str(line) if meta.path.is_ident("doc") => Some(line.value()),
            _ => None,
        }
    });
    let lines: Vec<String> = lines
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n").trim().to_owned()
}
