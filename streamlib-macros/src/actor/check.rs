//! What an actor has to be.

use std::path::Path;

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Attribute, Fields, Generics, Item, ItemStruct, parse_quote};

use super::beside::Typed;
use super::parse::{mark_of, port_type, role_of};
use super::tree::{Actor, Field, Role, Shape};
use super::{carried, numbers, payloads};
use crate::errors::Errors;

/// The bits in which a run reports which outputs were published.
const MOST_OUTPUTS: usize = 64;

/// Tells everything that is wrong with it, and takes out what cannot stay.
pub fn check(actor: &mut Actor, errors: &mut Errors) {
    shape(actor, errors);
    if actor.shape == Shape::Other {
        name_fields(&mut actor.fields);
    }
    one_name_once(actor, errors);
    numbers::check(actor, errors);
    for lifetime in actor.generics.lifetimes() {
        errors.at(
            &lifetime.lifetime,
            "an actor cannot borrow: it moves to a task that outlives what it could borrow from; own the data, or \
             share it in an `Arc`",
        );
    }
    live_on(&mut actor.generics);
    if let Item::Struct(item) = &mut actor.item {
        live_on(&mut item.generics);
    }
    for field in &mut actor.fields {
        match &mut field.role {
            Role::Plain if actor.shape == Shape::Other => {}
            Role::Plain => unmarked(field, errors),
            Role::Input(_) | Role::Output(_) => {}
        }
        if !matches!(field.role, Role::Plain)
            && let Some(condition) = field
                .attributes
                .iter()
                .find(|attribute| is_condition(attribute))
        {
            errors.at(
                condition,
                "a port is there or not there for good: put the condition on the struct",
            );
            unconditional(&mut actor.item, field);
        }
    }
    unbound_payloads(actor, errors);
    if let Some((field, ..)) = actor.outputs().nth(MOST_OUTPUTS) {
        errors.at(
            &field.ty,
            format!("an actor has up to {MOST_OUTPUTS} outputs"),
        );
    }
}

/// Whether it is not the first struct of its name, which rustc tells: all that would be written has been.
pub fn is_again(actor: &Actor, file: &Path) -> bool {
    let name = actor.name.as_ref();
    let typed = name.and_then(|name| Typed::of(file, name));
    typed.is_some_and(|typed| typed.is_again())
}

/// Tells a `new` of the user's beside the one that is to be written, and has it be the only one.
pub fn one_new(actor: &mut Actor, file: &Path, errors: &mut Errors) {
    let Some(name) = &actor.name else { return };
    let new = actor.arguments.new.clone();
    let new = new.unwrap_or_else(|| Ident::new("new", Span::call_site()));
    if !Typed::of(file, name).is_some_and(|typed| typed.has_own(&new)) {
        return;
    }
    let given = actor.plain().map(|(_, name)| name.to_string());
    let typed = actor
        .plain()
        .map(|(field, name)| format!("{name}: {}", carried::shown(&field.ty)));
    let (given, typed) = (
        given.collect::<Vec<_>>().join(", "),
        typed.collect::<Vec<_>>().join(", "),
    );
    let other = if new == "assemble" {
        "make"
    } else {
        "assemble"
    };
    errors.at(
        name,
        format!(
            "`#[actor]` writes `{name}::{new}({typed})`, and `impl {name}` has one too: name what it writes, \
             `#[actor(new = {other})]`, and call that in yours, `Self::{other}({given})`"
        ),
    );
    actor.has_new = true;
}

/// Tells a type parameter that flows through a port and is no message, once for all its ports.
fn unbound_payloads(actor: &mut Actor, errors: &mut Errors) {
    let mut generics = actor.generics.clone();
    let flows = |name: &Ident, payload: &TokenStream| payload.to_string() == format!("< {name} >");
    let is_payload = |name: &Ident| {
        let mut inputs = actor.inputs().map(|(_, _, input)| &input.payload);
        let mut outputs = actor.outputs().map(|(_, _, output)| &output.payload);
        inputs.any(|payload| flows(name, payload)) || outputs.any(|payload| flows(name, payload))
    };
    let parameters = generics.type_params().map(|parameter| &parameter.ident);
    let payloads: Vec<Ident> = parameters
        .filter(|name| is_payload(name))
        .cloned()
        .collect();
    let is_payload = |name: &Ident| payloads.contains(name);
    payloads::bind(&mut generics, is_payload, "a port", errors);
    if let Item::Struct(item) = &mut actor.item {
        payloads::size(&mut item.generics, &is_payload, |_| {});
    }
    actor.generics = generics;
}

