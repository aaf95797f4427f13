//! The wiring: a type that says which inputs are connected, so that the compiler knows.
//!
//! `LumaWiring<Open, Fed>` has a parameter for each `Input`. Connecting one changes its parameter, and
//! each has two traits: one holds while it is open (it takes one connection), one once it is fed.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::tree::{Actor, Input};

/// An input that takes one connection, and what it is called in the wiring.
pub struct State<'a> {
    pub port: &'a Ident,
    pub input: &'a Input,
    /// The parameter: `Video`.
    pub parameter: Ident,
    /// The actor's name.
    actor: &'a Ident,
}

impl State<'_> {
    /// The trait of a state in which the input may be connected: `LumaVideoFree`.
    pub fn free(&self) -> Ident {
        self.named("Free")
    }

    /// The trait of a state in which the input is connected: `LumaVideoConnected`.
    pub fn connected(&self) -> Ident {
        self.named("Connected")
    }

    /// A name that no type of the user's is likely to have.
    fn named(&self, what: &str) -> Ident {
        format_ident!(
            "{}{}{what}",
            self.actor.unraw(),
            self.parameter,
            span = self.parameter.span()
        )
    }
}

/// The associated type of `Ports` and what makes it.
pub fn unwired(actor: &Actor, name: &Ident) -> TokenStream {
    let wiring = wiring_name(name);
    let open = states(actor, name)
        .into_iter()
        .map(|_| quote!(::streamlib::__private::Open));
    quote! {
        type Unwired = #wiring<#(#open),*>;
        fn unwired() -> Self::Unwired {
            #wiring(::core::marker::PhantomData)
        }
    }
}

/// The type and its steps.
pub fn expand(actor: &Actor, name: &Ident) -> TokenStream {
    let wiring = wiring_name(name);
    let states = states(actor, name);
    let parameters: Vec<_> = states.iter().map(|state| &state.parameter).collect();
    let steps = actor
        .inputs()
        .map(|(_, port, _)| step(&wiring, &states, port));
    let traits = states.iter().map(|state| traits(actor, name, state));
    let complete = states.iter().map(|state| {
        let (parameter, connected) = (&state.parameter, state.connected());
        if state.input.is_required() {
            quote!(#parameter: #connected)
        } else {
            quote!(#parameter)
        }
    });
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
    let free = state.free();
    quote! {
        pub fn #port(self) -> #fed
        where
            #parameter: #free,
        {
            #wiring(::core::marker::PhantomData)
        }
    }
}

/// The wiring as a type, with one more input fed.
pub fn fed(wiring: &Ident, states: &[State], port: &Ident) -> TokenStream {
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
fn traits(actor: &Actor, name: &Ident, state: &State) -> TokenStream {
    let State { port, input, .. } = state;
    let (label, name) = (port.unraw(), name.unraw());
    let free = state.free();
    let twice = format!("input `{label}` of `{name}` is connected twice");
    let connected = input.is_required().then(|| {
        let connected = state.connected();
        let open = format!("input `{label}` of `{name}` is not connected");
        let needs = format!("needs something for its input `{label}`");
        let help = if actor.is_graph {
            format!("write `… >> node.{label}`")
        } else {
            format!("write `… >> node.{label}`, or mark it `#[input(optional)]`")
        };
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

/// The inputs that have a state.
pub fn states<'a>(actor: &'a Actor, name: &'a Ident) -> Vec<State<'a>> {
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
            actor: name,
        });
    }
    states
}

/// `LumaWiring`
pub fn wiring_name(name: &Ident) -> Ident {
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
