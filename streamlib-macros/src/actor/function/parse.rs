//! Tokens to a function whose body is left as it is.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, FnArg, Meta, Pat, PatType, Signature, Token, Type, Visibility};

use super::super::parse::port_word;
use super::half::UNTYPED;
use super::tree::{Function, Parameter, Role};
use super::{parameter, returned};
use crate::errors::Errors;

/// Whether the item is a function.
pub fn is_function(item: &TokenStream) -> bool {
    let parser = |input: ParseStream| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        while !input.is_empty() && !input.peek(Token![fn]) {
            let before = input.peek(Token![const])
                || input.peek(Token![async])
                || input.peek(Token![unsafe])
                || input.peek(Token![extern])
                || input.peek(syn::LitStr);
            if !before {
                break;
            }
            input.parse::<proc_macro2::TokenTree>()?;
        }
        let is_function = input.peek(Token![fn]);
        input.parse::<TokenStream>()?;
        Ok(is_function)
    };
    parser.parse2(item.clone()).unwrap_or(false)
}

/// Reads a function.
pub fn parse(item: TokenStream, errors: &mut Errors) -> syn::Result<Function> {
    let parser = |input: ParseStream| {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature: Signature = input.parse()?;
        let body = input.parse()?;
        Ok((attributes, visibility, signature, body))
    };
    let (attributes, visibility, mut signature, body) = parser.parse2(item)?;
    let mut parameters: Vec<Parameter> = Vec::new();
    for given in &mut signature.inputs {
        let Some(mut parameter) = take(given, errors) else {
            continue;
        };
        // rustc tells a name that is there twice; here it only must not become two fields.
        if parameters
            .iter()
            .any(|other| other.name.is_some() && other.name == parameter.name)
        {
            parameter.role = Role::Refused;
        }
        parameters.push(parameter);
    }
    let returned = returned::read(&signature.output, errors);
    Ok(Function {
        attributes,
        visibility,
        signature,
        body,
        parameters,
        returned,
        is_half: false,
    })
}

/// A parameter, and with it its mark and its documentation: those go out of the signature.
fn take(given: &mut FnArg, errors: &mut Errors) -> Option<Parameter> {
    let typed = match given {
        FnArg::Typed(typed) => typed,
        // Those have been told.
        FnArg::Receiver(_) => return None,
    };
    let before = errors.len();
    let doc = typed
        .attrs
        .extract_if(.., |attribute| attribute.path().is_ident("doc"))
        .filter(|attribute| matches!(attribute.meta, Meta::NameValue(_)))
        .collect();
    let mut marks = typed
        .attrs
        .extract_if(.., |attribute| port_word(attribute).is_some());
    let mut mark = marks.next();
    let another = marks.next();
    drop(marks);
    if let Some(another) = another {
        errors.at(
            another,
            "a parameter is one port: take one of these attributes out",
        );
    }
    let conditions = |attribute: &&Attribute| {
        attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
    };
    if let Some(condition) = typed.attrs.iter().find(conditions) {
        errors.at(
            condition,
            "a parameter is there or not there for good: put the condition on the function",
        );
    }
    if matches!(&*typed.ty, Type::Path(path) if path.path.is_ident(UNTYPED)) {
        return Some(Parameter {
            name: None,
            ty: syn::parse_quote!(impl ::core::marker::Sized),
            doc,
            mark,
            role: Role::Refused,
            is_told: true,
        });
    }
    let role = parameter::role(typed, mark.as_ref(), errors);
    if let (None, Role::Port(port)) = (&mark, &role) {
        // Told, and from here on what was meant.
        mark = parameter::missing_mark(port);
    }
    let name = match (&role, name_of(typed)) {
        (Role::Tick | Role::Refused, name) => name.cloned(),
        (_, Some(name)) => Some(name.clone()),
        (_, None) => {
            errors.at(
                &typed.pat,
                "what the actor keeps or connects has a name: write `name: Type`, and take it apart in the body",
            );
            return Some(Parameter {
                name: None,
                ty: (*typed.ty).clone(),
                doc,
                mark,
                role: Role::Refused,
                is_told: true,
            });
        }
    };
    Some(Parameter {
        name,
        ty: (*typed.ty).clone(),
        doc,
        mark,
        role,
        is_told: errors.len() > before,
    })
}

/// The name of `name: Type` and `mut name: Type`.
fn name_of(typed: &PatType) -> Option<&proc_macro2::Ident> {
    match &*typed.pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Some(&name.ident),
        _ => None,
    }
}