/// Tells a field that is called as one before it is, and takes it out.
fn one_name_once(actor: &mut Actor, errors: &mut Errors) {
    let Item::Struct(ItemStruct {
        fields: Fields::Named(fields),
        ..
    }) = &mut actor.item
    else {
        return;
    };
    let mut kept: Vec<Field> = Vec::new();
    let mut typed = std::mem::take(&mut fields.named).into_iter();
    for field in std::mem::take(&mut actor.fields) {
        let Some(as_typed) = typed.next() else { break };
        let is_same = |other: &Field| {
            let is_called =
                other.name.as_ref().map(Ident::unraw) == field.name.as_ref().map(Ident::unraw);
            // Under a condition there may be one of them only.
            let is_there = [other, &field]
                .into_iter()
                .all(|field| !field.attributes.iter().any(is_condition));
            is_called && is_there
        };
        if let (true, Some(name)) = (kept.iter().any(is_same), &field.name) {
            errors.at(
                name,
                format!(
                    "two fields are called `{}`: give one of them another name",
                    name.unraw()
                ),
            );
        } else {
            fields.named.push(as_typed);
            kept.push(field);
        }
    }
    actor.fields = kept;
}

/// Gives each field of what cannot be an actor a name of its own, so that its ports and what makes one
/// are known all the same.
fn name_fields(fields: &mut [Field]) {
    let mut names: Vec<Ident> = Vec::new();
    for (number, field) in fields.iter_mut().enumerate() {
        let name = field
            .name
            .get_or_insert_with(|| format_ident!("field_{number}"));
        if names.contains(name) {
            *name = format_ident!("{name}_{number}");
        }
        names.push(name.clone());
    }
}

/// Has every lifetime, which has been refused, last for ever: then `impl Actor for` it is not refused as well.
fn live_on(generics: &mut Generics) {
    for lifetime in generics.lifetimes_mut() {
        lifetime.bounds.push(parse_quote!('static));
    }
}

fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// Takes a port's conditions out of the struct: they have been refused, and the port is there.
fn unconditional(item: &mut Item, port: &Field) {
    if let Item::Struct(item) = item {
        let mut fields = item.fields.iter_mut();
        if let Some(field) = fields.find(|field| field.ident == port.name) {
            field.attrs.retain(|attribute| !is_condition(attribute));
        }
    }
}

/// Tells a port that is not marked, and takes it for the one that it is.
fn unmarked(field: &mut Field, errors: &mut Errors) {
    if let Some((word, payload)) = port_type(&field.ty)
        && !field.is_told
    {
        let mark = mark_of(word);
        errors.at(
            &field.ty,
            format!("a port is marked: write `#[{mark}]` above this field"),
        );
        field.role = role_of(word, payload);
    }
}

fn shape(actor: &Actor, errors: &mut Errors) {
    let what = match &actor.item {
        Item::Struct(item) => match actor.shape {
            Shape::Other => {
                errors.at(
                    &item.fields,
                    "ports have names, which the fields of a tuple have not: write `struct Name { field: Type }`",
                );
                return;
            }
            Shape::Named | Shape::Unit => return,
        },
        Item::Enum(item) => {
            errors.at(
                item.enum_token,
                "an actor is a struct: its ports are there whatever state it is in; put the enum into a field",
            );
            return;
        }
        Item::Union(_) => "a union",
        Item::Impl(_) => "an `impl`",
        Item::Trait(_) => "a trait",
        // What is no item has been told.
        Item::Verbatim(_) => return,
        _ => "this",
    };
    errors.at(
        &actor.item,
        format!("`#[actor]` goes on a struct or a function, not on {what}"),
    );
}
