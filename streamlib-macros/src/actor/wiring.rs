//! The wiring: a type that says which inputs are connected, so that the compiler knows.
//!
//! `LumaWiring<Open, Fed>` has a parameter for each `Input`. Connecting one changes its parameter, and
//! each has two traits: one holds while it is open (it takes one connection), one once it is fed.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::tree::{Actor, Input};

/// An input that takes one connection, and what it is called in the wiring.
struct State<'a> {
    port: &'a Ident,
    input: &'a Input,
    /// The parameter: `Video`.
    parameter: Ident,
}

/// The associated type of `Ports` and what makes it.
pub fn unwired(actor: &Actor, name: &Ident) -> TokenStream {
    let wiring = wiring_name(name);
    let open = states(actor)
        .into_iter()
        .map(|_| quote!(::streamlib::__private::Open));
    quote! {
        type Unwired = #wiring<#(#open),*>;
        fn unwired() -> Self::Unwired {
            #wiring(::core::marker::PhantomData)
        }
    }
}

/// The type, its steps, and how an end without a port's name is understood.
pub fn expand(actor: &Actor, name: &Ident) -> TokenStream {
    let wiring = wiring_name(name);
    let states = states(actor);
    let parameters: Vec<_> = states.iter().map(|state| &state.parameter).collect();
    let steps = actor
        .inputs()
        .map(|(_, port, _)| step(&wiring, &states, port));
    let traits = states.iter().map(|state| traits(name, state));
    let complete = states.iter().map(
        |State {
             parameter, input, ..
         }| {
            let connected = input.is_required().then(|| {
                let connected = format_ident!("{parameter}Connected");
                quote!(: #connected)
            });
            quote!(#parameter #connected)
        },
    );
    let sole_input = sole_input(actor, name, &wiring, &states);
    let sole_output = sole_output(actor, name);
    quote! {
        #[doc(hidden)]
        pub struct #wiring<#(#parameters),*>(::core::marker::PhantomData<(#(#parameters,)*)>);
        #[doc(hidden)]
        #[allow(dead_code)]
        impl<#(#parameters),*> #wiring<#(#parameters),*> {
            #(#steps)*
        }
        #(#traits)*
        impl<#(#complete),*> ::streamlib::__private::Complete for #wiring<#(#parameters),*> {}
        #sole_input
        #sole_output
    }
}

/// What connecting a port does to the wiring.
fn step(wiring: &Ident, states: &[State], port: &Ident) -> TokenStream {
    let Some(state) = states.iter().find(|state| state.port == port) else {
        return quote! {
            pub fn #port(self) -> Self {
                self
            }
        };
    };
    let fed = fed(wiring, states, port);
    let parameter = &state.parameter;
    let free = format_ident!("{parameter}Free");
    quote! {
        pub fn #port(self) -> #fed
        where
            #parameter: #free,
        {
            #wiring(::core::marker::PhantomData)
        }
    }
}

/// The wiring with one more input fed.
fn fed(wiring: &Ident, states: &[State], port: &Ident) -> TokenStream {
    let parameters = states.iter().map(|state| {
        let parameter = &state.parameter;
        if state.port == port {
            quote!(::streamlib::__private::Fed)
        } else {
            quote!(#parameter)
        }
    });
    quote!(#wiring<#(#parameters),*>)
}

/// What the compiler says of an input that is fed twice, or not at all.
fn traits(name: &Ident, state: &State) -> TokenStream {
    let State {
        port,
        input,
        parameter,
    } = state;
    let (label, name) = (port.unraw(), name.unraw());
    let free = format_ident!("{parameter}Free");
    let twice = format!("input `{label}` of `{name}` is connected twice");
    let connected = input.is_required().then(|| {
        let connected = format_ident!("{parameter}Connected");
        let open = format!("input `{label}` of `{name}` is not connected");
        let needs = format!("needs something for its input `{label}`");
        let help = format!("write `… >> node.{label}`, or mark it `#[input(optional)]`");
        quote! {
            #[doc(hidden)]
            #[diagnostic::on_unimplemented(message = #open, label = #needs, note = #help)]
            pub trait #connected {}
            impl #connected for ::streamlib::__private::Fed {}
        }
    });
    quote! {
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(
            message = #twice,
            label = "connected a second time here",
            note = "an `Input<…>` takes one connection, an `Inputs<…>` any number"
        )]
        pub trait #free {}
        impl #free for ::streamlib::__private::Open {}
        #connected
    }
}

/// What `>> luma` means.
fn sole_input(actor: &Actor, name: &Ident, wiring: &Ident, states: &[State]) -> TokenStream {
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
            let (bound, fed) = match states {
                [State { parameter, .. }] => {
                    let free = format_ident!("{parameter}Free");
                    (quote!(<#parameter: #free>), fed(wiring, states, port))
                }
                _ => (TokenStream::new(), quote!(Self)),
            };
            quote! {
                impl #parameters ::streamlib::__private::SoleInput for #name #arguments #conditions {
                    type Port = #ty;
                    fn sole_input(&mut self) -> &mut Self::Port {
                        &mut self.#port
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
fn sole_output(actor: &Actor, name: &Ident) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let outputs: Vec<_> = actor.outputs().collect();
    match &outputs[..] {
        [] => TokenStream::new(),
        [(field, port, _)] => {
            let ty = &field.ty;
            quote! {
                impl #parameters ::streamlib::__private::SoleOutput for #name #arguments #conditions {
                    type Port = #ty;
                    fn sole_output(&mut self) -> &mut Self::Port {
                        &mut self.#port
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
    let kind = camel_case(what);
    let which = format_ident!("{}One{kind}", name.unraw(), span = Span::mixed_site());
    let labels: Vec<_> = ports
        .iter()
        .map(|port| format!("`{}`", port.unraw()))
        .collect();
    let choices: Vec<_> = ports
        .iter()
        .map(|port| format!("`.{}`", port.unraw()))
        .collect();
    let message = format!(
        "`{}` has {} {what}s: {}",
        name.unraw(),
        ports.len(),
        labels.join(", ")
    );
    let label = format!("which one? write {}", crate::spelling::or(&choices));
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

fn states(actor: &Actor) -> Vec<State<'_>> {
    let mut states: Vec<State> = Vec::new();
    for (_, port, input) in actor.inputs().filter(|(_, _, input)| !input.many) {
        let mut parameter = camel_case(&port.unraw().to_string());
        while parameter.is_empty()
            || parameter.starts_with(|letter: char| letter.is_numeric())
            || parameter == "Self"
            || states.iter().any(|other| other.parameter == parameter)
        {
            parameter.insert_str(0, "Port");
        }
        let parameter = Ident::new(&parameter, port.span().resolved_at(Span::mixed_site()));
        states.push(State {
            port,
            input,
            parameter,
        });
    }
    states
}

fn wiring_name(name: &Ident) -> Ident {
    format_ident!("{}Wiring", name.unraw(), span = Span::mixed_site())
}

/// `left_eye` to `LeftEye`.
pub fn camel_case(word: &str) -> String {
    let words = word.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters
            .next()
            .map(|letter| letter.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    });
    words.collect()
}
