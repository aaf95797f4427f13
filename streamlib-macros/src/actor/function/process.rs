//! `process`: what is lent to the user's function, the call, and what becomes of what comes back.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{PathArguments, Type};

use super::super::tree::Actor;
use super::check::RETURNED;
use super::expand::unused;
use super::parameter::bare;
use super::tree::{Function, Parameter, Role};
use crate::spans::Site;

/// `impl Actor`: calls the user's function, and publishes what it returns.
pub fn expand(function: &Function, actor: &Actor, name: &Ident, is_whole: bool) -> TokenStream {
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
    let or_nothing = function.returned.payload.is_some().then(|| {
        quote! {
            #[allow(unused_imports)]
            use ::streamlib::__private::SendNothing as _;
        }
    });
    quote! {
        #or_nothing
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
        // What is no message has been told by the description.
        let publish = quote! {
            ::streamlib::__private::Returned(#value).send(&mut #this.#output, #tick);
        };
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
                // Underlined is the argument: all of the type.
                let value = site.call("same", quote_spanned!(site.last=> &#this.#name));
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
