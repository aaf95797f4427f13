//! The struct that stands for a function: a field for each port and each piece of configuration.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Expr, Generics, LifetimeParam, Lit, Meta, Type};

use super::super::parse::doc_of;
use super::super::tree::Actor;
use super::check::RETURNED;
use super::tree::{Function, Parameter, Role};
use crate::spans::Site;

/// The tokens of the struct, as they might have been typed.
pub fn expand(function: &Function, name: &Ident) -> TokenStream {
    let visibility = &function.visibility;
    let attributes = attributes(function);
    let fields = function.parameters.iter().filter_map(|parameter| {
        let (name, ty) = (parameter.name.as_ref()?, held(parameter)?);
        let Some(mark) = &parameter.mark else {
            return Some(quote!(#name: #ty));
        };
        let optional = match (&parameter.role, mentions_optional(mark)) {
            (Role::Perhaps(_), false) => Some(quote!(optional)),
            _ => None,
        };
        let mark = with_argument(mark, optional);
        let doc = documentation(parameter, name);
        Some(quote!(#doc #mark #visibility #name: #ty))
    });
    let returned = function.returned.payload.as_ref().map(|payload| {
        let site = Site::of(payload);
        let (name, ty) = (
            Ident::new(RETURNED, site.first),
            port("Output", payload, site),
        );
        quote!(#[doc = "What the function returns."] #[output] #visibility #name: #ty)
    });
    let generics = owned_generics(function);
    let conditions = &generics.where_clause;
    let struct_ = Ident::new("struct", name.span());
    let mut body = Group::new(Delimiter::Brace, quote!(#(#fields,)* #returned));
    body.set_span(name.span());
    let item = quote! {
        #attributes
        #visibility #struct_ #name #generics #conditions #body
    };
    let lifetimes: Vec<_> = function.signature.generics.lifetimes().collect();
    if lifetimes.is_empty() {
        item
    } else {
        without(item, &lifetimes)
    }
}

/// Gives the description the words of the user where the struct has those that a lint asks for, and says what has
/// been told.
pub fn document(actor: &mut Actor, function: &Function) {
    actor.doc = doc_of(&function.attributes);
    for field in &mut actor.fields {
        let parameter = function
            .parameters
            .iter()
            .find(|parameter| parameter.name == field.name && held(parameter).is_some());
        if let Some(parameter) = parameter {
            field.doc = doc_of(&parameter.doc);
            field.is_told |= parameter.is_told;
        } else if field.name.as_ref().is_some_and(|name| name == RETURNED) {
            field.is_told |= function.returned.is_told;
        }
    }
}

/// The type of a parameter's field, if it has one.
fn held(parameter: &Parameter) -> Option<TokenStream> {
    Some(match &parameter.role {
        Role::Item(item) | Role::Perhaps(item) => port("Input", item, Site::of(&parameter.ty)),
        Role::Port(port) => port.to_token_stream(),
        Role::Copied => parameter.ty.to_token_stream(),
        Role::Lent(lent) => lent.owned.to_token_stream(),
        Role::Tick | Role::Refused => return None,
    })
}

/// `Input<T>`, underlined where the user wrote what became of it.
fn port(word: &str, payload: &Type, site: Site) -> TokenStream {
    let port = site.runtime(word);
    let open = quote::quote_spanned!(site.last=> <);
    let close = quote::quote_spanned!(site.last=> >);
    quote!(#port #open #payload #close)
}

/// What of the function's attributes is the type's: the first paragraph of its documentation, what is
/// derived, and which lints are quiet.
fn attributes(function: &Function) -> TokenStream {
    let mut attributes = TokenStream::new();
    let mut first_paragraph = true;
    for attribute in &function.attributes {
        let is_line = matches!(attribute.meta, Meta::NameValue(_)) && is(attribute, &["doc"]);
        if is_line && line(attribute).is_some_and(|line| line.trim().is_empty()) {
            first_paragraph = false;
        }
        if is(attribute, &["derive", "allow", "warn", "deny", "forbid"])
            || is(attribute, &["doc"]) && (!is_line || first_paragraph)
        {
            attribute.to_tokens(&mut attributes);
        }
    }
    let by = format!("Made by [`{0}`](fn@{0}).", function.signature.ident.unraw());
    let before = (!doc_of(&function.attributes).is_empty()).then(|| quote!(#[doc = ""]));
    quote!(#attributes #before #[doc = #by] #[allow(dead_code)])
}

/// Whether an attribute is one of these.
pub fn is(attribute: &Attribute, words: &[&str]) -> bool {
    words.iter().any(|word| attribute.path().is_ident(word))
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    match &meta.value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(line) => Some(line.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The documentation of a port; parameters may have none, public fields may not.
fn documentation(parameter: &Parameter, name: &Ident) -> TokenStream {
    if parameter.doc.is_empty() {
        let doc = format!("The port `{}`.", name.unraw());
        quote!(#[doc = #doc])
    } else {
        let doc = &parameter.doc;
        quote!(#(#doc)*)
    }
}

fn mentions_optional(mark: &Attribute) -> bool {
    super::parameter::has_word(mark.to_token_stream(), "optional")
}

/// The mark, with one more argument.
fn with_argument(mark: &Attribute, argument: Option<TokenStream>) -> TokenStream {
    let Some(argument) = argument else {
        return mark.to_token_stream();
    };
    let path = mark.path();
    let given = match &mark.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) => TokenStream::new(),
        Meta::NameValue(_) => return mark.to_token_stream(),
    };
    quote!(#[#path(#argument, #given)])
}

/// The function's generics, without lifetimes: those have been told.
fn owned_generics(function: &Function) -> Generics {
    let mut generics = function.signature.generics.clone();
    generics.params = generics
        .params
        .into_iter()
        .filter(|parameter| !matches!(parameter, syn::GenericParam::Lifetime(_)))
        .collect();
    generics
}

/// `'static` in place of lifetimes that have been told.
fn without(tokens: TokenStream, lifetimes: &[&LifetimeParam]) -> TokenStream {
    let mut after_quote = false;
    let tokens = tokens.into_iter().map(|token| {
        let is_name = std::mem::replace(
            &mut after_quote,
            matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\''),
        );
        match token {
            TokenTree::Ident(word)
                if is_name && lifetimes.iter().any(|known| known.lifetime.ident == word) =>
            {
                format_ident!("static", span = word.span()).into()
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without(group.stream(), lifetimes));
                inner.set_span(group.span());
                inner.into()
            }
            token => token,
        }
    });
    tokens.collect()
}
