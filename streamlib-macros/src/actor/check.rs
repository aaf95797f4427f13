//! What an actor has to be.

use syn::{Attribute, Expr, Item, Lit};

use super::parse::port_type;
use super::tree::{Actor, Field, Role, Shape};
use crate::errors::Errors;

/// The bits in which a run reports which outputs were published.
const MOST_OUTPUTS: usize = 64;

/// Tells everything that is wrong with it, and takes out what cannot stay.
pub fn check(actor: &mut Actor, errors: &mut Errors) {
    shape(actor, errors);
    if actor.shape == Shape::Other {
        actor.fields.clear();
    }
    for lifetime in actor.generics.lifetimes() {
        errors.at(
            &lifetime.lifetime,
            "an actor cannot borrow: it moves to a task that outlives what it could borrow from; own the data, or \
             share it in an `Arc`",
        );
    }
    for field in &mut actor.fields {
        match &field.role {
            Role::Plain => unmarked(field, errors),
            Role::Input(input) => {
                let every = "it reads up to that many items behind: `every` is";
                at_least(input.every.as_ref(), 1, every, errors);
                let slots = "one is written, one is read and one is the newest: `slots` is";
                at_least(input.slots.as_ref(), 3, slots, errors);
            }
            Role::Output(_) => {}
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
            field.role = Role::Plain;
        }
    }
    if let Some((field, ..)) = actor.outputs().nth(MOST_OUTPUTS) {
        errors.at(
            &field.ty,
            format!("an actor has up to {MOST_OUTPUTS} outputs"),
        );
    }
}

fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

fn unmarked(field: &Field, errors: &mut Errors) {
    if let Some((word, _)) = port_type(&field.ty)
        && !field.is_told
    {
        let mark = if word == "Output" { "output" } else { "input" };
        errors.at(
            &field.ty,
            format!("a port is marked: write `#[{mark}]` above this field"),
        );
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

/// A number that is written out can be checked here; others are when the graph starts.
fn at_least(expr: Option<&Expr>, least: u64, why: &str, errors: &mut Errors) {
    let Some(Expr::Lit(literal)) = expr else {
        return;
    };
    let value = match &literal.lit {
        Lit::Int(number) => number.base10_parse::<u64>(),
        _ => return errors.at(literal, format!("{why} {least} or more")),
    };
    if value.is_ok_and(|value| value < least) {
        errors.at(literal, format!("{why} {least} or more"));
    }
}
