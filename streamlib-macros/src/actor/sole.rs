//! What an end without a port's name means: the only input in `>> luma`, the only output in `luma >>`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::expand::if_whole;
use super::tree::Actor;
use super::wiring::{camel_case, fed, states, wiring_name};
use crate::spelling::or;

/// What `>> luma` means.
pub fn input(actor: &Actor, name: &Ident) -> TokenStream {
    let (wiring, states) = (wiring_name(name), states(actor, name));
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let state_names: Vec<_> = states.iter().map(|state| &state.parameter).collect();
    let inputs: Vec<_> = actor.inputs().collect();
    match &inputs[..] {
        [] => quote! {
            impl ::streamlib::__private::FeedSole for #wiring {
                type Fed = Self;
                fn feed_sole(self) -> Self::Fed {
                    self
                }
            }
        },
        [(field, port, _)] => {
            let ty = &field.ty;
            let found = if_whole(actor, quote!(&mut self.#port));
            let (bound, fed) = match &states[..] {
                [state] => {
                    let (parameter, free) = (&state.parameter, state.free());
                    (quote!(<#parameter: #free>), fed(&wiring, &states, port))
                }
                _ => (TokenStream::new(), quote!(Self)),
            };
            quote! {
                #[diagnostic::do_not_recommend]
                impl #parameters ::streamlib::__private::SoleInput for #name #arguments #conditions {
                    type Port = #ty;
                    fn sole_input(&mut self) -> &mut Self::Port {
                        #found
                    }
                }
                impl #bound ::streamlib::__private::FeedSole for #wiring<#(#state_names),*> {
                    type Fed = #fed;
                    fn feed_sole(self) -> Self::Fed {
                        #wiring(::core::marker::PhantomData)
                    }
                }
            }
        }
        _ => {
            let ports: Vec<_> = inputs.iter().map(|(_, port, _)| *port).collect();
            let state = quote! {
                type Fed;
                fn fed() -> Self::Fed;
            };
            let (which, ambiguous) = ambiguous(name, "input", &ports, state);
            let bounded = bounded(actor, &which);
            let (parameters, ..) = bounded.split_for_impl();
            quote! {
                #ambiguous
                impl #parameters ::streamlib::__private::SoleInput<Which> for #name #arguments #conditions {
                    type Port = Which::Port;
                    fn sole_input(&mut self) -> &mut Self::Port {
                        Which::port()
                    }
                }
                impl<Which: #which, #(#state_names),*> ::streamlib::__private::FeedSole<Which> for #wiring<#(#state_names),*> {
                    type Fed = Which::Fed;
                    fn feed_sole(self) -> Self::Fed {
                        Which::fed()
                    }
                }
            }
        }
    }
}

/// What `luma >>` means.
pub fn output(actor: &Actor, name: &Ident) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let outputs: Vec<_> = actor.outputs().collect();
    match &outputs[..] {
        [] => TokenStream::new(),
        [(field, port, _)] => {
            let ty = &field.ty;
            let found = if_whole(actor, quote!(&mut self.#port));
            quote! {
                #[diagnostic::do_not_recommend]
                impl #parameters ::streamlib::__private::SoleOutput for #name #arguments #conditions {
                    type Port = #ty;
                    fn sole_output(&mut self) -> &mut Self::Port {
                        #found
                    }
                }
            }
        }
        _ => {
            let ports: Vec<_> = outputs.iter().map(|(_, port, _)| *port).collect();
            let (which, ambiguous) = ambiguous(name, "output", &ports, TokenStream::new());
            let bounded = bounded(actor, &which);
            let (parameters, ..) = bounded.split_for_impl();
            quote! {
                #ambiguous
                impl #parameters ::streamlib::__private::SoleOutput<Which> for #name #arguments #conditions {
                    type Port = Which::Port;
                    fn sole_output(&mut self) -> &mut Self::Port {
                        Which::port()
                    }
                }
            }
        }
    }
}

/// A trait that nothing has, for its message.
fn ambiguous(
    name: &Ident,
    what: &str,
    ports: &[&Ident],
    items: TokenStream,
) -> (Ident, TokenStream) {
    let (name, kind) = (name.unraw(), camel_case(what));
    let which = format_ident!("{name}One{kind}", span = Span::mixed_site());
    let ports: Vec<_> = ports.iter().map(|port| port.unraw()).collect();
    let labels: Vec<_> = ports.iter().map(|port| format!("`{port}`")).collect();
    let choices: Vec<_> = ports.iter().map(|port| format!("`.{port}`")).collect();
    let message = format!(
        "`{name}` has {} {what}s: {}",
        ports.len(),
        labels.join(", ")
    );
    let label = format!("which one? write {} after its name", or(&choices));
    let trait_ = quote! {
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(message = #message, label = #label)]
        pub trait #which: ::streamlib::__private::Ambiguous {
            #items
        }
    };
    (which, trait_)
}

/// The actor's generics, and `Which`.
fn bounded(actor: &Actor, which: &Ident) -> syn::Generics {
    let mut generics = actor.generics.clone();
    generics.params.push(syn::parse_quote!(Which: #which));
    generics
}
