//! What an actor has to be.

use proc_macro2::{Ident, TokenStream};
use quote::format_ident;
use syn::{Attribute, Generics, Item, parse_quote};

use super::parse::{mark_of, port_type, role_of};
use super::tree::{Actor, Field, Role, Shape};
use super::{numbers, payloads};
use crate::errors::Errors;

/// The bits in which a run reports which outputs were published.
const MOST_OUTPUTS: usize = 64;

/// Tells everything that is wrong with it, and takes out what cannot stay.
pub fn check(actor: &mut Actor, errors: &mut Errors) {
    shape(actor, errors);
    if actor.shape == Shape::Other {
        name_fields(&mut actor.fields);
    }
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

/// Tells a type parameter that flows through a port and is no message, once for all its ports.
fn unbound_payloads(actor: &mut Actor, errors: &mut Errors) {
    let mut generics = actor.generics.clone();
    let flows = |name: &Ident, payload: &TokenStream| payload.to_string() == format!("< {name} >");
    let is_payload = |name: &Ident| {
        actor
            .inputs()
            .any(|(_, _, input)| flows(name, &input.payload))
            || actor
                .outputs()
                .any(|(_, _, output)| flows(name, &output.payload))
    };
    payloads::bind(&mut generics, is_payload, "a port", errors);
    actor.generics = generics;
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
