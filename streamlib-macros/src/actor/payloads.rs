//! Type parameters that are payloads, and so have to be messages.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{
    Generics, Token, Type, TypeParam, TypeParamBound, WhereClause, WherePredicate, parse_quote,
};

use crate::errors::Errors;

/// Tells each that is known to be none, and makes it one, so that it is told once. `place` is what they flow through.
pub fn bind(
    generics: &mut Generics,
    is_payload: impl Fn(&Ident) -> bool,
    place: &str,
    errors: &mut Errors,
) {
    size(generics, &is_payload, |bound| {
        errors.at(
            bound,
            format!("what flows through {place} has a size: take `?Sized` out"),
        );
    });
    let conditions = generics.where_clause.clone();
    for parameter in generics.type_params_mut() {
        let name = parameter.ident.clone();
        let mut bounds = bounds_of(parameter, conditions.as_ref());
        if is_payload(&name) && bounds.all(|bound| is_known_to_be_none(&bound)) {
            errors.at(
                &parameter.ident,
                format!(
                    "`{name}` flows through {place}, and so is a message: write `{name}: Message`"
                ),
            );
            parameter
                .bounds
                .push(parse_quote!(::streamlib::__private::Message));
        }
    }
}

/// Takes `?Sized` away from those that flow.
pub fn size(
    generics: &mut Generics,
    is_payload: &impl Fn(&Ident) -> bool,
    mut tell: impl FnMut(&TypeParamBound),
) {
    let mut sized = |bounds: &mut Punctuated<TypeParamBound, Token![+]>| {
        let typed = std::mem::take(bounds);
        let (unsized_, kept): (Vec<_>, Vec<_>) = typed.into_iter().partition(may_be_unsized);
        unsized_.iter().for_each(&mut tell);
        bounds.extend(kept);
    };
    let mut flowing = Vec::new();
    for parameter in generics.type_params_mut() {
        if is_payload(&parameter.ident) {
            flowing.push(parameter.ident.clone());
            sized(&mut parameter.bounds);
        }
    }
    let conditions = generics.where_clause.iter_mut();
    for predicate in conditions.flat_map(|conditions| &mut conditions.predicates) {
        if let WherePredicate::Type(predicate) = predicate
            && flowing
                .iter()
                .any(|name| is_called(&predicate.bounded_ty, name))
        {
            sized(&mut predicate.bounds);
        }
    }
}

fn may_be_unsized(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Trait(bound) if bound.maybe.is_some())
}

/// All that is asked of a type parameter, where it is declared and behind `where`.
fn bounds_of<'a>(
    parameter: &'a TypeParam,
    conditions: Option<&'a WhereClause>,
) -> impl Iterator<Item = TypeParamBound> + use<> {
    let mut bounds: Vec<_> = parameter.bounds.iter().cloned().collect();
    for predicate in conditions
        .iter()
        .flat_map(|conditions| &conditions.predicates)
    {
        if let WherePredicate::Type(predicate) = predicate
            && is_called(&predicate.bounded_ty, &parameter.ident)
        {
            bounds.extend(predicate.bounds.iter().cloned());
        }
    }
    bounds.into_iter()
}

fn is_called(ty: &Type, name: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
}

/// Traits of Rust, of which it is known that they make nothing a message.
fn is_known_to_be_none(bound: &TypeParamBound) -> bool {
    const NONE: [&str; 12] = [
        "Clone",
        "Copy",
        "Send",
        "Sync",
        "Sized",
        "Debug",
        "Display",
        "Default",
        "PartialEq",
        "Eq",
        "PartialOrd",
        "Ord",
    ];
    match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| NONE.iter().any(|none| last.ident == none))
        }
        TypeParamBound::Lifetime(_) => true,
        _ => false,
    }
}
