//! The names of the ports as types, for what the compiler says of them: `Luma::Port::video`.
//!
//! A type is printed with the path that leads to it, and of what is declared in a constant of `Luma`'s that is
//! `Luma::Port`. They stand in a block of their own: there a port called `frames` hides no module of that name from
//! the types that the user typed.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::tree::Actor;
use crate::spans::unplaced;

/// The types, and what leads to them: by the port's name, or for an end that stands for the only one.
pub fn expand(actor: &Actor, name: &Ident) -> TokenStream {
    let (parameters, arguments, conditions) = actor.generics.split_for_impl();
    let all = format_ident!("__{}Names", name.unraw(), span = Span::mixed_site());
    let inputs: Vec<_> = actor.inputs().map(|(_, port, _)| unplaced(port)).collect();
    let outputs: Vec<_> = actor.outputs().map(|(_, port, _)| unplaced(port)).collect();
    let mut ports: Vec<&Ident> = inputs.iter().chain(&outputs).collect();
    ports.sort();
    ports.dedup();
    let (input, output) = (
        only(&inputs, &outputs, "NoInput"),
        only(&outputs, &inputs, "NoOutput"),
    );
    let sides = sides(&inputs, &outputs, "Receives").chain(sides(&outputs, &inputs, "Sends"));
    quote! {
        #[allow(dead_code, non_camel_case_types, non_local_definitions, non_upper_case_globals)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
        impl #parameters #name #arguments #conditions {
            #[doc(hidden)]
            const Port: () = {
                pub struct #all;
                impl #parameters ::streamlib::__private::Named for #name #arguments #conditions {
                    type Names = #all;
                    const NAMES: #all = #all;
                }
                {
                    #(pub struct #ports;)*
                    #(#sides)*
                    impl #all {
                        #(
                            pub fn #ports(self) -> ::core::marker::PhantomData<#ports> {
                                ::core::marker::PhantomData
                            }
                        )*
                    }
                    impl ::streamlib::__private::Names for #all {
                        type Inputs = (#(#inputs,)*);
                        type Outputs = (#(#outputs,)*);
                        type SoleInput = #input;
                        type SoleOutput = #output;
                    }
                }
            };
        }
    }
}

/// The only one. What stands for one of several has been told of another way; and what stands for one of none, where there
/// are others, is `NoInput` or `NoOutput`.
fn only(ports: &[Ident], others: &[Ident], none: &str) -> TokenStream {
    let none = Ident::new(none, Span::mixed_site());
    match (ports, others) {
        ([port], _) => quote!(#port),
        ([], [_, ..]) => quote!(::streamlib::__private::#none),
        _ => quote!(()),
    }
}

/// What the ports do.
fn sides(ports: &[Ident], others: &[Ident], word: &str) -> impl Iterator<Item = TokenStream> {
    let word = if others.is_empty() {
        format_ident!("Only{word}", span = Span::mixed_site())
    } else {
        Ident::new(word, Span::mixed_site())
    };
    let mut ports = ports.to_vec();
    ports.sort();
    ports.dedup();
    ports.into_iter().map(move |port| {
        quote! {
            impl ::streamlib::__private::PortName for #port {
                type Side = ::streamlib::__private::#word;
            }
        }
    })
}
