//! What stands on the sides of `>>`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{BinOp, Expr, ExprArray, Member, UnOp};

use super::slips;
use super::tree::{End, What};
use crate::errors::Errors;
use crate::spans::Site;

/// `a >> b >> [c, d]`, which Rust reads as `(a >> b) >> [c, d]`, as steps.
pub fn flatten(expr: Expr, steps: &mut Vec<Vec<End>>, errors: &mut Errors) {
    match expr {
        Expr::Binary(binary) if matches!(binary.op, BinOp::Shr(_)) => {
            flatten(*binary.left, steps, errors);
            flatten(*binary.right, steps, errors);
        }
        // Round brackets change nothing.
        Expr::Paren(part) => flatten(*part.expr, steps, errors),
        Expr::Binary(binary) if is_instead_of_shr(binary.op) => {
            errors.at(
                binary.op,
                "what flows is written `>>`, from what sends to what receives",
            );
            let (from, to) = match binary.op {
                BinOp::Shl(_) => (binary.right, binary.left),
                _ => (binary.left, binary.right),
            };
            flatten(*from, steps, errors);
            flatten(*to, steps, errors);
        }
        Expr::Assign(assigned) => {
            let (to, from) = (typed(&assigned.left), typed(&assigned.right));
            errors.at(
                assigned.eq_token,
                format!(
                    "what flows is written `>>`, from what sends to what receives: `{from} >> {to}`"
                ),
            );
            flatten(*assigned.right, steps, errors);
            flatten(*assigned.left, steps, errors);
        }
        Expr::Array(list) if list.elems.is_empty() => {
            errors.at(
                list,
                "an empty list: name what is between the brackets, as in `[a, b]`",
            );
        }
        Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
            errors.at(&tuple, "what fans out is a list: write `[a, b]`");
            let ends = tuple.elems.into_iter();
            steps.push(ends.filter_map(|end| self::end(end, errors)).collect());
        }
        Expr::Array(list) => {
            let ends = members(list, errors).into_iter();
            steps.push(ends.filter_map(|end| self::end(end, errors)).collect());
        }
        other => steps.extend(end(other, errors).map(|end| vec![end])),
    }
}

fn is_chain(expr: &Expr) -> bool {
    matches!(expr, Expr::Binary(binary) if matches!(binary.op, BinOp::Shr(_)))
}

/// What other languages write for it.
fn is_instead_of_shr(op: BinOp) -> bool {
    matches!(op, BinOp::Gt(_) | BinOp::Shl(_) | BinOp::BitOr(_))
}

/// What stands in a list. Of what cannot stand there, which is told, the ends that can are taken.
fn members(list: ExprArray, errors: &mut Errors) -> Vec<Expr> {
    let mut members = Vec::new();
    for mut member in list.elems {
        if is_chain(&member) {
            let message = "a chain in a list: name its first node here, and go on from that one in an item of its own";
            errors.at(&member, message);
        }
        while is_chain(&member)
            && let Expr::Binary(chain) = member
        {
            member = *chain.left;
        }
        match member {
            Expr::Array(inner) => {
                errors.at(&inner, "a list in a list: write all of it into one");
                members.extend(self::members(inner, errors));
            }
            Expr::Paren(part) => members.push(*part.expr),
            member => members.push(member),
        }
    }
    members
}

fn end(expr: Expr, errors: &mut Errors) -> Option<End> {
    let site = Site::of(&expr);
    let what = match expr {
        Expr::Group(group) => return end(*group.expr, errors),
        Expr::Call(call) if single_name(&call.func).is_some_and(|name| name == "delay") => {
            match call.args.first() {
                Some(Expr::Unary(ticks)) if matches!(ticks.op, UnOp::Neg(_)) => {
                    errors.at(ticks, "what is still to come cannot be had: a delay is one tick or more, as in `delay(1)`");
                    return None;
                }
                Some(ticks) if call.args.len() == 1 => What::Delay(ticks.to_token_stream()),
                _ => {
                    errors.at(call, "`delay` needs a number of ticks: write `delay(1)`");
                    return None;
                }
            }
        }
        Expr::Field(ref field)
            if let Some(name) = single_name(&field.base)
                && let Member::Named(port) = &field.member =>
        {
            if port == slips::BEING_TYPED {
                What::Half(name)
            } else {
                What::Name(name, Some(portable(port.clone())))
            }
        }
        other => match single_name(&other) {
            Some(name) => What::Name(name, None),
            None => in_rust(other),
        },
    };
    Some(End { what, site })
}

/// An expression; one that begins with a name may be what a Rust user types for a port of the node of that name.
fn in_rust(expr: Expr) -> What {
    let meant = match &expr {
        Expr::Index(index) => match &*index.expr {
            Expr::Field(field) => port_of(&field.base, &field.member),
            base => single_name(base).map(|node| (node, None)),
        },
        Expr::Field(field) if let Expr::Field(port) = &*field.base => {
            port_of(&port.base, &port.member)
        }
        Expr::MethodCall(call) => {
            single_name(&call.receiver).map(|node| (node, Some(call.method.clone())))
        }
        Expr::Path(path) if path.qself.is_none() && path.path.segments.len() == 2 => {
            let segments = &path.path.segments;
            Some((
                portable(segments[0].ident.clone()),
                Some(portable(segments[1].ident.clone())),
            ))
        }
        _ => None,
    };
    let text = typed(&expr);
    let told = |node: &Ident, port: &Option<Ident>| match (&expr, port) {
        (Expr::Index(_), Some(port)) => format!(
            "a port has no numbers: write `{node}.{port}`; an `Inputs<…>` takes any number of connections, in the order typed"
        ),
        (Expr::Field(_), Some(port)) => {
            format!(
                "`{node}.{port}` is a port, and what is in its items is the actors' business: write `{node}.{port}`"
            )
        }
        (_, Some(port)) => {
            format!("`{node}` is a node, and a port of it is written `{node}.{port}`, not `{text}`")
        }
        (_, None) => format!("`{node}` is a node: write `{node}`, or `{node}.PORT`"),
    };
    match meant {
        Some((node, port)) => What::Rust {
            told: told(&node, &port),
            expr: expr.into_token_stream(),
            node,
            port,
        },
        None => What::Expr(expr.into_token_stream()),
    }
}

fn port_of(base: &Expr, member: &Member) -> Option<(Ident, Option<Ident>)> {
    let Member::Named(port) = member else {
        return None;
    };
    Some((single_name(base)?, Some(portable(port.clone()))))
}

/// As it may have been typed: without the gaps that tokens are printed with.
fn typed(expr: &Expr) -> String {
    let text = expr.to_token_stream().to_string();
    text.replace(" . ", ".")
        .replace(" :: ", "::")
        .replace(" (", "(")
        .replace(" [", "[")
}

/// The name of a node or of a variable. `self` is part of an expression, and what begins with a
/// capital is a value of that type, not a variable.
fn single_name(expr: &Expr) -> Option<Ident> {
    let Expr::Path(path) = expr else { return None };
    let name = path.path.get_ident()?;
    let is_type = name.unraw().to_string().starts_with(char::is_uppercase);
    let is_self = name == "self" || name == "super" || name == "crate";
    (path.qself.is_none() && !is_type && !is_self).then(|| portable(name.clone()))
}

/// A name that is a keyword in one edition only is written so that it is none in any.
pub fn portable(name: Ident) -> Ident {
    if name == "gen" {
        Ident::new_raw("gen", name.span())
    } else {
        name
    }
}
