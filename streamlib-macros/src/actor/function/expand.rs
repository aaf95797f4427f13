//! Tree to tokens: the actor's type, the function that makes one, and the user's function, which its
//! `process` calls.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{FnArg, PathArguments, Type};

use super::super::parse::doc_of;
use super::super::tree::Actor;
use super::check::RETURNED;
use super::item::is;
use super::parameter::bare;
use super::tree::{Function, Parameter, Role};
use crate::errors::Errors;
use crate::spans::Site;

/// Writes all of it. What is wrong with the function leaves the type and what makes one whole, so that
/// their uses are not refused as well.
pub fn expand(function: &Function, actor: &Actor, name: &Ident, errors: &Errors) -> TokenStream {
    let told = errors.to_compile_errors();
    let item = &actor.item;
    let constructor = constructor(function, actor, name);
    let machinery = super::super::expand::machinery(actor, name);
    let is_whole = errors.is_empty()
        && !function
            .parameters
            .iter()
            .any(|parameter| matches!(parameter.role, Role::Refused));
    let body = body(function, is_whole);
    let process = process(function, actor, name, is_whole);
    quote! {
        #told
        #item
        #constructor
        #machinery
        const _: () = {
            #body
            #process
        };
    }
}

/// The function as typed, less its marks.
pub fn alone(function: &Function, errors: &Errors) -> TokenStream {
    let told = errors.to_compile_errors();
    let body = body(function, false);
    quote!(#told #body)
}

/// The function of the user's name: an argument for each piece of configuration.
fn constructor(function: &Function, actor: &Actor, name: &Ident) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let (visibility, new) = (&function.visibility, &function.signature.ident);
    let attributes = function.attributes.iter().filter(|attribute| {
        let of_the_name = ["doc", "must_use", "deprecated"];
        is(attribute, &of_the_name) || is(attribute, &["allow", "warn", "deny", "forbid"])
    });
    let must_use = (!function
        .attributes
        .iter()
        .any(|attribute| is(attribute, &["must_use"])))
    .then(|| quote!(#[must_use]));
    let doc = arguments_of(function);
    let mut given = Vec::new();
    let mut made = TokenStream::new();
    for parameter in &function.parameters {
        let field = actor
            .plain()
            .find(|(_, name)| parameter.role.is_given() && parameter.name.as_ref() == Some(*name));
        match (field, &parameter.role) {
            (Some((field, name)), Role::Lent(lent)) if lent.made => {
                let ty = &field.ty;
                given.push(quote!(#name: impl ::core::convert::Into<#ty>));
                made.extend(quote!(let #name: #ty = ::core::convert::Into::into(#name);));
            }
            (Some((field, name)), _) => {
                let ty = &field.ty;
                given.push(quote!(#name: #ty));
            }
            (None, Role::Refused) if parameter.mark.is_none() && !is_receiver(parameter) => {
                let ty = &parameter.ty;
                given.push(quote!(_: #ty));
            }
            (None, _) => {}
        }
    }
    let many = (given.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let unused = unused(function);
    let turbofish = arguments.as_turbofish();
    let value = super::super::expand::value(actor, &quote!(#name #turbofish));
    quote! {
        #(#attributes)*
        #doc
        #must_use
        #many
        #unused
        #visibility fn #new #parameters (#(#given),*) -> #name #arguments #conditions {
            #made
            #value
        }
    }
}

/// What is said about the arguments, below what is said about the function.
fn arguments_of(function: &Function) -> TokenStream {
    if doc_of(&function.attributes).is_empty() {
        return TokenStream::new();
    }
    let mut lines: Vec<String> = Vec::new();
    for parameter in &function.parameters {
        let doc = doc_of(&parameter.doc);
        if let (true, false, Some(name)) =
            (parameter.role.is_given(), doc.is_empty(), &parameter.name)
        {
            lines.push(format!(
                "- `{}`: {}",
                name.unraw(),
                doc.replace('\n', "\n  ")
            ));
        }
    }
    if !lines.is_empty() {
        lines.insert(0, String::new());
    }
    quote!(#(#[doc = #lines])*)
}

/// A name that says that nothing is done with it is kept and handed over all the same.
fn unused(function: &Function) -> Option<TokenStream> {
    let mut names = function
        .parameters
        .iter()
        .filter_map(|parameter| parameter.name.as_ref());
    names
        .any(|name| name.unraw().to_string().starts_with('_'))
        .then(|| quote!(#[allow(clippy::used_underscore_binding)]))
}

fn is_receiver(parameter: &Parameter) -> bool {
    parameter.name.is_none()
        && matches!(&parameter.ty, syn::Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The user's function. If anything is wrong, nothing calls it, but what is in it is still checked.
fn body(function: &Function, is_whole: bool) -> TokenStream {
    let mut signature = function.signature.clone();
    let has_receiver = signature
        .inputs
        .iter()
        .any(|input| matches!(input, FnArg::Receiver(_)));
    let has_body = !function.body.to_string().starts_with(';');
    if has_receiver || !has_body {
        return TokenStream::new();
    }
    signature.constness = None;
    signature.abi = None;
    let attributes = function
        .attributes
        .iter()
        .filter(|attribute| !is(attribute, &["doc", "derive", "must_use", "deprecated"]));
    let uncalled = (!is_whole).then(|| quote!(#[allow(unused)]));
    let body = &function.body;
    // A parameter is a port or a piece of configuration, however many there are; what is read in place
    // is lent, however small; what the actor owns is lent as it is.
    quote! {
        #(#attributes)*
        #[allow(clippy::too_many_arguments, clippy::trivially_copy_pass_by_ref, clippy::ptr_arg)]
        #uncalled
        #signature #body
    }
}

/// `impl Actor`: calls the user's function, and publishes what it returns.
fn process(function: &Function, actor: &Actor, name: &Ident, is_whole: bool) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let body = Tick::new(function);
    let (this, tick) = (&body.this, &body.tick);
    let is_told = is_whole
        && (function.returned.payload.is_some()
            || function
                .parameters
                .iter()
                .any(|parameter| matches!(parameter.role, Role::Tick)));
    let tick = if is_told {
        tick.to_token_stream()
    } else {
        quote!(_)
    };
    let given = quote!(&mut #this, #tick: ::streamlib::__private::TimedTick);
    let result = quote!(::streamlib::__private::Result<()>);
    let process = if function.signature.asyncness.is_some() {
        quote!(async fn process(#given) -> #result)
    } else {
        // Nothing waits, so there is nothing to keep until it goes on.
        quote! {
            fn process(#given)
                -> impl ::core::future::Future<Output = #result> + ::core::marker::Send
        }
    };
    let body = if is_whole {
        body.expand(actor)
    } else {
        body.done()
    };
    let unused = unused(function);
    quote! {
        #unused
        impl #parameters ::streamlib::__private::Actor for #name #arguments #conditions {
            #process {
                #body
            }
        }
    }
}

/// A tick: what is lent, the call, and what comes back.
struct Tick<'a> {
    function: &'a Function,
    this: Ident,
    tick: Ident,
}

impl<'a> Tick<'a> {
    fn new(function: &'a Function) -> Self {
        Self {
            function,
            // Of the same making as the types of the parameters: a span is only as exact as its ends agree.
            this: Ident::new("self", function.signature.ident.span()),
            tick: local("tick"),
        }
    }

    /// What `process` returns in the end.
    fn end(&self, result: TokenStream) -> TokenStream {
        if self.function.signature.asyncness.is_some() {
            result
        } else {
            quote!(::core::future::ready(#result))
        }
    }

    fn done(&self) -> TokenStream {
        self.end(quote!(::core::result::Result::Ok(())))
    }

    fn expand(&self, actor: &Actor) -> TokenStream {
        let Self {
            function,
            this,
            tick,
        } = self;
        let done = self.done();
        let parameters = || function.parameters.iter().enumerate();
        let before = parameters().map(|(place, parameter)| {
            let (name, item) = (&parameter.name, item(place));
            match &parameter.role {
                Role::Item(_) => quote! {
                    let ::core::option::Option::Some(#item) = #this.#name.latest() else {
                        return #done;
                    };
                },
                Role::Perhaps(_) => quote!(let #item = #this.#name.latest();),
                _ => TokenStream::new(),
            }
        });
        let before: TokenStream = before.collect();
        let given = parameters().map(|(place, parameter)| self.argument(place, parameter));
        let (_, arguments, _) = actor.generics.split_for_impl();
        let turbofish = arguments.as_turbofish();
        let name = &function.signature.ident;
        let wait = function.signature.asyncness.map(|_| quote!(.await));
        let call = self.unless_failed(quote!(#name #turbofish (#(#given),*) #wait));
        let (value, output) = (local("value"), local(RETURNED));
        let publish = quote!(#this.#output.send(#value, #tick););
        let after = match (&function.returned.payload, function.returned.optional) {
            (Some(_), false) => quote!(let #value = #call; #publish),
            (Some(_), true) => {
                quote!(if let ::core::option::Option::Some(#value) = #call { #publish })
            }
            (None, _) => quote!(#call;),
        };
        quote!(#before #after #done)
    }

    /// What the user's function is given for a parameter.
    fn argument(&self, place: usize, parameter: &Parameter) -> TokenStream {
        let (this, name) = (&self.this, &parameter.name);
        match &parameter.role {
            Role::Item(_) => {
                let item = item(place);
                quote!(&*#item)
            }
            Role::Perhaps(_) => {
                let item = item(place);
                quote!(#item.as_deref())
            }
            Role::Port(_) => quote!(&mut #this.#name),
            Role::Lent(lent) if lent.mutable => quote!(&mut #this.#name),
            Role::Lent(_) => quote!(&#this.#name),
            Role::Copied => {
                let site = Site::of(&parameter.ty);
                let (this, mut name) = (at(this, "self", site), name.clone());
                if let Some(name) = &mut name {
                    name.set_span(name.span().located_at(site.last));
                }
                let value = quote_spanned!(site.last=> &#this.#name);
                site.call("handed_over", value)
            }
            Role::Tick | Role::Refused => self.tick.to_token_stream(),
        }
    }

    /// The value of a call that may fail; its error is the tick's.
    fn unless_failed(&self, call: TokenStream) -> TokenStream {
        let syn::ReturnType::Type(_, ty) = &self.function.signature.output else {
            return call;
        };
        if !self.function.returned.fallible {
            return call;
        }
        let site = failure_of(ty);
        let (value, error) = (local("value"), at(&self.this, "error", site));
        let failure = site.call("failure", error.to_token_stream());
        let failed = self.end(quote!(::core::result::Result::Err(#failure)));
        quote! {
            match #call {
                ::core::result::Result::Ok(#value) => #value,
                ::core::result::Result::Err(#error) => return #failed,
            }
        }
    }
}

/// Where a `Result` says what its error is.
fn failure_of(ty: &syn::Type) -> Site {
    let Type::Path(path) = bare(ty) else {
        return Site::of(ty);
    };
    let Some(last) = path.path.segments.last() else {
        return Site::of(ty);
    };
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() > 1 => {
            Site::of(&arguments.args[1])
        }
        _ => Site::one(last.ident.span()),
    }
}

/// What is read of the input that is parameter number `place`.
fn item(place: usize) -> Ident {
    local(&format!("item_{place}"))
}

/// A name that is underlined where the user wrote something.
fn at(of: &Ident, word: &str, site: Site) -> Ident {
    Ident::new(word, of.span().located_at(site.last))
}

/// A name that the user's code cannot see.
fn local(word: &str) -> Ident {
    Ident::new(word, Span::mixed_site())
}
