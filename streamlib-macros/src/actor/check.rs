//! What an actor has to be.

use syn::{Expr, Item, Lit};

use super::parse::port_type;
use super::tree::{Actor, Role, Shape};
use crate::errors::Errors;

/// The bits in which a run reports which outputs were published.
const MOST_OUTPUTS: usize = 64;

/// Tells everything that is wrong with it.
pub fn check(actor: &Actor, errors: &mut Errors) {
    shape(actor, errors);
    for lifetime in actor.generics.lifetimes() {
        errors.at(
            &lifetime.lifetime,
            "an actor cannot borrow: it moves to a task that outlives what it could borrow from; own the data, or \
             share it in an `Arc`",
        );
    }
    if actor.shape != Shape::Named {
        return;
    }
    for field in &actor.fields {
        match &field.role {
            Role::Plain => {
                if let Some((word, _)) = port_type(&field.ty)
                    && errors.is_empty()
                {
                    let mark = if word == "Output" { "output" } else { "input" };
                    errors.at(
                        &field.ty,
                        format!("a port is marked: write `#[{mark}]` above this field"),
                    );
                }
            }
            Role::Input(input) => {
                at_least(
                    input.every.as_ref(),
                    1,
                    "it reads up to that many items behind: `every` is",
                    errors,
                );
                at_least(
                    input.slots.as_ref(),
                    3,
                    "one is written, one read and one newest: `slots` is",
                    errors,
                );
            }
            Role::Output(_) => {}
        }
        let is_port = !matches!(field.role, Role::Plain);
        for attribute in field.attributes.iter().filter(|_| is_port) {
            if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
                errors.at(
                    attribute,
                    "a port is there or not there for good: put the condition on the struct",
                );
            }
        }
    }
    if let Some((field, ..)) = actor.outputs().nth(MOST_OUTPUTS) {
        errors.at(
            &field.ty,
            format!("an actor has up to {MOST_OUTPUTS} outputs"),
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
        Item::Fn(_) => "a function",
        Item::Impl(_) => "an `impl`",
        Item::Trait(_) => "a trait",
        // What is no item has been told.
        Item::Verbatim(_) => return,
        _ => "this",
    };
    errors.at(
        &actor.item,
        format!("`#[actor]` goes on a struct, not on {what}"),
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
