//! The handle: the ports of an actor that runs, wired while it runs.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::tree::{Actor, Role};

/// `…Handle`: a field for each port, and by `Deref` what every running actor has.
pub fn expand(actor: &Actor, name: &Ident) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let (visibility, generics) = (&actor.visibility, &actor.generics);
    let handle = handle_name(name);
    let doc = format!(
        "A running [`{}`]: its ports, to be wired while it runs.",
        name.unraw()
    );
    let fields = ports(actor).map(|(field, port)| {
        let (visibility, ty) = (&field.visibility, handle_type(&field.role));
        let label = port.unraw().to_string();
        let doc = if field.doc.is_empty() {
            format!("The port `{label}`.")
        } else {
            field.doc.clone()
        };
        quote!(#[doc = #doc] #visibility #port: #ty)
    });
    let (actor_field, types) = (actor_field(actor), unused_types(actor));
    let types = types.map(|(field, ty, _)| quote!(#field: #ty,));
    quote! {
        #[doc = #doc]
        #[allow(dead_code, non_camel_case_types)]
        #visibility struct #handle #generics #conditions {
            #(#fields,)*
            #actor_field: ::streamlib::__private::ActorHandle,
            #types
        }
        impl #parameters ::core::ops::Deref for #handle #arguments #conditions {
            type Target = ::streamlib::__private::ActorHandle;
            fn deref(&self) -> &Self::Target {
                &self.#actor_field
            }
        }
    }
}

/// The handle's type and its value, of `self` and `actor`.
pub fn value(actor: &Actor, name: &Ident) -> (TokenStream, TokenStream) {
    let (_, arguments, _) = actor.generics.split_for_impl();
    let handle = handle_name(name);
    let fields = ports(actor).map(
        |(_, port)| quote!(#port: ::streamlib::__private::Port::handle(&mut self.#port, &actor)),
    );
    let actor_field = actor_field(actor);
    let types = unused_types(actor).map(|(field, _, value)| quote!(#field: #value,));
    let value = quote!(#handle { #(#fields,)* #actor_field: actor, #types });
    (quote!(#handle #arguments), value)
}

fn ports(actor: &Actor) -> impl Iterator<Item = (&super::tree::Field, &Ident)> {
    let inputs = actor.inputs().map(|(field, name, _)| (field, name));
    inputs.chain(actor.outputs().map(|(field, name, _)| (field, name)))
}

fn handle_type(role: &Role) -> TokenStream {
    match role {
        Role::Input(input) if input.many => {
            let payload = &input.payload;
            quote!(::streamlib::__private::InputsHandle #payload)
        }
        Role::Input(input) => {
            let payload = &input.payload;
            quote!(::streamlib::__private::InputHandle #payload)
        }
        Role::Output(output) => {
            let payload = &output.payload;
            quote!(::streamlib::__private::OutputHandle #payload)
        }
        Role::Plain => TokenStream::new(),
    }
}

fn handle_name(name: &Ident) -> Ident {
    format_ident!("{}Handle", name.unraw(), span = name.span())
}

/// The field that holds the actor; a port may have that name already.
fn actor_field(actor: &Actor) -> Ident {
    free_name(actor, "actor")
}

/// Type parameters that no port has still have to be used; so do lifetimes, which have been refused.
fn unused_types(actor: &Actor) -> Option<(Ident, TokenStream, TokenStream)> {
    let types: Vec<_> = actor
        .generics
        .type_params()
        .map(|parameter| &parameter.ident)
        .collect();
    let lifetimes: Vec<_> = actor.generics.lifetimes().collect();
    if types.is_empty() && lifetimes.is_empty() {
        return None;
    }
    let lifetimes = lifetimes.iter().map(|lifetime| &lifetime.lifetime);
    Some((
        free_name(actor, "types"),
        quote!(::core::marker::PhantomData<fn(#(&#types,)* #(&#lifetimes (),)*)>),
        quote!(::core::marker::PhantomData),
    ))
}

fn free_name(actor: &Actor, word: &str) -> Ident {
    let mut word = word.to_owned();
    while ports(actor).any(|(_, port)| port.unraw() == word) {
        word.push('_');
    }
    Ident::new(&word, proc_macro2::Span::mixed_site())
}
